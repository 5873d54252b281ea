"""What to try on the models of a program: values, variables of the environment, calls; runs under Pydantic 1."""

from __future__ import annotations

import ast
import contextlib
import importlib
import inspect
import itertools
import re
import typing
import warnings
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any

from .pydantic_library import Program, evaluate, outcome

PLAIN = (
    "'a'", "date(2020, 1, 2)", "datetime(2020, 1, 2, 3, 4, 5)", "'03:04'", "'3fa85f64-5717-4562-b3fc-2c963f66afa6'",
    "1", "True", "1.5", "'http://example.com'", "'a@example.com'", "'postgresql://u:p@example.com/db'", "'#fff'",
    "['a']", "[1]", "{'a'}", "('a', 1)", "{'a': 'b'}", "{'a': 1}",
)  # fmt: skip
"""Where a model is to be pleased: each type finds a value that is its own before one that needs to be converted."""

POOL = (
    *PLAIN, "None", "False", "0", "-1", "7", "1000", "1.0", "Decimal('1.5')", "''", "'b'", "' A '", "'1'", "'1.5'",
    "'true'", "'a' * 70", "b'a'", "'2020-01-02'", "'2020-01-02T03:04:05'", "'2020-01-02T03:04:05+00:00'", "'1:30'",
    "datetime(2020, 1, 2)", "timedelta(seconds=90)", "'http://example.com/a?b=c'", "'4111111111111111'", "[]", "['']",
    "['a', 'b', 'c', 'd']", "[-1]", "[1, 2, 3]", "[1, 'a']", "[['a', 1]]", "{}", "{'a': ['b']}", "'{\"a\": 1}'",
    "'[1, 2]'", "b'{\"a\": 1}'",
)  # fmt: skip
"""Values that tell one type, constraint or validator from another."""

TEXTS = ("a", "1", "", "true", "a,b", '["a"]', "[1]", '{"a": 1}', "http://example.com/")
"""What is tried as the value of a variable of the environment."""

ATOMS = (
    "bool", "IntEnum", "Enum", "int", "float", "AnyUrl", "MultiHostUrl", "EmailStr", "NameEmail", "SecretStr",
    "SecretBytes", "Color", "str", "bytes", "Decimal", "datetime", "date", "time", "timedelta", "UUID", "Path", "Json",
    "dict", "list", "tuple", "set", "frozenset", "deque", "Pattern", "BaseModel",
)  # fmt: skip
"""What the type of a field is broken down to; the first in the order of its bases counts."""

SEARCHED = 600
"""Tries to find values that a model takes."""


def atoms(field: Any, seen: frozenset[int] = frozenset()) -> set[str]:
    """What a field of Pydantic 1 is made of."""
    found = {"Optional"} if field.allow_none else set()
    outer = typing.get_origin(field.outer_type_) or field.outer_type_
    if field.shape != 1:  # anything but a single value
        named = [cls.__name__.lower() for cls in getattr(outer, "__mro__", ()) if cls.__name__.lower() in ATOMS]
        found.add((named or ["list"])[0])
    parts = [one for one in (*(field.sub_fields or ()), field.key_field) if one is not None]
    if field.sub_fields and field.shape == 1:
        found.add("Union")
    for part in parts:
        found |= atoms(part, seen)
    if not field.sub_fields:
        if isinstance(field.type_, type) and field.type_ is not Any:
            named = [cls.__name__ for cls in field.type_.__mro__]
            found |= {*[one for one in named if one in ATOMS][:1], *(one for one in named if one.startswith("Strict"))}
            inner = getattr(field.type_, "__pydantic_model__", field.type_)
            if hasattr(inner, "__fields__") and id(inner) not in seen:
                for one in inner.__fields__.values():
                    found |= atoms(one, seen | {id(inner)})
        else:
            found.add("Any")
    return found


class Asker:
    """Finds out what to try on the models of a program; runs under Pydantic 1."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.library = program.library
        self.models = program.models()
        self.bases: dict[str, str] = {}
        """Model -> an expression of what it takes."""

    def ask(self) -> dict[str, Any]:
        """Name of model -> `types` of its fields and `tries`."""
        names = list(self.models)
        for _ in range(3):
            for name in names:
                if name not in self.bases:
                    with contextlib.suppress(Exception):
                        found = self.base(name)
                        if found is not None:
                            self.bases[name] = found
        return {name: self.tries(name) for name in names}

    def fields(self, name: str) -> dict[str, Any]:
        cls = self.models[name]
        inner = getattr(cls, "__pydantic_model__", cls)
        inner.update_forward_refs()
        found: dict[str, Any] = inner.__fields__
        return found

    def candidates(self, name: str) -> list[str]:
        """The pool, and what this class itself or other models speak for."""
        texts: list[str] = []
        with contextlib.suppress(Exception):
            walk_schema(self.library.schema(self.models[name]), texts)
        models = [base for other, base in self.bases.items() if other != name]
        models += [form for base in models[:8] for form in (f"[{base}]", f"{{'a': {base}}}")]
        return list(dict.fromkeys([*texts, *models[:24], *POOL]))

    def base(self, name: str) -> str | None:
        """What a model takes with as few values as it can, as an expression."""
        fields, cls = self.fields(name), self.models[name]
        candidates = self.candidates(name)
        order = list(dict.fromkeys([*PLAIN, *candidates]))
        if "__root__" in fields:
            for text in order:
                if self.made(cls, text)[0] == "ok":
                    return text
            return None
        position = {field.alias: 0 for field in fields.values() if field.required}
        turn = itertools.cycle(list(position) or [""])
        for _ in range(SEARCHED):
            if any(index >= len(order) for index in position.values()):
                return None
            payload = as_dict({alias: order[index] for alias, index in position.items()})
            got = self.made(cls, payload)
            if got[0] == "ok":
                return payload
            wrong = [place for place in got[1] if place in position] if got[0] == "err" else []
            for place in wrong or [next(turn)]:
                if place not in position:
                    return None
                position[place] += 1
        return None

    def made(self, cls: Any, text: str) -> list[Any]:
        """What comes of making a model of an expression."""
        return outcome(self.library, lambda: self.library.make(cls, evaluate(text)))

    def tries(self, name: str) -> dict[str, Any]:
        """All that is to be tried on a model."""
        try:
            fields = self.fields(name)
        except Exception as error:  # noqa: BLE001
            return {"types": {}, "tries": [], "why": f"{type(error).__name__}: {error}"}
        cls = self.models[name]
        kinds = {field.alias: sorted(atoms(field)) for field in fields.values()}
        candidates = self.candidates(name)
        plain_first = list(dict.fromkeys([*PLAIN, *candidates]))
        tries: list[list[Any]] = []
        if "__root__" in fields:
            return {
                "types": kinds,
                "tries": [["make", "__root__", text, text] for text in candidates],
                "based": name in self.bases,
            }
        base = split_dict(self.bases.get(name, "{}"))
        if base:
            tries.append(["make", "", "nothing", "{}"])
        tries.append(["make", "", "base", as_dict(base)])
        tries.append(["make", "", "unknown key", as_dict(base | {"unknown_key": "1"})])
        full = dict(base)
        for field in fields.values():
            # Settings are slow to make, and it is their variables that matter.
            for text in plain_first if not issubclass(cls, self.library.settings) else plain_first[: len(PLAIN)]:
                tries.append(["make", field.alias, text, as_dict(base | {field.alias: text})])
                if field.alias not in full and text != "None":
                    try_full = as_dict(full | {field.alias: text})
                    got = self.made(cls, try_full)
                    if got[0] == "ok" and self.kept(getattr(got[1], field.name, None), evaluate(text)):
                        full[field.alias] = text
        tries.append(["make", "", "all", as_dict(full)])
        for field in fields.values():
            rest = {alias: text for alias, text in full.items() if alias != field.alias}
            tries.append(["make", field.alias, "left out", as_dict(rest)])
            if field.alias != field.name and field.alias in full:
                tries.append(["make", "", f"{field.name} by name", as_dict(rest | {field.name: full[field.alias]})])
        if name in self.bases:
            for field in fields.values():
                given = (full.get(field.alias, "None"), "None", "'zz'", "[]")
                tries += [["assign", field.alias, text, as_dict(full), field.name] for text in given]
            if not self.library.is_dataclass(cls) and cls.__config__.orm_mode:
                inside = ", ".join(f"{alias}={text}" for alias, text in full.items() if alias.isidentifier())
                tries.append(["attributes", "", "an object", f"SimpleNamespace({inside})"])
        if issubclass(cls, self.library.settings):
            tries += self.environments(cls, fields, base)
        return {
            "types": kinds,
            "tries": tries,
            "based": name in self.bases,
            "dataclass": self.library.is_dataclass(cls),
        }

    def environments(self, cls: Any, fields: dict[str, Any], base: dict[str, str]) -> list[list[Any]]:
        """Variables of the environment, and lines of the `.env` file that the class reads."""
        tries: list[list[Any]] = []
        dotenv = cls.__config__.env_file
        for field in fields.values():
            variables = sorted(field.field_info.extra.get("env_names", ()))
            rest = as_dict({alias: text for alias, text in base.items() if alias != field.alias})
            for variable in variables:
                spelt = variable if cls.__config__.case_sensitive else variable.upper()
                tries += [["variable", field.alias, f"{spelt}={text}", rest, {spelt: text}] for text in TEXTS]
                tries.append(["variable", "", f"{variable.swapcase()}=a", rest, {variable.swapcase(): "a"}])
                if dotenv and not isinstance(dotenv, list | tuple) and not Path(dotenv).is_absolute():
                    for text in TEXTS[:4]:
                        line = f"{spelt}={text}"
                        tries.append(["dotenv", field.alias, line, rest, str(dotenv), f"UNRELATED_KEY=1\n{line}\n"])
        if dotenv and not isinstance(dotenv, list | tuple) and not Path(dotenv).is_absolute():
            tries.append(["dotenv", "", "an unrelated key", as_dict(base), str(dotenv), "UNRELATED_KEY=1\n"])
        return tries

    def calls(self) -> dict[str, list[list[Any]]]:
        """Name of function -> calls: for each parameter its name and an expression."""
        found: dict[str, list[list[Any]]] = {}
        lists = [f"[{base}]" for base in self.bases.values()]
        general = list(dict.fromkeys([*PLAIN, *self.bases.values(), *lists, *POOL]))
        for name, function in self.program.functions().items():
            try:
                hints = typing.get_type_hints(function)
                parameters = list(inspect.signature(function).parameters.values())
            except (NameError, TypeError, ValueError):
                continue
            owner = name.rpartition(".")[0]
            if owner in self.models:
                if owner not in self.bases or not parameters or parameters[0].name != "self":
                    continue
                hints["self"] = self.models[owner]
            choices: list[tuple[str, list[str]]] = []
            for parameter in parameters:
                if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                    continue
                if parameter.default is not parameter.empty and parameter.name not in hints:
                    continue
                taken = self.taken(hints.get(parameter.name), general) if parameter.name in hints else []
                choices.append((parameter.name, taken))
            if all(taken for _, taken in choices):
                rounds = max([len(taken) for _, taken in choices], default=1)
                found[name] = [[[own, taken[turn % len(taken)]] for own, taken in choices] for turn in range(rounds)]
        return found

    def taken(self, hint: Any, general: list[str]) -> list[str]:
        """Expressions that a type takes: a few that differ."""
        own = [base for name, base in self.bases.items() if self.models[name] is hint]
        found: list[str] = []
        for text in own or general:
            value = evaluate(text)
            got = outcome(self.library, partial(self.library.take, hint, value))
            if got[0] == "ok" and self.kept(got[1], value):
                found.append(text)
                if len(found) == (2 if own else 6):
                    break
        return found

    def kept(self, taken: Any, given: Any) -> bool:
        """Whether a value was taken as it is: what is converted on the way in is the business of the types."""
        return bool(taken == given) or isinstance(taken, Enum) or self.holds_model(taken)

    def holds_model(self, value: Any) -> bool:
        """Whether it is a model, or a collection with one in it."""
        if isinstance(value, dict):
            value = list(value.values())
        if isinstance(value, list | tuple):
            return any(self.holds_model(one) for one in value)
        return self.library.is_model(type(value))


def walk_schema(schema: Any, texts: list[str]) -> None:
    """Values a schema speaks of, as expressions: choices, defaults, texts that match a pattern and nearly match it."""
    if isinstance(schema, dict):
        for key in ("enum", "examples"):
            if isinstance(schema.get(key), list):
                texts += [repr(one) for one in schema[key][:3]]
        for key in ("const", "default", "example"):
            if key in schema and not isinstance(schema[key], dict):
                texts.append(repr(schema[key]))
        for key in ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"):
            if isinstance(schema.get(key), int | float):
                texts += [repr(schema[key]), repr(schema[key] + 1)]
        if isinstance(schema.get("minLength"), int):
            texts.append(repr("a" * schema["minLength"]))
        if isinstance(schema.get("pattern"), str):
            with contextlib.suppress(Exception), warnings.catch_warnings(action="ignore"):
                one = matching(schema["pattern"])
                texts += [
                    repr(text) for text in (one, one + "x", "x" + one, one + "\n", one.swapcase())
                ]  # anchored or not
        for value in schema.values():
            walk_schema(value, texts)
    elif isinstance(schema, list):
        for value in schema:
            walk_schema(value, texts)


def matching(pattern: str) -> str:
    """A text that a regular expression finds, for the plain ones."""
    parser: Any = importlib.import_module("re._parser")

    def write(parts: Any) -> str:
        text = ""
        for kind, value in parts:
            match str(kind):
                case "LITERAL":
                    text += chr(value)
                case "NOT_LITERAL":
                    text += "a" if chr(value) != "a" else "b"
                case "ANY":
                    text += "a"
                case "IN":
                    text += member(value)
                case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                    low, _, inner = value
                    text += write(inner) * (low or int(len(text) < 1))
                case "SUBPATTERN":
                    text += write(value[-1])
                case "BRANCH":
                    text += write(value[1][0])
        return text

    def member(items: Any) -> str:
        kind, value = items[0]
        match str(kind):
            case "LITERAL":
                return chr(value)
            case "RANGE":
                return chr(value[0])
            case "CATEGORY":
                return {"CATEGORY_DIGIT": "1", "CATEGORY_SPACE": " "}.get(str(value), "a")
        return next(one for one in "aA0 -_" if re.match(pattern_of(items), one))

    def pattern_of(items: Any) -> str:
        denied = [chr(value) for kind, value in items if str(kind) == "LITERAL"]
        return f"[^{re.escape(''.join(denied))}]"

    return write(parser.parse(pattern))


def as_dict(values: dict[str, str]) -> str:
    """An expression of a dict from expressions."""
    return "{" + ", ".join(f"{key!r}: {text}" for key, text in values.items()) + "}"


def split_dict(text: str) -> dict[str, str]:
    """The reverse of `as_dict`."""
    tree = ast.parse(text, mode="eval").body
    assert isinstance(tree, ast.Dict)
    keys = [ast.literal_eval(key) for key in tree.keys if key is not None]
    return {key: ast.unparse(value) for key, value in zip(keys, tree.values, strict=True)}
