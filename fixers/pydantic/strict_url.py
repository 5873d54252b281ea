"""Describes a URL with `UrlConstraints`."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, DropImport, Replace, Site
from trueup.model import Finding
from trueup.registry import fix

_HOMES = ("pydantic", "pydantic.networks")


@fix("TUP403", on=cst.Call)
def described(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    """The call becomes an annotated type."""
    annotated = site.name_for(("typing", "typing_extensions"), "Annotated")
    url, constraints = site.name_for(_HOMES, "AnyUrl"), site.name_for(_HOMES, "UrlConstraints")
    arguments = ", ".join(f"{name}={value}" for name, value in finding.clue)
    yield Replace(node, site.expression(f"{annotated}[{url}, {constraints}({arguments})]"))
    for home in _HOMES:
        yield DropImport(home, "stricturl")
