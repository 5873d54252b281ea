"""Functions that take a query, add to it, and return it, in a way that a `select()` knows too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from ...index.expressions import last_name
from ...index.facts import Attr, Call, Choice, Const, Expr, Name, Star
from ...index.project import FunctionSymbol
from ...infer import Inference, Site
from ...types import UNKNOWN, Instance, Unknown, without_none
from .given import PLAIN, calls_of
from .mentioned import parts
from .queries import MIDDLES, QUERY, SAME

SELECT = ("sqlalchemy.Select", "sqlalchemy.sql.selectable.Select")
_BOTH = (SAME - {"filter_by", "params"}) | {"filter"}
"""Methods that queries and statements have, and that mean the same whatever comes before."""


class Taker(Struct, frozen=True):
    """A function that works with a query and with a statement alike."""

    qualname: str
    param: str
    used: tuple[str, ...]
    """The methods it calls, sorted."""

    @property
    def name(self) -> str:
        """How it is called."""
        return self.qualname.rpartition(".")[2]


def taker(types: Inference, qualname: str) -> Taker | None:
    """The function of that name, if it takes a query and returns it, and can do so with a statement."""
    return types.shared(_taker, qualname)


def _taker(types: Inference, qualname: str) -> Taker | None:
    symbol = types.project.function(qualname)
    if symbol is None or symbol.file.path not in types.project.files or len(symbol.overloads) > 1:
        return None
    facts = symbol.facts
    if facts.parent or facts.is_async or facts.is_generator or not facts.returned:
        return None
    if any(one not in PLAIN for one in facts.decorators):
        return None
    if any(one.parent == facts.qualname for one in symbol.file.functions):
        return None
    for param in facts.params:
        if param.kind.startswith("var-") or param.default is not None:
            continue
        found = _Reading(symbol, param.name)
        if found.is_all():
            return Taker(qualname, param.name, tuple(sorted(found.used)))
    return None


class _Reading:
    """What a function does with one of its parameters."""

    def __init__(self, symbol: FunctionSymbol, name: str) -> None:
        self.facts = symbol.facts
        self.names = {name}
        self.used: set[str] = set()

    def is_all(self) -> bool:
        """Whether all it returns is that parameter, with methods on it, and whether it does nothing else with it."""
        bindings = [one for one in self.facts.scope.bindings if one.value is not None]
        grown = True
        while grown:
            more = {one.name for one in bindings if one.value is not None and self._is_chain(one.value)} - self.names
            self.names |= more
            grown = bool(more)
        for one in bindings:
            if one.value is not None and self._mentions(one.value) and one.how not in ("assign", "annotate"):
                return False
        if any(one.name in self.names and not self._is_chain(one.value) for one in self.facts.scope.bindings):
            return False
        if any(one.value is not None and not self._is_fine(one.value) for one in bindings):
            return False
        if not all(self._is_chain(value) for value, _, _ in self.facts.returned):
            return False
        return all(self._is_fine(one.call) for one in self.facts.scope.calls)

    def _is_chain(self, value: Expr | None) -> bool:
        if isinstance(value, Choice):
            return value.kind == "if" and all(map(self._is_chain, value.items))
        while isinstance(value, Call) and isinstance(value.func, Attr) and value.func.attr in _BOTH:
            value = value.func.value
        return isinstance(value, Name) and value.id in self.names

    def _is_fine(self, value: Expr) -> bool:
        """Whether an expression does nothing with the parameter but what a statement can do too."""
        if not self._mentions(value) or (isinstance(value, Name)):
            return True
        if isinstance(value, Choice):
            return value.kind == "if" and all(map(self._is_fine, value.items))
        inner: Expr = value
        while isinstance(inner, Call) and isinstance(inner.func, Attr) and inner.func.attr in _BOTH:
            if any(self._mentions(one) for one in (*inner.args, *[given for _, given in inner.keywords])):
                return False
            self.used.add(inner.func.attr)
            inner = inner.func.value
        return isinstance(inner, Name) or not self._mentions(inner)

    def _mentions(self, value: Expr) -> bool:
        return any(isinstance(one, Name) and one.id in self.names for one in parts(value))


def annotated_takers(types: Inference) -> Mapping[str, str]:
    """The takers whose parameter is annotated `Query`, and that get nothing but statements: qualified name -> path."""
    return types.shared(_annotated_takers)


def _annotated_takers(types: Inference) -> dict[str, str]:
    found: dict[str, str] = {}
    for symbol in _functions_that_know_queries(types):
        said = [one for one in symbol.facts.params if one.annotation is not None and _says_query(one.annotation)]
        if not said:
            continue
        one = taker(types, symbol.qualname)
        if one is None or all(param.name != one.param for param in said):
            continue
        given = list(_given(types, symbol, one))
        if given and all(given):
            found[symbol.qualname] = symbol.file.path
    return found


def _functions_that_know_queries(types: Inference) -> Iterator[FunctionSymbol]:
    """The functions of the files in which `Query` means something."""
    for file in types.project.files.values():
        if not file.stands_in_functions("Query"):
            continue
        known = "sqlalchemy" in file.imported or "Query" in file.attributes or file.scope.stars
        if known or any("Query" in (one.name, one.attr) for one in file.scope.imports):
            for facts in file.functions:
                yield FunctionSymbol(f"{file.module}.{facts.qualname}", file, facts, (facts,))


def _says_query(annotation: Expr) -> bool:
    if isinstance(annotation, Const):
        return "Query" in annotation.text
    return any(isinstance(one, Name | Attr) and last_name(one) == "Query" for one in parts(annotation))


def _given(types: Inference, symbol: FunctionSymbol, one: Taker) -> Iterator[bool]:
    """For each call, whether a statement is passed: a query that stays one could not be passed any more."""
    for site, call in calls_of(types, symbol):
        value = argument(symbol, one.param, call.call)
        found = without_none(types.type_of(value, site)) if value is not None else UNKNOWN
        yield isinstance(found, Instance) and found.cls in SELECT


def is_query(types: Inference, value: Expr, site: Site) -> bool:
    """Whether an expression is a query or a statement."""
    found = without_none(types.type_of(value, site))
    if isinstance(found, Instance):
        return found.cls in QUERY or found.cls in SELECT
    while isinstance(found, Unknown) and isinstance(value, Call) and isinstance(value.func, Attr):
        if value.func.attr == "query" and value.args:
            return True
        if value.func.attr not in MIDDLES:
            return False
        value = value.func.value
    return False


def argument(symbol: FunctionSymbol, name: str, call: Call) -> Expr | None:
    """What a call passes for a parameter, as far as that is written out."""
    for key, value in call.keywords:
        if key == name:
            return value
    index = position(symbol, name, isinstance(call.func, Attr))
    before = call.args[: index + 1]
    if index < 0 or len(before) <= index or any(isinstance(one, Star) for one in before):
        return None
    return before[index]


def position(symbol: FunctionSymbol, name: str, dotted: bool) -> int:
    """Which positional argument of a call is a parameter's; -1 if none is. `dotted`: it is called as `x.name()`."""
    names = [param.name for param in symbol.facts.params if param.kind in ("positional-only", "positional")]
    if symbol.facts.owner and Name("staticmethod") not in symbol.facts.decorators and dotted:
        names = names[1:]
    return names.index(name) if name in names else -1
