"""The markers that FastAPI takes for the values of parameters: `Depends(...)`, `Query(...)` and the others."""

from __future__ import annotations

from ..index.facts import Call, Expr
from ..infer import Inference, Site

_NAMES = ("Depends", "Security", "Query", "Path", "Body", "Header", "Cookie", "Form", "File")
_MARKERS = {f"fastapi.{prefix}{name}": name for name in _NAMES for prefix in ("", "params.", "param_functions.")}


def marker(types: Inference, value: Expr | None, site: Site) -> str | None:
    """Which of FastAPI's markers a default is, `Query` say; None for any other value."""
    if not isinstance(value, Call):
        return None
    return _MARKERS.get(types.qualname(value.func, site) or "")
