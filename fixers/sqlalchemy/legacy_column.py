"""Turns a `Column()` into a `mapped_column()`, annotated with what an instance holds."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import AddImport, Change, DropImport, Replace, Site, keyword
from trueup.libraries.sqlalchemy.hints import ColumnRewrite, Hint, MappedHint
from trueup.model import Finding
from trueup.registry import fix

from .declared_attributes import declared

_OF_PROPERTY = {"deferred": "deferred", "group": "deferred_group", "raiseload": "deferred_raiseload"}
"""Arguments of `deferred()` and `column_property()` -> those of `mapped_column()`; `active_history` keeps its name."""
_LEFT_OVER = (
    ("sqlalchemy", "Column"),
    ("sqlalchemy.schema", "Column"),
    ("sqlalchemy.sql.schema", "Column"),
    ("sqlalchemy.orm", "deferred"),
    ("sqlalchemy.orm", "column_property"),
)


@fix("TUS201", on=(cst.Assign, cst.AnnAssign, cst.Call, cst.FunctionDef))
def rewritten(
    node: cst.Assign | cst.AnnAssign | cst.Call | cst.FunctionDef, finding: Finding, site: Site
) -> Iterator[Change]:
    clue = finding.clue
    assert isinstance(clue, ColumnRewrite)
    if isinstance(node, cst.FunctionDef):
        yield Replace(node, _function(node, clue, site))
    elif isinstance(node, cst.Call):
        yield Replace(node, _mapped_column(node, False, site, node))
    else:
        assert isinstance(node.value, cst.Call)
        value = node.value if clue.elsewhere else _mapped_column(node.value, clue.wrapped, site, node.value)
        target = node.targets[0].target if isinstance(node, cst.Assign) else node.target
        if clue.mapped is not None:
            yield Replace(node, cst.AnnAssign(target, cst.Annotation(_mapped(clue.mapped, site, node)), value))
        elif isinstance(node, cst.AnnAssign):
            yield Replace(node, cst.Assign([cst.AssignTarget(target)], value))
        else:
            yield Replace(node.value, value)
    for module, name in _LEFT_OVER:
        yield DropImport(module, name)


def _function(node: cst.FunctionDef, clue: ColumnRewrite, site: Site) -> cst.FunctionDef:
    """A `declared_attr`: what it returns, and its annotation."""
    new = node.visit(_Returned(node, clue.wrapped, site))
    assert isinstance(new, cst.FunctionDef)
    if clue.mapped is None:
        return new if node.returns is None else new.with_changes(returns=None)
    return declared(new, cst.Annotation(_mapped(clue.mapped, site, node)), clue.classmethod)


class _Returned(cst.CSTTransformer):
    """Rewrites what a function returns."""

    def __init__(self, function: cst.FunctionDef, wrapped: bool, site: Site) -> None:
        super().__init__()
        self.function = function
        self.wrapped = wrapped
        self.site = site

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:
        return node is self.function

    def visit_Lambda(self, node: cst.Lambda) -> bool:
        return False

    def leave_Return(self, original_node: cst.Return, updated_node: cst.Return) -> cst.Return:
        call = original_node.value
        if not isinstance(call, cst.Call):
            return updated_node
        return original_node.with_changes(value=_mapped_column(call, self.wrapped, self.site, call))


def _mapped_column(call: cst.Call, wrapped: bool, site: Site, at: cst.CSTNode) -> cst.Call:
    """The call of `mapped_column`, with the arguments of what stood around it."""
    column, outer = call, []
    if wrapped:
        inner = call.args[0].value
        assert isinstance(inner, cst.Call)
        column = inner
        outer = [keyword(_OF_PROPERTY.get(_name(arg), _name(arg)), arg.value) for arg in call.args[1:]]
        if "\n" in site.code_for(call):
            # Spread over lines it keeps its layout: `deferred()` takes a `mapped_column()` as well.
            return call.with_deep_changes(inner, func=site.reference("sqlalchemy.orm", "mapped_column", at=at))
        if _is_deferred(call, site):
            outer.insert(0, keyword("deferred", cst.Name("True")))
    args = [_modern(arg) for arg in column.args]
    if outer:
        args = _joined(args, outer)
    changes: dict[str, object] = {"func": site.reference("sqlalchemy.orm", "mapped_column", at=at)}
    if any(new is not old for new, old in zip(args, column.args, strict=False)) or outer:
        changes["args"] = args
    return column.with_changes(**changes)


def _is_deferred(call: cst.Call, site: Site) -> bool:
    """Whether a property is deferred by its function and not by an argument."""
    return site.code_for(call.func).rpartition(".")[2] != "column_property" and "deferred" not in map(_name, call.args)


def _name(arg: cst.Arg) -> str:
    return arg.keyword.value if arg.keyword is not None else ""


def _joined(args: list[cst.Arg], more: list[cst.Arg]) -> list[cst.Arg]:
    """Arguments behind others; what stands behind the last comma of those stays behind the last comma of all."""
    if not args:
        return more
    comma = args[-1].comma
    between = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    joined = [*args[:-1], args[-1].with_changes(comma=between)]
    joined += [arg.with_changes(comma=between) for arg in more[:-1]]
    return [*joined, more[-1].with_changes(comma=comma)]


def _modern(arg: cst.Arg) -> cst.Arg:
    """`String(50, convert_unicode=True)` without the argument that only Python 2 needed."""
    call = arg.value
    if not isinstance(call, cst.Call) or all(_name(one) != "convert_unicode" for one in call.args):
        return arg
    kept = [one for one in call.args if _name(one) != "convert_unicode"]
    if kept and _name(call.args[-1]) == "convert_unicode":
        kept[-1] = kept[-1].with_changes(comma=call.args[-1].comma)
    return arg.with_changes(value=call.with_changes(args=kept))


def _mapped(mapped: MappedHint, site: Site, at: cst.CSTNode) -> cst.BaseExpression:
    """`Mapped[Optional[int]]`, by the names that mean it at a place."""
    inner = _spelled(mapped.hint, site, at)
    if mapped.optional:
        if mapped.style.union:
            inner = f"{inner} | None"
        else:
            inner = f"{site.name_for('typing', 'Optional', at=at)}[{inner}]"
    return site.expression(f"{site.name_for('sqlalchemy.orm', 'Mapped', at=at)}[{inner}]")


def _spelled(hint: Hint, site: Site, at: cst.CSTNode) -> str:
    if hint.dotted:
        site.imports.append(AddImport(hint.module))
        name = f"{hint.module}.{hint.name}"
    else:
        name = site.name_for(hint.module, hint.name, at=at) if hint.module else hint.name
    return f"{name}[{', '.join(_spelled(arg, site, at) for arg in hint.args)}]" if hint.args else name
