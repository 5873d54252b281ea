"""Parsing without a model."""

from pydantic.v1 import parse_file_as as parse_file_as
from pydantic.v1 import parse_obj_as as parse_obj_as
from pydantic.v1 import parse_raw_as as parse_raw_as
from pydantic.v1 import schema_json_of as schema_json_of
from pydantic.v1 import schema_of as schema_of
