"""Gives the arguments of a route's parameter their names of today."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Remove, Replace, Site, keyword
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP902", on=cst.Call)
def renamed(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    """New names one by one; what is for the schema becomes one dict in the place of the first of it."""
    change = finding.clue
    new = {one.old: one for one in change.renamed}
    extra: list[cst.Arg] = []
    for arg in node.args:
        name = arg.keyword.value if arg.keyword is not None else ""
        if arg.keyword is not None and name in new:
            yield Replace(arg.keyword, cst.Name(new[name].new))
            if new[name].value:
                yield Replace(arg.value, site.expression(new[name].value))
        elif name in change.extra:
            extra.append(arg)
    if extra:
        quote = change.quote
        entries = [
            cst.DictElement(cst.SimpleString(quote + name + quote), arg.value)
            for name, arg in zip(change.extra, extra, strict=True)
        ]
        yield Replace(extra[0], keyword("json_schema_extra", cst.Dict(entries)))
        yield from (Remove(arg) for arg in extra[1:])
