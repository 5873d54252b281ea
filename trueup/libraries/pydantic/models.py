"""Which classes are Pydantic models, what they inherit, and who overrides their methods."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from msgspec import Struct

from ...config import Config
from ...index.facts import FileFacts
from ...index.project import ClassSymbol, VariableSymbol, classes_in
from ...infer import Inference
from ...infer.classes import class_orders
from ...infer.hierarchy import Mro
from ...infer.solve import CALLABLE
from ...types import ClassObject, Foreign, Instance, Type, Union, Unknown, Variable, short, without_none
from .methods import ATTRIBUTES, METHODS

LIBRARIES = ("pydantic", "pydantic_settings", "sqlmodel", "fastapi", "beanie")
"""Packages one of which a project imports if it has models at all."""
GUIDE = "https://docs.pydantic.dev/latest/migration/"

MODEL = "pydantic.BaseModel"
SETTINGS = ("pydantic.BaseSettings", "pydantic_settings.BaseSettings")

# Classes -------------------------------------------------------------------------------------------------------------


def is_model(types: Inference, cls: str, roots: Collection[str] = ()) -> bool | None:
    """Whether a class is a model of `pydantic` itself, not of `pydantic.v1`; None where an unknown base leaves it open.

    `roots`: names of classes that count as models though their source does not show it.
    """
    return _is_model(types.mro(cls), roots)


def _is_model(order: Mro, roots: Collection[str]) -> bool | None:
    if MODEL in order.names or any(root in order.names for root in roots):
        return True
    return False if order.complete else None


def files_with_models(types: Inference, roots: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The paths of the project's files that define models."""
    return types.shared(_files_with_models, roots)


def _files_with_models(types: Inference, roots: tuple[str, ...]) -> tuple[str, ...]:
    files = types.shared(class_orders).items()
    return tuple([path for path, orders in files if any(_is_model(one, roots) for one in orders)])


def models_of(types: Inference, roots: tuple[str, ...] = ()) -> Iterator[ClassSymbol]:
    """The project's models, by path and line."""
    for path in files_with_models(types, roots):
        for symbol in classes_in(types.project.files[path]):
            if is_model(types, symbol.qualname, roots):
                yield symbol


def holds_models(facts: FileFacts, types: Inference, config: Config) -> bool:
    """Whether a file defines a class that is, or may be, a model: what rules on fields ask before they look at it."""
    return any(
        is_model(types, f"{facts.module}.{klass.qualname}", config.base_models) is not False for klass in facts.classes
    )


def is_settings(types: Inference, cls: str) -> bool:
    """Whether a class reads its values from the environment."""
    return any(root in types.mro(cls).names for root in SETTINGS)


def classes_of(one: Type) -> list[tuple[str, bool]] | None:
    """The classes something can be an object of (or, `True`, can itself be), None left out; None where unknown."""
    one = without_none(one)
    if isinstance(one, Union):
        parts = [classes_of(item) for item in one.items]
        return [pair for part in parts if part is not None for pair in part] if None not in parts else None
    if isinstance(one, Variable):
        return classes_of(one.bound) if one.bound is not None else None
    if isinstance(one, ClassObject):
        return [(one.cls, True)]
    if isinstance(one, Instance):
        if one.cls == "builtins.type":
            inner = classes_of(one.args[0]) if one.args else None
            return [(cls, True) for cls, _ in inner] if inner is not None else None
        return [(one.cls, False)] if one.cls != CALLABLE else []
    return None if isinstance(one, Unknown | Foreign) else []


class Definer(Struct, frozen=True):
    """Where a class gets a method of version 1 from.

    `kind`: pydantic; project (`symbol` overrides it); library (a library's class has its own); unknown (the base
    `name` is not known and may override it); none (the class is no model, or has nothing of that name).
    """

    kind: str
    name: str = ""
    symbol: ClassSymbol | None = None


def definer(types: Inference, cls: str, method: str, roots: Collection[str] = (), *, above: bool = False) -> Definer:
    """Who defines a method of version 1, or its new name, for a class; `above`: for what `super()` finds in it."""
    known = is_model(types, cls, roots)
    if known is False:
        return Definer("none")
    names = (method, METHODS.get(method, method))
    unknown = ""
    for owner in types.mro(cls).names[1 if above else 0 :]:
        if owner == MODEL or owner in roots:
            return Definer("unknown", unknown) if unknown else Definer("pydantic", owner)
        symbol = types.project.klass(owner)
        if symbol is None:
            if not isinstance(types.project.locate(owner), VariableSymbol):
                unknown = unknown or owner
        elif owner.startswith("pydantic."):  # `RootModel` has a `model_dump` of its own, which does what the others do
            continue
        elif any(types.own_member(symbol, name) is not None for name in names):
            return Definer("project" if symbol.file.path in types.project.files else "library", owner, symbol)
    return Definer("none") if known else Definer("unknown", unknown)


def defined_anywhere(types: Inference, method: str) -> ClassSymbol | None:
    """A class of the project, model or not, that has a method or attribute of that name of its own; the first."""
    return _known(types, types.shared(_namesake, method))


def _namesake(types: Inference, method: str) -> str | None:
    return types.shared(_namesakes).get(method)


def _namesakes(types: Inference) -> dict[str, str]:
    table: dict[str, str] = {}
    for symbol in types.project.classes():
        for name in (*symbol.facts.methods, *(one.name for one in symbol.facts.fields if one.name in ATTRIBUTES)):
            if name in METHODS:
                table.setdefault(name, symbol.qualname)
    return table


def overridden_below(types: Inference, cls: str, method: str, roots: Collection[str]) -> ClassSymbol | None:
    """A class of the project that inherits from a class and overrides a method of version 1; the first, if any."""
    return _known(types, next((one for one in overriders(types, cls, method, roots) if one != cls), None))


def overriders(types: Inference, cls: str, method: str, roots: Collection[str]) -> tuple[str, ...]:
    """The class and those of the project below it that define a method of version 1."""
    return types.shared(_overriders, cls, method, tuple(roots))


def _overriders(types: Inference, cls: str, method: str, roots: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(types.shared(_overrides, roots).get((cls, method), ()))


def _overrides(types: Inference, roots: Collection[str]) -> dict[tuple[str, str], list[str]]:
    table: dict[tuple[str, str], list[str]] = {}
    for symbol in models_of(types, tuple(roots)):
        for name in [name for name in symbol.facts.methods if name in METHODS]:
            for ancestor in types.mro(symbol.qualname).names:
                table.setdefault((ancestor, name), []).append(symbol.qualname)
    return table


def _known(types: Inference, cls: str | None) -> ClassSymbol | None:
    return types.project.klass(cls) if cls is not None else None


def models_below(types: Inference, cls: str) -> list[ClassSymbol]:
    """The project's models that inherit from a class, by path and line."""
    return [symbol for name in names_below(types, cls) if (symbol := types.project.klass(name)) is not None]


def names_below(types: Inference, cls: str) -> tuple[str, ...]:
    """Their qualified names: whoever needs no more is not concerned by what stands in them."""
    return types.shared(_names_below, cls)


def _names_below(types: Inference, cls: str) -> tuple[str, ...]:
    return tuple(types.shared(_heirs).get(cls, ()))


def models_among(types: Inference, names: Iterable[str], roots: tuple[str, ...] = ()) -> frozenset[str]:
    """Those of some names that models of the project have."""
    return types.shared(_names_of_models, roots).intersection(names)


def _names_of_models(types: Inference, roots: tuple[str, ...]) -> frozenset[str]:
    return frozenset(short(one.names[0]) for one in types.class_orders() if _is_model(one, roots))


def _heirs(types: Inference) -> dict[str, list[str]]:
    table: dict[str, list[str]] = {}
    for order in types.class_orders():
        if _is_model(order, ()):
            for ancestor in order.names[1:]:
                table.setdefault(ancestor, []).append(order.names[0])
    return table
