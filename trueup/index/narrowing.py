"""What the tests of branches say about the classes of names."""

from __future__ import annotations

import ast
from collections.abc import Callable

from .facts import Display, Expr, Name, Sub

Narrowing = tuple[str, Expr, bool]


def narrowings(test: ast.expr, quiet: Callable[[ast.expr], Expr]) -> list[Narrowing]:
    """(name, class, whether the test being true says so) for the `isinstance` calls a test rests on."""
    if isinstance(test, ast.Call):
        match test:
            case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name(id=name), classes], keywords=[]):
                return [(name, quiet(classes), True)]
            case ast.Call(func=ast.Name(id="issubclass"), args=[ast.Name(id=name), classes], keywords=[]):
                several = classes.elts if isinstance(classes, ast.Tuple) else [classes]
                kinds = [Sub(Name("type"), (quiet(one),)) for one in several]
                return [(name, kinds[0] if len(kinds) == 1 else Display("tuple", tuple(kinds)), True)]
        return []
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return [(name, value, not positive) for name, value, positive in narrowings(test.operand, quiet)]
    if isinstance(test, ast.BoolOp):
        # In `a and b` a true test says both; in `a or b` a false one denies both.
        wanted = isinstance(test.op, ast.And)
        found = [n for value in test.values for n in narrowings(value, quiet) if n[2] is wanted]
        # `isinstance(x, type) and issubclass(x, A)`: the later says more
        return list({name: (name, value, positive) for name, value, positive in found}.values()) if wanted else found
    return []


def captures(pattern: ast.pattern, subject: ast.expr) -> list[tuple[str, ast.expr | None]]:
    """(name, class it must be of or None) for the names a case binds, and for the subject it narrows."""
    found: list[tuple[str, ast.expr | None]] = []
    match pattern:
        case ast.MatchClass(cls=cls) if isinstance(subject, ast.Name):
            found.append((subject.id, cls))
        case ast.MatchAs(pattern=ast.MatchClass(cls=cls), name=str() as name):
            found.append((name, cls))
            if isinstance(subject, ast.Name):
                found.append((subject.id, cls))
    for node in ast.walk(pattern):
        if node is pattern and isinstance(node, ast.MatchAs):
            continue
        if isinstance(node, ast.MatchAs | ast.MatchStar) and node.name:
            inner = node.pattern if isinstance(node, ast.MatchAs) else None
            found.append((node.name, inner.cls if isinstance(inner, ast.MatchClass) else None))
        elif isinstance(node, ast.MatchMapping) and node.rest:
            found.append((node.rest, None))
    return found
