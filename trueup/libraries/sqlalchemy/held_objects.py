"""Which objects of mapped classes a function's variables hold, and so keep in their session with all they loaded."""

from __future__ import annotations

from ...index.facts import Attr
from ...index.project import FunctionSymbol
from ...infer import Inference, Site
from ...types import Callee, Instance, Type, Union, Unknown
from .async_loading import Given, given
from .late_reads import relationship_names
from .late_relationships import Late, loaded_late
from .related import related_class

_CALLERS = 3
"""So many calls up the callers are asked."""
_CONTAINERS = ("builtins.", "collections.", "typing.")


def holds_another(types: Inference, function: FunctionSymbol, found: Given, attribute: str, late: Late) -> bool:
    """Whether a function holds another object that may be the same one with its relationship loaded.

    For a relationship to one object: or that object itself, which is then found in the session without a query.
    """
    if late.to_one and not late.target:
        return True
    for held, given_by in _held(types, function, found.via, attribute):
        if _is_of(types, held, found.model) and (given_by is None or attribute in given_by.eager or late.to_one):
            return True
        if late.to_one and (_is_of(types, held, late.target) or _relates_to(types, held, late.target)):
            return True
        if given_by is None and _relates_to(types, held, found.model):
            return True
    return False


def callers_hold(types: Inference, function: FunctionSymbol, model: str, depth: int = _CALLERS) -> bool:
    """Whether a function that calls this one, or calls its callers, holds an object of a class or may have loaded some.

    A call of something unknown that is written the same way counts as one.
    """
    for site, one in types.calls_named(function.facts.name):
        callee = types.type_of(one.call.func, site)
        is_it = isinstance(callee, Unknown) or (isinstance(callee, Callee) and callee.qualname == function.qualname)
        if site.function is None or not is_it:
            continue
        caller = FunctionSymbol(f"{site.file.module}.{site.function.qualname}", site.file, site.function, ())
        if caller.qualname == function.qualname:
            continue
        if any(
            _is_of(types, held, model) or _relates_to(types, held, model) for held, _ in _held(types, caller, (), "")
        ):
            return True
        if depth > 1 and callers_hold(types, caller, model, depth - 1):
            return True
    return False


def _held(
    types: Inference, function: FunctionSymbol, via: tuple[str, ...], attribute: str
) -> list[tuple[str, Given | None]]:
    """The classes of what the parameters and variables hold, with the query it comes from where that is known."""
    found: list[tuple[str, Given | None]] = []
    facts, file = function.facts, function.file
    for param in facts.params:
        found += [(cls, None) for cls in _classes(types.param_type(param, facts, file))]
    for one in facts.scope.bindings:
        if one.name in via or one.value is None or one.how in ("narrow", "def", "class"):
            continue
        if isinstance(one.value, Attr) and one.value.attr == attribute:
            continue
        site = Site(file, facts, None, one.block, one.line, one.column)
        classes = _classes(types.binding_type(one, facts.scope, site))
        if classes:
            by = given(types, one.value, site)
            found += [(cls, by) for cls in classes]
    return found


def _classes(one: Type) -> list[str]:
    if isinstance(one, Union):
        return [cls for item in one.items for cls in _classes(item)]
    if not isinstance(one, Instance):
        return []
    if one.cls.startswith(_CONTAINERS):
        return [cls for arg in one.args for cls in _classes(arg)]
    return [one.cls]


def _is_of(types: Inference, held: str, model: str) -> bool:
    return types.is_subclass(held, model) is True or held in types.mro(model).names[:-1]


def _relates_to(types: Inference, held: str, model: str) -> bool:
    """Whether a class has a relationship to another."""
    if not types.project.is_own(held):
        return False
    known = types.shared(_related)
    return any(_is_of(types, target, model) for name in types.mro(held).names for target in known.get(name, ()))


def _related(types: Inference) -> dict[str, tuple[str, ...]]:
    """Class -> the classes its relationships lead to."""
    names = relationship_names(types)
    found: dict[str, tuple[str, ...]] = {}
    for symbol in types.project.classes():
        fields = [field for field in symbol.facts.fields if field.name in names]
        targets = [_target(types, symbol.qualname, field.name) for field in fields]
        if any(targets):
            found[symbol.qualname] = tuple([one for one in targets if one])
    return found


def _target(types: Inference, cls: str, name: str) -> str:
    late = loaded_late(types, cls, name)
    return (late.target if late is not None else "") or related_class(types, cls, name)
