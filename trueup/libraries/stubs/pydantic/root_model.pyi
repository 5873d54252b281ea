"""Root models."""

from pydantic import RootModel as RootModel
