"""What the tests of a handler are about: what is missing, who may do it, or the values of the domain."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from .changes import is_shaping
from .effects import Effects
from .naming import is_identity, is_read, last_name, words
from .statements import bare, is_log, leaves
from .values import Origin, Values, calls, instances

_UNDOES = frozenset({"rollback", "close", "aclose", "expunge"})
_OUTCOMES = frozenset("code error errors exists failed found ok success successful".split())
_TURNED_AWAY = frozenset({401, 403, 404})
_NOT_ALLOWED = re.compile(r"40[134]|unauthori[sz]ed|forbidden|permission|denied|not_?found", re.IGNORECASE)


class Guards:
    """The tests and branches of one handler."""

    def __init__(self, values: Values, effects: Effects) -> None:
        self.values = values
        self.effects = effects

    # Branches

    def bails(self, body: Sequence[ast.stmt]) -> bool:
        """Whether a branch only turns the request away: raises, or returns what needs no work."""
        if not leaves(body):
            return False
        for one in body:
            if isinstance(one, ast.Return) and one.value is not None:
                if self.writes(one.value):
                    return False
            elif not self.undoes(one):
                return False
        return True

    def undoes(self, one: ast.stmt) -> bool:
        """Whether a statement of an `except` only ends, logs, rolls back or prepares the answer."""
        if isinstance(one, ast.Raise | ast.Return | ast.Pass | ast.Continue | ast.Break) or is_log(one):
            return True
        if isinstance(one, ast.Expr):
            return last_name(bare(one.value)) in _UNDOES or is_shaping(bare(one.value))
        if isinstance(one, ast.If):
            return all(self.undoes(s) for s in (*one.body, *one.orelse))
        return isinstance(one, ast.Assign | ast.AnnAssign) and not self.writes(one)

    def writes(self, node: ast.AST) -> bool:
        """Whether something below a node changes stored data."""
        return any(self.effects.is_write(call) for call in calls(self.values.file, node))

    # Tests

    def is_domain(self, test: ast.expr) -> bool:
        """Whether a test is about what the database or a service gave, and not about what the caller may do."""
        return self.values.origin(test) == Origin.DOMAIN and not self.is_about_caller(test)

    def is_about_caller(self, test: ast.expr) -> bool:
        """Whether a test is about who calls, or what they may do."""
        for node in ast.walk(test):
            if isinstance(node, ast.Attribute) and is_identity(node.attr):
                return True
            if isinstance(node, ast.Name):
                origin = self.values.names.get(node.id)
                if origin == Origin.CALLER or (origin is None and is_identity(node.id)):
                    return True
        return False

    def is_presence(self, test: ast.expr, positive: bool = False) -> bool:
        """Whether a test only asks if there is something (`positive`: and holds if so), or of which class it is."""
        if isinstance(test, ast.BoolOp):
            return all(self.is_presence(v, positive) for v in test.values)
        if isinstance(test, ast.UnaryOp):
            return isinstance(test.op, ast.Not) and not positive and self.is_presence(test.operand)
        if isinstance(test, ast.Compare):
            if positive:
                return all(isinstance(op, ast.IsNot) for op in test.ops)
            return all(isinstance(op, ast.Is | ast.IsNot) for op in test.ops) or _counts_none(test)
        if isinstance(test, ast.NamedExpr):
            return self.is_presence(test.value, positive)
        if isinstance(test, ast.Call):
            return last_name(test.func) in ("isinstance", "hasattr", "callable", "len", "bool")
        return isinstance(test, ast.Name | ast.Attribute | ast.Subscript | ast.Await)

    def is_rule(self, test: ast.expr, turned: Sequence[ast.stmt], wanted: bool) -> bool:
        """Whether a guard weighs domain values: not what is missing, nor what the caller may do.

        `turned` is the branch that turns the request away, taken where the test is `wanted`.
        """
        return self.weighs(test, wanted) and not _is_not_allowed(turned)

    def weighs(self, test: ast.expr, wanted: bool) -> bool:
        """Whether a test compares domain values, or, `wanted`, finds something that must not be there."""
        if isinstance(test, ast.BoolOp):
            return any(self.weighs(v, wanted) for v in test.values) and not self.is_about_caller(test)
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            return self.weighs(test.operand, not wanted)
        if isinstance(test, ast.NamedExpr):
            return self.weighs(test.target, wanted)
        if not self.is_domain(test):
            return False
        if isinstance(test, ast.Compare):
            if all(isinstance(op, ast.Is | ast.IsNot) for op in test.ops):
                return wanted == isinstance(test.ops[0], ast.IsNot) and isinstance(test.left, ast.Name)
            names = {w for n in ast.walk(test) if isinstance(n, ast.Attribute) for w in words(n.attr)}
            return not _counts_none(test) and names.isdisjoint(_OUTCOMES)
        if isinstance(test, ast.Attribute | ast.Subscript):
            # `if not order.is_open` is a rule, `if not order.lines` asks whether there are any.
            flag = wanted or self.values.is_a(test, "builtins.bool") or not instances(self.values.type_of(test))
            return flag and _OUTCOMES.isdisjoint(words(last_name(test)))
        if isinstance(test, ast.Await | ast.Call):
            # `if orders.get_by_number(n): raise` finds a double; `if orders.is_late(id)` was weighed elsewhere.
            return wanted and is_read(last_name(test))
        return isinstance(test, ast.Name) and wanted and _OUTCOMES.isdisjoint(words(test.id))


def _counts_none(test: ast.Compare) -> bool:
    """`len(x) == 0`, `x == []`, `x != None`: another way to ask whether there is something."""
    right = test.comparators[0]
    if isinstance(right, ast.List | ast.Tuple):
        return not right.elts
    if isinstance(right, ast.Dict):
        return not right.keys
    if not isinstance(right, ast.Constant):
        return False
    return right.value is None or right.value == "" or (right.value in (0, 1) and last_name(test.left) == "len")


def _is_not_allowed(body: Sequence[ast.stmt]) -> bool:
    """Whether a branch answers that something is missing or that the caller may not."""
    for one in body:
        for node in ast.walk(one):
            if isinstance(node, ast.Constant) and node.value in _TURNED_AWAY:
                return True
            if isinstance(node, ast.Name | ast.Attribute) and _NOT_ALLOWED.search(last_name(node)):
                return True
    return False
