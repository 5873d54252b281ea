"""URLs: strings in version 1, objects of their own in version 2."""

from __future__ import annotations

from dataclasses import dataclass

from ...infer import Inference
from ...types import ClassObject, Instance, Type, Union, without_none

URL = "pydantic.AnyUrl"
"""What all classes of URLs inherit from; in version 1 itself a `str`."""
NEW_BUILD = {"user": "username"}
"""Argument of `build` -> its name in version 2."""
BUILD = frozenset({"scheme", "user", "password", "host", "port", "path", "query", "fragment"})
"""The arguments of `build` that both versions have."""


@dataclass(frozen=True, slots=True)
class BuildChange:
    """What a call of `build` becomes: sources of the new `port` and `path` (empty: as they are), and whether `str`."""

    port: str
    path: str
    wrap: bool


def is_url(types: Inference, cls: str) -> bool:
    """Whether a class is one of Pydantic's URLs, or inherits from one."""
    return URL in types.mro(cls).names


def is_url_class(types: Inference, one: Type) -> bool:
    """Whether something is certainly a class of URLs."""
    return isinstance(one, ClassObject) and is_url(types, one.cls)


def is_url_object(types: Inference, one: Type) -> bool:
    """Whether something is certainly a URL, or None."""
    one = without_none(one)
    items = one.items if isinstance(one, Union) else (one,)
    return all(isinstance(item, Instance) and is_url(types, item.cls) for item in items)
