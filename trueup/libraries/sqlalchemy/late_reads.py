"""What is read of the objects of mapped classes out of sight: by models made of them, by functions."""

from __future__ import annotations

from collections.abc import Iterator

from ...index.facts import (
    Attr,
    Await,
    Call,
    Choice,
    Display,
    Expr,
    Function,
    Mapping,
    Name,
    Op,
    Star,
    Sub,
)
from ...index.project import ClassSymbol
from ...infer import Inference
from ...infer.flow import chain

VALIDATE = frozenset(
    f"{base}.{name}"
    for base in ("pydantic.BaseModel", "sqlmodel.SQLModel", "sqlmodel.main.SQLModel")
    for name in ("model_validate", "from_orm")
)
"""What makes a model of the attributes of an object."""
_MAKERS = frozenset({"relationship", "relation", "Relationship"})
_BEFORE = frozenset({"model_validator", "root_validator"})
_ALIASES = frozenset({"alias", "validation_alias", "exclude", "**"})


def relationship_names(types: Inference) -> frozenset[str]:
    """The names of all relationships of the project, whatever class they stand in."""
    return types.shared(_relationship_names)


def _relationship_names(types: Inference) -> frozenset[str]:
    return frozenset(
        field.name
        for symbol in types.project.classes()
        for field in symbol.facts.fields
        if isinstance(field.value, Call) and _decorator(field.value) in _MAKERS
    )


def fields_read(types: Inference, cls: str) -> tuple[str, ...]:
    """The attributes that a Pydantic model reads of the object it is made of; none where it may read others."""
    if not types.is_subclass(cls, "pydantic.BaseModel") or not types.project.is_own(cls):
        return ()
    found: dict[str, None] = {}
    for name in reversed(types.mro(cls).names):
        symbol = types.project.klass(name)
        if symbol is None or not types.project.is_own(name):
            continue
        for method in symbol.facts.methods:
            function = types.project.function(f"{name}.{method}")
            if function is not None and any(_decorator(one) in _BEFORE for one in function.facts.decorators):
                return ()
        if _renames(types, symbol):
            return ()
        for field in symbol.facts.fields:
            if field.annotation is None or field.name.startswith("_") or field.method:
                continue
            found.pop(field.name, None)
            keywords = field.value.keywords if isinstance(field.value, Call) else ()
            if isinstance(field.value, Call) and _decorator(field.value) in _MAKERS:
                continue  # of a table of SQLModel
            if not any(key in _ALIASES for key, _ in keywords):
                found[field.name] = None
    return tuple(found)


def _renames(types: Inference, symbol: ClassSymbol) -> bool:
    """Whether a model's configuration gives its fields other names."""
    config = types.project.klass(f"{symbol.qualname}.Config")
    if config is not None and any(field.name == "alias_generator" for field in config.facts.fields):
        return True
    for field in symbol.facts.fields:
        if field.name == "model_config":
            made = field.value
            return not isinstance(made, Call) or any(key in ("alias_generator", "**") for key, _ in made.keywords)
    return False


def _decorator(expr: Expr) -> str:
    """The last name of what decorates, or is called."""
    func = expr.func if isinstance(expr, Call) else expr
    return str(getattr(func, "id", getattr(func, "attr", "")))


def read_of(function: Function, param: str) -> tuple[str, ...]:
    """The attributes that a function reads of a parameter whenever it runs to its end, as far as facts show."""
    scope = function.scope
    if any(one.name == param for one in scope.bindings):
        return ()
    found: dict[str, None] = {}

    def enter(expr: Expr | None, block: int) -> None:
        kinds = [scope.blocks[b].kind for b in chain(scope.blocks, block)]
        if expr is None or "branch" in kinds or "lambda" in kinds or "try" in kinds:
            return
        for one in parts(expr):
            if isinstance(one, Attr) and one.value == Name(param):
                found[one.attr] = None

    for binding in scope.bindings:
        enter(binding.value, binding.block)
    for call in scope.calls:
        enter(call.call, call.block)
    if len(function.returned) == 1 and not any(block.leaves for block in scope.blocks[1:]):
        enter(function.returned[0][0], 0)
    return tuple(found)


def parts(expr: Expr) -> Iterator[Expr]:
    """An expression and all that is certainly evaluated in it."""
    yield expr
    inner: tuple[Expr, ...]
    match expr:
        case Attr(value=value) | Await(value=value) | Star(value=value) | Sub(value=value):
            inner = (value,)
        case Call(func=func, args=args, keywords=keywords):
            inner = (func, *args, *[value for _, value in keywords])
        case Display(items=items):
            inner = items
        case Mapping(values=values):
            inner = values
        case Op(left=left, right=right):
            inner = (left, right)
        case Choice(kind="or" | "and", items=items):
            inner = items[:1]
        case _:
            return
    for one in inner:
        yield from parts(one)
