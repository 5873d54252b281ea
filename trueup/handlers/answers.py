"""What a route answers with: stored objects, models, responses; and whether it says so."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..file import File
from ..libraries.pydantic.models import is_model
from ..libraries.sqlalchemy.mapping import mapping
from ..types import Instance, Type, Union, without_none

_LISTS = ("builtins.list", "builtins.tuple", "builtins.set", "collections.abc.Sequence", "typing.Sequence")
_RESPONSE = "starlette.responses.Response"


def returns(node: ast.FunctionDef | ast.AsyncFunctionDef, file: File) -> Iterator[ast.Return]:
    """The `return` statements of a function that return something but `None`."""
    for one in file.walk(node):
        if not isinstance(one, ast.Return) or one.value is None:
            continue
        if not (isinstance(one.value, ast.Constant) and one.value.value is None):
            yield one


def stored(one: Type, file: File) -> tuple[str, bool] | None:
    """(the mapped class that something certainly holds objects of, whether it is a list of them)."""
    one = without_none(one)
    if isinstance(one, Union) or not isinstance(one, Instance):
        return None
    if one.cls in _LISTS and one.args:
        found = stored(one.args[0], file)
        return (found[0], True) if found is not None else None
    symbol = file.project.klass(one.cls)
    if symbol is None or symbol.file.path not in file.project.files:
        return None
    mapped = mapping(file.types)
    if mapped.is_sqlmodel(one.cls):
        return (one.cls, False) if any(key == "table" for key, _ in symbol.facts.keywords) else None
    return (one.cls, False) if mapped.is_declarative(one.cls) else None


def schema(one: Type, file: File) -> tuple[str, bool] | None:
    """(the model of the project that something certainly holds objects of, whether it is a list of them)."""
    if isinstance(one, Union) or not isinstance(one, Instance):
        return None
    if one.cls == "builtins.list" and one.args:
        found = schema(one.args[0], file)
        return (found[0], True) if found is not None and not found[1] else None
    symbol = file.project.klass(one.cls)
    if symbol is None or symbol.file.path not in file.project.files or one.args or stored(one, file) is not None:
        return None
    return (one.cls, False) if is_model(file.types, one.cls, file.config.base_models) else None


def may_be_response(one: Type, file: File) -> bool:
    """Whether something may be a response that is sent as it is."""
    if isinstance(one, Union):
        return any(may_be_response(item, file) for item in one.items)
    return not isinstance(one, Instance) or file.types.is_subclass(one.cls, _RESPONSE) is not False
