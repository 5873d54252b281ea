"""Which functions of a file are routes, and what their decorators say, for rules that look at each of them."""

from __future__ import annotations

import ast
import re
from http import HTTPStatus

from ..config import Config
from ..file import File
from ..index.extract import expression
from ..index.facts import FileFacts
from ..index.project import FunctionSymbol
from ..infer import Inference
from ..layers import TEST, layer_of
from ..libraries.fastapi import entries, entry, route_decorator


def holds_routes(facts: FileFacts, types: Inference, config: Config) -> bool:
    """Whether a file has a function that answers requests: what rules on routes ask before they look at it."""
    return any(role.kind == "route" for _, role in entries(types, facts))


def route_at(node: ast.FunctionDef | ast.AsyncFunctionDef, file: File) -> FunctionSymbol | None:
    """The function of a node if it is a route; None for any other, and for what is part of a test."""
    facts = file.function_at(node)
    if facts is None:
        return None
    route = file.function_symbol(facts)
    role = entry(file.types, route)
    if role is None or role.kind != "route" or layer_of(file.types, route, file.config) == TEST:
        return None
    return route


def routings(node: ast.FunctionDef | ast.AsyncFunctionDef, file: File) -> list[tuple[str, ast.Call]]:
    """(method, decorator) of each decorator that makes a function a route: `get` of `@router.get("/users")`."""
    found = []
    for one in node.decorator_list:
        method = route_decorator(file.types, expression(one), file.site(one)) if isinstance(one, ast.Call) else None
        if isinstance(one, ast.Call) and method is not None:
            found.append((method, one))
    return found


def said(routing: ast.Call, name: str) -> ast.expr | None:
    """An argument of a route's decorator by its name; `path` is the first."""
    given = next((one.value for one in routing.keywords if one.arg == name), None)
    return routing.args[0] if given is None and name == "path" and routing.args else given


def status_of(node: ast.expr | None) -> int | None:
    """`404` for `404`, `status.HTTP_404_NOT_FOUND`, `HTTPStatus.NOT_FOUND`; None for what is not written out."""
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    if isinstance(node, ast.Attribute) and node.attr == "value":
        node = node.value
    if isinstance(node, ast.Attribute) and getattr(node.value, "attr", getattr(node.value, "id", "")) == "HTTPStatus":
        return next((one.value for one in HTTPStatus if one.name == node.attr), None)
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return status_named(name)


def status_named(name: str) -> int | None:
    """`404` for `HTTP_404_NOT_FOUND`."""
    found = re.match(r"HTTP_(\d{3})_", name)
    return int(found[1]) if found else None
