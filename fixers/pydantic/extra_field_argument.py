"""Puts what `Field` has no argument for into `json_schema_extra`."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, InsertAfter, Remove, Replace, Site, keyword
from trueup.libraries.pydantic.field_calls import SchemaPuts
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP314", on=cst.Call)
def gathered(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    """One dict in the place of the first of them, or more entries in the dict that is there."""
    extra = finding.clue
    if isinstance(extra, SchemaPuts):
        yield from _put(node, extra, site)
        return
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


def _put(node: cst.Call, puts: SchemaPuts, site: Site) -> Iterator[Change]:
    """`kwargs["widget"] = 1` -> `kwargs["json_schema_extra"] = {**..., "widget": 1}`, in the function around."""
    around: cst.CSTNode | None = site.parent(node)
    while around is not None and not isinstance(around, cst.FunctionDef):
        around = site.parent(around)
    key = f"{puts.quote}json_schema_extra{puts.quote}"
    targets = {f"{puts.held}[{one}]": one for one in puts.keys}
    stack: list[cst.CSTNode] = [around] if around is not None else []
    while stack:
        one = stack.pop()
        if isinstance(one, cst.Assign) and (put := targets.get(site.code_for(one.targets[0].target))):
            value = site.code_for(one.value)
            yield Replace(one.targets[0].target, site.expression(f"{puts.held}[{key}]"))
            yield Replace(one.value, site.expression(f"{{**{puts.held}.get({key}, {{}}), {put}: {value}}}"))
        stack += reversed(one.children)
