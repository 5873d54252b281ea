"""A model is configured by a nested `class Config`, as in Pydantic 1.

## Why
Pydantic 2 reads `model_config`. A nested `class Config` still works with a deprecation warning, but the keys that
were renamed or removed are **ignored**, with nothing but a `UserWarning`: with `orm_mode = True` left in place
`from_orm` fails, with `allow_mutation = False` the model becomes mutable, with `allow_population_by_field_name =
True` the names of the fields are refused.

## Example
```python
class Order(BaseModel):
    class Config:              # model_config = ConfigDict(from_attributes=True, extra="forbid")
        orm_mode = True
        extra = Extra.forbid
```

## Fix safety
The class becomes `model_config = ConfigDict(...)` at the same place, `SettingsConfigDict` for settings; keys get
their new names, members of `Extra` become strings, keys without a meaning in version 2 go, comments stay. `class
Config(Base.Config)` loses its base: version 2 merges the config of a model with those of its bases by itself.
Settings that read a dotenv file get `dotenv_filtering="only_existing"`, for version 2 refuses keys in it that are no
fields.

`fields = {"a": {"alias": ...}}` moves to the `Field(...)` of each field; a function `schema_extra` or
`alias_generator` is put in front of `model_config`; `json_encoders` go on adding to those of the base. Simple
settings of a class that several models share (`class Config(Shared)`, `Config = Shared`) are written into each of
them, a function `schema_extra` of such a class is named there. A `getter_dict` is asked by a
`@model_validator(mode="before")`, where no field has an alias and no other validator comes before it.

Unsafe where behaviour changes a little: `allow_mutation = False` (`frozen` raises another exception and adds a hash),
`json_encoders` (not applied to models inside), a function as `schema_extra`, `json_loads` and `json_dumps` (never
called), `copy_on_model_validation = "shallow"` (never copied), a `getter_dict`, the `anystr_*` keys in a model with
fields of `bytes`, and keys that are not Pydantic's: a constant that nothing in the project reads goes, others stay in
`model_config`, where Pydantic leaves them alone and type checkers do not know them.

A key that both branches of an `if` set becomes one of `... if ... else ...` first, where they do nothing else.

All or nothing: a key that a machine cannot carry over leaves the whole class to a person, and the message says which.
So do other methods in a `Config`, values that refer to other keys or would mean a field in the new place, a base that
is no model's, and a `Config` that other code reads (`Model.Config.extra`).

## Limits
A `Config` of a class that is no model is reported only where a model inherits from it: Pydantic 1 never read it,
Pydantic 2 would read a `model_config` there. Uses like `getattr(model, "Config")` are not seen. Inner classes of
Pydantic dataclasses are ignored in both versions, and by this rule.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator

from trueup.config import Config
from trueup.file import File
from trueup.index.extract import expression
from trueup.index.facts import Expr, FileFacts
from trueup.index.project import ClassSymbol
from trueup.infer import Inference
from trueup.libraries.pydantic.config import (
    CONFIG_KEYS,
    OWN_KEYS,
    RENAMED_KEYS,
    Chosen,
    ConfigChange,
    KeyChange,
    Keys,
    Obstacle,
    usual_quote,
)
from trueup.libraries.pydantic.getters import can_read
from trueup.libraries.pydantic.merged_config import conflicts, source
from trueup.libraries.pydantic.methods import is_constant
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES, classes_of, is_model, is_settings, models_below
from trueup.libraries.pydantic.shared_config import foreign_bases, keeps_config, shared_class, shared_keys
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_ASKED = "a validator asks the getter now, before all others of the model and of those below it"


def _has_config(facts: FileFacts, types: Inference, config: Config) -> bool:
    return any(
        (klass.name == "Config" and klass.owner) or any(field.name == "Config" for field in klass.fields)
        for klass in facts.classes
    )


@rule(
    "TUP201",
    "v1-config-class",
    on=ast.ClassDef,
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    where=_has_config,
    triggers=("Config",),
    url=GUIDE + "#changes-to-config",
    effort=10,
    step="config",
)
def nested(node: ast.ClassDef, file: File) -> Iterable[Hit]:
    """A `class Config`, or `Config = ...`, in the body of a class."""
    for statement in node.body:
        if isinstance(statement, ast.ClassDef) and statement.name == "Config":
            yield from _config(statement, node, file)
        elif isinstance(statement, ast.Assign) and [ast.unparse(t) for t in statement.targets] == ["Config"]:
            yield from _shared(statement, node, file)


def _shared(statement: ast.Assign, outer: ast.ClassDef, file: File) -> Iterator[Hit]:
    """`Config = Shared`: the settings of the shared class are written down."""
    symbol = _symbol(outer, file)
    if symbol is None or not is_model(file.types, symbol.qualname, file.config.base_models):
        return
    text = "`Config = ...` is an error in Pydantic 2: make it a `ConfigDict` and assign that to `model_config`"
    site, base = file.site(statement), expression(statement.value)
    shared = shared_class(file.types, base, site)
    found = (
        _taken(shared, base, symbol, file, ())
        if shared is not None
        else Obstacle("what is shared may have other users")
    )
    if (
        isinstance(found, Obstacle)
        or "model_config" in _names(outer, file)
        or keeps_config(file.types, symbol.qualname)
    ):
        why = found.text if isinstance(found, Obstacle) else "the model's config is used elsewhere"
        yield Hit(statement, text, safety=Safety.MANUAL, why=why, severity=Severity.ERROR)
        return
    added, why = found
    maker = "SettingsConfigDict" if is_settings(file.types, symbol.qualname) else "ConfigDict"
    change = ConfigChange(maker, (), added, _unused(shared, file, added))
    safety = Safety.UNSAFE if why else None
    yield Hit(statement, text, clue=change, safety=safety, why=why, severity=Severity.ERROR)


def _unused(shared: ClassSymbol | None, file: File, taken: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    if shared is None or shared.file.path == file.path or any(key == "json_schema_extra" for key, _ in taken):
        return ()
    return ((shared.file.module, shared.facts.name),)


def _taken(
    shared: ClassSymbol, base: Expr, owner: ClassSymbol, file: File, own: Collection[str]
) -> tuple[tuple[tuple[str, str], ...], str] | Obstacle:
    """The settings a model has from a shared class: (key, source of the value), and why they are unsafe."""
    settings = is_settings(file.types, owner.qualname)
    quote = usual_quote(file.text)
    reader = Keys(file.types, owner, settings, file.qualname, file.type_of, file.segment, quote)
    found: list[tuple[str, str]] = []
    reasons: list[str] = []
    for key, value in shared_keys(file.types, shared, base).items():
        if key in own:
            continue
        read = reader.shared(key, value, source(value, quote))
        if isinstance(read, Obstacle):
            return read
        if read[0]:
            found.append((read[0], read[1]))
        reasons += [read[2]] if read[2] else []
    return tuple(found), "; ".join(reasons)


def _symbol(node: ast.ClassDef, file: File) -> ClassSymbol | None:
    facts = file.class_at(node)
    return ClassSymbol(file.qualified(facts), file.facts, facts) if facts is not None else None


def _config(node: ast.ClassDef, outer: ast.ClassDef, file: File) -> Iterator[Hit]:
    symbol = _symbol(outer, file)
    if symbol is None:
        return
    keys = [name for name, _ in _assigned(node)]
    span = file.header(node)
    known = is_model(file.types, symbol.qualname, file.config.base_models)
    if known is None and OWN_KEYS.intersection(keys):
        base = next((n for n in file.types.mro(symbol.qualname).names if file.project.klass(n) is None), "")
        text = f"`Config` looks like Pydantic 1's, but the base `{base}` is not known: name it in `base-models`"
        yield Hit(node, text, safety=Safety.MANUAL, why=f"the base `{base}` is not known", span=span)
    elif known is False and CONFIG_KEYS.intersection(keys) and (below := models_below(file.types, symbol.qualname)):
        text = (
            f"`{outer.name}` is no model, so that this `Config` is never read, not for `{below[0].facts.name}` either: "
            "remove it, or give the models a `model_config` if they should have these settings"
        )
        yield Hit(node, text, safety=Safety.MANUAL, why="Pydantic 2 would read a `model_config` here", span=span)
    elif known:
        choices = [one for one in node.body if isinstance(one, ast.If)]
        if choices and all(_chosen(one) for one in choices):
            for one in choices:
                text = f"`{_chosen(one)}` of a `class Config` is set in branches: write `... if ... else ...`, which"
                text += " can be an argument of `ConfigDict`"
                yield Hit(one, text, clue=Chosen(_chosen(one)), span=file.span(one.test))
            return
        yield _of_model(node, outer, symbol, file)


def _of_model(node: ast.ClassDef, outer: ast.ClassDef, symbol: ClassSymbol, file: File) -> Hit:
    span = file.header(node)
    ignored = [name for name, _ in _assigned(node) if name in RENAMED_KEYS or name == "allow_mutation"]
    what = f"Pydantic 2 ignores `{ignored[0]}` in a `class Config`" if ignored else "`class Config` is Pydantic 1's"
    settings = is_settings(file.types, symbol.qualname)
    made = _change(node, outer, symbol, file, settings)
    if isinstance(made, Obstacle):
        text = f"{what}, and no machine can move it: {made.text}"
        severity = Severity.ERROR if "model_config" in _names(outer, file) else None
        return Hit(node, text, safety=Safety.MANUAL, why=made.text, severity=severity, span=span)
    change, why = made
    text = f"{what}: use `model_config = {change.maker}(...)`"
    return Hit(node, text, clue=change, safety=Safety.UNSAFE if why else None, why=why, span=span)


def _change(
    node: ast.ClassDef, outer: ast.ClassDef, symbol: ClassSymbol, file: File, settings: bool
) -> tuple[ConfigChange, str] | Obstacle:
    """What becomes of the whole class, and why that is unsafe."""
    config = _symbol(node, file)
    if config is None or node.decorator_list or node.keywords:
        return Obstacle("it has decorators or keywords")
    if "model_config" in _names(outer, file):
        return Obstacle("the model has a `model_config` too, which Pydantic 2 refuses: merge the two")
    why_not = foreign_bases(file.types, config, symbol.qualname) or keeps_config(file.types, symbol.qualname)
    why_not = why_not or _used_here(symbol, file)
    if why_not:
        return Obstacle(why_not)
    statements = _read(node)
    if isinstance(statements, Obstacle):
        return statements
    reader = Keys(file.types, symbol, settings, file.qualname, file.type_of, file.segment, usual_quote(file.text))
    changes: list[KeyChange] = []
    reasons: list[str] = []
    getter = ""
    around = _names(outer, file) - {"Config"}
    for key, value in statements:
        if isinstance(value, ast.FunctionDef):
            moved = reader.function(key, value, around)
            if isinstance(moved, Obstacle):
                return moved
            changes.append(moved[0])
            reasons += [moved[1]] if moved[1] else []
            continue
        asks = key == "getter_dict" and can_read(file.types, symbol, value, file.type_of(value))
        read = (KeyChange(key, ""), _ASKED) if asks else reader.read(key, value)
        if isinstance(read, Obstacle):
            return read
        getter = file.segment(value) if asks else getter
        loaded = [n.id for n in ast.walk(value) if isinstance(n, ast.Name)]
        if read[0].new and (sibling := next((name for name, _ in statements if name in loaded), None)):
            return Obstacle(f"`{key}` refers to `{sibling}` of the same class: write the value out")
        if field := next((name for name in loaded if name in around), None):
            return Obstacle(f"`{field}` in `{key}` would mean the `{field}` of the model there: give it another name")
        changes.append(read[0])
        reasons += [read[1]] if read[1] else []
    new = [change.new for change in changes if change.new]
    if doubled := next((name for name in new if new.count(name) > 1), None):
        return Obstacle(f"`{doubled}` is set twice, once by its old name: keep one")
    added: tuple[tuple[str, str], ...] = ()
    if settings and _reads_dotenv(statements):
        added = (("dotenv_filtering", '"only_existing"'),)
    unused: tuple[tuple[str, str], ...] = ()
    site = file.types.class_site(config)
    given = [key for key, _ in statements] + new
    for base in config.facts.bases:
        shared = shared_class(file.types, base, site)
        if shared is not None:
            taken = _taken(shared, base, symbol, file, given)
            if isinstance(taken, Obstacle):
                return taken
            added += tuple(one for one in taken[0] if one[0] not in given)
            given += [key for key, _ in taken[0]]
            reasons += [taken[1]] if taken[1] else []
            unused += _unused(shared, file, taken[0])
    for key, (before, _), (_, last) in conflicts(file.types, symbol.qualname):
        text = source(before, usual_quote(file.text))
        if not text:
            return Obstacle(
                f"`{key}` would come from `{last.rpartition('.')[2]}` now: write down what the left base says"
            )
        if key not in given:
            added += ((key, text),)
    maker = "SettingsConfigDict" if settings else "ConfigDict"
    return ConfigChange(maker, tuple(changes), added, unused, getter), "; ".join(reasons)


def _chosen(choice: ast.If) -> str:
    """The key that both branches of an `if` give a value, and nothing else; empty where they do more."""
    match choice:
        case ast.If(
            body=[ast.Assign(targets=[ast.Name(id=first)])], orelse=[ast.Assign(targets=[ast.Name(id=second)])]
        ) if first == second:
            return first
    return ""


def _read(node: ast.ClassDef) -> list[tuple[str, ast.expr | ast.FunctionDef]] | Obstacle:
    """The assignments and functions of a `Config`, as long as it has nothing else."""
    found: list[tuple[str, ast.expr | ast.FunctionDef]] = []
    for index, statement in enumerate(node.body):
        match statement:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    if not isinstance(target, ast.Name):
                        return Obstacle("it unpacks a value: assign each key by itself")
                    found.append((target.id, value))
            case ast.AnnAssign(target=ast.Name(id=name), value=value):
                if value is not None:
                    found.append((name, value))
            case ast.Pass():
                pass
            case ast.Expr(value=ast.Constant(value=value)) if value is ... or (index == 0 and isinstance(value, str)):
                pass
            case ast.FunctionDef(name=name):
                found.append((name, statement))
            case ast.AsyncFunctionDef(name=name):
                return Obstacle(f"`{name}`: move the function out of the class")
            case _:
                return Obstacle("it does more than assign values: write each key as an argument of `ConfigDict`")
    return found


def _assigned(node: ast.ClassDef) -> Iterator[tuple[str, ast.stmt]]:
    """The names a `Config` gives values or functions to."""
    for statement in node.body:
        match statement:
            case ast.Assign(targets=targets):
                yield from ((t.id, statement) for t in targets if isinstance(t, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.FunctionDef(name=name):
                yield name, statement


def _names(outer: ast.ClassDef, file: File) -> set[str]:
    """The names the body of the model binds."""
    facts = file.class_at(outer)
    return (
        {b.name for b in facts.scope.bindings} | {i.name for i in facts.scope.imports} if facts is not None else set()
    )


def _used_here(symbol: ClassSymbol, file: File) -> str:
    """Why the `Config` cannot go because this very file reads it, in conditions and the like; empty if it does not."""
    if ".Config" not in file.text and ".__config__" not in file.text:
        return ""
    for node in file.nodes(ast.Attribute):
        if node.attr in ("Config", "__config__"):
            if isinstance(file.parent(node), ast.ClassDef):
                continue
            if any(
                symbol.qualname in file.types.mro(cls).names for cls, _ in classes_of(file.type_of(node.value)) or []
            ):
                return f"`Config` is read in line {node.lineno}: read `model_config` there first"
    return ""


def _reads_dotenv(statements: list[tuple[str, ast.expr | ast.FunctionDef]]) -> bool:
    """Whether settings read a dotenv file, and refuse or keep keys that are no fields."""
    given = dict(statements)
    file, extra = given.get("env_file"), given.get("extra")
    if not isinstance(file, ast.expr) or is_constant(file, None) or "dotenv_filtering" in given:
        return False
    ignores = isinstance(extra, ast.Attribute) and extra.attr == "ignore"
    return not (ignores or (isinstance(extra, ast.Constant) and extra.value == "ignore"))
