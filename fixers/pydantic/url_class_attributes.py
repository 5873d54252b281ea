"""Puts what a class of URLs allows into its `_constraints`."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Remove, Replace, Site
from trueup.model import Finding
from trueup.registry import fix

WIDTH = 100
"""The longest line that is written in one piece."""


@fix("TUP723", on=cst.ClassDef)
def constrained(node: cst.ClassDef, finding: Finding, site: Site) -> Iterator[Change]:
    """The first attribute gives its place to all of them."""
    names, arguments = finding.clue
    maker = site.name_for("pydantic", "UrlConstraints")
    first = True
    for line in node.body.body:
        small = line.body if isinstance(line, cst.SimpleStatementLine) else [line]
        for one in small:
            match one:
                case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))]):
                    pass
                case cst.AnnAssign(target=cst.Name(value=name)):
                    pass
                case _:
                    continue
            if name not in names:
                continue
            if first:
                code = f"_constraints = {maker}({', '.join(arguments)})"
                if len(code) + len(site.indent(node)) > WIDTH:
                    lines = "".join(f"{site.default_indent}{one},\n" for one in arguments)
                    code = f"_constraints = {maker}(\n{lines})"
                made = site.statements(code)[0]
                assert isinstance(made, cst.SimpleStatementLine)
                yield Replace(one, made.body[0])
            else:
                yield Remove(one)
            first = False
