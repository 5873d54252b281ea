"""One route whose work is to move: which of its statements do, what is known of that so far, what stands against it."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import cached_property

from ..file import File
from ..imports import AddImport, DropImport
from ..index.facts import Function
from ..libraries.pydantic.models import is_model
from ..types import ClassObject
from .effects import Effects
from .guards import Guards
from .moving import ModuleNames, Obstacle, around, first_line
from .naming import is_identity, last_name
from .services import home
from .statements import bare
from .values import Values

_MOST_OUTPUTS = 3
_WIDTH, _WIDE = 88, 120
"""How long lines are where nothing says otherwise; where some are longer."""
NOT_WEB = frozenset({"BackgroundTasks", "run_in_threadpool", "iterate_in_threadpool", "jsonable_encoder"})
"""What of the web a service may well use."""


class Work:
    """The work of one route."""

    def __init__(self, file: File, facts: Function, handler: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.file = file
        self.types = file.types
        self.facts = facts
        self.handler = handler
        self.names = ModuleNames(file)
        self.values = Values(file, handler)
        self.guards = Guards(self.values, Effects(self.values, file.config))
        self.home = home(file, self.names.folder)
        """Where the work goes."""
        self.name = handler.name
        """What it is called there."""
        self.obstacles: dict[Obstacle, None] = {}
        self.imports: dict[str, AddImport] = {}
        """Local name -> its import, of what the file imports and the moving code needs."""
        self.more_imports: dict[AddImport, None] = {}
        """What its annotations need besides."""
        self.known: set[AddImport] = set()
        """Those that are there already where the code goes."""
        self.drops: dict[DropImport, None] = {}
        self.edits: list[tuple[int, int, str]] = []
        """(start, end, text) of what changes in the moving code."""
        first = 1 if ast.get_docstring(handler, clean=False) is not None else 0
        while first < len(handler.body) - 1 and self._stays(handler.body[first]):
            first += 1
        self.first, self.last = first, len(handler.body)
        if self._is_shaping(handler.body[first:]):
            self.last -= 1
        self.block = handler.body[self.first : self.last]
        """The statements that move."""
        self.behind = handler.body[self.last :]

    def refuse(self, words: str, node: ast.AST | None = None) -> None:
        """Note what stands against the move, once."""
        line = getattr(node, "lineno", self.handler.lineno)
        if not any(one.words == words for one in self.obstacles):
            self.obstacles[Obstacle(words, line)] = None

    @cached_property
    def width(self) -> int:
        """How long the lines of the file are let be."""
        return _WIDE if sum(len(line) > _WIDTH + 1 for line in self.file.lines) > 2 else _WIDTH

    # What moves

    def _stays(self, one: ast.stmt) -> bool:
        """Whether a statement at the top asks who calls and what they may do, which is the route's to ask."""
        if isinstance(one, ast.If):
            return not one.orelse and self.guards.is_about_caller(one.test) and self.guards.bails(one.body)
        return isinstance(one, ast.Expr) and is_identity(last_name(bare(one.value)))

    def _is_shaping(self, body: Sequence[ast.stmt]) -> bool:
        """Whether the last statement only makes the answer of what the others found."""
        *before, final = body
        if not before or not isinstance(final, ast.Return) or final.value is None or not self._shapes(final.value):
            return False
        if any(isinstance(n, ast.Return) for one in before for n in self.file.walk(one)):
            return False
        bound = around(before).bound
        read = {n.id for n in ast.walk(final.value) if isinstance(n, ast.Name)}
        return len(read & set(bound)) <= _MOST_OUTPUTS

    def _shapes(self, value: ast.expr) -> bool:
        if any(isinstance(n, ast.Await) for n in ast.walk(value)) or self.guards.writes(value):
            return False
        if isinstance(value, ast.Dict | ast.List | ast.Tuple | ast.Constant | ast.JoinedStr):
            return all(not isinstance(n, ast.Call) or self._is_making(n) for n in ast.walk(value))
        return isinstance(value, ast.Call) and self._is_making(value)

    def _is_making(self, call: ast.Call) -> bool:
        """Whether a call makes a schema or a response."""
        func = call.func
        if isinstance(func, ast.Attribute) and func.attr in ("model_validate", "from_orm", "parse_obj"):
            func = func.value
        made = self.values.type_of(func)
        if not isinstance(made, ClassObject):
            return False
        of_web = made.cls.startswith(("fastapi.", "starlette."))
        return of_web or bool(is_model(self.types, made.cls) and not self.values.is_mapped(made.cls))

    # Text

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Where a node begins and ends, in bytes."""
        span = self.file.span(node)
        return span.start, span.end

    def top(self, index: int) -> int:
        """The line that a statement of the body begins with, comments right above it counted in."""
        body = self.handler.body
        above = (body[index - 1].end_lineno or 0) if index else 0
        line = first_line(body[index])
        while line - 1 > above and self.file.lines[line - 2].lstrip().startswith("#"):
            line -= 1
        if not index:
            return line if line > self.handler.lineno else first_line(body[0])
        return line

    def stretch(self, first: int, last: int) -> tuple[int, int]:
        """Where lines begin and end, in bytes."""
        end = len(self.file.lines[last - 1].encode())
        span = self.file.stretch(first, 0, last, end)
        return span.start, span.end

    def says(self) -> str:
        """The first line of the route's docstring, if it can stand alone."""
        text = (ast.get_docstring(self.handler) or "").split("\n\n")[0].strip()
        return text if text and "\n" not in text and '"' not in text and "\\" not in text and len(text) < 100 else ""
