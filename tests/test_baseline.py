"""The baseline: which findings are known after what edits, and what the file looks like."""

from __future__ import annotations

from pathlib import Path

import pytest

from trueup.baseline import Entry, by_path, dump, entries_of, load, match, write
from trueup.config import ConfigError
from trueup.fingerprint import Identity


def item(text: str = "f(1)", *, path: str = "a.py", symbol: str = "A.f", code: str = "TUX101") -> Identity:
    return Identity(code, path, symbol, text)


def known(before: list[Identity], now: list[Identity], **how: object) -> tuple[list[bool], int]:
    """Which of the findings are known from before, and how many of those before are gone."""
    found = match(by_path(entries_of(before)), now, **how)  # type: ignore[arg-type]
    return found.known, len(found.gone)


def test_the_same_findings_are_known_and_one_more_is_not() -> None:
    assert known([item(), item("g()")], [item("g()"), item()]) == ([True, True], 0)
    assert known([item()], [item(), item()]) == ([True, False], 0)
    assert known([item(), item()], [item()]) == ([True], 1)
    assert known([], [item()]) == ([False], 0)
    assert known([item()], [item(code="TUX102")]) == ([False], 1)


def test_a_changed_text_is_one_of_its_symbol() -> None:
    assert known([item()], [item("f(2)")]) == ([True], 0)
    assert known([item()], [item("f(2)"), item()]) == ([False, True], 0)
    assert known([item()], [item("f(2)", symbol="B")]) == ([False], 1)


def test_moved_code_is_known_once() -> None:
    assert known([item()], [item(symbol="B.g")]) == ([True], 0)
    assert known([item()], [item(path="b.py")]) == ([True], 0)
    assert known([item()], [item(path="b.py"), item(path="c.py")]) == ([True, False], 0)
    assert known([item()], [item(), item(path="b.py")]) == ([True, False], 0)
    # Of another symbol in another file only where the file was renamed.
    assert known([item()], [item(path="b.py", symbol="B")]) == ([False], 1)
    assert known([item(symbol="")], [item(path="b.py", symbol="")]) == ([False], 1)
    gone = {"exists": lambda path: path != "a.py"}
    assert known([item(symbol="")], [item(path="b.py", symbol="")], **gone) == ([True], 0)


def test_many_equal_findings_of_a_renamed_file_stay_known() -> None:
    gone = {"exists": lambda path: path != "a.py"}
    assert known([item(symbol="")] * 20, [item(path="b.py", symbol="")] * 20, **gone) == ([True] * 20, 0)


def test_what_was_not_looked_at_is_kept() -> None:
    found = match(by_path(entries_of([item(), item(path="b.py")])), [], judged=lambda path, rule: path == "b.py")
    assert [path for path, _ in found.gone] == ["b.py"]
    assert [path for path, _ in found.kept] == ["a.py"]


def test_what_was_not_checked_is_never_known() -> None:
    assert entries_of([item(code="TU000")]) == []
    assert known([], [item(code="TU000")]) == ([False], 0)


def test_many_findings_take_no_time() -> None:
    before = [item(f"f({n})", path=f"{n % 50}.py", symbol=f"A{n % 7}") for n in range(5000)]
    now = [one._replace(text=one.text + "x") for one in before]
    assert known(before, now) == ([True] * 5000, 0)


def test_the_file_is_sorted_and_comes_back(tmp_path: Path) -> None:
    path = str(tmp_path / "b.json")
    entries = {
        "b.py": [Entry("TUX2", "", "01"), Entry("TUX1", "A", "02")],
        "a é.py": [Entry("TUX1", "", "03")],
        "c.py": [],
    }
    write(path, entries)
    text = Path(path).read_text(encoding="utf-8")
    assert text == (
        '{\n  "version": 1,\n  "files": {\n'
        '    "a \\u00e9.py": [\n      {"rule": "TUX1", "symbol": "", "hash": "03"}\n    ],\n'
        '    "b.py": [\n      {"rule": "TUX1", "symbol": "A", "hash": "02"},\n'
        '      {"rule": "TUX2", "symbol": "", "hash": "01"}\n    ]\n  }\n}\n'
    )
    assert dump(load(path)) == text
    write(path, {})
    assert load(path) == {}
    assert [one.name for one in tmp_path.iterdir()] == ["b.json"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not valid JSON"),
        ("[]", "version None"),
        ('{"version": 2}', "version 2"),
        ('{"version": 1}', "no baseline"),
        ('{"version": 1, "files": {"a.py": [{"rule": "TUX1"}]}}', "no baseline"),
        ('{"version": 1, "files": []}', "no baseline"),
    ],
)
def test_a_bad_file_is_explained(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    path.write_text(text)
    with pytest.raises(ConfigError, match=said):
        load(str(path))
    with pytest.raises(ConfigError, match="does not exist"):
        load(str(tmp_path / "c.json"))
