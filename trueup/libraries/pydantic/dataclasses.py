"""Which classes are data classes, of the standard library or of Pydantic."""

from __future__ import annotations

from ...index.facts import Call
from ...infer import Inference

PYDANTIC = "pydantic.dataclasses.dataclass"
STANDARD = "dataclasses.dataclass"
AFTER = "__post_init_post_parse__"
INIT = "__post_init__"


def dataclass_of(types: Inference, cls: str) -> str:
    """By which decorator a class of the project is a data class itself: `PYDANTIC`, `STANDARD` or empty."""
    symbol = types.project.klass(cls)
    if symbol is None:
        return ""
    site = types.class_site(symbol)
    for decorator in symbol.facts.decorators:
        name = types.qualname(decorator.func if isinstance(decorator, Call) else decorator, site)
        if name in (PYDANTIC, STANDARD):
            return name
    return ""


def validates(types: Inference, cls: str) -> bool:
    """Whether a class is a data class of Pydantic, or stands below or above one of the project."""
    if any(dataclass_of(types, name) == PYDANTIC for name in types.mro(cls).names):
        return True
    return cls in types.shared(_above)


def _above(types: Inference) -> tuple[str, ...]:
    """The classes that data classes of Pydantic inherit from."""
    found: dict[str, None] = {}
    for symbol in types.project.classes():
        if symbol.facts.decorators and dataclass_of(types, symbol.qualname) == PYDANTIC:
            found.update(dict.fromkeys(types.mro(symbol.qualname).names))
    return tuple(found)
