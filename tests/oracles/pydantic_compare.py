"""In what two answers of `pydantic_models` differ, but for what Pydantic 2 says otherwise of the same program."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from trueup.verify.schemas import by_fields, even_schema, unlike

from .pydantic_library import evaluate

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """A value that Pydantic 2 takes otherwise, whatever the program says."""

    types: frozenset[str]
    """Of which the field must have one."""
    holds: Callable[[Any], bool]
    """Whether a value, or one within it, is such a one."""
    old: str
    new: str
    why: str


def _row(types: str, holds: Callable[[Any], bool], old: str, new: str, why: str) -> Row:
    return Row(frozenset(types.split()), holds, old, new, why)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _is_text(value: Any) -> bool:
    return isinstance(value, str | bytes)


TEXT = "str SecretStr EmailStr Json AnyUrl MultiHostUrl Path NameEmail Color Pattern"
TEMPORAL = "date datetime time timedelta"
ROWS = (
    _row(TEXT, lambda v: _is_number(v) or isinstance(v, bool), "ok", "err", "str <- 1, 1.5, True"),
    _row("bytes SecretBytes", lambda v: _is_number(v) or isinstance(v, bool), "ok", "err", "bytes <- 1"),
    _row("int", lambda v: isinstance(v, float | Decimal) and v % 1 != 0, "ok", "err", "int <- 1.5"),
    _row("int", lambda v: isinstance(v, bytes), "ok", "err", "int <- b'1'"),
    _row("date", lambda v: isinstance(v, datetime | int | float | Decimal | str), "ok", "err", "date <- datetime, 1"),
    _row("datetime", lambda v: isinstance(v, date | str), "err", "ok", "datetime <- date, '2020-01-02'"),
    _row(TEMPORAL, lambda v: isinstance(v, bool) or _is_text(v), "ok", "err", "timedelta <- '90'; datetime <- True"),
    _row(TEMPORAL, lambda v: _is_number(v) or _is_text(v), "err", "ok", "time <- 1.5"),
    _row("dict BaseModel", lambda v: isinstance(v, list | tuple | set | str), "ok", "err", "dict <- [], '', pairs"),
    _row(
        "list tuple set frozenset deque sequence iterable",
        lambda v: isinstance(v, set | list | tuple | dict),
        "ok",
        "err",
        "list <- {1}",
    ),
    _row("int float", lambda v: isinstance(v, str), "err", "ok", "int <- '1.0'"),
    _row("StrictFloat", _is_number, "err", "ok", "StrictFloat <- 1"),
    _row("Decimal", lambda v: isinstance(v, bool | str), "ok", "err", "Decimal <- True"),
)
"""What the types mean now; a finding of its own where a program shows that it relies on it."""


def parts(value: Any) -> Iterator[Any]:
    """A value and all within it."""
    yield value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from parts(key)
            yield from parts(inner)
    elif isinstance(value, list | tuple | set):
        for inner in value:
            yield from parts(inner)


def allowed(types: list[str], text: str, old: str, new: str) -> bool:
    """Whether a value may be taken otherwise by a field of these types."""
    try:
        within = list(parts(evaluate(text)))
    except (SyntaxError, NameError):
        within = [text]
    return any(
        row.old == old and row.new == new and not row.types.isdisjoint(types) and any(map(row.holds, within))
        for row in ROWS
    )


# Values ---------------------------------------------------------------------------------------------------------------


def even(value: Any, types: set[str]) -> Any:
    """What was written, in one spelling for both versions; `types` are those that occur in the model."""
    if isinstance(value, dict):
        return {str(even(key, types)): even(inner, types) for key, inner in value.items()}
    if isinstance(value, list):
        inside = [even(inner, types) for inner in value]
        # A set has no order of its own.
        return sorted(inside, key=repr) if types & {"set", "frozenset"} else inside
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, str):
        value = re.sub(r"(\d)\+00:00$", r"\1Z", value)
        if "time" in types:
            value = re.sub(r"^(\d\d:\d\d:\d\d(?:\.\d+)?)Z$", r"\1", value)  # a time from a number knows its zone now
        value = re.sub(r"^([a-z+]+://[^/?#]+)/$", r"\1", value)
        if types & {"Decimal", "Any"} and re.fullmatch(r"-?\d+(\.\d+)?", value):
            return float(value)
        if types & {"timedelta", "Any"} and (
            found := re.fullmatch(r"P(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?", value)
        ):
            days, hours, minutes, seconds = (int(one or 0) for one in found.groups())
            return float(days * 86400 + hours * 3600 + minutes * 60 + seconds)
        return value
    if isinstance(value, int | float):
        return float(value) if types & {"Decimal", "float", "timedelta", "Any"} else value
    return value


# The comparison -------------------------------------------------------------------------------------------------------


def differences(old: Answer, new: Answer) -> list[str]:
    """In what a program under Pydantic 1 and the repaired one under Pydantic 2 are unlike."""
    return [*_schemas(old, new), *_models(old, new), *_calls(old, new), *_values(old, new)]


def _schemas(old: Answer, new: Answer) -> Iterator[str]:
    for kind in ("schemas", "openapi"):
        for name, before in old[kind].items():
            after = new[kind].get(name)
            if after is None:
                if kind == "openapi" or name in old["models"]:
                    yield f"{name}: {kind}: gone"
            elif before[0] != "ok" or after[0] != "ok":
                if before[0] == "ok":
                    yield f"{name}: {kind}: {before[0]} -> {after}"
            else:
                after = ["ok", by_fields(after[1], new["variables"].get(name, {}))]
                for path, gone, came in unlike(before[1], after[1], old=(True, False), in_order=True):
                    if gone is not None:
                        yield f"{name}: {kind}: no more {path}: {gone}"
                    if came is not None:
                        yield f"{name}: {kind}: new {path}: {came}"


def _models(old: Answer, new: Answer) -> Iterator[str]:
    for name, spec in old["models"].items():
        if name not in new["models"]:
            yield f"{name}: no longer a model"
            continue
        everything = {one for types in spec["types"].values() for one in types}
        varying = changing(spec) | changing(new["models"][name])
        for one, before, after in zip(spec["tries"], spec["answers"], new["models"][name]["answers"], strict=True):
            kind, alias, text = one[:3]
            before, after = (without(answer, varying) for answer in (before, after))
            if after[0] == "err":
                fields = {variable: field for field, variable in new["variables"].get(name, {}).items()}
                after = ["err", sorted(fields.get(place, place) for place in after[1])]
            if before == after or same(before, after, everything):
                continue
            types = sorted(spec["types"].get(alias, everything))
            said = [judged(alias, answer) for answer in (before, after)]
            value = text if kind in ("make", "assign") else repr(text.partition("=")[2])
            if alias and allowed(types, value, *said):
                continue
            if alias == "__root__" and before[0] == after[0] == "err":
                continue  # version 2 names the members of a union, as if they were places in it
            if spec.get("dataclass") and before == ["exc", "TypeError"] and after[0] == "err":
                continue  # an argument that is missing, or one too many
            if before[0] == "exc" and after[0] == "err":
                continue  # it escaped from a validator that read a field which had failed, or from a conversion
            if kind == "assign" and before[0] == after[0] == "ok":
                continue  # both let it be set; how it is written if it is of a wrong type is another matter
            if said[0] == "ok" and after == ["exc", "KeyError"] and alias and allowed(types, value, "ok", "err"):
                continue  # the same where version 2 does run it: version 1 raised it as well when the field had failed
            if "Union" in everything and before[0] == after[0] == "ok" and texts(before) == texts(after):
                continue  # the member that fits best instead of the first
            yield f"{name}: {kind} {alias} <- {text}: {show(before)} -> {show(after)}"


def same(before: list[Any], after: list[Any], types: set[str]) -> bool:
    """Whether two outcomes are alike but for their spelling."""
    if before[0] != after[0]:
        return False
    if before[0] == "ok":
        return bool(
            even(with_schemas(before[1], is_old=True), types) == even(with_schemas(after[1], is_old=False), types)
        )
    return before[0] == "exc" and before == after


def with_schemas(value: Any, *, is_old: bool) -> Any:
    """A value, JSON schemas within it in one spelling."""
    if is_schema(value):
        return even_schema(value, is_old=is_old)
    if isinstance(value, dict):
        return {key: with_schemas(inner, is_old=is_old) for key, inner in value.items()}
    if isinstance(value, list):
        return [with_schemas(inner, is_old=is_old) for inner in value]
    return value


def is_schema(value: Any) -> bool:
    """Whether it is a JSON schema."""
    return isinstance(value, dict) and not {"properties", "$defs", "definitions", "$ref"}.isdisjoint(value)


def changing(spec: Answer) -> set[str]:
    """What a model writes otherwise each time: times, random keys."""
    found = set()
    for first, second in zip(spec["answers"], spec["again"], strict=False):
        if first[0] == second[0] == "ok" and isinstance(first[1][1], dict):
            found |= {key for key, value in first[1][1].items() if second[1][1].get(key) != value}
    return found


def without(answer: list[Any], keys: set[str]) -> list[Any]:
    """An outcome without some of what was written."""
    if not keys or answer[0] != "ok" or not isinstance(answer[1][1], dict):
        return answer
    given, written = answer[1]
    return ["ok", [given, {key: value for key, value in written.items() if key not in keys}]]


def judged(alias: str, answer: list[Any]) -> str:
    """Whether a field took its value: `ok`, `err`, or the exception."""
    if answer[0] == "err":
        return "err" if alias in answer[1] or alias == "__root__" or not answer[1] else "ok"
    return "err" if answer[0] == "refused" else str(answer[0])


def texts(value: Any) -> Any:
    """What was written, numbers as text."""
    if isinstance(value, dict):
        return {key: texts(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [texts(inner) for inner in value]
    return str(value)


def show(answer: Any) -> str:
    """An outcome, short."""
    text = str(answer)
    return text if len(text) < 160 else text[:160] + "..."


def _calls(old: Answer, new: Answer) -> Iterator[str]:
    types = {one for spec in old["models"].values() for kinds in spec["types"].values() for one in kinds}
    for name, calls in old["calls"].items():
        if name not in new["called"]:
            yield f"{name}: no longer a function"
            continue
        for arguments, before, after in zip(calls, old["called"][name], new["called"][name], strict=True):
            if before != after and not same(before, after, types | {"Any"}):
                said = ", ".join(f"{own}={text}" for own, text in arguments)
                yield f"{name}({said}): {show(before)} -> {show(after)}"


def _values(old: Answer, new: Answer) -> Iterator[str]:
    for name, before in old["values"].items():
        if name in new["values"] and not same(["ok", before], ["ok", new["values"][name]], {"Any"}):
            yield f"{name}: {show(before)} -> {show(new['values'][name])}"
