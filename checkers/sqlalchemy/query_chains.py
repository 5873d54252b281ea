"""How a query is written: the chain of methods on `session.query(...)`, and what stands around it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

from trueup.file import File
from trueup.libraries.sqlalchemy.queries import (
    CLOSERS,
    MIDDLES,
    PARTS,
    REFUSED,
    TERMINALS,
)

_ITERATING = frozenset(
    {"list", "set", "tuple", "frozenset", "sorted", "enumerate", "sum", "min", "max", "any", "all", "zip", "map",
     "filter", "iter", "dict"}
)  # fmt: skip
"""Builtins that go through an argument once."""
_METHODS = frozenset({"in_", "not_in", "notin_", "execute", "scalars", "from_select"})
"""Methods that take a query or a statement alike."""
_FUNCTIONS = frozenset(
    {
        "exists",
        "union",
        "union_all",
        "intersect",
        "intersect_all",
        "except_",
        "except_all",
        "any_",
        "all_",
        "not_exists",
    }
)
"""Functions that do so."""


class Part(Struct, frozen=True):
    """One method of a chain: `node` is its call, or the attribute or subscript where it is none."""

    name: str
    node: ast.Call | ast.Attribute | ast.Subscript


class Chain(Struct, frozen=True):
    """A head and the methods on it, inside out."""

    head: ast.expr
    """`session.query(...)`, or what holds a query."""
    parts: tuple[Part, ...]

    @property
    def top(self) -> ast.expr:
        """The whole of it."""
        return self.parts[-1].node if self.parts else self.head

    @property
    def end(self) -> Part | None:
        """The method that runs the query or makes it a part of another statement."""
        last = self.parts[-1] if self.parts else None
        return None if last is None or (last.name in MIDDLES and isinstance(last.node, ast.Call)) else last

    @property
    def middles(self) -> tuple[Part, ...]:
        """The methods in front of that."""
        return self.parts if self.end is None else self.parts[:-1]


def chain_from(head: ast.expr, file: File) -> Chain:
    """The chain that begins with an expression."""
    parts: list[Part] = []
    node: ast.expr = head
    while True:
        parent = file.parent(node)
        if isinstance(parent, ast.Attribute) and isinstance(parent.ctx, ast.Load):
            call = file.parent(parent)
            if not isinstance(call, ast.Call) or call.func is not parent:
                parts.append(Part(parent.attr, parent))
                break
            parts.append(Part(parent.attr, call))
            node = call
            if parent.attr not in MIDDLES:
                break
        elif isinstance(parent, ast.Subscript) and parent.value is node:
            parts.append(Part("[]", parent))
            break
        else:
            break
    return Chain(head, tuple(parts))


class Use(StrEnum):
    """What becomes of a chain."""

    RUN = "run"
    PART = "part"
    """It is part of another statement."""
    ITERATED = "iterated"
    DICT = "dict"
    """Handed to `dict()`, which takes a list of rows but not a result."""
    LISTED = "listed"
    """Kept or returned where a list may be in its place, so that it is run at once."""
    BOUND = "bound"
    RETURNED = "returned"
    PASSED = "passed"
    ASKED = "asked"
    """Compared with None."""
    DROPPED = "dropped"
    BAD = "bad"


class Context(Struct, frozen=True):
    """What becomes of a chain, and where: `node` is the assignment, the return, the call; `why` says what is bad."""

    use: Use
    node: ast.AST
    why: str = ""


def context_of(chain: Chain, file: File) -> Context:
    """What becomes of a chain."""
    end = chain.end
    if end is not None:
        if end.name == "[]" or (end.name in TERMINALS and isinstance(end.node, ast.Call)):
            return Context(Use.RUN, end.node)
        if end.name == "get" and isinstance(file.parent(end.node), ast.Call | ast.keyword):
            return Context(Use.PART, end.node)  # handed on as a function
        if (end.name in CLOSERS and isinstance(end.node, ast.Call)) or end.name in PARTS:
            return Context(Use.PART, end.node)
        instead = f": {REFUSED[end.name]}" if end.name in REFUSED else ""
        return Context(Use.BAD, end.node, f"`.{end.name}` has no counterpart on a `select()`{instead}")
    return _around(chain.top, file)


def _around(node: ast.expr, file: File) -> Context:
    parent = file.parent(node)
    match parent:
        case ast.Expr():
            return Context(Use.DROPPED, parent)
        case ast.IfExp(test=test) if test is node:
            return Context(Use.BAD, parent, _TRUTH)
        case ast.IfExp():
            return _around(parent, file)
        case ast.If(test=test) | ast.While(test=test) | ast.Assert(test=test) if test is node:
            return Context(Use.BAD, parent, _TRUTH)
        case ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
            return Context(Use.BAD, parent, _TRUTH)
        case ast.AnnAssign(target=ast.Name()):
            return Context(Use.BOUND, parent)
        case ast.Assign(targets=targets) if all(isinstance(target, ast.Name) for target in targets):
            return Context(Use.BOUND, parent)
        case ast.Assign(targets=[ast.Tuple() | ast.List()]) | ast.YieldFrom() | ast.Starred():
            return Context(Use.ITERATED, parent)
        case ast.Assign(targets=[ast.Attribute()]):
            return Context(Use.BAD, parent, "it is kept in an attribute, and what reads that is not known")
        case ast.For(iter=iterated) | ast.comprehension(iter=iterated, is_async=0) if iterated is node:
            return Context(Use.ITERATED, parent)
        case ast.Return():
            return Context(Use.RETURNED, parent)
        case ast.Compare(left=left, ops=[ast.Is() | ast.IsNot()]) if left is node:
            return Context(Use.ASKED, parent)
        case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[only]) if only is node:
            return Context(Use.ITERATED, parent)
        case ast.Call(func=func):
            return _argument(node, parent, func, file)
        case ast.keyword():
            call = file.parent(parent)
            return Context(Use.PASSED if isinstance(call, ast.Call) else Use.BAD, call or parent, _PASSED)
        case ast.Lambda():
            return Context(Use.BAD, parent, "a lambda returns it, and who runs it is not known")
        case ast.Yield():
            return Context(Use.BAD, parent, "it is yielded, and who runs it is not known")
    return Context(Use.BAD, parent or node, "it is stored or compared, and who runs it is not known")


_TRUTH = "its truth is asked, which is always true; a `select()` raises there: run it, or ask `.exists()`"
_PASSED = "it is passed on, and what becomes of it there is not known"


def _argument(node: ast.expr, call: ast.Call, func: ast.expr, file: File) -> Context:
    match func:
        case ast.Name(id="bool"):
            return Context(Use.BAD, call, _TRUTH)
        case ast.Name(id="len"):
            return Context(Use.BAD, call, "a query has no length: count it")
        case ast.Name(id=name) if name in _ITERATING and file.qualname(func) == f"builtins.{name}":
            return Context(Use.DICT if name == "dict" else Use.ITERATED, call)
        case ast.Attribute(attr="extend"):
            return Context(Use.ITERATED, call)
        case ast.Attribute(attr=name) if name in _METHODS:
            return Context(Use.PART, call)
        case ast.Attribute(attr=name) | ast.Name(id=name) if name in _FUNCTIONS:
            if (file.qualname(func) or "").startswith("sqlalchemy."):
                return Context(Use.PART, call)
    return Context(Use.PASSED, call, _PASSED)


def seeds(file: File) -> Iterator[ast.Call]:
    """The calls that look like `session.query(entity, ...)`."""
    for node in file.nodes(ast.Call):
        match node:
            case ast.Call(func=ast.Attribute(attr="query"), args=[_, *_], keywords=[]):
                if not any(isinstance(arg, ast.Constant | ast.JoinedStr) for arg in node.args):
                    yield node
