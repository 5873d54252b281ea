"""A `lifespan` that calls the handlers, given to the application, and the handlers without their decorators."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, InsertAfter, InsertBefore, Remove, Replace, Site, keyword
from trueup.model import Finding
from trueup.registry import fix


@fix("TUF104", on=(cst.Call, cst.FunctionDef))
def repair(node: cst.Call | cst.FunctionDef, finding: Finding, site: Site) -> Iterator[Change]:
    if isinstance(node, cst.FunctionDef):
        yield Remove(node.decorators[0])
        return
    made = finding.clue
    maker = site.name_for("contextlib", "asynccontextmanager")
    iterator = site.name_for(("collections.abc", "typing"), "AsyncIterator")
    step = site.default_indent
    lines = [f"@{maker}", f"async def {made.name}(app: {site.code_for(node.func)}) -> {iterator}[None]:"]
    lines += [f"{step}{'await ' if awaited else ''}{name}()" for name, awaited in made.startup]
    lines += [f"{step}yield"]
    lines += [f"{step}{'await ' if awaited else ''}{name}()" for name, awaited in made.shutdown]
    yield InsertBefore(site.statement(node), *site.statements("\n".join(lines)))
    given = keyword("lifespan", cst.Name(made.name))
    if node.args:
        yield InsertAfter(node.args[-1], given)
    else:
        yield Replace(node, node.with_changes(args=[given]))
