"""Makes an error of validation the way Pydantic 2 and FastAPI do."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, DropImport, Replace, Site
from trueup.libraries.pydantic.errors import ErrorsChange, Wrapped
from trueup.model import Finding
from trueup.registry import fix

WIDTH = 100
"""The longest line that is written in one piece."""


@fix("TUP741", on=cst.Call)
def made(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    """The whole call anew."""
    change = finding.clue
    if isinstance(change, str):  # the text of what a validator raises
        yield Replace(node, site.expression(f"ValueError({change})"))
        for module in ("pydantic", "pydantic.error_wrappers"):
            yield DropImport(module, "ValidationError")
        return
    assert isinstance(change, ErrorsChange)
    items = [_item(one, change, site) for one in change.errors]
    func = site.code_for(node.func)
    if change.model:
        func, model = f"{func}.from_exception_data", [f"{change.model}.__name__"]
    else:
        model = []
    alone = len(items) == 1 and bool(change.errors[0].nested)
    text = f"{func}({', '.join([*model, _listed(items, alone, ' '), *change.rest])})"
    if len(text) + len(site.indent(node)) + len("raise ") > WIDTH:
        step = site.default_indent
        lines = [*model, _listed(items, alone, f"\n{step}{step}", f"\n{step}"), *change.rest]
        text = f"{func}(\n" + "".join(f"{step}{line},\n" for line in lines) + ")"
    yield Replace(node, site.expression(text))
    for module in ("pydantic.error_wrappers", "pydantic"):
        yield DropImport(module, "ErrorWrapper")


def _item(one: Wrapped, change: ErrorsChange, site: Site) -> tuple[str, str]:
    """One error, and the `for` that gives it (empty: it is one)."""
    loc, message, code, loop = one.loc, one.message, f'"{one.code}"', ""
    if one.nested:
        inner = loc[1:-1].rstrip().rstrip(",") if loc.startswith("(") else f"*{loc}"
        loc = f'({inner}, *line["loc"])' if inner else 'line["loc"]'
        message, code, loop = 'line["msg"]', 'line["type"]', f"for line in {one.nested}.errors()"
    if not change.model:
        return f'{{"loc": {loc}, "msg": {message}, "type": {code}}}', loop
    error = one.error or f"{site.name_for('pydantic_core', 'PydanticCustomError')}({code}, {message})"
    given = 'line["input"]' if loop else "None"
    return f'{{"type": {error}, "loc": {loc}, "input": {given}}}', loop


def _listed(items: list[tuple[str, str]], alone: bool, between: str, end: str = "") -> str:
    """The list of errors; of the errors of another error alone, a comprehension."""
    start = between if end else ""
    if alone:
        return f"[{start}{items[0][0]}{between}{items[0][1]}{end}]"
    parts = [f"*[{made} {loop}]" if loop else made for made, loop in items]
    return f"[{start}{f',{between}'.join(parts)}{',' if end else ''}{end}]"
