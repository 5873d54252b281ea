"""Configuration of models."""

from typing import Any

from pydantic import BaseConfig as BaseConfig
from pydantic import ConfigDict as ConfigDict
from pydantic import Extra as Extra
from pydantic import with_config as with_config

ExtraValues: Any
JsonDict: Any
JsonValue: Any

def get_config(config: Any) -> type[BaseConfig]: ...
def inherit_config(parent: Any, child: Any, **namespace: Any) -> type[BaseConfig]: ...
def prepare_config(config: Any, cls_name: str) -> None: ...
