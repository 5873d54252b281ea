"""Which version of Pydantic code is written for, and where it asks that itself."""

from __future__ import annotations

import ast
from collections.abc import Callable

from ...index.facts import Call, Expr, FileFacts, Name, Scope
from ...infer import Inference, lasting
from .config import RENAMED_KEYS
from .models import is_model

_ONLY_IN_2 = frozenset(
    {"ConfigDict", "field_validator", "model_validator", "field_serializer", "model_serializer", "computed_field",
     "RootModel", "TypeAdapter", "AliasChoices", "AliasPath", "AliasGenerator", "BeforeValidator", "AfterValidator",
     "PlainValidator", "WrapValidator", "PlainSerializer", "WrapSerializer", "SerializeAsAny", "ValidationInfo",
     "FieldValidationInfo", "SerializationInfo", "InstanceOf", "SkipValidation", "ImportString", "StringConstraints",
     "UrlConstraints", "GetCoreSchemaHandler", "GetJsonSchemaHandler", "WithJsonSchema", "validate_call",
     "with_config", "Discriminator", "JsonValue", "PydanticUserError"}
)  # fmt: skip
_ONLY_IN_1 = frozenset(
    {("pydantic", "BaseSettings"), ("pydantic.fields", "ModelField"), ("pydantic.main", "ModelMetaclass"),
     ("pydantic.error_wrappers", "ErrorWrapper"), ("pydantic", "NoneStr"), ("pydantic", "PyObject")}
)  # fmt: skip
_NOT_IN_2 = frozenset(
    {("pydantic", name) for name in (
        "BaseSettings", "NoneStr", "NoneBytes", "StrBytes", "NoneStrBytes", "Required", "ConstrainedStr",
        "ConstrainedInt", "ConstrainedFloat", "ConstrainedDecimal", "ConstrainedBytes", "ConstrainedList",
        "ConstrainedSet", "ConstrainedDate", "PydanticValueError", "PydanticTypeError", "stricturl", "validate_model",
        "Protocol", "ConfigError")}
) | _ONLY_IN_1  # fmt: skip
"""What version 2 refuses to give, so that a file which imports it was never run with it."""
_NO_MODULES_IN_2 = ("pydantic.env_settings", "pydantic.validators", "pydantic.datetime_parse", "pydantic.typing")


def dialect(types: Inference) -> str:
    """Which Pydantic the project's code is written for: `1`, `2`, or `both` (half migrated).

    `2` needs a name that only version 2 has and nothing that only version 1 can have; code that shows neither is
    taken for version 1. The package `pydantic_settings` says nothing: moving its import is where a migration begins.
    That is what the code shows; which version it is to run on is another question, which `Config.targets` answers: a
    project may be locked to version 2 and still be written for 1.
    A migration keeps the first answer: what is left for a person in code for version 1 is still left when the rest of
    it is written for version 2.
    """
    return types.shared(_dialect)


_HELPERS = frozenset(
    {"utils", "typing", "datetime_parse", "validators", "json", "schema", "decorator", "color", "errors"}
)
"""Modules of `pydantic.v1` without models: a repair takes functions from some of them."""


def keeps_v1(types: Inference) -> bool:
    """Whether the project has models of `pydantic.v1`, whose methods keep their names."""
    return types.shared(_keeps_v1)


def _keeps_v1(types: Inference) -> bool:
    return any(map(_imports_v1, types.files_importing("pydantic")))


def _imports_v1(file: FileFacts) -> bool:
    scopes = _scopes_with_pydantic(file)
    return any(star.startswith("pydantic.v1") for star in file.scope.stars) or any(
        (one.module == "pydantic.v1" and one.attr not in _HELPERS)
        or (one.module.startswith("pydantic.v1.") and one.module.removeprefix("pydantic.v1.") not in _HELPERS)
        or (one.module, one.attr) == ("pydantic", "v1")
        for scope in scopes
        for one in scope.imports
    )


def _scopes_with_pydantic(file: FileFacts) -> list[Scope]:
    """The scopes of a file that may import from Pydantic: its own, and those of its functions."""
    inner = file.functions if file.stands_in_functions("pydantic") else ()
    return [file.scope, *[function.scope for function in inner]]


def dialect_of(types: Inference, path: str) -> str:
    """The same for one file of the project: `both` where it holds what version 2 refuses, though the others do not.

    So it is where a project has been moved by hand up to some of its files.
    """
    spoken = dialect(types)
    return "both" if spoken == "2" and path in types.shared(_left_behind) else spoken


@lasting
def _left_behind(types: Inference) -> frozenset[str]:
    """The files that version 2 cannot import, and that say nothing only version 2 knows."""
    found: set[str] = set()
    for file in types.files_importing("pydantic"):
        imports = [one for one in file.scope.imports if not one.when and one.module.partition(".")[0] == "pydantic"]
        fields = [field for klass in file.classes for field in klass.fields]
        if any(one.attr in _ONLY_IN_2 for one in imports) or any(one.name == "model_config" for one in fields):
            continue
        makers = {one.name for one in imports if one.attr == "Field"}
        bare = {one.name for one in imports if one.attr == "root_validator"}
        if (
            any((one.module, one.attr) in _NOT_IN_2 or one.module in _NO_MODULES_IN_2 for one in imports)
            or any(one.name == "__root__" and one.annotation is not None for one in fields)
            or any(_has_old_argument(one.value, makers) for one in fields)
            or (bare and any(_is_refused(one, bare) for f in file.functions for one in f.decorators))
        ):
            found.add(file.path)
    return frozenset(found)


def _has_old_argument(value: Expr | None, makers: set[str]) -> bool:
    """Whether `Field` is given what version 2 raises at: `regex`, `const`."""
    match value:
        case Call(func=Name(id=name), keywords=keywords) if name in makers:
            return any(key in ("regex", "const") for key, _ in keywords)
    return False


def _is_refused(decorator: Expr, names: set[str]) -> bool:
    """Whether it is a root validator that version 2 raises at: neither `pre=True` nor `skip_on_failure=True`."""
    match decorator:
        case Name(id=name):
            return name in names
        case Call(func=Name(id=name), keywords=keywords) if name in names:
            return not any(key in ("pre", "skip_on_failure") for key, _ in keywords)
    return False


@lasting
def _dialect(types: Inference) -> str:
    spoken = {version for versions in types.by_file(_spoken_in).values() for version in versions}
    return "both" if len(spoken) == 2 else "2" if "2" in spoken else "1"


def _spoken_in(types: Inference, path: str) -> str:
    """The versions of which a file shows that it is written for them: "1", "2" or "12"."""
    file = types.project.files[path]
    one = two = False
    if "pydantic" in file.imported:
        for scope in _scopes_with_pydantic(file):
            for imported in scope.imports:
                if imported.when or imported.module.partition(".")[0] != "pydantic":
                    continue
                two = two or imported.attr in _ONLY_IN_2
                one = one or (imported.module, imported.attr) in _ONLY_IN_1
    for klass in file.classes:
        if klass.name == "Config" and klass.owner:
            one = one or any(f.name in RENAMED_KEYS for f in klass.fields)
        elif not two and any(f.name == "model_config" for f in klass.fields):
            two = is_model(types, f"{file.module}.{klass.qualname}") is True
    return "1" * one + "2" * two


_FLAGS = ("PYDANTIC_V", "PYDANTIC_2", "PYDANTIC2", "PYDANTIC_1", "IS_PYDANTIC", "pydantic_v")


def asks_for_version(test: ast.expr) -> bool:
    """Whether a condition asks which Pydantic is installed, or whether an object has the methods of version 2."""
    for node in ast.walk(test):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                # `is_pydantic_2` asks for a version, `is_pydantic_model` for a class
                if any(flag in name for flag in _FLAGS) or ("is_pydantic" in name and _has_digit(name)):
                    return True
                if name in ("VERSION", "__version__") and "pydantic" in ast.unparse(node).lower():
                    return True
                if name == "VERSION" and isinstance(node, ast.Name) and _says_1_or_2(test):
                    return True
            case ast.Call(func=ast.Name(id="hasattr" | "getattr"), args=[_, ast.Constant(value=str(name)), *_]):
                if name.startswith("model_") or name == "__pydantic_validator__":
                    return True
    return False


def _has_digit(name: str) -> bool:
    return any(one.isdigit() for one in name)


def _says_1_or_2(test: ast.expr) -> bool:
    """Whether a condition has a version in it: `VERSION.startswith("1.")`, `VERSION < "2"`."""
    texts = [one.value for one in ast.walk(test) if isinstance(one, ast.Constant)]
    return any(text in (1, 2) or (isinstance(text, str) and text[:2] in ("1", "1.", "2", "2.")) for text in texts)


def is_guarded(node: ast.AST, parent: Callable[[ast.AST], ast.AST | None], new: str) -> bool:
    """Whether the code around a place asks which version there is, or falls back on it where `new` is not there."""
    inner, outer = node, parent(node)
    while outer is not None:
        match outer:
            case ast.If(test=test) | ast.IfExp(test=test) if inner is not test and asks_for_version(test):
                return True
            case ast.BoolOp(values=values) if any(v is not inner and asks_for_version(v) for v in values):
                return True
            case ast.Try(body=body, handlers=handlers):
                others = body if inner in handlers else handlers if inner in body else []
                if any(_mentions(one, new) for one in others):
                    return True
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef | ast.If) and _returned_before(outer, inner):
            return True
        inner, outer = outer, parent(outer)
    return False


def _mentions(tree: ast.AST, name: str) -> bool:
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=found) | ast.alias(name=found) | ast.ImportFrom(module=str(found)) if found == name:
                return True
    return False


def _returned_before(outer: ast.FunctionDef | ast.AsyncFunctionDef | ast.If, inner: ast.AST) -> bool:
    """Whether the case of version 2 was dealt with, and left, in front of a statement of the same body."""
    for body in (outer.body, getattr(outer, "orelse", [])):
        for statement in body if inner in body else ():
            if statement is inner:
                break
            if isinstance(statement, ast.If) and asks_for_version(statement.test):
                return True
    return False
