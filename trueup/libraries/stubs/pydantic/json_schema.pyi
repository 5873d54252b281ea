"""JSON schemas."""

from typing import Any

from pydantic import WithJsonSchema as WithJsonSchema

JsonSchemaMode: Any
JsonSchemaValue: Any
DEFAULT_REF_TEMPLATE: str
SkipJsonSchema: Any

class PydanticJsonSchemaWarning(UserWarning): ...

class Examples:
    def __init__(self, examples: Any, mode: str | None = ...) -> None: ...

class GenerateJsonSchema:
    schema_dialect: str
    definitions: dict[str, Any]
    mode: str
    def __init__(self, by_alias: bool = ..., ref_template: str = ..., **kwargs: Any) -> None: ...
    def generate(self, schema: Any, mode: str = ...) -> dict[str, Any]: ...
    def generate_definitions(self, inputs: Any) -> tuple[dict[Any, Any], dict[str, Any]]: ...
    def sort(self, value: Any, parent_key: str | None = ...) -> Any: ...

def model_json_schema(cls: Any, *args: Any, **kwargs: Any) -> dict[str, Any]: ...
def models_json_schema(models: Any, **kwargs: Any) -> tuple[dict[Any, Any], dict[str, Any]]: ...
