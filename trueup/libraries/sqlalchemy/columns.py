"""What the columns of a class say: their type, whether they may be NULL, what they refer to."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from ...index.facts import Attr, Call, Const, Display, Expr, Field, Lambda, Name, Star
from ...index.facts import Mapping as Literal
from ...index.project import ClassSymbol, FunctionSymbol, VariableSymbol
from ...infer import Inference, Site
from ...types import NONE, UNKNOWN, ClassObject, Instance, Type, Unknown, without_none
from .mapping import mapping, named
from .places import body_site
from .sqltypes import ANY, JSON_VALUE, is_sql_type, python_type, truth

COLUMN = "sqlalchemy.Column"
MAPPED_COLUMN = "sqlalchemy.orm.mapped_column"
DEFERRED = "sqlalchemy.orm.deferred"
COLUMN_PROPERTY = "sqlalchemy.orm.column_property"
DECLARED_ATTR = "sqlalchemy.orm.declared_attr"
_FOREIGN_KEY = "sqlalchemy.ForeignKey"
_IDENTITY = "sqlalchemy.Identity"
_PRIMARY_KEY = "sqlalchemy.PrimaryKeyConstraint"
_MAPPED = frozenset(f"sqlalchemy.orm.{name}" for name in ("Mapped", "MappedColumn", "InstrumentedAttribute")) | {COLUMN}


class Declared(Struct, frozen=True):
    """What one `Column(...)` or `mapped_column(...)` says, by its arguments alone."""

    call: Call
    site: Site
    name: str
    """The name in the database, where it is given."""
    type: Expr | None
    keys: tuple[Call, ...]
    """Its `ForeignKey(...)`s."""
    nullable: bool | None
    """Whether NULL may stand in it; None where that cannot be read off."""
    explicit: bool
    """`nullable=` is written."""
    primary_key: bool
    open: bool
    """It has arguments that only show when it runs: `*args`, `**options`."""


def declared(types: Inference, call: Call, site: Site) -> Declared:
    """Read a call of `Column` or `mapped_column`."""
    keywords = _keywords(types, call, site)
    is_open = "**" in keywords or any(isinstance(a, Star) for a in call.args)
    items = [a for a in call.args if not isinstance(a, Star)]
    name = mapping(types).text(keywords.get("name"), site) or ""
    if items and (first := mapping(types).text(items[0], site)) is not None:
        name, items = first, items[1:]
    elif items and items[0] == Const("none"):
        items = items[1:]
    sql = keywords.get("type_")
    keys: list[Call] = []
    certain, identity = True, False
    for item in items:
        kind = _schema_item(types, item, site)
        if kind == _FOREIGN_KEY and isinstance(item, Call):
            keys.append(item)
        elif kind:
            identity = identity or kind == _IDENTITY
        elif item == Const("none"):
            continue
        elif sql is None and (item is items[0] or is_sql_type(types, item, site)):
            sql = item
        else:
            certain = False
    primary = truth(keywords.get("primary_key"))
    explicit = "nullable" in keywords
    nullable: bool | None
    if explicit:
        nullable = truth(keywords["nullable"])
    elif is_open or not certain or ("primary_key" in keywords and primary is None):
        nullable = None
    else:
        nullable = not primary and not identity
    return Declared(call, site, name, sql, tuple(keys), nullable, explicit, bool(primary), is_open)


def _keywords(types: Inference, call: Call, site: Site) -> dict[str, Expr]:
    """The keyword arguments of a call; those of `**COMMON` too, where that is a module's literal."""
    found: dict[str, Expr] = {}
    for key, value in call.keywords:
        if key != "**":
            found[key] = value
            continue
        name = types.qualname(value, site) if isinstance(value, Name | Attr) else None
        symbol = types.project.locate(name) if name else None
        literal = symbol.bindings[0].value if isinstance(symbol, VariableSymbol) and len(symbol.bindings) == 1 else None
        keys = literal.keys if isinstance(literal, Literal) else (None,)
        if not isinstance(literal, Literal) or not all(
            isinstance(k, Const) and k.kind == "str" and k.text for k in keys
        ):
            found[key] = value
            continue
        found |= {k.text: v for k, v in zip(keys, literal.values, strict=True) if isinstance(k, Const)}
    return found


def _schema_item(types: Inference, expr: Expr, site: Site) -> str:
    """The class of a `ForeignKey`, `Identity`, constraint, ...; empty for anything else."""
    found = types.type_of(expr, site)
    if isinstance(found, Instance) and types.is_subclass(found.cls, "sqlalchemy.schema.SchemaItem"):
        for known in (_FOREIGN_KEY, _IDENTITY):
            if types.is_subclass(found.cls, known):
                return known
        return found.cls
    return ""


def column_call(types: Inference, expr: Expr | None, site: Site) -> Call | None:
    """The `Column(...)` or `mapped_column(...)` in a value, `deferred(...)` around it taken off."""
    if not isinstance(expr, Call):
        return None
    name = named(types, expr.func, site)
    if name in (COLUMN, MAPPED_COLUMN):
        return expr
    if name in (DEFERRED, COLUMN_PROPERTY) and expr.args:
        return column_call(types, expr.args[0], site)
    return None


def primary_key_names(types: Inference, symbol: ClassSymbol) -> frozenset[str]:
    """The names a `PrimaryKeyConstraint` in `__table_args__` gives, as strings or as attributes of the class."""
    found: set[str] = set()
    for value, site in table_args(types, symbol):
        items = value.items if isinstance(value, Display) else (value,)
        for item in items:
            if isinstance(item, Call) and named(types, item.func, site) == _PRIMARY_KEY:
                found.update(a.text if isinstance(a, Const) else a.id for a in item.args if isinstance(a, Const | Name))
    return frozenset(found)


def table_args(types: Inference, symbol: ClassSymbol) -> Iterator[tuple[Expr, Site]]:
    """What a class's `__table_args__` is or returns, and where that is read."""
    for field in symbol.facts.fields:
        if field.name == "__table_args__" and field.value is not None:
            yield field.value, body_site(types, symbol, field)
    if "__table_args__" in symbol.facts.methods:
        function = types.project.function(f"{symbol.qualname}.__table_args__")
        if function is not None:
            for value, line, column in function.facts.returned:
                yield value, Site(function.file, function.facts, None, 0, line, column)


def is_nullable(column: Declared, attribute: str, primary_key: frozenset[str]) -> bool | None:
    """Whether an attribute may be None, its class's primary key considered; None where that cannot be told.

    A primary key never is, even if `nullable=True` says so of the table.
    """
    if column.primary_key and column.nullable is not None:
        return False
    if not column.explicit and not primary_key.isdisjoint({attribute, column.name} - {""}):
        return False
    return column.nullable


def value_type(types: Inference, column: Declared) -> Type:
    """What the attribute of an instance is when it is not None; Unknown where that cannot be told."""
    if column.type is not None:
        found = python_type(types, column.type, column.site)
        return _json(types, column) if found == JSON_VALUE else found
    if column.keys:
        return target_type(types, column.keys[0], column.site)
    return UNKNOWN


def _json(types: Inference, column: Declared) -> Type:
    """A JSON column's type by its default: objects, lists, or anything."""
    keywords = _keywords(types, column.call, column.site)
    kinds = {
        kind
        for key in ("default", "insert_default", "default_factory", "server_default")
        if (kind := _container(types, keywords.get(key), column.site)) is not None
    }
    text = Instance("builtins.str")
    if kinds == {"dict"}:
        return Instance("builtins.dict", (text, ANY))
    return Instance("builtins.list", (ANY,)) if kinds == {"list"} else ANY


def _container(types: Inference, expr: Expr | None, site: Site) -> str | None:
    match expr:
        case None:
            return None
        case Const(kind="str", text=text):
            return {"{": "dict", "[": "list"}.get(text.strip().strip("'")[:1])
        case Literal():
            return "dict"
        case Display(kind="list"):
            return "list"
        case Lambda(body=body):
            return _container(types, body, site)
        case Call(func=func, args=(Const(kind="str") as inner, *_)) if named(types, func, site) == "sqlalchemy.text":
            return _container(types, inner, site)
    found = types.type_of(expr, site)
    if isinstance(found, ClassObject | Instance) and found.cls in ("builtins.dict", "builtins.list"):
        return found.cls.rpartition(".")[2]
    return None


# What foreign keys refer to


def target_type(types: Inference, key: Call, site: Site) -> Type:
    """The type of the column a `ForeignKey(...)` refers to, in whichever file that stands."""
    target = key.args[0] if key.args else dict(key.keywords).get("column")
    text = mapping(types).text(target, site)
    if text is not None:
        table, _, column = text.rpartition(".")
        return _of_table(types, table, column)
    match target:
        case Name(id=attribute) if site.klass is not None:
            return _of_class_column(types, f"{site.file.module}.{site.klass.qualname}", attribute, True)
        case Attr(value=Attr(value=owner, attr="c" | "columns"), attr=column):
            match owner:
                case Attr(value=cls, attr="__table__"):
                    mapped = types.type_of(cls, site)
                    return _of_class_column(types, mapped.cls, column) if isinstance(mapped, ClassObject) else UNKNOWN
            return _of_table_variable(types, owner, column, site)
        case Attr(value=cls, attr=attribute):
            return _of_attribute(types, types.type_of(cls, site), attribute)
    return UNKNOWN


def _of_attribute(types: Inference, found: Type, attribute: str) -> Type:
    return _of_class_column(types, found.cls, attribute, True) if isinstance(found, ClassObject) else UNKNOWN


def _of_table(types: Inference, table: str, column: str) -> Type:
    if not table:
        return UNKNOWN
    key = ("sqlalchemy.target", table, column)
    return types.remember(key, lambda: _find_in_table(types, table, column), UNKNOWN)


def _find_in_table(types: Inference, table: str, column: str) -> Type:
    where = mapping(types)
    for name in dict.fromkeys((table, table.rpartition(".")[2])):
        found = [_of_class_column(types, cls, column) for cls in where.tables.get(name, ())]
        known = list(dict.fromkeys(one for one in found if not isinstance(one, Unknown)))
        if known:
            return known[0] if len(known) == 1 else UNKNOWN
        if name in where.core_tables:
            return _of_core_table(types, *where.core_tables[name], column)
    return UNKNOWN


def _of_table_variable(types: Inference, owner: Expr, column: str, site: Site) -> Type:
    name = types.qualname(owner, site)
    symbol = types.project.locate(name) if name else None
    if isinstance(symbol, VariableSymbol) and len(symbol.bindings) == 1:
        value = symbol.bindings[0].value
        if isinstance(value, Call):
            return _of_core_table(types, value, Site(symbol.file), column)
    return UNKNOWN


def _of_core_table(types: Inference, table: Call, site: Site, column: str) -> Type:
    for item in table.args:
        call = column_call(types, item, site)
        if call is not None:
            one = declared(types, call, site)
            if one.name == column:
                return value_type(types, one)
    return UNKNOWN


def attribute_type(types: Inference, cls: str, attribute: str) -> Type:
    """What an attribute that is a column holds in instances of a class."""
    return _of_class_column(types, cls, attribute, True)


def _of_class_column(types: Inference, cls: str, name: str, is_attribute: bool = False) -> Type:
    """The type of a class's column by its name in the database, or by that of its attribute."""
    key = ("sqlalchemy.column", cls, name, is_attribute)
    return types.remember(key, lambda: _find_in_class(types, cls, name, is_attribute), UNKNOWN)


def _find_in_class(types: Inference, cls: str, column: str, is_attribute: bool) -> Type:
    for name in types.mro(cls).names:
        symbol = types.project.klass(name)
        if symbol is None or symbol.qualname.startswith("sqlalchemy."):
            continue
        for field in symbol.facts.fields:
            site = body_site(types, symbol, field)
            call = column_call(types, field.value, site)
            one = declared(types, call, site) if call is not None else made(types, field.value, site)
            if column == (one.name if one is not None and one.name and not is_attribute else field.name):
                return _of_field(types, field, one, site)
        for function in _declared_attributes(types, symbol):
            for value, line, place in function.facts.returned:
                site = Site(function.file, function.facts, None, 0, line, place)
                call = column_call(types, value, site)
                if call is not None:
                    one = declared(types, call, site)
                    if column == (function.facts.name if is_attribute else one.name or function.facts.name):
                        return value_type(types, one)
    return UNKNOWN


def made(types: Inference, value: Expr | None, site: Site) -> Declared | None:
    """What a function of the project makes where it makes columns."""
    from .factories import factory, made_column

    if not isinstance(value, Call):
        return None
    symbol = factory(types, value, site, migrated=True)
    return made_column(types, symbol, value, site) if symbol is not None else None


def _of_field(types: Inference, field: Field, column: Declared | None, site: Site) -> Type:
    """By the SQL type or the foreign key; else, as SQLAlchemy does, by the annotation."""
    if column is not None and (column.type is not None or column.keys):
        return value_type(types, column)
    if field.annotation is None:
        return UNKNOWN
    found = types.annotation(field.annotation, site)
    if isinstance(found, Instance) and found.cls in _MAPPED:
        found = found.args[0] if found.args else UNKNOWN
    found = without_none(found)
    return found if isinstance(found, Instance) and found != NONE else UNKNOWN


def _declared_attributes(types: Inference, symbol: ClassSymbol) -> Iterator[FunctionSymbol]:
    for name in symbol.facts.methods:
        function = types.project.function(f"{symbol.qualname}.{name}")
        if function is not None and is_declared_attribute(types, function):
            yield function


def is_declared_attribute(types: Inference, function: FunctionSymbol) -> bool:
    """Whether a method is decorated with `declared_attr` (or `declared_attr.cascading`)."""
    site = types.definition_site(function.facts, function.file)
    for decorator in function.facts.decorators:
        if isinstance(decorator, Attr) and decorator.attr in ("cascading", "directive"):
            decorator = decorator.value
        if named(types, decorator, site) == DECLARED_ATTR:
            return True
    return False
