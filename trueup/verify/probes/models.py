"""The JSON schemas of a program's models, with the installed Pydantic, 1.10 or 2."""

from __future__ import annotations

import contextlib
import importlib
import sys
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from .modules import said


def schemas(modules: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """`module.Model` -> what it says of itself.

    `old`: it is a model of Pydantic 1, or of `pydantic.v1`. `schema`, or `error` where there is none. `written`: what
    it writes, where that has another schema. `variables`: of settings, field -> the variable of the environment that
    stands for it in the schema.
    """
    found = {}
    known = list(_models(modules))
    for _, cls, old in known:
        if old:
            with contextlib.suppress(Exception):  # a name that is nowhere: the schema will say so
                getattr(cls, "__pydantic_model__", cls).update_forward_refs()
    for name, cls, old in known:
        entry: dict[str, Any] = {"old": old}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                entry["schema"] = _schema(cls, old, "validation")
            except Exception as error:  # noqa: BLE001 -- whatever a model's own code raises is an answer
                entry["error"] = said(error)
            if not old and "schema" in entry:
                try:
                    written = _schema(cls, old, "serialization")
                except Exception as error:  # noqa: BLE001
                    written = {"error": said(error)}
                if written != entry["schema"]:
                    entry["written"] = written
        variables = _variables(cls) if not old else {}
        if variables:
            entry["variables"] = variables
        found[name] = entry
    return dict(sorted(found.items()))


def _schema(cls: Any, old: bool, mode: str) -> Any:
    if old:
        inner = getattr(cls, "__pydantic_model__", cls)
        return inner.schema()
    if hasattr(cls, "model_json_schema"):
        return cls.model_json_schema(mode=mode)
    return importlib.import_module("pydantic").TypeAdapter(cls).json_schema(mode=mode)


def _variables(cls: Any) -> dict[str, str]:
    """Field -> the variable that a `validation_alias` names first."""
    home = sys.modules.get("pydantic_settings")
    if home is None or not issubclass(cls, home.BaseSettings):
        return {}
    found = {}
    for name, field in cls.model_fields.items():
        alias = field.validation_alias
        alias = getattr(alias, "choices", [alias])[0]
        if isinstance(alias, str) and alias != field.alias:
            found[name] = alias
    return found


def _models(modules: Mapping[str, Any]) -> Iterator[tuple[str, Any, bool]]:
    """The models and dataclasses of Pydantic that a program defines, each with whether it is one of version 1."""
    pydantic = sys.modules.get("pydantic")
    if pydantic is None:
        return
    bases = [(pydantic.BaseModel, str(pydantic.VERSION).startswith("1."))]
    within = sys.modules.get("pydantic.v1.main")
    if within is not None:
        bases.append((within.BaseModel, True))
    for name, cls in _classes(modules):
        if "[" in cls.__name__:
            continue  # a generic model with its arguments: the model without them is looked at
        for base, old in bases:
            if isinstance(base, type) and issubclass(cls, base):
                yield name, cls, old
                break
        else:
            if "__pydantic_model__" in vars(cls):
                # Version 1 leaves its mark on a plain dataclass, too, that is the type of a field.
                if getattr(cls, "__pydantic_run_validation__", True):
                    yield name, cls, True
            elif "__pydantic_fields__" in vars(cls):
                yield name, cls, False


def _classes(modules: Mapping[str, Any]) -> Iterator[tuple[str, type]]:
    """The classes that modules define, those within classes too, by name."""
    for home, module in modules.items():
        for name, value in list(vars(module).items()):
            if not isinstance(value, type) or name.startswith("__"):
                continue
            defined = getattr(value, "__module__", None)
            # What `create_model` made says that it is of Pydantic's own module, where nobody finds it.
            owner = sys.modules.get(str(defined))
            if defined != home and (defined in modules or hasattr(owner, value.__name__)):
                continue
            yield f"{home}.{name}", value
            if defined == home:
                yield from _within(f"{home}.{name}", value)


def _within(prefix: str, cls: type) -> Iterator[tuple[str, type]]:
    for name, value in list(vars(cls).items()):
        if isinstance(value, type) and value.__qualname__ == f"{cls.__qualname__}.{name}" and name != "Config":
            yield f"{prefix}.{name}", value
            yield from _within(f"{prefix}.{name}", value)
