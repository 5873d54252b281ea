"""Calls `create_model` as Pydantic 2 wants it."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import CannotFix, Change, DropImport, InsertAfter, Remove, Replace, Site, keyword
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
            yield from _left_over(node, clue.unused, site)


def _left_over(node: cst.Call, name: str, site: Site) -> Iterator[Change]:
    """The class whose settings are written out now goes."""
    around: cst.CSTNode | None = site.parent(node) if name else None
    while around is not None and not isinstance(around, cst.FunctionDef):
        around = site.parent(around)
    for one in around.body.body if around is not None else ():
        if isinstance(one, cst.ClassDef) and one.name.value == name and "#" not in site.code_for(one):
            yield Remove(one)
            for module in ("pydantic", "pydantic.main", "pydantic.config"):
                yield DropImport(module, "BaseConfig")


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
