"""The `json_encoders` of models: where they are given, and for which classes they hold."""

from __future__ import annotations

from collections.abc import Mapping as AnyMapping

from msgspec import Struct

from ...index.expressions import every_part
from ...index.facts import Attr, Call, Choice, Const, Expr, Lambda, Mapping, Name, Opaque, Sub
from ...index.project import ClassSymbol
from ...infer import Inference, Site
from ...types import ClassObject
from .models import is_model

KEY = "json_encoders"
MAKERS = ("pydantic.ConfigDict", "pydantic.config.ConfigDict", "pydantic_settings.SettingsConfigDict")
_SAME = {
    "pydantic.types._SecretBase": "pydantic.SecretField",
    "pydantic.types._SecretField": "pydantic.SecretField",
    "pydantic.types.SecretField": "pydantic.SecretField",
}
"""Classes that are one, under the names of version 2 and of version 1."""

EntryId = tuple[str, int]
"""The class that gives an encoder, and its place among those of that class."""


class Entry(Struct, frozen=True):
    """One of the encoders: the class it is for, how that is written, and what it is."""

    key: str
    named: Expr
    encoder: Expr


class Definition(Struct, frozen=True):
    """The `json_encoders` that one class gives.

    `parts`: its entries, and the names of classes whose encoders are spread into them, in their order. `problem`: why
    they are not understood; empty if they are.
    """

    cls: str
    parts: tuple[Entry | str, ...]
    problem: str = ""

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Its own encoders."""
        return tuple(one for one in self.parts if isinstance(one, Entry))

    @property
    def spreads(self) -> tuple[str, ...]:
        """The classes whose encoders it takes in."""
        return tuple(one for one in self.parts if isinstance(one, str))


def plain_name(name: str) -> str:
    """A class's name, one for those that have several."""
    return _SAME.get(name, name)


def definitions(types: Inference, roots: tuple[str, ...]) -> dict[str, Definition]:
    """Class -> the encoders it gives, for all classes of the project."""
    return types.shared(_definitions, roots)


def _definitions(types: Inference, roots: tuple[str, ...]) -> dict[str, Definition]:
    found: dict[str, Definition] = {}
    seen: set[str] = set()
    for symbol in types.project.classes():
        cls, again = symbol.qualname, symbol.qualname in seen
        seen.add(cls)
        given = _given(types, symbol)
        if given is None and not (again and cls in found):
            continue
        value, problem = given or (None, "")
        if again:
            found[cls] = Definition(cls, (), f"there are several classes `{symbol.facts.name}`")
        elif value is None or problem:
            found[cls] = Definition(cls, (), problem or "how they are given is not seen")
        elif is_model(types, cls, roots) is not True:
            found[cls] = Definition(cls, (), f"whether `{symbol.facts.name}` is a model is not known")
        else:
            found[cls] = _read(types, symbol, value)
    return found


def _given(types: Inference, symbol: ClassSymbol) -> tuple[Expr | None, str] | None:
    """The encoders that a class gives, and what keeps them from being understood; None if it gives none."""
    if any(key == KEY for key, _ in symbol.facts.keywords):
        return None, "they stand in the head of the class: move them to `model_config`"
    if "Config" in symbol.facts.classes:
        inner = types.project.klass(f"{symbol.qualname}.Config")
        if inner is not None and any(one.name == KEY for one in inner.facts.fields):
            return None, f"the `class Config` of `{symbol.facts.name}` has to become a `model_config` first"
    for field in symbol.facts.fields:
        if field.name != "model_config":
            continue
        match field.value:
            case Call(func=func, keywords=keywords):
                values = [value for key, value in keywords if key == KEY]
                if not values:
                    continue
                known = types.qualname(func, _body(symbol)) in MAKERS
                return values[0], "" if known else "what `model_config` is made of is not known"
            case Mapping(keys=keys, values=values_of):
                for key, value in zip(keys, values_of, strict=True):
                    if key == Const("str", KEY):
                        return value, "they stand in a plain dict: make it a `ConfigDict(...)`"
    return None


def _read(types: Inference, symbol: ClassSymbol, value: Expr) -> Definition:
    cls, site = symbol.qualname, _body(symbol)
    if value == Const("none"):
        return Definition(cls, ())
    if not isinstance(value, Mapping):
        return Definition(cls, (), "they are not written out where they are given")
    parts: list[Entry | str] = []
    for key, encoder in zip(value.keys, value.values, strict=True):
        if key is None:
            spread = _spread(types, encoder, site)
            if not spread:
                return Definition(cls, (), "what is spread into them with `**` is not seen")
            parts.append(spread)
            continue
        name = types.qualname(key, site) if isinstance(key, Name | Attr) else None
        if name is None:
            return Definition(cls, (), "the class that one of them is for is not known")
        parts.append(Entry(plain_name(name), key, encoder))
    return Definition(cls, tuple(parts))


def _spread(types: Inference, expr: Expr, site: Site) -> str:
    """The class whose encoders `**Base.model_config.get("json_encoders", {})` takes in; empty for anything else."""
    match expr:
        case Call(func=Attr(value=Attr(value=owner, attr="model_config"), attr="get"), args=[Const(text=text), *_]):
            pass
        case Sub(value=Attr(value=owner, attr="model_config"), items=[Const(text=text)]):
            pass
        case _:
            return ""
    return (types.qualname(owner, site) or "") if text == KEY else ""


def _body(symbol: ClassSymbol) -> Site:
    return Site(symbol.file, None, symbol.facts)


# Which hold for a class ----------------------------------------------------------------------------------------------


def source_of(types: Inference, cls: str, given: AnyMapping[str, Definition], depth: int = 0) -> str:
    """The class that a class has its encoders from in version 2: itself, or through the last base that has some."""
    if cls in given or depth > 50:
        return cls if cls in given else ""
    found = ""
    for _, base in types.bases(cls):
        if isinstance(base, ClassObject):
            found = source_of(types, base.cls, given, depth + 1) or found
    return found


def encoders_of(types: Inference, cls: str, given: AnyMapping[str, Definition]) -> dict[str, EntryId]:
    """Class that an encoder is for -> that encoder, for those that a class has in version 2."""
    return _flat(types, source_of(types, cls, given), given, ())


def _flat(types: Inference, cls: str, given: AnyMapping[str, Definition], seen: tuple[str, ...]) -> dict[str, EntryId]:
    found: dict[str, EntryId] = {}
    if cls not in given or cls in seen:
        return found
    index = 0
    for part in given[cls].parts:
        if isinstance(part, str):
            found.update(_flat(types, source_of(types, part, given), given, (*seen, cls)))
        else:
            found[part.key] = (cls, index)
            index += 1
    return found


def encoder_for(types: Inference, cls: str, encoders: AnyMapping[str, EntryId]) -> EntryId | None:
    """The encoder that values of a class get: that of the first class in its lookup order that has one."""
    names = [name for name in types.mro(cls).names if name != "builtins.object"]
    return next((encoders[key] for name in names if (key := plain_name(name)) in encoders), None)


def components(types: Inference, given: AnyMapping[str, Definition]) -> list[tuple[str, ...]]:
    """The classes with encoders, those together of which one takes in what another has."""
    groups: list[set[str]] = []
    empty = {cls for cls, one in given.items() if not one.parts and not one.problem}
    for cls, one in given.items():
        if cls in empty:
            continue
        joined = {cls, *(source_of(types, name, given) for name in one.spreads)} - {""}
        touching = [group for group in groups if group & joined]
        groups = [group for group in groups if not group & joined]
        groups.append(joined.union(*touching))
    order = list(given)
    return [tuple(sorted(group - empty, key=order.index)) for group in groups]


def same_encoder(one: Expr, other: Expr) -> bool:
    """Whether two encoders are written alike, wherever they stand; `lambda v: f(v)` is `f`."""
    one, other = _called(one), _called(other)
    if isinstance(one, Lambda) and isinstance(other, Lambda):
        return one.body == other.body and not any(isinstance(part, Opaque | Choice) for part in every_part(one.body))
    return one == other and isinstance(one, Name | Attr)


def _called(encoder: Expr) -> Expr:
    match encoder:
        case Lambda(body=Call(func=Name() | Attr() as function, args=[Name(id="v" | "value")], keywords=[])):
            return function
    return encoder
