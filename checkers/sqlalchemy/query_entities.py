"""Which entity a chain is about, and what the names of its attributes mean."""

from __future__ import annotations

import ast

from msgspec import Struct

from trueup.file import File
from trueup.libraries.sqlalchemy.related import is_attribute, related_class
from trueup.types import Instance, without_none

from .query_items import Kind, class_of, item_of
from .query_shapes import written_name

_STATEMENTS = ("sqlalchemy.orm.Query", "sqlalchemy.Select")


class Entity(Struct, frozen=True):
    """A mapped class or alias as it is written; `cls` is empty where it is not known."""

    text: str
    cls: str


def chain_entity(call: ast.Call, file: File) -> Entity | None:
    """The entity a method of a query or `select()` is about: the first it selects, or what it selects from."""
    node: ast.expr = call
    while isinstance(node, ast.Call):
        match node:
            case ast.Call(func=ast.Attribute(attr="query"), args=[first, *_]):
                return _entity(first, file)
            case ast.Call(func=ast.Name(id="select") | ast.Attribute(attr="select"), args=[first, *_]):
                return _entity(first, file)
            case ast.Call(func=ast.Attribute(attr="select_from"), args=[first, *_]) if node is not call:
                return _entity(first, file)
            case ast.Call(func=ast.Attribute(value=value)):
                node = value
            case _:
                break
    one = without_none(file.type_of(node))
    if isinstance(one, Instance) and one.cls in _STATEMENTS and one.args:
        inner = one.args[-1]
        if isinstance(inner, Instance) and (text := written_name(inner.cls, file, node)):
            return Entity(text, inner.cls)
    return None


def _entity(node: ast.expr, file: File) -> Entity | None:
    item = item_of(node, file)
    if item.kind is Kind.ENTITY:
        return Entity(item.text, item.cls)
    for one in ast.walk(node):
        if isinstance(one, ast.Attribute) and (cls := class_of(file.type_of(one.value))):
            return Entity(file.segment(one.value), cls)
    return None


def is_query_method(call: ast.Call, file: File) -> bool:
    """Whether a call is certainly a method of a query or of a statement."""
    node: ast.expr = call
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr == "query" and node is not call and node.args:
            return True
        node = node.func.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node is not call:
        return file.qualname(node.func) in ("sqlalchemy.select", "sqlmodel.select")
    one = without_none(file.type_of(node))
    return isinstance(one, Instance) and any(name in _STATEMENTS for name in file.types.mro(one.cls).names)


def next_entity(entity: Entity, attr: str, file: File, at: ast.expr) -> Entity | None:
    """The entity that a relationship leads to; None where it is none, or the class has no name here."""
    cls = related_class(file.types, entity.cls, attr) if entity.cls else ""
    text = written_name(cls, file, at) if cls else None
    return Entity(text, cls) if text else None


def lacks(entity: Entity, attr: str, file: File) -> bool:
    """Whether a mapped class certainly has no attribute of a name."""
    if not entity.cls or is_attribute(file.types, entity.cls, attr):
        return False
    return file.types.mro(entity.cls).complete


def string(node: ast.expr) -> str | None:
    """The text of a literal string."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
