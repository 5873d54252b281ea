"""Where a query goes: the variables it is kept in, and all places that use these."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from trueup.index.facts import Function
from trueup.infer.flow import Reach
from trueup.libraries.sqlalchemy.handed import Giver
from trueup.libraries.sqlalchemy.mentioned import asked_as_query
from trueup.libraries.sqlalchemy.queries import QueryRewrite

from .core_calls import is_list
from .query_annotations import as_select, says_nothing
from .query_chains import Context, Use, chain_from, context_of
from .query_functions import Def, returned
from .query_gives import Gives, Member
from .query_heads import targets_of


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


class Flow(Gives):
    """The queries of one file."""

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

    def _enter(self, head: ast.expr, journey: Journey) -> None:
        """Follow a chain to what becomes of it."""
        if id(head) in self._seen:
            return
        self._seen.add(id(head))
        chain = chain_from(head, self.file)
        context = context_of(chain, self.file)
        if self._stands_for_list(context):
            context = Context(Use.LISTED, context.node)
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

    def _stands_for_list(self, context: Context) -> bool:
        """Whether a query is kept, or returned, where a list may be in its place."""
        if context.use is Use.BOUND:
            match context.node:
                case ast.Assign(targets=[ast.Name() as target]) | ast.AnnAssign(target=ast.Name() as target):
                    return self.is_gone_through_as_list(target, context.node)
        if context.use is Use.RETURNED:
            function = self.file.function_at(context.node)
            node = self.helpers().node(function) if function is not None else None
            if function is None or node is None:
                return False
            lists = any(value is not None and is_list(value, self.file) for value in returned(node))
            return lists and not asked_as_query(self.file.types, function.name)
        return False

    def _bound(self, statement: ast.AST, journey: Journey) -> None:
        """Follow a query into a variable, or several."""
        assert isinstance(statement, ast.Assign | ast.AnnAssign)
        for target in targets_of(statement):
            assert isinstance(target, ast.Name)
            self._bound_to(target, statement, journey)

    def _bound_to(self, target: ast.Name, statement: ast.Assign | ast.AnnAssign, journey: Journey) -> None:
        function = self.file.function_at(statement)
        if function is None or self.file.site(statement).klass is not None:
            journey.fail(f"`{target.id}` can be used by other modules", statement)
            return
        if isinstance(statement, ast.AnnAssign) and not self._annotated(statement.annotation, journey, lists=True):
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
        if not helper.facts.parent and not helper.facts.name.startswith("_"):
            why = f"`{helper.facts.name}()` returns a statement then, which matters to code outside of this project"
            journey.doubts = (*journey.doubts, why)
        if self._all_returned(helper.facts, helper.node, statement, journey):
            for call in helper.calls:
                self._called[id(call)] = helper
                self._enter(call, journey)

    def _all_returned(self, function: Function, node: Def, statement: ast.AST, journey: Journey) -> bool:
        """Follow all that a function returns, back to where it begins; False where something else is among it."""
        if not says_nothing(node.returns):
            self._annotated(node.returns, journey, lists=True)
        for value in returned(node):
            arms = list(self._arms(value)) if value is not None else [None]
            if None in arms:
                journey.fail(f"`{function.name}()` may also return something else than a query", statement)
                return False
            for head in arms:
                if isinstance(head, ast.Call | ast.Attribute):
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
        if journey.giver is None and giver.guessed:
            why = f"what `{giver.name}()` is at {giver.guessed} is told by its name, as nothing else is called so"
            journey.doubts = (*journey.doubts, why)
        journey.giver = giver

    def _annotated(self, annotation: ast.expr | None, journey: Journey, lists: bool = False) -> bool:
        """Note an annotation that says `Query`; False where it says something else."""
        found = as_select(annotation, self.file, lists) if annotation is not None else None
        if found is not None:
            journey.annotations[found[0]] = found[1]
        return found is not None

    def _passed(self, given: ast.expr, context: Context, journey: Journey) -> None:
        """Follow a query into a parameter."""
        call = context.node
        helper = self.helpers().called(call) if isinstance(call, ast.Call) else "what becomes of it there is not known"
        if isinstance(helper, str) and isinstance(call, ast.Call) and self._takes(call, given):
            one = self._taken[id(call)][0]
            why = f"`{one.name}()` is given a statement then, and calls nothing on it that only a query has"
            journey.doubts = (*journey.doubts, why)
            self._enter(call, journey)
            return
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
                if isinstance(head, ast.Call | ast.Attribute):
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
        for binding in self._live(load, reach):
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
                if isinstance(head, ast.Call | ast.Attribute):
                    self._enter(head, journey)
        self._enter(load, journey)

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
