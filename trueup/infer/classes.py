"""Bases, lookup order, members and type arguments of classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..index.facts import Call, Expr, Sub
from ..index.project import ClassSymbol, VariableSymbol
from ..types import (
    UNKNOWN,
    ClassObject,
    Foreign,
    Type,
    Unknown,
    Variable,
)
from .hierarchy import Member, Mro, linearize
from .site import END, Site
from .solve import substitute, variables_in

if TYPE_CHECKING:
    from .engine import Inference


def bases(types: Inference, cls: str) -> tuple[tuple[str, Type], ...]:
    """(qualified name it is written under, class) of each base of a class; () for one that is not known."""
    return types.remember(("bases", cls), lambda: _bases(types, cls), ())


def _bases(types: Inference, cls: str) -> tuple[tuple[str, Type], ...]:
    symbol = types.project.klass(cls)
    if symbol is None:
        return ()
    site = class_site(types, symbol)
    found = []
    for base in symbol.facts.bases:
        plain = base.value if isinstance(base, Sub) else base
        mixin = _base_of_made(types, plain, site)
        if mixin is not None:
            found.append(("", mixin))
        name = types.qualname(plain, site) or ""
        found.append((name, types.type_of(base, site)))
    return tuple(found)


def _base_of_made(types: Inference, base: Expr, site: Site) -> Type | None:
    """The class that `Base = declarative_base(cls=Mixin)` puts above all that inherit from `Base`."""
    symbol = types.symbol_of(base, site)
    if not isinstance(symbol, VariableSymbol):
        return None
    for binding in symbol.bindings:
        if isinstance(binding.value, Call) and (given := dict(binding.value.keywords).get("cls")) is not None:
            maker = types.qualname(binding.value.func, Site(symbol.file))
            if maker in ("sqlalchemy.orm.declarative_base", "sqlalchemy.orm.as_declarative"):
                return types.type_of(given, Site(symbol.file))
    return None


def class_site(types: Inference, symbol: ClassSymbol) -> Site:
    """Where a class statement's bases and decorators are read: the scope it stands in."""
    file, facts = symbol.file, symbol.facts
    owner = types.project.klass(f"{file.module}.{facts.owner}") if facts.owner else None
    parent = types.project.function(f"{file.module}.{facts.parent}") if facts.parent else None
    return Site(
        file,
        parent.facts if parent is not None else None,
        owner.facts if owner is not None else None,
        0,
        facts.pos.line if not parent else END,
        facts.pos.column if not parent else END,
    )


def mro(types: Inference, cls: str) -> Mro:
    """A class's lookup order."""
    return types.remember(("mro", cls), lambda: _mro(types, cls), Mro((cls,), False))


def _mro(types: Inference, cls: str) -> Mro:
    if cls in ("builtins.object", "typing.Generic", "typing.Protocol"):
        return Mro((cls,), True)
    symbol = types.project.klass(cls)
    if symbol is None:
        return Mro((cls,), False)
    complete = True
    parents: list[tuple[str, ...]] = []
    for name, base in bases(types, cls):
        if isinstance(base, ClassObject):
            if base.cls == cls:
                complete = False
                continue
            above = mro(types, base.cls)
            complete = complete and above.complete
            parents.append(above.names if name in ("", base.cls) else (name, *above.names))
        else:
            complete = False
            if isinstance(base, Foreign):
                parents.append((base.path,))
            elif name:
                parents.append((name,))
    if not symbol.facts.bases:
        parents.append(("builtins.object",))
    return Mro(linearize(cls, parents), complete)


def class_orders(types: Inference) -> dict[str, tuple[Mro, ...]]:
    """Path -> the lookup orders of all classes of that file, in source order: for `Inference.shared`."""
    return types.by_file(_orders_in)


def _orders_in(types: Inference, path: str) -> tuple[Mro, ...]:
    file = types.project.files[path]
    return tuple([mro(types, f"{file.module}.{klass.qualname}") for klass in file.classes])


def is_subclass(types: Inference, cls: str, base: str) -> bool | None:
    """Whether a class is, or inherits from, another; None where an unknown base leaves it open."""
    order = mro(types, cls)
    if base in order.names:
        return True
    return False if order.complete else None


def parameters(types: Inference, cls: str) -> tuple[Type, ...]:
    """The type variables of a generic class, in order."""
    return types.remember(("parameters", cls), lambda: _type_parameters(types, cls), ())


def _type_parameters(types: Inference, cls: str) -> tuple[Type, ...]:
    symbol = types.project.klass(cls)
    if symbol is None:
        return ()
    if symbol.facts.type_params:
        return tuple([Variable(f"{cls}.{n}") for n in symbol.facts.type_params])
    found: dict[Type, None] = {}
    for _, base in bases(types, cls):
        if isinstance(base, ClassObject):
            if base.cls in ("typing.Generic", "typing.Protocol") and base.args:
                return base.args
            for arg in base.args:
                for name in variables_in(arg):
                    found[name] = None
    return tuple(found)


def ancestor_args(types: Inference, cls: str, args: tuple[Type, ...], ancestor: str) -> tuple[Type, ...] | None:
    """The type arguments a class has as one of its ancestors; None where it is not one."""
    if cls == ancestor:
        return args
    key = ("ancestor", cls, args, ancestor)
    return types.remember(key, lambda: _ancestor_args(types, cls, args, ancestor), None)


def _ancestor_args(types: Inference, cls: str, args: tuple[Type, ...], ancestor: str) -> tuple[Type, ...] | None:
    if ancestor not in mro(types, cls).names:
        return None
    env = type_env(types, cls, args)
    best: tuple[Type, ...] | None = None
    for _, base in bases(types, cls):
        if isinstance(base, ClassObject):
            given = tuple([substitute(a, env) for a in base.args])
            found = ancestor_args(types, base.cls, given, ancestor)
            if found is not None and not any(isinstance(a, Unknown) for a in found):
                return found
            best = best if best is not None else found
    return best or ()


def type_env(types: Inference, cls: str, args: tuple[Type, ...]) -> dict[str, Type]:
    """A generic class's type variables, bound to some arguments; to their bounds where there are none."""
    env: dict[str, Type] = {}
    for index, parameter in enumerate(parameters(types, cls)):
        if isinstance(parameter, Variable):
            if index < len(args):
                env[parameter.name] = args[index]
            elif not args:
                env[parameter.name] = parameter.bound if parameter.bound is not None else UNKNOWN
    return env


def member(types: Inference, cls: str, name: str) -> Member | None:
    """Where a class gets a member from: the first in its lookup order that defines it; None if none known does.

    A class in that order whose source is not known stops the search: what it defines is not known either.
    """
    return types.remember(("member", cls, name), lambda: member_in(types, mro(types, cls), name), None)


def member_in(types: Inference, mro: Mro, name: str) -> Member | None:
    """Where a lookup order first defines a member."""
    for owner in mro.names:
        symbol = types.project.klass(owner)
        if symbol is None:
            if isinstance(types.project.locate(owner), VariableSymbol):
                continue
            return None
        found = own_member(types, symbol, name)
        if found is not None:
            return found
    return None


def own_member(types: Inference, symbol: ClassSymbol, name: str) -> Member | None:
    """What a class itself defines under a name: in its body, or by assigning to `self`."""
    facts = symbol.facts
    if name in facts.methods:
        return Member(symbol, name, function=types.project.function(f"{symbol.qualname}.{name}"))
    if name in facts.classes:
        return Member(symbol, name, klass=types.project.klass(f"{symbol.qualname}.{name}"))
    assigned = tuple([f for f in facts.attributes if f.name == name])
    field = next((f for f in reversed(facts.fields) if f.name == name), None)
    if field is not None or assigned:
        return Member(symbol, name, field=field, assigned=assigned)
    bindings = types.project.names(facts.scope).bindings.get(name)
    if bindings:
        return Member(symbol, name, binding=bindings[-1])
    return None
