"""A class of URLs says what it allows in attributes that Pydantic 2 does not read.

## Why
`allowed_schemes`, `host_required`, `tld_required` and the like of a class below `AnyUrl` are plain attributes in
version 2: **any scheme is accepted, and nothing warns**. A check that was there for safety is gone. What is read is
`_constraints`.

## Example
```python
class S3Url(AnyUrl):
    allowed_schemes = {"s3"}      # _constraints = UrlConstraints(allowed_schemes=["s3"], host_required=True)
```

## Fix safety
Unsafe: the same schemes, hosts and lengths (in Pydantic 2.10 and newer), but version 2 reads URLs by its own rules: it
puts a `/` behind a host, writes hosts in small letters and counts the length of what it made.

## Limits
`tld_required` and `user_required` have no successor: where they are true, a person must write a validator. So must one
where the schemes are those of a base that Pydantic has limits for.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES
from trueup.libraries.pydantic.urls import URL, is_url
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_KEPT = ("allowed_schemes", "host_required", "max_length")
_GONE = ("tld_required", "user_required", "strip_whitespace", "min_length", "hidden_parts")


@rule(
    "TUP723",
    "url-class-attributes",
    on=ast.ClassDef,
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    libraries=LIBRARIES,
    triggers=("allowed_schemes", "host_required", "tld_required", "user_required", "hidden_parts"),
    url=GUIDE + "#changes-to-pydanticnetworks",
    effort=5,
    step="types",
)
def limited(node: ast.ClassDef, file: File) -> Iterable[Hit]:
    """A class of URLs with attributes of version 1."""
    given = {name: value for statement in node.body for name, value in _assigned(statement)}
    facts = file.class_at(node)
    if not given or facts is None or not is_url(file.types, file.qualified(facts)):
        return
    first = next(iter(given))
    span = file.header(node)
    what = f"Pydantic 2 does not read `{first}` of a class of URLs"
    why = _obstacle(given, node, file)
    if why:
        text = f"{what}, and no machine can carry it over: {why}"
        yield Hit(node, text, safety=Safety.MANUAL, why=why, span=span)
        return
    arguments = [f"{name}={_source(name, given[name], file)}" for name in _KEPT if name in given]
    if "host_required" not in given and _is_plain(node, file):
        arguments.append("host_required=True")
    text = f"{what}, anything is accepted: use `_constraints = UrlConstraints({', '.join(arguments)})`"
    why = "Pydantic 2 reads and writes URLs by rules of its own"
    yield Hit(node, text, clue=(tuple(given), tuple(arguments)), why=why, span=span)


def _assigned(statement: ast.stmt) -> Iterable[tuple[str, ast.expr]]:
    match statement:
        case (
            ast.Assign(targets=[ast.Name(id=name)], value=value)
            | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
        ):
            if name in _KEPT or name in _GONE:
                yield name, value


def _is_plain(node: ast.ClassDef, file: File) -> bool:
    return [file.qualname(base) for base in node.bases] == [URL]


def _obstacle(given: dict[str, ast.expr], node: ast.ClassDef, file: File) -> str:
    for name in ("tld_required", "user_required"):
        value = given.get(name)
        if value is not None and not (isinstance(value, ast.Constant) and value.value is False):
            return f"check `{name}` in a validator"
    if "min_length" in given or "hidden_parts" in given:
        return "check the length, and the parts of the URL, in a validator"
    if not any(name in given for name in _KEPT):
        return "version 2 reads no such attribute: remove it"
    if "allowed_schemes" not in given and not _is_plain(node, file):
        return "`_constraints` takes the place of those of the base: write all of them"
    return ""


def _source(name: str, value: ast.expr, file: File) -> str:
    if name != "allowed_schemes":
        return file.segment(value)
    if isinstance(value, ast.Set | ast.List | ast.Tuple):
        return f"[{', '.join(file.segment(one) for one in value.elts)}]"
    return f"list({file.segment(value)})"
