"""`json_encoders` is deprecated, and does not do in Pydantic 2 what it did before.

## Why
Version 2 keeps `json_encoders` for the migration only and warns as soon as a model has a field that one of them is
for. It applies those of the model a field belongs to, where version 1 applied those of the outermost model to all
inside it; and it calls them for plain types (`int`, `str`, `list`) too.

## Example
```python
# JsonDatetime = Annotated[datetime, PlainSerializer(lambda v: iso(v), when_used="json")]

class Base(BaseModel):
    model_config = ConfigDict(json_encoders={datetime: iso})   # goes

class Event(Base):
    at: datetime                                               # at: JsonDatetime
    ended: Optional[datetime] = None                           # ended: Optional[JsonDatetime] = None
```

## Fix safety
What Pydantic 2 does with an encoder is written down: a serializer for JSON at each type that it is for, in the fields
of the class and of those below it, in whatever file; the encoders go. All that belongs together is repaired, or
nothing. One field of the class itself has the serializer in its annotation if the line stays short; else there is an
alias above the class, or for types below the encoder's (`Enum`, say) a name for the serializer. Classes and functions
that say what they return get a `lambda` around them: the JSON schema of the field would follow them else. JSON, Python
dumps and schemas stay as they are, and version 2 no longer warns. Encoders that nothing needs go too.

Unsafe, and the finding says which:

- models of other packages that inherit from the class have to give their fields serializers themselves
- the schema of what is taken in shows defaults without the encoders, as in version 1
- what version 1 wrote otherwise anyway, with encoders or with serializers: what fields of `Any` hold, and such a model
  inside of another one
- a `Path` or an address of a network, for which Pydantic 2 asks no encoder, is written as in version 1 again
- code that looks at the types of fields (`field.annotation`) finds an `Annotated` in them
- a base without encoders, of which nothing but models with them are made, is written with them too

Left to a person, and the message says why:

- a model inside has fields of such a type, without that encoder: version 1 used the outermost model's there, Pydantic 2
  does not, and a serializer would change the JSON that the inner model has alone
- no field of the project has such a type, but fields of `Any` or of a type variable may hold it
- encoders for models or for what JSON has a form for (`str`, `dict`), which version 1 never called
- the type stands in quotes or behind an alias, is the base of a generic class, or may be below the encoder's: its class
  is not known
- the encoders are not written out (`json_encoders=ENCODERS`), or other code reads them
- the class may be a table of SQLModel

For these, write a serializer on the field, on the type, or for all fields of a kind:

```python
UtcTime = Annotated[datetime, PlainSerializer(lambda t: t.isoformat(), when_used="json")]

class Event(BaseModel):
    at: UtcTime

    @field_serializer("ended_at", when_used="json")
    def iso(self, value: datetime) -> str:
        return value.isoformat()
```

## Limits
A `json_encoders` that still stands in a `class Config` is carried over by `v1-config-class` first.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from trueup.config import Config
from trueup.file import File
from trueup.index.facts import Call, FileFacts
from trueup.infer import Inference
from trueup.libraries.pydantic.encoder_forms import Form, Place
from trueup.libraries.pydantic.encoder_plans import Plan, places_in, plans
from trueup.libraries.pydantic.encoder_rewrites import Named, Removed, Serialized, Written
from trueup.libraries.pydantic.encoders import KEY, MAKERS, EntryId
from trueup.libraries.pydantic.field_calls import given
from trueup.libraries.pydantic.leaves import node_at
from trueup.libraries.pydantic.models import GUIDE
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import short

_WIDE = 110
"""A field whose line would be longer gets an alias."""
_DEPRECATED = f"`{KEY}` is deprecated"


def _gives_them(facts: FileFacts, types: Inference, config: Config) -> bool:
    """Whether a file passes such an argument anywhere."""
    scopes = (facts.scope, *[one.scope for one in facts.classes])
    calls = [site.call for scope in scopes for site in scope.calls]
    calls += [one.value for klass in facts.classes for one in klass.fields if isinstance(one.value, Call)]
    return any(key == KEY for call in calls for key, _ in call.keywords) or facts.stands_in_functions(KEY)


@rule(
    "TUP205",
    "json-encoders",
    on=ast.Call,
    names=(f"{KEY}=",),
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    libraries=("pydantic", "pydantic_settings"),
    where=_gives_them,
    url=GUIDE + "#changes-to-config",
    effort=15,
    step="config",
)
def encoders(node: ast.Call, file: File) -> Iterable[Hit]:
    """Calls of `ConfigDict`."""
    value = given(node).get(KEY)
    if value is None or _is_empty(value) or file.qualname(node.func) not in MAKERS:
        return
    plan = _plan_of(node, file)
    if plan is None or plan.obstacle or not isinstance(value, ast.Dict):
        yield _manual(node, value, plan.obstacle if plan is not None else "", file)
        return
    what = "no field has a type that they are for" if not plan.places else "give the fields a `PlainSerializer`"
    text = f"{_DEPRECATED}, and Pydantic 2 warns of it for each model that needs one: {what}"
    safety = Safety.UNSAFE if plan.why else None
    where = file.span(value)
    made = _removed(value, plan, file)
    yield Hit(node, text, made, safety, plan.why, group=plan.group, members=plan.members, span=where)


@rule(
    "TUP205",
    "json-encoders",
    on=ast.AnnAssign,
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    libraries=("pydantic", "pydantic_settings"),
    where=lambda facts, types, config: bool(places_in(types, facts.path, tuple(config.base_models))),
    url=GUIDE + "#changes-to-config",
    effort=15,
    step="config",
)
def fields(node: ast.AnnAssign, file: File) -> Iterable[Hit]:
    """The fields of models that an encoder is for."""
    roots = tuple(file.config.base_models)
    for place, head in places_in(file.types, file.path, roots):
        if (place.line, place.column) == (node.lineno, node.col_offset):
            plan = plans(file.types, roots)[head]
            clue = Serialized(tuple(_written(node, place, plan, file)), _imports(node.annotation, file))
            shown = file.segment(node.annotation)
            owner = short(place.spots[0].entry[0])
            text = (
                f"`{place.field}: {shown}` is written by the deprecated `{KEY}` of `{owner}`: say so in the annotation"
            )
            safety = Safety.UNSAFE if plan.why else None
            where = file.span(node.annotation)
            yield Hit(node, text, clue, safety, plan.why, group=plan.group, members=plan.members, span=where)


def _manual(node: ast.Call, value: ast.expr, why: str, file: File) -> Hit:
    text = (
        f"{_DEPRECATED}, and Pydantic 2 no longer applies it to models inside this one: write a "
        "`@field_serializer`, or `Annotated[..., PlainSerializer(...)]`"
    )
    text += f"; by hand, for {why}" if why else ""
    return Hit(node, text, safety=Safety.MANUAL, why=why, span=file.span(value))


def _is_empty(value: ast.expr) -> bool:
    match value:
        case ast.Dict(keys=[]) | ast.Constant(value=None):
            return True
    return False


def _plan_of(node: ast.Call, file: File) -> Plan | None:
    """What becomes of the encoders that a call gives to a model; None where it makes no `model_config` of one."""
    match file.parent(node):
        case ast.Assign(targets=[ast.Name(id="model_config")]) | ast.AnnAssign(target=ast.Name(id="model_config")):
            klass = file.class_at(node)
            known = plans(file.types, tuple(file.config.base_models))
            return known.get(file.qualified(klass)) if klass is not None else None
    return None


def _removed(value: ast.Dict, plan: Plan, file: File) -> Removed:
    """The names that are defined above the class."""
    klass = file.class_at(value)
    assert klass is not None
    found: list[Named] = []
    entries = [(key, one) for key, one in zip(value.keys, value.values, strict=True) if key is not None]
    for index, (key, one) in enumerate(entries):
        entry = (file.qualified(klass), index)
        form, source = plan.form(entry), _source(one, plan.form(entry), file)
        if form.kind and not form.borrowed and not _is_inline(entry, source, plan, file):
            found.append(Named(form.kind, form.name, form.of or file.segment(key), source))
    return Removed(tuple(found), _imports(value, file))


def _is_inline(entry: EntryId, source: str, plan: Plan, file: File) -> bool:
    """Whether a serializer is written where the type stands: in one field, and on a line of moderate length."""
    form = plan.form(entry)
    if not form.single:
        return False
    if not form.name:
        return True
    uses = [(place, spot) for place in plan.places for spot in place.spots if spot.entry == entry]
    if len(uses) != 1:
        return False
    place = uses[0][0]
    line = file.lines[place.line - 1].rstrip()
    return len(line) + len(f'Annotated[, PlainSerializer({source}, when_used="json")]') <= _WIDE


def _takes_one(node: ast.Lambda) -> bool:
    """Whether Pydantic sees that it takes the value alone: of `*args` it does not know."""
    args = node.args
    needed = len(args.posonlyargs) + len(args.args) - len(args.defaults)
    return needed == 1 and args.vararg is None and all(one is not None for one in args.kw_defaults)


def _source(node: ast.expr, form: Form, file: File) -> str:
    """An encoder as it stands in `PlainSerializer(...)`."""
    text = file.segment(node)
    if isinstance(node, ast.Lambda) and not _takes_one(node):
        return f"lambda v: ({text})(v)"
    if not form.bare:
        name = "value" if any(isinstance(one, ast.Name) and one.id == "v" for one in ast.walk(node)) else "v"
        return f"lambda {name}: {text}({name})"
    strings = [one for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str | bytes)]
    if "\n" in text and not file.has_comment(node) and all(one.lineno == one.end_lineno for one in strings):
        return " ".join(line.strip() for line in text.splitlines())
    return text


def _written(node: ast.AnnAssign, place: Place, plan: Plan, file: File) -> Iterator[Written]:
    for spot in place.spots:
        part = node_at(node.annotation, spot.path)
        if part is None:
            continue
        form = plan.form(spot.entry)
        source = _encoder(spot.entry, form, file) if form.single else ""
        if _is_inline(spot.entry, source, plan, file):
            yield Written(file.span(part), "inline", "", "", source)
        else:
            module = "" if form.module == file.module else form.module
            yield Written(file.span(part), form.kind, module, form.name, "")


def _encoder(entry: EntryId, form: Form, file: File) -> str:
    """The source of an encoder that is given in this file."""
    for node in file.nodes(ast.Call):
        value = given(node).get(KEY)
        klass = file.class_at(node)
        if isinstance(value, ast.Dict) and klass is not None and file.qualified(klass) == entry[0]:
            own = [one for key, one in zip(value.keys, value.values, strict=True) if key is not None]
            return _source(own[entry[1]], form, file)
    return ""


def _imports(node: ast.expr, file: File) -> tuple[tuple[str, str], ...]:
    """(module, name) of what an expression uses of the file's imports."""
    used = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
    return tuple((one.module, one.attr) for one in file.facts.scope.imports if one.name in used)
