"""Which relationships of a mapped class are loaded when they are first read, and where they lead."""

from __future__ import annotations

from typing import NamedTuple

from ...index.expressions import last_name
from ...index.facts import Attr, Call, Const, Expr, Mapping, Name, Sub
from ...infer import Inference, Site
from ...types import Instance, without_none
from .mapping import mapping, named
from .relationships import Relationship, relationship_of, target_of

_SQLMODEL = frozenset({"sqlmodel.Relationship", "sqlmodel.main.Relationship"})


class Late(NamedTuple):
    """A relationship that is loaded when it is first read."""

    target: str
    to_one: bool


def loaded_late(types: Inference, model: str, attribute: str) -> Late | None:
    """What a class's relationship leads to, if it is certainly one that is loaded when it is first read."""
    return types.remember(("loaded late", model, attribute), lambda: _loaded_late(types, model, attribute), None)


def _loaded_late(types: Inference, model: str, attribute: str) -> Late | None:
    if types.shared(_changes_queries):
        return None
    one = relationship_of(types, model, attribute) or _of_sqlmodel(types, model, attribute)
    if one is None:
        return None
    keywords = one.keywords
    nested = keywords.get("sa_relationship_kwargs")
    if nested is not None:
        if not isinstance(nested, Mapping):
            return None
        for key, value in zip(nested.keys, nested.values, strict=True):
            if not isinstance(key, Const):
                return None
            keywords[key.text] = value
    if "**" in keywords or "sa_relationship" in keywords:
        return None
    if keywords.get("lazy", Const("str", "select")) not in (Const("str", "select"), Const("bool", "True")):
        return None
    shape = _inside(types, one)
    if shape is None:
        return None
    target = target_of(types, one) if "argument" in keywords else ""
    return Late(target or shape[0], shape[1])


def _inside(types: Inference, one: Relationship) -> tuple[str, bool] | None:
    """The class that an annotation names, and whether it stands for one object; None for what loads by itself."""
    if one.annotation is None:
        uselist = one.keywords.get("uselist")
        return "", uselist is not None or "secondary" not in one.keywords
    if isinstance(one.annotation, Sub) and _last(one.annotation.value) in ("DynamicMapped", "WriteOnlyMapped"):
        return None
    found = types.annotation(one.annotation, one.site)
    if isinstance(found, Instance) and found.cls == "sqlalchemy.orm.Mapped" and found.args:
        found = found.args[0]
    found = without_none(found)
    if isinstance(found, Instance) and found.args:
        inner = without_none(found.args[-1])
        return (inner.cls if isinstance(inner, Instance) else ""), False
    return (found.cls, True) if isinstance(found, Instance) else ("", True)


def _last(expr: Expr) -> str:
    return last_name(expr) if isinstance(expr, Name | Attr) else ""


def _of_sqlmodel(types: Inference, model: str, attribute: str) -> Relationship | None:
    if not mapping(types).is_sqlmodel(model):
        return None
    for name in types.mro(model).names:
        symbol = types.project.klass(name)
        if symbol is None or symbol.file.path not in types.project.files:
            continue
        for field in symbol.facts.fields:
            if field.name == attribute:
                site = Site(symbol.file, None, symbol.facts, 0, field.pos.line, field.pos.column)
                made = field.value
                if isinstance(made, Call) and named(types, made.func, site) in _SQLMODEL:
                    return Relationship(name, attribute, Call(made.func, (), made.keywords), site, field.annotation)
                return None
    return None


def _changes_queries(types: Inference) -> bool:
    """Whether the project listens to all queries, where it may add options to each."""
    return any(
        Const("str", "do_orm_execute") in one.call.args
        for name in ("listens_for", "listen")
        for _, one in types.calls_named(name)
    )
