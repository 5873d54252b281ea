"""What the repair of `json_encoders` has to know: the clues of its findings."""

from __future__ import annotations

from msgspec import Struct

from ...model import Span


class Named(Struct, frozen=True):
    """A name that is defined above a class: `kind` alias or serializer, and the sources of type and encoder."""

    kind: str
    name: str
    type: str
    encoder: str


class Removed(Struct, frozen=True):
    """The encoders of a class go: what is defined above it for them, and (module, name) of imports they needed."""

    names: tuple[Named, ...]
    imports: tuple[tuple[str, str], ...]


class Written(Struct, frozen=True):
    """A type in an annotation: where it stands, and what says how it is written.

    `kind`: inline (the source `encoder`), alias or serializer (called `name`, of another `module` if one is given).
    """

    span: Span
    kind: str
    module: str
    name: str
    encoder: str


class Serialized(Struct, frozen=True):
    """The types in the annotation of a field, and (module, name) of imports that it needed."""

    types: tuple[Written, ...]
    imports: tuple[tuple[str, str], ...]
