"""What becomes of `json_encoders`: the fields that get a serializer instead, and what keeps a machine from it."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, structs

from ...index.facts import Attr, Call, Const, Display, Expr, Field, Name, Sub
from ...index.facts import Mapping as Literal
from ...index.project import ClassSymbol
from ...infer import Inference
from ...types import short
from .config import dotted
from .encoder_forms import Form, Forms, Place, Spot, Written
from .encoder_models import Models, inspector, reader
from .encoders import (
    KEY,
    Definition,
    Entry,
    EntryId,
    components,
    definitions,
    encoder_for,
    plain_name,
    same_encoder,
)
from .leaves import Leaf, leaves, part_of
from .models import names_below

_NATIVE = frozenset({f"builtins.{name}" for name in ("str", "int", "float", "bool", "list", "dict", "tuple")}) | {
    "builtins.NoneType", "pydantic.AnyUrl",
}  # fmt: skip
"""What JSON has a form for: version 1 asked no encoder for it."""
_UNASKED = ("pathlib.PurePath", "ipaddress._BaseAddress", "re.Pattern", "ipaddress.IPv4Address",
            "ipaddress.IPv6Address", "ipaddress.IPv4Network", "ipaddress.IPv6Network")  # fmt: skip
"""Types that bring a serializer of their own in version 2, which therefore asks no encoder for them."""
_FINAL = frozenset(
    {"pydantic.SecretStr", "pydantic.SecretBytes", "pydantic.SecretField", "uuid.UUID", "decimal.Decimal",
     "datetime.timedelta", "builtins.bytes", "builtins.set", "builtins.frozenset", "builtins.complex"}
)  # fmt: skip
"""Classes that libraries have no subclasses of: what is not known is none."""


class Plan(Struct, frozen=True):
    """The classes whose encoders go together, what becomes of them, and of the fields.

    `obstacle`: why they are left to a person; `why`: what changes beside that; both may be empty.
    """

    heads: tuple[str, ...]
    places: tuple[Place, ...]
    forms: tuple[tuple[EntryId, Form], ...]
    obstacle: str
    why: str

    @property
    def group(self) -> str:
        """The name under which their repairs go together."""
        return f"{KEY} {self.heads[0]}"

    @property
    def members(self) -> int:
        """How many findings that are."""
        return len(self.heads) + len(self.places)

    def form(self, entry: EntryId) -> Form:
        """How the serializer of an encoder is written."""
        return dict(self.forms)[entry]


def plans(types: Inference, roots: tuple[str, ...]) -> dict[str, Plan]:
    """Class -> what becomes of the encoders that it gives."""
    return types.shared(_plans, roots)


def places_in(types: Inference, path: str, roots: tuple[str, ...]) -> tuple[tuple[Place, str], ...]:
    """The fields of a file that get a serializer, each with the first class of its plan."""
    return types.shared(_places_in, path, roots)


def _places_in(types: Inference, path: str, roots: tuple[str, ...]) -> tuple[tuple[Place, str], ...]:
    found = {one.heads[0]: one for one in types.shared(_plans, roots).values() if not one.obstacle}
    return tuple((place, head) for head, one in found.items() for place in one.places if place.path == path)


def _plans(types: Inference, roots: tuple[str, ...]) -> dict[str, Plan]:
    given = definitions(types, roots)
    if not given:
        return {}
    models = Models(types, roots, given)
    made = [_Planner(models, heads).plan() for heads in components(types, given)]
    return {head: plan for plan in _joined(models, made) for head in plan.heads}


def _joined(models: Models, made: list[Plan]) -> list[Plan]:
    """The plans; those of one module that would define the same alias twice are one plan."""
    joined: list[Plan] = []
    for plan in made:
        for other in tuple(joined):
            if borrowed := _borrowed(models, plan, other):
                joined.remove(other)
                forms = (*other.forms, *[(entry, borrowed.get(entry, form)) for entry, form in plan.forms])
                whys = dict.fromkeys(why for one in (other, plan) for why in one.why.split("; ") if why)
                plan = Plan((*other.heads, *plan.heads), (*other.places, *plan.places), forms, "", "; ".join(whys))
        joined.append(plan)
    return joined


def _borrowed(models: Models, plan: Plan, other: Plan) -> dict[EntryId, Form]:
    """The forms of a plan that take the name that another one defines above its classes."""
    found: dict[EntryId, Form] = {}
    for entry, form in plan.forms:
        for known, its in other.forms:
            if not form.name or form.single or its.single or its.borrowed:
                continue
            if (form.kind, form.of, form.module) != (its.kind, its.of, its.module):
                continue
            mine, theirs = models.entry(entry), models.entry(known)
            alike = mine.key == theirs.key and same_encoder(mine.encoder, theirs.encoder)
            if alike and models.is_behind(entry[0], known[0]):
                found[entry] = structs.replace(form, name=its.name, borrowed=True)
    return found


class _Planner:
    """Looks at the encoders that go together."""

    def __init__(self, models: Models, heads: tuple[str, ...]) -> None:
        self.models = models
        self.types = models.types
        self.heads = heads
        self.realm = [one for one in models.all if models.source[one.qualname] in heads]
        self.places: dict[Place, None] = {}
        self.written: dict[EntryId, set[Written]] = {}
        """Encoder -> the types that fields have it for."""
        self.whys: dict[str, None] = {}
        self.anything = ""
        """A field that holds values of any type."""

    def plan(self) -> Plan:
        obstacle = self._obstacle()
        forms = Forms(self.models, self.heads, tuple(self.places), self.written).made() if not obstacle else {}
        if isinstance(forms, str):
            obstacle, forms = forms, {}
        if not obstacle and not self.places and (self.anything or self._is_unused_base()):
            obstacle = "no field of the project has a type that they are for"
            if self.anything:
                obstacle += f", but version 1 used them for what `{self.anything}` holds, and Pydantic 2 does not"
        if obstacle:
            return Plan(self.heads, (), (), obstacle, "")
        if self.anything:
            self._why(f"version 1 used them for what `{self.anything}` holds too, which may be anything")
        self._look_around()
        return Plan(self.heads, tuple(self.places), tuple(sorted(forms.items())), "", "; ".join(self.whys))

    def _why(self, text: str) -> None:
        self.whys.setdefault(text)

    # What stands in the way ------------------------------------------------------------------------------------------

    def _obstacle(self) -> str:
        for head in self.heads:
            one = self.models.given[head]
            obstacle = one.problem or next((why for entry in one.entries if (why := self._entry(one, entry))), "")
            if obstacle:
                return obstacle
        if path := self.types.shared(reader):
            return f"`{KEY}` are read in `{path}`"
        for symbol in self.realm:
            obstacle = self._model(symbol)
            if obstacle:
                return obstacle
        return self._below()

    def _entry(self, one: Definition, entry: Entry) -> str:
        symbol = self.types.project.klass(one.cls)
        assert symbol is not None
        if entry.key in self.models.source:
            return f"version 1 never asked for `{short(entry.key)}`: models are dicts by then; Pydantic 2 does ask"
        if entry.key in _NATIVE:
            return f"version 1 never asked for `{short(entry.key)}`, which JSON has a form for; Pydantic 2 does ask"
        bound = {binding.name for binding in symbol.facts.scope.bindings}
        names = {_root(expr) for expr in (entry.named, entry.encoder)} - {""}
        taken = next((name for name in sorted(names) if name in bound), "")
        if taken:
            return f"`{taken}` is a name of the class itself"
        return ""

    def _model(self, symbol: ClassSymbol) -> str:
        """What keeps the fields of a model from getting serializers; notes those that do."""
        cls = symbol.qualname
        encoders = self.models.encoders(cls)
        names = self.types.mro(cls).names
        if any(name.startswith("sqlmodel.") for name in names):
            return f"`{short(cls)}` may be a table"
        if not self.types.mro(cls).complete:
            unknown = next((name for name in names if self.types.project.klass(name) is None), names[-1])
            self._why(f"the base `{short(unknown)}` of `{short(cls)}` is not known")
        for base in symbol.facts.bases:
            for item in base.items if isinstance(base, Sub) else ():
                for leaf in leaves(self.types, item, self.types.class_site(symbol)):
                    if leaf.kind == "class" and encoder_for(self.types, leaf.name, encoders) is not None:
                        return f"the type stands among the bases of `{short(cls)}`"
        for name, leaf in self.models.results(symbol):
            if leaf.kind == "class" and encoder_for(self.types, leaf.name, encoders) is not None:
                return f"what `{short(cls)}.{name}` returns is written by it too"
        for owner, field, found in self.models.inherited(cls):
            obstacle = self._field(symbol, owner, field, found)
            if obstacle:
                return obstacle
        return ""

    def _field(self, symbol: ClassSymbol, owner: ClassSymbol, field: Field, found: list[Leaf]) -> str:
        cls, own = symbol.qualname, owner.qualname == symbol.qualname
        encoders = self.models.encoders(cls)
        shown = f"{short(owner.qualname)}.{field.name}"
        spots: list[Spot] = []
        for leaf in found:
            if leaf.kind in ("any", "variable"):
                self.anything = self.anything or shown
            if leaf.serializer is not None:
                continue
            entry = encoder_for(self.types, leaf.name, encoders) if leaf.kind == "class" else None
            if entry is None:
                if obstacle := self._doubt(leaf, shown, encoders):
                    return obstacle
                if leaf.kind == "class" and (within := self._within(leaf.name, cls)):
                    return within
            elif not own and self._entry_of(leaf, owner.qualname) == entry:
                continue
            elif not own and (why := self._elsewhere(owner, entry, leaf, shown, cls)):
                return why
            elif leaf.behind:
                return f"the type of `{shown}` {leaf.behind}"
            else:
                spots.append(Spot(leaf.path, entry))
                part = part_of(field.annotation, leaf.path) if field.annotation is not None else None
                exact = not leaf.renamed and plain_name(leaf.name) == self.models.entry(entry).key
                self.written.setdefault(entry, set()).add((dotted(part) if part is not None else "", exact))
                self._note(leaf.name)
        if spots:
            if _has_default(field.value):
                self._why("the schema of what is taken in shows defaults without the encoders, as in version 1")
            path, pos = owner.file.path, field.pos
            self.places.setdefault(Place(path, pos.line, pos.column, owner.qualname, field.name, tuple(spots)))
        return ""

    def _entry_of(self, leaf: Leaf, cls: str) -> EntryId | None:
        return encoder_for(self.types, leaf.name, self.models.encoders(cls))

    def _elsewhere(self, owner: ClassSymbol, entry: EntryId, leaf: Leaf, shown: str, cls: str) -> str:
        """Why a field that stands in a class without that encoder does not get a serializer there."""
        below = names_below(self.types, owner.qualname)
        other = self._entry_of(leaf, owner.qualname) is not None
        alike = all(self._entry_of(leaf, one) == entry for one in below)
        if other or not alike or self.models.is_used(owner):
            return f"`{shown}` is a field of `{short(cls)}` too, and has not the same encoder where it stands"
        home = self.types.project.klass(entry[0])
        assert home is not None
        if home.file.path == owner.file.path:
            loaded = home.facts.pos.line < owner.facts.pos.line
        else:
            loaded = any(one.file.path == owner.file.path for one in self.realm)
        if not loaded:
            return f"`{shown}` stands where the encoder of `{short(entry[0])}` cannot be imported"
        self._why(f"`{short(owner.qualname)}` itself is written so too, from which only models with them inherit")
        return ""

    def _doubt(self, leaf: Leaf, shown: str, encoders: Mapping[str, EntryId]) -> str:
        """Why it cannot be said that there is no encoder for a type."""
        if leaf.kind == "class" and self.types.mro(leaf.name).complete:
            return ""
        if leaf.kind not in ("class", "unknown"):
            return ""
        foreign = leaf.kind == "class" and not self.types.project.is_own(leaf.name)
        for key in encoders:
            if foreign and self.types.project.is_own(key):  # libraries know nothing of the project's classes
                continue
            if key not in _FINAL or short(leaf.name) == short(key):
                return f"whether the type of `{shown}` is a `{short(key)}` is not known"
        return ""

    def _note(self, cls: str) -> None:
        """What changes for values of a class that gets an encoder."""
        names = self.types.mro(cls).names
        native = next((name for name in names if name in _NATIVE), "")
        if native:
            self._why(f"`.json()` of version 1 did not ask them for a `{short(cls)}`, which is a `{short(native)}`")
        elif any(name in _UNASKED for name in names):
            self._why(f"Pydantic 2 did not ask them for a `{short(cls)}`")

    def _within(self, cls: str, outer: str, seen: tuple[str, ...] = ()) -> str:
        """Why the values inside of a class are written otherwise than in version 1, which used the outermost's."""
        if cls in seen or not self.models.is_open(cls):
            return ""
        encoders = self.models.encoders(outer)
        for one in (cls, *names_below(self.types, cls)):
            inner = self.models.encoders(one)
            for owner, field, found in self.models.inherited(one):
                for leaf in found:
                    if leaf.kind in ("any", "variable"):
                        self.anything = self.anything or f"{short(owner.qualname)}.{field.name}"
                    if leaf.kind != "class":
                        continue
                    wanted = encoder_for(self.types, leaf.name, encoders)
                    if wanted is None:
                        if why := self._within(leaf.name, outer, (*seen, cls)):
                            return why
                    elif not self._is_written_alike(leaf, encoder_for(self.types, leaf.name, inner), wanted):
                        if self.models.is_record(one):
                            return f"`{short(one)}.{field.name}` inside of `{short(outer)}` is written by it too"
                        return (
                            f"version 1 used that of `{short(outer)}` for `{short(one)}.{field.name}` inside of it "
                            "too, and Pydantic 2 does not"
                        )
        return ""

    def _is_written_alike(self, leaf: Leaf, had: EntryId | None, wanted: EntryId) -> bool:
        encoder = self.models.entry(wanted).encoder
        if leaf.serializer is not None:
            return same_encoder(leaf.serializer, encoder)
        return had == wanted or (had is not None and same_encoder(self.models.entry(had).encoder, encoder))

    def _below(self) -> str:
        """Why a class that inherits a field, but has other encoders, keeps the fields from changing."""
        placed = {place.cls for place in self.places}
        for symbol in self.models.all:
            if self.models.source[symbol.qualname] in self.heads:
                continue
            if placed.isdisjoint(self.types.mro(symbol.qualname).names):
                continue
            for owner, field, found in self.models.inherited(symbol.qualname):
                for leaf in found if owner.qualname in placed else ():
                    if leaf.serializer is not None:
                        continue
                    if self._entry_of(leaf, symbol.qualname) != self._entry_of(leaf, owner.qualname):
                        return f"`{short(symbol.qualname)}` has other encoders, and inherits `{field.name}`"
        return ""

    # What changes beside ----------------------------------------------------------------------------------------------

    def _is_unused_base(self) -> bool:
        return all(not names_below(self.types, head) and not self._has_fields(head) for head in self.heads)

    def _has_fields(self, cls: str) -> bool:
        return next(iter(self.models.inherited(cls)), None) is not None

    def _look_around(self) -> None:
        if self.places and (path := self.types.shared(inspector)):
            self._why(f"`{path}` looks at the types of fields, which may be `Annotated` now")
        head = next((one for one in self.heads if names_below(self.types, one) or not self._has_fields(one)), "")
        if head:
            self._why(f"models elsewhere that inherit from `{short(head)}` are to give their own fields serializers")
        written = {place.cls for place in self.places}
        written = {one.qualname for one in self.realm if not written.isdisjoint(self.types.mro(one.qualname).names)}
        for symbol in self.models.all:
            if self.models.source[symbol.qualname] in self.heads:
                continue
            for field, found in self.models.fields(symbol):
                inside = next((leaf.name for leaf in found if leaf.name in written), "")
                if inside:
                    shown = f"{short(symbol.qualname)}.{field.name}"
                    self._why(f"version 1 did not use them for the `{short(inside)}` in `{shown}`, and Pydantic 2 does")
                    return


def _root(expr: Expr) -> str:
    """The name that an expression begins with, where it is a plain name."""
    while isinstance(expr, Attr):
        expr = expr.value
    return expr.id if isinstance(expr, Name) else ""


def _has_default(value: Expr | None) -> bool:
    """Whether a field has a default that the schema shows."""
    if isinstance(value, Call):
        given = [one for key, one in value.keywords if key == "default"] or list(value.args[:1])
        factory = any(key == "default_factory" for key, _ in value.keywords)
        return not factory and any(_has_default(one) for one in given)
    if isinstance(value, Display):
        return bool(value.items)
    if isinstance(value, Literal):
        return bool(value.keys)
    return value is not None and not (isinstance(value, Const) and value.kind in ("none", "ellipsis"))
