"""The inference: expressions, names, attributes and calls to types."""

from __future__ import annotations

import ast
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, TypeVar

from ..index.extract import expression
from ..index.facts import (
    Attr,
    Await,
    Binding,
    Call,
    CallSite,
    Choice,
    Class,
    Comp,
    Const,
    Display,
    Expr,
    Field,
    FileFacts,
    Function,
    Lambda,
    Mapping,
    Name,
    Op,
    Opaque,
    Param,
    Scope,
    Star,
    Sub,
)
from ..index.project import (
    ClassSymbol,
    ForeignSymbol,
    FunctionSymbol,
    ModuleSymbol,
    Project,
    Symbol,
    VariableSymbol,
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
    without_none,
)
from .flow import reaching
from .hierarchy import Member, Mro, linearize
from .site import END, Site
from .solve import CALLABLE, SELF, class_object, instance_of, substitute, unify

_T = TypeVar("_T")

MAX_DEPTH = 60
"""Answers that would need longer chains of calls and assignments are Unknown."""

_LITERALS = {
    "none": NONE,
    "str": Instance("builtins.str"),
    "bytes": Instance("builtins.bytes"),
    "int": Instance("builtins.int"),
    "float": Instance("builtins.float"),
    "complex": Instance("builtins.complex"),
    "bool": Instance("builtins.bool"),
    "ellipsis": Instance("types.EllipsisType"),
}
_STR, _BOOL, _INT = _LITERALS["str"], _LITERALS["bool"], _LITERALS["int"]
_OPERATORS = {
    "+": "__add__", "-": "__sub__", "*": "__mul__", "/": "__truediv__", "//": "__floordiv__", "%": "__mod__",
    "**": "__pow__", "<<": "__lshift__", ">>": "__rshift__", "|": "__or__", "^": "__xor__", "&": "__and__",
    "@": "__matmul__",
}  # fmt: skip
_WRAPPERS = frozenset(
    f"typing.{n}" for n in ("Annotated", "ClassVar", "Final", "Required", "NotRequired", "ReadOnly", "Unpack")
) | {"dataclasses.InitVar"}
_PROPERTIES = frozenset(
    {
        "builtins.property",
        "functools.cached_property",
        "sqlalchemy.ext.hybrid.hybrid_property",
        "sqlalchemy.util.memoized_property",
    }
)
_DEPENDS = frozenset({"fastapi.Depends", "fastapi.Security", "fastapi.params.Depends", "fastapi.params.Security"})
_DESCRIPTORS = frozenset(
    {"sqlalchemy.orm.Mapped", "sqlalchemy.orm.DynamicMapped", "sqlalchemy.orm.WriteOnlyMapped"}
)
"""Annotations that say what an instance's attribute is; on the class it is something else."""
_ENUM = "enum.Enum"


class Inference:
    """Answers questions about types; one for each project and process. Remembers its answers.

    An answer never depends on which questions were asked before: what was found while a cycle was still open,
    or beyond the depth limit, is not remembered.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self._memo: dict[Hashable, Any] = {}
        self._open: dict[Hashable, int] = {}
        self._taint = END
        self._parsed: dict[str, Expr | None] = {}
        self._callers: dict[str, list[tuple[Site, CallSite]]] | None = None
        self._passed: set[str] = set()

    # Remembering

    def remember(self, key: Hashable, compute: Callable[[], _T], circular: _T) -> _T:
        """What `compute` gives, computed once for each key; `circular` where the answer rests on itself."""
        if key in self._memo:
            found: _T = self._memo[key]
            return found
        depth = len(self._open)
        if key in self._open:
            self._taint = min(self._taint, self._open[key])
            return circular
        if depth >= MAX_DEPTH:
            self._taint = -1
            return circular
        self._open[key] = depth
        before, self._taint = self._taint, END
        try:
            result = compute()
        finally:
            del self._open[key]
        if self._taint >= depth:
            self._memo[key] = result
            self._taint = before
        else:
            self._taint = min(before, self._taint)
        if not self._open:
            self._taint = END
        return result

    def once(self, key: Hashable, compute: Callable[[], _T]) -> _T:
        """The answer to a library's question about the whole project: computed when it is first asked for."""
        if key not in self._memo:
            self._memo[key] = compute()
        found: _T = self._memo[key]
        return found

    # Expressions

    def type_of(self, expr: Expr, site: Site) -> Type:
        """The type of an expression read at a place."""
        if isinstance(expr, Name):
            return self._name(expr.id, site)
        if isinstance(expr, Attr):
            return self._attribute_of(expr, site)
        if isinstance(expr, Call):
            return self._call(expr, site)
        if isinstance(expr, Const):
            return _LITERALS.get(expr.kind, UNKNOWN)
        if isinstance(expr, Sub):
            return self._subscript(expr, site)
        if isinstance(expr, Await):
            return self.awaited(self.type_of(expr.value, site))
        if isinstance(expr, Display):
            return self._display(expr, site)
        if isinstance(expr, Mapping):
            return self._mapping(expr, site)
        if isinstance(expr, Choice):
            return self._choice(expr, site)
        if isinstance(expr, Comp):
            return self._comprehension(expr, site)
        if isinstance(expr, Op):
            return self._operation(expr, site)
        if isinstance(expr, Opaque) and expr.of:
            return Instance(expr.of)
        if isinstance(expr, Lambda):
            return Instance(CALLABLE, (UNKNOWN,))
        return UNKNOWN

    def _display(self, expr: Display, site: Site) -> Type:
        if expr.kind == "tuple" and not any(isinstance(i, Star) for i in expr.items):
            return Instance("builtins.tuple", tuple([self.type_of(i, site) for i in expr.items]))
        items = [
            self.iterated(self.type_of(i.value, site)) if isinstance(i, Star) else self.type_of(i, site)
            for i in expr.items[:8]
        ]
        element = union(items) if items else UNKNOWN
        return Instance(f"builtins.{expr.kind}", (element,), uniform=expr.kind == "tuple")

    def _mapping(self, expr: Mapping, site: Site) -> Type:
        if not expr.keys or None in expr.keys:
            return Instance("builtins.dict", (UNKNOWN, UNKNOWN))
        keys = [self.type_of(k, site) for k in expr.keys[:8] if k is not None]
        values = [self.type_of(v, site) for v in expr.values[:8]]
        return Instance("builtins.dict", (union(keys), union(values)))

    def _choice(self, expr: Choice, site: Site) -> Type:
        types = [self.type_of(i, site) for i in expr.items]
        if expr.kind == "or":
            types = [without_none(t) for t in types[:-1]] + types[-1:]
            types = [t for t in types[:-1] if t != NONE] + types[-1:]
        return union(types)

    def _comprehension(self, expr: Comp, site: Site) -> Type:
        scope = self._scope(site)
        block = site.block
        for index, one in enumerate(scope.blocks):
            if one.kind == "comprehension" and (one.pos.line, one.pos.column) == (expr.line, expr.column):
                block = index
        inside = Site(site.file, site.function, site.klass, block, expr.line, expr.column)
        item = self.type_of(expr.item, inside)
        if expr.kind == "dict":
            key = self.type_of(expr.key, inside) if expr.key is not None else UNKNOWN
            return Instance("builtins.dict", (key, item))
        if expr.kind == "generator":
            return Instance("collections.abc.Generator", (item, NONE, NONE))
        return Instance(f"builtins.{expr.kind}", (item,))

    def _operation(self, expr: Op, site: Site) -> Type:
        left = self.type_of(expr.left, site)
        if isinstance(left, Instance):
            found = self.method_result(left, _OPERATORS[expr.op], [self.type_of(expr.right, site)])
            if not isinstance(found, Unknown):
                return found
        right = self.type_of(expr.right, site)
        return left if left == right and isinstance(left, Instance) else UNKNOWN

    def _subscript(self, expr: Sub, site: Site) -> Type:
        value = self.type_of(expr.value, site)
        if isinstance(value, ClassObject | Foreign) or isinstance(self._symbol(expr.value, site), VariableSymbol):
            described = self.annotation(expr, site)
            if isinstance(described, Instance) and not isinstance(value, Instance):
                return ClassObject(described.cls, described.args)
            if isinstance(value, ClassObject | Foreign):
                return UNKNOWN
        return self._element(value, expr.items, site)

    def _element(self, value: Type, items: tuple[Expr, ...], site: Site) -> Type:
        value = without_none(value)
        if isinstance(value, Union):
            return union([self._element(v, items, site) for v in value.items])
        if not isinstance(value, Instance):
            return UNKNOWN
        index = items[0] if len(items) == 1 else None
        if value.cls == "builtins.tuple" and value.args:
            if value.uniform:
                return value if index == Opaque("builtins.slice") else value.args[0]
            if isinstance(index, Const) and index.kind == "int" and index.text:
                place = int(index.text)
                return value.args[place] if -len(value.args) <= place < len(value.args) else UNKNOWN
            return UNKNOWN
        passed = self.type_of(index, site) if index is not None else UNKNOWN
        return self.method_result(value, "__getitem__", [passed])

    # Names

    def _scope(self, site: Site) -> Scope:
        if site.klass is not None:
            return site.klass.scope
        return site.function.scope if site.function is not None else site.file.scope

    def _name(self, name: str, site: Site) -> Type:
        if site.klass is not None:
            names = self.project.names(site.klass.scope)
            if name in names.bindings:
                inside = Site(site.file, site.function, site.klass, site.block, site.line, site.column)
                found = self._bound(names.bindings[name], site.klass.scope, inside)
                if found is not None:
                    return found
            if name in names.imports:
                return self._symbol_type(self.project.follow(names.imports[name][0]))
            if name in site.klass.type_params:
                return Variable(f"{site.file.module}.{site.klass.qualname}.{name}")
        function, line, column, block = site.function, site.line, site.column, site.block
        if site.klass is not None:
            line, column, block = END, END, 0
        while function is not None:
            found = self._local(name, function, Site(site.file, function, None, block, line, column))
            if found is not None:
                return found
            function = self._parent(site.file, function)
            line, column, block = END, END, 0
        if site.function is None and site.klass is None:
            bindings = self.project.names(site.file.scope).bindings.get(name, [])
            if len(bindings) > 1 and name not in self.project.names(site.file.scope).imports:
                found = self._bound(bindings, site.file.scope, site)
                if found is not None:
                    return found
        symbol = self.project.lookup(site.file.module, name)
        if symbol is None:
            symbol = self.project.lookup("builtins", name)
        return self._symbol_type(symbol) if symbol is not None else Unknown(f"`{name}` is not defined here")

    def _parent(self, file: FileFacts, function: Function) -> Function | None:
        if not function.parent:
            return None
        found = self.project.function(f"{file.module}.{function.parent}")
        return found.facts if found is not None else None

    def _local(self, name: str, function: Function, site: Site) -> Type | None:
        """What a name of a function's own scope is; None where the function does not bind it."""
        names = self.project.names(function.scope)
        bindings = names.bindings.get(name)
        param = next((p for p in function.params if p.name == name), None)
        if bindings:
            if any(b.how == "global" for b in bindings):
                return None
            reach = reaching(bindings, function.scope.blocks, site.block, site.line, site.column)
            types = [self._binding(b, function.scope, site) for b in reach.bindings]
            if not reach.certain:
                if param is not None:
                    types.append(self._param(param, function, site.file))
                elif name in names.imports:
                    types.append(self._symbol_type(self.project.follow(names.imports[name][0])))
            if types:
                return union(types)
            return Unknown(f"`{name}` is bound later") if self._is_own(bindings, function) else None
        if name in names.imports:
            return self._symbol_type(self.project.follow(names.imports[name][0]))
        if param is not None:
            return self._param(param, function, site.file)
        if name in function.type_params:
            return Variable(f"{site.file.module}.{function.qualname}.{name}")
        return None

    def _is_own(self, bindings: list[Binding], function: Function) -> bool:
        """Whether a name is bound in the function itself, not just in its comprehensions and lambdas."""
        kinds = ("comprehension", "lambda")
        return any(function.scope.blocks[b.block].kind not in kinds for b in bindings)

    def _bound(self, bindings: list[Binding], scope: Scope, site: Site) -> Type | None:
        reach = reaching(bindings, scope.blocks, site.block, site.line, site.column)
        if not reach.bindings:
            return None
        return union([self._binding(b, scope, site) for b in reach.bindings])

    def _binding(self, binding: Binding, scope: Scope, site: Site) -> Type:
        """The type one binding gives its name; `site` only says which file and scope it stands in."""
        key = ("binding", id(binding))
        return self.remember(key, lambda: self._binding_type(binding, scope, site), NEVER)

    def _binding_type(self, binding: Binding, scope: Scope, site: Site) -> Type:
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
            described = self.annotation(binding.annotation, at)
            if not isinstance(described, Unknown) or binding.value is None:
                return described
        if binding.value is None:
            return UNKNOWN
        if binding.how == "narrow":
            return self._classes_of(binding.value, at)
        if binding.how == "except":
            return self._classes_of(binding.value, at)
        value = self.type_of(binding.value, at)
        if binding.how == "for":
            value = self.iterated(value)
        elif binding.how == "async-for":
            value = self.iterated(value, asynchronous=True)
        elif binding.how == "with":
            value = self.entered(value)
        elif binding.how == "async-with":
            value = self.entered(value, asynchronous=True)
        for place in binding.unpack:
            value = self._unpacked(value, place)
        return value

    def _classes_of(self, expr: Expr, site: Site) -> Type:
        """What is an instance of a class, or of one of a tuple of classes."""
        if isinstance(expr, Display):
            return union([self._classes_of(i, site) for i in expr.items])
        if isinstance(expr, Op) and expr.op == "|":
            return union([self._classes_of(expr.left, site), self._classes_of(expr.right, site)])
        found = self.type_of(expr, site)
        if isinstance(found, Instance) and found.cls == "builtins.tuple":
            return union([instance_of(a) for a in found.args])
        return instance_of(found)

    def _unpacked(self, value: Type, place: int) -> Type:
        value = without_none(value)
        if isinstance(value, Instance) and value.cls == "builtins.tuple" and value.args and not value.uniform:
            if place == -1:
                return Instance("builtins.list", (union(list(value.args)),))
            index = place if place >= 0 else place + 1
            return value.args[index] if -len(value.args) <= index < len(value.args) else UNKNOWN
        element = self.iterated(value)
        return Instance("builtins.list", (element,)) if place == -1 else element

    def _symbol(self, expr: Expr, site: Site) -> Symbol | None:
        """The module-level thing a name or dotted name stands for; None for anything local."""
        if isinstance(expr, Name):
            if site.klass is not None:
                own = self.project.names(site.klass.scope)
                if expr.id in own.bindings:
                    return self._own_symbol(own.bindings[expr.id], site)
            function = site.function
            while function is not None:
                names = self.project.names(function.scope)
                if expr.id in names.imports and expr.id not in names.bindings:
                    return self.project.follow(names.imports[expr.id][0])
                if expr.id in names.bindings and self._is_own(names.bindings[expr.id], function):
                    if not any(b.how == "global" for b in names.bindings[expr.id]):
                        return self._own_symbol(names.bindings[expr.id], site)
                elif any(p.name == expr.id for p in function.params):
                    return None
                function = self._parent(site.file, function)
            return self.project.lookup(site.file.module, expr.id) or self.project.lookup("builtins", expr.id)
        if isinstance(expr, Attr):
            base = self._symbol(expr.value, site)
            if isinstance(base, ModuleSymbol):
                return self.project.lookup(base.qualname, expr.attr)
            if isinstance(base, ForeignSymbol):
                return ForeignSymbol(f"{base.qualname}.{expr.attr}")
            if isinstance(base, ClassSymbol):
                inner = f"{base.qualname}.{expr.attr}"
                return self.project.klass(inner) or self.project.function(inner)
        return None

    def _own_symbol(self, bindings: list[Binding], site: Site) -> Symbol | None:
        last = bindings[-1]
        if last.how == "class":
            return self.project.klass(f"{site.file.module}.{_text(last.value)}")
        if last.how == "def":
            return self.project.function(f"{site.file.module}.{_text(last.value)}")
        return None

    def qualname(self, expr: Expr, site: Site) -> str | None:
        """The canonical qualified name a name or dotted name refers to, None for locals and other expressions."""
        found = self._symbol(expr, site)
        return found.qualname if found is not None else None

    def _symbol_type(self, symbol: Symbol | None) -> Type:
        if isinstance(symbol, ClassSymbol):
            return ClassObject(symbol.qualname)
        if isinstance(symbol, FunctionSymbol):
            return Callee(symbol.qualname)
        if isinstance(symbol, ModuleSymbol):
            return ModuleObject(symbol.qualname)
        if isinstance(symbol, ForeignSymbol):
            return Foreign(symbol.qualname)
        if isinstance(symbol, VariableSymbol):
            return self.remember(("variable", symbol.qualname), lambda: self._variable(symbol), NEVER)
        return Unknown("not defined")

    def _variable(self, symbol: VariableSymbol) -> Type:
        site = Site(symbol.file)
        types = [self._binding(b, symbol.file.scope, site) for b in symbol.bindings if b.how != "augment"]
        known = [t for t in types if t != NONE]
        found = union(known or types)
        return UNKNOWN if found == NEVER else found

    # Annotations

    def annotation(self, expr: Expr, site: Site) -> Type:
        """The type of the objects an annotation describes."""
        if isinstance(expr, Const):
            if expr.kind == "none":
                return NONE
            parsed = self._parse(expr.text) if expr.kind == "str" else None
            return self.annotation(parsed, site) if parsed is not None else UNKNOWN
        if isinstance(expr, Op) and expr.op == "|":
            return union([self.annotation(expr.left, site), self.annotation(expr.right, site)])
        if isinstance(expr, Sub):
            return self._generic(expr, site)
        if isinstance(expr, Name | Attr):
            return self._described(expr, site)
        if isinstance(expr, Call):
            return instance_of(self.type_of(expr, site))
        return UNKNOWN

    def _parse(self, text: str) -> Expr | None:
        if text not in self._parsed:
            try:
                self._parsed[text] = expression(ast.parse(text.strip(), mode="eval").body)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                self._parsed[text] = None
        return self._parsed[text]

    def _described(self, expr: Name | Attr, site: Site) -> Type:
        symbol = self._symbol(expr, site)
        if symbol is None:
            return instance_of(self.type_of(expr, site)) if isinstance(expr, Attr) else self._local_class(expr, site)
        qualname = symbol.qualname
        if qualname == "typing.Self":
            return SELF
        if qualname == CALLABLE:
            return Instance(CALLABLE, (UNKNOWN,))
        if qualname == "typing.LiteralString":
            return _STR
        if qualname in ("typing.NoReturn", "typing.Never"):
            return NEVER
        if isinstance(symbol, ClassSymbol):
            return Instance(qualname)
        if isinstance(symbol, VariableSymbol):
            return self.remember(("alias", qualname), lambda: self._alias(symbol), UNKNOWN)
        return UNKNOWN

    def _local_class(self, expr: Name, site: Site) -> Type:
        found = self._name(expr.id, site)
        return found if isinstance(found, Variable) else instance_of(found)

    def _alias(self, symbol: VariableSymbol) -> Type:
        """What a module-level name means in an annotation: a type variable, a new type, an alias."""
        last = next((b for b in reversed(symbol.bindings) if b.value is not None), None)
        if last is None or last.value is None:
            return UNKNOWN
        site = Site(symbol.file)
        value = last.value
        if isinstance(value, Call):
            maker = self.qualname(value.func, site)
            if maker == "typing.TypeVar":
                return self._type_variable(symbol.qualname, value, site)
            if maker == "typing.NewType" and len(value.args) == 2:
                return self.annotation(value.args[1], site)
        if isinstance(value, Const) and value.kind == "none":
            return NONE
        return self.annotation(value, site)

    def _type_variable(self, qualname: str, call: Call, site: Site) -> Variable:
        for name, value in call.keywords:
            if name == "bound":
                return Variable(qualname, self.annotation(value, site))
        if len(call.args) > 1:
            return Variable(qualname, union([self.annotation(a, site) for a in call.args[1:]]))
        return Variable(qualname)

    def _generic(self, expr: Sub, site: Site) -> Type:
        symbol = self._symbol(expr.value, site)
        if symbol is None:
            found = self.annotation(expr.value, site)
            if isinstance(found, Instance):
                return Instance(found.cls, tuple([self.annotation(i, site) for i in expr.items]))
            return UNKNOWN
        qualname = symbol.qualname
        items = expr.items
        if qualname == "typing.Optional":
            return union([self.annotation(items[0], site), NONE])
        if qualname == "typing.Union":
            return union([self.annotation(i, site) for i in items])
        if qualname in _WRAPPERS:
            described = self.annotation(items[0], site)
            if isinstance(described, Unknown) and qualname == "typing.Annotated":
                return self._injected(items[1:], site)
            return described
        if qualname == "typing.Literal":
            return union([self.type_of(i, site) for i in items])
        if qualname == CALLABLE:
            return Instance(CALLABLE, (self.annotation(items[-1], site),))
        if qualname == "builtins.type":
            return class_object(self.annotation(items[0], site))
        if qualname == "builtins.tuple":
            if len(items) == 2 and items[1] == Const("ellipsis"):
                return Instance(qualname, (self.annotation(items[0], site),), uniform=True)
            return Instance(qualname, tuple([self.annotation(i, site) for i in items]))
        if isinstance(symbol, ClassSymbol):
            return Instance(qualname, tuple([self.annotation(i, site) for i in items]))
        if isinstance(symbol, VariableSymbol) and symbol.file.module != "typing":
            # A generic alias: `Page = Union[List[T], Cursor[T]]`, `Page[User]`.
            alias = self._described(expr.value, site) if isinstance(expr.value, Name | Attr) else UNKNOWN
            free = _variables(alias)
            return substitute(alias, {v: self.annotation(i, site) for v, i in zip(free, items, strict=False)})
        return UNKNOWN

    def _injected(self, extras: tuple[Expr, ...], site: Site) -> Type:
        """The type `Depends(f)` gives, looked for in the extras of an Annotated or in a default."""
        for extra in extras:
            if isinstance(extra, Call) and self.qualname(extra.func, site) in _DEPENDS and extra.args:
                return self.dependency(self.type_of(extra.args[0], site))
        return UNKNOWN

    def dependency(self, provider: Type) -> Type:
        """What FastAPI passes for `Depends(provider)`: the result, awaited, or what a generator yields."""
        if isinstance(provider, ClassObject):
            return Instance(provider.cls, provider.args)
        if isinstance(provider, Callee):
            symbol = self.project.function(provider.qualname)
            if symbol is None:
                return UNKNOWN
            facts = symbol.facts
            result = self._result(symbol, provider.receiver, None, None)
            if facts.is_generator:
                if isinstance(result, Instance) and result.cls.startswith("collections.abc."):
                    return result.args[0] if result.args else UNKNOWN
                return result
            return self._settled(result)
        if isinstance(provider, Instance):
            return self._settled(self.method_result(provider, "__call__", None))
        return UNKNOWN

    def _settled(self, value: Type) -> Type:
        """A value, or what awaiting it gives where it is a coroutine."""
        if isinstance(value, Instance) and value.cls == "collections.abc.Coroutine":
            return self.awaited(value)
        return value

    # Parameters

    def _param(self, param: Param, function: Function, file: FileFacts) -> Type:
        key = ("param", file.module, function.qualname, function.pos.line, param.name)
        return self.remember(key, lambda: self._param_type(param, function, file), NEVER)

    def _param_type(self, param: Param, function: Function, file: FileFacts) -> Type:
        outside = self.definition_site(function, file)
        found: Type = UNKNOWN
        if param.annotation is not None:
            found = self.annotation(param.annotation, outside)
        elif function.owner and function.params[0] is param:
            bound = self._self_type(function, file, outside)
            if bound is not None:
                return bound
        if isinstance(found, Unknown) and isinstance(param.default, Call):
            found = self._injected((param.default,), outside)
        if isinstance(found, Unknown) and param.annotation is None and param.kind in ("positional", "keyword"):
            found = self._from_callers(param, function, file)
        if param.kind == "var-positional":
            return Instance("builtins.tuple", (found,), uniform=True)
        if param.kind == "var-keyword":
            return Instance("builtins.dict", (_STR, found))
        default = param.default
        if isinstance(default, Const) and default.kind == "none" and not isinstance(found, Unknown):
            return union([found, NONE])
        return found

    def definition_site(self, function: Function, file: FileFacts) -> Site:
        """Where a function's annotations, defaults and decorators are read."""
        klass = self.project.klass(f"{file.module}.{function.owner}") if function.owner else None
        return Site(file, self._parent(file, function), klass.facts if klass is not None else None)

    def _self_type(self, function: Function, file: FileFacts, outside: Site) -> Type | None:
        """What `self` or `cls` is; None for a static method."""
        owner = f"{file.module}.{function.owner}"
        args = self._parameters(owner)
        for decorator in function.decorators:
            name = self.qualname(decorator, outside) or ""
            if name == "builtins.staticmethod":
                return None
            if name == "builtins.classmethod":
                return ClassObject(owner, args)
            if isinstance(decorator, Call):
                name = self.qualname(decorator.func, outside) or ""
            if name in ("pydantic.validator", "pydantic.root_validator", "sqlalchemy.orm.declared_attr"):
                return ClassObject(owner, args)
        if function.name in ("__new__", "__init_subclass__", "__class_getitem__"):
            return ClassObject(owner, args)
        return Instance(owner, args)

    def _from_callers(self, param: Param, function: Function, file: FileFacts) -> Type:
        """What every caller in the project passes; Unknown if one of them is not understood."""
        if function.decorators or file.path not in self.project.files:
            return UNKNOWN
        target = f"{file.module}.{function.qualname}"
        name = function.owner.rpartition(".")[2] if function.name == "__init__" else function.name
        calls = self.calls_named(name)
        if name in self._passed or (name.startswith("__") and name.endswith("__")):
            return UNKNOWN
        offset = 1 if function.owner else 0
        index = next(i for i, p in enumerate(function.params) if p is param) - offset
        types: list[Type] = []
        for site, one in calls:
            callee = self.type_of(one.call.func, site)
            if isinstance(callee, ClassObject):
                if function.name != "__init__":
                    continue
                member = self.member(callee.cls, "__init__")
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
            passed = _argument(one.call, index, param)
            if passed is None:
                if param.default is None:
                    return UNKNOWN
                passed = param.default
            types.append(self.type_of(passed, site))
        return union(types) if types else UNKNOWN

    def calls_named(self, name: str) -> list[tuple[Site, CallSite]]:
        """The project's calls whose callee is written with a name, `x.name(...)` or `name(...)`, by path and line.

        An import under another name hides a call from this: `from fastapi import Depends as D`.
        """
        if self._callers is None:
            self._index_calls()
        assert self._callers is not None
        return self._callers.get(name, [])

    def _index_calls(self) -> None:
        self._callers = {}
        for file in self.project.files.values():
            for site, one in self.call_sites(file):
                func = one.call.func
                name = func.id if isinstance(func, Name) else func.attr if isinstance(func, Attr) else ""
                if name:
                    self._callers.setdefault(name, []).append((site, one))
                for arg in (*one.call.args, *[v for _, v in one.call.keywords]):
                    if isinstance(arg, Name):
                        self._passed.add(arg.id)
                    elif isinstance(arg, Attr):
                        self._passed.add(arg.attr)

    def call_sites(self, file: FileFacts) -> Iterable[tuple[Site, CallSite]]:
        def of(scope: Scope, function: Function | None, klass: Class | None) -> Iterable[tuple[Site, CallSite]]:
            for one in scope.calls:
                yield Site(file, function, klass, one.block, one.pos.line, one.pos.column), one

        yield from of(file.scope, None, None)
        for klass in file.classes:
            parent = self.project.function(f"{file.module}.{klass.parent}") if klass.parent else None
            yield from of(klass.scope, parent.facts if parent is not None else None, klass)
        for function in file.functions:
            yield from of(function.scope, function, None)

    # Classes

    def bases(self, cls: str) -> tuple[tuple[str, Type], ...]:
        """(qualified name it is written under, class) of each base of a class; () for one that is not known."""
        return self.remember(("bases", cls), lambda: self._bases(cls), ())

    def _bases(self, cls: str) -> tuple[tuple[str, Type], ...]:
        symbol = self.project.klass(cls)
        if symbol is None:
            return ()
        site = self.class_site(symbol)
        found = []
        for base in symbol.facts.bases:
            plain = base.value if isinstance(base, Sub) else base
            name = self.qualname(plain, site) or ""
            found.append((name, self.type_of(base, site)))
        return tuple(found)

    def class_site(self, symbol: ClassSymbol) -> Site:
        """Where a class statement's bases and decorators are read: the scope it stands in."""
        file, facts = symbol.file, symbol.facts
        owner = self.project.klass(f"{file.module}.{facts.owner}") if facts.owner else None
        parent = self.project.function(f"{file.module}.{facts.parent}") if facts.parent else None
        return Site(
            file,
            parent.facts if parent is not None else None,
            owner.facts if owner is not None else None,
            0,
            facts.pos.line if not parent else END,
            facts.pos.column if not parent else END,
        )

    def mro(self, cls: str) -> Mro:
        """A class's lookup order."""
        return self.remember(("mro", cls), lambda: self._mro(cls), Mro((cls,), False))

    def _mro(self, cls: str) -> Mro:
        if cls in ("builtins.object", "typing.Generic", "typing.Protocol"):
            return Mro((cls,), True)
        symbol = self.project.klass(cls)
        if symbol is None:
            return Mro((cls,), False)
        complete = True
        parents: list[tuple[str, ...]] = []
        for name, base in self.bases(cls):
            if isinstance(base, ClassObject):
                if base.cls == cls:
                    complete = False
                    continue
                above = self.mro(base.cls)
                complete = complete and above.complete
                parents.append(above.names if name in ("", base.cls) else (name, *above.names))
            else:
                complete = False
                if isinstance(base, Foreign):
                    parents.append((base.path,))
                elif name:
                    parents.append((name,))
        if not symbol.facts.bases:
            parents.append(("builtins.object",))
        return Mro(linearize(cls, parents), complete)

    def is_subclass(self, cls: str, base: str) -> bool | None:
        """Whether a class is, or inherits from, another; None where an unknown base leaves it open."""
        mro = self.mro(cls)
        if base in mro.names:
            return True
        return False if mro.complete else None

    def _parameters(self, cls: str) -> tuple[Type, ...]:
        """The type variables of a generic class, in order."""
        return self.remember(("parameters", cls), lambda: self._type_parameters(cls), ())

    def _type_parameters(self, cls: str) -> tuple[Type, ...]:
        symbol = self.project.klass(cls)
        if symbol is None:
            return ()
        if symbol.facts.type_params:
            return tuple([Variable(f"{cls}.{n}") for n in symbol.facts.type_params])
        found: dict[Type, None] = {}
        for _, base in self.bases(cls):
            if isinstance(base, ClassObject):
                if base.cls in ("typing.Generic", "typing.Protocol") and base.args:
                    return base.args
                for arg in base.args:
                    for name in _variable_types(arg):
                        found[name] = None
        return tuple(found)

    def ancestor_args(self, cls: str, args: tuple[Type, ...], ancestor: str) -> tuple[Type, ...] | None:
        """The type arguments a class has as one of its ancestors; None where it is not one."""
        if cls == ancestor:
            return args
        key = ("ancestor", cls, args, ancestor)
        return self.remember(key, lambda: self._ancestor_args(cls, args, ancestor), None)

    def _ancestor_args(self, cls: str, args: tuple[Type, ...], ancestor: str) -> tuple[Type, ...] | None:
        if ancestor not in self.mro(cls).names:
            return None
        env = self._env(cls, args)
        best: tuple[Type, ...] | None = None
        for _, base in self.bases(cls):
            if isinstance(base, ClassObject):
                given = tuple([substitute(a, env) for a in base.args])
                found = self.ancestor_args(base.cls, given, ancestor)
                if found is not None and not any(isinstance(a, Unknown) for a in found):
                    return found
                best = best if best is not None else found
        return best or ()

    def _env(self, cls: str, args: tuple[Type, ...]) -> dict[str, Type]:
        env: dict[str, Type] = {}
        for index, parameter in enumerate(self._parameters(cls)):
            if isinstance(parameter, Variable):
                if index < len(args):
                    env[parameter.name] = args[index]
                elif not args:
                    env[parameter.name] = parameter.bound if parameter.bound is not None else UNKNOWN
        return env

    def member(self, cls: str, name: str) -> Member | None:
        """Where a class gets a member from: the first in its lookup order that defines it; None if none known does.

        A class in that order whose source is not known stops the search: what it defines is not known either.
        """
        return self.remember(("member", cls, name), lambda: self._member(self.mro(cls), name), None)

    def _member(self, mro: Mro, name: str) -> Member | None:
        for owner in mro.names:
            symbol = self.project.klass(owner)
            if symbol is None:
                if isinstance(self.project.locate(owner), VariableSymbol):
                    continue
                return None
            found = self.own_member(symbol, name)
            if found is not None:
                return found
        return None

    def own_member(self, symbol: ClassSymbol, name: str) -> Member | None:
        """What a class itself defines under a name: in its body, or by assigning to `self`."""
        facts = symbol.facts
        if name in facts.methods:
            return Member(symbol, name, function=self.project.function(f"{symbol.qualname}.{name}"))
        if name in facts.classes:
            return Member(symbol, name, klass=self.project.klass(f"{symbol.qualname}.{name}"))
        assigned = tuple([f for f in facts.attributes if f.name == name])
        field = next((f for f in reversed(facts.fields) if f.name == name), None)
        if field is not None or assigned:
            return Member(symbol, name, field=field, assigned=assigned)
        bindings = self.project.names(facts.scope).bindings.get(name)
        if bindings:
            return Member(symbol, name, binding=bindings[-1])
        return None

    # Attributes

    def _attribute_of(self, expr: Attr, site: Site) -> Type:
        if isinstance(expr.value, Call) and expr.value.func == Name("super"):
            return self._super(expr, site)
        symbol = self._symbol(expr.value, site)
        if isinstance(symbol, ModuleSymbol):
            found = self.project.lookup(symbol.qualname, expr.attr)
            if found is not None:
                return self._symbol_type(found)
        return self.attribute(self.type_of(expr.value, site), expr.attr)

    def _super(self, expr: Attr, site: Site) -> Type:
        function = site.function
        while function is not None and not function.owner:
            function = self._parent(site.file, function)
        if function is None:
            return UNKNOWN
        owner = f"{site.file.module}.{function.owner}"
        mro = self.mro(owner)
        member = self._member(Mro(mro.names[1:], mro.complete), expr.attr)
        receiver = self._self_type(function, site.file, self.definition_site(function, site.file))
        if member is None or not isinstance(receiver, Instance | ClassObject):
            return UNKNOWN
        return self._member_type(member, receiver)

    def attribute(self, of: Type, name: str) -> Type:
        """The type of an attribute of something."""
        if isinstance(of, Union):
            kept = [i for i in of.items if i != NONE]
            return union([self.attribute(i, name) for i in kept])
        if isinstance(of, Instance | ClassObject):
            key = ("attribute", of, name)
            return self.remember(key, lambda: self._attribute(of, name), NEVER)
        if isinstance(of, ModuleObject):
            return self._symbol_type(self.project.lookup(of.name, name))
        if isinstance(of, Foreign):
            return Foreign(f"{of.path}.{name}")
        if isinstance(of, Variable) and of.bound is not None:
            return self.attribute(of.bound, name)
        return UNKNOWN

    def _attribute(self, of: Instance | ClassObject, name: str) -> Type:
        if isinstance(of, Instance) and of.cls == "builtins.type" and of.args:
            inner = of.args[0]
            bound = inner.bound if isinstance(inner, Variable) else inner
            return self.attribute(class_object(bound), name) if bound is not None else UNKNOWN
        if name == "__class__" and isinstance(of, Instance):
            return ClassObject(of.cls, of.args)
        member = self.member(of.cls, name)
        if member is not None:
            return self._member_type(member, of)
        mro = self.mro(of.cls)
        if isinstance(of, ClassObject):
            if self.is_subclass(of.cls, _ENUM) and name in ("name", "value"):
                return UNKNOWN
            member = self.member("builtins.type", name)
            if member is not None and mro.complete:
                return self._member_type(member, Instance("builtins.type", (Instance(of.cls, of.args),)))
        if not mro.complete:
            unknown = next((n for n in mro.names if self.project.klass(n) is None), "")
            return Unknown(f"the base `{unknown}` is not known")
        return Unknown(f"`{of.cls}` has no attribute `{name}` that can be seen")

    def _member_type(self, member: Member, of: Instance | ClassObject) -> Type:
        owner = member.owner
        if member.function is not None:
            return self._method(member.function, owner, of)
        if member.klass is not None:
            return ClassObject(member.klass.qualname)
        args = self.ancestor_args(of.cls, of.args, owner.qualname) or ()
        env = {**self._env(owner.qualname, args), SELF.name: _as_instance(of)}
        if member.field is not None:
            found = self._field_type(member, of)
            if not isinstance(found, Unknown) or not member.assigned:
                return substitute(found, env)
        types = []
        for field in member.assigned:
            found = self._assigned(field, owner)
            if found != NONE:
                types.append(found)
        if types:
            return substitute(union(types), env)
        if member.assigned:
            return NONE
        if member.binding is not None:
            site = Site(owner.file, None, owner.facts)
            return substitute(self._binding(member.binding, owner.facts.scope, site), env)
        return UNKNOWN

    def _assigned(self, field: Field, owner: ClassSymbol) -> Type:
        method = self.project.function(f"{owner.file.module}.{field.method}")
        if method is None:
            return UNKNOWN
        site = Site(owner.file, method.facts, None, 0, field.pos.line, field.pos.column)
        if method.facts.scope.blocks:
            from .flow import block_at

            site = Site(
                owner.file,
                method.facts,
                None,
                block_at(method.facts.scope.blocks, field.pos.line, field.pos.column),
                field.pos.line,
                field.pos.column,
            )
        if field.annotation is not None:
            found = self.annotation(field.annotation, site)
            if not isinstance(found, Unknown):
                return found
        return self.type_of(field.value, site) if field.value is not None else UNKNOWN

    def _field_type(self, member: Member, of: Instance | ClassObject) -> Type:
        field, owner = member.field, member.owner
        assert field is not None
        site = Site(owner.file, None, owner.facts, 0, field.pos.line, field.pos.column)
        if owner.facts.parent:
            parent = self.project.function(f"{owner.file.module}.{owner.facts.parent}")
            site = Site(owner.file, parent.facts if parent else None, owner.facts, 0, field.pos.line, field.pos.column)
        if field.annotation is not None:
            found = self.annotation(field.annotation, site)
            if isinstance(found, Instance) and found.cls in _DESCRIPTORS:
                return found.args[0] if isinstance(of, Instance) and found.args else UNKNOWN
            return found
        if self.is_subclass(owner.qualname, _ENUM):
            return Instance(owner.qualname)
        if field.value is None:
            return UNKNOWN
        found = self.type_of(field.value, site)
        if isinstance(found, Instance):
            getter = self.member(found.cls, "__get__")
            if getter is not None and getter.function is not None:
                return self._result(getter.function, found, None, None)
            if isinstance(of, Instance) and found.cls in _DESCRIPTORS:
                return found.args[0] if found.args else UNKNOWN
        if isinstance(found, Callee):
            return Callee(found.qualname, of)
        return found

    def _method(self, function: FunctionSymbol, owner: ClassSymbol, of: Instance | ClassObject) -> Type:
        site = self.definition_site(function.facts, function.file)
        bound: Instance | ClassObject | None = of if isinstance(of, Instance) else None
        for decorator in function.facts.decorators:
            name = self.qualname(decorator, site) or ""
            if name in _PROPERTIES or name.endswith("property"):
                if isinstance(of, ClassObject):
                    return UNKNOWN
                return self._result(function, of, None, None)
            if name == "builtins.staticmethod":
                return Callee(function.qualname)
            if name == "builtins.classmethod":
                bound = ClassObject(of.cls, of.args)
            if name in ("sqlalchemy.orm.declared_attr",):
                return UNKNOWN
        return Callee(function.qualname, bound)

    # Calls

    def _call(self, call: Call, site: Site) -> Type:
        function = self.type_of(call.func, site)
        return self.called(function, call, site)

    def called(self, function: Type, call: Call | None, site: Site | None) -> Type:
        """What calling something gives; without a call, whatever its arguments are."""
        if isinstance(function, Union):
            return union([self.called(i, call, site) for i in function.items if i != NONE])
        if isinstance(function, ClassObject):
            return self._constructed(function, call, site)
        if isinstance(function, Callee):
            symbol = self.project.function(function.qualname)
            if symbol is None:
                return UNKNOWN
            special = self._special(function, call, site)
            return special if special is not None else self._result(symbol, function.receiver, call, site)
        if isinstance(function, Foreign):
            return Foreign(f"{function.path}()")
        if isinstance(function, Instance):
            if function.cls == CALLABLE:
                return function.args[0] if function.args else UNKNOWN
            if function.cls == "builtins.type" and function.args:
                return function.args[0]
            args = [self.type_of(a, site) for a in call.args] if call is not None and site is not None else None
            return self.method_result(function, "__call__", args)
        if isinstance(function, Variable) and function.bound is not None:
            return self.called(function.bound, call, site)
        return UNKNOWN

    def _constructed(self, cls: ClassObject, call: Call | None, site: Site | None) -> Type:
        if cls.cls == "builtins.type" and call is not None and site is not None:
            if len(call.args) == 1:
                return class_object(without_none(self.type_of(call.args[0], site)))
            return UNKNOWN
        parameters = self._parameters(cls.cls)
        if cls.args or not parameters or call is None or site is None:
            return Instance(cls.cls, cls.args)
        member = self.member(cls.cls, "__init__")
        env: dict[str, Type] = {}
        if member is not None and member.function is not None:
            receiver = Instance(cls.cls, parameters)
            symbol = self._overload(member.function, receiver, call, site)
            self._learn(symbol, receiver, call, site, env)
        return Instance(
            cls.cls,
            tuple([substitute(p, env, UNKNOWN) for p in parameters]),
            uniform=cls.cls == "builtins.tuple",
        )

    def _special(self, function: Callee, call: Call | None, site: Site | None) -> Type | None:
        """Functions whose result no signature can say."""
        if call is None or site is None:
            return None
        if function.qualname == "typing.cast" and call.args:
            return self.annotation(call.args[0], site)
        if function.qualname == "builtins.getattr" and len(call.args) >= 2:
            name = call.args[1]
            if isinstance(name, Const) and name.kind == "str" and name.text:
                found = self.attribute(self.type_of(call.args[0], site), name.text)
                return found if len(call.args) == 2 else union([found, self.type_of(call.args[2], site)])
            return UNKNOWN
        return None

    def method_result(self, of: Instance, name: str, args: list[Type] | None) -> Type:
        """What calling a method gives for arguments of some types."""
        method = self.attribute(of, name)
        if not isinstance(method, Callee):
            return UNKNOWN
        symbol = self.project.function(method.qualname)
        if symbol is None:
            return UNKNOWN
        env: dict[str, Type] = {}
        for facts in symbol.overloads if len(symbol.overloads) > 1 else (symbol.facts,):
            env = {}
            one = FunctionSymbol(symbol.qualname, symbol.file, facts, (facts,))
            if args is None or self._fits(one, method.receiver, args, env):
                return self._returned(one, method.receiver, env)
        return UNKNOWN

    def _fits(
        self, symbol: FunctionSymbol, receiver: Instance | ClassObject | None, args: list[Type], env: dict[str, Type]
    ) -> bool:
        params = [p for p in symbol.facts.params if p.kind in ("positional", "positional-only")]
        if receiver is not None:
            params = params[1:]
        owner = self._receiver_env(symbol, receiver)
        for param, given in zip(params, args, strict=False):
            wanted = substitute(self._param(param, symbol.facts, symbol.file), owner)
            if not unify(wanted, given, env, self._upcast, self._called_without):
                return False
        return len(args) <= len(params) or any(p.kind == "var-positional" for p in symbol.facts.params)

    def _called_without(self, function: Type) -> Type:
        return self.called(function, None, None)

    def _upcast(self, given: Type, cls: str) -> tuple[Type, ...] | None:
        if isinstance(given, ClassObject):
            return () if cls in ("builtins.type", "builtins.object", CALLABLE) else None
        if isinstance(given, Callee):
            return () if cls in ("builtins.object", CALLABLE) else None
        if not isinstance(given, Instance):
            return ()
        if cls == "builtins.object":
            return ()
        if given.cls == "builtins.tuple" and not given.uniform and given.args:
            given = Instance(given.cls, (union(list(given.args)),), uniform=True)
        args = self.ancestor_args(given.cls, given.args, cls)
        if args is None and not self.mro(given.cls).complete:
            return ()
        if args is None and (given.cls, cls) in _PROMOTIONS:
            return ()
        return args

    def _receiver_env(self, symbol: FunctionSymbol, receiver: Instance | ClassObject | None) -> dict[str, Type]:
        if receiver is None:
            return {}
        env: dict[str, Type] = {SELF.name: _as_instance(receiver)}
        if symbol.facts.owner:
            owner = f"{symbol.file.module}.{symbol.facts.owner}"
            args = self.ancestor_args(receiver.cls, receiver.args, owner)
            env.update(self._env(owner, args or ()))
        return env

    def _overload(
        self, symbol: FunctionSymbol, receiver: Instance | ClassObject | None, call: Call, site: Site
    ) -> FunctionSymbol:
        """The definition of an overloaded function that takes a call's arguments; the last if none is sure to."""
        if len(symbol.overloads) < 2:
            return symbol
        given = len(call.args) + len(call.keywords)
        one = symbol
        for facts in symbol.overloads:
            one = FunctionSymbol(symbol.qualname, symbol.file, facts, (facts,))
            params = facts.params[1:] if receiver is not None else facts.params
            named = {p.name for p in params if p.kind != "positional-only"}
            open_ended = any(p.kind == "var-keyword" for p in params)
            if any(k not in named and k != "**" and not open_ended for k, _ in call.keywords):
                continue
            required = [p for p in params if p.default is None and not p.kind.startswith("var-")]
            if given < len(required) and not any(isinstance(a, Star) for a in call.args):
                continue
            if not self._literals_fit(one, params, call):
                continue
            if self._fits(one, receiver, [self.type_of(a, site) for a in call.args], {}):
                return one
        return one

    def _literals_fit(self, symbol: FunctionSymbol, params: Sequence[Param], call: Call) -> bool:
        """Whether the constants a call passes are among those a `Literal[...]` parameter allows."""
        site = self.definition_site(symbol.facts, symbol.file)
        for index, param in enumerate(params):
            passed = _argument(call, index, param)
            wanted = param.annotation
            if not isinstance(wanted, Sub) or passed is None:
                continue
            if self.qualname(wanted.value, site) == "typing.Literal" and passed not in wanted.items:
                return False
        return True

    def _learn(
        self,
        symbol: FunctionSymbol,
        receiver: Instance | ClassObject | None,
        call: Call,
        site: Site,
        env: dict[str, Type],
    ) -> None:
        """Bind a function's type variables by what a call passes."""
        params = list(symbol.facts.params[1:] if receiver is not None else symbol.facts.params)
        owner = self._receiver_env(symbol, receiver)
        positional = [p for p in params if p.kind in ("positional", "positional-only")]
        rest = next((p for p in params if p.kind == "var-positional"), None)
        named = {p.name: p for p in params}
        pairs: list[tuple[Param, Expr]] = []
        for index, arg in enumerate(call.args):
            if isinstance(arg, Star):
                break
            if index < len(positional):
                pairs.append((positional[index], arg))
            elif rest is not None:
                pairs.append((rest, arg))
        pairs += [(named[k], v) for k, v in call.keywords if k in named]
        for param, arg in pairs:
            if param.annotation is None:
                continue
            wanted = substitute(self.annotation(param.annotation, self.definition_site(symbol.facts, symbol.file)), owner)
            if _variable_types(wanted):
                unify(wanted, self.type_of(arg, site), env, self._upcast, self._called_without)

    def _result(
        self,
        symbol: FunctionSymbol,
        receiver: Instance | ClassObject | None,
        call: Call | None,
        site: Site | None,
    ) -> Type:
        """What a call of a function gives, its decorators understood."""
        env: dict[str, Type] = {}
        if call is not None and site is not None:
            symbol = self._overload(symbol, receiver, call, site)
            if symbol.facts.returns is not None:
                self._learn(symbol, receiver, call, site, env)
        return self._returned(symbol, receiver, env)

    def _returned(
        self, symbol: FunctionSymbol, receiver: Instance | ClassObject | None, env: dict[str, Type]
    ) -> Type:
        result = self.declared_result(symbol)
        full = {**self._receiver_env(symbol, receiver), **env}
        result = substitute(result, full, UNKNOWN) if not _is_plain(result) else result
        return result

    def declared_result(self, symbol: FunctionSymbol) -> Type:
        """What a call of a function gives as its definition and decorators say, type variables left in."""
        key = ("result", symbol.qualname, symbol.facts.pos.line)
        return self.remember(key, lambda: self._declared_result(symbol), NEVER)

    def _declared_result(self, symbol: FunctionSymbol) -> Type:
        facts = symbol.facts
        site = self.definition_site(facts, symbol.file)
        result: Type
        if facts.returns is not None:
            result = self.annotation(facts.returns, site)
        elif facts.is_generator:
            result = UNKNOWN
        else:
            result = self._from_returns(symbol)
        if facts.is_generator and facts.returns is None:
            items = [self._yielded(e, symbol, line, column) for e, line, column in facts.yielded]
            kind = "AsyncGenerator" if facts.is_async else "Generator"
            result = Instance(f"collections.abc.{kind}", (union(items), UNKNOWN, UNKNOWN))
        elif facts.is_async and not facts.is_generator and not symbol.file.path.endswith(".pyi"):
            result = Instance("collections.abc.Coroutine", (UNKNOWN, UNKNOWN, result))
        elif facts.is_async and symbol.file.path.endswith(".pyi"):
            result = Instance("collections.abc.Coroutine", (UNKNOWN, UNKNOWN, result))
        for decorator in reversed(facts.decorators):
            result = self._decorated(decorator, symbol, result, site)
        return result

    def _from_returns(self, symbol: FunctionSymbol) -> Type:
        facts = symbol.facts
        if symbol.file.path.endswith(".pyi"):
            return UNKNOWN
        if not facts.returned:
            return NONE
        types = []
        for value, line, column in facts.returned:
            from .flow import block_at

            block = block_at(facts.scope.blocks, line, column)
            types.append(self.type_of(value, Site(symbol.file, facts, None, block, line, column)))
        return union(types)

    def _yielded(self, value: Expr, symbol: FunctionSymbol, line: int, column: int) -> Type:
        from .flow import block_at

        site = Site(symbol.file, symbol.facts, None, block_at(symbol.facts.scope.blocks, line, column), line, column)
        if isinstance(value, Star):
            return self.iterated(self.type_of(value.value, site))
        return self.type_of(value, site)

    def _decorated(self, decorator: Expr, symbol: FunctionSymbol, result: Type, site: Site) -> Type:
        """What calling the decorated function gives, when calling the plain one gives `result`."""
        plain = decorator.func if isinstance(decorator, Call) else decorator
        name = self.qualname(plain, site) or ""
        if name in _TRANSPARENT or name in _PROPERTIES or name.startswith(_TRANSPARENT_MODULES):
            return result
        if name.rpartition(".")[2] in ("setter", "getter", "deleter", "expression", "comparator"):
            return result
        if isinstance(plain, Attr) and plain.attr in ("setter", "getter", "deleter", "expression"):
            return result
        if name == "contextlib.contextmanager":
            return Instance("contextlib._GeneratorContextManager", (self.iterated(result),))
        if name == "contextlib.asynccontextmanager":
            return Instance(
                "contextlib._AsyncGeneratorContextManager", (self.iterated(result, asynchronous=True),)
            )
        kind = self.type_of(plain, site)
        if isinstance(kind, Callee):
            if kind.qualname.startswith(_TRANSPARENT_MODULES):
                return result
            function = self.project.function(kind.qualname)
            if function is not None and self._wraps(function, isinstance(decorator, Call), symbol.facts.is_async):
                return result
        return Unknown(f"decorated by `{name or _words(plain)}`")

    def _wraps(self, decorator: FunctionSymbol, factory: bool, is_async: bool) -> bool:
        """Whether a decorator of the project hands on what it wraps: its wrapper is marked with `functools.wraps`.

        A wrapper that is not async around an async function, or the reverse, changes what a call gives.
        """
        inner = decorator
        if factory:
            made = self._returned_function(decorator)
            if made is None:
                return False
            inner = made
        wrapper = self._returned_function(inner)
        if wrapper is None:
            return any(
                isinstance(v, Name) and inner.facts.params and v.id == inner.facts.params[0].name
                for v, _, _ in inner.facts.returned
            )
        site = Site(wrapper.file, inner.facts)
        marked = any(
            isinstance(d, Call) and self.qualname(d.func, site) == "functools.wraps" for d in wrapper.facts.decorators
        )
        return marked and wrapper.facts.is_async == is_async

    def _returned_function(self, symbol: FunctionSymbol) -> FunctionSymbol | None:
        for value, _, _ in symbol.facts.returned:
            if isinstance(value, Name):
                found = self.project.function(f"{symbol.file.module}.{symbol.facts.qualname}.{value.id}")
                if found is not None:
                    return found
        return None

    # Protocols: await, for, with

    def awaited(self, value: Type) -> Type:
        """What `await value` gives."""
        if isinstance(value, Union):
            return union([self.awaited(i) for i in value.items if i != NONE])
        if not isinstance(value, Instance):
            return UNKNOWN
        if value.cls == "collections.abc.Coroutine":
            return value.args[-1] if value.args else UNKNOWN
        made = self.method_result(value, "__await__", [])
        if isinstance(made, Instance) and made.cls == "collections.abc.Generator" and len(made.args) == 3:
            return made.args[2]
        return UNKNOWN

    def iterated(self, value: Type, asynchronous: bool = False) -> Type:
        """What iterating over something gives, one at a time."""
        value = without_none(value)
        if isinstance(value, Union):
            return union([self.iterated(i, asynchronous) for i in value.items])
        if isinstance(value, ClassObject):
            return Instance(value.cls) if self.is_subclass(value.cls, _ENUM) else UNKNOWN
        if not isinstance(value, Instance):
            return UNKNOWN
        if value.cls == "builtins.tuple" and value.args:
            return union(list(value.args))
        maker = "__aiter__" if asynchronous else "__iter__"
        iterator = self.method_result(value, maker, [])
        base = "collections.abc.AsyncIterator" if asynchronous else "collections.abc.Iterator"
        if isinstance(iterator, Instance):
            args = self.ancestor_args(iterator.cls, iterator.args, base)
            if args:
                return args[0]
            step = self.method_result(iterator, "__anext__" if asynchronous else "__next__", [])
            return self.awaited(step) if asynchronous else step
        if not asynchronous and isinstance(iterator, Unknown):
            return self.method_result(value, "__getitem__", [_INT])
        return UNKNOWN

    def entered(self, value: Type, asynchronous: bool = False) -> Type:
        """What `with value as x` binds."""
        value = without_none(value)
        if isinstance(value, Union):
            return union([self.entered(i, asynchronous) for i in value.items])
        if not isinstance(value, Instance):
            return UNKNOWN
        if asynchronous:
            return self.awaited(self.method_result(value, "__aenter__", []))
        return self.method_result(value, "__enter__", [])


_TRANSPARENT = frozenset(
    {
        "abc.abstractmethod",
        "builtins.classmethod",
        "builtins.staticmethod",
        "functools.cache",
        "functools.lru_cache",
        "functools.wraps",
        "typing.final",
        "typing.no_type_check",
        "typing.overload",
        "typing.override",
        "typing.runtime_checkable",
        "warnings.deprecated",
        "async_lru.alru_cache",
    }
)
"""Decorators that leave a call's result as it is."""
_TRANSPARENT_MODULES = ("fastapi.", "starlette.", "pydantic.", "sqlalchemy.", "tenacity.", "backoff.", "cachetools.")
"""Libraries whose decorators register, check or repeat a function and hand on its result."""
_PROMOTIONS = frozenset(
    {
        ("builtins.int", "builtins.float"),
        ("builtins.int", "builtins.complex"),
        ("builtins.float", "builtins.complex"),
        ("builtins.bool", "builtins.int"),
        ("builtins.bool", "builtins.float"),
    }
)


def _as_instance(one: Instance | ClassObject) -> Type:
    return Instance(one.cls, one.args) if isinstance(one, ClassObject) else one


def _text(value: Expr | None) -> str:
    return value.text if isinstance(value, Const) else ""


def _words(expr: Expr) -> str:
    if isinstance(expr, Name):
        return expr.id
    if isinstance(expr, Attr):
        return f"{_words(expr.value)}.{expr.attr}"
    return "an expression"


def _is_plain(one: Type) -> bool:
    return not _variable_types(one)


def _variable_types(one: Type) -> list[Variable]:
    if isinstance(one, Variable):
        return [one]
    if isinstance(one, Instance | ClassObject):
        return [v for a in one.args for v in _variable_types(a)]
    if isinstance(one, Union):
        return [v for i in one.items for v in _variable_types(i)]
    return []


def _variables(one: Type) -> list[str]:
    return list(dict.fromkeys(v.name for v in _variable_types(one)))


def _argument(call: Call, index: int, param: Param) -> Expr | None:
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
