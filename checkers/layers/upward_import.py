"""An import of an upper layer by a lower one: a service that imports a router, a model that imports a service.

## Why
Routers use services, services use repositories, repositories use models. An import the other way round ties the lower
layer to each of its users: it cannot be tested or used without them, and sooner or later Python finds the circle
(`ImportError: cannot import name ... from partially initialized module`).

## What to do
What of the two modules belongs to which layer is a person's to say.
Move what is needed down, to the layer that needs it or below. What a lower layer wants to tell an upper one it
raises, returns, or calls through a function that it was given. `trueup layers` shows all arrows of the project.

## Limits
The layers are router, service, repository, model and schema, and core; the core is only told that it imports routers.
A file is a router by its routes, a model by its mapped classes, a schema by models of Pydantic alone,
a service or repository by the names of its classes, its own or its folder's, or as `[tool.trueup.layers]` says.
Imports for annotations only (`if TYPE_CHECKING:`), those inside functions, and packages' own `__init__.py` are left
alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.config import Config
from trueup.file import File
from trueup.index.facts import FileFacts
from trueup.infer import Inference
from trueup.layers import RANKS, imported_files, layer_of_module, looks_up
from trueup.model import Hit, Place, Safety, Severity
from trueup.registry import rule


def _concerned(facts: FileFacts, types: Inference, config: Config) -> bool:
    return not facts.is_package and layer_of_module(types, facts, config) in RANKS


@rule(
    "TUL105",
    "upward-import",
    on=ast.Module,
    severity=Severity.WARNING,
    fix=Safety.MANUAL,
    libraries=("fastapi",),
    where=_concerned,
    effort=15,
)
def check(node: ast.Module, file: File) -> Iterator[Hit]:
    own = layer_of_module(file.types, file.facts, file.config)
    told: set[int] = set()
    for one in file.facts.scope.imports:
        for other in imported_files(file.types, one) if one.when != "type-checking" else ():
            layer = layer_of_module(file.types, other, file.config)
            if other.is_package or not looks_up(own, layer):
                continue
            statement = _statement(one.line, file)
            if statement is None or id(statement) in told:
                continue
            told.add(id(statement))
            yield Hit(
                statement,
                f"this {own} imports the {layer} `{other.module}`: lower layers know nothing of upper ones; "
                f"move what is needed down, or hand it in from the {layer}",
                related=(Place(other.path, 1, 1, f"is a {layer}"),),
            )


def _statement(line: int, file: File) -> ast.stmt | None:
    """The import of the module's own body that a line belongs to."""
    for one in (*file.nodes(ast.ImportFrom), *file.nodes(ast.Import)):
        if one.lineno <= line <= (one.end_lineno or one.lineno) and isinstance(file.parent(one), ast.Module):
            return one
    return None
