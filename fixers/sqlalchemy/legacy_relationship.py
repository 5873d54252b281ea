"""Annotates a relationship with the class it leads to."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import AddImport, Change, Replace, Site
from trueup.libraries.sqlalchemy.hints import Hint, RelationshipHint
from trueup.model import Finding
from trueup.registry import fix

from .declared_attributes import declared

_ORM = "sqlalchemy.orm"


@fix("TUS301", on=(cst.Assign, cst.AnnAssign, cst.FunctionDef))
def annotated(node: cst.Assign | cst.AnnAssign | cst.FunctionDef, finding: Finding, site: Site) -> Iterator[Change]:
    hint = finding.clue
    assert isinstance(hint, RelationshipHint)
    annotation = cst.Annotation(_annotation(hint, site, node))
    if isinstance(node, cst.FunctionDef):
        yield Replace(node, declared(node, annotation, hint.classmethod))
    elif isinstance(node, cst.AnnAssign):
        yield Replace(node, node.with_changes(annotation=annotation))
    else:
        yield Replace(node, cst.AnnAssign(node.targets[0].target, annotation, node.value))


def _annotation(hint: RelationshipHint, site: Site, at: cst.CSTNode) -> cst.BaseExpression:
    target = hint.target or site.name_for("typing", "Any", at=at)
    if hint.module:
        target = site.name_for(hint.module, hint.target, at=at, type_checking=True)
    container = _spelled(hint.container, site, at) if hint.container is not None else ""
    plain = hint.optional and not container and not hint.style.union
    optional = site.name_for("typing", "Optional", at=at) if plain else ""
    holder = site.name_for(_ORM, hint.holder, at=at)
    return site.expression(hint.spelled(target, holder, container, optional))


def _spelled(hint: Hint, site: Site, at: cst.CSTNode) -> str:
    if hint.dotted:
        site.imports.append(AddImport(hint.module))
        name = f"{hint.module}.{hint.name}"
    else:
        name = site.name_for(hint.module, hint.name, at=at) if hint.module else hint.name
    return f"{name}[{', '.join(_spelled(arg, site, at) for arg in hint.args)}]" if hint.args else name
