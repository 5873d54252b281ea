"""`datetime.utcnow` handed on without a call, as a default factory say: it makes times that do not know their zone.

## Why
What `utcnow()` returns is in UTC and does not say so: `timestamp()` takes it for local time, comparing it with an aware
time raises `TypeError`, and in JSON it has no offset, so that a browser reads it as local too. Python 3.12 has
deprecated it. Linters that look at calls, like ruff's `DTZ003`, do not see it where it is handed on:

## Example
```python
class Order(BaseModel):
    created: datetime = Field(default_factory=datetime.utcnow)
```
Use instead:
```python
class Order(BaseModel):
    created: datetime = Field(default_factory=lambda: datetime.now(timezone.utc))
```

## Fix safety
The fix of a `default_factory` is unsafe: the times have an offset from then on, in JSON and when they are compared, and
what compares them with naive ones raises. Where a column keeps the time (`default=`, `onupdate=`, a mapped class) there
is none: the column has to become `DateTime(timezone=True)`, and the rows that are there have to be thought of.

## Limits
Calls are for ruff to find (`ruff = "conventions"` has it look). Names that the method was given first are not followed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.libraries.sqlalchemy.mapping import mapping
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_CLOCKS = ("datetime.datetime.utcnow", "datetime.datetime.utcfromtimestamp")


@rule(
    "TUC101",
    "naive-clock-handed-on",
    on=ast.Attribute,
    severity=Severity.WARNING,
    fix=Safety.UNSAFE,
    triggers=("utcnow", "utcfromtimestamp"),
    url="https://docs.python.org/3/library/datetime.html#datetime.datetime.utcnow",
    effort=5,
)
def check(node: ast.Attribute, file: File) -> Iterator[Hit]:
    if node.attr not in ("utcnow", "utcfromtimestamp") or file.qualname(node) not in _CLOCKS:
        return
    parent = file.parent(node)
    if isinstance(parent, ast.Call) and parent.func is node:
        return
    name = ast.unparse(node)
    said = f"`{name}` makes times that do not know their zone, and is deprecated since Python 3.12"
    factory = isinstance(parent, ast.keyword) and parent.arg == "default_factory" and node.attr == "utcnow"
    if factory and not _is_kept(node, file):
        why = "The times have an offset from then on, in JSON and when they are compared."
        yield Hit(node, f"{said}: write `lambda: datetime.now(timezone.utc)`", why=why)
    else:
        how = "make it `datetime.now(timezone.utc)`, and a column that keeps it `DateTime(timezone=True)`"
        yield Hit(node, f"{said}: {how}", safety=Safety.MANUAL)


def _is_kept(node: ast.Attribute, file: File) -> bool:
    """Whether a column of the database keeps what is made."""
    owner = file.class_at(node)
    if owner is None:
        return False
    name, known = file.qualified(owner), mapping(file.types)
    # A SQLModel that is no table may be the base of one.
    return known.is_declarative(name) or known.is_sqlmodel(name)
