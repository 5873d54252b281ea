"""How many findings each rule has, and how many of them a machine can repair."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from trueup.model import Finding, Rule, Safety

from .screen import Paint, escape
from .text import plural


@dataclass(frozen=True, slots=True)
class Row:
    """One rule's share."""

    code: str
    name: str
    count: int
    fixable_count: int
    """How many the flags of this run would repair."""
    effort: int
    """Minutes of a person's work for those that no fix can repair."""

    @property
    def fixable(self) -> bool:
        """Whether a machine repairs any of them."""
        return self.fixable_count > 0

    @property
    def mark(self) -> str:
        """`[*]` all are repaired by machine, `[-]` some, `[ ]` none."""
        return "[*]" if self.fixable_count == self.count else "[-]" if self.fixable else "[ ]"


def count(findings: Iterable[Finding], rules: Mapping[str, Rule], *, unsafe: bool) -> list[Row]:
    """One row a rule, the most frequent first, then by code; `unsafe` counts unsafe fixes as fixable."""
    applied = (Safety.SAFE, Safety.UNSAFE) if unsafe else (Safety.SAFE,)
    counts: Counter[tuple[str, str]] = Counter()
    fixable: Counter[str] = Counter()
    effort: Counter[str] = Counter()
    for finding in findings:
        counts[finding.code, finding.name] += 1
        fixable[finding.code] += finding.safety in applied
        if not finding.fixable and finding.code in rules:
            effort[finding.code] += rules[finding.code].effort
    rows = [Row(code, name, n, fixable[code], effort[code]) for (code, name), n in counts.items()]
    return sorted(rows, key=lambda row: (-row.count, row.code))


def table(rows: Sequence[Row], paint: Paint, urls: Mapping[str, str] | None = None) -> str:
    """`count  code  mark  name`, a line a rule, and the totals; `urls`: code -> where more is said of it."""
    if not rows:
        return "Found nothing.\n"

    def code(row: Row) -> str:
        return paint.link(paint.bold(row.code), (urls or {}).get(row.code, ""))

    width = max(len(str(row.count)) for row in rows)
    lines = [f"{row.count:>{width}}  {code(row)}  {paint.fix(row.mark)}  {row.name}\n" for row in rows]
    total, fixable = sum(row.count for row in rows), sum(row.fixable_count for row in rows)
    minutes = sum(row.effort for row in rows)
    by_hand = f", about {plural(minutes, 'minute')} of work by hand" if minutes else ""
    lines.append(f"Found {plural(total, 'finding')} of {plural(len(rows), 'rule')}, {fixable} fixable{by_hand}.\n")
    return "".join(lines)


def as_dicts(rows: Iterable[Row]) -> Iterator[dict[str, object]]:
    """The rows as data."""
    for row in rows:
        yield {
            "code": row.code, "name": row.name, "count": row.count, "fixable": row.fixable,
            "fixable_count": row.fixable_count, "effort": row.effort,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Share:
    """What one file or owner has of the findings."""

    name: str
    count: int
    fixable_count: int
    effort: int


def shares(
    findings: Iterable[Finding], rules: Mapping[str, Rule], name_of: Callable[[str], str], *, unsafe: bool
) -> list[Share]:
    """One share for each name that paths have, the greatest first; `unsafe` as in `count`."""
    applied = (Safety.SAFE, Safety.UNSAFE) if unsafe else (Safety.SAFE,)
    counts: dict[str, list[int]] = {}
    for finding in findings:
        row = counts.setdefault(name_of(finding.path), [0, 0, 0])
        row[0] += 1
        row[1] += finding.safety in applied
        if not finding.fixable and finding.code in rules:
            row[2] += rules[finding.code].effort
    return sorted((Share(name, *row) for name, row in counts.items()), key=lambda share: (-share.count, share.name))


def shares_table(rows: Sequence[Share], paint: Paint) -> str:
    """`count  fixable  minutes by hand  name`, a line a share."""
    if not rows:
        return "Found nothing.\n"
    head = ("findings", "fixable", "minutes by hand")
    lines = ["  ".join((*head, "")).rstrip() + "\n"]
    for row in rows:
        cells = (row.count, row.fixable_count, row.effort)
        numbers = "  ".join(f"{cell:>{len(title)}}" for cell, title in zip(cells, head, strict=True))
        lines.append(f"{numbers}  {paint.bold(escape(row.name))}\n")
    total = sum(row.count for row in rows)
    lines.append(f"Found {plural(total, 'finding')}, {sum(row.fixable_count for row in rows)} fixable.\n")
    return "".join(lines)


def shares_as_dicts(rows: Iterable[Share], what: str) -> Iterator[dict[str, object]]:
    """The shares as data; `what` they are of: `file`, `owner`."""
    for row in rows:
        yield {what: row.name, "count": row.count, "fixable_count": row.fixable_count, "effort": row.effort}
