"""Who else uses the `Config` of a model: classes that inherit from it, and code that reads it."""

from __future__ import annotations

from collections.abc import Iterator

from ...index.expressions import every_part
from ...index.facts import Attr, Class, Const, Expr, FileFacts, Function, Name, Scope
from ...index.project import ClassSymbol
from ...infer import Inference, Site
from ...types import ClassObject, short
from .config import DROPPED_KEYS, KNOWN_KEYS, LOST_KEYS, config_items
from .merged_config import source
from .models import classes_of, is_model

_NEUTRAL = ("pydantic.BaseConfig", "builtins.object")
"""Bases of a `Config` that bring no setting of their own."""


def keeps_config(types: Inference, cls: str) -> str:
    """Why the `Config` of a model cannot go, because something else needs it; empty if nothing does."""
    users = types.shared(_users)
    return next((why for user in users.get(cls, ()) if (why := _needs(types, user, ()))), "")


def foreign_bases(types: Inference, config: ClassSymbol, owner: str) -> str:
    """Why the bases of a `Config` do not all come to its model by themselves; empty if they do."""
    ancestors = types.mro(owner).names
    site = types.class_site(config)
    from_models = False
    for base in config.facts.bases:
        if types.qualname(base, site) in _NEUTRAL or shared_class(types, base, site) is not None:
            continue
        held = types.type_of(base.value, site) if isinstance(base, Attr) and base.attr == "Config" else None
        if not isinstance(held, ClassObject):
            return (
                "its base is shared with other classes: make it a `ConfigDict`, and write `ConfigDict(**SHARED, ...)`"
            )
        if held.cls not in ancestors:
            return f"it inherits from the config of `{short(held.cls)}`, which the model does not inherit from"
        from_models = True
    parents = [
        base.cls for _, base in types.bases(owner) if isinstance(base, ClassObject) and _has_config(types, base.cls)
    ]
    if from_models and len(parents) > 1:
        return "several bases have a config; of two settings version 1 took the left one's, version 2 the right one's"
    return ""


def shared_class(types: Inference, base: Expr, site: Site) -> ClassSymbol | None:
    """The class of the project's that only holds settings for several models, simple ones; None for any other base."""
    symbol = types.symbol_of(base, site) if isinstance(base, Name | Attr) else None
    if not isinstance(symbol, ClassSymbol):
        return None
    order = types.mro(symbol.qualname)
    for name in order.names:
        if name in _NEUTRAL:
            continue
        one = types.project.klass(name)
        if one is None or one.file.path not in types.project.files or one.facts.owner or one.facts.parent:
            return None
        facts = one.facts
        if any(method != "schema_extra" for method in facts.methods):
            return None
        if facts.methods and not {"Config", "__config__"}.isdisjoint(one.file.attributes):
            return None  # the function may ask its model for the `Config` that goes
        if facts.classes or facts.decorators or any(b.block for b in facts.scope.bindings):
            return None
        if not all(
            field.name in KNOWN_KEYS and field.value is not None and source(field.value, "'") for field in facts.fields
        ):
            return None
    return symbol if not is_model(types, symbol.qualname) else None


def shared_keys(types: Inference, shared: ClassSymbol, base: Expr) -> dict[str, Expr]:
    """The settings of such a class, with those of its bases; `base`: what names it where they are wanted."""
    found: dict[str, Expr] = {}
    for name in types.mro(shared.qualname).names:
        one = types.project.klass(name)
        if one is not None and name not in _NEUTRAL:
            for field in one.facts.fields:
                if field.value is not None:
                    found.setdefault(field.name, field.value)
            for method in one.facts.methods:
                found.setdefault(method, Attr(base, method))
    return found


def _has_config(types: Inference, cls: str) -> bool:
    """Whether a class of the project, or one above it, says something in its config."""
    symbols = [types.project.klass(name) for name in types.mro(cls).names if is_model(types, name)]
    own = [symbol for symbol in symbols if symbol is not None and symbol.file.path in types.project.files]
    return any(True for symbol in own for _ in config_items(types, symbol))


def _needs(types: Inference, user: ClassSymbol | str, seen: tuple[str, ...]) -> str:
    """Why a user of a `Config` goes on needing it."""
    if isinstance(user, str):
        return user
    owner = f"{user.file.module}.{user.facts.owner}"
    if owner in seen:
        return ""
    stays = f"the `Config` of `{short(owner)}` inherits from it and has to be moved by hand first"
    facts = user.facts
    blocked = facts.methods or facts.classes or any(b.block for b in facts.scope.bindings)
    lost = any(f.name not in KNOWN_KEYS or _is_lost(f.name, f.value) for f in facts.fields)
    if blocked or lost or not is_model(types, owner) or foreign_bases(types, user, owner):
        return stays
    users = types.shared(_users)
    return next((stays for one in users.get(owner, ()) if _needs(types, one, (*seen, owner))), "")


def _is_lost(key: str, value: Expr | None) -> bool:
    """Whether a machine leaves a key to a person, as far as facts show."""
    if key in DROPPED_KEYS:
        return not isinstance(value, Const) or value.text not in [text.strip("'") for text in DROPPED_KEYS[key]]
    return key in LOST_KEYS and key not in ("schema_extra", "alias_generator")


def _users(types: Inference) -> dict[str, list[ClassSymbol | str]]:
    """Model that has a `Config` -> the `Config` classes that inherit from it, and what else speaks of it."""
    found: dict[str, list[ClassSymbol | str]] = {}
    for symbol in types.project.classes():
        if symbol.facts.name == "Config" and symbol.facts.owner:
            site = types.class_site(symbol)
            for base in symbol.facts.bases:
                owner = _named(types, base, site)
                if owner:
                    found.setdefault(owner, []).append(symbol)
    for file in types.project.files.values():
        if not {"Config", "__config__"}.intersection(file.attributes):
            continue
        for site, expr in _expressions(file):
            owner = _named(types, expr, site)
            if owner:
                why = f"`Config` is used by name in `{file.path}`, line {site.line}: read `model_config` there first"
                found.setdefault(owner, []).append(why)
    return found


def _named(types: Inference, expr: Expr, site: Site) -> str:
    """The model whose `Config` an expression names; empty if it names none."""
    if not isinstance(expr, Attr) or expr.attr not in ("Config", "__config__"):
        return ""
    pairs = classes_of(types.type_of(expr.value, site)) or []
    owners = [_config_owner(types, cls) for cls, _ in pairs]
    return next((owner for owner in owners if owner), "")


def _config_owner(types: Inference, cls: str) -> str | None:
    """The first class, itself included, that a class gets a `Config` from."""
    for name in types.mro(cls).names:
        symbol = types.project.klass(name)
        if symbol is not None and "Config" in symbol.facts.classes and symbol.file.path in types.project.files:
            return name
    return None


def _expressions(file: FileFacts) -> Iterator[tuple[Site, Attr]]:
    """The places where a file's calls, assignments and returns say `.Config`."""

    def of(scope: Scope, function: Function | None, klass: Class | None) -> Iterator[tuple[Site, Attr]]:
        for call in scope.calls:
            for attr in _configs(call.call):
                yield Site(file, function, klass, call.block, call.pos.line, call.pos.column), attr
        for binding in scope.bindings:
            if binding.value is not None:
                for attr in _configs(binding.value):
                    yield Site(file, function, klass, binding.block, binding.line, binding.column), attr

    yield from of(file.scope, None, None)
    for klass in file.classes:
        yield from of(klass.scope, None, klass)
    for function in file.functions:
        yield from of(function.scope, function, None)
        for value, line, column in function.returned:
            for attr in _configs(value):
                yield Site(file, function, None, 0, line, column), attr


def _configs(expr: Expr) -> Iterator[Attr]:
    return (one for one in every_part(expr) if isinstance(one, Attr) and one.attr in ("Config", "__config__"))
