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
import importlib
import inspect
import io
import json
import multiprocessing
import subprocess
import sys
import traceback
import typing
import warnings
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve()
if __name__ == "__main__":
    sys.path.append(str(HERE.parents[2]))  # what `trueup verify` looks with needs nothing of trueup's environment

from trueup.verify.probes.tables import DIALECTS, ddl, mapped  # noqa: E402


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
    configured: dict[str, Any] = {}
    if not failed:
        try:
            configured = mapped()
        except Exception as error:  # noqa: BLE001
            failed["its mappers"] = f"{type(error).__name__}: {error}"
    return {
        "ddl": {} if failed else ddl(),
        "mapped": configured,
        "lies": [] if failed else _lies(),
        "failed": failed,
    }


def module_names(folder: Path) -> list[str]:
    """The dotted names of all modules below a folder."""
    paths = sorted(path.relative_to(folder) for path in folder.rglob("*.py"))
    names = [".".join(path.with_suffix("").parts) for path in paths]
    return [name.removesuffix(".__init__") for name in names if name != "__init__"]


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
