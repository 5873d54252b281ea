"""Names of SQLAlchemy 1 that version 2 has elsewhere, or no longer has."""

from __future__ import annotations

from collections.abc import Mapping

_ENGINE = "sqlalchemy.engine"
_ROWS = ("RowProxy", "LegacyRow")
_RESULTS = ("LegacyCursorResult", "BufferedRowResultProxy", "FullyBufferedResultProxy")
_KEPT = (f"{_ENGINE}.row", "RowProxy")
"""What version 2 has under the old name."""
_HOMES = (_ENGINE, f"{_ENGINE}.result", f"{_ENGINE}.base", f"{_ENGINE}.row", f"{_ENGINE}.cursor")
IMPORTS: Mapping[tuple[str, str], tuple[str, str]] = {
    **{(home, name): (_ENGINE, "Row") for home in _HOMES for name in _ROWS if (home, name) != _KEPT},
    **{(home, name): (_ENGINE, "CursorResult") for home in _HOMES for name in _RESULTS},
    (f"{_ENGINE}.result", "ResultProxy"): (_ENGINE, "CursorResult"),
    (f"{_ENGINE}.base", "ResultProxy"): (_ENGINE, "CursorResult"),
    ("sqlalchemy.util", "KeyedTuple"): (_ENGINE, "Row"),
    ("sqlalchemy.util._collections", "KeyedTuple"): (_ENGINE, "Row"),
    ("sqlalchemy.util._collections", "AbstractKeyedTuple"): (_ENGINE, "Row"),
    ("sqlalchemy.types", "Binary"): ("sqlalchemy.types", "LargeBinary"),
    ("sqlalchemy", "Binary"): ("sqlalchemy", "LargeBinary"),
    **{
        ("sqlalchemy.databases", name): ("sqlalchemy.dialects", name)
        for name in ("mssql", "mysql", "oracle", "postgresql", "sqlite")
    },
    ("sqlalchemy.databases", "postgres"): ("sqlalchemy.dialects", "postgresql"),
}
"""(module, name) of version 1 -> what version 2 has in its place."""
_EVENTS = "listen for the events of the same name with `sqlalchemy.event`"
_BAKED = "write a plain `select()`: statements are cached by themselves"
GONE: Mapping[tuple[str, str], str] = {
    **{(home, "Connectable"): "write `Engine | Connection`" for home in (f"{_ENGINE}.base", f"{_ENGINE}.reflection")},
    ("sqlalchemy", "ThreadLocalMetaData"): "make a `MetaData`, and hand the connection over",
    ("sqlalchemy.schema", "ThreadLocalMetaData"): "make a `MetaData`, and hand the connection over",
    ("sqlalchemy", "subquery"): "write `select(...).subquery()`",
    ("sqlalchemy.sql", "subquery"): "write `select(...).subquery()`",
    ("sqlalchemy.sql.expression", "subquery"): "write `select(...).subquery()`",
    ("sqlalchemy.exc", "RemovedIn20Warning"): "nothing gives it any more: the next is `MovedIn20Warning`",
    ("sqlalchemy.interfaces", "PoolListener"): _EVENTS,
    ("sqlalchemy.interfaces", "ConnectionProxy"): _EVENTS,
    ("sqlalchemy.orm.interfaces", "SessionExtension"): _EVENTS,
    ("sqlalchemy.orm.interfaces", "MapperExtension"): _EVENTS,
    ("sqlalchemy.orm.interfaces", "AttributeExtension"): _EVENTS,
    ("sqlalchemy.orm", "SessionExtension"): _EVENTS,
    ("sqlalchemy.orm", "MapperExtension"): _EVENTS,
    ("sqlalchemy.ext.baked", "bake_lazy_loaders"): _BAKED,
    ("sqlalchemy.ext.baked", "unbake_lazy_loaders"): _BAKED,
    ("sqlalchemy.ext.baked", "baked_lazyload"): _BAKED,
    ("sqlalchemy.ext.declarative", "instrument_declarative"): "call `registry().map_declaratively(cls)`",
    **{
        ("sqlalchemy.databases", name): "its dialect is a package of its own now, or gone"
        for name in ("firebird", "sybase")
    },
}
"""(module, name) of version 1 that nothing takes the place of -> what to do."""
