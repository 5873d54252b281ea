"""Type variables: putting types in their place, and finding them from what is passed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..types import UNKNOWN, Callee, ClassObject, Instance, Type, Union, Unknown, Variable, union, without_none

SELF = Variable("typing.Self")
CALLABLE = "collections.abc.Callable"
"""What can be called; its one type argument is what the call gives."""

Env = Mapping[str, Type]


def substitute(one: Type, env: Env, default: Type | None = None) -> Type:
    """The type with its variables replaced; a variable not in `env` stays, or becomes `default` or its bound."""
    if isinstance(one, Variable):
        if one.name in env:
            return env[one.name]
        if default is None:
            return one
        return one.bound if one.bound is not None else default
    if isinstance(one, Instance):
        if not one.args:
            return one
        return Instance(one.cls, tuple([substitute(a, env, default) for a in one.args]), one.uniform)
    if isinstance(one, ClassObject):
        return ClassObject(one.cls, tuple([substitute(a, env, default) for a in one.args])) if one.args else one
    if isinstance(one, Union):
        return union([substitute(i, env, default) for i in one.items]) if one.items else one
    return one


def variables_in(one: Type) -> list[Variable]:
    """The type variables in a type, each as often as it stands there."""
    if isinstance(one, Variable):
        return [one]
    if isinstance(one, Instance | ClassObject):
        return [v for a in one.args for v in variables_in(a)]
    if isinstance(one, Union):
        return [v for i in one.items for v in variables_in(i)]
    return []


def as_instance(one: Instance | ClassObject) -> Type:
    """An object of the class, where it is the class."""
    return Instance(one.cls, one.args) if isinstance(one, ClassObject) else one


def class_object(one: Type) -> Type:
    """`type[X]` for the type of X's objects."""
    if isinstance(one, Instance):
        return ClassObject(one.cls, one.args)
    if isinstance(one, Union):
        return union([class_object(i) for i in one.items])
    if isinstance(one, Variable):
        return Instance("builtins.type", (one,))
    return UNKNOWN


def instance_of(one: Type) -> Type:
    """The type of the objects of a class object."""
    if isinstance(one, ClassObject):
        return Instance(one.cls, one.args)
    if isinstance(one, Union):
        return union([instance_of(i) for i in one.items])
    if isinstance(one, Instance) and one.cls == "builtins.type" and len(one.args) == 1:
        return one.args[0]
    return UNKNOWN


def unify(
    wanted: Type,
    given: Type,
    env: dict[str, Type],
    upcast: Callable[[Type, str], tuple[Type, ...] | None],
    returns: Callable[[Type], Type],
) -> bool:
    """Learn the variables in `wanted` from the type that was passed.

    `upcast(type, cls)`: the type arguments a type has as its base `cls`, None where it is no subclass;
    `returns(type)`: what calling it gives. False only when the two certainly do not fit.
    """
    if isinstance(given, Unknown) or isinstance(wanted, Unknown):
        return True
    if isinstance(wanted, Variable):
        if wanted.name not in env or isinstance(env[wanted.name], Unknown):
            env[wanted.name] = given
        elif env[wanted.name] != given:
            env[wanted.name] = union([env[wanted.name], given])
        return True
    if isinstance(wanted, Union):
        # `T | None` from `X | None`: None is taken by None, the rest by the variable.
        rest = without_none(given)
        fits = [unify(item, rest, env, upcast, returns) for item in wanted.items if not isinstance(item, Variable)]
        if any(fits) and rest == given:
            return True
        for item in wanted.items:
            if isinstance(item, Variable):
                return unify(item, rest, env, upcast, returns)
        return any(fits)
    if isinstance(given, Union):
        fits = [unify(wanted, item, env, upcast, returns) for item in given.items]
        return all(fits)
    if isinstance(wanted, Instance):
        if wanted.cls == "builtins.type":
            if isinstance(given, Instance) and given.cls == "builtins.type":
                return (
                    unify(wanted.args[0], given.args[0], env, upcast, returns) if wanted.args and given.args else True
                )
            if not isinstance(given, ClassObject):
                return not isinstance(given, Instance)
            return unify(wanted.args[0], Instance(given.cls, given.args), env, upcast, returns) if wanted.args else True
        if wanted.cls == CALLABLE:
            if isinstance(given, Callee | ClassObject) and wanted.args:
                return unify(wanted.args[0], returns(given), env, upcast, returns)
            return True
        args = upcast(given, wanted.cls)
        if args is None:
            return not isinstance(given, Instance | ClassObject)
        for want, have in zip(wanted.args, args, strict=False):
            unify(want, have, env, upcast, returns)
        return True
    if isinstance(wanted, ClassObject):
        if isinstance(given, ClassObject):
            args = upcast(Instance(given.cls, given.args), wanted.cls)
            for want, have in zip(wanted.args, args or (), strict=False):
                unify(want, have, env, upcast, returns)
            return args is not None
        return not isinstance(given, Instance)
    return True
