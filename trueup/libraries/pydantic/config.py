"""The settings of a model: the keys of `Config` and what became of them, and what a class's config says."""

from __future__ import annotations

from collections.abc import Iterator

from ...index.facts import Call, Const, Expr, Mapping
from ...index.project import ClassSymbol
from ...infer import Inference
from .models import is_model

CONFIG_BASES = ("pydantic.BaseConfig", "builtins.object")
"""Bases of a `Config` class that bring no setting of their own."""

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


def config_of(types: Inference, cls: str, *keys: str) -> Expr | None:
    """What a class's config, own or inherited, says under the first of some keys it has; None where nothing is seen."""
    for owner in types.mro(cls).names:
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
