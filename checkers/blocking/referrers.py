"""Who else in the project refers to a function: by import, by call, through its module, or to replace it."""

from __future__ import annotations

import ast

from trueup.file import File
from trueup.index.facts import Const, FileFacts
from trueup.index.project import FunctionSymbol
from trueup.infer import Inference
from trueup.model import Place
from trueup.types import Callee

_PATCHING = ("patch", "setattr", "object")
"""How calls are written that put something else in a function's place: `mock.patch`, `monkeypatch.setattr`."""


def referrer(file: File, function: FunctionSymbol) -> tuple[str, Place] | None:
    """What else refers to a function, in words, and where; tests too."""
    facts = function.facts
    for one in file.nodes(ast.Name):
        if one.id == facts.name and isinstance(one.ctx, ast.Load) and file.qualname(one) == function.qualname:
            return f"line {one.lineno} refers to it", file.place(one, "refers to it")
    users = file.types.shared(_find_importers)
    where = users.get((file.module, facts.name))
    if where is not None:
        return f"{where.path}:{where.line} imports it", where
    for site, call in file.types.calls_named(facts.name):
        if file.types.type_of(call.call.func, site) == Callee(function.qualname):
            where = Place(site.file.path, call.pos.line, call.pos.column + 1, "calls it")
            return f"{where.path}:{where.line} calls it", where
    module, _, last = file.module.rpartition(".")
    for path, where in file.types.shared(_find_module_users, module, last):
        other = file.types.project.files[path]
        if facts.name in other.attributes and path != file.path:
            return f"{where.path}:{where.line} imports its module and may refer to it", where
    for word in _PATCHING:
        for site, call in file.types.calls_named(word):
            if any(_means(value, function) for value in call.call.args[:2]):
                where = Place(site.file.path, call.pos.line, call.pos.column + 1, "replaces it")
                return f"{where.path}:{where.line} replaces it", where
    return None


def _means(value: object, function: FunctionSymbol) -> bool:
    """Whether a string is the dotted name of a function, from some package above it on."""
    if not isinstance(value, Const) or value.kind != "str":
        return False
    return "." in value.text and f".{function.qualname}".endswith(f".{value.text}")


def _find_importers(types: Inference) -> dict[tuple[str, str], Place]:
    """(module, name) -> the first place that imports it."""
    found: dict[tuple[str, str], Place] = {}
    for facts in types.project.files.values():
        for scope in (facts.scope, *[f.scope for f in facts.functions]):
            for one in scope.imports:
                if one.attr:
                    place = Place(facts.path, one.line, one.column + 1, "imports it")
                    found.setdefault((one.module, one.attr), place)
    return found


def _find_module_users(types: Inference, package: str, name: str) -> tuple[tuple[str, Place], ...]:
    """The files that import a module as a whole, and where."""
    full = f"{package}.{name}" if package else name
    found = []
    for facts in types.project.files.values():
        where = _imports_module(facts, package, name, full)
        if where is not None:
            found.append((facts.path, where))
    return tuple(found)


def _imports_module(facts: FileFacts, package: str, name: str, full: str) -> Place | None:
    for scope in (facts.scope, *[f.scope for f in facts.functions]):
        for one in scope.imports:
            whole = full in (one.module, one.full) and not one.attr
            if whole or (one.module == package and one.attr == name):
                return Place(facts.path, one.line, one.column + 1, "imports its module")
    return None
