"""The tables a program declares, as `CREATE` statements in several dialects, and how its classes are mapped to them.

With any SQLAlchemy from 1.4 on.
"""

from __future__ import annotations

import gc
import importlib
import re
from collections.abc import Sequence
from typing import Any

DIALECTS = ("sqlite", "postgresql", "mysql")
_DRIVERS = {"postgresql": "postgresql+psycopg2"}
"""One driver for all versions: psycopg 3, the default of 2.1, has `VARCHAR` for the `CHAR` of a type decorator."""
_SYSTEM = (".pg_catalog.", ".information_schema.", ".sys.", "$sa_dblink$")
"""Tables that SQLAlchemy itself declares, to look at databases with."""


def ddl(dialects: Sequence[str] = DIALECTS) -> dict[str, dict[str, list[str] | None]]:
    """Dialect -> table -> its statements, or None where the dialect cannot express it."""
    sqlalchemy = importlib.import_module("sqlalchemy")

    metadatas = [one for one in gc.get_objects() if isinstance(one, sqlalchemy.MetaData) and one.tables]
    found: dict[str, dict[str, list[str] | None]] = {}
    for dialect in dialects:
        said: list[Any] = []
        engine = sqlalchemy.create_mock_engine(
            f"{_DRIVERS.get(dialect, dialect)}://", lambda statement, *_, said=said, **__: said.append(statement)
        )
        tables = found[dialect] = {}
        pairs = [pair for metadata in metadatas for pair in metadata.tables.items()]
        for name, table in sorted(pairs, key=lambda pair: pair[0]):
            if any(schema in f".{name.lower()}" for schema in _SYSTEM):
                continue
            said.clear()
            try:
                table.create(engine, checkfirst=False)
                # The indexes of a table are a set: their order is chance. Two metadatas may have tables of one name.
                made = [_text(one, engine.dialect) for one in said]
                known = tables.get(name, [])
                tables[name] = sorted([*known, *made]) if known is not None else None
            except Exception:  # noqa: BLE001 -- compilers, and the types of users, raise what they like
                tables[name] = None
    return found


def _text(statement: Any, dialect: Any) -> str:
    return re.sub(r"[ \t]+\n", "\n", str(statement.compile(dialect=dialect))).strip()


def mapped() -> dict[str, dict[str, list[str]]]:
    """Mapped class -> attribute -> how it is mapped. Raises whatever configuring the mappers does."""
    orm = importlib.import_module("sqlalchemy.orm")
    orm.configure_mappers()
    registries = orm.mapperlib._all_registries()
    found = {}
    for mapper in (mapper for registry in registries for mapper in registry.mappers):
        attributes = {}
        for prop in mapper.column_attrs:
            flags = {name: getattr(prop, name, None) for name in ("deferred", "group", "raiseload", "active_history")}
            attributes[prop.key] = [
                # An expression is called after its address.
                *(re.sub(r"\d+ anon", "anon", str(column.name)) for column in prop.columns),
                *(f"{name}={flag}" for name, flag in flags.items() if flag),
            ]
        attributes.update({prop.key: _relationship(prop) for prop in mapper.relationships})
        found[f"{mapper.class_.__module__}.{mapper.class_.__qualname__}"] = dict(sorted(attributes.items()))
    return dict(sorted(found.items()))


def homes() -> dict[str, str]:
    """Table -> the module of a class that is mapped to it."""
    orm = importlib.import_module("sqlalchemy.orm")
    found = {}
    for mapper in (mapper for registry in orm.mapperlib._all_registries() for mapper in registry.mappers):
        name = getattr(mapper.local_table, "fullname", None) or getattr(mapper.local_table, "name", None)
        if name:
            found[str(name)] = mapper.class_.__module__
    return found


def _relationship(prop: Any) -> list[str]:
    """How a relationship is mapped; joins and columns as sets, as nothing depends on their order."""
    target = prop.mapper.class_
    collection = getattr(prop.collection_class, "__qualname__", type(prop.collection_class).__qualname__)
    facts = {
        "to": f"{target.__module__}.{target.__qualname__}",
        "direction": prop.direction.name,
        "uselist": prop.uselist,
        # A relationship without one has a list.
        "collection": "list" if prop.collection_class is None else re.sub(r"<locals>.*", "", collection),
        "back_populates": prop.back_populates,
        "partners": sorted(f"{one.parent.class_.__qualname__}.{one.key}" for one in prop._reverse_property),
        "cascade": ", ".join(sorted(prop.cascade)),
        "lazy": prop.lazy,
        "order_by": [str(one) for one in prop.order_by] if prop.order_by else None,
        "secondary": str(prop.secondary) if prop.secondary is not None else None,
        "join": sorted(_sides(prop.primaryjoin)),
        "second join": sorted(_sides(prop.secondaryjoin)) if prop.secondaryjoin is not None else None,
        "local": sorted(map(str, prop.local_columns)),
        "remote": sorted(map(str, prop.remote_side)),
        "foreign": sorted({str(column) for column in prop._user_defined_foreign_keys or ()}),
    }
    names = (
        "viewonly", "post_update", "passive_deletes", "passive_updates", "innerjoin", "single_parent", "join_depth",
        "active_history", "doc", "info", "omit_join", "sync_backref", "enable_typechecks",
    )  # fmt: skip
    facts.update({name: getattr(prop, name, None) for name in names})
    facts["sync_backref"] = facts["sync_backref"] is not False
    return [f"{name}={value}" for name, value in facts.items() if value not in (None, False, [], {}, "")]


def _sides(join: Any) -> list[str]:
    """The text of a join, each comparison with its sides in order."""
    return [" = ".join(sorted(part.split(" = "))) for part in re.split(r" AND ", str(join))]
