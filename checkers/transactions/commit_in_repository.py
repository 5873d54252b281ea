"""A `commit()` inside a repository, which ends a transaction that is not the repository's to end.

## Why
A repository reads and writes; which writes belong together is known where it is called. A method that commits by
itself splits that unit of work: when a later step fails, the earlier one stays in the database, and two methods can
no longer be used in one transaction. Inside `with session.begin()` such a commit breaks the next statement.

## Example
```python
class UserRepository:
    def create(self, user: User) -> User:
        self.session.add(user)
        self.session.commit()
        return user
```
Use instead, with the commit in the service that calls it:
```python
class UserRepository:
    def create(self, user: User) -> User:
        self.session.add(user)
        self.session.flush()
        return user
```

## Fix safety
The fix turns `commit()` into `flush()` and puts the commit into each caller, all of them in one step or none. Where a
caller calls one such method, the commit stands right behind the call, and the fix is safe: it only moves. Where it
calls several, one after the other or in a `for` loop, one commit stands behind the last of them, or behind the loop:
a failure in between from now on rolls all of it back, which is the point, and the fix is unsafe. So it is where the
caller commits later anyway, and needs no other commit. Where a caller may return in between, rolls back, or calls in
branches or a `try`, each call keeps a commit of its own. Behind a commit, what was refreshed before is refreshed again.

With `transaction-owner = "dependency"` services and routes get no commit: the dependency that gives the session has it.
Other connections, as that of a task which is sent between two writes, see the first one later than before.
`flush()` raises the same errors as `commit()` but for deferred constraints. It is also unsafe where a task or script
calls, and where the method makes a schema of the row behind its commit.

There is no fix where the commit stands in a branch, a loop, a `with` or a `try`, where the method rolls back, commits
twice or opens its session itself, where more follows than a `refresh`, or where a caller is not known, calls in the
middle of an expression, opens the transaction with `begin()`, or is a test or another repository; the finding says
which, and where.

## Limits
A function is a repository's by the name of its class or module (`UserRepository`, `crud/`, `repositories/`), or as
`[tool.trueup.layers]` says. A session whose type is not known is not reported.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.config import Config
from trueup.file import File
from trueup.handlers.commits import is_commit, plans
from trueup.index.facts import FileFacts
from trueup.infer import Inference
from trueup.layers import REPOSITORY, layer_of
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule


def _concerned(facts: FileFacts, types: Inference, config: Config) -> bool:
    """Whether a file holds a commit, or a call that is to get one."""
    return facts.path in plans(types, config).paths


@rule(
    "TUT101",
    "commit-in-repository",
    on=ast.Call,
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    libraries=("sqlalchemy", "sqlmodel", "flask_sqlalchemy"),
    where=_concerned,
    url="https://docs.sqlalchemy.org/en/20/orm/session_basics.html#when-do-i-construct-a-session-when-do-i-commit-it-and-when-do-i-close-it",
    effort=5,
    step="transactions",
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    if isinstance(node.func, ast.Attribute) and node.func.attr == "commit":
        yield from _commit(node, node.func, file)
    at = plans(file.types, file.config).calls.get((file.path, node.lineno, node.col_offset))
    if at is not None:
        plan, move = at
        where = "behind the loop around this call" if move.behind_loop else "behind this call"
        yield Hit(
            node,
            f"the commit of `{plan.method.facts.qualname}` belongs here, where the unit of work ends: commit {where}",
            clue=move,
            safety=plan.safety,
            why=plan.why,
            group=plan.group,
            members=plan.members,
        )


def _commit(node: ast.Call, function: ast.Attribute, file: File) -> Iterator[Hit]:
    facts = file.function_at(node)
    if facts is None or not is_commit(file.type_of(function)):
        return
    method = file.function_symbol(facts)
    if layer_of(file.types, method, file.config) != REPOSITORY:
        return
    plan = plans(file.types, file.config).methods.get(method.qualname)
    yield Hit(
        node,
        f"`{facts.qualname}` commits inside the repository, so its caller cannot make it part of a larger unit of "
        "work: flush here, and commit where the unit of work ends",
        safety=plan.safety if plan is not None else Safety.MANUAL,
        why=plan.why if plan is not None else "",
        group=plan.group if plan is not None else "",
        members=plan.members if plan is not None else 0,
    )
