"""A `*` in front of what is optional."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUL111", on=cst.FunctionDef)
def repair(node: cst.FunctionDef, finding: Finding, site: Site) -> Iterator[Change]:
    params = list(node.params.params)
    at = next(index for index, one in enumerate(params) if one.name.value == finding.clue)
    before = params[at - 1].comma if at else cst.MaybeSentinel.DEFAULT
    space = before.whitespace_after if isinstance(before, cst.Comma) else cst.SimpleWhitespace(" ")
    star = cst.ParamStar(comma=cst.Comma(whitespace_after=space))
    yield Replace(node.params, node.params.with_changes(params=params[:at], star_arg=star, kwonly_params=params[at:]))
