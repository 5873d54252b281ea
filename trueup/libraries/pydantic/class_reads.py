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
    for file in types.project.files.values():
        if not any(_is_private(name) for name in file.attributes):
            continue
        for klass in file.classes:
            for field in klass.fields:
                if field.value is not None:
                    site = Site(file, None, klass, 0, field.pos.line, field.pos.column)
                    _add(found, types, field.value, site, field.pos.line)
        for site, one in types.call_sites(file):
            _add(found, types, one.call, site, one.pos.line)
    return {name: tuple(reads) for name, reads in sorted(found.items())}


def _add(found: dict[str, list[Read]], types: Inference, expr: Expr, site: Site, line: int) -> None:
    for part in _attributes(expr):
        if _is_private(part.attr) and part.value not in (Name("self"), Name("cls")):
            held = types.type_of(part.value, site)
            if isinstance(held, ClassObject):
                found.setdefault(part.attr, []).append((held.cls, _where(site.file, line)))


def _attributes(expr: Expr | None) -> Iterator[Attr]:
    match expr:
        case Attr(value=value):
            yield expr
            yield from _attributes(value)
        case Call(func=func, args=args, keywords=keywords):
            for one in (func, *args, *(value for _, value in keywords)):
                yield from _attributes(one)
        case Sub(value=value, items=items):
            for one in (value, *items):
                yield from _attributes(one)
        case Display(items=items) | Choice(items=items) | Mapping(values=items):
            for one in items:
                yield from _attributes(one)
        case Op(left=left, right=right):
            yield from _attributes(left)
            yield from _attributes(right)
        case Star(value=value):
            yield from _attributes(value)


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def _where(file: FileFacts, line: int) -> str:
    return f"`{file.path.rpartition('/')[2]}`, line {line}"
