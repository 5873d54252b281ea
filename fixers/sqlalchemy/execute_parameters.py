"""Puts all parameters of a statement into one argument."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Replace, Site, keyword
from trueup.model import Finding
from trueup.registry import fix


@fix("TUS507", on=cst.Call)
def together(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    form, first = finding.clue
    kept, rest = list(node.args[:first]), list(node.args[first:])
    if form == "bind":
        yield Replace(node, node.with_changes(args=[*kept, keyword("bind_arguments", _dictionary(rest))]))
        return
    value: cst.BaseExpression
    if form == "dict":
        value = _dictionary(rest)
    else:
        elements = [cst.Element(arg.value) for arg in rest]
        value = cst.List(elements) if form == "list" else cst.Tuple(elements)
    if form == "tuple" and len(rest) == 1:
        value = cst.Tuple([cst.Element(rest[0].value, comma=cst.Comma())])
    last = rest[-1]
    made = cst.Arg(value, comma=last.comma, whitespace_after_arg=last.whitespace_after_arg)
    yield Replace(node, node.with_changes(args=[*kept, made]))


def _dictionary(args: list[cst.Arg]) -> cst.Dict:
    """`{"a": 1}` of `a=1`."""
    return cst.Dict(
        [cst.DictElement(cst.SimpleString(f'"{arg.keyword.value}"'), arg.value) for arg in args if arg.keyword]
    )
