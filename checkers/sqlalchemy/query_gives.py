"""What the chains of a query give, followed through variables and functions."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from trueup.file import File
from trueup.index.facts import Binding
from trueup.libraries.sqlalchemy.taken import Taker

from .query_chains import Chain, Context, chain_from
from .query_functions import Helper, is_dotted, root
from .query_heads import Heads, Seed
from .query_shapes import MULTIPLYING, Shape, advanced, merged, selected

_OBJECT_SESSION = "sqlalchemy.orm.object_session"
_MAX_PASSES = 5
"""How often what a loop gives is looked at again."""


class Member(Struct, frozen=True):
    """One chain of a query that goes through variables, or the only one."""

    chain: Chain
    context: Context
    seed: Seed | None
    """Where it begins with `session.query(...)`."""


class Gives(Heads):
    """What the queries of a file give."""

    def __init__(self, file: File, seeds: Sequence[Seed]) -> None:
        super().__init__(file, seeds)
        self._shapes: dict[int, Shape | None] = {}
        self._guesses: dict[int, Shape | None] = {}
        """What the last pass gave."""
        self._pass: dict[int, Shape | None] = {}
        self._open: set[int] = set()
        self._circular = False

    def shape(self, member: Member) -> Shape:
        """What a chain gives behind all its methods but the one that runs it."""
        found = self._of_head(member.chain.head)
        if found is None:
            return Shape((), bad="what it selects is not known")
        for part in member.chain.middles:
            found, _ = advanced(found, part, self.file)
        return found

    def before(self, member: Member) -> Shape | None:
        """What the head of a chain gives."""
        return self._of_head(member.chain.head)

    def _of_head(self, head: ast.expr) -> Shape | None:
        """What a head gives; where it rests on itself, as in a loop, until nothing is added any more."""
        if id(head) in self._shapes or self._pass:
            return self._read(head)
        self._guesses = {}
        found: Shape | None = None
        for _ in range(_MAX_PASSES):
            self._pass, self._circular = {}, False
            found = self._read(head)
            done, self._pass = self._pass, {}
            if not self._circular or done == self._guesses:
                self._shapes.update(done)
                return found
            self._guesses = done
        self._shapes[id(head)] = None if found is None else found.failed("what it gives in a loop is not followed")
        return self._shapes[id(head)]

    def _read(self, head: ast.expr) -> Shape | None:
        key = id(head)
        if key in self._shapes:
            return self._shapes[key]
        if key in self._pass:
            self._circular = self._circular or key in self._open
            return self._pass[key]
        self._pass[key] = self._guesses.get(key)
        self._open.add(key)
        found = self._pass[key] = self._given_by(head)
        self._open.discard(key)
        return found

    def _given_by(self, head: ast.expr) -> Shape | None:
        seed = self.seeds.get(id(head))
        if seed is not None:
            return selected(seed.call.args, self.file, seed.session, seed.doubts)
        if id(head) in self.abroad.calls and isinstance(head, ast.Call):
            return self.abroad.shape(head)
        if id(head) in self._taken:
            return self._of_taken(*self._taken[id(head)])
        if id(head) in self._called:
            return self._of_call(head, self._called[id(head)])
        function = self.file.function_at(head) if isinstance(head, ast.Name) else None
        if not isinstance(head, ast.Name) or function is None:
            return None
        reach = self.reach(head, function)
        found = self._of_bindings(self._live(head, reach))
        helper = self._given.get((function.qualname, head.id)) if not reach.certain else None
        given = self._of_parameter(helper, head.id) if helper is not None else None
        both = [one for one in (found, given) if one is not None]
        return merged(both) if both else None

    def _of_bindings(self, bindings: Sequence[Binding]) -> Shape | None:
        shapes = []
        for binding in bindings:
            statement = self.statement(binding)
            for head in self._arms(statement.value) if statement is not None and statement.value is not None else ():
                shape = self._of_head(head) if head is not None else None
                if shape is None or head is None:
                    continue
                for part in chain_from(head, self.file).middles:
                    shape, _ = advanced(shape, part, self.file)
                shapes.append(shape)
        return merged(shapes) if shapes else None

    def _of_value(self, value: ast.expr) -> Iterator[Shape]:
        """What a value gives, way by way."""
        for head in self._arms(value):
            shape = self._of_head(head) if head is not None else None
            if shape is None or head is None:
                continue
            for part in chain_from(head, self.file).middles:
                shape, _ = advanced(shape, part, self.file)
            yield shape

    def _of_parameter(self, helper: Helper, name: str) -> Shape | None:
        """What a parameter gives: the session goes by the name of the parameter that gets it."""
        shapes: list[Shape] = []
        for call in helper.calls:
            value = helper.argument(call, name)
            for shape in self._of_value(value) if value is not None else ():
                session = ""
                for param in helper.facts.params:
                    passed = helper.argument(call, param.name)
                    if passed is not None and self.file.segment(passed) == shape.session:
                        session = param.name
                if not session and root(shape.session) == "self" and helper.facts.owner and _on_self(call):
                    session = shape.session
                shapes.append(self._abroad(replace(shape, session=session)))
        return merged(shapes) if shapes else None

    def _of_taken(self, one: Taker, given: ast.expr) -> Shape | None:
        """What a function gives that goes on with a query."""
        shapes = list(self._of_value(given))
        found = merged(shapes) if shapes else None
        if found is None or not one.used:
            return found
        used = {*one.used}
        others = bool(used & {"filter", "where", "having", "options"}) or bool(used & MULTIPLYING)
        spelled = bool(used & MULTIPLYING)
        return replace(
            found,
            used=found.used | used,
            joined=found.joined or others,
            spelled=found.spelled or spelled,
            last=None if spelled else found.last,
            bad=found.bad or (f"`{one.name}()` changes what is selected" if "add_columns" in used else ""),
        )

    def _of_call(self, call: ast.expr, helper: Helper) -> Shape | None:
        """What a call gives: the session is named as the caller knows it."""
        shapes: list[Shape] = []
        for value in helper.returned:
            found = self._of_value(value) if value is not None else ()
            shapes += [self._abroad(replace(s, session=self._session_of(call, helper, s.session))) for s in found]
        return merged(shapes) if shapes else None

    def _session_of(self, call: ast.expr, helper: Helper, session: str) -> str:
        """The session of a function, named where it is called; empty where it has no name there."""
        first = root(session)
        passed = helper.argument(call, first) if first else None
        if passed is not None:
            return self.file.segment(passed) + session[len(first) :] if is_dotted(passed) else ""
        func = call.func if isinstance(call, ast.Call) else call
        receiver = func.value if isinstance(func, ast.Attribute) else None
        if first and session == first and receiver is not None and is_dotted(receiver):
            made = self._session_of_object(helper, first)
            if made:
                return f"{made}({self.file.segment(receiver)})"
        if first in ("self", "cls") and helper.facts.owner:
            dotted = receiver is not None and is_dotted(receiver)
            return self.file.segment(receiver) + session[len(first) :] if receiver is not None and dotted else ""
        if first and any(binding.name == first for binding in self.file.facts.scope.bindings):
            return session
        if not session:
            # The function never had it by name: it is that of the query it was given.
            for (qualname, name), other in self._given.items():
                if qualname == helper.facts.qualname and other is helper:
                    value = helper.argument(call, name)
                    found = {shape.session for shape in self._of_value(value)} if value is not None else set()
                    return found.pop() if len(found) == 1 else ""
        return ""

    def _session_of_object(self, helper: Helper, name: str) -> str:
        """How a method writes `object_session` where a variable of it is `object_session(self)`; empty else."""
        bindings = [one for one in self._bindings(helper.facts, name) if one.how != "narrow"]
        statement = self.statement(bindings[0]) if len(bindings) == 1 else None
        match statement:
            case ast.Assign(value=ast.Call(func=func, args=[ast.Name(id="self")], keywords=[])):
                return self.file.segment(func) if self.file.qualname(func) == _OBJECT_SESSION else ""
        return ""

    def _abroad(self, shape: Shape) -> Shape:
        """What a query gives in another function, where names may mean something else."""
        names = {binding.name for binding in self.file.facts.scope.bindings}
        names.update(one.name for one in self.file.facts.scope.imports)
        last = shape.last if shape.last is None or not shape.last or root(shape.last) in names else None
        items = tuple([item if root(item.text) in names else replace(item, text="") for item in shape.items])
        return replace(shape, last=last, items=items)


def _on_self(call: ast.expr) -> bool:
    match call:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="self"))) | ast.Attribute(value=ast.Name(id="self")):
            return True
    return False
