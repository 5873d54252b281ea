"""Turns a `@root_validator` into a `@model_validator`."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, DropImport, InsertAfter, InsertFirst, Remove, Replace, Site, keyword
from trueup.libraries.pydantic.root_plans import RootChange
from trueup.model import Finding
from trueup.registry import fix

from .source_rewrites import applied, rewrites_in, text

_HOMES = ("pydantic", "pydantic.functional_validators")


@fix("TUP521", on=(cst.FunctionDef, cst.Assign))
def rewritten(node: cst.FunctionDef | cst.Assign, finding: Finding, site: Site) -> Iterator[Change]:
    """The decorator, the parameters, what stands in front of the body, and the returns."""
    change = finding.clue
    assert isinstance(change, RootChange)
    for module in ("pydantic", "pydantic.class_validators"):
        yield DropImport(module, "root_validator")
    if isinstance(node, cst.Assign):
        yield from _adapter(node, change, site)
        return
    if change.order:
        yield from _reordered(node, change, site)
    else:
        yield from _method(node, change, site)


def _reordered(node: cst.FunctionDef, change: RootChange, site: Site) -> Iterator[Change]:
    """Functions that change places: of those that run before the fields version 2 runs the last one first."""
    owner = site.class_at(node)
    body = owner.body.body if owner is not None else ()
    functions = {one.name.value: one for one in body if isinstance(one, cst.FunctionDef)}
    for (name, own), (other, theirs) in zip(change.order, reversed(change.order), strict=True):
        if name == other:
            yield from _method(functions[name], own, site)
        else:
            made = applied(functions[other], _method(functions[other], theirs, site), functions[name])
            yield Replace(functions[name], made)


def _method(node: cst.FunctionDef, change: RootChange, site: Site) -> Iterator[Change]:
    mode = "before" if change.shape == "before" else "after"
    decorator = next(one for one in node.decorators if _is_root_validator(one.decorator, site))
    called = cst.Call(site.reference(_HOMES, "model_validator"), [keyword("mode", text(mode, site))])
    yield Replace(decorator.decorator, called)
    yield from rewrites_in(node.body, dict(change.rewrites), site)
    if node.returns is not None:
        yield Replace(node.returns.annotation, _described(change.returns, site))
    if mode == "before":
        yield from _before(node, decorator, change, site)
    else:
        yield from _after(node, change, site)
    for name in ("Dict", "Mapping", "Any"):
        yield DropImport("typing", name)


def _is_root_validator(node: cst.BaseExpression, site: Site) -> bool:
    """Whether a decorator is the one: by its arguments, or by its name; the checker has seen it."""
    if isinstance(node, cst.Call):
        names = {arg.keyword.value for arg in node.args if arg.keyword is not None}
        if len(names) < len(node.args) or not names <= {"pre", "skip_on_failure", "allow_reuse"}:
            return False
        return bool(names) or _says_so(node.func, site)
    return _says_so(node, site)


def _says_so(node: cst.BaseExpression, site: Site) -> bool:
    last = site.code_for(node).rpartition(".")[2]
    return last == "root_validator" or f"root_validator as {last}" in site.text


def _described(name: str, site: Site) -> cst.BaseExpression:
    if name == "Any":
        return site.reference("typing", "Any")
    return cst.Name(name) if "from __future__ import annotations" in site.text else text(name, site)


# Before the fields ---------------------------------------------------------------------------------------------------


def _before(node: cst.FunctionDef, decorator: cst.Decorator, change: RootChange, site: Site) -> Iterator[Change]:
    if change.wrapper:
        yield InsertAfter(decorator, cst.Decorator(cst.Name("classmethod")))
    given = [*node.params.posonly_params, *node.params.params]
    if given[1].annotation is not None:
        yield Replace(given[1].annotation.annotation, site.reference("typing", "Any"))
    values = change.values
    lines: list[str] = []
    if change.guard == "return":
        lines.append(f"if not isinstance({values}, dict):\n    return {values}\n")
        lines += [f"{values} = dict({values})\n"] if change.copy else []
    elif change.guard == "attributes":
        names = f"for name in {given[0].name.value}.model_fields if hasattr({values}, name)"
        fields = f"{{name: getattr({values}, name) {names}}}"
        condition = f"if isinstance({values}, dict):\n    {values} = dict({values})\nelse:\n    {values} = {fields}\n"
        lines.append(condition if change.copy else f"if not isinstance({values}, dict):\n    {values} = {fields}\n")
    if lines:
        yield InsertFirst(node, *site.statements("".join(lines)))


# After the fields ----------------------------------------------------------------------------------------------------


def _after(node: cst.FunctionDef, change: RootChange, site: Site) -> Iterator[Change]:
    for one in node.decorators:
        if isinstance(one.decorator, cst.Name) and one.decorator.value == "classmethod":
            yield Remove(one)
    last = node.params.params[-1] if node.params.params else node.params.posonly_params[-1]
    comma = last.comma
    if isinstance(node.whitespace_before_params, cst.ParenthesizedWhitespace):  # `self` needs no line of its own
        yield Replace(node.whitespace_before_params, cst.SimpleWhitespace(""))
        comma = cst.MaybeSentinel.DEFAULT
    yield Replace(node.params, cst.Parameters([cst.Param(cst.Name("self"), comma=comma)]))
    if change.shape == "dict":
        held = "self.__dict__"
        made = f"{{**{held}, **(self.model_extra or {{}})}}" if change.extras else f"dict({held})"
        yield InsertFirst(node, *site.statements(f"{change.values} = {made}\n"))
    for index, statement in enumerate(_returns(node)):
        assert statement.value is not None
        if not change.write or index in change.bare:
            yield Replace(statement.value, cst.Name("self"))
            continue
        update = cst.Expr(cst.Call(site.expression("self.__dict__.update"), [cst.Arg(statement.value)]))
        new = [cst.SimpleStatementLine([update]), cst.SimpleStatementLine([cst.Return(cst.Name("self"))])]
        line = site.parent(statement)
        alone = isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1
        yield Replace(line if alone and line is not None else statement, *new)


def _returns(node: cst.FunctionDef) -> Iterator[cst.Return]:
    """The `return` statements of a function, not those of functions inside, in source order."""
    stack: list[cst.CSTNode] = [node.body]
    while stack:
        one = stack.pop()
        if isinstance(one, cst.Return):
            yield one
        elif not isinstance(one, cst.FunctionDef | cst.ClassDef | cst.Lambda):
            stack += reversed(one.children)


# Assignments ---------------------------------------------------------------------------------------------------------


def _adapter(node: cst.Assign, change: RootChange, site: Site) -> Iterator[Change]:
    """`_check = root_validator(pre=True, allow_reuse=True)(check)` -> a method that calls `check`."""
    call, target = node.value, node.targets[0].target
    assert isinstance(call, cst.Call) and isinstance(target, cst.Name)
    function = site.code_for(call.args[0].value)
    function = f"({function})" if isinstance(call.args[0].value, cst.Lambda) else function
    decorator = site.name_for(_HOMES, "model_validator")
    if change.shape == "adapter-before":
        mode, code = (
            "before",
            (
                f"@classmethod\ndef {target.value}(cls, values):\n"
                "    if not isinstance(values, dict):\n        return values\n"
                f"    return {function}(cls, dict(values))\n"
            ),
        )
    else:
        mode, code = (
            "after",
            (
                f"def {target.value}(self):\n    self.__dict__.update({function}(type(self), dict(self.__dict__)))\n"
                "    return self\n"
            ),
        )
    yield Replace(node, *site.statements(f"@{decorator}(mode={text(mode, site).value})\n{code}"))
