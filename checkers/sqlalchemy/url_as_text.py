"""An URL of a database is made by `URL(...)`, or its text is used to connect by `str(url)`.

## Why
`URL(drivername=...)` raises `TypeError` in 2.0: `URL.create()` makes one. `str(url)` gave the password in 1.4 and gives
`***` in 2.0, so that an engine made from it is refused by the database, far from this line.

## Example
```python
create_engine(str(engine.url))
URL("postgresql", host="localhost")
```
Use instead:
```python
create_engine(engine.url.render_as_string(hide_password=False))
URL.create("postgresql", host="localhost")
```

## Fix safety
Safe: the same text, with the password, and the same URL. Both run under 1.4 too.

## Limits
`str(url)` is reported where it goes into `create_engine()`, `make_url()` or Alembic's `set_main_option()`, at once or
through a variable that holds nothing else; elsewhere, in logs say, `***` may be just right.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.libraries.sqlalchemy.core import LIBRARIES
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Instance, without_none

from .core_calls import called

_URL = "sqlalchemy.URL"
_CONNECTING = frozenset({"create_engine", "create_async_engine", "make_url", "set_main_option", "set_section_option"})


@rule(
    "TUS513",
    "url-as-text",
    on=ast.Call,
    names=("str", "URL"),
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    triggers=("url", "URL", "make_url"),
    url="https://docs.sqlalchemy.org/en/20/changelog/migration_20.html",
    effort=2,
    step="sqlalchemy-core",
    prepares=True,
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    match node.func:
        case ast.Name(id="str") if len(node.args) == 1 and not node.keywords:
            if not _may_connect(node, file):
                return
            one = without_none(file.type_of(node.args[0]))
            if isinstance(one, Instance) and one.cls == _URL and _connects(node, file):
                message = "`str()` of an URL hides the password in SQLAlchemy 2, so that nothing can connect with it"
                yield Hit(node, f"{message}: say `render_as_string(hide_password=False)`", clue="text")
        case ast.Name(id=name) | ast.Attribute(attr=name) if name == "URL" and (node.args or node.keywords):
            if called(node, file) == _URL and len(node.args) + len(node.keywords) < 7:
                yield Hit(node, "`URL()` cannot be called in SQLAlchemy 2: say `URL.create()`", clue="create")


def _may_connect(node: ast.Call, file: File) -> bool:
    """Whether a text is an argument, or kept in a variable: before types are asked for, as `str()` is frequent."""
    return isinstance(_use_of(node, file), ast.Call | ast.Assign | ast.AnnAssign)


def _use_of(node: ast.expr, file: File) -> ast.AST | None:
    """What a text is used in, as it is or through methods of strings."""
    inner: ast.AST = node
    around = file.parent(inner)
    while isinstance(around, ast.Attribute | ast.keyword) or (isinstance(around, ast.Call) and around.func is inner):
        inner, around = around, file.parent(around)
    return around


def _connects(node: ast.expr, file: File) -> bool:
    """Whether a text goes into what connects, as it is or through a variable of its own."""
    use = _use_of(node, file)
    match use:
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
            return name in _CONNECTING
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            function = file.function_at(use)
            scope = function.scope if function is not None else file.facts.scope
            if file.class_at(use) is not None or len(file.project.names(scope).bindings.get(name, ())) != 1:
                return False
            loads = [one for one in file.nodes(ast.Name) if one.id == name and isinstance(one.ctx, ast.Load)]
            return any(_goes_into_connecting(one, file) for one in loads if file.function_at(one) is function)
    return False


def _goes_into_connecting(node: ast.Name, file: File) -> bool:
    match _use_of(node, file):
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
            return name in _CONNECTING
    return False
