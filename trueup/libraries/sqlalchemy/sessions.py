"""Which objects are sessions of SQLAlchemy."""

from __future__ import annotations

from ...infer import Inference
from ...types import NONE, Foreign, Instance, Type, Union, Unknown, Variable, without_none

SESSION = "sqlalchemy.orm.Session"
_SQLMODEL = ("sqlmodel.Session", "sqlmodel.orm.session.Session")
_ASYNC = ("sqlalchemy.ext.asyncio.AsyncSession", "sqlalchemy.ext.asyncio.async_scoped_session")


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
        if any(name in _SQLMODEL for name in names) or any(name in _ASYNC for name in names):
            return False
        if SESSION in names:
            return True
        # A session of a library that is not installed is one of unknown bases.
        return False if types.mro(one.cls).complete or types.member(one.cls, "query") is not None else None
    return None if isinstance(one, Unknown | Foreign) else False


def is_sqlmodel_session(types: Inference, one: Type) -> bool:
    """Whether an object is a session of SQLModel."""
    one = without_none(one)
    return isinstance(one, Instance) and any(name in _SQLMODEL for name in types.mro(one.cls).names)
