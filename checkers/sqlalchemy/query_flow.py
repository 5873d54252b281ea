"""Where a query goes: the variables it is kept in, and all places that use these."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from trueup.file import File
from trueup.index.facts import Binding, Function
from trueup.infer.flow import Reach, block_at, reaching
from trueup.libraries.sqlalchemy.handed import Giver
from trueup.libraries.sqlalchemy.queries import QueryRewrite

from .query_abroad import Abroad
from .query_annotations import as_select, says_nothing
from .query_chains import Chain, Context, Use, chain_from, context_of
from .query_functions import Def, Helper, Helpers, is_dotted, returned, root
from .query_shapes import Shape, advanced, merged, selected


@dataclass(frozen=True, slots=True)
class Seed:
    """A `session.query(...)`, and why it may be something else."""

    call: ast.Call
    session: str
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Member:
    """One chain of a query that goes through variables, or the only one."""

    chain: Chain
    context: Context
    seed: Seed | None
    """Where it begins with `session.query(...)`."""


@dataclass(slots=True)
class Journey:
    """All chains that one query, or several that meet in a variable, is written in."""

    members: list[Member] = field(default_factory=list)
    bad: str = ""
    at: ast.AST | None = None
    """Where that is."""
    doubts: tuple[str, ...] = ()
    """Why behaviour may change."""
    giver: Giver | None = None
    """A function that hands it to other files, or that it was got from."""
    annotations: dict[ast.expr, QueryRewrite] = field(default_factory=dict)
    """Annotations that say `Query`."""

    def fail(self, why: str, at: ast.AST) -> None:
        """Say why it cannot be decided what becomes of them; the first reason stays."""
        if not self.bad:
            self.bad, self.at = why, at


class Flow:
    """The queries of one file."""

    def __init__(self, file: File, seeds: Sequence[Seed]) -> None:
        self.file = file
        self.seeds = {id(seed.call): seed for seed in seeds}
        self._shapes: dict[int, Shape | None] = {}
        self._seen: set[int] = set()
        self._helpers: Helpers | None = None
        self.abroad = Abroad(file)
        self._given: dict[tuple[str, str], Helper] = {}
        """(function, parameter) -> the function, where its parameter gets queries."""
        self._called: dict[int, Helper] = {}
        """id of a call -> the function it calls, which returns a query."""
        self._statements: dict[tuple[str, int, int], ast.Assign | ast.AnnAssign] = {}
        self._names: dict[str, list[ast.Name]] = {}
        for node in (*file.nodes(ast.Assign), *file.nodes(ast.AnnAssign)):
            match node:
                case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                    self._statements[name, node.end_lineno or 0, node.end_col_offset or 0] = node
        for one in file.nodes(ast.Name):
            if isinstance(one.ctx, ast.Load):
                self._names.setdefault(one.id, []).append(one)

    def journeys(self) -> Iterator[Journey]:
        """The queries of the file, in the order they begin in."""
        for seed in self.seeds.values():
            if id(seed.call) not in self._seen:
                journey = Journey()
                self._enter(seed.call, journey)
                yield journey
        for call, _, _ in self.abroad.calls.values():
            if id(call) not in self._seen:
                journey = Journey()
                self._enter(call, journey)
                yield journey

    # Where it goes

    def _enter(self, head: ast.expr, journey: Journey) -> None:
        """Follow a chain to what becomes of it."""
        if id(head) in self._seen:
            return
        self._seen.add(id(head))
        chain = chain_from(head, self.file)
        context = context_of(chain, self.file)
        if id(head) in self.abroad.calls:
            self._joined(self.abroad.calls[id(head)][1], journey, head)
        journey.members.append(Member(chain, context, self.seeds.get(id(head))))
        if context.use is Use.BAD:
            journey.fail(context.why, context.node)
        elif context.use is Use.RETURNED:
            self._returned(context.node, journey)
        elif context.use is Use.PASSED:
            self._passed(chain.top, context, journey)
        elif context.use is Use.BOUND:
            self._bound(context.node, journey)

    def _bound(self, statement: ast.AST, journey: Journey) -> None:
        """Follow a query into a variable."""
        assert isinstance(statement, ast.Assign | ast.AnnAssign)
        target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
        assert isinstance(target, ast.Name)
        function = self.file.function_at(statement)
        if function is None or self.file.site(statement).klass is not None:
            journey.fail(f"`{target.id}` can be used by other modules", statement)
            return
        if isinstance(statement, ast.AnnAssign) and not self._annotated(statement.annotation, journey):
            journey.fail(f"`{target.id}` is annotated as something else than a query", statement)
        binding = next((b for b in self._bindings(function, target.id) if self.statement(b) is statement), None)
        if binding is None:
            journey.fail(f"`{target.id}` is bound in a way that is not followed", statement)
            return
        if any(b.how in ("global", "delete") for b in self._bindings(function, target.id)):
            journey.fail(f"`{target.id}` is not a variable of this function alone", statement)
            return
        for load in self._names.get(target.id, ()):
            inside = self.file.function_at(load)
            if inside is function:
                reach = self.reach(load, function)
                if binding in reach.bindings:
                    self._load(load, reach, function, journey)
            elif inside is not None and self._sees(inside, function, target.id):
                journey.fail(f"the inner function `{inside.name}` uses `{target.id}`", load)

    def helpers(self) -> Helpers:
        """The functions of this file."""
        if self._helpers is None:
            self._helpers = Helpers(self.file)
        return self._helpers

    def _returned(self, statement: ast.AST, journey: Journey) -> None:
        """Follow a query to those who call its function."""
        function = self.file.function_at(statement)
        giver = self.abroad.giver(function) if function is not None else None
        if function is not None and giver is not None:
            self._returned_abroad(function, giver, statement, journey)
            return
        helper = self.helpers().of(function) if function is not None else "it is returned"
        if isinstance(helper, str):
            journey.fail(f"it is returned, and {helper}", statement)
            return
        if not helper.facts.name.startswith("_"):
            why = f"`{helper.facts.name}()` returns a statement then, which matters to code outside of this project"
            journey.doubts = (*journey.doubts, why)
        if self._all_returned(helper.facts, helper.node, statement, journey):
            for call in helper.calls:
                self._called[id(call)] = helper
                self._enter(call, journey)

    def _all_returned(self, function: Function, node: Def, statement: ast.AST, journey: Journey) -> bool:
        """Follow all that a function returns, back to where it begins; False where something else is among it."""
        if not says_nothing(node.returns):
            self._annotated(node.returns, journey)
        for value in returned(node):
            arms = list(self._arms(value)) if value is not None else [None]
            if None in arms:
                journey.fail(f"`{function.name}()` may also return something else than a query", statement)
                return False
            for head in arms:
                if isinstance(head, ast.Call):
                    self._enter(head, journey)
        return True

    def _returned_abroad(self, function: Function, giver: Giver, statement: ast.AST, journey: Journey) -> None:
        """Follow a query to those who call its function in this file; other files see to themselves."""
        node = self.helpers().node(function)
        if giver.why or node is None:
            journey.fail(f"it is returned, and {giver.why or 'its function is not found'}", statement)
            return
        self._joined(giver, journey, statement)
        if self._all_returned(function, node, statement, journey):
            for call, other, _ in self.abroad.calls.values():
                if other.qualname == giver.qualname:
                    self._enter(call, journey)

    def _joined(self, giver: Giver, journey: Journey, at: ast.AST) -> None:
        """Note that a query comes from, or goes to, other files."""
        if journey.giver is not None and journey.giver.group != giver.group:
            journey.fail(f"it may also be what `{giver.name}()` gives", at)
        if journey.giver is None and giver.public:
            why = f"`{giver.public}()` returns a statement then, which matters to code outside of this project"
            journey.doubts = (*journey.doubts, why)
        journey.giver = giver

    def _annotated(self, annotation: ast.expr | None, journey: Journey) -> bool:
        """Note an annotation that says `Query`; False where it says something else."""
        found = as_select(annotation, self.file) if annotation is not None else None
        if found is not None:
            journey.annotations[found[0]] = found[1]
        return found is not None

    def _passed(self, given: ast.expr, context: Context, journey: Journey) -> None:
        """Follow a query into a parameter."""
        call = context.node
        helper = self.helpers().called(call) if isinstance(call, ast.Call) else "what becomes of it there is not known"
        if isinstance(helper, str):
            journey.fail(f"it is passed on, and {helper}", call)
            return
        assert isinstance(call, ast.Call)
        name = helper.parameter(call, given)
        param = next((p for p in helper.facts.params if p.name == name), None)
        argument = next((a for a in ast.walk(helper.node.args) if isinstance(a, ast.arg) and a.arg == name), None)
        said = argument.annotation if argument is not None else None
        fine = says_nothing(said) or self._annotated(said, journey)
        if name is None or param is None or param.default is not None or not fine:
            journey.fail(f"it is passed to `{helper.facts.name}()`, whose parameter may be something else", call)
            return
        if (helper.facts.qualname, name) in self._given:
            return
        self._given[helper.facts.qualname, name] = helper
        for other in helper.calls:
            value = helper.argument(other, name)
            arms = list(self._arms(value)) if value is not None else [None]
            if None in arms or not all(self._holds_query(head) for head in arms):
                journey.fail(f"`{helper.facts.name}()` is also called with something else than a query", other)
                return
            for head in arms:
                if isinstance(head, ast.Call):
                    self._enter(head, journey)
        for load in self._names.get(name, ()):
            inside = self.file.function_at(load)
            if inside is helper.facts:
                reach = self.reach(load, helper.facts)
                if not reach.certain:
                    self._load(load, reach, helper.facts, journey)
            elif inside is not None and self._sees(inside, helper.facts, name):
                journey.fail(f"the inner function `{inside.name}` uses `{name}`", load)

    def _load(self, load: ast.Name, reach: Reach, function: Function, journey: Journey) -> None:
        """A place that reads a variable with a query in it: all it may hold must be queries."""
        known = (function.qualname, load.id) in self._given
        if not reach.certain and not known and any(p.name == load.id for p in function.params):
            journey.fail(f"`{load.id}` may still be what the caller passed", load)
        for binding in reach.bindings:
            statement = self.statement(binding)
            value = statement.value if statement is not None and not binding.unpack else None
            if isinstance(value, ast.Constant) and value.value is None:
                continue
            arms = list(self._arms(value)) if value is not None else []
            if not arms or any(head is None for head in arms):
                journey.fail(f"`{load.id}` may also be something else than a query", load)
                continue
            for head in arms:
                if isinstance(head, ast.Name) and id(head) not in self._seen:
                    continue  # its own binding leads there
                if isinstance(head, ast.Call):
                    self._enter(head, journey)
        self._enter(load, journey)

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
        if not reach.certain and (function.qualname, head.id) not in self._given:
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

    def _begins(self, head: ast.expr) -> bool:
        """Whether an expression is known to give a query."""
        return id(head) in self.seeds or id(head) in self._called or id(head) in self.abroad.calls

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

    def _sees(self, inside: Function, function: Function, name: str) -> bool:
        """Whether a name in an inner function is the outer one's."""
        while inside.qualname != function.qualname:
            if any(p.name == name for p in inside.params) or self._bindings(inside, name):
                return False
            outer = next((f for f in self.file.facts.functions if f.qualname == inside.parent), None)
            if outer is None:
                return False
            inside = outer
        return True

    # What it gives

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
        if id(head) in self._shapes:
            return self._shapes[id(head)]
        self._shapes[id(head)] = None  # a loop adds nothing new
        seed = self.seeds.get(id(head))
        found: Shape | None = None
        if seed is not None:
            found = selected(seed.call.args, self.file, seed.session, seed.doubts)
        elif id(head) in self.abroad.calls and isinstance(head, ast.Call):
            found = self.abroad.shape(head)
        elif id(head) in self._called and isinstance(head, ast.Call):
            found = self._of_call(head, self._called[id(head)])
        elif isinstance(head, ast.Name) and (function := self.file.function_at(head)) is not None:
            reach = self.reach(head, function)
            found = self._of_bindings(reach.bindings)
            helper = self._given.get((function.qualname, head.id)) if not reach.certain else None
            given = self._of_parameter(helper, head.id) if helper is not None else None
            found = merged([one for one in (found, given) if one is not None]) if found or given else None
        self._shapes[id(head)] = found
        return found

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

    def _of_call(self, call: ast.Call, helper: Helper) -> Shape | None:
        """What a call gives: the session is named as the caller knows it."""
        shapes: list[Shape] = []
        for value in helper.returned:
            found = self._of_value(value) if value is not None else ()
            shapes += [self._abroad(replace(s, session=self._session_of(call, helper, s.session))) for s in found]
        return merged(shapes) if shapes else None

    def _session_of(self, call: ast.Call, helper: Helper, session: str) -> str:
        """The session of a function, named where it is called; empty where it has no name there."""
        first = root(session)
        passed = helper.argument(call, first) if first else None
        if passed is not None:
            return self.file.segment(passed) + session[len(first) :] if is_dotted(passed) else ""
        if first in ("self", "cls") and helper.facts.owner:
            receiver = call.func.value if isinstance(call.func, ast.Attribute) else None
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

    def _abroad(self, shape: Shape) -> Shape:
        """What a query gives in another function, where names may mean something else."""
        names = {binding.name for binding in self.file.facts.scope.bindings}
        names.update(one.name for one in self.file.facts.scope.imports)
        last = shape.last if shape.last is None or not shape.last or root(shape.last) in names else None
        items = tuple([item if root(item.text) in names else replace(item, text="") for item in shape.items])
        return replace(shape, last=last, items=items)


def _on_self(call: ast.Call) -> bool:
    match call.func:
        case ast.Attribute(value=ast.Name(id="self")):
            return True
    return False
