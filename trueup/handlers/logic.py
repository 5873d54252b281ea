"""Which statements of a route handler are business logic, and which are plumbing between the request and a service."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

from msgspec import Struct

from ..file import File
from .changes import COLLECTION_CHANGES, Changed, changed, changed_object
from .effects import Effects
from .guards import Guards
from .naming import root
from .statements import arms, bare, is_log, leaves, own_parts, targets
from .sums import is_calculation
from .values import Origin, Values, calls


class Kind(StrEnum):
    """What a handler does that is more than plumbing."""

    WRITE = "write"
    """Changes stored data; one line for each distinct call on the path with most of them."""
    SEND = "send"
    """Tells somebody about a write."""
    LOOP_WRITE = "loop-write"
    MUTATION = "mutation"
    """Changes a stored object, or one that a service gave."""
    BULK_MUTATION = "bulk-mutation"
    """Changes each of several such objects."""
    COMMIT = "commit"
    """Ends or flushes a transaction; no logic, but with it what was changed is kept."""
    STATE = "state"
    """Changes what lives as long as the application."""
    STAMP = "stamp"
    """Sets a field of what the client sent."""
    ARITHMETIC = "arithmetic"
    DECISION = "decision"
    """Goes one way or another by what the database or a service gave."""
    RULE = "rule"
    """Turns a request down by a comparison of such values; not for what is missing or not allowed."""
    LOOP = "loop"
    RECOVERY = "recovery"
    """An `except` that does more than raise, return, log or roll back."""
    FILTER = "filter"
    """A comprehension with a condition."""
    NESTED = "nested"
    """A function inside the handler."""
    CHOICE = "choice"
    """`a if c else b`."""
    STATEMENT = "statement"
    """A statement that is not plumbing."""


class Signal(Struct, frozen=True):
    """One such thing, and the line it stands on."""

    kind: Kind
    line: int


def signals(file: File, handler: ast.FunctionDef | ast.AsyncFunctionDef) -> list[Signal]:
    """What a handler does that is more than plumbing, in source order."""
    reader = _Reader(file, handler)
    reader.block(reader.body)
    writes = reader.heaviest(reader.body)
    found = [*reader.found, *(Signal(Kind.WRITE, call.lineno) for call in writes)]
    return sorted(dict.fromkeys(found), key=lambda s: (s.line, s.kind))


class _Reader:
    """Reads one handler."""

    def __init__(self, file: File, handler: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.file = file
        self.values = Values(file, handler)
        self.effects = Effects(self.values, file.config)
        self.guards = Guards(self.values, self.effects)
        self.body = handler.body[1:] if ast.get_docstring(handler, clean=False) is not None else handler.body
        self.found: list[Signal] = []
        self.items: set[str] = set()
        """Names of what the handler loops over."""
        writes = [call for call in calls(file, handler) if self.effects.is_write(call)]
        self.kept = {name for call in writes for name in _names_passed(call)}
        """Names of what is handed to a write."""

    def note(self, kind: Kind, node: ast.stmt | ast.expr) -> None:
        """Put down that a node is more than plumbing."""
        self.found.append(Signal(kind, node.lineno))

    def heaviest(self, body: Sequence[ast.stmt]) -> list[ast.Call]:
        """The distinct writes on the path with most of them; what the request alone decides is two paths."""
        found: list[ast.Call] = []
        for index, one in enumerate(body):
            found += [c for part in own_parts(one) for c in calls(self.file, part) if self.effects.is_write(c)]
            paths = [self.heaviest(arm) for arm in arms(one)]
            if not isinstance(one, ast.If | ast.Match) or self._is_by_domain(one):
                found += [call for path in paths for call in path]
                continue
            leaves_early = isinstance(one, ast.If) and not one.orelse and leaves(one.body)
            if leaves_early:
                # The rest of the block is the other path.
                paths = [paths[0], self.heaviest(body[index + 1 :])]
            longest = max(paths, key=len)
            found += longest
            if leaves_early:
                break
        return _distinct(found)

    def _is_by_domain(self, one: ast.If | ast.Match) -> bool:
        return self.values.origin(one.test if isinstance(one, ast.If) else one.subject) == Origin.DOMAIN

    # Statements

    def block(self, body: Sequence[ast.stmt], looped: bool = False) -> None:
        """Read statements that run one after the other."""
        for index, one in enumerate(body):
            if isinstance(one, ast.If):
                self._branch(one, body[index + 1 :], looped)
            elif isinstance(one, ast.For | ast.AsyncFor | ast.While):
                self._loop(one, looped)
            elif isinstance(one, ast.Try | ast.TryStar):
                self._try(one, looped)
            elif isinstance(one, ast.With | ast.AsyncWith):
                self._expressions(one, looped)
                self.block(one.body, looped)
            elif isinstance(one, ast.Match):
                if self.guards.is_domain(one.subject):
                    self.note(Kind.DECISION, one)
                    self.note(Kind.STATEMENT, one)
                for case in one.cases:
                    self.block(case.body, looped)
            elif isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
                # A generator is there to be streamed.
                if not any(isinstance(n, ast.Yield | ast.YieldFrom) for n in ast.walk(one)):
                    self.note(Kind.NESTED, one)
            else:
                self._simple(one, looped)

    def _branch(self, one: ast.If, behind: Sequence[ast.stmt], looped: bool) -> None:
        self._expressions(one, looped)
        guards = self.guards
        turned = self._turned_away(one, behind)
        if turned is not None:
            if guards.is_rule(one.test, turned, turned is one.body):
                self.note(Kind.RULE, one)
        elif guards.is_domain(one.test) and not (guards.is_presence(one.test) and self._only_shapes(one)):
            self.note(Kind.DECISION, one)
            self.note(Kind.STATEMENT, one)
        if turned is not one.body:
            self.block(one.body, looped)
        self.block(one.orelse, looped)

    def _turned_away(self, one: ast.If, behind: Sequence[ast.stmt]) -> Sequence[ast.stmt] | None:
        """The branch of a guard that turns the request away; `behind` is what follows the `if`."""
        otherwise = one.orelse or (behind if leaves(one.body) else ())
        found = self.guards.is_presence(one.test, True) and not isinstance(one.body[-1], ast.Raise)
        if found and self.guards.bails(otherwise):  # `if order: return ...` before `raise HTTPException(404)`
            return otherwise
        return one.body if self.guards.bails(one.body) else None

    def _only_shapes(self, one: ast.If) -> bool:
        """Whether both branches only fill in what the handler answers with."""
        for inner in (*one.body, *one.orelse):
            if is_log(inner) or isinstance(inner, ast.Pass):
                continue
            if not isinstance(inner, ast.Assign | ast.AnnAssign) or self.guards.writes(inner):
                return False
            if any(changed(target, self.values, self.kept) for target in targets(inner)):
                return False
        return True

    def _loop(self, one: ast.For | ast.AsyncFor | ast.While, looped: bool) -> None:
        self.note(Kind.LOOP, one)
        self.note(Kind.STATEMENT, one)
        if not isinstance(one, ast.While):
            self.items |= {n.id for n in ast.walk(one.target) if isinstance(n, ast.Name)}
        self._expressions(one, looped)
        self.block(one.body, True)
        self.block(one.orelse, looped)

    def _try(self, one: ast.Try | ast.TryStar, looped: bool) -> None:
        for handler in one.handlers:
            if not all(self.guards.undoes(s) for s in handler.body):
                self.note(Kind.RECOVERY, handler.body[0])
                self.note(Kind.STATEMENT, handler.body[0])
        for body in (one.body, *(h.body for h in one.handlers), one.orelse, one.finalbody):
            self.block(body, looped)

    def _simple(self, one: ast.stmt, looped: bool) -> None:
        if isinstance(one, ast.Raise) or is_log(one):
            return
        before = len(self.found)
        for target in targets(one):
            self._note_change(changed(target, self.values, self.kept), target, one)
        if isinstance(one, ast.Assert) and self.guards.weighs(one.test, False):
            self.note(Kind.RULE, one)
        if isinstance(one, ast.AugAssign) and is_calculation(one.op, one.target, one.value, self.values):
            self.note(Kind.ARITHMETIC, one)
        self._expressions(one, looped)
        if len(self.found) > before or not _only_hands_on(one):
            self.note(Kind.STATEMENT, one)

    def _note_change(self, what: Changed | None, target: ast.expr, one: ast.stmt | ast.expr) -> None:
        base = root(target)
        if what is Changed.DOMAIN:
            bulk = isinstance(base, ast.Name) and base.id in self.items
            self.note(Kind.BULK_MUTATION if bulk else Kind.MUTATION, one)
        elif what is not None:
            self.note(Kind.STATE if what is Changed.STATE else Kind.STAMP, one)

    # Expressions

    def _expressions(self, one: ast.stmt, looped: bool) -> None:
        """Read the expressions of a statement itself, not those of the statements in it."""
        for part in own_parts(one):
            for node in self.file.walk(part):
                if isinstance(node, ast.Call):
                    self._call(node, looped or self._is_in_comprehension(node, part))
                elif isinstance(node, ast.BinOp):
                    if is_calculation(node.op, node.left, node.right, self.values):
                        self.note(Kind.ARITHMETIC, node)
                elif isinstance(node, ast.comprehension) and node.ifs:
                    self.note(Kind.FILTER, node.ifs[0])
                elif isinstance(node, ast.IfExp):
                    self.note(Kind.CHOICE, node)

    def _is_in_comprehension(self, node: ast.AST, top: ast.AST) -> bool:
        parent: ast.AST | None = node
        while parent is not None and parent is not top:
            parent = self.file.parent(parent)
            if isinstance(parent, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
                return True
        return False

    def _call(self, node: ast.Call, looped: bool) -> None:
        if self.effects.is_write(node):
            if looped:
                self.note(Kind.LOOP_WRITE, node)
        elif self.effects.is_send(node):
            self.note(Kind.SEND, node)
        elif self.effects.is_commit(node):
            self.note(Kind.COMMIT, node)
        elif isinstance(node.func, ast.Name) and node.func.id in ("setattr", "delattr") and node.args:
            self._note_change(changed_object(node.args[0], self.values, self.kept), node.args[0], node)
        elif isinstance(node.func, ast.Attribute):
            held = node.func.value
            if node.func.attr == "sqlmodel_update":
                self._note_change(changed_object(held, self.values, self.kept), held, node)
            elif node.func.attr in COLLECTION_CHANGES and isinstance(held, ast.Attribute):
                what = changed_object(held.value, self.values, self.kept)
                if what is not Changed.STATE:  # `clients.db.users.update(...)` is no dict's
                    self._note_change(what, held, node)


def _only_hands_on(one: ast.stmt) -> bool:
    """Whether a simple statement keeps, returns or drops the value of one call, name or literal."""
    if not isinstance(one, ast.Assign | ast.AnnAssign | ast.Return | ast.Expr):
        return isinstance(one, ast.Pass | ast.Import | ast.ImportFrom | ast.Global | ast.Nonlocal | ast.Assert)
    value = bare(one.value) if one.value is not None else None
    return value is None or isinstance(
        value, ast.Call | ast.Name | ast.Attribute | ast.Constant | ast.JoinedStr | ast.Subscript | ast.Dict
    )


def _distinct(found: Iterable[ast.Call]) -> list[ast.Call]:
    """Calls that are written differently, the first of each."""
    each: dict[str, ast.Call] = {}
    for call in found:
        each.setdefault(ast.dump(call), call)
    return list(each.values())


def _names_passed(call: ast.Call) -> Iterator[str]:
    for part in (*call.args, *(k.value for k in call.keywords), call.func):
        base = root(part)
        if isinstance(base, ast.Name):
            yield base.id
