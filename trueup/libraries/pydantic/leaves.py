"""The types that the annotation of a field names, and where in it each of them stands."""

from __future__ import annotations

import ast

from msgspec import Struct, structs

from ...index.facts import Attr, Call, Const, Expr, Name, Op, Opaque, Sub
from ...index.project import ClassSymbol, ForeignSymbol, VariableSymbol
from ...infer import Inference, Site
from ...types import Variable
from .annotations import parsed_annotation

_PLAIN = ("typing", "typing_extensions", "builtins", "collections", "types")
"""The modules of the unions and containers whose items are values of the field."""
_NO_VALUES = frozenset({"type", "Type", "Callable", "Literal", "ClassVar", "InitVar", "LiteralString", "Generic"})
"""What takes types that no value of the field is of."""
_ANY = frozenset({"typing.Any", "builtins.object", "typing.Hashable", "collections.abc.Hashable"})
_HOLD_ANY = frozenset({"list", "dict", "set", "frozenset", "tuple", "deque", "defaultdict", "OrderedDict", "Sequence",
                       "Mapping", "Iterable", "MutableMapping", "Collection"})  # fmt: skip
_MAKERS = ("pydantic.conlist", "pydantic.conset", "pydantic.confrozenset")
_PLAIN_MAKERS = frozenset({"pydantic.constr", "pydantic.conint", "pydantic.confloat", "pydantic.condecimal",
                           "pydantic.conbytes", "pydantic.condate"})  # fmt: skip
_SERIALIZERS = frozenset({"PlainSerializer", "WrapSerializer", "SerializeAsAny"})


class Leaf(Struct, frozen=True):
    """A type that an annotation names.

    `kind`: class (`name` is its qualified name), any (a value of any type), variable (of any type until the class is
    given one) or unknown. `path`: the way to it through the expression, as `node_at` goes it. `behind`: what keeps
    that place from standing for the type, as the rest of a sentence: `stands in quotes`; empty if nothing does.
    `renamed`: it stands there under another name, that of an alias or a `NewType`. `serializer`: what writes it
    already, where that is said there; an Opaque where it is not seen.
    """

    kind: str
    name: str
    path: tuple[int, ...]
    behind: str = ""
    renamed: bool = False
    serializer: Expr | None = None


def leaves(types: Inference, expr: Expr, site: Site, depth: int = 0) -> list[Leaf]:
    """The types that an annotation names, in the order they stand in; those that hold no values are left out."""
    if depth > 20:
        return [Leaf("unknown", "", ())]
    match expr:
        case Const(kind="str", text=text):
            parsed = parsed_annotation(text)
            inner = leaves(types, parsed, site, depth + 1) if parsed is not None else [Leaf("unknown", text, ())]
            return [_behind(one, "stands in quotes", ()) for one in inner]
        case Op(op="|", left=left, right=right):
            return [
                *_below(0, leaves(types, left, site, depth + 1)),
                *_below(1, leaves(types, right, site, depth + 1)),
            ]
        case Sub():
            return _subscripted(types, expr, site, depth)
        case Call(func=func, args=args):
            maker = types.qualname(func, site) or ""
            if maker in _MAKERS and args:
                return _below(0, leaves(types, args[0], site, depth + 1))
            return [] if maker in _PLAIN_MAKERS else [Leaf("unknown", maker, ())]
        case Name() | Attr():
            return _named(types, expr, site, depth)
    return []


def node_at(node: ast.expr, path: tuple[int, ...]) -> ast.expr | None:
    """The part of an annotation that a path leads to."""
    for step in path:
        match node:
            case ast.BinOp(left=left, right=right):
                node = right if step else left
            case ast.Subscript(slice=ast.Tuple(elts=items)) if step < len(items):
                node = items[step]
            case ast.Subscript(slice=item) if step == 0:
                node = item
            case ast.Call(args=args) if step < len(args):
                node = args[step]
            case _:
                return None
    return node


def part_of(expr: Expr, path: tuple[int, ...]) -> Expr | None:
    """The same of an annotation as the facts of a file have it."""
    for step in path:
        match expr:
            case Op(left=left, right=right):
                expr = right if step else left
            case Sub(items=items) | Call(args=items) if step < len(items):
                expr = items[step]
            case _:
                return None
    return expr


def _below(step: int, found: list[Leaf]) -> list[Leaf]:
    return [structs.replace(one, path=(step, *one.path)) for one in found]


def _behind(one: Leaf, what: str, path: tuple[int, ...]) -> Leaf:
    return structs.replace(one, path=path, behind=one.behind or what)


def _subscripted(types: Inference, expr: Sub, site: Site, depth: int) -> list[Leaf]:
    outer = types.qualname(expr.value, site) or ""
    home, _, name = outer.rpartition(".")
    if name == "Annotated" and home in ("typing", "typing_extensions"):
        return _annotated(types, expr, site, depth)
    inner = [
        leaf for step, item in enumerate(expr.items) for leaf in _below(step, leaves(types, item, site, depth + 1))
    ]
    if home.partition(".")[0] in _PLAIN:
        whole = [Leaf("class", outer, (), "says what it holds")] if name in _HOLD_ANY else []
        return [] if name in _NO_VALUES else [*whole, *inner]
    if home == "pydantic" and name == "Json":
        return inner
    what = f"stands in `{name or '?'}[...]`"
    return [*leaves(types, expr.value, site, depth + 1), *[_behind(one, what, ()) for one in inner]]


def _annotated(types: Inference, expr: Sub, site: Site, depth: int) -> list[Leaf]:
    inner = _below(0, leaves(types, expr.items[0], site, depth + 1))
    for extra in expr.items[1:]:
        at = site
        if isinstance(extra, Name | Attr):  # `Annotated[datetime, iso]`, `iso = PlainSerializer(...)`
            symbol = types.symbol_of(extra, site)
            if (
                isinstance(symbol, VariableSymbol)
                and len(symbol.bindings) == 1
                and symbol.bindings[0].value is not None
            ):
                extra, at = symbol.bindings[0].value, Site(symbol.file)
            elif not isinstance(symbol, ClassSymbol):
                inner = [_behind(one, "has something unknown in its `Annotated`", one.path) for one in inner]
                continue
        said = types.qualname(extra.func if isinstance(extra, Call) else extra, at) or ""
        if said.rpartition(".")[2] in _SERIALIZERS:
            plain = isinstance(extra, Call) and len(extra.args) == 1 and said.endswith(".PlainSerializer")
            serializer = extra.args[0] if plain and isinstance(extra, Call) else Opaque()
            inner = [structs.replace(one, serializer=serializer) for one in inner]
    return inner


def _named(types: Inference, expr: Name | Attr, site: Site, depth: int) -> list[Leaf]:
    symbol = types.symbol_of(expr, site)
    if symbol is None:
        if isinstance(types.annotation(expr, site), Variable):
            return [Leaf("variable", "", ())]
        return [Leaf("unknown", "", ())]
    name = symbol.qualname
    if name in _ANY:
        return [Leaf("any", name, ())]
    if isinstance(symbol, ForeignSymbol):
        return [Leaf("class", name, ())]
    if isinstance(symbol, ClassSymbol):
        home, _, short = name.rpartition(".")
        holds_any = short in _HOLD_ANY and home.partition(".")[0] in _PLAIN
        return [Leaf("class", name, ()), *([Leaf("any", name, ())] if holds_any else [])]
    if not isinstance(symbol, VariableSymbol):
        return [Leaf("unknown", name, ())]
    if name.startswith("typing."):
        return []
    value = symbol.bindings[0].value if len(symbol.bindings) == 1 else None
    if value is None:
        return [Leaf("unknown", name, ())]
    at = Site(symbol.file)
    if isinstance(value, Call):
        maker = types.qualname(value.func, at) or ""
        if maker == "typing.TypeVar":
            limits = [limit for key, limit in value.keywords if key == "bound"] or list(value.args[1:])
            inner = [leaf for limit in limits for leaf in leaves(types, limit, at, depth + 1)]
            return [_behind(one, "is what a type variable stands for", ()) for one in inner] or [
                Leaf("variable", name, ())
            ]
        if maker == "typing.NewType" and len(value.args) == 2:
            value = value.args[1]
    inner = leaves(types, value, at, depth + 1)
    if len(inner) == 1 and not inner[0].path and not inner[0].behind:
        return [structs.replace(inner[0], renamed=True)]
    return [_behind(one, f"stands behind `{name.rpartition('.')[2]}`", ()) for one in inner]
