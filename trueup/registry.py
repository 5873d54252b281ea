"""Which rules and repairs exist: they register themselves, the engine names none."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from .model import Finding, Hit, Rule, Safety, Severity
from .selectors import renamed

if TYPE_CHECKING:
    from .config import Config
    from .index.facts import FileFacts
    from .infer import Inference

_CheckFn = TypeVar("_CheckFn", bound=Callable[..., Iterable[Hit]])
_FixFn = TypeVar("_FixFn", bound=Callable[..., Iterable[Any]])

ENTRY_POINTS = "trueup.rules"
"""The entry-point group through which other packages ship rules: each names a package to walk."""


@dataclass(frozen=True, slots=True)
class Checker:
    """One function that finds one rule's faults; a rule may have several, for several node types."""

    rule: Rule
    on: tuple[type[ast.AST], ...]
    function: Callable[[Any, Any], Iterable[Hit]]
    where: Callable[[FileFacts, Inference, Config], bool] | None = None
    """Asked before a file is parsed: False where the rule has nothing to find there."""
    prepares: Callable[[Finding], bool] | None = None
    """Whether the repair of one finding also runs on the old versions; None: as the rule says."""
    names: frozenset[str] = frozenset()
    """How the calls, attributes and names are written that it gets; empty: all of them."""
    only_calls: bool = False
    """Whether it has nothing to find in a file that calls nothing by one of its names."""


@dataclass(frozen=True, slots=True)
class Fixer:
    """The one function that repairs a rule's faults."""

    code: str
    on: tuple[type[Any], ...]
    """The libcst node types it wants."""
    function: Callable[..., Iterable[Any]]


class RegistryError(Exception):
    """Rules that contradict each other or their fixers: a fault of whoever wrote them, never of the user."""


_checkers: list[Checker] = []
_fixers: dict[str, Fixer] = {}
_loaded: set[str] = set()


def rule(
    code: str,
    name: str,
    *,
    on: type[ast.AST] | tuple[type[ast.AST], ...],
    severity: Severity,
    fix: Safety,
    libraries: tuple[str, ...] = (),
    triggers: tuple[str, ...] = (),
    names: Iterable[str] = (),
    where: Callable[[FileFacts, Inference, Config], bool] | None = None,
    url: str = "",
    effort: int = 1,
    step: str = "",
    since: str = "0.1.0",
    at_first: bool = False,
    prepares: bool | Callable[[Finding], bool] = False,
    preview: bool = False,
    versions: str = "",
    formerly: tuple[tuple[str, str], ...] = (),
    deprecated: str = "",
    off: bool = False,
    ruff: tuple[str, ...] = (),
) -> Callable[[_CheckFn], _CheckFn]:
    """Register a checker.

    The function gets each node of the types in `on` (`ast.Module`: once a file) and the `File`, and yields `Hit`s.
    `names` spares it calls, attributes and names that are written with none of these (`name=`: the calls that have such
    an argument; see `File.written`), `where` files that facts show to hold nothing. The docstring of its module is the
    rule's page.
    `at_first`: it has no repairs, and what it says of the code before the migration is told at the end of that.
    `prepares`: its repairs, or those of the findings it says True to, also run on the old versions of the libraries and
    mean the same there. `off`: nobody gets it who does not ask for it by its own code or name. `formerly`: its codes
    and names of earlier releases, in pairs. `deprecated`: it is about to go, and what takes its place.
    `versions`: what it says is true, and its repair runs, on these versions of a library only (`pydantic>=2.4`,
    `fastapi<0.106 | >=0.118`); an older major version is one that a project leaves, and closes no rule. `ruff`: how
    codes of ruff begin that say the same. Two functions may share one code (same arguments but `on`); they must stand
    in one module.
    """

    def register(function: _CheckFn) -> _CheckFn:
        page = sys.modules[function.__module__].__doc__ or ""
        meta = Rule(
            code, name, severity, fix, libraries, triggers, url, effort, step, page, since, function.__module__,
            at_first, bool(prepares), preview=preview, versions=versions,
            formerly=" ".join(word for pair in formerly for word in pair), deprecated=deprecated, off=off, ruff=ruff,
        )  # fmt: skip
        asked = None if isinstance(prepares, bool) else prepares
        kinds = on if isinstance(on, tuple) else (on,)
        written = frozenset(names)
        only_calls = kinds == (ast.Call,) and bool(written) and not any(one.endswith("=") for one in written)
        _checkers.append(Checker(meta, kinds, function, where, asked, written, only_calls))
        return function

    return register


def fix(code: str, *, on: type[Any] | tuple[type[Any], ...]) -> Callable[[_FixFn], _FixFn]:
    """Register the repair of the rule `code`: a function (node, finding, site) -> changes."""

    def register(function: _FixFn) -> _FixFn:
        if code in _fixers and _fixers[code].function.__module__ != function.__module__:
            raise RegistryError(f"two fixers for {code}")
        _fixers[code] = Fixer(code, on if isinstance(on, tuple) else (on,), function)
        return function

    return register


def _walk(package_name: str) -> None:
    """Import every module below a package, once, in the order of their names."""
    if package_name in _loaded:
        return
    _loaded.add(package_name)
    package = importlib.import_module(package_name)
    for info in pkgutil.walk_packages(package.__path__, package_name + "."):
        importlib.import_module(info.name)


def _plugins(wing: str) -> None:
    from importlib.metadata import entry_points

    for point in entry_points(group=ENTRY_POINTS):
        _walk(f"{point.value}.{wing}" if wing else point.value)


def load_checkers() -> list[Checker]:
    """All checkers, sorted by code; raises RegistryError when two rules claim one code or name."""
    _walk("trueup.checkers")
    _plugins("checkers")
    names: dict[str, str] = {}
    for checker in _checkers:
        meta = checker.rule
        for key, other in ((meta.code, meta.name), (meta.name, meta.code)):
            if names.setdefault(key, other) != other:
                raise RegistryError(f"{key} is claimed by both {names[key]} and {other}")
    for old, code in renamed(checker.rule for checker in _checkers).items():
        if old != names[code] and names.setdefault(old, code) != code:
            raise RegistryError(f"{old} is claimed by both {names[old]} and, formerly, {code}")
    return sorted(_checkers, key=lambda c: c.rule.code)


def checkers_of(rule: Rule) -> list[Checker]:
    """The checkers of one rule; imports no more than their module."""
    importlib.import_module(rule.module)
    return [checker for checker in _checkers if checker.rule.code == rule.code]


def prepares(rule: Rule, finding: Finding) -> bool:
    """Whether the repair of a finding also runs on the old versions of the libraries."""
    if not rule.prepares:
        return False
    asked = next((one.prepares for one in checkers_of(rule) if one.prepares is not None), None)
    return asked is None or asked(finding)


def rules() -> dict[str, Rule]:
    """Code -> rule, sorted by code."""
    return {c.rule.code: c.rule for c in load_checkers()}


def load_fixers() -> dict[str, Fixer]:
    """Code -> fixer; raises RegistryError unless exactly the rules that promise a fix have one. Imports libcst."""
    known = rules()
    _walk("trueup.fixers")
    _plugins("fixers")
    promised = {code for code, meta in known.items() if meta.fix is not Safety.MANUAL}
    if promised != set(_fixers):
        raise RegistryError(
            f"promised but missing: {sorted(promised - set(_fixers))}; "
            f"there but not promised: {sorted(set(_fixers) - promised)}"
        )
    return dict(sorted(_fixers.items()))
