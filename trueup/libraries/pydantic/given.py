"""What the project is seen to give to the fields of its models."""

from __future__ import annotations

from collections.abc import Iterator

from ...index.facts import Call, Display, Expr
from ...infer import Inference, Site
from ...model import Place
from ...types import ClassObject, Instance, Type, Union, without_none
from .models import is_model


def given_subclasses(types: Inference, cls: str, field: str) -> Iterator[tuple[str, Place]]:
    """The models that calls of a model give to a field whose type is a base of theirs, each with the place."""
    wanted = types.attribute(Instance(cls), field)
    bases = _models(types, wanted)
    if not bases:
        return
    for site, one in types.calls_named(cls.rpartition(".")[2]):
        value = dict(one.call.keywords).get(field)
        if value is None:
            continue
        callee = types.type_of(one.call.func, site)
        if not isinstance(callee, ClassObject) or callee.cls != cls:
            continue
        for found in _values(types, value, site):
            for item in found.items if isinstance(found, Union) else (found,):
                if not isinstance(item, Instance) or item.cls in bases or not is_model(types, item.cls):
                    continue
                if any(base in types.mro(item.cls).names for base in bases):
                    yield item.cls, Place(site.file.path, one.pos.line, one.pos.column + 1, "given here")


def _models(types: Inference, wanted: Type) -> list[str]:
    """The models that a field, or the elements of a list, are declared to be."""
    wanted = without_none(wanted)
    items = wanted.items if isinstance(wanted, Union) else (wanted,)
    found = [item.cls for item in items if isinstance(item, Instance) and is_model(types, item.cls)]
    if found:
        return found
    if len(items) == 1 and isinstance(items[0], Instance) and items[0].cls in _LISTS and items[0].args:
        inner = items[0].args[-1]
        return [inner.cls] if isinstance(inner, Instance) and is_model(types, inner.cls) else []
    return []


_LISTS = ("builtins.list", "builtins.tuple", "builtins.set", "builtins.dict", "collections.abc.Sequence")


def _values(types: Inference, value: Expr, site: Site) -> list[Type]:
    """What is given: a value, or the elements of a list."""
    if isinstance(value, Display):
        return [types.type_of(item, site) for item in value.items]
    found = without_none(types.type_of(value, site))
    if isinstance(found, Instance) and found.cls in _LISTS:
        return [found.args[-1]] if found.args else []
    return [found] if not isinstance(value, Call) or isinstance(found, Instance | Union) else []
