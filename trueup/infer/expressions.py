"""The type of an expression, by its form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..index.facts import (
    Attr,
    Await,
    Call,
    Choice,
    Comp,
    Const,
    Display,
    Expr,
    Lambda,
    Mapping,
    Name,
    Op,
    Opaque,
    Star,
    Sub,
)
from ..index.project import (
    VariableSymbol,
)
from ..types import (
    EMPTY,
    LITERALS,
    NONE,
    UNKNOWN,
    ClassObject,
    Foreign,
    Instance,
    Type,
    Union,
    Unknown,
    union,
    without_none,
)
from .site import Site
from .solve import CALLABLE

if TYPE_CHECKING:
    from .engine import Inference

_OPERATORS = {
    "+": "__add__", "-": "__sub__", "*": "__mul__", "/": "__truediv__", "//": "__floordiv__", "%": "__mod__",
    "**": "__pow__", "<<": "__lshift__", ">>": "__rshift__", "|": "__or__", "^": "__xor__", "&": "__and__",
    "@": "__matmul__",
}  # fmt: skip


def type_of(types: Inference, expr: Expr, site: Site) -> Type:
    """The type of an expression read at a place."""
    if isinstance(expr, Name):
        return types.name_type(expr.id, site)
    if isinstance(expr, Attr):
        return types.attribute_of(expr, site)
    if isinstance(expr, Call):
        return types.call_type(expr, site)
    if isinstance(expr, Const):
        return LITERALS.get(expr.kind, UNKNOWN)
    if isinstance(expr, Sub):
        return _subscript(types, expr, site)
    if isinstance(expr, Await):
        return types.awaited(type_of(types, expr.value, site))
    if isinstance(expr, Display):
        return _display(types, expr, site)
    if isinstance(expr, Mapping):
        return _mapping(types, expr, site)
    if isinstance(expr, Choice):
        return _choice(types, expr, site)
    if isinstance(expr, Comp):
        return _comprehension(types, expr, site)
    if isinstance(expr, Op):
        return _operation(types, expr, site)
    if isinstance(expr, Opaque) and expr.of:
        return Instance(expr.of)
    if isinstance(expr, Lambda):
        return Instance(CALLABLE, (UNKNOWN,))
    return UNKNOWN


MAX_NESTING = 5
"""Displays nested deeper are Unknown inside: a function that wraps its own argument would nest them without end."""
MAX_TUPLE = 16


def shallow(one: Type, left: int = MAX_NESTING) -> Type:
    """A type, or Unknown where it is nested too deeply."""
    if isinstance(one, Instance | ClassObject):
        nested = one.args
    elif isinstance(one, Union):
        nested = one.items
    else:
        return one
    if not nested:
        return one
    return one if left and all(shallow(n, left - 1) is n for n in nested) else UNKNOWN


def _display(types: Inference, expr: Display, site: Site) -> Type:
    if expr.kind == "tuple" and len(expr.items) <= MAX_TUPLE and not any(isinstance(i, Star) for i in expr.items):
        return Instance("builtins.tuple", tuple([shallow(type_of(types, i, site)) for i in expr.items]))
    items = [
        types.iterated(type_of(types, i.value, site)) if isinstance(i, Star) else type_of(types, i, site)
        for i in expr.items[:8]
    ]
    element = shallow(union(items)) if items else EMPTY
    return Instance(f"builtins.{expr.kind}", (element,), uniform=expr.kind == "tuple")


def _mapping(types: Inference, expr: Mapping, site: Site) -> Type:
    if not expr.keys:
        return Instance("builtins.dict", (EMPTY, EMPTY))
    if None in expr.keys:
        return Instance("builtins.dict", (UNKNOWN, UNKNOWN))
    keys = [type_of(types, k, site) for k in expr.keys[:8] if k is not None]
    values = [type_of(types, v, site) for v in expr.values[:8]]
    return Instance("builtins.dict", (shallow(union(keys)), shallow(union(values))))


def _choice(types: Inference, expr: Choice, site: Site) -> Type:
    options = [type_of(types, i, site) for i in expr.items]
    if expr.kind == "or":
        options = [without_none(t) for t in options[:-1]] + options[-1:]
        options = [t for t in options[:-1] if t != NONE] + options[-1:]
    return union(options)


def _comprehension(types: Inference, expr: Comp, site: Site) -> Type:
    scope = types.scope_of(site)
    block = site.block
    for index, one in enumerate(scope.blocks):
        if one.kind == "comprehension" and (one.pos.line, one.pos.column) == (expr.line, expr.column):
            block = index
    inside = Site(site.file, site.function, site.klass, block, expr.line, expr.column)
    item = shallow(type_of(types, expr.item, inside))
    if expr.kind == "dict":
        key = type_of(types, expr.key, inside) if expr.key is not None else UNKNOWN
        return Instance("builtins.dict", (key, item))
    if expr.kind == "generator":
        return Instance("collections.abc.Generator", (item, NONE, NONE))
    return Instance(f"builtins.{expr.kind}", (item,))


def _operation(types: Inference, expr: Op, site: Site) -> Type:
    left = type_of(types, expr.left, site)
    if isinstance(left, Instance):
        found = types.method_result(left, _OPERATORS[expr.op], [type_of(types, expr.right, site)])
        if not isinstance(found, Unknown):
            return found
    right = type_of(types, expr.right, site)
    return left if left == right and isinstance(left, Instance) else UNKNOWN


def _subscript(types: Inference, expr: Sub, site: Site) -> Type:
    value = type_of(types, expr.value, site)
    if isinstance(value, ClassObject | Foreign) or isinstance(types.symbol_of(expr.value, site), VariableSymbol):
        described = types.annotation(expr, site)
        if isinstance(described, Instance) and not isinstance(value, Instance):
            return ClassObject(described.cls, described.args)
        if isinstance(value, ClassObject | Foreign):
            return UNKNOWN
    return _element(types, value, expr.items, site)


def _element(types: Inference, value: Type, items: tuple[Expr, ...], site: Site) -> Type:
    value = without_none(value)
    if isinstance(value, Union):
        return union([_element(types, v, items, site) for v in value.items])
    if not isinstance(value, Instance):
        return UNKNOWN
    index = items[0] if len(items) == 1 else None
    if value.cls == "builtins.tuple" and value.args:
        if value.uniform:
            return value if index == Opaque("builtins.slice") else value.args[0]
        if isinstance(index, Const) and index.kind == "int" and index.text:
            place = int(index.text)
            return value.args[place] if -len(value.args) <= place < len(value.args) else UNKNOWN
        return UNKNOWN
    passed = type_of(types, index, site) if index is not None else UNKNOWN
    return types.method_result(value, "__getitem__", [passed])
