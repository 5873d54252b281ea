"""Imports what moved from where Pydantic 2 has it, and spells out what is gone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from trueup.change import AddImport, Change, DropImport, InsertAfter, Remove, Replace, Site
from trueup.libraries.pydantic.moved import BORROWED, LEGACY, SPELLED, MovedName
from trueup.model import Finding
from trueup.registry import fix

_BRACES = re.compile(r"{(\w+)}")
_ALONE = sorted({module.removeprefix("pydantic.") for module, _ in (*BORROWED, *LEGACY) if "." in module})
"""Modules that are imported as a whole: `from pydantic import typing as pydantic_typing`."""
_HOMES = {name: tuple(home for home, other in SPELLED if other == name) for _, name in SPELLED}


@fix("TUP401", on=(cst.ImportFrom, cst.Attribute, cst.Name))
def moved(node: cst.ImportFrom | cst.Attribute | cst.Name, finding: Finding, site: Site) -> Iterator[Change]:
    """An import gives up the names that moved; anything else is replaced where it stands."""
    clue = finding.clue
    if isinstance(node, cst.ImportFrom):
        yield from _import(node, clue, site)
    elif isinstance(clue[0], MovedName):
        one = clue[0]
        if one.module == "typing" or one.module.startswith("pydantic."):
            yield Replace(node, site.expression(site.name_for(one.module, one.new)))
        else:
            yield Replace(node, site.expression(f"{one.module}.{one.new}"))
            yield AddImport(one.module)
        yield DropImport("pydantic")
        yield DropImport("pydantic.env_settings")
        if isinstance(node.value, cst.Name):
            for module in _ALONE:
                yield DropImport("pydantic", module)
    else:
        name, pattern = clue
        code = _BRACES.sub(lambda found: site.name_for("typing", found[1]), pattern)
        yield Replace(node, site.expression(code))
        for module in _HOMES.get(name, ("pydantic", "pydantic.main", "pydantic.config")):
            yield DropImport(module, name)
            yield DropImport(module)


def _import(node: cst.ImportFrom, moves: tuple[MovedName, ...], site: Site) -> Iterator[Change]:
    """The import stays in its place, be that a `try` or a function; what moved is imported right behind it."""
    if isinstance(node.names, cst.ImportStar):
        for one in moves:
            text = one.new if one.new == one.name else f"{one.new} as {one.name}"
            yield InsertAfter(node, *site.statements(f"from {one.module} import {text}\n"))
        return
    by_name = {one.name: one for one in moves}
    going = [alias for alias in node.names if _name(alias) in by_name]
    lines: dict[str, list[str]] = {}
    for alias in going:
        one = by_name[_name(alias)]
        if not one.module:
            continue
        local = _alias(alias, one)
        lines.setdefault(one.module, []).append(f"{one.new} as {local}" if local else one.new)
    new = [
        line
        for module, names in lines.items()
        for line in site.statements(f"from {module} import {', '.join(names)}\n")
    ]
    if len(going) == len(node.names):
        yield Replace(node, *new) if new else Remove(node)
        return
    yield from (Remove(alias) for alias in going)
    if new:
        yield InsertAfter(node, *new)


def _name(alias: cst.ImportAlias) -> str:
    return cst.ensure_type(alias.name, cst.Name).value


def _alias(alias: cst.ImportAlias, one: MovedName) -> str | None:
    """The name it goes by in the file, where that is not its own."""
    local = cst.ensure_type(alias.asname.name, cst.Name).value if alias.asname is not None else one.name
    return local if local != one.new else None
