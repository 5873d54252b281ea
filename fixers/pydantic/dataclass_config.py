"""Makes a class that configures dataclasses a `ConfigDict` of the same name."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, DropImport, Replace, Site
from trueup.model import Finding
from trueup.registry import fix

WIDTH = 88
"""The longest line that is written in one piece."""


@fix("TUP207", on=cst.ClassDef)
def made(node: cst.ClassDef, finding: Finding, site: Site) -> Iterator[Change]:
    """One assignment in the place of the class."""
    for module in ("pydantic", "pydantic.config"):
        yield DropImport(module, "Extra")
    maker = site.name_for(("pydantic", "pydantic.config"), "ConfigDict")
    arguments = [f"{key.new}={key.value}" for key in finding.clue if key.new]
    line = f"{node.name.value} = {maker}({', '.join(arguments)})"
    if len(line) > WIDTH or "\n" in line:
        inner = "".join(f"{site.default_indent}{one},\n" for one in arguments)
        line = f"{node.name.value} = {maker}(\n{inner})"
    yield Replace(node, *site.statements(line + "\n"))
