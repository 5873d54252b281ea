"""What the names in a handler say: who calls, what only looks something up, which words they are made of."""

from __future__ import annotations

import ast
import re

_IDENTITY = frozenset(
    "access acl actor admin admins allowed auth authenticate authenticated authorization authorize authorized "
    "caller claims credential credentials forbidden login me oauth owner owners ownership password perm permission "
    "permissions permitted principal privilege privileges rbac role roles scopes staff superuser".split()
)
"""Words of names that say who calls, or what they may do."""
_CURRENT = frozenset({"current", "session", "verified", "active", "logged"})
"""Before one of the next: who calls."""
_PERSON = frozenset("account customer identity member org organization tenant user username workspace".split())
_READS = frozenset(
    "all fetch find first get list load lookup one query read retrieve scalar scalars search select".split()
)


def words(name: str) -> list[str]:
    """The words a name is made of, in lower case: `get_or_create`, `getOrCreate`."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)]


def is_identity(name: str) -> bool:
    """Whether a name says who calls, or what they may do: `current_user`, `is_admin`, `check_permissions`."""
    found = words(name)
    if not _IDENTITY.isdisjoint(found):
        return True
    return not _PERSON.isdisjoint(found) and not _CURRENT.isdisjoint(found)


def is_read(name: str) -> bool:
    """Whether a function's name says that it looks something up: `get_order`, `findByEmail`."""
    return not _READS.isdisjoint(words(name)[:1])


def last_name(node: ast.expr) -> str:
    """`c` of `a.b.c`, `a.b.c()` and `a.b.c[0]`; empty for anything without a name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Call):
        return last_name(node.func)
    if isinstance(node, ast.Subscript | ast.Await | ast.Starred):
        return last_name(node.value)
    return ""


def root(node: ast.expr) -> ast.expr:
    """`a` of `a.b[0].c`; the call of `f(x).b`."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred | ast.Await):
        node = node.value
    return node
