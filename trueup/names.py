"""What the names of one file mean: its imports, what shadows them, and by which name something can be had there."""

from __future__ import annotations

import ast
import builtins
import re
import warnings
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from .edits import Lines
from .nodes import every

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_SCOPES = (*_FUNCTIONS, ast.ClassDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def parsed(text: str) -> ast.Module | None:
    """The tree of a text; None if this Python cannot parse it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


class Imported(NamedTuple):
    """One imported name: `from module import name as local`, or `import module as local` with an empty name.

    A relative module keeps its dots in front. `import a.b` binds the local name `a`.
    """

    module: str
    name: str
    local: str
    statement: ast.Import | ast.ImportFrom
    alias: ast.alias
    where: str
    """top (a plain statement of the module), type-checking (a module-level `if TYPE_CHECKING:`), or other."""
    absolute: str
    """The module without leading dots, as far as the name of the file's own module is known."""

    def is_of(self, module: str) -> bool:
        """Whether it imports a module, or names of it."""
        return module in (self.module, self.absolute)

    def means(self, module: str, name: str) -> bool:
        """Whether this is an import of that very thing."""
        return self.name == name and self.is_of(module)


class Names:
    """The names of one file."""

    def __init__(self, text: str, tree: ast.Module | None = None, package: str = "") -> None:
        """`package` is the dotted name that a single leading dot stands for, if it is known."""
        self.lines = Lines(text)
        self.package = package
        self._tree = tree
        self._known: dict[str, bool] = {}

    @cached_property
    def tree(self) -> ast.Module:
        """The tree; empty for a text that does not parse."""
        return self._tree or parsed(self.lines.text) or ast.Module([], [])

    @cached_property
    def imports(self) -> list[Imported]:
        """Everything imported at module level, in source order."""
        return list(self._imported(self.tree.body, "top"))

    def absolute(self, module: str) -> str:
        """A module without its leading dots; as it is where the file's own name is not known."""
        name = module.lstrip(".")
        parents = self.package.split(".")
        up = len(module) - len(name) - 1
        if up < 0 or not self.package or up >= len(parents):
            return module
        return ".".join([*parents[: len(parents) - up], *([name] if name else [])])

    def _imported(self, body: list[ast.stmt], where: str) -> Iterator[Imported]:
        for statement in body:
            match statement:
                case ast.Import():
                    for alias in statement.names:
                        local = alias.asname or alias.name.partition(".")[0]
                        yield Imported(alias.name, "", local, statement, alias, where, alias.name)
                case ast.ImportFrom():
                    module = "." * statement.level + (statement.module or "")
                    for alias in statement.names:
                        local = alias.asname or alias.name
                        yield Imported(module, alias.name, local, statement, alias, where, self.absolute(module))
                case ast.If():
                    inner = "type-checking" if where == "top" and is_type_checking(statement.test) else "other"
                    yield from self._imported(statement.body, inner)
                    yield from self._imported(statement.orelse, "other")
                case ast.For() | ast.AsyncFor() | ast.While():
                    yield from self._imported(statement.body + statement.orelse, "other")
                case ast.With() | ast.AsyncWith():
                    yield from self._imported(statement.body, "other")
                case ast.Try() | ast.TryStar():
                    handled = [inner for handler in statement.handlers for inner in handler.body]
                    yield from self._imported(
                        statement.body + handled + statement.orelse + statement.finalbody, "other"
                    )
                case ast.Match():
                    yield from self._imported([inner for case in statement.cases for inner in case.body], "other")

    @cached_property
    def _others(self) -> frozenset[str]:
        """Names that something other than a module-level import binds at module level."""
        names = {name for name, node in _bound(self.tree) if not isinstance(node, ast.alias)}
        if "global" in self.lines.text:
            for node in every(self.tree):
                names.update(node.names if isinstance(node, ast.Global) else ())
        return frozenset(names)

    @cached_property
    def read(self) -> frozenset[str]:
        """Names that occur as expressions anywhere in the file."""
        return frozenset(node.id for node in every(self.tree) if isinstance(node, ast.Name))

    @cached_property
    def mentioned(self) -> frozenset[str]:
        """Names that occur as expressions, in annotations written as strings, in `__all__` or in type comments."""
        words = set(self.read)
        for node in every(self.tree):
            match node:
                case ast.AnnAssign(annotation=held) | ast.arg(annotation=held) | ast.Subscript(slice=held):
                    words |= _words(held)
                case ast.FunctionDef(returns=held) | ast.AsyncFunctionDef(returns=held):
                    words |= _words(held)
                case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in _TYPE_CALLS:
                    for argument in node.args:
                        words |= _words(argument)
                case ast.Assign() | ast.AugAssign() | ast.Expr(value=ast.Call()):
                    if any(isinstance(n, ast.Name) and n.id == "__all__" for n in every(node)):
                        words |= _words(node)
        for comment in re.findall(r"#[ \t]*type:(.*)", self.lines.text):
            words.update(re.findall(r"\w+", comment))
        return frozenset(words)

    def is_free(self, local: str, module: str, name: str) -> bool:
        """Whether a name at module level is unbound, or already is the import of `name` from `module`."""
        if not self._occurs(local):
            return True
        held = [one for one in self.imports if one.local == local]
        if any(not one.means(module, name) for one in held) or local in self._others:
            return False
        if held or local not in self.read:
            return True
        stars = [one for one in self.imports if one.name == "*"]
        return all(one.is_of(module) for one in stars) and not (not stars and hasattr(builtins, local))

    def is_hidden(self, local: str, line: int, column: int) -> bool:
        """Whether a function or class around a place (as `ast` counts) binds the name for itself."""
        if not self._occurs(local):
            return False
        scopes = list(self._around((line, column)))
        seen = [one for one in scopes[:-1] if not isinstance(one, ast.ClassDef)] + scopes[-1:]
        for scope in seen:
            bound = [node for name, node in _bound(scope) if name == local]
            if bound and not any(isinstance(node, ast.Global) for node in bound):
                return True
        return False

    def _occurs(self, word: str) -> bool:
        """Whether a word is anywhere in the text: if not, that is known without looking at the tree."""
        if word not in self._known:
            self._known[word] = re.search(rf"\b{re.escape(word)}\b", self.lines.text) is not None
        return self._known[word]

    def statements_with(self, word: str) -> Iterator[int]:
        """The indexes of the module's statements that have a word on their lines, in order."""
        last = -1
        ends = [node.end_lineno or 0 for node in self.tree.body]
        for found in re.finditer(rf"\b{re.escape(word)}\b", self.lines.text):
            index = bisect_left(ends, bisect_right(self.lines.starts, found.start()))
            if last < index < len(ends):
                yield index
                last = index

    def _around(self, place: tuple[int, int]) -> Iterator[ast.AST]:
        """The scopes that run the code at a place, outermost first; the module is left out."""
        stack: list[ast.AST] = [self.tree]
        while stack:
            for child in ast.iter_child_nodes(stack.pop()):
                if _holds(child, place):
                    if isinstance(child, _SCOPES) and _in_body(child, place):
                        yield child
                    stack.append(child)

    def find(self, modules: tuple[str, ...], name: str, line: int, column: int, *, type_checking: bool) -> str | None:
        """What `name` of one of `modules` is already called at a place, `sa.Column` say; None if nothing leads to it.

        Only plain module-level imports count, and those under `if TYPE_CHECKING:` where a type is all that is wanted.
        """
        usable = [one for one in self.imports if one.where == "top" or (type_checking and one.where == "type-checking")]
        for module in modules:
            for one in usable:
                if one.means(module, name) and self._reaches(one, line, column):
                    return one.local
        for module in modules:
            if any(one.is_of(module) and one.name not in ("", "*") and one.where == "top" for one in usable):
                continue
            package, _, last = module.rpartition(".")
            for one in usable:
                if one.means(module, "") and self._reaches(one, line, column):
                    return f"{one.local if one.alias.asname else module}.{name}"
                if package and one.means(package, last) and self._reaches(one, line, column):
                    return f"{one.local}.{name}"
        return None

    def _reaches(self, one: Imported, line: int, column: int) -> bool:
        twins = [other for other in self.imports if other.local == one.local]
        same = all(other.means(one.module, one.name) or (not one.name and not other.name) for other in twins)
        return same and one.local not in self._others and not self.is_hidden(one.local, line, column)


_TYPE_CALLS = ("cast", "TypeVar", "ForwardRef", "NewType", "TypeAliasType")


def _words(node: ast.AST | None) -> set[str]:
    """The identifiers in the strings below a node."""
    found: set[str] = set()
    for one in ast.walk(node) if node is not None else ():
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            found.update(re.findall(r"\w+", one.value))
    return found


def is_type_checking(test: ast.expr) -> bool:
    """Whether a condition is `TYPE_CHECKING` or `typing.TYPE_CHECKING`."""
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )


def _bound(scope: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """(name, binding node) of all a scope's own code binds."""
    if isinstance(scope, (*_FUNCTIONS, ast.Lambda)):
        arguments = scope.args
        for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg):
            if one is not None:
                yield one.arg, one
    body = scope.body if isinstance(scope, (ast.Module, ast.ClassDef, *_FUNCTIONS)) else [*ast.iter_child_nodes(scope)]
    stack: list[ast.AST] = [*body]
    while stack:
        node = stack.pop()
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                yield name, node
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name, node
                stack += node.decorator_list
                continue
            case ast.alias():
                yield node.asname or node.name.partition(".")[0], node
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield name, node
            case ast.MatchMapping(rest=str(name)):
                yield name, node
            case ast.Global():
                for name in node.names:
                    yield name, node
            case ast.Lambda():
                continue
        stack += ast.iter_child_nodes(node)


def _holds(node: ast.AST, place: tuple[int, int]) -> bool:
    """Whether a node, its decorators counted in, stands around a place; nodes without a place always may."""
    if not isinstance(node, ast.expr | ast.stmt | ast.excepthandler):
        return True
    start = (node.lineno, node.col_offset)
    if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
        start = min([start, *((one.lineno, one.col_offset) for one in node.decorator_list)])
    return start <= place < (node.end_lineno or 0, node.end_col_offset or 0)


def _in_body(scope: ast.AST, place: tuple[int, int]) -> bool:
    """Whether a place inside a scope's node is run in that scope, not around it as a decorator or default is."""
    if isinstance(scope, (*_FUNCTIONS, ast.ClassDef)):
        return (scope.body[0].lineno, scope.body[0].col_offset) <= place
    return True
