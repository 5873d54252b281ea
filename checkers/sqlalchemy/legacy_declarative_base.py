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
from dataclasses import dataclass, replace

from trueup.file import File
from trueup.index.extract import expression
from trueup.index.project import ClassSymbol, FunctionSymbol
from trueup.libraries.alembic import is_migration
from trueup.libraries.sqlalchemy.bases import (
    DECLARATIVE,
    MOVED,
    BaseRewrite,
    MovedNames,
    RefusedAnnotation,
    classes_below,
    init_subclasses,
    metaclass_tests,
    metaclasses,
    refuses_annotation,
    unmapped_annotations,
)
from trueup.libraries.sqlalchemy.mapping import DECLARATIVE_META, named
from trueup.model import Hit, Place, Safety, Severity
from trueup.registry import rule
from trueup.types import ClassObject, ModuleObject

_BASE = "sqlalchemy.orm.declarative_base"
_AS = "sqlalchemy.orm.as_declarative"
_GENERATE = "sqlalchemy.orm.registry.generate_base"
_AS_BASE = "sqlalchemy.orm.registry.as_declarative_base"
_KNOWN = frozenset({"bind", "metadata", "cls", "name", "constructor", "class_registry", "type_annotation_map"})
_WOULD_GET_ONE = "without an `__init__` of its own it would get the default one"
_SHOWN = 5
"""Related places beyond this tell nothing new."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What becomes of a base."""

    safety: Safety = Safety.SAFE
    why: str = ""
    related: tuple[Place, ...] = ()
    unmapped: tuple[Place, ...] = ()


@rule(
    "TUS101",
    "legacy-declarative-base",
    on=(ast.Call, ast.ClassDef, ast.FunctionDef, ast.ImportFrom, ast.Attribute),
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    libraries=("sqlalchemy",),
    triggers=("eclarative", "generate_base", "declared_attr", "_decl_class_registry"),
    url="https://docs.sqlalchemy.org/en/20/orm/declarative_styles.html#using-a-declarative-base-class",
    effort=5,
    step="sqlalchemy-base",
)
def check(node: ast.AST, file: File) -> Iterator[Hit]:
    if is_migration(file.facts):
        return
    match node:
        case ast.Call():
            yield from _call(node, file)
        case ast.ClassDef():
            yield from _class(node, file)
        case ast.FunctionDef(returns=ast.expr(), decorator_list=[_, *_]):
            yield from _function(node, file)
        case ast.ImportFrom():
            yield from _import(node, file)
        case ast.Attribute():
            yield from _attribute(node, file)


# Base = declarative_base()


def _made(node: ast.Call, file: File) -> str:
    """`declarative_base` or `generate_base` if a call is one of those."""
    match node.func:
        case ast.Attribute(attr="declarative_base" | "generate_base"):
            pass
        case ast.Name(id=local):
            imports = file.project.names(file.facts.scope).imports.get(local, [])
            if local != "declarative_base" and all(one.attr != "declarative_base" for one in imports):
                return ""
        case _:
            return ""
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
    plan = _planned(node.args, node.keywords, name, node, file)
    yield _hit(statement, f"`{name} = {made}(...)`", name, plan)


def _assigned(node: ast.Call, file: File) -> tuple[ast.Assign | ast.AnnAssign | None, str]:
    match file.parent(node):
        case ast.Assign(targets=[ast.Name(id=name)]) as statement:
            return statement, name
        case ast.AnnAssign(target=ast.Name(id=name)) as statement:
            return statement, name
    return None, ""


def _hit(node: ast.AST, old: str, name: str, plan: _Plan) -> Hit:
    new = f"`class {name}(DeclarativeBase)`"
    if plan.safety is Safety.MANUAL:
        message = f"{old} makes a base that type checkers do not know; it cannot simply become {new}: {plan.why}"
        return Hit(node, message, safety=Safety.MANUAL, related=plan.related[:_SHOWN])
    message = f"{old} makes a base that type checkers do not know; write {new}"
    if plan.unmapped:
        count = len(plan.unmapped)
        places = "an annotation below it is" if count == 1 else f"{count} annotations below it are"
        places += " not `Mapped[...]`"
        message += f" ({places}, so it has to say `__allow_unmapped__ = True`)"
    related = (*plan.related, *plan.unmapped)[:_SHOWN]
    return Hit(
        node, message, clue=BaseRewrite(name, bool(plan.unmapped)), safety=plan.safety, why=plan.why, related=related
    )


def _planned(args: list[ast.expr], keywords: list[ast.keyword], name: str, node: ast.AST, file: File) -> _Plan:
    """What becomes of a base that a call makes with these arguments."""
    if args:
        return _Plan(Safety.MANUAL, "pass its arguments by name first")
    given = {keyword.arg: keyword.value for keyword in keywords}
    for key in given:
        if key is None:
            return _Plan(Safety.MANUAL, "its arguments are only known when it runs")
        if key not in _KNOWN:
            return _Plan(Safety.MANUAL, f"`{key}=` has no counterpart there")
    bind = given.get("bind")
    if bind is not None and not _is_none(bind):
        return _Plan(Safety.MANUAL, "`bind=` is gone in SQLAlchemy 2; bind the `sessionmaker` to the engine")
    inside = file.function_at(node) is not None
    for key, value in given.items():
        if inside and isinstance(value, ast.Name) and value.id == key and key in ("metadata", "type_annotation_map"):
            return _Plan(Safety.MANUAL, f"in a class body inside a function `{key} = {key}` does not find the variable")
    plan = _constructor(given, file) or _blocked(name, node, file)
    if plan is not None:
        return plan
    unmapped = unmapped_annotations(file.types, _below(name, node, file))
    label = given.get("name")
    if label is not None and not (isinstance(label, ast.Constant) and label.value == name):
        text = ast.unparse(label)
        return _Plan(Safety.UNSAFE, f"the class was called {text} and will be called `{name}`", (), tuple(unmapped))
    return _Plan(unmapped=tuple(unmapped))


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _constructor(given: dict[str | None, ast.expr], file: File) -> _Plan | None:
    """Whether the `__init__` of the classes below would become another."""
    base, constructor = given.get("cls"), given.get("constructor")
    parts = base.elts if isinstance(base, ast.Tuple) else [base] if base is not None else []
    if not all(isinstance(part, ast.Name | ast.Attribute) for part in parts):
        return _Plan(Safety.MANUAL, "its `cls=` is not the name of a class")
    owners = [_init_owner(part, file) for part in parts]
    if constructor is not None and not _is_none(constructor):
        return None
    if constructor is not None:
        return None if any(owners) else _Plan(Safety.MANUAL, _WOULD_GET_ONE)
    for part, owner in zip(parts, owners, strict=True):
        if owner:
            why = f"the old base replaces the `__init__` of `{ast.unparse(part)}`, the new one keeps it"
            return _Plan(Safety.MANUAL, why)
    return None


def _init_owner(part: ast.expr, file: File) -> str:
    """The class that gives a class its `__init__`; empty for `object`."""
    found = file.type_of(part)
    if not isinstance(found, ClassObject):
        return ""
    member = file.types.member(found.cls, "__init__")
    owner = member.owner.qualname if member is not None else ""
    return "" if owner.startswith(("builtins.", "sqlalchemy.")) else owner


def _below(name: str, node: ast.AST, file: File) -> list[ClassSymbol]:
    function = file.function_at(node)
    if isinstance(node, ast.ClassDef):
        facts = file.class_at(node)
        return classes_below(file.types, file.qualified(facts), "") if facts is not None else []
    owner = file.class_at(node) if function is None else None
    base = f"{file.module}.{owner.qualname}.{name}" if owner is not None else f"{file.module}.{name}"
    if function is not None:
        return classes_below(file.types, f"{file.module}:{name}", function.qualname)
    return classes_below(file.types, base, "")


def _blocked(name: str, node: ast.AST, file: File) -> _Plan | None:
    """What elsewhere in the project stands in the way."""
    asked = metaclass_tests(file.types)
    if asked:
        why = "code asks for `isinstance(..., DeclarativeMeta)`, which would silently become false; ask for the base"
        return _Plan(Safety.MANUAL, why, tuple(asked))
    below = _below(name, node, file)
    own = {file.qualified(facts)} if isinstance(node, ast.ClassDef) and (facts := file.class_at(node)) else set()
    meta = metaclasses(file.types, [one for one in below if one.qualname not in own], own)
    if meta:
        return _Plan(Safety.MANUAL, "a class below it has a metaclass made for the old base", tuple(meta))
    hooks = init_subclasses(file.types, below)
    if hooks:
        why = "`__init_subclass__` would run while a class is being mapped, no longer before"
        return _Plan(Safety.MANUAL, why, tuple(hooks))
    return None


# @as_declarative() class Base, class Base(metaclass=DeclarativeMeta)


def _class(node: ast.ClassDef, file: File) -> Iterator[Hit]:
    for decorator in node.decorator_list:
        if _is_maker(decorator, node, file):
            plain = decorator.func if isinstance(decorator, ast.Call) else decorator
            hit = _hit(node, f"`@{ast.unparse(plain)}`", node.name, _decorated(node, decorator, file))
            yield replace(hit, span=file.header(node))
            return
    for keyword in node.keywords:
        if keyword.arg == "metaclass":
            made = named(file.types, expression(keyword.value), file.site(keyword.value))
            if made and file.types.is_subclass(made, DECLARATIVE_META):
                hit = _hit(node, "`metaclass=DeclarativeMeta`", node.name, _with_metaclass(node, made, file))
                yield replace(hit, span=file.header(node))


def _is_maker(decorator: ast.expr, node: ast.ClassDef, file: File) -> bool:
    plain = decorator.func if isinstance(decorator, ast.Call) else decorator
    return named(file.types, expression(plain), file.site(node)) in (_AS, _AS_BASE)


def _decorated(node: ast.ClassDef, decorator: ast.expr, file: File) -> _Plan:
    if len(node.decorator_list) > 1 or node.keywords:
        return _Plan(Safety.MANUAL, "its class has other decorators or a metaclass")
    call = decorator if isinstance(decorator, ast.Call) else ast.Call(decorator, [], [])
    facts = file.class_at(node)
    body = {b.name for b in facts.scope.bindings} if facts is not None else set()
    for name in ("metadata", "registry"):
        if name in body:
            return _Plan(Safety.MANUAL, f"the decorator put its own `{name}` over that of the class, a base would not")
    constructor = next((k.value for k in call.keywords if k.arg == "constructor"), None)
    member = file.types.member(file.qualified(facts), "__init__") if facts is not None else None
    has_own = member is not None and not member.owner.qualname.startswith(("builtins.", "sqlalchemy."))
    if has_own and constructor is None:
        return _Plan(Safety.MANUAL, "the decorator replaces the `__init__` of the class, a base keeps it")
    if any(keyword.arg == "cls" for keyword in call.keywords):
        return _Plan(Safety.MANUAL, "`cls=` has no counterpart there")
    plan = _planned(call.args, call.keywords, node.name, node, file)
    if not has_own and constructor is not None and _is_none(constructor) and plan.safety is not Safety.MANUAL:
        return _Plan(Safety.MANUAL, _WOULD_GET_ONE)
    return plan


def _with_metaclass(node: ast.ClassDef, metaclass: str, file: File) -> _Plan:
    """`class Base(metaclass=DeclarativeMeta)`, which 1.4 recommended for type checkers."""
    if metaclass != DECLARATIVE_META:
        return _Plan(Safety.MANUAL, "its metaclass is one of the project's own")
    if len(node.keywords) > 1 or node.decorator_list:
        return _Plan(Safety.MANUAL, "its class statement does more than that")
    facts = file.class_at(node)
    if facts is None or not any(field.name == "registry" for field in facts.fields):
        return _Plan(Safety.MANUAL, "it has no `registry`")
    if not all(file.types.mro(file.qualified(facts)).complete for _ in node.bases):
        return _Plan(Safety.MANUAL, "one of its bases is not known")
    blocked = _blocked(node.name, node, file)
    if blocked is not None:
        return blocked
    return _Plan(unmapped=tuple(unmapped_annotations(file.types, _below(node.name, node, file))))


# @declared_attr def x(cls) -> X


def _function(node: ast.FunctionDef, file: File) -> Iterator[Hit]:
    facts = file.function_at(node)
    owner = file.project.klass(f"{file.module}.{facts.owner}") if facts is not None and facts.owner else None
    if facts is None or owner is None or node.returns is None:
        return
    function = FunctionSymbol(file.qualified(facts), file.facts, facts, (facts,))
    if refuses_annotation(file.types, owner, function):
        message = (
            f"SQLAlchemy 2 cannot import classes with mixin `{owner.facts.name}`: its `declared_attr` `{node.name}` "
            f"is annotated with `{ast.unparse(node.returns)}`; say `Mapped[...]` or nothing"
        )
        yield Hit(node, message, clue=RefusedAnnotation(), span=file.header(node))


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
    uses = [
        node
        for node in ast.walk(file.tree)
        if isinstance(node, ast.Name) and node.id == local and isinstance(node.ctx, ast.Load)
    ]
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
    if node.attr == "_decl_class_registry":
        message = "`_decl_class_registry` is gone since 1.4; each of `Base.registry.mappers` has its class as `class_`"
        yield Hit(node, message, safety=Safety.MANUAL)
    elif node.attr in MOVED and file.type_of(node.value) == ModuleObject(DECLARATIVE) and not _is_repaired(node, file):
        message = f"`{node.attr}` stands in `sqlalchemy.orm` since 1.4; `{DECLARATIVE}` warns when it is imported"
        yield Hit(node, message, clue=MovedNames((node.attr,)))
