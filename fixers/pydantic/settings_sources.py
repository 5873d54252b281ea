"""Moves `customise_sources` out of a `Config` and gives it the sources of Pydantic 2."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import libcst as cst

from trueup.change import Change, InsertAfter, Remove, Site
from trueup.model import Finding
from trueup.registry import fix

_ORDER = ("init_settings", "env_settings", "dotenv_settings", "file_secret_settings")
"""How version 2 passes them: by position."""
WIDTH = 100
"""The longest line of parameters that is written in one piece."""


@fix("TUP703", on=cst.FunctionDef)
def moved(node: cst.FunctionDef, finding: Finding, site: Site) -> Iterator[Change]:
    """The method goes behind the `Config`; what is left of that is another rule's."""
    config = site.class_at(node)
    assert config is not None
    first, *rest = [*node.params.posonly_params, *node.params.params]
    given = {param.name.value: param for param in rest}
    env = given["env_settings"]
    given["dotenv_settings"] = env.with_changes(name=cst.Name("dotenv_settings"))
    settings_cls = cst.Param(cst.Name("settings_cls"))
    if env.annotation is not None:
        base = site.name_for(("pydantic_settings", "pydantic"), "BaseSettings")
        settings_cls = settings_cls.with_changes(annotation=cst.Annotation(site.expression(f"type[{base}]")))
    params = [first, settings_cls, *(given[name] for name in _ORDER)]
    made = node.with_changes(
        name=cst.Name("settings_customise_sources"),
        body=node.body.visit(_WithDotenv()),
        leading_lines=[line for line in node.leading_lines if line.comment is not None],
        **_laid_out(params, node, site),
    )
    yield Remove(node)
    yield InsertAfter(config, made)


def _laid_out(params: list[cst.Param], node: cst.FunctionDef, site: Site) -> dict[str, Any]:
    """The parameters on one line, or a line each where that would be too long."""
    plain = [one.with_changes(comma=cst.MaybeSentinel.DEFAULT, whitespace_after_param=_blank("")) for one in params]
    found: dict[str, Any] = {
        "params": cst.Parameters(params=plain),
        "whitespace_before_params": _blank(""),
    }
    header = site.new_code(node.with_changes(**found, decorators=[], body=cst.SimpleStatementSuite([])))
    if len(header.strip()) + len(site.indent(node)) + 20 <= WIDTH:
        return found
    step = cst.ParenthesizedWhitespace(indent=True, last_line=_blank(site.default_indent))
    end = cst.ParenthesizedWhitespace(indent=True)
    lines = [one.with_changes(comma=cst.Comma(whitespace_after=end if one is plain[-1] else step)) for one in plain]
    return {"params": cst.Parameters(params=lines), "whitespace_before_params": step}


def _blank(text: str) -> cst.SimpleWhitespace:
    return cst.SimpleWhitespace(text)


class _WithDotenv(cst.CSTTransformer):
    """Puts `dotenv_settings` behind `env_settings` in what is returned."""

    def leave_Return(self, original_node: cst.Return, updated_node: cst.Return) -> cst.Return:
        value = updated_node.value
        if not isinstance(value, cst.Tuple | cst.List):
            return updated_node
        elements: list[cst.BaseElement] = []
        for one in value.elements:
            if isinstance(one.value, cst.Name) and one.value.value == "env_settings":
                elements.append(one.with_changes(comma=cst.Comma(whitespace_after=_blank(" "))))
                one = one.with_changes(value=cst.Name("dotenv_settings"))
            elements.append(one)
        return updated_node.with_changes(value=value.with_changes(elements=elements))
