"""The foreign keys of a mapped class, in whichever file its columns and those of its bases and mixins stand."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from ...index.facts import Attr, Call, Const, Display, Expr, Name
from ...index.project import ClassSymbol, VariableSymbol
from ...infer import Inference, Site
from ...types import ClassObject
from .columns import (
    Declared,
    column_call,
    declared,
    is_declared_attribute,
    is_nullable,
    made,
    primary_key_names,
    table_args,
)
from .mapping import mapping, named
from .places import body_site

_CONSTRAINT = "sqlalchemy.ForeignKeyConstraint"
_TABLE = "sqlalchemy.Table"


class Key(Struct, frozen=True):
    """One column of a class that refers to a column of some table."""

    attribute: str
    """Its name in the class; that of the column where the class is mapped to a `Table(...)`."""
    column: str
    """Its name in the database."""
    table: str
    """The table it refers to, or `class:` and the qualified name of a class whose column it refers to."""
    target: str
    """The column there."""
    nullable: bool | None


class Tables(Struct, frozen=True):
    """What a class is mapped to, bases included."""

    names: frozenset[str]
    """As `Key.table` names them."""
    keys: tuple[Key, ...]
    attributes: frozenset[str]
    """The attributes that are columns."""

    def refers(self, other: Tables) -> tuple[Key, ...]:
        """The keys that refer to a table of another class."""
        return tuple([key for key in self.keys if key.table in other.names or _plain(key.table) in other.names])


def _plain(table: str) -> str:
    """A table's name without its schema."""
    return table if table.startswith("class:") else table.rpartition(".")[2]


def tables_of(types: Inference, cls: str) -> Tables:
    """The tables and foreign keys of a class."""
    nothing = Tables(frozenset(), (), frozenset())
    found: Tables = types.remember(("sqlalchemy.tables", cls), lambda: _tables_of(types, cls), nothing)
    return found


def _tables_of(types: Inference, cls: str) -> Tables:
    where, names = mapping(types), dict[str, None]()
    keys: list[Key] = []
    attributes: set[str] = set()
    for name in types.mro(cls).names:
        symbol = types.project.klass(name)
        if symbol is None or symbol.file.path not in types.project.files:
            continue
        names[f"class:{name}"] = None
        if table := where.table_name(symbol):
            names[table] = None
        for field in symbol.facts.fields:
            if field.name == "__table__" and field.value is not None:
                call, site = _table(types, field.value, body_site(types, symbol, field))
                if call is not None:
                    names |= dict.fromkeys(_own_name(types, call, site))
                    keys += _of_table(types, call, site)
        mine = list(_columns(types, symbol, cls))
        keys += [key for _, _, more in mine for key in more]
        attributes |= {attribute for attribute, _, _ in mine}
        nullable = {column: may_be for attribute, (column, may_be), _ in mine for column in (column, attribute)}
        for given, site in table_args(types, symbol):
            for item in given.items if isinstance(given, Display) else (given,):
                keys += _of_constraint(types, item, site, nullable, {c: a for a, (c, _), _ in mine})
    return Tables(frozenset(names), tuple(keys), frozenset(attributes))


_Column = tuple[str, tuple[str, bool | None], list[Key]]
"""Attribute, (column, whether it may be NULL), foreign keys."""


def _columns(types: Inference, symbol: ClassSymbol, cls: str) -> Iterator[_Column]:
    primary = primary_key_names(types, symbol)
    places: list[tuple[str, Expr | None, Site]] = [
        (field.name, field.value, body_site(types, symbol, field)) for field in symbol.facts.fields
    ]
    for name in symbol.facts.methods:
        function = types.project.function(f"{symbol.qualname}.{name}")
        if function is not None and is_declared_attribute(types, function):
            for returned, line, start in function.facts.returned:
                places.append((name, returned, Site(function.file, function.facts, None, 0, line, start)))
    for attribute, value, site in places:
        call = column_call(types, value, site)
        one = declared(types, call, site) if call is not None else made(types, value, site)
        if one is None:
            continue
        column, nullable = one.name or attribute, is_nullable(one, attribute, primary)
        found = []
        for key in one.keys:
            table, target = _target(types, key, one.site, cls)
            if table:
                found.append(Key(attribute, column, table, target, nullable))
        yield attribute, (column, nullable), found


def _target(types: Inference, key: Call, site: Site, cls: str) -> tuple[str, str]:
    """(table, column) that a `ForeignKey(...)` refers to; empty where it cannot be told."""
    target = key.args[0] if key.args else dict(key.keywords).get("column")
    return _referred(types, target, site, cls)


def _referred(types: Inference, target: Expr | None, site: Site, cls: str) -> tuple[str, str]:
    text = mapping(types).text(target, site)
    if text is not None:
        table, _, column = text.rpartition(".")
        return table, column
    match target:
        case Name(id=attribute) if site.klass is not None:
            return f"class:{site.file.module}.{site.klass.qualname}", attribute
        case Attr(value=Attr(value=Attr(value=owner, attr="__table__"), attr="c" | "columns"), attr=column):
            found = types.type_of(owner, site)
            return (f"class:{found.cls}", column) if isinstance(found, ClassObject) else ("", "")
        case Attr(value=Attr(value=owner, attr="c" | "columns"), attr=column):
            call, place = _table(types, owner, site)
            names = list(_own_name(types, call, place)) if call is not None else []
            return (names[0], column) if names else ("", "")
        case Attr(value=owner, attr=attribute):
            found = types.type_of(owner, site)
            return (f"class:{found.cls}", attribute) if isinstance(found, ClassObject) else ("", "")
    return "", ""


def _of_constraint(
    types: Inference, item: Expr, site: Site, nullable: dict[str, bool | None], attributes: dict[str, str]
) -> Iterator[Key]:
    """The keys of a `ForeignKeyConstraint(["a"], ["t.b"])`."""
    if not isinstance(item, Call) or named(types, item.func, site) != _CONSTRAINT:
        return
    keywords = dict(item.keywords)
    columns = item.args[0] if item.args else keywords.get("columns")
    targets = item.args[1] if len(item.args) > 1 else keywords.get("refcolumns")
    if not isinstance(columns, Display) or not isinstance(targets, Display):
        return
    for one, target in zip(columns.items, targets.items, strict=False):
        column = one.text if isinstance(one, Const) else one.id if isinstance(one, Name) else ""
        table, name = _referred(types, target, site, "")
        if column and table:
            yield Key(attributes.get(column, column), column, table, name, nullable.get(column))


# Tables of Core


def _table(types: Inference, value: Expr, site: Site) -> tuple[Call | None, Site]:
    """The `Table(...)` that a value is, directly or by the name of a module's variable."""
    if isinstance(value, Name | Attr):
        name = types.qualname(value, site)
        symbol = types.project.locate(name) if name else None
        if isinstance(symbol, VariableSymbol) and len(symbol.bindings) == 1:
            made_by, binding = symbol.bindings[0].value, symbol.bindings[0]
            value, site = made_by or value, Site(symbol.file, None, None, binding.block, binding.line, binding.column)
    if isinstance(value, Call) and named(types, value.func, site) == _TABLE:
        return value, site
    return None, site


def tables_of_call(types: Inference, cls: str, value: Expr, site: Site) -> Tables:
    """What a class is mapped to by a call: the table that an expression is, besides what the class says itself."""
    own = tables_of(types, cls)
    call, place = _table(types, value, site)
    if call is None:
        return own
    keys = tuple(_of_table(types, call, place))
    names = [one.name for arg in call.args if (one := _column_of(types, arg, place)) is not None]
    return Tables(own.names | set(_own_name(types, call, place)), (*own.keys, *keys), own.attributes | set(names))


def _column_of(types: Inference, arg: Expr, site: Site) -> Declared | None:
    call = column_call(types, arg, site)
    return declared(types, call, site) if call is not None else None


def table_text(types: Inference, value: Expr, site: Site) -> str:
    """The full name of the table that an expression of Core is; empty where it cannot be told."""
    call, place = _table(types, value, site)
    names = list(_own_name(types, call, place)) if call is not None else []
    return names[-1] if names else ""


def is_found_by_name(types: Inference, value: Expr, site: Site, cls: str) -> bool:
    """Whether the text of a table's name means that table in a relationship of a class.

    SQLAlchemy 1.4 and 2.0 look it up in the metadata of the registry of the class, where a table of a schema has the
    schema in its name, whatever `metadata` the class itself has.
    """
    call, place = _table(types, value, site)
    if call is None or len(call.args) < 2:
        return False
    if any(key in ("schema", "**") for _, one in types.calls_named("MetaData") for key, _ in one.call.keywords):
        return False
    metadata = call.args[1]
    if isinstance(metadata, Attr) and metadata.attr == "metadata":
        base = types.qualname(metadata.value, place) or ""
        return types.project.is_own(base) and base in types.mro(cls).names
    name = types.qualname(metadata, place)
    return name is not None and any(
        key == "metadata" and types.qualname(given, there) == name
        for maker in ("declarative_base", "registry")
        for there, one in types.calls_named(maker)
        for key, given in one.call.keywords
    )


def _own_name(types: Inference, call: Call, site: Site) -> Iterator[str]:
    """The names of a `Table(...)`: plain, and with its schema if it has one."""
    name = mapping(types).text(call.args[0], site) if call.args else None
    if not name:
        return
    yield name
    schema = dict(call.keywords).get("schema")
    if schema is not None and (text := mapping(types).text(schema, site)):
        yield f"{text}.{name}"


def _of_table(types: Inference, call: Call, site: Site) -> Iterator[Key]:
    columns: dict[str, bool | None] = {}
    for item in call.args:
        column = column_call(types, item, site)
        if column is not None:
            one = declared(types, column, site)
            columns[one.name] = one.nullable
            for key in one.keys:
                table, target = _target(types, key, site, "")
                if table:
                    yield Key(one.name, one.name, table, target, one.nullable)
    for item in call.args:
        yield from _of_constraint(types, item, site, columns, {})
