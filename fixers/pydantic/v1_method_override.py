"""Makes of overridden methods what Pydantic 2 calls: serializers, validators, methods by their new names."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import CannotFix, Change, InsertAfter, InsertBefore, InsertFirst, Replace, Site
from trueup.libraries.pydantic.overrides import VALIDATOR, RenamedMethod, WrapSerializer, WrapValidator
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP102", on=cst.FunctionDef)
def serialized(node: cst.FunctionDef, finding: Finding, site: Site) -> Iterator[Change]:
    """One of the three repairs."""
    clue = finding.clue
    if isinstance(clue, RenamedMethod):
        yield from _renamed(node, clue, site)
        return
    if isinstance(clue, WrapValidator):
        yield from _validated(node, clue, site)
        return
    assert isinstance(clue, WrapSerializer)
    yield from _serialized(node, clue, site)


def _renamed(node: cst.FunctionDef, clue: RenamedMethod, site: Site) -> Iterator[Change]:
    """The new name, for the method above too, and the old one beside it."""
    found = _Supers(clue.old)
    node.visit(found)
    yield Replace(node.name, cst.Name(clue.new))
    yield from (Replace(one.attr, cst.Name(clue.new)) for one in found.reads)
    alias = site.statements(f"{clue.old} = {clue.new}\n")
    yield InsertAfter(node, *(one.with_changes(leading_lines=[cst.EmptyLine(indent=False)]) for one in alias))


def _validated(node: cst.FunctionDef, clue: WrapValidator, site: Site) -> Iterator[Change]:
    """`from_orm(cls, obj)` -> a validator of the whole model, for what is no dict and no object of the class."""
    found = _Supers("from_orm")
    node.visit(found)
    maker = site.name_for("pydantic", "model_validator")
    me = node.params.params[0].name.value
    yield InsertBefore(node.decorators[0], cst.Decorator(site.expression(f'{maker}(mode="wrap")')))
    yield Replace(node.name, cst.Name(VALIDATOR))
    yield InsertAfter(node.params.params[-1], cst.Param(cst.Name("handler")))
    guard = f"if isinstance({clue.value}, (dict, {me})):\n    return handler({clue.value})\n"
    yield InsertFirst(node, *site.statements(guard))
    yield from (Replace(one, cst.Name("handler")) for one in found.reads)


def _serialized(node: cst.FunctionDef, clue: WrapSerializer, site: Site) -> Iterator[Change]:
    """The decorator, the name and the parameters, and `handler(self)` in the place of `super().dict(...)`."""
    found = _Dumped()
    node.visit(found)
    if found.call is None:
        raise CannotFix("`super().dict(...)` is not where it was")
    maker = site.name_for("pydantic", "model_serializer")
    me = node.params.params[0]
    header = cst.Decorator(site.expression(f'{maker}(mode="wrap")'))
    parameters = cst.Parameters([me.with_changes(comma=cst.MaybeSentinel.DEFAULT), cst.Param(cst.Name(clue.handler))])
    handled = cst.Call(cst.Name(clue.handler), [cst.Arg(me.name)])
    body = node.body.visit(_Handled(found.call, handled))
    assert isinstance(body, cst.BaseSuite)
    yield Replace(node, node.with_changes(
        decorators=[header], name=cst.Name(clue.name), params=parameters, body=body, returns=None
    ))  # fmt: skip


def _is_dump(node: cst.Call) -> bool:
    match node.func:
        case cst.Attribute(value=cst.Call(func=cst.Name(value="super")), attr=cst.Name(value="dict")):
            return True
    return False


class _Supers(cst.CSTVisitor):
    """Finds what is read from `super()` by a name."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.reads: list[cst.Attribute] = []

    def visit_Attribute(self, node: cst.Attribute) -> None:
        match node:
            case cst.Attribute(value=cst.Call(func=cst.Name(value="super")), attr=cst.Name(value=name)):
                if name == self.name:
                    self.reads.append(node)


class _Dumped(cst.CSTVisitor):
    """Finds `super().dict(...)`."""

    def __init__(self) -> None:
        super().__init__()
        self.call: cst.Call | None = None

    def visit_Call(self, node: cst.Call) -> None:
        if _is_dump(node):
            self.call = node


class _Handled(cst.CSTTransformer):
    """Puts one call in the place of another."""

    def __init__(self, old: cst.Call, new: cst.Call) -> None:
        super().__init__()
        self.old = old
        self.new = new

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        return self.new if original_node is self.old else updated_node
