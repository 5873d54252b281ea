"""Where a function is used beside plain calls: as a value, under another name, overridden, or replaced by tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...index.expressions import last_name
from ...index.facts import (
    Attr,
    Await,
    Call,
    CallSite,
    Choice,
    Comp,
    Const,
    Display,
    Expr,
    FileFacts,
    Lambda,
    Name,
    Op,
    Star,
    Sub,
)
from ...index.facts import Mapping as Literal
from ...index.project import FunctionSymbol
from ...infer import Inference, Site
from ...types import Callee, Foreign, Unknown
from .queries import CLOSERS, EVIDENCE, MIDDLES, TERMINALS

_OF_QUERIES = MIDDLES | TERMINALS | CLOSERS.keys()
_REPLACING = frozenset({"patch", "setattr", "object", "spy", "stub", "patched"})
"""How what replaces functions in tests is called."""


def handed_on(types: Inference, symbol: FunctionSymbol) -> str:
    """Where a function is read as a value, `path:line`; empty where it is only called."""
    name = symbol.facts.name
    for path, file in types.project.files.items():
        imported = [one for scope in file.scopes for one in scope.imports if one.attr == name]
        for one in imported:
            if one.name != name and types.project.follow(one) == types.project.function(symbol.qualname):
                return f"{path}:{one.line}"
        if not imported and name not in file.attributes and path != symbol.file.path:
            continue
        for expr, site in _values(file):
            if _hands_on(types, expr, site, symbol):
                return f"{path}:{site.line}"
    return ""


def read_in(types: Inference, name: str) -> tuple[str, ...]:
    """The files of the project that mention an attribute, by their paths."""
    return types.shared(_read_in, name)


def _read_in(types: Inference, name: str) -> tuple[str, ...]:
    return tuple([path for path, file in types.project.files.items() if name in file.attributes])


def asked_as_query(types: Inference, name: str) -> str:
    """Where a method of queries is called on what a function of some name gave, `path:line`; empty if nowhere."""
    return types.shared(_asked_as_query, name)


def _asked_as_query(types: Inference, name: str) -> str:
    for path, file in types.project.files.items():
        for scope in file.scopes:
            kept = {one.name for one in scope.bindings if _is_called(one.value, name)}
            for one in scope.calls:
                func = one.call.func
                if isinstance(func, Attr) and func.attr in _OF_QUERIES:
                    of = func.value
                    if _is_called(of, name) or (isinstance(of, Name) and of.id in kept):
                        return f"{path}:{one.pos.line}"
    return ""


def _is_called(value: Expr | None, name: str) -> bool:
    return isinstance(value, Call) and isinstance(value.func, Name | Attr) and last_name(value.func) == name


def _values(file: FileFacts) -> Iterator[tuple[Expr, Site]]:
    """The expressions of a file that are bound, returned, yielded or passed, and its decorators."""
    for function in (None, *file.functions):
        scope = function.scope if function is not None else file.scope
        for binding in scope.bindings:
            if binding.value is not None:
                yield binding.value, Site(file, function, None, binding.block, binding.line, binding.column)
        for one in scope.calls:
            for arg in (*one.call.args, *[value for _, value in one.call.keywords]):
                yield arg, Site(file, function, None, one.block, one.pos.line, one.pos.column)
        if function is not None:
            for value, line, column in (*function.returned, *function.yielded):
                yield value, Site(file, function, None, 0, line, column)
            for decorator in function.decorators:
                yield decorator, Site(file, None, None, 0, function.pos.line, function.pos.column)
    for klass in file.classes:
        for field in (*klass.fields, *klass.attributes):
            if field.value is not None:
                yield field.value, Site(file, None, klass, 0, field.pos.line, field.pos.column)


def _hands_on(types: Inference, expr: Expr, site: Site, symbol: FunctionSymbol) -> bool:
    name = symbol.facts.name
    for one in parts(expr):
        if isinstance(one, Name) and one.id == name and not symbol.facts.owner:
            pass
        elif not isinstance(one, Attr) or one.attr != name:
            continue
        found = types.type_of(one, site)
        if isinstance(found, Callee):
            if found.qualname == symbol.qualname:
                return True
        elif isinstance(one, Attr) and symbol.facts.owner and isinstance(found, Unknown | Foreign):
            return True
    return False


def parts(expr: Expr) -> Iterator[Expr]:
    """The names and attributes inside an expression that are read as values: of calls not the function itself."""
    match expr:
        case Name():
            yield expr
        case Attr(value=value):
            yield expr
            yield from parts(value)
        case Call(func=func, args=args, keywords=keywords):
            if isinstance(func, Attr):
                yield from parts(func.value)
            elif not isinstance(func, Name):
                yield from parts(func)
            for one in (*args, *[value for _, value in keywords]):
                yield from parts(one)
        case Sub(value=value, items=items):
            for one in (value, *items):
                yield from parts(one)
        case Display(items=items) | Choice(items=items):
            for one in items:
                yield from parts(one)
        case Literal(values=values):
            for one in values:
                yield from parts(one)
        case Await(value=value) | Star(value=value):
            yield from parts(value)
        case Op(left=left, right=right):
            yield from parts(left)
            yield from parts(right)
        case Lambda(body=body):
            yield from parts(body)
        case Comp(item=item):
            yield from parts(item)


def replaced_names(types: Inference) -> Mapping[str, str]:
    """The names that tests put something else in the place of (`patch("app.users.query_of")`), and where."""
    return types.shared(_replaced_names)


def _replaced_names(types: Inference) -> dict[str, str]:
    found: dict[str, str] = {}
    for path, file in types.project.files.items():
        if _REPLACING.isdisjoint(file.called):
            continue
        for _, one in types.call_sites(file):
            for arg in one.call.args:
                if isinstance(arg, Const) and arg.kind == "str" and arg.text.replace(".", "").isidentifier():
                    found.setdefault(arg.text.rpartition(".")[2], f"{path}:{one.pos.line}")
    return found


def told_by_name(types: Inference, symbol: FunctionSymbol) -> Iterator[tuple[Site, CallSite]]:
    """The calls on something of unknown type that can only mean this method, as nothing else is called so."""
    if symbol.facts.owner and is_telling(types, symbol):
        for site, one in types.calls_named(symbol.facts.name):
            if isinstance(one.call.func, Attr) and isinstance(types.type_of(one.call.func, site), Unknown):
                yield site, one


def is_telling(types: Inference, symbol: FunctionSymbol) -> bool:
    """Whether the name of a method is of several words, and nothing else of the project has it."""
    name = symbol.facts.name
    return "_" in name.strip("_") and name not in EVIDENCE and types.shared(_definitions, name) == 1


def _definitions(types: Inference, name: str) -> int:
    """How many functions of a name there are."""
    files = [one for one in types.project.files.values() if one.stands_in_functions(name)]
    return sum(function.name == name for facts in files for function in facts.functions)


def perhaps_called(types: Inference, symbol: FunctionSymbol) -> str:
    """Where a method may be called on something whose type is not known, `path:line`."""
    if not symbol.facts.owner or is_telling(types, symbol):
        return ""
    for site, one in types.calls_named(symbol.facts.name):
        if isinstance(one.call.func, Attr) and isinstance(types.type_of(one.call.func, site), Unknown | Foreign):
            return f"{site.file.path}:{one.pos.line}"
    return ""


def used_elsewhere(types: Inference, symbol: FunctionSymbol) -> str:
    """Why a function is used in other files than its own, or may be; empty if it is not."""
    own, shown = symbol.file.path, f"`{symbol.facts.name}()`"
    for site, one in types.calls_named(symbol.facts.name):
        found = types.type_of(one.call.func, site)
        if site.file.path != own and isinstance(found, Callee) and found.qualname == symbol.qualname:
            return f"{shown} is used in {site.file.path} too"
    place = perhaps_called(types, symbol)
    if place and not place.startswith(f"{own}:"):
        return f"what is called so at {place} may be {shown}: its type is not known"
    place = handed_on(types, symbol)
    return f"{shown} is handed on as a function ({place})" if place and not place.startswith(f"{own}:") else ""


def overridden(types: Inference, symbol: FunctionSymbol) -> str:
    """A class above or below a method's own that has a method of the same name; empty if there is none."""
    if not symbol.facts.owner:
        return ""
    owner = f"{symbol.file.module}.{symbol.facts.owner}"
    above = types.mro(owner)
    for other in _with_method(types).get(symbol.facts.name, ()):
        if other != owner and (other in above.names or owner in types.mro(other).names):
            return other
    return ""


def _with_method(types: Inference) -> Mapping[str, list[str]]:
    return types.shared(_find_with_method)


def _find_with_method(types: Inference) -> dict[str, list[str]]:
    """Name -> the classes with such a method."""
    found: dict[str, list[str]] = {}
    for symbol in types.project.classes():
        for name in dict.fromkeys(symbol.facts.methods):
            found.setdefault(name, []).append(symbol.qualname)
    return found
