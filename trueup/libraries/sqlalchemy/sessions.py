"""Which objects are sessions of SQLAlchemy."""

from __future__ import annotations

from ...index.facts import Const
from ...infer import Inference
from ...types import NONE, Foreign, Instance, Type, Union, Unknown, Variable, without_none

SESSION = "sqlalchemy.orm.Session"
_SQLMODEL = ("sqlmodel.Session", "sqlmodel.orm.session.Session")
ASYNC_SESSIONS = ("sqlalchemy.ext.asyncio.AsyncSession", "sqlalchemy.ext.asyncio.async_scoped_session")
SESSIONS = (SESSION, ASYNC_SESSIONS[0])
_PLAIN_QUERIES = ("sqlalchemy.orm.Query", "sqlalchemy.orm.query.Query", "flask_sqlalchemy.query.Query")
_EVENTS = ("before_compile", "before_compile_update", "before_compile_delete")


def is_session(types: Inference, one: Type) -> bool | None:
    """Whether an object is a synchronous session (SQLModel's aside); None where it is not known."""
    one = without_none(one)
    if isinstance(one, Union):
        answers = {is_session(types, item) for item in one.items}
        return answers.pop() if len(answers) == 1 else None if True in answers or None in answers else False
    if isinstance(one, Variable):
        return is_session(types, one.bound) if one.bound is not None else None
    if one == NONE:
        return None  # what it is before somebody puts a session there
    if isinstance(one, Instance):
        names = types.mro(one.cls).names
        if any(name in _SQLMODEL for name in names) or any(name in ASYNC_SESSIONS for name in names):
            return False
        if SESSION in names:
            return True
        # A session of a library that is not installed is one of unknown bases.
        return False if types.mro(one.cls).complete or types.member(one.cls, "query") is not None else None
    return None if isinstance(one, Unknown | Foreign) else False


def is_session_class(types: Inference, cls: str) -> bool:
    """Whether a class is certainly one of sessions, synchronous or not."""
    return any(types.is_subclass(cls, base) for base in SESSIONS)


def is_sqlmodel_session(types: Inference, one: Type) -> bool:
    """Whether an object is a session of SQLModel."""
    one = without_none(one)
    return isinstance(one, Instance) and any(name in _SQLMODEL for name in types.mro(one.cls).names)


def changed_queries(types: Inference) -> str:
    """Why the queries of a project do more than their methods say, which statements would not do; empty if they do not.

    A class of its own (`sessionmaker(query_cls=...)`) and listeners to `before_compile` often hide rows, those that
    count as deleted or belong to another tenant, say.
    """
    return types.once("changed queries", lambda: _changed_queries(types))


def _changed_queries(types: Inference) -> str:
    for file in types.project.files.values():
        for site, one in types.call_sites(file):
            for key, value in one.call.keywords:
                if key in ("query_cls", "query_class") and value != Const("none"):
                    name = types.qualname(value, site) or ""
                    if name not in _PLAIN_QUERIES:
                        where = f"({file.path}:{one.pos.line})"
                        return f"sessions of this project make queries of a class of their own {where}"
            for value in one.call.args:
                if isinstance(value, Const) and value.kind == "str" and value.text in _EVENTS:
                    where = f"({file.path}:{one.pos.line})"
                    return f"this project listens to `{value.text}` {where}, which statements do not send"
    return ""
