"""A statement is made with the arguments of SQLAlchemy 1: `select([a, b], condition)`, `table.update(condition)`.

## Why
In 2.0 `select()` takes its columns one by one, and all else is said by methods. `select([a])` raises `ArgumentError`,
`table.update(condition)` and `union(a, b, order_by=...)` raise `TypeError`. To take the brackets away is not enough:
in `select(a, condition)` the condition is one more column, and nothing raises.

## Example
```python
select([users.c.id, users.c.name], users.c.age > 18, order_by=[users.c.name])
users.update(users.c.id == 1, values={"name": "Ann"})
```
Use instead:
```python
select(users.c.id, users.c.name).where(users.c.age > 18).order_by(users.c.name)
users.update().where(users.c.id == 1).values({"name": "Ann"})
```

## Fix safety
The same SQL is sent. A list in a variable gets a star: `select(*columns)`. The new form runs under 1.4 too. It is
unsafe where a condition stands in a variable that may hold `None`: the argument was left out then, but `where(None)`
is `WHERE NULL`; and where `with_only_columns([...])` is called on something of unknown type.

There is no fix for `bind=`, for `correlate=`, for arguments behind `*` and `**`, and for an `exists()` of several
columns: say `select(a, b).exists()`.

## Limits
Variables that may hold a list or a column are left alone, and so are tables of unknown type.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.libraries.sqlalchemy.core import (
    DIALECTS,
    FLAGS,
    LIBRARIES,
    LISTS,
    METHODS,
    MIGRATION,
    ORDER,
    SIGNATURES,
    CallRewrite,
    Part,
    Signature,
)
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Foreign, Unknown

from .core_calls import arguments, called, is_constant, is_list, is_plain, may_be_none, written
from .query_entities import is_query_method

_NAMES = frozenset(name.rpartition(".")[2] for name in SIGNATURES) | {"with_only_columns"}
_WHEN_NONE = "where the condition is `None`, it was left out, and will be sent as NULL"


@rule(
    "TUS501",
    "legacy-select",
    on=ast.Call,
    names=_NAMES,
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    triggers=tuple(sorted(_NAMES)),
    url=MIGRATION + "#select-no-longer-accepts-varied-constructor-arguments-columns-are-passed-positionally",
    effort=3,
    step="sqlalchemy-core",
    prepares=True,
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    name = written(node, file)
    if name not in _NAMES or not (node.args or node.keywords):
        return
    if name == "with_only_columns":
        if len(node.args) == 1 and is_list(node.args[0], file):
            yield from _with_only_columns(node, file)
        return
    if not _may_be_old(node, name, file):
        return
    signature = SIGNATURES.get(called(node, file))
    if signature is None:
        return
    old = _old(node, signature, file)
    if not old:
        return
    what = f"`{name}()` takes {old} no longer in SQLAlchemy 2"
    plan = _plan(node, signature, file)
    if isinstance(plan, str):
        yield Hit(node, f"{what}: {plan}", safety=Safety.MANUAL)
        return
    doubtful = any(
        method in ("where", "having") and may_be_none(arguments(node)[part.index], file)
        for method, parts in plan.calls
        for part in parts
    )
    advice = _advice(plan)
    if doubtful:
        yield Hit(node, f"{what}: {advice}", clue=plan, safety=Safety.UNSAFE, why=_WHEN_NONE)
    else:
        yield Hit(node, f"{what}: {advice}", clue=plan)


def _with_only_columns(node: ast.Call, file: File) -> Iterator[Hit]:
    """Whether it is a statement's is told by its name, which nothing else has, where the type is not known."""
    message = "`with_only_columns()` takes the columns one by one in SQLAlchemy 2"
    clue = CallRewrite((Part(0, unpack=True),))
    if is_query_method(node, file):
        yield Hit(node, message, clue=clue)
    elif isinstance(node.func, ast.Attribute) and isinstance(file.type_of(node.func.value), Unknown | Foreign):
        text = file.segment(node.func.value)
        why = f"the type of `{text}` is not known; it is taken for a statement by the name of the method"
        yield Hit(node, message, clue=clue, safety=Safety.UNSAFE, why=why)


def _may_be_old(node: ast.Call, name: str, file: File) -> bool:
    """Whether the arguments look so, before types are asked for: `dict.update()` is frequent."""
    keywords = {keyword.arg for keyword in node.keywords}
    if name in ("select", "exists") and node.args and is_list(node.args[0], file):
        return True
    if keywords & (METHODS.keys() | FLAGS.keys() | {"bind", "columns", "preserve_parameter_order", "correlate"}):
        return True
    if any(keyword and keyword.startswith(DIALECTS) for keyword in keywords):
        return True
    return name in ("select", "insert", "update", "delete") and bool(node.args)


def _old(node: ast.Call, signature: Signature, file: File) -> str:
    """What of a call is old, in words; empty where nothing is."""
    if signature.unpacked and node.args and is_list(node.args[0], file):
        return "a list" if len(node.args) == 1 and not node.keywords else "a list and arguments behind it"
    known = (*signature.names[signature.kept :], *signature.extra, *(signature.names if signature.unpacked else ()))
    for keyword in node.keywords:
        if keyword.arg in known or (signature.dialects and keyword.arg and keyword.arg.startswith(DIALECTS)):
            return f"`{keyword.arg}=`"
    if signature.unpacked or not signature.names or not node.args or isinstance(node.args[0], ast.Starred):
        return ""
    if len(node.args) > signature.kept:
        return "a condition" if signature.names[signature.kept] == "whereclause" else "values"
    return ""


def _plan(node: ast.Call, signature: Signature, file: File) -> CallRewrite | str:
    """What becomes of the call; a string says why a person has to write it."""
    if not is_plain(node):
        return "which arguments these are is not to be seen; say them by methods"
    if len(node.args) > len(signature.names) and signature.names:
        return "say them by methods"
    keep: list[Part] = []
    given: dict[str, int] = {}
    values = arguments(node)
    for index in range(len(values)):
        if index < len(node.args):
            name = signature.names[index] if signature.names else ""
            kept = index < signature.kept
        else:
            name = node.keywords[index - len(node.args)].arg or ""
            kept = name == "columns" or name in signature.names[: signature.kept]
        if not kept:
            given[name] = index
        elif signature.unpacked:
            keep.append(Part(index, unpack=is_list(values[index], file)))
        else:
            keep.append(Part(index, keyword="" if index < len(node.args) else name))
    if signature is SIGNATURES["sqlalchemy.exists"] and keep:
        first = values[keep[0].index]
        if not isinstance(first, ast.List | ast.Tuple) or len(first.elts) != 1:
            return "say `select(...).exists()`"
    calls: list[tuple[str, tuple[Part, ...]]] = []
    for name in sorted(given, key=lambda one: ORDER.index(one) if one in ORDER else len(ORDER)):
        found = _said(name, given[name], values[given[name]], given, file)
        if isinstance(found, str):
            return found
        calls += found
    return CallRewrite(tuple(keep), tuple(calls))


def _said(
    name: str, index: int, value: ast.expr, given: dict[str, int], file: File
) -> list[tuple[str, tuple[Part, ...]]] | str:
    """The method that says an argument; a string says why there is none."""
    if is_constant(value, None):
        return []
    if name == "preserve_parameter_order":
        return [] if isinstance(value, ast.Constant) else "say `ordered_values(*pairs)`"
    if name == "values" and "preserve_parameter_order" in given:
        return [("ordered_values", (Part(index, unpack=True),))]
    if name in FLAGS:
        method, code = FLAGS[name]
        if is_constant(value, True):
            return [(method, (Part(-1, code=code),) if code else ())]
        if is_constant(value, False):
            return []
        return f"say `{method}()` where it holds"
    if name in METHODS:
        return [(METHODS[name], (Part(index, unpack=name in LISTS and is_list(value, file)),))]
    if name.startswith(DIALECTS):
        return [("with_dialect_options", (Part(index, keyword=name),))]
    if name == "bind":
        return "run it with a connection in the place of `bind=`"
    if name == "correlate":
        return "say `correlate()`, or `correlate(None)` for False"
    return "say them by methods"


def _advice(plan: CallRewrite) -> str:
    methods = ", ".join(f"`{method}()`" for method, _ in plan.calls)
    unpacked = any(part.unpack for part in plan.keep)
    if methods:
        return f"hand the columns over one by one, and say the rest by {methods}" if unpacked else f"say {methods}"
    return "hand the columns over one by one"
