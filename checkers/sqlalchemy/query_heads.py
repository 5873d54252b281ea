"""Where a query may begin, seen from the places that use it: variables, parameters, and functions that give one."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from msgspec import Struct

from trueup.file import File
from trueup.index.facts import Binding, Function
from trueup.infer.flow import Reach, block_at, reaching
from trueup.libraries.sqlalchemy.taken import Taker

from .core_calls import is_list
from .query_abroad import Abroad
from .query_chains import Use, chain_from, context_of
from .query_functions import Helper, Helpers


class Seed(Struct, frozen=True):
    """A `session.query(...)`, and why it may be something else."""

    call: ast.Call
    session: str
    doubts: tuple[str, ...] = ()


class Heads:
    """The variables and functions of a file that hold queries."""

    def __init__(self, file: File, seeds: Sequence[Seed]) -> None:
        self.file = file
        self.seeds = {id(seed.call): seed for seed in seeds}
        self._seen: set[int] = set()
        self._helpers: Helpers | None = None
        self.abroad = Abroad(file)
        self._given: dict[tuple[str, str], Helper] = {}
        """(function, parameter) -> the function, where its parameter gets queries."""
        self._taken: dict[int, tuple[Taker, ast.expr]] = {}
        """id of a call -> a function of any file that goes on with a query, and the query it is given."""
        self._called: dict[int, Helper] = {}
        """id of a call -> the function it calls, which returns a query."""
        self._statements: dict[tuple[str, int, int], ast.Assign | ast.AnnAssign] = {}
        self._names: dict[str, list[ast.Name]] = {}
        assigned: list[ast.Assign | ast.AnnAssign] = [*file.nodes(ast.Assign), *file.nodes(ast.AnnAssign)]
        for node in assigned:
            for target in targets_of(node):
                if isinstance(target, ast.Name):
                    self._statements[target.id, node.end_lineno or 0, node.end_col_offset or 0] = node
        for one in file.nodes(ast.Name):
            if isinstance(one.ctx, ast.Load):
                self._names.setdefault(one.id, []).append(one)

    def helpers(self) -> Helpers:
        """The functions of this file."""
        if self._helpers is None:
            self._helpers = Helpers(self.file)
        return self._helpers

    def _bindings(self, function: Function, name: str) -> list[Binding]:
        return self.file.project.names(function.scope).bindings.get(name, [])

    def statement(self, binding: Binding) -> ast.Assign | ast.AnnAssign | None:
        """The assignment that a binding stands for."""
        if binding.how not in ("assign", "annotate"):
            return None
        return self._statements.get((binding.name, binding.line, binding.column))

    def reach(self, load: ast.Name, function: Function) -> Reach:
        """The bindings that a place may read."""
        blocks, line, column = function.scope.blocks, load.lineno, load.col_offset
        return reaching(self._bindings(function, load.id), blocks, block_at(blocks, line, column), line, column)

    def _live(self, load: ast.Name, reach: Reach) -> list[Binding]:
        """The bindings a place may read, without those that each branch of an `if` in between binds anew."""
        found = list(reach.bindings)
        for binding in reach.bindings:
            statement = self.statement(binding)
            branches = _whole_if(statement, self.file) if statement is not None else None
            if branches is None or not branches.lineno <= (branches.end_lineno or 0) < load.lineno:
                continue
            if _binds(branches, load.id) and _comes_before(branches, load, self.file):
                found = [one for one in found if (one.line, one.column) >= (branches.lineno, branches.col_offset)]
        return found

    def is_gone_through_as_list(self, target: ast.Name, statement: ast.Assign | ast.AnnAssign) -> bool:
        """Whether a variable may hold a list where a query of it is gone through, and nothing else becomes of it."""
        function = self.file.function_at(statement)
        if function is None or isinstance(statement, ast.AnnAssign) or self.file.site(statement).klass is not None:
            return False
        bindings = self._bindings(function, target.id)
        binding = next((one for one in bindings if self.statement(one) is statement), None)
        if binding is None or any(one.how in ("global", "delete") for one in bindings):
            return False
        listed = False
        for load in self._names.get(target.id, ()):
            inside = self.file.function_at(load)
            if inside is not function:
                if inside is not None and inside.qualname.startswith(f"{function.qualname}."):
                    return False
                continue
            live = self._live(load, self.reach(load, function))
            if binding not in live:
                continue
            chain = chain_from(load, self.file)
            if chain.parts or context_of(chain, self.file).use is not Use.ITERATED:
                return False
            listed = listed or any(self._holds_list(one) for one in live)
        return listed

    def _holds_list(self, binding: Binding) -> bool:
        statement = self.statement(binding)
        value = statement.value if statement is not None and not binding.unpack else None
        return value is not None and is_list(value, self.file)

    def _arms(self, value: ast.expr) -> Iterator[ast.expr | None]:
        """The heads of the chains that a value may be, None for one that is no query."""
        if isinstance(value, ast.IfExp):
            yield from self._arms(value.body)
            yield from self._arms(value.orelse)
            return
        head = value
        while not self._begins(head):
            if isinstance(head, ast.Call) and isinstance(head.func, ast.Attribute):
                head = head.func.value
            else:
                break
        if isinstance(head, ast.Call) and not self._begins(head):
            helper = self.helpers().called(head)
            if isinstance(helper, Helper) and helper.returned and self._gives_query(helper):
                self._called[id(head)] = helper
        if isinstance(head, ast.Call) and not self._begins(head) and (taken := self.abroad.taken(head)) is not None:
            self._taken[id(head)] = taken  # so it is for what rests on itself, as in a loop
            arms = list(self._arms(taken[1]))
            if None in arms or not all(map(self._holds_query, arms)):
                del self._taken[id(head)]
        if isinstance(head, ast.Attribute) and not self._begins(head):
            read = self.helpers().property_at(head)
            if read is not None and read.returned and self._gives_query(read):
                self._called[id(head)] = read
        chain = chain_from(head, self.file)
        known = self._begins(head) or isinstance(head, ast.Name)
        yield head if known and chain.top is value and chain.end is None else None

    def _holds_query(self, head: ast.expr | None, known: tuple[ast.expr, ...] = ()) -> bool:
        """Whether a head is a variable with nothing but queries in it, or no variable."""
        function = self.file.function_at(head) if isinstance(head, ast.Name) else None
        if not isinstance(head, ast.Name) or head in known:
            return head is not None
        if function is None:
            return False
        reach = self.reach(head, function)
        given = (function.qualname, head.id) in self._given
        if not reach.certain and not given and (not reach.bindings or any(p.name == head.id for p in function.params)):
            return False
        for binding in reach.bindings:
            statement = self.statement(binding)
            value = statement.value if statement is not None and not binding.unpack else None
            if value is None:
                return False
            if isinstance(value, ast.Constant) and value.value is None:
                continue
            if not all(self._holds_query(one, (*known, head)) for one in self._arms(value)):
                return False
        return True

    def _takes(self, call: ast.Call, given: ast.expr) -> bool:
        """Whether a call hands a query to a function that only goes on with it and returns it."""
        found = self.abroad.taken(call)
        if found is None or found[1] is not given:
            return False
        self._taken[id(call)] = found
        return True

    def _begins(self, head: ast.expr) -> bool:
        """Whether an expression is known to give a query."""
        known = (self.seeds, self._called, self._taken, self.abroad.calls)
        return any(id(head) in one for one in known)

    def _gives_query(self, helper: Helper) -> bool:
        """Whether a function returns what begins with a query, a variable or a parameter; the rest is seen there."""
        key = -id(helper)
        if key in self._seen:
            return True
        self._seen.add(key)
        try:
            return all(value is not None and None not in list(self._arms(value)) for value in helper.returned)
        finally:
            self._seen.discard(key)


def targets_of(statement: ast.Assign | ast.AnnAssign) -> list[ast.expr]:
    """What an assignment binds."""
    return statement.targets if isinstance(statement, ast.Assign) else [statement.target]


def _whole_if(statement: ast.stmt, file: File) -> ast.If | None:
    """The `if` whose branch a statement stands in, from its first test on."""
    found: ast.If | None = None
    parent = file.parent(statement)
    while isinstance(parent, ast.If):
        found = parent
        above = file.parent(parent)
        if not isinstance(above, ast.If) or above.orelse != [parent]:
            break
        parent = above
    return found


def _comes_before(branches: ast.If, load: ast.Name, file: File) -> bool:
    """Whether an `if` has certainly been run where a name is read: it stands in a body around the name, above it."""
    owner = file.parent(branches)
    node: ast.AST | None = load
    while node is not None and file.parent(node) is not owner:
        node = file.parent(node)
    bodies = [getattr(owner, name, None) for name in ("body", "orelse", "finalbody")]
    return any(isinstance(body, list) and branches in body and node in body for body in bodies)


def _binds(branches: ast.If, name: str) -> bool:
    """Whether each branch of an `if` binds a name, whatever is true."""
    orelse = branches.orelse
    if not orelse:
        return False
    rest = _binds(orelse[0], name) if len(orelse) == 1 and isinstance(orelse[0], ast.If) else _assigns(orelse, name)
    return rest and _assigns(branches.body, name)


def _assigns(body: list[ast.stmt], name: str) -> bool:
    return any(
        isinstance(target, ast.Name) and target.id == name
        for one in body
        if isinstance(one, ast.Assign | ast.AnnAssign)
        for target in targets_of(one)
    )
