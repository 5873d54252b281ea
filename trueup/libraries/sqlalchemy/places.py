"""Where the statements of a class body are read."""

from __future__ import annotations

from ...index.facts import Field
from ...index.project import ClassSymbol
from ...infer import Inference, Site


def body_site(types: Inference, owner: ClassSymbol, field: Field | None = None) -> Site:
    """The place of a field's value in its class's body; without a field, the body's end."""
    outer = types.class_site(owner)
    if field is None:
        return Site(owner.file, outer.function, owner.facts)
    return Site(owner.file, outer.function, owner.facts, 0, field.pos.line, field.pos.column)
