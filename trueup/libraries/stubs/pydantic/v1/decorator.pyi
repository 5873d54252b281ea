"""Checked function calls."""

from pydantic.v1 import validate_arguments as validate_arguments
