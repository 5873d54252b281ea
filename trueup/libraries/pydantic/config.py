"""The settings of a model: the keys of `Config` and what became of them, and what a class's config says."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import TypeAlias

from msgspec import Struct

from ...index.facts import Attr, Call, Const, Expr, Mapping, Name
from ...index.project import ClassSymbol
from ...infer import Inference
from ...types import Callee, ClassObject, Type
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
    "getter_dict": "ask it for each field in a `@model_validator(mode='before')`, which returns a dict",
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


IGNORED_KEYS = {
    "json_loads": "version 2 parses JSON itself, never with this function",
    "json_dumps": "version 2 writes JSON itself, never with this function",
}
"""Keys for functions that version 2 never calls, and what that changes."""
SCHEMA_WHY = "the function gets the schema as Pydantic 2 lays it out, with `$defs` and `anyOf`"
"""Why a function as `schema_extra` is unsafe."""
_FIELD_OPTIONS = frozenset({"alias", "title", "description", "exclude"})
_WRAPPERS = ("builtins.staticmethod", "builtins.classmethod")

FieldOptions: TypeAlias = tuple[str, tuple[tuple[str, str], ...]]
"""A field, and (argument, source of the value) of what its `Field` is to get."""

# One key -------------------------------------------------------------------------------------------------------------


class KeyChange(Struct, frozen=True):
    """What becomes of a key: its name in version 2 (empty: it goes), and the source of its value if that changes."""

    old: str
    new: str
    value: str = ""
    fields: tuple[FieldOptions, ...] = ()
    """Arguments that go to fields of the model instead."""
    drops_cls: bool = False
    """The value is a function that loses its first parameter."""


class ConfigChange(Struct, frozen=True):
    """What becomes of a `class Config`: the clue of its repair."""

    maker: str
    """`ConfigDict` or `SettingsConfigDict`."""
    keys: tuple[KeyChange, ...]
    added: tuple[tuple[str, str], ...] = ()
    """More keys, and the source of their values."""
    unused: tuple[tuple[str, str], ...] = ()
    """(module, name) of shared classes that the model takes no more."""
    getter: str = ""
    """The source of the `getter_dict` that a validator is to ask."""


class Chosen(Struct, frozen=True):
    """A key that an `if` and its `else` give a value: the clue of the repair that makes one assignment of them."""

    key: str


class Obstacle(Struct, frozen=True):
    """Why a key, and with it the whole config, is left to a person: an instruction."""

    text: str


class Keys(Struct, frozen=True):
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
        if key == "fields" and not self.settings:
            return self._fields(value)
        if key in IGNORED_KEYS and not (isinstance(value, ast.Constant) and value.value == "deep"):
            return KeyChange(key, ""), IGNORED_KEYS[key]
        if key in KEPT_KEYS or key in NEW_KEYS or (self.settings and key in SETTINGS_KEYS):
            return self._changed(key, key, value, "")
        if key in LOST_KEYS:
            return Obstacle(f"`{key}`: {LOST_KEYS[key]}")
        meant = next((one for one in sorted(KNOWN_KEYS) if len(_words(one) & _words(key)) > 1), "")
        if meant:
            return Obstacle(
                f"`{key}` is no key of Pydantic's, which may be `{meant}`: keep it in a `ClassVar` otherwise"
            )
        if _does_nothing(value) and not self.types.shared(_is_read, key):
            return KeyChange(key, ""), f"`{key}` is no key of Pydantic's, and nothing reads it: it goes"
        if not self.types.shared(_is_read_of_config, key):
            why = f"`{key}` is no key of Pydantic's: it stays for what reads it, but type checkers do not know it"
            return self._changed(key, key, value, why)
        return Obstacle(f"`{key}` is no key of Pydantic's; keep it in a `ClassVar` of the model")

    def shared(self, key: str, value: Expr, text: str) -> tuple[str, str, str] | Obstacle:
        """(new name, source of the value, why that is unsafe) of a simple setting of a class that models share.

        An empty name: it goes.
        """
        if key == "allow_mutation":
            frozen = value == Const("bool", "False")
            why = "a frozen model raises `ValidationError` instead of `TypeError` when it is changed, and has a hash"
            return ("frozen", "True", why) if frozen else ("", "", "")
        if key in DROPPED_KEYS:
            plain = isinstance(value, Const) and value.text in [one.strip("'") for one in DROPPED_KEYS[key]]
            return ("", "", "") if plain else Obstacle(f"`{key}`: {LOST_KEYS[key]}")
        if key in LOST_KEYS and key not in RENAMED_KEYS and key not in KEPT_KEYS:
            return Obstacle(f"`{key}`: {LOST_KEYS[key]}")
        if key in SETTINGS_KEYS and not self.settings:
            return "", "", ""
        why = ""
        if key in TEXT_KEYS and has_bytes(self.types, self.owner):
            why = f"`{key}` held for `bytes` too, `{RENAMED_KEYS[key]}` holds for `str` alone"
        if key == "schema_extra" and isinstance(value, Attr):
            return "json_schema_extra", dotted(value), SCHEMA_WHY
        return RENAMED_KEYS.get(key, key), text, why

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
        if isinstance(value, ast.IfExp):
            both = {ast.unparse(one) for one in (value.body, value.orelse)}
            if both <= set(DROPPED_KEYS[key]):
                return KeyChange(key, ""), ""
        private = any(f.name.startswith("_") and not f.name.endswith("__") for f in self.owner.facts.fields)
        if text in DROPPED_KEYS[key] or (key == "underscore_attrs_are_private" and text == "False" and not private):
            return KeyChange(key, ""), ""
        if key == "copy_on_model_validation" and text in ("'shallow'", "True"):
            return KeyChange(key, ""), "version 2 keeps a model that is passed to another one, where 1 made a copy"
        return Obstacle(f"`{key}`: {LOST_KEYS[key]}")

    def _why_renamed(self, key: str, value: ast.expr) -> str:
        if key in TEXT_KEYS and has_bytes(self.types, self.owner):
            return f"`{key}` held for `bytes` too, `{RENAMED_KEYS[key]}` holds for `str` alone"
        if key == "schema_extra" and (isinstance(value, ast.Lambda) or isinstance(self.type_of(value), Callee)):
            return SCHEMA_WHY
        return ""

    def _encoders(self, value: ast.expr) -> tuple[KeyChange, str] | Obstacle:
        why = "version 2 applies `json_encoders` to this model alone, not to models inside, and to plain types as well"
        if self._inherited("json_encoders") is None:
            return KeyChange("json_encoders", "json_encoders"), why
        bases = [base for base in self.owner.facts.bases if self._has_encoders(base)]
        text = self.segment(value)
        name = dotted(bases[0]) if len(bases) == 1 else ""
        if not name:
            return Obstacle("`json_encoders`: version 2 does not add to those of the base; write serializers instead")
        quote = self.quote
        above = f"**{name}.model_config.get({quote}json_encoders{quote}, {{}})"
        new = f"{{{above}, {text[1:].lstrip()}" if isinstance(value, ast.Dict) else f"{{{above}, **{text}}}"
        return KeyChange("json_encoders", "json_encoders", new), why

    def _has_encoders(self, base: Expr) -> bool:
        found = self.types.type_of(base, self.types.class_site(self.owner))
        return isinstance(found, ClassObject) and config_of(self.types, found.cls, "json_encoders") is not None

    def _fields(self, value: ast.expr) -> tuple[KeyChange, str] | Obstacle:
        """What `fields = {"a": "alias", "b": {"exclude": True}}` means for each field."""
        lost = Obstacle(f"`fields`: {LOST_KEYS['fields']}")
        own = {one.name for one in self.owner.facts.fields if one.annotation is not None}
        if not isinstance(value, ast.Dict):
            return lost
        found: list[FieldOptions] = []
        for key, given in zip(value.keys, value.values, strict=True):
            if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
                return lost
            if key.value.startswith("_"):  # private attributes are no fields: it never had a meaning
                continue
            options: list[tuple[str, str]] = []
            if isinstance(given, ast.Dict):
                for name, option in zip(given.keys, given.values, strict=True):
                    if not isinstance(name, ast.Constant) or name.value not in _FIELD_OPTIONS:
                        return lost
                    if name.value == "exclude" and not isinstance(option, ast.Constant):
                        return lost
                    options.append((str(name.value), self.segment(option)))
            elif isinstance(given, ast.Constant) and isinstance(given.value, str):
                options.append(("alias", self.segment(given)))
            else:
                return lost
            if key.value not in own:
                return Obstacle(f"`fields`: `{key.value}` is inherited; declare it here again, with `Field(...)`")
            found.append((key.value, tuple(options)))
        return KeyChange("fields", "", fields=tuple(found)), ""

    def function(self, key: str, node: ast.FunctionDef, around: set[str]) -> tuple[KeyChange, str] | Obstacle:
        """What becomes of a function in a `Config`."""
        new, name = RENAMED_KEYS.get(key, key), f"_{key}"
        decorators = [self.qualname(one) for one in node.decorator_list]
        if key not in ("schema_extra", "alias_generator") or any(one not in _WRAPPERS for one in decorators):
            return Obstacle(f"`{key}`: {LOST_KEYS.get(key, 'move the function out of the class')}")
        parameters = [*node.args.posonlyargs, *node.args.args]
        bound = "builtins.classmethod" in decorators
        read = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        configs = {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)} & {"Config", "__config__"}
        if configs or "super" in read or (bound and (not parameters or parameters[0].arg in read)):
            return Obstacle(f"`{key}`: {LOST_KEYS[key]}, for it uses the `Config`")
        described = [one.annotation for one in parameters if one.annotation is not None]
        outside = [*described, *node.args.defaults, *([node.returns] if node.returns is not None else [])]
        if name in around or any(isinstance(n, ast.Name) and n.id in around for e in outside for n in ast.walk(e)):
            return Obstacle(f"`{key}`: {LOST_KEYS[key]}")
        return KeyChange(key, new, name, drops_cls=bound), SCHEMA_WHY if key == "schema_extra" else ""

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


def _words(key: str) -> frozenset[str]:
    """The words of a key, as far as `allow` and `allowed` are one."""
    return frozenset(word[:5] for word in key.split("_"))


def _does_nothing(value: ast.expr) -> bool:
    """Whether nobody notices that a value is no longer worked out: constants, names, `getattr(a, "b", None)`."""
    match value:
        case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
            return all(_does_nothing(one) for one in elements)
        case ast.Call(func=ast.Name(id="getattr"), args=[_, _, _] as arguments, keywords=[]):
            return all(_does_nothing(one) for one in arguments)
    return isinstance(value, ast.Constant | ast.Name)


def _is_read(types: Inference, key: str) -> bool:
    """Whether some file of the project reads an attribute of that name, whatever it is of, or a `model_config`."""
    return any(key in file.attributes or "model_config" in file.attributes for file in types.project.files.values())


def _is_read_of_config(types: Inference, key: str) -> bool:
    """Whether a file that reads an attribute of that name reads a `Config` too."""
    files = (file for file in types.project.files.values() if key in file.attributes)
    return any(not {"Config", "__config__"}.isdisjoint(file.attributes) for file in files)


def dotted(expr: Expr) -> str:
    """The source of a plain name; empty for anything else."""
    if isinstance(expr, Attr):
        held = dotted(expr.value)
        return f"{held}.{expr.attr}" if held else ""
    return expr.id if isinstance(expr, Name) else ""


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
