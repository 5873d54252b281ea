"""Code that leaves its file: which names it takes from around it, and how these are had elsewhere."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterator, Sequence
from functools import cached_property

from msgspec import Struct

from ..file import File
from ..imports import AddImport, DropImport
from ..names import is_type_checking


class Obstacle(Struct, frozen=True):
    """What keeps code where it is, in words that follow "because", and its line."""

    words: str
    line: int

    def __str__(self) -> str:
        return f"{self.words} (line {self.line})"


class Piece(Struct, frozen=True):
    """A stretch of a file that moves, from the start of a line to the end of one, and what changes in it.

    Offsets are in bytes, as those of a `Span`.
    """

    start: int
    end: int
    edits: tuple[tuple[int, int, str], ...] = ()
    """(start, end, text), in source order."""

    def code(self, text: str) -> str:
        """The stretch, changed, with `\\n` for each newline."""
        data = text.encode()
        parts, at = [], self.start
        for start, end, new in self.edits:
            parts += [data[at:start], new.encode()]
            at = end
        parts.append(data[at : self.end])
        return b"".join(parts).decode().replace("\r\n", "\n").replace("\r", "\n")


class Around(Struct, frozen=True):
    """What statements take from the scopes around them."""

    read: tuple[str, ...]
    """Names they do not bind, in the order of their first use."""
    bound: tuple[str, ...]
    """Names they bind for what follows them."""
    nested: frozenset[str]
    """Names that functions, lambdas and comprehensions in them bind for themselves."""


def around(body: Sequence[ast.stmt]) -> Around:
    """The names of statements as part of a function's body."""
    [function] = ast.parse("async def moved(): ...").body
    assert isinstance(function, ast.AsyncFunctionDef)
    function.body = list(body)
    text = ast.unparse(function)
    table = symtable.symtable(text, "moved", "exec").get_children()[0]
    read, nested = set[str](), set[str]()
    tables = [table]
    while tables:
        one = tables.pop()
        tables += one.get_children()
        for symbol in one.get_symbols():
            if symbol.is_global():
                read.add(symbol.get_name())
            elif one is not table and symbol.is_local():
                nested.add(symbol.get_name())
    used = [n.id for stmt in body for n in ast.walk(stmt) if isinstance(n, ast.Name) and n.id in read]
    bound = [symbol.get_name() for symbol in table.get_symbols() if symbol.is_local()]
    return Around(tuple(dict.fromkeys(used)), tuple(bound), frozenset(nested))


def uses(file: File, nodes: Sequence[ast.AST], name: str) -> Iterator[ast.Name]:
    """Where a name stands at and below nodes of a file, in source order."""
    wanted = {id(node) for node in nodes}
    for one in file.written(ast.Name, frozenset({name})):
        above: ast.AST | None = one
        while one.id == name and above is not None and id(above) not in wanted:
            above = file.parent(above)
        if one.id == name and above is not None:
            yield one


def arguments(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.arg]:
    """The parameters of a function that have a name for themselves."""
    return [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]


def first_line(node: ast.stmt) -> int:
    """The line a statement begins with, its decorators counted in."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(one.lineno for one in decorators)])


class ModuleNames:
    """The names at the top level of a file, as code needs them that moves to another."""

    def __init__(self, file: File) -> None:
        self.file = file
        self.package = file.module if file.facts.is_package else file.module.rpartition(".")[0]
        self.imports: dict[str, tuple[ast.Import | ast.ImportFrom, ast.alias]] = {}
        self.definitions: dict[str, ast.stmt] = {}
        self.for_types: dict[str, tuple[ast.ImportFrom, ast.alias]] = {}
        """What is imported under `if TYPE_CHECKING:`."""
        self.unsure: set[str] = set()
        """Names that are bound twice, or only under a condition."""
        for node in file.tree.body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                for alias in node.names:
                    self._take_import(node, alias)
            else:
                for name in _bound_by(node):
                    if self.is_bound(name):
                        self.unsure.add(name)
                    self.definitions[name] = node
                    if isinstance(node, ast.If | ast.Try | ast.TryStar | ast.For | ast.While | ast.With | ast.Delete):
                        self.unsure.add(name)
            if isinstance(node, ast.If) and is_type_checking(node.test):
                for inner in node.body:
                    if isinstance(inner, ast.ImportFrom):
                        self.for_types |= {alias.asname or alias.name: (inner, alias) for alias in inner.names}
        self.unsure |= {one.name for one in file.facts.scope.imports if one.when}

    def _take_import(self, node: ast.Import | ast.ImportFrom, alias: ast.alias) -> None:
        whole = isinstance(node, ast.Import) and alias.asname is None
        local = alias.name.partition(".")[0] if whole else alias.asname or alias.name
        if local in self.definitions or (local in self.imports and not whole):
            self.unsure.add(local)
        self.imports[local] = (node, alias)

    def is_bound(self, name: str) -> bool:
        """Whether the file gives a name a meaning at its top level."""
        return name in self.imports or name in self.definitions or name in self.unsure

    # Imports

    def source(self, name: str) -> str:
        """The module that an imported name comes from, absolute, as trueup calls it."""
        node, alias = self.imports[name]
        return alias.name if isinstance(node, ast.Import) else self._absolute(node)

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        return ".".join(part for part in (self._above(node.level), node.module or "") if part)

    def _above(self, level: int) -> str:
        parts = self.package.split(".") if self.package else []
        return ".".join(parts[: len(parts) - (level - 1)]) if level <= len(parts) else ""

    def import_for(self, name: str, package: str) -> AddImport | None:
        """The import that gives a module of a package what this file's own gives it; None where there is none."""
        node, alias = self.imports[name]
        if isinstance(node, ast.Import):
            return AddImport(alias.name, "", alias.asname)
        return self._import_from(node, alias, package)

    def import_for_types(self, name: str, package: str) -> AddImport | None:
        """The same of an import that only annotations need."""
        found = self._import_from(*self.for_types[name], package)
        return AddImport(found.module, found.name, found.alias, True) if found is not None else None

    def _import_from(self, node: ast.ImportFrom, alias: ast.alias, package: str) -> AddImport | None:
        other = alias.asname if alias.asname != alias.name else None
        if not node.level:
            return AddImport(node.module or "", alias.name, other)
        module = relative(self._absolute(node), package)
        return AddImport(module, alias.name, other) if module is not None else None

    def drop_for(self, name: str) -> DropImport:
        """What takes the import of a name away if nothing uses it any more."""
        node, alias = self.imports[name]
        if isinstance(node, ast.Import):
            return DropImport(alias.name)
        return DropImport("." * node.level + (node.module or ""), alias.name)

    def module_text(self, module: str, package: str) -> str | None:
        """How a module of the project is named in the imports of a file of `package`, as this file does it."""
        if self.is_relative:
            return relative(module, package)
        return module.removeprefix(self.root) if module.startswith(self.root) else None

    @cached_property
    def is_deferred(self) -> bool:
        """Whether the file's annotations are not evaluated: it imports them from the future."""
        return any(one.module == "__future__" and one.attr == "annotations" for one in self.file.facts.scope.imports)

    @cached_property
    def root(self) -> str:
        """What the names of all modules begin with that the file can import as its own project's: `app.` say."""
        if not self.is_relative:
            return self._unsaid
        levels = [node.level for node in self.file.tree.body if isinstance(node, ast.ImportFrom) and node.level]
        top = self._above(max(levels))
        while "." in top and self._is_regular(top.rpartition(".")[0]):
            top = top.rpartition(".")[0]
        return f"{top}." if top else ""

    def _is_regular(self, package: str) -> bool:
        found = self.file.project.module(package) if self.file.project.is_own(package) else None
        return found is not None and found.is_package

    @cached_property
    def folder(self) -> str:
        """The folder that holds these modules."""
        rest = self.file.module.removeprefix(self.root)
        parts = self.file.path.split("/")
        count = len(rest.split(".")) + (1 if self.file.facts.is_package else 0)
        return "/".join(parts[: len(parts) - count])

    @cached_property
    def is_relative(self) -> bool:
        """Whether the file imports from its own project relatively."""
        return any(isinstance(n, ast.ImportFrom) and n.level for n in self.file.tree.body)

    @cached_property
    def _unsaid(self) -> str:
        """What stands in front of the names of modules for trueup, and not in imports: `server.` say."""
        for name, (node, alias) in self.imports.items():
            if isinstance(node, ast.ImportFrom) and node.level:
                continue
            said = self.source(name)
            for text in (f"{said}.{alias.name}" if isinstance(node, ast.ImportFrom) else said, said):
                found = self.file.project.module(text)
                if found is not None and found.path in self.file.project.files:
                    return found.module.removesuffix(text) if found.module.endswith(f".{text}") else ""
        return ""


def relative(module: str, package: str) -> str | None:
    """`..models` for `app.models` in the package `app.services`; None where they have nothing in common."""
    theirs, ours = module.split("."), package.split(".") if package else []
    shared = 0
    while shared < min(len(theirs), len(ours)) and theirs[shared] == ours[shared]:
        shared += 1
    if not shared:
        return None
    return "." * (len(ours) - shared + 1) + ".".join(theirs[shared:])


def absolute(module: str, package: str) -> str:
    """`app.models` for `..models` in the package `app.services`; any other module is what it is called."""
    level = len(module) - len(module.lstrip("."))
    if not level:
        return module
    parts = package.split(".") if package else []
    return ".".join([*parts[: len(parts) - level + 1], *filter(None, [module[level:]])])


def _bound_by(node: ast.stmt) -> Iterator[str]:
    """The names that a statement of a module binds, imports in its branches left out."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
        return
    waiting: list[ast.AST] = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield one.name
        elif isinstance(one, ast.Name):
            if not isinstance(one.ctx, ast.Load):
                yield one.id
        else:
            waiting += ast.iter_child_nodes(one)
