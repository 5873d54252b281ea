"""What a call gives: constructors, overloads, type variables bound by what is passed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from ..index.facts import (
    Call,
    Const,
    Expr,
    Param,
    Star,
    Sub,
)
from ..index.project import (
    FunctionSymbol,
)
from ..types import (
    EMPTY,
    NONE,
    UNKNOWN,
    Callee,
    ClassObject,
    Foreign,
    Instance,
    Type,
    Union,
    Variable,
    union,
    without_none,
)
from .params import argument
from .site import Site
from .solve import CALLABLE, SELF, as_instance, class_object, substitute, unify, variables_in

if TYPE_CHECKING:
    from .engine import Inference

_PROMOTIONS = frozenset(
    {
        ("builtins.int", "builtins.float"),
        ("builtins.int", "builtins.complex"),
        ("builtins.float", "builtins.complex"),
        ("builtins.bool", "builtins.int"),
        ("builtins.bool", "builtins.float"),
    }
)


def call_type(types: Inference, call: Call, site: Site) -> Type:
    """What a call expression gives."""
    function = types.type_of(call.func, site)
    return called(types, function, call, site)


def called(types: Inference, function: Type, call: Call | None, site: Site | None) -> Type:
    """What calling something gives; without a call, whatever its arguments are."""
    if isinstance(function, Union):
        return union([called(types, i, call, site) for i in function.items if i != NONE])
    if isinstance(function, ClassObject):
        return _constructed(types, function, call, site)
    if isinstance(function, Callee):
        symbol = types.project.function(function.qualname)
        if symbol is None:
            return UNKNOWN
        special = _special(types, function, call, site)
        return special if special is not None else result_of(types, symbol, function.receiver, call, site)
    if isinstance(function, Foreign):
        return Foreign(f"{function.path}()")
    if isinstance(function, Instance):
        if function.cls == CALLABLE:
            return function.args[0] if function.args else UNKNOWN
        if function.cls == "builtins.type" and function.args:
            return function.args[0]
        args = [types.type_of(a, site) for a in call.args] if call is not None and site is not None else None
        return method_result(types, function, "__call__", args)
    if isinstance(function, Variable) and function.bound is not None:
        return called(types, function.bound, call, site)
    return UNKNOWN


_CONTAINERS = frozenset({"builtins.list", "builtins.set", "builtins.dict", "collections.deque"})


def _constructed(types: Inference, cls: ClassObject, call: Call | None, site: Site | None) -> Type:
    if cls.cls == "builtins.type" and call is not None and site is not None:
        if len(call.args) == 1:
            return class_object(without_none(types.type_of(call.args[0], site)))
        return UNKNOWN
    parameters = types.parameters(cls.cls)
    if cls.args or not parameters or call is None or site is None:
        return Instance(cls.cls, cls.args)
    if not call.args and not call.keywords and cls.cls in _CONTAINERS:
        return Instance(cls.cls, tuple([EMPTY] * len(parameters)))
    member = types.member(cls.cls, "__init__")
    env: dict[str, Type] = {}
    if member is not None and member.function is not None:
        receiver = Instance(cls.cls, parameters)
        symbol = _overload(types, member.function, receiver, call, site)
        _learn(types, symbol, receiver, call, site, env)
    return Instance(
        cls.cls,
        tuple([substitute(p, env, UNKNOWN) for p in parameters]),
        uniform=cls.cls == "builtins.tuple",
    )


def _special(types: Inference, function: Callee, call: Call | None, site: Site | None) -> Type | None:
    """Functions whose result no signature can say."""
    if call is None or site is None:
        return None
    if function.qualname == "typing.cast" and call.args:
        return types.annotation(call.args[0], site)
    if function.qualname == "builtins.getattr" and len(call.args) >= 2:
        name = call.args[1]
        if isinstance(name, Const) and name.kind == "str" and name.text:
            found = types.attribute(types.type_of(call.args[0], site), name.text)
            return found if len(call.args) == 2 else union([found, types.type_of(call.args[2], site)])
        return UNKNOWN
    return None


def method_result(types: Inference, of: Instance, name: str, args: list[Type] | None) -> Type:
    """What calling a method gives for arguments of some types."""
    method = types.attribute(of, name)
    if not isinstance(method, Callee):
        return UNKNOWN
    symbol = types.project.function(method.qualname)
    if symbol is None:
        return UNKNOWN
    env: dict[str, Type] = {}
    for facts in symbol.overloads if len(symbol.overloads) > 1 else (symbol.facts,):
        env = {}
        one = FunctionSymbol(symbol.qualname, symbol.file, facts, (facts,))
        if args is None or _fits(types, one, method.receiver, args, env):
            return _returned(types, one, method.receiver, env)
    return UNKNOWN


def _fits(
    types: Inference,
    symbol: FunctionSymbol,
    receiver: Instance | ClassObject | None,
    args: list[Type],
    env: dict[str, Type],
) -> bool:
    params = [p for p in symbol.facts.params if p.kind in ("positional", "positional-only")]
    if receiver is not None:
        params = params[1:]
    owner = _receiver_env(types, symbol, receiver)
    for param, given in zip(params, args, strict=False):
        wanted = substitute(types.param_type(param, symbol.facts, symbol.file), owner)
        if not unify(wanted, given, env, partial(_upcast, types), partial(_called_without, types)):
            return False
    return len(args) <= len(params) or any(p.kind == "var-positional" for p in symbol.facts.params)


def _called_without(types: Inference, function: Type) -> Type:
    return called(types, function, None, None)


def _upcast(types: Inference, given: Type, cls: str) -> tuple[Type, ...] | None:
    if isinstance(given, ClassObject):
        return () if cls in ("builtins.type", "builtins.object", CALLABLE) else None
    if isinstance(given, Callee):
        return () if cls in ("builtins.object", CALLABLE) else None
    if not isinstance(given, Instance):
        return ()
    if cls == "builtins.object":
        return ()
    if given.cls == "builtins.tuple" and not given.uniform and given.args:
        given = Instance(given.cls, (union(list(given.args)),), uniform=True)
    args = types.ancestor_args(given.cls, given.args, cls)
    if args is None and not types.mro(given.cls).complete:
        return ()
    if args is None and (given.cls, cls) in _PROMOTIONS:
        return ()
    return args


def _receiver_env(types: Inference, symbol: FunctionSymbol, receiver: Instance | ClassObject | None) -> dict[str, Type]:
    if receiver is None:
        return {}
    env: dict[str, Type] = {SELF.name: as_instance(receiver)}
    if symbol.facts.owner:
        owner = f"{symbol.file.module}.{symbol.facts.owner}"
        args = types.ancestor_args(receiver.cls, receiver.args, owner)
        env.update(types.type_env(owner, args or ()))
    return env


def _overload(
    types: Inference, symbol: FunctionSymbol, receiver: Instance | ClassObject | None, call: Call, site: Site
) -> FunctionSymbol:
    """The definition of an overloaded function that takes a call's arguments; the last if none is sure to."""
    if len(symbol.overloads) < 2:
        return symbol
    given = len(call.args) + len(call.keywords)
    one = symbol
    for facts in symbol.overloads:
        one = FunctionSymbol(symbol.qualname, symbol.file, facts, (facts,))
        params = facts.params[1:] if receiver is not None else facts.params
        named = {p.name for p in params if p.kind != "positional-only"}
        open_ended = any(p.kind == "var-keyword" for p in params)
        if any(k not in named and k != "**" and not open_ended for k, _ in call.keywords):
            continue
        required = [p for p in params if p.default is None and not p.kind.startswith("var-")]
        if given < len(required) and not any(isinstance(a, Star) for a in call.args):
            continue
        if not _literals_fit(types, one, params, call):
            continue
        if _fits(types, one, receiver, [types.type_of(a, site) for a in call.args], {}):
            return one
    return one


def _literals_fit(types: Inference, symbol: FunctionSymbol, params: Sequence[Param], call: Call) -> bool:
    """Whether the constants a call passes are among those a `Literal[...]` parameter allows."""
    site = types.definition_site(symbol.facts, symbol.file)
    for index, param in enumerate(params):
        passed = argument(call, index, param)
        wanted = param.annotation
        if not isinstance(wanted, Sub) or passed is None:
            continue
        if types.qualname(wanted.value, site) == "typing.Literal" and passed not in wanted.items:
            return False
    return True


def _learn(
    types: Inference,
    symbol: FunctionSymbol,
    receiver: Instance | ClassObject | None,
    call: Call,
    site: Site,
    env: dict[str, Type],
) -> None:
    """Bind a function's type variables by what a call passes."""
    params = list(symbol.facts.params[1:] if receiver is not None else symbol.facts.params)
    owner = _receiver_env(types, symbol, receiver)
    positional = [p for p in params if p.kind in ("positional", "positional-only")]
    rest = next((p for p in params if p.kind == "var-positional"), None)
    named = {p.name: p for p in params}
    pairs: list[tuple[Param, Expr]] = []
    for index, arg in enumerate(call.args):
        if isinstance(arg, Star):
            break
        if index < len(positional):
            pairs.append((positional[index], arg))
        elif rest is not None:
            pairs.append((rest, arg))
    pairs += [(named[k], v) for k, v in call.keywords if k in named]
    outside = types.definition_site(symbol.facts, symbol.file)

    def learn(param: Param, passed: Callable[[], Type]) -> None:
        if param.annotation is not None:
            wanted = substitute(types.annotation(param.annotation, outside), owner)
            if variables_in(wanted):
                unify(wanted, passed(), env, partial(_upcast, types), partial(_called_without, types))

    if receiver is not None and symbol.facts.params:
        learn(symbol.facts.params[0], lambda: receiver)
    for param, arg in pairs:
        learn(param, partial(types.type_of, arg, site))


def result_of(
    types: Inference,
    symbol: FunctionSymbol,
    receiver: Instance | ClassObject | None,
    call: Call | None,
    site: Site | None,
) -> Type:
    """What a call of a function gives, its decorators understood."""
    env: dict[str, Type] = {}
    if call is not None and site is not None:
        symbol = _overload(types, symbol, receiver, call, site)
        if symbol.facts.returns is not None:
            _learn(types, symbol, receiver, call, site, env)
    return _returned(types, symbol, receiver, env)


def _returned(
    types: Inference, symbol: FunctionSymbol, receiver: Instance | ClassObject | None, env: dict[str, Type]
) -> Type:
    result = types.declared_result(symbol)
    if _is_plain(result):
        return result
    return substitute(result, {**_receiver_env(types, symbol, receiver), **env}, UNKNOWN)


def _is_plain(one: Type) -> bool:
    return not variables_in(one)
