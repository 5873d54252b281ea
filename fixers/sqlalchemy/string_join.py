"""Joins attributes in the place of strings, one in each call."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import CannotFix, Change, Replace, Site
from trueup.libraries.sqlalchemy.queries import JoinRewrite
from trueup.model import Finding
from trueup.registry import fix


@fix("TUS402", on=cst.Call)
def joined(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    clue, func = finding.clue, node.func
    assert isinstance(clue, JoinRewrite) and isinstance(func, cst.Attribute)
    plain = [arg for arg in node.args if arg.keyword is None]
    keywords = [arg for arg in node.args if arg.keyword is not None]
    if len(clue.hops) == 1 and len(plain) == len(clue.hops[0]) == 1:
        yield Replace(plain[0].value, _value(clue.hops[0][0], plain, site))
        return
    found = func.value
    for hop in clue.hops:
        args = [cst.Arg(_value(one, plain, site)) for one in hop] + keywords
        found = cst.Call(func.with_changes(value=found), args)
    yield Replace(node, found.with_changes(lpar=node.lpar, rpar=node.rpar) if isinstance(found, cst.Call) else found)


def _value(one: str | int | tuple[int, int], args: list[cst.Arg], site: Site) -> cst.BaseExpression:
    if isinstance(one, str):
        return site.expression(one)
    if isinstance(one, int):
        return args[one].value
    held = args[one[0]].value
    if not isinstance(held, cst.Tuple):
        raise CannotFix("it is no tuple")
    return held.elements[one[1]].value
