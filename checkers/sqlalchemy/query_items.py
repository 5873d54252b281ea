"""What a query selects: mapped classes, aliases, columns; and what else its conditions mention."""

from __future__ import annotations

import ast
from enum import StrEnum

from msgspec import Struct

from trueup.file import File
from trueup.libraries.sqlalchemy.mapping import mapping
from trueup.types import ClassObject, Foreign, Instance, Type, Union, Unknown, Variable, without_none

_TABLES = ("sqlalchemy.FromClause",)
_AGGREGATES = frozenset({"count", "sum", "avg", "min", "max", "array_agg", "string_agg", "group_concat", "every"})
_EMBEDDED = frozenset({"any", "has", "in_", "not_in", "notin_"})
"""Methods whose arguments select for themselves."""
_STATEMENTS = frozenset({"exists", "query", "select", "subquery", "scalar_subquery", "as_scalar"})
"""What begins or ends a statement inside a condition."""


class Kind(StrEnum):
    """What an item of a query is."""

    ENTITY = "entity"
    COLUMN = "column"
    """A column, a function, a table: whatever comes as part of a row."""
    UNKNOWN = "unknown"


class Item(Struct, frozen=True):
    """One argument of `query(...)`."""

    kind: Kind
    text: str
    cls: str = ""
    """The mapped class, where it is known."""
    owner: str = ""
    """Of a column: how the class it belongs to is written."""
    doubt: str = ""
    single: bool = False
    """An aggregate, or EXISTS: there is one row of it."""
    exact: bool = False
    """Whether it is `cls` itself, and none of the classes below."""


def class_of(one: Type) -> str | None:
    """The class that an object is, empty where it is one and not known which; None where it is none."""
    one = without_none(one)
    if isinstance(one, ClassObject):
        return one.cls
    if isinstance(one, Instance) and one.cls == "builtins.type":
        inner = one.args[0] if one.args else None
        if isinstance(inner, Variable):
            inner = inner.bound
        return inner.cls if isinstance(inner, Instance) else ""
    if isinstance(one, Variable):
        return class_of(one.bound) if one.bound is not None else None
    if isinstance(one, Union):
        found = [class_of(item) for item in one.items]
        return None if None in found or not found else found[0] if len(set(found)) == 1 else ""
    return None


def item_of(node: ast.expr, file: File) -> Item:
    """What an argument of `query(...)` is."""
    text = file.segment(node)
    if isinstance(node, ast.Starred):
        return Item(Kind.COLUMN if _holds_columns(node.value, file) else Kind.UNKNOWN, text)
    one = without_none(file.type_of(node))
    cls = class_of(one)
    if cls is not None:
        return Item(Kind.ENTITY, text, cls, exact=bool(cls) and file.qualname(node) == cls)
    match node:
        case ast.Attribute(attr="__class__") | ast.Call(func=ast.Name(id="type"), args=[_]):
            return Item(Kind.ENTITY, text)
    if isinstance(one, Instance):
        if one.cls == "builtins.bool" or one.cls.startswith("sqlalchemy.") or _is_sql(one, file):
            return Item(Kind.COLUMN, text, owner=_owner(node), single=is_single(node, file))
        if not isinstance(node, ast.Attribute) or class_of(file.type_of(node.value)) is None:
            return Item(Kind.UNKNOWN, text)
    match node:
        case ast.Attribute(value=value, attr=attr):
            known = class_of(file.type_of(value)) is not None
            # `model.Page` is a class of a module, `Page.title` and `item_model.title` are columns.
            named = _is_cap(value) or (not _is_cap(node) and _is_called_class(value, file))
            if known or attr == "c" or named:
                doubt = _guess(value, file) if named and not known else ""
                return Item(Kind.COLUMN, text, owner=file.segment(value), doubt=doubt)
            if isinstance(value, ast.Attribute) and value.attr in ("c", "columns"):
                return Item(Kind.COLUMN, text)
        case ast.Subscript(value=ast.Attribute(attr="c" | "columns" | "columns_")):
            return Item(Kind.COLUMN, text)
        case ast.Call(func=ast.Attribute(attr="exists"), args=[], keywords=[]):
            return Item(Kind.COLUMN, text, single=True)
        case ast.Call(func=ast.Attribute(value=value)):
            inner = item_of(value, file)
            if inner.kind is Kind.COLUMN:
                return Item(Kind.COLUMN, text, owner=inner.owner, doubt=inner.doubt, single=is_single(node, file))
        case ast.UnaryOp(operand=operand):
            return item_of(operand, file)
        case ast.BinOp(left=left, right=right):
            for side in (left, right):
                if (found := item_of(side, file)).kind is Kind.COLUMN:
                    return Item(Kind.COLUMN, text, doubt=found.doubt)
        case ast.Compare(left=left):
            if item_of(left, file).kind is Kind.COLUMN:
                return Item(Kind.COLUMN, text)
    if _is_called_class(node, file):
        return Item(Kind.ENTITY, text, doubt=_guess(node, file))
    if isinstance(node, ast.Name | ast.Attribute) and _has_columns(node, file):
        doubt = f"what `{text}` is is not known; it is taken for a mapped class, as the conditions read its columns"
        return Item(Kind.ENTITY, text, doubt=doubt)
    return Item(Kind.UNKNOWN, text)


def _holds_columns(node: ast.expr, file: File) -> bool:
    """Whether a collection certainly holds nothing but columns."""
    match node:
        case ast.Attribute(value=ast.Attribute(attr="__table__"), attr="c" | "columns"):
            return True
        case ast.Tuple(elts=items) | ast.List(elts=items):
            return all(item_of(item, file).kind is Kind.COLUMN for item in items)
    one = file.types.iterated(file.type_of(node))
    return isinstance(one, Instance) and (one.cls.startswith("sqlalchemy.") or _is_sql(one, file))


def _has_columns(node: ast.expr, file: File) -> bool:
    """Whether the chain on `query(model)` reads columns of the model: `filter(model.id == 1)`."""
    call = file.parent(node)
    if not isinstance(call, ast.Call) or node not in call.args:
        return False
    same = ast.dump(node)
    top: ast.AST = call
    while isinstance(parent := file.parent(top), ast.Attribute | ast.Call):
        if isinstance(parent, ast.Call) and parent.func is not top:
            break
        top = parent
    return any(
        isinstance(one, ast.Attribute)
        and one.attr not in ("label", "desc", "asc", "c", "in_")
        and ast.dump(one.value) == same
        for one in ast.walk(top)
    )


def _guess(node: ast.expr, file: File) -> str:
    return f"what `{file.segment(node)}` is is not known; by its name it is taken for a mapped class"


def _is_sql(one: Instance, file: File) -> bool:
    """Whether an object is an expression of SQL."""
    return any(name.startswith("sqlalchemy.") for name in file.types.mro(one.cls).names)


def _is_cap(node: ast.expr) -> bool:
    """Whether the last part of a dotted name is written like a class."""
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return name[:1].isupper() and any(letter.islower() for letter in name)


def _is_called_class(node: ast.expr, file: File) -> bool:
    """Whether something of unknown type has the name of a class, or of a variable for one: `Page`, `item_class`."""
    if not isinstance(file.type_of(node), Unknown | Foreign):
        return False
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return _is_cap(node) or name in _CLASSES or name.endswith(_CLASS_ENDINGS)


_CLASSES = ("cls", "klass", "model")
_CLASS_ENDINGS = ("_cls", "_class", "_klass", "_model")
"""How variables for classes are called."""


def _owner(node: ast.expr) -> str:
    return ast.unparse(node.value) if isinstance(node, ast.Attribute) else ""


def is_single(node: ast.expr, file: File) -> bool:
    """Whether selecting an expression, and only such, gives exactly one row."""
    match node:
        case ast.Call(func=ast.Attribute(value=value, attr="label" | "filter" | "exists")):
            return node.func.attr == "exists" or is_single(value, file)  # type: ignore[attr-defined]
        case ast.Call(func=ast.Attribute(value=generator, attr=name), args=args):
            if name == "coalesce" and args:
                return is_single(args[0], file)
            return name in _AGGREGATES and file.qualname(generator) in ("sqlalchemy.func", "sqlalchemy.sql.func")
    return False


def is_entity_name(node: ast.expr, file: File) -> bool:
    """Whether an expression is a mapped class or an alias of one, or is taken for one."""
    return isinstance(node, ast.Name | ast.Attribute) and item_of(node, file).kind is Kind.ENTITY


def mentions_others(node: ast.expr, entity: Item, file: File) -> bool:
    """Whether a condition may bring in the rows of another table than the entity's, so that rows are multiplied."""
    match node:
        case ast.Name(ctx=ast.Load()) | ast.Attribute(ctx=ast.Load()):
            found = _is_other(node, entity, file)
            if found is not None:
                return found
            return mentions_others(node.value, entity, file) if isinstance(node, ast.Attribute) else False
        case ast.Call(func=func, args=args, keywords=keywords):
            name = _called(node)
            if name in _STATEMENTS or _is_statement(func):
                return False
            if isinstance(func, ast.Attribute) and mentions_others(func.value, entity, file):
                return True
            if name in _EMBEDDED:
                return False
            return any(mentions_others(one, entity, file) for one in (*args, *(k.value for k in keywords)))
        case ast.Lambda() | ast.Constant():
            return False
    return any(
        mentions_others(child, entity, file) for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)
    )


def _called(node: ast.Call) -> str:
    func = node.func
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def _is_statement(func: ast.expr) -> bool:
    """Whether a method is one of a statement: `exists().where`."""
    while isinstance(func, ast.Attribute) and isinstance(func.value, ast.Call):
        if _called(func.value) in _STATEMENTS:
            return True
        func = func.value.func
    return False


def _is_other(node: ast.Name | ast.Attribute, entity: Item, file: File) -> bool | None:
    """Whether a name is another mapped class, alias or table; None for a name that is neither that nor the entity."""
    if file.segment(node) == entity.text:
        return False
    one = without_none(file.type_of(node))
    cls = class_of(one)
    if cls is not None:
        where = mapping(file.types)
        if cls and not where.is_declarative(cls) and not where.is_sqlmodel(cls) and file.types.mro(cls).complete:
            return False
        return not (cls and entity.cls and cls == entity.cls and file.qualname(node) is not None)
    if isinstance(one, Instance):
        return True if any(base in file.types.mro(one.cls).names for base in _TABLES) else None
    if isinstance(one, Unknown | Foreign) and _is_cap(node):
        return True
    return None


_JOINING = frozenset({"and_", "or_", "not_", "between", "tuple_"})


def is_loose(node: ast.expr, file: File) -> bool:
    """Whether a condition comes out of a variable or a function, so that it may be about any table."""
    match node:
        case ast.Starred() | ast.Name():
            return True
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=args) if name in _JOINING:
            return any(is_loose(arg, file) for arg in args)
        case ast.Call(func=ast.Name(id="text")):
            return False
        case ast.Call(func=ast.Name() as func):
            return not (file.qualname(func) or "").startswith("sqlalchemy.")
        case ast.Compare(left=left, comparators=[right]):
            return isinstance(left, ast.Name) and isinstance(right, ast.Name | ast.Constant)
        case ast.BinOp(left=left, right=right):
            return is_loose(left, file) or is_loose(right, file)
        case ast.UnaryOp(operand=operand):
            return is_loose(operand, file)
        case ast.BoolOp() | ast.IfExp():
            return True
    return False
