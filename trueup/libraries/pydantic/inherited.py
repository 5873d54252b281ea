"""What a model has from all its bases together: its fields, and the switches of its config."""

from __future__ import annotations

from msgspec import Struct

from ...index.facts import Attr, Call, Const, Expr, Field
from ...index.project import ClassSymbol
from ...infer import Inference, Site
from .annotations import is_class_var, is_field_name
from .config import config_of

_LIBRARIES = ("pydantic", "pydantic_settings", "typing", "typing_extensions", "builtins", "abc", "enum")
"""Their classes bring a model no fields, whatever they annotate."""
ROOT = "__root__"


class Fields(Struct, frozen=True):
    """The fields of a model, its own and inherited ones; `complete`: there are no others."""

    by_name: dict[str, tuple[ClassSymbol, Field]]
    """Name -> the class that says last what the field is, and the statement that does."""
    complete: bool

    def __contains__(self, name: object) -> bool:
        return name in self.by_name


def fields_of(types: Inference, symbol: ClassSymbol) -> Fields:
    """All fields of a class, in the order of the classes that bring them, bases first."""
    return types.once(
        ("pydantic fields", symbol.qualname, symbol.file.path, symbol.facts.pos), lambda: _fields(types, symbol)
    )


def _fields(types: Inference, symbol: ClassSymbol) -> Fields:
    mro = types.mro(symbol.qualname)
    found: dict[str, tuple[ClassSymbol, Field]] = {}
    complete = mro.complete
    for name in reversed(mro.names):
        owner = symbol if name == symbol.qualname else types.project.klass(name)
        if owner is None:
            complete = complete and name.partition(".")[0] in _LIBRARIES
            continue
        if name.partition(".")[0] in _LIBRARIES:
            continue
        site = Site(owner.file, None, owner.facts)
        for field in owner.facts.fields:
            if field.method or not is_field_name(field.name):
                continue
            if field.annotation is None and (field.value is None or _is_decorated(field.value)):
                continue
            if field.annotation is not None and is_class_var(types, field.annotation, site, final=False):
                continue
            found[field.name] = (owner, field)
    return Fields(found, complete)


def _is_decorated(value: Expr) -> bool:
    return isinstance(value, Call) and isinstance(value.func, Call)


def switch(types: Inference, cls: str, *keys: str) -> bool | None:
    """Whether the config of a class, own or inherited, turns something on; None where that cannot be read."""
    value = config_of(types, cls, *keys)
    if value is None:
        return False if types.mro(cls).complete else None
    if isinstance(value, Const) and value.kind == "bool":
        return value.text == "True"
    return None


def keeps_extras(types: Inference, cls: str) -> bool | None:
    """Whether a class keeps keys that are no fields; None where that cannot be read."""
    value = config_of(types, cls, "extra")
    if value is None:
        return False if types.mro(cls).complete else None
    if isinstance(value, Const):
        return value.text == "allow"
    return value.attr == "allow" if isinstance(value, Attr) else None


def has_aliases(types: Inference, symbol: ClassSymbol) -> bool:
    """Whether a field of a class may go by another name in the data."""
    if config_of(types, symbol.qualname, "alias_generator", "fields") is not None:
        return True
    values = [field.value for _, field in fields_of(types, symbol).by_name.values()]
    return any(
        isinstance(value, Call) and any(key in ("alias", "validation_alias") for key, _ in value.keywords)
        for value in values
    )
