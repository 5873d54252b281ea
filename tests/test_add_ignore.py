"""Comments that hide findings: where they are written, and that they do hide."""

from __future__ import annotations

from pathlib import Path

import pytest

from trueup.add_ignore import with_ignores
from trueup.suppress import parse
from trueup.tool_rules import TOOL_RULES

from .plugin import Plugged
from .test_suppress import finding

CASES = [
    ("a\nb\n", [(2, "TUP101")], "a\nb  # trueup: ignore[TUP101]\n"),
    ("a\r\nb", [(2, "TUP101")], "a\r\nb  # trueup: ignore[TUP101]"),
    ("a  # why\n", [(1, "TUP101"), (1, "TUS101")], "a  # why  # trueup: ignore[TUP101, TUS101]\n"),
    ("a  # trueup: ignore[TUS101] so\n", [(1, "TUP101")], "a  # trueup: ignore[TUS101, TUP101] so\n"),
    ("if a:\r\n\tf(\r\n\t\t1)\r\n", [(3, "TUP101")], "if a:\r\n\t# trueup: ignore[TUP101]\r\n\tf(\r\n\t\t1)\r\n"),
    (
        "x\n@d\n@e(\n  1)\ndef f(): pass\n",
        [(3, "TUP101"), (5, "TUS101")],
        "x\n# trueup: ignore[TUP101, TUS101]\n@d\n@e(\n  1)\ndef f(): pass\n",
    ),
    ("# trueup: ignore[TUS101]\nf(\n)\n", [(2, "TUP101")], "# trueup: ignore[TUS101, TUP101]\nf(\n)\n"),
    ("a = 1 + \\\n  2\n", [(1, "TUP101")], "# trueup: ignore[TUP101]\na = 1 + \\\n  2\n"),
    ("x = '''\n'''\n", [(1, "TUP101")], "# trueup: ignore[TUP101]\nx = '''\n'''\n"),
    (f"{'x' * 110}\n", [(1, "TUP101")], f"# trueup: ignore[TUP101]\n{'x' * 110}\n"),
    ("é = 'é'; b\nc\n", [(1, "TUP101")], "é = 'é'; b  # trueup: ignore[TUP101]\nc\n"),
]


@pytest.mark.parametrize(("text", "at", "expected"), CASES)
def test_the_comment_stands_where_it_hides(text: str, at: list[tuple[int, str]], expected: str) -> None:
    found = [finding(code, line) for line, code in at]
    new = with_ignores(text, found)
    assert new == (expected, ())
    moved = expected.count("\n") - text.count("\n")
    hidden = parse(expected).apply(
        [finding(code, line + moved) for line, code in at], {code for _, code in at}, TOOL_RULES, "a.py"
    )
    assert hidden.kept == []
    assert with_ignores(text, found, "our own\n# thing").text.count("our own thing") == (
        "so" not in expected and "# trueup: ignore[TUS101]\nf" not in text
    )


def test_what_no_comment_can_hide_is_refused() -> None:
    found = [finding("TU000", 1), finding("TUP101", 2)]
    assert with_ignores("a\n# b\n", found) == ("a\n# b\n", tuple(found))


def test_add_ignore_leaves_nothing_and_is_stable(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    project = Plugged(tmp_path / "project", tmp_path / "plugin")
    project.write(
        {"a.py": "def f():\n    old(\n        1,\n        old(),\n    )\n    odd(); old()\n", "b.py": "earlier\n"}
    )
    ran = project.run("check", "--add-ignore=legacy code")
    assert (ran.code, ran.err) == (0, "Hid 5 findings in 2 files by comments.\n")
    after = project.read()
    assert after["a.py"] == (
        "def f():\n    # trueup: ignore[TUX101] legacy code\n    old(\n        1,\n        old(),\n    )\n"
        "    odd(); old()  # trueup: ignore[TUX101] legacy code\n"
    )
    assert project.run("check", "--add-ignore") == (0, "Found nothing in 2 files (5 hidden by comments).\n", "")
    assert project.read() == after
    assert project.run("check", "--add-ignore", "--diff").code == 2
