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
    subject: str = ""
    """What it does, in the few words that fit into the first line of a commit."""
    task: str = ""
    """What a person has to do where its rules find something that no machine repairs."""
    undecidable: str = ""
    """Why no machine does that."""


STEPS = (
    Step(
        "prepare",
        "only what also runs on the old versions",
        on_request=True,
        library="",
        prepares=True,
        subject="what also runs on the old versions",
    ),
    # Names first: later steps read types through them.
    Step(
        "imports",
        "Pydantic's moved and renamed imports",
        subject="imports -> their new places",
        task="Replace names that are gone",
        undecidable="nothing of the same meaning takes the place of these names",
    ),
    # Judged while the code still shows which version it was written for.
    Step(
        "values",
        "what values become: URLs, numbers given for text, unions",
        subject="values that convert otherwise",
        task="Decide what values are to become",
        undecidable="only who knows the data and the clients can say which conversion is meant",
    ),
    # What settings keep in their `Config` goes before the rest of that class does.
    Step(
        "settings",
        "settings: variables of the environment, `.env` files and the order of sources",
        subject="settings -> pydantic-settings",
        task="Settle where settings come from",
        undecidable="which variables and files are set is known only where the program runs",
    ),
    # A field without a default must be right before its class is valid under Pydantic 2.
    Step(
        "fields",
        "fields, constraints and implicit `Optional` defaults",
        subject="fields, constraints, Optional defaults",
        task="Say what fields mean where their declaration does not",
        undecidable="Pydantic 1 took the declaration in a way that Pydantic 2 has no word for, or in one of several",
    ),
    Step(
        "config",
        "`class Config` -> `model_config`",
        subject="class Config -> model_config",
        task="Rewrite the configuration of models that has no successor",
        undecidable="Pydantic 2 has no setting of the same effect, or the setting is computed when the program runs",
    ),
    # Fields and configuration are as version 2 wants them: what a validator may read and write is known.
    Step(
        "validators",
        "`@validator` and `@root_validator` -> `@field_validator` and `@model_validator`",
        subject="validators -> field_validator",
        task="Rewrite the validators that rely on how Pydantic 1 works",
        undecidable="what they are given, and when, is not the same in Pydantic 2, and what was meant is not written",
    ),
    Step(
        "types",
        "custom types, errors and dataclasses",
        subject="custom types, errors, dataclasses",
        task="Rebuild custom types and errors",
        undecidable="Pydantic 2 wants a schema where Pydantic 1 ran code, and what that code is for is not written",
    ),
    Step(
        "roots",
        "root models, generic models: `__root__` -> `RootModel`, `GenericModel` -> `BaseModel`",
        subject="__root__ -> RootModel, generic models",
        task="Turn the remaining root models and generic models",
        undecidable="all uses of such a class change together, and not all of them can be followed",
    ),
    Step(
        "methods",
        "methods of models and functions: `.dict()` -> `.model_dump()`, `parse_obj_as` -> `TypeAdapter`",
        subject="methods of models -> model_*",
        task="Settle calls of the methods of models",
        undecidable="what the receiver is, or what is expected of the result, does not follow from the code",
    ),
    Step(
        "fastapi",
        "parameters and responses of FastAPI",
        subject="parameters and responses",
        task="Settle parameters and responses",
        undecidable="what the clients of the API send and expect is not written in it",
    ),
    # The base first: `Mapped[...]` is only read by classes below `DeclarativeBase`.
    Step(
        "sqlalchemy-base",
        "`declarative_base()` -> `class Base(DeclarativeBase)`",
        library="sqlalchemy",
        subject="declarative_base -> DeclarativeBase",
        task="Write the remaining bases and mappers as classes",
        undecidable="they are made while the program runs",
    ),
    Step(
        "sqlalchemy-columns",
        "`Column()` -> `Mapped[...]` and `mapped_column()`",
        library="sqlalchemy",
        subject="Column -> mapped_column",
        task="Give the remaining columns a type",
        undecidable="the type of the attribute does not follow from that of the column",
    ),
    Step(
        "sqlalchemy-relationships",
        "`relationship()` -> `Mapped[...]`, `backref` -> `back_populates`",
        library="sqlalchemy",
        subject="relationship -> Mapped[...]",
        task="Write both sides of the remaining relationships",
        undecidable="the other class, or what is said of it, is known only when the program runs",
    ),
    Step(
        "sqlalchemy-core",
        "engine, connections and Core expressions",
        library="sqlalchemy",
        subject="engine, connections, Core expressions",
        task="Rewrite the remaining calls of Core",
        undecidable="what is executed, on which connection, or who commits it, is decided elsewhere",
    ),
    Step(
        "sqlalchemy-queries",
        "`session.query(...)` -> `select()`",
        library="sqlalchemy",
        subject="session.query -> select",
        task="Rewrite the remaining queries",
        undecidable="the query is handed on or put together in parts, and all who use it change together",
    ),
    Step(
        "async",
        "blocking calls in async routes",
        library="",
        subject="blocking calls out of async routes",
        task="Keep the event loop free of blocking calls",
        undecidable="whether a route becomes a plain `def` or what it calls becomes asynchronous is a matter of design",
    ),
    Step(
        "transactions",
        "who commits",
        on_request=True,
        library="",
        subject="commits -> their callers",
        task="Decide who commits",
        undecidable="what belongs into one transaction is for the business to say",
    ),
    Step(
        "layers",
        "business logic out of the routers",
        on_request=True,
        library="",
        subject="business logic out of the routers",
        task="Move business logic out of the routers",
        undecidable="where it belongs is a matter of design",
    ),
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
