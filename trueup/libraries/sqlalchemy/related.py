"""Which class a relationship leads to."""

from __future__ import annotations

from ...index.expressions import last_name
from ...index.facts import Attr, Call, Const, Expr, Lambda, Name, Sub
from ...index.project import ClassSymbol
from ...infer import Inference, Site
from ...types import ClassObject
from .mapping import mapping
from .places import body_site
from .relationships import roots_of

MAKERS = frozenset({"relationship", "relation", "dynamic_loader", "Relationship"})
"""The functions that make a relationship, by their names."""


def related_class(types: Inference, cls: str, attr: str) -> str:
    """The mapped class that `cls.attr` leads to; empty where it is no relationship or its target is not known."""
    found: str = types.remember(("related class", cls, attr), lambda: _related_class(types, cls, attr), "")
    return found


def _related_class(types: Inference, cls: str, attr: str) -> str:
    for name in types.mro(cls).names:
        symbol = types.project.klass(name)
        if symbol is None or symbol.file.path not in types.project.files:
            continue
        for field in reversed(symbol.facts.fields):
            if field.name == attr:
                site = body_site(types, symbol, field)
                return _target(types, field.value, field.annotation, site, cls) if _is_maker(field.value) else ""
        member = types.own_member(symbol, attr)
        if member is not None and member.function is not None:
            for value, line, column in member.function.facts.returned:
                if _is_maker(value):
                    site = Site(symbol.file, member.function.facts, None, 0, line, column)
                    return _target(types, value, None, site, cls)
            return ""
    return _from_backref(types, cls, attr)


def _is_maker(value: Expr | None) -> bool:
    return isinstance(value, Call) and isinstance(value.func, Name | Attr) and last_name(value.func) in MAKERS


def _target(types: Inference, value: Expr | None, annotation: Expr | None, site: Site, owner: str) -> str:
    assert isinstance(value, Call)
    given = value.args[0] if value.args else next((v for k, v in value.keywords if k == "argument"), None)
    return _named(types, given if given is not None else annotation, site, owner)


def _named(types: Inference, expr: Expr | None, site: Site, owner: str) -> str:
    """The class that an argument or annotation names."""
    match expr:
        case Const(kind="str", text=text):
            return _by_name(types, text, owner)
        case Lambda(body=body):
            return _named(types, body, site, owner)
        case Sub(items=(only,)):
            return _named(types, only, site, owner)
        case Name() | Attr():
            found = types.type_of(expr, site)
            return found.cls if isinstance(found, ClassObject) else ""
    return ""


def _by_name(types: Inference, text: str, owner: str) -> str:
    """The mapped class of a name, below the same base as its owner; empty where there are several."""
    short = text.strip("'\" ").rpartition("[")[2].rstrip("]'\"").rpartition(".")[2]
    found = _mapped_by_name(types).get(short, [])
    if len(found) > 1 and "." in text:
        found = [one for one in found if one.endswith(text)]
    if len(found) > 1:
        roots = roots_of(types, owner)
        found = [one for one in found if roots & roots_of(types, one)]
    return found[0] if len(found) == 1 else ""


def _mapped_by_name(types: Inference) -> dict[str, list[str]]:
    return types.shared(_find_mapped_by_name)


def _find_mapped_by_name(types: Inference) -> dict[str, list[str]]:
    where, found = mapping(types), dict[str, list[str]]()
    for symbol in types.project.classes():
        if where.is_declarative(symbol.qualname) or where.is_sqlmodel(symbol.qualname):
            found.setdefault(symbol.facts.name, []).append(symbol.qualname)
    return found


def _from_backref(types: Inference, cls: str, attr: str) -> str:
    """The class whose relationship to `cls` makes `attr` by its `backref=`."""
    names = types.mro(cls).names
    found = [owner for owner, target in _backrefs(types).get(attr, ()) if target in names]
    return found[0] if len(found) == 1 else ""


def _backrefs(types: Inference) -> dict[str, list[tuple[str, str]]]:
    """Name of a backref -> (the class it leads to, the class it stands on)."""
    return types.shared(_find_backrefs)


def _find_backrefs(types: Inference) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for symbol in types.project.classes():
        for field in symbol.facts.fields:
            if _is_maker(field.value) and (name := _backref_name(field.value)):
                site = body_site(types, symbol, field)
                target = _target(types, field.value, field.annotation, site, symbol.qualname)
                found.setdefault(name, []).append((symbol.qualname, target))
    return found


def _backref_name(value: Expr | None) -> str:
    assert isinstance(value, Call)
    for key, given in value.keywords:
        if key == "backref":
            if isinstance(given, Call) and given.args:
                given = given.args[0]
            return given.text if isinstance(given, Const) and given.kind == "str" else ""
    return ""


def is_attribute(types: Inference, cls: str, attr: str) -> bool:
    """Whether a mapped class certainly has an attribute: a field or a method of a known class, or a backref."""
    if any(attr in _own_names(types, name) for name in types.mro(cls).names):
        return True
    return bool(_from_backref(types, cls, attr))


def _own_names(types: Inference, name: str) -> frozenset[str]:
    symbol: ClassSymbol | None = types.project.klass(name)
    if symbol is None:
        return frozenset()
    return frozenset((*(field.name for field in symbol.facts.fields), *symbol.facts.methods))
