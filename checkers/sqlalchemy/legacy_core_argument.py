"""An argument of `create_engine()`, `Table()` or `Bundle()` that SQLAlchemy 2 refuses or no longer needs.

## Why
`create_engine(url, encoding="utf-8")` and `Table(..., autoload=True)` raise `TypeError` under 2.0. `future=True` asks
for what 2.0 always gives.

## Example
```python
engine = create_engine(url, future=True, encoding="utf-8")
users = Table("users", metadata, autoload=True, autoload_with=engine)
```
Use instead:
```python
engine = create_engine(url)
users = Table("users", metadata, autoload_with=engine)
```

## Fix safety
The argument goes, which keeps behaviour under 2.0. `future=True` has to stay as long as the code runs under 1.4.

There is no fix for values that ask for what is gone: `future=False`, `case_sensitive=False`,
`strategy="threadlocal"`, and `autoload=True` of a table whose metadata was bound to an engine.

## Limits
Arguments in a dictionary that is handed over by `**` are not seen. `convert_unicode=` has a rule of its own.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.libraries.sqlalchemy.arguments import CORE
from trueup.libraries.sqlalchemy.core import LIBRARIES, MIGRATION
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

from .old_arguments import old_arguments

_NAMES = tuple(sorted({name for known in CORE.values() for name in known}))


@rule(
    "TUS503",
    "legacy-core-argument",
    on=ast.Call,
    names=[f"{name}=" for name in _NAMES],
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    triggers=_NAMES,
    url=MIGRATION,
    effort=2,
    step="sqlalchemy-core",
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    yield from old_arguments(node, file, CORE)
