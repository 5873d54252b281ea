"""The tables of what is covered: every known change has its row, and every row a rule or a reason."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from trueup.registry import rules

RULES = Path(__file__).parent.parent / "docs" / "rules"
CODE = re.compile(r"TU[A-Z]\d{3}")

PYDANTIC = {
    "IMP": 27, "CFG": 24, "OPT": 7, "ANN": 9, "FLD": 15, "REG": 3, "CON": 10, "VAL": 18, "RV": 13, "MET": 26, "FUN": 6,
    "ROOT": 6, "GEN": 4, "DC": 7, "SET": 11, "CT": 4, "ERR": 11, "TYP": 18, "SER": 10, "FA": 20, "V2D": 6,
}  # fmt: skip
"""Family -> how many changes it has."""
ASYNC = {"ASY": 18, "LOOP": 10, "BLK": 25}
SQLALCHEMY = {
    "SAB": 20, "SAC": 22, "SAR": 15, "SAM": 11, "SMD": 10, "SAQ": 30, "SAD": 7, "SAK": 32, "SAX": 8, "SAA": 8,
    "SAV": 14, "SAL": 13,
}  # fmt: skip
CONVENTIONS = {"TT": range(1, 12), "TL": range(1, 15), "TF": range(1, 29), "TS": [*range(1, 16), *range(20, 24)]}
UNUSED = ("SAR13", "TF020")
"""Numbers that no change has."""

FAMILIES = {
    "pydantic": [f"{family}-{number:02d}" for family, count in PYDANTIC.items() for number in range(1, count + 1)],
    "async": [f"{family}-{number:02d}" for family, count in ASYNC.items() for number in range(1, count + 1)],
    "conventions": [
        row
        for family, numbers in CONVENTIONS.items()
        for number in numbers
        if (row := f"{family}{number:03d}") not in UNUSED
    ],
    "sqlalchemy": [
        row
        for family, count in SQLALCHEMY.items()
        for number in range(1, count + 1)
        if (row := f"{family}{number:02d}") not in UNUSED
    ],
}


def table(family: str) -> dict[str, list[str]]:
    """Row -> its other cells."""
    found: dict[str, list[str]] = {}
    for line in (RULES / f"coverage-{family}.md").read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if cells and re.fullmatch(r"[A-Z0-9]+-?\d\d", cells[0]):
            assert cells[0] not in found, f"{cells[0]} stands twice"
            found[cells[0]] = cells[1:]
    return found


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_every_row_has_a_rule_or_a_reason(family: str) -> None:
    rows = table(family)
    assert sorted(rows) == sorted(FAMILIES[family])
    known = rules()
    for row, cells in rows.items():
        assert len(cells) == 4, row
        what, codes, _, remarks = cells
        assert what, f"{row} does not say what changes"
        named = CODE.findall(codes)
        assert named or remarks, f"{row} has neither a rule nor a reason"
        assert set(named) <= set(known), f"{row} names {sorted(set(named) - set(known))}"


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_every_rule_of_the_family_stands_in_its_table(family: str) -> None:
    named = {code for cells in table(family).values() for code in CODE.findall(cells[1])}
    letters = {
        "pydantic": ("TUP",), "async": ("TUA",), "sqlalchemy": ("TUS",), "conventions": ("TUT", "TUL", "TUF", "TUC"),
    }[family]  # fmt: skip
    assert {code for code in rules() if code.startswith(letters)} <= named
