"""`__allow_unmapped__ = True` on a class below which no annotation needs it any more.

## Why
It makes SQLAlchemy 2 ignore annotations that are not `Mapped[...]`, the mistyped ones too: `name: str` for a forgotten
`Mapped[str]` is then no column, and nothing says so. It is meant for the time of a migration.

## Fix safety
It goes where no mapped class of the project that inherits from its class has an annotation that SQLAlchemy would refuse
without it.

## Limits
Classes outside the project that inherit from it are not seen; they would fail when they are imported. Where a class of
the project has a base of that name that is not found, as in a package that is looked at from inside, nothing is said.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.index.project import ClassSymbol
from trueup.infer import Inference
from trueup.libraries.sqlalchemy.bases import unmapped_annotations
from trueup.libraries.sqlalchemy.mapping import mapping
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule


@rule(
    "TUS104",
    "needless-allow-unmapped",
    on=ast.ClassDef,
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    libraries=("sqlalchemy",),
    triggers=("__allow_unmapped__",),
    url="https://docs.sqlalchemy.org/en/20/changelog/migration_20.html#migration-20-step-six",
    step="sqlalchemy-relationships",
)
def check(node: ast.ClassDef, file: File) -> Iterator[Hit]:
    facts = file.class_at(node)
    if facts is None or facts.parent:
        return
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id="__allow_unmapped__")], value=ast.Constant(value=True)):
                pass
            case ast.AnnAssign(target=ast.Name(id="__allow_unmapped__"), value=ast.Constant(value=True)):
                pass
            case _:
                continue
        cls, where = file.qualified(facts), mapping(file.types)
        classes = [ClassSymbol(cls, file.facts, facts), *where.below(cls)]
        if len(classes) < 2 and not facts.fields[1:]:
            return
        if any(where.is_part_of_dataclass(one.qualname) for one in classes) or not any(
            where.is_declarative(one.qualname) for one in classes
        ):
            return
        if not all(file.types.mro(one.qualname).complete for one in classes):
            return
        if facts.name in file.types.shared(_unseen):
            return
        if not unmapped_annotations(file.types, classes, forbidden=cls):
            message = "no annotation needs `__allow_unmapped__` any more, and it hides mistyped ones; leave it out"
            yield Hit(statement, message)


def _unseen(types: Inference) -> frozenset[str]:
    """The names of the bases of the project's classes that lead out of it, or nowhere."""
    above = (name for symbol in types.project.classes() for name in types.mro(symbol.qualname).names)
    return frozenset(name.rpartition(".")[2] for name in above if types.project.klass(name) is None)
