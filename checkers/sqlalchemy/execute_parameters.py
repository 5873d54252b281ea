"""Parameters of `execute()` are given as keywords or one by one, which SQLAlchemy 2 takes in one argument only.

## Why
`connection.execute(stmt, id=1)` and `connection.execute(stmt, {"id": 1}, {"id": 2})` raise `TypeError` under 2.0:
there is one argument for all, a dictionary, or a list of dictionaries. `session.execute(stmt, mapper=User)` is
`bind_arguments={"mapper": User}`.

## Example
```python
connection.execute(stmt, id=1, name="Ann")
connection.execute(users.insert(), {"id": 1}, {"id": 2})
```
Use instead:
```python
connection.execute(stmt, {"id": 1, "name": "Ann"})
connection.execute(users.insert(), [{"id": 1}, {"id": 2}])
```

## Fix safety
Safe: the same parameters are sent. Values by their place (`execute("... ?", 1, 2)`) become a tuple, several rows of
them a list, for `exec_driver_sql()` only. There is no fix for values by their place of other statements: name them.

## Limits
Connections and sessions of unknown type are left alone, and so are `*args` and `**kwargs`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.libraries.sqlalchemy.core import LIBRARIES, MIGRATION
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import STR, Instance, without_none

from .core_calls import called, is_plain

_METHODS = ("execute", "scalar", "scalars", "exec_driver_sql")
_TAKEN = frozenset({"statement", "parameters", "execution_options", "object_"})
_BINDS = frozenset({"mapper", "bind", "clause"})


@rule(
    "TUS507",
    "execute-parameters",
    on=ast.Call,
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    triggers=_METHODS,
    where=lambda facts, types, config: not set(_METHODS).isdisjoint(facts.attributes),
    url=MIGRATION + "#execute-method-more-strict-execution-options-are-more-prominent",
    effort=1,
    step="sqlalchemy-core",
    prepares=True,
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    func = node.func
    if not isinstance(func, ast.Attribute) or func.attr not in _METHODS or not node.args or not is_plain(node):
        return
    old = [keyword.arg or "" for keyword in node.keywords if keyword.arg not in _TAKEN]
    if not old and len(node.args) < 2:
        return
    name = called(node, file)
    if name.startswith("sqlalchemy.orm.Session."):
        if old and _BINDS.issuperset(old):
            message = f"`{func.attr}()` takes `{old[0]}=` no longer: say `bind_arguments={{...}}`"
            yield Hit(node, message, clue=("bind", len(node.args)), severity=Severity.WARNING)
        return
    if not name.startswith("sqlalchemy.Connection."):
        return
    what = f"`{func.attr}()` takes its parameters in one argument in SQLAlchemy 2"
    if old:
        if len(node.args) == 1 and len(old) == len(node.keywords):
            yield Hit(node, f"{what}: hand over a dictionary", clue=("dict", 1))
        else:
            yield Hit(node, f"{what}: hand over a dictionary", safety=Safety.MANUAL)
        return
    yield from _by_place(node, func.attr, what, file)


def _by_place(node: ast.Call, method: str, what: str, file: File) -> Iterator[Hit]:
    given = node.args[1:]
    is_text = method == "exec_driver_sql" or _is_string(node.args[0], file)
    kinds = {_kind(one, file) for one in given}
    if len(given) == 1 and (kinds != {"value"} or not is_text) and not (kinds == {"tuple"} and not is_text):
        return
    if len(given) > 1 and kinds == {"dict"}:
        yield Hit(node, f"{what}: hand over a list of dictionaries", clue=("list", 1))
    elif is_text and len(given) > 1 and kinds == {"tuple"}:
        yield Hit(node, f"{what}: hand over a list of tuples", clue=("list", 1))
    elif is_text and kinds == {"value"}:
        yield Hit(node, f"{what}: hand over a tuple", clue=("tuple", 1))
    elif kinds == {"tuple"} or len(given) > 1:
        yield Hit(node, f"{what}: hand over a dictionary with the names of the columns", safety=Safety.MANUAL)


def _is_string(node: ast.expr, file: File) -> bool:
    return isinstance(node, ast.JoinedStr) or file.type_of(node) == STR


def _kind(node: ast.expr, file: File) -> str:
    """dict, tuple, value (no collection at all) or nothing that is known."""
    one = without_none(file.type_of(node))
    if not isinstance(one, Instance):
        return ""
    if one.cls == "builtins.dict":
        return "dict"
    if one.cls == "builtins.tuple":
        return "tuple"
    scalars = ("builtins.int", "builtins.str", "builtins.float", "builtins.bool", "datetime.datetime", "datetime.date")
    return "value" if one.cls in scalars else ""
