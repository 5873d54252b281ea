"""URLs: strings in version 1, objects of their own in version 2."""

from __future__ import annotations

from msgspec import Struct

from ...config import Config
from ...index.facts import Attr, Const, Expr, FileFacts, Name, Op, Sub
from ...infer import Inference, Site
from ...types import ClassObject, Instance, Type, Union, without_none

URL = "pydantic.AnyUrl"
"""What all classes of URLs inherit from; in version 1 itself a `str`."""
NEW_BUILD = {"user": "username"}
"""Argument of `build` -> its name in version 2."""
BUILD = frozenset({"scheme", "user", "password", "host", "port", "path", "query", "fragment"})
"""The arguments of `build` that both versions have."""


class BuildChange(Struct, frozen=True):
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


STR_METHODS = frozenset(
    {"capitalize", "casefold", "center", "count", "encode", "endswith", "expandtabs", "find", "index", "isascii",
     "islower", "isupper", "join", "ljust", "lower", "lstrip", "partition", "removeprefix", "removesuffix", "replace",
     "rfind", "rindex", "rjust", "rpartition", "rsplit", "rstrip", "split", "splitlines", "startswith", "strip",
     "title", "translate", "upper", "zfill"}
)  # fmt: skip
"""Methods of a string, which a URL of version 1 had too."""
ENDINGS = ("Url", "Dsn", "URL")
"""How the names of classes of URLs end, as a rule."""


def url_names(types: Inference) -> frozenset[str]:
    """The names of all fields and variables of classes in the project that hold URLs."""
    return types.shared(_url_names)


def _url_names(types: Inference) -> frozenset[str]:
    return frozenset().union(*types.by_file(_url_names_in).values())


def _url_names_in(types: Inference, path: str) -> frozenset[str]:
    found: set[str] = set()
    file = types.project.files[path]
    for klass in file.classes:
        site = Site(file, None, klass)
        for field in klass.fields:
            if field.annotation is not None and _may_name_url(field.annotation):
                held = types.annotation(field.annotation, site)
                if is_url_object(types, held) or is_url_object(types, types.iterated(held)):
                    found.add(field.name)
    return frozenset(found)


def _may_name_url(expr: Expr) -> bool:
    match expr:
        case Name(id=name) | Attr(attr=name):
            return name.endswith(ENDINGS)
        case Sub(value=value, items=items):
            return _may_name_url(value) or any(map(_may_name_url, items))
        case Op(left=left, right=right):
            return _may_name_url(left) or _may_name_url(right)
        case Const(kind="str", text=text):
            return any(ending in text for ending in ENDINGS)
    return False


def holds_urls(facts: FileFacts, types: Inference, config: Config) -> bool:
    """Whether a file has to do with fields that hold URLs."""
    if not types.project.imports_any(["pydantic"]):
        return False
    names = url_names(types)
    if any(one.module.startswith("pydantic") and one.attr.endswith(ENDINGS) for one in facts.scope.imports):
        return True
    return not names.isdisjoint(facts.attributes)
