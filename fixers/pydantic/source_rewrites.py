"""Puts other expressions where a function's body has some given source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import libcst as cst

from trueup.change import Change, InsertAfter, InsertFirst, Remove, Replace, Site
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


def applied(node: cst.FunctionDef, changes: Iterable[Change], place: cst.FunctionDef) -> cst.FunctionDef:
    """A function with the changes of its own nodes made, to be put in the place of another one.

    Its comments come with it. Changes of other nodes, and of imports, are no business of this.
    """
    changer = _Changer(node)
    for change in changes:
        if isinstance(change, Replace):
            changer.new[id(change.node)] = list(change.new)
        elif isinstance(change, Remove):
            changer.new[id(change.node)] = []
        elif isinstance(change, InsertAfter):
            changer.after[id(change.node)] = list(change.new)
        elif isinstance(change, InsertFirst) and change.owner is node:
            changer.first += change.new
    made = node.visit(changer)
    assert isinstance(made, cst.FunctionDef)
    comments = [line for line in node.leading_lines if line.comment is not None]
    blank = [cst.EmptyLine(indent=False)] if any(line.comment is None for line in place.leading_lines) else []
    return made.deep_clone().with_changes(leading_lines=[*blank, *comments])


class _Changer(cst.CSTTransformer):
    """Makes changes in a copy of a function."""

    def __init__(self, function: cst.FunctionDef) -> None:
        super().__init__()
        self.function = function
        self.new: dict[int, list[cst.CSTNode]] = {}
        """What stands in the place of a node."""
        self.after: dict[int, list[cst.CSTNode]] = {}
        self.first: list[Any] = []
        """What the body begins with."""

    def on_leave(self, original_node: cst.CSTNode, updated_node: cst.CSTNode) -> Any:
        """The new nodes where there are some."""
        nodes = self.new.get(id(original_node), [updated_node])
        nodes = [*nodes, *self.after.get(id(original_node), [])]
        if original_node is self.function and isinstance(updated_node, cst.FunctionDef) and self.first:
            body = updated_node.body
            assert isinstance(body, cst.IndentedBlock)
            behind = 1 if self.function.get_docstring() is not None else 0
            lines = [*body.body[:behind], *self.first, *body.body[behind:]]
            return updated_node.with_changes(body=body.with_changes(body=lines))
        if isinstance(updated_node, cst.Call) and nodes == [updated_node] and updated_node.args:
            return _without_last_comma(updated_node)
        if not nodes:
            return cst.RemoveFromParent()
        return nodes[0] if len(nodes) == 1 else cst.FlattenSentinel(nodes)


def _without_last_comma(call: cst.Call) -> cst.Call:
    """A call without the comma in front of its `)`, as long as that stands on the same line."""
    last = call.args[-1]
    if isinstance(last.comma, cst.Comma) and isinstance(last.comma.whitespace_after, cst.SimpleWhitespace):
        return call.with_changes(args=[*call.args[:-1], last.with_changes(comma=cst.MaybeSentinel.DEFAULT)])
    return call


def text(value: str, site: Site) -> cst.SimpleString:
    """A string in the quotes that the file has."""
    quote = usual_quote(site.text)
    return cst.SimpleString(f"{quote}{value}{quote}")
