"""Puts `validate_call` in the place of `validate_arguments`, and lets None in where it is the default."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import CannotFix, Change, DropImport, Remove, Replace, Site
from trueup.libraries.pydantic.functions import ValidatedCall
from trueup.model import Finding
from trueup.registry import fix

_OLD = "validate_arguments"


@fix("TUP602", on=(cst.Name, cst.Attribute, cst.FunctionDef))
def renamed(node: cst.Name | cst.Attribute | cst.FunctionDef, finding: Finding, site: Site) -> Iterator[Change]:
    """The name, and the annotations of a function."""
    clue = finding.clue
    assert isinstance(clue, ValidatedCall)
    for module in ("pydantic", "pydantic.decorator"):
        yield DropImport(module, _OLD)
    yield DropImport("pydantic")
    if not isinstance(node, cst.FunctionDef):
        yield Replace(node, site.reference("pydantic", "validate_call"))
        return
    written = site.text.encode()[finding.span.start : finding.span.end].decode()
    for decorator in node.decorators:
        named = decorator.decorator.func if isinstance(decorator.decorator, cst.Call) else decorator.decorator
        if site.code_for(named) == written:
            yield Replace(named, site.reference("pydantic", "validate_call", at=named))
    params = node.params
    for param in (*params.posonly_params, *params.params, *params.kwonly_params):
        if param.name.value in clue.bare and param.annotation is not None:
            yield Remove(param.annotation)
        elif param.name.value in clue.parameters and param.annotation is not None:
            inner = param.annotation.annotation
            yield Replace(inner, _with_none(inner, site))


def _with_none(old: cst.BaseExpression, site: Site) -> cst.BaseExpression:
    optional = site.name_for("typing", "Optional")
    if isinstance(old, cst.SimpleString):
        if old.raw_value != old.evaluated_value or "\n" in old.raw_value:
            raise CannotFix("the annotation is a string with escapes or several lines")
        return old.with_changes(value=f"{old.prefix}{old.quote}{optional}[{old.raw_value}]{old.quote}")
    if isinstance(old, cst.ConcatenatedString):
        raise CannotFix("the annotation is a string in several parts")
    return cst.Subscript(site.expression(optional), [cst.SubscriptElement(cst.Index(old))])
