"""An environment variable read in the middle of the code, in a project that has a class for its settings.

## Why
Which variables an application needs should stand in one place, with their types, and be checked when it starts. One
that is read where it is used shows that it is missing when the first request gets there, and cannot be set in a test
by overriding a dependency.

## Example
```python
def send(mail: Mail) -> None:
    smtplib.SMTP(os.environ["SMTP_HOST"])
```

## What to do
Make it a field of the settings, and hand the settings, or the value, to the function.

## Limits
`os.getenv`, `os.environ.get` and `os.environ[...]` in the package that has a class below `BaseSettings`; modules
called settings, config, conf, env or constants, scripts, migrations and tests are left alone, and so is what is
written to the environment.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.config import Config
from trueup.file import File
from trueup.index.facts import FileFacts
from trueup.infer import Inference
from trueup.layers import SCRIPT, TEST, layer_of_file
from trueup.libraries.pydantic.models import is_settings
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_READS = ("os.getenv", "os.environ.get")
_PLACES = frozenset(
    "settings setting config configs configuration conf env environment constants defaults __main__".split()
)


def _concerned(facts: FileFacts, types: Inference, config: Config) -> bool:
    words = [word for part in facts.module.lower().split(".") for word in (part, *part.split("_"))]
    if layer_of_file(facts) in (TEST, SCRIPT) or not _PLACES.isdisjoint(words):
        return False
    package = types.shared(_settings_package)
    return package is not None and f"{facts.module}.".startswith(package)


@rule(
    "TUC110",
    "environment-read",
    on=(ast.Call, ast.Subscript),
    severity=Severity.ADVICE,
    fix=Safety.MANUAL,
    libraries=("pydantic_settings", "pydantic"),
    triggers=("getenv", "environ"),
    where=_concerned,
    url="https://fastapi.tiangolo.com/advanced/settings/",
    effort=5,
)
def check(node: ast.Call | ast.Subscript, file: File) -> Iterator[Hit]:
    if isinstance(node, ast.Subscript):
        found = isinstance(node.ctx, ast.Load) and file.qualname(node.value) == "os.environ"
    else:
        found = ast.unparse(node.func) in _READS and (
            file.qualname(node.func) == "os.getenv"
            or (isinstance(node.func, ast.Attribute) and file.qualname(node.func.value) == "os.environ")
        )
        if isinstance(node.func, ast.Name):
            found = file.qualname(node.func) == "os.getenv"
    if found:
        yield Hit(
            node,
            "this project has a class for its settings: make this variable a field of it, so that it is checked when "
            "the application starts",
        )


def _settings_package(types: Inference) -> str | None:
    """What the modules begin with that the first settings class is for: those of its package; None without any."""
    for one in types.project.classes():
        if one.facts.bases and layer_of_file(one.file) != TEST and is_settings(types, one.qualname):
            module = one.file.module if one.file.is_package else one.file.module.rpartition(".")[0]
            while module.rpartition(".")[2] in _PLACES | {"core"}:
                module = module.rpartition(".")[0]
            return f"{module}." if module else ""
    return None
