"""All that a report for machines tells: findings with their places, fingerprints and repairs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from trueup.edits import NEWLINE, Preview, TextEdit
from trueup.model import Finding, Place, Rule, Safety, Severity

from .screen import escape

NONE = Preview()
"""No repair, or none that was asked for."""


@dataclass(frozen=True, slots=True)
class Item:
    """One finding, and what it is to the project."""

    finding: Finding
    rule: Rule | None
    path: str
    """Below the repository's root, with `/`; absolute for a file outside of it."""
    absolute: str
    symbol: str
    """`package.module.Class.method` around it."""
    fingerprint: str
    preview: Preview = NONE
    known: bool = False
    """It stands in the baseline, and is hidden where a format cannot say so."""
    suppressed: bool = False
    """A comment in the source hides it."""

    @property
    def code(self) -> str:
        """The rule's code."""
        return self.finding.code

    @property
    def message(self) -> str:
        """The message, with nothing in it that could forge output."""
        return escape(self.finding.message)

    @property
    def shown_path(self) -> str:
        """The path, with nothing in it that could forge output."""
        return escape(self.path)

    @property
    def own_edits(self) -> list[TextEdit]:
        """What the repair changes in the finding's own file."""
        return [edit for edit in self.preview.edits if edit.path == self.finding.path]

    @property
    def help(self) -> str:
        """Who repairs it, in a few words."""
        finding = self.finding
        why = escape(finding.why.rstrip("."))
        if finding.safety is Safety.SAFE:
            return "`--fix` repairs it (safe fix)"
        if finding.safety is Safety.UNSAFE:
            return "`--fix --unsafe-fixes` repairs it" + (f" (unsafe fix: {why})" if why else " (unsafe fix)")
        return "to repair by hand" + (f": {why}" if why else "")


@dataclass
class Report:
    """What one run found, for machines."""

    items: Sequence[Item]
    """In the order they are shown in."""
    root: str
    """The repository's folder: absolute, with `/`."""
    cwd: str
    path_of: Callable[[str], str]
    """Path as findings name it -> path below the repository's root."""
    absolute_of: Callable[[str], str]
    text_of: Callable[[str], str]
    version: str
    known: Sequence[Item] = ()
    """Findings that stand in the baseline."""
    suppressed: Sequence[Item] = ()
    """Findings that comments hide; worked out only for a format that tells of them."""
    has_baseline: bool = False
    """Findings were compared with a baseline."""
    files: int = 0
    """How many were checked."""
    failed: bool = False
    """Something went wrong that ends the run with exit code 2."""
    changed: Callable[[Item], bool] = lambda item: False
    """Whether a finding is on a line that the pull request changed."""
    filled: bool = False
    """The items say what their repairs would change."""
    _lines: dict[str, list[str]] = field(default_factory=dict)

    def line(self, path: str, number: int) -> str:
        """One line of a file, without its end; empty beyond the last."""
        if path not in self._lines:
            self._lines[path] = NEWLINE.split(self.text_of(path))
        lines = self._lines[path]
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def place(self, place: Place) -> str:
        """The path of a related place below the repository's root."""
        return self.path_of(place.path)


LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.ADVICE: "note"}
"""The words of SARIF."""
