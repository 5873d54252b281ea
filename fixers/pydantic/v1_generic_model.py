"""Lets generic models inherit from `BaseModel`, and puts their bases in an order that Python can follow."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, DropImport, Remove, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP641", on=(cst.ClassDef, cst.Name, cst.Attribute))
def renamed(node: cst.ClassDef | cst.Name | cst.Attribute, finding: Finding, site: Site) -> Iterator[Change]:
    """One name, or the bases of a class."""
    for module, name in (("pydantic.generics", "GenericModel"), ("pydantic", "generics"), ("pydantic.generics", "")):
        yield DropImport(module, name)
    if isinstance(node, cst.ClassDef):
        action, generic = finding.clue
        yield from _bases(node, finding, action, generic, site)
    else:
        yield Replace(node, site.reference("pydantic", "BaseModel"))
        yield DropImport("pydantic")


def _bases(node: cst.ClassDef, finding: Finding, action: str, generic: int, site: Site) -> Iterator[Change]:
    """Other bases keep their places and comments; a `Generic[T]` that is to go behind them changes places with them."""
    data = site.text.encode()
    named = data[finding.span.start : finding.span.end].decode()
    old = next(arg for arg in node.bases if site.code_for(arg.value) == named)
    if action == "drop" and generic >= 0 and old is node.bases[-1]:
        yield Replace(old.value, node.bases[generic].value.deep_clone())
        yield Remove(node.bases[generic])
        return
    wanted = [arg.value for arg in node.bases if arg is not old or action == "base"]
    if action == "base":
        new = site.reference("pydantic", "BaseModel")
        wanted = [new if value is old.value else value for value in wanted]
    if generic >= 0:
        moved = node.bases[generic].value
        wanted = [value for value in wanted if value is not moved] + [moved]
    kept = [arg for arg in node.bases if arg is not old] if action == "drop" else list(node.bases)
    if action == "drop":
        yield Remove(old)
    originals = [arg.value for arg in node.bases]
    for arg, value in zip(kept, wanted, strict=True):
        if arg.value is not value:
            yield Replace(arg.value, value.deep_clone() if value in originals else value)
