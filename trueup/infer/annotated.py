"""What objects an annotation describes, and what a dependency provides."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..index.extract import expression
from ..index.facts import (
    Attr,
    Call,
    Const,
    Expr,
    Name,
    Op,
    Sub,
)
from ..index.project import (
    ClassSymbol,
    VariableSymbol,
)
from ..types import (
    NEVER,
    NONE,
    STR,
    UNKNOWN,
    Callee,
    ClassObject,
    Instance,
    Type,
    Unknown,
    Variable,
    union,
)
from .site import Site
from .solve import CALLABLE, SELF, class_object, instance_of, substitute, variables_in

if TYPE_CHECKING:
    from .engine import Inference

_WRAPPERS = frozenset(
    f"typing.{n}" for n in ("Annotated", "ClassVar", "Final", "Required", "NotRequired", "ReadOnly", "Unpack")
) | {"dataclasses.InitVar"}
DEPENDS = frozenset({"fastapi.Depends", "fastapi.Security", "fastapi.params.Depends", "fastapi.params.Security"})
"""What marks a parameter as given by FastAPI."""


def annotation(types: Inference, expr: Expr, site: Site) -> Type:
    """The type of the objects an annotation describes."""
    if isinstance(expr, Const):
        if expr.kind == "none":
            return NONE
        parsed = _parse(types, expr.text) if expr.kind == "str" else None
        return annotation(types, parsed, site) if parsed is not None else UNKNOWN
    if isinstance(expr, Op) and expr.op == "|":
        return union([annotation(types, expr.left, site), annotation(types, expr.right, site)])
    if isinstance(expr, Sub):
        return _generic(types, expr, site)
    if isinstance(expr, Name | Attr):
        return _described(types, expr, site)
    if isinstance(expr, Call):
        return instance_of(types.type_of(expr, site))
    return UNKNOWN


def _parse(types: Inference, text: str) -> Expr | None:
    if text not in types.parsed:
        try:
            types.parsed[text] = expression(ast.parse(text.strip(), mode="eval").body)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            types.parsed[text] = None
    return types.parsed[text]


def _described(types: Inference, expr: Name | Attr, site: Site) -> Type:
    symbol = types.symbol_of(expr, site)
    if symbol is None:
        return instance_of(types.type_of(expr, site)) if isinstance(expr, Attr) else _local_class(types, expr, site)
    qualname = symbol.qualname
    if qualname == "typing.Self":
        return SELF
    if qualname == CALLABLE:
        return Instance(CALLABLE, (UNKNOWN,))
    if qualname == "typing.LiteralString":
        return STR
    if qualname in ("typing.NoReturn", "typing.Never"):
        return NEVER
    if isinstance(symbol, ClassSymbol):
        return Instance(qualname)
    if isinstance(symbol, VariableSymbol):
        return types.remember(("alias", qualname), lambda: _alias(types, symbol), UNKNOWN)
    return UNKNOWN


def _local_class(types: Inference, expr: Name, site: Site) -> Type:
    found = types.name_type(expr.id, site)
    return found if isinstance(found, Variable) else instance_of(found)


def _alias(types: Inference, symbol: VariableSymbol) -> Type:
    """What a module-level name means in an annotation: a type variable, a new type, an alias."""
    last = next((b for b in reversed(symbol.bindings) if b.value is not None), None)
    if last is None or last.value is None:
        return UNKNOWN
    site = Site(symbol.file)
    value = last.value
    if isinstance(value, Call):
        maker = types.qualname(value.func, site)
        if maker == "typing.TypeVar":
            return _type_variable(types, symbol.qualname, value, site)
        if maker == "typing.NewType" and len(value.args) == 2:
            return annotation(types, value.args[1], site)
    if isinstance(value, Const) and value.kind == "none":
        return NONE
    return annotation(types, value, site)


def _type_variable(types: Inference, qualname: str, call: Call, site: Site) -> Variable:
    for name, value in call.keywords:
        if name == "bound":
            return Variable(qualname, annotation(types, value, site))
    if len(call.args) > 1:
        return Variable(qualname, union([annotation(types, a, site) for a in call.args[1:]]))
    return Variable(qualname)


def _generic(types: Inference, expr: Sub, site: Site) -> Type:
    symbol = types.symbol_of(expr.value, site)
    if symbol is None:
        found = annotation(types, expr.value, site)
        if isinstance(found, Instance):
            return Instance(found.cls, tuple([annotation(types, i, site) for i in expr.items]))
        return UNKNOWN
    qualname = symbol.qualname
    items = expr.items
    if qualname == "typing.Optional":
        return union([annotation(types, items[0], site), NONE])
    if qualname == "typing.Union":
        return union([annotation(types, i, site) for i in items])
    if qualname in _WRAPPERS:
        described = annotation(types, items[0], site)
        if isinstance(described, Unknown) and qualname == "typing.Annotated":
            return injected(types, items[1:], site)
        return described
    if qualname == "typing.Literal":
        return union([types.type_of(i, site) for i in items])
    if qualname == CALLABLE:
        return Instance(CALLABLE, (annotation(types, items[-1], site),))
    if qualname == "builtins.type":
        return class_object(annotation(types, items[0], site))
    if qualname == "builtins.tuple":
        if len(items) == 2 and items[1] == Const("ellipsis"):
            return Instance(qualname, (annotation(types, items[0], site),), uniform=True)
        return Instance(qualname, tuple([annotation(types, i, site) for i in items]))
    if isinstance(symbol, ClassSymbol):
        return Instance(qualname, tuple([annotation(types, i, site) for i in items]))
    if isinstance(symbol, VariableSymbol) and symbol.file.module != "typing":
        # A generic alias: `Page = Union[List[T], Cursor[T]]`, `Page[User]`.
        alias = _described(types, expr.value, site) if isinstance(expr.value, Name | Attr) else UNKNOWN
        free = _variables(alias)
        return substitute(alias, {v: annotation(types, i, site) for v, i in zip(free, items, strict=False)})
    return UNKNOWN


def injected(types: Inference, extras: tuple[Expr, ...], site: Site) -> Type:
    """The type `Depends(f)` gives, looked for in the extras of an Annotated or in a default."""
    for extra in extras:
        if isinstance(extra, Call) and types.qualname(extra.func, site) in DEPENDS and extra.args:
            return dependency(types, types.type_of(extra.args[0], site))
    return UNKNOWN


def dependency(types: Inference, provider: Type) -> Type:
    """What FastAPI passes for `Depends(provider)`: the result, awaited, or what a generator yields."""
    if isinstance(provider, ClassObject):
        return Instance(provider.cls, provider.args)
    if isinstance(provider, Callee):
        symbol = types.project.function(provider.qualname)
        if symbol is None:
            return UNKNOWN
        facts = symbol.facts
        result = types.result_of(symbol, provider.receiver, None, None)
        if facts.is_generator:
            if isinstance(result, Instance) and result.cls.startswith("collections.abc."):
                return result.args[0] if result.args else UNKNOWN
            return result
        return _settled(types, result)
    if isinstance(provider, Instance):
        return _settled(types, types.method_result(provider, "__call__", None))
    return UNKNOWN


def _settled(types: Inference, value: Type) -> Type:
    """A value, or what awaiting it gives where it is a coroutine."""
    if isinstance(value, Instance) and value.cls == "collections.abc.Coroutine":
        return types.awaited(value)
    return value


def _variables(one: Type) -> list[str]:
    return list(dict.fromkeys(v.name for v in variables_in(one)))
