"""Where an import belongs in a file, and how it is put there or taken away without touching the rest."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from .edits import NEWLINE, Edit, apply, blank_lines_after, newline_of, without_lines
from .names import Names, is_type_checking

_Import = ast.Import | ast.ImportFrom
_LAST = 9
"""The section of what stands behind all plain imports."""
_WIDTH = 88
"""A one-line `from` import is broken up rather than grown beyond this."""


@dataclass(frozen=True, slots=True)
class AddImport:
    """`from module import name as alias`, or `import module as alias` with an empty name; never a second one.

    A relative module has its dots in front. `type_checking` puts it under `if TYPE_CHECKING:`.
    """

    module: str
    name: str = ""
    alias: str | None = None
    type_checking: bool = False

    @property
    def local(self) -> str:
        """The name it binds."""
        return self.alias or self.name or self.module.partition(".")[0]


@dataclass(frozen=True, slots=True)
class DropImport:
    """Take an import away if nothing uses it any more, in this file or (as far as is known) elsewhere.

    It stays in an `__init__.py`, where `__all__` lists it, where it is spelled `name as name`, and where a comment
    stands on its lines.
    """

    module: str
    name: str = ""


def with_imports(
    text: str,
    tree: ast.Module,
    path: str,
    adds: Sequence[AddImport],
    drops: Sequence[DropImport],
    exported: Collection[str] = (),
    package: str = "",
) -> str:
    """The text with imports added and dropped.

    Args:
        exported: names that other files import from this one.
        package: the dotted name that a single leading dot stands for in this file, if it is known.
    """
    adds = tuple(dict.fromkeys(adds))
    edits = _Plan(Names(text, tree, package), text, path, exported)
    wanted = {(one.module, one.name) for one in adds}
    edits.drop([one for one in dict.fromkeys(drops) if (one.module, one.name) not in wanted])
    late = [one for one in adds if one.type_checking and not edits.has(one)]
    for one in adds:
        if not one.type_checking:
            edits.add(one)
    if late:
        edits.add_for_types(late)
    return edits.done()


class _Plan:
    """The changes of the imports of one file, gathered."""

    def __init__(self, names: Names, text: str, path: str, exported: Collection[str]) -> None:
        self.names = names
        self.text = text
        self.lines = names.lines
        self.path = path
        self.exported = exported
        self.newline = newline_of(text)
        self.gone: dict[ast.stmt, set[ast.alias]] = {}
        self.more: dict[ast.stmt, list[str]] = {}
        self.fresh: list[tuple[int, tuple[int, bool, str], str]] = []
        """(where, sort key, line) of new statements; the key begins with the section."""
        self.gaps: dict[tuple[int, tuple[int, bool, str]], tuple[str, str]] = {}
        """(where, sort key) -> what stands before and after the new lines there, if they are the first or last."""

    # Dropping

    def drop(self, drops: Sequence[DropImport]) -> None:
        if not drops or PurePath(self.path).name == "__init__.py":
            return
        used = self.names.mentioned | set(self.exported)
        for one in self.names.imports:
            if one.where == "other" or one.local in used or one.alias.asname == one.alias.name:
                continue
            if "." in one.alias.name and one.alias.asname is None:  # it also makes the module known to `a`
                continue
            if any(one.means(drop.module, drop.name) for drop in drops):
                self.gone.setdefault(one.statement, set()).add(one.alias)

    def _may_go(self, statement: _Import, gone: set[ast.alias]) -> bool:
        start, end = self._span(statement)
        line_end = NEWLINE.search(self.text, end)
        begin = self.lines.start(statement.lineno)
        stretch = self.text[start : line_end.start() if line_end else len(self.text)]
        if len(gone) < len(statement.names) or statement in self.more:
            return "#" not in self.text[start:end]
        alone = not self.text[begin:start].strip() and "#" not in stretch and not stretch[end - start :].strip()
        return alone and not self._is_only_statement(statement)

    def _is_only_statement(self, statement: ast.stmt) -> bool:
        """Whether the block that holds it would be empty without it."""
        for node in self.names.tree.body:
            if isinstance(node, ast.If) and statement in node.body:
                return all(
                    isinstance(other, _Import) and len(self.gone.get(other, ())) == len(other.names)
                    for other in node.body
                )
        return False

    # Adding

    def has(self, one: AddImport) -> bool:
        """Whether the file has this import already."""
        return any(
            (held.means(one.module, one.name) and held.local == one.local)
            and (held.where == "top" or (one.type_checking and held.where == "type-checking"))
            for held in self.names.imports
        )

    def add(self, one: AddImport) -> None:
        if self.has(one):
            return
        before = self._first_use(one.local)
        head = self._head(before)
        if one.name:
            for statement in head:
                if self._takes_names_of(statement, one.module):
                    self.more.setdefault(statement, []).append(_spelled(one))
                    return
        self._new_statement(one, head)

    def _takes_names_of(self, statement: _Import, module: str) -> bool:
        if not isinstance(statement, ast.ImportFrom) or statement.names[0].name == "*":
            return False
        return module in (_module(statement), self.names.absolute(_module(statement)))

    def _first_use(self, local: str) -> int:
        """The index of the first statement of the module that mentions a name."""
        body = self.names.tree.body
        for index in self.names.statements_with(local):
            if any(isinstance(node, ast.Name) and node.id == local for node in ast.walk(body[index])):
                return index
        return len(body)

    def _head(self, before: int) -> list[_Import]:
        """The plain imports in front of a statement, as far as the first class or function."""
        found: list[_Import] = []
        for statement in self.names.tree.body[:before]:
            if isinstance(statement, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                break
            if isinstance(statement, _Import):
                found.append(statement)
        return found

    def _new_statement(self, one: AddImport, head: list[_Import]) -> None:
        section, line = self._section(one.module), _line(one)
        key = (section, bool(one.name), _rank(one.module))
        same = [statement for statement in head if self._section(_module(statement)) == section]
        lower = [statement for statement in head if self._section(_module(statement)) < section]
        keys = [_key(statement) for statement in same]
        if same and keys == sorted(keys):
            earlier = [statement for statement, held in zip(same, keys, strict=True) if held <= key[1:]]
            self._put(self._behind(earlier[-1]) if earlier else self.lines.start(same[0].lineno), key, line)
        elif same:
            top = one.module.partition(".")[0]
            related = [statement for statement in same if _module(statement).partition(".")[0] == top]
            self._put(self._behind((related or same)[-1]), key, line)
        elif lower:
            self._put(self._behind(lower[-1]), key, line, before=self.newline)
        elif head:
            self._put(self.lines.start(head[0].lineno), key, line, after=self.newline)
        else:
            self._put_first(key, line)

    def _put_first(self, key: tuple[int, bool, str], line: str) -> None:
        """Behind the docstring, or behind the comment that opens the file."""
        body = self.names.tree.body
        if body and _is_docstring(body[0]):
            at = self._behind(body[0])
        else:
            opening = re.compile(r"(?:#[^\r\n]*(?:\r\n|\r|\n|\Z))*").match(self.text)
            at = opening.end() if opening is not None else 0
        following = next((node for node in body if self.lines.start(node.lineno) >= at), None)
        is_definition = isinstance(following, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        missing = (2 if is_definition else 1) - blank_lines_after(self.text, at) if following is not None else 0
        self._put(at, key, line, before=self.newline if at else "", after=self.newline * missing)

    def _put(self, at: int, key: tuple[int, bool, str], line: str, before: str = "", after: str = "") -> None:
        self.fresh.append((at, key, line))
        self.gaps.setdefault((at, key), (before, after))

    def _section(self, module: str) -> int:
        """future, standard library, third party, the project's own, relative: as isort orders them."""
        top = module.partition(".")[0]
        if not top:
            return 4
        if module == "__future__":
            return 0
        if top in PurePath(self.path).with_suffix("").parts or top == self.names.package.partition(".")[0]:
            return 3
        return 1 if top in sys.stdlib_module_names else 2

    def add_for_types(self, adds: Sequence[AddImport]) -> None:
        """Under the module's `if TYPE_CHECKING:`, or under a new one behind the imports."""
        body = self.names.tree.body
        for node in body:
            if isinstance(node, ast.If) and is_type_checking(node.test) and node.body[0].lineno > node.lineno:
                self._extend_block(node, adds)
                return
        name = self.names.find(("typing",), "TYPE_CHECKING", 1, 0, type_checking=False)
        if name is None:
            self.add(AddImport("typing", "TYPE_CHECKING"))
        lines = [
            "",
            f"if {name or 'TYPE_CHECKING'}:",
            *self._joined(sorted(_indent(self.text) + _line(one) for one in adds)),
        ]
        head, last = self._head(len(body)), (_LAST, True, "")
        if head:
            self._put(self._behind(head[-1]), last, self.newline.join(lines))
        else:
            self._put_first(last, self.newline.join(lines))

    def _extend_block(self, node: ast.If, adds: Sequence[AddImport]) -> None:
        held = [statement for statement in node.body if isinstance(statement, _Import)]
        indent = self.lines.indent(node.body[0].lineno)
        for one in adds:
            for statement in held:
                if one.name and self._takes_names_of(statement, one.module):
                    self.more.setdefault(statement, []).append(_spelled(one))
                    break
            else:
                last = held[-1] if held else node.body[-1]
                key = (_LAST, bool(one.name), one.module.lower())
                self._put(self._behind(last), key, indent + _line(one))

    # Text

    def done(self) -> str:
        edits: list[Edit] = []
        for statement in dict.fromkeys([*self.more, *self.gone]):
            assert isinstance(statement, _Import)
            gone = self.gone.get(statement, set())
            if gone and not self._may_go(statement, gone):
                gone = set()
            more = self.more.get(statement, [])
            if len(gone) == len(statement.names) and not more:
                start, end = self.lines.start(statement.lineno), self._behind(statement)
                edit = without_lines(self.text, start, end, statement is self.names.tree.body[0])
                # A new import between the blank lines that would go along takes the place of the old one.
                taken = any(edit.start < at < edit.end for at, _, _ in self.fresh)
                edits.append(Edit(start, end, "", lines=True) if taken else edit)
            elif gone or more:
                edits += self._names_edits(statement, gone, more)
        for at in dict.fromkeys(at for at, _, _ in self.fresh):
            lines: list[str] = []
            fresh = [(key, line) for where, key, line in sorted(self.fresh, key=lambda one: one[:2]) if where == at]
            for section in dict.fromkeys(key[0] for key, _ in fresh):
                apart = [""] if lines and section != _LAST else []
                lines += apart + self._joined([line for key, line in fresh if key[0] == section])
            before, after = self.gaps[at, fresh[0][0]][0], self.gaps[at, fresh[-1][0]][1]
            unfinished = at == len(self.text) and at > 0 and self.text[-1] not in "\r\n"
            new = (self.newline if unfinished else "") + before + "".join(line + self.newline for line in lines) + after
            edits.append(Edit(at, at, new.removesuffix(self.newline) if unfinished else new, lines=True))
        return apply(self.text, edits)

    def _joined(self, lines: list[str]) -> list[str]:
        """New lines, those that import from one module made one."""
        names: dict[str, list[str]] = {}
        for line in lines:
            head, _, name = line.partition(" import ") if NEWLINE.search(line) is None else (line, "", "")
            names.setdefault(head, []).append(name)
        joined = []
        for head, found in names.items():
            if found == [""]:
                joined.append(head)
                continue
            line = f"{head} import {', '.join(_merged([], found))}"
            if len(line) > _WIDTH and len(found) > 1:
                indent = head[: len(head) - len(head.lstrip())]
                inner = [f"{indent}{_indent(self.text)}{name}," for name in _merged([], found)]
                line = self.newline.join([f"{head} import (", *inner, f"{indent})"])
            joined.append(line)
        return joined

    def _span(self, node: _Import | ast.alias | ast.stmt) -> tuple[int, int]:
        return (
            self.lines.offset(node.lineno, node.col_offset),
            self.lines.offset(node.end_lineno or node.lineno, node.end_col_offset or 0),
        )

    def _behind(self, statement: ast.stmt) -> int:
        """The start of the line behind a statement and all others on its last line."""
        last = statement.end_lineno or statement.lineno
        for other in self.names.tree.body:
            if other.lineno == last:
                last = max(last, other.end_lineno or last)
        return self.lines.start(last + 1)

    def _names_edits(self, statement: _Import, gone: set[ast.alias], more: list[str]) -> list[Edit]:
        """The edits that take names out of an import and put others in, in the style it has."""
        spans = [self._span(alias) for alias in statement.names]
        names = [self.text[start:end] for start, end in spans]
        away = [alias in gone for alias in statement.names]
        start, end = self._span(statement)
        if _one_a_line(self.text, spans, end):
            return self._line_edits(spans, names, away, more, end)
        kept = [name for name, out in zip(names, away, strict=True) if not out]
        if "#" in self.text[spans[0][0] : spans[-1][1]] or "\\" in self.text[spans[0][0] : spans[-1][1]]:
            return [Edit(spans[-1][1], spans[-1][1], "".join(f", {name}" for name in more))]
        new = ", ".join(_merged(kept, more))
        begin = self.lines.start(statement.lineno)
        old_width = max(len(line) for line in NEWLINE.split(self.text[begin:end]))
        grown = self.text[begin : spans[0][0]] + new
        if len(grown) > max(_WIDTH, old_width) and "(" not in self.text[start : spans[0][0]] and more:
            indent = self.lines.indent(statement.lineno)
            inner = indent + _indent(self.text)
            new = self.newline.join(["(", *(f"{inner}{name}," for name in _merged(kept, more)), f"{indent})"])
        return [Edit(spans[0][0], spans[-1][1], new)]

    def _line_edits(
        self, spans: list[tuple[int, int]], names: list[str], away: list[bool], more: list[str], end: int
    ) -> list[Edit]:
        """The same for names that stand one a line."""
        edits: list[Edit] = []
        first = self.text.rfind("\n", 0, spans[0][0]) + 1
        indent = self.text[first : spans[0][0]]
        behind = [found.end() for _, stop in spans if (found := NEWLINE.search(self.text, stop)) is not None]
        for (start, _), stop, out in zip(spans, behind, away, strict=True):
            if out:
                edits.append(Edit(start - len(indent), stop, "", lines=True))
        kept = [index for index, out in enumerate(away) if not out]
        order = _merged([names[index] for index in kept], more)
        bare = None if re.match(r"\s*,", self.text[spans[-1][1] : end]) else len(spans) - 1
        for name in sorted(set(more)):
            ahead = [index for index in kept if names[index] in order[: order.index(name)]]
            line = f"{indent}{name},{self.newline}"
            if bare is not None and ahead and ahead[-1] == bare:
                edits.append(Edit(spans[bare][1], spans[bare][1], ","))
                line = f"{indent}{name}{self.newline}"
                bare = None
            edits.append(Edit(behind[ahead[-1]] if ahead else first, behind[ahead[-1]] if ahead else first, line, True))
        return edits


def _one_a_line(text: str, spans: list[tuple[int, int]], end: int) -> bool:
    """Whether every name of an import, and the parenthesis that closes it, stands on a line of its own."""
    alone = not NEWLINE.split(text[max(spans[0][0] - 300, 0) : spans[0][0]])[-1].strip()
    gaps = zip([stop for _, stop in spans], [*(start for start, _ in spans[1:]), end], strict=True)
    return alone and all(NEWLINE.search(text[stop:start]) for stop, start in gaps)


def _module(statement: _Import) -> str:
    if isinstance(statement, ast.Import):
        return statement.names[0].name
    return "." * statement.level + (statement.module or "")


def _key(statement: _Import) -> tuple[bool, str]:
    return (isinstance(statement, ast.ImportFrom), _rank(_module(statement)))


def _rank(module: str) -> str:
    """What stands for a module when imports are sorted: of the relative ones those from further up come first."""
    level = len(module) - len(module.lstrip("."))
    return f".{99 - level:02}{module[level:].lower()}" if level else module.lower()


def _spelled(one: AddImport) -> str:
    return f"{one.name} as {one.alias}" if one.alias and one.alias != one.name else one.name


def _line(one: AddImport) -> str:
    if one.name:
        return f"from {one.module} import {_spelled(one)}"
    return f"import {one.module} as {one.alias}" if one.alias else f"import {one.module}"


def _is_docstring(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(value=ast.Constant(value=str())):
            return True
    return False


def _indent(text: str) -> str:
    """The first indentation a text uses, else four blanks."""
    found = re.search(r"^([ \t]+)\S", text, re.MULTILINE)
    return found[1] if found else " " * 4


def _merged(names: list[str], more: list[str]) -> list[str]:
    """Names with others put in: at their place where the names are sorted in a usual way, else at the end."""
    more = sorted(set(more))
    for key in _ORDERS:
        if sorted(names, key=key) == names:
            return sorted([*names, *more], key=key)
    return [*names, *more]


def _by_kind(name: str) -> tuple[int, str, str]:
    """isort's order: CONSTANTS, Classes, functions."""
    word = name.partition(" ")[0]
    kind = 0 if word.isupper() and len(word) > 1 else 1 if word[:1].isupper() else 2
    return (kind, word.lower(), name)


_ORDERS: tuple[Callable[[str], tuple[int, str, str]], ...] = (
    _by_kind,
    lambda name: (0, name.lower(), name),
    lambda name: (0, name, name),
)
