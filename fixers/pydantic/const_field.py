"""Makes a field with one value a `Literal`."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Remove, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP313", on=cst.AnnAssign)
def literal(node: cst.AnnAssign, finding: Finding, site: Site) -> Iterator[Change]:
    """The annotation, and `Field` without `const`; its default alone where nothing else is left."""
    text = f"{site.name_for(('typing', 'typing_extensions'), 'Literal')}[{finding.clue}]"
    yield Replace(node.annotation.annotation, site.expression(text))
    call = node.value
    assert isinstance(call, cst.Call)
    left = [arg for arg in call.args if arg.keyword is None or arg.keyword.value != "const"]
    if len(left) == 1 and (left[0].keyword is None or left[0].keyword.value == "default"):
        yield Replace(call, left[0].value)
        return
    yield from (Remove(arg) for arg in call.args if arg not in left)
