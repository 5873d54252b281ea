"""Takes `@declarative_mixin` away."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, DropImport, Remove, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUS103", on=cst.ClassDef)
def plain(node: cst.ClassDef, finding: Finding, site: Site) -> Iterator[Change]:
    for decorator in node.decorators:
        if site.place(decorator)[0] == finding.span.line:
            yield Remove(decorator)
    yield DropImport("sqlalchemy.orm", "declarative_mixin")
