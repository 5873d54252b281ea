"""Which function FastAPI asks for a parameter: its `Depends(...)`, in the default, in `Annotated`, behind an alias."""

from __future__ import annotations

from ..index.facts import Attr, Call, Expr, Name, Param, Sub
from ..index.project import FunctionSymbol, VariableSymbol
from ..infer import Inference, Site
from ..infer.annotated import DEPENDS
from ..types import Callee


def provider(types: Inference, param: Param, function: FunctionSymbol) -> str | None:
    """The qualified name of the function that gives a parameter; None where none is known to."""
    site = types.definition_site(function.facts, function.file)
    places: list[tuple[Expr, Site]] = []
    if param.default is not None:
        places.append((param.default, site))
    annotation = param.annotation
    if isinstance(annotation, Name | Attr):
        symbol = types.symbol_of(annotation, site)
        if isinstance(symbol, VariableSymbol) and len(symbol.bindings) == 1:
            annotation, site = symbol.bindings[0].value, Site(symbol.file)
    if isinstance(annotation, Sub):
        places += [(one, site) for one in annotation.items[1:]]
    for one, where in places:
        if isinstance(one, Call) and types.qualname(one.func, where) in DEPENDS:
            given = one.args[0] if one.args else dict(one.keywords).get("dependency")
            found = types.type_of(given, where) if given is not None else None
            if isinstance(found, Callee):
                return found.qualname
    return None
