"""Lets a list look for duplicates itself, where `unique_items=True` did."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import CannotFix, Change, DropImport, InsertBefore, Remove, Replace, Site
from trueup.libraries.pydantic.field_calls import UNIQUE, CurtailedText, UniqueItems
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP316", on=(cst.AnnAssign, cst.Call))
def unique(node: cst.AnnAssign | cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    """`Annotated` around the list, and the function in front of what needs it first."""
    if isinstance(finding.clue, CurtailedText):
        assert isinstance(node, cst.Call)
        yield Replace(node, _curtailed(node, finding.clue, site))
        if len(node.args) == 1:
            yield DropImport("pydantic", "constr")
        return
    clue: UniqueItems = finding.clue
    if isinstance(node, cst.Call):
        yield Replace(node, _unique(_without(node), clue, site))
    else:
        call, old = node.value, _list(node.annotation.annotation)
        assert isinstance(call, cst.Call)
        new = _unique(old, clue, site)
        if len(call.args) > 1:
            yield Replace(old, new)
            yield from (Remove(arg) for arg in call.args if _is_asked(arg))
        else:
            annotation = node.annotation.with_changes(annotation=_within(node.annotation.annotation, old, new))
            yield Replace(node, cst.AnnAssign(node.target, annotation))
    if clue.defines:
        yield InsertBefore(_outermost(node, site), *site.statements(UNIQUE.format(name=clue.function)))


def _curtailed(node: cst.Call, clue: CurtailedText, site: Site) -> cst.BaseExpression:
    """`constr(curtail_length=3)` -> `Annotated[str, AfterValidator(lambda value: value[:3])]`."""
    kept = [one for one in node.args if one.keyword is None or one.keyword.value != "curtail_length"]
    if kept:
        kept[-1] = kept[-1].with_changes(comma=node.args[-1].comma)
    annotated = site.name_for(("typing", "typing_extensions"), "Annotated")
    after = site.name_for("pydantic", "AfterValidator")
    source = f"{annotated}[_, {after}(lambda value: value[:{clue.length}])]"
    made = cst.ensure_type(site.expression(source), cst.Subscript)
    held = node.with_changes(args=kept) if kept else cst.Name("str")
    return made.with_changes(slice=[made.slice[0].with_changes(slice=cst.Index(held)), *made.slice[1:]])


def _is_asked(arg: cst.Arg) -> bool:
    return arg.keyword is not None and arg.keyword.value == "unique_items"


def _without(call: cst.Call) -> cst.Call:
    """The call without `unique_items`; no comma stays behind."""
    kept = [arg for arg in call.args if not _is_asked(arg)]
    if kept and _is_asked(call.args[-1]):
        kept[-1] = kept[-1].with_changes(comma=call.args[-1].comma)
    return call.with_changes(args=kept)


def _unique(kept: cst.BaseExpression, clue: UniqueItems, site: Site) -> cst.BaseExpression:
    """`Annotated[List[str], AfterValidator(unique_items), Field(...)]`; the schema goes on saying it."""
    annotated = site.name_for(("typing", "typing_extensions"), "Annotated")
    after, field = site.name_for("pydantic", "AfterValidator"), site.name_for("pydantic", "Field")
    source = f'{annotated}[_, {after}({clue.function}), {field}(json_schema_extra={{"uniqueItems": True}})]'
    made = cst.ensure_type(site.expression(source), cst.Subscript)
    first = made.slice[0].with_changes(slice=cst.Index(kept))
    return made.with_changes(slice=[first, *made.slice[1:]])


def _list(annotation: cst.BaseExpression) -> cst.BaseExpression:
    """`List[...]` of `Optional[List[...]]`."""
    match annotation:
        case cst.Subscript(
            value=cst.Name("Optional") | cst.Attribute(attr=cst.Name("Optional")),
            slice=[cst.SubscriptElement(slice=cst.Index(value=inner))],
        ):
            return inner
    return annotation


def _within(annotation: cst.BaseExpression, old: cst.BaseExpression, new: cst.BaseExpression) -> cst.BaseExpression:
    """The annotation with the list in it rewritten, `Optional` around it or not."""
    if annotation is old:
        return new
    optional = cst.ensure_type(annotation, cst.Subscript)
    return optional.with_changes(slice=[optional.slice[0].with_changes(slice=cst.Index(new))])


def _outermost(node: cst.CSTNode, site: Site) -> cst.CSTNode:
    """The statement of the module that holds a node."""
    around = [node, *site.ancestors(node)]
    if len(around) < 2:
        raise CannotFix("no statement holds it")
    return around[-2]
