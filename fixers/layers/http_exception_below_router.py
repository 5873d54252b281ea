"""Errors of a service's own, and a handler that makes the same answers of them."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import CannotFix, Change, DropImport, InsertAfter, InsertBefore, Replace, Site
from trueup.handlers.errors_below import Answered, Raised
from trueup.model import Finding
from trueup.registry import fix


@fix("TUL104", on=(cst.Raise, cst.Call))
def repair(node: cst.Raise | cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    if isinstance(node, cst.Call):
        yield InsertAfter(_line(node, site), *site.statements(_handler(finding.clue, node, site)))
        return
    moved: Raised = finding.clue
    if not isinstance(node.exc, cst.Call):
        raise CannotFix("it is not written as `raise HTTPException(...)`")
    left = [one for one in node.exc.args if one.keyword is None or one.keyword.value != "status_code"]
    if left and len(left) == len(node.exc.args):
        left = left[1:]
    if moved.phrase:
        left = [cst.Arg(cst.SimpleString(f'"{moved.phrase}"')), *left]
    if left:
        left[-1] = left[-1].with_changes(comma=node.exc.args[-1].comma)
    yield Replace(node.exc, node.exc.with_changes(func=cst.Name(moved.name), args=left))
    if moved.others:
        first = next((one for one in site.module.body if isinstance(one, cst.FunctionDef | cst.ClassDef)), None)
        if first is None:
            raise CannotFix("there is no function or class in front of which the errors could stand")
        yield InsertBefore(first, *site.statements(_classes(moved, site.default_indent)))
    for module in ("fastapi", "fastapi.exceptions", "starlette.exceptions"):
        yield DropImport(module, "HTTPException")
    for module in ("fastapi", "starlette"):
        yield DropImport(module, "status")


def _line(node: cst.Call, site: Site) -> cst.SimpleStatementLine:
    line = next((one for one in site.ancestors(node) if isinstance(one, cst.SimpleStatementLine)), None)
    if line is None or not isinstance(line.body[0], cst.Assign):
        raise CannotFix("the application is not assigned to a name")
    return line


def _classes(moved: Raised, step: str) -> str:
    lines = [
        f"class {moved.base}(Exception):",
        f'{step}"""The work was refused; the application answers with this status, detail and headers."""',
        "",
        f"{step}status_code = 500",
        "",
        f'{step}def __init__(self, detail: object = None, headers: "dict[str, str] | None" = None) -> None:',
        f"{step * 2}super().__init__(detail)",
        f"{step * 2}self.detail = detail",
        f"{step * 2}self.headers = headers",
    ]
    for name, status in moved.others:
        lines += ["", "", f"class {name}({moved.base}):", f"{step}status_code = {status}"]
    return "\n".join(lines) + "\n"


def _handler(answered: Answered, node: cst.Call, site: Site) -> str:
    target = _line(node, site).body[0]
    assert isinstance(target, cst.Assign)
    app = site.code_for(target.targets[0].target)
    error = site.name_for(answered.module, answered.base)
    request, response = site.name_for("fastapi", "Request"), site.name_for("fastapi.responses", "JSONResponse")
    words = "".join(f"_{one.lower()}" if one.isupper() else one for one in answered.base)
    return (
        f"@{app}.exception_handler({error})\n"
        f"async def answer{words}(request: {request}, error: {error}) -> {response}:\n"
        f'{site.default_indent}return {response}({{"detail": error.detail}}, error.status_code, error.headers)\n'
    )
