"""Flush in the repository, commit behind the call where the unit of work ends."""

from __future__ import annotations

import re
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
    lines = [f"{wait}{move.session}.commit()"]
    lines += [f"{wait}{move.session}.refresh({name})" for name in move.earlier]
    if move.within:
        waits = site.parent(node)
        call = waits if isinstance(waits, cst.Await) else node
        name = _free(site, node, move.name)
        lines = [f"{name} = {site.code_for(call)}", *lines]
        if move.reload:
            lines.append(f"{wait}{move.session}.refresh({name})")
        rest = statement.deep_replace(call, cst.Name(name))
        if not isinstance(rest, cst.BaseSmallStatement):
            raise CannotFix("it does not stand in a statement of its own")
        yield Replace(statement, *site.statements("\n".join(lines)), cst.SimpleStatementLine([rest]))
        return
    if isinstance(statement, cst.Return):
        assert statement.value is not None
        name = _free(site, node, move.name)
        if move.reload:
            lines.append(f"{wait}{move.session}.refresh({name})")
        lines = [f"{name} = {site.code_for(statement.value)}", *lines, f"return {name}"]
        yield Replace(statement, *site.statements("\n".join(lines)))
        return
    if move.reload:
        target = statement.targets[0].target if isinstance(statement, cst.Assign) else None
        target = statement.target if isinstance(statement, cst.AnnAssign) else target
        if not isinstance(target, cst.Name):
            raise CannotFix("what the call returns is not kept under a plain name")
        lines.append(f"{wait}{move.session}.refresh({target.value})")
    behind = _loop(site, node) if move.behind_loop else statement
    yield InsertAfter(behind, *site.statements("\n".join(lines)))


def _loop(site: Site, node: cst.Call) -> cst.For:
    """The outermost loop of the function around a call."""
    found = None
    for one in site.ancestors(node):
        if isinstance(one, cst.FunctionDef):
            break
        found = one if isinstance(one, cst.For) else found
    if found is None:
        raise CannotFix("the loop around it is not there any more")
    return found


def _free(site: Site, node: cst.Call, name: str) -> str:
    """A name the function does not use yet: the method's own, if it can be had."""
    function = site.function_at(node)
    text = site.code_for(function) if function is not None else site.text
    used = set(re.findall(r"\w+", text))
    return next(one for one in (name, "result", "saved", "committed_result") if one and one not in used)
