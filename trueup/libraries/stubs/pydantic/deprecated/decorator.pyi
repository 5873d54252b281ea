"""Checked function calls of 1.x, as 2.x keeps them."""

from pydantic.decorator import ValidatedFunction as ValidatedFunction
