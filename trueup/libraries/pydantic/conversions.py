"""What version 1 made of a value of another type than its field's, where version 2 refuses it."""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct

from ...index.facts import Attr, Call, Const, Expr, Name, Op, Sub
from ...infer import Inference
from ...types import Instance, Type, Union, short, without_none
from .config import config_of
from .models import is_model

_NUMBERS = ("builtins.int", "builtins.float", "decimal.Decimal", "builtins.bool")


class Conversion(Struct, frozen=True):
    """What version 1 did: `given` and `wanted` as people write them, and the source that does it, `{}` the value."""

    given: str
    wanted: str
    code: str


_TABLE: dict[str, dict[str, str]] = {
    "builtins.str": dict.fromkeys(_NUMBERS, "str({})"),
    "builtins.int": {"builtins.float": "int({})", "decimal.Decimal": "int({})"},
    "datetime.date": {"datetime.datetime": "{}.date()"},
    "builtins.bytes": {"builtins.int": "str({}).encode()", "builtins.float": "str({}).encode()"},
    "builtins.dict": {"builtins.list": "dict({})"},
}
"""Class of the field -> class of the value -> how version 1 made the one of the other."""


def may_be_lost(wanted: Type) -> bool:
    """Whether version 1 converted values for a field that version 2 refuses."""
    return bool(_converted(wanted))


def _converted(wanted: Type) -> str:
    """The class of such a field; empty for any other."""
    field = without_none(wanted)
    return field.cls if isinstance(field, Instance) and field.cls in _TABLE else ""


def lost(wanted: Type, given: Type) -> Conversion | None:
    """What version 1 did with a value for a field, if version 2 refuses it; None where it takes it, or may."""
    field, value = _converted(wanted), without_none(given)
    if not field:
        return None
    items = value.items if isinstance(value, Union) else (value,)
    codes: dict[str, None] = {}
    for item in items:
        code = _TABLE[field].get(item.cls) if isinstance(item, Instance) else None
        if code is None:
            return None
        codes[code] = None
    if len(codes) != 1:
        return None
    shown = " | ".join(short(item.cls) for item in items if isinstance(item, Instance))
    return Conversion(shown, short(field), next(iter(codes)))


def converts_itself(types: Inference, cls: str, roots: Collection[str] = ()) -> bool:
    """Whether a model may change values before Pydantic looks at them, or tells it to take numbers for text."""
    if config_of(types, cls, "coerce_numbers_to_str", "getter_dict") is not None:
        return True
    for name in types.mro(cls).names:
        symbol = types.project.klass(name)
        if symbol is None or not is_model(types, name, roots) or symbol.file.path not in types.project.files:
            continue
        for method in symbol.facts.methods:
            function = types.project.function(f"{name}.{method}")
            for decorator in function.facts.decorators if function is not None else ():
                if isinstance(decorator, Call) and _runs_first(decorator):
                    return True
        if any(field.annotation is not None and _mentions_validator(field.annotation) for field in symbol.facts.fields):
            return True
        if "__init__" in symbol.facts.methods or "__new__" in symbol.facts.methods:
            return True
    return not types.mro(cls).complete


def _runs_first(decorator: Call) -> bool:
    given = dict(decorator.keywords)
    mode = given.get("mode")
    return "pre" in given or (isinstance(mode, Const) and mode.text in ("before", "wrap", "plain"))


def _mentions_validator(expr: Expr) -> bool:
    match expr:
        case Name(id=name) | Attr(attr=name):
            return name.endswith("Validator")
        case Call(func=func):
            return _mentions_validator(func)
        case Sub(value=value, items=items):
            return _mentions_validator(value) or any(map(_mentions_validator, items))
        case Op(left=left, right=right):
            return _mentions_validator(left) or _mentions_validator(right)
    return False
