"""Arguments that SQLAlchemy 2 no longer takes or no longer needs, and when they can simply go."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct


class Argument(Struct, frozen=True):
    """What is known of an argument."""

    harmless: tuple[object, ...]
    """The values with which it can go, for version 2 does what they say; ANY: with each."""
    because: str
    """Why it can go then."""
    otherwise: str = ""
    """What to do where it has another value."""
    refused: bool = True
    """Whether version 2 raises for it, even where it can go."""


ANY = "any value"
_ENGINE = {
    "future": Argument(
        (True,), "every engine is so", "SQLAlchemy 2 refuses it, and has no engine of the old kind", False
    ),
    "encoding": Argument((ANY,), "it does nothing under Python 3"),
    "case_sensitive": Argument((True,), "names of columns are told by upper and lower case", "compare names yourself"),
    "empty_in_strategy": Argument((ANY,), "an empty `in_()` needs no strategy"),
    "pool_threadlocal": Argument((ANY,), "connections belong to no thread"),
    "strategy": Argument(("plain",), "it is the only one", "`create_mock_engine()` is for `mock`, others are gone"),
}
_TABLE = {
    "autoload": Argument(
        (), "`autoload_with=` alone says it", "say `autoload_with=engine`: there is no engine bound to the metadata"
    ),
    "quote_schema": Argument((None,), "it is the default", "", False),
}
_AUTOCOMMIT = Argument(
    (False,), "sessions always begin a transaction by themselves", "begin and commit: `with session.begin():`", False
)
_SESSION = {
    "autocommit": _AUTOCOMMIT,
    "future": Argument((True, False), "every session is so", "", False),
    "weak_identity_map": Argument((True,), "it is so", "keep references to the objects yourself"),
    "_enable_transaction_accounting": Argument((True,), "it is so", "there is nothing like it"),
    "extension": Argument((None,), "it is the default", "listen for events of the session"),
}
CORE: Mapping[str, Mapping[str, Argument]] = {
    "sqlalchemy.create_engine": _ENGINE,
    "sqlalchemy.engine_from_config": _ENGINE,
    "sqlalchemy.ext.asyncio.create_async_engine": {"future": _ENGINE["future"]},
    "sqlalchemy.Table": _TABLE,
    "sqlalchemy.dialects.mysql.ENUM": {"quoting": Argument((ANY,), "values are always quoted")},
    "sqlalchemy.orm.Bundle": {"single_entity": Argument((ANY,), "it does nothing", refused=False)},
}
"""Function or class of Core -> its arguments that are old."""
SESSIONS: Mapping[str, Mapping[str, Argument]] = {
    "sqlalchemy.orm.sessionmaker": _SESSION,
    "sqlalchemy.orm.Session": _SESSION,
    "sqlalchemy.orm.create_session": _SESSION,
    "sqlmodel.Session": _SESSION,
    "sqlmodel.orm.session.Session": _SESSION,
    "sqlalchemy.ext.asyncio.async_sessionmaker": _SESSION,
    "sqlalchemy.ext.asyncio.AsyncSession": _SESSION,
}
"""What makes sessions -> its arguments that are old."""
