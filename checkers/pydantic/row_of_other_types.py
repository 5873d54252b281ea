"""A model is filled from an object whose attributes have types that Pydantic 1 converted and Pydantic 2 refuses.

## Why
Version 1 wrote the `int` of a column into a field of `str`, and cut the time off a `DateTime` for a field of `date`.
Version 2 raises: a route that answers with such a row gives 500 (`ResponseValidationError`), `from_orm` a
`ValidationError`. The code is right to the eye; it was among the most frequent faults after real migrations.

## What to do
Declare the field as what the row has (`id: int`), if clients may see that. Else keep the old value:
`coerce_numbers_to_str` in the config for numbers as text, `Annotated[date, BeforeValidator(lambda v: v.date())]` for
the rest.

## Limits
For routes that return an object of a known class, or a list of them, and for `from_orm` and `model_validate` of one.
Silent for models with validators that run first. Aliases and nested models are not followed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from trueup.config import Config
from trueup.file import File
from trueup.index.facts import Call, Expr, FileFacts, Function
from trueup.infer import Inference
from trueup.libraries.fastapi import may_route, route_decorator
from trueup.libraries.pydantic.models import GUIDE, is_model
from trueup.libraries.pydantic.rows import refused
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import ClassObject, Instance, Type, without_none

_METHODS = ("from_orm", "model_validate")
_LISTS = ("builtins.list", "builtins.tuple", "builtins.set", "collections.abc.Sequence", "collections.abc.Iterable")


def _fills_models(facts: FileFacts, types: Inference, config: Config) -> bool:
    return any(method in facts.attributes for method in _METHODS) or may_route(facts)


@rule(
    "TUP911",
    "row-of-other-types",
    on=(ast.Return, ast.Call),
    severity=Severity.ERROR,
    fix=Safety.MANUAL,
    libraries=("fastapi", "sqlalchemy", "sqlmodel"),
    triggers=("from_orm", "model_validate", "response_model", "->"),
    where=_fills_models,
    url=GUIDE + "#conversion-table",
    effort=5,
    step="fastapi",
)
def filled(node: ast.Return | ast.Call, file: File) -> Iterable[Hit]:
    """What a route returns, and what `from_orm` is given."""
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS and len(node.args) == 1:
            owner = file.type_of(node.func.value)
            if isinstance(owner, ClassObject) and is_model(file.types, owner.cls, file.config.base_models):
                yield from _compared(node, Instance(owner.cls), file.type_of(node.args[0]), "raises", file)
        return
    function = file.function_at(node)
    if node.value is None or function is None:
        return
    said = _response(function, file)
    if said is None:
        return
    wanted = file.types.annotation(said, file.types.definition_site(function, file.facts))
    yield from _compared(node, wanted, file.type_of(node.value), "answers 500", file)


def _response(function: Function, file: File) -> Expr | None:
    """What a route answers with, as it is written."""
    site = file.types.definition_site(function, file.facts)
    for decorator in function.decorators:
        if isinstance(decorator, Call) and route_decorator(file.types, decorator, site) is not None:
            return dict(decorator.keywords).get("response_model", function.returns)
    return None


def _compared(node: ast.Return | ast.Call, wanted: Type, given: Type, outcome: str, file: File) -> Iterator[Hit]:
    model, row = _one(wanted, file), _one(given, file)
    if model is None or row is None or not is_model(file.types, model, file.config.base_models):
        return
    if is_model(file.types, row, file.config.base_models) is not False or row.startswith(("builtins.", "typing.")):
        return
    found = list(refused(file.types, model, row, file.config.base_models))
    if not found:
        return
    short, other = model.rpartition(".")[2], row.rpartition(".")[2]
    name, conversion = found[0]
    more = f" (so with {', '.join(f'`{one}`' for one, _ in found[1:])})" if len(found) > 1 else ""
    text = (
        f"`{short}.{name}` is `{conversion.wanted}` and `{other}.{name}` is `{conversion.given}`, which Pydantic 1 "
        f"converted; Pydantic 2 {outcome}{more}: declare the field as it is, or convert it in a validator"
    )
    yield Hit(node, text, why="what clients may see decides")


def _one(one: Type, file: File) -> str | None:
    """The class of an object, or of what is in a list of them."""
    one = without_none(one)
    if isinstance(one, Instance) and one.cls in _LISTS and one.args:
        one = without_none(one.args[0])
    return one.cls if isinstance(one, Instance) else None
