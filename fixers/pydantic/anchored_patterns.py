"""How an argument `regex` becomes `pattern`, of a field as of a parameter."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import AddImport, Change, Replace, Site
from trueup.model import Finding


def anchored(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    """The name of the argument, and its value where that changes."""
    for arg in node.args:
        if arg.keyword is None or arg.keyword.value != "regex":
            continue
        yield Replace(arg.keyword, cst.Name("pattern"))
        plan = finding.clue
        if plan is not None and (plan.source or plan.compiled):
            source = plan.source or site.code_for(arg.value)
            if plan.compiled:
                yield AddImport("re")
                source = f"re.compile({source})"
            yield Replace(arg.value, site.expression(source))
