"""Moves constraints of elements from the call of `Query` and the like into the annotation."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import CannotFix, Change, Remove, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP903", on=(cst.Subscript, cst.BinaryOperation))
def moved(node: cst.Subscript | cst.BinaryOperation, finding: Finding, site: Site) -> Iterator[Change]:
    """Parts of the annotation are wrapped from the last to the first."""
    param = next(one for one in site.ancestors(node) if isinstance(one, cst.Param))
    push, call, source = finding.clue, param.default, site.code_for(node)
    assert isinstance(call, cst.Call)
    if "#" in source:
        raise CannotFix("there are comments in the annotation")
    annotated = site.name_for(("typing", "typing_extensions"), "Annotated")
    field = site.name_for(("pydantic", "pydantic.fields"), "Field")
    for start, end, arguments in reversed(push.places):
        source = f"{source[:start]}{annotated}[{source[start:end]}, {field}({arguments})]{source[end:]}"
    yield Replace(node, site.expression(source))
    yield from (Remove(arg) for arg in call.args if arg.keyword is not None and arg.keyword.value in push.names)
