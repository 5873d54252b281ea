"""Turns a `@validator` into a `@field_validator`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
from trueup.libraries.pydantic.validator_plans import FieldEdit, ItemEdit, ValidatorChange
from trueup.model import Finding
from trueup.registry import fix

from .source_rewrites import applied, rewrites_in, text

_HOMES = ("pydantic", "pydantic.functional_validators")
_UNUSED = (
    ("typing", "Dict"),
    ("typing", "Mapping"),
    ("typing", "Any"),
    ("pydantic.fields", "ModelField"),
    ("pydantic", "BaseConfig"),
)
"""What only the annotations of parameters that go may have needed."""
_GONE = ("pre", "always", "each_item", "whole", "allow_reuse")


@fix("TUP501", on=(cst.FunctionDef, cst.Assign))
def rewritten(node: cst.FunctionDef | cst.Assign, finding: Finding, site: Site) -> Iterator[Change]:
    """The decorator and the function, and the fields where it says something about them."""
    change = finding.clue
    assert isinstance(change, ValidatorChange)
    yield from _defaults(node, change.fields, site)
    for module in ("pydantic", "pydantic.class_validators"):
        yield DropImport(module, "validator")
    if isinstance(node, cst.Assign):
        yield from _assignment(node, change, site)
    elif change.shape == "items":
        yield from _items(node, change, site)
    elif change.order:
        yield from _reordered(node, change, site)
    else:
        yield from _method(node, change, site)


# The decorator and the function --------------------------------------------------------------------------------------


def _method(node: cst.FunctionDef, change: ValidatorChange, site: Site) -> Iterator[Change]:
    decorators = [one for one in node.decorators if _is_validator(one.decorator)]
    for inner in decorators[1:]:
        yield Remove(inner)
    call = decorators[0].decorator
    assert isinstance(call, cst.Call)
    yield from _decorator(call, change, site)
    if change.wrapper:
        yield InsertAfter(decorators[0], cst.Decorator(cst.Name(change.wrapper)))
    if change.parameters:
        for module, name in _UNUSED:
            yield DropImport(module, name)
        yield Replace(node.params, _parameters(node.params, change, site))
    yield from rewrites_in(node.body, dict(change.rewrites), site)
    if change.first:
        yield InsertFirst(node, *site.statements(change.first))


def _reordered(node: cst.FunctionDef, change: ValidatorChange, site: Site) -> Iterator[Change]:
    """Functions that change places: of those that run before the type is checked version 2 runs the last one first."""
    owner = site.class_at(node)
    body = owner.body.body if owner is not None else ()
    functions = {one.name.value: one for one in body if isinstance(one, cst.FunctionDef)}
    for (name, own), (other, theirs) in zip(change.order, reversed(change.order), strict=True):
        if name != node.name.value:
            yield from _defaults(node, own.fields, site)
        if name == other:
            yield from _method(functions[name], own, site)
        else:
            own_changes = _method(functions[other], theirs, site)
            yield Replace(functions[name], applied(functions[other], own_changes, functions[name]))


def _is_validator(node: cst.BaseExpression) -> bool:
    """Whether a decorator of the function is a validator: the checker has seen to it that it is Pydantic's."""
    if not isinstance(node, cst.Call):
        return False
    arguments = {arg.keyword.value for arg in node.args if arg.keyword is not None}
    return bool(node.args) and node.args[0].keyword is None and arguments <= {*_GONE, "check_fields"}


def _decorator(call: cst.Call, change: ValidatorChange, site: Site) -> Iterator[Change]:
    """The call of the decorator: its name, and its arguments one by one."""
    yield Replace(call.func, site.reference(_HOMES, "field_validator"))
    mode = keyword("mode", text(change.mode, site)) if change.mode else None
    positional = [arg for arg in call.args if arg.keyword is None]
    names = [cst.Arg(text(name, site)) for name in change.names]
    for arg in call.args:
        name = arg.keyword.value if arg.keyword is not None else ""
        if name == "pre" and mode is not None:
            yield Replace(arg, mode.with_changes(comma=arg.comma, whitespace_after_arg=arg.whitespace_after_arg))
            mode = None
        elif name in _GONE:
            yield Remove(arg)
    added = [*names, *([mode] if mode is not None else [])]
    if added:
        yield InsertAfter(positional[-1], *added)


def _parameters(old: cst.Parameters, change: ValidatorChange, site: Site) -> cst.Parameters:
    """`cls`, the value, and `info` instead of what came behind."""
    given = [*old.posonly_params, *old.params]
    count = 2 if given[0].name.value == "cls" else 1
    kept = given[:count]
    last: cst.Param = old.star_kwarg or [*given, *old.kwonly_params][-1]
    end = {"comma": last.comma, "whitespace_after_param": last.whitespace_after_param}
    if not change.info:
        return cst.Parameters([*kept[:-1], kept[-1].with_changes(**end)])
    described = cst.Annotation(site.reference(("pydantic", "pydantic_core.core_schema"), "ValidationInfo"))
    info = cst.Param(cst.Name(change.info), described).with_changes(**end)
    value = kept[-1].with_changes(default=None, equal=cst.MaybeSentinel.DEFAULT)
    return cst.Parameters([*kept[:-1], value, info])


# Fields --------------------------------------------------------------------------------------------------------------


def _defaults(node: cst.CSTNode, edits: Sequence[FieldEdit], site: Site) -> Iterator[Change]:
    """`validate_default=True` for the fields of the class around a validator."""
    for edit in edits:
        owner = _class(site.module, edit.owner) if edit.owner else site.class_at(node)
        statement = _field(owner, edit.name)
        value = statement.value
        added = keyword("validate_default", cst.Name("True"))
        if edit.how in ("wrap", "none"):
            maker = site.reference(("pydantic", "pydantic.fields"), "Field", at=statement)
            made = cst.Call(maker, [cst.Arg(value if value is not None else cst.Name("None")), added])
            yield Replace(value, made) if value is not None else Replace(statement, statement.with_changes(value=made))
        else:
            assert isinstance(value, cst.Call) and value.args
            yield InsertAfter(value.args[-1], added)


def _class(inside: cst.Module | cst.ClassDef, qualname: str) -> cst.ClassDef | None:
    """A class of the file by its qualified name."""
    name, _, rest = qualname.partition(".")
    for one in _everything(inside.body) if isinstance(inside, cst.ClassDef) else _everything(inside):
        if isinstance(one, cst.ClassDef) and one.name.value == name:
            return _class(one, rest) if rest else one
    return None


def _field(owner: cst.ClassDef | None, name: str) -> cst.AnnAssign:
    for statement in owner.body.body if owner is not None else ():
        for one in statement.body if isinstance(statement, cst.SimpleStatementLine) else ():
            if isinstance(one, cst.AnnAssign) and isinstance(one.target, cst.Name) and one.target.value == name:
                return one
    raise CannotFix(f"`{name}` is not declared here")


def _items(node: cst.FunctionDef, change: ValidatorChange, site: Site) -> Iterator[Change]:
    """The function moves in front of the class, and the annotations of the items name it."""
    owner = site.class_at(node)
    outermost: cst.CSTNode | None = owner
    for one in site.ancestors(node):
        if isinstance(one, cst.FunctionDef):
            break
        outermost = one if isinstance(one, cst.ClassDef) else outermost
    assert isinstance(outermost, cst.ClassDef)
    if change.stays:
        yield from _called_by_name(node, owner, change, site)
        return
    name = change.function if change.function.startswith("_") else f"_{change.function}"
    if (
        any(isinstance(one, cst.Name) and one.value == name for one in _everything(site.module))
        and name != change.function
    ):
        raise CannotFix(f"the name `{name}` is taken in this file")
    moved = node.deep_clone()
    assert isinstance(moved, cst.FunctionDef)
    params = [*moved.params.posonly_params, *moved.params.params][1 if change.parameters else 0 :]
    comments = [line for line in node.leading_lines if line.comment is not None]
    yield InsertBefore(
        outermost,
        moved.with_changes(
            name=cst.Name(name),
            decorators=[],
            params=cst.Parameters(params),
            leading_lines=comments,
            lines_after_decorators=[],
        ),
    )
    yield Remove(node)
    wrapper = site.reference(_HOMES, "BeforeValidator" if change.mode else "AfterValidator", at=outermost)
    annotated = site.reference(("typing", "typing_extensions"), "Annotated", at=outermost)
    for edit in change.items:
        yield from _item(edit, cst.Call(wrapper, [cst.Arg(cst.Name(name))]), annotated, bool(change.mode), site, owner)


def _called_by_name(
    node: cst.FunctionDef, owner: cst.ClassDef | None, change: ValidatorChange, site: Site
) -> Iterator[Change]:
    """The function stays a class method, which the annotations call once the class is there."""
    assert owner is not None
    wrapped = [one for one in node.decorators if _is_validator(one.decorator)]
    if len(node.decorators) > 1:
        yield Remove(wrapped[0])
    else:
        yield Replace(wrapped[0].decorator, cst.Name("classmethod"))
    wrapper = site.reference(_HOMES, "BeforeValidator" if change.mode else "AfterValidator", at=owner)
    annotated = site.reference(("typing", "typing_extensions"), "Annotated", at=owner)
    call = site.expression(f"lambda value: {owner.name.value}.{node.name.value}(value)")
    for edit in change.items:
        yield from _item(edit, cst.Call(wrapper, [cst.Arg(call)]), annotated, bool(change.mode), site, owner)


def _item(
    edit: ItemEdit,
    call: cst.Call,
    annotated: cst.BaseExpression,
    first: bool,
    site: Site,
    owner: cst.ClassDef | None,
) -> Iterator[Change]:
    annotation = _field(owner, edit.name).annotation.annotation
    for slot in edit.slots:
        place = annotation
        for step in slot:
            place = _inside(place, step)
        if isinstance(place, cst.Subscript) and site.code_for(place.value).rpartition(".")[2] == "Annotated":
            at = place.slice[0 if first else -1]
            yield InsertAfter(at, cst.SubscriptElement(cst.Index(call.deep_clone())))
            continue
        elements = [cst.SubscriptElement(cst.Index(place)), cst.SubscriptElement(cst.Index(call.deep_clone()))]
        yield Replace(place, cst.Subscript(annotated.deep_clone(), elements))


def _inside(node: cst.BaseExpression, step: int | str) -> cst.BaseExpression:
    match node:
        case cst.Subscript(slice=elements) if isinstance(step, int):
            index = elements[step].slice
            if isinstance(index, cst.Index):
                return index.value
        case cst.BinaryOperation(left=left, right=right):
            return left if step == "left" else right
        case cst.Call(args=[first, *_]):
            return first.value
    raise CannotFix("the annotation is written in a way this repair does not know")


def _everything(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    stack = [node]
    while stack:
        one = stack.pop()
        yield one
        stack += one.children


# Assignments ---------------------------------------------------------------------------------------------------------


def _assignment(node: cst.Assign, change: ValidatorChange, site: Site) -> Iterator[Change]:
    """`_check = validator("x")(check)`."""
    outer = node.value
    assert isinstance(outer, cst.Call) and isinstance(outer.func, cst.Call)
    if change.shape == "call":
        yield from _decorator(outer.func, change, site)
        return
    target = node.targets[0].target
    assert isinstance(target, cst.Name)
    arguments = [arg for arg in outer.func.args if arg.keyword is None or arg.keyword.value == "check_fields"]
    args = [site.code_for(arg).rstrip().rstrip(",") for arg in arguments]
    if change.mode:
        args.append(f"mode={text(change.mode, site).value}")
    decorator = site.name_for(_HOMES, "field_validator")
    info = site.name_for(("pydantic", "pydantic_core.core_schema"), "ValidationInfo")
    called = site.code_for(outer.args[0].value)
    called = f"({called})" if isinstance(outer.args[0].value, cst.Lambda) else called
    code = (
        f"@{decorator}({', '.join(args)})\n@classmethod\n"
        f"def {target.value}(cls, value, info: {info}):\n    return {called}({change.function})\n"
    )
    yield Replace(node, *site.statements(code))
