"""What an installed Pydantic, 1.10 or 2, makes of the models of a program."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import itertools
import json
import re
import sys
import types
import warnings
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID

NAMES: dict[str, Any] = {
    one.__name__: one for one in (Decimal, date, datetime, time, timedelta, UUID, types.SimpleNamespace)
}


class Library:
    """The installed Pydantic, and what is called differently in its versions."""

    def __init__(self) -> None:
        self.pydantic = importlib.import_module("pydantic")
        self.is_new = not self.pydantic.VERSION.startswith("1.")
        self.model: type = self.pydantic.BaseModel
        self.error: type[Exception] = self.pydantic.ValidationError
        home = importlib.import_module("pydantic_settings") if self.is_new else self.pydantic
        self.settings: type = home.BaseSettings

    def is_model(self, cls: object) -> bool:
        """Whether it is a model or a dataclass of Pydantic."""
        if not isinstance(cls, type):
            return False
        return issubclass(cls, self.model) or self.is_dataclass(cls)

    def is_dataclass(self, cls: type) -> bool:
        """Whether the decorator of Pydantic made it."""
        mark = "__pydantic_fields__" if self.is_new else "__pydantic_model__"
        return mark in vars(cls) and not issubclass(cls, self.model)

    def make(self, cls: Any, values: Any) -> Any:
        """An instance from outer data."""
        if issubclass(cls, self.settings):
            return cls(**self.spelt(cls, values))
        if self.is_dataclass(cls):
            return cls(**values)
        return cls.model_validate(values) if self.is_new else cls.parse_obj(values)

    def spelt(self, cls: Any, values: dict[str, Any]) -> dict[str, Any]:
        """The values of settings by the names under which version 2 takes them: the variables' where there are any."""
        if not self.is_new or cls.model_config.get("populate_by_name") or cls.model_config.get("validate_by_name"):
            return values
        return {self.variables(cls).get(name, name): value for name, value in values.items()}

    def variables(self, cls: Any) -> dict[str, str]:
        """Field -> the variable that a `validation_alias` names first."""
        found = {}
        for name, field in cls.model_fields.items():
            alias = field.validation_alias
            alias = getattr(alias, "choices", [alias])[0]
            if isinstance(alias, str) and alias != field.alias:
                found[name] = alias
        return found

    def from_attributes(self, cls: Any, values: Any) -> Any:
        """An instance from an object."""
        return cls.model_validate(values) if self.is_new else cls.from_orm(values)

    def take(self, hint: Any, value: Any) -> Any:
        """A value of a type."""
        return self.pydantic.TypeAdapter(hint).validate_python(value) if self.is_new else self._parse(hint, value)

    def _parse(self, hint: Any, value: Any) -> Any:
        return self.pydantic.parse_obj_as(hint, value)

    def written(self, value: Any) -> Any:
        """A model or dataclass as JSON says it."""
        if isinstance(value, self.model):
            written: Any = value
            text = written.model_dump_json() if self.is_new else self._json(written)
        elif self.is_new:
            text = self.pydantic.TypeAdapter(type(value)).dump_json(value)
        else:
            text = json.dumps(value, default=importlib.import_module("pydantic.json").pydantic_encoder)
        return json.loads(text)

    def _json(self, value: Any) -> str:
        cls, base = type(value), self.model
        if vars_of(cls, "dict") is vars_of(base, "dict") or vars_of(cls, "json") is not vars_of(base, "json"):
            return str(value.json())
        # The user's own `dict` is what FastAPI called, though `json` did not.
        return json.dumps(value.dict(), default=value.__json_encoder__)

    def given(self, value: Any) -> list[str]:
        """The fields that were given."""
        name = "model_fields_set" if self.is_new else "__fields_set__"
        return sorted("root" if one == "__root__" else one for one in getattr(value, name, ()))

    def schema(self, cls: Any) -> Any:
        """The JSON schema."""
        if self.is_dataclass(cls):
            return self.pydantic.TypeAdapter(cls).json_schema() if self.is_new else cls.__pydantic_model__.schema()
        return cls.model_json_schema() if self.is_new else cls.schema()


def vars_of(cls: type, name: str) -> Any:
    """What a class has by that name, as it was written."""
    return inspect.getattr_static(cls, name)


class Program:
    """An imported program."""

    def __init__(self, folder: Path, library: Library) -> None:
        self.library = library
        self.failed: dict[str, str] = {}
        self.warned: list[str] = []
        self.modules: dict[str, types.ModuleType] = {}
        sys.path.insert(0, str(folder))
        for name in module_names(folder):
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                try:
                    self.modules[name] = importlib.import_module(name)
                except Exception as error:  # noqa: BLE001 -- whatever a program raises is an answer
                    self.failed[name] = f"{type(error).__name__}: {error}"
            for one in caught:
                self.warned.append(f"{one.category.__name__}: {one.message}".split("\n", maxsplit=1)[0])

    def members(self) -> Iterator[tuple[str, Any]]:
        """What the modules define: `module.name` -> value; classes within classes too."""
        for home, module in self.modules.items():
            for name, value in vars(module).items():
                if name.startswith("__"):
                    continue
                defined = getattr(value, "__module__", home)
                if isinstance(value, type | types.FunctionType) and defined in self.modules and defined != home:
                    continue
                yield f"{home}.{name}", value
                if isinstance(value, type) and defined == home:
                    yield from _nested(f"{home}.{name}", value)

    def models(self) -> dict[str, Any]:
        """Its models and dataclasses by name."""
        found = {}
        for name, value in self.members():
            if not self.library.is_model(value):
                continue
            # What `create_model` made says that it is of Pydantic's own module, where nobody finds it.
            home = sys.modules.get(getattr(value, "__module__", ""))
            borrowed = name.rpartition(".")[0] != getattr(value, "__module__", "") and hasattr(home, value.__name__)
            if "[" not in value.__name__ and not borrowed:
                found[name] = value
        return found

    def functions(self) -> dict[str, Callable[..., Any]]:
        """Its functions, and the methods of its models, by name."""
        found: dict[str, Callable[..., Any]] = {
            name: value
            for name, value in self.members()
            if inspect.isfunction(value) and value.__module__ in self.modules
        }
        for name, cls in self.models().items():
            for own, value in vars(cls).items():
                if inspect.isfunction(value) and not own.startswith("_") and not hasattr(self.library.model, own):
                    found[f"{name}.{own}"] = value
        return found


def _nested(prefix: str, cls: type) -> Iterator[tuple[str, Any]]:
    for name, value in vars(cls).items():
        if isinstance(value, type) and value.__qualname__ == f"{cls.__qualname__}.{name}" and name != "Config":
            yield f"{prefix}.{name}", value
            yield from _nested(f"{prefix}.{name}", value)


def module_names(folder: Path) -> list[str]:
    """The dotted names of all modules below a folder."""
    paths = sorted(path.relative_to(folder) for path in folder.rglob("*.py"))
    names = [".".join(path.with_suffix("").parts) for path in paths if "tests" not in path.parts]
    return [name.removesuffix(".__init__") for name in names if name != "__init__"]


def evaluate(text: str) -> Any:
    """The value of an expression of this tool's own making."""
    return eval(text, dict(NAMES))  # noqa: S307 -- it wrote the text itself


def outcome(library: Library, action: Callable[[], Any]) -> list[Any]:
    """`["ok", result]`, `["err", places]` for a validation that failed, `["exc", name]` for any other exception."""
    with warnings.catch_warnings(action="ignore"):
        try:
            return ["ok", action()]
        except Exception as error:  # noqa: BLE001 -- that is what is asked
            return failure(library, error)


def failure(library: Library, error: Exception) -> list[Any]:
    """How an exception is told."""
    if isinstance(error, library.error) or type(error).__name__ in ("RequestValidationError", "SettingsError"):
        try:
            told: list[Any] = getattr(error, "errors", list)()
            places = {next((str(part) for part in one["loc"] if part != "__root__"), "") for one in told}
        except Exception:  # noqa: BLE001
            places = {"?"}
        return ["err", sorted(places - {""})]
    return ["exc", type(error).__name__]


def tell(library: Library, value: Any) -> Any:
    """A model as the names of the fields that were given and what it writes."""
    try:
        with warnings.catch_warnings(action="ignore"):
            return [library.given(value), library.written(value)]
    except Exception as error:  # noqa: BLE001
        named = type(error).__name__
        unwritable = (
            "TypeError",
            "PydanticSerializationError",
            "PydanticUserError",
            "ValueError",
            "UnicodeDecodeError",
        )
        return [library.given(value), {"!": "not writable" if named in unwritable else named}]


def plain(library: Library, value: Any, depth: int = 0) -> Any:
    """Any value as JSON."""
    if depth > 12:
        return "..."
    if isinstance(value, type):
        return f"class {value.__name__}"
    if library.is_model(type(value)):
        return tell(library, value)[1]
    if isinstance(value, Enum):
        return plain(library, value.value, depth + 1)
    if isinstance(value, dict):
        return {str(plain(library, k, depth + 1)): plain(library, v, depth + 1) for k, v in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((plain(library, one, depth + 1) for one in value), key=str)
    if isinstance(value, list | tuple) or inspect.isgenerator(value):
        return [plain(library, one, depth + 1) for one in itertools.islice(value, 50)]
    if isinstance(value, Exception):
        return failure(library, value)
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, str):
        with contextlib.suppress(ValueError):
            if value[:1] in ("{", "["):
                return json.loads(value)
        return value
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Decimal | date | time | timedelta | UUID | Path | re.Pattern):
        return str(value)
    if "Url" in type(value).__name__ or "Dsn" in type(value).__name__ or "Secret" in type(value).__name__:
        return str(value)
    return f"<{type(value).__name__}>" if type(value).__module__ == "builtins" else "<object>"
