"""Puts what `Field` has no argument for into `json_schema_extra`."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, InsertAfter, Remove, Replace, Site, keyword
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP314", on=cst.Call)
def gathered(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    """One dict in the place of the first of them, or more entries in the dict that is there."""
    extra = finding.clue
    going = {
        arg.keyword.value: arg for arg in node.args if arg.keyword is not None and arg.keyword.value in extra.names
    }
    quote = extra.quote
    entries = [cst.DictElement(cst.SimpleString(quote + name + quote), arg.value) for name, arg in going.items()]
    held = next((a for a in node.args if a.keyword is not None and a.keyword.value == "json_schema_extra"), None)
    if held is not None and isinstance(held.value, cst.Dict):
        if held.value.elements:
            yield InsertAfter(held.value.elements[-1], *entries)
        else:
            yield Replace(held.value, cst.Dict(entries))
        yield from (Remove(arg) for arg in going.values())
        return
    first, *rest = going.values()
    new = keyword("json_schema_extra", cst.Dict(entries))
    yield Replace(first, new)
    yield from (Remove(arg) for arg in rest)
