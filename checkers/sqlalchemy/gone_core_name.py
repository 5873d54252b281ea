"""A name is imported that SQLAlchemy 2 has under another name, or no longer has: `RowProxy`, `KeyedTuple`.

## Why
The import raises `ImportError`. Rows of all kinds are `sqlalchemy.engine.Row` now, results are `CursorResult`,
dialects stand in `sqlalchemy.dialects`.

## Example
```python
from sqlalchemy.engine import RowProxy
```
Use instead:
```python
from sqlalchemy.engine import Row as RowProxy
```

## Fix safety
The new name is imported as the old one, in the place of it. 1.4 has it too. What else changes about rows is said
where they are read.

There is no fix for what has no successor; the message says what to do.

## Limits
An import with a fallback (`try: ... except ImportError:`) is left alone. What comes from `sqlalchemy.ext.declarative`
and `sqlalchemy.orm` is the business of `legacy-declarative-base`, `legacy-mapper` and `legacy-relationship-form`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.libraries.sqlalchemy.core import LIBRARIES, MIGRATION
from trueup.libraries.sqlalchemy.moved import GONE, IMPORTS
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

from .fallbacks import has_fallback

_NAMES = frozenset(name for _, name in (*IMPORTS, *GONE))
_MODULES = frozenset(module for module, _ in (*IMPORTS, *GONE))


@rule(
    "TUS504",
    "gone-core-name",
    on=(ast.ImportFrom, ast.Attribute),
    names=_NAMES,
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    triggers=tuple(sorted(_NAMES)),
    where=lambda facts, types, config: "sqlalchemy" in facts.imported,
    url=MIGRATION,
    effort=3,
    step="sqlalchemy-core",
    prepares=True,
)
def check(node: ast.ImportFrom | ast.Attribute, file: File) -> Iterator[Hit]:
    if isinstance(node, ast.Attribute):
        if isinstance(node.ctx, ast.Load):
            yield from _attribute(node, file)
        return
    if node.level or node.module not in _MODULES or has_fallback(node, file):
        return
    for alias in node.names:
        key = (node.module, alias.name)
        if key in GONE:
            message = f"`{node.module}.{alias.name}` is gone in SQLAlchemy 2: {GONE[key]}"
            yield Hit(alias, message, safety=Safety.MANUAL)
    found = [(alias, IMPORTS[node.module, alias.name]) for alias in node.names if (node.module, alias.name) in IMPORTS]
    if found:
        alias, (module, name) = found[0]
        message = f"`{node.module}.{alias.name}` is `{module}.{name}` in SQLAlchemy 2: import that"
        yield Hit(node, message, clue=tuple((alias.name, *new) for alias, new in found))


def _attribute(node: ast.Attribute, file: File) -> Iterator[Hit]:
    """`sqlalchemy.engine.RowProxy` of an imported module."""
    if not isinstance(node.value, ast.Name | ast.Attribute):
        return
    module = file.qualname(node.value)
    if module not in _MODULES or has_fallback(node, file):
        return
    key = (module, node.attr)
    if key in IMPORTS:
        home, name = IMPORTS[key]
        yield Hit(node, f"`{module}.{node.attr}` is `{home}.{name}` in SQLAlchemy 2: say that", clue=(home, name))
    elif key in GONE:
        message = f"`{module}.{node.attr}` is gone in SQLAlchemy 2: {GONE[key]}"
        yield Hit(node, message, safety=Safety.MANUAL)
