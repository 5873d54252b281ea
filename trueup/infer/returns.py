"""What a function returns, with its decorators understood."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..index.facts import (
    Attr,
    Call,
    Expr,
    Name,
    Star,
)
from ..index.project import (
    FunctionSymbol,
)
from ..types import (
    NEVER,
    NONE,
    UNKNOWN,
    Callee,
    Instance,
    Type,
    Unknown,
    union,
)
from .flow import block_at
from .site import Site

if TYPE_CHECKING:
    from .engine import Inference

_PROPERTIES = frozenset(
    {
        "builtins.property",
        "functools.cached_property",
        "sqlalchemy.ext.hybrid.hybrid_property",
        "sqlalchemy.util.memoized_property",
    }
)
_TRANSPARENT = frozenset(
    {
        "abc.abstractmethod",
        "builtins.classmethod",
        "builtins.staticmethod",
        "functools.cache",
        "functools.lru_cache",
        "functools.wraps",
        "typing.final",
        "typing.no_type_check",
        "typing.overload",
        "typing.override",
        "typing.runtime_checkable",
        "warnings.deprecated",
        "async_lru.alru_cache",
    }
)
"""Decorators that leave a call's result as it is."""
_TRANSPARENT_MODULES = (
    "fastapi.",
    "starlette.",
    "pytest.",
    "pytest_asyncio.",
    "pydantic.",
    "sqlalchemy.",
    "tenacity.",
    "backoff.",
    "cachetools.",
)
"""Libraries whose decorators register, check or repeat a function and hand on its result."""


def declared_result(types: Inference, symbol: FunctionSymbol) -> Type:
    """What a call of a function gives as its definition and decorators say, type variables left in."""
    key = ("result", symbol.qualname, symbol.facts.pos.line)
    return types.remember(key, lambda: _declared_result(types, symbol), NEVER)


def _declared_result(types: Inference, symbol: FunctionSymbol) -> Type:
    facts = symbol.facts
    site = types.definition_site(facts, symbol.file)
    result: Type
    if facts.returns is not None:
        result = types.annotation(facts.returns, site)
    elif facts.is_generator:
        result = UNKNOWN
    else:
        result = _from_returns(types, symbol)
    if facts.is_generator and facts.returns is None:
        items = [_yielded(types, e, symbol, line, column) for e, line, column in facts.yielded]
        kind = "AsyncGenerator" if facts.is_async else "Generator"
        result = Instance(f"collections.abc.{kind}", (union(items), UNKNOWN, UNKNOWN))
    elif facts.is_async and not facts.is_generator:
        result = Instance("collections.abc.Coroutine", (UNKNOWN, UNKNOWN, result))
    for decorator in reversed(facts.decorators):
        result = _decorated(types, decorator, symbol, result, site)
    return result


def _from_returns(types: Inference, symbol: FunctionSymbol) -> Type:
    facts = symbol.facts
    if symbol.file.path.endswith(".pyi"):
        return UNKNOWN
    if not facts.returned:
        return NONE
    options = []
    for value, line, column in facts.returned:
        block = block_at(facts.scope.blocks, line, column)
        options.append(types.type_of(value, Site(symbol.file, facts, None, block, line, column)))
    return union(options)


def _yielded(types: Inference, value: Expr, symbol: FunctionSymbol, line: int, column: int) -> Type:
    site = Site(symbol.file, symbol.facts, None, block_at(symbol.facts.scope.blocks, line, column), line, column)
    if isinstance(value, Star):
        return types.iterated(types.type_of(value.value, site))
    return types.type_of(value, site)


def _decorated(types: Inference, decorator: Expr, symbol: FunctionSymbol, result: Type, site: Site) -> Type:
    """What calling the decorated function gives, when calling the plain one gives `result`."""
    plain = decorator.func if isinstance(decorator, Call) else decorator
    name = types.qualname(plain, site) or ""
    if name in _TRANSPARENT or name in _PROPERTIES or name.startswith(_TRANSPARENT_MODULES):
        return result
    if name.rpartition(".")[2] in ("setter", "getter", "deleter", "expression", "comparator"):
        return result
    if isinstance(plain, Attr) and plain.attr in ("setter", "getter", "deleter", "expression"):
        return result
    if name == "contextlib.contextmanager":
        return Instance("contextlib._GeneratorContextManager", (types.iterated(result),))
    if name == "contextlib.asynccontextmanager":
        return Instance("contextlib._AsyncGeneratorContextManager", (types.iterated(result, asynchronous=True),))
    kind = types.type_of(plain, site)
    if isinstance(kind, Callee):
        if kind.qualname.startswith(_TRANSPARENT_MODULES):
            return result
        function = types.project.function(kind.qualname)
        if function is not None and _wraps(types, function, isinstance(decorator, Call), symbol.facts.is_async):
            return result
    return Unknown(f"decorated by `{name or _words(plain)}`")


def _wraps(types: Inference, decorator: FunctionSymbol, factory: bool, is_async: bool) -> bool:
    """Whether a decorator of the project hands on what it wraps: its wrapper is marked with `functools.wraps`.

    A wrapper that is not async around an async function, or the reverse, changes what a call gives.
    """
    inner = decorator
    if factory:
        made = _returned_function(types, decorator)
        if made is None:
            return False
        inner = made
    wrapper = _returned_function(types, inner)
    if wrapper is None:
        return any(
            isinstance(v, Name) and inner.facts.params and v.id == inner.facts.params[0].name
            for v, _, _ in inner.facts.returned
        )
    site = Site(wrapper.file, inner.facts)
    marked = any(
        isinstance(d, Call) and types.qualname(d.func, site) == "functools.wraps" for d in wrapper.facts.decorators
    )
    return marked and wrapper.facts.is_async == is_async


def _returned_function(types: Inference, symbol: FunctionSymbol) -> FunctionSymbol | None:
    for value, _, _ in symbol.facts.returned:
        if isinstance(value, Name):
            found = types.project.function(f"{symbol.file.module}.{symbol.facts.qualname}.{value.id}")
            if found is not None:
                return found
    return None


def _words(expr: Expr) -> str:
    if isinstance(expr, Name):
        return expr.id
    if isinstance(expr, Attr):
        return f"{_words(expr.value)}.{expr.attr}"
    return "an expression"
