"""Expressions as facts keep them; the calls, walruses and inner blocks in them go to the body they stand in."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct
from msgspec.structs import astuple

from .body import Body, position
from .facts import (
    Attr,
    Await,
    Binding,
    Call,
    CallSite,
    Choice,
    Comp,
    Const,
    Display,
    Expr,
    Field,
    Lambda,
    Mapping,
    Name,
    Op,
    Opaque,
    Param,
    Pos,
    Star,
    Sub,
)
from .narrowing import narrowings

MAX_DEPTH = 80
"""Expressions nested deeper become Opaque: nothing downstream has to fear for its stack."""
MAX_TEXT = 200
MAX_ITEMS = 64
"""Longer displays keep their first items only: they are data, and all of one type."""
OPAQUE = Opaque()
_STR = Opaque("builtins.str")
_BOOL = Opaque("builtins.bool")
NO_VALUE = Const("none")
_ELLIPSIS = Const("ellipsis")
_TRUE, _FALSE = Const("bool", "True"), Const("bool", "False")
OPERATORS = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.LShift: "<<", ast.RShift: ">>", ast.BitOr: "|", ast.BitXor: "^", ast.BitAnd: "&", ast.MatMult: "@",
}  # fmt: skip


class ExpressionReader:
    """Reads expressions; knows nothing of statements."""

    def __init__(self) -> None:
        self.attributes: set[str] = set()
        self.called: set[str] = set()
        self.passed: set[str] = set()
        self.depth = 0

    def whole(self, node: ast.expr, body: Body, block: int, used: str) -> Expr:
        """The expression that a statement is made for: a call knows what becomes of its value."""
        if isinstance(node, ast.Call):
            return self.call(node, body, block, used=used)
        if isinstance(node, ast.Await) and isinstance(node.value, ast.Call):
            body.awaits += 1
            return Await(self.call(node.value, body, block, awaited=True, used=used))
        return self.expr(node, body, block)

    def expr(self, node: ast.expr, body: Body, block: int) -> Expr:
        """Read an expression: the calls, walruses and inner blocks in it go to the body, its shape is returned."""
        kind = node.__class__
        if kind is ast.Name:
            return Name(node.id)  # type: ignore[attr-defined]
        if kind is ast.Constant:
            return _constant(node.value)  # type: ignore[attr-defined]
        if self.depth > MAX_DEPTH:
            return OPAQUE
        self.depth += 1
        try:
            visit = _EXPRESSIONS.get(kind)
            return visit(self, node, body, block) if visit is not None else OPAQUE
        finally:
            self.depth -= 1

    def attribute(self, node: ast.Attribute, body: Body, block: int) -> Expr:
        self.attributes.add(node.attr)
        return Attr(self.expr(node.value, body, block), node.attr)

    def call_expr(self, node: ast.Call, body: Body, block: int) -> Expr:
        return self.call(node, body, block)

    def call(self, node: ast.Call, body: Body, block: int, awaited: bool = False, used: str = "value") -> Call:
        func = self.expr(node.func, body, block)
        args = tuple([self.expr(a, body, block) for a in node.args])
        keywords = tuple([(k.arg or "**", self.expr(k.value, body, block)) for k in node.keywords])
        call = Call(func, args, keywords)
        if isinstance(func, Name | Attr):
            self.called.add(last_name(func))
        self.passed.update([last_name(a) for a in (*args, *[v for _, v in keywords]) if isinstance(a, Name | Attr)])
        body.calls.append(CallSite(call, block, position(node), awaited, used))
        return call

    def await_(self, node: ast.Await, body: Body, block: int) -> Expr:
        body.awaits += 1
        if isinstance(node.value, ast.Call):
            return Await(self.call(node.value, body, block, awaited=True))
        return Await(self.expr(node.value, body, block))

    def subscript(self, node: ast.Subscript, body: Body, block: int) -> Expr:
        value = self.expr(node.value, body, block)
        index = node.slice
        if isinstance(index, ast.Tuple):
            return Sub(value, tuple([self.expr(e, body, block) for e in index.elts]))
        return Sub(value, (self.expr(index, body, block),))

    def display(self, node: ast.List | ast.Tuple | ast.Set, body: Body, block: int) -> Expr:
        items = [self.expr(e, body, block) for e in node.elts]
        return Display(_DISPLAYS[node.__class__], tuple(items[:MAX_ITEMS]))

    def dict_(self, node: ast.Dict, body: Body, block: int) -> Expr:
        keys = [self.expr(k, body, block) if k is not None else None for k in node.keys]
        values = [self.expr(v, body, block) for v in node.values]
        return Mapping(tuple(keys[:MAX_ITEMS]), tuple(values[:MAX_ITEMS]))

    def starred(self, node: ast.Starred, body: Body, block: int) -> Expr:
        return Star(self.expr(node.value, body, block))

    def bin_op(self, node: ast.BinOp, body: Body, block: int) -> Expr:
        left = self.expr(node.left, body, block)
        return Op(OPERATORS[node.op.__class__], left, self.expr(node.right, body, block))

    def bool_op(self, node: ast.BoolOp, body: Body, block: int) -> Expr:
        both = isinstance(node.op, ast.And)
        items: list[Expr] = []
        for index, value in enumerate(node.values):
            items.append(self.expr(value, body, block))
            if both and index + 1 < len(node.values):
                block = self.narrowed(value, True, node.values[index + 1], node, body, block)
        return Choice("and" if both else "or", tuple(items))

    def if_exp(self, node: ast.IfExp, body: Body, block: int) -> Expr:
        self.expr(node.test, body, block)
        yes = self.expr(node.body, body, self.narrowed(node.test, True, node.body, node.body, body, block))
        no = self.expr(node.orelse, body, self.narrowed(node.test, False, node.orelse, node.orelse, body, block))
        return Choice("if", (yes, no))

    def narrowed(self, test: ast.expr, branch: bool, first: ast.expr, last: ast.expr, body: Body, block: int) -> int:
        """The block for the part of an expression that only runs when a test came out as `branch`."""
        found = [n for n in narrowings(test, expression) if n[2] is branch]
        if not found:
            return block
        where = Pos(first.lineno, first.col_offset, last.end_lineno or 0, last.end_col_offset or 0)
        inside = body.block(block, "branch", where)
        for name, value, _ in found:
            body.bindings.insert(0, Binding(name, "narrow", value, None, inside, where.line, max(where.column - 1, 0)))
        return inside

    def unary(self, node: ast.UnaryOp, body: Body, block: int) -> Expr:
        operand = self.expr(node.operand, body, block)
        return _BOOL if isinstance(node.op, ast.Not) else operand

    def compare(self, node: ast.Compare, body: Body, block: int) -> Expr:
        self.expr(node.left, body, block)
        for right in node.comparators:
            self.expr(right, body, block)
        return _BOOL

    def joined(self, node: ast.JoinedStr, body: Body, block: int) -> Expr:
        for value in node.values:
            if isinstance(value, ast.FormattedValue):
                self.expr(value.value, body, block)
                if value.format_spec is not None:
                    self.expr(value.format_spec, body, block)
        return _STR

    def comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, body: Body, block: int
    ) -> Expr:
        inside = body.block(block, "comprehension", position(node))
        for index, generator in enumerate(node.generators):
            value = self.expr(generator.iter, body, inside if index else block)
            how = "async-for" if generator.is_async else "for"
            body.awaits += generator.is_async
            self.target(generator.target, how, value, None, body, inside, (), generator.target)
            for test in generator.ifs:
                self.expr(test, body, inside)
                for name, narrow_to, positive in narrowings(test, expression):
                    if positive:
                        body.bindings.append(
                            Binding(name, "narrow", narrow_to, None, inside, test.lineno, test.col_offset)
                        )
        if isinstance(node, ast.DictComp):
            key = self.expr(node.key, body, inside)
            item = self.expr(node.value, body, inside)
            return Comp("dict", item, node.lineno, node.col_offset, key)
        return Comp(_COMPREHENSIONS[node.__class__], self.expr(node.elt, body, inside), node.lineno, node.col_offset)

    def lambda_(self, node: ast.Lambda, body: Body, block: int) -> Expr:
        inside = body.block(block, "lambda", position(node))
        for param in self.params(node.args, body, block):
            body.bindings.append(Binding(param.name, "lambda", None, None, inside, param.line, param.column))
        return Lambda(self.expr(node.body, body, inside), node.lineno, node.col_offset)

    def walrus(self, node: ast.NamedExpr, body: Body, block: int) -> Expr:
        value = self.expr(node.value, body, block)
        outer = block
        while body.blocks[outer][2] == "comprehension":
            outer = body.blocks[outer][0]
        self.target(node.target, "walrus", value, None, body, outer, (), node)
        return value

    def yield_(self, node: ast.Yield, body: Body, block: int) -> Expr:
        body.generates = True
        value = self.expr(node.value, body, block) if node.value else NO_VALUE
        body.yielded.append((value, node.lineno, node.col_offset))
        return OPAQUE

    def yield_from(self, node: ast.YieldFrom, body: Body, block: int) -> Expr:
        body.generates = True
        body.yielded.append((Star(self.expr(node.value, body, block)), node.lineno, node.col_offset))
        return OPAQUE

    def slice_(self, node: ast.Slice, body: Body, block: int) -> Expr:
        for part in (node.lower, node.upper, node.step):
            if part is not None:
                self.expr(part, body, block)
        return Opaque("builtins.slice")

    def params(self, args: ast.arguments, body: Body, block: int) -> tuple[Param, ...]:
        found: list[Param] = []

        def add(arg: ast.arg, kind: str, default: ast.expr | None) -> None:
            found.append(
                Param(
                    arg.arg,
                    kind,
                    self.expr(arg.annotation, body, block) if arg.annotation else None,
                    self.expr(default, body, block) if default else None,
                    arg.lineno,
                    arg.col_offset,
                )
            )

        positional = [(a, "positional-only") for a in args.posonlyargs] + [(a, "positional") for a in args.args]
        bare = len(positional) - len(args.defaults)
        for index, (arg, kind) in enumerate(positional):
            add(arg, kind, args.defaults[index - bare] if index >= bare else None)
        if args.vararg:
            add(args.vararg, "var-positional", None)
        for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
            add(arg, "keyword", default)
        if args.kwarg:
            add(args.kwarg, "var-keyword", None)
        return tuple(found)

    def target(
        self,
        node: ast.expr,
        how: str,
        value: Expr | None,
        annotation: Expr | None,
        body: Body,
        block: int,
        unpack: tuple[int, ...],
        statement: Any,
    ) -> None:
        """Bind what stands on the left of `=`, behind `for` or `as`.

        The binding's place is where its value has been read: names in the value mean what they meant before.
        """
        if isinstance(node, ast.Name):
            line, column = node.lineno, node.col_offset
            if how in ("assign", "annotate", "augment", "walrus"):
                line, column = statement.end_lineno, statement.end_col_offset
            elif isinstance(statement, ast.For | ast.AsyncFor):
                line, column = statement.iter.end_lineno or line, statement.iter.end_col_offset or column
            body.bindings.append(Binding(node.id, how, value, annotation, block, line, column, unpack))
            if body.fields is not None and not unpack and how in ("assign", "annotate"):
                body.fields.append(Field(node.id, annotation, value, position(statement)))
        elif isinstance(node, ast.Tuple | ast.List):
            star = next((i for i, e in enumerate(node.elts) if isinstance(e, ast.Starred)), None)
            for index, element in enumerate(node.elts):
                if isinstance(element, ast.Starred):
                    self.target(element.value, how, value, None, body, block, (*unpack, -1), statement)
                else:
                    # Behind a star the index counts from the end: -2 is the last, -3 the one before it.
                    place = index if star is None or index < star else index - len(node.elts) - 1
                    self.target(element, how, value, None, body, block, (*unpack, place), statement)
        elif isinstance(node, ast.Attribute):
            if isinstance(node.value, ast.Name) and node.value.id == body.self_name and body.self_name:
                if not unpack:
                    body.attributes.append(Field(node.attr, annotation, value, position(statement), body.parent))
                else:
                    body.attributes.append(Field(node.attr, annotation, OPAQUE, position(statement), body.parent))
            else:
                held = self.expr(node.value, body, block)
                body.changes.append((Attr(held, node.attr), node.lineno, node.col_offset))
        else:
            body.changes.append((self.expr(node, body, block), node.lineno, node.col_offset))


def expression(node: ast.expr) -> Expr:
    """One expression as facts keep it; a rule asks about a node of its tree in the same words."""
    return ExpressionReader().expr(node, Body(position(node)), 0)


def _constant(value: object) -> Const:
    if value is None:
        return NO_VALUE
    if value is True:
        return _TRUE
    if value is False:
        return _FALSE
    if value is ...:
        return _ELLIPSIS
    if isinstance(value, str):
        return Const("str", value if len(value) <= MAX_TEXT and value.isprintable() else "")
    if isinstance(value, bytes):
        return Const("bytes")
    if isinstance(value, int):
        return Const("int", str(value) if abs(value) < 10**18 else "")
    return Const(type(value).__name__, repr(value))


_DISPLAYS: dict[type, str] = {ast.List: "list", ast.Tuple: "tuple", ast.Set: "set"}
_COMPREHENSIONS: dict[type, str] = {ast.ListComp: "list", ast.SetComp: "set", ast.GeneratorExp: "generator"}
_X = ExpressionReader
_EXPRESSIONS: dict[type, Callable[[ExpressionReader, Any, Body, int], Expr]] = {
    ast.Attribute: _X.attribute, ast.Call: _X.call_expr, ast.Await: _X.await_, ast.Subscript: _X.subscript,
    ast.List: _X.display, ast.Tuple: _X.display, ast.Set: _X.display, ast.Dict: _X.dict_,
    ast.Starred: _X.starred, ast.BinOp: _X.bin_op, ast.BoolOp: _X.bool_op, ast.IfExp: _X.if_exp,
    ast.UnaryOp: _X.unary, ast.Compare: _X.compare, ast.JoinedStr: _X.joined,
    ast.ListComp: _X.comprehension, ast.SetComp: _X.comprehension, ast.GeneratorExp: _X.comprehension,
    ast.DictComp: _X.comprehension, ast.Lambda: _X.lambda_, ast.NamedExpr: _X.walrus,
    ast.Yield: _X.yield_, ast.YieldFrom: _X.yield_from, ast.Slice: _X.slice_,
}  # fmt: skip


def last_name(expr: Name | Attr) -> str:
    """`b` of `a.b`, `a` of `a`."""
    return expr.id if isinstance(expr, Name) else expr.attr


def every_part(expr: object) -> Iterator[Struct]:
    """An expression, or those in a tuple, and all that stands in it: each before what it holds itself."""
    stack = [expr]
    while stack:
        one = stack.pop()
        if isinstance(one, tuple):
            stack.extend(one)
        elif isinstance(one, Struct):
            yield one
            stack.extend(astuple(one))
