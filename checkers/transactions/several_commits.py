"""A route that commits more than once, so that a failure between two commits leaves half of its work behind.

## Why
One request is one unit of work: all of it is kept, or none. After the first commit nothing takes its writes back.
When the second part fails the client is told so and tries again, on top of what is already there.

## Example
```python
@router.post("/orders")
def create_order(data: OrderIn, db: Session = Depends(get_db)) -> OrderRead:
    order = orders.create(db, data)  # commits
    stock.reserve(db, order)  # commits too, and may raise
    return OrderRead.model_validate(order)
```

## What to do
Which of the writes belong together, and whether the first commit is meant to stay, is a person's to say.
Let the functions below `flush()`, and commit once, where the last of the writes was made. Where the first commit is
meant to stay whatever comes next (a job that is marked as running, an attempt that is counted), say so:
`# trueup: ignore[several-commits]`.

## Limits
Commits are followed through calls whose callee is known, five deep; those in branches that exclude each other, in an
`except` (where they make up for something), or behind a `return` count once, those behind reads alone, or in
functions that are called with `commit=False`, not at all. What only sets attributes of objects before a commit is
missed. One in a loop counts as several, but not where a `try` in the loop looks like another attempt. Only sessions
whose type is known are seen.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from trueup.file import File
from trueup.handlers.routes import holds_routes, route_at
from trueup.index.facts import Attr, Block, CallSite, Name
from trueup.index.project import FunctionSymbol
from trueup.infer import Inference
from trueup.infer.flow import chain
from trueup.libraries.sqlalchemy.transactions import (
    LIBRARIES,
    exclude_each_other,
    is_handler,
    session_methods,
    steps_to,
)
from trueup.model import Hit, Place, Safety, Severity
from trueup.registry import rule

_COMMITS = session_methods("commit")
_WRITES = session_methods(
    "add", "add_all", "bulk_insert_mappings", "bulk_save_objects", "bulk_update_mappings", "delete", "flush", "merge"
)


@rule(
    "TUT102",
    "several-commits",
    on=(ast.FunctionDef, ast.AsyncFunctionDef),
    severity=Severity.WARNING,
    fix=Safety.MANUAL,
    libraries=LIBRARIES,
    where=holds_routes,
    url="https://docs.sqlalchemy.org/en/20/orm/session_basics.html#when-do-i-construct-a-session-when-do-i-commit-it-and-when-do-i-close-it",
    effort=15,
)
def check(node: ast.FunctionDef | ast.AsyncFunctionDef, file: File) -> Iterator[Hit]:
    route = route_at(node, file)
    if route is None:
        return
    found = _split(file.types, route, {route.qualname})
    if found is None:
        return
    function, first, second = found
    place = function.file.path
    if first is second:
        what = f"commits in a loop ({place}:{first.pos.line})"
    else:
        what = f"commits more than once ({place}:{first.pos.line} and {second.pos.line})"
    below = "" if function is route else f" in `{function.facts.qualname}`"
    yield Hit(
        node,
        f"`{node.name}` {what}{below}, so a failure in between leaves half of the request's work behind: "
        "flush there, and commit once at the end",
        related=tuple(
            Place(place, one.pos.line, one.pos.column + 1, "commits, here or below")
            for one in ((first,) if first is second else (first, second))
        ),
        span=file.header(node),
    )


def _split(
    types: Inference, function: FunctionSymbol, seen: set[str]
) -> tuple[FunctionSymbol, CallSite, CallSite] | None:
    """The nearest function that commits twice in one pass, with the two calls, or one twice where it is in a loop."""
    steps = [
        one for one in steps_to(types, function, _COMMITS) if one[1] is not None or _writes(types, function, one[0])
    ]
    blocks = function.facts.scope.blocks
    for index, (first, _) in enumerate(steps):
        for second, below in steps[index + 1 :]:
            if exclude_each_other(blocks, first, second):
                continue
            if below is not None or _writes(types, function, second, since=first):
                return function, first, second
    for call, _ in steps:
        if _is_repeated(blocks, call):
            return function, call, call
    for _, below in steps:
        if below is not None and below.qualname not in seen:
            seen.add(below.qualname)
            found = _split(types, below, seen)
            if found is not None:
                return found
    return None


def _writes(types: Inference, function: FunctionSymbol, commit: CallSite, since: CallSite | None = None) -> bool:
    """Whether something is written before a commit; one behind reads alone only begins a new transaction."""
    start = (since.pos.end_line, since.pos.end_column) if since is not None else (0, 0)
    end = (commit.pos.line, commit.pos.column)
    written = [call for call, _ in steps_to(types, function, _WRITES)]
    for one in function.facts.scope.calls:
        func = one.call.func
        name = func.attr if isinstance(func, Attr) else func.id if isinstance(func, Name) else ""
        if name in ("insert", "update", "delete"):
            written.append(one)
    return any(start <= (one.pos.line, one.pos.column) < end for one in written)


def _is_repeated(blocks: Sequence[Block], call: CallSite) -> bool:
    """Whether a call runs in each round of a loop."""
    for block in chain(blocks, call.block):
        if blocks[block].kind in ("loop", "comprehension"):
            return not blocks[block].leaves
        if blocks[block].kind == "try" or blocks[block].leaves or is_handler(blocks, block):
            return False
    return False
