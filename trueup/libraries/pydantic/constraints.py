"""To which parts of an annotation version 1 applied the constraints of a `Field`."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct

from .field_calls import LENGTHS, NUMERIC, PATTERNS

CONTAINERS = frozenset(
    {"builtins.list", "builtins.set", "builtins.frozenset", "builtins.tuple", "builtins.dict", "collections.deque",
     "collections.abc.Sequence", "collections.abc.Set"}
)  # fmt: skip
SIZED = frozenset({"builtins.list", "builtins.set", "builtins.frozenset"})
"""Containers of which `min_items` and `max_items` counted the items."""
_NUMBERS = frozenset(
    {"builtins.int", "builtins.float", "decimal.Decimal", "pydantic.StrictInt", "pydantic.StrictFloat"}
)
_TEXTS = frozenset({"builtins.str", "pydantic.StrictStr"})
_LENGTHS_ONLY = frozenset({"builtins.bytes", "pydantic.StrictBytes", "pydantic.SecretStr", "pydantic.SecretBytes"})
_PLAIN = frozenset(
    {"builtins.bool", "builtins.object", "typing.Any", "uuid.UUID", "datetime.datetime", "datetime.date",
     "datetime.time", "datetime.timedelta", "pathlib.Path", "pydantic.EmailStr", "pydantic.AnyUrl", "pydantic.HttpUrl",
     "pydantic.AnyHttpUrl", "pydantic.StrictBool", "pydantic.UUID4"}
)  # fmt: skip
"""Types that no constraint applies to."""


class Leaf(Struct, frozen=True):
    """A part of an annotation without parts of its own.

    `kind`: number, text, sized (a length, no pattern), none, plain (no constraint applies) or ? (not known).
    """

    node: ast.expr
    kind: str
    inside: bool
    """In a container."""
    described: bool = False
    """Inside of `Annotated`, where version 2 puts constraints."""


def leaves(node: ast.expr, qualname: Callable[[ast.expr], str | None], inside: bool = False) -> Iterator[Leaf]:
    """The parts of an annotation that a constraint may hold for, in source order."""
    match node:
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            yield from leaves(left, qualname, inside)
            yield from leaves(right, qualname, inside)
        case ast.Constant(value=None):
            yield Leaf(node, "none", inside)
        case ast.Subscript(value=value, slice=inner):
            name = qualname(value)
            items = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            if name in ("typing.Optional", "typing.Union"):
                for item in items:
                    yield from leaves(item, qualname, inside)
            elif name == "typing.Annotated" and items:
                yield from (Leaf(one.node, one.kind, one.inside, True) for one in leaves(items[0], qualname, inside))
            elif name == "builtins.dict" and len(items) == 2:
                yield from leaves(items[1], qualname, True)
            elif name in CONTAINERS:
                for item in items:
                    if not (isinstance(item, ast.Constant) and item.value is ...):
                        yield from leaves(item, qualname, True)
            else:
                yield Leaf(node, "plain" if name in ("typing.Literal", "builtins.type") else "?", inside)
        case ast.Name() | ast.Attribute():
            yield Leaf(node, _kind(qualname(node)), inside)
        case _:
            yield Leaf(node, "?", inside)


def _kind(name: str | None) -> str:
    if name in _NUMBERS:
        return "number"
    if name in _TEXTS:
        return "text"
    if name in _LENGTHS_ONLY:
        return "sized"
    if name in CONTAINERS or name in _PLAIN:
        return "plain"
    return "?"


def containers(node: ast.expr, qualname: Callable[[ast.expr], str | None]) -> list[tuple[str, int]]:
    """(name, how deep it lies in others) of each container with arguments in an annotation."""
    found: list[tuple[str, int]] = []

    def go(one: ast.AST, depth: int) -> None:
        if isinstance(one, ast.Subscript):
            name = qualname(one.value)
            if name == "typing.Literal":
                return
            if name in CONTAINERS:
                found.append((name, depth))
                depth += 1
            go(one.slice, depth)
            return
        for child in ast.iter_child_nodes(one):
            go(child, depth)

    go(node, 0)
    return found


class Push(Struct, frozen=True):
    """Constraints that go from a call into the annotation: the clue of that repair."""

    places: tuple[tuple[int, int, str], ...]
    """(start, end, arguments) of each part, as characters of the annotation's source."""
    names: tuple[str, ...]
    """The arguments that leave the call."""
    maker: str
    """By which name the file has `Field`; empty: it is to be found out."""


def misplaced(
    annotation: ast.expr,
    arguments: Mapping[str, ast.expr],
    qualname: Callable[[ast.expr], str | None],
    *,
    counts_items: bool,
) -> tuple[dict[int, list[str]], list[Leaf]] | str | None:
    """Which constraints version 1 applied to parts of an annotation and version 2 applies to the whole.

    Gives the arguments for each part (by its index) and the parts; a string says why it cannot be told; None: all are
    where they belong. `counts_items`: lengths are known to be those of elements, for items are counted separately.
    """
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        inner = _parsed(annotation, annotation.value)
        found_inside = misplaced(inner, arguments, qualname, counts_items=counts_items) if inner is not None else None
        return "the annotation is a string" if isinstance(found_inside, tuple) else found_inside
    groups = [
        (("number",), [n for n in NUMERIC if n in arguments]),
        (("text",), [n for n in PATTERNS if n in arguments]),
        (("text", "sized"), [n for n in LENGTHS if n in arguments]),
    ]
    if not any(names for _, names in groups):
        return None
    parts = list(leaves(annotation, qualname))
    if all(part.kind == "none" or not part.inside for part in parts) and len(parts) < 2:
        return None
    found: dict[int, list[str]] = {}
    for kinds, names in groups:
        if not names:
            continue
        able = [index for index, part in enumerate(parts) if part.kind in kinds]
        others = [p for p in parts if p.kind != "none" and p.kind not in kinds and not p.inside]
        inside = any(parts[index].inside for index in able)
        if not inside and not (able and others):
            if any(part.inside and part.kind == "?" for part in parts) and kinds != ("text", "sized"):
                return "the type of the elements is not known"
            continue
        if kinds == ("text", "sized") and not counts_items:
            if inside:
                return LONE
            continue
        if any(part.kind == "?" for part in parts) or any(parts[index].described for index in able):
            return "not every part of the annotation is known"
        for index in able:
            found.setdefault(index, []).extend(names)
    return (found, parts) if found else None


def _parsed(where: ast.Constant, text: str) -> ast.expr | None:
    """The expression in a string, its parts placed where the string stands."""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        return None
    for node in ast.walk(tree):
        ast.copy_location(node, where)
    return tree


LONE = "lone"
"""A length that counted the characters of the elements in version 1, and counts the items in version 2."""
