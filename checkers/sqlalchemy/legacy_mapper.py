"""`mapper()`, which SQLAlchemy 2 no longer has as a function, and arguments of automap that are on their way out.

## Why
`mapper(User, users)` raises under 2.0: a `registry` maps classes. As what events are listened for on, the function
still stands, deprecated, for the class `Mapper`. `Base.prepare(engine, reflect=True)` is
`Base.prepare(autoload_with=engine)` since 1.4.

## Fix safety
In `event.listens_for(mapper, ...)`, `event.listen` and `event.contains`, `mapper` becomes `Mapper`: all mappers, as
before.
`prepare()` of automap gets `autoload_with=`.

There is no fix for a call of `mapper()`: make one `registry()` for all classes and say
`mapper_registry.map_imperatively(User, users, ...)`. With `non_primary=True`, which is gone in 2.1, say
`aliased()` of a class instead.

## Limits
`prepare()` is repaired where its arguments are plain, not given by `**`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.index.extract import expression
from trueup.libraries.sqlalchemy.mapping import named
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import ClassObject

_MAPPER = "sqlalchemy.orm.mapper"
_EVENTS = frozenset(f"sqlalchemy.event.{name}" for name in ("listen", "listens_for", "remove", "contains"))
_AUTOMAP = "sqlalchemy.ext.automap.AutomapBase"


@rule(
    "TUS102",
    "legacy-mapper",
    on=ast.Call,
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=("sqlalchemy",),
    triggers=("mapper", "prepare"),
    url="https://docs.sqlalchemy.org/en/20/changelog/migration_20.html#the-original-mapper-function-now-a-core-element-of-declarative-renamed",
    effort=5,
    step="sqlalchemy-base",
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    last = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    first = node.args[0] if node.args else None
    if last == "prepare":
        yield from _prepare(node, file)
    elif last in ("listen", "listens_for", "remove", "contains") and isinstance(first, ast.Name | ast.Attribute):
        if named(file.types, expression(node.func), file.site(node)) in _EVENTS and _is_mapper(first, file):
            message = "as what events are listened for on, `mapper` is deprecated; say `Mapper`"
            yield Hit(first, message, clue="Mapper", severity=Severity.WARNING)
    elif node.args and _is_mapper(node.func, file):
        message = "SQLAlchemy 2 has no function `mapper()`; make one `registry()` and call its `map_imperatively()`"
        if any(keyword.arg == "non_primary" for keyword in node.keywords):
            message = "`mapper(..., non_primary=True)` is gone in SQLAlchemy 2; map an `aliased()` of the class instead"
        yield Hit(node, message, safety=Safety.MANUAL)


def _is_mapper(node: ast.expr, file: File) -> bool:
    return named(file.types, expression(node), file.site(node)) == _MAPPER


def _prepare(node: ast.Call, file: File) -> Iterator[Hit]:
    assert isinstance(node.func, ast.Attribute)
    names = {keyword.arg for keyword in node.keywords}
    if None in names or "autoload_with" in names or not names & {"reflect", "engine"}:
        return
    base = file.type_of(node.func.value)
    if not isinstance(base, ClassObject) or not file.types.is_subclass(base.cls, _AUTOMAP):
        return
    reflect = next((keyword.value for keyword in node.keywords if keyword.arg == "reflect"), None)
    message = "`prepare(engine, reflect=True)` of automap is deprecated since 1.4; say `prepare(autoload_with=engine)`"
    is_plain = isinstance(reflect, ast.Constant) and reflect.value is True
    if is_plain and ("engine" in names) + len(node.args) == 1:
        yield Hit(node, message, clue="prepare", severity=Severity.WARNING)
    else:
        yield Hit(node, message, safety=Safety.MANUAL, severity=Severity.WARNING)
