"""From the queries of a file to what is said of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from trueup.file import File
from trueup.libraries.sqlalchemy.queries import Form, QueryRewrite
from trueup.libraries.sqlalchemy.sessions import changed_queries
from trueup.model import Hit, Place, Safety, Span
from trueup.types import Callee

from .query_annotations import as_select
from .query_flow import Flow, Journey
from .query_gives import Member
from .query_plans import Plan, is_dml, plans
from .query_sessions import queried


def hits(file: File, code: str, *, dml: bool) -> Iterator[Hit]:
    """What a rule has to say of the queries of a file: of those that update or delete, or of all others."""
    flow = Flow(file, list(queried(file, "" if dml else code)))
    seen: set[int] = set()
    for journey in flow.journeys():
        seen.update(map(id, journey.annotations))
        if any(map(is_dml, journey.members)) is dml:
            yield from _of(journey, flow, code)
    if not dml:
        yield from _annotated(flow, seen)


def _annotated(flow: Flow, seen: set[int]) -> Iterator[Hit]:
    """The functions that say they take a `Query` and are given statements by other files."""
    file = flow.file
    for node in flow.abroad.annotated():
        said = [arg.annotation for arg in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
        places = [as_select(one, file) for one in (*said, node.returns) if one is not None]
        found = [one for one in places if one is not None and id(one[0]) not in seen]
        if found:
            first, rewrite = found[0]
            more = tuple([(file.span(one), other) for one, other in found[1:]])
            text = f"`{node.name}()` says that it takes a legacy `Query` of SQLAlchemy 1, and does what a `select()` "
            text += "can do too: say `Select`"
            yield Hit(first, text, clue=replace(rewrite, more=more), span=file.span(first))


def _of(journey: Journey, flow: Flow, code: str) -> Iterator[Hit]:
    file = flow.file
    changed = changed_queries(file.types) or _own_query(journey, file)
    if changed:
        journey.bad, journey.at = f"{changed}, so that it would not do all that it does", None
    if journey.giver is not None and any(map(is_dml, journey.members)):
        journey.fail(
            "its rows are updated or deleted: write `update()` and `delete()` apart", journey.members[0].chain.top
        )
    found = [] if journey.bad else plans(journey, flow)
    bad = journey.bad or next((plan.bad for plan in found if plan.bad), "")
    parts = [] if bad else _parts(journey, found, flow)
    if not bad and not parts:
        bad = "what becomes of it is written in a way that is not followed"
    if bad:
        yield from _by_hand(journey, flow, bad)
        return
    doubts = [*(doubt for plan in found for doubt in (*plan.doubts, plan.why) if doubt), *journey.doubts]
    group, members = _group(journey, parts, code, file)
    for part in parts:
        yield Hit(
            part.node,
            part.message,
            clue=part.rewrite,
            safety=Safety.UNSAFE if doubts else None,
            why=doubts[0] if doubts else "",
            related=_elsewhere(journey, file),
            group=group,
            members=members,
            span=part.span,
        )


class _Part(Struct, frozen=True):
    """One finding: a chain, or an annotation, that is rewritten."""

    node: ast.expr
    rewrite: QueryRewrite
    message: str
    span: Span


def _parts(journey: Journey, found: list[Plan], flow: Flow) -> list[_Part]:
    """What is found of a query that can be rewritten: one finding for each place that changes.

    Of one that is handed between files there is one for each place that begins it and each that runs what a function
    of the project gave: so many are known to the other files. What changes beside goes along with the first.
    """
    file = flow.file
    parts = [
        _Part(plan.member.chain.top, plan.rewrite, _message(plan, plan.rewrite, file), _span(plan.member, file))
        for plan in found
        if plan.rewrite is not None
    ]
    for node, rewrite in journey.annotations.items():
        new = f"Select[{rewrite.end}]" if rewrite.end else "Select"
        text = f"`{file.segment(node)}` annotates a legacy `Query` of SQLAlchemy 1, which becomes a `{new}`"
        parts.append(_Part(node, rewrite, text, file.span(node)))
    if journey.giver is None:
        return parts
    anchors = [member for member in journey.members if _is_counted(member, flow)]
    own = {id(part.node): part for part in parts}
    taken = {id(member.chain.top) for member in anchors}
    rest = [part for part in parts if id(part.node) not in taken]
    told: list[_Part] = []
    for member in anchors:
        part = own.get(id(member.chain.top))
        if part is None:
            if not rest:
                return []
            part = rest.pop(0)
            session = f"{part.message} (it comes from `{file.segment(member.chain.head)}`)"
            part = replace(part, message=session)
        told.append(part)
    if rest and told:
        more = tuple([(file.span(part.node), part.rewrite) for part in rest])
        told[0] = replace(told[0], rewrite=replace(told[0].rewrite, more=more))
    return told


def _is_counted(member: Member, flow: Flow) -> bool:
    """Whether a chain begins a query, or runs one that a function of the project gave."""
    known = flow.abroad.calls.get(id(member.chain.head))
    return member.seed is not None or (known is not None and known[2])


def _group(journey: Journey, parts: list[_Part], code: str, file: File) -> tuple[str, int]:
    """The group of the findings, and how many it has."""
    if journey.giver is not None:
        return journey.giver.group, journey.giver.members
    first = next(member.chain.head for member in journey.members if member.seed is not None)
    if len(parts) < 2:
        return "", 0
    return f"{code} {file.path}:{first.lineno}:{first.col_offset}", len(parts)


def _elsewhere(journey: Journey, file: File) -> tuple[Place, ...]:
    """Where else the same query is written."""
    giver = journey.giver
    if giver is None:
        return ()
    places = [Place(one.path, one.line, one.column + 1, f"`{giver.name}()` is called") for one in giver.calls]
    return tuple([one for one in places if one.path != file.path][:5])


def _by_hand(journey: Journey, flow: Flow, bad: str) -> Iterator[Hit]:
    file = flow.file
    place = (file.place(journey.at, "here"),) if journey.at is not None else ()
    group, members = (journey.giver.group, journey.giver.members) if journey.giver is not None else ("", 0)
    for member in journey.members:
        if member.seed is not None:
            head: ast.expr = member.seed.call
        elif _is_counted(member, flow):
            head = member.chain.head
        else:
            continue
        verb = "is" if member.seed is not None else "gives"
        text = f"{_old(member, file)} {verb} the legacy `Query` of SQLAlchemy 1, to be rewritten by hand: {bad}"
        related = place if place and not _holds(member, journey.at) else ()
        yield Hit(
            head,
            text,
            safety=Safety.MANUAL,
            why=bad,
            related=related,
            group=group,
            members=members,
            span=_span(member, file),
        )


def _own_query(journey: Journey, file: File) -> str:
    """Why the `query` of a session is more than SQLAlchemy's; empty if it is not."""
    for member in journey.members:
        if member.seed is not None:
            found = file.type_of(member.seed.call.func)
            if isinstance(found, Callee) and not found.qualname.startswith(("sqlalchemy.", "flask_sqlalchemy.")):
                return f"`{member.seed.session}.query()` is a method of the session's own class"
    return ""


def _holds(member: Member, at: ast.AST | None) -> bool:
    return at is None or at.lineno == member.chain.head.lineno  # type: ignore[attr-defined]


def _span(member: Member, file: File) -> Span:
    head = member.chain.head
    if member.seed is not None and isinstance(head, ast.Call):
        func = head.func
        return file.stretch(func.lineno, func.col_offset, func.end_lineno or 0, func.end_col_offset or 0)
    return file.span(head)


def _old(member: Member, file: File) -> str:
    return f"`{member.seed.session}.query()`" if member.seed is not None else f"`{file.segment(member.chain.head)}`"


def _message(plan: Plan, rewrite: QueryRewrite, file: File) -> str:
    member = plan.member
    new = _new(rewrite, rewrite.session or (member.seed.session if member.seed is not None else "session"))
    if member.seed is not None:
        return f"{_old(member, file)} is the legacy `Query` of SQLAlchemy 1: use `{new}`"
    return f"{_old(member, file)} holds a legacy `Query` of SQLAlchemy 1: make it a statement, and use `{new}`"


def _new(rewrite: QueryRewrite, session: str) -> str:
    session = " ".join(session.rpartition(":")[2].split())
    statement = f"{rewrite.verb}(...)"
    match rewrite.form:
        case Form.STATEMENT:
            return statement
        case Form.COUNT | Form.COUNT_ROWS:
            return f"{session}.execute(select(func.count()).select_from(...)).scalar_one()"
        case Form.GET:
            return f"{session}.get(...)"
        case Form.GETTER:
            return f"partial({session}.get, ...)"
        case Form.EXISTS:
            return "select(1).select_from(...).exists()"
        case Form.ASK_EXISTS:
            return f"{session}.scalar(select(...).exists().select())"
    unique = ".unique()" if rewrite.unique else ""
    end = f".{rewrite.end}{'' if rewrite.form is Form.DML else '()'}" if rewrite.end else ""
    return f"{session}.{rewrite.run}({statement}){unique}{end}{rewrite.item}"
