"""Settings read from the environment."""

from typing import Any, Dict

from pydantic import BaseModel, ConfigDict

class SettingsError(ValueError): ...

class SettingsConfigDict(ConfigDict):
    case_sensitive: bool
    nested_model_default_partial_update: bool | None
    env_prefix: str
    env_prefix_target: Any
    env_file: Any
    env_file_encoding: str | None
    env_ignore_empty: bool
    env_nested_delimiter: str | None
    env_nested_max_split: int | None
    env_parse_none_str: str | None
    env_parse_enums: bool | None
    dotenv_filtering: Any
    cli_prog_name: str | None
    cli_parse_args: Any
    cli_parse_none_str: str | None
    cli_hide_none_type: bool
    cli_avoid_json: bool
    cli_enforce_required: bool
    cli_use_class_docs_for_groups: bool
    cli_exit_on_error: bool
    cli_prefix: str
    cli_flag_prefix_char: str
    cli_implicit_flags: Any
    cli_ignore_unknown_args: bool | None
    cli_kebab_case: Any
    cli_shortcuts: Any
    secrets_dir: Any
    json_file: Any
    json_file_encoding: str | None
    yaml_file: Any
    yaml_file_encoding: str | None
    yaml_config_section: str | None
    pyproject_toml_depth: int
    pyproject_toml_table_header: tuple[str, ...]
    toml_file: Any
    toml_table_header: tuple[str, ...]
    enable_decoding: bool

class BaseSettings(BaseModel):
    model_config: SettingsConfigDict
    def __init__(
        self,
        _case_sensitive: bool | None = ...,
        _nested_model_default_partial_update: bool | None = ...,
        _env_prefix: str | None = ...,
        _env_file: Any = ...,
        _env_file_encoding: str | None = ...,
        _env_ignore_empty: bool | None = ...,
        _env_nested_delimiter: str | None = ...,
        _secrets_dir: Any = ...,
        **values: Any,
    ) -> None: ...
    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]: ...

class PydanticBaseSettingsSource:
    settings_cls: type[BaseSettings]
    config: SettingsConfigDict
    current_state: Dict[str, Any]
    settings_sources_data: Dict[str, Any]
    def __init__(self, settings_cls: type[BaseSettings]) -> None: ...
    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]: ...
    def field_is_complex(self, field: Any) -> bool: ...
    def prepare_field_value(self, field_name: str, field: Any, value: Any, value_is_complex: bool) -> Any: ...
    def decode_complex_value(self, field_name: str, field: Any, value: Any) -> Any: ...
    def __call__(self) -> Dict[str, Any]: ...

class DefaultSettingsSource(PydanticBaseSettingsSource): ...
class InitSettingsSource(PydanticBaseSettingsSource): ...
class PydanticBaseEnvSettingsSource(PydanticBaseSettingsSource): ...
class EnvSettingsSource(PydanticBaseEnvSettingsSource): ...
class DotEnvSettingsSource(EnvSettingsSource): ...
class SecretsSettingsSource(PydanticBaseEnvSettingsSource): ...
class NestedSecretsSettingsSource(EnvSettingsSource): ...
class CliSettingsSource(EnvSettingsSource): ...
class JsonConfigSettingsSource(InitSettingsSource): ...
class TomlConfigSettingsSource(InitSettingsSource): ...
class PyprojectTomlConfigSettingsSource(TomlConfigSettingsSource): ...
class YamlConfigSettingsSource(InitSettingsSource): ...
class AWSSecretsManagerSettingsSource(EnvSettingsSource): ...
class AWSSystemsManagerSettingsSource(EnvSettingsSource): ...
class AzureKeyVaultSettingsSource(EnvSettingsSource): ...
class GoogleSecretManagerSettingsSource(EnvSettingsSource): ...

class NoDecode: ...
class ForceDecode: ...

class CliApp:
    @staticmethod
    def run(model_cls: type[Any], cli_args: Any = ..., **kwargs: Any) -> Any: ...
    @staticmethod
    def run_subcommand(model: Any, **kwargs: Any) -> Any: ...

CLI_SUPPRESS: str
CliSuppress: Any
CliDualFlag: Any
CliExplicitFlag: Any
CliImplicitFlag: Any
CliMutuallyExclusiveGroup: Any
CliPositionalArg: Any
CliSubCommand: Any
CliToggleFlag: Any
CliUnknownArgs: Any
CliVariadicArg: Any
VERSION: str

def get_subcommand(model: Any, is_required: bool = ..., cli_exit_on_error: bool | None = ...) -> Any: ...
