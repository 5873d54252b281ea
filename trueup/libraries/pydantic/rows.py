"""Objects that models are filled from by their attributes: which of their values a model no longer converts."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ...index.facts import Call
from ...infer import Inference, Site
from ...types import Instance, Type, Unknown
from ..sqlalchemy.columns import column_call, declared, value_type
from ..sqlalchemy.places import body_site
from .conversions import Conversion, converts_itself, lost
from .inherited import fields_of


def refused(types: Inference, model: str, row: str, roots: Collection[str] = ()) -> Iterator[tuple[str, Conversion]]:
    """The fields of a model that an object of another class has another type for, such as version 2 refuses."""
    symbol = types.project.klass(model)
    if symbol is None or converts_itself(types, model, roots):
        return
    for name, (owner, field) in fields_of(types, symbol).by_name.items():
        if field.annotation is None or _has_alias(field.value):
            continue
        site = types.class_site(owner)
        wanted = types.annotation(field.annotation, Site(owner.file, site.function, owner.facts))
        found = lost(wanted, attribute_type(types, row, name))
        if found is not None:
            yield name, found


def _has_alias(value: object) -> bool:
    return isinstance(value, Call) and any(name in ("alias", "validation_alias") for name, _ in value.keywords)


def attribute_type(types: Inference, cls: str, name: str) -> Type:
    """What an attribute of an object is, one of a `Column(...)` too."""
    for owner in types.mro(cls).names:
        symbol = types.project.klass(owner)
        for field in symbol.facts.fields if symbol is not None else ():
            if field.name == name and symbol is not None:
                site = body_site(types, symbol, field)
                call = column_call(types, field.value, site)
                if call is not None and field.annotation is None:
                    return value_type(types, declared(types, call, site))
                return types.attribute(Instance(cls), name)
    return Unknown()
