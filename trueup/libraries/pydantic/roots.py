"""Models with a custom root: which there are, which belong together, and what keeps them from being a `RootModel`."""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct

from ...index.facts import Call, Class, Const, Function
from ...index.project import ClassSymbol
from ...infer import Inference, Site
from ...types import Foreign, Instance, Type, without_none
from .models import MODEL, classes_of, is_model

ROOT = "__root__"
ROOT_MODEL = "pydantic.RootModel"
_MAPPINGS = ("dict", "mapping", "mutablemapping", "defaultdict", "counter", "ordereddict")
_MODES = (Const("str", "after"), Const("str", "before"))
GENERIC = ("typing.Generic", "typing.Protocol")


class Family(Struct, frozen=True):
    """A class with a `__root__` and all that inherit from it: they change together.

    `head`: that class; `why`: what stands in the way of a repair, empty where nothing does; `mapping`: its value is a
    dict, of which version 1 took `{"__root__": ...}` for an item.
    """

    head: str
    why: str
    mapping: bool = False

    @property
    def group(self) -> str:
        """The name under which their repairs go together."""
        return f"root model {self.head}"


class RootClass(Struct, frozen=True):
    """What the repair of a class does: the clue of a class statement.

    `base`: the place of the base that `RootModel` takes, -1 if none does; `behind`: the place of the base that it goes
    behind. `typed`: it is `RootModel[T]`. `field`: drop, keep (under its new name) or none (it also gets None for a
    default). `extra`: version 2 refuses a root model whose config has `extra`, so that it is set to None: own (where it
    stands), config (in the config there is) or class (in a new one).
    """

    base: int
    behind: int
    typed: bool
    field: str
    extra: str = ""


class RootUse(Struct, frozen=True):
    """What the repair of a use does: the clue of any other place.

    `shape`: attribute, argument (`P(__root__=x)` -> `P(x)`), keyword (`root=x`), values (`P(**{"__root__": x})` ->
    `P(x)`), inner (`{"__root__": x}` -> `x`), name (`"__root__"` -> `"root"`), unwrap (`p.dict()["__root__"]` ->
    `p.dict()`), wrap (`p.dict()` -> `{"__root__": p.dict()}`), asked (`hasattr(p, "__root__")` -> `isinstance(p,
    RootModel)`).
    """

    shape: str


def families(types: Inference, roots: Collection[str] = ()) -> dict[str, Family]:
    """Class -> its family, for all classes of the project that have a `__root__`, own or inherited."""
    return types.shared(_families, tuple(roots))


def _families(types: Inference, roots: tuple[str, ...]) -> dict[str, Family]:
    heads = {
        symbol.qualname: symbol
        for symbol in types.project.classes()
        if has_root(symbol.facts) and is_model(types, symbol.qualname, roots) is not False
    }
    if not heads:
        return {}
    members: dict[str, list[ClassSymbol]] = {}
    for symbol in types.project.classes():
        if symbol.facts.bases:
            above = [name for name in types.mro(symbol.qualname).names if name in heads]
            if above:
                members.setdefault(above[-1], []).append(symbol)
    found: dict[str, Family] = {}
    for head, symbols in members.items():
        why = next((why for one in symbols if (why := _obstacle(types, one, roots))), "")
        family = Family(head, why, _is_mapping(types, heads[head]))
        found.update((one.qualname, family) for one in symbols)
    return found


def has_root(klass: Class) -> bool:
    """Whether `__root__: T` stands in the body of a class."""
    return any(one.name == ROOT and one.annotation is not None and not one.method for one in klass.fields)


def _is_mapping(types: Inference, symbol: ClassSymbol) -> bool:
    """Whether the root of a class is a dict or the like."""
    field = next(one for one in symbol.facts.fields if one.name == ROOT and one.annotation is not None)
    assert field.annotation is not None
    value = without_none(types.annotation(field.annotation, Site(symbol.file, None, symbol.facts)))
    return isinstance(value, Instance) and value.cls.rpartition(".")[2].lower() in _MAPPINGS


def _obstacle(types: Inference, symbol: ClassSymbol, roots: tuple[str, ...]) -> str:
    """Why a class of a family cannot be made a `RootModel` by a machine; empty if it can."""
    klass = symbol.facts
    names = types.mro(symbol.qualname).names
    if is_model(types, symbol.qualname, roots) is None:
        unknown = next((one for one in names[1:] if types.project.klass(one) is None), names[-1])
        return f"the base `{unknown.rpartition('.')[2]}` of `{klass.name}` is not known"
    for name in names:
        owner = types.project.klass(name)
        if owner is None or owner.file.path not in types.project.files:
            continue
        if "__init__" in owner.facts.methods:
            return f"`{owner.facts.name}` has an `__init__` of its own, which gets the value itself, without a name"
    for taken in (*klass.methods, *klass.classes, *(f.name for f in klass.fields)):
        if taken == "root":
            return f"`{klass.name}` has a `root` already"
    for function in symbol.file.functions:
        if function.owner == klass.qualname and (why := _of_validator(types, function, symbol)):
            return f"`{function.name}` {why}"
    return ""


def _of_validator(types: Inference, function: Function, symbol: ClassSymbol) -> str:
    """What is wrong with a validator of a whole root model; empty for those of version 2.

    One of these that runs before validation gets the value itself, as it does in a `RootModel`: version 2 has no
    `__root__` to put around it.
    """
    site = Site(symbol.file, None, symbol.facts)
    for decorator in function.decorators:
        made = decorator if isinstance(decorator, Call) else None
        name = types.qualname(made.func if made is not None else decorator, site)
        given = dict(made.keywords) if made is not None else {}
        if name == "pydantic.root_validator" and given.get("pre") != Const("bool", "True"):
            return "is a root validator of Pydantic 1, which a `RootModel` never calls: make it a `model_validator`"
        if name == "pydantic.root_validator" or (
            name == "pydantic.model_validator" and given.get("mode") not in _MODES
        ):
            return f"runs before validation and gets the value itself, without `{ROOT}` around it"
    return ""


def root_kind(types: Inference, one: Type, roots: Collection[str] = ()) -> Family | str:
    """What something is whose `__root__` is asked for: its family; `new` (of a `RootModel`), `open` or `other`.

    `open`: it is not known, or known as some model only.
    """
    one = without_none(one)
    pairs = classes_of(one)
    if pairs is None:
        return "other" if isinstance(one, Foreign) else "open"
    table = families(types, roots)
    words: list[Family | str] = []
    for cls, _ in pairs:
        if cls in table:
            words.append(table[cls])
        elif ROOT_MODEL in types.mro(cls).names:
            words.append("new")
        elif cls == MODEL or any(cls in types.mro(member).names for member in table):
            heads = {table[member].head for member in table if cls in types.mro(member).names}
            words.append(next(f for f in table.values() if f.head in heads) if len(heads) == 1 else "open")
        else:
            words.append("other")
    best = [word for word in words if isinstance(word, Family)]
    if best:
        return best[0]
    return next((word for word in ("new", "open") if word in words), "other")


def is_root(types: Inference, cls: str, roots: Collection[str] = ()) -> bool:
    """Whether a class is a model with a custom root, of either version."""
    return cls in families(types, roots) or ROOT_MODEL in types.mro(cls).names
