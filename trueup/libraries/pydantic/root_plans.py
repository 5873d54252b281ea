"""What a validator of a whole model does with the dict of values, and what becomes of it in version 2."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from msgspec import Struct

from .config import Obstacle
from .name_uses import falls_through, names_in, own_returns, uses_of

_HARMLESS = frozenset(
    {"len", "dict", "list", "sorted", "str", "repr", "print", "bool", "set", "tuple", "iter", "enumerate", "any", "all",
     "isinstance", "hasattr", "copy", "deepcopy", "frozenset", "type", "id", "min", "max", "zip", "map", "filter"}
)  # fmt: skip
"""Functions that leave a dict they are given as it is."""
_LOGGERS = frozenset({"debug", "info", "warning", "error", "exception", "critical", "log"})
_READERS = frozenset({"items", "keys", "values", "copy"})
_CHANGERS = frozenset({"append", "extend", "insert", "add", "update", "setdefault", "pop", "remove", "clear", "sort"})
_Function = ast.FunctionDef | ast.AsyncFunctionDef


class RootChange(Struct, frozen=True):
    """What becomes of a validator of a model: the clue of its repair.

    `shape`: before (a guard in front), attributes (`values["a"]` becomes `self.a`), dict (the body works on a dict made
    of the object, which is written back), call (only the decorator's call changes) or adapter-before, adapter-after
    (`_r = root_validator(...)(f)` becomes a method that calls `f`).
    """

    shape: str
    values: str = "values"
    """The name of the dict."""
    guard: str = ""
    """What is done with data that is no dict: `return` hands it on, `attributes` reads the object's; empty: nothing."""
    copy: bool = False
    """The dict is copied first, for it is changed."""
    extras: bool = False
    """The dict has the keys that are no fields, too."""
    write: bool = False
    """The dict is written back."""
    rewrites: tuple[tuple[str, str], ...] = ()
    first: tuple[str, ...] = ()
    """More statements to begin the body with."""
    wrapper: bool = False
    """`@classmethod` is missing."""
    returns: str = ""
    """The annotation of what it returns, where it has one."""
    bare: tuple[int, ...] = ()
    """Which of its `return` statements, counted from 0, have nothing to write back."""
    root: bool = False
    """It is a root model's: the values are its only one."""
    order: tuple[tuple[str, RootChange], ...] = ()
    """The functions of the class, by name, that change places: the first with the last and so on."""


@dataclass(slots=True)
class Work:
    """What a function does with the dict it is given."""

    reads: list[tuple[str, ast.expr]] = field(default_factory=list)
    """Keys that are read, and the expressions that do."""
    asks: list[str] = field(default_factory=list)
    """Keys whose presence is asked for."""
    writes: list[str] = field(default_factory=list)
    grows: list[str] = field(default_factory=list)
    """Keys whose new value is made of the old one."""
    touched: list[str] = field(default_factory=list)
    """Keys whose value is changed as it is: `values["a"]["b"] = 1`, `values["a"].append(1)`."""
    pops: list[str] = field(default_factory=list)
    dynamic_reads: bool = False
    dynamic_writes: bool = False
    handed: list[ast.AST] = field(default_factory=list)
    """Where the dict is given to something that may change it."""
    looked_at: bool = False
    """It is used as a whole, but stays as it is."""
    returned: list[ast.Return] = field(default_factory=list)
    """The returns that give the dict itself."""
    others: list[ast.Return] = field(default_factory=list)
    rebound: bool = False
    shadowed: bool = False
    lossy_default: bool = False
    """A `get` has a default that does something."""
    changed_at: list[ast.AST] = field(default_factory=list)
    """Where it may be changed."""

    @property
    def changes(self) -> bool:
        """Whether the dict may be changed."""
        return bool(self.writes or self.pops or self.dynamic_writes or self.handed)

    @property
    def keys(self) -> list[str]:
        """All keys that are written out."""
        return list(dict.fromkeys([*(key for key, _ in self.reads), *self.asks, *self.writes, *self.pops]))


def work_of(node: _Function, name: str, parent: Callable[[ast.AST], ast.AST | None]) -> Work:
    """What a function does with the parameter that holds the values."""
    uses = uses_of(node, name)
    work = Work(rebound=uses.rebound, shadowed=uses.shadowed)
    for load in uses.loads:
        before = (len(work.writes), len(work.pops), len(work.handed), work.dynamic_writes)
        _use(load, parent, work)
        if before != (len(work.writes), len(work.pops), len(work.handed), work.dynamic_writes) or work.dynamic_writes:
            work.changed_at.append(load)
    for statement in own_returns(node):
        if isinstance(statement.value, ast.Name) and statement.value.id == name:
            work.returned.append(statement)
        else:
            work.others.append(statement)
    return work


def _use(load: ast.Name, parent: Callable[[ast.AST], ast.AST | None], work: Work) -> None:
    known = len(work.reads)
    _classify(load, parent, work)
    for key, node in work.reads[known:]:
        outer = parent(node)
        if isinstance(outer, ast.Attribute) and outer.attr in ("append", "extend", "insert"):
            work.grows.append(key)
        called = isinstance(outer, ast.Attribute) and outer.attr in _CHANGERS
        if called or (isinstance(outer, ast.Subscript) and outer.value is node and not isinstance(outer.ctx, ast.Load)):
            work.touched.append(key)


def _classify(load: ast.Name, parent: Callable[[ast.AST], ast.AST | None], work: Work) -> None:
    held = parent(load)
    match held:
        case ast.Subscript(value=value, slice=ast.Constant(value=str(key)), ctx=ctx) if value is load:
            _subscript(held, key, ctx, parent, work)
        case ast.Subscript(value=value, ctx=ctx) if value is load:
            if isinstance(ctx, ast.Load):
                work.dynamic_reads = True
            else:
                work.dynamic_writes = True
        case ast.Attribute(attr=name):
            call = parent(held)
            if isinstance(call, ast.Call) and call.func is held:
                _method(name, call, work)
            else:
                work.handed.append(load)
        case ast.Compare(left=ast.Constant(value=str(key)), ops=[ast.In() | ast.NotIn()]):
            work.asks.append(key)
        case ast.Compare():
            work.dynamic_reads = work.looked_at = True
        case ast.Return():
            pass
        case ast.keyword(arg=None) | ast.Dict() | ast.FormattedValue() | ast.BoolOp() | ast.UnaryOp():
            work.looked_at = True
        case ast.For() | ast.comprehension() | ast.If() | ast.IfExp():
            work.looked_at = True
        case ast.Call(func=func) if _leaves_alone(func):
            work.looked_at = True
        case _:
            work.handed.append(load)


def _leaves_alone(func: ast.expr) -> bool:
    match func:
        case ast.Name(id=name):
            return name in _HARMLESS
        case ast.Attribute(attr=name):
            return name in _LOGGERS or name in ("copy", "deepcopy", "dumps")
    return False


def _subscript(
    node: ast.Subscript, key: str, ctx: ast.expr_context, parent: Callable[[ast.AST], ast.AST | None], work: Work
) -> None:
    if isinstance(ctx, ast.Load):
        work.reads.append((key, node))
        return
    if isinstance(ctx, ast.Del):
        work.pops.append(key)
        return
    work.writes.append(key)
    statement = parent(node)
    if isinstance(statement, ast.AugAssign):
        work.grows.append(key)
    elif isinstance(statement, ast.Assign) and isinstance(statement.value, ast.BinOp):
        said = [one.value for one in ast.walk(statement.value) if isinstance(one, ast.Constant)]
        work.grows += [key] if key in said else []


def _method(name: str, call: ast.Call, work: Work) -> None:
    key = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else None
    if name == "get" and isinstance(key, str):
        work.reads.append((key, call))
        if len(call.args) > 1 and not _is_pure(call.args[1]):
            work.lossy_default = True
    elif name == "get":
        work.dynamic_reads = True
    elif name == "setdefault" and isinstance(key, str):
        work.writes.append(key)
    elif name == "pop" and isinstance(key, str):
        work.pops.append(key)
    elif name == "update" and (keys := _written(call)) is not None:
        work.writes += keys
    elif name in _READERS:
        work.looked_at = True
    elif name in ("update", "setdefault", "pop", "popitem", "clear"):
        work.dynamic_writes = True
    else:
        work.handed.append(call)


def _is_pure(node: ast.expr) -> bool:
    match node:
        case ast.Constant() | ast.Name() | ast.Attribute(value=ast.Name()):
            return True
        case ast.List(elts=[]) | ast.Dict(keys=[]) | ast.Tuple(elts=[]):
            return True
        case ast.UnaryOp(operand=ast.Constant()):
            return True
        case ast.Call(func=ast.Name(id="list" | "dict" | "set" | "tuple"), args=[], keywords=[]):
            return True
    return False


def _written(call: ast.Call) -> list[str] | None:
    """The keys that `update(...)` sets; None where they are not written out."""
    keys: list[str] = []
    for one in call.args:
        found = display_keys(one)
        if found is None:
            return None
        keys += found
    if any(one.arg is None for one in call.keywords):
        return None
    return [*keys, *(one.arg for one in call.keywords if one.arg is not None)]


def display_keys(node: ast.expr | None, values: str = "") -> list[str] | None:
    """The keys of `{"a": 1}` or `{**values, "a": 1}` or `dict(values, a=1)`; None where they are not written out."""
    match node:
        case ast.Dict(keys=keys, values=items):
            found: list[str] = []
            for key, item in zip(keys, items, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    found.append(key.value)
                elif key is not None or not (isinstance(item, ast.Name) and item.id == values):
                    return None
            return found
        case ast.Call(func=ast.Name(id="dict"), args=args, keywords=keywords):
            if all(isinstance(one, ast.Name) and one.id == values for one in args):
                named = [one.arg for one in keywords if one.arg is not None]
                return named if len(named) == len(keywords) else None
    return None


def has_values(node: ast.expr | None, values: str) -> bool:
    """Whether `{**values, ...}` or `dict(values, ...)` begins with all the values there were."""
    match node:
        case ast.Dict(keys=keys, values=items):
            pairs = zip(keys, items, strict=True)
            return any(key is None and isinstance(item, ast.Name) and item.id == values for key, item in pairs)
        case ast.Call(func=ast.Name(id="dict"), args=[ast.Name(id=name)]):
            return name == values
    return False


def has_guard(node: _Function, values: str) -> bool:
    """Whether a function begins by handing on what is no dict."""
    body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
    match body[:1]:
        case [
            ast.If(
                test=ast.UnaryOp(op=ast.Not(), operand=ast.Call(func=ast.Name(id="isinstance"), args=args)), body=then
            )
        ]:
            asked = [ast.unparse(one) for one in args]
            ends = len(then) == 1 and isinstance(then[0], ast.Return) and then[0].value is not None
            return asked == [values, "dict"] and ends
    return False


def bare_returns(node: _Function, work: Work) -> tuple[int, ...]:
    """Which of the returns of a function, counted from 0, are certainly reached before it changes the values."""
    if work.rebound or work.shadowed:
        return ()
    first = min((one.lineno for one in work.changed_at), default=0)  # type: ignore[attr-defined]
    loops = [one for one in ast.walk(node) if isinstance(one, ast.For | ast.While | ast.AsyncFor)]
    found = []
    for index, statement in enumerate(own_returns(node)):
        around = [loop for loop in loops if loop.lineno <= statement.lineno <= (loop.end_lineno or 0)]
        looped = any(loop.lineno <= one.lineno <= (loop.end_lineno or 0) for loop in around for one in work.changed_at)  # type: ignore[attr-defined]
        if statement in work.returned and not looped and (not first or statement.lineno < first):
            found.append(index)
    return tuple(found)


def endless(node: _Function) -> bool:
    """Whether a function can come to its end without returning anything."""
    return falls_through(node.body) or any(one.value is None for one in own_returns(node))


def class_rewrites(
    node: _Function,
    name: str,
    parent: Callable[[ast.AST], ast.AST | None],
    segment: Callable[[ast.AST], str],
    methods: Callable[[str], bool],
) -> Iterator[tuple[str, str]] | Obstacle:
    """How a method that had the class (`name`) says the same with `self`; `methods`: which names an object has too."""
    uses = uses_of(node, name)
    if not uses.everywhere:
        return Obstacle(f"`{name}` is assigned in it: give that another name first")
    found: list[tuple[str, str]] = []
    own = "type(self)" if uses_of(node, "type").everywhere else "self.__class__"
    for load in uses.loads:
        held = parent(load)
        if isinstance(held, ast.Attribute) and isinstance(held.ctx, ast.Load) and methods(held.attr):
            found.append((segment(held), f"self.{held.attr}"))
        else:
            found.append((name, own))
    return iter(dict.fromkeys(found))


def takes_name(node: _Function, name: str) -> bool:
    """Whether a function already has some use for a name."""
    return name in names_in(node)
