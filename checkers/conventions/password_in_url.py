"""A password in code: in the URL of a database or service, or as the default of a secret setting.

## Why
What stands in the code is known to all who may read it, stays in its history when it is changed, and is the same on
every machine. A default of a secret is what production runs with when somebody forgets to set it.

## Example
```python
DATABASE_URL = "postgresql+asyncpg://shop:s3cret@db/shop"


class Settings(BaseSettings):
    jwt_secret: str = "09d25e094faa6ca2556c818166b7a956"
```

## What to do
Read it from the environment, in one settings class, as a field without a default (`database_url: PostgresDsn`,
`jwt_secret: SecretStr`): the application then does not start where it is not set. Change passwords that were in a
repository.

## Limits
Text like `scheme://user:password@host` that is written out; placeholders (`***`, `<password>`, `{password}`),
docstrings, examples and tests are left alone. Defaults of settings whose names end with secret, token, password or
key, of at least 8 characters.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from trueup.file import File
from trueup.layers import TEST, layer_of_file
from trueup.libraries.pydantic.models import is_settings
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_URL = re.compile(r"[a-z][a-z0-9+.-]*://[^\s:/@{}<>%*]+:([^\s@/{}<>%*$\[]+)@[^\s@{}]+")
_SECRET = re.compile(r"(secret|token|password|passwd|secret_key|api_key|private_key)$", re.IGNORECASE)
_TOLD = (
    "description",
    "examples",
    "example",
    "help",
    "title",
    "summary",
    "pattern",
    "regex",
    "match",
    "placeholder",
    "epilog",
)
_SHORTEST = 8


@rule(
    "TUC108",
    "password-in-url",
    on=ast.Constant,
    severity=Severity.WARNING,
    fix=Safety.MANUAL,
    libraries=("fastapi", "sqlalchemy", "sqlmodel", "pydantic_settings"),
    triggers=(r"re:://[^\s:/@]+:[^\s@/]+@", "BaseSettings"),
    where=lambda facts, types, config: layer_of_file(facts) != TEST,
    url="https://docs.pydantic.dev/latest/concepts/pydantic_settings/",
    effort=10,
    ruff=("S105", "S106"),
)
def check(node: ast.Constant, file: File) -> Iterator[Hit]:
    if not isinstance(node.value, str) or len(node.value) < _SHORTEST:
        return
    parent = file.parent(node)
    if "://" in node.value and _URL.fullmatch(node.value) and not _is_told(node, file):
        user = node.value.partition("://")[2].partition(":")[0]
        yield Hit(
            node,
            f"this URL has the password of `{user}` in it, for all who may read the code: take it from the settings, "
            "without a default",
        )
    elif isinstance(parent, ast.AnnAssign) and parent.value is node and isinstance(parent.target, ast.Name):
        owner = file.parent(parent)
        facts = file.class_at(owner) if isinstance(owner, ast.ClassDef) else None
        if facts is None or not _SECRET.search(parent.target.id) or " " in node.value:
            return
        if is_settings(file.types, file.qualified(facts)):
            yield Hit(
                node,
                f"`{parent.target.id}` has a default that all who read the code know, and that production runs with "
                "where it is not set: leave the default out",
            )


def _is_told(node: ast.AST, file: File) -> bool:
    """Whether a text is for people: a docstring, a description, an example, part of an f-string."""
    one: ast.AST | None = node
    while one is not None and not isinstance(one, ast.stmt):
        if isinstance(one, ast.keyword) and one.arg in _TOLD:
            return True
        one = file.parent(one)
        if isinstance(one, ast.JoinedStr | ast.Compare):
            return True
    return isinstance(one, ast.Expr) and one.value is node
