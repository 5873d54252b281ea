"""A declarative base without a naming convention for constraints, in a project with Alembic.

## Why
Without one the database names indexes, foreign keys and unique constraints as it likes, or not at all (SQLite). A
migration that drops one has to know that name, which differs from database to database; `op.drop_constraint(None,
...)`, which Alembic then generates, fails.

## Example
```python
class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
```

## What to do
Give the metadata a convention as above before the first migration. Later a migration has to rename what is there.

## Limits
Classes directly below `DeclarativeBase`, and calls of `declarative_base()`. A metadata that comes from elsewhere is
taken to have one.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.config import Config
from trueup.file import File
from trueup.index.facts import FileFacts
from trueup.infer import Inference
from trueup.layers import TEST, layer_of_file
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_BASES = ("sqlalchemy.orm.DeclarativeBase", "sqlalchemy.orm.DeclarativeBaseNoMeta")
_MAKERS = (
    "sqlalchemy.orm.declarative_base", "sqlalchemy.orm.decl_api.declarative_base",
    "sqlalchemy.ext.declarative.declarative_base", "sqlalchemy.ext.declarative.api.declarative_base",
)  # fmt: skip
_SAID = (
    "the constraints of its tables get names that differ from database to database, and migrations cannot drop them: "
)


def _concerned(facts: FileFacts, types: Inference, config: Config) -> bool:
    return layer_of_file(facts) != TEST and types.project.imports_any(("alembic",))


@rule(
    "TUC111",
    "unnamed-constraints",
    on=(ast.ClassDef, ast.Call),
    severity=Severity.ADVICE,
    fix=Safety.MANUAL,
    libraries=("alembic",),
    triggers=("DeclarativeBase", "DeclarativeBaseNoMeta", "declarative_base"),
    where=_concerned,
    url="https://alembic.sqlalchemy.org/en/latest/naming.html",
    effort=10,
)
def check(node: ast.ClassDef | ast.Call, file: File) -> Iterator[Hit]:
    if isinstance(node, ast.Call):
        if file.qualname(node.func) not in _MAKERS or any(one.arg in ("metadata", None) for one in node.keywords):
            return
        yield Hit(node, f"{_SAID}give it `metadata=MetaData(naming_convention=...)`")
        return
    if not any(file.qualname(base) in _BASES for base in node.bases if isinstance(base, ast.Name | ast.Attribute)):
        return
    for one in node.body:
        targets = one.targets if isinstance(one, ast.Assign) else [one.target] if isinstance(one, ast.AnnAssign) else []
        if any(isinstance(target, ast.Name) and target.id == "metadata" for target in targets):
            made = getattr(one, "value", None)
            bare = isinstance(made, ast.Call) and file.qualname(made.func) in (
                "sqlalchemy.MetaData",
                "sqlalchemy.schema.MetaData",
            )
            if (
                not bare
                or not isinstance(made, ast.Call)
                or any(key.arg in ("naming_convention", None) for key in made.keywords)
            ):
                return
    yield Hit(node, f"{_SAID}give `{node.name}` a `metadata` with a `naming_convention`", span=file.header(node))
