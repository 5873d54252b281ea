"""Which attributes with an underscore a project reads from classes, anywhere and by `getattr` too."""

from __future__ import annotations

from collections.abc import Iterator

from ...index.facts import Attr, Call, Choice, Const, Display, Expr, FileFacts, Mapping, Name, Op, Star, Sub
from ...infer import Inference, Site
from ...types import UNKNOWN, ClassObject, Foreign, Instance, without_none

Read = tuple[str, str]
"""The class that is read from (empty: what it is is not known, and may be any), and where."""


def read_through_class(types: Inference, name: str, cls: str) -> str:
    """Where an attribute of a class is read from it, or from a class below it; empty where that is not seen.

    Seen are `getattr(cls, "_name")`, and `Model._name` in class bodies and as part of calls, in any file. A class that
    only overrides the attribute has the reads of the one that declares it.
    """
    reads = types.shared(_reads).get(name, ())
    above = reads and any(_declares(types, one, name) for one in types.mro(cls).names[1:])
    for owner, where in reads:
        if cls in types.mro(owner).names if owner else not above:
            return where
    return ""


def _declares(types: Inference, cls: str, name: str) -> bool:
    symbol = types.project.klass(cls)
    return symbol is not None and any(field.name == name for field in symbol.facts.fields)


def _reads(types: Inference) -> dict[str, tuple[Read, ...]]:
    found: dict[str, list[Read]] = {}
    for site, one in types.calls_named("getattr"):
        match one.call:
            case Call(func=Name("getattr"), args=(receiver, Const(kind="str", text=name), *_)) if _is_private(name):
                held = without_none(types.type_of(receiver, site))
                if held == Instance("builtins.type"):
                    held = UNKNOWN  # some class: `base` of `for base in cls.__mro__`
                if not isinstance(held, Instance | Foreign) and receiver != Name("self"):
                    cls = held.cls if isinstance(held, ClassObject) else ""
                    found.setdefault(name, []).append((cls, _where(site.file, one.pos.line)))
    for path in types.project.files:
        for name, read in types.shared(_reads_in, path):
            found.setdefault(name, []).append(read)
    return {name: tuple(reads) for name, reads in sorted(found.items())}


def _reads_in(types: Inference, path: str) -> tuple[tuple[str, Read], ...]:
    """(name, read) of one file."""
    file, found = types.project.files[path], list[tuple[str, Read]]()
    if not any(_is_private(name) for name in file.attributes):
        return ()
    for klass in file.classes:
        for field in klass.fields:
            if field.value is not None:
                site = Site(file, None, klass, 0, field.pos.line, field.pos.column)
                found += _read_by(types, field.value, site, field.pos.line)
    for site, one in types.call_sites(file):
        found += _read_by(types, one.call, site, one.pos.line)
    return tuple(found)


def _read_by(types: Inference, expr: Expr, site: Site, line: int) -> Iterator[tuple[str, Read]]:
    for part in _attributes(expr):
        if _is_private(part.attr) and part.value not in (Name("self"), Name("cls")):
            held = types.type_of(part.value, site)
            if isinstance(held, ClassObject):
                yield part.attr, (held.cls, _where(site.file, line))


def _attributes(expr: Expr) -> Iterator[Attr]:
    waiting: list[Expr | None] = [expr]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Attr):
            yield one
            waiting.append(one.value)
        elif isinstance(one, Call):
            waiting += (one.func, *one.args, *[value for _, value in one.keywords])
        elif isinstance(one, Sub):
            waiting += (one.value, *one.items)
        elif isinstance(one, Display | Choice):
            waiting += one.items
        elif isinstance(one, Mapping):
            waiting += one.values
        elif isinstance(one, Op):
            waiting += (one.left, one.right)
        elif isinstance(one, Star):
            waiting.append(one.value)


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def _where(file: FileFacts, line: int) -> str:
    return f"`{file.path.rpartition('/')[2]}`, line {line}"
