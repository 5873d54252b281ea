"""A name of Pydantic 1 is used that nothing in Pydantic 2 takes the place of: `validate_model`, `ModelField`.

## Why
Many modules of version 1 (`pydantic.validators`, `pydantic.typing`, `pydantic.schema`, ...) can still be imported,
but are empty: the error comes with the name, when the module is imported or, worse, when the line runs.

## Fix safety
There is a repair for calls of `dict_validator`, `str_validator` and the like with a value: `TypeAdapter(dict)` and so
on. It is unsafe: Pydantic 2 takes less for a text or a dict, and raises a `ValidationError`.

All else is left to a person. The message says what comes closest. `pydantic.v1` still has all of it, for models of
version 1, but neither Python 3.14 nor FastAPI 0.128 goes on with that.

| gone | instead |
|--|--|
| `validate_model(Model, data)` | `Model.model_validate(data)` in a `try` |
| `pydantic.fields.ModelField` | `FieldInfo`: `annotation`, `default`, `is_required()` |
| `pydantic.json.ENCODERS_BY_TYPE` | `PlainSerializer` for models; `fastapi.encoders` has a table of its own |
| `pydantic.validators.*` | `TypeAdapter(<type>).validate_python` |
| `pydantic.schema.*` | `model_json_schema`, or a subclass of `GenerateJsonSchema` |
| functions of `pydantic.typing`, `pydantic.fields.SHAPE_*` | `typing.get_origin`, `typing.get_args` |
| `pydantic.errors.MissingError` and the like | the `type` of each of `ValidationError.errors()` |
| `BaseConfig` as the base of a shared config | `SHARED = ConfigDict(...)`, `ConfigDict(**SHARED, ...)` |

## Limits
Names that moved are the business of `moved-import`, errors that of `error-wrapper` and `v1-error-class`, functions
that of `v1-parse-function`. An import with a fallback for the other version is left alone, and so are star imports.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES
from trueup.libraries.pydantic.moved import (
    BORROWED,
    GONE,
    GONE_MODULES,
    LEGACY,
    MODEL_FIELD,
    MOVED,
    SPELLED,
    VALIDATORS,
    only_annotates,
)
from trueup.libraries.pydantic.versions import is_guarded
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_NAMES = frozenset(name for _, name in GONE) | {"SHAPE_LIST", "BaseConfig"}
_TRIGGERS = ("SHAPE_*", "pydantic.errors", *sorted(_NAMES), *(f"{module}" for module in sorted(GONE_MODULES)))
_KEPT_ERRORS = ("Pydantic", "ValidationError")
"""How the names of errors begin that version 2 has too, or that another rule is for."""
_STILL_THERE = frozenset({"validator", "root_validator", "validate_arguments"})


@rule(
    "TUP402",
    "gone-import",
    on=(ast.ImportFrom, ast.Attribute, ast.ClassDef, ast.Call),
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    libraries=LIBRARIES,
    where=lambda facts, types, config: "pydantic" in facts.imported,
    triggers=_TRIGGERS,
    url=GUIDE + "#removed-in-pydantic-v2",
    effort=15,
    step="imports",
)
def gone(node: ast.ImportFrom | ast.Attribute | ast.ClassDef | ast.Call, file: File) -> Iterable[Hit]:
    """Imports, attributes of modules, classes below `BaseConfig`, and calls of validators."""
    match node:
        case ast.Call(func=ast.Name(id=name)):
            kind = VALIDATORS.get(file.qualname(node.func) or "") if name.endswith("_validator") else None
            if kind is not None and _is_called(name, file):
                text = f"`{name}` is gone in Pydantic 2: use `TypeAdapter({kind}).validate_python`"
                why = f"what Pydantic 2 takes for a `{kind}` is less, and the error is a `ValidationError`"
                yield Hit(node, text, kind, why=why, span=file.span(node.func))
        case ast.ImportFrom(level=0, module=str(module)) if module.partition(".")[0] == "pydantic":
            for alias in node.names:
                advice = _advice(module, alias.name)
                if (module, alias.name) == MODEL_FIELD and only_annotates(file.tree, alias.asname or alias.name):
                    continue  # that is the business of `moved-import`
                if f"{module}.{alias.name}" in VALIDATORS and _is_called(alias.asname or alias.name, file):
                    continue  # its calls are told
                if advice and not _has_fallback(node, file) and not is_guarded(node, file.parent, alias.name):
                    yield Hit(alias, f"`{module}.{alias.name}` is gone in Pydantic 2: {advice}", safety=Safety.MANUAL)
        case ast.Attribute(ctx=ast.Load(), attr=name):
            if not isinstance(node.value, ast.Name | ast.Attribute) or _is_loop_variable(node, file):
                return
            module = file.qualname(node.value) or ""
            advice = _advice(module, name) if module.partition(".")[0] == "pydantic" else ""
            if advice and file.qualname(node) is not None and not is_guarded(node, file.parent, name):
                yield Hit(node, f"`{file.segment(node)}` is gone in Pydantic 2: {advice}", safety=Safety.MANUAL)
        case ast.ClassDef(bases=[base, *_]) if not isinstance(file.parent(node), ast.ClassDef):
            if file.qualname(base) in ("pydantic.BaseConfig", "pydantic.config.BaseConfig"):
                text = (
                    f"`BaseConfig` is deprecated in Pydantic 2: make `{node.name}` a `ConfigDict`, and write "
                    f"`model_config = ConfigDict(**{node.name}, ...)` in the models that share it"
                )
                span = file.header(node)
                yield Hit(node, text, safety=Safety.MANUAL, severity=Severity.WARNING, span=span)


def _is_called(name: str, file: File) -> bool:
    """Whether a file does nothing with a name but to call it with a value."""
    uses = [one for one in file.nodes(ast.Name) if one.id == name]
    for one in uses:
        match file.parent(one):
            case ast.Call(func=held, args=[value], keywords=[]) if held is one and not isinstance(value, ast.Starred):
                continue
        return False
    return bool(uses)


def _advice(module: str, name: str) -> str:
    """What to do without a name; empty where it is not gone."""
    key = (module, name)
    known = any(key in table for table in (MOVED, LEGACY, BORROWED, SPELLED)) and key != MODEL_FIELD
    if known or name in _STILL_THERE or name == "*":
        return ""
    if module == "pydantic.fields" and name.startswith("SHAPE_"):
        return GONE_MODULES["pydantic.typing"]
    if module in ("pydantic", "pydantic.errors") and name.endswith("Error") and not name.startswith(_KEPT_ERRORS):
        return "look at the `type` in `ValidationError.errors()`, or raise a `PydanticCustomError`"
    return GONE.get(key) or GONE_MODULES.get(module, "")


def _is_loop_variable(node: ast.Attribute, file: File) -> bool:
    """Whether a comprehension around `schema.title` gives the name its value."""
    around: ast.AST | None = node
    while around is not None:
        if isinstance(around, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            bound = {n.id for one in around.generators for n in ast.walk(one.target) if isinstance(n, ast.Name)}
            if isinstance(node.value, ast.Name) and node.value.id in bound:
                return True
        around = file.parent(around)
    return False


def _has_fallback(node: ast.ImportFrom, file: File) -> bool:
    """Whether an import stands in a `try` that goes on without it, or in the branch that does."""
    around = file.parent(node)
    return isinstance(around, ast.Try | ast.ExceptHandler)
