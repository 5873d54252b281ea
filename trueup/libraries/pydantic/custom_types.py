"""Classes that say themselves how they are validated: the hooks of version 1 and what takes their place."""

from __future__ import annotations

from msgspec import Struct

from ...index.facts import Attr, Const, Expr, Name, Op, Param, Sub
from ...index.project import VariableSymbol
from ...infer import Inference, Site
from .annotations import parsed_annotation

STEPS = {
    "str_validator": "str_schema()",
    "int_validator": "int_schema()",
    "float_validator": "float_schema()",
    "bool_validator": "bool_schema()",
    "bytes_validator": "bytes_schema()",
    "dict_validator": "dict_schema()",
    "list_validator": "list_schema()",
    "set_validator": "set_schema()",
    "tuple_validator": "tuple_schema([any_schema()], variadic_item_index=0)",
}
"""Validator of `pydantic.validators` -> what checks the same in `pydantic_core.core_schema`."""
_SCHEMAS = {
    "pathlib.Path": '{"type": "string", "format": "path"}',
    "datetime.datetime": '{"type": "string", "format": "date-time"}',
    "datetime.date": '{"type": "string", "format": "date"}',
    "datetime.time": '{"type": "string", "format": "time"}',
    "datetime.timedelta": '{"type": "number", "format": "time-delta"}',
    "builtins.bytes": '{"type": "string", "format": "binary"}',
    "builtins.str": '{"type": "string"}',
    "builtins.bool": '{"type": "boolean"}',
    "builtins.int": '{"type": "integer"}',
    "builtins.float": '{"type": "number"}',
    "decimal.Decimal": '{"type": "number"}',
    "uuid.UUID": '{"type": "string", "format": "uuid"}',
    "builtins.dict": '{"type": "object"}',
    "builtins.list": '{"type": "array", "items": {}}',
    "builtins.tuple": '{"type": "array", "items": {}}',
    "builtins.set": '{"type": "array", "items": {}, "uniqueItems": True}',
    "builtins.frozenset": '{"type": "array", "items": {}, "uniqueItems": True}',
}
"""Base -> the JSON schema that version 1 began with."""
_KNOWN = frozenset({"enum.Enum", "typing.NamedTuple", "typing.TypedDict", "typing_extensions.TypedDict"})
"""Bases whose classes both versions know."""
_AROUND = frozenset(
    {"Optional", "Union", "List", "list", "Dict", "dict", "Set", "set", "FrozenSet", "frozenset", "Tuple", "tuple",
     "Sequence", "Iterable", "Mapping", "MutableMapping", "Deque", "deque", "DefaultDict", "defaultdict", "Final"}
)  # fmt: skip
"""Generic types whose arguments are validated."""
_PENDULUM = {"DateTime": "datetime", "Date": "date", "Time": "time", "Duration": "timedelta"}
FOREIGN = {
    **{
        f"pendulum.{home}{name}": (f"datetime.{base}", f"pydantic_extra_types.pendulum_dt.{name}")
        for name, base in _PENDULUM.items()
        for home in ("", f"{name.lower()}.")
    },
    "pandas.Timestamp": ("datetime.datetime", "datetime.datetime"),
    "pandas.Timedelta": ("datetime.timedelta", "datetime.timedelta"),
    "numpy.float64": ("builtins.float", "float"),
    "numpy.str_": ("builtins.str", "str"),
}
"""Class of another library -> the type that version 1 took it for, and what version 2 knows instead."""
_HOOKS = ("__get_pydantic_core_schema__", "__get_validators__")


class Hooks(Struct, frozen=True):
    """What becomes of the hooks of a class.

    `steps`: sources of the parts of the core schema, in order (none: it has no validators of its own), where `{}` is
    the module `core_schema`. `schema`: the source of the JSON schema that its `__modify_schema__` changes; `handler`
    where Pydantic has one to start from; empty where none is needed. `changed`: whether it has that hook.
    `methods`: its validators, whose `TypeError`s version 2 lets through.
    """

    steps: tuple[str, ...]
    schema: str
    changed: bool
    methods: tuple[str, ...] = ()


def first_schema(types: Inference, cls: str) -> str:
    """The source of the JSON schema that version 1 began with for a class; empty if it knew none."""
    return next((_SCHEMAS[name] for name in types.mro(cls).names if name in _SCHEMAS), "")


def takes_value_alone(params: tuple[Param, ...], *, bound: bool) -> bool:
    """Whether a validator takes nothing but the value; `bound`: behind `cls` or `self`."""
    rest = params[1:] if bound else params
    return len(rest) == 1 and rest[0].kind in ("positional", "positional-only")


def plain_classes(types: Inference, expr: Expr, site: Site, depth: int = 0) -> list[tuple[str, str]]:
    """The classes that an annotation names of which version 1 saw only the base, each with that.

    Inside of unions and containers, in quotes and behind aliases too; `Annotated` may say how it is validated.
    """
    if depth > 20:
        return []
    match expr:
        case Const(kind="str", text=text):
            parsed = parsed_annotation(text)
            return plain_classes(types, parsed, site, depth + 1) if parsed is not None else []
        case Op(op="|", left=left, right=right):
            sides = [pair for one in (left, right) for pair in plain_classes(types, one, site, depth + 1)]
            return list(dict.fromkeys(sides))
        case Sub(value=outer, items=items):
            home, _, name = (types.qualname(outer, site) or "").rpartition(".")
            if home.partition(".")[0] in ("typing", "builtins", "collections"):
                inner = items if name in _AROUND else ()
                return list(dict.fromkeys(pair for one in inner for pair in plain_classes(types, one, site, depth + 1)))
            return plain_classes(types, outer, site, depth + 1)
        case Name() | Attr():
            cls = types.qualname(expr, site) or ""
            symbol = types.project.locate(cls)
            if isinstance(symbol, VariableSymbol) and symbol.file.path in types.project.files:
                value = symbol.bindings[0].value if len(symbol.bindings) == 1 else None
                return plain_classes(types, value, Site(symbol.file), depth + 1) if value is not None else []
            base = plain_base(types, cls)
            return [(cls, base)] if base else []
    return []


def top_class(types: Inference, cls: str) -> str:
    """The highest class of the project, above one or the class itself, that stands below the same type."""
    return [name for name in types.mro(cls).names if plain_base(types, name) and name not in FOREIGN][-1]


def plain_base(types: Inference, cls: str) -> str:
    """The type below which a class stands that version 1 took for that type, and 2 does not know; empty if none.

    `builtins.str` for `class Uri(str)`. A class that says itself how it is validated has none, nor have enums,
    named tuples, typed dicts and the types of Pydantic.
    """
    if cls in FOREIGN:
        return FOREIGN[cls][0]
    mro = types.mro(cls)
    symbol = types.project.klass(cls)
    if symbol is None or symbol.file.path not in types.project.files or not mro.complete:
        return ""
    if any(name in _KNOWN or name.partition(".")[0] in ("pydantic", "pydantic_core") for name in mro.names):
        return ""
    if any(types.member(cls, hook) is not None for hook in _HOOKS):
        return ""
    return next((name for name in mro.names[1:] if name in _SCHEMAS or name == "collections.deque"), "")
