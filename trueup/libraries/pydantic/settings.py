"""Settings: which files hold them, how their fields are named in the environment, and who calls them with what."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from msgspec import Struct

from ...config import Config
from ...index.facts import Const, FileFacts
from ...infer import Inference
from ...types import ClassObject
from .annotations import FIELD
from .config import config_of
from .models import is_model, is_settings, names_below
from .validators import Declared, declared, family

SETTINGS_HOME = "pydantic_settings"
SOURCES = ("init_settings", "env_settings", "file_secret_settings")
"""What `customise_sources` of version 1 is called with, by name."""


class EnvMove(Struct, frozen=True):
    """What a field gets from the `fields` of a `Config`: the sources of its names, and how it is written now."""

    field: str
    names: tuple[str, ...]
    single: bool
    """One name, as it is; else a choice."""
    is_field: bool
    """Its default is a call of `Field`."""


def holds_settings(facts: FileFacts, types: Inference, config: Config) -> bool:
    """Whether a file defines a class that reads its values from the environment."""
    return any(is_settings(types, f"{facts.module}.{klass.qualname}") for klass in facts.classes)


def holds_fields_of_settings(facts: FileFacts, types: Inference, config: Config) -> bool:
    """Whether a file defines such a class, or a model whose fields one inherits."""
    return any(feeds_settings(types, f"{facts.module}.{klass.qualname}") for klass in facts.classes)


def feeds_settings(types: Inference, cls: str) -> bool:
    """Whether a class is one of settings, or a model whose fields one inherits: for Pydantic 1 they are read alike."""
    if is_settings(types, cls):
        return True
    return is_model(types, cls) is True and any(is_settings(types, one) for one in names_below(types, cls))


def field_calls(node: ast.ClassDef, qualname: Callable[[ast.expr], str | None]) -> Iterator[tuple[str, ast.Call]]:
    """The `Field(...)` calls of a class's fields, defaults or inside `Annotated`; each with its field's name."""
    for statement in node.body:
        if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
            continue
        for part in (statement.value, statement.annotation):
            for one in ast.walk(part) if part is not None else ():
                if isinstance(one, ast.Call) and qualname(one.func) in FIELD:
                    yield statement.target.id, one


def is_own_name(types: Inference, cls: str, field: str, names: list[str]) -> bool:
    """Whether the only variable that a field names, as its source, is the one that is read for it anyway."""
    if len(names) != 1 or _text(names[0]).lower() != field.lower():
        return False
    for one in [cls, *names_below(types, cls)]:
        prefix = config_of(types, one, "env_prefix")
        if not types.mro(one).complete or not (prefix is None or prefix == Const("str", "")):
            return False
        if _minds_case(types, one):
            return False
    return True


def _minds_case(types: Inference, cls: str) -> bool:
    case = config_of(types, cls, "case_sensitive")
    return case is not None and case != Const("bool", "False")


def by_name(types: Inference, cls: str, field: str, names: list[str]) -> bool:
    """Whether a field must go on taking its value by its own name too: something gives it so, or it costs nothing."""
    alike = not _minds_case(types, cls) and any(_text(one).lower() == field.lower() for one in names)
    return alike or given_by_name(types, cls, field)


def sees_all(types: Inference, cls: str) -> list[Declared]:
    """The validators that see all values of a class before they are validated, by the names they came with."""
    symbol = types.project.klass(cls)
    around = [symbol, *family(types, symbol)] if symbol is not None else []
    return [met for one in around for met in declared(types, one) if met.whole and met.pre]


def _text(source: str) -> str:
    """The text that the source of a literal stands for; empty where it is none."""
    try:
        value = ast.literal_eval(source)
    except (ValueError, SyntaxError):
        return ""
    return value if isinstance(value, str) else ""


def given_by_name(types: Inference, cls: str, field: str) -> bool:
    """Whether the project calls a class of settings, or one below it, with a value for a field."""
    classes = [cls, *names_below(types, cls)]
    for name in dict.fromkeys(one.rpartition(".")[2] for one in classes):
        for site, one in types.calls_named(name):
            if field in dict(one.call.keywords):
                found = types.type_of(one.call.func, site)
                if isinstance(found, ClassObject) and found.cls in classes:
                    return True
    return False
