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

There is no fix for what has no successor in one call; the message says what to do. That is so of `begin()` on the
connection of a session too: 1.4 began a transaction inside the session's, 2.0 raises `InvalidRequestError`.

## Limits
Objects of unknown type are left alone, but for `session.connection().begin()`, which is told by what the session is
called. `notin_`, `isnot` and other old names of operators still work, and stay.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.libraries.sqlalchemy.core import APPENDS, INSPECTED, LIBRARIES, MANUAL, MIGRATION, RENAMED, MethodRewrite
from trueup.libraries.sqlalchemy.sessions import is_session
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Instance

from .core_calls import called, is_plain

_NAMES = frozenset(name.rpartition(".")[2] for name in (*RENAMED, *INSPECTED, *APPENDS, *MANUAL)) | {"begin"}
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
    if func.attr == "begin":
        if not node.args and not node.keywords and _is_of_session(func.value, file):
            message = (
                "raises in SQLAlchemy 2, for the session has begun its transaction already: leave it out, and commit"
            )
            message = f"`begin()` on the connection of a session {message} the session, or say `begin_nested()`"
            yield Hit(node, message, safety=Safety.MANUAL)
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


def _is_of_session(node: ast.expr, file: File) -> bool:
    """Whether something is `session.connection()`, or a variable that holds nothing else."""
    match node:
        case ast.Call(func=ast.Attribute(attr="connection", value=session)):
            known = is_session(file.types, file.type_of(session))
            name = session.attr if isinstance(session, ast.Attribute) else getattr(session, "id", "")
            return known or (known is None and "session" in name.lower())
        case ast.Name(id=name):
            function = file.function_at(node)
            scope = function.scope if function is not None else file.facts.scope
            if len(file.project.names(scope).bindings.get(name, ())) != 1:
                return False
            for one in file.nodes(ast.Assign):
                match one.targets:
                    case [ast.Name(id=target)] if target == name and file.function_at(one) is function:
                        return isinstance(one.value, ast.Call) and _is_of_session(one.value, file)
    return False


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
