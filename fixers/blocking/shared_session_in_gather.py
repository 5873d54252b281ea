"""Await coroutines one behind the other instead of together."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import CannotFix, Change, DropImport, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUA108", on=cst.Call)
def repair(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    awaited = site.parent(node)
    if not isinstance(awaited, cst.Await) or site.comments(node):
        raise CannotFix("it is not awaited where it stands, or comments stand between the coroutines")
    yield DropImport("asyncio")
    yield DropImport("asyncio", "gather")
    holder = site.parent(awaited)
    if node.args[0].star:
        many = node.args[0].value
        assert isinstance(many, cst.ListComp | cst.GeneratorExp)
        call, loop = f"await {site.code_for(many.elt)}", site.code_for(many.for_in).strip()
        if isinstance(holder, cst.Expr) and many.for_in.inner_for_in is None and not many.for_in.ifs:
            yield Replace(site.statement(node), *site.statements(f"{loop}:\n{site.default_indent}{call}"))
            return
        yield Replace(awaited, site.expression(f"[{call} {loop}]"))
        return
    calls = [site.code_for(arg.value) for arg in node.args]
    if isinstance(holder, cst.Expr):
        yield Replace(site.statement(node), *site.statements("\n".join(f"await {call}" for call in calls)))
        return
    items = ", ".join(f"await {call}" for call in calls)
    unpacked = isinstance(holder, cst.Assign) and isinstance(holder.targets[0].target, cst.Tuple)
    yield Replace(awaited, site.expression(items if unpacked and len(calls) > 1 else f"[{items}]"))
