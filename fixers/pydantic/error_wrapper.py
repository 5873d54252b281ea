"""Makes an error of validation the way Pydantic 2 and FastAPI do."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, DropImport, Replace, Site
from trueup.libraries.pydantic.errors import ErrorsChange
from trueup.model import Finding
from trueup.registry import fix

WIDTH = 100
"""The longest line that is written in one piece."""


@fix("TUP741", on=cst.Call)
def made(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    """The whole call anew."""
    change = finding.clue
    assert isinstance(change, ErrorsChange)
    items = []
    for one in change.errors:
        if change.model:
            maker = "" if one.error else site.name_for("pydantic_core", "PydanticCustomError")
            error = one.error or f'{maker}("{one.code}", {one.message})'
            items.append(f'{{"type": {error}, "loc": {one.loc}, "input": None}}')
        else:
            items.append(f'{{"loc": {one.loc}, "msg": {one.message}, "type": "{one.code}"}}')
    func = site.code_for(node.func)
    if change.model:
        func, model = f"{func}.from_exception_data", [f"{change.model}.__name__"]
    else:
        model = []
    listed = ", ".join(items)
    text = f"{func}({', '.join([*model, f'[{listed}]', *change.rest])})"
    if len(text) + len(site.indent(node)) + len("raise ") > WIDTH:
        step = site.default_indent
        inner = "".join(f"{step}{step}{item},\n" for item in items)
        lines = [*model, f"[\n{inner}{step}]", *change.rest]
        text = f"{func}(\n" + "".join(f"{step}{line},\n" for line in lines) + ")"
    yield Replace(node, site.expression(text))
    for module in ("pydantic.error_wrappers", "pydantic"):
        yield DropImport(module, "ErrorWrapper")
