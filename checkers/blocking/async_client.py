"""Whether the calls of `requests` in an async function can be made with an async client, and what stands in the way."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from msgspec import Struct

from trueup.file import File
from trueup.index.facts import FileFacts
from trueup.index.project import FunctionSymbol
from trueup.infer import Inference
from trueup.infer.reach import routes
from trueup.libraries.http_clients import (
    CALLED,
    CLIENTS,
    ERRORS,
    NOT_JSON,
    OF_SYSTEM,
    OTHER_ANSWER,
    SAME_ANSWER,
    VERBS,
    WITH_ANSWER,
)
from trueup.types import Callee

from .client_arguments import Written, written
from .offloading import place_of

AUTO = "auto"
_MODULE = "requests."
_SESSIONS = frozenset({"requests.Session", "requests.session", "requests.sessions.session"})
_NAMES = ("client", "http_client", "http", "async_client")
"""What the client may be called, the first that is free."""
_ERROR_NAMES = frozenset(name.rpartition(".")[2] for name in ERRORS) | {"JSONDecodeError"}


class Refused(Exception):
    """The calls stay as they are; the text says why."""


class Edit(Struct, frozen=True):
    """One expression that is written otherwise: where it is, and how; `how` is read by the repair."""

    line: int
    column: int
    text: str
    how: str
    words: tuple[str, ...] = ()


class ClientPlan(Struct, frozen=True):
    """How a function comes to use an async client: the package, the client's name, the calls and all else."""

    package: str
    client: str
    calls: tuple[tuple[Edit, Written], ...]
    sessions: tuple[Edit, ...]
    """`with requests.Session() as s:`, by the call."""
    edits: tuple[Edit, ...]
    is_known: bool
    """The project imports the package somewhere."""


def client_plan(node: ast.AsyncFunctionDef, file: File, function: FunctionSymbol) -> ClientPlan:
    """How all calls of `requests` in a function are made with an async client. Raises Refused where they cannot be."""
    package = _package(file)
    return _Planner(node, file, function, package).plan()


def _package(file: File) -> str:
    if file.config.http_client != AUTO:
        return file.config.http_client
    for one in reversed(CLIENTS):
        if one in file.types.shared(_find_imported):
            return one
    raise Refused(f"nothing imports `{CLIENTS[0]}` here: say in `async.http-client` what to use")


def _find_imported(types: Inference) -> tuple[str, ...]:
    """Which of the packages the project imports outside its tests."""
    files = [f for f in types.project.files.values() if not {"tests", "test", "conftest"} & set(f.module.split("."))]
    return tuple([one for one in CLIENTS if any(one in f.imported for f in files)])


class _Planner:
    """Looks at one function; every method raises Refused where something stands in the way."""

    def __init__(self, node: ast.AsyncFunctionDef, file: File, function: FunctionSymbol, package: str) -> None:
        self.node = node
        self.file = file
        self.function = function
        self.package = package
        self.everything = list(ast.walk(node))
        self.sessions: dict[str, ast.Call] = {}
        self.edits: list[Edit] = []

    def plan(self) -> ClientPlan:
        sessions = [self._session(one) for one in self._with_sessions()]
        calls = [one for one in self.file.walk(self.node) if isinstance(one, ast.Call) and self._verb(one)[0]]
        if not calls:
            raise Refused("the call is made somewhere else")
        statements = [self._statement(one) for one in calls if self._verb(one)[1] == ""]
        if len({id(one) for one in statements}) < len(statements):
            raise Refused("two calls stand in one statement")
        made = [(_edit(one, "call", self.file), self._written(one)) for one in calls]
        for name in dict.fromkeys([name for one in calls for name in self._answer(one)]):
            self._answers(name, calls)
        self._handlers(calls)
        self._callers()
        if any(isinstance(n, ast.Name) and n.id == self.package and _stores(n) for n in self.everything):
            raise Refused(f"`{self.package}` is something else here")
        known = self.file.types.shared(_find_imported)
        free = next((one for one in _NAMES if not self._is_used(one)), None)
        if free is None:
            raise Refused("every name for the client is taken")
        return ClientPlan(self.package, free, tuple(made), tuple(sessions), tuple(self.edits), self.package in known)

    def _is_used(self, name: str) -> bool:
        return any(
            getattr(one, "id", getattr(one, "arg", None)) == name
            for one in self.everything
            if isinstance(one, ast.Name | ast.arg)
        )

    # Calls

    def _verb(self, call: ast.Call) -> tuple[str, str]:
        """`("get", "")` of `requests.get(...)`, `("get", "session")` of a session's; empty of others."""
        func = call.func
        name = self.file.qualname(func) or ""
        if name.startswith(_MODULE) and name.rpartition(".")[2] in VERBS and name.count(".") < 3:
            return name.rpartition(".")[2], ""
        if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name) and func.value.id in self.sessions:
            return (func.attr, func.value.id) if func.attr in VERBS else ("", "")
        of = self.file.type_of(func) if isinstance(func, ast.Attribute) else None
        if isinstance(of, Callee) and of.qualname.startswith("requests.Session."):
            raise Refused(f"the session of line {call.lineno} is not made here by a `with`")
        return "", ""

    def _statement(self, call: ast.Call) -> ast.stmt:
        inside: ast.AST = call
        while not isinstance(inside, ast.stmt):
            outer = self.file.parent(inside)
            if outer is None:
                raise Refused(f"line {call.lineno} is no statement")
            inside = outer
        if not isinstance(inside, ast.Assign | ast.AugAssign | ast.Expr | ast.Return):
            raise Refused(f"it stands in the head of another statement (line {inside.lineno})")
        if any(isinstance(one, ast.Yield | ast.YieldFrom) for one in ast.walk(inside)):
            raise Refused(f"line {inside.lineno} yields")
        return inside

    def _written(self, call: ast.Call) -> Written:
        obstacle = place_of(call, self.file)
        if obstacle:
            raise Refused(f"line {call.lineno}: {obstacle}")
        verb, session = self._verb(call)
        made = written(call, verb, bool(session), self.file)
        if isinstance(made, str):
            raise Refused(f"{made} (line {call.lineno})")
        return made

    def _with_sessions(self) -> Iterator[ast.With]:
        for one in self.file.walk(self.node):
            if isinstance(one, ast.With) and any(self._is_session(item.context_expr) for item in one.items):
                yield one

    def _is_session(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Call) and self.file.qualname(node.func) in _SESSIONS

    def _session(self, one: ast.With) -> Edit:
        made = one.items[0].context_expr
        name = one.items[0].optional_vars
        if len(one.items) > 1 or not isinstance(name, ast.Name) or not isinstance(made, ast.Call):
            raise Refused(f"the session of line {one.lineno} stands beside something else")
        bound = [n for n in self.everything if isinstance(n, ast.Name) and n.id == name.id and _stores(n)]
        if len(bound) > 1:
            raise Refused(f"`{name.id}` is several things (line {bound[1].lineno})")
        inside = {id(n) for n in ast.walk(one)}
        for used in self.everything:
            if isinstance(used, ast.Name) and used.id == name.id and not _stores(used):
                above = self.file.parent(used)
                call = self.file.parent(above) if above is not None else None
                plain = isinstance(above, ast.Attribute) and above.attr in VERBS and isinstance(call, ast.Call)
                if not plain or call.func is not above or id(used) not in inside:  # type: ignore[union-attr]
                    what = self.file.segment(above) if isinstance(above, ast.Attribute) else f"`{name.id}` handed on"
                    raise Refused(f"the session has settings, or is handed on: {what} (line {used.lineno})")
        self.sessions[name.id] = made
        return _edit(made, "session", self.file)

    # Answers

    def _answer(self, call: ast.Call) -> Iterator[str]:
        """The name that an answer gets; looks at it where it gets none."""
        above = self.file.parent(call)
        if isinstance(above, ast.Expr):
            return
        if isinstance(above, ast.Assign) and len(above.targets) == 1 and isinstance(above.targets[0], ast.Name):
            yield above.targets[0].id
            return
        if isinstance(above, ast.Attribute) and above.value is call:
            self._part(above, [call])
            return
        raise Refused(f"the answer is passed on as it is (line {call.lineno})")

    def _answers(self, name: str, calls: list[ast.Call]) -> None:
        """What is done with the answers that have a name."""
        if any(isinstance(one, ast.Global | ast.Nonlocal) and name in one.names for one in self.everything):
            raise Refused(f"`{name}` is not the function's own")
        theirs = [
            call
            for call in calls
            if isinstance(above := self.file.parent(call), ast.Assign)
            and isinstance(target := above.targets[0], ast.Name)
            and target.id == name
        ]
        for one in self.everything:
            if isinstance(one, ast.arg) and one.arg == name:
                raise Refused(f"`{name}` is several things (line {one.lineno})")
            if not isinstance(one, ast.Name) or one.id != name:
                continue
            above = self.file.parent(one)
            if _stores(one):
                value = above.value if isinstance(above, ast.Assign) else None
                # `r = None` before a `try` is no answer, and asked for nothing.
                if value not in theirs and not _is_none(value):
                    raise Refused(f"`{name}` is something else in line {one.lineno}")
            elif isinstance(above, ast.Compare) and all(isinstance(op, ast.Is | ast.IsNot) for op in above.ops):
                continue
            elif not isinstance(above, ast.Attribute):
                raise Refused(f"the answer is passed on as it is (line {one.lineno})")
            else:
                self._part(above, theirs)

    def _part(self, part: ast.Attribute, calls: list[ast.Call]) -> None:
        """`answer.attr`: all that is known of httpx's answer."""
        above = self.file.parent(part)
        called = isinstance(above, ast.Call) and above.func is part
        if _stores(part) or part.attr not in (SAME_ANSWER | OTHER_ANSWER.keys()) or called != (part.attr in CALLED):
            raise Refused(f"`.{part.attr}` of the answer is something else there (line {part.lineno})")
        if part.attr == "raise_for_status" and any(k.arg == "allow_redirects" for c in calls for k in c.keywords):
            raise Refused(f"`raise_for_status()` complains about redirects there (line {part.lineno})")
        if part.attr == "raise_for_status" and any(self._verb(call)[0] == "head" for call in calls):
            raise Refused(f"`raise_for_status()` complains about redirects there (line {part.lineno})")
        if part.attr in OTHER_ANSWER:
            negated = isinstance(above, ast.UnaryOp) and isinstance(above.op, ast.Not) and part.attr == "ok"
            if negated and isinstance(above, ast.UnaryOp):
                self.edits.append(_edit(above, "not-ok", self.file))
            else:
                self.edits.append(_edit(part, part.attr, self.file))

    # Errors

    def _handlers(self, calls: list[ast.Call]) -> None:
        for one in self.file.walk(self.node):
            if isinstance(one, ast.Try) or type(one).__name__ == "TryStar":
                self._handled(one, calls)  # type: ignore[arg-type]

    def _handled(self, one: ast.Try, calls: list[ast.Call]) -> None:
        body = {id(n) for statement in one.body for n in ast.walk(statement)}
        inside = [call for call in calls if id(call) in body]
        for handler in one.handlers:
            names = [(kind, self.file.qualname(kind) or "") for kind in _kinds(handler)]
            if inside and any(name in OF_SYSTEM for _, name in names):
                raise Refused(f"`except OSError` means errors of `requests` too (line {handler.lineno})")
            theirs = [(kind, name) for kind, name in names if name.startswith(_MODULE)]
            if not theirs:
                continue
            self._only_ours(one, calls, handler)
            for kind, name in theirs:
                self.edits.append(_edit(kind, "errors", self.file, self._errors(name, one, kind)))
            if handler.name is not None:
                self._error_used(handler, [name for _, name in names])

    def _errors(self, name: str, one: ast.Try, kind: ast.expr) -> tuple[str, ...]:
        asked = any(isinstance(n, ast.Attribute) and n.attr == "json" for s in one.body for n in ast.walk(s))
        found = tuple([f"{self.package}.{error}" for error in ERRORS.get(name, ())])
        if name in NOT_JSON and (asked or not found):
            found += ("json.JSONDecodeError",)
        if not found:
            raise Refused(f"`{self.file.segment(kind)}` has no like there (line {kind.lineno})")
        return found

    def _only_ours(self, one: ast.Try, calls: list[ast.Call], handler: ast.ExceptHandler) -> None:
        """Nothing else in a `try` may raise errors of `requests`."""
        first, last = one.body[0].lineno, one.body[-1].end_lineno or one.body[-1].lineno
        own = {(call.lineno, call.col_offset) for call in calls}
        for way in routes(
            self.file.types,
            self.function,
            lambda target, call: True if target.name.startswith(_MODULE) else None,
            through=lambda target, call: target.function is not None,
            depth=6,
        ):
            pos = way.steps[0].call.pos
            nested = len(way.steps) > 1
            if first <= pos.line <= last and nested and (pos.line, pos.column) not in own:
                raise Refused(f"the `except` of line {handler.lineno} is for what line {pos.line} calls too")

    def _error_used(self, handler: ast.ExceptHandler, names: list[str]) -> None:
        for one in ast.walk(handler):
            if not isinstance(one, ast.Name) or one.id != handler.name:
                continue
            above = self.file.parent(one)
            if isinstance(above, ast.Attribute):
                part = self.file.parent(above)
                known = above.attr == "response" and names == [WITH_ANSWER] and isinstance(part, ast.Attribute)
                if not known or not isinstance(part, ast.Attribute):
                    raise Refused(f"`{self.file.segment(above)}` may be missing there (line {above.lineno})")
                self._part(part, [])

    def _callers(self) -> None:
        """Nobody who calls the function may wait for errors of `requests`."""
        types = self.file.types
        for word in ("exception_handler", "add_exception_handler"):
            for site, call in types.calls_named(word):
                names = [types.qualname(value, site) or "" for value in call.call.args[:1]]
                if any(name.startswith(_MODULE) for name in names):
                    raise Refused(f"{site.file.path}:{call.pos.line} handles errors of `requests`")
        waiting, seen = [(self.function.facts.name, self.function.qualname)], {self.function.qualname}
        while waiting:
            name, qualname = waiting.pop()
            for site, call in types.calls_named(name):
                of = types.type_of(call.call.func, site)
                if site.function is None or not isinstance(of, Callee) or of.qualname != qualname:
                    continue
                if self._handles(site.file, site.function.pos.line):
                    where = f"{site.file.path}:{call.pos.line}"
                    raise Refused(f"{where} calls `{name}` and may handle errors of `requests`")
                above = f"{site.file.module}.{site.function.qualname}"
                if above not in seen and len(seen) < 50:
                    seen.add(above)
                    waiting.append((site.function.name, above))

    def _handles(self, facts: FileFacts, line: int) -> bool:
        if facts.path != self.file.path:
            scopes = (facts.scope, *[f.scope for f in facts.functions])
            direct = any(i.module.startswith("requests") and i.attr in _ERROR_NAMES for s in scopes for i in s.imports)
            return direct or ("requests" in facts.imported and not _ERROR_NAMES.isdisjoint(facts.attributes))
        for kind in (ast.FunctionDef, ast.AsyncFunctionDef):
            for node in self.file.nodes(kind):
                if node.lineno == line and node is not self.node:
                    for one in ast.walk(node):
                        if isinstance(one, ast.ExceptHandler):
                            names = [self.file.qualname(k) or "" for k in _kinds(one)]
                            if any(n.startswith(_MODULE) or n in OF_SYSTEM for n in names):
                                return True
        return False


def _is_none(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _kinds(handler: ast.ExceptHandler) -> list[ast.expr]:
    if handler.type is None:
        return []
    return list(handler.type.elts) if isinstance(handler.type, ast.Tuple) else [handler.type]


def _stores(node: ast.Name | ast.Attribute) -> bool:
    return not isinstance(node.ctx, ast.Load)


def _edit(node: ast.expr, how: str, file: File, words: tuple[str, ...] = ()) -> Edit:
    return Edit(node.lineno, node.col_offset, file.segment(node), how, words)
