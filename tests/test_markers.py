"""Markers say where a person must act; they are comments, so nothing else of a file may change."""

from __future__ import annotations

import ast
import random
from pathlib import Path

import pytest

from trueup.migrate.markers import marked, words_of
from trueup.model import Finding, Safety, Severity, Span

ROOT = Path(__file__).resolve().parent.parent
CODES = frozenset({"TUX101", "TUX102"})


def finding(line: int, message: str = "do it by hand", code: str = "TUX101", column: int = 1) -> Finding:
    span = Span(0, 0, line, column, line, column + 1)
    return Finding("a.py", code, "a-name", Severity.ERROR, Safety.MANUAL, message, span, span, "Call")


def mark(text: str, *lines: int) -> str:
    return marked(text, [finding(line) for line in lines], CODES).text


@pytest.mark.parametrize(
    ("text", "line", "above"),
    [
        ("a()\n", 1, 1),
        ("x = 1\nif x:\n    a()\n", 3, 3),
        ("if x:\n\ta()\n", 2, 2),
        ("a(\n    b(),\n    c(),\n)\n", 3, 1),
        ("x = '''\n a()\n ''' + a()\n", 3, 1),
        ("y = 1\nx = 1 + \\\n    a()\n", 3, 2),
        ("if x: a()\nelse: b()\n", 2, 2),
        ("x = 1; a()\n", 1, 1),
        ("try:\n    b()\nexcept a():\n    pass\n", 3, 3),
        ("@one\n@two(a())\ndef f():\n    pass\n", 2, 1),
        ("@one\n@two\ndef f(x=a()):\n    pass\n", 3, 1),
        ("# pylint: disable-next=all\na()\n", 2, 1),
        ("# why\na()\n", 2, 2),
        ("f'''{\n  a()\n}'''\n", 2, 1),
        ("'''docs'''\n", 1, 1),
        ("x = 1\n\\\ny = a()\n", 3, 2),
    ],
)
def test_a_marker_stands_on_a_line_of_its_own_above_the_statement(text: str, line: int, above: int) -> None:
    lines = text.split("\n")
    statement = lines[above - 1] if not lines[above - 1].startswith("#") else lines[above]
    blanks = statement[: len(statement) - len(statement.lstrip())]
    lines.insert(above - 1, f"{blanks}# TODO(trueup TUX101): do it by hand")
    assert mark(text, line) == "\n".join(lines)
    assert ast.dump(ast.parse(mark(text, line))) == ast.dump(ast.parse(text))


def test_it_is_never_written_twice_and_goes_when_its_place_is_in_order() -> None:
    text = "def f():\n    a()\n    b()\n"
    once = marked(text, [finding(2), finding(3, "other", "TUX102")], CODES)
    assert (once.added, once.removed) == (2, 0)
    again = marked(once.text, [finding(3), finding(5, "other", "TUX102")], CODES)
    assert again == (once.text, 0, 0)
    solved = marked(once.text, [finding(5, "other", "TUX102")], CODES)
    assert solved.text == "def f():\n    a()\n    # TODO(trueup TUX102): other\n    b()\n"
    assert (solved.added, solved.removed) == (0, 1)
    assert marked(solved.text, [], CODES).text == text


def test_places_of_one_statement_share_a_marker() -> None:
    assert mark("a(a(), a())\n", 1, 1, 1).count("TODO") == 1


def test_what_somebody_wrote_behind_a_marker_stays() -> None:
    text = "# TODO(trueup TUX101): do it by hand (Ann asks the shop)\na()\n"
    assert mark(text, 2) == text
    assert mark("# TODO(trueup TUX101): something old\na()\n", 2) == "# TODO(trueup TUX101): do it by hand\na()\n"


def test_markers_of_rules_that_were_not_asked_stay() -> None:
    text = "# TODO(trueup TUX900): later\na()\n# TODO(somebody): mine\nb()\n"
    assert marked(text, [], CODES).text == text


def test_markers_that_were_moved_go_back_or_go() -> None:
    assert mark("a()  # TODO(trueup TUX101): do it by hand\n", 1) == "# TODO(trueup TUX101): do it by hand\na()\n"
    assert marked("a()  # TODO(trueup TUX101): do it by hand\n", [], CODES).text == "a()\n"
    assert marked("a(\n    # TODO(trueup TUX101): x\n    1\n)\n", [], CODES).text == "a(\n    1\n)\n"


def test_what_looks_like_a_marker_in_a_string_is_left_alone() -> None:
    text = 'x = """\n# TODO(trueup TUX101): do it by hand\n"""\n'
    assert marked(text, [], CODES).text == text
    assert mark(text, 2) == "# TODO(trueup TUX101): do it by hand\n" + text


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_ends_stay(newline: str) -> None:
    text = "if x:\n    a()\n".replace("\n", newline)
    new = mark(text, 2)
    assert new == "if x:\n    # TODO(trueup TUX101): do it by hand\n    a()\n".replace("\n", newline)
    assert marked(new, [], CODES).text == text


def test_lines_of_code_are_left_out_so_that_a_second_run_says_the_same() -> None:
    first = "`x` (app/a.py:12:3), read in app/b.py:4 (line 7), (lines 3, 4); do it"
    assert words_of(first) == "`x` (app/a.py), read in app/b.py,; do it"
    text = marked("a()\n", [finding(1, "it has 3 of them")], CODES).text
    assert marked(text, [finding(2, "it has 4 of them")], CODES).text == text


@pytest.mark.parametrize(
    "message",
    [
        "one\ntwo\r\nthree\x0cfour\x1b[31m",
        "# noqa: TUX101",
        "# trueup: ignore[TUX101] because",
        "# -*- coding: latin-1 -*-",
        "\u202e reversed \u2028 line",
        "\ud800 lone",
        "\\",
        "",
    ],
)
def test_no_message_can_be_more_than_a_comment(message: str) -> None:
    text = "a()\nb()\n"
    new = marked(text, [finding(1, message)], CODES).text
    assert ast.dump(ast.parse(new.encode())) == ast.dump(ast.parse(text))
    assert new.count("\n") == 3
    assert new.count("#") == 1
    assert marked(new, [finding(2, message)], CODES).text == new


def test_the_encoding_of_the_file_can_hold_it() -> None:
    new = marked("a()\n", [finding(1, "`é` → `日`")], CODES, "latin-1").text
    assert new == "# TODO(trueup TUX101): `é` -> `\\u65e5`\na()\n"


def test_any_line_of_real_code_can_be_marked_and_unmarked() -> None:
    chance = random.Random(1)
    paths = [*sorted((ROOT / "trueup").rglob("*.py"))[::7], *sorted((ROOT / "fixtures").rglob("before/**/*.py"))[::25]]
    for path in paths:
        text = path.read_bytes().decode()
        try:
            tree = ast.dump(ast.parse(text))
        except SyntaxError:
            continue
        lines = sorted({node.lineno for node in ast.walk(ast.parse(text)) if isinstance(node, ast.expr | ast.stmt)})
        chosen = chance.sample(lines, min(len(lines), 25))
        new = marked(text, [finding(line, f"at {line}") for line in chosen], CODES)
        assert ast.dump(ast.parse(new.text)) == tree, path
        assert marked(new.text, [], CODES).text == text, path
