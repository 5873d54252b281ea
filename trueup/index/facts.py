"""The facts of one file: plain, frozen, serialisable; syntax with nothing decided."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TypeAlias

from msgspec import Raw, Struct, msgpack

# Expressions ---------------------------------------------------------------------------------------------------------
# Just enough of an expression to infer its type later, without its tree. Everything else is Opaque.


class Name(Struct, tag="n", array_like=True, frozen=True, gc=False):
    """A bare name."""

    id: str


class Attr(Struct, tag="a", array_like=True, frozen=True, gc=False):
    """`value.attr`."""

    value: Expr
    attr: str


class Call(Struct, tag="c", array_like=True, frozen=True, gc=False):
    """`func(args, **keywords)`; a starred argument is a Star, `**kw` has the keyword name `**`."""

    func: Expr
    args: tuple[Expr, ...] = ()
    keywords: tuple[tuple[str, Expr], ...] = ()


class Sub(Struct, tag="s", array_like=True, frozen=True, gc=False):
    """`value[items]`."""

    value: Expr
    items: tuple[Expr, ...]


class Const(Struct, tag="k", array_like=True, frozen=True, gc=False):
    """A literal: `kind` is none, str, bytes, int, float, complex, bool or ellipsis; `text` is the str, or the repr.

    A str of more than 200 characters loses its text: it is no forward reference and no table's name.
    """

    kind: str
    text: str = ""


class Display(Struct, tag="d", array_like=True, frozen=True, gc=False):
    """`[a, b]`, `(a, b)`, `{a, b}`: `kind` is list, tuple or set."""

    kind: str
    items: tuple[Expr, ...]


class Mapping(Struct, tag="m", array_like=True, frozen=True, gc=False):
    """`{k: v}`; a `**other` entry has a None key."""

    keys: tuple[Expr | None, ...]
    values: tuple[Expr, ...]


class Await(Struct, tag="w", array_like=True, frozen=True, gc=False):
    """`await value`."""

    value: Expr


class Star(Struct, tag="x", array_like=True, frozen=True, gc=False):
    """`*value`."""

    value: Expr


class Op(Struct, tag="o", array_like=True, frozen=True, gc=False):
    """`left op right` for the binary arithmetic operators, `|` among them (the union of annotations)."""

    op: str
    left: Expr
    right: Expr


class Choice(Struct, tag="h", array_like=True, frozen=True, gc=False):
    """One of several: `a or b` (`or`), `a and b` (`and`), `a if c else b` (`if`)."""

    kind: str
    items: tuple[Expr, ...]


class Comp(Struct, tag="p", array_like=True, frozen=True, gc=False):
    """A comprehension: `kind` is list, set, dict or generator; a dict's `item` is its value, with `key`.

    Its targets are bindings of the block that stands for it, at (`line`, `column`).
    """

    kind: str
    item: Expr
    line: int
    column: int
    key: Expr | None = None


class Lambda(Struct, tag="l", array_like=True, frozen=True, gc=False):
    """`lambda ...: body`."""

    body: Expr
    line: int
    column: int


class Opaque(Struct, tag="u", array_like=True, frozen=True, gc=False):
    """An expression no type is inferred from, or one whose type is plain from its syntax (`bool`, `str`)."""

    of: str = ""


Expr: TypeAlias = (
    Name | Attr | Call | Sub | Const | Display | Mapping | Await | Star | Op | Choice | Comp | Lambda | Opaque
)

# Statements ----------------------------------------------------------------------------------------------------------


class Pos(Struct, array_like=True, frozen=True, gc=False):
    """Where something stands: 1-based lines, 0-based columns in UTF-8 bytes, as `ast` counts."""

    line: int
    column: int
    end_line: int
    end_column: int


class Block(Struct, array_like=True, frozen=True, gc=False):
    """A stretch of a scope that runs as one: a branch, a loop body, a comprehension, a lambda."""

    parent: int
    """Index of the enclosing block; -1 for the scope's own body, which is block 0."""
    group: int
    """Branches of one statement have the same group and exclude each other."""
    kind: str
    """body, branch, loop, try, with, comprehension, lambda."""
    leaves: bool
    """Ends with return, raise, continue or break: what it binds is not seen behind it."""
    pos: Pos


class Binding(Struct, array_like=True, frozen=True, gc=False):
    """One place where a name gets its value.

    `how`: assign, annotate, augment, for, async-for, with, async-with, except, walrus, narrow (the value is the
    class, or a tuple of classes, that `isinstance` was asked), delete, global, match, lambda, and def or class
    (the value is a Const of kind `def` or `class` whose text is the qualname). Imports stand in `Scope.imports`.
    `unpack`: the path through tuple targets, `(1,)` for b in `a, b = value`; -1 a starred target.
    """

    name: str
    how: str
    value: Expr | None
    annotation: Expr | None
    block: int
    line: int
    column: int
    unpack: tuple[int, ...] = ()


class Import(Struct, array_like=True, frozen=True, gc=False):
    """One imported name. `import a.b` binds `a` to module `a` (attr empty); `import a.b as c` binds c to `a.b`.

    `module` is absolute (relative imports are resolved against the file's own module). `when` says on what it
    depends: "" (always), type-checking, try, except, if, else.
    """

    name: str
    module: str
    attr: str
    when: str
    line: int
    column: int
    full: str = ""
    """For `import a.b`: the whole dotted name, which is loaded too."""


class Param(Struct, array_like=True, frozen=True, gc=False):
    """One parameter; `kind` is positional-only, positional, var-positional, keyword or var-keyword."""

    name: str
    kind: str
    annotation: Expr | None
    default: Expr | None
    line: int
    column: int


class CallSite(Struct, array_like=True, frozen=True, gc=False):
    """A call in a scope. `awaited`: it is the operand of `await`.

    `used` says what becomes of its (awaited) value: statement (dropped), assigned, returned, or value (anything else).
    """

    call: Call
    block: int
    pos: Pos
    awaited: bool
    used: str


class Scope(Struct, array_like=True, frozen=True, gc=False):
    """What a module's, class's or function's own body binds and calls."""

    blocks: tuple[Block, ...]
    bindings: tuple[Binding, ...]
    imports: tuple[Import, ...]
    calls: tuple[CallSite, ...]
    stars: tuple[str, ...] = ()
    """Modules whose names `from m import *` brings in."""


class Function(Struct, array_like=True, frozen=True, gc=False):
    """A `def`. `qualname` is dotted inside the module, without `<locals>`: `Repo.save.inner`."""

    name: str
    qualname: str
    owner: str
    """The qualname of the class whose body it stands in, else empty."""
    parent: str
    """The qualname of the function it stands in, else empty."""
    is_async: bool
    is_generator: bool
    params: tuple[Param, ...]
    returns: Expr | None
    decorators: tuple[Expr, ...]
    returned: tuple[tuple[Expr, int, int], ...]
    """(value, line, column) of each `return value`."""
    yielded: tuple[tuple[Expr, int, int], ...]
    scope: Scope
    pos: Pos
    body: Pos
    """From the first statement's start to the end: names in it are looked up in the function's scope."""
    awaits: int = 0
    """How many await, async for, async with and async comprehensions it has."""
    type_params: tuple[str, ...] = ()
    """`T` of `def f[T](...)`."""
    changes: tuple[tuple[Expr, int, int], ...] = ()
    """(place, line, column) of what its own statements change in place: `x.y = ...`, `x[y] = ...`, `del x.y`,
    `self.n += 1`. A plain `self.x = ...` stands in the attributes of its class."""


class Field(Struct, array_like=True, frozen=True, gc=False):
    """A name assigned or annotated directly in a class body, or to `self` in a method (`method` says which)."""

    name: str
    annotation: Expr | None
    value: Expr | None
    pos: Pos
    method: str = ""


class Class(Struct, array_like=True, frozen=True, gc=False):
    """A class statement."""

    name: str
    qualname: str
    owner: str
    parent: str
    bases: tuple[Expr, ...]
    keywords: tuple[tuple[str, Expr], ...]
    decorators: tuple[Expr, ...]
    fields: tuple[Field, ...]
    """Of the body, in order; a name may come twice."""
    attributes: tuple[Field, ...]
    """`self.x = ...` and `cls.x = ...` of its methods."""
    methods: tuple[str, ...]
    classes: tuple[str, ...]
    scope: Scope
    pos: Pos
    body: Pos
    type_params: tuple[str, ...] = ()
    """`T` of `class A[T]`."""


class FileFacts(Struct, array_like=True, frozen=True, dict=True):
    """Everything the project may ever ask about one file without reading it again."""

    path: str
    module: str
    is_package: bool
    digest: str
    """Of the bytes."""
    scope: Scope
    classes: tuple[Class, ...]
    """In source order, nested ones too."""
    encoded_functions: Raw
    """`functions`, which are two thirds of all facts, and in most runs wanted of few files."""
    exports: tuple[str, ...] | None
    """`__all__` where it is a literal."""
    imported: tuple[str, ...]
    """Top-level packages imported anywhere in it."""
    modules: tuple[str, ...] = ()
    """All modules that it imports, or imports from, anywhere, sorted."""
    attributes: tuple[str, ...] = ()
    """The names of all attributes it reads or calls, sorted: a file without `x.Config` need not be searched for one."""
    called: tuple[str, ...] = ()
    """The names its calls are written with, sorted: `save` for `self.repo.save(x)`."""
    passed: tuple[str, ...] = ()
    """The names that stand as arguments of its calls, sorted: `x` for `f(x)` and `f(a.x)`."""

    @cached_property
    def functions(self) -> tuple[Function, ...]:
        """In source order, nested ones and methods too."""
        return _FUNCTIONS.decode(self.encoded_functions)

    def know(self, functions: tuple[Function, ...]) -> None:
        """Take these for what decoding `encoded_functions` would give."""
        vars(self)["functions"] = functions

    def stands_in_functions(self, text: str) -> bool:
        """Whether a name, or a part of one, stands anywhere in the functions: asked before they are decoded."""
        return text.encode() in bytes(self.encoded_functions)

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The scope of the module, and those of its functions and classes."""
        return (self.scope, *[one.scope for one in self.functions], *[one.scope for one in self.classes])


_FUNCTIONS = msgpack.Decoder(tuple[Function, ...])


def encoded(functions: Iterable[Function]) -> Raw:
    """Functions as `FileFacts` holds them."""
    return Raw(msgpack.encode(tuple(functions)))
