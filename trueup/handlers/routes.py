"""Which functions of a file are routes, for rules that look at each of them."""

from __future__ import annotations

import ast

from ..config import Config
from ..file import File
from ..index.facts import FileFacts
from ..index.project import FunctionSymbol
from ..infer import Inference
from ..layers import TEST, layer_of
from ..libraries.fastapi import entries, entry


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
