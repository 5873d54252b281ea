"""The default of a column is made once, when the class is made, and not for each row: `default={}`, `default=now()`.

## Why
`default={}` gives all rows the same dictionary: what one changes in place, new ones start with. `default=utcnow()`
is the time at which the program was started.

## Example
```python
settings = Column(JSON, default={})
created = Column(DateTime, default=datetime.utcnow())
```
Use instead:
```python
settings = Column(JSON, default=dict)
created = Column(DateTime, default=datetime.utcnow)
```

## Fix safety
A function takes the place of a dictionary, a list or a set, which is safe: each row gets one of its own. A call of a
clock or of `uuid4()` becomes the function, which is unsafe: new rows get values that they did not get before. What is
made of such a value, `int(time.time())`, becomes a `lambda`.

## Limits
`server_default=` is SQL, and the defaults of dataclasses are something else. Values out of variables are not seen.
Alembic migrations stay as they are.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.index.extract import expression
from trueup.libraries.alembic import is_migration
from trueup.libraries.sqlalchemy.core import LIBRARIES
from trueup.libraries.sqlalchemy.mapping import mapping, named
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

from .core_calls import called

_COLUMNS = ("sqlalchemy.Column", "sqlalchemy.orm.mapped_column")
_CLOCKS = frozenset(
    {"datetime.datetime.utcnow", "datetime.datetime.now", "datetime.datetime.today", "datetime.date.today",
     "uuid.uuid1", "uuid.uuid4", "time.time", "time.time_ns"}
)  # fmt: skip
_OF_VALUES = frozenset({"int", "float", "str", "round"})
"""Functions of a moment or key that give a part of it, or its text."""
_OF_MOMENTS = frozenset(
    {"date", "time", "timestamp", "isoformat", "strftime", "replace", "astimezone", "hex", "int", "year"}
)
"""Methods and attributes that do."""


@rule(
    "TUS801",
    "shared-column-default",
    on=ast.Call,
    names=("default=", "onupdate="),
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    triggers=("default", "onupdate"),
    where=lambda facts, types, config: not is_migration(facts),
    url="https://docs.sqlalchemy.org/en/20/core/defaults.html#python-executed-functions",
    effort=1,
    prepares=lambda finding: finding.safety is Safety.SAFE,
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    for keyword in node.keywords:
        if keyword.arg not in ("default", "onupdate"):
            continue
        value = keyword.value
        made = _maker(value)
        if not made and not isinstance(value, ast.Call | ast.BinOp | ast.Attribute):
            continue
        if called(node, file) not in _COLUMNS or _is_of_dataclass(node, file):
            return
        if made:
            message = f"`{keyword.arg}={file.segment(value)}` is one object for all rows: say `{made}`"
            yield Hit(value, message, clue=made)
        elif _is_of_moment(value, file):
            now = file.segment(value)
            plain = isinstance(value, ast.Call) and not (value.args or value.keywords) and _is_clock(value, file)
            new = file.segment(value.func) if plain and isinstance(value, ast.Call) else f"lambda: {now}"
            yield Hit(
                value,
                f"`{keyword.arg}={now}` is called once, when the class is made: say `{new}`",
                clue=new,
                safety=Safety.UNSAFE,
                why="new rows get the value of their own moment, which they did not get before",
            )


def _maker(node: ast.expr) -> str:
    """What makes a dictionary or a list like the one that is written; empty for anything else."""
    match node:
        case ast.Dict(keys=[]):
            return "dict"
        case ast.List(elts=[]):
            return "list"
        case ast.Dict() | ast.List() | ast.Set():
            return f"lambda: {ast.unparse(node)}" if "\n" not in ast.unparse(node) else ""
    return ""


def _is_of_moment(node: ast.expr, file: File) -> bool:
    """Whether a value is what a clock or `uuid4()` gave, or made of that: `int(time.time())`, `utcnow() + day`."""
    match node:
        case ast.Call(func=ast.Name(id=name) as func, args=[first, *_]) if name in _OF_VALUES:
            return file.qualname(func) == f"builtins.{name}" and _is_of_moment(first, file)
        case ast.Call() if _is_clock(node, file):
            return True
        case ast.Call(func=ast.Attribute(value=value, attr=name)) | ast.Attribute(value=value, attr=name):
            return name in _OF_MOMENTS and _is_of_moment(value, file)
        case ast.BinOp(left=left, right=right):
            return _is_of_moment(left, file) or _is_of_moment(right, file)
    return False


def _is_clock(node: ast.Call, file: File) -> bool:
    return named(file.types, expression(node.func), file.site(node)) in _CLOCKS


def _is_of_dataclass(node: ast.Call, file: File) -> bool:
    cls = file.class_at(node)
    return cls is not None and mapping(file.types).is_part_of_dataclass(file.qualified(cls))
