"""What of a route's work can move to a service, where it would go, and what keeps it where it is."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..additions import Definition
from ..file import File
from ..imports import AddImport, DropImport
from ..index.facts import Function
from ..libraries.pydantic.models import is_model
from ..libraries.sqlalchemy.sessions import is_session_class
from ..types import Instance, Type, Union, without_none
from .belongings import Belongings
from .inputs import Annotations, Input, type_text
from .meeting import Holder, Meeting
from .moving import Obstacle, Piece, absolute, arguments, around, first_line, uses
from .raising import Errors
from .services import Home, is_service_class, method_names, subject, taken_names
from .statements import leaves
from .work import NOT_WEB, Work

_MOST_OBSTACLES = 5
_OF_ROUTES = re.compile(r"^(api|route)_(?=[a-z])|_(api|endpoint|handler|route|view)$")
"""What the name of a route begins or ends with that says that it is one."""
_OLD = frozenset({"Dict", "List", "Optional", "Tuple", "Union"})


@dataclass(frozen=True, slots=True)
class Extraction:
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


@dataclass(frozen=True, slots=True)
class Plan:
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
        returns, gives = self._returned(outputs)
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
                    replace(one, annotation=self._in_time(one.annotation, holder))
                    for one in inputs
                    if holder is None or one != holder.given
                ),
                session=holder.given if holder is not None and holder.makes else None,
                cls=holder.cls.name if holder is not None else "",
                on=on,
                alias=alias,
                outputs=outputs,
                gives=gives,
                returns=self._in_time(returns, holder),
                is_async=any(map(_waits, (n for one in block for n in self.work.file.walk(one)))),
                errors=errors,
                caught=caught,
                imports=self._imports(),
                route_imports=route_imports,
                drops=tuple(self.work.drops),
                says=self.work.says(),
                modern=self._is_modern,
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

    @property
    def _is_evaluated(self) -> bool:
        """Whether annotations are evaluated where the work goes, and are not in the route's file."""
        work = self.work
        facts = work.types.project.files.get(work.home.path)
        if facts is None or not work.names.is_deferred:
            return False
        return not any(one.module == "__future__" and one.attr == "annotations" for one in facts.scope.imports)

    @property
    def _is_modern(self) -> bool:
        """Whether the file writes `X | None` and `list[X]`, as Python 3.10 understands them."""
        if self._is_evaluated:
            return False
        return not any(self.work.names.source(name) == "typing" and name in _OLD for name in self.work.names.imports)

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

    # Parameters and results

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

    def _returned(self, outputs: tuple[str, ...]) -> tuple[str, bool]:
        """The annotation of what the service returns, and whether it returns anything."""
        kinds: list[Type] = []
        if outputs:
            for name in outputs:
                kind = self.work.values.type_of(next(iter(uses(self.work.file, self.work.behind, name))))
                kinds.append(without_none(kind) if self._is_there(name) else kind)
            held = (dict(self.work.more_imports), dict(self.work.imports), dict(self.work.drops))
            said = [self._written(kind) for kind in kinds]
            if not all(said) or (len(said) > 1 and not self._is_modern):
                self.work.more_imports, self.work.imports, self.work.drops = held
                return "", True
            return (said[0] if len(said) == 1 else f"tuple[{', '.join(said)}]"), True
        returned = [n for one in self.work.block for n in self.work.file.walk(one) if isinstance(n, ast.Return)]
        values = [n.value for n in returned if n.value is not None]
        if not values:
            return "None", False
        stored = self._stored(values)
        if stored:
            return stored, True
        if self.work.handler.returns is not None:
            said_there = self.annotations.written(self.work.handler.returns, self.work.names, self.work.home.package)
            return (self._if_had(said_there.names, said_there.imports, said_there.text) if said_there else ""), True
        if len(values) == len(returned) and isinstance(self.work.block[-1], ast.Return | ast.Raise):
            known = {
                without_none(kind) if isinstance(value, ast.Name) and self._is_there(value.id) else kind
                for value in values
                for kind in [self.work.values.type_of(value)]
            }
            if len(known) == 1:
                return self._written(known.pop()), True
        return "", True

    def _stored(self, values: Sequence[ast.expr]) -> str:
        """The class of what a block returns, where it is a mapped one: the route's annotation says what it answers."""
        kinds = {
            without_none(kind) if isinstance(value, ast.Name) and self._is_there(value.id) else kind
            for value in values
            for kind in [self.work.values.type_of(value)]
        }
        kind = kinds.pop() if len(kinds) == 1 else None
        if not isinstance(kind, Instance) or not self.work.values.is_mapped(kind.cls):
            return ""
        return self._written(kind) if isinstance(self.work.block[-1], ast.Return | ast.Raise) else ""

    def _is_there(self, name: str) -> bool:
        """Whether a guard of the block turns away where a name is None."""
        for one in self.work.block:
            if isinstance(one, ast.If) and not one.orelse and leaves(one.body):
                test = one.test
                if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
                    tested: ast.expr = test.operand
                elif (
                    isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.Is) and _is_none(test.comparators[0])
                ):
                    tested = test.left
                else:
                    continue
                if isinstance(tested, ast.Name) and tested.id == name:
                    return True
        return False

    def _written(self, kind: Type) -> str:
        if isinstance(kind, Union):
            return ""
        said = type_text(
            self.work.types, kind, self.work.names, self.work.home.package, self.work.file, self._is_modern
        )
        return self._if_had(said.names, said.imports, said.text) if said is not None else ""

    def _in_time(self, annotation: str, holder: Holder | None) -> str:
        """An annotation, as a text where it could not be evaluated.

        So it is where the class that gets the method stands above what it speaks of, and where it need not be evaluated
        in the route's file: before Python 3.10 `X | None` cannot be.
        """
        facts = self.work.types.project.files.get(self.work.home.path)
        if annotation.startswith('"'):
            return annotation
        if "|" in annotation and self._is_evaluated:
            return f'"{annotation}"'
        if facts is None or holder is None or self.work.home.makes_class:
            return annotation
        line = next((one.pos.line for one in facts.classes if one.qualname == holder.cls.name), 0)
        later = {one.name for one in facts.scope.bindings if one.line >= line}
        spoken = {n.id for n in ast.walk(ast.parse(annotation or "None")) if isinstance(n, ast.Name)}
        return annotation if spoken.isdisjoint(later) else f'"{annotation}"'

    def _if_had(self, names: Sequence[str], imports: Sequence[AddImport], text: str) -> str:
        """An annotation, if all its names can be had: it is left out rather than that it keeps the work here."""
        work = self.work
        if any(name in work.names.definitions or name in work.names.unsure for name in names):
            return ""
        held = (dict(work.obstacles), dict(work.imports), dict(work.drops))
        for name in names:
            self.belongings.need(name, work.handler)
        fresh = [one for name, one in work.imports.items() if name not in held[1]]
        locals_ = {one.local: one for one in work.imports.values()}
        clash = any(locals_.get(one.local, one) != one for one in imports)
        if (
            clash
            or len(work.obstacles) > len(held[0])
            or any(self.meeting.is_there(one) is False for one in (*fresh, *imports))
        ):
            work.obstacles, work.imports, work.drops = held
            return ""
        self.work.more_imports |= dict.fromkeys(imports)
        return text


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _waits(node: ast.AST) -> bool:
    return isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith) or (
        isinstance(node, ast.comprehension) and bool(node.is_async)
    )
