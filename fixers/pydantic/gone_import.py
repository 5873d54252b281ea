"""Puts a `TypeAdapter` in the place of a validator of Pydantic 1 that is called."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, DropImport, Remove, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP402", on=(cst.Call, cst.ClassDef))
def adapted(node: cst.Call | cst.ClassDef, finding: Finding, site: Site) -> Iterator[Change]:
    """`dict_validator(x)` -> `TypeAdapter(dict).validate_python(x)`; a class that nothing uses goes."""
    if isinstance(node, cst.ClassDef):
        yield Remove(node)
        for module in ("pydantic", "pydantic.config"):
            yield DropImport(module, "BaseConfig")
        return
    adapter = site.name_for("pydantic", "TypeAdapter")
    yield Replace(node.func, site.expression(f"{adapter}({finding.clue}).validate_python"))
    yield DropImport("pydantic.validators", f"{finding.clue}_validator")
