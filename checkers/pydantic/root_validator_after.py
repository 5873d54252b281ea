"""What becomes of a validator of a whole model that runs after the fields: it reads, or writes back to, the object."""

from __future__ import annotations

import ast
import keyword

from msgspec.structs import replace

from trueup.libraries.pydantic.config import Obstacle
from trueup.libraries.pydantic.inherited import Fields, keeps_extras, switch
from trueup.libraries.pydantic.root_plans import (
    RootChange,
    Work,
    bare_returns,
    class_rewrites,
    display_keys,
    endless,
    has_values,
    takes_name,
)
from trueup.libraries.pydantic.validators import declared, family

from .validator_place import Place, call_of, is_static

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def after(
    node: _Function, cls: str, values: str, work: Work, place: Place, reasons: list[str]
) -> tuple[RootChange, list[str]] | Obstacle:
    file, fields = place.file, place.fields
    if endless(node):
        return Obstacle("it does not return the values on every path")
    called = call_of(place)
    if called:
        return Obstacle(f"it is called in {called}, and takes `self` in Pydantic 2: make what both need a function")
    other = _calls_another(node, place)
    if other:
        return Obstacle(f"it calls `{other}`, which takes `self` in Pydantic 2: make what both need a function")
    if (
        cls == "self"
        and takes_name(node, "self")
        and any(isinstance(n, ast.Name) and n.id == "self" for n in ast.walk(node))
    ):
        return Obstacle("it calls its class `self`: name that `cls`")
    if cls != "self" and takes_name(node, "self"):
        return Obstacle("it uses the name `self` for something else: rename that")
    of_class = class_rewrites(node, cls, file.parent, file.segment, lambda name: is_static(name, place))
    if isinstance(of_class, Obstacle):
        return of_class
    rewrites = list(of_class)
    returns = place.owner or "Any"
    reasons = [*reasons, *_assignments(node, place)]
    if work.grows:
        grown = work.grows[0]
        reasons.append(
            f"Pydantic 2 runs it again when the object becomes part of another, and `{grown}` is changed twice"
        )
    if _only_reads(work, fields):
        rewrites += [(file.segment(one), f"self.{key}") for key, one in work.reads]
        change = RootChange("attributes", values, rewrites=tuple(dict.fromkeys(rewrites)), returns=returns)
        return change, reasons
    made = _written_back(node, values, work, place)
    if isinstance(made, Obstacle):
        return made
    change, more = made
    change = replace(change, rewrites=tuple(rewrites), returns=returns)
    return change, [*reasons, *more]


def _calls_another(node: _Function, place: Place) -> str:
    """The validator of a whole model that a function calls on its class or a base; empty where it calls none."""
    if place.symbol is None:
        return ""
    kin = [place.symbol, *family(place.file.types, place.symbol)]
    names = {one.name for owner in kin for one in declared(place.file.types, owner) if one.whole and not one.pre}
    callers = ("cls", "super()", *(owner.facts.name for owner in kin))
    for call in ast.walk(node):
        match call:
            case ast.Call(func=ast.Attribute(value=held, attr=name)) if name in names:
                if ast.unparse(held) in callers:
                    return name
    return ""


def _only_reads(work: Work, fields: Fields) -> bool:
    """Whether a body does nothing with the values but read fields."""
    whole = work.changes or work.asks or work.dynamic_reads or work.looked_at or work.others or work.lossy_default
    if whole or work.rebound or work.shadowed:
        return False
    return all(key in fields and key.isidentifier() and not keyword.iskeyword(key) for key, _ in work.reads)


def _written_back(node: _Function, values: str, work: Work, place: Place) -> tuple[RootChange, list[str]] | Obstacle:
    """A body that works on a dict of the values."""
    fields, symbol = place.fields, place.symbol
    gone = next((key for key in work.pops if key in fields), None)
    if gone is not None:
        return Obstacle(f"it takes `{gone}` out of the values, but in Pydantic 2 an object has all of its fields")
    reasons: list[str] = []
    odd = next((key for key in work.writes if key not in fields), None)
    if odd is not None and fields.complete:
        reasons.append(f"`{odd}` is no field: it becomes an attribute that `model_dump` leaves out")
    elif odd is not None:
        reasons.append(f"whether `{odd}` is a field is not known")
    if work.dynamic_writes or work.handed:
        reasons.append(
            "which keys it writes is not known: one that is no field becomes an attribute that is not dumped"
        )
    for statement in work.others:
        keys = display_keys(statement.value, values)
        if keys is None or not has_values(statement.value, values):
            reasons.append("which dict it returns is not known: what that lacks stays, what is no field is not dumped")
        elif any(key not in fields for key in keys):
            reasons.append("it returns keys that are no fields: they become attributes that are not dumped")
    write = work.changes or bool(work.others)
    asked = [key for key in work.keys if key not in fields]
    extras = False
    if symbol is not None and (asked or work.dynamic_reads or work.looked_at or work.handed):
        kept = keeps_extras(place.file.types, symbol.qualname)
        if kept and write:
            reasons.append("keys that are no fields are in `model_extra`, no longer among the values")
        extras = bool(kept) and not write
    return RootChange(
        "dict", values, extras=extras, write=write, bare=bare_returns(node, work) if write else ()
    ), reasons


def _assignments(node: _Function, place: Place) -> list[str]:
    """What is different where assignments are validated."""
    refuses = any(isinstance(one, ast.Raise | ast.Assert) for one in ast.walk(node))
    if (
        place.symbol is None
        or not refuses
        or not switch(place.file.types, place.symbol.qualname, "validate_assignment")
    ):
        return []
    return ["after an assignment that it refuses the object keeps the new value, where version 1 kept the old one"]
