"""What people and programs read of findings and of changes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from trueup.fingerprint import fingerprints, identities
from trueup.model import Finding, Place, Rule, Safety, Severity, Span
from trueup.report import data, diff, pages, statistics, text
from trueup.report.record import Item, Report
from trueup.report.screen import Paint, cells, escape

RULE = Rule(
    "TUX101",
    "v1-validator",
    Severity.WARNING,
    Safety.SAFE,
    url="https://example.org/guide",
    effort=5,
    page="`@validator` is the\nPydantic v1 decorator.\n\nMore of it.\n",
)
SOURCE = """\
import x
class A:
    @validator("x")
    def f(cls, v): ...
"""


def finding(
    where: tuple[int, int, int, int] = (3, 5, 3, 15),
    *,
    path: str = "app/models.py",
    code: str = RULE.code,
    name: str = RULE.name,
    safety: Safety = Safety.SAFE,
    severity: Severity = Severity.WARNING,
    message: str = "`@validator` is the Pydantic v1 decorator",
    why: str = "",
    related: tuple[Place, ...] = (),
    symbol: str = "A",
) -> Finding:
    line, column, end_line, end_column = where
    span = Span(0, 0, line, column, end_line, end_column)
    return Finding(path, code, name, severity, safety, message, span, span, "Call", None, why, related, "", 0, symbol)


def look(*, color: bool = False, unsafe: bool = False) -> text.Look:
    return text.Look(Paint(color), unsafe, str)


def full(found: Iterable[Finding], source: str = SOURCE) -> str:
    return "".join(text.full(found, look(), {RULE.code: RULE}, lambda path: source))


def test_concise_is_one_line_a_finding_and_one_text_a_file() -> None:
    found = [finding(), finding((4, 5, 4, 8), safety=Safety.UNSAFE), finding(path="b.py", safety=Safety.MANUAL)]
    assert list(text.concise(found, look())) == [
        (
            "app/models.py:3:5: TUX101 [*] `@validator` is the Pydantic v1 decorator\n"
            "app/models.py:4:5: TUX101 `@validator` is the Pydantic v1 decorator\n"
        ),
        "b.py:3:5: TUX101 `@validator` is the Pydantic v1 decorator\n",
    ]
    assert "4:5: TUX101 [*]" in "".join(text.concise(found, look(unsafe=True)))


def test_full_shows_the_source_the_related_places_and_who_repairs_it() -> None:
    related = (Place("app/base.py", 3, 7, "`Base` inherits pydantic.BaseModel here"),)
    assert full([finding(related=related)]) == (
        "TUX101 (v1-validator) [*] `@validator` is the Pydantic v1 decorator\n"
        "  --> app/models.py:3:5\n"
        "   |\n"
        " 2 | class A:\n"
        ' 3 |     @validator("x")\n'
        "   |     ^^^^^^^^^^\n"
        "   |\n"
        "  ::: app/base.py:3:7  `Base` inherits pydantic.BaseModel here\n"
        "help: `--fix` repairs it (safe fix)\n"
        "docs: https://example.org/guide\n\n"
    )
    unsafe = full([finding(safety=Safety.UNSAFE, why="the order of keys changes")])
    assert "help: `--fix --unsafe-fixes` repairs it (unsafe fix: the order of keys changes)\n" in unsafe
    assert "help: to repair by hand (about 5 min)\n" in full([finding(safety=Safety.MANUAL)])


@pytest.mark.parametrize(
    ("source", "where", "shown", "carets"),
    [
        ("\tf(x)", (1, 2, 1, 6), " 1 |     f(x)", "   |     ^^^^"),
        ("名前 = f(x)", (1, 6, 1, 10), " 1 | 名前 = f(x)", "   |        ^^^^"),
        ("a = f(\n    1)\n", (1, 5, 2, 7), " 1 | a = f(", "   |     ^^"),
        ("x\x0cy\r\nz = f(x)\r\n", (2, 5, 2, 9), " 2 | z = f(x)", "   |     ^^^^"),
        ("", (1, 1, 1, 1), " 1 |", "   | ^"),
        ("'\x1b[2J' + f\u202e", (1, 10, 1, 11), " 1 | '\\x1b[2J' + f\\u202e", "   | " + " " * 12 + "^"),
    ],
    ids=["tab", "wide", "several lines", "form feed and CRLF", "empty file", "control characters"],
)
def test_the_caret_stands_below_the_span(
    source: str, where: tuple[int, int, int, int], shown: str, carets: str
) -> None:
    lines = full([finding(where)], source).splitlines()
    assert shown in lines
    assert carets in lines


def test_a_span_beyond_the_end_of_the_text_is_still_reported() -> None:
    assert "--> app/models.py:9:1" in full([finding((9, 1, 9, 4))])


def test_a_line_of_a_megabyte_is_cropped_around_the_span() -> None:
    source = "x" * 500_000 + "HERE" + "y" * 500_000
    shown = full([finding((1, 500_001, 1, 500_005))], source)
    assert len(shown) < 1000
    line, carets = (row for row in shown.splitlines() if "HERE" in row or "^" in row)
    assert line.index("HERE") == carets.index("^^^^")


def test_nothing_in_a_finding_can_forge_output() -> None:
    evil = finding(path="a\nb.py", message="m\x1b[31m\r\u2028ok\udc80")
    lines = "".join(text.concise([evil], look())).splitlines()
    assert lines == ["a\\nb.py:3:5: TUX101 [*] m\\x1b[31m\\r\\u2028ok\\udc80"]
    lines = "".join(text.pylint([evil], look())).splitlines()
    assert lines == ["a\\nb.py:3: [TUX101] m\\x1b[31m\\r\\u2028ok\\udc80"]
    lines = "".join(text.grouped([evil], look())).splitlines()
    assert lines == ["a\\nb.py", "  3:5  TUX101 [*] m\\x1b[31m\\r\\u2028ok\\udc80", ""]
    assert escape("plain é 名 🙂") == "plain é 名 🙂"
    assert cells("é名e\u0301") == 4


def test_colour_is_only_ever_around_text() -> None:
    coloured = "".join(text.concise([finding()], look(color=True)))
    assert "\x1b[1;33mTUX101\x1b[0m" in coloured
    assert "\x1b" not in "".join(text.concise([finding()], look()))


def test_codes_lead_to_their_guide_where_the_terminal_makes_links() -> None:
    linked = text.Look(Paint(True, links=True), False, str)
    shown = "".join(text.full([finding()], linked, {RULE.code: RULE}, lambda path: SOURCE))
    assert shown.startswith(
        "\x1b]8;;https://example.org/guide\x1b\\\x1b[1;33mTUX101\x1b[0m\x1b]8;;\x1b\\ (v1-validator)"
    )
    assert Paint(True, links=True).link("x", "https://a.b/\x1b]8;;") == "x"
    assert Paint(True, links=True).link("x", "file:///etc") == "x"
    rows = statistics.count([finding()], {RULE.code: RULE}, unsafe=False)
    assert "]8;;https://example.org/guide" in statistics.table(rows, linked.paint, {RULE.code: RULE.url})


def test_closing_lines_count_what_is_there() -> None:
    found = [
        finding(severity=Severity.ERROR),
        finding(safety=Safety.UNSAFE),
        finding(safety=Safety.MANUAL),
    ]
    assert text.closing(found, look(), files=3, suppressed=3) == [
        "Found 1 error, 2 warnings (3 hidden by comments).",
        "[*] 1 fixable with `--fix`, 1 more with `--unsafe-fixes`, 1 by hand.",
    ]
    assert text.closing(found, look(unsafe=True), files=3)[1] == (
        "[*] 2 fixable with `--fix --unsafe-fixes`, 1 by hand."
    )
    assert text.closing([], look(), files=1, fixed=2) == ["Found nothing in 1 file (2 fixed)."]


def test_statistics_are_sorted_and_say_what_a_machine_repairs() -> None:
    found = [
        finding(),
        finding(safety=Safety.UNSAFE),
        finding(code="TUX001", name="a", safety=Safety.MANUAL),
        *[finding(code="TUX200", name="b")] * 12,
    ]
    rows = statistics.count(found, {RULE.code: RULE}, unsafe=False)
    assert statistics.table(rows, Paint(False)).splitlines() == [
        "12  TUX200  [*]  b",
        " 2  TUX101  [-]  v1-validator",
        " 1  TUX001  [ ]  a",
        "Found 15 findings of 3 rules, 13 fixable.",
    ]
    assert list(statistics.as_dicts(rows))[1] == {
        "code": "TUX101", "name": "v1-validator", "count": 2, "fixable": True, "fixable_count": 1, "effort": 0,
    }  # fmt: skip


def report(found: Sequence[Finding], source: str = SOURCE, **rest: Any) -> Report:
    """A report on findings that all stand in the same text."""
    prints = fingerprints(identities(found, str, lambda path: source))
    items = [
        Item(one, RULE, one.path, "/repo/" + one.path, one.symbol, print_)
        for one, print_ in zip(found, prints, strict=True)
    ]
    return Report(items, "/repo", "/repo/sub", str, lambda path: "/repo/" + path, lambda path: source, "1.2.3", **rest)


def as_json(found: list[Finding]) -> list[dict[str, object]]:
    loaded = json.loads("".join(data.write(report(found))))
    assert isinstance(loaded, list)
    assert [json.loads(line) for line in data.write_lines(report(found))] == loaded
    return loaded


def test_json_has_the_fields_that_readers_of_ruff_know_and_ours() -> None:
    related = (Place("app/base.py", 3, 7, "here"),)
    first, second = as_json([finding(related=related), finding((4, 5, 4, 6), safety=Safety.MANUAL)])
    print_ = first.pop("fingerprint")
    assert isinstance(print_, str) and len(print_) == 16
    assert int(print_, 16) >= 0
    assert first == {
        "code": "TUX101",
        "name": "v1-validator",
        "severity": "warning",
        "message": "`@validator` is the Pydantic v1 decorator",
        "filename": "/repo/app/models.py",
        "location": {"row": 3, "column": 5},
        "end_location": {"row": 3, "column": 15},
        "noqa_row": 3,
        "cell": None,
        "url": "https://example.org/guide",
        "fix": {"applicability": "safe", "message": None, "edits": []},
        "symbol": "A",
        "related": [{"filename": "/repo/app/base.py", "location": {"row": 3, "column": 7}, "message": "here"}],
        "effort": 5,
        "suppressed": False,
        "baseline": "new",
    }
    assert second["fix"] is None
    assert as_json([]) == []


def prints(found: list[Finding], sources: Iterator[str]) -> list[str]:
    """Fingerprints of findings, each of which underlines all of its source."""
    items = []
    for one in found:
        source = next(sources)
        lines = source.split("\n")
        span = Span(0, 0, 1, 1, len(lines), len(lines[-1]) + 1)
        items += identities([replace(one, span=span)], str, {one.path: source}.__getitem__)
    return fingerprints(items)


def test_a_fingerprint_outlives_moves_and_formatters_and_tells_equals_apart() -> None:
    here, there = finding(), finding((90, 1, 91, 2))
    formatted = 'f(\n    "x", # why\n    1,\n)'
    assert prints([here], iter(["f('x',1)"])) == prints([there], iter([formatted]))
    first, second = prints([here, there], iter(["f(1)", "f( 1 )"]))
    assert first != second
    assert prints([here], iter(["f(1)"])) == [first]
    for other in (finding(path="b.py"), finding(symbol="B"), finding(code="TUX102")):
        assert prints([other], iter(["f(1)"])) != [first]
    assert prints([here], iter(["f('a b')"])) != prints([here], iter(["f('ab')"]))
    assert prints([here], iter(['f("un(\udc80'])) != [first]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a\nb\n", "a\nc\n"),
        ("a\r\nb\r\n", "a\r\nc\r\nd\r\n"),
        ("a\nb", "a\nc"),
        ("a\nb", "a\nb\n"),
        ("a\x0cb\n\u2028c\nd\n", "a\x0cb\n\u2028c\ne\n"),
        ("\ufeffa\n", "\ufeffb\n"),
        ("a\n", ""),
        ("a\rb\n", "a\rc\n"),
        ("".join(f"{n}\n" for n in range(99)), "".join(f"{n if n % 40 else -n - 1}\n" for n in range(99))),
    ],
    ids=["plain", "CRLF", "no newline", "newline gained", "form feed", "BOM", "emptied", "lone CR", "hunks"],
)
@pytest.mark.parametrize("path", ["m.py", "a b.py", "é.py", 'q"t\\.py', "pkg/sub/m.py"])
def test_git_applies_the_diff(old: str, new: str, path: str, tmp_path: Path) -> None:
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(old.encode())
    patch = diff.unified(path, old, new)
    done = subprocess.run(["git", "apply", "-"], input=patch, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert file.read_bytes() == new.encode() if new else not file.exists() or file.read_bytes() == b""


def test_no_change_is_no_diff() -> None:
    assert diff.unified("m.py", "a\n", "a\n") == b""


@pytest.mark.parametrize(
    ("encoding", "bom", "start"), [("utf-8", True, b"\xef\xbb\xbf"), ("latin-1", False, b"# coding: latin-1\n")]
)
def test_git_applies_the_diff_of_a_file_in_another_encoding(
    encoding: str, bom: bool, start: bytes, tmp_path: Path
) -> None:
    text = start.decode("utf-8-sig")
    (tmp_path / "é名.py").write_bytes(start + "é = 1\n".encode(encoding))
    patch = diff.unified("é名.py", f"{text}é = 1\n", f"{text}é = 2\n", encoding=encoding, bom=bom)
    subprocess.run(["git", "apply", "-"], input=patch, cwd=tmp_path, check=True)
    assert (tmp_path / "é名.py").read_bytes() == start + "é = 2\n".encode(encoding)


def test_a_rule_is_found_by_code_or_name_and_shown_as_row_and_page() -> None:
    other = Rule("TUX200", "legacy-query", Severity.ERROR, Safety.MANUAL, page="Second.\n")
    rules = {RULE.code: RULE, other.code: other}
    assert pages.find("tux101", rules) is RULE
    assert pages.find("V1-Validator", rules) is RULE
    assert pages.find("v1", rules) is None
    table = pages.table(rules.values(), Paint(False), 60).splitlines()
    assert table[1] == "TUX101  v1-validator  warning   safe    `@validator` is t..."
    assert pages.page(other) == (
        "# TUX200 legacy-query\n\nseverity: error; repaired by hand; since 0.1.0.\n\nSecond.\n"
    )


def test_what_is_told_of_a_rule_besides_its_page() -> None:
    told = pages.as_dict(replace(RULE, step="validators", libraries=("pydantic",)))
    assert (told["status"], told["precision"], told["tags"]) == ("stable", "very-high", ["pydantic", "migration"])
    weighed = replace(RULE, severity=Severity.ADVICE, preview=True)
    assert (weighed.status, weighed.precision) == ("preview", "medium")
    assert replace(RULE, fix=Safety.MANUAL, deprecated="see TUX2").precision == "high"
    assert replace(RULE, deprecated="see TUX2").status == "deprecated"
