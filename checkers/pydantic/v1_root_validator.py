"""A whole model is checked by a `@root_validator` of Pydantic 1.

## Why
A bare `@root_validator`, `@root_validator()` and `pre=False` raise an error when the class is created in Pydantic 2;
the other forms are deprecated. Taken over carelessly they change what they do, and nothing warns: a validator with
`mode="before"` gets whatever came in, a list or an object too, and changes the **caller's** dict; several of them run
in the opposite order; one with `mode="after"` that forgets `return self` turns models inside others into None.

## Example
```python
class Booking(BaseModel):
    @root_validator(pre=True)
    def legacy(cls, values):              # @model_validator(mode="before")
        values["start"] = values["from"]  # @classmethod
        return values                     # def legacy(cls, values):
                                          #     if not isinstance(values, dict):
                                          #         return values
                                          #     values = dict(values)
    @root_validator
    def order(cls, values):               # @model_validator(mode="after")
        if values["start"] > values["end"]:  # def order(self):
            raise ValueError("order")     #     if self.start > self.end: ...
        return values                     #     return self
```

## Fix safety
With `pre=True`: a guard hands on what is no dict, and the dict is copied where the body changes it or gives it away.
Functions of one class of which one needs what another writes change places, so that they run in the order they did.
Without: a body that only reads fields reads `self`; any other works on `values = dict(self.__dict__)`, which is
written back before `return self`. That keeps `model_fields_set`, frozen models and `validate_assignment` as they were,
which assigning to `self` would not.

Unsafe, and `why` says so, where something differs: keys that are no fields (they become attributes that `model_dump`
leaves out), dicts that other functions may change or return, two validators that run before the fields in different
classes, objects read by attribute (`orm_mode`), errors under `validate_assignment` (the refused value stays on the
object), values made of their own old value (Pydantic 2 runs the validator again when a model is validated as part of
another), a class that is no model, a name that a subclass uses for something else.

Left to a person: validators of Pydantic's dataclasses with `pre=True`, those that take a field out of the values,
those that other code calls, and options that are no literal.

## Limits
A validator without `skip_on_failure` ran in Pydantic 1 even when a field had been refused, and added its error to the
others; in Pydantic 2 it runs when all fields are there. Its errors stand at `()` instead of `("__root__",)`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from trueup.file import File
from trueup.index.project import FunctionSymbol
from trueup.libraries.pydantic.config import Obstacle
from trueup.libraries.pydantic.inherited import ROOT, has_aliases, switch
from trueup.libraries.pydantic.methods import is_constant
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES
from trueup.libraries.pydantic.root_plans import (
    RootChange,
    Work,
    class_rewrites,
    endless,
    has_guard,
    work_of,
)
from trueup.libraries.pydantic.validators import (
    ROOT_VALIDATOR,
    Declared,
    declared,
    hiding,
    is_dataclass,
    met,
)
from trueup.libraries.pydantic.versions import is_guarded
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

from .decorators import is_decorator
from .root_validator_after import after
from .validator_place import Place, is_static, place_of

_Function = ast.FunctionDef | ast.AsyncFunctionDef


@rule(
    "TUP521",
    "v1-root-validator",
    on=(ast.FunctionDef, ast.AsyncFunctionDef, ast.Assign),
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    triggers=("root_validator",),
    url=GUIDE + "#validator-and-root_validator-are-deprecated",
    effort=10,
    step="validators",
)
def root_validators(node: ast.AST, file: File) -> Iterable[Hit]:
    """Decorated functions, and decorators that are called with a function."""
    if isinstance(node, ast.Assign):
        yield from _assigned(node, file)
    elif isinstance(node, _Function) and node.decorator_list:
        yield from _decorated(node, file)


class _Options(Struct, frozen=True):
    """The arguments of a decorator."""

    pre: bool
    fails: bool
    """Version 2 refuses this form."""


def _options(decorator: ast.expr) -> _Options | Obstacle:
    given: dict[str, bool] = {}
    for one in decorator.keywords if isinstance(decorator, ast.Call) else ():
        if one.arg not in ("pre", "skip_on_failure", "allow_reuse"):
            return Obstacle(f"`{one.arg or '**'}` is no argument of `root_validator`: write its arguments out")
        if one.arg == "allow_reuse":
            continue
        if not (is_constant(one.value, True) or is_constant(one.value, False)):
            return Obstacle(f"`{one.arg}` is worked out when the class is made: write True or False")
        given[one.arg] = is_constant(one.value, True)
    pre = given.get("pre", False)
    return _Options(pre, not pre and not given.get("skip_on_failure", False))


# Decorated functions -------------------------------------------------------------------------------------------------


def _decorated(node: _Function, file: File) -> Iterator[Hit]:
    found = [
        one
        for one in node.decorator_list
        if is_decorator(one.func if isinstance(one, ast.Call) else one, file, ROOT_VALIDATOR)
        and not (isinstance(one, ast.Call) and one.args)
    ]
    if not found or is_guarded(node, file.parent, "model_validator"):
        return
    place = place_of(node, node.name, file)
    options = _options(found[0])
    made = options if isinstance(options, Obstacle) else _change(node, found, options, place)
    if not isinstance(made, Obstacle) and isinstance(options, _Options) and options.pre and place.symbol is not None:
        own = [*node.args.posonlyargs, *node.args.args]
        work = work_of(node, own[1].arg, file.parent)
        others = [o for o in _disturbed(place, options, work) if o.owner.qualname == place.symbol.qualname]
        ordered = _ordered(place) if others and not made[1] else None
        if ordered is not None:
            made = replace(made[0], order=ordered), []
        elif others:
            made = made[0], [*made[1], _turned(others[0], place)]
    yield _hit(node, made, options, file.segment(found[0]), file.span(found[0]))


def _hit(
    node: ast.AST,
    made: tuple[RootChange, list[str]] | Obstacle,
    options: _Options | Obstacle,
    written: str,
    span: object,
) -> Hit:
    fails = isinstance(options, _Options) and options.fails
    what = "raises an error in Pydantic 2" if fails else "is Pydantic 1's"
    shown = written if len(written) <= 40 and "\n" not in written else "root_validator"
    severity = Severity.ERROR if fails else None
    if isinstance(made, Obstacle):
        text = f"`{shown.lstrip('@')}` {what}, and no machine can rewrite this one: {made.text}"
        return Hit(node, text, safety=Safety.MANUAL, why=made.text, severity=severity, span=span)  # type: ignore[arg-type]
    change, reasons = made
    how = {
        "before": 'use `@model_validator(mode="before")`, which gets whatever came in',
        "attributes": 'use `@model_validator(mode="after")` and read `self`',
        "dict": 'use `@model_validator(mode="after")` and write back to `self`',
    }.get(change.shape, "use `model_validator`")
    if change.order:
        how += "; those of this class change places, for version 2 runs the last one first"
    why = "; ".join(dict.fromkeys(reasons))
    safety = Safety.UNSAFE if reasons else None
    return Hit(node, f"`{shown}` {what}: {how}", clue=change, safety=safety, why=why, severity=severity, span=span)  # type: ignore[arg-type]


def _change(
    node: _Function, found: list[ast.expr], options: _Options, place: Place
) -> tuple[RootChange, list[str]] | Obstacle:
    """What becomes of a decorated function, and why that is unsafe."""
    above = node.decorator_list[: node.decorator_list.index(found[0])]
    if any(isinstance(one, ast.Name) and one.id in ("classmethod", "staticmethod") for one in above):
        return Obstacle("it stands under `@classmethod`, so that it never runs: put `@classmethod` below it")
    if isinstance(node, ast.AsyncFunctionDef):
        return Obstacle("it is async, and nothing awaits it: make it a plain function")
    if len(found) > 1:
        return Obstacle("it is decorated twice: write two functions")
    wrappers = [one.id for one in node.decorator_list if isinstance(one, ast.Name)]
    args = node.args
    given = [*args.posonlyargs, *args.args]
    if len(given) != 2 or args.vararg or args.kwarg or args.kwonlyargs or args.defaults or "staticmethod" in wrappers:
        return Obstacle("it takes other parameters than the class and the values: write `cls, values`")
    values = given[1].arg
    work = work_of(node, values, place.file.parent)
    reasons = _around(place, options, work)
    if ROOT in place.fields:
        return _of_root(node, values, options, place, reasons)
    if options.pre:
        return _before(node, values, work, place, reasons, "classmethod" not in wrappers)
    return after(node, given[0].arg, values, work, place, reasons)


def _around(place: Place, options: _Options, work: Work | None = None, *, assigned: bool = False) -> list[str]:
    """What the classes around a validator make of it in version 2 that they did not in version 1."""
    file, symbol = place.file, place.symbol
    if symbol is None:
        return ["the classes that it is for are not known here"]
    found: list[str] = []
    if place.ours is False:
        found.append(f"`{place.owner}` is no model, so that version 1 never ran it, but version 2 does in models below")
    others = [one for one in _disturbed(place, options, work) if assigned or one.owner.qualname != symbol.qualname]
    if others:
        found.append(_turned(others[0], place))
    below = hiding(file.types, symbol, place.name)
    if below is not None:
        found.append(
            f"`{below.facts.name}` has a `{place.name}` of its own, which takes the place of this in version 2"
        )
    return found


def _disturbed(place: Place, options: _Options, work: Work | None) -> list[Declared]:
    """The other validators before the fields that have to run before or after this one as they do in version 1."""
    if not options.pre or place.symbol is None:
        return []
    others = met(place.file.types, place.symbol, place.name, place.line)
    return [one for one in others if not _is_independent(one, work, place.file)]


def _turned(other: Declared, place: Place) -> str:
    """What is different where two validators run before the fields."""
    where = "" if other.owner.facts.name == place.owner else f" of `{other.owner.facts.name}`"
    return f"`{other.name}`{where} runs before the fields too, and version 2 turns the order of the two round"


def _ordered(place: Place) -> tuple[tuple[str, RootChange], ...] | None:
    """The functions of a class that have to change places, with what becomes of each; None where that is not all."""
    assert place.symbol is not None
    file, found = place.file, []
    for one in declared(file.types, place.symbol):
        if not (one.pre and one.whole):
            continue
        node = _node_of(one, file)
        if node is None or not one.old:
            return None
        decorators = [d for d in node.decorator_list if is_decorator(getattr(d, "func", d), file, ROOT_VALIDATOR)]
        options = _options(decorators[0]) if len(decorators) == 1 else None
        if not isinstance(options, _Options):
            return None
        made = _change(node, decorators, options, replace(place, name=one.name, line=one.line))
        if isinstance(made, Obstacle) or made[1]:
            return None
        found.append((one.name, made[0]))
    names = [name for name, _ in found]
    return tuple(found) if len(set(names)) == len(names) else None


def _node_of(one: Declared, file: File) -> ast.FunctionDef | None:
    """The function that declares a validator, if it stands in the file."""
    return next(
        (node for node in file.nodes(ast.FunctionDef) if (node.name, node.lineno) == (one.name, one.line)), None
    )


def _is_independent(other: Declared, mine: Work | None, file: File) -> bool:
    """Whether two validators that run before the fields leave each other's keys alone, so that no order is wrong."""
    if mine is None or other.owner.file.path != file.path:
        return False
    node = _node_of(other, file)
    if node is None or len(node.args.args) != 2:
        return False
    theirs = work_of(node, node.args.args[1].arg, file.parent)
    if not any(w.changes or w.others or w.touched for w in (mine, theirs)):
        return True
    if any(w.dynamic_reads or w.dynamic_writes or w.handed or w.looked_at or w.others for w in (mine, theirs)):
        return False
    mine_changed = {*mine.writes, *mine.pops, *mine.touched}
    theirs_changed = {*theirs.writes, *theirs.pops, *theirs.touched}
    return not (mine_changed & set(theirs.keys) or theirs_changed & set(mine.keys))


# Before the fields ---------------------------------------------------------------------------------------------------


def _before(
    node: _Function, values: str, work: Work, place: Place, reasons: list[str], wrapper: bool
) -> tuple[RootChange, list[str]] | Obstacle:
    types, symbol = place.file.types, place.symbol
    guard = "" if has_guard(node, values) else "return"
    if symbol is not None and is_dataclass(types, symbol):
        return Obstacle("before a dataclass is made Pydantic 2 passes `ArgsKwargs`, no dict: take `values.kwargs`")
    if guard and symbol is not None and switch(types, symbol.qualname, "orm_mode", "from_attributes"):
        odd = next((key for key in work.keys if key not in place.fields), None)
        if has_aliases(types, symbol) or (odd is not None and any(key == odd for key, _ in work.reads)):
            return Obstacle(
                "with `from_attributes` it gets the object itself, no dict: read what it needs from its attributes"
            )
        guard = "attributes"
        reasons = [*reasons, "an object that is read by attribute is made a dict of the fields it has"]
    return RootChange("before", values, guard, bool(guard) and work.changes, wrapper=wrapper, returns="Any"), reasons


# Root models ---------------------------------------------------------------------------------------------------------


def _of_root(
    node: _Function, values: str, options: _Options, place: Place, reasons: list[str]
) -> tuple[RootChange, list[str]] | Obstacle:
    """A model with `__root__`: its one value is the data itself, and `self.root` later on."""
    work = work_of(node, values, place.file.parent)
    plain = all(key == ROOT for key, _ in work.reads) and not (work.changes or work.others or work.looked_at)
    if not plain or work.asks or work.dynamic_reads or work.rebound or work.shadowed or endless(node):
        return Obstacle("in a root model there is no dict: before it is the data itself, after it is `self.root`")
    if options.pre:
        rewrites = tuple(dict.fromkeys((place.file.segment(one), values) for _, one in work.reads))
        return RootChange("before", values, rewrites=rewrites, wrapper=True, returns="Any", root=True), reasons
    rewrites = tuple(dict.fromkeys((place.file.segment(one), "self.root") for _, one in work.reads))
    cls = [*node.args.posonlyargs, *node.args.args][0].arg
    of_class = class_rewrites(node, cls, place.file.parent, place.file.segment, lambda name: is_static(name, place))
    if isinstance(of_class, Obstacle):
        return of_class
    return RootChange("attributes", values, rewrites=(*rewrites, *of_class), returns=place.owner, root=True), reasons


# Assignments ---------------------------------------------------------------------------------------------------------


def _assigned(node: ast.Assign, file: File) -> Iterator[Hit]:
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=maker, args=[function], keywords=[]) as call):
            decorator = maker if isinstance(maker, ast.Call) else call
            func = maker.func if isinstance(maker, ast.Call) else maker
            if not is_decorator(func, file, ROOT_VALIDATOR) or is_guarded(node, file.parent, "model_validator"):
                return
        case _:
            return
    if not isinstance(file.parent(node), ast.ClassDef):
        return
    place = place_of(node, name, file)
    options = _options(decorator if isinstance(maker, ast.Call) else func)
    made = options if isinstance(options, Obstacle) else _reused(function, options, place)
    yield _hit(
        node, made, options, file.segment(decorator if isinstance(maker, ast.Call) else func), file.span(decorator)
    )


def _reused(function: ast.expr, options: _Options, place: Place) -> tuple[RootChange, list[str]] | Obstacle:
    name = place.file.qualname(function)
    symbol = place.file.project.locate(name) if name is not None else None
    if isinstance(symbol, FunctionSymbol) and len(symbol.facts.params) != 2:
        return Obstacle("its function takes other parameters than the class and the values")
    if ROOT in place.fields or (
        options.pre and place.symbol is not None and is_dataclass(place.file.types, place.symbol)
    ):
        return Obstacle("its function gets no dict any more: write a method that passes what it needs")
    reasons = _around(place, options, assigned=True)
    if options.pre:
        if place.symbol is not None and switch(place.file.types, place.symbol.qualname, "orm_mode", "from_attributes"):
            return Obstacle("with `from_attributes` it gets the object itself, no dict: read its attributes")
        return RootChange("adapter-before"), reasons
    reasons.append(
        "which dict its function returns is not known: what is no field becomes an attribute that is not dumped"
    )
    return RootChange("adapter-after"), reasons
