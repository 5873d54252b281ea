"""The parts of statements: what they assign to, which expressions are their own, which blocks they have."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from .naming import last_name

_LOGS = frozenset("critical debug error exception info log print warn warning".split())


def targets(one: ast.stmt) -> Iterator[ast.expr]:
    """What a statement assigns to or deletes, tuples taken apart."""
    found: list[ast.expr] = []
    if isinstance(one, ast.Assign | ast.Delete):
        found = list(one.targets)
    elif isinstance(one, ast.AugAssign | ast.AnnAssign):
        found = [one.target]
    for target in found:
        if isinstance(target, ast.Tuple | ast.List):
            yield from target.elts
        else:
            yield target


def own_parts(one: ast.stmt) -> list[ast.AST]:
    """The expressions of a statement, without the statements in it."""
    if isinstance(one, ast.Try | ast.TryStar | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return []
    if isinstance(one, ast.Match):
        return [one.subject]
    return [n for n in ast.iter_child_nodes(one) if isinstance(n, ast.expr | ast.withitem)]


def arms(one: ast.stmt) -> list[list[ast.stmt]]:
    """The blocks of a statement."""
    if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return []
    if isinstance(one, ast.Match):
        return [case.body for case in one.cases]
    found = [getattr(one, name, []) for name in ("body", "orelse", "finalbody")]
    if isinstance(one, ast.Try | ast.TryStar):
        found += [handler.body for handler in one.handlers]
    return found


def leaves(body: Sequence[ast.stmt]) -> bool:
    """Whether a block ends the function or the round of a loop."""
    return bool(body) and isinstance(body[-1], ast.Raise | ast.Return | ast.Continue | ast.Break)


def is_log(one: ast.stmt) -> bool:
    """Whether a statement only logs; a string that stands alone says as little."""
    if not isinstance(one, ast.Expr):
        return False
    call = bare(one.value)
    if not isinstance(call, ast.Call):
        return isinstance(call, ast.Constant)
    if isinstance(call.func, ast.Attribute):
        # `alog`, `awarning`: structlog's for coroutines.
        return call.func.attr.removeprefix("a") in _LOGS and "log" in last_name(call.func.value).lower()
    return last_name(call.func) in _LOGS


def bare(node: ast.expr) -> ast.expr:
    """An expression without the `await` before it."""
    return node.value if isinstance(node, ast.Await) else node
