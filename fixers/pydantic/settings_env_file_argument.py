"""Lets a class of settings ignore what a dotenv file holds besides its fields."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, InsertAfter, InsertFirst, Replace, Site, keyword
from trueup.model import Finding
from trueup.registry import fix

_KEY = "dotenv_filtering"


@fix("TUP704", on=cst.ClassDef)
def filtered(node: cst.ClassDef, finding: Finding, site: Site) -> Iterator[Change]:
    """The key goes where the class has its config, else into a `model_config` at its top."""
    value = finding.clue
    for one in node.body.body:
        if isinstance(one, cst.ClassDef) and one.name.value == "Config":
            yield InsertFirst(one, *_assignment(f"{_KEY} = {value}", site))
            return
        call = _model_config(one)
        if call is not None:
            made = keyword(_KEY, site.expression(value))
            yield InsertAfter(call.args[-1], made) if call.args else Replace(call, call.with_changes(args=[made]))
            return
    maker = site.name_for("pydantic_settings", "SettingsConfigDict")
    yield InsertFirst(node, *_assignment(f"model_config = {maker}({_KEY}={value})", site))


def _assignment(code: str, site: Site) -> list[cst.SimpleStatementLine]:
    return [line for line in site.statements(code) if isinstance(line, cst.SimpleStatementLine)]


def _model_config(line: cst.CSTNode) -> cst.Call | None:
    """The call that makes the `model_config`, if a line assigns that."""
    for one in line.body if isinstance(line, cst.SimpleStatementLine) else ():
        match one:
            case cst.Assign(
                targets=[cst.AssignTarget(target=cst.Name(value="model_config"))], value=cst.Call() as call
            ):
                return call
            case cst.AnnAssign(target=cst.Name(value="model_config"), value=cst.Call() as call):
                return call
    return None
