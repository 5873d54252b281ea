"""Whether something that is called an object of a model is its class in truth."""

from __future__ import annotations

import ast
from collections.abc import Callable

from msgspec import Struct

from ...types import Type
from .models import classes_of

_CASTS = ("typing.cast", "typing_extensions.cast")
VALIDATORS = frozenset(
    f"pydantic.{name}" for name in ("validator", "root_validator", "field_validator", "model_validator")
)
"""The decorators that make a validator of a method, in both versions."""
_OF_CLASSES = frozenset(
    {"model_json_schema", "schema", "schema_json", "model_validate", "model_validate_json", "parse_obj", "parse_raw",
     "from_orm", "model_rebuild", "update_forward_refs", "model_construct", "construct", "__name__", "__qualname__",
     "__subclasses__", "mro"}
)  # fmt: skip
"""What nobody asks an object of a model for."""
_Function = ast.FunctionDef | ast.AsyncFunctionDef


class Receivers(Struct, frozen=True):
    """How to ask about the expressions of a file."""

    type_of: Callable[[ast.expr], Type]
    qualname: Callable[[ast.expr], str | None]
    parent: Callable[[ast.AST], ast.AST | None]

    def is_class(self, value: ast.expr) -> bool:
        """Whether a value is a class, though its type says that it is an object.

        `cast("BaseModel", create_model(...))`; `cls` of a validator without `@classmethod`, which Pydantic makes one; a
        parameter `model: BaseModel` that is called, or asked for its schema.
        """
        if isinstance(value, ast.Call):
            return self._casts_class(value)
        if not isinstance(value, ast.Name):
            return False
        function = self._function_with(value)
        if function is None:
            return False
        if isinstance(self.parent(function), ast.ClassDef) and _parameters(function)[:1] == [value.id]:
            return value.id == "cls" and any(self._is_validator(one) for one in function.decorator_list)
        return _is_used_as_class(function, value.id)

    def _casts_class(self, value: ast.Call) -> bool:
        if len(value.args) != 2 or self.qualname(value.func) not in _CASTS:
            return False
        pairs = classes_of(self.type_of(value.args[1])) or []
        return bool(pairs) and all(is_class for _, is_class in pairs)

    def _function_with(self, value: ast.Name) -> _Function | None:
        """The function around that has a parameter of that name."""
        around = self.parent(value)
        while around is not None:
            if isinstance(around, _Function) and value.id in _parameters(around):
                return around
            around = self.parent(around)
        return None

    def _is_validator(self, decorator: ast.expr) -> bool:
        func = decorator.func if isinstance(decorator, ast.Call) else decorator
        return self.qualname(func) in VALIDATORS


def _parameters(function: _Function) -> list[str]:
    args = function.args
    return [one.arg for one in (*args.posonlyargs, *args.args, *args.kwonlyargs)]


def _is_used_as_class(function: _Function, name: str) -> bool:
    """Whether a function does with a parameter what is done with classes alone."""
    for node in ast.walk(function):
        match node:
            case ast.Name(id=stored, ctx=ast.Store() | ast.Del()) if stored == name:
                return False
    for node in ast.walk(function):
        match node:
            case ast.Call(func=ast.Name(id=called)) if called == name:
                return True
            case ast.Call(func=ast.Name(id="issubclass"), args=[ast.Name(id=asked), _]) if asked == name:
                return True
            case ast.Attribute(value=ast.Name(id=asked), attr=attr) if asked == name and attr in _OF_CLASSES:
                return True
    return False
