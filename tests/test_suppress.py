"""Suppression comments: which lines they hide, which of them hide nothing."""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from pathlib import Path

import pytest

from trueup.comments import layout
from trueup.fix_text import fix_text
from trueup.model import Finding, Rule, Safety, Severity, Span
from trueup.suppress import Applied, parse
from trueup.tool_rules import TOOL_RULES

RULES = {
    code: Rule(code, name, Severity.WARNING, Safety.SAFE)
    for code, name in (("TUP101", "v1-validator"), ("TUP102", "v1-config"), ("TUS101", "legacy-column"))
}
KNOWN = TOOL_RULES | RULES


def finding(code: str, line: int, end_line: int | None = None) -> Finding:
    rule = KNOWN[code]
    span = Span(0, 0, line, 1, end_line or line, 9)
    return Finding("a.py", code, rule.name, rule.severity, rule.fix, "message", span, span, "Call")


def apply(text: str, findings: list[Finding], ran: frozenset[str] = frozenset(KNOWN) - {"TU003"}) -> Applied:
    return parse(text).apply(findings, ran, KNOWN, "a.py")


def hidden_lines(text: str, code: str) -> list[int]:
    """The lines on which a finding of a rule would be hidden."""
    count = len(text.splitlines())
    return [f.span.line for f in apply(text, [finding(code, line) for line in range(1, count + 1)]).suppressed]


HIDING = [
    # At a line's end.
    ("a\nb  # trueup: ignore[TUP101]\nc\n", [2]),
    ("b  # trueup: ignore[TUP101] because of that\n", [1]),
    ("b  #trueup:ignore[TUS101,TUP101]\n", [1]),
    ("b  #  trueup  :  ignore [ TUS101 , TUP101 ]\n", [1]),
    ("b  # trueup: ignore[TUP]\n", [1]),
    ("b  # trueup: ignore[v1-validator]\n", [1]),
    ("b  # trueup: ignore[TUP102]\n", []),
    ("b  # trueup: ignore[tup101]\n", []),
    ("b  # Trueup: ignore[TUP101]\n", []),
    ("b  # see trueup: ignore[TUP101]\n", []),
    # Inside a statement only that line, behind its end all of it.
    ("f(\n  a,  # trueup: ignore[TUP101]\n  b,\n)\n", [2]),
    ("f(\n  a,\n  b,\n)  # trueup: ignore[TUP101]\ng\n", [1, 2, 3, 4]),
    ("f(  # trueup: ignore[TUP101]\n  a,\n)\n", [1]),
    ("def f(\n  a,\n):  # trueup: ignore[TUP101]\n  return a\n", [1, 2, 3]),
    ("if f(\n  a\n): pass  # trueup: ignore[TUP101]\n", [1, 2, 3]),
    ("a = 1; b = [\n]  # trueup: ignore[TUP101]\n", [1, 2]),
    # Behind strings and backslashes.
    ('a\nf(\n  """x\n  y\n  """,  # trueup: ignore[TUP101]\n  z,\n)\n', [3, 4, 5]),
    ("f(a, \\\n  b,  # trueup: ignore[TUP101]\n  c)\n", [1, 2]),
    ("a = \\\n  b  # trueup: ignore[TUP101]\n", [1, 2]),
    # On a line of its own: the next statement or header.
    ("a\n# trueup: ignore[TUP101]\nb(\n  c,\n)\nd\n", [3, 4, 5]),
    ("a\n# trueup: ignore[TUP101]\n\n# more\nb\nd\n", [5]),
    ("# trueup: ignore[TUP101]\n# trueup: ignore[TUS101]\nb\n", [3]),
    ("# trueup: ignore[TUP101]\n@one(\n  x\n)\n# why\n@two\nclass A:\n  b\n", [2, 3, 4, 5, 6, 7]),
    ("@one\n# trueup: ignore[TUP101]\nclass A:\n  b\n", [3]),
    ("if a:\n  b\n  # trueup: ignore[TUP101]\nc\n", [4]),
    ("f(\n  # trueup: ignore[TUP101]\n  a,\n  b,\n)\n", [3]),
    ('f(\n  # trueup: ignore[TUP101]\n  """\n  """,\n  b,\n)\n', [3, 4]),
    ("a\n# trueup: ignore[TUP101]\n", []),
    # Blocks.
    ("a\n# trueup: disable[TUP101]\nb\nc\n# trueup: enable[TUP101]\nd\n", [2, 3, 4, 5]),
    ("# trueup: disable[TUP101, TUS]\nb\n# trueup: enable[TUS, TUP101]\nd\n", [1, 2, 3]),
    ("def f():\n  # trueup: disable[TUP101]\n  if a:\n    b\n  c\n\nd\n", [2, 3, 4, 5, 6]),
    ("# trueup: disable[TUP101]\nif a:\n  # trueup: enable[TUP101]\n  b\nc\n", [1, 2, 3, 4, 5]),
    ("if a:\n\t# trueup: disable[TUP101]\n        b\n\t# trueup: enable[TUP101]\n\tc\n", [2, 3, 4]),
    ("# trueup: disable[TUP101]\n# trueup: disable[TUS]\nb\n# trueup: enable[TUP101]\nc\n# trueup: enable[TUS]\n",
     [1, 2, 3, 4]),
    ("b  # trueup: disable[TUP101]\nc\n", []),
    # The file.
    ("a\nb\n# trueup: file-ignore[TUP]\n", [1, 2, 3]),
    ("if a:\n  # trueup: file-ignore[TUP]\n  b\n", []),
    ("a  # trueup: file-ignore[TUP]\n", []),
    ("# trueup: skip-file\na\n", [1, 2]),
    ("a\n# trueup: skip-file, it is generated\n", [1, 2]),
    ("def f():\n  # trueup: skip-file\n  a\n", []),
    ("a\n# ruff: noqa: E501, TUP101\n", [1, 2]),
    ("a\n#flake8:NOQA:TUP101\n", [1, 2]),
    ("a\n# ruff: noqa\n# flake8: noqa\n# ruff: noqa: E501\n", []),
    ("a  # ruff: noqa: TUP101\nb\n", []),
    # As in flake8 and ruff.
    ("a\nb  # noqa\nc\n", [2]),
    ("b  #noqa\n", [1]),
    ("b  # NoQA : e501,tup101\n", [1]),
    ("b  # noqa: E501 TUP101 too long\n", [1]),
    ("b  # noqa: TUP1\n", [1]),
    ("b  # noqa: E501\n", []),
    ("b  # noqa: TUP102\n", []),
    ("b  # noqa: too long\n", [1]),
    ("b  # noqas\n", []),
    ("b  # type: ignore  # noqa\n", [1]),
    ("b  # noqa: E501  # trueup: ignore[TUP101]\n", [1]),
    ("b  # trueup: ignore[TUP101]  # noqa: E501\n", [1]),
    ("b  # trueup: ignore[TUS] # noqa: TUP101\n", [1]),
    ("f(\n  a,\n)  # noqa\n", [3]),
    ("f(\n  a,\n)  # noqa: TUP101\n", [1, 2, 3]),
    ('"""x\n"""  # noqa\n', [1, 2]),
    ("# noqa: TUP101\nb\n", [1]),
    # What is no comment.
    ('a = "# trueup: ignore[TUP101]"\n', []),
    ('"""\n# trueup: skip-file\n"""\n', []),
    ("a = '''\n# noqa'''\n", []),
    ("a = r'\\'  # noqa'\n", []),
    ("a = '\\\\'  # noqa\n", [1]),
    ("a = f'{b}# noqa{c!r:>{d}}# noqa'\n", []),
    ("a = f'{{'  # noqa\n", [1]),
    ("a = f'{b:{c}\"}'  # noqa\n", [1]),
    ("a = rf'\\{b}'  # noqa\n", [1]),
    ("a = f'\\N{DASH}'  # noqa\n", [1]),
    ("a = f'''{\n  b['x']\n}'''  # noqa\n", [1, 2, 3]),
    ("a = f'{b['# noqa']}'\n", []),  # from Python 3.12 on
    ("a = f'{b['#'] + f'{c}'}'  # noqa\n", [1]),
    # Other newlines, form feeds, no newline at the end, nothing at all.
    ("a\r\nb  # trueup: ignore[TUP101]\r\nc\r\n", [2]),
    ("a\rb  # trueup: ignore[TUP101]\rc\r", [2]),
    ('"""x\r\n"""  # noqa\r\n', [1, 2]),
    ("a\nb  # trueup: ignore[TUP101]", [2]),
    ("", []),
    # What is no Python.
    ("a = 'x  # noqa\nb  # noqa\n", [2]),
    ("a = f'{  # noqa\n", []),
    ("a)) = [\n  # trueup: ignore[TUP101]\nb\n", [3]),
    ('"""never closed # noqa\n', []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "lines"), HIDING)
def test_which_lines_are_hidden(text: str, lines: list[int]) -> None:
    assert hidden_lines(text, "TUP101") == lines


def test_a_finding_over_several_lines_is_hidden_at_its_end() -> None:
    text = "f(\n  a(\n    b\n  ),  # trueup: ignore[TUP101]\n  c,\n)\nd\n"
    kept = [finding("TUP101", 1, 6), finding("TUP101", 2, 2)]
    assert apply(text, [*kept, finding("TUP101", 2, 4)])[:2] == (kept, [finding("TUP101", 2, 4)])
    body = "def f():\n  a\n  b  # trueup: ignore[TUP101]\n"
    assert apply(body, [finding("TUP101", 1, 3)]).kept  # the end of a function is not the end of a statement


def test_order_and_equal_findings_are_kept() -> None:
    findings = [finding("TUS101", 2), finding("TUP101", 1), finding("TUP101", 2), finding("TUP101", 2)]
    result = apply("a\nb  # trueup: ignore[TUP]\n", findings)
    assert result == (findings[:2], findings[2:], [])


def test_the_tools_own_findings_need_their_own_code() -> None:
    own = [finding(code, 1) for code in ("TU000", "TU900")]
    for comment in ("# noqa", "# trueup: ignore[TU]", "# noqa: TU9"):
        assert apply(f"a  {comment}\n", own, frozenset()) == (own, [], [])
    assert apply("a  # trueup: ignore[TU000, fix-failed]\n", own) == ([], own, [])
    assert apply("# trueup: skip-file\n", own) == ([], own, [])


ABOUT = [
    ("a  # trueup: ignore[TUP101]\n", ["TU001 1:4-28 `TUP101` hides nothing here: remove the comment"]),
    ("a  # trueup: ignore[TUP101, TUS101] why\n",
     ["TU001 1:4-36 `TUP101`, `TUS101` hide nothing here: remove the comment"]),
    ("x  # trueup: ignore[TUS101, TUP101]\n", ["TU001 1:4-36 `TUS101` hides nothing here: remove it"]),
    ("x  # trueup: ignore[TUS]\n", ["TU001 1:4-25 `TUS` hides nothing here: remove the comment"]),
    ("a  # noqa: E501, TUP101\n", ["TU001 1:4-24 `TUP101` hides nothing here: remove the comment"]),
    ("a\n# trueup: file-ignore[v1-config]\n", ["TU001 2:1-33 `v1-config` hides nothing here: remove the comment"]),
    ("a  # noqa\n", []),
    ("a  # noqa: E501\n", []),
    ("x  # trueup: ignore[TUP101]\n# trueup: file-ignore[TUP]\n", []),  # both would hide it
    ("a  # trueup: ignore[TU001]\n", []),
    ("a  # trueup: ignore[TUP101, TU001]\n", []),
    ("a  # trueup: ignore[TUP101]\n# trueup: file-ignore[unused-suppression]\n", []),
    ("a  # trueup: ignore[TPU101]\n",
     ["TU002 1:4-28 `TPU101` is no rule's code, prefix or name; did you mean `TUP101`?"]),
    ("a  # trueup: ignore[v1-validators]\n",
     ["TU002 1:4-35 `v1-validators` is no rule's code, prefix or name; did you mean `v1-validator`?"]),
    ("a  # noqa: TUQ777\n", ["TU002 1:4-18 `TUQ777` is no rule's code, prefix or name"]),
    ("a  # trueup: ignore\n", ["TU004 1:4-20 `ignore` names no rule: write their codes, `ignore[TUP101]` say"]),
    ("a  # trueup: ignore[]\n", ["TU004 1:4-22 `ignore` names no rule: write their codes, `ignore[TUP101]` say"]),
    ("a  # trueup: ignore[ALL]\n", ["TU004 1:4-25 `ALL` is not allowed here: write their codes, `ignore[TUP101]` say"]),
    ("a  # trueup: ingore[TUP101]\n", ["TU004 1:4-28 `trueup: ingore` means nothing; did you mean `ignore`?"]),
    ("a  # trueup: qqq[TUP101]\n", ["TU004 1:4-25 `trueup: qqq` means nothing"]),
    ("# trueup: a linter\n", []),
    ("# trueup: skip-file[TUP101]\n",
     ["TU004 1:1-28 `skip-file` takes no rules: write `file-ignore[...]` to hide some"]),
    ("x  # trueup: skip-file\n",
     ["TU004 1:4-23 `skip-file` has no effect here: put it on a line of its own, not indented"]),
    ("f(\n# trueup: file-ignore[TUP]\n)\n",
     ["TU004 2:1-27 `file-ignore` has no effect here: put it on a line of its own, not indented"]),
    ("a  # ruff: noqa: TUP101\n", ["TU004 1:4-24 a file's `noqa` has no effect here: put it on a line of its own"]),
    ("# trueup: disable[TUP101]\nx\n",
     ["TU004 1:1-26 `disable[TUP101]` is never closed: put `# trueup: enable[TUP101]` where it is to end"]),
    ("# trueup: enable[TUP101]\nx\n",
     ["TU004 1:1-25 `enable[TUP101]` has no `disable[TUP101]` before it in its block: remove it"]),
    ("if a:\n  # trueup: disable[TUP101]\n  x\nb\n# trueup: enable[TUP101]\n",
     ["TU004 2:3-28 `disable[TUP101]` is never closed: put `# trueup: enable[TUP101]` where it is to end",
      "TU004 5:1-25 `enable[TUP101]` has no `disable[TUP101]` before it in its block: remove it"]),
    ("a  # trueup: enable[TUP101]\n",
     ["TU004 1:4-28 `enable` has no effect here: put it on a line of its own, outside brackets"]),
    ("# trueup: disable[TUP101]\na\n# trueup: enable[TUP101]\n",
     ["TU001 1:1-26 `TUP101` hides nothing here: remove the comment"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), ABOUT)
def test_findings_about_comments(text: str, expected: list[str]) -> None:
    """A line that begins with `x` has a finding of TUP101."""
    findings = [
        finding("TUP101", number) for number, line in enumerate(text.splitlines(), 1) if line.strip().startswith("x")
    ]
    about = apply(text, findings).unused
    assert [f"{f.code} {f.span.line}:{f.span.column}-{f.span.end_column} {f.message}" for f in about] == expected
    assert {f.path for f in about} <= {"a.py"}


def test_unused_is_said_only_of_rules_that_ran() -> None:
    text = "a  # trueup: ignore[TUP101, TUP]\n"
    assert apply(text, [], frozenset()).unused == []
    assert [f.message for f in apply(text, [], frozenset({"TUP101"})).unused] == [
        "`TUP101` hides nothing here: remove it"
    ]


def test_spans_count_bytes_and_code_points() -> None:
    text = 'é = "→"  # trueup: ignore[TUP101]\nö  # noqa: TUS101\n'
    for about in apply(text, []).unused:
        comment = text.encode()[about.span.start : about.span.end].decode()
        assert comment == text.splitlines()[about.span.line - 1][about.span.column - 1 : about.span.end_column - 1]
        assert comment in ("# trueup: ignore[TUP101]", "# noqa: TUS101")


def reference(text: str) -> tuple[list[tuple[int, int, str]], list[tuple[int, int]]]:
    """Comments and logical lines as `tokenize` sees them."""
    comments, lines = [], []
    first = last = 0
    blank = (tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
    for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline):
        if token.type == tokenize.COMMENT:
            comments.append((token.start[0], token.start[1] + 1, token.string))
        elif token.type == tokenize.NEWLINE:
            lines.append((first, last))
            first = 0
        elif token.type not in blank:
            first, last = first or token.start[0], token.end[0]
    return comments, lines


@pytest.mark.parametrize("module", [ast, tokenize, io, pytest])
def test_layout_is_what_tokenize_sees(module: object) -> None:
    text = Path(str(getattr(module, "__file__", ""))).read_text(encoding="utf-8")
    found = layout(text)
    assert ([(c.line, c.column, c.text) for c in found.comments], [line[:2] for line in found.lines]) == reference(text)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="f-strings held no such quotes before")
def test_layout_of_nested_quotes_is_what_tokenize_sees() -> None:
    text = "a = f'{b['#'] + f'{c:{'#'}>{d}}' + '''\n#'''}'  # yes\nb = f\"{x!r:{\"#\"}}#\"  # yes\n"
    found = layout(text)
    assert [c.text for c in found.comments] == ["# yes", "# yes"]
    assert ([(c.line, c.column, c.text) for c in found.comments], [line[:2] for line in found.lines]) == reference(text)


REPAIRED = [
    ("a  # trueup: ignore[TUP101]\nb\n", "a\nb\n"),
    ("a  # trueup: ignore[TUP101, TUP102] because\n", "a  # trueup: ignore[TUP102] because\n"),
    ("a  # trueup: ignore[TUP101] because\n", "a  # because\n"),
    ("# trueup: ignore[TUP101]\r\na\r\n", "a\r\n"),
    ("if a:\n    # trueup: ignore[TUP101]\n    b", "if a:\n    b"),
    ("a  # noqa: E501, TUP101\n", "a  # noqa: E501\n"),
    ("a  # noqa: tup101 E501\n", "a  # noqa: E501\n"),
    ("a  # noqa: TUP101\n", "a\n"),
    ("a  # noqa: E501  # trueup: ignore[TUP101]\n", "a  # noqa: E501\n"),
    ("a  # trueup: ignore[TUP101]  # noqa: E501\n", "a  # noqa: E501\n"),
    ("é = 'é'  # trueup: ignore[TUP101]  # é\n", "é = 'é'  # é\n"),
    ("# trueup: disable[TUP101]\na\n# trueup: enable[TUP101]\n", "a\n"),
    (
        "# trueup: disable[TUP102, TUP101]\na\n# trueup: enable[TUP101,TUP102]\n",
        "# trueup: disable[TUP102]\na\n# trueup: enable[TUP102]\n"),
    ("a  # trueup: ignore[TPU101, TUP102]\n", "a  # trueup: ignore[TUP102]\n"),
    ("# ruff: noqa: TUP101\na\n", "a\n"),
    ("'''\n'''  # trueup: ignore[v1-validator]\n", "'''\n'''\n"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), REPAIRED)
def test_what_hides_nothing_is_taken_out_and_all_else_stays(text: str, expected: str) -> None:
    found = apply(text, [finding("TUP102", 1), finding("TUP102", 2)]).unused
    assert [one.safety for one in found] == [Safety.SAFE]
    assert fix_text(text, found, {}, "a.py").text == expected


def test_a_reason_can_be_asked_for() -> None:
    text = "a  # trueup: ignore[TUP101]\nb  # trueup: ignore[TUP101] our own\nc  # noqa: TUP101\nd  # noqa\n"
    found = parse(text).apply([finding("TUP101", n) for n in (1, 2, 3)], {"TU003"}, KNOWN, "a.py").unused
    assert [(one.code, one.span.line) for one in found] == [("TU003", 1), ("TU003", 3)]
