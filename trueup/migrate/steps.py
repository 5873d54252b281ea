"""The steps of the migration, in the order they run; each leaves a program that still works."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from trueup.model import Rule
from trueup.registry import RegistryError
from trueup.selectors import nearest


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of the migration; the rules that name it in `step=` are applied together, to a fixed point."""

    name: str
    title: str
    on_request: bool = False
    """Changes what the program does or how it is laid out: runs only when `--step` names it."""
    library: str = "pydantic"
    """The library whose newer version the code needs once this step has repaired something; empty: none."""
    prepares: bool = False
    """Has no rules of its own: takes from all others the repairs that also run on the old versions."""


STEPS = (
    Step("prepare", "only what also runs on the old versions", on_request=True, library="", prepares=True),
    # Names first: later steps read types through them.
    Step("imports", "Pydantic's moved and renamed imports"),
    # Judged while the code still shows which version it was written for.
    Step("values", "what values become: URLs, numbers given for text, unions"),
    # What settings keep in their `Config` goes before the rest of that class does.
    Step("settings", "settings: variables of the environment, `.env` files and the order of sources"),
    # A field without a default must be right before its class is valid under Pydantic 2.
    Step("fields", "fields, constraints and implicit `Optional` defaults"),
    Step("config", "`class Config` -> `model_config`"),
    # Fields and configuration are as version 2 wants them: what a validator may read and write is known.
    Step("validators", "`@validator` and `@root_validator` -> `@field_validator` and `@model_validator`"),
    Step("types", "custom types, errors and dataclasses"),
    Step("roots", "root models, generic models: `__root__` -> `RootModel`, `GenericModel` -> `BaseModel`"),
    Step("methods", "methods of models and functions: `.dict()` -> `.model_dump()`, `parse_obj_as` -> `TypeAdapter`"),
    Step("fastapi", "parameters and responses of FastAPI"),
    # The base first: `Mapped[...]` is only read by classes below `DeclarativeBase`.
    Step("sqlalchemy-base", "`declarative_base()` -> `class Base(DeclarativeBase)`", library="sqlalchemy"),
    Step("sqlalchemy-columns", "`Column()` -> `Mapped[...]` and `mapped_column()`", library="sqlalchemy"),
    Step(
        "sqlalchemy-relationships",
        "`relationship()` -> `Mapped[...]`, `backref` -> `back_populates`",
        library="sqlalchemy",
    ),
    Step("sqlalchemy-core", "engine, connections and Core expressions", library="sqlalchemy"),
    Step("sqlalchemy-queries", "`session.query(...)` -> `select()`", library="sqlalchemy"),
    Step("async", "blocking calls in async routes", library=""),
    Step("transactions", "who commits", on_request=True, library=""),
    Step("layers", "business logic out of the routers", on_request=True, library=""),
)


class UnknownStep(Exception):
    """A name given to `--step` or `--skip` that no step has."""


def choose(wanted: Sequence[str], skipped: Sequence[str]) -> tuple[Step, ...]:
    """The steps to run, in their order: those wanted (default: all that need no request) but for those skipped.

    Raises UnknownStep with the nearest name.
    """
    names = [step.name for step in STEPS]
    for name in (*wanted, *skipped):
        if name not in names:
            raise UnknownStep(f"there is no step `{name}`{nearest(name, names)} (`--list-steps` shows them)")
    return tuple(
        step for step in STEPS if step.name not in skipped and (step.name in wanted if wanted else not step.on_request)
    )


def rules_of(step: Step, rules: Iterable[Rule]) -> list[Rule]:
    """The rules a step applies, by code."""
    chosen = [rule for rule in rules if (rule.prepares and rule.step if step.prepares else rule.step == step.name)]
    return sorted(chosen, key=lambda rule: rule.code)


def rules_by_step(rules: Iterable[Rule]) -> Mapping[str, list[Rule]]:
    """Step name -> the rules that belong to it, every step present; raises RegistryError for a step that is none."""
    result: dict[str, list[Rule]] = {step.name: [] for step in STEPS}
    for rule in rules:
        if rule.step:
            if rule.step not in result:
                raise RegistryError(f"{rule.code} names the step {rule.step!r}, which is none of {list(result)}")
            result[rule.step].append(rule)
    return result
