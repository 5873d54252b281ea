"""What of a route's work can move to a service, where it would go, and what keeps it where it is."""

from __future__ import annotations

import ast
import builtins
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..additions import Definition
from ..file import File
from ..imports import AddImport, DropImport
from ..index.facts import Function
from ..infer import Inference
from ..layers import SERVICE, layer_of_module
from ..libraries.pydantic.models import is_model
from ..types import ClassObject, Instance, Type, Union, without_none
from .effects import Effects
from .guards import Guards
from .inputs import Annotations, Said, type_text
from .moving import ModuleNames, Obstacle, Piece, absolute, around, first_line, uses
from .naming import is_identity, last_name
from .services import (
    Home,
    ServiceClass,
    home,
    is_service_class,
    is_session,
    leads_to,
    method_names,
    service_class,
    subject,
    taken_names,
)
from .statements import bare, leaves
from .values import Values

_HTTP = "starlette.exceptions.HTTPException"
_WEB = ("fastapi", "starlette", "sse_starlette")
_NOT_WEB = frozenset({"BackgroundTasks", "run_in_threadpool", "iterate_in_threadpool", "jsonable_encoder"})
"""What of the web a service may well use."""
_LOGGERS = frozenset({"getLogger", "get_logger"})
_LOOKS_AROUND = frozenset({"eval", "exec", "globals", "locals", "vars", "super"})
_VALUES = (ast.Constant, ast.List, ast.Tuple, ast.Set, ast.Dict, ast.UnaryOp, ast.BinOp, ast.Attribute, ast.Name,
           ast.Call, ast.keyword, ast.expr_context, ast.operator, ast.unaryop, ast.Starred)  # fmt: skip
"""What the value of a constant is made of."""
_MOST_OUTPUTS = 3
_WIDTH = 88
"""How long lines are where nothing says otherwise."""
_OLD = frozenset({"Dict", "List", "Optional", "Tuple", "Union"})


@dataclass(frozen=True, slots=True)
class Input:
    """A parameter of the service's function."""

    name: str
    annotation: str
    is_session: bool = False


@dataclass(frozen=True, slots=True)
class Errors:
    """The errors that stand for what the route raised as `HTTPException`."""

    base: str
    known: bool
    """The base class is there already, and of the kind that is wanted."""
    statuses: tuple[int, ...]
    http: str
    """How the route names `HTTPException`."""

    def name(self, status: int) -> str:
        """The error that stands for a status."""
        return f"{self.base.removesuffix('Error')}{_SAID.get(status, f'Status{status}')}Error"


_SAID = {
    400: "Invalid", 401: "Unauthorized", 402: "PaymentRequired", 403: "Forbidden", 404: "NotFound", 405: "NotAllowed",
    406: "NotAcceptable", 408: "Timeout", 409: "Conflict", 410: "Gone", 412: "PreconditionFailed", 413: "TooLarge",
    415: "Unsupported", 422: "Unprocessable", 423: "Locked", 429: "TooManyRequests", 500: "Failed",
    501: "NotImplemented", 502: "BadGateway", 503: "Unavailable", 504: "GatewayTimeout",
}  # fmt: skip


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


class _Planner:
    """Plans for one route."""

    def __init__(self, file: File, facts: Function, handler: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.file = file
        self.types: Inference = file.types
        self.facts = facts
        self.handler = handler
        self.names = ModuleNames(file)
        self.values = Values(file, handler)
        self.guards = Guards(self.values, Effects(self.values, file.config))
        self.home = home(file)
        self.annotations = Annotations(file, facts, handler)
        self.obstacles: dict[Obstacle, None] = {}
        self.imports: dict[str, AddImport] = {}
        self.more_imports: dict[AddImport, None] = {}
        self.drops: dict[DropImport, None] = {}
        self.helpers: dict[str, ast.stmt] = {}
        self.raising: dict[str, tuple[int, ...]] = {}
        """Which of the helpers raise an `HTTPException`, by themselves or by others: the statuses."""
        self.copies: dict[str, Definition] = {}
        self.statuses: dict[int, None] = {}
        self.http = ""
        self.edits: list[tuple[int, int, str]] = []
        self.plain: dict[int, Said] = {}
        """By the id of a helper's annotation: what is written in its place."""
        first = 1 if ast.get_docstring(handler, clean=False) is not None else 0
        while first < len(handler.body) - 1 and self._stays(handler.body[first]):
            first += 1
        self.first, self.last = first, len(handler.body)
        if self._is_shaping(handler.body[first:]):
            self.last -= 1
        self.block = handler.body[self.first : self.last]
        self.behind = handler.body[self.last :]

    def _refuse(self, words: str, node: ast.AST | None = None) -> None:
        line = getattr(node, "lineno", self.handler.lineno)
        if not any(one.words == words for one in self.obstacles):
            self.obstacles[Obstacle(words, line)] = None

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

    # The plan

    def plan(self) -> Plan:
        """The whole plan."""
        handler, block = self.handler, self.block
        self._refuse_shape()
        names = around(block)
        behind = {n.id for one in self.behind for n in ast.walk(one) if isinstance(n, ast.Name)}
        outputs = tuple(name for name in names.bound if name in behind)
        taken = self._inputs(names.read, names.bound)
        own = {arg.arg for arg in _arguments(handler)}
        bound = {*names.bound, *names.nested}
        served = self._served([name for name in taken if name not in bound])
        self._consider(block, own)
        inputs = self._annotated(taken)
        holder = self._holder(inputs, bound, served)
        self._place(holder)
        returns, gives = self._returned(outputs)
        self._check_helpers()
        errors = self._errors()
        route = self._route_side(holder, errors)
        lines = (first_line(block[0]), block[-1].end_lineno or block[-1].lineno)
        made = None
        if not self.obstacles and route is not None:
            on, caught, route_imports, alias = route
            made = Extraction(
                name=handler.name,
                home=self.home,
                first=self.first,
                last=self.last,
                body=Piece(*self._stretch(self._top(self.first), lines[1]), tuple(sorted(self._edits_in(block)))),
                helpers=tuple((name, self._helper_piece(node)) for name, node in self._in_order(self.helpers)),
                copies=tuple(self.copies.values()),
                gone=(*self.helpers, *(name for name in self.copies if self._is_idle(name))),
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
                is_async=any(map(_waits, (n for one in block for n in self.file.walk(one)))),
                errors=errors,
                caught=caught,
                imports=tuple(
                    one
                    for one in dict.fromkeys([*self.imports.values(), *self.more_imports])
                    if not self._is_home(absolute(one.module, self.home.package))
                ),
                route_imports=route_imports,
                drops=tuple(self.drops),
                says=self._says(),
                modern=self._is_modern,
                about=subject(self.file).replace("_", " "),
                width=120 if sum(len(line) > _WIDTH + 1 for line in self.file.lines) > 2 else _WIDTH,
            )
        return Plan(
            made,
            tuple(sorted(self.obstacles, key=lambda one: one.line)),
            lines,
            handler.name,
            self.home,
            tuple(taken),
            outputs,
            tuple(self.statuses),
        )

    @property
    def _is_modern(self) -> bool:
        """Whether the file writes `X | None` and `list[X]`, as Python 3.10 understands them."""
        return not any(self.names.source(name) == "typing" and name in _OLD for name in self.names.imports)

    def _refuse_shape(self) -> None:
        handler = self.handler
        if self.facts.owner or self.facts.parent:
            self._refuse("the route is a method, or stands in a function")
        if handler.body[0].lineno == handler.lineno:
            self._refuse("its body stands in the line of its `def`")
        for before, after in zip(handler.body, handler.body[1:], strict=False):
            if (before.end_lineno or 0) >= after.lineno:
                self._refuse("two of its statements share a line", after)
        for one in self.block:
            for node in ast.walk(one):
                if isinstance(node, ast.Yield | ast.YieldFrom):
                    self._refuse("it yields", node)
                elif isinstance(node, ast.Global | ast.Nonlocal):
                    self._refuse("it binds names outside of it", node)
                elif isinstance(node, ast.ClassDef):
                    self._refuse("a class is defined in it", node)
                elif isinstance(node, ast.ImportFrom) and node.level:
                    self._refuse("it imports relatively", node)
        if "\t" in self.file.lines[handler.body[0].lineno - 1][: handler.body[0].col_offset]:
            self._refuse("it is indented with tabs")

    # Names

    def _consider(self, body: Sequence[ast.stmt], known: set[str]) -> None:
        """Find out how the names of moving code are had where it goes."""
        gone = self._raises(body)
        annotations = [n for one in body for n in ast.walk(one) if id(n) in self.plain]
        gone |= {id(n) for one in annotations for n in ast.walk(one)}
        for name in around(body).read:
            if name in known:
                continue
            nodes = [node for node in uses(body, name) if id(node) not in gone]
            if nodes:
                self._need(name, nodes[0])
            elif name in self.names.imports:
                self.drops[self.names.drop_for(name)] = None

    def _need(self, name: str, node: ast.AST) -> None:
        names = self.names
        if name in self.imports or name in self.helpers or name in self.copies:
            return
        if name in names.unsure:
            self._refuse(f"`{name}` is bound in more than one way", node)
        elif name in names.imports:
            self._import(name, node)
        elif name in names.definitions:
            self._define(name, names.definitions[name], node)
        elif not hasattr(builtins, name) or name.startswith("__"):
            self._refuse(f"it cannot be seen where `{name}` comes from", node)
        elif name in _LOOKS_AROUND:
            self._refuse(f"it uses `{name}()`", node)

    def _import(self, name: str, node: ast.AST) -> None:
        source, alias = self.names.source(name), self.names.imports[name][1]
        if source.partition(".")[0] in _WEB and alias.name not in _NOT_WEB:
            self._refuse(f"it uses `{name}` of {source.partition('.')[0]}", node)
            return
        wanted = self.names.import_for(name, self.home.package)
        if wanted is None:
            self._refuse(f"`{name}` cannot be imported where it would go", node)
            return
        project = self.types.project
        self.drops[self.names.drop_for(name)] = None
        for module in (f"{source}.{alias.name}", source):
            found = project.module(module) if project.is_own(module) else None
            if found is None:
                continue
            if found.path == self.home.path and module == source:
                if alias.asname not in (None, alias.name):
                    self._refuse(f"`{name}` has another name where it would go", node)
                return
            if self.home.exists and leads_to(self.types, found, self.home.path):
                self._refuse(f"`{found.module}` imports the service's module, which would have to import it", node)
        self.imports[name] = wanted

    def _define(self, name: str, definition: ast.stmt, node: ast.AST) -> None:
        """What the file itself defines: it moves along if nothing else uses it."""
        if isinstance(definition, ast.FunctionDef | ast.AsyncFunctionDef) and not definition.decorator_list:
            self.helpers[name] = definition
            known = dict(self.statuses)
            self.statuses = {}
            self._plain_annotations(definition)
            self._consider([definition], {name})
            if self.statuses:
                self.raising[name] = tuple(self.statuses)
            self.statuses = {**known, **self.statuses}
        elif self._is_logger(definition):
            self.copies[name] = Definition(name, self.file.segment(definition), True)
            self._consider([definition], {name, "__name__"})
        elif self._is_constant(definition):
            self.helpers[name] = definition
            self._consider([definition], {name})
        else:
            self._refuse(f"`{name}` is defined in this file", node)

    def _is_idle(self, name: str) -> bool:
        """Whether nothing uses a name of the file once the work has moved."""
        moved = [*self.block, *self.helpers.values(), self.names.definitions[name]]
        spans = [(node.lineno, node.end_lineno or node.lineno) for node in moved]
        if f"{self.file.module}.{name}" in self.types.shared(imported_names) or name in (self.file.facts.exports or ()):
            return False
        return all(any(a <= use.lineno <= b for a, b in spans) for use in uses([self.file.tree], name))

    def _plain_annotations(self, helper: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """What FastAPI reads in a helper's annotations stays behind."""
        facts = self.file.function_at(helper)
        for arg in _arguments(helper) if facts is not None else ():
            if arg.annotation is None or facts is None:
                continue
            said = Annotations(self.file, facts, helper).of(arg, self.names, self.home.package)
            if said is not None and (said.imports or said.text != ast.unparse(arg.annotation)):
                self.plain[id(arg.annotation)] = said
                self.edits.append((*self._span(arg.annotation), said.text))
                self.more_imports |= dict.fromkeys(said.imports)
                for name in said.names:
                    self._need(name, arg)

    def _is_logger(self, one: ast.stmt) -> bool:
        if not isinstance(one, ast.Assign) or len(one.targets) != 1 or not isinstance(one.value, ast.Call):
            return False
        given = [*one.value.args, *(k.value for k in one.value.keywords)]
        plain = all(isinstance(g, ast.Constant) or (isinstance(g, ast.Name) and g.id == "__name__") for g in given)
        return last_name(one.value.func) in _LOGGERS and plain

    def _is_constant(self, one: ast.stmt) -> bool:
        """Whether a statement gives a name a value that is the same wherever it stands."""
        if not isinstance(one, ast.Assign | ast.AnnAssign):
            return False
        targets: list[ast.expr] = one.targets if isinstance(one, ast.Assign) else [one.target]
        value = one.value
        if len(targets) != 1 or not isinstance(targets[0], ast.Name) or value is None:
            return False
        for node in ast.walk(value):
            if not isinstance(node, _VALUES):
                return False
            if isinstance(node, ast.Name) and node.id not in self.names.imports and not hasattr(builtins, node.id):
                return False
            if isinstance(node, ast.Call):
                name = last_name(node.func)
                source = self.names.source(name) if name in self.names.imports else ""
                if not hasattr(builtins, name) and source.partition(".")[0] not in sys.stdlib_module_names:
                    return False
        return True

    def _check_helpers(self) -> None:
        """Only what nothing else uses moves along."""
        spans = [(node.lineno, node.end_lineno or node.lineno) for node in (*self.block, *self.helpers.values())]
        imported = self.types.shared(imported_names)
        for name, node in self.helpers.items():
            for use in uses([*self.block, *self.helpers.values()], name) if name in self.raising else ():
                call = self.file.parent(use)
                if not isinstance(call, ast.Call) or call.func is not use:
                    self._refuse(f"`{name}`, which raises an `HTTPException`, is handed on", use)
                elif self._is_caught(call):
                    self._refuse(f"it catches what `{name}` raises as `HTTPException`", use)
            for use in uses([self.file.tree], name):
                if not any(start <= use.lineno <= end for start, end in spans):
                    self._refuse(f"`{name}` of this file is used elsewhere in it too", use)
                    break
            if f"{self.file.module}.{name}" in imported or name in (self.file.facts.exports or ()):
                self._refuse(f"`{name}` of this file is used by others too", node)

    # Errors

    def _raises(self, body: Sequence[ast.stmt]) -> set[int]:
        """Turn each `raise HTTPException(...)` into one of the service's errors; the ids of names that go with it."""
        gone: set[int] = set()
        for one in body:
            for node in ast.walk(one):
                if isinstance(node, ast.Call) and self._is_http(node.func):
                    parent = self.file.parent(node)
                    if not isinstance(parent, ast.Raise) or parent.exc is not node:
                        self._refuse("it makes an `HTTPException` that it does not raise there", node)
                    else:
                        gone |= self._raise(node, parent)
                    gone |= {id(n) for n in ast.walk(node.func)}
                elif isinstance(node, ast.Raise) and node.exc is not None and self._is_own_http(node.exc):
                    self._refuse("it raises an `HTTPException` of the project's own kind", node)
        for one in body:
            for node in ast.walk(one):
                if isinstance(node, ast.Name | ast.Attribute) and id(node) not in gone and self._is_http(node):
                    self._refuse("it uses `HTTPException` otherwise than to raise it", node)
                    gone |= {id(n) for n in ast.walk(node)}
        return gone

    def _is_http(self, node: ast.expr) -> bool:
        if not isinstance(node, ast.Name | ast.Attribute):
            return False
        found = self.values.type_of(node)
        return isinstance(found, ClassObject) and found.cls in (
            _HTTP,
            "fastapi.HTTPException",
            "fastapi.exceptions.HTTPException",
        )

    def _is_own_http(self, node: ast.expr) -> bool:
        found = self.values.type_of(node)
        if not isinstance(found, Instance | ClassObject) or not self.types.project.is_own(found.cls):
            return False
        return bool(self.types.is_subclass(found.cls, _HTTP))

    def _raise(self, call: ast.Call, statement: ast.Raise) -> set[int]:
        arguments: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
        arguments.sort(key=lambda a: (a.lineno, a.col_offset))
        given = call.args[0] if call.args else next((k for k in call.keywords if k.arg == "status_code"), None)
        value = given.value if isinstance(given, ast.keyword) else given
        code = _status(value)
        if given is None or code is None or any(isinstance(a, ast.Starred) for a in call.args):
            self._refuse("the status of an `HTTPException` is not a constant", call)
            return set()
        if any(k.arg not in ("status_code", "detail", "headers") for k in call.keywords):
            self._refuse("an `HTTPException` has arguments of its own", call)
        if self._is_caught(statement):
            self._refuse("it catches what it raises as `HTTPException`", statement)
        number = arguments.index(given)
        start, end = self._span(given)
        if number + 1 < len(arguments):
            end = self._span(arguments[number + 1])[0]
        elif number:
            start = self._span(arguments[number - 1])[1]
        if b"#" in self.file.text.encode()[start:end]:
            self._refuse("a comment stands beside the status of an `HTTPException`", call)
        self.http = self.http or ast.unparse(call.func)
        self.statuses[code] = None
        self.edits.append((*self._span(call.func), f"\0{code}"))
        self.edits.append((start, end, ""))
        return {id(n) for n in ast.walk(given)}

    def _is_caught(self, node: ast.AST) -> bool:
        """Whether a `try` around it would take another exception for it."""
        child = node
        parent = self.file.parent(child)
        while parent is not None and not isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef):
            if isinstance(parent, ast.Try | ast.TryStar) and child in parent.body:
                for one in parent.handlers:
                    passes = one.name is None and isinstance(one.body[-1], ast.Raise) and one.body[-1].exc is None
                    if not passes and (one.type is None or _is_wide(one.type)):
                        return True
            child, parent = parent, self.file.parent(parent)
        return False

    def _errors(self) -> Errors | None:
        if not self.statuses:
            return None
        facts = self.types.project.files.get(self.home.path)
        base = f"{_camel(subject(self.file)) or 'Service'}Error"
        classes = {one.qualname: one for one in facts.classes} if facts is not None else {}
        taken = taken_names(facts) if facts is not None else frozenset[str]()
        known = False
        if base in classes:
            init = next((f for f in facts.functions if f.qualname == f"{base}.__init__"), None) if facts else None
            fields = {field.name for field in classes[base].fields}
            known = init is not None and [p.name for p in init.params[1:]] == ["detail", "headers"]
            known = known and "status_code" in fields
        if base in taken and not known:
            base = f"{base.removesuffix('Error')}RouteError"
            known = base in taken
        errors = Errors(base, known, tuple(sorted(self.statuses)), self.http)
        for status in errors.statuses:
            name = errors.name(status)
            bases = [getattr(one, "id", "") for one in classes[name].bases] if name in classes else []
            if name in self.imports or (name in taken and base not in bases):
                self._refuse(f"the name `{name}` is taken where it would go")
        return errors

    def _edits_in(self, nodes: Sequence[ast.stmt]) -> list[tuple[int, int, str]]:
        """The edits of statements, errors by their names."""
        errors = self._errors()
        found = []
        for start, end, text in self.edits:
            inside = any(self._span(node)[0] <= start and end <= self._span(node)[1] for node in nodes)
            if inside:
                name = errors.name(int(text[1:])) if errors is not None and text.startswith("\0") else text
                found.append((start, end, name))
        return found

    # Parameters and results

    def _inputs(self, read: Sequence[str], bound: Sequence[str]) -> list[str]:
        """The route's parameters that the block reads."""
        found = []
        for arg in _arguments(self.handler):
            name = arg.arg
            if name in read or (name in bound and self._is_read_first(name)):
                found.append(name)
        args = self.handler.args
        for special in (args.vararg, args.kwarg):
            if special is not None and special.arg in (*read, *bound):
                self._refuse(f"it uses `*{special.arg}`", special)
        return found

    def _is_read_first(self, name: str) -> bool:
        """Whether a parameter that the block also binds may be read before."""
        first = self.block[0]
        for first in self.block:
            if any(True for _ in uses([first], name)):
                break
        plain = isinstance(first, ast.Assign) and all(isinstance(t, ast.Name) for t in first.targets)
        return not (plain and isinstance(first, ast.Assign) and not any(True for _ in uses([first.value], name)))

    def _annotated(self, taken: Sequence[str]) -> list[Input]:
        found = []
        for arg in _arguments(self.handler):
            if arg.arg not in taken:
                continue
            kind = self.annotations.type_of(arg.arg)
            of_web = isinstance(kind, Instance) and kind.cls.startswith(("fastapi.", "starlette."))
            if of_web and isinstance(kind, Instance) and (cls := kind.cls.rpartition(".")[2]) not in _NOT_WEB:
                self._refuse(f"it uses `{arg.arg}`, a `{cls}`", arg)
                continue
            said = self.annotations.of(arg, self.names, self.home.package)
            if said is None:
                self._refuse(f"the type of its parameter `{arg.arg}` is not written down", arg)
                continue
            for name in said.names:
                self._need(name, arg)
            self.more_imports |= dict.fromkeys(said.imports)
            session = isinstance(kind, Instance) and is_session(self.types, kind.cls)
            found.append(Input(arg.arg, said.text, session))
        return sorted(found, key=lambda one: not one.is_session)

    def _returned(self, outputs: tuple[str, ...]) -> tuple[str, bool]:
        """The annotation of what the service returns, and whether it returns anything."""
        kinds: list[Type] = []
        if outputs:
            for name in outputs:
                kind = self.values.type_of(next(iter(uses(self.behind, name))))
                kinds.append(without_none(kind) if self._is_there(name) else kind)
            held = (dict(self.more_imports), dict(self.imports), dict(self.drops))
            said = [self._written(kind) for kind in kinds]
            if not all(said) or (len(said) > 1 and not self._is_modern):
                self.more_imports, self.imports, self.drops = held
                return "", True
            return (said[0] if len(said) == 1 else f"tuple[{', '.join(said)}]"), True
        returned = [n for one in self.block for n in self.file.walk(one) if isinstance(n, ast.Return)]
        values = [n.value for n in returned if n.value is not None]
        if not values:
            return "None", False
        if self.handler.returns is not None:
            said_there = self.annotations.written(self.handler.returns, self.names, self.home.package)
            return (self._if_had(said_there.names, said_there.imports, said_there.text) if said_there else ""), True
        if len(values) == len(returned) and isinstance(self.block[-1], ast.Return | ast.Raise):
            known = {
                without_none(kind) if isinstance(value, ast.Name) and self._is_there(value.id) else kind
                for value in values
                for kind in [self.values.type_of(value)]
            }
            if len(known) == 1:
                return self._written(known.pop()), True
        return "", True

    def _is_there(self, name: str) -> bool:
        """Whether a guard of the block turns away where a name is None."""
        for one in self.block:
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
        said = type_text(self.types, kind, self.names, self.home.package, self.file, self._is_modern)
        return self._if_had(said.names, said.imports, said.text) if said is not None else ""

    def _in_time(self, annotation: str, holder: _Holder | None) -> str:
        """An annotation, as a text if the class that gets the method stands above what it speaks of."""
        facts = self.types.project.files.get(self.home.path)
        if facts is None or holder is None or self.home.makes_class or annotation.startswith('"'):
            return annotation
        line = next((one.pos.line for one in facts.classes if one.qualname == holder.cls.name), 0)
        later = {one.name for one in facts.scope.bindings if one.line >= line}
        spoken = {n.id for n in ast.walk(ast.parse(annotation or "None")) if isinstance(n, ast.Name)}
        return annotation if spoken.isdisjoint(later) else f'"{annotation}"'

    def _if_had(self, names: Sequence[str], imports: Sequence[AddImport], text: str) -> str:
        """An annotation, if all its names can be had: it is left out rather than that it keeps the work here."""
        held = (dict(self.obstacles), dict(self.imports), dict(self.helpers), dict(self.drops), dict(self.copies))
        for name in names:
            self._need(name, self.handler)
        if len(self.obstacles) > len(held[0]) or len(self.helpers) > len(held[2]):
            self.obstacles, self.imports, self.helpers, self.drops, self.copies = held
            return ""
        for one in imports:
            local = next((a for a in self.imports.values() if a.local == one.local), None)
            if local is not None and local != one:
                return ""
        self.more_imports |= dict.fromkeys(imports)
        return text

    # Where it goes

    def _served(self, names: Sequence[str]) -> str:
        """The one parameter that is a service of the project, whose class is then to get the work."""
        served = [(name, one) for name in names if (one := self._service(name)) is not None]
        if len(served) != 1:
            return ""
        [(name, (cls, path, module))] = served
        self.home = Home(path, module, module.rpartition(".")[0], True, cls)
        return name

    def _holder(self, inputs: Sequence[Input], bound: set[str], served: str) -> _Holder | None:
        """The class that the work becomes a method of, and by which of its parameters the route has one."""
        usable = [one for one in inputs if one.name not in bound]
        cls_of_home = self.home.cls
        if "self" in bound:
            return None
        for one in usable:
            if one.name == served and cls_of_home is not None:
                return _Holder(one, cls_of_home, False)
        sessions = [one for one in usable if one.is_session]
        if cls_of_home is None or len(sessions) != 1:
            return None
        [given_session] = sessions
        if self.home.makes_class:
            name = f"{_camel(subject(self.file)) or 'Route'}Service"
            return _Holder(given_session, cls_of_home._replace(name=name, methods=()), True)
        kind = self.annotations.type_of(given_session.name)
        if not isinstance(kind, Instance) or not self.types.is_subclass(kind.cls, cls_of_home.annotation):
            return None
        return _Holder(given_session, cls_of_home, True)

    def _service(self, name: str) -> tuple[ServiceClass, str, str] | None:
        """The service's class that a parameter is an object of, with the path and name of its module."""
        kind = self.annotations.type_of(name)
        symbol = self.types.project.klass(kind.cls) if isinstance(kind, Instance) else None
        if symbol is None or symbol.file.path not in self.types.project.files or symbol.file.path == self.file.path:
            return None
        if not is_service_class(symbol.facts):
            return None
        if layer_of_module(self.types, symbol.file, self.file.config) != SERVICE:
            return None
        return service_class(self.types, symbol.file, symbol.facts), symbol.file.path, symbol.file.module

    def _place(self, holder: _Holder | None) -> None:
        """Whether the work can be where it is to be: no name is taken, no import goes round in a circle."""
        project = self.types.project
        facts = project.files.get(self.home.path)
        name = self.handler.name
        if holder is not None and not self.home.makes_class:
            if name in method_names(self.types, holder.cls):
                self._refuse(f"`{holder.cls.name}` has a `{name}` already")
        elif holder is None and (
            name in self.imports or name in self.helpers or (facts is not None and name in taken_names(facts))
        ):
            self._refuse(f"the name `{name}` is taken where it would go")
        for local in self.imports if facts is not None else ():
            there = project.lookup(self.home.module, local)
            here = project.lookup(self.file.module, local)
            if there is not None and (here is None or here.qualname != there.qualname):
                self._refuse(f"`{local}` means something else where it would go")
        if facts is not None and leads_to(self.types, facts, self.file.path):
            self._refuse(f"`{self.home.module}` imports this file")
        package = project.module(self.home.package) if self.home.package else None
        above = self.file.module.startswith(f"{self.home.package}.")
        if package is not None and not above and leads_to(self.types, package, self.file.path):
            self._refuse(f"`{self.home.package}` imports this file")
        if holder is not None:
            self._rename(holder)

    def _rename(self, holder: _Holder) -> None:
        """In a method, what the route was given is the object itself, or what it keeps."""
        data = self.file.text.encode()
        new = f"self.{holder.cls.attribute}" if holder.makes else "self"
        edits = []
        for node in [n for one in self.block for n in uses([one], holder.given.name)]:
            start, end = self._span(node)
            if data[start:end] != holder.given.name.encode():  # inside an f-string, before Python 3.12
                holder.alias = holder.given.name
                return
            edits.append((start, end, new))
        self.edits += edits

    def _route_side(
        self, holder: _Holder | None, errors: Errors | None
    ) -> tuple[str, str, tuple[AddImport, ...], str] | None:
        """How the route calls the service, how it names its errors, and the imports for that."""
        module = self.names.module_text(self.home.module, self.names.package)
        if module is None:
            self._refuse("its module could not be imported from here")
            return None
        wanted: list[AddImport] = []
        if holder is None:
            name = self._module_name(module, wanted)
            return name, f"{name}.{errors.base}" if errors is not None else "", tuple(wanted), ""
        if holder.makes:
            local = self._local(module, holder.cls.name, wanted)
            on = f"{local}({holder.given.name})"
        else:
            on = holder.given.name
        caught = self._local(module, errors.base, wanted) if errors is not None else ""
        return on, caught, tuple(wanted), holder.alias

    def _local(self, module: str, name: str, wanted: list[AddImport]) -> str:
        """By which name the route has something of the service's module."""
        for local, (node, alias) in self.names.imports.items():
            if isinstance(node, ast.ImportFrom) and alias.name == name and self._is_home(self.names.source(local)):
                return local
        if self._is_used(name):
            self._refuse(f"the name `{name}` means something else in this file")
        wanted.append(AddImport(module, name))
        return name

    def _module_name(self, module: str, wanted: list[AddImport]) -> str:
        for local, (node, alias) in self.names.imports.items():
            source = self.names.source(local)
            whole = isinstance(node, ast.Import) and alias.asname is not None and self._is_home(source)
            if whole or (isinstance(node, ast.ImportFrom) and self._is_home(f"{source}.{alias.name}")):
                return local
        package, _, leaf = module.rpartition(".")
        if module.startswith(".") and not package.strip("."):
            package = module[: len(module) - len(leaf)]
        best = leaf if "service" in leaf else f"{leaf}_service"
        name = next(
            one for one in (best, f"{leaf}_module", *(f"{best}_{n}" for n in range(2, 99))) if not self._is_used(one)
        )
        alias_ = name if name != leaf else None
        wanted.append(AddImport(package, leaf, alias_) if package else AddImport(leaf, "", alias_))
        return name

    def _is_home(self, module: str) -> bool:
        found = self.types.project.module(module) if self.types.project.is_own(module) else None
        return found is not None and found.path == self.home.path

    def _is_used(self, name: str) -> bool:
        own = {n.id for n in ast.walk(self.handler) if isinstance(n, ast.Name)}
        return self.names.is_bound(name) or name in own or name in {a.arg for a in _arguments(self.handler)}

    # Text

    def _span(self, node: ast.AST) -> tuple[int, int]:
        span = self.file.span(node)
        return span.start, span.end

    def _top(self, index: int) -> int:
        """The line that a statement of the body begins with, comments right above it counted in."""
        body = self.handler.body
        above = (body[index - 1].end_lineno or 0) if index else 0
        line = first_line(body[index])
        while line - 1 > above and self.file.lines[line - 2].lstrip().startswith("#"):
            line -= 1
        if not index:
            return line if line > self.handler.lineno else first_line(body[0])
        return line

    def _stretch(self, first: int, last: int) -> tuple[int, int]:
        end = len(self.file.lines[last - 1].encode())
        span = self.file.stretch(first, 0, last, end)
        return span.start, span.end

    def _helper_piece(self, node: ast.stmt) -> Piece:
        line = first_line(node)
        while line > 1 and self.file.lines[line - 2].startswith("#"):
            line -= 1
        return Piece(*self._stretch(line, node.end_lineno or node.lineno), tuple(sorted(self._edits_in([node]))))

    def _in_order(self, found: dict[str, ast.stmt]) -> list[tuple[str, ast.stmt]]:
        return sorted(found.items(), key=lambda one: one[1].lineno)

    def _says(self) -> str:
        text = (ast.get_docstring(self.handler) or "").split("\n\n")[0].strip()
        return text if text and "\n" not in text and '"' not in text and "\\" not in text and len(text) < 100 else ""


@dataclass(slots=True)
class _Holder:
    """The class that gets a method, and the route's parameter that leads to an object of it."""

    given: Input
    cls: ServiceClass
    makes: bool
    """The route makes the object of the parameter; else the parameter is the object."""
    alias: str = ""


def imported_names(types: Inference) -> tuple[str, ...]:
    """`module.name` of all that files of the project import from each other; to be asked through `types.shared`."""
    found = set()
    for facts in types.project.files.values():
        scopes = [facts.scope, *(f.scope for f in facts.functions)]
        found |= {f"{i.module}.{i.attr}" for scope in scopes for i in scope.imports if i.attr}
    return tuple(sorted(found))


def _arguments(handler: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.arg]:
    return [*handler.args.posonlyargs, *handler.args.args, *handler.args.kwonlyargs]


def _status(node: ast.expr | None) -> int | None:
    """`404` for `404` and for `status.HTTP_404_NOT_FOUND`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return node.value
    found = re.match(r"HTTP_(\d{3})_", last_name(node)) if isinstance(node, ast.Name | ast.Attribute) else None
    return int(found[1]) if found else None


def _is_wide(node: ast.expr) -> bool:
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    return any(last_name(part) in ("Exception", "BaseException", "HTTPException") for part in parts)


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _waits(node: ast.AST) -> bool:
    return isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith) or (
        isinstance(node, ast.comprehension) and bool(node.is_async)
    )


def _camel(name: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in name.split("_"))
