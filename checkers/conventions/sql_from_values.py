"""SQL put together from values: `text(f"... WHERE name = '{name}'")`, through which clients can write SQL of their own.

## Why
A name like `'; DROP TABLE users; --` ends the text and begins a statement. Even where no client can give the value,
quotes in it break the query, and the database cannot keep its plan.

## Example
```python
db.execute(text(f"SELECT * FROM users WHERE name = '{name}'"))
```
Use instead:
```python
db.execute(text("SELECT * FROM users WHERE name = :name"), {"name": name})
```

## Fix safety
Where the text stands in the call that sends it, and each value is a plain name or attribute where SQL expects a
value, the fix makes parameters of them. It is unsafe: a value that was SQL itself (`name = "a OR 1=1"` on purpose) is
a value from then on. Elsewhere there is none.

## Limits
Calls of SQLAlchemy's `text` with an f-string, `%`, `+` or `format`, or with a name that is assigned such a text in
the same function, where something stands in the place of a value; names of tables and columns cannot be parameters,
and are left to ruff. What is put in is not followed: names in capitals are taken for constants. Migrations are left
alone. ruff's `S608` finds some of them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from msgspec import Struct

from trueup.file import File
from trueup.layers import SCRIPT, TEST, layer_of_file
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Callee, Instance

_VALUE = re.compile(r"(=|<|>|<>|!=|\bLIKE|\bILIKE|\bLIMIT|\bOFFSET|\bBETWEEN|\bAND|\(|,)\s*$", re.IGNORECASE)
_COLUMNS = re.compile(
    r"(\bSELECT\b(?!.*\bFROM\b)|\bINTO\b(?!.*\bVALUES\b)|\bBY\b)[^()]*\(?[^()]*$", re.IGNORECASE | re.DOTALL
)


_STATEMENT = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE|WHERE|VALUES|CALL)\b", re.IGNORECASE)


_NUMBERS = ("builtins.int", "builtins.float", "builtins.bool", "uuid.UUID", "decimal.Decimal")


class Bound(Struct, frozen=True):
    """The text with parameters, and what they are: (name, expression)."""

    text: str
    values: tuple[tuple[str, str], ...]


@rule(
    "TUC107",
    "sql-from-values",
    on=ast.Call,
    names=("text",),
    severity=Severity.WARNING,
    fix=Safety.UNSAFE,
    libraries=("sqlalchemy", "sqlmodel"),
    triggers=("text",),
    where=lambda facts, types, config: layer_of_file(facts) not in (TEST, SCRIPT),
    url="https://docs.sqlalchemy.org/en/20/core/sqlelement.html#sqlalchemy.sql.expression.text",
    ruff=("S608",),
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    callee = file.type_of(node.func)
    if not isinstance(callee, Callee) or not callee.qualname.startswith("sqlalchemy.") or not node.args:
        return
    if callee.qualname.rpartition(".")[2] != "text" or file.function_at(node) is None:
        return
    written = _assigned(node.args[0], file)
    if not _is_made(written, file):
        return
    bound = _bound(node, file) if isinstance(node.args[0], ast.JoinedStr) else None
    yield Hit(
        node,
        "this SQL is put together from values, so that one with a quote in it breaks the query, or writes its own: "
        'use parameters, `:name` with `{"name": value}`',
        clue=bound,
        safety=None if bound is not None else Safety.MANUAL,
        why="What is put in is a value from then on, never SQL." if bound is not None else "",
    )


def _assigned(node: ast.expr, file: File) -> ast.expr:
    """What a name was assigned in the same function, where that is the only assignment."""
    if not isinstance(node, ast.Name):
        return node
    around: ast.AST | None = node
    while around is not None and not isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef):
        around = file.parent(around)
    found = [
        one.value
        for one in (file.walk(around) if around is not None else ())
        if isinstance(one, ast.Assign) and any(isinstance(t, ast.Name) and t.id == node.id for t in one.targets)
    ]
    return found[0] if len(found) == 1 else node


def _is_made(node: ast.expr, file: File) -> bool:
    """Whether a text is put together with something that is no constant, where SQL expects a value."""
    written = ""
    for part in _parts(node, file):
        if part is None and (_VALUE.search(written) or written.count("'") % 2) and _STATEMENT.search(written):
            return True
        written += part if part is not None else "x"
    return False


def _parts(node: ast.expr, file: File) -> Iterator[str | None]:
    """What a text is made of: pieces that are written out, and None for what is put in; constants are `x`."""
    if isinstance(node, ast.Constant):
        yield str(node.value)
    elif isinstance(node, ast.JoinedStr):
        for one in node.values:
            yield from _parts(one, file)
    elif isinstance(node, ast.FormattedValue):
        yield "x" if _is_harmless(node.value, file) else None
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield from _parts(node.left, file)
        yield from _parts(node.right, file)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and isinstance(node.left, ast.Constant):
        yield from _filled(str(node.left.value), r"%\(?\w*\)?[sdr]", [node.right], file)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        if isinstance(node.func.value, ast.Constant):
            given = [*node.args, *(one.value for one in node.keywords)]
            yield from _filled(str(node.func.value.value), r"\{[^{}]*\}", given, file)
    else:
        yield "x" if _is_harmless(node, file) else None


def _filled(text: str, pattern: str, given: list[ast.expr], file: File) -> Iterator[str | None]:
    constant = all(_is_harmless(one, file) for one in given)
    for index, piece in enumerate(re.split(pattern, text)):
        if index:
            yield "x" if constant else None
        yield piece


def _is_harmless(node: ast.expr, file: File) -> bool:
    """Whether what is put in is a constant, or a number, which no quote can be in."""
    kind = file.type_of(node)
    return _is_constant(node) or (isinstance(kind, Instance) and kind.cls in _NUMBERS)


def _is_constant(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.Tuple):
        return all(_is_constant(one) for one in node.elts)
    name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
    return name.isupper() or name in ("__tablename__", "fullname")


def _bound(node: ast.Call, file: File) -> Bound | None:
    """The text with parameters, where each value certainly stands where a value may."""
    sent, text = file.parent(node), node.args[0]
    if not isinstance(sent, ast.Call) or sent.args != [node] or sent.keywords or len(node.args) > 1 or node.keywords:
        return None
    if not isinstance(sent.func, ast.Attribute) or sent.func.attr not in ("execute", "scalar", "scalars"):
        return None
    assert isinstance(text, ast.JoinedStr)
    written, values = "", dict[str, str]()
    quoted = False
    for one in text.values:
        if isinstance(one, ast.Constant):
            part = str(one.value)
            if ":" in part:  # a parameter it has already, a cast, a time
                return None
            if quoted:
                if not part.startswith("'"):
                    return None
                part, quoted = part[1:], False
            written += part
            continue
        if not isinstance(one, ast.FormattedValue) or one.conversion != -1 or one.format_spec is not None:
            return None
        if not isinstance(one.value, ast.Name | ast.Attribute) or quoted:
            return None
        if written.endswith("'"):
            written, quoted = written[:-1], True
        if not _VALUE.search(written) or _COLUMNS.search(written) or written.count("'") % 2:
            return None
        expression = ast.unparse(one.value)
        name = expression.rpartition(".")[2]
        if values.setdefault(name, expression) != expression:
            return None
        written += f":{name}"
    return Bound(written, tuple(values.items())) if not quoted and values else None
