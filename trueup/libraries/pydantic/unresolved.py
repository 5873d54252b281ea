"""Names in the annotations of models that cannot be resolved yet when something is made of the model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...index.facts import Attr, Call, Const, Expr, Name, Op, Scope, Sub
from ...index.project import ClassSymbol, VariableSymbol, classes_in
from ...infer import Inference, Site
from ...types import ClassObject
from .annotations import is_field_name, parsed_annotation
from .models import names_below

_REBUILD = ("update_forward_refs", "model_rebuild")


def unresolved_names(types: Inference, cls: str, path: str, line: int) -> dict[str, str]:
    """Names in the annotations of a model, inherited ones too -> why they mean nothing yet at a line of a file."""
    found: dict[str, str] = {}
    for one in types.mro(cls).names:
        symbol = types.project.klass(one)
        if symbol is None or symbol.file.path not in types.project.files or symbol.facts.parent or symbol.facts.owner:
            continue
        for name, why in _own(symbol, line if symbol.file.path == path else None).items():
            found.setdefault(name, why)
    return found


def undefined_names(types: Inference, symbol: ClassSymbol) -> dict[str, str]:
    """Field of a class -> the first name in its annotation that its module only has for type checkers.

    Or that an alias of another module has in quotes, and the module of the class does not know.
    """
    found: dict[str, str] = {}
    for field in symbol.facts.fields:
        if field.annotation is None or field.method or not is_field_name(field.name) or _is_relation(field.value):
            continue
        for name in _names(field.annotation):
            if not _missing(symbol, name, None):
                name = next((one for one in _quoted(types, symbol, name) if not _is_known(symbol, one)), "")
            if name:
                found.setdefault(field.name, name)
    return found


def _quoted(types: Inference, symbol: ClassSymbol, name: str) -> Iterator[str]:
    """The names that an alias of another module has in quotes and only for type checkers: `Dict[str, "PathItem"]`."""
    there = types.project.locate(types.qualname(Name(name), types.class_site(symbol)) or "")
    if not isinstance(there, VariableSymbol) or there.file.path not in types.project.files:
        return
    imports = {one.name for one in there.file.scope.imports if one.when == "type-checking"}
    for binding in there.bindings:
        if isinstance(binding.value, Sub):
            yield from (one for one in _names(binding.value) if one in imports)


def _is_known(symbol: ClassSymbol, name: str) -> bool:
    scope = symbol.file.scope
    imports = any(one.name == name and one.when != "type-checking" for one in scope.imports)
    return imports or bool(scope.stars) or any(one.name == name for one in scope.bindings)


def may_be_completed(types: Inference, cls: str) -> bool:
    """Whether some call may resolve the annotations of a class: one of it or of a class below, or of any class."""
    completed = types.shared(_completed_with_more)
    family = (cls, *names_below(types, cls))
    return completed is None or not completed.isdisjoint(family)


def _completed_with_more(types: Inference) -> frozenset[str] | None:
    """The classes completed by calls that may know more than the class's own module; None: any class may be."""
    found: set[str] = set()
    for method in _REBUILD:
        if types.is_passed(method):
            return None
        for site, one in types.calls_named(method):
            held = types.type_of(one.call.func.value, site) if isinstance(one.call.func, Attr) else None
            if not isinstance(held, ClassObject):
                if _knows_no_more(one.call, site):
                    continue
                return None
            symbol = types.project.klass(held.cls)
            beside = symbol is not None and symbol.file.path == site.file.path and site.function is None
            if not beside or one.call.args or any(key != "raise_errors" for key, _ in one.call.keywords):
                found.add(held.cls)
    return frozenset(found)


def _knows_no_more(call: Call, site: Site) -> bool:
    """Whether a call in a function gives no names and has none of its own: only the class's own module is asked."""
    if site.function is None or call.args or any(key not in ("raise_errors", "force") for key, _ in call.keywords):
        return False
    return not site.function.scope.imports


def _own(symbol: ClassSymbol, line: int | None) -> dict[str, str]:
    """The same for what a class annotates itself."""
    found: dict[str, str] = {}
    for field in symbol.facts.fields:
        if field.annotation is None or field.method or not is_field_name(field.name) or _is_relation(field.value):
            continue
        for name in _names(field.annotation):
            why = _missing(symbol, name, line)
            if why:
                found.setdefault(name, why)
    return found


def makes_unfinished(types: Inference, called: Iterable[str]) -> bool:
    """Whether a file that calls some names might make something of a class too early."""
    return not types.shared(_names_of_open_ones).isdisjoint(called)


def _names_of_open_ones(types: Inference) -> frozenset[str]:
    """What the classes are called that may be unfinished: by a name in their own annotations, or in a base's.

    Bases are followed by their names alone: that is quick, and says at most a name too much.
    """
    found = {cls.rpartition(".")[2] for cls in types.shared(_open_ones)}
    if not found:
        return frozenset()
    below: dict[str, list[str]] = {}
    for pairs in types.by_file(_names_of_bases).values():
        for base, name in pairs:
            below.setdefault(base, []).append(name)
    waiting = list(found)
    while waiting:
        fresh = [name for name in below.get(waiting.pop(), ()) if name not in found]
        found.update(fresh)
        waiting += fresh
    return frozenset(found)


def _names_of_bases(types: Inference, path: str) -> tuple[tuple[str, str], ...]:
    """(what a base is called, the name of the class that has it) of the classes of a file."""
    file = types.project.files[path]
    bases = [(klass.name, base) for klass in file.classes for base in klass.bases]
    return tuple([(called, name) for name, base in bases for called in _names_of(base, file.scope)])


def _names_of(base: Expr, scope: Scope) -> list[str]:
    """The last part of a base's name, and what it is called where it comes from."""
    while isinstance(base, Sub):
        base = base.value
    if isinstance(base, Attr):
        return [base.attr]
    if not isinstance(base, Name):
        return []
    imported = [one.attr for one in scope.imports if one.name == base.id and one.attr]
    values = [one.value for one in scope.bindings if one.name == base.id]
    held = [one.attr if isinstance(one, Attr) else one.id for one in values if isinstance(one, Attr | Name)]
    return [base.id, *imported, *held]


def _open_ones(types: Inference) -> frozenset[str]:
    return frozenset(cls for some in types.by_file(_open_in).values() for cls in some)


def _open_in(types: Inference, path: str) -> tuple[str, ...]:
    """The classes of a file with names in their annotations that mean nothing yet when the class is made."""
    return tuple(
        one.qualname
        for one in classes_in(types.project.files[path])
        if not one.facts.parent and not one.facts.owner and _own(one, one.facts.pos.line)
    )


def completed_in(types: Inference, cls: str) -> list[tuple[str, int]]:
    """Path and line of the calls that resolve the annotations of a class."""
    return types.shared(_completed).get(cls, [])


def _completed(types: Inference) -> dict[str, list[tuple[str, int]]]:
    found: dict[str, list[tuple[str, int]]] = {}
    for method in _REBUILD:
        for site, one in types.calls_named(method):
            if isinstance(one.call.func, Attr):
                held = types.type_of(one.call.func.value, site)
                if isinstance(held, ClassObject):
                    found.setdefault(held.cls, []).append((site.file.path, one.pos.line))
    return found


def _missing(symbol: ClassSymbol, name: str, line: int | None) -> str:
    """Why a name of a class's module means nothing at run time (yet); empty where it may mean something."""
    scope = symbol.file.scope
    imports = [one for one in scope.imports if one.name == name]
    bindings = [one for one in scope.bindings if one.name == name]
    if any(one.name == name for one in symbol.facts.scope.bindings):
        return ""
    named = all(isinstance(one.value, Const) and one.value.kind == "str" for one in bindings)
    if imports and named and all(one.when == "type-checking" for one in imports):
        return "imported for type checkers alone"
    if bindings and not imports and line is not None and min(one.line for one in bindings) > line:
        return f"defined in line {min(one.line for one in bindings)}"
    return ""


def _is_relation(value: Expr | None) -> bool:
    """Whether a value is `Relationship(...)` of SQLModel, whose annotation is no field's."""
    return isinstance(value, Call) and value.func in (Name("Relationship"), Attr(Name("sqlmodel"), "Relationship"))


def _names(expr: Expr, depth: int = 0) -> Iterator[str]:
    match expr:
        case Name(id=name):
            yield name
        case Attr(value=value):
            yield from _names(value, depth)
        case Const(kind="str", text=text) if depth < 5:
            parsed = parsed_annotation(text)
            if parsed is not None:
                yield from _names(parsed, depth + 1)
        case Sub(value=value, items=items):
            outer = value.attr if isinstance(value, Attr) else value.id if isinstance(value, Name) else ""
            if outer in ("ClassVar", "Literal"):
                return
            yield from _names(value, depth)
            for one in items:
                yield from _names(one, depth)
        case Op(left=left, right=right):
            yield from _names(left, depth)
            yield from _names(right, depth)
