"""Makes a validator that runs after the fields a method of the model."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Remove, Replace, Site
from trueup.libraries.pydantic.root_plans import RootChange
from trueup.model import Finding
from trueup.registry import fix

from .source_rewrites import rewrites_in


@fix("TUP542", on=cst.FunctionDef)
def made_method(node: cst.FunctionDef, finding: Finding, site: Site) -> Iterator[Change]:
    """The decorator goes, the parameters become `self`, and the names in the body follow."""
    change = finding.clue
    assert isinstance(change, RootChange)
    for one in node.decorators:
        if isinstance(one.decorator, cst.Name) and one.decorator.value == "classmethod":
            yield Remove(one)
    last = [*node.params.posonly_params, *node.params.params][-1]
    yield Replace(node.params, cst.Parameters([cst.Param(cst.Name("self"), comma=last.comma)]))
    yield from rewrites_in(node.body, dict(change.rewrites), site)
