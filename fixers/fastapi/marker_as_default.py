"""FastAPI's markers in `Annotated`, with a `*` where a parameter without a default would follow one with a default."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from trueup.change import CannotFix, Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUF101", on=cst.FunctionDef)
def repair(node: cst.FunctionDef, finding: Finding, site: Site) -> Iterator[Change]:
    marked = finding.clue
    annotated = site.reference(("typing", "typing_extensions"), "Annotated")
    old = node.params

    def changed(params: Sequence[cst.Param]) -> list[cst.Param]:
        return [
            _annotated(one, annotated, one.name.value in marked.without_value)
            if one.name.value in marked.names
            else one
            for one in params
        ]

    if not marked.star_before:
        for one in (*old.posonly_params, *old.params, *old.kwonly_params):
            if one.name.value in marked.names:
                yield Replace(one, _annotated(one, annotated, one.name.value in marked.without_value))
        return
    params = changed(old.params)
    at = next(index for index, one in enumerate(params) if one.name.value == marked.star_before)
    yield Replace(
        old,
        old.with_changes(
            posonly_params=changed(old.posonly_params),
            params=params[:at],
            star_arg=_star(params[at - 1]),
            kwonly_params=[*params[at:], *changed(old.kwonly_params)],
        ),
    )


def _star(before: cst.Param) -> cst.ParamStar:
    """A `*`, on a line of its own where the parameter before it ends one."""
    comma = before.comma
    space = comma.whitespace_after if isinstance(comma, cst.Comma) else cst.SimpleWhitespace(" ")
    if isinstance(space, cst.ParenthesizedWhitespace):
        space = cst.ParenthesizedWhitespace(indent=space.indent, last_line=space.last_line)
    return cst.ParamStar(comma=cst.Comma(whitespace_after=space))


def _annotated(param: cst.Param, annotated: cst.BaseExpression, has_no_value: bool) -> cst.Param:
    """`x: Annotated[T, Query(le=1)] = 2` of `x: T = Query(2, le=1)`."""
    marker, annotation = param.default, param.annotation
    if not isinstance(marker, cst.Call) or annotation is None:
        raise CannotFix("it is not written as a call with an annotation")
    value, marker = (None, marker) if has_no_value else _divided(marker)
    kind = annotation.annotation
    both = cst.Subscript(
        annotated,
        [
            cst.SubscriptElement(cst.Index(kind), comma=cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))),
            cst.SubscriptElement(cst.Index(marker)),
        ],
    )
    return param.with_changes(
        annotation=annotation.with_changes(annotation=both),
        default=value,
        equal=cst.MaybeSentinel.DEFAULT,
    )


def _divided(marker: cst.Call) -> tuple[cst.BaseExpression | None, cst.Call]:
    """(the default that a marker gives, the marker without it)."""
    default = next(
        (one for one in marker.args if one.keyword is None or one.keyword.value == "default"),
        None,
    )
    if default is None:
        return None, marker
    left = [one for one in marker.args if one is not default]
    if left:
        left[-1] = left[-1].with_changes(comma=marker.args[-1].comma)
    value = None if isinstance(default.value, cst.Ellipsis) else default.value
    return value, marker.with_changes(args=left)
