"""What a name means where it is read: its bindings, the symbol it stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..index.facts import (
    Attr,
    Binding,
    Const,
    Display,
    Expr,
    FileFacts,
    Function,
    Name,
    Op,
    Scope,
    Sub,
)
from ..index.project import (
    ClassSymbol,
    ForeignSymbol,
    FunctionSymbol,
    ModuleSymbol,
    Symbol,
    VariableSymbol,
)
from ..types import (
    EMPTY,
    NEVER,
    NONE,
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
    without_none,
)
from .flow import reaching
from .site import END, Site
from .solve import instance_of

if TYPE_CHECKING:
    from .engine import Inference


def name_type(types: Inference, name: str, site: Site) -> Type:
    """What a bare name is where it is read."""
    if site.klass is not None:
        names = types.project.names(site.klass.scope)
        if name in names.bindings:
            inside = Site(site.file, site.function, site.klass, site.block, site.line, site.column)
            found = _bound(types, names.bindings[name], site.klass.scope, inside)
            if found is not None:
                return found
        if name in names.imports:
            return symbol_type(types, types.project.follow(names.imports[name][0]))
        if name in site.klass.type_params:
            return Variable(f"{site.file.module}.{site.klass.qualname}.{name}")
    function, line, column, block = site.function, site.line, site.column, site.block
    if site.klass is not None:
        line, column, block = END, END, 0
    while function is not None:
        found = _local(types, name, function, Site(site.file, function, None, block, line, column))
        if found is not None:
            return found
        function = parent_of(types, site.file, function)
        line, column, block = END, END, 0
    if site.function is None and site.klass is None:
        bindings = types.project.names(site.file.scope).bindings.get(name, [])
        if len(bindings) > 1 and name not in types.project.names(site.file.scope).imports:
            found = _bound(types, bindings, site.file.scope, site)
            if found is not None:
                return found
    symbol = types.project.lookup(site.file.module, name)
    if symbol is None:
        symbol = types.project.lookup("builtins", name)
    return symbol_type(types, symbol) if symbol is not None else Unknown(f"`{name}` is not defined here")


def parent_of(types: Inference, file: FileFacts, function: Function) -> Function | None:
    """The function a nested function stands in."""
    if not function.parent:
        return None
    found = types.project.function(f"{file.module}.{function.parent}")
    return found.facts if found is not None else None


def _local(types: Inference, name: str, function: Function, site: Site) -> Type | None:
    """What a name of a function's own scope is; None where the function does not bind it."""
    names = types.project.names(function.scope)
    bindings = names.bindings.get(name)
    param = next((p for p in function.params if p.name == name), None)
    if bindings:
        if any(b.how == "global" for b in bindings):
            return None
        reach = reaching(bindings, function.scope.blocks, site.block, site.line, site.column)
        options = [binding_type(types, b, function.scope, site) for b in reach.bindings]
        if not reach.certain:
            if param is not None:
                options.append(types.param_type(param, function, site.file))
            elif name in names.imports:
                options.append(symbol_type(types, types.project.follow(names.imports[name][0])))
        if options:
            return union(options)
        return Unknown(f"`{name}` is bound later") if _is_own(types, bindings, function) else None
    if name in names.imports:
        return symbol_type(types, types.project.follow(names.imports[name][0]))
    if param is not None:
        return types.param_type(param, function, site.file)
    if name in function.type_params:
        return Variable(f"{site.file.module}.{function.qualname}.{name}")
    return None


def _is_own(types: Inference, bindings: list[Binding], function: Function) -> bool:
    """Whether a name is bound in the function itself, not just in its comprehensions and lambdas."""
    kinds = ("comprehension", "lambda")
    return any(function.scope.blocks[b.block].kind not in kinds for b in bindings)


def _bound(types: Inference, bindings: list[Binding], scope: Scope, site: Site) -> Type | None:
    reach = reaching(bindings, scope.blocks, site.block, site.line, site.column)
    if not reach.bindings:
        return None
    return union([binding_type(types, b, scope, site) for b in reach.bindings])


def binding_type(types: Inference, binding: Binding, scope: Scope, site: Site) -> Type:
    """The type one binding gives its name; `site` only says which file and scope it stands in."""
    key = ("binding", id(binding))
    return types.remember(key, lambda: _find_binding_type(types, binding, scope, site), NEVER)


def _find_binding_type(types: Inference, binding: Binding, scope: Scope, site: Site) -> Type:
    block = binding.block
    if binding.how in ("for", "async-for"):
        kind = scope.blocks[block].kind
        first = min(
            ((b.line, b.column) for b in scope.bindings if b.block == block and b.how == binding.how),
            default=(0, 0),
        )
        if kind == "loop" or (binding.line, binding.column) == first:
            block = scope.blocks[block].parent
    at = Site(site.file, site.function, site.klass, block, binding.line, binding.column)
    prefix = site.file.module + "."
    if binding.how == "def":
        return Callee(prefix + _text(binding.value))
    if binding.how == "class":
        return ClassObject(prefix + _text(binding.value))
    if binding.annotation is not None:
        described = types.annotation(binding.annotation, at)
        if not isinstance(described, Unknown) or binding.value is None:
            return described
    if binding.value is None:
        return UNKNOWN
    if binding.how == "narrow":
        return _classes_of(types, binding.value, at)
    if binding.how == "except":
        return _classes_of(types, binding.value, at)
    value = types.type_of(binding.value, at)
    if binding.how == "assign" and isinstance(value, Instance) and EMPTY in value.args:
        value = _filled(types, value, binding.name, scope, site)
    if binding.how == "for":
        value = types.iterated(value)
    elif binding.how == "async-for":
        value = types.iterated(value, asynchronous=True)
    elif binding.how == "with":
        value = types.entered(value)
    elif binding.how == "async-with":
        value = types.entered(value, asynchronous=True)
    for place in binding.unpack:
        value = _unpacked(types, value, place)
    return value


_ADDS_ONE = {"append": 0, "appendleft": 0, "add": 0, "insert": 1}
"""Methods that put an element into a list, set or deque, and which argument that is."""


def _filled(types: Inference, empty: Instance, name: str, scope: Scope, site: Site) -> Instance:
    """`found = []` with what the scope's own calls of `found.append(...)` and the like put into it."""
    if empty.cls not in ("builtins.list", "builtins.set", "collections.deque"):
        return empty
    elements = []
    for one in scope.calls:
        func = one.call.func
        if not isinstance(func, Attr) or func.value != Name(name) or not one.call.args:
            continue
        at = Site(site.file, site.function, site.klass, one.block, one.pos.line, one.pos.column)
        if func.attr in _ADDS_ONE and len(one.call.args) > _ADDS_ONE[func.attr]:
            elements.append(types.type_of(one.call.args[_ADDS_ONE[func.attr]], at))
        elif func.attr in ("extend", "update"):
            elements.append(types.iterated(types.type_of(one.call.args[0], at)))
    return Instance(empty.cls, (union(elements),)) if elements else empty


def _classes_of(types: Inference, expr: Expr, site: Site) -> Type:
    """What is an instance of a class, or of one of a tuple of classes."""
    if isinstance(expr, Display):
        return union([_classes_of(types, i, site) for i in expr.items])
    if isinstance(expr, Op) and expr.op == "|":
        return union([_classes_of(types, expr.left, site), _classes_of(types, expr.right, site)])
    if isinstance(expr, Sub) and expr.value == Name("type"):  # what `issubclass` says
        inner = _classes_of(types, expr.items[0], site)
        return Instance("builtins.type", (inner,)) if not isinstance(inner, Unknown) else UNKNOWN
    found = types.type_of(expr, site)
    if isinstance(found, Instance) and found.cls == "builtins.tuple":
        return union([instance_of(a) for a in found.args])
    return instance_of(found)


def _unpacked(types: Inference, value: Type, place: int) -> Type:
    value = without_none(value)
    if isinstance(value, Instance) and value.cls == "builtins.tuple" and value.args and not value.uniform:
        if place == -1:
            return Instance("builtins.list", (union(list(value.args)),))
        index = place if place >= 0 else place + 1
        return value.args[index] if -len(value.args) <= index < len(value.args) else UNKNOWN
    element = types.iterated(value)
    return Instance("builtins.list", (element,)) if place == -1 else element


def symbol_of(types: Inference, expr: Expr, site: Site) -> Symbol | None:
    """The module-level thing a name or dotted name stands for; None for anything local."""
    if isinstance(expr, Name):
        if site.klass is not None:
            own = types.project.names(site.klass.scope)
            if expr.id in own.bindings:
                return _own_symbol(types, own.bindings[expr.id], site)
        function = site.function
        while function is not None:
            names = types.project.names(function.scope)
            if expr.id in names.imports and expr.id not in names.bindings:
                return types.project.follow(names.imports[expr.id][0])
            if expr.id in names.bindings and _is_own(types, names.bindings[expr.id], function):
                if not any(b.how == "global" for b in names.bindings[expr.id]):
                    return _own_symbol(types, names.bindings[expr.id], site)
            elif any(p.name == expr.id for p in function.params):
                return None
            function = parent_of(types, site.file, function)
        return types.project.lookup(site.file.module, expr.id) or types.project.lookup("builtins", expr.id)
    if isinstance(expr, Attr):
        base = symbol_of(types, expr.value, site)
        if isinstance(base, ModuleSymbol):
            return types.project.read(base.qualname, expr.attr)
        if isinstance(base, ForeignSymbol):
            return ForeignSymbol(f"{base.qualname}.{expr.attr}")
        if isinstance(base, ClassSymbol):
            inner = f"{base.qualname}.{expr.attr}"
            return types.project.klass(inner) or types.project.function(inner)
    return None


def _own_symbol(types: Inference, bindings: list[Binding], site: Site) -> Symbol | None:
    last = bindings[-1]
    if last.how == "class":
        return types.project.klass(f"{site.file.module}.{_text(last.value)}")
    if last.how == "def":
        return types.project.function(f"{site.file.module}.{_text(last.value)}")
    return None


def qualname(types: Inference, expr: Expr, site: Site) -> str | None:
    """The canonical qualified name a name or dotted name refers to, None for locals and other expressions."""
    found = symbol_of(types, expr, site)
    return found.qualname if found is not None else None


def symbol_type(types: Inference, symbol: Symbol | None) -> Type:
    """What reading a module-level symbol gives."""
    if isinstance(symbol, ClassSymbol):
        return ClassObject(symbol.qualname)
    if isinstance(symbol, FunctionSymbol):
        return Callee(symbol.qualname)
    if isinstance(symbol, ModuleSymbol):
        return ModuleObject(symbol.qualname)
    if isinstance(symbol, ForeignSymbol):
        return Foreign(symbol.qualname)
    if isinstance(symbol, VariableSymbol):
        return types.remember(("variable", symbol.qualname), lambda: _variable(types, symbol), NEVER)
    return Unknown("not defined")


def _variable(types: Inference, symbol: VariableSymbol) -> Type:
    site = Site(symbol.file)
    options = [binding_type(types, b, symbol.file.scope, site) for b in symbol.bindings if b.how != "augment"]
    known = [t for t in options if t != NONE]
    found = union(known or options)
    return UNKNOWN if found == NEVER else found


def scope_of(types: Inference, site: Site) -> Scope:
    """The scope a site is in."""
    if site.klass is not None:
        return site.klass.scope
    return site.function.scope if site.function is not None else site.file.scope


def _text(value: Expr | None) -> str:
    return value.text if isinstance(value, Const) else ""
