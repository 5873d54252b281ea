"""How a plan tells how far an application is from `AsyncSession`: for people, and as data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from trueup.report.screen import Paint, escape
from trueup.report.text import plural

from .report import places

if TYPE_CHECKING:
    from trueup.libraries.sqlalchemy.to_async import Conversion, Hurdle

_SHOWN = 3
"""So many places of one kind of hurdle are shown in short."""


def lines(found: Conversion | None, paint: Paint, *, verbose: bool) -> list[str]:
    """The plan for people: what uses a session on the loop, which functions lie between, and what stands in the way.

    `verbose`: each function, with all that stands in its way.
    """
    if found is None or not found.starts:
        return []
    starts, ready = len(found.starts), len(found.ready)
    title = f"From Session to AsyncSession: {_parts_of_the_application(found)}, through {_functions(found)}"
    result = [
        paint.bold(title),
        "  Another way than plain `def` routes. Nothing of it is done by machine so far.",
        f"  Nothing stands in the way of {ready} of {starts}.",
    ]
    if found.makers:
        result.append("  What makes sessions:")
        result += [f"    {line}" for line in _grouped(found.makers)]
    hurdles = [hurdle for one in found.functions for hurdle in one.hurdles]
    if hurdles and not verbose:
        result.append("  What stands in the way (-v shows it by function):")
        result += [f"    {line}" for line in _grouped(hurdles)]
    if verbose:
        for one in found.functions:
            what = "is async already" if one.is_async else "becomes async"
            awaits = f"{plural(one.awaits, 'call')} to await"
            result.append(f"  {escape(f'{one.path}:{one.line}')} `{escape(one.name)}` {what}, {awaits}")
            result += [f"    {escape(h.why)} ({escape(f'{h.path}:{h.line}')})" for h in one.hurdles]
    return result


def _parts_of_the_application(found: Conversion) -> str:
    kinds = Counter(one.kind for one in found.starts)
    texts = [plural(count, f"async {kind}").replace("dependencys", "dependencies") for kind, count in kinds.items()]
    head = ", ".join(texts[:-1])
    return f"{head} and {texts[-1]} use a sync session" if head else f"{texts[0]} use a sync session"


def _functions(found: Conversion) -> str:
    plain = [one for one in found.functions if not one.is_async]
    free = sum(not one.hurdles for one in plain)
    return f"{plural(len(plain), 'plain function')} ({free} with nothing in the way)"


def _grouped(hurdles: tuple[Hurdle, ...] | list[Hurdle]) -> Iterator[str]:
    """One line for each kind of hurdle: what it is, and where."""
    grouped: dict[str, list[tuple[str, int]]] = {}
    for one in hurdles:
        grouped.setdefault(one.why, []).append((one.path, one.line))
    for why, found in sorted(grouped.items(), key=lambda item: -len(item[1])):
        where = places(found)
        more = f" and {len(where) - _SHOWN} more files" if len(where) > _SHOWN else ""
        yield f"{escape(why)}: {'; '.join(where[:_SHOWN])}{more}"


def data(found: Conversion | None) -> dict[str, Any] | None:
    """The same as plain data; None where it was not asked for, or nothing uses a sync session on the loop."""
    if found is None or not found.starts:
        return None
    ready = {(one.path, one.line) for one in found.ready}
    return {
        "starts": [
            {
                "kind": one.kind,
                "name": one.name,
                "path": one.path,
                "line": one.line,
                "ready": (one.path, one.line) in ready,
                "through": list(one.through),
            }
            for one in found.starts
        ],
        "functions": [
            {
                "name": one.name,
                "path": one.path,
                "line": one.line,
                "async": one.is_async,
                "calls_to_await": one.awaits,
                "in_the_way": [_hurdle(hurdle) for hurdle in one.hurdles],
            }
            for one in found.functions
        ],
        "sessions": [_hurdle(one) for one in found.makers],
    }


def _hurdle(one: Hurdle) -> dict[str, Any]:
    return {"what": one.why, "path": one.path, "line": one.line}
