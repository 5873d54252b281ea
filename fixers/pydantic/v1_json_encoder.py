"""Puts `to_jsonable_python` in the place of `pydantic_encoder`."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, DropImport, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP104", on=(cst.Name, cst.Attribute))
def renamed(node: cst.Name | cst.Attribute, finding: Finding, site: Site) -> Iterator[Change]:
    """The name, and its import."""
    encoder, _, caught = finding.clue.partition(" ")
    yield Replace(node, site.reference("pydantic_core", "to_jsonable_python"))
    if caught:
        yield from _caught(node, site)
    yield DropImport("pydantic.json", encoder)
    yield DropImport("pydantic")
    yield DropImport("pydantic", "json")


def _caught(node: cst.CSTNode, site: Site) -> Iterator[Change]:
    """`except TypeError:` around a place -> `except (TypeError, ValueError):`."""
    inner, outer = node, site.parent(node)
    while outer is not None and not isinstance(outer, cst.FunctionDef | cst.Lambda):
        if isinstance(outer, cst.Try) and inner is outer.body:
            for handler in outer.handlers:
                held = handler.type
                if held is not None and re.search(r"\bTypeError\b", site.code_for(held)):
                    text = site.code_for(held).strip("()").rstrip(", ")
                    yield Replace(held, site.expression(f"({text}, ValueError)"))
        inner, outer = outer, site.parent(outer)
