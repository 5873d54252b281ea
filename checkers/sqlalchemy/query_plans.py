"""What becomes of a chain: by which method of the session it is run, and what follows."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from trueup.file import File
from trueup.libraries.sqlalchemy.handed import dotted
from trueup.libraries.sqlalchemy.queries import CLOSERS, PARTS, REFUSED, Act, Form, Link, QueryRewrite
from trueup.types import Callee

from .query_chains import Part, Use
from .query_flow import Flow, Journey
from .query_gives import Member
from .query_items import Item, Kind
from .query_shapes import Shape, advanced

_GETTING = frozenset({"options", "populate_existing", "with_for_update"})
_COUNTED = frozenset({"filter", "where", "filter_by"})
"""What may stand between the entity and its count without a subquery."""
_DML_MIDDLES = frozenset({"filter", "where", "filter_by", "execution_options", "options"})


class Plan(Struct, frozen=True):
    """What becomes of one chain; `rewrite` is None where it stays as it is written."""

    member: Member
    rewrite: QueryRewrite | None = None
    bad: str = ""
    doubts: tuple[str, ...] = ()
    why: str = ""
    """Why behaviour may change."""


def is_dml(member: Member) -> bool:
    """Whether a chain ends in a bulk update or delete."""
    end = member.chain.end
    return end is not None and end.name in ("update", "delete") and isinstance(end.node, ast.Call)


def plans(journey: Journey, flow: Flow) -> list[Plan]:
    """What becomes of each chain of a query."""
    verbs = {m.chain.end.name for m in journey.members if is_dml(m) and m.chain.end is not None}
    reading = (Use.RUN, Use.ITERATED, Use.DICT, Use.LISTED, Use.PART)
    runs = [m for m in journey.members if m.context.use in reading]
    if verbs and (len(verbs) > 1 or not all(map(is_dml, runs))):
        why = "it is read and then updated or deleted through the same variable: write `update()` and `delete()` apart"
        return [Plan(journey.members[0], bad=why)]
    verb = verbs.pop() if verbs else "select"
    return [_plan(member, verb, flow, journey.giver is not None) for member in journey.members]


def _may_stay(link: Link, abroad: bool) -> bool:
    """Whether a method of a query is one of a statement too; a statement that comes from abroad has a `filter()`."""
    return link.act is Act.KEEP or (abroad and link == Link(Act.RENAME, "where"))


def _plan(member: Member, verb: str, flow: Flow, abroad: bool) -> Plan:
    file, end = flow.file, member.chain.end
    shape = flow.before(member)
    if shape is None:
        return Plan(member, bad="what it selects is not known")
    links: list[Link] = []
    for part in member.chain.middles:
        shape, link = advanced(shape, part, file)
        links.append(link)
    if end is not None and end.name in REFUSED:
        return Plan(member, bad=f"`.{end.name}()` has no counterpart: {REFUSED[end.name]}")
    if shape.bad:
        return Plan(member, bad=shape.bad)
    if shape.open and not _works_anyway(member):
        return Plan(member, bad=shape.open)
    if member.seed is None and member.context.use in (Use.RUN, Use.ITERATED, Use.DICT, Use.LISTED):
        if not shape.session:
            return Plan(member, bad="it may come from one session or another")
        if obstacle := _session_at(member, shape.session, flow):
            return Plan(member, bad=obstacle)
    if verb != "select":
        return _dml(member, shape, links, verb, file)
    found = _form(member, shape, links)
    if isinstance(found, str):
        return Plan(member, bad=found)
    unchanged = found.form is Form.STATEMENT and all(_may_stay(link, abroad) for link in found.links)
    if unchanged and member.seed is None:
        return Plan(member, doubts=shape.doubts)
    return Plan(member, found, doubts=shape.doubts, why=_doubt(member, shape))


def _works_anyway(member: Member) -> bool:
    """Whether a chain becomes the same for a mapped class and for a column; `get()`, bulk updates: for classes only."""
    end = member.chain.end
    if member.context.use is Use.RUN:
        return end is not None and end.name in ("count", "get", "update", "delete")
    return member.context.use not in (Use.ITERATED, Use.DICT, Use.LISTED)


def _doubt(member: Member, shape: Shape) -> str:
    end = member.chain.end
    if member.context.use is Use.LISTED:
        return "it is run where it stands, and no longer each time it is gone through"
    if end is not None and end.name == "[]" and isinstance(end.node, ast.Subscript):
        match end.node.slice:
            case ast.Slice(lower=lower, upper=ast.expr() as upper) if lower is not None:
                if not all(isinstance(one, ast.Constant) for one in (lower, upper)) and not _is_window(lower, upper):
                    return "where the end of the slice is not behind its beginning, the database is asked all the same"
    return ""


def _is_window(lower: ast.expr, upper: ast.expr) -> bool:
    """Whether a slice is `[start : start + size]`."""
    return isinstance(upper, ast.BinOp) and isinstance(upper.op, ast.Add) and ast.dump(upper.left) == ast.dump(lower)


def _session_at(member: Member, session: str, flow: Flow) -> str:
    """Why the session that the query began with cannot be had where it is run; empty if it can."""
    if ":" in session:
        return ""  # it will be imported
    expr = ast.parse(session, mode="eval").body
    if any(isinstance(node, ast.Call | ast.Subscript | ast.Await) for node in ast.walk(expr)):
        known = next((seed.call for seed in flow.seeds.values() if seed.session == session), None)
        if not _is_of_object(expr) and (known is None or not _gives_the_same(known, flow.file)):
            return f"`{session}` may give another session where it is run: keep the session in a variable"
    while isinstance(expr, ast.Attribute | ast.Call):
        expr = expr.value if isinstance(expr, ast.Attribute) else expr.func
    head = member.chain.head
    function = flow.file.function_at(head)
    if isinstance(expr, ast.Name) and function is None:
        return ""
    if not isinstance(expr, ast.Name) or function is None:
        return "" if isinstance(expr, ast.Name) else f"`{session}` is not a plain name"
    bindings = flow.file.project.names(function.scope).bindings.get(expr.id, [])
    given = any(param.name == expr.id for param in function.params)
    if len([b for b in bindings if b.how != "narrow"]) + given > 1:
        return f"`{expr.id}` is bound more than once, and may be another session where the query is run"
    return ""


def _is_of_object(expr: ast.expr) -> bool:
    """Whether a session is that of an object, `object_session(self)`: the same as long as it stays in one."""
    match expr:
        case ast.Call(func=ast.Name(id="object_session") | ast.Attribute(attr="object_session"), args=[ast.Name()]):
            return True
    return False


def _gives_the_same(query: ast.Call, file: File) -> bool:
    """Whether the calls in a session's expression do nothing but read attributes: `return self.app.session`."""
    assert isinstance(query.func, ast.Attribute)
    for node in ast.walk(query.func.value):
        if isinstance(node, ast.Subscript | ast.Await):
            return False
        if isinstance(node, ast.Call):
            found = file.type_of(node.func)
            symbol = file.project.function(found.qualname) if isinstance(found, Callee) else None
            if symbol is None or node.args or node.keywords or symbol.facts.is_async or symbol.facts.decorators:
                return False
            if not symbol.facts.returned or not all(dotted(value) for value, _, _ in symbol.facts.returned):
                return False
            if any(binding.how != "narrow" for binding in symbol.facts.scope.bindings):
                return False
    return True


# Reading -------------------------------------------------------------------------------------------------------------


def _form(member: Member, shape: Shape, links: list[Link]) -> QueryRewrite | str:
    """The new form of a chain that reads; a text says why there is none."""
    use, end = member.context.use, member.chain.end
    session = "" if member.seed is not None else shape.session
    run = "scalars" if shape.is_entity else "execute"
    reading = QueryRewrite(Form.RUN, tuple(links), session, run=run, unique=shape.unique)
    if use is Use.ITERATED:
        return reading
    if use in (Use.DICT, Use.LISTED):
        return replace(reading, end="all")
    if end is None:
        return QueryRewrite(Form.STATEMENT, tuple(links))
    if isinstance(end.node, ast.Subscript):
        return _sliced(end.node, reading)
    if end.name == "get" and isinstance(end.node, ast.Attribute):
        if member.seed is None or member.chain.middles or not (shape.is_entity or shape.open):
            return "`get` is handed on as a function: hand on `lambda key: session.get(Entity, key)`"
        return QueryRewrite(Form.GETTER, (*links, Link(Act.END)))
    if not isinstance(end.node, ast.Call):
        return QueryRewrite(Form.STATEMENT, (*links, Link(Act.END)))
    if end.name in CLOSERS or end.name in PARTS:
        return _part(member, end, shape, links)
    links = [*links, Link(Act.END)]
    reading = replace(reading, links=tuple(links))
    match end.name:
        case "all" | "one" | "one_or_none":
            return replace(reading, end=end.name)
        case "first":
            limited = "from_statement" in shape.used or _limits_to_one(member.chain.middles)
            return replace(reading, end="first", one_row=not limited, unique=False)
        case "scalar":
            if _asks_exists(member):
                return QueryRewrite(Form.ASK_EXISTS, tuple(links), run="scalar")
            if shape.single:
                return replace(reading, run="scalar", unique=False)
            return replace(reading, run="execute", end="scalar_one_or_none")
        case "count":
            plain = shape.is_entity and shape.used <= _COUNTED and member.seed is not None
            return QueryRewrite(Form.COUNT_ROWS if plain else Form.COUNT, tuple(links), session=session)
        case "get":
            return _got(member, shape, links, end.node)
    return f"`.{end.name}()` has no counterpart on a result: select what it asks for and run that"


def _limits_to_one(middles: Sequence[Part]) -> bool:
    """Whether the last method is `limit(1)` already."""
    match middles[-1:]:
        case [Part(name="limit", node=ast.Call(args=[ast.Constant(value=1)]))]:
            return True
    return False


def _asks_exists(member: Member) -> bool:
    """Whether it is `session.query(query.exists()).scalar()` and nothing more."""
    if member.seed is None or member.chain.middles:
        return False
    match member.seed.call.args:
        case [ast.Call(func=ast.Attribute(attr="exists", value=ast.Call()), args=[])]:
            return True
    return False


def _part(member: Member, end: Part, shape: Shape, links: list[Link]) -> QueryRewrite | str:
    assert isinstance(end.node, ast.Call)
    if any(keyword.arg in ("with_labels", "reduce_columns") for keyword in end.node.keywords):
        return f"`{end.name}(with_labels=True)` names columns otherwise: use `.set_label_style()`"
    if any(part.name in ("with_labels", "apply_labels") for part in member.chain.middles):
        return "its labels name the columns of the subquery: use `.set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)`"
    new = CLOSERS[end.name]
    last = Link() if new == end.name else Link(Act.RENAME, new)
    if end.name == "exists" and member.seed is not None and shape.is_entity:
        links = [Link(Act.DROP) if part.name == "options" else link for part, link in _paired(member, links)]
        return QueryRewrite(Form.EXISTS, (*links, last))
    return QueryRewrite(Form.STATEMENT, (*links, last))


def _paired(member: Member, links: list[Link]) -> list[tuple[Part, Link]]:
    return list(zip(member.chain.middles, links, strict=True))


def _got(member: Member, shape: Shape, links: list[Link], call: ast.Call) -> QueryRewrite | str:
    if member.seed is None:
        return "`get()` of a query in a variable: write `session.get(Entity, key)`"
    if not (shape.is_entity or shape.open) or not shape.used <= _GETTING:
        return "`get()` raises where anything was filtered, joined or ordered before; drop that, or drop `get()`"
    if len(call.args) + len(call.keywords) != 1 or any(isinstance(arg, ast.Starred) for arg in call.args):
        return "`get()` takes one key"
    for part in member.chain.middles:
        assert isinstance(part.node, ast.Call)
        if part.name == "with_for_update" and (part.node.args or any(k.arg is None for k in part.node.keywords)):
            return "`with_for_update()` is not called as it usually is"
    return QueryRewrite(Form.GET, tuple(links))


def _sliced(node: ast.Subscript, reading: QueryRewrite) -> QueryRewrite | str:
    match node.slice:
        case ast.Slice(step=ast.expr()):
            return "a slice with a step reads all rows: run it and slice the list"
        case ast.Slice(lower=lower, upper=upper):
            if any(_is_negative(one) for one in (lower, upper)):
                return "negative indexes are an error since 2.0: order the other way round"
            return replace(reading, links=(*reading.links, Link(Act.SLICE)), end="all")
        case ast.Constant(value=int() as index):
            link = Link(Act.SLICE, f"{index}, {index + 1}")
            return replace(reading, links=(*reading.links, link), end="all", item="[0]")
    if _is_negative(node.slice):
        return "negative indexes are an error since 2.0: order the other way round"
    return "which row is asked for is not known: write `.offset(index).limit(1)`"


def _is_negative(node: ast.expr | None) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)


# Writing -------------------------------------------------------------------------------------------------------------


def _dml(member: Member, shape: Shape, links: list[Link], verb: str, file: File) -> Plan:
    end = member.chain.end
    entity: Item = shape.items[0]
    if not shape.open and (not shape.is_entity or entity.kind is not Kind.ENTITY):
        return Plan(member, bad=f"`{verb}()` of a query for columns: name the entity, `{verb}(Entity)`")
    refused = sorted(shape.used - _DML_MIDDLES)
    if refused:
        return Plan(member, bad=f"`Query.{verb}()` raises behind `{refused[0]}()`; select the keys in a subquery")
    if any(link.act is Act.COMPARE for link in links):
        return Plan(member, bad=f"which entity `filter_by()` is about is not clear in `{verb}()`")
    if end is None:
        if member.context.use is Use.BOUND:
            rewrite = QueryRewrite(Form.STATEMENT, tuple(links), verb=verb)
            same = member.seed is None and all(link.act is Act.KEEP for link in links)
            return Plan(member, None if same else rewrite, doubts=shape.doubts)
        return Plan(member, bad=f"it is used otherwise than for `{verb}()`")
    assert isinstance(end.node, ast.Call)
    bad = _dml_arguments(end.node, verb)
    if bad:
        return Plan(member, bad=bad)
    dropped = isinstance(file.parent(end.node), ast.Expr)
    session = "" if member.seed is not None else shape.session
    rewrite = QueryRewrite(
        Form.DML, (*links, Link(Act.END)), session, verb, run="execute", end="" if dropped else "rowcount"
    )
    return Plan(member, rewrite, doubts=shape.doubts)


def _dml_arguments(call: ast.Call, verb: str) -> str:
    names = (
        ["values", "synchronize_session", "update_args"] if verb == "update" else ["synchronize_session", "delete_args"]
    )
    given = {*names[: len(call.args)], *(keyword.arg for keyword in call.keywords)}
    if None in given or any(isinstance(arg, ast.Starred) for arg in call.args) or not given <= {*names}:
        return f"the arguments of `{verb}()` are not written out"
    if given & {"update_args", "delete_args"}:
        return f"`{verb}_args=` became methods of `{verb}()`: `.with_dialect_options()`, `.ordered_values()`"
    values = call.args[0] if call.args else next((k.value for k in call.keywords if k.arg == "values"), None)
    if verb == "update" and isinstance(values, ast.List | ast.Tuple | None):
        return "values in an order of their own: use `.ordered_values(...)`"
    return ""
