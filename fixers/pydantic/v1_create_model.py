"""Calls `create_model` as Pydantic 2 wants it."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import CannotFix, Change, InsertAfter, Replace, Site, keyword
from trueup.libraries.pydantic.functions import CreatedModel
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP603", on=cst.Call)
def called(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    """Argument by argument."""
    clue = finding.clue
    assert isinstance(clue, CreatedModel)
    kinds = dict(clue.defaults)
    for arg in node.args:
        name = arg.keyword.value if arg.keyword is not None else ""
        if name in kinds:
            pair = cst.Tuple([cst.Element(cst.Name(kinds[name])), cst.Element(arg.value)])
            yield Replace(arg.value, pair)
        elif name == "__root__" and clue.root:
            yield from _root(arg, site)
        elif name == "__config__" and clue.config:
            maker = site.name_for(("pydantic", "pydantic.config"), "ConfigDict")
            yield Replace(arg.value, site.expression(f"{maker}{clue.config.removeprefix('ConfigDict')}"))


def _root(arg: cst.Arg, site: Site) -> Iterator[Change]:
    """`__root__=(T, ...)` -> `__base__=RootModel[T]`, with `root=(T, d)` behind it where there is a default."""
    if not isinstance(arg.value, cst.Tuple) or arg.keyword is None:
        raise CannotFix("`__root__` is no pair")
    kind, default = (one.value for one in arg.value.elements)
    maker = site.reference("pydantic", "RootModel")
    base = cst.Subscript(maker, [cst.SubscriptElement(cst.Index(kind))])
    yield Replace(arg.keyword, cst.Name("__base__"))
    yield Replace(arg.value, base)
    if not isinstance(default, cst.Ellipsis):
        yield InsertAfter(arg, keyword("root", arg.value.deep_clone()))
