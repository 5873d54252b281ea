"""The `type_` of a field of version 1, and a function that works it out in version 2."""

from __future__ import annotations

import ast

from msgspec import Struct

INNER = """\
def {name}(annotation: {Any}) -> {Any}:
    \"\"\"What Pydantic 1 called `type_`: without `Optional`, and of a list or dict what it holds.\"\"\"
    args = {get_args}(annotation)
    if {get_origin}(annotation) in ({Union}, {UnionType}) and len(args) == 2 and type(None) in args:
        annotation = next(one for one in args if one is not type(None))
    if {get_origin}(annotation) is {Annotated}:
        annotation = {get_args}(annotation)[0]
    args = {get_args}(annotation)
    origin = {get_origin}(annotation)
    if isinstance(origin, type) and issubclass(origin, {Iterable}):
        if origin is not tuple or not args:
            annotation = args[-1] if args else {Any}
        elif Ellipsis in args:
            annotation = args[0]
    return {get_args}(annotation)[0] if {get_origin}(annotation) is {Annotated} else annotation
"""
"""Tried on all that version 1 takes for a field: the same, but for constraints, which it made types of."""
INNER_NAMES = {
    "Annotated": ("typing", "typing_extensions"),
    "Any": ("typing",),
    "get_args": ("typing",),
    "get_origin": ("typing",),
    "Union": ("typing",),
    "UnionType": ("types",),
    "Iterable": ("collections.abc", "typing"),
}
"""What the function needs, and the modules that have it."""
_SAYS = INNER.splitlines()[1].strip().strip('"')
"""The docstring of the function."""


class InnerType(Struct, frozen=True):
    """How a file works out what `type_` was: the name of the function, and whether this place brings it along."""

    function: str
    defines: bool


def is_inner_type(function: ast.FunctionDef) -> bool:
    """Whether a function is the one that an earlier repair wrote."""
    return ast.get_docstring(function) == _SAYS
