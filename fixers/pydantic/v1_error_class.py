"""Makes a class of errors a `PydanticCustomError` that is raised as before."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, DropImport, InsertAfter, Replace, Site
from trueup.model import Finding
from trueup.registry import fix

_METHODS = """\
def __new__(cls, **ctx):
    return super().__new__(cls, {code}, cls.msg_template, ctx)

def __init__(self, **ctx):
    super().__init__()
    self.__dict__.update(ctx)
"""


@fix("TUP742", on=cst.ClassDef)
def remade(node: cst.ClassDef, finding: Finding, site: Site) -> Iterator[Change]:
    """Another base, and the two methods that take the values by name as version 1 did."""
    old, code = finding.clue
    yield Replace(node.bases[0].value, site.reference("pydantic_core", "PydanticCustomError"))
    for module in ("pydantic", "pydantic.errors"):
        yield DropImport(module, old)
    lines = [*site.statements(_METHODS.format(code=code))]
    spaced = [line.with_changes(leading_lines=[cst.EmptyLine(indent=False)]) for line in lines]
    last = node.body.body[-1]
    if len(node.body.body) == 1 and _is_placeholder(last):
        yield Replace(last, *lines)
    else:
        yield InsertAfter(last, *spaced)


def _is_placeholder(node: cst.CSTNode) -> bool:
    small = node.body[0] if isinstance(node, cst.SimpleStatementLine) else node
    return isinstance(small, cst.Pass)
