"""What becomes of a declarative base of SQLAlchemy 1, and what stands in the way."""

from __future__ import annotations

import ast

from msgspec import Struct
from msgspec.structs import replace

from trueup.file import File
from trueup.index.project import ClassSymbol
from trueup.libraries.sqlalchemy.bases import (
    classes_below,
    hidden_class_variables,
    init_subclasses,
    metaclass_tests,
    metaclasses,
    unmapped_annotations,
)
from trueup.libraries.sqlalchemy.mapping import DECLARATIVE_META
from trueup.model import Place, Safety
from trueup.types import ClassObject

_KNOWN = frozenset({"bind", "metadata", "cls", "name", "constructor", "class_registry", "type_annotation_map"})
_WOULD_GET_ONE = "without an `__init__` of its own it would get the default one"


class Plan(Struct, frozen=True):
    """What becomes of a base."""

    safety: Safety = Safety.SAFE
    why: str = ""
    related: tuple[Place, ...] = ()
    unmapped: tuple[Place, ...] = ()


def with_places(plan: Plan, name: str, node: ast.AST, file: File) -> Plan:
    """A plan with the annotations that the new base has to allow."""
    below = _below(name, node, file)
    unmapped = tuple(unmapped_annotations(file.types, below))
    hidden = tuple(hidden_class_variables(file.types, below)) if unmapped else ()
    if hidden and plan.safety is not Safety.MANUAL:
        why = "a `ClassVar` below it names what only type checkers import, and `__allow_unmapped__` would evaluate it"
        return Plan(Safety.MANUAL, why, hidden, unmapped)
    return replace(plan, unmapped=unmapped)


def refused(unmapped: tuple[Place, ...]) -> str:
    count = len(unmapped)
    return ("an annotation below it is" if count == 1 else f"{count} annotations below it are") + " not `Mapped[...]`"


def planned(args: list[ast.expr], keywords: list[ast.keyword], name: str, node: ast.AST, file: File) -> Plan:
    """What becomes of a base that a call makes with these arguments."""
    if args:
        return Plan(Safety.MANUAL, "pass its arguments by name first")
    given = {keyword.arg: keyword.value for keyword in keywords}
    for key in given:
        if key is None:
            return Plan(Safety.MANUAL, "its arguments are only known when it runs")
        if key not in _KNOWN:
            return Plan(Safety.MANUAL, f"`{key}=` has no counterpart there")
    bind = given.get("bind")
    if bind is not None and not _is_none(bind):
        return Plan(Safety.MANUAL, "`bind=` is gone in SQLAlchemy 2; bind the `sessionmaker` to the engine")
    inside = file.function_at(node) is not None
    for key, value in given.items():
        if inside and isinstance(value, ast.Name) and value.id == key and key in ("metadata", "type_annotation_map"):
            return Plan(Safety.MANUAL, f"in a class body inside a function `{key} = {key}` does not find the variable")
    plan = _constructor(given, file) or _blocked(name, node, file)
    if plan is not None:
        return plan
    label = given.get("name")
    if label is not None and not (isinstance(label, ast.Constant) and label.value == name):
        text = ast.unparse(label)
        return Plan(Safety.UNSAFE, f"the class was called {text} and will be called `{name}`")
    return Plan()


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _constructor(given: dict[str | None, ast.expr], file: File) -> Plan | None:
    """Whether the `__init__` of the classes below would become another."""
    base, constructor = given.get("cls"), given.get("constructor")
    parts = base.elts if isinstance(base, ast.Tuple) else [base] if base is not None else []
    if not all(isinstance(part, ast.Name | ast.Attribute) for part in parts):
        return Plan(Safety.MANUAL, "its `cls=` is not the name of a class")
    if not all(_is_known(part, file) for part in parts):
        return Plan(Safety.MANUAL, "the class in its `cls=` is not known, or not all of its bases are")
    owners = [_init_owner(part, file) for part in parts]
    if constructor is not None and not _is_none(constructor):
        return None
    if constructor is not None:
        return None if any(owners) else Plan(Safety.MANUAL, _WOULD_GET_ONE)
    for part, owner in zip(parts, owners, strict=True):
        if owner:
            why = f"the old base replaces the `__init__` of `{ast.unparse(part)}`, the new one keeps it"
            return Plan(Safety.MANUAL, why)
    return None


def _is_known(part: ast.expr, file: File) -> bool:
    """Whether a name certainly is a class: beside `object`, which a variable may turn out to be, no base can stand."""
    found = file.type_of(part)
    if not isinstance(found, ClassObject):
        return False
    if found.cls == "builtins.object":
        return isinstance(part, ast.Name) and part.id == "object"
    return file.types.mro(found.cls).complete


def _init_owner(part: ast.expr, file: File) -> str:
    """The class that gives a class its `__init__`; empty for `object`."""
    found = file.type_of(part)
    if not isinstance(found, ClassObject):
        return ""
    member = file.types.member(found.cls, "__init__")
    owner = member.owner.qualname if member is not None else ""
    return "" if owner.startswith(("builtins.", "sqlalchemy.")) else owner


def _below(name: str, node: ast.AST, file: File) -> list[ClassSymbol]:
    function = file.function_at(node)
    if isinstance(node, ast.ClassDef):
        facts = file.class_at(node)
        return classes_below(file.types, file.qualified(facts), "") if facts is not None else []
    owner = file.class_at(node) if function is None else None
    base = f"{file.module}.{owner.qualname}.{name}" if owner is not None else f"{file.module}.{name}"
    if function is not None:
        return classes_below(file.types, f"{file.module}:{name}", function.qualname)
    return classes_below(file.types, base, "")


def _blocked(name: str, node: ast.AST, file: File) -> Plan | None:
    """What elsewhere in the project stands in the way."""
    asked = metaclass_tests(file.types)
    if asked:
        why = "code asks for `isinstance(..., DeclarativeMeta)`, which would silently become false; ask for the base"
        return Plan(Safety.MANUAL, why, tuple(asked))
    below = _below(name, node, file)
    own = {file.qualified(facts)} if isinstance(node, ast.ClassDef) and (facts := file.class_at(node)) else set()
    meta = metaclasses(file.types, [one for one in below if one.qualname not in own], own)
    if meta:
        return Plan(Safety.MANUAL, "a class below it has a metaclass made for the old base", tuple(meta))
    hooks = init_subclasses(file.types, below)
    if hooks:
        why = "`__init_subclass__` would run while a class is being mapped, no longer before"
        return Plan(Safety.MANUAL, why, tuple(hooks))
    return None


def decorated(node: ast.ClassDef, decorator: ast.expr, file: File) -> Plan:
    if len(node.decorator_list) > 1 or node.keywords:
        return Plan(Safety.MANUAL, "its class has other decorators or a metaclass")
    call = decorator if isinstance(decorator, ast.Call) else ast.Call(decorator, [], [])
    facts = file.class_at(node)
    body = {b.name for b in facts.scope.bindings} if facts is not None else set()
    for name in ("metadata", "registry"):
        if name in body:
            return Plan(Safety.MANUAL, f"the decorator put its own `{name}` over that of the class, a base would not")
    constructor = next((k.value for k in call.keywords if k.arg == "constructor"), None)
    member = file.types.member(file.qualified(facts), "__init__") if facts is not None else None
    has_own = member is not None and not member.owner.qualname.startswith(("builtins.", "sqlalchemy."))
    if has_own and constructor is None:
        return Plan(Safety.MANUAL, "the decorator replaces the `__init__` of the class, a base keeps it")
    if any(keyword.arg == "cls" for keyword in call.keywords):
        return Plan(Safety.MANUAL, "`cls=` has no counterpart there")
    plan = planned(call.args, call.keywords, node.name, node, file)
    if not has_own and constructor is not None and _is_none(constructor) and plan.safety is not Safety.MANUAL:
        return Plan(Safety.MANUAL, _WOULD_GET_ONE)
    return plan


def with_metaclass(node: ast.ClassDef, metaclass: str, file: File) -> Plan:
    """`class Base(metaclass=DeclarativeMeta)`, which 1.4 recommended for type checkers."""
    if metaclass != DECLARATIVE_META:
        return Plan(Safety.MANUAL, "its metaclass is one of the project's own")
    if len(node.keywords) > 1 or node.decorator_list:
        return Plan(Safety.MANUAL, "its class statement does more than that")
    facts = file.class_at(node)
    if facts is None or not any(field.name == "registry" for field in facts.fields):
        return Plan(Safety.MANUAL, "it has no `registry`")
    if not all(file.types.mro(file.qualified(facts)).complete for _ in node.bases):
        return Plan(Safety.MANUAL, "one of its bases is not known")
    blocked = _blocked(node.name, node, file)
    if blocked is not None:
        return blocked
    return Plan()
