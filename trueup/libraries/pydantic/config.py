"""The settings of a model: the keys of `Config` and what became of them, and what a class's config says."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ...index.facts import Call, Const, Expr, Mapping
from ...index.project import ClassSymbol
from ...infer import Inference
from ...types import Callee, Type
from .annotations import has_bytes
from .methods import is_constant
from .models import is_model

RENAMED_KEYS = {
    "orm_mode": "from_attributes",
    "schema_extra": "json_schema_extra",
    "validate_all": "validate_default",
    "keep_untouched": "ignored_types",
    "anystr_strip_whitespace": "str_strip_whitespace",
    "anystr_lower": "str_to_lower",
    "anystr_upper": "str_to_upper",
    "min_anystr_length": "str_min_length",
    "max_anystr_length": "str_max_length",
    "allow_population_by_field_name": "populate_by_name",
}
TEXT_KEYS = frozenset(
    {"anystr_strip_whitespace", "anystr_lower", "anystr_upper", "min_anystr_length", "max_anystr_length"}
)
"""Keys that held for `bytes` too in version 1, and hold for `str` alone in version 2."""
DROPPED_KEYS = {
    "smart_union": ("True", "False"),
    "underscore_attrs_are_private": ("True",),
    "copy_on_model_validation": ("'none'", "False"),
}
"""Keys that version 2 has no use for, and the values with which taking them away changes nothing."""
KEPT_KEYS = frozenset(
    {"title", "extra", "frozen", "use_enum_values", "validate_assignment", "arbitrary_types_allowed", "alias_generator",
     "allow_inf_nan", "json_encoders"}
)  # fmt: skip
NEW_KEYS = frozenset(RENAMED_KEYS.values()) | {
    "model_title_generator", "field_title_generator", "validate_by_name", "validate_by_alias", "serialize_by_alias",
    "loc_by_alias", "strict", "revalidate_instances", "ser_json_timedelta", "ser_json_temporal", "val_temporal_unit",
    "ser_json_bytes", "val_json_bytes", "ser_json_inf_nan", "validate_return", "protected_namespaces",
    "hide_input_in_errors", "defer_build", "plugin_settings", "schema_generator",
    "json_schema_serialization_defaults_required", "json_schema_mode_override", "coerce_numbers_to_str",
    "regex_engine", "validation_error_cause", "use_attribute_docstrings", "cache_strings", "url_preserve_empty_path",
}  # fmt: skip
"""Keys of version 2, which a half-migrated `class Config` may hold already."""
SETTINGS_KEYS = frozenset(
    {"env_prefix", "env_file", "env_file_encoding", "env_nested_delimiter", "case_sensitive", "secrets_dir",
     "env_ignore_empty", "env_parse_none_str", "dotenv_filtering", "env_parse_enums"}
)  # fmt: skip
LOST_KEYS = {
    "fields": "move each entry into the `Field(...)` of its field",
    "getter_dict": "build the dict in a `@model_validator(mode='before')`",
    "json_loads": "version 2 parses JSON itself; delete the key, or parse before `model_validate`",
    "json_dumps": "version 2 writes JSON itself; delete the key, or dump `model_dump(mode='json')` your own way",
    "error_msg_templates": "raise `PydanticCustomError`, or rewrite the messages of `ValidationError.errors()`",
    "post_init_call": "use `model_post_init`",
    "copy_on_model_validation": "version 2 never copies a model it validates; `revalidate_instances` comes closest",
    "smart_union": "unions are always smart in version 2",
    "underscore_attrs_are_private": "in version 2 a name that begins with `_` is always a private attribute",
    "schema_extra": "move the function out of the class and pass it as `json_schema_extra=`",
    "alias_generator": "move the function out of the class and pass it as `alias_generator=`",
    "prepare_field": "use `__pydantic_init_subclass__`, or `Annotated` types",
    "get_field_info": "put the settings into the `Field(...)` of each field",
    "customise_sources": "write a classmethod `settings_customise_sources` on the settings class itself",
    "parse_env_var": "mark the field `Annotated[..., NoDecode]` and parse it in a `@field_validator(mode='before')`",
}
"""Keys a machine cannot carry over, and what a person does about them."""
CONFIG_KEYS = frozenset(RENAMED_KEYS) | DROPPED_KEYS.keys() | KEPT_KEYS | LOST_KEYS.keys() | {"allow_mutation"}
"""All that version 1 reads from a model's `Config`."""
KNOWN_KEYS = CONFIG_KEYS | NEW_KEYS | SETTINGS_KEYS
OWN_KEYS = frozenset(RENAMED_KEYS) | DROPPED_KEYS.keys() | {"allow_mutation", "getter_dict", "error_msg_templates"}
"""Keys that nothing but version 1 has: they give a `Config` away where its class is not known to be a model."""


_WRAPPERS = ("builtins.staticmethod", "builtins.classmethod")

# One key -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeyChange:
    """What becomes of a key: its name in version 2 (empty: it goes), and the source of its value if that changes."""

    old: str
    new: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class ConfigChange:
    """What becomes of a `class Config`: the clue of its repair."""

    maker: str
    """`ConfigDict` or `SettingsConfigDict`."""
    keys: tuple[KeyChange, ...]
    added: tuple[tuple[str, str], ...] = ()
    """More keys, and the source of their values."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a key, and with it the whole config, is left to a person: an instruction."""

    text: str


@dataclass(frozen=True, slots=True)
class Keys:
    """The class whose keys are read, and how to ask about the expressions they are given."""

    types: Inference
    owner: ClassSymbol
    settings: bool
    qualname: Callable[[ast.expr], str | None]
    type_of: Callable[[ast.expr], Type]
    segment: Callable[[ast.expr], str]
    quote: str

    def read(self, key: str, value: ast.expr) -> tuple[KeyChange, str] | Obstacle:
        """What becomes of a key, and why that is unsafe (empty: it is not)."""
        if key == "allow_mutation":
            return self._allow_mutation(value)
        if key in DROPPED_KEYS:
            return self._dropped(key, value)
        wrapped = isinstance(value, ast.Call) and self.qualname(value.func) in _WRAPPERS
        if wrapped and key in LOST_KEYS:
            return Obstacle(f"`{key}`: {LOST_KEYS[key]}")
        if key in RENAMED_KEYS:
            return self._changed(key, RENAMED_KEYS[key], value, self._why_renamed(key, value))
        if key == "json_encoders":
            return self._encoders(value)
        if key in KEPT_KEYS or key in NEW_KEYS or (self.settings and key in SETTINGS_KEYS):
            return self._changed(key, key, value, "")
        if key in LOST_KEYS:
            return Obstacle(f"`{key}`: {LOST_KEYS[key]}")
        return Obstacle(f"`{key}` is no key of Pydantic's; keep it in a `ClassVar` of the model")

    def _inherited(self, *keys: str) -> Expr | None:
        return config_of(self.types, self.owner.qualname, *keys, above=True)

    def _changed(self, old: str, new: str, value: ast.expr, why: str) -> tuple[KeyChange, str] | Obstacle:
        text = self._without_extra(value)
        if text is None:
            return Obstacle(f"`{old}`: use the strings `allow`, `forbid`, `ignore` instead of `Extra`")
        return KeyChange(old, new, text), why

    def _allow_mutation(self, value: ast.expr) -> tuple[KeyChange, str] | Obstacle:
        why = "a frozen model raises `ValidationError` instead of `TypeError` when it is changed, and has a hash"
        if is_constant(value, True):
            if self._inherited("allow_mutation", "frozen") is None:
                return KeyChange("allow_mutation", ""), ""
            return KeyChange("allow_mutation", "frozen", "False"), ""
        if is_constant(value, False):
            return KeyChange("allow_mutation", "frozen", "True"), why
        if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.Not):
            return KeyChange("allow_mutation", "frozen", self.segment(value.operand)), why
        simple = isinstance(value, ast.Name | ast.Attribute | ast.Call | ast.Subscript)
        text = self.segment(value)
        return KeyChange("allow_mutation", "frozen", f"not {text}" if simple else f"not ({text})"), why

    def _dropped(self, key: str, value: ast.expr) -> tuple[KeyChange, str] | Obstacle:
        text = ast.unparse(value)
        private = any(f.name.startswith("_") and not f.name.endswith("__") for f in self.owner.facts.fields)
        if text in DROPPED_KEYS[key] or (key == "underscore_attrs_are_private" and text == "False" and not private):
            return KeyChange(key, ""), ""
        return Obstacle(f"`{key}`: {LOST_KEYS[key]}")

    def _why_renamed(self, key: str, value: ast.expr) -> str:
        if key in TEXT_KEYS and has_bytes(self.types, self.owner):
            return f"`{key}` held for `bytes` too, `{RENAMED_KEYS[key]}` holds for `str` alone"
        if key == "schema_extra" and (isinstance(value, ast.Lambda) or isinstance(self.type_of(value), Callee)):
            return "the function gets the schema as Pydantic 2 lays it out, with `$defs` and `anyOf`"
        return ""

    def _encoders(self, value: ast.expr) -> tuple[KeyChange, str] | Obstacle:
        if self._inherited("json_encoders") is not None:
            return Obstacle("`json_encoders`: version 2 does not add to those of the base; write serializers instead")
        why = "version 2 applies `json_encoders` to this model alone, not to models inside, and to plain types as well"
        return KeyChange("json_encoders", "json_encoders"), why

    def _without_extra(self, value: ast.expr) -> str | None:
        """The source of a value with members of `Extra` written as strings; empty where nothing changes."""
        text, changed = self.segment(value), False
        for node in ast.walk(value):
            member = ""
            match node:
                case ast.Attribute(value=held, attr="allow" | "forbid" | "ignore" as name):
                    member = name if self.qualname(held) == "pydantic.Extra" else ""
                case ast.Call(func=held, args=[ast.Constant(value=str(name))]):
                    member = name if self.qualname(held) == "pydantic.Extra" else ""
            if member and isinstance(node, ast.expr):
                text, changed = text.replace(self.segment(node), self.quote + member + self.quote), True
            elif isinstance(node, ast.Name) and not changed and self.qualname(node) == "pydantic.Extra":
                return None
        return text if changed else ""


# The config of a class -----------------------------------------------------------------------------------------------


def config_of(types: Inference, cls: str, *keys: str, above: bool = False) -> Expr | None:
    """What a class's config, own or inherited, says under the first of some keys it has; None where nothing is seen.

    `above`: the class itself does not count.
    """
    for owner in types.mro(cls).names[1 if above else 0 :]:
        symbol = types.project.klass(owner)
        if symbol is None or not is_model(types, owner):
            continue
        for name, value in config_items(types, symbol):
            if name in keys:
                return value
    return None


def config_items(types: Inference, symbol: ClassSymbol) -> Iterator[tuple[str, Expr]]:
    """What a class itself says in its `Config`, its `model_config` or its keywords."""
    yield from symbol.facts.keywords
    if "Config" in symbol.facts.classes:
        for owner in types.mro(f"{symbol.qualname}.Config").names:
            inner = types.project.klass(owner)
            for field in inner.facts.fields if inner is not None and inner.file.path in types.project.files else ():
                if field.value is not None:
                    yield field.name, field.value
    for field in symbol.facts.fields:
        if field.name == "model_config":
            if isinstance(field.value, Call):
                yield from field.value.keywords
            elif isinstance(field.value, Mapping):
                for key, value in zip(field.value.keys, field.value.values, strict=True):
                    if isinstance(key, Const):
                        yield key.text, value


def usual_quote(text: str) -> str:
    """The quotes that most strings of a file have."""
    return "'" if text.count("'") > text.count('"') else '"'
