"""A field for an e-mail address that takes any text.

## Why
`str` takes `"me"` and `" a@b "`; the mistake shows when the mail comes back. `EmailStr` refuses what is no address.
It needs the package `email-validator`, which not every project wants: the rule is off unless it is selected by its
own code.

## Fix safety
The fix writes `EmailStr`. It is unsafe: what is no address is refused from then on, its domain is put into small
letters, and the package must be installed.

## Limits
Fields of models called `email`, or that end with `_email`, of the type `str`. Those with a pattern or a validator of
their own are left alone; so are models that only answer.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.layers import TEST, layer_of_file
from trueup.libraries.pydantic.models import is_model
from trueup.libraries.sqlalchemy.mapping import mapping
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_CHECKS = ("pattern", "regex")


@rule(
    "TUC105",
    "text-for-email",
    on=ast.AnnAssign,
    severity=Severity.ADVICE,
    fix=Safety.UNSAFE,
    libraries=("pydantic",),
    triggers=("email*", "*email"),
    where=lambda facts, types, config: layer_of_file(facts) != TEST,
    url="https://docs.pydantic.dev/latest/api/networks/#pydantic.networks.EmailStr",
    off=True,
)
def check(node: ast.AnnAssign, file: File) -> Iterator[Hit]:
    if not isinstance(node.target, ast.Name) or not (node.target.id == "email" or node.target.id.endswith("_email")):
        return
    owner = file.parent(node)
    facts = file.class_at(owner) if isinstance(owner, ast.ClassDef) else None
    text = _text(node.annotation)
    if facts is None or text is None or not isinstance(owner, ast.ClassDef):
        return
    name = file.qualified(facts)
    if not is_model(file.types, name, file.config.base_models) or mapping(file.types).is_sqlmodel(name):
        return
    if isinstance(node.value, ast.Call) and any(one.arg in _CHECKS for one in node.value.keywords):
        return
    own = ast.unparse(owner)
    if "validator" in own and repr(node.target.id) in own:
        return
    yield Hit(
        text,
        f"`{node.target.id}` takes any text: `EmailStr` refuses what is no address",
        why="What is no address is refused from then on, and `email-validator` must be installed.",
    )


def _text(annotation: ast.expr) -> ast.Name | None:
    """The `str` of `str` and `str | None`."""
    if isinstance(annotation, ast.BinOp):
        parts = [annotation.left, annotation.right]
        return next((found for one in parts if (found := _text(one)) is not None), None)
    return annotation if isinstance(annotation, ast.Name) and annotation.id == "str" else None
