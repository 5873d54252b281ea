"""A module without `from __future__ import annotations`, in a project that has chosen to have it everywhere.

## Why
With it annotations are not evaluated, so that they may name what is defined further down. In a backend of FastAPI it
also breaks things: routes inside functions answer 422, and no `Relationship` of SQLModel can be mapped. So nothing is
said unless `future-annotations = "on"` stands in `[tool.trueup]`, and then only of modules where nothing breaks.

## Fix safety
The fix adds the import. It is safe under what is asked first: see the limits.

## Limits
Left alone are modules with a class of SQLModel, with a route or dependency inside a function, or with a decorator on
a route that is not the router's; with models, mapped classes or routes beside names that only `TYPE_CHECKING`
imports; with pydantic's `create_model` or `validate_call`, or a decorator that reads annotations (`singledispatch`);
all of a project that calls `get_type_hints`; and projects for Python 3.12 and newer, which need it for nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.config import Config
from trueup.file import File
from trueup.index.facts import FileFacts
from trueup.infer import Inference
from trueup.libraries.fastapi import entries
from trueup.libraries.pydantic.models import is_model
from trueup.libraries.sqlalchemy.mapping import mapping
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_READERS = frozenset(
    {"get_type_hints", "create_model", "validate_call", "validate_arguments", "register", "singledispatch"}
)


@rule(
    "TUC102",
    "missing-future-annotations",
    on=ast.Module,
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    where=lambda facts, types, config: (
        config.choice("future-annotations") == "on" and _is_harmless(facts, types, config)
    ),
    url="https://peps.python.org/pep-0563/",
)
def check(node: ast.Module, file: File) -> Iterator[Hit]:
    annotated = any(
        isinstance(one, ast.AnnAssign)
        or (isinstance(one, ast.arg) and one.annotation is not None)
        or (isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) and one.returns is not None)
        for one in ast.walk(node)
    )
    if annotated:
        yield Hit(
            node, "this project has `from __future__ import annotations` in all modules, and here it breaks nothing"
        )


def _is_harmless(facts: FileFacts, types: Inference, config: Config) -> bool:
    imports = facts.scope.imports
    if any(one.module == "__future__" and one.attr == "annotations" for one in imports):
        return False
    python = config.targets.get("python")
    if python is not None and tuple(int(n) for n in python.version.split(".")[:2] if n.isdigit()) >= (3, 12):
        return False
    if not _READERS.isdisjoint(facts.called) or types.shared(_reads_hints):
        return False
    kinds = [f"{facts.module}.{one.qualname}" for one in facts.classes]
    known = mapping(types)
    if any(known.is_sqlmodel(name) for name in kinds):
        return False
    special = any(known.is_declarative(name) or is_model(types, name) is not False for name in kinds)
    for function, role in entries(types, facts):
        special = True
        if function.facts.parent or function.facts.owner or not (role.only_routed or not function.facts.decorators):
            return False
    return not (special and any(one.when == "type-checking" for scope in facts.scopes for one in scope.imports))


def _reads_hints(types: Inference) -> bool:
    return bool(types.calls_named("get_type_hints"))
