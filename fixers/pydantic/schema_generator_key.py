"""Takes a key without effect out of a config."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Remove, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP544", on=(cst.Call, cst.Dict))
def removed(node: cst.Call | cst.Dict, finding: Finding, site: Site) -> Iterator[Change]:
    """The keyword, or the item of the dict."""
    if isinstance(node, cst.Call):
        yield from (Remove(arg) for arg in node.args if arg.keyword is not None and arg.keyword.value == finding.clue)
        return
    for element in node.elements:
        key = element.key if isinstance(element, cst.DictElement) else None
        if isinstance(key, cst.SimpleString) and key.evaluated_value == finding.clue:
            yield Remove(element)
