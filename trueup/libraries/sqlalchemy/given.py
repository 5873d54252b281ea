"""Functions that return nothing but queries, what these begin with, and what they select."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from msgspec.structs import replace

from ...index.expressions import last_name
from ...index.facts import Attr, Binding, Call, CallSite, Choice, Const, Expr, FileFacts, Name
from ...index.project import ClassSymbol, FunctionSymbol, ModuleSymbol, VariableSymbol
from ...infer import Inference, Site
from ...types import Callee, ClassObject, Foreign, Instance, Unknown, without_none
from ..alembic import is_migration
from .mapping import mapping
from .mentioned import overridden
from .queries import MIDDLES
from .sessions import is_session

GUESSED = "?"
"""What is selected where that is taken for a mapped class by its name."""
PLAIN = (Name("staticmethod"), Name("classmethod"))
"""Decorators behind which a function is what it was."""


@dataclass(slots=True)
class GivenQuery:
    """What the returned values of a function are made of."""

    symbol: FunctionSymbol
    seeds: list[Call] = field(default_factory=list)
    """The calls `session.query(...)` they begin with."""
    inner: list[tuple[str, Call]] = field(default_factory=list)
    """The other functions they begin with, by qualified name, and the calls."""
    methods: list[tuple[str, Call]] = field(default_factory=list)
    """The methods on these."""

    @property
    def site(self) -> Site:
        """Where its body is read."""
        return Site(self.symbol.file, self.symbol.facts)


def given_queries(types: Inference) -> dict[str, GivenQuery]:
    """The functions that return nothing but queries."""
    found: dict[str, GivenQuery] = {}
    files = list(types.project.files.values())
    waiting = [
        one for file in files if "query" in file.attributes and not is_migration(file) for one in _candidates(file)
    ]
    while waiting:
        names: set[str] = set()
        for symbol in waiting:
            read = _Reader(types, symbol, found).read()
            if read is not None and not _stays(types, read):
                found[symbol.qualname] = read
                names.add(symbol.facts.name)
        # Functions that return what these give.
        waiting = [
            one
            for file in files
            if not names.isdisjoint(file.called) and not is_migration(file)
            for one in _candidates(file)
            if one.qualname not in found and _calls_one(one, names)
        ]
    return found


def _candidates(file: FileFacts) -> Iterator[FunctionSymbol]:
    """The functions of a file that may do nothing but return a query."""
    for one in file.functions:
        if one.returned and not one.parent and not one.is_async and not one.is_generator:
            yield FunctionSymbol(f"{file.module}.{one.qualname}", file, one, (one,))


def _stays(types: Inference, query: GivenQuery) -> bool:
    """Whether a function that makes a query certainly goes on returning it, whoever calls it."""
    symbol = query.symbol
    return not query.inner and (
        any(one not in PLAIN for one in symbol.facts.decorators) or bool(overridden(types, symbol))
    )


def _calls_one(symbol: FunctionSymbol, names: set[str]) -> bool:
    """Whether a function calls something of one of some names."""
    funcs = [one.call.func for one in symbol.facts.scope.calls]
    return any(isinstance(func, Name | Attr) and last_name(func) in names for func in funcs)


class _Reader:
    """Reads what one function returns."""

    def __init__(self, types: Inference, symbol: FunctionSymbol, known: Mapping[str, GivenQuery]) -> None:
        self.types = types
        self.known = known
        self.query = GivenQuery(symbol)
        self._known_names = {one.rpartition(".")[2] for one in known}
        self._names: set[str] = set()

    def read(self) -> GivenQuery | None:
        """What it returns; None where that is something else than a query, too."""
        for value, line, column in self.query.symbol.facts.returned:
            if not self._is_query(value, line, column):
                return None
        return self.query if self.query.seeds or self.query.inner else None

    def _is_query(self, value: Expr, line: int, column: int) -> bool:
        if isinstance(value, Choice):
            return value.kind == "if" and all(self._is_query(one, line, column) for one in value.items)
        methods: list[tuple[str, Call]] = []
        while isinstance(value, Call):
            if isinstance(value.func, Attr) and value.func.attr == "query" and value.args and not value.keywords:
                if any(isinstance(arg, Const) for arg in value.args):
                    return False
                place = replace(self.query.site, line=line, column=column)
                if is_session(self.types, self.types.type_of(value.func.value, place)) is False:
                    return False
                self.query.seeds.append(value)
                break
            if isinstance(value.func, Attr) and value.func.attr in MIDDLES:
                methods.append((value.func.attr, value))
                value = value.func.value
                continue
            site = replace(self.query.site, line=line, column=column)
            if not isinstance(value.func, Name | Attr) or last_name(value.func) not in self._known_names:
                return False
            found = self.types.type_of(value.func, site)
            if not isinstance(found, Callee) or found.qualname not in self.known:
                return False
            self.query.inner.append((found.qualname, value))
            break
        else:
            if not isinstance(value, Name) or not self._is_variable(value.id):
                return False
        self.query.methods += methods
        return True

    def _is_variable(self, name: str) -> bool:
        """Whether a variable holds nothing but queries."""
        if name in self._names:
            return True
        self._names.add(name)
        facts = self.query.symbol.facts
        bindings = [one for one in facts.scope.bindings if one.name == name and one.how != "narrow"]
        if not bindings or any(param.name == name for param in facts.params):
            return False
        return all(
            one.how in ("assign", "annotate")
            and not one.unpack
            and one.value is not None
            and self._holds(one.value, one)
            for one in bindings
        )

    def _holds(self, value: Expr, binding: Binding) -> bool:
        return value == Const("none") or self._is_query(value, binding.line, binding.column)


def calls_of(types: Inference, symbol: FunctionSymbol) -> Iterator[tuple[Site, CallSite]]:
    """The calls of a function."""
    for site, one in types.calls_named(symbol.facts.name):
        found = types.type_of(one.call.func, site)
        if isinstance(found, Callee) and found.qualname == symbol.qualname:
            yield site, one


def entity_of(types: Inference, arg: Expr, site: Site) -> str | None:
    """The mapped class that is selected, empty for a column; None where it is not known which of these it is."""
    one = without_none(types.type_of(arg, site))
    if isinstance(one, ClassObject):
        return one.cls
    if isinstance(one, Instance) and (one.cls.startswith("sqlalchemy.") or _is_sql(types, one)):
        return ""
    if isinstance(arg, Attr) and isinstance(without_none(types.type_of(arg.value, site)), ClassObject):
        return ""
    name = last_name(arg) if isinstance(arg, Name | Attr) else ""
    is_written_so = name[:1].isupper() and any(letter.islower() for letter in name)
    return GUESSED if is_written_so and isinstance(one, Unknown | Foreign) else None


def _is_sql(types: Inference, one: Instance) -> bool:
    return any(name.startswith("sqlalchemy.") for name in types.mro(one.cls).names)


def stands_alone(types: Inference, file: FileFacts, entities: tuple[str, ...]) -> bool:
    """Whether a file can name no mapped class but those, and no table."""
    where = mapping(types)
    others = [one for one in file.classes if f"{file.module}.{one.qualname}" not in entities]
    if any(where.is_declarative(f"{file.module}.{one.qualname}") for one in others):
        return False
    for scope in file.scopes:
        for one in scope.imports:
            found = types.project.follow(one)
            if isinstance(found, ClassSymbol) and found.qualname not in entities:
                if where.is_declarative(found.qualname):
                    return False
            elif (isinstance(found, ModuleSymbol) and types.project.is_own(found.qualname)) or (
                isinstance(found, VariableSymbol) and any(map(_makes_table, found.bindings))
            ):
                return False
        if any(map(_makes_table, scope.bindings)):
            return False
    return not any(types.project.is_own(star) for star in file.scope.stars)


def _makes_table(binding: Binding) -> bool:
    value = binding.value
    return (
        isinstance(value, Call)
        and isinstance(value.func, Name | Attr)
        and last_name(value.func) in ("Table", "aliased", "alias", "subquery", "cte")
    )
