"""Validators: how a class declares them, in either version, and which of them meet on one field."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from msgspec import Struct

from ...index.facts import Attr, Call, Class, Const, Expr, FileFacts, Name, Star
from ...index.project import ClassSymbol
from ...infer import Inference, Site
from .models import classes_of, is_model, models_below

VALIDATOR = ("pydantic.validator", "pydantic.class_validators.validator")
ROOT_VALIDATOR = ("pydantic.root_validator", "pydantic.class_validators.root_validator")
FIELD_VALIDATOR = ("pydantic.field_validator", "pydantic.functional_validators.field_validator")
MODEL_VALIDATOR = ("pydantic.model_validator", "pydantic.functional_validators.model_validator")
DATACLASS = ("pydantic.dataclasses.dataclass", "pydantic.dataclass")
HOMES = ("pydantic", "pydantic.class_validators")
"""Modules that the decorators of version 1 are imported from."""
ALL = "*"


class Declared(Struct, frozen=True):
    """A validator of a class, as its decorator describes it."""

    owner: ClassSymbol
    name: str
    """Of the method, or of the variable it is assigned to."""
    line: int
    whole: bool
    """It validates the model, not fields."""
    old: bool
    """It is declared as in version 1."""
    fields: tuple[str, ...]
    """The names that are written out; `*` among them stands for all."""
    open: bool
    """Some name is not written out."""
    pre: bool
    always: bool
    each: bool

    def meets(self, other: Declared) -> bool:
        """Whether both may work on one value."""
        if self.whole or other.whole:
            return self.whole and other.whole
        everything = self.open or other.open or ALL in self.fields or ALL in other.fields
        return everything or bool(set(self.fields) & set(other.fields))


def is_dataclass(types: Inference, symbol: ClassSymbol) -> bool:
    """Whether a class is a dataclass of Pydantic's."""
    site = types.class_site(symbol)
    return any(
        types.qualname(one.func if isinstance(one, Call) else one, site) in DATACLASS for one in symbol.facts.decorators
    )


def read_decorator(types: Inference, decorator: Expr, site: Site) -> tuple[str, Call] | None:
    """Which decorator of validators an expression is, and its arguments: `validator`, `root_validator` and so on."""
    call = decorator if isinstance(decorator, Call) else Call(decorator)
    if not isinstance(call.func, Attr) and getattr(call.func, "id", None) is None:
        return None
    name = types.qualname(call.func, site)
    for names in (VALIDATOR, ROOT_VALIDATOR, FIELD_VALIDATOR, MODEL_VALIDATOR):
        if name in names:
            return names[0].removeprefix("pydantic."), call
    return None


def declared(types: Inference, symbol: ClassSymbol) -> list[Declared]:
    """The validators in the body of a class, in order."""
    return types.once(
        ("pydantic validators", symbol.qualname, symbol.file.path, symbol.facts.pos), lambda: _read(types, symbol)
    )


def _read(types: Inference, symbol: ClassSymbol) -> list[Declared]:
    if "pydantic" not in symbol.file.imported and not _may_declare(symbol.facts, symbol.file):
        return []
    found: list[Declared] = []
    site = Site(symbol.file, None, symbol.facts)
    for function in symbol.file.functions:
        if function.owner == symbol.facts.qualname:
            for decorator in function.decorators:
                read = read_decorator(types, decorator, site)
                if read is not None:
                    found.append(_declared(symbol, function.name, function.pos.line, *read))
    for binding in symbol.facts.scope.bindings:
        if isinstance(binding.value, Call) and isinstance(binding.value.func, Call):
            read = read_decorator(types, binding.value.func, site)
            if read is not None:
                found.append(_declared(symbol, binding.name, binding.line, *read))
    return sorted(found, key=lambda one: one.line)


def _may_declare(facts: Class, file: FileFacts) -> bool:
    return any(f.owner == facts.qualname and f.decorators for f in file.functions)


def _declared(symbol: ClassSymbol, name: str, line: int, kind: str, call: Call) -> Declared:
    given = dict(call.keywords)
    mode = given.get("mode")
    pre = _true(given.get("pre")) or (isinstance(mode, Const) and mode.text in ("before", "plain", "wrap"))
    texts = tuple(arg.text for arg in call.args if isinstance(arg, Const) and arg.kind == "str")
    return Declared(
        symbol,
        name,
        line,
        kind in ("root_validator", "model_validator"),
        kind in ("validator", "root_validator"),
        texts,
        len(texts) < len(call.args) or any(isinstance(arg, Star) for arg in call.args),
        pre,
        _true(given.get("always")),
        _true(given.get("each_item")) or ("whole" in given and not _true(given["whole"])),
    )


def _true(value: Expr | None) -> bool:
    return isinstance(value, Const) and (value.kind, value.text) == ("bool", "True")


def family(types: Inference, symbol: ClassSymbol) -> list[ClassSymbol]:
    """The classes a class inherits from, as far as they are the project's, and the models that inherit from it."""
    above = [types.project.klass(name) for name in types.mro(symbol.qualname).names[1:]]
    own = [one for one in above if one is not None and one.file.path in types.project.files]
    return [*own, *models_below(types, symbol.qualname)]


def met(types: Inference, symbol: ClassSymbol, name: str, line: int) -> list[Declared]:
    """The other validators that run before the type is checked on what the one called `name` validates that way."""
    mine = next((one for one in declared(types, symbol) if one.name == name and one.line == line), None)
    if mine is None:
        return []
    return [
        one
        for owner in [symbol, *family(types, symbol)]
        for one in declared(types, owner)
        if one != mine and one.pre and mine.pre and one.name != name and mine.meets(one) and not (one.each or mine.each)
    ]


def hiding(types: Inference, symbol: ClassSymbol, name: str) -> ClassSymbol | None:
    """A model below a class that has something else of a validator's name, which version 2 puts in its place.

    A validator of the same name for the same fields took its place in version 1 too.
    """
    mine = [one for one in declared(types, symbol) if one.name == name]
    for below in heirs(types, symbol):
        if not any(f.owner == below.facts.qualname and f.name == name for f in below.file.functions):
            continue
        theirs = [one for one in declared(types, below) if one.name == name]
        if not any(
            one.whole == other.whole and set(one.fields) <= set(other.fields) for one in mine for other in theirs
        ):
            return below
    return None


def called_in(types: Inference, symbol: ClassSymbol, name: str) -> str:
    """Where code calls a validator of a class by name, on the class or one of its kin; empty where nothing does."""
    kin = {symbol.qualname, *(one.qualname for one in family(types, symbol))}
    for site, call in types.calls_named(name):
        func = call.call.func
        if not isinstance(func, Attr):
            continue
        if func.value == Call(Name("super")):
            found = site.function is not None and f"{site.file.module}.{site.function.owner}" in kin
        else:
            found = any(cls in kin for cls, _ in classes_of(types.type_of(func.value, site)) or [])
        if found:
            return f"`{site.file.path.rpartition('/')[2]}`, line {call.pos.line}"
    return ""


def is_ours(types: Inference, symbol: ClassSymbol, roots: Collection[str]) -> bool | None:
    """Whether Pydantic runs the validators of a class: a model's, or a dataclass's; None where that is not known."""
    return True if is_dataclass(types, symbol) else is_model(types, symbol.qualname, roots)


def heirs(types: Inference, symbol: ClassSymbol) -> Iterator[ClassSymbol]:
    """The models below a class that are not the class itself."""
    yield from (one for one in models_below(types, symbol.qualname) if one.qualname != symbol.qualname)
