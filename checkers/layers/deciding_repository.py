"""A repository that makes models for answers, or raises errors of the application's own.

## Why
A repository reads and writes rows. One that builds `UserRead` knows what the API looks like, and is of no use to a
task or command that needs the row; one that raises `UserNotFound` has decided for all its callers that it is an error
not to find somebody.

## Example
```python
class UserRepository:
    def get(self, user_id: int) -> UserRead:
        user = self.db.get(User, user_id)
        if user is None:
            raise UserNotFound(user_id)
        return UserRead.model_validate(user)
```

## What to do
Return the row, or `None`; let the service decide and the route answer.

## Limits
Only in modules that import SQLAlchemy or SQLModel: other repositories keep other things. Models of Pydantic that a
repository's function makes or validates (what it only takes as a parameter is its input), and exceptions of the
project that it raises where nothing was caught. With `not-found = "raise"` the latter are left alone. HTTP errors are
TUL104's.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.layers import REPOSITORY, layer_of
from trueup.libraries.pydantic.models import is_model, is_settings
from trueup.libraries.sqlalchemy.mapping import mapping
from trueup.libraries.sqlalchemy.transactions import LIBRARIES
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Callee, ClassObject, Instance

_HTTP = "starlette.exceptions.HTTPException"
_VALIDATES = ("model_validate", "from_orm", "parse_obj")
_CHANGES = ("add", "add_all", "values", "execute")


@rule(
    "TUL109",
    "deciding-repository",
    on=(ast.FunctionDef, ast.AsyncFunctionDef),
    severity=Severity.ADVICE,
    fix=Safety.MANUAL,
    libraries=LIBRARIES,
    where=lambda facts, types, config: not {"sqlalchemy", "sqlmodel", "flask_sqlalchemy"}.isdisjoint(facts.imported),
    effort=10,
)
def check(node: ast.FunctionDef | ast.AsyncFunctionDef, file: File) -> Iterator[Hit]:
    facts = file.function_at(node)
    if facts is None or layer_of(file.types, file.function_symbol(facts), file.config) != REPOSITORY:
        return
    for one in file.walk(node):
        if isinstance(one, ast.Return) and one.value is not None:
            made = _made(one.value, file)
            if made:
                yield Hit(
                    one,
                    f"`{facts.qualname}` is part of a repository and makes `{made}`, which is how the API shows a row: "
                    "return the row",
                )
                return
        if isinstance(one, ast.Raise) and one.exc is not None and file.config.choice("not-found") != "raise":
            name = _own_error(one, file)
            if name:
                yield Hit(
                    one,
                    f"`{facts.qualname}` is part of a repository and raises `{name}`, which decides for all who call "
                    "it: return `None`, and let the service decide",
                )
                return


def _made(value: ast.expr, file: File) -> str:
    """The model for answers that an expression makes: `UserRead(...)`, `[UserRead.model_validate(u) for u in rows]`."""
    if isinstance(value, ast.ListComp):
        value = value.elt
    if not isinstance(value, ast.Call):
        return ""
    callee = file.type_of(value.func)
    cls = ""
    if isinstance(callee, ClassObject):
        cls = callee.cls
    elif isinstance(callee, Callee) and isinstance(callee.receiver, ClassObject):
        cls = callee.receiver.cls if callee.qualname.rpartition(".")[2] in _VALIDATES else ""
    known = mapping(file.types)
    if not cls or not file.project.is_own(cls) or known.is_sqlmodel(cls) or known.is_declarative(cls):
        return ""
    found = is_model(file.types, cls, file.config.base_models) and not is_settings(file.types, cls)
    return cls.rpartition(".")[2] if found else ""


def _own_error(node: ast.Raise, file: File) -> str:
    """The project's own error that is raised where nothing was caught."""
    assert node.exc is not None
    kind = file.type_of(node.exc)
    if not isinstance(kind, Instance | ClassObject) or not file.project.is_own(kind.cls):
        return ""
    if file.types.is_subclass(kind.cls, _HTTP) is not False:
        return ""
    one = file.parent(node)
    while one is not None and not isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
        if isinstance(one, ast.ExceptHandler):
            return ""
        one = file.parent(one)
    return kind.cls.rpartition(".")[2] if file.types.is_subclass(kind.cls, "builtins.Exception") else ""
