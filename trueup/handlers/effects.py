"""Which calls of a route handler change stored data, and which tell somebody about it."""

from __future__ import annotations

import ast
import re

from ..config import Config
from ..index.facts import CallSite
from ..index.project import FunctionSymbol
from ..infer import Inference
from ..infer.reach import Target, routes
from ..layers import REPOSITORY, SERVICE, layer_of
from ..libraries.pydantic.models import is_model
from ..libraries.sqlalchemy.sessions import SESSIONS
from ..types import Callee, ClassObject, Foreign, Instance, Type, Union, Unknown
from .naming import is_identity, is_read, last_name, words
from .values import CONNECTIONS, Values

_SESSION_WRITES = frozenset(
    "add add_all bulk_insert_mappings bulk_save_objects bulk_update_mappings delete delete_all merge merge_all".split()
)
_EXECUTES = frozenset({"exec", "execute", "scalar", "scalars", "stream", "stream_scalars"})
_CHANGES = "sqlalchemy.UpdateBase"
_CHANGE_MAKERS = frozenset({"insert", "update", "delete"})
_SQL_CHANGE = re.compile(r"\s*(INSERT|UPDATE|DELETE|MERGE|REPLACE)\b", re.IGNORECASE)
_CALLABLE = "collections.abc.Callable"
_QUERY = "sqlalchemy.orm.Query"
_CLASSES_THAT_WRITE = tuple(
    f"{cls}.{method}" for cls in (*SESSIONS, *CONNECTIONS) for method in (*sorted(_SESSION_WRITES), "commit", "flush")
)

_VERBS = frozenset(
    "add append approve archive assign attach cancel clear complete create deactivate deduct delete destroy disable "
    "enable insert link mark merge patch persist purge put register reject remove rename replace reset restore revoke "
    "save set soft store transfer unassign unlink update upsert write".split()
)
_KEEPING = frozenset("create delete destroy insert merge persist save store update upsert".split())
"""What a stored object does to keep itself, `order.save()`; `order.set_total(5)` only changes it."""
_BEFORE_A_VERB = frozenset({"bulk", "batch", "async", "multi", "do", "hard", "soft", "a"})
_KEEPERS = frozenset(
    "crud dao gateway manager persistence repo repository repositories service services store uow usecase".split()
)
"""Words in the names of things that keep data."""
_NOT_STORED = frozenset(
    "analytics auth authorization builder cache check client context cookie cookies ctx engine event events filter "
    "filters form header headers index job jwt log logger logging logs metric metrics middleware monitor parser path "
    "perm permission permissions query request response router schema serializer span state statement stats stmt task "
    "telemetry token tracer tracing uri url validator".split()
)
"""Words in the names of things that are added to, set or created without being kept."""
_SENDS = frozenset("broadcast emit enqueue notify publish send".split())
_SENDS_BEHIND = frozenset({"delay", "apply_async"})
_CHECKS = frozenset(
    "check close commit count ensure exists flush has init is raise rollback start validate verify".split()
)
_NEAR, _FAR = 2, 4
"""How many calls away a write is looked for: from a function whose name does not say that it writes, and that does."""


class Effects:
    """What the calls of one handler do. Remembers its answers."""

    def __init__(self, values: Values, config: Config) -> None:
        self.values = values
        self.types: Inference = values.types
        self.config = config
        self._known: dict[int, bool] = {}

    def is_write(self, call: ast.Call) -> bool:
        """Whether a call changes stored data: by a session, or by a function whose name says so and that can."""
        found = self._known.get(id(call))
        if found is None:
            found = self._known[id(call)] = self._is_write(call)
        return found

    def is_commit(self, call: ast.Call) -> bool:
        """Whether a call commits or flushes a session."""
        func = call.func
        return (
            isinstance(func, ast.Attribute) and func.attr in ("commit", "flush") and self.values.is_session(func.value)
        )

    def is_send(self, call: ast.Call) -> bool:
        """Whether a call sends a message, a mail, an event; to make a background task of that is plumbing."""
        name = last_name(call.func)
        if name in _SENDS_BEHIND:
            return isinstance(call.func, ast.Attribute)
        if not words(name) or words(name)[0] not in _SENDS:
            return False
        callee = self.values.type_of(call.func)
        if isinstance(callee, Callee):
            return self.types.project.is_own(callee.qualname)
        if isinstance(callee, Instance):
            return self.types.project.is_own(callee.cls) or callee.cls == _CALLABLE
        return isinstance(callee, Unknown | Foreign)

    def _is_write(self, call: ast.Call) -> bool:
        func = call.func
        if isinstance(func, ast.Attribute):
            if self.values.is_session(func.value):
                return func.attr in _SESSION_WRITES or (func.attr in _EXECUTES and self._is_change(call))
            if self.values.is_a(func.value, _QUERY):
                return func.attr in ("delete", "update")
            holder = self.values.type_of(func.value)
            if isinstance(holder, ClassObject) and self.values.is_mapped(holder.cls):
                return _says_write(func.attr) or self._keeps(self.values.type_of(func), call)
            if self.values.is_stored(func.value) and words(func.attr)[:1] and words(func.attr)[0] in _KEEPING:
                return True
        return self._keeps(self.values.type_of(func), call)

    def _is_change(self, call: ast.Call) -> bool:
        """Whether what a session executes is an INSERT, UPDATE or DELETE."""
        if not call.args:
            return False
        statement = call.args[0]
        if self.values.is_a(statement, _CHANGES):
            return True
        while isinstance(statement, ast.Call):
            if statement.args and last_name(statement.func) == "text":
                text = statement.args[0]
                return isinstance(text, ast.Constant) and bool(_SQL_CHANGE.match(str(text.value)))
            if last_name(statement.func) in _CHANGE_MAKERS:
                return not isinstance(self.values.type_of(statement), Instance)
            statement = statement.func.value if isinstance(statement.func, ast.Attribute) else statement.func
        return False

    def _keeps(self, callee: Type, call: ast.Call) -> bool:
        """Whether a function writes stored data: by what it calls, or by its name where that is not known."""
        func = call.func
        if isinstance(callee, Union):
            return any(self._keeps(item, call) for item in callee.items)
        if isinstance(callee, Callee):
            return self._own_keeps(callee, call)
        if isinstance(callee, Foreign | Unknown) and isinstance(func, ast.Attribute) and _says_write(func.attr):
            receiver = words(last_name(func.value))
            keeps = not _KEEPERS.isdisjoint(receiver) and _NOT_STORED.isdisjoint(receiver)
            return keeps and _is_stored_thing(func.attr)
        return False

    def _own_keeps(self, callee: Callee, call: ast.Call) -> bool:
        function = self.types.project.function(callee.qualname)
        if function is None or function.file.path not in self.types.project.files:
            return False
        receiver = callee.receiver
        if receiver is not None and is_model(self.types, receiver.cls) and not self.values.is_mapped(receiver.cls):
            return False
        called = last_name(call.func)
        if not _says_write(called):
            return not _looks(called) and reaches_write(self.types, function, _NEAR)
        layer = layer_of(self.types, function, self.config)
        if layer == REPOSITORY:
            return True
        name = words(receiver.cls.rpartition(".")[2]) if receiver is not None else []
        keeps = layer == SERVICE or not _KEEPERS.isdisjoint(name)
        if keeps and _is_stored_thing(called) and _NOT_STORED.isdisjoint(name[:-1]):
            return True
        return reaches_write(self.types, function, _FAR)


def _says_write(name: str) -> bool:
    found = words(name)
    while len(found) > 1 and found[0] in _BEFORE_A_VERB and found[0] not in _VERBS:
        found = found[1:]
    return bool(found) and found[0] in _VERBS


def _is_stored_thing(name: str) -> bool:
    """Whether `create_order` may be about stored data, as `create_response` is not."""
    return _NOT_STORED.isdisjoint(words(name)[-1:])


def _looks(name: str) -> bool:
    """Whether a function's name says that it only looks something up or checks it, whatever it notes on the way."""
    return is_read(name) or is_identity(name) or not _CHECKS.isdisjoint(words(name)[:1])


def reaches_write(types: Inference, function: FunctionSymbol, depth: int) -> bool:
    """Whether a function of the project gets, on a way of at most `depth` calls, to a session that adds or commits."""
    key = ("handlers.reaches_write", function.qualname, depth)
    return types.once(key, lambda: bool(routes(types, function, _session_write, through=_anything, depth=depth)))


def _session_write(target: Target, call: CallSite) -> bool | None:
    return True if target.name in _CLASSES_THAT_WRITE else None


def _anything(target: Target, call: CallSite) -> bool:
    return True
