"""Names of FastAPI that went, or changed their names, with its support of Pydantic 1."""

from __future__ import annotations

_CLONED = "use the field itself: for models of Pydantic 2 it was never cloned"
_MADE = "it is `fastapi.utils.create_model_field` now, with other arguments"
_BODY = "it is private now; what a route takes as its body is `route.body_field`"
_SHAPES = "look at the type with `fastapi.dependencies.utils.field_annotation_is_sequence`"
_LENIENT = "ask `isinstance(cls, type) and issubclass(cls, ...)`"
_DEPENDANT = "use `get_dependant`, which makes those below it too"
_KINDS = "ask `inspect`: `iscoroutinefunction`, `isgeneratorfunction`, `isasyncgenfunction`"

GONE = {
    ("fastapi.utils", "create_cloned_field"): _CLONED,
    ("fastapi.routing", "create_cloned_field"): _CLONED,
    ("fastapi.utils", "create_response_field"): _MADE,
    ("fastapi.routing", "create_response_field"): _MADE,
    ("fastapi.dependencies.utils", "create_response_field"): _MADE,
    ("fastapi.utils", "get_model_definitions"): "take them from `fastapi.openapi.utils.get_openapi`",
    ("fastapi.openapi.utils", "get_model_definitions"): "take them from `get_openapi`",
    ("fastapi.openapi.utils", "get_flat_models_from_routes"): "it is `get_fields_from_routes` now, and gives fields",
    ("fastapi.utils", "lenient_issubclass"): _LENIENT,
    ("fastapi.routing", "get_body_field"): _BODY,
    ("fastapi.dependencies.utils", "get_body_field"): _BODY,
    ("fastapi.routing", "_prepare_response_content"): "`serialize_response` does all of it",
    ("fastapi.dependencies.utils", "is_scalar_sequence_field"): _SHAPES,
    ("fastapi.dependencies.utils", "sequence_shapes"): _SHAPES,
    ("fastapi.dependencies.utils", "sequence_shape_to_type"): _SHAPES,
    ("fastapi.dependencies.utils", "get_sub_dependant"): _DEPENDANT,
    ("fastapi.dependencies.utils", "get_param_sub_dependant"): _DEPENDANT,
    ("fastapi.dependencies.utils", "check_file_field"): "it is `ensure_multipart_is_installed` now, without arguments",
    **{
        ("fastapi.dependencies.utils", name): _KINDS
        for name in ("is_coroutine_callable", "is_gen_callable", "is_async_gen_callable")
    },
}
"""(module, name) of FastAPI 0.99 that the newest version does not have -> what to do."""
