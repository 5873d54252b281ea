"""Calls of sessions as they stand in the syntax tree: on which session, in which transaction, in which order."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from trueup.file import File
from trueup.index.project import FunctionSymbol
from trueup.libraries.sqlalchemy.transactions import MAKERS, is_method, session_methods, ways_to
from trueup.types import Callee

BEGIN = session_methods("begin")
USES = session_methods(
    "add", "add_all", "connection", "delete", "exec", "execute", "get", "get_one", "merge", "query",
    "refresh", "scalar", "scalars", "stream", "stream_scalars",
)  # fmt: skip
"""What begins a transaction, and needs one; an empty `flush()` does neither."""
ENDS = session_methods("commit", "rollback", "close")
_NAMES = frozenset(name.rpartition(".")[2] for name in BEGIN | USES | ENDS) | {"flush"}


def called_on(node: ast.AST, file: File, names: frozenset[str]) -> ast.expr | None:
    """What one of some methods is called on, where a node is such a call and that is certainly a session."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr not in _NAMES:
        return None
    return node.func.value if is_method(file.type_of(node.func), names) else None


def same(one: ast.expr, other: ast.expr) -> bool:
    """Whether two expressions are written alike: `self.db` and `self.db`."""
    return isinstance(one, ast.Name | ast.Attribute) and ast.unparse(one) == ast.unparse(other)


def transaction(node: ast.With | ast.AsyncWith, file: File) -> ast.expr | None:
    """The session whose transaction a `with` statement is: of `with db.begin():`, `with Session.begin() as db:`."""
    for item in node.items:
        call = item.context_expr
        session = called_on(call, file, BEGIN)
        if session is not None:
            return session
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "begin":
            callee = file.type_of(call.func)
            if isinstance(callee, Callee) and callee.qualname in MAKERS and isinstance(item.optional_vars, ast.Name):
                return item.optional_vars
    return None


def body(statements: Sequence[ast.stmt], file: File) -> Iterator[ast.AST]:
    """All nodes of some statements in the order they are written, nested functions left out."""
    for one in statements:
        if not isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from file.walk(one)


def function_of(call: ast.Call, file: File) -> FunctionSymbol | None:
    """The function of the project that a call runs."""
    callee = file.type_of(call.func)
    if not isinstance(callee, Callee):
        return None
    function = file.project.function(callee.qualname)
    return function if function is not None and function.file.path in file.project.files else None


def gets_to(call: ast.Call, file: File, names: frozenset[str]) -> bool:
    """Whether a call is one of some methods of sessions, or gets to one."""
    if is_method(file.type_of(call.func), names):
        return True
    function = function_of(call, file)
    if function is None or (function.facts.is_async and not isinstance(file.parent(call), ast.Await)):
        return False
    return bool(ways_to(file.types, function, names))
