"""Await a sleep, or have a thread make the call that blocks."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import AddImport, CannotFix, Change, DropImport, Replace, Site
from trueup.model import Finding
from trueup.registry import fix

_THREADS = {
    "fastapi": (("fastapi.concurrency", "starlette.concurrency"), "run_in_threadpool"),
    "starlette": (("starlette.concurrency", "fastapi.concurrency"), "run_in_threadpool"),
    "asyncio": (("asyncio",), "to_thread"),
}


@fix("TUA101", on=cst.Call)
def repair(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    if finding.clue == "sleep":
        yield Replace(node, cst.Await(node.with_changes(func=_asyncio(site, "sleep"))))
        yield DropImport("time")
        yield DropImport("time", "sleep")
        return
    if not isinstance(node.func, cst.Name | cst.Attribute):
        raise CannotFix("what is called has no name")
    modules, name = _THREADS[finding.clue]
    runner = _asyncio(site, name) if finding.clue == "asyncio" else site.reference(modules, name)
    broken = isinstance(node.whitespace_before_args, cst.ParenthesizedWhitespace)
    blank = node.whitespace_before_args if broken else cst.SimpleWhitespace(" ")
    comma = cst.Comma(whitespace_after=blank) if node.args else cst.MaybeSentinel.DEFAULT
    yield Replace(node, cst.Await(node.with_changes(func=runner, args=[cst.Arg(node.func, comma=comma), *node.args])))


def _asyncio(site: Site, name: str) -> cst.BaseExpression:
    """`asyncio.sleep` rather than a `sleep` that could be another one."""
    if "asyncio" in site.text:
        return site.reference("asyncio", name)
    site.imports.append(AddImport("asyncio"))
    return site.expression(f"asyncio.{name}")
