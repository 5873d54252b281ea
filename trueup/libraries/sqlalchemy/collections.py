"""What kind of collection a relationship to many objects keeps them in."""

from __future__ import annotations

from ...index.facts import Call, Const, Name
from ...infer import Inference
from ...types import UNKNOWN, ClassObject, Type
from .columns import attribute_type
from .mapping import named
from .relationships import Relationship

_BY_ATTRIBUTE = frozenset({"attribute_mapped_collection", "attribute_keyed_dict"})
_BY_OTHER = frozenset({"column_mapped_collection", "column_keyed_dict", "mapped_collection", "keyfunc_mapping"})


def container_of(types: Inference, one: Relationship, target: str) -> tuple[str, Type] | None:
    """(`list`, `set` or `dict`, the type of the keys of a dict); None where that cannot be told.

    `target`: the class the relationship leads to.
    """
    given = one.keywords.get("collection_class")
    if given is None or given == Const("none"):
        return "list", UNKNOWN
    if isinstance(given, Call):
        name = named(types, given.func, one.site)
        last = name.rpartition(".")[2]
        if not name.startswith("sqlalchemy."):
            return None
        if last == "ordering_list":
            return "list", UNKNOWN
        if last in _BY_ATTRIBUTE and given.args and isinstance(key := given.args[0], Const):
            return "dict", attribute_type(types, target, key.text)
        return ("dict", UNKNOWN) if last in _BY_ATTRIBUTE | _BY_OTHER else None
    if isinstance(given, Name) and given.id in ("list", "set"):
        found: Type = ClassObject(f"builtins.{given.id}")
    else:
        found = types.type_of(given, one.site)
    if isinstance(found, ClassObject):
        for kind in ("list", "set", "dict"):
            if types.is_subclass(found.cls, f"builtins.{kind}"):
                return kind, UNKNOWN
    return None
