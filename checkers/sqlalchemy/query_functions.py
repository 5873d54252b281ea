"""Functions of one file that hand queries on: who calls them, with what, and what they return."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from msgspec import Struct

from trueup.file import File
from trueup.index.facts import CallSite, Function, Name
from trueup.infer import Site
from trueup.libraries.sqlalchemy.mentioned import overridden, read_in, used_elsewhere
from trueup.nodes import every
from trueup.types import Callee, Foreign, Instance, Unknown, without_none

from .query_annotations import as_select, says_nothing

Def = ast.FunctionDef | ast.AsyncFunctionDef


class Helper(Struct, frozen=True):
    """A function whose calls are all seen: `calls` are those, in this file; of a property, where it is read."""

    facts: Function
    node: Def
    calls: tuple[ast.Call | ast.Attribute, ...]

    @property
    def returned(self) -> list[ast.expr | None]:
        """What it returns, place by place."""
        return returned(self.node)

    def argument(self, call: ast.expr, name: str) -> ast.expr | None:
        """What a call passes for a parameter; None where it does not, or not plainly."""
        if not isinstance(call, ast.Call):
            return None
        if any(isinstance(arg, ast.Starred) for arg in call.args) or any(k.arg is None for k in call.keywords):
            return None
        for keyword in call.keywords:
            if keyword.arg == name:
                return keyword.value
        names = [param.name for param in self.facts.params if param.kind in ("positional-only", "positional")]
        if self.facts.owner and isinstance(call.func, ast.Attribute) and not self._is_static:
            names = names[1:]
        index = names.index(name) if name in names else len(call.args)
        return call.args[index] if index < len(call.args) else None

    def parameter(self, call: ast.Call, given: ast.expr) -> str | None:
        """The parameter that gets an argument of a call."""
        return next((p.name for p in self.facts.params if self.argument(call, p.name) is given), None)

    @property
    def _is_static(self) -> bool:
        return any(decorator == Name("staticmethod") for decorator in self.facts.decorators)


def returned(node: Def) -> list[ast.expr | None]:
    """What a function returns, place by place."""
    return [one.value for one in _own(node) if isinstance(one, ast.Return)]


def _own(node: Def) -> Iterator[ast.AST]:
    """What stands in a function itself, not in those inside it."""
    stack: list[ast.AST] = list(node.body)
    while stack:
        one = stack.pop(0)
        yield one
        if not isinstance(one, Def | ast.ClassDef | ast.Lambda):
            stack[:0] = list(ast.iter_child_nodes(one))


class Helpers:
    """The functions of one file."""

    def __init__(self, file: File) -> None:
        self.file = file
        self._known: dict[str, Helper | str] = {}
        self._calls: dict[tuple[int, int, int, int], ast.Call] = {}
        self._nodes: dict[tuple[int, int], Def] = {}
        for node in every(file.tree):
            if isinstance(node, ast.Call):
                place = (node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0)
                self._calls[place] = node
            elif isinstance(node, Def):
                self._nodes[node.lineno, node.col_offset] = node

    def called(self, call: ast.Call) -> Helper | str:
        """The function of this file that a call certainly calls; else why it is none."""
        found = self.file.type_of(call.func)
        if isinstance(found, Callee):
            for function in self.file.facts.functions:
                if self.file.qualified(function) == found.qualname:
                    return self.of(function)
            symbol = self.file.project.function(found.qualname)
            if symbol is not None and self.file.project.is_own(found.qualname):
                where = f"{symbol.file.path}:{symbol.facts.pos.line}"
                what = "may do with it what a `select()` cannot: hand it the session too"
                return f"`{symbol.facts.name}()` ({where}) {what}"
        return "what becomes of it there is not known"

    def of(self, function: Function) -> Helper | str:
        """A function with all its calls; else why these cannot all be seen."""
        known = self._known.get(function.qualname)
        if known is None:
            known = self._known[function.qualname] = self._find(function)
        return known

    def node(self, function: Function) -> Def | None:
        """The statement that defines a function of this file."""
        return self._nodes.get((function.pos.line, function.pos.column))

    def _find(self, function: Function) -> Helper | str:
        node = self.node(function)
        if node is None or function.is_generator or function.is_async:
            return f"`{function.name}()` is not a plain function"
        if sum(other.qualname == function.qualname for other in self.file.facts.functions) > 1:
            return f"`{function.name}()` is defined more than once"
        is_property = function.decorators == (Name("property"),) and bool(function.owner)
        plain = (Name("staticmethod"), Name("classmethod"))
        if not is_property and any(decorator not in plain for decorator in function.decorators):
            return f"`{function.name}()` is decorated, and who calls it then is not known"
        said = node.returns
        if said is not None and not says_nothing(said) and as_select(said, self.file, lists=True) is None:
            return f"`{function.name}()` says that it returns something else than a query"
        symbol = self.file.function_symbol(function)
        if other := overridden(self.file.types, symbol):
            return f"`{function.name}()` is overridden, or overrides another, in `{other}`"
        if is_property:
            return self._with_reads(function, node)
        return used_elsewhere(self.file.types, symbol) or self._with_calls(function, node)

    def _with_calls(self, function: Function, node: Def) -> Helper | str:
        calls: list[ast.Call] = []
        for site, one in self.file.types.calls_named(function.name):
            if site.file.path != self.file.path:
                continue
            if not self._is_call_of(function, one, site):
                continue
            pos = one.pos
            call = self._calls.get((pos.line, pos.column, pos.end_line, pos.end_column))
            if call is None:
                return f"a call of `{function.name}()` is not found"
            calls.append(call)
        uses = {id(call.func) for call in calls}
        for other in every(self.file.tree):
            if id(other) in uses or not isinstance(other, ast.Name | ast.Attribute):
                continue
            name = other.id if isinstance(other, ast.Name) else other.attr
            if name == function.name and isinstance(other.ctx, ast.Load) and self._may_be(function, other):
                return f"`{function.name}` is handed on as a function"
        if not calls:
            return f"nobody calls `{function.name}()` in this project"
        return Helper(function, node, tuple(calls))

    def property_at(self, read: ast.Attribute) -> Helper | None:
        """The property of this file that is certainly read."""
        for function in self.file.facts.functions:
            if function.name == read.attr and function.decorators == (Name("property"),):
                found = self.of(function)
                if isinstance(found, Helper) and any(read is one for one in found.calls):
                    return found
        return None

    def _with_reads(self, function: Function, node: Def) -> Helper | str:
        """A property with all places that read it."""
        name, types = function.name, self.file.types
        if others := [path for path in read_in(types, name) if path != self.file.path]:
            return f"`{name}` is mentioned in {others[0]} too"
        qualname = self.file.qualified(function)
        reads: list[ast.Attribute] = []
        for read in self.file.nodes(ast.Attribute):
            if read.attr != name:
                continue
            one = without_none(self.file.type_of(read.value))
            member = types.member(one.cls, name) if isinstance(one, Instance) else None
            if member is not None and member.function is not None and member.function.qualname == qualname:
                reads.append(read)
            elif not isinstance(one, Instance) or member is None:
                return f"what is read of `{self.file.segment(read.value)}` may be `{name}`"
        if not all(isinstance(read.ctx, ast.Load) for read in reads):
            return f"`{name}` is set or deleted"
        return Helper(function, node, tuple(reads)) if reads else f"nobody reads `{name}` in this project"

    def _is_call_of(self, function: Function, one: CallSite, site: Site) -> bool:
        found = self.file.types.type_of(one.call.func, site)
        return isinstance(found, Callee) and found.qualname == self.file.qualified(function)

    def _may_be(self, function: Function, node: ast.Name | ast.Attribute) -> bool:
        """Whether a name that is no known call of a function may be that function all the same."""
        if isinstance(node, ast.Name) and function.owner:
            return False
        found = self.file.type_of(node)
        if isinstance(found, Callee):
            return found.qualname == self.file.qualified(function)
        return isinstance(found, Unknown | Foreign)


def root(code: str) -> str:
    """The name a dotted expression begins with; empty for anything else."""
    try:
        node = ast.parse(code, mode="eval").body
    except SyntaxError:
        return ""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def is_dotted(node: ast.expr) -> bool:
    """Whether an expression is a name or names with dots between."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)
