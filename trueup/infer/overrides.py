"""Which implementations a method has that does nothing itself: those of an abstract base's or protocol's method."""

from __future__ import annotations

from ..index.facts import Function, Name
from ..index.project import ClassSymbol, FunctionSymbol
from ..module_names import is_of_tests
from .engine import Inference

_ABSTRACT = frozenset({"abc.abstractmethod", "abc.abstractclassmethod", "abc.abstractstaticmethod"})
_PROTOCOLS = frozenset({"typing.Protocol", "typing_extensions.Protocol"})


def implementations(types: Inference, cls: str, method: FunctionSymbol) -> tuple[tuple[str, str], ...]:
    """What a method, called on an object known as one of `cls`, may be: (class, the method it has), by path and line.

    Empty for a method that does something itself: what overrides it is run in its place, or is not. Those that only
    tests define are left out, and so are classes that are abstract themselves.
    """
    return types.shared(_implementations, cls, method.facts.name) if is_abstract(types, method) else ()


def _implementations(types: Inference, cls: str, name: str) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for below in types.shared(_classes_below).get(cls, ()) or _of_shape(types, cls):
        member = types.member(below, name)
        if member is None or member.function is None or is_abstract(types, member.function):
            continue
        if member.function.file.path in types.project.files and not is_of_tests(member.function.file.module):
            found.setdefault(member.function.qualname, below)
    return tuple([(below, one) for one, below in found.items()])


def is_abstract(types: Inference, method: FunctionSymbol) -> bool:
    """Whether a method says that it is abstract, or its body does nothing: `...`, `raise NotImplementedError`."""
    key = ("abstract", method.qualname, method.facts.pos.line)
    return bool(method.facts.owner) and types.remember(key, lambda: _is_abstract(types, method), False)


def _is_abstract(types: Inference, method: FunctionSymbol) -> bool:
    facts = method.facts
    site = types.definition_site(facts, method.file)
    if any(types.qualname(one, site) in _ABSTRACT for one in facts.decorators):
        return True
    return not facts.decorators and _does_nothing(types, method)


def _does_nothing(types: Inference, method: FunctionSymbol) -> bool:
    facts, scope = method.facts, method.facts.scope
    if scope.bindings or scope.imports or len(scope.blocks) > 1 or facts.returned or facts.yielded or facts.awaits:
        return False
    if any(one.call.func != Name("NotImplementedError") for one in scope.calls):
        return False
    owner = types.project.klass(f"{method.file.module}.{facts.owner}")
    return owner is not None and not any(one.method == facts.qualname for one in owner.facts.attributes)


def _classes_below(types: Inference) -> dict[str, tuple[str, ...]]:
    """Class of the project -> the project's classes that inherit from it, by path and line."""
    found: dict[str, list[str]] = {}
    for order in types.class_orders():
        for above in order.names[1:]:
            found.setdefault(above, []).append(order.names[0])
    return {above: tuple(below) for above, below in found.items() if types.project.is_own(above)}


def _of_shape(types: Inference, cls: str) -> tuple[str, ...]:
    """The classes of the project that have all methods of a protocol with its parameters; none for other classes."""
    symbol = types.project.klass(cls)
    if symbol is None or not any(name in _PROTOCOLS for name, _ in types.bases(cls)):
        return ()
    return types.shared(_matching, cls)


def _matching(types: Inference, protocol: str) -> tuple[str, ...]:
    symbol = types.project.klass(protocol)
    assert symbol is not None
    wanted = [types.own_member(symbol, name) for name in symbol.facts.methods]
    methods = [one.function.facts for one in wanted if one is not None and one.function is not None]
    if not methods or symbol.facts.fields:
        return ()
    return tuple([one.qualname for one in types.project.classes() if one.qualname != protocol and _fits(one, methods)])


def _fits(symbol: ClassSymbol, methods: list[Function]) -> bool:
    own = {one.name: one for one in symbol.file.functions if one.owner == symbol.facts.qualname}
    return all(
        (mine := own.get(one.name)) is not None
        and mine.is_async == one.is_async
        and [p.name for p in mine.params] == [p.name for p in one.params]
        for one in methods
    )
