"""Settings."""

from pydantic_settings import BaseSettings as BaseSettings
from pydantic_settings import CliApp as CliApp
from pydantic_settings import SettingsConfigDict as SettingsConfigDict
