"""A type of URL is made with `stricturl(...)`, which is gone in Pydantic 2.

## Why
`from pydantic import stricturl` raises `PydanticImportError`. A URL with rules of its own is
`Annotated[AnyUrl, UrlConstraints(...)]` now.

## Example
```python
Amqp = stricturl(allowed_schemes={"amqp"}, tld_required=False)
# Amqp = Annotated[AnyUrl, UrlConstraints(allowed_schemes=["amqp"], max_length=65536, host_required=True)]
```

## Fix safety
Unsafe: the values are objects of `AnyUrl` and no texts any more. Version 2 never asks for a top-level domain, where
version 1 did unless `tld_required=False` was given. Its other defaults are written down.

Left to a person are `min_length`, `strip_whitespace` and `tld_required=True`, which have no successor, and schemes
that are not written out.

## Limits
`class MyUrl(AnyUrl)` with attributes of its own is the business of `url-class-attributes`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.libraries.pydantic.field_calls import given
from trueup.libraries.pydantic.methods import is_constant
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule


@rule(
    "TUP403",
    "strict-url",
    on=ast.Call,
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    libraries=LIBRARIES,
    triggers=("stricturl",),
    url=GUIDE + "#url-and-dsn-types-in-pydanticnetworks-no-longer-inherit-from-str",
    effort=5,
    step="types",
)
def url(node: ast.Call, file: File) -> Iterable[Hit]:
    """Calls of `stricturl`."""
    if file.qualname(node.func) not in ("pydantic.stricturl", "pydantic.networks.stricturl"):
        return
    what = "`stricturl` is gone in Pydantic 2: write `Annotated[AnyUrl, UrlConstraints(...)]`"
    arguments: list[tuple[str, str]] = []
    for name, value in given(node).items():
        if name == "allowed_schemes" and isinstance(value, ast.Set | ast.List | ast.Tuple):
            schemes = ", ".join(file.segment(one) for one in value.elts)
            arguments.append((name, f"[{schemes}]"))
        elif name in ("max_length", "host_required"):
            arguments.append((name, file.segment(value)))
        elif name == "tld_required" and is_constant(value, False):
            continue
        else:
            yield Hit(node, what, safety=Safety.MANUAL, why=f"`{name}` has no successor")
            return
    # What version 1 had where nothing was said.
    defaults = (("max_length", "65536"), ("host_required", "True"))
    arguments += [(name, value) for name, value in defaults if name not in given(node)]
    why = "the values are objects of `AnyUrl` and no texts, and no top-level domain is asked for"
    yield Hit(node, what, clue=tuple(arguments), why=why)
