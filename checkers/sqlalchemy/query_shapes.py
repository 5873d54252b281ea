"""What a query gives, method by method: objects or rows, of what, once or several times each."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from trueup.file import File
from trueup.libraries.sqlalchemy.loading import may_join
from trueup.libraries.sqlalchemy.queries import DROPPED, EAGERLOADS, OPTIONS, RENAMED, Act, Link
from trueup.libraries.sqlalchemy.related import related_class

from .query_chains import Part
from .query_items import Item, Kind, class_of, is_entity_name, is_loose, item_of, mentions_others

_HARMLESS_OPTIONS = frozenset(
    {"selectinload", "subqueryload", "lazyload", "load_only", "defer", "undefer", "undefer_group", "noload",
     "raiseload", "immediateload", "selectinload_all", "lazyload_all", "subqueryload_all", "selectin_polymorphic",
     "Load", "with_loader_criteria", "defaultload", "with_expression"}
)  # fmt: skip
"""Loader options that load without a join."""
JOINS = frozenset({"join", "outerjoin"})
MULTIPLYING = JOINS | {"select_from", "from_statement"}
"""Methods that bring in other tables."""


class Shape(Struct, frozen=True):
    """What a query gives so far."""

    items: tuple[Item, ...]
    joined: bool = False
    """Whether other tables may multiply the rows."""
    last: str | None = ""
    """How the entity is written that `filter_by()` is about since a join; None where that is not known."""
    spelled: bool = False
    """Whether `filter_by()` must say which entity it is about: `select()` looks at all of them from 2.1 on."""
    used: frozenset[str] = frozenset()
    """The methods so far."""
    session: str = ""
    """The session's expression; empty where several meet."""
    doubts: tuple[str, ...] = ()
    bad: str = ""
    open: str = ""
    """Why it is not known whether it gives objects or rows, which matters only where it is read."""

    @property
    def is_entity(self) -> bool:
        """Whether it gives objects, not rows."""
        return len(self.items) == 1 and self.items[0].kind is Kind.ENTITY

    @property
    def unique(self) -> bool:
        """Whether the legacy query drops duplicates where a statement does not."""
        entity = any(item.kind is Kind.ENTITY for item in self.items)
        return entity and self.joined and "yield_per" not in self.used

    @property
    def single(self) -> bool:
        """Whether there is always exactly one row."""
        return all(item.single for item in self.items) and not self.used & {"group_by", "having", "limit", "offset"}

    def failed(self, why: str) -> Shape:
        """The same, but it cannot be decided what becomes of it."""
        return self if self.bad else replace(self, bad=why)


def selected(args: Sequence[ast.expr], file: File, session: str, doubts: tuple[str, ...] = ()) -> Shape:
    """What `query(*args)` gives."""
    items = tuple([item_of(arg, file) for arg in args])
    shape = Shape(items, session=session, doubts=doubts)
    return _settled(shape, args, file)


def _settled(shape: Shape, args: Sequence[ast.expr], file: File) -> Shape:
    items = shape.items
    for arg, item in zip(args, items, strict=True):
        if isinstance(arg, ast.Starred) and item.kind is Kind.UNKNOWN:
            return shape.failed(f"what `{item.text}` holds is not known: objects and columns are run in different ways")
    unknown = next((item for item in items if item.kind is Kind.UNKNOWN), None)
    if unknown is not None and len(items) == 1:
        what = (
            f"whether `{unknown.text}` is a mapped class or a column is not known, and they are run in different ways"
        )
        return replace(shape, open=what)
    shape = replace(shape, open="")
    entities = [item for item in items if item.kind is Kind.ENTITY]
    doubts = tuple(dict.fromkeys([*shape.doubts, *(item.doubt for item in items if item.doubt)]))
    owners = {item.owner for item in items if item.kind is Kind.COLUMN and not item.single}
    # With an unknown item in the row there may be an entity; rows made unique are what the query gave then.
    joined = shape.joined or len(entities) > 1 or (bool(entities) and len(items) > 1) or unknown is not None
    if entities and not joined:
        joined = not entities[0].exact or may_join(file.types, entities[0].cls)
    spelled = shape.spelled or len(entities) > 1 or len(owners) > 1
    last = shape.last
    if items and spelled and not last and not shape.spelled:
        last = entities[0].text if items[0].kind is Kind.ENTITY else items[0].owner or None
    return replace(shape, joined=joined, spelled=spelled, last=last, doubts=doubts)


def advanced(shape: Shape, part: Part, file: File) -> tuple[Shape, Link]:
    """What a query gives behind one more method, and what becomes of the method."""
    name, call = part.name, part.node
    assert isinstance(call, ast.Call)
    before = shape
    shape = replace(shape, used=shape.used | {name})
    link = Link(Act.RENAME, RENAMED[name]) if name in RENAMED else Link()
    if name in ("filter", "where"):
        return _multiplied(shape, call.args, file), link
    if name == "filter_by":
        return _filtered_by(shape, call, file)
    if name in JOINS:
        return _joined(shape, call, file), link
    if name in OPTIONS:
        if (name == "populate_existing" and not call.args) or (len(call.args) == 1 and not call.keywords):
            return shape, Link(Act.OPTION, OPTIONS[name])
        return shape.failed(f"`{name}()` is not called as it usually is"), link
    if name in DROPPED:
        return shape, Link(Act.DROP)
    if name == EAGERLOADS:
        return _without_eager_loading(shape, call)
    if name == "options":
        return replace(shape, joined=shape.joined or not all(_is_harmless(arg) for arg in call.args)), link
    if name == "select_from":
        target = call.args[0] if len(call.args) == 1 else None
        last = file.segment(target) if target is not None and is_entity_name(target, file) else None
        same = last == shape.items[0].text
        return replace(shape, joined=shape.joined or not same, last=last, spelled=shape.spelled or not same), link
    if name == "from_statement":
        return replace(shape, joined=True), link
    if name in ("add_columns", "add_column", "add_entity"):
        items = (*shape.items, *(item_of(arg, file) for arg in call.args))
        return _settled(replace(shape, items=items), _same(call.args, items), file), link
    if name == "with_entities":
        items = tuple([item_of(arg, file) for arg in call.args])
        if before.spelled is False and shape.last == "":
            # `filter_by()` goes on being about what the query began with only as long as it is selected.
            shape = replace(shape, spelled=True, last=shape.items[0].text if shape.is_entity else None)
        return _settled(replace(shape, items=items), call.args, file), link
    return shape, link


def _without_eager_loading(shape: Shape, call: ast.Call) -> tuple[Shape, Link]:
    """`enable_eagerloads(False)`, which columns do not need."""
    match call.args:
        case [ast.Constant(value=False)]:
            pass
        case _:
            return shape.failed(f"`{EAGERLOADS}()` is not called as it usually is"), Link()
    if all(item.kind is Kind.COLUMN for item in shape.items):
        return shape, Link(Act.DROP)
    if "options" in shape.used:
        return shape.failed(f"`{EAGERLOADS}(False)` switches its options off: leave them out"), Link()
    why = (
        '`lazyload("*")` also keeps relationships from being loaded by `selectin`, which `enable_eagerloads()` did not'
    )
    return replace(shape, doubts=(*shape.doubts, why)), Link(Act.LAZY)


def _same(args: Sequence[ast.expr], items: Sequence[Item]) -> list[ast.expr]:
    """Arguments to go with items, of which the first came from elsewhere."""
    nothing: list[ast.expr] = [ast.Constant(None)] * (len(items) - len(args))
    return [*nothing, *args]


def _multiplied(shape: Shape, conditions: Sequence[ast.expr], file: File) -> Shape:
    """A condition that mentions another table brings that in."""
    if shape.joined:
        return shape
    entity = shape.items[0]
    joined = any(is_loose(one, file) or mentions_others(one, entity, file) for one in conditions)
    return replace(shape, joined=joined)


def _filtered_by(shape: Shape, call: ast.Call, file: File) -> tuple[Shape, Link]:
    values = [keyword.value for keyword in call.keywords if keyword.arg]
    if any(mentions_others(value, shape.items[0], file) for value in values):
        shape = replace(shape, joined=True)
    if not shape.spelled:
        return shape, Link()
    if not shape.last:
        return shape.failed(
            "which entity `filter_by()` is about is not known here; write `.where(Entity.name == ...)`"
        ), Link()
    if any(keyword.arg is None for keyword in call.keywords):
        why = f"`filter_by(**...)` looks at all entities from 2.1 on, here it is about `{shape.last}`: spell it out"
        return shape.failed(why), Link()
    return shape, Link(Act.COMPARE, shape.last)


def _joined(shape: Shape, call: ast.Call, file: File) -> Shape:
    for keyword in call.keywords:
        if keyword.arg in ("aliased", "from_joinpoint"):
            return shape.failed(
                f"`{keyword.arg}=` is gone in 2.0: join an `aliased(...)` and let conditions refer to it"
            )
    target = call.args[0] if call.args else next((k.value for k in call.keywords if k.arg == "target"), None)
    return replace(shape, joined=True, spelled=True, last=_joined_entity(target, file))


def _joined_entity(target: ast.expr | None, file: File) -> str | None:
    """How the entity a join leads to is written; None where it has no name here."""
    match target:
        case ast.Call(func=ast.Attribute(attr="of_type"), args=[only]):
            return file.segment(only)
        case ast.Call(func=ast.Attribute(attr="and_", value=inner)):
            return _joined_entity(inner, file)
        case ast.Name() | ast.Attribute() if is_entity_name(target, file):
            return file.segment(target)
        case ast.Attribute(value=value, attr=attr):
            cls = class_of(file.type_of(value))
            return related_name(cls, attr, file, target) if cls else None
    return None


def related_name(cls: str, attr: str, file: File, at: ast.expr) -> str | None:
    """How the class that a relationship leads to is written in this file; None where it has no name here."""
    found = related_class(file.types, cls, attr)
    if not found:
        return None
    return written_name(found, file, at)


def written_name(cls: str, file: File, at: ast.expr) -> str | None:
    """How a class is written at a place of this file; None where it has no name there."""
    short = cls.rpartition(".")[2]
    for code in (short, *(f"{module}.{short}" for module in ("models", "model", "orm", "tables", "schemas"))):
        tree = ast.parse(code, mode="eval").body
        for one in ast.walk(tree):
            if isinstance(one, ast.expr):
                ast.copy_location(one, at)
        if file.qualname(tree) == cls:
            return code
    return None


def _is_harmless(option: ast.expr) -> bool:
    """Whether a loader option loads without a join."""
    match option:
        case ast.Call(func=ast.Name(id=name)):
            return name in _HARMLESS_OPTIONS
        case ast.Call(func=ast.Attribute(value=ast.Call() as inner, attr=name)):
            return name in _HARMLESS_OPTIONS and _is_harmless(inner)
        case ast.Call(func=ast.Attribute(attr=name)):
            return name in _HARMLESS_OPTIONS
    return False


def merged(shapes: Sequence[Shape]) -> Shape:
    """What a query gives that is one of several."""
    first, *others = shapes
    for other in others:
        if first.is_entity != other.is_entity:
            return first.failed("it gives objects on one way and rows on another")
        if [item.kind for item in first.items] != [item.kind for item in other.items]:
            return first.failed("it selects other things on one way than on another")
        last = first.last if first.last == other.last else None
        pairs = list(zip(first.items, other.items, strict=True))
        items = tuple([replace(i, single=i.single and j.single, exact=i.exact and i.cls == j.cls) for i, j in pairs])
        if [i.text for i in items] != [i.text for i in other.items]:
            items = tuple(
                [replace(i, cls="", text="") if i != j else i for i, j in zip(items, other.items, strict=True)]
            )
            last = None
        first = replace(
            first,
            items=items,
            joined=first.joined or other.joined,
            spelled=first.spelled or other.spelled,
            last=last,
            used=first.used | other.used,
            session=first.session if first.session == other.session else "",
            doubts=tuple(dict.fromkeys((*first.doubts, *other.doubts))),
            bad=first.bad or other.bad,
            open=first.open or other.open,
        )
    return first
