"""How the types of a route's parameters and results are written where its work goes."""

from __future__ import annotations

import ast

from msgspec import Struct

from ..file import File
from ..imports import AddImport
from ..index.expressions import expression
from ..index.facts import Attr, Const, Expr, FileFacts, Function, Name, Op, Sub
from ..index.project import VariableSymbol
from ..infer import Inference, Site
from ..types import NONE, Instance, Type, Unknown
from .moving import ModuleNames

_ANNOTATED = frozenset({"typing.Annotated", "typing_extensions.Annotated"})
_PLAIN = frozenset({"str", "int", "float", "bool", "bytes"})
_COLLECTIONS = frozenset({"list", "set", "frozenset"})


class Said(Struct, frozen=True):
    """An annotation."""

    text: str
    names: tuple[str, ...] = ()
    """Names of the route's file that it uses."""
    imports: tuple[AddImport, ...] = ()
    """What it needs besides."""


class Input(Struct, frozen=True):
    """A parameter of the service's function."""

    name: str
    annotation: str
    is_session: bool = False


class Annotations:
    """The annotations of one route."""

    def __init__(self, file: File, facts: Function, handler: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.file = file
        self.facts = facts
        self.site = file.types.definition_site(facts, file.facts)

    def type_of(self, name: str) -> Type:
        """What a parameter is."""
        param = next((p for p in self.facts.params if p.name == name), None)
        return self.file.types.param_type(param, self.facts, self.file.facts) if param is not None else Unknown()

    def of(self, arg: ast.arg, names: ModuleNames, package: str) -> Said | None:
        """The annotation of a parameter without what FastAPI reads in it; None where there is none."""
        return self.written(arg.annotation, names, package) if arg.annotation is not None else None

    def written(self, node: ast.expr, names: ModuleNames, package: str) -> Said | None:
        """An annotation as it can stand elsewhere."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                node = ast.parse(node.value, mode="eval").body
            except SyntaxError:
                return None
        if isinstance(node, ast.Subscript) and self._qualname(node.value) in _ANNOTATED:
            first = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) and node.slice.elts else None
            return self.written(first, names, package) if first is not None else None
        if isinstance(node, ast.Name | ast.Attribute):
            symbol = self.file.types.symbol_of(expression(node), self.site)
            value = symbol.bindings[-1].value if isinstance(symbol, VariableSymbol) else None
            if isinstance(symbol, VariableSymbol) and isinstance(value, Sub) and value.items:
                of = self.file.types.qualname(value.value, Site(symbol.file))
                if of in _ANNOTATED:
                    return _Spelling(self.file.types, symbol.file, names, package).of(value.items[0])
        used = dict.fromkeys(n.id for n in ast.walk(node) if isinstance(n, ast.Name))
        late = [name for name in used if name in names.for_types]
        if not late:
            return Said(ast.unparse(node), tuple(used))
        imports = [one for name in late if (one := names.import_for_types(name, package)) is not None]
        if len(imports) < len(late) or any(isinstance(n, ast.Constant) and n.value for n in ast.walk(node)):
            return None
        return Said(f'"{ast.unparse(node)}"', tuple(name for name in used if name not in late), tuple(imports))

    def _qualname(self, node: ast.expr) -> str | None:
        return self.file.types.qualname(expression(node), self.site)


class _Spelling:
    """How the annotations of one file are written in another."""

    def __init__(self, types: Inference, file: FileFacts, names: ModuleNames, package: str) -> None:
        self.types = types
        self.file = file
        self.names = names
        self.package = package
        self.imports: list[AddImport] = []

    def of(self, one: Expr) -> Said | None:
        """An annotation; None where it cannot be written."""
        text = self._text(one)
        return Said(text, (), tuple(self.imports)) if text is not None else None

    def _text(self, one: Expr) -> str | None:
        if isinstance(one, Name):
            return self._name(one.id)
        if isinstance(one, Attr):
            value = self._text(one.value)
            return f"{value}.{one.attr}" if value is not None else None
        if isinstance(one, Sub):
            parts = [self._text(part) for part in (one.value, *one.items)]
            if None in parts:
                return None
            return f"{parts[0]}[{', '.join(part for part in parts[1:] if part is not None)}]"
        if isinstance(one, Op) and one.op == "|":
            left, right = self._text(one.left), self._text(one.right)
            return f"{left} | {right}" if left is not None and right is not None else None
        return "None" if isinstance(one, Const) and one.kind == "none" else None

    def _name(self, name: str) -> str | None:
        held = [one for one in self.file.scope.imports if one.name == name]
        if len(held) == 1 and not held[0].when:
            [one] = held
            wanted = _import(self.types, one.module, one.attr, self.names, self.package)
            if wanted is None or (not one.attr and one.full):
                return None
            alias = name if name != (one.attr or one.module) else None
            self.imports.append(AddImport(wanted.module, wanted.name, alias))
            return name
        if any(cls.qualname == name for cls in self.file.classes):
            wanted = _import(self.types, self.file.module, name, self.names, self.package)
            self.imports += [wanted] if wanted is not None else []
            return name if wanted is not None else None
        return name if not held and self.types.project.lookup("builtins", name) is not None else None


def type_text(types: Inference, kind: Type, names: ModuleNames, package: str, file: File, modern: bool) -> Said | None:
    """A type as an annotation; None where it is not known, or is of no class of the project that can be imported.

    `modern`: it may be `list[X]`, else it is `List[X]`.
    """
    if not isinstance(kind, Instance):
        return None
    if kind == NONE:
        return Said("None")
    short = kind.cls.removeprefix("builtins.")
    if short in _PLAIN:
        return Said(short)
    if short in _COLLECTIONS and len(kind.args) == 1:
        inside = type_text(types, kind.args[0], names, package, file, modern)
        if inside is None:
            return None
        if modern:
            return Said(f"{short}[{inside.text}]", inside.names, inside.imports)
        name = {"frozenset": "FrozenSet"}.get(short, short.capitalize())
        return Said(f"{name}[{inside.text}]", inside.names, (AddImport("typing", name), *inside.imports))
    symbol = types.project.klass(kind.cls)
    own = symbol is not None and symbol.file.path in types.project.files and symbol.file.path != file.path
    if symbol is None or not own or symbol.facts.owner or symbol.facts.parent or symbol.facts.type_params:
        return None
    wanted = _import(types, symbol.file.module, symbol.facts.name, names, package)
    if any(alias.name == symbol.facts.name and alias.asname is None for _, alias in names.imports.values()):
        return Said(symbol.facts.name, (symbol.facts.name,))
    return Said(symbol.facts.name, (), (wanted,)) if wanted is not None else None


def _import(types: Inference, module: str, name: str, names: ModuleNames, package: str) -> AddImport | None:
    found = types.project.module(module) if types.project.is_own(module) else None
    text = names.module_text(module, package) if found is not None else module
    return AddImport(text, name) if text is not None else None
