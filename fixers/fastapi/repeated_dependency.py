"""A name for a dependency, in all functions of a module."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import libcst as cst

from trueup.change import CannotFix, Change, InsertBefore, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUF107", on=cst.Subscript)
def repair(node: cst.Subscript, finding: Finding, site: Site) -> Iterator[Change]:
    name, known, text = finding.clue
    first = None
    for function in site.module.body:
        if not isinstance(function, cst.FunctionDef):
            continue
        params = function.params
        for one in (*params.posonly_params, *params.params, *params.kwonly_params):
            said = one.annotation.annotation if one.annotation is not None else None
            if isinstance(said, cst.Subscript) and _text(said, site) == text:
                first = first or function
                yield Replace(said, cst.Name(name))
    if first is None:
        raise CannotFix("the functions do not stand in the module itself")
    if not known:
        yield InsertBefore(first, *site.statements(f"{name} = {text}"))


def _text(node: cst.Subscript, site: Site) -> str:
    return ast.unparse(ast.parse(f"({site.code_for(node)})", mode="eval"))
