"""Writes a call of SQLAlchemy 1 with the arguments and the methods of SQLAlchemy 2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import libcst as cst

from trueup.change import CannotFix, Site, keyword
from trueup.libraries.sqlalchemy.core import SQLALCHEMY, CallRewrite, Part

from .query_layout import broken, line, too_long

_NOTHING = cst.SimpleWhitespace("")
_DEFAULT = cst.MaybeSentinel.DEFAULT


@dataclass
class _Arguments:
    """The arguments of a call, and the lines around them."""

    args: list[cst.Arg] = field(default_factory=list)
    before: cst.BaseParenthesizableWhitespace | None = None
    after: cst.BaseParenthesizableWhitespace | None = None


def rewritten(node: cst.Call, plan: CallRewrite, site: Site) -> cst.BaseExpression:
    """The call as version 2 wants it."""
    kept = _written(node, plan.keep, site)
    untouched = len(plan.keep) == len(node.args) and not any(
        part.unpack or part.index != place or bool(part.keyword) != (node.args[place].keyword is not None)
        for place, part in enumerate(plan.keep)
    )
    before = kept.before or (node.whitespace_before_args if untouched else _NOTHING)
    if not untouched and kept.before is None:
        kept.args = [arg if arg.keyword is not None else arg.with_changes(comma=_DEFAULT) for arg in kept.args]
        if kept.args and _is_broken(node.whitespace_before_args) and any(arg.keyword is not None for arg in kept.args):
            before = node.whitespace_before_args
    found = node.with_changes(
        args=node.args if untouched else kept.args, whitespace_before_args=before, lpar=(), rpar=()
    )
    if len(plan.calls) == len(node.args) == 1 and [part.unpack for part in plan.calls[0][1]] == [False]:
        method, (only,) = plan.calls[0]
        if only.index == 0 and not only.keyword and not only.code and node.args[0].keyword is None:
            # The one argument moves as it is, with the lines around it.
            return node.with_changes(func=cst.Attribute(found, cst.Name(method)))
    for method, parts in plan.calls:
        more = _written(node, parts, site)
        found = cst.Call(
            cst.Attribute(found, cst.Name(method)), more.args, whitespace_before_args=more.before or _NOTHING
        )
    indent = too_long(node, found, 0, site) if plan.calls and not node.lpar else None
    if indent is None:
        return found.with_changes(lpar=node.lpar, rpar=node.rpar)
    deeper = indent + site.default_indent
    return broken(found, 0, deeper, site).with_changes(
        lpar=[cst.LeftParen(whitespace_after=line(deeper))], rpar=[cst.RightParen(whitespace_before=line(indent))]
    )


def _written(node: cst.Call, parts: Sequence[Part], site: Site) -> _Arguments:
    found = _Arguments()
    for part in parts:
        if part.code:
            found.args.append(cst.Arg(site.reference(SQLALCHEMY, part.code)))
            continue
        arg = node.args[part.index]
        if part.unpack and isinstance(arg.value, cst.List | cst.Tuple) and arg.value.elements:
            _unpack(node, arg, arg.value, found, alone=len(parts) == 1)
        elif part.unpack:
            value = arg.value
            if isinstance(value, cst.GeneratorExp | cst.BinaryOperation | cst.IfExp) and not value.lpar:
                value = value.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
            found.args.append(cst.Arg(value, star="*"))
        elif part.keyword:
            found.args.append(_kept(node, arg) if arg.keyword is not None else keyword(part.keyword, arg.value))
        else:
            found.args.append(cst.Arg(arg.value))
    if parts and parts[-1].keyword and node.args[parts[-1].index] is not node.args[-1]:
        found.args[-1] = found.args[-1].with_changes(comma=_DEFAULT)
    if found.args and found.after is not None:
        found.args[-1] = found.args[-1].with_changes(whitespace_after_arg=found.after)
    elif found.args and node.args and parts and parts[-1].index == len(node.args) - 1 and len(parts) > 1:
        last = node.args[-1]
        found.args[-1] = found.args[-1].with_changes(comma=last.comma, whitespace_after_arg=last.whitespace_after_arg)
    return found


def _kept(node: cst.Call, arg: cst.Arg) -> cst.Arg:
    """An argument that stays, with the comma and the line break behind it unless it was the last."""
    if arg is node.args[-1]:
        return arg.with_changes(comma=_DEFAULT, whitespace_after_arg=_NOTHING)
    return arg


def _unpack(node: cst.Call, arg: cst.Arg, value: cst.List | cst.Tuple, found: _Arguments, *, alone: bool) -> None:
    """The elements of a list as arguments, on lines as they were; a list on lines of its own moves to the left."""
    if not isinstance(value, cst.List):
        for element in value.elements:
            found.args.append(cst.Arg(element.value))
        return
    outer, inner = node.whitespace_before_args, value.lbracket.whitespace_after
    elements = value.elements
    args = [_element(element, is_last=False) for element in elements[:-1]]
    last = elements[-1]
    if _is_broken(outer) and _is_broken(inner):
        step = len(_indent(inner)) - len(_indent(outer))
        moved = [one.visit(_Left(step)) for one in args]
        args = [one for one in moved if isinstance(one, cst.Arg)]
        if len(args) != len(moved):
            raise CannotFix("its arguments cannot be moved")
        end = _element(last, is_last=True).visit(_Left(step))
        assert isinstance(end, cst.Arg)
        before = inner.visit(_Left(step))
        assert isinstance(before, cst.ParenthesizedWhitespace)
        found.before = before
        if alone:
            behind = arg.comma.whitespace_after if isinstance(arg.comma, cst.Comma) else _NOTHING
            found.after = next((one for one in (arg.whitespace_after_arg, behind) if _is_broken(one)), _NOTHING)
            args.append(end.with_changes(comma=last.comma))
        else:
            args.append(end.with_changes(comma=_comma(arg, last)))
    elif alone:
        found.before = inner
        closing = value.rbracket.whitespace_before
        found.after = closing
        args.append(_element(last, is_last=True).with_changes(comma=last.comma))
    else:
        if _is_broken(inner):
            found.before = inner
        args.append(_element(last, is_last=True).with_changes(comma=_comma(arg, last)))
    found.args += args


def _comma(arg: cst.Arg, last: cst.BaseElement) -> cst.Comma | cst.MaybeSentinel:
    """The comma behind the last element of a list that other arguments follow."""
    return arg.comma if isinstance(arg.comma, cst.Comma) else _DEFAULT


def _element(element: cst.BaseElement, *, is_last: bool) -> cst.Arg:
    comma = _DEFAULT if is_last else element.comma
    return cst.Arg(element.value, star="*" if isinstance(element, cst.StarredElement) else "", comma=comma)


def _is_broken(space: cst.BaseParenthesizableWhitespace) -> bool:
    return isinstance(space, cst.ParenthesizedWhitespace)


def _indent(space: cst.BaseParenthesizableWhitespace) -> str:
    return space.last_line.value if isinstance(space, cst.ParenthesizedWhitespace) else ""


class _Left(cst.CSTTransformer):
    """Moves lines to the left by a number of characters."""

    def __init__(self, step: int) -> None:
        super().__init__()
        self.step = max(step, 0)

    def leave_ParenthesizedWhitespace(
        self, original_node: cst.ParenthesizedWhitespace, updated_node: cst.ParenthesizedWhitespace
    ) -> cst.ParenthesizedWhitespace:
        lines = [
            one.with_changes(whitespace=self._moved(one.whitespace)) if one.comment is not None and one.indent else one
            for one in updated_node.empty_lines
        ]
        return updated_node.with_changes(empty_lines=lines, last_line=self._moved(updated_node.last_line))

    def _moved(self, space: cst.SimpleWhitespace) -> cst.SimpleWhitespace:
        return cst.SimpleWhitespace(space.value[min(self.step, len(space.value)) :])
