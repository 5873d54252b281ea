"""Functions of 1.x that parse without a model."""

from pydantic import parse_file_as as parse_file_as
from pydantic import parse_obj_as as parse_obj_as
from pydantic import parse_raw_as as parse_raw_as
from pydantic import schema_json_of as schema_json_of
from pydantic import schema_of as schema_of
