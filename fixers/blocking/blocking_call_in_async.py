"""Await a sleep, make the route a plain `def`, have a thread make the call that blocks, or an async client."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import AddImport, CannotFix, Change, DropImport, Replace, Site
from trueup.model import Finding
from trueup.registry import fix

from .async_client import with_client

_THREADS = {
    "fastapi": (("fastapi.concurrency", "starlette.concurrency"), "run_in_threadpool"),
    "starlette": (("starlette.concurrency", "fastapi.concurrency"), "run_in_threadpool"),
    "asyncio": (("asyncio",), "to_thread"),
}
_BLANK = cst.SimpleWhitespace(" ")


@fix("TUA101", on=cst.Call)
def repair(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    if not isinstance(finding.clue, str):
        yield from with_client(node, finding.clue, site)
        return
    if finding.clue == "def":
        function = site.function_at(node)
        if function is None:
            raise CannotFix("it stands in no function")
        yield Replace(function, function.with_changes(asynchronous=None))
        return
    if finding.clue == "sleep":
        yield Replace(node, cst.Await(node.with_changes(func=_asyncio(site, "sleep"))))
        yield DropImport("time")
        yield DropImport("time", "sleep")
        return
    if not isinstance(node.func, cst.Name | cst.Attribute):
        raise CannotFix("what is called has no name")
    modules, name = _THREADS[finding.clue]
    runner = _asyncio(site, name) if finding.clue == "asyncio" else site.reference(modules, name)
    before = node.whitespace_before_args
    # The first argument stays on a line of its own; a comment behind the parenthesis stays there.
    broken = isinstance(before, cst.ParenthesizedWhitespace)
    blank = before.with_changes(first_line=cst.TrailingWhitespace(), empty_lines=[]) if broken else _BLANK
    comma = cst.Comma(whitespace_after=blank) if node.args else cst.MaybeSentinel.DEFAULT
    yield Replace(node, cst.Await(node.with_changes(func=runner, args=[cst.Arg(node.func, comma=comma), *node.args])))


def _asyncio(site: Site, name: str) -> cst.BaseExpression:
    """`asyncio.sleep` rather than a `sleep` that could be another one."""
    if "asyncio" in site.text:
        return site.reference("asyncio", name)
    site.imports.append(AddImport("asyncio"))
    return site.expression(f"asyncio.{name}")
