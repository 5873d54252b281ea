"""Turns a model with a `__root__` into a `RootModel`, and whatever uses it with it."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import (
    CannotFix,
    Change,
    DropImport,
    InsertAfter,
    InsertBefore,
    InsertFirst,
    Remove,
    Replace,
    Site,
    keyword,
)
from trueup.libraries.pydantic.roots import ROOT, RootClass, RootUse
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP621", on=(cst.ClassDef, cst.Attribute, cst.Call, cst.Subscript, cst.SimpleString, cst.Dict))
def rooted(node: cst.CSTNode, finding: Finding, site: Site) -> Iterator[Change]:
    """A class, or a use of one."""
    if isinstance(finding.clue, RootClass):
        assert isinstance(node, cst.ClassDef)
        yield from _class(node, finding.clue, site)
        return
    assert isinstance(finding.clue, RootUse)
    yield from _use(node, finding.clue.shape, site)


def _class(node: cst.ClassDef, clue: RootClass, site: Site) -> Iterator[Change]:
    field = _field(node)
    if clue.base >= 0 or clue.behind >= 0:
        base: cst.BaseExpression = site.reference("pydantic", "RootModel")
        if clue.typed:
            index = cst.SubscriptElement(cst.Index(field.annotation.annotation.deep_clone()))
            base = cst.Subscript(base, [index])
        if clue.base >= 0:
            yield Replace(node.bases[clue.base].value, base)
            for module, name in (("pydantic", "BaseModel"), ("pydantic.generics", "GenericModel"), ("pydantic", "")):
                yield DropImport(module, name)
        else:
            yield InsertAfter(node.bases[clue.behind], cst.Arg(base))
    config = []
    if clue.extra == "class":
        maker = site.name_for(("pydantic", "pydantic.config"), "ConfigDict")
        config = [*site.statements(f"model_config = {maker}(extra=None)\n")]
    if clue.field == "drop" and config:
        yield Replace(field, *config)
    elif clue.field == "drop":
        yield Remove(field)
    elif clue.field == "none":
        yield Replace(field, field.with_changes(
            target=cst.Name("root"), value=cst.Name("None"), equal=cst.AssignEqual()
        ))  # fmt: skip
    else:
        yield Replace(field.target, cst.Name("root"))
    if clue.field != "drop" and config:
        yield InsertBefore(field, *config)
    elif clue.extra in ("own", "config"):
        yield from _config(node, clue.extra)


def _field(node: cst.ClassDef) -> cst.AnnAssign:
    for small in _smalls(node):
        match small:
            case cst.AnnAssign(target=cst.Name(value=name)) if name == ROOT:
                return small
    raise CannotFix("the field is not where it was")


def _smalls(node: cst.ClassDef) -> Iterator[cst.BaseSmallStatement]:
    for statement in node.body.body:
        if isinstance(statement, cst.SimpleStatementLine):
            yield from statement.body
        elif isinstance(statement, cst.BaseSmallStatement):
            yield statement


def _config(node: cst.ClassDef, how: str) -> Iterator[Change]:
    """`extra` is None, in the config that there is."""
    for statement in node.body.body:
        if isinstance(statement, cst.ClassDef) and statement.name.value == "Config":
            if how == "config":
                nothing = cst.Assign([cst.AssignTarget(cst.Name("extra"))], cst.Name("None"))
                yield InsertFirst(statement, nothing)
            for small in _smalls(statement):
                match small:
                    case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value="extra"))]):
                        yield Replace(small.value, cst.Name("None"))
    for small in _smalls(node):
        match small:
            case cst.Assign(
                targets=[cst.AssignTarget(target=cst.Name(value="model_config"))], value=cst.Call() as call
            ):
                yield from _call(call, how)
            case cst.AnnAssign(target=cst.Name(value="model_config"), value=cst.Call() as call):
                yield from _call(call, how)


def _call(call: cst.Call, how: str) -> Iterator[Change]:
    if how == "config":
        nothing = keyword("extra", cst.Name("None"))
        if call.args:
            yield InsertAfter(call.args[-1], nothing)
        else:
            yield Replace(call, call.with_changes(args=[nothing]))
        return
    for arg in call.args:
        if arg.keyword is not None and arg.keyword.value == "extra":
            yield Replace(arg.value, cst.Name("None"))


def _use(node: cst.CSTNode, shape: str, site: Site) -> Iterator[Change]:
    match node, shape:
        case cst.Attribute(), "attribute":
            yield Replace(node.attr, cst.Name("root"))
        case cst.SimpleString(), "name":
            yield Replace(node, node.with_changes(value=node.value.replace(ROOT, "root")))
        case cst.Call(), "argument":
            arg = node.args[0]
            yield Replace(arg, arg.with_changes(keyword=None, equal=cst.MaybeSentinel.DEFAULT))
        case cst.Call(), "keyword":
            yield from _construct(node)
        case cst.Call(), "values":
            arg = node.args[0]
            yield Replace(arg, arg.with_changes(star="", value=_inner(arg.value)))
        case cst.Dict(), "inner":
            yield Replace(node, _inner(node))
        case cst.Subscript(), "unwrap":
            yield Replace(node, node.value)
        case cst.Call(func=cst.Attribute(value=held)), "unwrap":
            yield Replace(node, held)
        case cst.Call(), "wrap":
            yield Replace(node, cst.Dict([cst.DictElement(cst.SimpleString(f'"{ROOT}"'), node)]))
        case cst.Call(), "asked":
            yield Replace(node.func, cst.Name("isinstance"))
            yield Replace(node.args[1].value, site.reference("pydantic", "RootModel"))
        case _:
            raise CannotFix("the place is not what it was")


def _construct(node: cst.Call) -> Iterator[Change]:
    """`P.construct(fields, __root__=x)` -> `P.construct(_fields_set=fields, root=x)`."""
    for arg in node.args:
        if arg.keyword is not None and arg.keyword.value == ROOT:
            yield Replace(arg.keyword, cst.Name("root"))
        elif arg.keyword is None and not arg.star:
            yield Replace(arg, keyword("_fields_set", arg.value).with_changes(comma=arg.comma))


def _inner(node: cst.BaseExpression) -> cst.BaseExpression:
    """What `{"__root__": x}` holds; anything else is left as it is."""
    match node:
        case cst.Dict(elements=[cst.DictElement(key=cst.SimpleString(value=key), value=value)]) if ROOT in key:
            return value
    return node
