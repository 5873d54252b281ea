"""Gives the hook for classes below a model its name of Pydantic 2."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix

_OLD, _NEW = "__init_subclass__", "__pydantic_init_subclass__"


@fix("TUP107", on=cst.FunctionDef)
def renamed(node: cst.FunctionDef, finding: Finding, site: Site) -> Iterator[Change]:
    """The name, that of the method it calls above, and `@classmethod`, which only the old one had by itself."""
    decorators = list(node.decorators)
    if not any(isinstance(one.decorator, cst.Name) and one.decorator.value == "classmethod" for one in decorators):
        decorators.append(cst.Decorator(cst.Name("classmethod")))
    body = node.body.visit(_Above())
    yield Replace(node, node.with_changes(decorators=decorators, name=cst.Name(_NEW), body=body))


class _Above(cst.CSTTransformer):
    """Renames in `super().__init_subclass__`."""

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.Attribute:
        if updated_node.attr.value == _OLD and isinstance(updated_node.value, cst.Call):
            return updated_node.with_changes(attr=cst.Name(_NEW))
        return updated_node
