"""What `check` and `migrate-v2` do alike: open a workspace, say what could not be read, know paths by their names."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from trueup.config import ConfigError, Configs
from trueup.discovery import discover, discover_with_project, project_folders, source_file
from trueup.files import Kind, Problem, Source, decode
from trueup.globs import absolute
from trueup.index.cache import Cache, digest
from trueup.report.screen import escape
from trueup.results import Keys, Recalled, Results, recall, remember, rule_table, run_keys
from trueup.tool_rules import FIX_FAILED, TOOL_RULES

from .terminal import Terminal, doing

if TYPE_CHECKING:
    from trueup.check import Workspace
    from trueup.config import CliOptions
    from trueup.discovery import Scope
    from trueup.files import SourceFile
    from trueup.model import Finding, Rule
    from trueup.tidy import Tidy

CACHE_FOLDER = ".trueup_cache"


class Cached(NamedTuple):
    """What the command line says about the cache."""

    off: bool
    at: str | None

    def folder(self, configs: Configs) -> str | None:
        """Where the cache lies; None for none."""
        if self.off:
            return None
        return os.path.abspath(self.at) if self.at else os.path.join(configs.root, CACHE_FOLDER)


class Rules(NamedTuple):
    """Code -> rule."""

    own: dict[str, Rule]
    """trueup's and its plugins', those about its own work included."""
    ruffs: dict[str, Rule]
    """Empty where ruff is not asked."""


class Memory:
    """Where the results of this very run may stand already, or will."""

    def __init__(self, cache: Cache, keys: Keys | None) -> None:
        """`keys`: None where a file cannot be read: then nothing is remembered."""
        self._cache = cache
        self._before = keys

    def recall(self) -> Results | None:
        """What an earlier run found on the same files."""
        return recall(self._cache, self._before.exact) if self._before is not None else None

    def recall_ledger(self) -> bytes | None:
        """What an earlier run found on these files, some of which have changed."""
        return self._cache.run(self._before.alike) if self._before is not None else None

    def extra(self, name: str) -> bytes | None:
        """What an earlier run made of the same findings, by name."""
        return self._cache.run(digest(self._before.exact, name)) if self._before is not None else None

    def remember_extra(self, name: str, data: bytes) -> None:
        """Keep something that was made of the findings of this very run."""
        if self._before is not None:
            self._cache.put_run(digest(self._before.exact, name), data)

    def settled(self, name: str) -> bytes | None:
        """As `extra`, for what does not depend on what the files hold now."""
        return self._cache.run(digest(self._before.alike, name)) if self._before is not None else None

    def remember_settled(self, name: str, data: bytes) -> None:
        """Keep something that was found out about another state of the files."""
        if self._before is not None:
            self._cache.put_run(digest(self._before.alike, name), data)

    def remember(self, results: Results, ledger: Callable[[], bytes]) -> None:
        """Keep what this run found, unless a file was changed while it was looking."""
        if self._before is not None and self._before.still_hold():
            remember(self._cache, self._before.exact, results)
            self._cache.put_run(self._before.alike, ledger())


class Session:
    """One run's workspace, its rules, and whether anything went wrong that must end with exit code 2."""

    def __init__(
        self,
        terminal: Terminal,
        configs: Configs,
        workspace: Workspace | Recalled,
        rules: Rules,
        memory: Memory | None = None,
    ) -> None:
        self.terminal = terminal
        self.configs = configs
        self.checked = workspace
        """What to ask about findings; in a run that changes nothing it may be what an earlier run left."""
        self.rules = {**rules.own, **rules.ruffs}
        """Code -> rule, those about trueup's own work included, and ruff's where it is asked."""
        self.own_rules = rules.own
        self.ruffs_rules = rules.ruffs
        """Empty where ruff is not asked."""
        self.failed = False
        self.targets: Sequence[str] = ()
        """What the user named."""
        self.jobs = 1
        self.cache = Cache(None)
        self.cache_folder: str | None = None
        self.memory = memory
        self.without_clues = isinstance(workspace, Recalled)
        """Some findings are an earlier run's, and do not hold what their repairs need."""
        self._again: Callable[[], Workspace] | None = None
        self._told: set[str] = set()
        if not isinstance(workspace, Recalled):
            workspace.know(rules.own)

    @property
    def workspace(self) -> Workspace:
        """The files, to be checked and changed."""
        from trueup.check import Workspace

        if isinstance(self.checked, Workspace):
            return self.checked
        assert self._again is not None
        return self._again()

    @classmethod
    def open(
        cls,
        terminal: Terminal,
        paths: Sequence[str],
        options: CliOptions,
        *,
        jobs: int,
        cache: Cached,
        recall: tuple[str, ...] | None = None,
    ) -> Session:
        """A session on what the paths name, with the whole project around them. Raises ConfigError.

        `recall`: what an earlier run found will do, if it was run with the same of these options.
        """
        configs, kept = _configs(paths, options, cache)
        with doing("looking for files"):
            scope = discover_with_project(paths, configs)
        memory = None
        if recall is not None and not scope.problems and kept.works:
            with doing("looking at what an earlier run found"):
                memory = Memory(kept, run_keys(scope.files, scope.around, configs, kept, *recall))
                found = memory.recall()
            if found is not None:
                session = cls(terminal, configs, Recalled(configs, scope.files, found), _rules(configs, kept), memory)
                session.targets, session.jobs, session.cache = paths, jobs, kept
                session.cache_folder = cache.folder(configs)
                session._again = lambda: session._anew(scope, jobs, kept)
                return session
        rules = _rules(configs, kept)
        workspace = _workspace(configs, scope, jobs, kept)
        workspace.know(rules.own)
        workspace.start()
        if memory is not None:
            workspace.earlier = memory.recall_ledger()
            workspace.keeps = True
        session = cls(terminal, configs, workspace, rules, memory)
        session.targets, session.jobs, session.cache = paths, jobs, kept
        session.cache_folder = cache.folder(configs) if kept.works else None
        session.without_clues = workspace.earlier is not None
        return session

    def _anew(self, scope: Scope, jobs: int, kept: Cache) -> Workspace:
        """A workspace of the same files, where an earlier run's findings are not enough."""
        workspace = _workspace(self.configs, scope, jobs, kept)
        workspace.ignore_suppressions = self.checked.ignore_suppressions
        workspace.know(self.own_rules)
        return workspace

    def remember(self, findings: list[Finding]) -> None:
        """Keep what was found for the next run, if that may be told again."""
        workspace = self.checked
        if self.memory is None or isinstance(workspace, Recalled):
            return
        if not workspace.problems and not workspace.crashed:
            results = Results(findings, workspace.suppressed, workspace.undecided, workspace.verdicts)
            self.memory.remember(results, self.workspace.ledger)

    @classmethod
    def of_stdin(
        cls, terminal: Terminal, name: str | None, data: bytes, options: CliOptions, *, jobs: int, cache: Cached
    ) -> tuple[Session, Source | Problem | None]:
        """A session on one buffer that stands for the file `name`, with the project of that file around it.

        Also the buffer as a source, or why it is none; None if the file is excluded: there is nothing to check.
        Raises ConfigError.
        """
        from trueup.check import Workspace

        configs, kept = _configs([name or "."], options, cache)
        rules = _rules(configs, kept)
        file = source_file(name or "stdin.py", configs)
        if name is None:
            file = file._replace(path="-")
        config = configs.for_file(file.absolute)
        if config.force_exclude and config.excludes_all_of(file.absolute):
            return cls(terminal, configs, Workspace(configs, []), rules), None
        source = decode(file, data)
        overlay = {file.path: source.text} if isinstance(source, Source) else {}
        with doing("looking for files"):
            around = [] if name is None else discover(project_folders(configs, [file]), configs).files
        others = [one for one in around if one.absolute != file.absolute]
        stubs = users_cache() if kept.works else None
        workspace = Workspace(configs, [file], others, jobs=jobs, cache=kept, stubs=stubs, overlay=overlay)
        return cls(terminal, configs, workspace, rules), source

    @cached_property
    def _files(self) -> dict[str, SourceFile]:
        return {file.path: file for file in self.checked.files}

    def absolute(self, path: str) -> str:
        """The absolute path of a file as findings name it."""
        file = self._files.get(path)
        return file.absolute if file is not None else absolute(path, self.configs.cwd)

    @cached_property
    def repository(self) -> str:
        """The folder that machine formats name paths from: the nearest with `.git`, else the project's root."""
        folder = self.configs.root
        while not os.path.lexists(os.path.join(folder, ".git")):
            above = os.path.dirname(folder)
            if above == folder:
                return self.configs.root
            folder = above
        return folder

    def owner_of(self, path: str) -> str:
        """Who owns a file, as CODEOWNERS says."""
        return self._owners(self.below_repository(path))

    @cached_property
    def _owners(self) -> Callable[[str], str]:
        from trueup.codeowners import NOBODY, owners_in

        return owners_in(self.repository) or (lambda path: NOBODY)

    def below_repository(self, path: str) -> str:
        """The path below the repository, with `/`; absolute if it lies outside."""
        return self.absolute(path).removeprefix(self.repository.rstrip("/") + "/")

    def below_root(self, path: str) -> str:
        """The path below the project's root, with `/`; absolute if it lies outside."""
        return self.absolute(path).removeprefix(self.configs.root.rstrip("/") + "/")

    def symbol(self, path: str, symbol: str) -> str:
        """`package.module.Class.method` of a symbol that a finding names without its module."""
        file = self._files.get(path)
        return ".".join(part for part in (file.module if file is not None else "", symbol) if part)

    def may_fix(self, path: str, code: str) -> bool:
        """Whether the configuration of a file lets a rule's findings be repaired."""
        return self.configs.for_file(self.absolute(path)).may_fix(self.rules[code])

    def diff(self, path: str, old: str, new: str, *, is_new: bool = False) -> bytes:
        """A file's change as a patch in the bytes of that file."""
        from trueup.report.diff import unified

        if is_new:
            return unified(path, "", new, is_new=True)
        source = self.checked.source(path)
        if isinstance(source, Problem):  # gone since it was read: the texts are all there is
            return unified(path, old, new)
        return unified(path, old, new, encoding=source.encoding, bom=source.bom)

    @cached_property
    def tidy(self) -> Tidy | None:
        """What has ruff tidy the files that repairs changed; None where no configuration is to be read."""
        if self.configs.for_folder(self.configs.root).origin == "--isolated":
            return None
        from trueup.tidy import Tidy

        def failed(reason: str) -> None:
            self.terminal.note(f"trueup: what was changed is not tidied: {escape(reason)}")

        return Tidy(self.absolute, self.configs.root, self.workspace.jobs, failed)

    def fail(self, message: str) -> None:
        """Say on stderr what went wrong; the run goes on and will end with 2."""
        self.failed = True
        self._tell(message)

    def report_failed(self, held: Sequence[tuple[Finding, str]], failed: Sequence[Finding]) -> None:
        """Say which repairs broke down: faults of a fixer, and so of trueup or a plugin."""
        for finding, reason in held:
            if finding in failed:
                self.fail(f"{finding.path}:{finding.span.line}: {FIX_FAILED.code} {FIX_FAILED.name}: {reason}")

    def report_problems(self) -> None:
        """Say all that went wrong so far and was not said yet: unreadable files, selectors that name no rule."""
        try:
            for warning in self.configs.check_selectors(self.rules):
                self._tell(f"warning: {warning}")
        except ConfigError as error:
            self.fail(str(error))
        for problem in self.checked.problems:
            if problem.kind is Kind.OPERATION:
                self.fail(f"{problem.path}: {problem.message}")
        self.failed = self.failed or self.checked.crashed

    def _tell(self, message: str) -> None:
        if message not in self._told:
            self._told.add(message)
            self.terminal.fault(message)


def _workspace(configs: Configs, scope: Scope, jobs: int, kept: Cache) -> Workspace:
    from trueup.check import Workspace

    stubs = users_cache() if kept.works else None
    return Workspace(configs, scope.files, scope.around, problems=scope.problems, jobs=jobs, cache=kept, stubs=stubs)


def told_rules() -> dict[str, Rule]:
    """`all_rules`, remembered in the user's own cache: to print a page no rule needs to be imported."""
    kept = users_cache()
    return rule_table(kept, all_rules) if kept.works else all_rules()


def users_cache() -> Cache:
    """What is the same in all projects of a user."""
    return Cache(users_cache_folder())


def users_cache_folder() -> str:
    """Where that lies."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "trueup")


def all_rules() -> dict[str, Rule]:
    """Code -> rule, those about trueup's own work included."""
    from trueup import registry

    with doing("loading the rules"):
        return TOOL_RULES | registry.rules()


def _configs(paths: Sequence[str], options: CliOptions, cached: Cached) -> tuple[Configs, Cache]:
    with doing("reading the configuration"):
        configs = Configs.load(paths, options)
    kept = Cache(cached.folder(configs))
    if kept.works:
        configs.remember_in(kept)
    return configs, kept


def _rules(configs: Configs, kept: Cache) -> Rules:
    """All rules. Raises ConfigError where a `--select` names none: that should not have to wait for the files."""
    rules = Rules(told_rules() if kept.works else all_rules(), _ruffs(configs, kept))
    configs.check_selectors({**rules.own, **rules.ruffs})
    return rules


def _ruffs(configs: Configs, kept: Cache) -> dict[str, Rule]:
    """ruff's rules, where it is asked; none where it cannot be, which is said when it should have been."""
    if not any(config.ruff for config in configs.all()):
        return {}
    from trueup.conventions import check_codes, known_rules
    from trueup.ruff import RuffFailed

    with doing("asking ruff for its rules"):
        try:
            rules = known_rules(users_cache() if kept.works else Cache(None), configs.root)
        except RuffFailed:
            return {}
    check_codes(configs.all(), rules)
    return rules
