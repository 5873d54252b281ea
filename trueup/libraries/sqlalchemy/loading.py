"""Which mapped classes load related rows by a join of their own, so that a row comes once for each of these."""

from __future__ import annotations

from ...index.expressions import last_name
from ...index.facts import Attr, Call, Const, Expr, Name
from ...index.project import ClassSymbol
from ...infer import Inference

_MAKERS = frozenset({"relationship", "relation", "dynamic_loader", "backref", "Relationship"})
_JOINED = (Const("str", "joined"), Const("bool", "False"))
_HARMLESS = frozenset({"select", "dynamic", "write_only", "noload", "raise", "raise_on_sql", "subquery", "selectin"})
_HARMLESS_OTHER = (Const("bool", "True"), Const("none"))


def may_join(types: Inference, cls: str) -> bool:
    """Whether loading objects of a class may join others, or that is not known."""
    found: bool = types.remember(("loading by join", cls), lambda: _may_join(types, cls), True)
    return found


def _may_join(types: Inference, cls: str) -> bool:
    mro = types.mro(cls)
    if not mro.complete:
        return True
    targets = _backref_targets(types)
    for name in mro.names:
        symbol = types.project.klass(name)
        if symbol is None or symbol.file.path not in types.project.files:
            continue
        if symbol.facts.name in targets or _declares(types, symbol):
            return True
    return False


def _declares(types: Inference, symbol: ClassSymbol) -> bool:
    """Whether a class's own body has a relationship that may be loaded by a join."""
    if any(_joins(field.value) for field in symbol.facts.fields):
        return True
    for name in symbol.facts.methods:
        member = types.own_member(symbol, name)
        if member is None or member.function is None:
            continue
        if any(_joins(value) for value, _, _ in member.function.facts.returned):
            return True
    return False


def _joins(value: Expr | None) -> bool:
    """Whether an expression makes a relationship whose `lazy=` is, or may be, a join."""
    if not isinstance(value, Call) or not isinstance(value.func, Name | Attr):
        return False
    if last_name(value.func) not in _MAKERS:
        return False
    for key, given in value.keywords:
        if key == "**" or (key == "lazy" and not _is_harmless(given)):
            return True
        if key == "sa_relationship_kwargs":
            return True
    return False


def _is_harmless(given: Expr) -> bool:
    if given in _JOINED:
        return False
    return given in _HARMLESS_OTHER or (isinstance(given, Const) and given.kind == "str" and given.text in _HARMLESS)


def _backref_targets(types: Inference) -> frozenset[str]:
    """The names of the classes that get such a relationship from another class's `backref=`."""
    return types.shared(_find_backref_targets)


def _find_backref_targets(types: Inference) -> frozenset[str]:
    found: set[str] = set()
    for symbol in types.project.classes():
        for field in symbol.facts.fields:
            value = field.value
            if not isinstance(value, Call) or not isinstance(value.func, Name | Attr):
                continue
            if last_name(value.func) in _MAKERS and any(k == "backref" and _joins(v) for k, v in value.keywords):
                found.update(_target_names(value, field.annotation))
    return frozenset(found)


def _target_names(call: Call, annotation: Expr | None) -> list[str]:
    """The bare names a relationship's target may have."""
    found = []
    for one in (*call.args[:1], *(v for k, v in call.keywords if k == "argument"), annotation):
        if isinstance(one, Const) and one.kind == "str":
            found.append(one.text.rpartition(".")[2])
        elif isinstance(one, Name | Attr):
            found.append(last_name(one))
    return found
