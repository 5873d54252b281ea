"""The `getter_dict` of a `Config`: a class that says how the fields of a model are read from any object."""

from __future__ import annotations

import ast

from ...index.project import ClassSymbol
from ...infer import Inference
from ...types import ClassObject, Type
from .inherited import has_aliases, switch
from .models import models_below
from .validators import declared, family

GETTER = ("pydantic.utils.GetterDict", "pydantic.v1.utils.GetterDict")
METHOD = "read_attributes"
"""The validator that asks the getter in version 2."""
_LOCAL = ("cls", "found", "getter", "value")
"""The names in it."""


def can_read(types: Inference, owner: ClassSymbol, value: ast.expr, kind: Type) -> bool:
    """Whether a validator can ask the getter `value`, of type `kind`, in the place of version 1.

    The names it is asked for are those of the fields, so that none may have an alias; and no validator may run before.
    """
    if not isinstance(value, ast.Name | ast.Attribute) or not isinstance(kind, ClassObject):
        return False
    if any(isinstance(one, ast.Name) and one.id in _LOCAL for one in ast.walk(value)):
        return False
    if switch(types, owner.qualname, "orm_mode", "from_attributes") is not True:
        return False
    if not {*GETTER} & {*types.mro(kind.cls).names} or not types.mro(owner.qualname).complete:
        return False
    if any(has_aliases(types, one) for one in [owner, *models_below(types, owner.qualname)]):
        return False
    return not any(
        METHOD in one.facts.methods or any(met.whole and met.pre for met in declared(types, one))
        for one in [owner, *family(types, owner)]
    )
