"""Names that Pydantic 2 has elsewhere, or that moved to packages of their own."""

from __future__ import annotations

from dataclasses import dataclass

_SETTINGS_HOME, _EXTRA_HOME = "pydantic_settings", "pydantic_extra_types"
MOVED = {
    ("pydantic", "BaseSettings"): (_SETTINGS_HOME, "BaseSettings"),
    ("pydantic.env_settings", "BaseSettings"): (_SETTINGS_HOME, "BaseSettings"),
    ("pydantic.env_settings", "SettingsSourceCallable"): (_SETTINGS_HOME, "PydanticBaseSettingsSource"),
    ("pydantic.env_settings", "InitSettingsSource"): (_SETTINGS_HOME, "InitSettingsSource"),
    ("pydantic.env_settings", "EnvSettingsSource"): (_SETTINGS_HOME, "EnvSettingsSource"),
    ("pydantic.env_settings", "SecretsSettingsSource"): (_SETTINGS_HOME, "SecretsSettingsSource"),
    ("pydantic.env_settings", "SettingsError"): (_SETTINGS_HOME, "SettingsError"),
    ("pydantic.color", "Color"): (f"{_EXTRA_HOME}.color", "Color"),
    ("pydantic", "PaymentCardNumber"): (f"{_EXTRA_HOME}.payment", "PaymentCardNumber"),
    ("pydantic.types", "PaymentCardNumber"): (f"{_EXTRA_HOME}.payment", "PaymentCardNumber"),
    ("pydantic.types", "PaymentCardBrand"): (f"{_EXTRA_HOME}.payment", "PaymentCardBrand"),
    ("pydantic.error_wrappers", "ValidationError"): ("pydantic", "ValidationError"),
    ("pydantic.utils", "to_camel"): ("pydantic.alias_generators", "to_pascal"),
    ("pydantic.utils", "to_lower_camel"): ("pydantic.alias_generators", "to_camel"),
}
"""(module, name) of version 1 -> where version 2 has it."""
PACKAGES = {_SETTINGS_HOME: "pydantic-settings", _EXTRA_HOME: "pydantic-extra-types"}
"""Top-level package -> the distribution a project has to depend on for it."""
SPELLED = {
    "NoneStr": ("Optional", "{}[str]"),
    "NoneBytes": ("Optional", "{}[bytes]"),
    "StrBytes": ("Union", "{}[str, bytes]"),
    "NoneStrBytes": ("Union", "{}[None, str, bytes]"),
    "Required": ("", "..."),
}
"""Names of `pydantic` that went -> what is written instead, with a name of `typing` at the braces."""


@dataclass(frozen=True, slots=True)
class MovedName:
    """One name of an import: the clue of its repair is a tuple of them."""

    name: str
    module: str
    new: str
