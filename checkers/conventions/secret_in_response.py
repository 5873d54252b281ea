"""A model that a route answers with, and that has a field for a password, its hash or another secret.

## Why
Whatever the model has leaves the server: the hash of a password can be tried offline for as long as one likes. It
often comes with a base class that the model for creating shares.

## Example
```python
class UserRead(BaseModel):
    email: str
    hashed_password: str
```

## What to do
Take the field out of the model for answers; put what both have into a base without it. `Field(exclude=True)` keeps it
for the code and leaves it out of answers.

## Limits
Known by names: `password`, `hashed_password`, `password_hash`, `token_hash`, `secret`, `secret_key` and the like.
Fields with `exclude=True`, and of the type `SecretStr`, which shows stars, are left alone, and so are models that
carry a secret to the client on purpose: those with `created`, `generated`, `once` or `new` in their names.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from trueup.file import File
from trueup.index.facts import Call, Const
from trueup.infer import Inference
from trueup.libraries.fastapi import answered_models
from trueup.libraries.pydantic.inherited import fields_of
from trueup.model import Hit, Place, Safety, Severity
from trueup.registry import rule
from trueup.types import Instance, without_none

_SECRET = re.compile(
    r"(^|_)(password|passwd|pwd)$|^hashed_(password|pwd|secret|token)$|(password|passwd|pwd|token|pin|secret)_hash$|"
    r"^(client_)?secret(_key)?$|^private_key$"
)
_MEANT = re.compile(r"created|generated|once|new|secret|credential|connection", re.IGNORECASE)


@rule(
    "TUC113",
    "secret-in-response",
    on=ast.ClassDef,
    severity=Severity.WARNING,
    fix=Safety.MANUAL,
    libraries=("fastapi",),
    where=lambda facts, types, config: any(
        f"{facts.module}.{one.qualname}" in types.shared(_answered) for one in facts.classes
    ),
    url="https://fastapi.tiangolo.com/tutorial/response-model/#return-the-same-input-data",
    effort=5,
)
def check(node: ast.ClassDef, file: File) -> Iterator[Hit]:
    facts = file.class_at(node)
    symbol = file.project.klass(file.qualified(facts)) if facts is not None else None
    if symbol is None or symbol.qualname not in file.types.shared(_answered) or _MEANT.search(node.name):
        return
    for name, (owner, field) in fields_of(file.types, symbol).by_name.items():
        if not _SECRET.search(name) or field.annotation is None or _is_excluded(field.value):
            continue
        kind = without_none(file.types.annotation(field.annotation, file.types.class_site(owner)))
        if (isinstance(kind, Instance) and kind.cls in ("builtins.bool", "datetime.datetime")) or "Secret" in str(kind):
            continue
        own = owner.qualname == symbol.qualname
        yield Hit(
            node,
            f"`{node.name}` is what a route answers with, and `{name}` leaves the server with it"
            + ("" if own else f" (from `{owner.facts.name}`)")
            + ": leave it out, or say `exclude=True`",
            span=file.header(node),
            related=() if own else (Place(owner.file.path, field.pos.line, field.pos.column + 1, "the field"),),
        )
        return


def _is_excluded(value: object) -> bool:
    return isinstance(value, Call) and dict(value.keywords).get("exclude") == Const("bool", "True")


def _answered(types: Inference) -> frozenset[str]:
    return frozenset(answered_models(types))
