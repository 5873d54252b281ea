"""A name of FastAPI is used that went with Pydantic 1: `create_cloned_field`, `get_model_definitions`.

## Why
FastAPI kept code of its own for Pydantic 1: clones of fields, definitions of schemas. Most of it went when it learnt
version 2 (0.100), the rest with the last support of version 1 (0.128). An import of such a name fails, and with it
the module.

## What to do
The message says what comes closest.

| gone | instead |
|--|--|
| `fastapi.utils.create_cloned_field` | the field itself |
| `fastapi.utils.create_response_field` | `fastapi.utils.create_model_field` |
| `fastapi.utils.get_model_definitions` | what `fastapi.openapi.utils.get_openapi` gives |
| `fastapi.openapi.utils.get_flat_models_from_routes` | `get_fields_from_routes` |

None of these names is documented: code that needs them is tied to one version of FastAPI.

## Limits
Imports with a fallback are left alone, and so are star imports. Names of `typing` and of Pydantic that were only had
through a module of FastAPI are not looked for. `DictIntStrAny` and `SetIntStr` are the business of `moved-import`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.libraries.fastapi_names import GONE
from trueup.libraries.pydantic.versions import is_guarded
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_NAMES = tuple(sorted({name for _, name in GONE}))


@rule(
    "TUP404",
    "gone-fastapi-name",
    on=(ast.ImportFrom, ast.Attribute),
    severity=Severity.ERROR,
    fix=Safety.MANUAL,
    libraries=("fastapi",),
    where=lambda facts, types, config: "fastapi" in facts.imported,
    triggers=_NAMES,
    url="https://fastapi.tiangolo.com/release-notes/",
    effort=15,
    step="imports",
)
def gone(node: ast.ImportFrom | ast.Attribute, file: File) -> Iterable[Hit]:
    """Imports, and attributes of modules."""
    match node:
        case ast.ImportFrom(level=0, module=str(module)) if module.startswith("fastapi."):
            if isinstance(file.parent(node), ast.Try | ast.ExceptHandler) or _is_own(module, file):
                return
            for alias in node.names:
                advice = GONE.get((module, alias.name))
                if advice and not is_guarded(node, file.parent, alias.name):
                    text = f"`{module}.{alias.name}` is gone, FastAPI has no code for Pydantic 1 any more: {advice}"
                    yield Hit(alias, text, safety=Safety.MANUAL)
        case ast.Attribute(ctx=ast.Load(), attr=name) if name in _NAMES:
            module = file.qualname(node.value) or ""
            advice = GONE.get((module, name))
            if advice and not is_guarded(node, file.parent, name):
                text = f"`{module}.{name}` is gone, FastAPI has no code for Pydantic 1 any more: {advice}"
                yield Hit(node, text, safety=Safety.MANUAL)


def _is_own(module: str, file: File) -> bool:
    """Whether a module is the project's: FastAPI knows what it has itself."""
    own = file.project.modules.get(module)
    return own is not None and own.path in file.project.files
