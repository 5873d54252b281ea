"""Where the values in a route handler come from, and what they are: sessions, stored objects, parts of the request."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from enum import IntEnum

from ..file import File
from ..index.facts import Attr, Call, Expr, Name, Op, Sub
from ..index.project import VariableSymbol
from ..infer import Inference, Site
from ..libraries.pydantic.models import is_model
from ..libraries.sqlalchemy.mapping import mapping
from ..libraries.sqlalchemy.sessions import SESSIONS
from ..types import Callee, ClassObject, Foreign, Instance, Type, Union, Unknown, without_none
from .naming import is_identity, is_read, last_name, words

"""The other sessions (scoped ones, SQLModel's, Flask-SQLAlchemy's) inherit from these."""
CONNECTIONS = ("sqlalchemy.Connection", "sqlalchemy.ext.asyncio.AsyncConnection")
_DEPENDS = frozenset({"fastapi.Depends", "fastapi.Security", "fastapi.params.Depends", "fastapi.params.Security"})
_WEB = ("fastapi.", "starlette.")
_STANDARD = frozenset(sys.stdlib_module_names)

_SESSION_NAME = re.compile(r"^(db|sess|session|dbsession|db_sess|\w+_session|\w+_db)$")
_CALLERS = frozenset({"user", "username", "identity"})
"""In the name of a dependency: who calls, if nothing says otherwise."""
_COPIES = frozenset({"copy", "deepcopy"})
_LOOKED_UP = frozenset("by exists existing fail found or path valid".split())
"""Words in the names of dependencies that look up what the path names: `get_user_by_id`, `valid_post`."""


class Origin(IntEnum):
    """Where a value comes from; of a value made of several, the last."""

    REQUEST = 0
    """The client sent it, or it is a constant."""
    PLUMBING = 1
    """Sessions, services, settings, responses."""
    CALLER = 2
    """Who calls, and what they may do."""
    DOMAIN = 3
    """What a service, a repository or the database gave."""


def calls(file: File, node: ast.AST) -> Iterator[ast.Call]:
    """The calls at and below a node, those in nested functions left out."""
    return (one for one in file.walk(node) if isinstance(one, ast.Call))


def instances(one: Type) -> list[Instance]:
    """What something can be an object of, None left out; empty where any of it is not known."""
    one = without_none(one)
    parts = one.items if isinstance(one, Union) else (one,)
    return [p for p in parts if isinstance(p, Instance)] if all(isinstance(p, Instance) for p in parts) else []


class Values:
    """The values of one handler. Remembers its answers."""

    def __init__(self, file: File, handler: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.file = file
        self.types: Inference = file.types
        self._kinds: dict[int, Type] = {}
        self.names: dict[str, Origin] = dict(self._parameters(handler))
        bindings = list(_bindings(file, handler))
        self.copies = {name for name, value in bindings if not _COPIES.isdisjoint(words(last_name(_called(value))))}
        """Names of copies, which are nobody else's until they are handed on."""
        for _ in range(2):  # a loop may use what is bound further down
            for name, value in bindings:
                self.names[name] = max(self.names.get(name, Origin.REQUEST), self.origin(value))

    # Types

    def type_of(self, node: ast.expr) -> Type:
        """The type of an expression of the handler."""
        found = self._kinds.get(id(node))
        if found is None:
            found = self._kinds[id(node)] = self.file.type_of(node)
        return found

    def is_a(self, node: ast.expr, *classes: str) -> bool:
        """Whether an expression certainly gives an object of one of some classes."""
        found = instances(self.type_of(node))
        return bool(found) and all(any(self.types.is_subclass(i.cls, c) for c in classes) for i in found)

    def is_session(self, node: ast.expr) -> bool:
        """Whether an expression is a session or connection of SQLAlchemy; by its name where its type is not known."""
        if isinstance(self.type_of(node), Unknown):
            return bool(_SESSION_NAME.match(last_name(node)))
        return self.is_a(node, *SESSIONS, *CONNECTIONS)

    def is_stored(self, node: ast.expr) -> bool:
        """Whether an expression is an object of a mapped class."""
        found = instances(self.type_of(node))
        return bool(found) and all(self.is_mapped(i.cls) for i in found)

    def is_mapped(self, cls: str) -> bool:
        """Whether SQLAlchemy or SQLModel maps a class to a table."""
        symbol = self.types.project.klass(cls)
        if symbol is None or symbol.file.path not in self.types.project.files:
            return False
        mapped = mapping(self.types)
        if not mapped.is_sqlmodel(cls):
            return mapped.is_declarative(cls)
        own = [self.types.project.klass(name) for name in self.types.mro(cls).names]
        return any(key == "table" for one in own if one is not None for key, _ in one.facts.keywords)

    def is_model(self, node: ast.expr) -> bool:
        """Whether an expression is an object of a Pydantic model that is no table."""
        found = instances(self.type_of(node))
        return bool(found) and all(is_model(self.types, i.cls) and not self.is_mapped(i.cls) for i in found)

    def is_of_library(self, node: ast.expr) -> bool:
        """Whether an expression is an object of a class that is not the project's: a list, a response, a client."""
        found = instances(self.type_of(node))
        return bool(found) and not any(self.types.project.is_own(i.cls) for i in found)

    # Origins

    def origin(self, node: ast.AST) -> Origin:
        """Where a value comes from."""
        found = Origin.REQUEST
        waiting = [node]  # a sum of a thousand texts is a thousand levels deep
        while waiting:
            one = waiting.pop()
            if isinstance(one, ast.Name):
                found = max(found, self.names.get(one.id, Origin.PLUMBING))
            elif isinstance(one, ast.Call):
                found = max(found, self._of_call(one))
            elif not isinstance(one, ast.Lambda):
                if isinstance(one, ast.Attribute) and one.attr in ("app", "state"):
                    found = max(found, Origin.PLUMBING)
                waiting += ast.iter_child_nodes(one)
        return found

    def _of_call(self, node: ast.Call) -> Origin:
        passed = max((self.origin(a) for a in (*node.args, *(k.value for k in node.keywords))), default=Origin.REQUEST)
        on = self.origin(node.func.value) if isinstance(node.func, ast.Attribute) else Origin.REQUEST
        callee = self.type_of(node.func)
        name = last_name(node.func)
        if isinstance(callee, ClassObject):
            if self.is_mapped(callee.cls):
                return Origin.DOMAIN
            own = self.types.project.is_own(callee.cls)
            return max(passed, Origin.PLUMBING) if own and not is_model(self.types, callee.cls) else passed
        if (is_identity(name) and not isinstance(callee, Callee)) or on == Origin.CALLER:
            return max(passed, Origin.CALLER)
        qualname = callee.qualname if isinstance(callee, Callee) else ""
        package = (callee.path if isinstance(callee, Foreign) else qualname).partition(".")[0]
        if package in _STANDARD or package in ("fastapi", "starlette", "pydantic", "typing_extensions"):
            return max(on, passed)
        if isinstance(callee, Foreign):
            return Origin.DOMAIN if "()" in callee.path else max(on, passed)
        if package in ("sqlalchemy", "sqlmodel"):
            asked = isinstance(node.func, ast.Attribute) and (self.is_session(node.func.value) or on == Origin.DOMAIN)
            return Origin.DOMAIN if asked else Origin.PLUMBING
        if is_identity(name):
            return max(passed, Origin.CALLER)
        return self._of_own(node, on, passed)

    def _of_own(self, node: ast.Call, on: Origin, passed: Origin) -> Origin:
        """Of a function of the project, or one that is not known."""
        if isinstance(node.func, ast.Attribute) and on == Origin.REQUEST:
            return passed
        if self._is_plumbing(node):
            return Origin.PLUMBING
        if isinstance(node.func, ast.Name) and isinstance(self.file.parent(node), ast.Await):
            return Origin.DOMAIN
        if isinstance(node.func, ast.Name) and passed == Origin.REQUEST:
            # `slugify(item.name)` makes its result of what it is passed; `get_item(id)` knows where to look.
            return Origin.DOMAIN if is_read(node.func.id) and node.args else Origin.REQUEST
        return Origin.DOMAIN

    def _is_plumbing(self, node: ast.expr) -> bool:
        """Whether a value is a session, a service or a response rather than data."""
        found = instances(self.type_of(node))
        return bool(found) and all(
            i.cls.startswith(_WEB)
            or any(self.types.is_subclass(i.cls, c) for c in (*SESSIONS, *CONNECTIONS))
            or _is_service(i.cls)
            for i in found
        )

    # Parameters

    def _parameters(self, handler: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[str, Origin]]:
        facts = self.file.function_at(handler)
        if facts is None:
            return
        outside = self.types.definition_site(facts, self.file.facts)
        for index, param in enumerate(facts.params):
            if facts.owner and index == 0:
                yield param.name, Origin.PLUMBING
                continue
            provider = None
            for expr in (param.default, param.annotation):
                provider = provider or _injection(self.types, expr, outside)
            if provider is None:
                yield param.name, Origin.REQUEST
            else:
                found = self.types.param_type(param, facts, self.file.facts)
                yield param.name, self._injected(param.name, provider, found, outside)

    def _injected(self, name: str, provider: Call, found: Type, site: Site) -> Origin:
        """What `Depends(...)` gives: data of the request in a class of its own, an object, or the means to get one."""
        maker = provider.args[0] if provider.args else None
        maker_name = maker.id if isinstance(maker, Name) else maker.attr if isinstance(maker, Attr) else ""
        classes = [i.cls for i in instances(found)]
        mapped = bool(classes) and all(self.is_mapped(c) for c in classes)
        if mapped and not _LOOKED_UP.isdisjoint(words(maker_name)):
            return Origin.DOMAIN
        if is_identity(name) or is_identity(maker_name) or not _CALLERS.isdisjoint(words(name)):
            return Origin.CALLER
        if mapped:
            return Origin.DOMAIN
        if not classes or not all(c.startswith("builtins.") or is_model(self.types, c) for c in classes):
            return Origin.PLUMBING
        if maker is None or isinstance(self.types.type_of(maker, site), ClassObject):
            return Origin.REQUEST
        return Origin.DOMAIN if is_model(self.types, classes[0]) else Origin.REQUEST


def _is_service(cls: str) -> bool:
    return bool(re.search(r"(Service|Services|Manager|Repository|Repo|UseCase|Store|Client|Server|DAO|CRUD)$", cls))


def _injection(types: Inference, expr: Expr | None, site: Site) -> Call | None:
    """The `Depends(...)` in a default or an annotation, aliases followed."""
    if isinstance(expr, Call):
        return expr if types.qualname(expr.func, site) in _DEPENDS else None
    if isinstance(expr, Sub):
        return next((one for item in expr.items if (one := _injection(types, item, site))), None)
    if isinstance(expr, Op):
        return _injection(types, expr.left, site) or _injection(types, expr.right, site)
    if isinstance(expr, Name | Attr):
        symbol = types.symbol_of(expr, site)
        if isinstance(symbol, VariableSymbol) and isinstance(symbol.bindings[-1].value, Sub | Call):
            return _injection(types, symbol.bindings[-1].value, Site(symbol.file))
    return None


def _called(value: ast.AST) -> ast.expr:
    """The function that makes a value; nothing else has a name of interest."""
    value = value.value if isinstance(value, ast.Await) else value
    return value.func if isinstance(value, ast.Call) else ast.Constant(None)


def _bindings(file: File, handler: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Each name a handler binds, with the expression it gets its value from."""
    for node in file.walk(handler):
        targets: list[ast.expr] = []
        value: ast.AST | None = None
        if isinstance(node, ast.Assign):
            targets, value = node.targets, node.value
        elif isinstance(node, ast.AnnAssign | ast.AugAssign | ast.NamedExpr):
            targets, value = [node.target], node.value
        elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
            targets, value = [node.target], node.iter
        elif isinstance(node, ast.withitem) and node.optional_vars is not None:
            targets, value = [node.optional_vars], node.context_expr
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name, ast.Constant(None)
        elif isinstance(node, ast.Match):
            for case in node.cases:
                for pattern in ast.walk(case.pattern):
                    if isinstance(pattern, ast.MatchAs | ast.MatchStar) and pattern.name:
                        yield pattern.name, node.subject
        if value is not None:
            for target in targets:
                for one in ast.walk(target):
                    if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store):
                        yield one.id, value
