"""Names attributes in the place of strings in a loader option."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, DropImport, Replace, Site
from trueup.libraries.sqlalchemy.queries import OptionRewrite
from trueup.model import Finding
from trueup.registry import fix


@fix("TUS403", on=cst.Call)
def named(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    clue, func = finding.clue, node.func
    assert isinstance(clue, OptionRewrite)
    old = func.attr.value if isinstance(func, cst.Attribute) else func.value if isinstance(func, cst.Name) else ""
    plain = [arg for arg in node.args if arg.keyword is None]
    (last, args), *before = reversed(clue.calls)
    if not before and last == old and len(args) == len(plain):
        for arg, code in zip(plain, args, strict=True):
            if site.code_for(arg.value) != code:
                yield Replace(arg.value, site.expression(code))
        return
    found: cst.BaseExpression | None = None
    if isinstance(func, cst.Attribute) and isinstance(func.value, cst.Call):
        found = func.value
    for index, (name, codes) in enumerate(clue.calls):
        if found is not None:
            callee: cst.BaseExpression = cst.Attribute(found, cst.Name(name))
        elif isinstance(func, cst.Attribute):
            callee = func.with_changes(attr=cst.Name(name))
        elif name == old:
            callee = func
        else:
            callee = site.reference(("sqlalchemy.orm", "sqlalchemy.orm.strategy_options"), name)
        more = [arg for arg in node.args if arg.keyword is not None] if index == len(clue.calls) - 1 else []
        found = cst.Call(callee, [*(cst.Arg(site.expression(code)) for code in codes), *more])
    assert found is not None
    yield Replace(node, found)
    if last != old:
        yield DropImport("sqlalchemy.orm", old)
