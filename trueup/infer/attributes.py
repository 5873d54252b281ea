"""What reading an attribute gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..index.facts import (
    Attr,
    Call,
    Field,
    Name,
)
from ..index.project import (
    ClassSymbol,
    FunctionSymbol,
    ModuleSymbol,
)
from ..types import (
    NEVER,
    NONE,
    UNKNOWN,
    Callee,
    ClassObject,
    Foreign,
    Instance,
    ModuleObject,
    Type,
    Union,
    Unknown,
    Variable,
    union,
)
from .flow import block_at
from .hierarchy import Member, Mro
from .site import Site
from .solve import SELF, as_instance, class_object, substitute

if TYPE_CHECKING:
    from .engine import Inference

_PROPERTIES = frozenset(
    {
        "builtins.property",
        "functools.cached_property",
        "sqlalchemy.ext.hybrid.hybrid_property",
        "sqlalchemy.util.memoized_property",
    }
)
_DESCRIPTORS = frozenset({"sqlalchemy.orm.Mapped", "sqlalchemy.orm.DynamicMapped", "sqlalchemy.orm.WriteOnlyMapped"})
"""Annotations that say what an instance's attribute is; on the class it is something else."""


def attribute_of(types: Inference, expr: Attr, site: Site) -> Type:
    """What an attribute expression is; knows modules and `super()`."""
    if isinstance(expr.value, Call) and expr.value.func == Name("super"):
        return _super(types, expr, site)
    symbol = types.symbol_of(expr.value, site)
    if isinstance(symbol, ModuleSymbol):
        found = types.project.read(symbol.qualname, expr.attr)
        if found is not None:
            return types.symbol_type(found)
    return attribute(types, types.type_of(expr.value, site), expr.attr)


def _super(types: Inference, expr: Attr, site: Site) -> Type:
    function = site.function
    while function is not None and not function.owner:
        function = types.parent_of(site.file, function)
    if function is None:
        return UNKNOWN
    owner = f"{site.file.module}.{function.owner}"
    mro = types.mro(owner)
    member = types.member_in(Mro(mro.names[1:], mro.complete), expr.attr)
    receiver = types.self_type(function, site.file, types.definition_site(function, site.file))
    if member is None or not isinstance(receiver, Instance | ClassObject):
        return UNKNOWN
    return _member_type(types, member, receiver)


def attribute(types: Inference, of: Type, name: str) -> Type:
    """The type of an attribute of something."""
    if isinstance(of, Union):
        kept = [i for i in of.items if i != NONE]
        return union([attribute(types, i, name) for i in kept])
    if isinstance(of, Instance | ClassObject):
        key = ("attribute", of, name)
        return types.remember(key, lambda: _attribute(types, of, name), NEVER)
    if isinstance(of, ModuleObject):
        return types.symbol_type(types.project.read(of.name, name))
    if isinstance(of, Foreign):
        return Foreign(f"{of.path}.{name}")
    if isinstance(of, Variable) and of.bound is not None:
        return attribute(types, of.bound, name)
    return UNKNOWN


def _attribute(types: Inference, of: Instance | ClassObject, name: str) -> Type:
    if isinstance(of, Instance) and of.cls == "builtins.type" and of.args:
        inner = of.args[0]
        bound = inner.bound if isinstance(inner, Variable) else inner
        return attribute(types, class_object(bound), name) if bound is not None else UNKNOWN
    if name == "__class__" and isinstance(of, Instance):
        return ClassObject(of.cls, of.args)
    member = types.member(of.cls, name)
    if member is not None and member.assigned and member.field is None:
        member = _declared(types, of.cls, name) or member
    if member is not None:
        return _member_type(types, member, of)
    mro = types.mro(of.cls)
    if isinstance(of, ClassObject):
        if types.is_subclass(of.cls, "enum.Enum") and name in ("name", "value"):
            return UNKNOWN
        member = types.member("builtins.type", name)
        if member is not None and mro.complete:
            return _member_type(types, member, Instance("builtins.type", (Instance(of.cls, of.args),)))
    if not mro.complete:
        unknown = next((n for n in mro.names if types.project.klass(n) is None), "")
        return Unknown(f"the base `{unknown}` is not known")
    return Unknown(f"`{of.cls}` has no attribute `{name}` that can be seen")


def _declared(types: Inference, cls: str, name: str) -> Member | None:
    """The annotation that a class or one above it gives a name: it outranks what methods assign to `self`."""
    for owner in types.mro(cls).names:
        symbol = types.project.klass(owner)
        found = types.own_member(symbol, name) if symbol is not None else None
        if found is not None and found.field is not None and found.field.annotation is not None:
            return found
    return None


def _member_type(types: Inference, member: Member, of: Instance | ClassObject) -> Type:
    owner = member.owner
    if member.function is not None:
        return _method(types, member.function, owner, of)
    if member.klass is not None:
        return ClassObject(member.klass.qualname)
    args = types.ancestor_args(of.cls, of.args, owner.qualname) or ()
    env = {**types.type_env(owner.qualname, args), SELF.name: as_instance(of)}
    if member.field is not None:
        found = _field_type(types, member, of)
        if found == NONE and member.field.annotation is None and not member.assigned:
            return _filled_below(types, owner, member.field.name, of)
        if not isinstance(found, Unknown) or not member.assigned:
            return substitute(found, env)
    options = []
    for field in member.assigned:
        found = _assigned(types, field, owner)
        if found != NONE:
            options.append(found)
    if options:
        return substitute(union(options), env)
    if member.assigned:
        return NONE
    if member.binding is not None:
        site = Site(owner.file, None, owner.facts)
        return substitute(types.binding_type(member.binding, owner.facts.scope, site), env)
    return UNKNOWN


def _filled_below(types: Inference, owner: ClassSymbol, name: str, of: Instance | ClassObject) -> Type:
    """What classes below put in the place of a `KIND = None`, which says that it is for them to do so."""
    options: list[Type] = []
    for cls in types.shared(_fillers, owner.qualname, name):
        symbol = types.project.klass(cls)
        member = types.own_member(symbol, name) if symbol is not None else None
        if member is None or member.field is None:
            return UNKNOWN
        options.append(_field_type(types, member, type(of)(cls)))
    return (
        union([*options, NONE]) if options else Unknown(f"`{name}` is None here, and nothing says what else it may be")
    )


def _fillers(types: Inference, above: str, name: str) -> tuple[str, ...]:
    """The classes of the project below one that give a name a value in their body."""
    found = [
        symbol.qualname
        for symbol in types.project.classes()
        if symbol.facts.bases
        and symbol.qualname != above
        and any(field.name == name for field in symbol.facts.fields)
        and above in types.mro(symbol.qualname).names
    ]
    return tuple(found)


def _assigned(types: Inference, field: Field, owner: ClassSymbol) -> Type:
    method = types.project.function(f"{owner.file.module}.{field.method}")
    if method is None:
        return UNKNOWN
    site = Site(owner.file, method.facts, None, 0, field.pos.line, field.pos.column)
    if method.facts.scope.blocks:
        site = Site(
            owner.file,
            method.facts,
            None,
            block_at(method.facts.scope.blocks, field.pos.line, field.pos.column),
            field.pos.line,
            field.pos.column,
        )
    if field.annotation is not None:
        found = types.annotation(field.annotation, site)
        if not isinstance(found, Unknown):
            return found
    return types.type_of(field.value, site) if field.value is not None else UNKNOWN


def _field_type(types: Inference, member: Member, of: Instance | ClassObject) -> Type:
    field, owner = member.field, member.owner
    assert field is not None
    site = Site(owner.file, None, owner.facts, 0, field.pos.line, field.pos.column)
    if owner.facts.parent:
        parent = types.project.function(f"{owner.file.module}.{owner.facts.parent}")
        site = Site(owner.file, parent.facts if parent else None, owner.facts, 0, field.pos.line, field.pos.column)
    if field.annotation is not None:
        found = types.annotation(field.annotation, site)
        if isinstance(found, Instance) and found.cls in _DESCRIPTORS:
            return found.args[0] if isinstance(of, Instance) and found.args else UNKNOWN
        return found
    if types.is_subclass(owner.qualname, "enum.Enum"):
        return Instance(owner.qualname)
    if field.value is None:
        return UNKNOWN
    found = types.type_of(field.value, site)
    if isinstance(found, Instance):
        getter = types.member(found.cls, "__get__")
        if getter is not None and getter.function is not None:
            return types.result_of(getter.function, found, None, None)
        if isinstance(of, Instance) and found.cls in _DESCRIPTORS:
            return found.args[0] if found.args else UNKNOWN
    if isinstance(found, Callee):
        return Callee(found.qualname, of)
    return found


def _method(types: Inference, function: FunctionSymbol, owner: ClassSymbol, of: Instance | ClassObject) -> Type:
    site = types.definition_site(function.facts, function.file)
    bound: Instance | ClassObject | None = of if isinstance(of, Instance) else None
    for decorator in function.facts.decorators:
        name = types.qualname(decorator, site) or ""
        if name in _PROPERTIES or name.endswith("property"):
            if isinstance(of, ClassObject):
                return UNKNOWN
            return types.result_of(function, of, None, None)
        if name == "builtins.staticmethod":
            return Callee(function.qualname)
        if name == "builtins.classmethod":
            bound = ClassObject(of.cls, of.args)
        if name == "sqlalchemy.orm.declared_attr":
            return UNKNOWN
    return Callee(function.qualname, bound)
