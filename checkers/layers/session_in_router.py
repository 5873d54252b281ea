"""A route that works on a database session itself, in a project that has services or repositories for that.

## Why
What a route asks the database can be asked by nothing else: the next route, task or command writes the query again,
and a test of it needs a request. A project that keeps its queries in services or repositories has two places to look
in as soon as some routes go past them.

## Example
```python
@router.get("/users/{user_id}")
def read_user(user_id: int, db: Session = Depends(get_db)) -> UserRead:
    user = db.scalar(select(User).where(User.id == user_id, User.deleted_at.is_(None)))
    ...
```

To hand the session on to one (`users.get(db, user_id)`) is what routes are for.

## Fix safety
The fix moves the statements that work on the session to the service of the thing they are about, as that of
`business-logic-in-router` does: it is unsafe, since tests that replace names of the router's module no longer reach
what moved. The API stays as it is. Where it cannot be done by itself the finding says what would move and what is in
the way.

## Limits
Silent in a project that has neither a service nor a repository (by the names of classes, modules and folders, or as
`[tool.trueup.layers]` says), and about sessions whose type is not known. Tests are left alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.handlers.extraction import plan, told
from trueup.handlers.routes import holds_routes, route_at
from trueup.infer import Inference
from trueup.layers import REPOSITORY, SERVICE, layer_of_file
from trueup.libraries.sqlalchemy.transactions import LIBRARIES, is_method, session_methods
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_USES = session_methods(
    "add", "add_all", "commit", "delete", "exec", "execute", "get", "get_one", "merge", "query", "scalar", "scalars",
    "stream", "stream_scalars",
)  # fmt: skip
_NAMES = frozenset(name.rpartition(".")[2] for name in _USES)


@rule(
    "TUL102",
    "session-in-router",
    on=(ast.FunctionDef, ast.AsyncFunctionDef),
    severity=Severity.ADVICE,
    fix=Safety.UNSAFE,
    libraries=LIBRARIES,
    where=holds_routes,
    effort=10,
    step="layers",
)
def check(node: ast.FunctionDef | ast.AsyncFunctionDef, file: File) -> Iterator[Hit]:
    route = route_at(node, file)
    if route is None:
        return
    uses: dict[str, list[int]] = {}
    for one in file.walk(node):
        if (
            isinstance(one, ast.Call)
            and isinstance(one.func, ast.Attribute)
            and one.func.attr in _NAMES
            and is_method(file.type_of(one.func), _USES)
        ):
            uses.setdefault(one.func.attr, []).append(one.lineno)
    if not uses or not (bool(file.config.layers) or file.types.shared(has_layers)):
        return
    said = ", ".join(f"`{name}` (line {', '.join(map(str, dict.fromkeys(lines)))})" for name, lines in uses.items())
    moved = plan(file, route.facts, node)
    yield Hit(
        node,
        f"`{node.name}` works on the session itself: {said}; this project has services or repositories, so ask one",
        clue=moved.extraction,
        safety=None if moved.extraction is not None else Safety.MANUAL,
        why=told(moved),
        span=file.header(node),
    )


def has_layers(types: Inference) -> bool:
    """Whether a project has services or repositories: modules or classes of such names that use a session."""
    return any(
        layer_of_file(facts) in (SERVICE, REPOSITORY) and (facts.functions or facts.classes)
        for facts in types.project.files.values()
    )
