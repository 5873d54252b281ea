"""A model for the body of a PATCH with a required field, so that a client must send what it does not change.

## Why
PATCH changes some fields of a thing. Where one is required the client has to know its present value and send that
back, and overwrites what somebody else has changed in between.

## Example
```python
class UserUpdate(BaseModel):
    name: str
    phone: str | None = None
```

## What to do
Give the field a default: `name: str | None = None`, and write what was sent with `model_dump(exclude_unset=True)`.
What replaces all of a thing is a PUT.

## Limits
Models called `...Update` or `...Patch` that are the body of a PATCH route and of no other route, with more than one
field; what says which thing is meant (`user_id`) may be required. `Optional` fields without a value count where the
project is known to run on Pydantic 2.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.index.facts import Call, Const, Expr
from trueup.index.project import ClassSymbol
from trueup.infer import Inference
from trueup.layers import TEST, layer_of_file
from trueup.libraries.fastapi import entries, files_with_entries, route_decorator
from trueup.libraries.pydantic.inherited import fields_of
from trueup.libraries.pydantic.models import is_model
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import NONE, Instance, Union, Unknown

_NAMES = ("Update", "Patch")
_NAMING = ("id", "hash", "key", "uuid", "slug", "version")
"""What says which thing is meant."""


@rule(
    "TUF123",
    "required-field-in-patch",
    on=ast.ClassDef,
    severity=Severity.ADVICE,
    fix=Safety.MANUAL,
    libraries=("fastapi",),
    where=lambda facts, types, config: any(name in one.name for one in facts.classes for name in _NAMES),
    url="https://fastapi.tiangolo.com/tutorial/body-updates/",
    effort=3,
)
def check(node: ast.ClassDef, file: File) -> Iterator[Hit]:
    facts = file.class_at(node)
    if facts is None or not any(name in node.name for name in _NAMES):
        return
    name = file.qualified(facts)
    if file.types.shared(_bodies).get(name) != ("patch",):
        return
    symbol = file.project.klass(name)
    if symbol is None:
        return
    fields = fields_of(file.types, symbol).by_name
    required = [
        key
        for key, (owner, field) in fields.items()
        if field.annotation is not None
        and owner.file.path in file.project.files
        and not key.endswith(_NAMING)
        and (_is_required(field.value) if field.value is not None else not _is_implied(owner, field.annotation, file))
    ]
    if required and len(fields) > 1:
        said = ", ".join(f"`{one}`" for one in required[:3])
        yield Hit(
            node,
            f"`{node.name}` is the body of a PATCH and requires {said}: what need not change need not be sent, so give "
            "it a default",
            span=file.header(node),
        )


def _is_required(value: object) -> bool:
    if isinstance(value, Const):
        return value.kind == "ellipsis"
    if not isinstance(value, Call):
        return False
    if value.args:
        return isinstance(value.args[0], Const) and value.args[0].kind == "ellipsis"
    return not {"default", "default_factory", "**"} & {key for key, _ in value.keywords}


def _is_implied(owner: ClassSymbol, annotation: Expr, file: File) -> bool:
    """Whether a field without a value may have the default `None`, as Pydantic 1 gives `Optional` fields."""
    target = file.config.targets.get("pydantic")
    if target is not None and target.version.partition(".")[0].isdigit() and int(target.version.partition(".")[0]) > 1:
        return False
    kind = file.types.annotation(annotation, file.types.class_site(owner))
    return isinstance(kind, Unknown) or (isinstance(kind, Union) and NONE in kind.items)


def _bodies(types: Inference) -> dict[str, tuple[str, ...]]:
    """Model -> the methods of the routes that it is the body of, sorted."""
    found: dict[str, dict[str, None]] = {}
    for facts in files_with_entries(types):
        if layer_of_file(facts) == TEST:
            continue
        for route, role in entries(types, facts):
            if role.kind != "route":
                continue
            site = types.definition_site(route.facts, facts)
            methods = [one for d in route.facts.decorators if (one := route_decorator(types, d, site)) is not None]
            for param in route.facts.params:
                kind = types.param_type(param, route.facts, facts)
                if isinstance(kind, Instance) and not isinstance(param.default, Call) and is_model(types, kind.cls):
                    found.setdefault(kind.cls, {}).update(dict.fromkeys(methods))
    return {name: tuple(sorted(methods)) for name, methods in found.items()}
