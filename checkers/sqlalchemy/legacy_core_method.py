"""A method of statements, tables, engines or inspectors that SQLAlchemy 2 calls otherwise, or no longer has.

## Why
`engine.table_names()`, `engine.has_table()`, `table.exists()` and `select.append_whereclause()` raise `AttributeError`
under 2.0; `as_scalar()`, `apply_labels()`, `tometadata()`, `Inspector.from_engine()` are deprecated names of others.

## Example
```python
select(func.max(users.c.age)).as_scalar()
engine.table_names()
stmt.append_whereclause(users.c.age > 18)
```
Use instead:
```python
select(func.max(users.c.age)).scalar_subquery()
inspect(engine).get_table_names()
stmt = stmt.where(users.c.age > 18)
```

## Fix safety
Safe where a method has a new name: the same is done, under 1.4 too. `append_whereclause()` and its like changed the
statement itself; `stmt = stmt.where(...)` is unsafe, for a second variable that holds the statement does not see it.

There is no fix for what has no successor in one call; the message says what to do.

## Limits
Objects of unknown type are left alone. `notin_`, `isnot` and other old names of operators still work, and stay.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.libraries.sqlalchemy.core import APPENDS, INSPECTED, LIBRARIES, MANUAL, MIGRATION, RENAMED, MethodRewrite
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Instance

from .core_calls import called, is_plain

_NAMES = frozenset(name.rpartition(".")[2] for name in (*RENAMED, *INSPECTED, *APPENDS, *MANUAL))
_ALIASED = "another variable that holds the statement does not see what is added"


@rule(
    "TUS505",
    "legacy-core-method",
    on=ast.Call,
    names=_NAMES,
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    triggers=tuple(sorted(_NAMES)),
    url=MIGRATION,
    effort=2,
    step="sqlalchemy-core",
    prepares=lambda finding: finding.safety is Safety.SAFE,
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    func = node.func
    if not isinstance(func, ast.Attribute) or not is_plain(node):
        return
    name = called(node, file)
    if func.attr == "alias" and name == "sqlalchemy.FromClause.alias":
        of = file.type_of(func.value)
        name = "sqlalchemy.Join.alias" if isinstance(of, Instance) and of.cls == "sqlalchemy.Join" else ""
    if name in RENAMED:
        new = RENAMED[name]
        code = "LABEL_STYLE_TABLENAME_PLUS_COL" if new == "set_label_style" else ""
        yield Hit(
            node,
            f"`{func.attr}()` is called `{new}({code})` in SQLAlchemy 2",
            clue=MethodRewrite(new, argument=code),
            severity=Severity.ERROR if name.endswith("reflecttable") else Severity.WARNING,
        )
    elif name in INSPECTED:
        yield from _inspected(node, func, name, file)
    elif name in APPENDS:
        message = (
            f"`{func.attr}()` is gone in SQLAlchemy 2: statements do not change, so say `{{}} = {{}}.{APPENDS[name]}()`"
        )
        variable = func.value
        text = message.format(file.segment(variable), file.segment(variable))
        if isinstance(variable, ast.Name) and isinstance(file.parent(node), ast.Expr):
            clue = MethodRewrite(APPENDS[name], assigned=variable.id)
            yield Hit(node, text, clue=clue, safety=Safety.UNSAFE, why=_ALIASED)
        else:
            yield Hit(node, text, safety=Safety.MANUAL)
    elif name in MANUAL:
        yield Hit(node, f"`{func.attr}()` {MANUAL[name]}", safety=Safety.MANUAL)


def _inspected(node: ast.Call, func: ast.Attribute, name: str, file: File) -> Iterator[Hit]:
    new = INSPECTED[name]
    severity = Severity.WARNING if name.endswith("from_engine") else Severity.ERROR
    if name.endswith("from_engine"):
        message = "`Inspector.from_engine()` is deprecated: say `inspect(...)`"
        yield Hit(node, message, clue=MethodRewrite("", inspected="argument"), severity=severity)
        return
    if name.endswith("Table.exists"):
        if len(node.args) + len(node.keywords) == 1:
            message = "`Table.exists()` is gone in SQLAlchemy 2: say `inspect(engine).has_table(name)`"
            yield Hit(node, message, safety=Safety.MANUAL)
        return
    message = f"`{func.attr}()` of an engine is gone in SQLAlchemy 2: say `inspect(...).{new}()`"
    if any(keyword.arg == "connection" for keyword in node.keywords) or len(node.args) > 1 + (new == "has_table"):
        yield Hit(node, message, safety=Safety.MANUAL)
    else:
        yield Hit(node, message, clue=MethodRewrite(new, inspected="receiver"))
