"""`response_model` for a route that returns stored objects."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import CannotFix, Change, InsertAfter, Site, keyword
from trueup.model import Finding
from trueup.registry import fix


@fix("TUL106", on=cst.Return)
def repair(node: cst.Return, finding: Finding, site: Site) -> Iterator[Change]:
    module, name, is_list = finding.clue
    function = site.function_at(node)
    if function is None:
        raise CannotFix("it stands in no function")
    model: cst.BaseExpression = site.reference(module, name) if module else cst.Name(name)
    if is_list:
        model = cst.Subscript(cst.Name("list"), [cst.SubscriptElement(cst.Index(model))])
    for one in function.decorators:
        if not isinstance(one.decorator, cst.Call) or not one.decorator.args:
            raise CannotFix("its decorator has no arguments")
        yield InsertAfter(one.decorator.args[-1], keyword("response_model", model))
