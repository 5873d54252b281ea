"""Whether a commit expires the objects of a project's async sessions, and which attributes are then read anew."""

from __future__ import annotations

from ...index.expressions import last_name
from ...index.facts import Attr, Call, Const, Expr, Name, Sub
from ...infer import Inference, Site
from ...types import ClassObject
from .late_reads import relationship_names
from .mapping import mapping
from .sessions import ASYNC_SESSIONS

_MAKERS = ("async_sessionmaker", "sessionmaker", "AsyncSession")
_SAYS = "expire_on_commit"


def expires_on_commit(types: Inference) -> bool | None:
    """Whether a commit expires what the project's async sessions hold; None where they differ, or none is made here."""
    return types.shared(_expires)


def _expires(types: Inference) -> bool | None:
    answers: set[bool | None] = set()
    for file in types.project.files.values():
        if not {"sqlalchemy", "sqlmodel"} & set(file.imported):
            continue
        if _SAYS in file.attributes:  # `session.expire_on_commit = False`
            return None
        for site, one in types.call_sites(file):
            call = one.call
            name = last_name(call.func) if isinstance(call.func, Name | Attr) else ""
            if name in _MAKERS or any(key == _SAYS for key, _ in call.keywords):
                answers.update(_said(types, call, site))
    return answers.pop() if len(answers) == 1 else None


def _said(types: Inference, call: Call, site: Site) -> tuple[bool | None, ...]:
    """What a call says of the sessions it makes; nothing where it makes none that are async."""
    keywords = dict(call.keywords)
    made = types.type_of(call.func, site)
    cls = made.cls if isinstance(made, ClassObject) else ""
    if cls == "sqlalchemy.orm.sessionmaker":
        given = types.type_of(keywords["class_"], site) if "class_" in keywords else None
        if not isinstance(given, ClassObject) or not any(types.is_subclass(given.cls, one) for one in ASYNC_SESSIONS):
            return ()
        cls = given.cls
    elif cls == "sqlalchemy.orm.Session":
        return ()
    if not cls.startswith(("sqlalchemy.", "sqlmodel.")) or "**" in keywords:
        return (None,)
    said = keywords.get(_SAYS, Const("bool", "True"))
    return ({"True": True, "False": False}.get(said.text) if isinstance(said, Const) else None,)


def is_column(types: Inference, cls: str, name: str) -> bool:
    """Whether an attribute of a mapped class is certainly one that is loaded from its row."""
    for owner in types.mro(cls).names:
        symbol = types.project.klass(owner)
        if symbol is None or not types.project.is_own(owner):
            continue
        if name in symbol.facts.methods or name in symbol.facts.classes:
            return False
        for field in symbol.facts.fields:
            if field.name == name and not field.method:
                is_table = mapping(types).is_sqlmodel(cls) and field.annotation is not None and field.value is None
                return name not in relationship_names(types) and (is_table or _maps(field.annotation, field.value))
    return False


def _maps(annotation: Expr | None, value: Expr | None) -> bool:
    if isinstance(annotation, Sub) and isinstance(annotation.value, Name | Attr):
        last = last_name(annotation.value)
        if last in ("ClassVar", "AssociationProxy"):
            return False
        if last == "Mapped":
            return True
    func = value.func if isinstance(value, Call) else None
    return isinstance(func, Name | Attr) and last_name(func) in ("Column", "mapped_column", "Field")
