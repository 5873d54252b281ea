"""A declarative base of SQLAlchemy 1: `declarative_base()`, `@as_declarative`, or what their old module gives.

## Why
The class that `declarative_base()` makes is unknown to type checkers, and the plug-in that knew it is gone in 2.1.
Under a `DeclarativeBase` they read `Mapped[...]` and know every attribute. `sqlalchemy.ext.declarative`, where these
functions came from until 1.4, warns on each import.

## Example
```python
Base = declarative_base(metadata=metadata)
```
Use instead:
```python
class Base(DeclarativeBase):
    metadata = metadata
```

## Fix safety
The new base maps what the old one did: `metadata=` becomes an attribute, `cls=` a base in front, `constructor=` the
`__init__`, `class_registry=` and the registry that made it a `registry`. It is unsafe where `name=` gave the base
another `__name__` than the variable's. It needs SQLAlchemy 2.

Where mapped classes have annotations that are not `Mapped[...]` (`posts: List["Post"] = relationship(...)`, `total:
int`), SQLAlchemy 2 refuses to import them. The new base then says `__allow_unmapped__ = True`, and the message names
the places: annotate those with `Mapped[...]`, or with `ClassVar[...]` where they are none of the database's business,
and take it out.

`__allow_unmapped__` does not help where such an annotation holds a name as text that is only imported for type
checkers (`node: Optional["Node"]`); the repair makes it text as a whole, which is not evaluated.

In a mixin, SQLAlchemy 2 also refuses a `declared_attr` with a return annotation that is not `Mapped[...]` (`def
owner(cls) -> "User"`); the repair takes the annotation away, which changes nothing when the program runs.

There is no fix, and the message says why and where, for a base with `bind=`, `mapper=` or a `metaclass=` of its own,
for one whose `cls=` has an `__init__` (the old base replaced it, the new one would not), where a class below has a
metaclass or an `__init_subclass__` of its own, and where the project asks for `isinstance(x, DeclarativeMeta)`, which
would silently become false.

## Limits
`type(x) is DeclarativeMeta` is not seen. Bases in Alembic migrations stay as they are.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from msgspec import structs

from trueup.config import Config
from trueup.file import File
from trueup.index.extract import expression
from trueup.index.facts import Const, FileFacts, Sub
from trueup.index.project import ClassSymbol
from trueup.infer import Inference
from trueup.libraries.alembic import is_migration
from trueup.libraries.sqlalchemy.bases import DECLARATIVE, MOVED, AllowUnmapped, BaseRewrite, MovedNames
from trueup.libraries.sqlalchemy.mapping import DECLARATIVE_META, mapping, named
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import ModuleObject

from .base_plans import Plan, decorated, planned, refused, with_metaclass, with_places
from .refused_annotations import on_annotation, on_method

_BASE = "sqlalchemy.orm.declarative_base"
_AS = "sqlalchemy.orm.as_declarative"
_GENERATE = "sqlalchemy.orm.registry.generate_base"
_AS_BASE = "sqlalchemy.orm.registry.as_declarative_base"
_SHOWN = 5
"""Related places beyond this tell nothing new."""


def _may_hold(facts: FileFacts, types: Inference, config: Config) -> bool:
    """Whether a file uses SQLAlchemy and is no migration, or may have annotations that are in its way."""
    if is_migration(facts):
        return False
    if "sqlalchemy" in facts.imported:
        return True
    bare = (field for klass in facts.classes for field in klass.fields if isinstance(field.annotation, Sub))
    return any(field.value is None or field.value == Const("none") for field in bare)


@rule(
    "TUS101",
    "legacy-declarative-base",
    on=(ast.Call, ast.ClassDef, ast.FunctionDef, ast.AnnAssign, ast.ImportFrom, ast.Attribute),
    names=("declarative_base", "generate_base", "_decl_class_registry", *MOVED),
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    libraries=("sqlalchemy",),
    where=_may_hold,
    url="https://docs.sqlalchemy.org/en/20/orm/declarative_styles.html#using-a-declarative-base-class",
    effort=5,
    step="sqlalchemy-base",
)
def check(node: ast.AST, file: File) -> Iterator[Hit]:
    match node:
        case ast.Call():
            yield from _call(node, file)
        case ast.ClassDef():
            yield from _class(node, file)
        case ast.FunctionDef(returns=ast.expr(), decorator_list=[_, *_]):
            yield from on_method(node, file)
        case ast.AnnAssign(annotation=ast.Subscript() | ast.BinOp(), value=None | ast.Constant(value=None)):
            yield from on_annotation(node, file)
        case ast.ImportFrom():
            yield from _import(node, file)
        case ast.Attribute():
            yield from _attribute(node, file)


# Base = declarative_base()


def _made(node: ast.Call, file: File) -> str:
    """`declarative_base` or `generate_base` if a call is one of those."""
    name = named(file.types, expression(node.func), file.site(node))
    return name.rpartition(".")[2] if name in (_BASE, _GENERATE) else ""


def _call(node: ast.Call, file: File) -> Iterator[Hit]:
    made = _made(node, file)
    if not made:
        return
    statement, name = _assigned(node, file)
    if statement is None:
        message = f"`{made}()` makes a base that type checkers do not know; bind it to a name of its own, as a class"
        yield Hit(node, message, safety=Safety.MANUAL, why="it is not assigned to a plain name")
        return
    plan = with_places(planned(node.args, node.keywords, name, node, file), name, node, file)
    yield _hit(statement, f"`{name} = {made}(...)`", name, plan)


def _assigned(node: ast.Call, file: File) -> tuple[ast.Assign | ast.AnnAssign | None, str]:
    match file.parent(node):
        case ast.Assign(targets=[ast.Name(id=name)]) as statement:
            return statement, name
        case ast.AnnAssign(target=ast.Name(id=name)) as statement:
            return statement, name
    return None, ""


def _hit(node: ast.AST, old: str, name: str, plan: Plan) -> Hit:
    new = f"`class {name}(DeclarativeBase)`"
    if plan.safety is Safety.MANUAL:
        message = f"{old} makes a base that type checkers do not know; it cannot simply become {new}: {plan.why}"
        if plan.unmapped:
            message += f" ({refused(plan.unmapped)}: SQLAlchemy 2 needs `__allow_unmapped__ = True` on the base)"
        return Hit(node, message, safety=Safety.MANUAL, related=(*plan.related, *plan.unmapped)[:_SHOWN])
    message = f"{old} makes a base that type checkers do not know; write {new}"
    if plan.unmapped:
        message += f" ({refused(plan.unmapped)}, so it has to say `__allow_unmapped__ = True`)"
    related = (*plan.related, *plan.unmapped)[:_SHOWN]
    return Hit(
        node, message, clue=BaseRewrite(name, bool(plan.unmapped)), safety=plan.safety, why=plan.why, related=related
    )


# @as_declarative() class Base, class Base(metaclass=DeclarativeMeta)


def _class(node: ast.ClassDef, file: File) -> Iterator[Hit]:
    for decorator in node.decorator_list:
        if _is_maker(decorator, node, file):
            plain = decorator.func if isinstance(decorator, ast.Call) else decorator
            plan = with_places(decorated(node, decorator, file), node.name, node, file)
            hit = _hit(node, f"`@{ast.unparse(plain)}`", node.name, plan)
            yield replace(hit, span=file.header(node))
            return
    facts = file.class_at(node) if any(keyword.arg == "metaclass" for keyword in node.keywords) else None
    symbol = ClassSymbol(file.qualified(facts), file.facts, facts) if facts is not None else None
    where = mapping(file.types)
    made = where.metaclass(symbol) if symbol is not None else None
    if symbol is None or made is None or any(map(where.is_declarative, file.types.mro(symbol.qualname).names[1:])):
        return
    if file.types.is_subclass(made, DECLARATIVE_META):
        plan = with_places(with_metaclass(node, made, file), node.name, node, file)
        hit = _hit(node, "`metaclass=DeclarativeMeta`", node.name, structs.replace(plan, unmapped=()))
        if plan.unmapped and plan.safety is Safety.MANUAL:
            text = (
                f"{refused(plan.unmapped)}, so under SQLAlchemy 2 `{node.name}` has to say `__allow_unmapped__ = True`"
            )
            more = plan.unmapped[:_SHOWN]
            yield Hit(node, text, clue=AllowUnmapped(), related=more, span=file.header(node))
        elif plan.unmapped:
            hit = _hit(node, "`metaclass=DeclarativeMeta`", node.name, plan)
        yield replace(hit, span=file.header(node))


def _is_maker(decorator: ast.expr, node: ast.ClassDef, file: File) -> bool:
    plain = decorator.func if isinstance(decorator, ast.Call) else decorator
    return named(file.types, expression(plain), file.site(node)) in (_AS, _AS_BASE)


# Imports from the old place


def _import(node: ast.ImportFrom, file: File) -> Iterator[Hit]:
    if node.module not in (DECLARATIVE, f"{DECLARATIVE}.api") or node.level or _is_tried(node, file):
        return
    moved = [a for a in node.names if a.name in MOVED and not _goes_by_itself(a.asname or a.name, file)]
    if moved:
        names = ", ".join(f"`{alias.name}`" for alias in moved)
        message = (
            f"{names} stand{'s' if len(moved) == 1 else ''} in `sqlalchemy.orm` since 1.4; "
            f"`{node.module}` warns when it is imported"
        )
        yield Hit(node, message, clue=MovedNames(tuple([alias.name for alias in moved])))


def _is_tried(node: ast.AST, file: File) -> bool:
    """Whether a place is in a `try`, where the other branch imports from the new place."""
    parent = file.parent(node)
    while parent is not None:
        if isinstance(parent, ast.Try):
            return True
        parent = file.parent(parent)
    return False


def _goes_by_itself(local: str, file: File) -> bool:
    """Whether all uses of an imported name are in bases that are repaired, so that its import goes with them."""
    uses = [node for node in file.nodes(ast.Name) if node.id == local and isinstance(node.ctx, ast.Load)]
    return bool(uses) and all(_is_repaired(use, file) for use in uses)


def _is_repaired(use: ast.expr, file: File) -> bool:
    """Whether a name is part of a base that is repaired: what makes it, or the annotation of its variable."""
    child: ast.AST = use
    while (parent := file.parent(child)) is not None and not isinstance(child, ast.stmt):
        match parent:
            case ast.AnnAssign(annotation=annotation, value=ast.Call() as value) if annotation is child:
                return any(hit.safety is not Safety.MANUAL for hit in _call(value, file))
            case ast.Call(func=func) if func is child and _made(parent, file):
                return any(hit.safety is not Safety.MANUAL for hit in _call(parent, file))
            case ast.ClassDef(decorator_list=decorators, keywords=keywords):
                if child in decorators or child in keywords:
                    return any(hit.safety is not Safety.MANUAL for hit in _class(parent, file))
        child = parent
    return False


def _attribute(node: ast.Attribute, file: File) -> Iterator[Hit]:
    if node.attr == "_decl_class_registry" and not _is_tried(node, file):
        message = "`_decl_class_registry` is gone since 1.4; each of `Base.registry.mappers` has its class as `class_`"
        yield Hit(node, message, safety=Safety.MANUAL)
    elif node.attr in MOVED and file.type_of(node.value) == ModuleObject(DECLARATIVE) and not _is_repaired(node, file):
        message = f"`{node.attr}` stands in `sqlalchemy.orm` since 1.4; `{DECLARATIVE}` warns when it is imported"
        yield Hit(node, message, clue=MovedNames((node.attr,)))
