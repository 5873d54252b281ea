"""Regular expressions of Pydantic 1: the anchored one finds in a text exactly what the old one matched at its start."""

from __future__ import annotations

import re
from itertools import product

import pytest

from trueup.libraries.pydantic.patterns import Pattern, analyse

ANCHORED = {
    "a": "^a",
    "^a": "^a",
    "a|b": "^(?:a|b)",
    "^a|b": "^(?:a|b)",
    "^a|^b": "^a|^b",
    "(a|b)": "^(a|b)",
    "[|]a": "^[|]a",
    r"a\|b": r"^a\|b",
    "(?i)abc": "(?i)^abc",
    "(?i)^a|b": "(?i)^(?:a|b)",
    "(?m)^a": r"(?m)\A^a",
    r"\Aa": r"\Aa",
    ".*x": "^.*x",
    "": "^",
    "a{1,2}|b": "^(?:a{1,2}|b)",
    "(?:a|b)x": "^(?:a|b)x",
    "[^]|]b": "^[^]|]b",
}


def rewritten(pattern: str, found: Pattern) -> str:
    rest = pattern[found.body + found.caret :]
    return pattern[: found.body] + found.before + rest + found.after


@pytest.mark.parametrize("pattern", ANCHORED)
def test_it_matches_where_it_matched(pattern: str) -> None:
    found = analyse(pattern)
    assert found is not None
    assert found.needs_python == ""
    new = rewritten(pattern, found)
    assert new == ANCHORED[pattern]
    for length in range(5):
        for letters in product("abxA|\n]", repeat=length):
            text = "".join(letters)
            assert bool(re.match(pattern, text)) == bool(re.search(new, text)), text


@pytest.mark.parametrize(
    ("pattern", "odd"),
    [
        (r"^(?!-)a", "(?!"),
        (r"^(?=a)a", "(?="),
        (r"(?<=a)b", "(?<="),
        (r"(?<!a)b", "(?<!"),
        (r"(?P<n>a)(?P=n)", "(?P="),
        (r"(a)\1", r"\1"),
        (r"a\Z", r"\Z"),
        (r"a{,3}", "{"),
        (r"a{x", "{"),
        (r"(?#note)a", "(?#"),
        (r"(?>a)", "(?>"),
        (r"(?a)\w", "(?a)"),
        (r"\0", r"\0"),
        (r"\N{DIGIT ONE}", r"\N"),
        (r"[[a]", "[a"),
        (r"[a&&b]", "&&"),
        (r"[\b]", r"\b"),
    ],
)
def test_it_names_what_only_python_reads_so(pattern: str, odd: str) -> None:
    found = analyse(pattern)
    assert found is not None
    assert found.needs_python == odd


@pytest.mark.parametrize(
    "pattern", [r"\w+", "[a-z0-9-_ ]+", r"[\w\-.]+@x\.y", "(?P<n>a)", "(?:a)?", r"\x41\u0041", "a*?b+?", "(?i:a)b"]
)
def test_the_usual_needs_no_other_engine(pattern: str) -> None:
    found = analyse(pattern)
    assert found is not None
    assert found.needs_python == ""


@pytest.mark.parametrize("pattern", ["(", "^*a", "(?x) a | b # c", "a{2}{3}"])
def test_what_cannot_be_told_is_left_alone(pattern: str) -> None:
    assert analyse(pattern) is None
