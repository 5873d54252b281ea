"""Code that one file's repair puts into another: at its end or the end of a class, or into a file made for it."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from .edits import Lines, newline_of
from .imports import AddImport, with_imports
from .names import Names, parsed

_BOM = "\ufeff"
_BLOCKS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class CannotAdd(Exception):
    """Why code cannot go into a file, for a person."""


@dataclass(frozen=True, slots=True)
class Definition:
    """Code that defines one name; it is left out where the file has one of that name."""

    name: str
    code: str
    first: bool = False
    """It goes in front of the functions and classes, but behind what it speaks of; else to the end of the module."""


@dataclass(frozen=True, slots=True)
class Addition:
    """What a repair puts into another file.

    Its code stands as it will stand there, with `\\n` for each newline: indented, where it goes into a class.
    """

    path: str
    """As findings name files."""
    name: str
    """What the code defines; the file, or the class, must not have it yet."""
    code: str
    into: str = ""
    """The module's class that the code goes to the end of; it may be one of `before`."""
    before: tuple[Definition, ...] = ()
    """What the code needs beside it."""
    imports: tuple[AddImport, ...] = ()
    head: str = ""
    """What the file begins with if it must be made: its docstring, say."""


def extended(text: str | None, path: str, additions: Sequence[Addition], package: str = "") -> str:
    """The text of a file with code added; raises CannotAdd.

    Args:
        text: as it stands; None for a file that is to be made.
        path: of the file, for telling `__init__.py` from others.
        additions: in their order.
        package: the dotted name that a single leading dot stands for in the file, if it is known.
    """
    bom = _BOM if (text or "").startswith(_BOM) else ""
    now = (text or "").removeprefix(_BOM)
    newline = newline_of(now)
    for one in additions:
        if not now.strip():
            now = one.head.replace("\n", newline)
        for definition in one.before:
            if definition.name not in _defined(_tree(now).body):
                now = (_in_front if definition.first else _at_end)(now, definition.code, newline)
        now = _with_code(now, one, newline)
        names = Names(now, _tree(now), package)
        for wanted in one.imports:
            if not names.is_free(wanted.local, wanted.module, wanted.name):
                raise CannotAdd(f"`{wanted.local}` means something else there")
        now = with_imports(now, _tree(now), path, one.imports, (), (), package)
        _tree(now)
    return bom + now


def _tree(text: str) -> ast.Module:
    tree = parsed(text)
    if tree is None:
        raise CannotAdd("it would not parse afterwards")
    return tree


def _with_code(text: str, one: Addition, newline: str) -> str:
    tree = _tree(text)
    if not one.into:
        if one.name in _defined(tree.body):
            raise CannotAdd(f"there is a `{one.name}` already")
        return _at_end(text, one.code, newline)
    owner = next((node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == one.into), None)
    if owner is None:
        raise CannotAdd(f"there is no class `{one.into}`")
    if one.name in _defined(owner.body):
        raise CannotAdd(f"`{one.into}` has a `{one.name}` already")
    end = Lines(text).start((owner.end_lineno or owner.lineno) + 1)
    above = text[:end] if text[:end].endswith(("\n", "\r")) else text[:end] + newline
    return above + newline + one.code.rstrip("\n").replace("\n", newline) + newline + text[end:]


def _at_end(text: str, code: str, newline: str) -> str:
    body = _tree(text).body
    if not body:
        gap = newline * 2 if text.strip() else ""
    elif isinstance(_tree(code).body[0], _BLOCKS) or isinstance(body[-1], _BLOCKS):
        gap = newline * 3
    else:
        gap = newline * (1 if isinstance(body[-1], ast.Assign | ast.AnnAssign) else 2)
    return text.rstrip() + gap + code.strip("\n").replace("\n", newline) + newline


def _in_front(text: str, code: str, newline: str) -> str:
    lines = Lines(text)
    spoken = {node.id for node in ast.walk(_tree(code)) if isinstance(node, ast.Name)}
    body = _tree(text).body
    known = max((index for index, one in enumerate(body) if not spoken.isdisjoint(_defined([one]))), default=-1)
    for one in body[known + 1 :]:
        if isinstance(one, _BLOCKS):
            line = min([one.lineno, *(decorator.lineno for decorator in one.decorator_list)])
            while line > 1 and text[lines.start(line - 1) :].startswith("#"):
                line -= 1
            at = lines.start(line)
            return _at_end(text[:at], code, newline) + newline * 2 + text[at:]
    return _at_end(text, code, newline)


def _defined(body: Sequence[ast.stmt]) -> set[str]:
    """The names that statements bind."""
    found: set[str] = set()
    for one in body:
        for node in ast.walk(one):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                found |= {node.name} if node is one else set()
            elif isinstance(node, ast.alias):
                found.add((node.asname or node.name).partition(".")[0])
        if not isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found |= {n.id for n in ast.walk(one) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return found
