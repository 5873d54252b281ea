"""Validators of 1.x."""

from typing import Any

from pydantic import root_validator as root_validator
from pydantic import validator as validator

class Validator:
    func: Any
    pre: bool
    each_item: bool
    always: bool
    check_fields: bool

class ValidatorGroup:
    def get_validators(self, name: str) -> Any: ...

def gather_all_validators(type_: Any) -> dict[str, Any]: ...
def make_generic_validator(validator: Any) -> Any: ...
def prep_validators(v_funcs: Any) -> list[Any]: ...
