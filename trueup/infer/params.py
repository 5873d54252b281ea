"""What a function is passed: by its annotations, by FastAPI, by its callers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from ..index.facts import (
    Attr,
    Call,
    CallSite,
    Class,
    Const,
    Expr,
    FileFacts,
    Function,
    Name,
    Opaque,
    Param,
    Scope,
    Star,
)
from ..types import (
    NEVER,
    NONE,
    STR,
    UNKNOWN,
    Callee,
    ClassObject,
    Foreign,
    Instance,
    ModuleObject,
    Type,
    Unknown,
    Variable,
    union,
)
from .site import Site

if TYPE_CHECKING:
    from .engine import Inference


def param_type(types: Inference, param: Param, function: Function, file: FileFacts) -> Type:
    """What a parameter can be inside its function."""
    key = ("param", file.module, function.qualname, function.pos.line, param.name)
    return types.remember(key, lambda: _find_param_type(types, param, function, file), NEVER)


def _find_param_type(types: Inference, param: Param, function: Function, file: FileFacts) -> Type:
    outside = definition_site(types, function, file)
    found: Type = UNKNOWN
    if param.annotation is not None:
        found = types.annotation(param.annotation, outside)
    # `self: T` and `cls: type[T]` say that the result is of the same class, not that anything may be passed.
    if function.owner and function.params[0] is param and (param.annotation is None or _is_variable(found)):
        bound = self_type(types, function, file, outside)
        if bound is not None:
            return bound
    if isinstance(found, Unknown) and isinstance(param.default, Call):
        found = types.injected((param.default,), outside)
    if isinstance(found, Unknown) and param.annotation is None and param.default is None:
        found = _from_fixture(types, param.name, function, file)
    if isinstance(found, Unknown) and param.annotation is None and param.kind in ("positional", "keyword"):
        found = _from_callers(types, param, function, file)
    if param.kind == "var-positional":
        return Instance("builtins.tuple", (found,), uniform=True)
    if param.kind == "var-keyword":
        return Instance("builtins.dict", (STR, found))
    default = param.default
    if isinstance(default, Const) and default.kind == "none" and not isinstance(found, Unknown):
        return union([found, NONE])
    return found


def _is_variable(one: Type) -> bool:
    if isinstance(one, Instance) and one.cls == "builtins.type":
        return all(isinstance(arg, Variable) for arg in one.args)
    return isinstance(one, Variable)


def definition_site(types: Inference, function: Function, file: FileFacts) -> Site:
    """Where a function's annotations, defaults and decorators are read."""
    klass = types.project.klass(f"{file.module}.{function.owner}") if function.owner else None
    return Site(file, types.parent_of(file, function), klass.facts if klass is not None else None)


def self_type(types: Inference, function: Function, file: FileFacts, outside: Site) -> Type | None:
    """What `self` or `cls` is; None for a static method."""
    owner = f"{file.module}.{function.owner}"
    args = types.parameters(owner)
    for decorator in function.decorators:
        name = types.qualname(decorator, outside) or ""
        if name == "builtins.staticmethod":
            return None
        if name == "builtins.classmethod":
            return ClassObject(owner, args)
        if isinstance(decorator, Call):
            name = types.qualname(decorator.func, outside) or ""
        if name in ("pydantic.validator", "pydantic.root_validator", "sqlalchemy.orm.declared_attr"):
            return ClassObject(owner, args)
        # Pydantic makes a class method of a validator whose first parameter is called so
        named = function.params[0].name if function.params else ""
        if name in ("pydantic.field_validator", "pydantic.model_validator") and named == "cls":
            return ClassObject(owner, args)
    if function.name in ("__new__", "__init_subclass__", "__class_getitem__"):
        return ClassObject(owner, args)
    return Instance(owner, args)


MAX_LEVEL = 2
"""So many times an answer may go from a parameter to the callers, whose arguments may be parameters themselves."""
MAX_CALLS = 200
"""A name that is called in more places has a caller that is not understood, sooner or later."""
_FIXTURES = frozenset({"pytest.fixture", "pytest.yield_fixture", "pytest_asyncio.fixture"})


def _from_fixture(types: Inference, name: str, function: Function, file: FileFacts) -> Type:
    """What pytest passes to a test or fixture: what the fixture of that name gives, the nearest conftest's first."""
    site = definition_site(types, function, file)
    if not function.name.startswith("test") and not _is_fixture(types, function, site):
        return UNKNOWN
    folder = file.path.rpartition("/")[0] + "/"
    conftests = [
        types.project.files[path]
        for path in types.project.files
        if path.rpartition("/")[2] == "conftest.py" and folder.startswith(path.removesuffix("conftest.py"))
    ]
    for facts in (file, *sorted(conftests, key=lambda facts: -len(facts.path))):
        provider = types.project.function(f"{facts.module}.{name}")
        if provider is None or provider.facts is function:
            continue
        if _is_fixture(types, provider.facts, definition_site(types, provider.facts, facts)):
            return types.dependency(Callee(provider.qualname))
    return UNKNOWN


def _is_fixture(types: Inference, function: Function, site: Site) -> bool:
    plain = [d.func if isinstance(d, Call) else d for d in function.decorators]
    return any(types.qualname(d, site) in _FIXTURES for d in plain)


def _from_callers(types: Inference, param: Param, function: Function, file: FileFacts) -> Type:
    """What every caller in the project passes; Unknown if one of them is not understood."""
    if function.decorators or file.path not in types.project.files:
        return UNKNOWN
    target = f"{file.module}.{function.qualname}"
    name = function.owner.rpartition(".")[2] if function.name == "__init__" else function.name
    calls = calls_named(types, name)
    if types.level >= MAX_LEVEL or len(calls) > MAX_CALLS:
        return UNKNOWN
    if types.is_passed(name) or (name.startswith("__") and name.endswith("__")):
        return UNKNOWN
    types.level += 1
    try:
        return _passed(types, param, function, target, calls)
    finally:
        types.level -= 1


def _passed(
    types: Inference, param: Param, function: Function, target: str, calls: Sequence[tuple[Site, CallSite]]
) -> Type:
    offset = 1 if function.owner else 0
    index = next(i for i, p in enumerate(function.params) if p is param) - offset
    options: list[Type] = []
    for site, one in calls:
        callee = types.type_of(one.call.func, site)
        if isinstance(callee, ClassObject):
            if function.name != "__init__":
                continue
            member = types.member(callee.cls, "__init__")
            if member is None or member.function is None or member.function.qualname != target:
                continue
        elif isinstance(callee, Callee):
            if callee.qualname != target:
                continue
            if function.owner and callee.receiver is None:
                return UNKNOWN
        elif isinstance(callee, Instance | ModuleObject | Foreign):
            continue
        else:
            return UNKNOWN
        passed = argument(one.call, index, param)
        if passed is None:
            if param.default is None:
                return UNKNOWN
            passed = param.default
        options.append(types.type_of(passed, site))
    return union(options) if options else UNKNOWN


def calls_named(types: Inference, name: str) -> list[tuple[Site, CallSite]]:
    """The project's calls whose callee is written with a name, `x.name(...)` or `name(...)`, by path and line.

    An import under another name hides a call from this: `from fastapi import Depends as D`.
    """
    types.project.note(Mention(name))
    index = _index_of(types)
    found = index.calls.get(name)
    if found is None:
        found = index.calls[name] = [
            call for file in index.called.get(name, ()) for call in _calls_in(types, file, name)
        ]
    return found


def _calls_in(types: Inference, file: FileFacts, name: str) -> Iterator[tuple[Site, CallSite]]:
    for scope, function, klass in _scopes(types, file):
        for one in scope.calls:
            func = one.call.func
            if (func.attr if isinstance(func, Attr) else func.id if isinstance(func, Name) else "") == name:
                yield _site(file, function, klass, one), one


def paths_importing(types: Inference, packages: tuple[str, ...]) -> tuple[str, ...]:
    """The paths of the files that import one of some top-level packages: for `Inference.shared`."""
    return tuple(types.by_file(_imports_one, packages))


def _imports_one(types: Inference, path: str, packages: tuple[str, ...]) -> bool:
    return not set(packages).isdisjoint(types.project.files[path].imported)


def is_passed(types: Inference, name: str) -> bool:
    """Whether anything written with a name is an argument of a call: who takes it may call it."""
    types.project.note(Mention(name))
    return name in _index_of(types).passed


def mentioning(types: Inference, name: str) -> list[str]:
    """The paths of the files whose calls are written with a name, or pass it."""
    index = _index_of(types)
    files = (*index.called.get(name, ()), *index.passed.get(name, ()))
    return sorted({file.path for file in files})


def mentions(types: Inference, path: str) -> set[str]:
    """The names a file's calls are written with, or pass."""
    file = types.project.files[path]
    return {*file.called, *file.passed}


class Mention(NamedTuple):
    """The calls written with a name, and those that pass it: what `calls_named` and `is_passed` read."""

    name: str


@dataclass(slots=True)
class CallIndex:
    """The calls of a whole project by the names in them."""

    called: dict[str, list[FileFacts]] = field(default_factory=dict)
    """Name -> the files with calls that are written with it, by path."""
    passed: dict[str, list[FileFacts]] = field(default_factory=dict)
    """Name -> the files where it stands as an argument."""
    calls: dict[str, list[tuple[Site, CallSite]]] = field(default_factory=dict)
    """What was asked for already."""


def _index_of(types: Inference) -> CallIndex:
    if types.calls is None:
        types.calls = CallIndex()
        reads = types.project.reads
        for file in types.project.files.values():
            for name in file.called:
                types.calls.called.setdefault(name, []).append(file)
            for name in file.passed:
                types.calls.passed.setdefault(name, []).append(file)
        types.project.reads = reads
    return types.calls


def _scopes(types: Inference, file: FileFacts) -> Iterable[tuple[Scope, Function | None, Class | None]]:
    """The scopes of a file, each with the function or class it is the body of."""
    yield file.scope, None, None
    for klass in file.classes:
        parent = types.project.function(f"{file.module}.{klass.parent}") if klass.parent else None
        yield klass.scope, parent.facts if parent is not None else None, klass
    for function in file.functions:
        yield function.scope, function, None


def call_sites(types: Inference, file: FileFacts) -> Iterable[tuple[Site, CallSite]]:
    """A file's calls, each with the place it is made at."""
    for scope, function, klass in _scopes(types, file):
        for one in scope.calls:
            yield _site(file, function, klass, one), one


def _site(file: FileFacts, function: Function | None, klass: Class | None, one: CallSite) -> Site:
    return Site(file, function, klass, one.block, one.pos.line, one.pos.column)


def argument(call: Call, index: int, param: Param) -> Expr | None:
    """The expression a call passes for a parameter; None where it passes none, or only through a star."""
    for name, value in call.keywords:
        if name == param.name:
            return value
    if param.kind == "positional" and index < len(call.args):
        if any(isinstance(a, Star) for a in call.args[: index + 1]):
            return Opaque()
        return call.args[index]
    if any(isinstance(a, Star) for a in call.args) or any(k == "**" for k, _ in call.keywords):
        return Opaque()
    return None
