"""What of a route's work can move to a service, where it would go, and what keeps it where it is."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from ..additions import Definition
from ..file import File
from ..imports import AddImport, DropImport
from ..index.facts import Function
from ..libraries.pydantic.models import is_model
from ..libraries.sqlalchemy.sessions import is_session_class
from ..types import Instance, Type
from .belongings import Belongings
from .inputs import Annotations, Input
from .meeting import Meeting
from .moving import Obstacle, Piece, absolute, arguments, around, first_line, uses
from .raising import Errors
from .results import Results
from .services import Home, is_service_class, method_names, subject, taken_names
from .work import NOT_WEB, Work

_MOST_OBSTACLES = 5
_OF_ROUTES = re.compile(r"^(api|route)_(?=[a-z])|_(api|endpoint|handler|route|view)$")
"""What the name of a route begins or ends with that says that it is one."""


class Extraction(Struct, frozen=True):
    """How the work of one route moves; names of the route stand in it as they are there."""

    name: str
    home: Home
    first: int
    """The index of the first statement of the route's body that moves."""
    last: int
    """The index behind the last."""
    body: Piece
    helpers: tuple[tuple[str, Piece], ...]
    copies: tuple[Definition, ...]
    """Loggers, which the service has of its own."""
    gone: tuple[str, ...]
    """What nothing in the route's file uses any more: the helpers, and such loggers."""
    inputs: tuple[Input, ...]
    session: Input | None
    """What the service's class is made with, where it is given to it rather than to the function."""
    cls: str
    """The class that the work becomes a method of; empty for a function."""
    on: str
    """What the route calls it on."""
    alias: str
    """A name of the route's that the method's `self.<attribute>` is first kept under, where it could not be renamed."""
    outputs: tuple[str, ...]
    gives: bool
    """It returns something."""
    returns: str
    """The annotation of that; empty where it is not known."""
    is_async: bool
    errors: Errors | None
    caught: str
    """How the route names the base of the errors."""
    imports: tuple[AddImport, ...]
    """What the service needs."""
    route_imports: tuple[AddImport, ...]
    drops: tuple[DropImport, ...]
    """Imports that the route may need no longer."""
    says: str
    """The docstring's text; may be empty."""
    modern: bool
    """`X | None` is written rather than `Optional[X]`."""
    about: str
    """What the route's file is about, in one word; may be empty."""
    width: int
    """How long lines may be."""


class Plan(Struct, frozen=True):
    """What is to become of one route; without an extraction there are obstacles."""

    extraction: Extraction | None
    obstacles: tuple[Obstacle, ...]
    lines: tuple[int, int]
    name: str
    home: Home
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    statuses: tuple[int, ...]


def plan(file: File, facts: Function, handler: ast.FunctionDef | ast.AsyncFunctionDef) -> Plan:
    """How the work of a route would move to a service, and what stands against it."""
    return _Planner(file, facts, handler).plan()


def told(moved: Plan) -> str:
    """The plan in words: what would move where, and what keeps it from being done by itself."""
    what = _planned(moved)
    if moved.extraction is not None:
        return f"{what}; tests that replace names of this file no longer reach what moved"
    kept = "; ".join(map(str, moved.obstacles[:_MOST_OBSTACLES]))
    more = len(moved.obstacles) - _MOST_OBSTACLES
    return f"{what}, once it is settled that {kept}{f' and {more} more' if more > 0 else ''}"


def _planned(moved: Plan) -> str:
    start, end = moved.lines
    where = moved.home.path if moved.home.exists else f"{moved.home.path} (new)"
    given = f" given {', '.join(moved.inputs)}" if moved.inputs else ""
    gives = f", giving back {', '.join(moved.outputs)}" if moved.outputs else ""
    raises = f", with errors for {', '.join(map(str, sorted(moved.statuses)))}" if moved.statuses else ""
    return f"lines {start} to {end} become `{moved.name}` of {where}{given}{gives}{raises}"


class _Planner:
    """Plans for one route."""

    def __init__(self, file: File, facts: Function, handler: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.work = Work(file, facts, handler)
        self.annotations = Annotations(file, facts, handler)
        self.belongings = Belongings(self.work)
        self.meeting = Meeting(self.work, self.annotations)
        self.results = Results(self.work, self.annotations, self.belongings, self.meeting)

    # The plan

    def plan(self) -> Plan:
        """The whole plan."""
        handler, block = self.work.handler, self.work.block
        lines = (first_line(block[0]), block[-1].end_lineno or block[-1].lineno)
        if self.work.facts.owner or self.work.facts.parent:
            why = Obstacle("the route is a method, or stands in a function", handler.lineno)
            return Plan(None, (why,), lines, handler.name, self.work.home, (), (), ())
        self._refuse_shape()
        names = around(block)
        behind = {n.id for one in self.work.behind for n in ast.walk(one) if isinstance(n, ast.Name)}
        outputs = tuple(name for name in names.bound if name in behind)
        taken = self._inputs(names.read, names.bound)
        own = {arg.arg for arg in arguments(handler)}
        bound = {*names.bound, *names.nested}
        served = self.meeting.served([name for name in taken if name not in bound])
        self.belongings.consider(block, own)
        inputs = self._annotated(taken)
        self.work.name = self._plain_name({*bound, *names.read})
        holder = self.meeting.holder(inputs, bound, served)
        self.meeting.place(holder, [*self.work.imports, *self.belongings.helpers])
        returns, gives = self.results.returned(outputs)
        self.meeting.check_imports()
        self.belongings.check_helpers()
        errors = self.belongings.raising.errors(self.work.imports)
        if self.belongings.back or (holder is not None and (holder.makes or errors is not None)):
            self.meeting.check_first()
        route = self.meeting.route_side(holder, errors)
        made = None
        if not self.work.obstacles and route is not None:
            on, caught, route_imports, alias = route
            route_imports = (*route_imports, *self._imported_back())
            made = Extraction(
                name=self.work.name,
                home=self.work.home,
                first=self.work.first,
                last=self.work.last,
                body=Piece(
                    *self.work.stretch(self.work.top(self.work.first), lines[1]),
                    tuple(sorted(self.belongings.raising.edits_in(block, errors))),
                ),
                helpers=self.belongings.pieces(errors),
                copies=tuple(self.belongings.copies.values()),
                gone=(
                    *self.belongings.helpers,
                    *(name for name in self.belongings.copies if self.belongings.is_idle(name)),
                ),
                inputs=tuple(
                    replace(one, annotation=self.results.in_time(one.annotation, holder))
                    for one in inputs
                    if holder is None or one != holder.given
                ),
                session=holder.given if holder is not None and holder.makes else None,
                cls=holder.cls.name if holder is not None else "",
                on=on,
                alias=alias,
                outputs=outputs,
                gives=gives,
                returns=self.results.in_time(returns, holder),
                is_async=any(map(_waits, (n for one in block for n in self.work.file.walk(one)))),
                errors=errors,
                caught=caught,
                imports=self._imports(),
                route_imports=route_imports,
                drops=tuple(self.work.drops),
                says=self.work.says(),
                modern=self.results.is_modern,
                about=subject(self.work.file).replace("_", " "),
                width=self.work.width,
            )
        return Plan(
            made,
            tuple(sorted(self.work.obstacles, key=lambda one: one.line)),
            lines,
            self.work.name,
            self.work.home,
            tuple(taken),
            outputs,
            tuple(self.belongings.raising.statuses),
        )

    def _plain_name(self, own: set[str]) -> str:
        """The route's name without what only says that it is one, where nothing else is called so.

        `own`: the names that the moving code has or needs.
        """
        name = _OF_ROUTES.sub("", self.work.handler.name)
        there = self.work.types.project.files.get(self.work.home.path)
        cls = self.work.home.cls
        taken = own | {one.arg for one in arguments(self.work.handler)}
        taken |= taken_names(there) if there is not None else frozenset[str]()
        if cls is not None and not self.work.home.makes_class:
            taken |= method_names(self.work.types, cls)
        # What is left of `api_orders` alone says nothing of what is done; nor is a name that starts with a digit one
        if "_" not in name or not name.isidentifier() or name in taken or self.work.names.is_bound(name):
            return self.work.handler.name
        return name

    def _imported_back(self) -> list[AddImport]:
        names, home = self.work.names, self.work.home
        module = names.module_text(home.module, names.package)
        return [AddImport(module, name) for name in self.belongings.back if module is not None]

    def _imports(self) -> tuple[AddImport, ...]:
        work = self.work
        wanted = dict.fromkeys([*work.imports.values(), *work.more_imports])
        if work.names.is_deferred and not work.home.exists:
            wanted[AddImport("__future__", "annotations")] = None
        return tuple(
            one
            for one in wanted
            if one not in work.known and not self.meeting.is_home(absolute(one.module, work.home.package))
        )

    def _refuse_shape(self) -> None:
        handler = self.work.handler
        if handler.body[0].lineno == handler.lineno:
            self.work.refuse("its body stands in the line of its `def`")
        for before, after in zip(handler.body, handler.body[1:], strict=False):
            if (before.end_lineno or 0) >= after.lineno:
                self.work.refuse("two of its statements share a line", after)
        for one in self.work.block:
            for node in ast.walk(one):
                if isinstance(node, ast.Yield | ast.YieldFrom):
                    self.work.refuse("it yields", node)
                elif isinstance(node, ast.Global | ast.Nonlocal):
                    self.work.refuse("it binds names outside of it", node)
                elif isinstance(node, ast.ClassDef):
                    self.work.refuse("a class is defined in it", node)
                elif isinstance(node, ast.ImportFrom) and node.level:
                    self.work.refuse("it imports relatively", node)
        if "\t" in self.work.file.lines[handler.body[0].lineno - 1][: handler.body[0].col_offset]:
            self.work.refuse("it is indented with tabs")

    # Parameters

    def _inputs(self, read: Sequence[str], bound: Sequence[str]) -> list[str]:
        """The route's parameters that the block reads."""
        found = []
        for arg in arguments(self.work.handler):
            name = arg.arg
            if name in read or (name in bound and self._is_read_first(name)):
                found.append(name)
        args = self.work.handler.args
        for special in (args.vararg, args.kwarg):
            if special is not None and special.arg in (*read, *bound):
                self.work.refuse(f"it uses `*{special.arg}`", special)
        return found

    def _is_read_first(self, name: str) -> bool:
        """Whether a parameter that the block also binds may be read before."""
        first = self.work.block[0]
        for first in self.work.block:
            if any(True for _ in uses(self.work.file, [first], name)):
                break
        plain = isinstance(first, ast.Assign) and all(isinstance(t, ast.Name) for t in first.targets)
        return not (
            plain and isinstance(first, ast.Assign) and not any(True for _ in uses(self.work.file, [first.value], name))
        )

    def _annotated(self, taken: Sequence[str]) -> list[Input]:
        found = []
        for arg in arguments(self.work.handler):
            if arg.arg not in taken:
                continue
            kind = self.annotations.type_of(arg.arg)
            of_web = isinstance(kind, Instance) and kind.cls.startswith(("fastapi.", "starlette."))
            if of_web and isinstance(kind, Instance) and (cls := kind.cls.rpartition(".")[2]) not in NOT_WEB:
                self.work.refuse(f"it uses `{arg.arg}`, a `{cls}`", arg)
                continue
            if self._is_read_from_request(kind):
                self.work.refuse(f"its parameter `{arg.arg}` is a class that FastAPI fills from the request", arg)
                continue
            said = self.annotations.of(arg, self.work.names, self.work.home.package)
            if said is None:
                self.work.refuse(f"the type of its parameter `{arg.arg}` is not written down", arg)
                continue
            for name in said.names:
                self.belongings.need(name, arg)
            self.work.more_imports |= dict.fromkeys(said.imports)
            session = isinstance(kind, Instance) and is_session_class(self.work.types, kind.cls)
            found.append(Input(arg.arg, said.text, session))
        return sorted(found, key=lambda one: not one.is_session)

    def _is_read_from_request(self, kind: Type) -> bool:
        """Whether a class of the project only gathers parameters for FastAPI: no model, no service, no table."""
        symbol = self.work.types.project.klass(kind.cls) if isinstance(kind, Instance) else None
        if (
            symbol is None
            or "fastapi" not in symbol.file.imported
            or not self.work.types.project.is_own(symbol.qualname)
        ):
            return False
        if is_service_class(symbol.facts) or self.work.values.is_mapped(symbol.qualname):
            return False
        return not is_model(self.work.types, symbol.qualname)


def _waits(node: ast.AST) -> bool:
    return isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith) or (
        isinstance(node, ast.comprehension) and bool(node.is_async)
    )
