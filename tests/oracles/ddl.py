"""The tables a program makes: `CREATE` statements in several dialects; how columns and relationships are mapped.

Runs with any SQLAlchemy from 1.4 on, in the environment of the program, without trueup:

    python ddl.py dump PROGRAM...     import each program, print JSON
    python ddl.py compare OLD NEW     OLD and NEW are PROGRAM or PYTHON:PROGRAM; print in what they differ

A program is FOLDER, all modules below it, or FOLDER=MODULE,MODULE where a few import the rest.
`compare` exits 1 if they differ, 2 if a program cannot be imported. What a dialect cannot express is left out.
"""

from __future__ import annotations

import contextlib
import difflib
import gc
import importlib
import inspect
import io
import json
import multiprocessing
import re
import subprocess
import sys
import traceback
import typing
import warnings
from pathlib import Path
from typing import Any

DIALECTS = ("sqlite", "postgresql", "mysql")
_SYSTEM = (".pg_catalog.", ".information_schema.", ".sys.")
"""Tables that SQLAlchemy itself declares, to look at databases with."""


def dump(program: str) -> dict[str, Any]:
    """Import a program and say what its tables are like; changes `sys.path`, so it belongs in a process of its own.

    Returns `ddl` (dialect -> table -> statements, or None where the dialect lacks a type), `mapped` (class -> attribute
    -> how it is mapped), `lies` (annotations that do not say what the column does) and `failed` (module -> why it
    cannot be imported).
    """
    warnings.simplefilter("ignore")
    folder, _, modules = program.partition("=")
    sys.path.insert(0, folder)
    sys.dont_write_bytecode = True
    failed = {}
    for name in modules.split(",") if modules else module_names(Path(folder)):
        try:
            with contextlib.redirect_stdout(io.StringIO()):  # stdout is for the answer
                importlib.import_module(name)
        except Exception:  # noqa: BLE001 -- whatever a program raises when it is imported is an answer
            failed[name] = traceback.format_exc(limit=-1).strip().splitlines()[-1]
    mapped: dict[str, Any] = {}
    if not failed:
        try:
            mapped = _mapped()
        except Exception as error:  # noqa: BLE001
            failed["its mappers"] = f"{type(error).__name__}: {error}"
    return {
        "ddl": {} if failed else _ddl(),
        "mapped": mapped,
        "lies": [] if failed else _lies(),
        "failed": failed,
    }


def module_names(folder: Path) -> list[str]:
    """The dotted names of all modules below a folder."""
    paths = sorted(path.relative_to(folder) for path in folder.rglob("*.py"))
    names = [".".join(path.with_suffix("").parts) for path in paths]
    return [name.removesuffix(".__init__") for name in names if name != "__init__"]


def _ddl() -> dict[str, dict[str, list[str] | None]]:
    sqlalchemy = importlib.import_module("sqlalchemy")

    metadatas = [one for one in gc.get_objects() if isinstance(one, sqlalchemy.MetaData) and one.tables]
    found: dict[str, dict[str, list[str] | None]] = {}
    for dialect in DIALECTS:
        said: list[Any] = []
        engine = sqlalchemy.create_mock_engine(
            f"{dialect}://", lambda statement, *_, said=said, **__: said.append(statement)
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


def _mapped() -> dict[str, Any]:
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
        attributes |= {prop.key: _relationship(prop) for prop in mapper.relationships}
        found[f"{mapper.class_.__module__}.{mapper.class_.__qualname__}"] = dict(sorted(attributes.items()))
    return dict(sorted(found.items()))


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
    facts |= {name: getattr(prop, name, None) for name in names}
    facts["sync_backref"] = facts["sync_backref"] is not False
    return [f"{name}={value}" for name, value in facts.items() if value not in (None, False, [], {}, "")]


def _sides(join: Any) -> list[str]:
    """The text of a join, each comparison with its sides in order."""
    return [" = ".join(sorted(part.split(" = "))) for part in re.split(r" AND ", str(join))]


def _lies() -> list[str]:
    """Each `Mapped[...]` that is `Optional` where no NULL can be (or the reverse), or not what its column holds."""
    sqlalchemy, orm = importlib.import_module("sqlalchemy"), importlib.import_module("sqlalchemy.orm")
    found = []
    for mapper in (mapper for registry in orm.mapperlib._all_registries() for mapper in registry.mappers):
        for owner in mapper.class_.__mro__:
            for key, annotation in inspect.get_annotations(owner).items():
                if key in mapper.relationships and typing.get_origin(annotation) is orm.Mapped:
                    found += _relationship_lies(mapper.relationships[key], owner, annotation)
                if key not in mapper.column_attrs or typing.get_origin(annotation) is not orm.Mapped:
                    continue
                parts = typing.get_args(annotation)
                inner = typing.get_args(parts[0]) if type(None) in typing.get_args(parts[0]) else parts
                column = mapper.column_attrs[key].columns[0]
                if (len(inner) > 1) != (column.nullable and not column.primary_key):
                    found.append(f"{owner.__qualname__}.{key}: {annotation}, but nullable is {column.nullable}")
                named = typing.get_origin(inner[0]) or inner[0]
                # What is in JSON, and what a decorator makes of a value, only the author knows.
                open_types = (sqlalchemy.TypeDecorator, sqlalchemy.JSON, sqlalchemy.ARRAY)
                if named is typing.Any or isinstance(column.type, open_types):
                    continue
                try:
                    held = column.type.python_type
                except NotImplementedError:
                    continue
                if held not in (named, object):
                    found.append(f"{owner.__qualname__}.{key}: {annotation}, but the column holds {held}")
    return sorted(found)


def _relationship_lies(prop: Any, owner: type, annotation: Any) -> list[str]:
    """An annotation with a collection where one object is, or the reverse, or `None` where one must be."""
    inner = typing.get_args(annotation)[0]
    where = f"{owner.__qualname__}.{prop.key}: {annotation}"
    optional = type(None) in typing.get_args(inner) or "None" in str(inner)
    held = next((arg for arg in typing.get_args(inner) if arg is not type(None)), inner) if optional else inner
    if (typing.get_origin(held) in (list, set, dict)) != bool(prop.uselist):
        return [f"{where}, but uselist is {prop.uselist}"]
    required = prop.direction.name == "MANYTOONE" and not any(column.nullable for column in prop.local_columns)
    return [f"{where}, but the other object may be missing"] if not (prop.uselist or optional or required) else []


def dump_each(programs: list[str]) -> list[dict[str, Any]]:
    """`dump` of several programs, each in a process of its own that has SQLAlchemy loaded already."""
    importlib.import_module("sqlalchemy.orm")
    with multiprocessing.get_context("fork").Pool(1, maxtasksperchild=1) as pool:
        return pool.map(dump, programs, chunksize=1)


def dumps(python: str | Path, programs: list[Path]) -> list[dict[str, Any]]:
    """The same in another environment, by its interpreter."""
    command = [str(python), "-P", __file__, "dump", *map(str, programs)]
    done = subprocess.run(command, text=True, capture_output=True, check=True)
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def differences(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """The lines in which two dumps differ; tables that one of them cannot express in a dialect are not compared."""
    texts: list[list[str]] = [[], []]
    for dialect in DIALECTS:
        tables = [old["ddl"].get(dialect, {}), new["ddl"].get(dialect, {})]
        for name in sorted({*tables[0], *tables[1]}):
            if any(one.get(name, "") is None for one in tables):
                continue
            for text, one in zip(texts, tables, strict=True):
                for statement in one.get(name, ()):
                    text += [f"-- {dialect}", *statement.split("\n")]
    for text, dumped in zip(texts, (old, new), strict=True):
        text += [f"{cls}.{name}: {how}" for cls, names in dumped["mapped"].items() for name, how in names.items()]
    return list(difflib.unified_diff(texts[0], texts[1], "before", "after", lineterm="", n=1))


def main(arguments: list[str]) -> int:
    """The command."""
    match arguments:
        case ["dump", *programs] if programs:
            json.dump(dump_each(programs), sys.stdout, indent=1)
            return 0
        case ["compare", old, new]:
            found = []
            for one in (old, new):
                python, _, program = one.rpartition(":")
                found += dumps(python or sys.executable, [Path(program)])
                for module, why in found[-1]["failed"].items():
                    sys.stderr.write(f"{program}: {module}: {why}\n")
            if any(one["failed"] for one in found):
                return 2
            different = differences(*found)
            sys.stdout.writelines(f"{line}\n" for line in different)
            return 1 if different else 0
    sys.stderr.write(__doc__ or "")
    return 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
