"""What an assignment in a handler changes: a domain object, the application, the request's body, or only the answer."""

from __future__ import annotations

import ast
from collections.abc import Collection
from enum import Enum

from ..types import Foreign, Unknown
from .naming import last_name, root, words
from .values import Origin, Values

COLLECTION_CHANGES = frozenset("add append clear discard extend insert pop remove update".split())
_SHAPED = frozenset("context ctx data form headers out output payload reply resp response result template".split())
"""Names of what a handler only fills in to answer with."""


class Changed(Enum):
    """What it is that changes; a value of the handler's own is none of these."""

    DOMAIN = "domain"
    """A stored object, or one that a service gave."""
    STATE = "state"
    """What lives as long as the application."""
    BODY = "body"
    """What the client sent."""


def changed(target: ast.expr, values: Values, kept: Collection[str]) -> Changed | None:
    """What an assignment to a target changes; `kept`: the names of what the handler hands to a write."""
    if isinstance(target, ast.Attribute):
        return changed_object(target.value, values, kept)
    if isinstance(target, ast.Subscript):
        if _is_state(target.value, values):
            return Changed.STATE
        if isinstance(target.value, ast.Attribute) and values.is_stored(target.value.value):
            return Changed.DOMAIN
    return None


def changed_object(node: ast.expr, values: Values, kept: Collection[str]) -> Changed | None:
    """What setting an attribute of an object changes."""
    if _is_state(node, values):
        return Changed.STATE
    if values.is_stored(node):
        return Changed.DOMAIN
    if values.is_of_library(node) or values.is_session(node):
        return None
    origin, base = values.origin(node), root(node)
    if origin == Origin.REQUEST:
        return Changed.BODY if values.is_model(node) else None
    if isinstance(base, ast.Name) and values.is_model(node):
        return Changed.DOMAIN if base.id in kept else None
    if isinstance(base, ast.Name) and base.id in values.copies and base.id not in kept:
        return None
    return Changed.DOMAIN if origin == Origin.DOMAIN and not _is_shaped(node) else None


def _is_state(node: ast.expr, values: Values) -> bool:
    """Whether something lives as long as the application: `app.state`, a variable from outside the handler."""
    base = root(node)
    while isinstance(node, ast.Attribute | ast.Subscript):
        if isinstance(node, ast.Attribute) and node.attr == "state":
            return last_name(node.value) == "app"
        node = node.value
    if not isinstance(base, ast.Name) or base.id in values.names:
        return False
    return not isinstance(values.type_of(base), Unknown | Foreign) or base.id.isupper()


def _is_shaped(node: ast.expr) -> bool:
    """Whether an expression is by its name, or that of what holds it, something the handler only fills in."""
    return any(not _SHAPED.isdisjoint(words(last_name(one))) for one in (node, root(node)))


def is_shaping(node: ast.expr) -> bool:
    """Whether a call fills in what the handler answers with: `form.email.errors.append(...)`."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    return node.func.attr in COLLECTION_CHANGES and _is_shaped(node.func.value)
