"""How a type is written in an annotation of some class of some file, so that it can be evaluated there."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from ...index.facts import Class, FileFacts
from ...index.project import ClassSymbol, Project
from ...types import NONE, Instance, Type

_GENERIC = {"dict": "Dict", "list": "List", "set": "Set", "tuple": "Tuple", "frozenset": "FrozenSet", "type": "Type"}


class Style(Struct, frozen=True):
    """How a file spells its annotations."""

    union: bool
    """`X | None`, not `Optional[X]`."""
    builtin: bool
    """`list[X]`, not `List[X]`."""


class Hint(Struct, frozen=True):
    """A type as an annotation names it: by a name that means it there already, or by one to import from `module`."""

    name: str
    module: str = ""
    args: tuple[Hint, ...] = ()
    dotted: bool = False
    """It is to be had as `module.name`, as its own name means something else there."""

    def __str__(self) -> str:
        name = f"{self.module}.{self.name}" if self.dotted else self.name
        return f"{name}[{', '.join(str(arg) for arg in self.args)}]" if self.args else name


def style_of(tree: ast.Module) -> Style:
    """The style of a file's annotations; the older spelling where it shows none, or would not be evaluated.

    Under `from __future__ import annotations` nothing in the file says that the running Python knows the new one.
    """
    lazy = has_lazy_annotations(tree)
    union = builtin = typing = False
    for annotation in _annotations(tree):
        for node in ast.walk(annotation):
            match node:
                case ast.BinOp(op=ast.BitOr()):
                    union = True
                case ast.Subscript(value=ast.Name(id=name)):
                    builtin = builtin or name in _GENERIC
                    typing = typing or name in _GENERIC.values()
    union = union and not lazy
    return Style(union, (union or (builtin and not lazy)) and not typing)


def has_lazy_annotations(tree: ast.Module) -> bool:
    """Whether a file's annotations are kept as text: `from __future__ import annotations`."""
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == "__future__"
        and any(alias.name == "annotations" for alias in node.names)
        for node in tree.body
    )


def _annotations(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        match node:
            case ast.AnnAssign(annotation=held) | ast.arg(annotation=ast.expr() as held):
                yield held
            case ast.FunctionDef(returns=ast.expr() as held) | ast.AsyncFunctionDef(returns=ast.expr() as held):
                yield held


def bound_names(klass: Class) -> frozenset[str]:
    """The names a class body binds: in its annotations they no longer mean what they mean outside."""
    return frozenset(b.name for b in klass.scope.bindings) | {i.name for i in klass.scope.imports}


class Hints:
    """The hints that can be given in one class body."""

    def __init__(self, project: Project, file: FileFacts, klass: Class, style: Style, lazy: bool) -> None:
        self.project = project
        self.file = file
        self.style = style
        self.taken = bound_names(klass)
        self.inner = frozenset(c for c in klass.classes if sum(b.name == c for b in klass.scope.bindings) == 1)
        """Classes of the body: their names go on meaning them."""
        self.in_function = bool(klass.parent)
        self.only_module = lazy and self.in_function
        """Text is evaluated among the module's names, whatever the function around the class binds."""

    def of(self, one: Type, written: str = "") -> Hint | None:
        """The hint for a type; None where no name leads to it there.

        `written` is how the file itself names the class, where it does.
        """
        if not isinstance(one, Instance) or one == NONE:
            return None
        args = [self.of(arg) for arg in one.args]
        known = [arg for arg in args if arg is not None]
        if len(known) < len(args):
            return None
        if one.cls == "builtins.tuple" and one.uniform:
            known.append(Hint("..."))
        base = self._base(one.cls, written)
        return replace(base, args=tuple(known)) if base is not None else None

    def _base(self, cls: str, written: str) -> Hint | None:
        module, _, name = cls.rpartition(".")
        if module == "builtins":
            if name in _GENERIC and (name in self.taken or not self.style.builtin):
                return self._imported(_GENERIC[name], "typing")
            return Hint(name) if self.is_builtin(name) else None
        if module == "typing":
            return self._imported(name, module)
        symbol = self.project.klass(cls)
        if symbol is None:
            return None
        if symbol.file.path in self.project.files:
            return self._own(symbol, written)
        if symbol.file.module != module or not self._is_at_hand(module):
            return None
        return self._imported(name, module)

    def _imported(self, name: str, module: str) -> Hint:
        """A name to import, or its module where the name means something else."""
        taken = not self._is_free(name, f"{module}.{name}")
        return Hint(name, module, dotted=taken and self._is_free(module, module))

    def _is_at_hand(self, module: str) -> bool:
        """Whether a library's module can be imported: it is Python's own, or the file imports its package already."""
        top = module.partition(".")[0]
        return top in sys.stdlib_module_names or any(
            one.module.partition(".")[0] == top and not one.when for one in self.file.scope.imports
        )

    def _is_free(self, name: str, meaning: str) -> bool:
        """Whether a name of the module can mean something in the class body: it does already, or means nothing yet."""
        if name in self.taken or self.in_function:
            return False
        names = self.project.names(self.file.scope)
        if name in names.bindings:
            return False
        for star in self.file.scope.stars:
            found = self.project.lookup(star, name)
            if found is not None and found.qualname != meaning:
                return False
        return all(f"{one.module}.{one.attr}".strip(".") == meaning for one in names.imports.get(name, []))

    def _own(self, symbol: ClassSymbol, written: str) -> Hint | None:
        """A class of the project: only by a name the file has already, as another import could close a circle."""
        if written:
            return Hint(written) if self.is_there(written.partition(".")[0]) else None
        if symbol.file is self.file and "." not in symbol.facts.qualname:
            return Hint(symbol.facts.name) if self.is_there(symbol.facts.name) else None
        for one in self.file.scope.imports:
            usable = one.when != "type-checking" and one.attr and self.is_there(one.name)
            if usable and self.project.follow(one) == symbol:
                return Hint(one.name)
        return None

    def is_builtin(self, name: str) -> bool:
        """Whether a name means the builtin of that name in the class body."""
        return name not in self.taken and not self._in_module(name)

    def is_there(self, name: str) -> bool:
        """Whether the annotation of an attribute can use a name when the class is made."""
        if name in self.inner:
            return True
        if name in self.taken:
            return False
        imports = self.project.names(self.file.scope).imports.get(name, [])
        if any(one.when == "type-checking" for one in imports):
            return False
        return not self.only_module or self._in_module(name)

    def _in_module(self, name: str) -> bool:
        names = self.project.names(self.file.scope)
        return name in names.bindings or name in names.imports


def wants_classmethod(node: ast.AST, hints: Hints) -> bool:
    """Whether a `declared_attr` of that class body should be a classmethod, so that type checkers know what `cls` is.

    SQLAlchemy takes the function out of the `classmethod` and calls it as before. Only where `cls` is used, and nothing
    else says what it is.
    """
    match node:
        case ast.FunctionDef(
            decorator_list=[_],
            args=ast.arguments(
                posonlyargs=[], args=[ast.arg(arg=cls, annotation=None)], vararg=None, kwonlyargs=[], kwarg=None,
                defaults=[],
            ),
        ):  # fmt: skip
            # A `classmethod` with a `self` is what other linters refuse.
            return cls != "self" and hints.is_builtin("classmethod") and _reads(node.body, cls)
    return False


def _reads(body: list[ast.stmt], name: str) -> bool:
    found = [one for statement in body for one in ast.walk(statement) if isinstance(one, ast.Name) and one.id == name]
    return bool(found) and all(isinstance(one.ctx, ast.Load) for one in found)


class MappedHint(Struct, frozen=True):
    """What stands in the brackets of `Mapped[...]`."""

    hint: Hint
    optional: bool
    style: Style

    def __str__(self) -> str:
        if not self.optional:
            return f"Mapped[{self.hint}]"
        return f"Mapped[{self.hint} | None]" if self.style.union else f"Mapped[Optional[{self.hint}]]"


class ColumnRewrite(Struct, frozen=True):
    """What becomes of a `Column(...)`."""

    mapped: MappedHint | None
    """Its annotation; None for a `mapped_column()` without one."""
    wrapped: bool = False
    """It stands in a `deferred(...)` or `column_property(...)`, which goes."""
    elsewhere: bool = False
    """A function makes it; only the annotation is wanted."""
    classmethod: bool = False
    """The `declared_attr` gets `@classmethod`."""


class RelationshipHint(Struct, frozen=True):
    """What the annotation of a relationship says."""

    holder: str
    """`Mapped`, `DynamicMapped` or `WriteOnlyMapped`."""
    target: str
    """The name of the class it leads to; empty where it has none, as a function makes it."""
    module: str
    """Where that stands, if it is to be imported for type checkers; empty where its name means it there already."""
    container: Hint | None
    """The collection, with the type of its keys where it has any."""
    optional: bool
    style: Style
    lazy: bool
    """The file keeps its annotations as text."""
    classmethod: bool = False
    """The `declared_attr` gets `@classmethod`."""

    def __str__(self) -> str:
        return self.spelled(
            self.target or "Any", self.holder, str(self.container) if self.container else "", "Optional"
        )

    def spelled(self, target: str, holder: str, container: str, optional: str) -> str:
        """The annotation, by the names its parts have at a place; `container` with the type of its keys."""
        name = target if self.lazy or not self.target else f'"{target}"'
        if container:
            bare, _, keys = container.removesuffix("]").partition("[")
            return f"{holder}[{bare}[{keys}, {name}]]" if keys else f"{holder}[{bare}[{name}]]"
        if not self.optional:
            return f"{holder}[{name}]"
        if self.style.union:
            return f"{holder}[{target} | None]" if self.lazy else f'{holder}["{target} | None"]'
        return f"{holder}[{optional}[{name}]]"


class RenamedArgument(Struct, frozen=True):
    """A keyword argument that becomes another one, with another value."""

    old: str
    new: str
    value: str


class MovedBackref(Struct, frozen=True):
    """A `backref=` that becomes `back_populates=`, and the relationship that a class of another file gets for it."""

    name: str
    args: tuple[str, ...]
    path: str
    cls: str


class NewRelationships(Struct, frozen=True):
    """Relationships that a class has to have."""

    added: tuple[tuple[str, tuple[str, ...]], ...]
    """(attribute, the arguments of its `relationship(...)` as source)."""
    maker: str = ""
    """`db.relationship`, where the class stands below `db.Model`: it knows what class queries are made of."""
