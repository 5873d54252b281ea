"""Puts a `TypeAdapter` in the place of a validator of Pydantic 1 that is called."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, DropImport, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP402", on=cst.Call)
def adapted(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    """`dict_validator(x)` -> `TypeAdapter(dict).validate_python(x)`."""
    adapter = site.name_for("pydantic", "TypeAdapter")
    yield Replace(node.func, site.expression(f"{adapter}({finding.clue}).validate_python"))
    yield DropImport("pydantic.validators", f"{finding.clue}_validator")
