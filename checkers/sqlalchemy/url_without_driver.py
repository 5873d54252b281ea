"""An URL leaves the driver open: `postgresql://` and `oracle://` load other packages from SQLAlchemy 2.1 on.

## Why
`postgresql://` meant psycopg2, and means psycopg 3 in 2.1; `oracle://` meant cx_Oracle, and means oracledb. Where the
new package is not installed, `create_engine()` raises `ModuleNotFoundError`; where it is, values come back in another
way here and there. `postgres://` is not known since 1.4.

## Example
```python
create_engine("postgresql://app@db/shop")
```
Use instead:
```python
create_engine("postgresql+psycopg2://app@db/shop")
```

## Fix safety
Safe: the driver that the URL meant all along is named. To change to the new one, name that: `postgresql+psycopg://`.

## Limits
URLs are seen where they are written into `create_engine()` or `make_url()`; those from settings and the environment
are not.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.libraries.sqlalchemy.core import LIBRARIES
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

from .core_calls import called, written

_MAKERS = ("create_engine", "make_url")
_DRIVERS = {
    "postgresql://": "postgresql+psycopg2://",
    "postgres://": "postgresql+psycopg2://",
    "oracle://": "oracle+cx_oracle://",
}


@rule(
    "TUS701",
    "url-without-driver",
    on=ast.Call,
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    triggers=("postgresql", "postgres", "oracle"),
    where=lambda facts, types, config: not set(_MAKERS).isdisjoint(facts.called),
    url="https://docs.sqlalchemy.org/en/21/changelog/migration_21.html",
    effort=1,
    step="sqlalchemy-core",
    prepares=True,
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    if written(node, file) not in _MAKERS:
        return
    given = (
        node.args[0] if node.args else next((k.value for k in node.keywords if k.arg in ("url", "name_or_url")), None)
    )
    text = given.values[0] if isinstance(given, ast.JoinedStr) and given.values else given
    if given is None or not isinstance(text, ast.Constant) or not isinstance(text.value, str):
        return
    for old, new in _DRIVERS.items():
        if text.value.startswith(old) and called(node, file) in ("sqlalchemy.create_engine", "sqlalchemy.make_url"):
            meant = new.rpartition("+")[2].removesuffix("://")
            now = "nothing since SQLAlchemy 1.4" if old == "postgres://" else "another driver in SQLAlchemy 2.1"
            yield Hit(given, f"`{old}` means {now}: name the one it meant, {meant}", clue=(old, new))
