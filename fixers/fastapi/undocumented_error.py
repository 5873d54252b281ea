"""Errors in the `responses=` of a route."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, InsertAfter, Replace, Site, keyword
from trueup.model import Finding
from trueup.registry import fix


@fix("TUF112", on=cst.Call)
def repair(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    entries = [f'{status}: {{"description": "{phrase}"}}' for status, phrase in finding.clue]
    given = next((one.value for one in node.args if one.keyword is not None and one.keyword.value == "responses"), None)
    if isinstance(given, cst.Dict) and given.elements:
        new = site.expression(f"{{{', '.join(entries)}}}")
        assert isinstance(new, cst.Dict)
        yield InsertAfter(given.elements[-1], *new.elements)
    elif given is not None:
        yield Replace(given, site.expression(f"{{{', '.join(entries)}}}"))
    else:
        yield InsertAfter(node.args[-1], keyword("responses", site.expression(f"{{{', '.join(entries)}}}")))
