"""Imports what version 2 has in the place of a name, as that name where other code uses it."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, InsertAfter, Remove, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUS504", on=(cst.ImportFrom, cst.Attribute))
def modern(node: cst.ImportFrom | cst.Attribute, finding: Finding, site: Site) -> Iterator[Change]:
    if isinstance(node, cst.Attribute):
        module, name = finding.clue
        yield Replace(node, site.reference(module, name))
        return
    moves = {old: (module, name) for old, module, name in finding.clue}
    assert not isinstance(node.names, cst.ImportStar)
    going = [alias for alias in node.names if _name(alias) in moves]
    lines: dict[str, list[str]] = {}
    for alias in going:
        module, name = moves[_name(alias)]
        local = cst.ensure_type(alias.asname.name, cst.Name).value if alias.asname is not None else _name(alias)
        text = name if local == name else f"{name} as {local}"
        if text not in lines.setdefault(module, []):
            lines[module].append(text)
    new = [
        line
        for module, names in lines.items()
        for line in site.statements(f"from {module} import {', '.join(names)}\n")
    ]
    if len(going) == len(node.names):
        yield Replace(node, *new)
        return
    yield from (Remove(alias) for alias in going)
    yield InsertAfter(node, *new)


def _name(alias: cst.ImportAlias) -> str:
    return cst.ensure_type(alias.name, cst.Name).value
