"""The words every part of trueup speaks: where, how safe, which rule, what was found."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

RUFF = "ruff"
"""The `module` of rules that are ruff's, the `kind` of what it finds, and the setting that has it look."""


class Safety(StrEnum):
    """How far a repair can be trusted."""

    SAFE = "safe"
    """Behaviour and comments are kept; applied by `--fix`."""
    UNSAFE = "unsafe"
    """Behaviour may change in the way the rule's page says; applied by `--fix --unsafe-fixes`."""
    DISPLAY = "display"
    """Shown to a person, never applied."""
    MANUAL = "manual"
    """No edit exists: the message says what a person must do."""


class Severity(StrEnum):
    """How bad a finding is; errors make `check` fail, warnings too under `--error-on-warning`."""

    ERROR = "error"
    WARNING = "warning"
    ADVICE = "advice"


class Span(NamedTuple):
    """A stretch of one file.

    `start` and `end` are offsets in bytes of the text encoded as UTF-8 (as `ast` counts, from the first
    character after a BOM); lines are 1-based; columns are 1-based and in code points; the end is exclusive.
    """

    start: int
    end: int
    line: int
    column: int
    end_line: int
    end_column: int


class Place(NamedTuple):
    """A related location: another file and line that explains a finding."""

    path: str
    line: int
    column: int
    message: str


@dataclass(frozen=True, slots=True)
class Rule:
    """What is declared once about a rule, in its checker."""

    code: str
    name: str
    severity: Severity
    fix: Safety
    """The best safety a fix of this rule has; a single hit may be less safe, never safer."""
    libraries: tuple[str, ...] = ()
    """Skipped in a project where none of these top-level packages is ever imported."""
    triggers: tuple[str, ...] = ()
    """Skipped in a file whose text contains none of these strings (a cheap search before any parsing). A word in them
    stands for a whole word (`Url` is not found in `AnyUrl`), unless the trigger has a `*`; `re:` begins a
    regular expression."""
    url: str = ""
    """The library's own guide for this change."""
    effort: int = 1
    """Minutes of a person's work when no machine does it."""
    step: str = ""
    """The step of `migrate-v2` that applies this rule's fixes; empty: not part of the migration."""
    page: str = ""
    """The rule's page, Markdown: the docstring of the checker's module."""
    since: str = "0.1.0"
    module: str = ""
    """The module its checkers stand in."""
    at_first: bool = False
    """Judges the code as it was written: the migration asks it before its first step and tells at its end what it said.

    For changes that no error shows and no code betrays once the rest is migrated. Only for rules without a repair."""
    prepares: bool = False
    """At least some of its repairs also run, and mean the same, on the old versions: `--step prepare` makes these."""
    preview: bool = False
    """It is new and may still change: on with `preview = true`, or where it is selected by its own code or name."""
    versions: str = ""
    """The versions that it applies to, `pydantic>=2.4` say: off in a project that is to run on another one."""
    formerly: str = ""
    """The codes and names of earlier releases, in pairs with blanks between: they still mean it, with a warning."""
    deprecated: str = ""
    """It is about to go; says what takes its place. On only where it is selected by its own code or name."""
    off: bool = False
    """It is about a convention that projects choose: on only where it is selected by its own code or name."""
    ruff: tuple[str, ...] = ()
    """How codes of ruff begin that say the same: where it finds something, these are not reported too."""

    @property
    def former(self) -> tuple[str, ...]:
        """What it was called before: codes and names."""
        return tuple(self.formerly.split())

    @property
    def summary(self) -> str:
        """The first sentence of the page."""
        return self.page.strip().split("\n\n", 1)[0].replace("\n", " ")

    @property
    def family(self) -> str:
        """The three letters of the code."""
        return self.code[:3]

    @property
    def status(self) -> str:
        """Whether it is stable, in preview or deprecated."""
        return "deprecated" if self.deprecated else "preview" if self.preview else "stable"

    @property
    def default(self) -> bool:
        """Whether it is on where nothing is selected: stable, and more than advice or a choice of conventions."""
        return not (self.off or self.preview or self.deprecated or self.severity is Severity.ADVICE)

    @property
    def precision(self) -> str:
        """How sure its findings are, in CodeQL's words: advice weighs signs, and what is safely repaired is certain."""
        if self.severity is Severity.ADVICE:
            return "medium"
        return "very-high" if self.fix is Safety.SAFE else "high"

    @property
    def tags(self) -> tuple[str, ...]:
        """The libraries it is about, and whether the migration repairs it."""
        return (*self.libraries, *(("migration",) if self.step else ()))


@dataclass(frozen=True, slots=True)
class Hit:
    """What a checker yields: a node, what is wrong with it, and what the repair cannot see in the syntax tree."""

    node: ast.AST
    message: str
    clue: Any = None
    """A string, a tuple or a frozen `Struct` or dataclass; the fixer of the rule reads it."""
    safety: Safety | None = None
    """Less than the rule's, where this one place cannot be repaired as safely."""
    why: str = ""
    """Why it is less safe, in one sentence that stands alone."""
    related: tuple[Place, ...] = ()
    group: str = ""
    """Fixes of one group (in any number of files) are applied all together or not at all."""
    members: int = 0
    """How many findings the group has: where some are not among those of this run, none is repaired."""
    severity: Severity | None = None
    span: Span | None = None
    """What to underline where that is less than the whole node; the fixer still gets the node."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A hit with the rule and the place the engine adds to it."""

    path: str
    code: str
    name: str
    severity: Severity
    safety: Safety
    message: str
    span: Span
    """What to show."""
    node: Span
    """What to repair: the span of the whole node."""
    kind: str
    """The `ast` class name of the node, `Call` say."""
    clue: Any = field(default=None, compare=False)
    why: str = ""
    related: tuple[Place, ...] = ()
    group: str = ""
    members: int = 0
    symbol: str = ""
    """The enclosing class and function, `Order.total` say."""

    @property
    def order(self) -> tuple[str, int, int, str]:
        """The order findings are shown in: path, line, column, code."""
        return (self.path, self.span.line, self.span.column, self.code)

    @property
    def fixable(self) -> bool:
        """Whether some flag lets a machine repair it."""
        return self.safety in (Safety.SAFE, Safety.UNSAFE)


Check = Callable[[Any, Any], Iterable[Hit]]
"""A checker: (node, File) -> hits."""
