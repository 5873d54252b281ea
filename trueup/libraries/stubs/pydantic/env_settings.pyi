"""Settings of 1.x."""

from typing import Any

from pydantic import BaseSettings as BaseSettings

SettingsSourceCallable: Any

class SettingsError(ValueError): ...

class InitSettingsSource:
    init_kwargs: dict[str, Any]
    def __call__(self, settings: BaseSettings) -> dict[str, Any]: ...

class EnvSettingsSource:
    def __call__(self, settings: BaseSettings) -> dict[str, Any]: ...
    def prepare_field_env_vars(self, field: Any) -> Any: ...

class SecretsSettingsSource:
    def __call__(self, settings: BaseSettings) -> dict[str, Any]: ...

def read_env_file(file_path: Any, **kwargs: Any) -> dict[str, str | None]: ...
