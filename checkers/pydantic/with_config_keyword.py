"""`with_config` gets the config as `config=`.

## Why
The keyword is deprecated since Pydantic 2.11: the config is passed as it is, or as keywords of its own.

## Example
```python
@with_config(config=ConfigDict(extra="forbid"))  # @with_config(ConfigDict(extra="forbid"))
class Order(TypedDict): ...
```

## Fix safety
Safe: the argument loses its name.

## Limits
A call that is given `**` is not looked at.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.libraries.pydantic.models import LIBRARIES
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule


@rule(
    "TUP543",
    "with-config-keyword",
    on=ast.Call,
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    triggers=("with_config",),
    url="https://docs.pydantic.dev/latest/api/config/#pydantic.config.with_config",
    step="config",
)
def called(node: ast.Call, file: File) -> Iterable[Hit]:
    """Calls of `with_config`."""
    if node.args or [one.arg for one in node.keywords] != ["config"]:
        return
    if file.qualname(node.func) in ("pydantic.with_config", "pydantic.config.with_config"):
        yield Hit(node, "`with_config(config=...)` is deprecated in Pydantic 2.11: leave `config=` away")
