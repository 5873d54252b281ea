"""How the serializers are written that take the place of `json_encoders`, and by which names."""

from __future__ import annotations

import sys

from msgspec import Struct

from ...index.facts import Attr, Lambda, Name
from ...index.project import ClassSymbol
from ...infer import Site
from ...types import Callee, short
from .encoder_models import Models
from .encoders import Entry, EntryId

Written = tuple[str, bool]
"""A type as an annotation spells it, and whether it is just the one that the encoder is for."""


class Form(Struct, frozen=True):
    """How the serializer of an encoder is written.

    `kind`: alias, `name = Annotated[T, PlainSerializer(...)]` above the class; serializer, `name =
    PlainSerializer(...)` above it, for types below the one that the encoder is for; or empty, where nothing needs it.
    `of`: the type in an alias, if it is not the encoder's.
    `single`: one field of the class itself needs it, so that it can be written where the type stands, too; it must be
    if there is no name. `bare`: the encoder itself does; else a `lambda` around it, for what a function is declared to
    return would get into the JSON schema. `borrowed`: the name is that of another class's encoder, which is the same.
    """

    kind: str
    of: str
    module: str
    name: str
    single: bool
    bare: bool
    borrowed: bool = False


class Spot(Struct, frozen=True):
    """A type in the annotation of a field: the way to it, and the encoder it has."""

    path: tuple[int, ...]
    entry: EntryId


class Place(Struct, frozen=True):
    """A field whose annotation names types with encoders: where its statement begins, and what stands in it."""

    path: str
    line: int
    column: int
    cls: str
    field: str
    spots: tuple[Spot, ...]


class Forms:
    """Finds the forms of encoders that go together.

    Args:
        models: of the project.
        heads: the classes that give the encoders.
        places: the fields that get serializers.
        written: encoder -> the types that fields have it for, as they are written, and whether each is its own.
    """

    def __init__(
        self, models: Models, heads: tuple[str, ...], places: tuple[Place, ...], written: dict[EntryId, set[Written]]
    ) -> None:
        self._models = models
        self._types = models.types
        self._heads = heads
        self._places = places
        self._written = written

    def made(self) -> dict[EntryId, Form] | str:
        """The form of each encoder, or why there is none."""
        uses: dict[EntryId, list[Place]] = {}
        for place in self._places:
            for spot in place.spots:
                uses.setdefault(spot.entry, []).append(place)
        forms: dict[EntryId, Form] = {}
        for head in self._heads:
            symbol = self._types.project.klass(head)
            assert symbol is not None
            for index, entry in enumerate(self._models.given[head].entries):
                key = (head, index)
                places = uses.get(key, [])
                single = len(places) == 1 and places[0].cls == head
                nested = bool(symbol.facts.owner or symbol.facts.parent)
                if nested and places and not single:
                    return f"`{symbol.facts.name}` is no class of a module"
                kind, of = self._kind(key, places)
                name = ""
                if kind and not nested:
                    paths = [symbol.file.path, *[place.path for place in places]]
                    name = self._free_name(short(of or entry.key), kind, head, paths)
                forms[key] = Form(kind, of, symbol.file.module, name, single, self._is_bare(entry, symbol))
        return forms

    def _kind(self, entry: EntryId, places: list[Place]) -> tuple[str, str]:
        """The kind of an encoder's form, and the type that an alias is for, where that is not the encoder's own."""
        written = self._written.get(entry, set())
        if not written or all(exact for _, exact in written):
            return ("alias" if written else ""), ""
        symbol = self._types.project.klass(entry[0])
        assert symbol is not None
        lazy = any(one.module == "__future__" and one.attr == "annotations" for one in symbol.file.scope.imports)
        alone = next(iter(written))[0] if len(written) == 1 else ""
        if alone and not lazy and all(place.cls == entry[0] for place in places):  # it is known above the class, then
            return "alias", alone
        return "serializer", ""

    def _free_name(self, name: str, kind: str, head: str, paths: list[str]) -> str:
        """A name that none of some files uses, for the form of a type."""
        if kind == "alias":
            name = f"Json{name[0].upper()}{name[1:]}"
            choices = [name, f"{name}Of{short(head)}", *(f"{name}{number}" for number in range(2, 100))]
        else:
            name = f"{name.lower()}_to_json"
            choices = [name, *(f"{name}_{number}" for number in range(2, 100))]
        taken = self._taken(paths)
        name = next(one for one in choices if one not in taken)
        for path in paths:
            self._models.named.setdefault(path, set()).add(name)
        return name

    def _taken(self, paths: list[str]) -> set[str]:
        found: set[str] = set()
        for path in dict.fromkeys(paths):
            file = self._types.project.files[path]
            found |= self._models.named.get(path, set())
            for scope in (file.scope, *[one.scope for one in file.classes]):
                found |= {one.name for one in scope.bindings} | {one.name for one in scope.imports}
        return found

    def _is_bare(self, entry: Entry, symbol: ClassSymbol) -> bool:
        """Whether an encoder itself can be the serializer: nothing says what it returns, or nobody knows the schema."""
        if isinstance(entry.encoder, Lambda):
            return True
        if self._types.project.locate(entry.key) is None or self._types.project.klass(entry.key) is None:
            return isinstance(entry.encoder, Name | Attr)
        site = Site(symbol.file, None, symbol.facts)
        found = self._types.type_of(entry.encoder, site)
        function = self._types.project.function(found.qualname) if isinstance(found, Callee) else None
        if function is None:
            return False
        own = function.file.path in self._types.project.files
        facts = function.facts
        needed = [one for one in facts.params if one.default is None and not one.kind.startswith("var-")]
        plain = len(needed) == 1 and needed[0].kind in ("positional", "positional-only") and not facts.decorators
        if own:
            return plain and facts.returns is None and not facts.owner
        return plain and function.file.module.partition(".")[0] in sys.stdlib_module_names  # which declares nothing
