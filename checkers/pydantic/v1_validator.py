"""A field is checked by a `@validator` of Pydantic 1.

## Why
`@validator` is deprecated and goes in Pydantic 3. Until then it works only as long as the function asks for nothing but
`values`: with `field` or `config` among its parameters, or with `whole=True`, the class cannot be created; with
`each_item=True` some types are refused. Some things change without a word: of two validators with `pre=True` the one
defined **last** runs first, and one whose name a subclass uses for something else gives way to that.

## Example
```python
class Booking(BaseModel):
    start: int
    end: Optional[int] = None          # end: Optional[int] = Field(None, validate_default=True)
    guests: List[str] = []             # guests: List[Annotated[str, AfterValidator(no_blank)]] = []

    @validator("end", always=True)     # @field_validator("end")
    def later(cls, v, values):         # @classmethod
        return v or values["start"]    # def later(cls, v, info: ValidationInfo):
                                       #     return v or info.data["start"]
    @validator("guests", each_item=True)
    def no_blank(cls, v): ...          # moves in front of the class
```

## Fix safety
`pre=True` becomes `mode="before"`; `values` becomes `info.data`, `field.name` becomes `info.field_name`; `always=True`
becomes `validate_default=True` on the fields, in models below too, which is what it did: the default is parsed and
validated like any value. `each_item=True` goes into the annotation, so that an error still says which item is wrong. A
shared function (`_check = validator("x", allow_reuse=True)(check)`) stays as it is; where it asks for `values`, a
method hands them on. Functions of one class that run before the type is checked, and of which one gets what another
returns, change places, so that they run in the order they did.

Unsafe, and `why` says so, where something differs: two validators before the type is checked in different classes; a
validator of all fields in front of one for some; a validator that a subclass hides; a model in another file with a
default of its own; `field.alias`, `field.default` and the like; stacked decorators, of which version 1 only heeded the
outer one; a class that is no model, whose validators version 1 never ran; a function for items that needs `cls`; a
validator that is called directly, if it now takes `info`.

Left to a person: parameters that version 1 never passed, `field.type_` and other attributes without a successor, an
option that is no literal, `always` for a field that a base declares, or before its type takes the default None,
`each_item` for a union or a class of the project, or in a function that needs `values`, and a `@classmethod` above the
decorator, which keeps the validator from running in both versions.

## Limits
Error messages gain a prefix in Pydantic 2 (`Value error, ...`), and their type is `value_error` throughout. A
`TypeError` that escapes from a validator is no validation error any more; see `type-error-in-validator`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from trueup.file import File
from trueup.index.project import FunctionSymbol
from trueup.libraries.pydantic.config import Obstacle
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES
from trueup.libraries.pydantic.validator_plans import (
    Read,
    ValidatorChange,
    names_of,
    read_function,
    read_options,
)
from trueup.libraries.pydantic.validators import (
    ALL,
    VALIDATOR,
    Declared,
    declared,
    heirs,
    hiding,
    met,
)
from trueup.libraries.pydantic.versions import is_guarded
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

from .decorators import is_decorator
from .validated_defaults import default_edits
from .validator_items import of_items
from .validator_place import Place, call_of, place_of

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_OLD = "`@validator` is Pydantic 1's"


@rule(
    "TUP501",
    "v1-validator",
    on=(ast.FunctionDef, ast.AsyncFunctionDef, ast.Assign),
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    triggers=("validator",),
    url=GUIDE + "#validator-and-root_validator-are-deprecated",
    effort=5,
    step="validators",
)
def validators(node: ast.AST, file: File) -> Iterable[Hit]:
    """Decorated functions, and decorators that are called with a function."""
    if isinstance(node, ast.Assign):
        yield from _assigned(node, file)
    elif isinstance(node, _Function) and node.decorator_list:
        yield from _decorated(node, file)


# Decorated functions -------------------------------------------------------------------------------------------------


def _decorated(node: _Function, file: File) -> Iterator[Hit]:
    calls = [
        one for one in node.decorator_list if isinstance(one, ast.Call) and is_decorator(one.func, file, VALIDATOR)
    ]
    if not calls or is_guarded(node, file.parent, "field_validator"):
        return
    place = place_of(node, node.name, file)
    span = file.span(calls[0])
    made = _change(node, calls, place)
    if isinstance(made, Obstacle):
        text = f"{_OLD}, and no machine can rewrite this one: {made.text}"
        yield Hit(node, text, safety=Safety.MANUAL, why=made.text, severity=_severity(node), span=span)
        return
    change, reasons = made
    message = _message(change)
    if change.mode and change.shape == "method" and not reasons and place.symbol is not None:
        others = met(file.types, place.symbol, node.name, node.lineno)
        ordered = _ordered(place) if others else None
        if ordered is not None:
            change = replace(change, order=ordered)
            message += (
                "; validators that run before the type is checked change places, for version 2 runs the last one first"
            )
        elif others:
            reasons = [_turned(others[0], place)]
    yield Hit(
        node,
        message,
        clue=change,
        safety=Safety.UNSAFE if reasons else None,
        why="; ".join(dict.fromkeys(reasons)),
        severity=_severity(node),
        span=span,
    )


def _severity(node: _Function) -> Severity | None:
    """An error where version 2 refuses the old form too."""
    names = [arg.arg for arg in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
    return Severity.ERROR if "field" in names[2:] or "config" in names[2:] else None


def _message(change: ValidatorChange) -> str:
    if change.shape == "items":
        wrapper = "BeforeValidator" if change.mode else "AfterValidator"
        return f"`@validator(each_item=True)` is Pydantic 1's: put `{wrapper}` into the annotation of the items"
    told = ["use `@field_validator`" + (' with `mode="before"`' if change.mode else "")]
    if change.info:
        told.append("`ValidationInfo`")
    if change.fields:
        told.append(f"`validate_default=True` for `{change.fields[0].name}`")
    listed = told[0] if len(told) == 1 else ", ".join(told[:-1]) + " and " + told[-1]
    return f"{_OLD}: {listed}"


def _change(node: _Function, calls: list[ast.Call], place: Place) -> tuple[ValidatorChange, list[str]] | Obstacle:
    """What becomes of a decorated function, and why that is unsafe."""
    file = place.file
    wrappers = [one.id for one in node.decorator_list if isinstance(one, ast.Name)]
    above = node.decorator_list[: node.decorator_list.index(calls[0])]
    if any(isinstance(one, ast.Name) and one.id in ("classmethod", "staticmethod") for one in above):
        return Obstacle("it stands under `@classmethod`, so that it never runs: put `@classmethod` below it")
    if isinstance(node, ast.AsyncFunctionDef):
        return Obstacle("it is async, and nothing awaits it: make it a plain function")
    options = read_options(calls[0])
    if isinstance(options, Obstacle):
        return options
    names: tuple[str, ...] = ()
    reasons: list[str] = []
    for inner in calls[1:]:
        more, others = names_of(inner), read_options(inner)
        if more is None or isinstance(others, Obstacle) or any(_on(options, k) != _on(others, k) for k in _MODES):
            return Obstacle("it stands under another `@validator` with other options: write two functions")
        names += tuple(name for name in more if name not in (names_of(calls[0]) or ()))
        reasons.append("version 1 heeded the outer one of two `@validator` alone, now both count")
    static = "staticmethod" in wrappers
    read = read_function(node, file.parent, file.segment, static=static)
    if isinstance(read, Obstacle):
        return read
    reasons += read.reasons
    reasons += _around(place, options, read)
    if options.get("each_item"):
        made = of_items(node, calls, place, read, early=options.get("pre") is True)
        if isinstance(made, Obstacle):
            return made
        return _with_defaults(made[0], names_of(calls[0]), (), options, place, [*reasons, *made[1]])
    change = ValidatorChange(
        "method",
        "before" if options.get("pre") else "",
        read.info,
        read.parameters,
        ""
        if {"classmethod", "staticmethod"}.intersection(wrappers)
        else "classmethod"
        if read.has_cls
        else "staticmethod",
        names,
        read.rewrites,
        read.first,
    )
    return _with_defaults(change, names_of(calls[0]), names, options, place, reasons)


_MODES = ("pre", "each_item", "always")


def _on(options: dict[str, bool | ast.expr], key: str) -> bool:
    return options.get(key) is True


def _with_defaults(
    change: ValidatorChange,
    names: tuple[str, ...] | None,
    more: tuple[str, ...],
    options: dict[str, bool | ast.expr],
    place: Place,
    reasons: list[str],
) -> tuple[ValidatorChange, list[str]] | Obstacle:
    """The change with what `always=True` means for the fields."""
    if not options.get("always"):
        return change, reasons
    if names is None or place.node is None or place.symbol is None:
        return Obstacle("`always` needs `validate_default=True` on fields whose names are not written out here")
    edits = default_edits((*names, *more), place.node, place.symbol, place.file)
    if isinstance(edits, Obstacle):
        return edits
    return replace(change, fields=edits[0]), [*reasons, *([edits[1]] if edits[1] else [])]


def _around(place: Place, options: dict[str, bool | ast.expr], read: Read, *, assigned: bool = False) -> list[str]:
    """What the classes around a validator make of it in version 2 that they did not in version 1."""
    file, symbol = place.file, place.symbol
    if symbol is None:
        return ["which other validators run before the type is checked is not known here"] if options.get("pre") else []
    found: list[str] = []
    if place.ours is False:
        found.append(
            f"`{symbol.facts.name}` is no model, so that version 1 never ran it, but version 2 does in models below"
        )
    others = met(file.types, symbol, place.name, place.line)
    elsewhere = next((one for one in others if one.owner.qualname != symbol.qualname or assigned), None)
    if elsewhere is not None:
        found.append(_turned(elsewhere, place))
    mine = next((o for o in declared(file.types, symbol) if (o.name, o.line) == (place.name, place.line)), None)
    if mine is not None and ALL in mine.fields and not mine.pre:
        family = [one for owner in [symbol, *heirs(file.types, symbol)] for one in declared(file.types, owner)]
        later = next((o for o in family if o != mine and not o.pre and not o.whole and ALL not in o.fields), None)
        if later is not None and (later.owner.qualname != symbol.qualname or later.line > mine.line):
            found.append(
                f"version 1 ran `{later.name}` before a validator of all fields, version 2 runs it after this one"
            )
    below = hiding(file.types, symbol, place.name)
    if below is not None:
        found.append(
            f"`{below.facts.name}` has a `{place.name}` of its own, which takes the place of this in version 2"
        )
    if read.info and (called := call_of(place)):
        found.append(f"`{place.name}` is called in {called}, and takes `{read.info}` now")
    return found


def _turned(other: Declared, place: Place) -> str:
    """What is different where two validators run before the type is checked."""
    mine = place.symbol is not None and other.owner.qualname == place.symbol.qualname
    where = "" if mine else f" of `{other.owner.facts.name}`"
    return f"`{other.name}`{where} runs before the type is checked too, and version 2 turns the order of the two round"


def _ordered(place: Place) -> tuple[tuple[str, ValidatorChange], ...] | None:
    """The functions of a class that have to change places, with what becomes of each; None where that is not all."""
    assert place.symbol is not None and place.node is not None
    file, own = place.file, [one for one in declared(place.file.types, place.symbol) if one.pre and not one.whole]
    chosen = [one for one in own if (one.name, one.line) == (place.name, place.line)]
    for one in chosen:  # grows while it is walked
        chosen += [other for other in own if other not in chosen and other.meets(one)]
    found: list[tuple[str, ValidatorChange]] = []
    for one in sorted(chosen, key=lambda item: item.line):
        nodes = [n for n in place.node.body if isinstance(n, ast.FunctionDef) and n.name == one.name]
        calls = [d for n in nodes for d in n.decorator_list if isinstance(d, ast.Call)]
        calls = [call for call in calls if is_decorator(call.func, file, VALIDATOR)]
        if len(nodes) != 1 or len(calls) != 1 or nodes[0].lineno != one.line:
            return None
        made = _change(nodes[0], calls, replace(place, name=one.name, line=one.line))
        if isinstance(made, Obstacle) or made[1] or made[0].shape != "method":
            return None
        found.append((one.name, made[0]))
    return tuple(found)


# Assignments ---------------------------------------------------------------------------------------------------------


def _assigned(node: ast.Assign, file: File) -> Iterator[Hit]:
    match node:
        case ast.Assign(
            targets=[ast.Name(id=name)], value=ast.Call(func=ast.Call() as call, args=[function], keywords=[])
        ):
            if not is_decorator(call.func, file, VALIDATOR) or is_guarded(node, file.parent, "field_validator"):
                return
        case _:
            return
    place = place_of(node, name, file)
    span = file.span(call)
    made = _reused(call, function, place)
    if isinstance(made, Obstacle):
        text = f"`validator` is Pydantic 1's, and no machine can rewrite this use: {made.text}"
        yield Hit(node, text, safety=Safety.MANUAL, why=made.text, span=span)
        return
    change, reasons = made
    text = "`validator` is Pydantic 1's: use `field_validator`"
    why = "; ".join(dict.fromkeys(reasons))
    yield Hit(node, text, clue=change, safety=Safety.UNSAFE if reasons else None, why=why, span=span)


def _reused(call: ast.Call, function: ast.expr, place: Place) -> tuple[ValidatorChange, list[str]] | Obstacle:
    file = place.file
    options = read_options(call)
    if isinstance(options, Obstacle):
        return options
    if options.get("each_item"):
        return Obstacle("`each_item`: use `AfterValidator` in the annotation of the items")
    mode = "before" if options.get("pre") else ""
    reasons = _around(place, options, Read(), assigned=True)
    names = _parameters(function, file)
    if names is None:
        change = ValidatorChange("call", mode)
        reasons.append("the function is not known: if it asks for `values`, give it `info` and pass `info.data`")
    else:
        rest = names[1:] if names[:1] == ("cls",) else names
        if rest[1:] == ():
            change = ValidatorChange("call", mode)
        elif set(rest[1:]) <= {"values", "kwargs", "config"} and place.node is not None:
            cls = ("cls", "value") if rest is not names else ("value",)
            passed = [*cls, "values=info.data"] if {"values", "kwargs"}.intersection(rest[1:]) else [*cls]
            if "config" in rest:
                return Obstacle("its function asks for `config`: read `cls.model_config` in it")
            if "kwargs" in rest:
                reasons.append("the function gets `values` alone, no `field` and no `config`")
            change = ValidatorChange("adapter", mode, "info", wrapper="classmethod", function=", ".join(passed))
        else:
            return Obstacle("its function asks for `field`: give it `info`, and read `info.field_name` in it")
    return _with_defaults(change, names_of(call), (), options, place, reasons)


def _parameters(function: ast.expr, file: File) -> tuple[str, ...] | None:
    """The parameters of a function that is passed on; `kwargs` for `**kwargs`, None where it is not known."""
    if isinstance(function, ast.Lambda):
        args = function.args
        more = ("kwargs",) if args.kwarg is not None else ()
        return (*(a.arg for a in (*args.posonlyargs, *args.args, *args.kwonlyargs)), *more)
    name = file.qualname(function)
    symbol = file.project.locate(name) if name is not None else None
    if not isinstance(symbol, FunctionSymbol) or symbol.facts.owner or symbol.facts.decorators:
        return None
    return tuple("kwargs" if p.kind == "var-keyword" else p.name for p in symbol.facts.params)
