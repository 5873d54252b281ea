"""A model is used through a method or attribute name of Pydantic 1.

## Why
Pydantic 2 renamed what a model offers: `.dict()` is `.model_dump()`, `.parse_obj()` is `.model_validate()`, and so
on. Most old names still work in 2.x with a `PydanticDeprecatedSince20` warning and go in 3.0; `.json(sort_keys=True)`
and `.update_forward_refs(User=User)` raise a `TypeError` already. Models that *override* an old name are the business
of `v1-method-override`.

## Example
```python
user = User.from_orm(row)                # User.model_validate(row)
payload = user.dict(skip_defaults=True)  # user.model_dump(exclude_unset=True)
users = list(map(User.parse_obj, rows))  # list(map(User.model_validate, rows))
```

## Fix safety
A new name alone is safe: in 2.x the old method does what the new one does. It is given only where the receiver is
known to be a model and no class above or below it overrides the old or the new name.

Unsafe, because the result may differ:

- `.copy()`: fields with `Field(exclude=True)` are copied now, and `deep=True` no longer copies the values of
  `update`.
- `.json(indent=2)` and other arguments of `json.dumps`: non-ASCII letters, decimals, durations are written otherwise.
- `.schema_json()` becomes `json.dumps(Model.model_json_schema())`.
- `.from_orm()` of a model whose `orm_mode = True` is not in sight gets `from_attributes=True`.
- `.update_forward_refs(User=User)` becomes `.model_rebuild(raise_errors=False, _types_namespace={"User": User})`:
  Pydantic 2 also wants the names of the models inside, which may only come with a later call.
- `.__fields__` where its values are used: they are `FieldInfo` now. `field.default` of a required one is
  `PydanticUndefined` and becomes `None if field.default is PydanticUndefined else field.default`, `field.alias` is None
  without one and becomes `field.alias or name`, for which loops over the values get names. Where that cannot be
  written, `.__fields__` is left to a person too.
- `.__fields__` of whatever it is, where it is used as a dict: nothing but models have one of that name.
- `max_length`, `gt` and the like of a field: they are looked for in its `metadata`.
- a receiver whose type is not known, but the method or its arguments are such that only models have
  (`.dict(exclude_unset=True)`), no class of the project has a method of that name, and none is of `pydantic.v1`.

- `.json(sort_keys=True, **options)`: the options are taken for those of `model_dump`.

Left to a person: `.copy(include=...)`, `.parse_raw()` and `.parse_file()` with an encoding, a content type or
pickles, `.json(encoder=...)`, and changes made to `__fields__` or to its values.

## Limits
Receivers whose type stays unknown are counted as undecided, never guessed. Models of `pydantic.v1` are left alone,
and so are places that ask which version is installed (`hasattr(obj, "model_dump")`, `PYDANTIC_V2`). Names in strings
(`getattr(user, "dict")`, `mock.patch`) are not seen. What the upgrade itself changes is not this rule's business:
JSON text without blanks, `$defs` in schemas, instances that `model_validate` hands back as they are.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from msgspec.structs import replace

from trueup.config import Config
from trueup.file import File
from trueup.index.facts import Const, FileFacts, Name
from trueup.index.project import ClassSymbol
from trueup.infer import Inference
from trueup.libraries.pydantic.config import config_of
from trueup.libraries.pydantic.field_values import (
    FIELD_ATTRIBUTES,
    FIELD_CONSTRAINTS,
    OR_NONE,
    STILL_THERE,
    TAKES_NONE,
    Spelled,
    changes_field,
    is_mapping,
    is_of_field,
    is_settled,
    plan_constraint,
    plan_default,
    plan_none,
)
from trueup.libraries.pydantic.methods import (
    ATTRIBUTES,
    EVIDENCE,
    METHODS,
    ONLY_PYDANTIC,
    MethodCall,
    Plan,
    fits,
    manual,
    plan_call,
    plan_fields,
    plan_from_orm,
    plan_reference,
)
from trueup.libraries.pydantic.models import (
    GUIDE,
    LIBRARIES,
    classes_of,
    defined_anywhere,
    definer,
    is_model,
    overridden_below,
)
from trueup.libraries.pydantic.receivers import Receivers
from trueup.libraries.pydantic.versions import is_guarded, keeps_v1
from trueup.model import Hit, Place, Safety, Severity, Span
from trueup.registry import rule
from trueup.types import ClassObject, Foreign, Instance, ModuleObject, Type, Unknown, short, without_none

CODE, NAME = "TUP101", "v1-model-method"
URL = GUIDE + "#changes-to-pydanticbasemodel"
_TRIGGERS = (*METHODS, "model_fields", "ModelField", "FieldInfo")
_NAMES = frozenset(
    {*METHODS, *FIELD_ATTRIBUTES, "model_fields"} - {"name", "required", "shape", "alias", "default", "extra"}
)


def _says_one(facts: FileFacts, types: Inference, config: Config) -> bool:
    """Whether a file reads something of one of the old names, or has to do with fields of models."""
    return not _NAMES.isdisjoint(facts.attributes) or any(one.attr == "ModelField" for one in facts.scope.imports)


@rule(
    CODE,
    NAME,
    on=ast.Attribute,
    names=METHODS,
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    triggers=_TRIGGERS,
    where=_says_one,
    url=URL,
    step="methods",
)
def used(node: ast.Attribute, file: File) -> Iterable[Hit]:
    """Uses of the old names."""
    name = node.attr
    if is_guarded(node, file.parent, METHODS[name]) or (name == "__fields__" and _is_set_of(node, file)):
        return
    parent = file.parent(node)
    call = parent if isinstance(parent, ast.Call) and parent.func is node else None
    if name in ATTRIBUTES and call is not None:
        return
    if _is_super(node.value):
        yield from _of_super(node, call, file)
        return
    receiver = without_none(file.type_of(node.value))
    if isinstance(receiver, Unknown):
        receiver = _encoded(node.value, file) or receiver
    if isinstance(receiver, ModuleObject):
        return
    pairs = classes_of(receiver)
    if pairs is None:
        yield from _of_unknown(node, call, file, receiver)
        return
    roots = file.config.base_models
    found = [(cls, definer(file.types, cls, name, roots)) for cls, _ in pairs]
    found = [(cls, one) for cls, one in found if one.kind != "none" or _may_have(cls, name, file)]
    kinds = {one.kind for _, one in found}
    ours = {cls for cls, one in found if one.kind == "pydantic" or (one.kind == "unknown" and _is_model(cls, file))}
    if not ours and kinds == {"unknown"}:
        yield from _of_unknown(node, call, file, receiver)
        return
    file.decided(node, CODE, "typed" if ours or "project" in kinds else "other")
    if not ours:
        return
    own = [pair for pair in pairs if pair[0] in ours]
    if name == "__fields__" and Receivers(file.type_of, file.qualname, file.parent).is_class(node.value):
        own = [(cls, True) for cls, _ in own]
    plan = _plan(node, call, file, own)
    other = next((cls for cls, _ in found if cls not in ours), None)
    below = next((b for cls, _ in own if (b := overridden_below(file.types, cls, name, roots))), None)
    if other is not None:
        plan = manual(f"the receiver may also be a `{short(other)}`, which has its own; tell the two apart first")
    elif below is not None:
        plan = manual(f"`{below.facts.name}` overrides it, and the new name would pass the override by")
    elif "unknown" in kinds and plan.safety is Safety.SAFE:
        base = next(one.name for _, one in found if one.kind == "unknown")
        plan = plan.unsafe(f"the base `{base}` is not known and may have a method of that name")
    places = (_place(below, "it is overridden here"),) if below is not None else ()
    yield _hit(node, call, plan, file, places, _group(node, plan, file))


def _encoded(value: ast.expr, file: File) -> Type | None:
    """What the `v` of an encoder is: `json_encoders = {Money: lambda v: v.dict()}`."""
    made = file.parent(value)
    while made is not None and not isinstance(made, ast.Lambda | ast.stmt):
        made = file.parent(made)
    table = file.parent(made) if isinstance(made, ast.Lambda) else None
    if not isinstance(made, ast.Lambda) or not isinstance(table, ast.Dict) or not isinstance(value, ast.Name):
        return None
    if [one.arg for one in made.args.args] != [value.id] or made not in table.values:
        return None
    holder = file.parent(table)
    match holder:
        case ast.keyword(arg="json_encoders") | ast.Assign(targets=[ast.Name(id="json_encoders")]):
            key = table.keys[table.values.index(made)]
            held = file.type_of(key) if key is not None else None
            return Instance(held.cls) if isinstance(held, ClassObject) else None
    return None


def _is_model(cls: str, file: File) -> bool:
    return is_model(file.types, cls, file.config.base_models) is True


def _may_have(cls: str, name: str, file: File) -> bool:
    """Whether a class that is no model may have something of that name; if not, it cannot be the receiver."""
    return file.types.member(cls, name) is not None or not file.types.mro(cls).complete


def _of_super(node: ast.Attribute, call: ast.Call | None, file: File) -> Iterable[Hit]:
    """`super().dict()` outside of an override: what the classes above have."""
    klass, function = file.class_at(node), file.function_at(node)
    if klass is None or function is None or function.name in (node.attr, METHODS[node.attr]):
        return
    cls = file.qualified(klass)
    if definer(file.types, cls, node.attr, file.config.base_models, above=True).kind == "pydantic":
        file.decided(node, CODE, "typed")
        is_class = any(one == Name("classmethod") for one in function.decorators)
        yield _hit(node, call, _plan(node, call, file, [(cls, is_class)]), file)


def _of_unknown(node: ast.Attribute, call: ast.Call | None, file: File, receiver: Type) -> Iterable[Hit]:
    """A receiver of unknown type: what only Pydantic has is reported, the rest is noted as undecided."""
    name = node.attr
    given = {k.arg for k in call.keywords if k.arg} if call is not None else set()
    if call is not None and isinstance(file.parent(call), ast.Await):
        file.decided(node, CODE, "other")
        return
    known = name in ONLY_PYDANTIC and (call is not None or name in ATTRIBUTES)
    known = known or (
        name == "parse_raw" and given == set() and call is not None and bool(call.args) and _is_class(node.value)
    )
    if name == "__fields__" and _is_told(node, file):
        yield from _of_fields(node, file)
    elif (known or given & EVIDENCE.get(name, frozenset())) and not keeps_v1(file.types):
        what = "arguments are such" if given & EVIDENCE.get(name, frozenset()) else "method is one"
        why = f"the type of `{_source(node.value, file)}` is not known; the {what} that only models have"
        plan = _plan(node, call, file, []).unsafe(why)
        namesake = defined_anywhere(file.types, name)
        if namesake is not None:
            plan = manual(
                f"the type of `{_source(node.value, file)}` is not known, and `{namesake.facts.name}` has its own"
            )
        yield _hit(node, call, plan, file)
    elif isinstance(receiver, Foreign):
        file.decided(node, CODE, "other")
    elif fits(name, call):
        why = receiver.why if isinstance(receiver, Unknown) and receiver.why else "its type is not known"
        file.undecided(node, CODE, f"`{_source(node.value, file)}.{name}`: {why}")


def _is_class(node: ast.expr) -> bool:
    """Whether something is called as classes are: `AirbyteMessage.parse_raw(line)`."""
    name = node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")
    return name[:1].isupper() and not name.isupper()


def _of_fields(node: ast.Attribute, file: File) -> Iterable[Hit]:
    """`x.__fields__.items()` of whatever it is."""
    shown = _source(node.value, file)
    why = f"the type of `{shown}` is not known; if it is an object and no class, write `type({shown}).model_fields`"
    plan = _plan(node, None, file, [])
    if plan.clue is not None:
        plan = plan.unsafe(why)
    yield _hit(node, None, plan, file, group=_group(node, plan, file))


def _is_told(node: ast.Attribute, file: File) -> bool:
    """Whether something of unknown type is a model, for nothing else has a dict there."""
    return (
        is_mapping(node, file.parent) and not keeps_v1(file.types) and defined_anywhere(file.types, node.attr) is None
    )


# What the repair is --------------------------------------------------------------------------------------------------


def _plan(node: ast.Attribute, call: ast.Call | None, file: File, pairs: list[tuple[str, bool]]) -> Plan:
    name = node.attr
    if name == "__fields__":
        plan = plan_fields(node, file.parent(node), {is_class for _, is_class in pairs} or {True})
        changed = _changed(node, file) if plan.safety is Safety.UNSAFE else None
        if changed is not None:
            text = f"line {changed.lineno} sets `{changed.attr}` of a field, which changes no model in Pydantic 2"
            return manual(f"{text}: make one with `create_model` instead")
        asked = _asks_for_more(node, file) if plan.safety is Safety.UNSAFE else ""
        if asked:
            return manual(f"its values are asked for `{asked}`, which means something else now: change that first")
        key = _key_for_names(node, file) if isinstance(plan.clue, str) else ""
        return replace(plan, clue=f"items {key} {plan.clue}") if key else plan
    if not isinstance(node.ctx, ast.Load):
        return manual("a model's own methods are not to be assigned")
    if name == "from_orm":
        modes = [config_of(file.types, cls, "orm_mode", "from_attributes") for cls, _ in pairs]
        configured = bool(modes) and all(mode == Const("bool", "True") for mode in modes)
        return plan_from_orm(call, f"`{short(pairs[0][0])}`" if pairs else "the model", configured)
    if call is None:
        return plan_reference(name)
    return plan_call(name, call, lambda arg: without_none(file.type_of(arg)) == Instance("builtins.int"))


def _has_fields(facts: FileFacts, types: Inference, config: Config) -> bool:
    """Whether a file has to do with fields of models at all: `name` and `required` are attributes of many things."""
    return (
        "__fields__" in facts.attributes
        or "model_fields" in facts.attributes
        or any(one.attr in ("ModelField", "FieldInfo") for one in facts.scope.imports)
    )


@rule(
    CODE,
    NAME,
    on=ast.Attribute,
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    triggers=_TRIGGERS,
    where=_has_fields,
    url=URL,
    step="methods",
)
def field_attribute(node: ast.Attribute, file: File) -> Iterable[Hit]:
    """What is asked of the values of `__fields__`, which are others in version 2."""
    names = (*FIELD_ATTRIBUTES, *FIELD_CONSTRAINTS, "get_default")
    if node.attr not in names or not isinstance(node.ctx, ast.Load):
        return
    if not _is_field(node, file) or is_guarded(node, file.parent, "model_fields"):
        return
    if node.attr == "get_default":
        call = file.parent(node)
        if isinstance(call, ast.Call) and call.func is node and not call.args and not call.keywords:
            change = MethodCall(node.attr, added=(("call_default_factory", "True"),))
            why = "without a default, version 2 gives `PydanticUndefined` where 1 gave None"
            yield _hit(node, call, Plan(change).unsafe(why), file)
        return
    if node.attr in FIELD_CONSTRAINTS:
        yield _hit(node, None, plan_constraint(node.attr, node.value, file.segment(node.value)), file)
        return
    if node.attr in STILL_THERE and is_settled(node, file.parent):
        return
    new, instead = FIELD_ATTRIBUTES[node.attr]
    new = new or _by_name(node, file)
    plan = manual(instead, Severity.ERROR)
    if node.attr == "extra" and isinstance(file.parent(node), ast.Subscript) and _is_written(node, file):
        plan, new = manual("what is put into it comes too late for the schema: give it in `Field`", Severity.ERROR), ""
    if node.attr == "default":
        plan = plan_default(node, file.segment(node)) or plan
    if node.attr == "allow_none":
        plan = plan_none(node, file.segment(node)) or plan
    if new.startswith("="):
        plan = Plan(new, severity=Severity.ERROR)
    elif new:
        plan = Plan(new, severity=Severity.ERROR).unsafe(
            "a field's annotation and whether it is required may be others now"
        )
    yield _hit(node, None, plan, file, group=_alias_group(node, file) if plan.clue is not None else ("", 0))


def _is_written(node: ast.Attribute, file: File) -> bool:
    item = file.parent(node)
    return isinstance(item, ast.Subscript) and isinstance(item.ctx, ast.Store | ast.Del)


def _alias_group(node: ast.Attribute, file: File) -> tuple[str, int]:
    """The group of `field.alias` in a loop over values that gets keys."""
    fields = _values_around(node, file) if node.attr == "alias" else None
    return _group(fields, _plan(fields, None, file, [("", True)]), file) if fields is not None else ("", 0)


def _is_field(node: ast.Attribute, file: File) -> bool:
    """Whether an attribute is one of a field of a model, with the meaning of version 1."""
    if is_of_field(node.attr, file.type_of(node.value)):
        return True
    mappings = ("__fields__",) if node.attr in STILL_THERE else ("__fields__", "model_fields")
    return Spelled(file.type_of, file.parent, mappings).is_field(node.value) and not keeps_v1(file.types)


def _by_name(node: ast.Attribute, file: File) -> str:
    """What `field.name` and `field.alias` are in `for name, field in User.__fields__.items()`; empty elsewhere."""
    if not isinstance(node.value, ast.Name) or node.attr not in ("name", "alias"):
        return ""
    held = node.value.id
    for loop in _loops_around(node, file):
        match loop.target, loop.iter:
            case (
                ast.Tuple(elts=[ast.Name(id=name), ast.Name(id=field)]),
                ast.Call(func=ast.Attribute(value=ast.Attribute(attr=mapping), attr="items")),
            ) if field == held and not name.startswith("_") and mapping in ("__fields__", "model_fields"):
                return f"={name}" if node.attr == "name" else f"={held}.alias or {name}"
    fields = _values_around(node, file) if node.attr == "alias" else None
    key = _key_for_names(fields, file) if fields is not None else ""
    return f"={held}.alias or {key}" if key else ""


def _values_around(node: ast.Attribute, file: File) -> ast.Attribute | None:
    """The `User.__fields__` whose values a loop around gives to what is asked."""
    held = getattr(node.value, "id", "")
    for loop in _loops_around(node, file):
        match loop.target, loop.iter:
            case (
                ast.Name(id=field),
                ast.Call(func=ast.Attribute(value=ast.Attribute(attr="__fields__") as fields, attr="values")),
            ) if field == held:
                return fields
    return None


def _loops_around(node: ast.AST, file: File) -> Iterable[ast.For | ast.AsyncFor | ast.comprehension]:
    """The loops that a place stands in, within its function, from the inside."""
    around = file.parent(node)
    while around is not None and not isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        if isinstance(around, ast.For | ast.AsyncFor):
            yield around
        else:
            yield from getattr(around, "generators", ())
        around = file.parent(around)


def _loop_over(node: ast.Attribute, file: File) -> ast.For | ast.comprehension | None:
    """The loop over the values of `__fields__`, where it is used for that."""
    method = file.parent(node)
    call = file.parent(method) if isinstance(method, ast.Attribute) and method.attr == "values" else None
    loop = file.parent(call) if isinstance(call, ast.Call) and call.func is method else None
    return loop if isinstance(loop, ast.For | ast.comprehension) and loop.iter is call else None


def _key_for_names(node: ast.Attribute, file: File) -> str:
    """A free name for the keys in `for field in User.__fields__.values()`, where `field.name` is asked; else empty."""
    loop = _loop_over(node, file)
    if loop is None:
        return ""
    held, inside = loop.target, loop if isinstance(loop, ast.For) else file.parent(loop)
    if not isinstance(held, ast.Name) or inside is None:
        return ""
    asked = bool(_asked(inside, held.id, ("name", "alias")))
    around = _around(node, file) or file.tree
    taken = {getattr(one, "id", getattr(one, "arg", "")) for one in ast.walk(around)}
    free = (name for name in ("name", "field_name", f"{held.id}_name") if name not in taken)
    return next(free, "") if asked else ""


def _group(node: ast.Attribute, plan: Plan, file: File) -> tuple[str, int]:
    """One repair with what asks for `field.alias` in a loop over the values of `__fields__`, which gets keys."""
    if not isinstance(plan.clue, str) or not plan.clue.startswith("items "):
        return "", 0
    loop = _loop_over(node, file)
    inside = file.parent(loop) if isinstance(loop, ast.comprehension) else loop
    held = loop.target if loop is not None else None
    if inside is None or not isinstance(held, ast.Name):
        return "", 0
    aliases = _asked(inside, held.id, ("alias",))
    return (f"{file.path}:{node.lineno}:{node.col_offset}", len(aliases) + 1) if aliases else ("", 0)


def _asked(inside: ast.AST, held: str, names: tuple[str, ...]) -> list[ast.Attribute]:
    """Where something is asked of a name."""
    return [
        one
        for one in ast.walk(inside)
        if isinstance(one, ast.Attribute) and one.attr in names and getattr(one.value, "id", "") == held
    ]


def _changed(node: ast.Attribute, file: File) -> ast.Attribute | None:
    """Where the function around, or the module, sets something of what it got from `__fields__`."""
    around = _around(node, file) or file.tree
    parent = None if keeps_v1(file.types) else file.parent
    changed = (one for one in ast.walk(around) if changes_field(one, file.type_of, parent))
    return next((one for one in changed if not isinstance(one.value, ast.Subscript)), None)


def _is_set_of(node: ast.Attribute, file: File) -> bool:
    """Whether something is set of an item of `__fields__`, which is told for itself."""
    item = file.parent(node)
    target = file.parent(item) if isinstance(item, ast.Subscript) else None
    parent = None if keeps_v1(file.types) else file.parent
    return target is not None and changes_field(target, file.type_of, parent)


def _around(node: ast.AST, file: File) -> ast.AST | None:
    around = file.parent(node)
    while around is not None and not isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef | ast.Module):
        around = file.parent(around)
    return around


def _asks_for_more(node: ast.Attribute, file: File) -> str:
    """What a function reads of the values of `__fields__` that version 2 has too, with another meaning."""
    around = _around(node, file)
    if not isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef):
        return ""
    for one in ast.walk(around):
        if not isinstance(one, ast.Attribute) or one.attr not in STILL_THERE or not isinstance(one.ctx, ast.Load):
            continue
        if not _is_field(one, file) or _by_name(one, file) or is_settled(one, file.parent):
            continue
        # What stands in the way of its own repair, as in `M.__fields__[name].default`, goes first
        if one.attr == "alias" or node in ast.walk(one.value) or plan_default(one, file.segment(one)) is None:
            return one.attr
    return ""


# Words and places ----------------------------------------------------------------------------------------------------


def _hit(
    node: ast.Attribute,
    call: ast.Call | None,
    plan: Plan,
    file: File,
    related: tuple[Place, ...] = (),
    group: tuple[str, int] = ("", 0),
) -> Hit:
    shown = f"`.{node.attr}()`" if call is not None else f"`.{node.attr}`"
    if node.attr in STILL_THERE:
        use = f"use `{_shown(plan.clue, call)}`" if plan.clue is not None else plan.why
        message = f"{shown} of a field means something else in Pydantic 2, and nothing warns: {use}"
    elif plan.clue is None:
        message = f"{shown} is Pydantic 1's: {plan.why}"
    elif plan.severity is Severity.ERROR:
        message = f"{shown} is Pydantic 1's and raises here in Pydantic 2: use `{_shown(plan.clue, call)}`"
    else:
        message = f"{shown} is Pydantic 1's, deprecated in 2 and gone in 3: use `{_shown(plan.clue, call)}`"
    return Hit(
        call if call is not None else node,
        message,
        clue=plan.clue,
        safety=plan.safety,
        why=plan.why,
        related=related,
        group=group[0],
        members=group[1],
        severity=plan.severity,
        span=_name_span(node, file),
    )


def _shown(clue: str | MethodCall, call: ast.Call | None) -> str:
    """What a use becomes, for the message."""
    if clue == OR_NONE:
        return "None if field.default is PydanticUndefined else field.default"
    if clue == TAKES_NONE:
        return "field.annotation is Any or type(None) in get_args(field.annotation)"
    if isinstance(clue, str) and clue[0] in "=.":
        return clue[1:] or "the field itself"
    if isinstance(clue, str) and clue.startswith("items "):
        return f".{clue.split('.')[-1].split()[-1]}.items()"
    if isinstance(clue, str) and clue.startswith("or "):
        return f"(....{clue[3:]} or {{}})"
    if isinstance(clue, str):
        return clue.replace("type()", "type(...)") if clue.startswith("type") else f".{clue}{'()' if call else ''}"
    if clue.shape == "dumps":
        mode = 'mode="json"' if clue.added else ""
        return f"json.dumps(....{clue.name}({mode}), ...)"
    if clue.shape == "file":
        return f".{clue.name}(Path(...).read_bytes())"
    if clue.shape == "namespace":
        return f".{clue.name}(raise_errors=False, _types_namespace={{...}})"
    words = [new for _, new in clue.renamed] + [f"{k}={v}" for k, v in clue.added]
    words = [word if "=" in word else f"{word}=..." for word in words]
    return f".{clue.name}({', '.join(words)})"


def _name_span(node: ast.Attribute, file: File) -> Span:
    assert node.end_lineno is not None and node.end_col_offset is not None
    line, end = node.end_lineno, node.end_col_offset
    return file.stretch(line, end - len(node.attr.encode()), line, end)


def _place(symbol: ClassSymbol, message: str) -> Place:
    return Place(symbol.file.path, symbol.facts.pos.line, symbol.facts.pos.column + 1, message)


def _source(node: ast.expr, file: File) -> str:
    text = " ".join(file.segment(node).split())
    return text if len(text) <= 40 else text[:37] + "..."


def _is_super(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"
