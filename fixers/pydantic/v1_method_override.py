"""Turns a `dict()` that adds to what a model gives into a serializer that Pydantic 2 calls."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import CannotFix, Change, Replace, Site
from trueup.libraries.pydantic.overrides import WrapSerializer
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP102", on=cst.FunctionDef)
def serialized(node: cst.FunctionDef, finding: Finding, site: Site) -> Iterator[Change]:
    """The decorator, the name and the parameters, and `handler(self)` in the place of `super().dict(...)`."""
    clue = finding.clue
    assert isinstance(clue, WrapSerializer)
    found = _Dumped()
    node.visit(found)
    if found.call is None:
        raise CannotFix("`super().dict(...)` is not where it was")
    maker = site.name_for("pydantic", "model_serializer")
    me = node.params.params[0]
    header = cst.Decorator(site.expression(f'{maker}(mode="wrap")'))
    parameters = cst.Parameters([me.with_changes(comma=cst.MaybeSentinel.DEFAULT), cst.Param(cst.Name(clue.handler))])
    handled = cst.Call(cst.Name(clue.handler), [cst.Arg(me.name)])
    body = node.body.visit(_Handled(found.call, handled))
    assert isinstance(body, cst.BaseSuite)
    yield Replace(node, node.with_changes(
        decorators=[header], name=cst.Name(clue.name), params=parameters, body=body, returns=None
    ))  # fmt: skip


def _is_dump(node: cst.Call) -> bool:
    match node.func:
        case cst.Attribute(value=cst.Call(func=cst.Name(value="super")), attr=cst.Name(value="dict")):
            return True
    return False


class _Dumped(cst.CSTVisitor):
    """Finds `super().dict(...)`."""

    def __init__(self) -> None:
        super().__init__()
        self.call: cst.Call | None = None

    def visit_Call(self, node: cst.Call) -> None:
        if _is_dump(node):
            self.call = node


class _Handled(cst.CSTTransformer):
    """Puts one call in the place of another."""

    def __init__(self, old: cst.Call, new: cst.Call) -> None:
        super().__init__()
        self.old = old
        self.new = new

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        return self.new if original_node is self.old else updated_node
