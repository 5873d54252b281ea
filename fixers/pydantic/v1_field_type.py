"""Works out what `type_` of a field was, from its annotation."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import CannotFix, Change, InsertBefore, Replace, Site
from trueup.libraries.pydantic.field_types import INNER, INNER_NAMES, InnerType
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP110", on=cst.Attribute)
def worked_out(node: cst.Attribute, finding: Finding, site: Site) -> Iterator[Change]:
    """`field.type_` -> `inner_type(field.annotation)`, and the function in front of what needs it first."""
    clue: InnerType = finding.clue
    annotation = node.with_changes(attr=cst.Name("annotation"), lpar=(), rpar=())
    yield Replace(node, cst.Call(cst.Name(clue.function), [cst.Arg(annotation)]))
    if clue.defines:
        around = [node, *site.ancestors(node)]
        if len(around) < 2:
            raise CannotFix("no statement holds it")
        names = {name: site.name_for(modules, name) for name, modules in INNER_NAMES.items()}
        yield InsertBefore(around[-2], *site.statements(INNER.format(name=clue.function, **names)))
