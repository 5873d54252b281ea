"""A route that returns objects of mapped classes with nothing to say which of their fields may leave the server.

## Why
Without a response model FastAPI writes all that it finds in the object's `__dict__` into the response: the password's
hash with the rest. After a `commit()` the object is expired and its `__dict__` is empty, so that the client gets
`{}`. Which of both it is depends on what ran before.

## Example
```python
@router.get("/users/{user_id}")
def read_user(user_id: int, db: Session = Depends(get_db)):
    return db.get(User, user_id)
```

## Fix safety
Where the project has one model that is named for the mapped class (`UserRead`, `UserResponse`, `UserPublic`,
`UserOut` or `UserSchema` for `User`), the fix says `response_model=`. It is unsafe: only the fields of that model
leave the server from then on. Elsewhere a person must name a schema: `@router.get("/users/{user_id}",
response_model=UserRead)`, or return `UserRead.model_validate(user, from_attributes=True)` under the annotation `->
UserRead`. The mapped class itself is no schema: `-> User` makes the application fail at its start.

## Limits
Only what is certainly a mapped object, or a list of such, and only in routes with neither `response_model` nor a
return annotation nor a `response_class`. Tables of SQLModel, which are schemas too, are reported as well: they hold
the secret fields just the same.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.handlers.answers import stored
from trueup.handlers.routes import holds_routes
from trueup.index.facts import Call
from trueup.infer import Inference
from trueup.layers import TEST, layer_of
from trueup.libraries.fastapi import route_decorator
from trueup.libraries.pydantic.models import is_model
from trueup.libraries.sqlalchemy.transactions import LIBRARIES
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Instance

_ENDINGS = ("Read", "Response", "Public", "Out", "Schema")


@rule(
    "TUL106",
    "stored-object-returned",
    on=(ast.FunctionDef, ast.AsyncFunctionDef),
    severity=Severity.WARNING,
    fix=Safety.UNSAFE,
    libraries=LIBRARIES,
    where=holds_routes,
    url="https://fastapi.tiangolo.com/tutorial/response-model/",
    effort=5,
)
def check(node: ast.FunctionDef | ast.AsyncFunctionDef, file: File) -> Iterator[Hit]:
    facts = file.function_at(node)
    if facts is None or facts.returns is not None or facts.is_generator:
        return
    site = file.types.definition_site(facts, file.facts)
    routed = [one for one in facts.decorators if isinstance(one, Call) and route_decorator(file.types, one, site)]
    if not routed or len(routed) != len(facts.decorators):
        return
    if any(key in ("response_model", "response_class", "**") for one in routed for key, _ in one.keywords):
        return
    route = file.function_symbol(facts)
    if layer_of(file.types, route, file.config) == TEST:
        return
    for one in file.walk(node):
        if not isinstance(one, ast.Return) or one.value is None:
            continue
        found = stored(file.type_of(one.value), file)
        if found is None:
            continue
        name = found[0].rpartition(".")[2]
        model = _schema(found[0], node, file)
        yield Hit(
            one,
            f"`{node.name}` returns `{name}` objects and names no schema, so all their columns go to the client, or "
            f"none when they are expired by a commit: say `response_model={model.rpartition('.')[2] if model else ''}`",
            clue=_clue(model, found[1], file) if model else None,
            safety=None if model else Safety.MANUAL,
            why="Only the fields of that model leave the server from then on." if model else "",
        )
        return


def _schema(row: str, node: ast.AST, file: File) -> str | None:
    """The one model of the project that is named for a mapped class, if there is just one."""
    wanted = [row.rpartition(".")[2] + ending for ending in _ENDINGS]
    named = file.types.shared(_named_for_answers)
    found = [
        name
        for short in wanted
        for name in named.get(short, ())
        if is_model(file.types, name, file.config.base_models) and stored(Instance(name), file) is None
    ]
    symbol = file.project.klass(found[0]) if len(found) == 1 else None
    if symbol is None or (symbol.file is file.facts and symbol.facts.pos.line > file.span(node).line):
        return None
    return symbol.qualname


def _clue(model: str, is_list: bool, file: File) -> tuple[str, str, bool]:
    """(the module to import a model from, empty for this one; its name; whether a list of it is returned)."""
    module, _, name = model.rpartition(".")
    return "" if module == file.module else module, name, is_list


def _named_for_answers(types: Inference) -> dict[str, tuple[str, ...]]:
    """Name -> the classes of modules that are called so, of names that answers have."""
    found: dict[str, tuple[str, ...]] = {}
    for one in types.project.classes():
        if one.facts.name.endswith(_ENDINGS) and not one.facts.owner and not one.facts.parent:
            found[one.facts.name] = (*found.get(one.facts.name, ()), one.qualname)
    return found
