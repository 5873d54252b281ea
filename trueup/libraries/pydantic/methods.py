"""The methods of version 1, their names in version 2, and what a call of one becomes."""

from __future__ import annotations

import ast
from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from ...model import Safety, Severity

METHODS = {
    "dict": "model_dump",
    "json": "model_dump_json",
    "copy": "model_copy",
    "parse_obj": "model_validate",
    "parse_raw": "model_validate_json",
    "parse_file": "model_validate_json",
    "from_orm": "model_validate",
    "construct": "model_construct",
    "schema": "model_json_schema",
    "schema_json": "model_json_schema",
    "validate": "model_validate",
    "update_forward_refs": "model_rebuild",
    "__fields__": "model_fields",
    "__fields_set__": "model_fields_set",
}
"""Version 1 name -> version 2 name."""
ATTRIBUTES = ("__fields__", "__fields_set__")
ONLY_PYDANTIC = frozenset({"parse_obj", "from_orm", "schema_json", "update_forward_refs", "__fields_set__"})
"""Names nothing else has."""
DUMP_KEYWORDS = frozenset(
    {"include", "exclude", "by_alias", "exclude_unset", "exclude_defaults", "exclude_none", "skip_defaults"}
)
EVIDENCE = {
    "dict": DUMP_KEYWORDS,
    "json": DUMP_KEYWORDS - {"include", "exclude"} | {"models_as_dict"},
    "copy": frozenset({"update"}),  # `deep=` is pandas' too
}
"""Method -> keywords that only a model's takes."""
_HANDED_ON = ("encoder", "default", "cls")
"""Arguments of `.json()` that name code which version 2 never calls."""


_READERS = frozenset({"list", "set", "tuple", "len", "sorted", "frozenset", "iter", "enumerate", "reversed"})
_WRITERS = frozenset({"pop", "popitem", "update", "setdefault", "clear"})


class MethodCall(Struct, frozen=True):
    """What the repair of a call does besides the new name: the clue of such a call.

    `shape`: plain; dumps (`json.dumps(m.model_dump(...), ...)`); file (`m(Path(p).read_bytes())`); namespace (the
    keywords become a dict).
    """

    name: str
    shape: str = "plain"
    renamed: tuple[tuple[str, str], ...] = ()
    """Keywords by old and new name."""
    dropped: tuple[str, ...] = ()
    added: tuple[tuple[str, str], ...] = ()
    """Keywords and the source of their values."""
    outer: tuple[str, ...] = ()
    """Keywords that go to the call around it (`dumps`)."""


class Plan(Struct, frozen=True):
    """What becomes of one use: the clue, how safe that is and why, and what a person should do where no machine can."""

    clue: str | MethodCall | None
    """A string: nothing but the new name; None: no repair."""
    safety: Safety = Safety.SAFE
    why: str = ""
    severity: Severity | None = None
    """Worse than a warning where version 2 raises."""

    def unsafe(self, why: str) -> Plan:
        """The same repair, trusted less; one without a repair stays as it is."""
        return replace(self, safety=Safety.UNSAFE, why=why) if self.clue is not None else self


def manual(why: str, severity: Severity | None = None) -> Plan:
    """No repair; `why` says what stands in the way, or what to do."""
    return Plan(None, Safety.MANUAL, why, severity)


def plan_reference(name: str) -> Plan:
    """What becomes of a method that is passed on, not called: `map(User.parse_obj, rows)`."""
    if name in ("parse_file", "schema_json"):
        return manual(f"`{METHODS[name]}` takes other arguments: pass a function that calls it")
    if name in ("json", "copy"):
        return Plan(METHODS[name]).unsafe(f"which arguments `{METHODS[name]}` will get is not known")
    return Plan(METHODS[name])


def plan_call(name: str, call: ast.Call, is_int: Callable[[ast.expr], bool]) -> Plan:
    """What becomes of a call of a method other than `from_orm`; `is_int` says whether an argument certainly is one."""
    given = {k.arg: k.value for k in call.keywords if k.arg is not None}
    open_ended = len(given) < len(call.keywords)
    match name:
        case "dict":
            return _dict(given)
        case "json":
            return _json(given, open_ended, is_int)
        case "copy":
            return _copy(given, open_ended)
        case "parse_raw" | "parse_file":
            return _parse(name, call, given, open_ended)
        case "schema_json" if open_ended:
            return manual("write `json.dumps(Model.model_json_schema(), ...)`; what `**` holds is not known")
        case "schema_json":
            outer = tuple(k for k in given if k not in ("by_alias", "ref_template"))
            why = "the schema is written as Pydantic 2 lays it out"
            return Plan(MethodCall(METHODS[name], "dumps", outer=outer)).unsafe(why)
        case "update_forward_refs" if call.keywords:
            why = "`_types_namespace` takes the place of the module's names instead of adding to them"
            return Plan(MethodCall(METHODS[name], "namespace"), severity=Severity.ERROR).unsafe(why)
        case "update_forward_refs":
            # Version 2 also wants what the models inside name, which is often only given by the next call.
            return Plan(MethodCall(METHODS[name], added=(("raise_errors", "False"),)))
        case "validate" if "value" in given:
            return Plan(MethodCall(METHODS[name], renamed=(("value", "obj"),)))
        case _:
            return Plan(METHODS[name])


def plan_from_orm(call: ast.Call | None, model: str, configured: bool) -> Plan:
    """What becomes of `from_orm`; `configured`: the model is known to read attributes."""
    new = METHODS["from_orm"]
    if configured:
        return Plan(new)
    if call is None:
        return manual(f"set `from_attributes=True` in the config of {model}, then pass `model_validate`")
    why = f"no `orm_mode` of {model} is in sight; `from_attributes=True` in the call also holds for the models inside"
    return Plan(MethodCall(new, added=(("from_attributes", "True"),)), severity=Severity.ERROR).unsafe(why)


def plan_fields(node: ast.Attribute, parent: ast.AST | None, on_class: set[bool]) -> Plan:
    """What becomes of `__fields__`; `on_class`: whether it is read from a class, and whether from an object."""
    use = _use_of(node, parent)
    if use == "written":
        return manual("changing it adds no field in Pydantic 2; make the model with `create_model`")
    if len(on_class) != 1:
        return manual("`model_fields` is to be read from the class, and this may be a class or an object")
    plan = Plan("model_fields" if True in on_class else "type().model_fields")
    if use == "keys":
        return plan
    return plan.unsafe("its values are `FieldInfo`: `outer_type_` is `annotation` now, `required` is `is_required()`")


def fits(name: str, call: ast.Call | None) -> bool:
    """Whether a use of an object whose type is not known looks like that of a model's method."""
    if name == "__fields__":
        return True
    if call is None:
        return False
    given = {k.arg for k in call.keywords}
    if name in ("dict", "json", "copy", "schema"):
        return not call.args and given <= DUMP_KEYWORDS | {
            "deep",
            "indent",
            "ensure_ascii",
            "sort_keys",
            "ref_template",
        }
    if name == "validate":
        return len(call.args) == 1 and not given
    return bool(call.args or given) or name == "construct"


def _use_of(node: ast.Attribute, parent: ast.AST | None) -> str:
    """What is done with `__fields__`: its keys are read, it is written to, or something else."""
    if not isinstance(node.ctx, ast.Load):
        return "written"
    match parent:
        case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[held]) if held is node:
            return "keys"
        case ast.For(iter=held) | ast.AsyncFor(iter=held) | ast.comprehension(iter=held) if held is node:
            return "keys"
        case ast.Call(func=ast.Name(id=name), args=[held, *_]) if held is node and name in _READERS:
            return "keys"
        case ast.Attribute(attr="keys"):
            return "keys"
        case ast.Attribute(attr=name) if name in _WRITERS:
            return "written"
        case ast.Subscript(ctx=ast.Store() | ast.Del()):
            return "written"
        case _:
            return "other"


def _dict(given: dict[str, ast.expr]) -> Plan:
    if "skip_defaults" not in given:
        return Plan(METHODS["dict"])
    if "exclude_unset" in given:
        return manual("`skip_defaults` and `exclude_unset` are the same thing: keep one", Severity.ERROR)
    return Plan(MethodCall(METHODS["dict"], renamed=(("skip_defaults", "exclude_unset"),)), severity=Severity.ERROR)


def _json(given: dict[str, ast.expr], open_ended: bool, is_int: Callable[[ast.expr], bool]) -> Plan:
    new = METHODS["json"]
    handed_on = next((key for key in _HANDED_ON if key in given and not is_constant(given[key], None)), None)
    if handed_on is not None:
        why = f"nothing calls `{handed_on}=` any more: use a `@field_serializer` or a `PlainSerializer`"
        return manual(why, Severity.ERROR)
    if "models_as_dict" in given and not is_constant(given["models_as_dict"], True):
        return manual("`models_as_dict=` is gone, models inside are always written as objects", Severity.ERROR)
    renamed = (("skip_defaults", "exclude_unset"),) if "skip_defaults" in given else ()
    dropped = tuple(key for key in (*_HANDED_ON, "models_as_dict") if key in given)
    dumps = tuple(key for key in given if key not in DUMP_KEYWORDS and key not in dropped)
    severity = Severity.ERROR if dumps or dropped or renamed else None
    if open_ended:
        if dumps:
            change = MethodCall("model_dump", "dumps", renamed, dropped, (("mode", '"json"'),), dumps)
            why = "what `**` holds goes to `model_dump`, which takes none of the arguments of `json.dumps`"
            return Plan(change, severity=severity).unsafe(why)
        why = "`model_dump_json` takes none of the arguments of `json.dumps` that `**` may hold"
        return Plan(_named(new, renamed, dropped), severity=severity).unsafe(why)
    if not dumps:
        return Plan(_named(new, renamed, dropped), severity=severity)
    why = "the JSON text may differ in how dates, decimals and durations are written"
    if set(dumps) <= {"indent", "ensure_ascii"} and ("indent" not in given or _is_indent(given["indent"], is_int)):
        if is_constant(given.get("ensure_ascii"), False):  # as version 2 writes anyway
            dropped = (*dropped, "ensure_ascii")
        return Plan(_named(new, renamed, dropped), severity=severity).unsafe(why)
    change = MethodCall("model_dump", "dumps", renamed, dropped, (("mode", '"json"'),), dumps)
    return Plan(change, severity=severity).unsafe(why)


def _named(name: str, renamed: tuple[tuple[str, str], ...], dropped: tuple[str, ...]) -> str | MethodCall:
    return MethodCall(name, renamed=renamed, dropped=dropped) if renamed or dropped else name


def _is_indent(node: ast.expr, is_int: Callable[[ast.expr], bool]) -> bool:
    """Whether version 2 takes a value as `indent`: a number or None, no blanks."""
    return is_constant(node, None) or is_int(node)


def _copy(given: dict[str, ast.expr], open_ended: bool) -> Plan:
    if "include" in given or "exclude" in given:
        return manual("`model_copy` has no `include` and `exclude`; validate a `model_dump` with them instead")
    if open_ended:
        return Plan(METHODS["copy"]).unsafe("`model_copy` has no `include` and `exclude`, which `**` may hold")
    why = "fields with `Field(exclude=True)` are copied now, and `deep=True` no longer copies the values of `update`"
    return Plan(METHODS["copy"]).unsafe(why)


def _parse(name: str, call: ast.Call, given: dict[str, ast.expr], open_ended: bool) -> Plan:
    source = "b" if name == "parse_raw" else "path"
    starred = any(isinstance(one, ast.Starred) for one in call.args)
    if given.keys() - {source} or open_ended or starred or len(call.args) + (source in given) != 1:
        return manual("decode the data yourself, then call `model_validate_json`, or `model_validate` if it is no JSON")
    if name == "parse_raw":
        return Plan(MethodCall(METHODS[name], renamed=(("b", "json_data"),)) if given else METHODS[name])
    path = given.get("path") or call.args[0]
    if isinstance(path, ast.Constant) and isinstance(path.value, str) and path.value.endswith((".pkl", ".pickle")):
        return manual("a pickle is no JSON: load it yourself, then call `model_validate`")
    return Plan(MethodCall(METHODS[name], "file"))


def is_constant(node: ast.expr | None, value: object) -> bool:
    """Whether an expression is this very constant: None, True or False."""
    return isinstance(node, ast.Constant) and node.value is value
