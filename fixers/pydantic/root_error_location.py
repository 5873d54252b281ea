"""Takes `__root__` off the end of the place of an error."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP744", on=(cst.Tuple, cst.List))
def shortened(node: cst.Tuple | cst.List, finding: Finding, site: Site) -> Iterator[Change]:
    """`("__root__",)` -> `()`, `("body", "__root__")` -> `("body",)`."""
    rest = list(node.elements[:-1])
    if isinstance(node, cst.Tuple):
        parts = [site.code_for(one.value) for one in rest]
        yield Replace(node, site.expression(f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"))
        return
    if rest:
        rest[-1] = rest[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    yield Replace(node, node.with_changes(elements=rest))
