"""Flush in the repository, commit behind the call where the unit of work ends."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import CannotFix, Change, InsertAfter, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUT101", on=cst.Call)
def repair(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    move = finding.clue
    if move is None:
        if not isinstance(node.func, cst.Attribute):
            raise CannotFix("it is not written as `session.commit()`")
        yield Replace(node.func.attr, cst.Name("flush"))
        return
    statement = site.statement(node)
    wait = "await " if move.awaited else ""
    commit = f"{wait}{move.session}.commit()"
    if isinstance(statement, cst.Return):
        assert statement.value is not None
        name = _free(site, node)
        lines = [f"{name} = {site.code_for(statement.value)}", commit]
        if move.refresh:
            lines.append(f"{wait}{move.session}.refresh({name})")
        lines.append(f"return {name}")
        yield Replace(statement, *site.statements("\n".join(lines)))
        return
    lines = [commit]
    if move.refresh:
        target = statement.targets[0].target if isinstance(statement, cst.Assign) else None
        target = statement.target if isinstance(statement, cst.AnnAssign) else target
        if not isinstance(target, cst.Name):
            raise CannotFix("what the call returns is not kept under a plain name")
        lines.append(f"{wait}{move.session}.refresh({target.value})")
    yield InsertAfter(statement, *site.statements("\n".join(lines)))


def _free(site: Site, node: cst.Call) -> str:
    """A name the function does not use yet."""
    function = site.function_at(node)
    text = site.code_for(function) if function is not None else site.text
    return next(name for name in ("result", "saved", "committed_result") if name not in text)
