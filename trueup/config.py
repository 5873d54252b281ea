"""What the user configured, for each file: the closest configuration file, and the command line above it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

from .globs import Globs, absolute
from .model import RUFF, Rule, Safety, Severity
from .selectors import Named, named, nearest_rule, renamed, strength, strongest
from .settings import (
    ASYNC,
    CHOICES,
    COMMAND_LINE,
    INLINE,
    TARGETS,
    CliOptions,
    ConfigError,
    Table,
    chain_of,
    in_folder,
    personal_file,
)
from .targets import LIBRARIES, Memory, Search, Shelf, Target, lets, of_configuration
from .tool_rules import NO_REASON

__all__ = ["DEFAULT_EXCLUDE", "CliOptions", "Config", "ConfigError", "Configs", "Level", "PerFile"]

DEFAULT_EXCLUDE = (
    ".bzr", ".direnv", ".eggs", ".git", ".git-rewrite", ".hg", ".ipynb_checkpoints", ".mypy_cache", ".nox", ".pants.d",
    ".pyenv", ".pytest_cache", ".pytype", ".ruff_cache", ".svn", ".tox", ".trueup_cache", ".venv", ".vscode",
    "__pycache__", "__pypackages__", "_build", "buck-out", "build", "dist", "node_modules", "site-packages", "venv",
)  # fmt: skip


class Level(NamedTuple):
    """What one configuration file, or the command line, says about rules.

    Within a level the closest selector wins, and an exclusion wins a tie; a later level beats an earlier one.
    """

    origin: str
    select: tuple[str, ...] | None = None
    """Not None: starts from nothing, whatever earlier levels said."""
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fixable: tuple[str, ...] | None = None
    unfixable: tuple[str, ...] = ()
    ruff: tuple[str, ...] = ()


_UNSAID = ("named_by", "targets")
"""What a configuration knows besides what it says."""


class PerFile(NamedTuple):
    """Rules that are off in the files a glob means, or (`negated`) in all others."""

    globs: Globs
    negated: bool
    selectors: tuple[str, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Config:
    """The settings that hold for a file. Paths are absolute, with `/`."""

    origin: str
    """The configuration file, or what stands for one."""
    levels: tuple[Level, ...] = ()
    exclude: tuple[Globs, ...] = ()
    respect_gitignore: bool = True
    force_exclude: bool = False
    src: tuple[str, ...] = ()
    """The folders that module names start at; empty: for each file to find out."""
    python_path: tuple[str, ...] = ()
    base_models: tuple[str, ...] = ()
    """Qualified names of classes that are models though the project does not show it."""
    severity: tuple[tuple[str, Severity], ...] = ()
    extend_safe_fixes: tuple[str, ...] = ()
    extend_unsafe_fixes: tuple[str, ...] = ()
    per_file_ignores: tuple[PerFile, ...] = ()
    layers: tuple[tuple[str, Globs], ...] = ()
    """Layer -> the files it consists of."""
    blocking: tuple[str, ...] = ()
    """More calls that block the event loop: `pkg.mod.function -> what to call instead`."""
    non_blocking: tuple[str, ...] = ()
    """Calls that do not block after all."""
    prefer_fix: str = ASYNC["prefer-fix"][0]
    """How a call that blocks leaves the event loop where several ways are possible: its function becomes a plain `def`,
    the call goes to a thread (`threadpool`), or an async client takes its place (`async`)."""
    http_client: str = ASYNC["http-client"][0]
    """The package whose async client takes the place of `requests`; `auto`: the one that the project imports."""
    router_logic_threshold: int | None = None
    """None: the rule's own default."""
    conventions: tuple[tuple[str, str], ...] = ()
    """What a project has chosen where conventions contradict each other: key -> choice, of those it has set."""
    baseline: str | None = None
    """The file of findings that are known and not reported."""
    preview: bool = False
    """Rules that are new and may still change are on too."""
    require_reason: bool = False
    """A comment that hides findings must say why."""
    ruff: tuple[str, ...] = ()
    """What ruff is asked to check: codes, or `conventions`."""
    named_by: tuple[tuple[str, str, tuple[str, ...]], ...] = field(default=(), compare=False, repr=False)
    """(origin, key, selectors) of every setting that names rules, to check them against the rules there are."""
    _tables: tuple[Table, ...] = field(default=(), compare=False, repr=False)
    _fixed: Mapping[str, Target] = field(default_factory=dict, compare=False, repr=False)
    """The versions that are configured."""
    _search: Search | None = field(default=None, compare=False, repr=False)
    """Finds out the others; None: they are of no account."""
    _enabled: dict[object, frozenset[str]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def tables(self) -> tuple[Table, ...]:
        """What it was made from, the strongest last."""
        return self._tables

    @cached_property
    def targets(self) -> Mapping[str, Target]:
        """Library -> the version the project is to run on: as configured, else as it says itself; unknown: left out."""
        if self._search is None or len(self._fixed) == len(LIBRARIES):
            return self._fixed
        return {**self._search.found(self.python_path), **self._fixed}

    def runs_on(self, library: str) -> tuple[int, ...] | None:
        """The one version of a library that the project runs on, `(0, 48)` say; None where several may do, or any."""
        target = self.targets.get(library)
        return target.numbers if target is not None and target.exact else None

    @property
    def fingerprint(self) -> str:
        """A text that is the same for two configurations that say the same."""
        said = [value for name, value in vars(self).items() if name not in _UNSAID and not name.startswith("_")]
        return repr([*said, list(self.targets.values())])

    def enabled(self, rules: Mapping[str, Rule]) -> frozenset[str]:
        """The codes of the rules that are on, files apart; without `select` all that give more than advice."""
        key = tuple(rules)
        if key not in self._enabled:
            self._enabled[key] = frozenset(code for code, rule in rules.items() if self._is_on(rule))
        return self._enabled[key]

    def enabled_for(self, path: str, rules: Mapping[str, Rule]) -> frozenset[str]:
        """The codes of the rules that are on in a file (an absolute path, with `/`)."""
        on = self.enabled(rules)
        off = tuple(one.selectors for one in self.per_file_ignores if one.globs.cover(path) != one.negated)
        if not off:
            return on
        key = (off, tuple(rules))
        if key not in self._enabled:
            selectors = [selector for some in off for selector in some]
            self._enabled[key] = frozenset(code for code in on if not strongest(selectors, rules[code]))
        return self._enabled[key]

    def severity_of(self, rule: Named, default: Severity) -> Severity:
        """How bad a rule's findings are: as configured by the closest selector, else `default`."""
        closest = max(reversed(self.severity), key=lambda item: strength(item[0], rule), default=None)
        return closest[1] if closest is not None and strength(closest[0], rule) else default

    def may_fix(self, rule: Named) -> bool:
        """Whether `fixable` and `unfixable` let a rule's findings be repaired."""
        may = True
        for level in self.levels:
            yes, no = strongest(level.fixable or (), rule), strongest(level.unfixable, rule)
            if level.fixable is not None or no:
                may = yes > no
        return may

    def safety_of(self, rule: Named, safety: Safety) -> Safety:
        """How far a fix is trusted after `extend-safe-fixes` and `extend-unsafe-fixes`."""
        if safety not in (Safety.SAFE, Safety.UNSAFE):
            return safety
        safe, unsafe = strongest(self.extend_safe_fixes, rule), strongest(self.extend_unsafe_fixes, rule)
        if safe == unsafe == 0:
            return safety
        return Safety.SAFE if safe > unsafe else Safety.UNSAFE

    def choice(self, key: str) -> str:
        """What holds where conventions contradict each other, `either` for `not-found` say."""
        return dict(self.conventions).get(key, CHOICES[key][0])

    def layer_of(self, path: str) -> str | None:
        """The first layer whose globs mean a file (an absolute path, with `/`)."""
        return next((layer for layer, globs in self.layers if globs.cover(path)), None)

    def excludes(self, path: str, name: str) -> bool:
        """Whether this very file or folder is excluded; what is below an excluded folder is for the walk to skip."""
        return any(globs.match(path, name) for globs in self.exclude)

    def excludes_all_of(self, path: str) -> bool:
        """Whether a file or folder, or any folder above it, is excluded."""
        return any(globs.cover(path) for globs in self.exclude)

    def is_for_its_versions(self, rule: Rule) -> bool:
        """Whether a rule has something to say about the versions of the project, or is asked to by its code or name."""
        return not rule.versions or self._is_named(rule) or lets(rule.versions, self.targets)

    def _is_named(self, rule: Rule) -> bool:
        """Whether a rule is selected by its own code or name, not by a prefix only."""
        exact = (rule.code, rule.name, *rule.former)
        return any(one in exact for level in self.levels for one in (*(level.select or ()), *level.extend_select))

    def _is_on(self, rule: Rule) -> bool:
        if rule.code == NO_REASON.code and not self.require_reason:
            return False
        ruffs = rule.module == RUFF
        if rule.preview and not ruffs and not self.preview and not self._is_named(rule):
            return False
        if (rule.off or rule.deprecated) and not self._is_named(rule):
            return False
        if not self.is_for_its_versions(rule):
            return False
        # Advice is for those who ask for it, or who call it worse.
        on = {rule.severity, self.severity_of(rule, rule.severity)} != {Severity.ADVICE}
        for level in self.levels:
            yes = max(strongest(level.select or (), rule), strongest(level.extend_select, rule))
            if ruffs and level.ruff:  # it was asked for, as weakly as by `ALL`: each `ignore` beside it wins
                yes = max(yes, 1)
            no = strongest(level.ignore, rule)
            if level.select is not None or yes or no:
                on = yes > no
        return on


class Configs:
    """Every configuration of one run: found when first asked for, each file read once."""

    def __init__(
        self,
        root: str,
        cwd: str,
        fixed: Sequence[Table] | None,
        overrides: Sequence[Table],
        *,
        any_version: bool = False,
    ) -> None:
        """`fixed`: the tables that hold for all files, whatever lies beside them; `any_version`: as in `CliOptions`."""
        self.root = root
        """The project's folder: there is one a run, whatever nested configuration files say."""
        self.cwd = cwd
        self._shelf = Shelf()
        self._any_version = any_version
        self._overrides = overrides
        self._fixed = None
        if fixed is not None:
            self._fixed = self._config(fixed[-1].origin if fixed else "--isolated", fixed)
        self._folders: dict[str, Config] = {}
        self.src = self.for_folder(root).src
        """The folders that module names start at; empty: for each file to find out."""

    @classmethod
    def load(cls, paths: Sequence[str], cli: CliOptions, cwd: str | None = None) -> Configs:
        """Find the project that holds the paths, and read its configuration and the command line's.

        Args:
            paths: what is to be checked, relative to `cwd`; they need not exist.
            cli: what the command line says.
            cwd: the working directory; None: the process's.

        Raises:
            ConfigError: bad TOML, an unknown key, a wrong type, an unreadable file, a version that does not fit.
        """
        here = absolute(cwd if cwd is not None else os.getcwd())
        files = []
        overrides = []
        for text in cli.config:
            if os.path.isfile(os.path.join(here, text)):
                files.append(text)
            elif "=" in text:
                overrides.append(Table.inline(text, here))
            else:
                raise ConfigError(f"--config {text}: there is no such file, and it is no `key = value`")
        if len(files) > 1:
            raise ConfigError(f"--config names two files, {files[0]} and {files[1]}; only one can hold")
        if files and cli.isolated:
            raise ConfigError(f"--isolated reads no configuration file, --config names {files[0]}")
        overrides.append(Table.options(cli, here))
        fixed: list[Table] | None = None
        if cli.isolated:
            fixed = []
        elif files:
            fixed = chain_of(absolute(files[0], here), folder=here)
        root = _root([absolute(path, here) for path in paths], here)
        return cls(root, here, fixed, overrides, any_version=cli.any_version)

    def remember_in(self, memory: Memory) -> None:
        """Keep from run to run what is found out about versions."""
        self._shelf.memory = memory

    def for_file(self, path: str) -> Config:
        """The configuration of a file: an absolute path, with `/`; it need not exist. Raises ConfigError."""
        return self.for_folder(path.rpartition("/")[0])

    def for_folder(self, folder: str) -> Config:
        """The configuration of the files in a folder. Raises ConfigError."""
        if self._fixed is not None:
            return self._fixed
        climbed = []
        while (found := self._folders.get(folder)) is None:
            climbed.append(folder)
            if (chain := in_folder(folder)) is not None:
                found = self._config(chain[-1].origin, chain, folder)
                break
            if folder in ("", "/") or folder == (above := folder.rpartition("/")[0]):
                personal = personal_file()
                chain = chain_of(personal, folder=self.cwd) if os.path.isfile(personal) else []
                found = self._config(personal if chain else "the defaults", chain)
                break
            folder = above
        for one in climbed:
            self._folders[one] = found
        return found

    def _config(self, origin: str, tables: Sequence[Table], folder: str = "") -> Config:
        """`folder`: where the configuration lies; empty: at the project's root, as far as versions are concerned."""
        every = [*tables, *self._overrides]
        configured = {
            library: (table.values[key], table.origin)
            for table in every
            for key, library in TARGETS.items()
            if key in table.values
        }
        fixed = {} if self._any_version else of_configuration(configured)
        search = None if self._any_version else Search(folder or self.root, self.root, self._shelf)
        return replace(_config(origin, every), _fixed=fixed, _search=search)

    def all(self) -> list[Config]:
        """The configurations asked for so far, each once, in the order they were met."""
        known = [self._fixed] if self._fixed is not None else self._folders.values()
        return list({id(config): config for config in known}.values())

    def check_selectors(self, rules: Mapping[str, Rule]) -> list[str]:
        """Warnings about selectors in files that name no rule; an old configuration survives a rule that is gone.

        Also about those that name a rule as it was called before, or one that is about to go.
        Raises ConfigError if one on the command line names no rule.
        """
        warnings: dict[str, None] = {}
        before = renamed(rules.values())
        going = {name: rule for rule in rules.values() if rule.deprecated for name in (rule.code, rule.name)}
        for config in self.all():
            for origin, key, selectors in config.named_by:
                for selector in selectors:
                    if not named(selector, rules):
                        message = f"{origin}: `{key}` names no rule: `{selector}`{nearest_rule(selector, rules)}"
                        if origin == COMMAND_LINE or origin.startswith(INLINE):
                            raise ConfigError(message)
                        warnings[message] = None
                    elif selector in before:
                        code = before[selector]
                        warnings[f"{origin}: `{key}`: `{selector}` is `{code}` ({rules[code].name}) now"] = None
                    elif selector in going:
                        said = f"`{selector}` is deprecated: {going[selector].deprecated}"
                        warnings[f"{origin}: `{key}`: {said}"] = None
        return list(warnings)


def _root(paths: Sequence[str], cwd: str) -> str:
    """The project's folder: the nearest with `.git` or pyproject.toml that is, or is above, what the paths share.

    Without any: the working directory if it holds the paths (and is no home or drive), else what they share,
    out of the packages it lies in.
    """
    folders = [path if os.path.isdir(path) else path.rpartition("/")[0] for path in paths] or [cwd]
    try:
        shared = absolute(os.path.commonpath([folder or "/" for folder in folders]))
    except ValueError:  # on several drives
        return cwd
    for folder in _upwards(shared):
        if os.path.lexists(f"{folder}/.git") or os.path.isfile(f"{folder}/pyproject.toml"):
            return folder
    inside = shared == cwd or shared.startswith(cwd.rstrip("/") + "/")
    if inside and cwd != absolute(os.path.expanduser("~")) and cwd != os.path.dirname(cwd):
        return cwd
    return next(folder for folder in _upwards(shared) if not os.path.isfile(f"{folder}/__init__.py"))


def _upwards(folder: str) -> Iterable[str]:
    while True:
        yield folder
        above = os.path.dirname(folder)
        if above == folder:
            return
        folder = above


def _config(origin: str, tables: Sequence[Table]) -> Config:
    """One configuration out of its tables, the strongest last."""

    def last(key: str, default: Any = None) -> Any:
        return next((table.values[key] for table in reversed(tables) if key in table.values), default)

    def paths(key: str) -> tuple[str, ...]:
        for table in reversed(tables):
            if key in table.values:
                value = table.values[key]
                return tuple(absolute(p, table.folder) for p in ([value] if isinstance(value, str) else value))
        return ()

    def joined(key: str) -> tuple[str, ...]:
        return tuple(item for table in tables for item in table.values.get(key, ()))

    def merged(key: str) -> dict[str, tuple[Table, Any]]:
        return {name: (table, value) for table in tables for name, value in table.values.get(key, {}).items()}

    def globs(table: Table, key: str) -> Globs:
        return Globs(table.folder, tuple(table.values[key]))

    excluding = next((t for t in reversed(tables) if "exclude" in t.values), None)
    exclude = [globs(excluding, "exclude")] if excluding is not None else [Globs(tables[0].folder, DEFAULT_EXCLUDE)]
    exclude += [globs(table, "extend-exclude") for table in tables if "extend-exclude" in table.values]
    return Config(
        origin=origin,
        levels=tuple(_level(table) for table in tables),
        exclude=tuple(exclude),
        respect_gitignore=last("respect-gitignore", True),
        force_exclude=last("force-exclude", False),
        src=paths("src"),
        python_path=paths("python-path"),
        base_models=tuple(last("base-models", ())),
        severity=tuple((selector, Severity(value)) for selector, (_, value) in merged("severity").items()),
        extend_safe_fixes=joined("extend-safe-fixes"),
        extend_unsafe_fixes=joined("extend-unsafe-fixes"),
        per_file_ignores=tuple(
            PerFile(Globs(table.folder, (glob.removeprefix("!"),)), glob.startswith("!"), tuple(selectors))
            for glob, (table, selectors) in merged("per-file-ignores").items()
        ),
        layers=tuple(
            (layer, Globs(table.folder, tuple(patterns))) for layer, (table, patterns) in merged("layers").items()
        ),
        blocking=joined("blocking"),
        non_blocking=joined("non-blocking"),
        **{key.replace("-", "_"): value for key, (_, value) in merged("async").items()},
        router_logic_threshold=last("router-logic-threshold"),
        conventions=tuple((key, chosen) for key in CHOICES if (chosen := last(key)) is not None),
        baseline=next(iter(paths("baseline")), None),
        preview=last("preview", False),
        require_reason=last("require-reason", False),
        ruff=_strings(last(RUFF, ())),
        named_by=tuple(
            (table.origin, key, selectors)
            for table in tables
            for key in _NAMING
            if (selectors := _selectors(table.values.get(key, ())))
        ),
        _tables=tuple(tables),
    )


def _level(table: Table) -> Level:
    given: dict[str, Any] = {
        key.replace("-", "_"): tuple(table.values[key])
        for key in ("select", "extend-select", "ignore", "fixable", "unfixable")
        if key in table.values
    }
    given |= {RUFF: _strings(table.values[RUFF])} if RUFF in table.values else {}
    return Level(table.origin, **given)


def _strings(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _selectors(value: Any) -> tuple[str, ...]:
    """The selectors in a setting: a list of them, a table of lists, or a table with selectors for keys."""
    if not isinstance(value, dict):
        return tuple(value)
    return tuple(s for key, one in value.items() for s in ([key] if isinstance(one, str) else one))


_NAMING = (
    "select", "extend-select", "ignore", "fixable", "unfixable", "extend-safe-fixes", "extend-unsafe-fixes", "severity",
    "per-file-ignores",
)  # fmt: skip
"""The keys whose values name rules."""
