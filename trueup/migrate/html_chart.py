"""Bars of what was done and what is left, as inline SVG in a table that says the same in numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from trueup.report.markup import Child, Raw, tag

KINDS = (
    ("safe", "done, keeps behaviour"),
    ("risky", "done, may change behaviour"),
    ("left", "left for you"),
    ("undecided", "undecided"),
)
"""How a part of a bar is called in the style, and what it means."""


def swatch(kind: str) -> Raw:
    """The colour of a kind, for a legend."""
    return tag("svg", tag("rect", width=11, height=11, rx=2, class_=kind), width=11, height=11, aria_hidden="true")


def chart(rows: Sequence[tuple[Mapping[str, Any], Mapping[str, str]]], name: str, title: str) -> Raw:
    """A table whose rows have bars, all to one scale.

    Args:
        rows: each with the marks that the filter looks at.
        name: what is told of a row first.
        title: what stands above that.
    """
    most = max((sum(_counts(row)) for row, _ in rows), default=0) or 1
    lines = []
    for row, marks in rows:
        counts = _counts(row)
        said = ", ".join(f"{count} {words}" for count, (_, words) in zip(counts, KINDS, strict=True) if count)
        note: Child = f" (taken back: {row['taken_back']})" if row.get("taken_back") else None
        lines.append(
            tag(
                "tr",
                tag("td", row[name], note, class_="name"),
                tag("td", _bar(counts, most, said), class_="bar"),
                tag("td", str(counts[0] + counts[1]), class_="n"),
                tag("td", str(counts[1]), class_="n wide"),
                tag("td", str(counts[2]), class_="n"),
                tag("td", str(counts[3]), class_="n"),
                tag("td", str(row["files"]), class_="n wide"),
                data_leaf=True,
                **marks,
            )
        )
    heads = (("done", "n"), ("risky", "n wide"), ("left", "n"), ("undec.", "n"), ("files", "n wide"))
    head = tag(
        "tr", tag("th", title), tag("th", class_="bar"), (tag("th", words, class_=kind) for words, kind in heads)
    )
    return tag("div", tag("table", tag("thead", head), tag("tbody", lines)), class_="scroll chart")


def _counts(row: Mapping[str, Any]) -> tuple[int, int, int, int]:
    risky = row["edits_that_may_change_behaviour"]
    return row["edits"] - risky, risky, row["left"], row["undecided"]


def _bar(counts: Sequence[int], most: int, said: str) -> Raw:
    """A bar of several kinds; what is not zero can be seen."""
    parts = []
    at = 0.0
    for count, (kind, _) in zip(counts, KINDS, strict=True):
        if count:
            width = max(count / most * 96, 1.0)
            parts.append(tag("rect", x=f"{at:.2f}%", width=f"{width:.2f}%", height=12, class_=kind))
            at += width
    return tag("svg", tag("title", said), parts, role="img", aria_label=said, height=12)
