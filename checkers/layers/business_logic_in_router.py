"""Business logic in a route function, where nothing else can call it and no test reaches it without a request.

## Why
A route function translates: it takes the request apart, has a service do the work, and makes a response of what comes
back. Where it also decides, calculates and writes, that work cannot be used by a task, a command or another route,
can only be tested through HTTP, and is repeated, a little different each time, in the next route that needs it.

## Example
```python
@router.post("/orders/{order_id}/cancel")
def cancel_order(order_id: int, db: Session = Depends(get_db)) -> OrderRead:
    order = db.get(Order, order_id)
    if order is None:
        raise HTTPException(404)
    if order.status == "shipped":
        raise HTTPException(409, "already shipped")
    order.status = "cancelled"
    for line in order.lines:
        line.product.stock += line.quantity
    db.add(AuditEntry(order_id=order.id, action="cancel"))
    db.commit()
    return OrderRead.model_validate(order)
```
Use instead, with the work in a service that raises errors of its own:
```python
@router.post("/orders/{order_id}/cancel")
def cancel_order(order_id: int, orders: OrderService = Depends(get_orders)) -> OrderRead:
    try:
        return OrderRead.model_validate(orders.cancel(order_id))
    except OrderNotFound:
        raise HTTPException(404) from None
    except OrderShipped as error:
        raise HTTPException(409, str(error)) from error
```

## Points
Each route gets points for what it does; from `router-logic-threshold` on (4, if not set) it is reported, as advice,
and from 6 on as a warning. The finding names everything that counted, with its lines.

| Counts | Points | |--|--| | two different writes on one path; more of them | 3; 4 | | a write in a loop | 3 | |
changes a domain object in one place; in more, or each of several | 2; 3 | | a write, and a message about it | 2 | |
calculates with values of objects | 2 | | decides by what a service or the database gave | 1 each, at most 4 | | turns
the request down by a business rule | 1 each, at most 3 | | changes the application's state | 2 | | sets a field of
the request's body | 1 | | with one of the first five: a loop, a repairing `except`, a filter, a nested function, two
`x if c else y` | 1 each | | with one of the first five: more than 8, more than 12 statements that are no plumbing |
1, 2 |

Plumbing costs nothing: one call whose result is kept or returned, a query, `404` for what is missing, `401` and
`403`, `except` that raises or rolls back, responses, headers, cookies, background tasks, and what the request alone
decides. What a GET route changes of an object without a write or a commit is taken for its answer and costs 1.

## Fix safety
The fix moves the body of the route to a function of a service and calls it there; the route keeps its decorators, its
parameters and its docstring, what it asks at its top about who calls, and the answer it makes at its end of what was
found. So `app.openapi()` and the answers stay as they are. What the body reads of the parameters becomes parameters,
the session first, the others by keyword, with the annotations of the route (`Annotated[T, Depends(...)]` is `T`).
Functions and constants of the router's file that the body needs, and a logger, go with it; what other routes use too
is imported back.

The work goes to the class of the one service that the route is given; else to the service of the same name or beside
the router, as a method where it is one class made with a session, else as a function. A project that has none yet
gets a module: where its services are (`services/public/` for `routes/public/`), else next to the router, in the style
of most of them and with the router's notice of copyright. `api_cancel_order` is `cancel_order` there.

`HTTPException(404, ...)` becomes an error of the service that carries the same detail and headers, with the status in
its class, and the route turns it back into the same response. The errors stand in the service's module.

It is unsafe: tracebacks and records of a logger name another module, a test that replaces a name of the router's file
no longer reaches what moved, and what stands in for a service in tests lacks the new method.

There is no fix, but the finding tells the plan and what stands against it, with lines, where the body uses the
request, an upload, a response or a class of the router's file; where a parameter has no annotation; where a function
that it needs raises an `HTTPException` and is used elsewhere too; where it catches `HTTPException`, or `Exception`
around one that it raises; where a status is no constant; where a name is taken in the service, or an import would go
round in a circle, also if the service is what is imported first; and in methods, in functions inside others, with
`yield` or `global`.

## Limits
It is a score, not a proof: at 4 points one report in five is a matter of taste, from 6 on one in ten. What a call of
the project's own function writes is known by its name and by what it reaches; a call of something that is not known
is a write only if what it is called on has the name of something that keeps data (`users_repo.create`). Long work
that has neither writes, nor decisions, nor sums is not seen. Web sockets, dependencies and tests are left alone.
Where a route is a composition by nature (an OAuth callback, a webhook), say so: `# trueup:
ignore[business-logic-in-router]`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from msgspec import Struct

from trueup.file import File
from trueup.handlers.extraction import plan, told
from trueup.handlers.logic import Kind, Signal, signals
from trueup.handlers.routes import holds_routes, route_at
from trueup.libraries.fastapi import route_decorator
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_THRESHOLD = 4
_GRAVE = 6
_MOST_DECISIONS, _MOST_RULES = 4, 3
_LONG, _VERY_LONG = 8, 12


class Count(Struct, frozen=True):
    """One reason for points; `hard`: enough to make what else is there part of the logic."""

    points: int
    words: str
    hard: bool = False


@rule(
    "TUL101",
    "business-logic-in-router",
    on=(ast.FunctionDef, ast.AsyncFunctionDef),
    severity=Severity.WARNING,
    fix=Safety.UNSAFE,
    libraries=("fastapi",),
    where=holds_routes,
    effort=20,
    step="layers",
)
def check(node: ast.FunctionDef | ast.AsyncFunctionDef, file: File) -> Iterator[Hit]:
    route = route_at(node, file)
    if route is None:
        return
    facts = route.facts
    site = file.types.definition_site(facts, file.facts)
    verbs = [route_decorator(file.types, one, site) for one in facts.decorators]
    counts = weigh(signals(file, node), reads="get" in verbs)
    score = sum(one.points for one in counts)
    threshold = file.config.router_logic_threshold
    if score < (threshold if threshold is not None else _THRESHOLD):
        return
    moved = plan(file, facts, node)
    yield Hit(
        node,
        f"`{node.name}` (score {score}) holds business logic: {', '.join(one.words for one in counts)}; "
        "move it to a service",
        clue=moved.extraction,
        safety=None if moved.extraction is not None else Safety.MANUAL,
        why=told(moved),
        severity=Severity.WARNING if score >= _GRAVE else Severity.ADVICE,
        span=file.header(node),
    )


def weigh(found: list[Signal], *, reads: bool = False) -> list[Count]:
    """What counts against a route, the gravest first; `reads`: it answers GET, so that a change may be its answer."""
    lines: dict[Kind, list[int]] = {}
    for one in found:
        lines.setdefault(one.kind, []).append(one.line)
    shaped: list[int] = []
    if reads and not lines.keys() & {Kind.WRITE, Kind.COMMIT}:
        shaped = sorted([*lines.pop(Kind.MUTATION, []), *lines.pop(Kind.BULK_MUTATION, [])])
    counts = [*_hard(lines), *_soft(lines)]
    if shaped:
        counts.append(Count(1, f"changes domain objects it only reads {_at(shaped)}"))
    if any(one.hard for one in counts):
        counts += _company(lines)
    return counts


def _hard(lines: dict[Kind, list[int]]) -> Iterator[Count]:
    writes = lines.get(Kind.WRITE, [])
    if len(writes) > 1:
        yield Count(3 if len(writes) == 2 else 4, f"writes {_times(len(writes))} {_at(writes)}", True)
    if looped := lines.get(Kind.LOOP_WRITE):
        yield Count(3, f"a write in a loop {_at(looped)}", True)
    bulk = lines.get(Kind.BULK_MUTATION, [])
    if changed := sorted([*lines.get(Kind.MUTATION, []), *bulk]):
        yield Count(3 if bulk or len(changed) > 1 else 2, f"changes domain objects {_at(changed)}", True)
    sent = lines.get(Kind.SEND)
    if sent and writes:
        yield Count(2, f"a write and a message about it {_at(sorted([*writes[-1:], *sent]))}", True)
    if sums := lines.get(Kind.ARITHMETIC):
        yield Count(2, f"calculates {_at(sums)}", True)


def _soft(lines: dict[Kind, list[int]]) -> Iterator[Count]:
    if decisions := lines.get(Kind.DECISION):
        yield Count(min(len(decisions), _MOST_DECISIONS), f"decides on domain data {_at(decisions)}")
    if rules := lines.get(Kind.RULE):
        yield Count(min(len(rules), _MOST_RULES), f"applies business rules {_at(rules)}")
    if state := lines.get(Kind.STATE):
        yield Count(2, f"changes the application's state {_at(state)}")
    if stamps := lines.get(Kind.STAMP):
        yield Count(1, f"sets fields of the request's body {_at(stamps)}")


def _company(lines: dict[Kind, list[int]]) -> Iterator[Count]:
    """What is logic only beside something else that is."""
    for kind, least, name in (
        (Kind.LOOP, 1, "loops"),
        (Kind.RECOVERY, 1, "repairs after an error"),
        (Kind.FILTER, 1, "filters"),
        (Kind.NESTED, 1, "a function of its own"),
        (Kind.CHOICE, 2, "chooses values"),
    ):
        if len(lines.get(kind, [])) >= least:
            yield Count(1, f"{name} {_at(lines[kind])}")
    statements = len(lines.get(Kind.STATEMENT, []))
    if statements > _LONG:
        yield Count(2 if statements > _VERY_LONG else 1, f"{statements} statements that are no plumbing")


def _times(number: int) -> str:
    return "twice" if number == 2 else f"{number} times"


def _at(lines: list[int]) -> str:
    """`(line 3)`, `(lines 3, 5)`, each line once."""
    each = sorted(set(lines))
    return f"(line{'s' if len(each) > 1 else ''} {', '.join(map(str, each))})"
