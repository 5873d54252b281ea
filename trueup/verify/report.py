"""A comparison as a table for people, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from trueup.report.screen import Paint, escape
from trueup.report.text import plural

from .command import Ran
from .compare import Comparison, Difference, Kind
from .looking import State
from .program import Program

_SPOKEN = {
    Kind.MODULE: "modules imported",
    Kind.TABLE: "tables",
    Kind.MAPPING: "mapped classes",
    Kind.SCHEMA: "schemas of models",
    Kind.OPENAPI: "parts of OpenAPI",
    Kind.COMMAND: "commands",
}
_SHOWN = 40
"""Modules that cannot be imported for one reason, before it is only said how many more there are."""


@dataclass(frozen=True)
class Side:
    """One side, as it was asked for and as it is."""

    shown: str
    """What the user called it."""
    program: Program
    state: State

    def versions(self) -> str:
        """`Python 3.11.7, pydantic 2.14.3`."""
        parts = [f"Python {self.state.python}", *(f"{name} {version}" for name, version in self.state.versions.items())]
        return ", ".join(parts)


def as_text(
    before: Side, after: Side, found: Comparison, ran: Ran | None, paint: Paint, *, verbose: bool
) -> Iterator[str]:
    """The lines of the report, the summary last; `verbose`: with the files that were not imported."""
    for name, side in (("before", before), ("after", after)):
        yield f"{paint.bold(f'{name:<8}')}{escape(side.shown)}: {escape(side.versions())}"
        yield f"        run by {escape(side.program.python)} in {escape(side.program.folder)}"
    yield ""
    yield f"{'':<22}{'compared':>9}{'different':>11}"
    for kind in Kind:
        count, differing = len(found.compared[kind]), found.differing(kind)
        if count or differing:
            row = f"{_SPOKEN[kind]:<22}{count:>9}{differing:>11}"
            yield paint(row, 31) if differing else row
    if ran is not None:
        for name, ended in (("before", ran.before), ("after", ran.after)):
            yield f"`{escape(ran.command)}` {name}: {ended.how} in {ended.seconds:.1f} s"
    lines = list(differences(found.differences, paint))
    if lines:
        yield ""
        yield from lines
    for note in found.notes:
        yield ""
        yield f"note: {escape(note)}"
    if verbose:
        yield ""
        for path, why in after.program.left_out.items():
            yield f"not imported: {escape(path)}: {escape(why)}"
    yield ""
    yield summary(found)


def summary(found: Comparison) -> str:
    """One line."""
    total = len(found.differences)
    if not total:
        return "Nothing differs." if not found.notes else "Nothing differs in what could be compared."
    names = {(one.kind, one.name) for one in found.differences}
    return f"{plural(total, 'difference')} in {plural(len(names), 'place')}."


def differences(found: Sequence[Difference], paint: Paint) -> Iterator[str]:
    """Each difference with its place and both sides; modules that fail for one reason together."""
    reasons: dict[str, list[str]] = {}
    for one in found:
        if one.kind is Kind.MODULE:
            reasons.setdefault(one.after, []).append(one.name)
    for why, names in reasons.items():
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        yield f"{paint.bold('no longer imported')} {escape(', '.join(names[:_SHOWN]))}{more}"
        yield f"    {escape(why)}"
    last: tuple[Kind, str] | None = None
    for one in _of_all_dialects(found):
        if (one.kind, one.name) != last:
            last = (one.kind, one.name)
            home = f"  ({escape(one.module)})" if one.module and not one.name.startswith(one.module) else ""
            yield f"{paint.bold(f'{one.kind} {escape(one.name)}')}{home}"
        if one.part:
            yield f"  {escape(one.part)}"
        yield from _side("before", one.before, paint, 31)
        yield from _side("after", one.after, paint, 32)


def _of_all_dialects(found: Sequence[Difference]) -> list[Difference]:
    """The differences but those of modules; what is the same in several dialects is told once."""
    parts: dict[Difference, list[str]] = {}
    for one in found:
        if one.kind is not Kind.MODULE:
            key = replace(one, part="") if one.kind is Kind.TABLE else one
            parts.setdefault(key, []).append(one.part)
    return [replace(one, part=", ".join(some)) for one, some in parts.items()]


def _side(name: str, text: str, paint: Paint, colour: int) -> Iterator[str]:
    for number, line in enumerate(text.splitlines() or [""]):
        yield f"    {paint(f'{name:<8}' if not number else ' ' * 8, colour)}{escape(line)}"


def as_json(before: Side, after: Side, found: Comparison, ran: Ran | None) -> str:
    """The same for programs: one object."""
    document: dict[str, Any] = {
        "version": 1,
        "same": not found.differences,
        "before": _side_as_json(before),
        "after": _side_as_json(after),
        "compared": {kind: {"count": len(found.compared[kind]), "different": found.differing(kind)} for kind in Kind},
        "differences": [asdict(one) for one in found.differences],
        "notes": found.notes,
        "command": None
        if ran is None
        else {
            "command": ran.command,
            **{
                name: {"exit_code": ended.code, "seconds": round(ended.seconds, 1), "output": ended.said}
                for name, ended in (("before", ran.before), ("after", ran.after))
            },
        },
    }
    return json.dumps(document, indent=2) + "\n"


def _side_as_json(side: Side) -> dict[str, Any]:
    return {
        "name": side.shown,
        "folder": side.program.folder,
        "python": side.program.python,
        "versions": {"python": side.state.python, **side.state.versions},
        "imported": side.state.imported,
        "failed": side.state.failed,
        "left_out": dict(side.program.left_out),
    }
