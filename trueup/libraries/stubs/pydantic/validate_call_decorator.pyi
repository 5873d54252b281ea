"""Checked function calls."""

from pydantic import validate_call as validate_call
