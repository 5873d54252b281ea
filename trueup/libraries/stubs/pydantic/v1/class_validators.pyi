"""Validators."""

from pydantic.v1 import root_validator as root_validator
from pydantic.v1 import validator as validator
