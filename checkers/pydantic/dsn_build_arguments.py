"""A URL is built with the arguments of Pydantic 1.

## Why
`PostgresDsn.build(user=...)` is a `TypeError` in version 2, where it is `username`; `port` is a number; and a `path`
that begins with `/` gets a second one, which names another database: `postgresql://host//shop`. What comes back is a
`Url` and no string any more, so that a driver or a field of type `str` refuses it.

## Example
```python
PostgresDsn.build(scheme="postgresql", user=USER, host=HOST, port="5432", path=f"/{NAME}")
# str(PostgresDsn.build(scheme="postgresql", username=USER, host=HOST, port=5432, path=f"{NAME}"))
```

## Fix safety
Unsafe: the same URL, as a string, in most cases; but version 2 checks its parts (a password with a `/` in it must be
quoted), writes them its own way (`/` behind a host, the usual port of some schemes) and turns down what is no URL.

## Limits
Calls with `**` or with arguments that version 2 does not have are left to a person. A call that passes `username=` is
taken for one of version 2, whatever its path is.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.libraries.pydantic.models import GUIDE
from trueup.libraries.pydantic.urls import BUILD, NEW_BUILD, BuildChange, is_url_class
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import NONE, Instance, Type, Union, without_none

_WHY = (
    "Pydantic 2 checks and normalises the parts of a URL: a `/` is added behind a host, odd characters must be quoted"
)
_STR, _INT = Instance("builtins.str"), Instance("builtins.int")


@rule(
    "TUP705",
    "dsn-build-arguments",
    on=ast.Call,
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    libraries=("pydantic", "pydantic_settings", "sqlmodel"),
    triggers=(".build(",),
    url=GUIDE + "#changes-to-pydanticnetworks",
    effort=5,
    step="settings",
)
def built(node: ast.Call, file: File) -> Iterable[Hit]:
    """A call of `build` of a class of URLs."""
    if not isinstance(node.func, ast.Attribute) or node.func.attr != "build":
        return
    if not is_url_class(file.types, file.type_of(node.func.value)):
        return
    given = {k.arg: k.value for k in node.keywords if k.arg is not None}
    if "username" in given or not _is_old(given, file):
        return
    span = file.span(node.func)
    foreign = next((name for name in given if name not in BUILD), None)
    if foreign is not None or len(given) < len(node.keywords) or node.args:
        why = f"there is no `{foreign}=` in Pydantic 2" if foreign is not None else "what `**` holds is not known"
        text = (
            f"`{file.segment(node.func)}` takes other arguments in Pydantic 2 (`username`, a number as `port`, a "
            f"`path` without `/`) and gives no string: {why}"
        )
        yield Hit(node, text, safety=Safety.MANUAL, why=why, span=span)
        return
    outer = file.parent(node)
    wrapped = isinstance(outer, ast.Call) and isinstance(outer.func, ast.Name) and outer.func.id == "str"
    path = _path(given["path"], file) if "path" in given else ""
    change = BuildChange(_port(given["port"], file) if "port" in given else "", path, not wrapped)
    words = [f"{NEW_BUILD.get(name, name)}=" for name in given if name in NEW_BUILD]
    words += [f"port={change.port}"] if change.port else []
    words += [f"path={change.path}"] if change.path else []
    text = (
        f"`{file.segment(node.func)}` takes other arguments in Pydantic 2 and gives no string: "
        f"use `str({file.segment(node.func)}({', '.join([*words, '...'])}))`"
    )
    yield Hit(node, text, clue=change, why=_WHY, span=span)


def _is_old(given: dict[str, ast.expr], file: File) -> bool:
    """Whether a call is certainly written for version 1."""
    if "user" in given or "tld" in given:
        return True
    return ("port" in given and without_none(file.type_of(given["port"])) == _STR) or (
        "path" in given and _starts_with_slash(given["path"])
    )


def _starts_with_slash(value: ast.expr) -> bool:
    match value:
        case ast.Constant(value=str(text)) | ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]):
            return text.startswith("/")
        case ast.BinOp(left=left, op=ast.Add()):
            return _starts_with_slash(left)
    return False


def _port(value: ast.expr, file: File) -> str:
    """The source of the port as a number; empty where it stays."""
    text = file.segment(value)
    if isinstance(value, ast.Constant):
        number = value.value.strip() if isinstance(value.value, str) else ""
        return str(int(number)) if number.isdecimal() else ""
    found = file.type_of(value)
    if without_none(found) == _INT:
        return ""
    if found == _STR or isinstance(value, ast.Subscript):
        return f"int({text[4:-1]})" if isinstance(value, ast.Call) and text.startswith("str(") else f"int({text})"
    return f"int({text}) if {text} else None"


def _path(value: ast.expr, file: File) -> str:
    """The source of the path without the slash it begins with; empty where it has none."""
    text = file.segment(value)
    if _starts_with_slash(value) and not isinstance(value, ast.BinOp):
        at = text.index("/")
        bare = text[:at] + text[at + 1 :]
        match value:
            case ast.JoinedStr(values=[ast.Constant(value="/"), ast.FormattedValue(value=inner, conversion=-1)]):
                held = value.values[1]
                alone = isinstance(held, ast.FormattedValue) and held.format_spec is None
                if alone and file.type_of(inner) == _STR:
                    return file.segment(inner)
        return bare
    match value:
        case ast.BinOp(left=ast.Constant(value="/"), op=ast.Add(), right=right):
            return file.segment(right)
        case ast.Constant():
            return ""
    simple = isinstance(value, ast.Name | ast.Attribute | ast.Call | ast.Subscript)
    if _may_be_none(file.type_of(value)):
        return f'({text} or "").lstrip("/")'
    return f'{text}.lstrip("/")' if simple else f'({text}).lstrip("/")'


def _may_be_none(one: Type) -> bool:
    return one == NONE or (isinstance(one, Union) and NONE in one.items)
