"""Type adapters."""

from pydantic import TypeAdapter as TypeAdapter
