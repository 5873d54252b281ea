"""What the config of a class says in the end, as version 1 and as version 2 merge the configs of its bases."""

from __future__ import annotations

from ...index.facts import Attr, Const, Expr
from ...infer import Inference
from ...types import ClassObject
from .config import KEPT_KEYS, NEW_KEYS, RENAMED_KEYS, config_items
from .models import is_model

Setting = tuple[Expr, str]
"""A value, and the class that gives it."""

DEFAULTS = {
    "title": "None",
    "extra": '"ignore"',
    "frozen": "False",
    "use_enum_values": "False",
    "validate_assignment": "False",
    "arbitrary_types_allowed": "False",
    "alias_generator": "None",
    "allow_inf_nan": "True",
    "json_encoders": "{}",
    "orm_mode": "False",
    "schema_extra": "{}",
    "validate_all": "False",
    "keep_untouched": "()",
    "anystr_strip_whitespace": "False",
    "anystr_lower": "False",
    "anystr_upper": "False",
    "min_anystr_length": "0",
    "max_anystr_length": "None",
    "allow_population_by_field_name": "False",
}
"""What every `Config` of version 1 said where nothing else was given, as source."""


def conflicts(types: Inference, cls: str) -> list[tuple[str, Setting, Setting]]:
    """(key of version 2, what version 1 took, what version 2 takes) where the two are not the same."""
    bases = [base.cls for _, base in types.bases(cls) if isinstance(base, ClassObject) and is_model(types, base.cls)]
    if len(bases) < 2 or not types.mro(cls).complete:
        return []
    first, second = merged_v1(types, cls), merged_v2(types, cls)
    return [
        (key, first[key], second[key])
        for key in second
        if key in first and key in KEPT_KEYS | NEW_KEYS and not _same(first[key][0], second[key][0])
    ]


def merged_v1(types: Inference, cls: str) -> dict[str, Setting]:
    """Key -> the value of the first class in the lookup order that gives one."""
    found: dict[str, Setting] = {}
    for owner in types.mro(cls).names:
        for key, value in _own(types, owner).items():
            found.setdefault(key, (value, owner))
    return found


def merged_v2(types: Inference, cls: str) -> dict[str, Setting]:
    """Key -> the value of the last base that has one, its own before all."""
    return types.remember(("pydantic config", cls), lambda: _merged_v2(types, cls), {})


def _merged_v2(types: Inference, cls: str) -> dict[str, Setting]:
    found: dict[str, Setting] = {}
    for _, base in types.bases(cls):
        if isinstance(base, ClassObject) and is_model(types, base.cls):
            found.update(merged_v2(types, base.cls))
    found.update({key: (value, cls) for key, value in _own(types, cls).items()})
    return found


def _own(types: Inference, cls: str) -> dict[str, Expr]:
    symbol = types.project.klass(cls)
    if symbol is None or symbol.file.path not in types.project.files or not is_model(types, cls):
        return {}
    return {RENAMED_KEYS.get(key, key): value for key, value in config_items(types, symbol)}


def _same(one: Expr, other: Expr) -> bool:
    return one == other or _plain(one) == _plain(other) != ""


def _plain(value: Expr) -> str:
    """A setting as text: `Extra.allow` and `"allow"` are the same."""
    if isinstance(value, Const):
        return f"{value.kind} {value.text}"
    if isinstance(value, Attr) and value.attr in ("allow", "forbid", "ignore"):
        return f"str {value.attr}"
    return ""


def source(value: Expr, quote: str) -> str:
    """A simple setting as source; empty for one that is not simple."""
    if isinstance(value, Attr) and value.attr in ("allow", "forbid", "ignore"):
        return quote + value.attr + quote
    if isinstance(value, Const):
        if value.kind == "str":
            return quote + value.text + quote if value.text.isalnum() else ""
        return "None" if value.kind == "none" else value.text
    return ""
