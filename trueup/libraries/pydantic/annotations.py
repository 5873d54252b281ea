"""What the annotation of a field lets in: which ones version 1 took for optional, and to which None belongs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ...index.extract import expression
from ...index.facts import Attr, Call, Const, Expr, Name, Op, Sub
from ...index.project import ClassSymbol, VariableSymbol
from ...infer import Inference, Site
from .models import models_below

FIELD = ("pydantic.Field", "sqlmodel.Field", "sqlmodel.main.Field")
_ANY = ("typing.Any", "builtins.object")
_TRANSPARENT = ("typing.Annotated", "typing.Final", "typing.Required", "typing.NotRequired", "typing.ReadOnly")
_WITH_NONE = (
    "collections.abc.Hashable",
    "typing.Hashable",
    "types.NoneType",
    "builtins.NoneType",
    "pydantic.JsonValue",
)
"""Types that None belongs to, though version 1 took no field of theirs for optional."""


def alternatives(types: Inference, expr: Expr, site: Site, depth: int = 0) -> list[str]:
    """What an annotation lets a value be, unions flattened and aliases followed: one word for each alternative.

    `None`, `Any`, `Json` (one whose content may be None), `TypeVar` (with no bound), `null` (another type that None
    belongs to), `?` (not known) or `other`.
    """
    if depth > 20:
        return ["?"]
    if isinstance(expr, Const):
        if expr.kind == "none":
            return ["None"]
        parsed = parsed_annotation(expr.text) if expr.kind == "str" else None
        return alternatives(types, parsed, site, depth + 1) if parsed is not None else ["?"]
    if isinstance(expr, Op) and expr.op == "|":
        return [word for side in (expr.left, expr.right) for word in alternatives(types, side, site, depth + 1)]
    if isinstance(expr, Sub):
        return _subscripted(types, expr, site, depth + 1)
    if isinstance(expr, Name | Attr):
        return _named(types, expr, site, depth + 1)
    return ["other"]


def parsed_annotation(text: str) -> Expr | None:
    """An annotation in quotes; None for what is none."""
    try:
        return expression(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _subscripted(types: Inference, expr: Sub, site: Site, depth: int) -> list[str]:
    name = types.qualname(expr.value, site)
    inner = [word for item in expr.items for word in alternatives(types, item, site, depth)]
    if name == "typing.Optional":
        return [*inner, "None"]
    if name == "typing.Union":
        return inner
    if name in _TRANSPARENT:
        return alternatives(types, expr.items[0], site, depth)
    if name == "typing.Literal":
        return ["null" if any(item == Const("none") for item in expr.items) else "other"]
    if name == "pydantic.Json":
        return ["Json" if is_implicit(inner) else "other"]
    if name is not None and isinstance(types.project.locate(name), VariableSymbol) and not name.startswith("typing."):
        return _named(types, expr.value, site, depth)
    return ["other" if name is not None else "?"]


def _named(types: Inference, expr: Expr, site: Site, depth: int) -> list[str]:
    name = types.qualname(expr, site)
    if name is None:
        return ["?"]
    if name in _ANY:
        return ["Any"]
    if name == "pydantic.Json":
        return ["Json"]
    if name in _WITH_NONE:
        return ["null"]
    if name.startswith("typing."):
        return ["other"]
    symbol = types.project.locate(name)
    if not isinstance(symbol, VariableSymbol):
        return ["other"]
    value = next((b.value for b in reversed(symbol.bindings) if b.value is not None), None)
    if value is None:
        return ["?"]
    at = Site(symbol.file)
    if isinstance(value, Call):
        maker = types.qualname(value.func, at)
        if maker == "typing.TypeVar":
            limits = [v for k, v in value.keywords if k == "bound"] or list(value.args[1:])
            inner = [word for limit in limits for word in alternatives(types, limit, at, depth)]
            return ["TypeVar"] if not limits else ["null"] if "None" in inner else ["other"]
        if maker == "typing.NewType" and len(value.args) == 2:
            return alternatives(types, value.args[1], at, depth)
        return ["other"]
    return alternatives(types, value, at, depth)


def is_implicit(words: list[str]) -> bool:
    """Whether version 1 took a field with these alternatives and no default to be optional, with the default None."""
    if len(words) == 1:
        return words[0] in ("Any", "Json")
    return "None" in words or "Any" in words


def takes_none(words: list[str]) -> bool:
    """Whether version 2 accepts an explicit None for a field with these alternatives."""
    return any(word in ("None", "Any", "null") for word in words)


def is_field_name(name: str) -> bool:
    """Whether a name in the body of a model can be a field's."""
    return name == "__root__" or not (name.startswith("_") or name == "model_config")


def is_class_var(types: Inference, expr: Expr | None, site: Site, *, final: bool = False) -> bool:
    """Whether an annotation makes its name a variable of the class, no field; `final`: so does `Final`."""
    if isinstance(expr, Const) and expr.kind == "str":
        expr = parsed_annotation(expr.text)
    if isinstance(expr, Sub) and types.qualname(expr.value, site) == "typing.Annotated":
        return is_class_var(types, expr.items[0], site, final=final)
    expr = expr.value if isinstance(expr, Sub) else expr
    names = ("typing.ClassVar", "dataclasses.InitVar", *(("typing.Final",) if final else ()))
    return isinstance(expr, Name | Attr) and types.qualname(expr, site) in names


def shadows(name: str, node: ast.AnnAssign, owner: ast.ClassDef, *, lazy: bool) -> bool:
    """Whether a field that has a default hides a name its class goes on using, a type's usually.

    An annotation is evaluated after the default has been assigned; with `lazy` all of them when the class is done, by
    Pydantic 2, which looks into the class first.
    """
    if _mentions(node.annotation, name, text=True):
        return True
    behind = False
    for statement in owner.body:
        if statement is node:
            behind = True
        elif isinstance(statement, ast.AnnAssign):
            seen = behind or lazy or _is_text(statement.annotation)
            if seen and _mentions(statement.annotation, name, text=True):
                return True
        if behind and statement is not node and any(_mentions(one, name) for one in _evaluated(statement, lazy)):
            return True
    return False


def _evaluated(statement: ast.stmt, lazy: bool) -> Iterator[ast.expr]:
    """What a statement of a class body evaluates there, the annotations of fields apart."""
    match statement:
        case ast.AnnAssign(value=ast.expr() as value) | ast.Assign(value=value) | ast.Expr(value=value):
            yield value
        case ast.FunctionDef(args=args, returns=returns) | ast.AsyncFunctionDef(args=args, returns=returns):
            yield from statement.decorator_list
            yield from args.defaults
            yield from (one for one in args.kw_defaults if one is not None)
            described = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
            annotations = [*(one.annotation for one in described if one is not None), returns]
            yield from (one for one in annotations if one is not None and not lazy)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _mentions(node: ast.AST, name: str, *, text: bool = False) -> bool:
    """Whether an expression uses a name; `text`: strings in it are annotations too."""
    match node:
        case ast.Name(id=found):
            return found == name
        case ast.Constant(value=str(value)):
            return text and re.search(rf"(?<![.\w]){re.escape(name)}\b", value) is not None
        case ast.Call() | ast.Subscript(value=ast.Name(id="Literal") | ast.Attribute(attr="Literal")):
            text = False
    return any(_mentions(child, name, text=text) for child in ast.iter_child_nodes(node))


def has_bytes(types: Inference, symbol: ClassSymbol) -> bool:
    """Whether a model, or one below it, has a field that can hold `bytes`."""
    family = [symbol, *models_below(types, symbol.qualname)]
    names = [name for one in family for name in types.mro(one.qualname).names]
    for name in dict.fromkeys(names):
        owner = types.project.klass(name)
        if owner is not None and owner.file.path in types.project.files:
            for field in owner.facts.fields:
                if field.annotation is not None and _mentions_bytes(types, field.annotation, _class_body(owner)):
                    return True
    return False


def _class_body(symbol: ClassSymbol) -> Site:
    return Site(symbol.file, None, symbol.facts)


def _mentions_bytes(types: Inference, expr: Expr, site: Site) -> bool:
    if isinstance(expr, Const) and expr.kind == "str":
        parsed = parsed_annotation(expr.text)
        return parsed is not None and _mentions_bytes(types, parsed, site)
    if isinstance(expr, Sub):
        return any(_mentions_bytes(types, one, site) for one in (expr.value, *expr.items))
    if isinstance(expr, Op):
        return _mentions_bytes(types, expr.left, site) or _mentions_bytes(types, expr.right, site)
    if isinstance(expr, Call):
        return types.qualname(expr.func, site) == "pydantic.conbytes"
    return isinstance(expr, Name | Attr) and types.qualname(expr, site) in ("builtins.bytes", "pydantic.conbytes")
