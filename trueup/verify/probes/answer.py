"""Looks at a program and writes down what it found, whatever the program does meanwhile."""

from __future__ import annotations

import importlib
import json
import os
import sys
import warnings
from collections.abc import Callable
from typing import Any

from . import models, tables
from .modules import import_all, loaded, said

LIBRARIES = ("pydantic", "pydantic_settings", "sqlalchemy", "sqlmodel", "fastapi")


def answer(request: dict[str, Any], doing: Callable[[str], None]) -> dict[str, Any]:
    """What a program is like.

    `python`; `versions` of the libraries it imports; `imported` and `failed` modules; and, each None where the program
    does not use the library or it cannot be said (`unknown` has the reason): `ddl`, `homes`, `mapped`, `schemas` and
    `openapi`.
    """
    names, without = request["modules"], request["without"]
    failed = import_all(names, request["roots"], without, doing)
    modules = loaded(names, list(failed))
    found: dict[str, Any] = {
        "python": ".".join(map(str, sys.version_info[:3])),
        "imported": [name for name in names if name not in failed],
        "failed": failed,
        "unknown": {},
    }

    def ask(part: str, words: str, question: Callable[[], Any]) -> None:
        found[part] = None
        if words in without:
            found["unknown"][part] = f"{words} ends the process"
            return
        doing(words)
        try:
            found[part] = question()
        except BaseException as error:  # noqa: BLE001 -- the code of the program runs here too
            found["unknown"][part] = said(error, request["roots"])

    if request["app"]:
        ask("openapi", f"asking {request['app']} for its OpenAPI", lambda: openapi(request["app"]))
    else:
        found["openapi"] = None
    if "sqlalchemy" in sys.modules:
        warnings.simplefilter("ignore")
        ask("mapped", "configuring the mappers", tables.mapped)
        ask("ddl", "compiling the tables", tables.ddl)
        ask("homes", "looking for the classes of the tables", tables.homes)
    else:
        found.update(ddl={}, mapped={}, homes={})
    ask("schemas", "asking models for their schemas", lambda: models.schemas(modules))
    found["versions"] = versions()
    return found


def openapi(app: str) -> Any:
    """The OpenAPI document of an app: `module:name`, or `module:name()` where a function makes it."""
    module, _, path = app.partition(":")
    found: Any = importlib.import_module(module)
    called = path.endswith("()")
    for part in (path[:-2] if called else path).split("."):
        found = getattr(found, part)
    return (found() if called else found).openapi()


def versions() -> dict[str, str]:
    """Library -> version, of those that are loaded."""
    found = {}
    for name in LIBRARIES:
        module = sys.modules.get(name)
        if module is not None:
            found[name] = str(getattr(module, "VERSION", None) or getattr(module, "__version__", "?"))
    return found


def main(path: str) -> None:
    """Read the request in a file, look, and write the answer beside it; ends the process, whatever threads run."""
    with open(path, encoding="utf-8") as stream:
        request = json.load(stream)
    sys.argv = [request["name"]]
    sys.dont_write_bytecode = True
    sys.path[:0] = request["path"]

    def doing(what: str) -> None:
        # Opened anew: a program may close what it did not open.
        with open(request["log"], "w", encoding="utf-8", errors="backslashreplace") as log:
            log.write(what)

    data = json.dumps(answer(request, doing), default=str).encode()
    temporary = f"{request['answer']}.part"
    with open(temporary, "wb") as out:
        out.write(data)
    os.replace(temporary, request["answer"])
    os._exit(0)  # what the program started would keep the process alive, and what it left to do at exit is no answer
