"""Make the calls of `requests` in a function with an async client of httpx."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, cast

import libcst as cst

from trueup.change import AddImport, CannotFix, Change, DropImport, Replace, Site, keyword
from trueup.libraries.http_clients import ERRORS, NOT_JSON, VERBS

_Make = Callable[[Any], cst.CSTNode]
_TIGHT = (cst.Attribute, cst.Subscript, cst.Await)
_LOOSE = (cst.If, cst.While, cst.Return, cst.Assign, cst.Arg, cst.Assert, cst.BooleanOperation, cst.IfExp)
"""What may hold a `not ...` without parentheses."""


def with_client(node: cst.Call, plan: Any, site: Site) -> Iterator[Change]:
    """The changes of the function a call stands in, as the plan of the checker says."""
    function = site.function_at(node)
    if function is None:
        raise CannotFix("it stands in no function")
    every = _Every()
    function.visit(every)
    places = {(*site.place(one), site.code_for(one)): one for one in every.found}

    def at(edit: Any) -> cst.BaseExpression:
        found = places.get((edit.line, edit.column, edit.text))
        if found is None:
            raise CannotFix(f"line {edit.line} is written in a way that is not known")
        return found

    site.imports.append(AddImport(plan.package))
    made: dict[int, _Make] = {}
    roots: dict[cst.CSTNode, None] = {}
    for edit in plan.edits:
        old = at(edit)
        if edit.how == "errors":
            _errors(edit.words, old, made, roots, site)
        else:
            made[id(old)] = _answer(edit.how, _is_loose(old, site))
            roots[old] = None
    for edit, written in plan.calls:
        call = at(edit)
        tight = isinstance(site.parent(call), _TIGHT)
        made[id(call)] = _call(written, plan.client, tight)
        roots[call] = None
        if not written.session:
            line = next(one for one in site.ancestors(call) if isinstance(one, cst.SimpleStatementLine))
            client = site.expression(f"{plan.package}.AsyncClient({', '.join(written.settings)})")
            made[id(line)] = _wrapped(client, plan.client)
            roots[line] = None
    for edit in plan.sessions:
        call = at(edit)
        client = site.expression(f"{plan.package}.AsyncClient(follow_redirects=True, timeout=None)")
        made[id(call)] = _instead(client)
        block = next(one for one in site.ancestors(call) if isinstance(one, cst.With))
        made[id(block)] = lambda one: one.with_changes(asynchronous=cst.Asynchronous())
        roots[block] = None
    changer = _Changer(made)
    for root in roots:
        if not any(above in roots for above in site.ancestors(root)):
            yield Replace(root, cast("cst.CSTNode", root.visit(changer)))
    yield DropImport("requests")
    for name in (*VERBS, "Session", "session", "exceptions"):
        yield DropImport("requests", name)
    for error in dict.fromkeys((*ERRORS, *NOT_JSON)):
        module, _, name = error.rpartition(".")
        yield DropImport(module, name)
        yield DropImport("requests", name)


def _instead(new: cst.CSTNode) -> _Make:
    return lambda _: new


class _Every(cst.CSTVisitor):
    """The expressions of a function, the outer ones first."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[cst.BaseExpression] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.Call | cst.Attribute | cst.Name | cst.UnaryOperation):
            self.found.append(node)
        return True


class _Changer(cst.CSTTransformer):
    """Makes other nodes of some."""

    def __init__(self, made: dict[int, _Make]) -> None:
        super().__init__()
        self.made = made

    def on_leave(self, original_node: Any, updated_node: Any) -> Any:
        make = self.made.get(id(original_node))
        return updated_node if make is None else make(updated_node)


def _is_loose(node: cst.CSTNode, site: Site) -> bool:
    above = site.parent(node)
    return isinstance(above, _LOOSE) or (isinstance(above, cst.UnaryOperation) and isinstance(above.operator, cst.Not))


def _answer(how: str, loose: bool) -> _Make:
    """What stands for `.ok`, `.reason` and `.url` of an answer."""

    def make(node: Any) -> cst.CSTNode:
        if how == "not-ok":
            return cst.Attribute(node.expression.value, cst.Name("is_error"), lpar=node.lpar, rpar=node.rpar)
        if how == "reason":
            return cst.Attribute(node.value, cst.Name("reason_phrase"), lpar=node.lpar, rpar=node.rpar)
        if how == "url":
            return cst.Call(cst.Name("str"), [cst.Arg(node)])
        error = cst.Attribute(node.value, cst.Name("is_error"))
        return _in_parentheses(cst.UnaryOperation(cst.Not(), error), not loose)

    return make


def _call(written: Any, client: str, tight: bool) -> _Make:
    """`await client.get(...)`."""

    def make(node: cst.Call) -> cst.CSTNode:
        args: list[cst.Arg] = []
        for arg, name in zip(node.args, written.names, strict=True):
            if name == "=":
                args.append(arg)
            elif name:
                args.append(keyword(name, arg.value).with_changes(comma=arg.comma))
        if args and args[-1].value is not node.args[-1].value:
            args[-1] = args[-1].with_changes(comma=node.args[-1].comma)
        if written.first:
            blank: cst.BaseParenthesizableWhitespace = node.whitespace_before_args
            if isinstance(blank, cst.ParenthesizedWhitespace):  # one argument a line
                blank = blank.with_changes(first_line=cst.TrailingWhitespace(), empty_lines=[])
            else:
                blank = cst.SimpleWhitespace(" ")
            args.insert(0, cst.Arg(cst.SimpleString(written.first), comma=cst.Comma(whitespace_after=blank)))
        for more in written.more:
            name, _, value = more.partition("=")
            last = args[-1]
            if not isinstance(last.comma, cst.Comma):
                args[-1] = last.with_changes(comma=cst.Comma(whitespace_after=cst.SimpleWhitespace(" ")))
            args.append(keyword(name, cst.Name(value)))
        receiver = node.func.value if written.session and isinstance(node.func, cst.Attribute) else cst.Name(client)
        call = node.with_changes(func=cst.Attribute(receiver, cst.Name(written.method)), args=args, lpar=[], rpar=[])
        return _in_parentheses(cst.Await(call, lpar=node.lpar, rpar=node.rpar), tight and not node.lpar)

    return make


def _in_parentheses(node: cst.BaseExpression, needed: bool) -> cst.BaseExpression:
    return node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()]) if needed else node


def _wrapped(client: cst.BaseExpression, name: str) -> _Make:
    """`async with ... as client:` around a statement; the comments above it stay above."""

    def make(line: cst.SimpleStatementLine) -> cst.CSTNode:
        return cst.With(
            items=[cst.WithItem(client, asname=cst.AsName(cst.Name(name)))],
            body=cst.IndentedBlock([line.with_changes(leading_lines=[])]),
            asynchronous=cst.Asynchronous(),
            leading_lines=line.leading_lines,
        )

    return make


def _errors(
    words: tuple[str, ...],
    old: cst.BaseExpression,
    made: dict[int, _Make],
    roots: dict[cst.CSTNode, None],
    site: Site,
) -> None:
    """The errors of an `except` clause, alone or among others."""
    new = [site.reference("json", "JSONDecodeError") if w.startswith("json.") else site.expression(w) for w in words]
    above = site.parent(old)
    if isinstance(above, cst.Element):
        roots[cast("cst.CSTNode", site.parent(above))] = None
        blank = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))

        def several(element: cst.Element) -> Any:
            first = [cst.Element(one, comma=blank) for one in new[:-1]]
            return cst.FlattenSentinel([*first, element.with_changes(value=new[-1])])

        made[id(above)] = several
        return
    roots[old] = None
    made[id(old)] = lambda _: new[0] if len(new) == 1 else cst.Tuple([cst.Element(one) for one in new])
