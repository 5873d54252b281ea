"""Moves constraints of elements from the call of `Field` into the annotation."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import CannotFix, Change, Remove, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP315", on=cst.AnnAssign)
def moved(node: cst.AnnAssign, finding: Finding, site: Site) -> Iterator[Change]:
    """Parts of the annotation are wrapped from the last to the first; an emptied `Field()` goes."""
    push, call = finding.clue, node.value
    assert isinstance(call, cst.Call)
    old = node.annotation.annotation
    source = site.code_for(old)
    if "#" in source:
        raise CannotFix("there are comments in the annotation")
    annotated = site.name_for(("typing", "typing_extensions"), "Annotated")
    for start, end, arguments in reversed(push.places):
        source = f"{source[:start]}{annotated}[{source[start:end]}, {push.maker}({arguments})]{source[end:]}"
    new = site.expression(source)
    going = [arg for arg in call.args if arg.keyword is not None and arg.keyword.value in push.names]
    if len(going) == len(call.args):
        annotation = node.annotation.with_changes(annotation=new)
        yield Replace(node, cst.AnnAssign(node.target, annotation))
        return
    yield Replace(old, new)
    yield from (Remove(arg) for arg in going)
