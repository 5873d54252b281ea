"""Puts other expressions where a function's body has some given source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import libcst as cst

from trueup.change import Change, Replace, Site
from trueup.libraries.pydantic.config import usual_quote


def rewrites_in(node: cst.CSTNode, rewrites: Mapping[str, str], site: Site) -> Iterator[Change]:
    """A change for each expression below a node whose source is among some, outermost first.

    The names of attributes, keywords and parameters are no expressions.
    """
    stack: list[cst.CSTNode] = [node] if rewrites else []
    while stack:
        one = stack.pop()
        new = rewrites.get(site.code_for(one)) if isinstance(one, cst.BaseExpression) else None
        if new is not None:
            yield Replace(one, site.expression(new))
        elif isinstance(one, cst.Attribute | cst.Arg):
            stack.append(one.value)
        elif isinstance(one, cst.Param):
            described = one.annotation.annotation if one.annotation is not None else None
            stack += [child for child in (described, one.default) if child is not None]
        else:
            stack += reversed(one.children)


def with_rewrites(node: cst.BaseSuite, rewrites: Mapping[str, str], site: Site) -> cst.BaseSuite:
    """The body of a function with the same changes made, for another place."""
    new = {
        id(change.node): change.new[0] for change in rewrites_in(node, rewrites, site) if isinstance(change, Replace)
    }
    made = node.visit(_Rewriter(new))
    assert isinstance(made, cst.BaseSuite)
    return made.deep_clone()


class _Rewriter(cst.CSTTransformer):
    """Puts other nodes in the place of some."""

    def __init__(self, new: Mapping[int, cst.CSTNode]) -> None:
        super().__init__()
        self.new = new

    def on_leave(self, original_node: cst.CSTNode, updated_node: cst.CSTNode) -> cst.CSTNode:  # type: ignore[override]
        """The new node where there is one."""
        return self.new.get(id(original_node), updated_node)


def text(value: str, site: Site) -> cst.SimpleString:
    """A string in the quotes that the file has."""
    quote = usual_quote(site.text)
    return cst.SimpleString(f"{quote}{value}{quote}")
