"""Which errors of a service stand for what a route raised as `HTTPException`."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Collection, Sequence
from itertools import pairwise

from msgspec import Struct

from ..types import ClassObject, Instance
from .naming import last_name
from .routes import status_of
from .services import camel, subject, taken_names
from .work import Work

_HTTP = "starlette.exceptions.HTTPException"
_SAID = {
    400: "Invalid", 401: "Unauthorized", 402: "PaymentRequired", 403: "Forbidden", 404: "NotFound", 405: "NotAllowed",
    406: "NotAcceptable", 408: "Timeout", 409: "Conflict", 410: "Gone", 412: "PreconditionFailed", 413: "TooLarge",
    415: "Unsupported", 422: "Unprocessable", 423: "Locked", 429: "TooManyRequests", 500: "Failed",
    501: "NotImplemented", 502: "BadGateway", 503: "Unavailable", 504: "GatewayTimeout",
}  # fmt: skip


class Errors(Struct, frozen=True):
    """The errors that stand for what the route raised as `HTTPException`."""

    base: str
    known: bool
    """The base class is there already, and of the kind that is wanted."""
    statuses: tuple[int, ...]
    http: str
    """How the route names `HTTPException`."""

    def name(self, status: int) -> str:
        """The error that stands for a status."""
        about = self.base.removesuffix("Error").removesuffix("Service") or "Service"
        return f"{about}{_SAID.get(status, f'Status{status}')}Error"


def base_name(about: str) -> str:
    """What the class of all errors about something is called: `OrderError`, but `ConnectionServiceError`.

    A class of the name of a built-in one would take its place in the module.
    """
    plain = about if about.endswith("Error") else f"{about}Error"
    return f"{about}ServiceError" if hasattr(builtins, plain) else plain


class Raising:
    """The `HTTPException`s of one route's moving code."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.statuses: dict[int, None] = {}
        self.http = ""
        """How the route names `HTTPException`."""

    def take(self, body: Sequence[ast.stmt]) -> set[int]:
        """Turn each `raise HTTPException(...)` into one of the service's errors; the ids of names that go with it."""
        gone: set[int] = set()
        for one in body:
            for node in ast.walk(one):
                if isinstance(node, ast.Call) and self._is_http(node.func):
                    parent = self.work.file.parent(node)
                    if not isinstance(parent, ast.Raise) or parent.exc is not node:
                        self.work.refuse("it makes an `HTTPException` that it does not raise there", node)
                    else:
                        gone |= self._raise(node, parent)
                    gone |= {id(n) for n in ast.walk(node.func)}
                elif isinstance(node, ast.Raise) and node.exc is not None and self._is_own_http(node.exc):
                    self.work.refuse("it raises an `HTTPException` of the project's own kind", node)
        for one in body:
            for node in ast.walk(one):
                if isinstance(node, ast.Name | ast.Attribute) and id(node) not in gone and self._is_http(node):
                    self.work.refuse("it uses `HTTPException` otherwise than to raise it", node)
                    gone |= {id(n) for n in ast.walk(node)}
        return gone

    def _is_http(self, node: ast.expr) -> bool:
        if not isinstance(node, ast.Name | ast.Attribute):
            return False
        found = self.work.values.type_of(node)
        return isinstance(found, ClassObject) and found.cls in (
            _HTTP,
            "fastapi.HTTPException",
            "fastapi.exceptions.HTTPException",
        )

    def _is_own_http(self, node: ast.expr) -> bool:
        found = self.work.values.type_of(node)
        if not isinstance(found, Instance | ClassObject) or not self.work.types.project.is_own(found.cls):
            return False
        return bool(self.work.types.is_subclass(found.cls, _HTTP))

    def _raise(self, call: ast.Call, statement: ast.Raise) -> set[int]:
        arguments: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
        arguments.sort(key=lambda a: (a.lineno, a.col_offset))
        given = call.args[0] if call.args else next((k for k in call.keywords if k.arg == "status_code"), None)
        value = given.value if isinstance(given, ast.keyword) else given
        code = status_of(value)
        if given is None or code is None or any(isinstance(a, ast.Starred) for a in call.args):
            self.work.refuse("the status of an `HTTPException` is not a constant", call)
            return set()
        if any(k.arg not in ("status_code", "detail", "headers") for k in call.keywords):
            self.work.refuse("an `HTTPException` has arguments of its own", call)
        if self.is_caught(statement):
            self.work.refuse("it catches what it raises as `HTTPException`", statement)
        self.http = self.http or ast.unparse(call.func)
        self.statuses[code] = None
        self.work.edits.append((*self.work.span(call.func), f"\0{code}"))
        self._drop(given, arguments, call, statement, code)
        return {id(n) for n in ast.walk(given)}

    def _drop(
        self,
        given: ast.expr | ast.keyword,
        arguments: list[ast.expr | ast.keyword],
        call: ast.Call,
        statement: ast.Raise,
        code: int,
    ) -> None:
        """Take the status out of the arguments; what a formatter only broke for its length is one line again."""
        data = self.work.file.text.encode()
        number = arguments.index(given)
        kept = [one for one in arguments if one is not given]
        start, end = self.work.span(given)
        if number + 1 < len(arguments):
            end = self.work.span(arguments[number + 1])[0]
        elif number:
            start = self.work.span(arguments[number - 1])[1]
        else:
            rest = re.match(rb"\s*,", data[end : self.work.span(call)[1]])
            end += rest.end() if rest is not None else 0
        if b"#" in data[start:end]:
            self.work.refuse("a comment stands beside the status of an `HTTPException`", call)
        opened, closed = self.work.span(call.func)[1], self.work.span(call)[1] - 1
        spans = [(opened, opened), *map(self.work.span, kept), (closed, closed)]
        gaps = [(a[1], b[0]) for a, b in pairwise(spans)]
        texts = [b"".join([data[a : max(a, min(b, start))], data[min(b, max(a, end)) : b]]) for a, b in gaps]
        plain = [b"(", *[b","] * (len(kept) - 1), b""] if kept else [b"("]
        about = Errors(base_name(camel(subject(self.work.file)) or "Service"), False, (), "").name(code)
        head = len(self.work.file.lines[statement.lineno - 1][: statement.col_offset]) + len(f"raise {about}()")
        tail = len(data[closed + 1 : self.work.span(statement)[1]])
        length = head + tail + sum(b - a for a, b in spans) + 2 * (len(kept) - 1)
        if (
            any(b"\n" in data[a:b] for a, b in gaps)
            and not any(b"\n" in data[a:b] for a, b in spans)
            and [b"".join(text.split()) for text in texts] == plain
            and length <= self.work.width
        ):
            last = len(gaps) - 1
            for index, (a, b) in enumerate(gaps):
                self.work.edits.append((a, b, "(" if not index else "" if index == last else ", "))
        else:
            self.work.edits.append((start, end, ""))

    def is_caught(self, node: ast.AST) -> bool:
        """Whether a `try` around it would take another exception for it."""
        child = node
        parent = self.work.file.parent(child)
        while parent is not None and not isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef):
            if isinstance(parent, ast.Try | ast.TryStar) and child in parent.body:
                for one in parent.handlers:
                    passes = one.name is None and isinstance(one.body[-1], ast.Raise) and one.body[-1].exc is None
                    if not passes and (one.type is None or _is_wide(one.type)):
                        return True
            child, parent = parent, self.work.file.parent(parent)
        return False

    def errors(self, imported: Collection[str]) -> Errors | None:
        """The errors there will be; `imported`: the names that the moving code imports where it goes."""
        if not self.statuses:
            return None
        facts = self.work.types.project.files.get(self.work.home.path)
        base = base_name(camel(subject(self.work.file)) or "Service")
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
            if name in imported or (name in taken and base not in bases):
                self.work.refuse(f"the name `{name}` is taken where it would go")
        return errors

    def edits_in(self, nodes: Sequence[ast.stmt], errors: Errors | None) -> list[tuple[int, int, str]]:
        """The edits of statements, errors by their names."""
        found = []
        for start, end, text in self.work.edits:
            inside = any(self.work.span(node)[0] <= start and end <= self.work.span(node)[1] for node in nodes)
            if inside:
                name = errors.name(int(text[1:])) if errors is not None and text.startswith("\0") else text
                found.append((start, end, name))
        return found


def _is_wide(node: ast.expr) -> bool:
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    return any(last_name(part) in ("Exception", "BaseException", "HTTPException") for part in parts)
