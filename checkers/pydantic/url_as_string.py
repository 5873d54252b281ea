"""A URL of Pydantic is used as the string that it is no more in Pydantic 2.

## Why
In version 1 `AnyUrl`, `HttpUrl` and the DSNs were strings. In version 2 they are objects of their own: `url + "/path"`,
`"x" in url`, `url.startswith(...)` raise, `url == "http://..."` is **never true**, a driver or an HTTP client refuses
them. What `str(url)` gives is normalised: a host without a path gets a `/` behind it, so that `f"{url}/path"` has two
of them, and an origin for CORS is compared with a text it never equals. Nothing warns.

## Example
```python
client.get(settings.base_url + "/users")      # str(settings.base_url).rstrip("/") + "/users"
if settings.url.startswith("https"):          # if str(settings.url).startswith("https"):
create_engine(settings.database_url)          # create_engine(str(settings.database_url))
allow_origins=settings.origins                # [str(origin).rstrip("/") for origin in settings.origins]
settings.database_url.user                    # settings.database_url.username
```

## Fix safety
Unsafe: a string again, but the one that version 2 writes: small letters in the host, odd characters quoted, a `/`
behind a host. Where something that begins with `/` is put behind it, that `/` goes.

## Limits
Only where the value is certainly a URL. Texts that a URL is written into (`f"{url}/path"`) and comparisons are found in
code written for version 1 alone: in version 2 they may be meant. URLs that are handed on in dicts, stored or written as
JSON are not followed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from trueup.file import File
from trueup.index.facts import Param
from trueup.index.project import FunctionSymbol
from trueup.libraries.pydantic.models import GUIDE, is_model
from trueup.libraries.pydantic.urls import STR_METHODS, holds_urls, is_url_object, url_names
from trueup.libraries.pydantic.versions import dialect
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import NONE, Callee, ClassObject, Foreign, Instance, Type, Union, Unknown, without_none

_STR = Instance("builtins.str")
_WHY = "`str()` gives the URL as Pydantic 2 writes it, with a `/` behind a host for one"
_HARMLESS = ("logging.", "structlog.", "loguru.", "typing.", "builtins.", "copy.", "pydantic", "fastapi.", "starlette.",
             "sqlmodel.", "warnings.", "pytest.", "unittest.")  # fmt: skip
"""Callees of unknown signature that take anything."""
_CLIENTS = ("requests.", "httpx.", "aiohttp.")
"""Packages that take URLs, though not Pydantic's."""
_NAMES = ("url", "uri", "dsn", "endpoint")
"""How the parameters end that want a URL as a string."""
_GONE = {
    "tld": "take it from `host`",
    "host_type": "look at `host`",
    "parts": "read `host`, `port`, `path` and so on one by one",
}
_NODES = (ast.Attribute, ast.BinOp, ast.Compare, ast.Subscript, ast.Call, ast.JoinedStr)


@rule(
    "TUP801",
    "url-as-string",
    on=_NODES,
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    libraries=("pydantic", "pydantic_settings", "sqlmodel"),
    where=holds_urls,
    url=GUIDE + "#url-and-dsn-types-in-pydanticnetworks-no-longer-inherit-from-str",
    effort=3,
    step="values",
    prepares=lambda finding: finding.clue != "username",
)
def used(node: ast.expr, file: File) -> Iterable[Hit]:
    """Each use of a URL that a string alone can do."""
    match node:
        case ast.Attribute():
            yield from _attribute(node, file)
        case ast.BinOp(op=ast.Add()):
            yield from _added(node, file)
        case ast.Compare(ops=[op], comparators=[right]):
            yield from _compared(node, op, right, file)
        case ast.Subscript(ctx=ast.Load(), slice=ast.Slice()) if _is_url(node.value, file):
            yield _hit(node.value, "cannot be cut", file)
        case ast.Call():
            yield from _passed(node, file)
        case ast.JoinedStr():
            yield from _written(node, file)


def _is_url(node: ast.expr, file: File) -> bool:
    """Whether an expression is certainly a URL; asks for no type where its name shows that it is none."""
    match node:
        case ast.Attribute(attr=name):
            return name in url_names(file.types) and is_url_object(file.types, file.type_of(node))
        case ast.Name() | ast.Subscript() | ast.Await():
            return is_url_object(file.types, file.type_of(node))
    return False


def _hit(node: ast.expr, what: str, file: File, clue: str = "str") -> Hit:
    shown = f"str({file.segment(node)})"
    shown = {"strip": f'{shown}.rstrip("/")', "maybe": f"{shown} if ... else None"}.get(clue, shown)
    text = f"`{file.segment(node)}` is a URL, no string in Pydantic 2, and {what}: use `{shown}`"
    return Hit(node, text, clue=clue, why=_WHY)


def _attribute(node: ast.Attribute, file: File) -> Iterator[Hit]:
    if node.attr in STR_METHODS:
        if _is_url(node.value, file):
            yield _hit(node.value, f"has no `{node.attr}`", file)
    elif node.attr == "user" and isinstance(node.ctx, ast.Load):
        if _is_url(node.value, file):
            yield _gone(node, file)
    elif node.attr in _GONE and _is_url(node.value, file):
        text = f"a URL has no `{node.attr}` in Pydantic 2: {_GONE[node.attr]}"
        yield Hit(node, text, safety=Safety.MANUAL, why="what it is used for decides")


def _gone(node: ast.Attribute, file: File) -> Hit:
    if any("MultiHostDsn" in name for name in _names(file.type_of(node.value), file)):
        text = "a DSN that may name several hosts has no `user` in Pydantic 2: read `hosts()[0]['username']`"
        return Hit(node, text, safety=Safety.MANUAL, why="there may be several hosts")
    return Hit(node, "`user` of a URL is `username` in Pydantic 2", clue="username", why="the value may be quoted")


def _names(one: Type, file: File) -> list[str]:
    one = without_none(one)
    return list(file.types.mro(one.cls).names) if isinstance(one, Instance) else []


def _added(node: ast.BinOp, file: File) -> Iterator[Hit]:
    if _is_url(node.left, file):
        yield _hit(node.left, "cannot be added to", file, "strip" if _begins_with_slash(node.right) else "str")
    if _is_url(node.right, file):
        yield _hit(node.right, "cannot be added to a string", file)


def _begins_with_slash(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=str(text)) | ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]):
            return text.startswith("/")
        case ast.BinOp(left=left, op=ast.Add()):
            return _begins_with_slash(left)
    return False


def _compared(node: ast.Compare, op: ast.cmpop, right: ast.expr, file: File) -> Iterator[Hit]:
    if isinstance(op, ast.In | ast.NotIn):
        if _is_url(right, file):
            yield _hit(right, "cannot be searched", file)
        elif (
            _is_url(node.left, file) and dialect(file.types) != "2" and file.types.iterated(file.type_of(right)) == _STR
        ):
            yield _hit(node.left, "is never among strings", file)
    elif isinstance(op, ast.Eq | ast.NotEq) and dialect(file.types) != "2":
        for one, other in ((node.left, right), (right, node.left)):
            if _is_url(one, file) and file.type_of(other) == _STR:
                yield _hit(one, "never equals one", file)


def _written(node: ast.JoinedStr, file: File) -> Iterator[Hit]:
    """`f"{url}/path"`: the slash that version 2 puts behind a host is one too many."""
    if dialect(file.types) == "2":
        return
    for part, after in zip(node.values, node.values[1:], strict=False):
        if not (isinstance(part, ast.FormattedValue) and part.conversion == -1 and part.format_spec is None):
            continue
        text = after.value if isinstance(after, ast.Constant) else ""
        if isinstance(text, str) and text.startswith("/") and _is_url(part.value, file):
            yield _hit(part.value, "ends with a `/` of its own where it has no path", file, "strip")


# Arguments -----------------------------------------------------------------------------------------------------------


def _passed(node: ast.Call, file: File) -> Iterator[Hit]:
    for name, value in ((k.arg, k.value) for k in node.keywords):
        if name == "allow_origins":
            yield from _origins(value, file)
    given = [(index, "", value) for index, value in enumerate(node.args)]
    given += [(-1, k.arg, k.value) for k in node.keywords if k.arg is not None]
    urls = [one for one in given if isinstance(one[2], ast.Name | ast.Attribute) and _is_url(one[2], file)]
    if not urls:
        return
    callee = file.type_of(node.func)
    if isinstance(node.func, ast.Name) and node.func.id == "isinstance":
        if len(node.args) == 2 and file.qualname(node.args[1]) == "builtins.str":
            text = f"`{file.segment(node.args[0])}` is a URL, no string in Pydantic 2: this is never true"
            yield Hit(node, text, safety=Safety.MANUAL, why="what the question is for decides")
        return
    inner = (
        file.type_of(node.args[0])
        if isinstance(node.args[0] if node.args else None, ast.Name | ast.Attribute)
        else None
    )
    for index, name, value in urls:
        if isinstance(inner, Callee) and index != 0:  # `to_thread(push, url)`: what the function gets that is handed on
            wanted = _wanted(inner, index - 1 if index > 0 else -1, name, file)
        else:
            wanted = _wanted(callee, index, name, file)
        if wanted == "str":
            yield _hit(value, f"`{file.segment(node.func)}` wants one", file)
        elif wanted == "maybe":
            optional = without_none(file.type_of(value)) != file.type_of(value)
            yield _hit(value, f"`{file.segment(node.func)}` wants one", file, "maybe" if optional else "str")


def _wanted(callee: Type, index: int, name: str, file: File) -> str:
    """Whether a parameter wants a string (`str`), a string or None (`maybe`), or may take a URL (empty)."""
    if isinstance(callee, Foreign):
        return "" if callee.path.startswith(_HARMLESS) or "()" in callee.path else "str"
    function: FunctionSymbol | None = None
    bound = False
    if isinstance(callee, Callee):
        function, bound = file.project.function(callee.qualname), callee.receiver is not None
    elif isinstance(callee, ClassObject):
        if is_model(file.types, callee.cls):
            return _accepts(file.types.attribute(Instance(callee.cls, callee.args), name), file) if name else ""
        member = file.types.member(callee.cls, "__init__")
        function, bound = (member.function if member is not None else None), True
    if function is not None and function.qualname.startswith(_CLIENTS):
        return "str"
    if function is None or len(function.overloads) != 1 or function.qualname.startswith(_HARMLESS):
        return ""
    param = _param(function.facts.params[1 if bound else 0 :], index, name)
    if param is None:
        return ""
    foreign = function.file.path not in file.project.files
    wanted: Type = Unknown()
    if param.annotation is not None:
        wanted = file.types.annotation(param.annotation, file.types.definition_site(function.facts, function.file))
    if isinstance(wanted, Unknown):  # `requests.get(url)`, say: a library that knows nothing of Pydantic
        return "str" if foreign and param.name.lower().endswith(_NAMES) else ""
    return _accepts(wanted, file)


def _param(params: tuple[Param, ...], index: int, name: str) -> Param | None:
    if name:
        return next((one for one in params if one.name == name and one.kind in ("positional", "keyword")), None)
    positional = [one for one in params if one.kind in ("positional", "positional-only")]
    return positional[index] if index < len(positional) else None


def _accepts(one: Type, file: File) -> str:
    items = one.items if isinstance(one, Union) else (one,)
    if _STR not in items or any(is_url_object(file.types, item) for item in items if item != NONE):
        return ""
    if any(not isinstance(item, Instance) or item.cls == "builtins.object" for item in items):
        return ""
    return "maybe" if NONE in items else "str"


def _origins(value: ast.expr, file: File) -> Iterator[Hit]:
    """Origins that a browser sends are compared with texts without a slash at the end."""
    match value:
        case ast.ListComp(elt=ast.Call(func=ast.Name(id="str"), args=[inner]) as elt) if _is_url(inner, file):
            text = (
                f"`{file.segment(elt)}` ends with a `/` in Pydantic 2, and no browser sends such an origin: "
                f'use `{file.segment(elt)}.rstrip("/")`'
            )
            yield Hit(elt, text, clue="rstrip", why=_WHY)
        case ast.Name() | ast.Attribute():
            held = file.type_of(value)
            if isinstance(without_none(held), Instance) and is_url_object(file.types, file.types.iterated(held)):
                text = (
                    f"the URLs in `{file.segment(value)}` are no strings in Pydantic 2, and end with a `/`: origins "
                    f'are compared as texts, use `str(origin).rstrip("/")` of each'
                )
                yield Hit(value, text, clue="each", why=_WHY)
