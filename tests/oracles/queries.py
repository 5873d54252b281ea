"""What the queries of a program do: the SQL they send with its values, what they return, and what is loaded then.

Runs with any SQLAlchemy from 1.4 on, in the environment of the program, without trueup:

    python queries.py run PROGRAM...     run each program, print JSON

A program is a folder whose `models.py` has a `Base` and whose `data.py` has `rows()`, the objects to begin with. Every
function of its other modules whose first parameter is `db` is run on a database of its own, and so is every method of
a class that is made with one; all other parameters need defaults. Each is run twice: with an empty session, and with
one that holds all objects.
"""

from __future__ import annotations

import importlib
import inspect
import json
import multiprocessing
import re
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

_NOT_RUN = ("models", "data")


def run(program: str) -> dict[str, Any]:
    """Run the functions of a program; changes `sys.path`, so it belongs in a process of its own.

    Returns name -> `sql`, `result` and `loaded` of each function, once for each kind of session.
    """
    warnings.simplefilter("ignore")
    sys.path.insert(0, program)
    sys.dont_write_bytecode = True
    found: dict[str, Any] = {}
    for path in sorted(Path(program).rglob("*.py")):
        name = ".".join(path.relative_to(program).with_suffix("").parts)
        if name in _NOT_RUN:
            continue
        for label, call in _calls(importlib.import_module(name)):
            for kind in ("empty", "full"):
                found[f"{label} ({kind})"] = _observed(call, full=kind == "full")
    return found


def _calls(module: Any) -> Iterator[tuple[str, Callable[[Any], Any]]]:
    """What can be run with a session alone."""
    for name, one in list(vars(module).items()):
        if getattr(one, "__module__", "") != module.__name__ or name.startswith("_"):
            continue
        if inspect.isfunction(one) and _takes_session(one):
            yield f"{module.__name__}.{name}", one
        elif inspect.isclass(one) and _takes_session(one.__init__, skip=1):
            for method, function in inspect.getmembers(one, inspect.isfunction):
                if not method.startswith("_") and _takes_nothing(function):
                    call = lambda db, one=one, method=method: _called(one, db, method)  # noqa: E731
                    yield f"{module.__name__}.{name}.{method}", call


def _called(cls: Any, db: Any, method: str) -> Any:
    return getattr(cls(db), method)()


def _takes_session(function: Any, skip: int = 0) -> bool:
    if not inspect.isfunction(function):
        return False
    parameters = list(inspect.signature(function).parameters.values())[skip:]
    return bool(parameters) and parameters[0].name == "db" and not any(map(_is_needed, parameters[1:]))


def _takes_nothing(method: Any) -> bool:
    return not any(map(_is_needed, list(inspect.signature(method).parameters.values())[1:]))


def _is_needed(parameter: inspect.Parameter) -> bool:
    variable = parameter.kind in (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    return parameter.default is inspect.Parameter.empty and not variable


def _observed(call: Callable[[Any], Any], *, full: bool) -> dict[str, Any]:
    """What one function does on a database of its own."""
    sqlalchemy, orm = importlib.import_module("sqlalchemy"), importlib.import_module("sqlalchemy.orm")
    models, data = importlib.import_module("models"), importlib.import_module("data")
    engine = sqlalchemy.create_engine("sqlite://")
    models.Base.metadata.create_all(engine)
    with orm.Session(engine) as session:
        session.add_all(data.rows())
        session.commit()
    sent: list[list[Any]] = []
    tables = sorted(models.Base.metadata.tables)

    def remember(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        sent.append([_plain(statement, tables), json.loads(json.dumps(parameters, default=str))])

    with orm.Session(engine) as session:
        held = []
        if full:
            for mapper in sorted(models.Base.registry.mappers, key=lambda one: str(one.class_.__name__)):
                held += session.execute(sqlalchemy.select(mapper.class_)).unique().scalars().all()
        sqlalchemy.event.listen(engine, "before_cursor_execute", remember)
        try:
            result = _shown(call(session))
        except Exception as error:  # noqa: BLE001 -- whatever a query raises is an answer
            result = ["raises", type(error).__name__]
        sqlalchemy.event.remove(engine, "before_cursor_execute", remember)
        loaded = sorted(str(_state(one, sqlalchemy)) for one in held)
    engine.dispose()
    return {"sql": sent, "result": result, "loaded": loaded}


def _plain(statement: str, tables: list[str]) -> str:
    """SQL without the names of its columns, which legacy queries make longer: `authors_id` for `id`."""
    plain = re.sub(r"\s+", " ", statement)
    plain = re.sub(r' AS "?\w+"?', "", plain)
    plain = re.sub(rf"\b(anon_\d+)\.(?:{'|'.join(tables)})_", r"\1.", plain)
    plain = re.sub(r"EXISTS \(SELECT .*? FROM ", "EXISTS (SELECT 1 FROM ", plain)
    # A count of plain rows is asked without a subquery.
    return re.sub(
        r"^SELECT count\(\*\) FROM \(SELECT [^()]* FROM (\w+(?: WHERE .*)?)\)$", r"SELECT count(*) FROM \1", plain
    )


def _shown(value: Any) -> Any:
    """A result as JSON, objects by their identity, each kind of collection for what it is."""
    sqlalchemy = importlib.import_module("sqlalchemy")
    if value is None or isinstance(value, bool | int | float | str):
        return value
    state = sqlalchemy.inspect(value, raiseerr=False)
    if state is not None and hasattr(state, "identity_key"):
        return [type(value).__name__, list(state.identity or ())]
    if isinstance(value, dict):
        return ["dict", [[_shown(key), _shown(one)] for key, one in value.items()]]
    if isinstance(value, list | set | frozenset):
        return ["list", [_shown(one) for one in value]]
    if hasattr(value, "_fields") or isinstance(value, tuple):
        return ["row", [_shown(one) for one in value]]
    if hasattr(value, "__iter__"):
        return ["iterable", [_shown(one) for one in value]]
    return str(value)


def _state(one: Any, sqlalchemy: Any) -> list[Any]:
    """Which object, and what of it is loaded."""
    state = sqlalchemy.inspect(one)
    columns = {attribute.key for attribute in state.mapper.column_attrs}
    known = {key: str(value) for key, value in state.dict.items() if key in columns}
    return [type(one).__name__, list(state.identity or ()), sorted(known.items()), state.deleted, state.detached]


def run_each(programs: list[str]) -> list[dict[str, Any]]:
    """`run` of several programs, each in a process of its own that has SQLAlchemy loaded already."""
    importlib.import_module("sqlalchemy.orm")
    with multiprocessing.get_context("fork").Pool(1, maxtasksperchild=1) as pool:
        return pool.map(run, programs, chunksize=1)


def runs(python: str | Path, programs: list[Path]) -> list[dict[str, Any]]:
    """The same in another environment, by its interpreter."""
    command = [str(python), "-P", __file__, "run", *map(str, programs)]
    done = subprocess.run(command, text=True, capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def main(arguments: list[str]) -> int:
    """The command."""
    match arguments:
        case ["run", *programs] if programs:
            json.dump(run_each(programs), sys.stdout, indent=1)
            return 0
    sys.stderr.write(__doc__ or "")
    return 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
