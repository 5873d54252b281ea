"""Configuration of models."""

from pydantic.v1 import BaseConfig as BaseConfig
from pydantic.v1 import Extra as Extra
