"""Validators."""

from typing import Any

from pydantic import AfterValidator as AfterValidator
from pydantic import BeforeValidator as BeforeValidator
from pydantic import field_validator as field_validator
from pydantic import InstanceOf as InstanceOf
from pydantic import model_validator as model_validator
from pydantic import ModelWrapValidatorHandler as ModelWrapValidatorHandler
from pydantic import PlainValidator as PlainValidator
from pydantic import SkipValidation as SkipValidation
from pydantic import ValidateAs as ValidateAs
from pydantic import WrapValidator as WrapValidator

ModelAfterValidator: Any
ModelBeforeValidator: Any
ModelBeforeValidatorWithoutInfo: Any
ModelWrapValidator: Any
