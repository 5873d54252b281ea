"""What `check` and `migrate-v2` do alike: open a workspace, say what could not be read, know paths by their names."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from trueup import registry
from trueup.check import Workspace
from trueup.config import ConfigError, Configs
from trueup.discovery import source_file
from trueup.files import Kind, Problem, Source, decode
from trueup.index.cache import Cache
from trueup.report.diff import unified
from trueup.tool_rules import FIX_FAILED, TOOL_RULES

from .terminal import Terminal, doing

if TYPE_CHECKING:
    from trueup.config import CliOptions
    from trueup.files import SourceFile
    from trueup.model import Finding, Rule

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


class Session:
    """One run's workspace, its rules, and whether anything went wrong that must end with exit code 2."""

    def __init__(self, terminal: Terminal, configs: Configs, workspace: Workspace) -> None:
        self.terminal = terminal
        self.configs = configs
        self.workspace = workspace
        self.failed = False
        self._told: set[str] = set()

    @classmethod
    def open(
        cls,
        terminal: Terminal,
        paths: Sequence[str],
        options: CliOptions,
        *,
        jobs: int,
        cache: Cached,
    ) -> Session:
        """A session on what the paths name, with the whole project around them. Raises ConfigError."""
        configs = _configs(paths, options)
        with doing("looking for files"):
            workspace = Workspace.open(paths, configs, jobs=jobs, cache_dir=cache.folder(configs))
        return cls(terminal, configs, workspace)

    @classmethod
    def of_stdin(
        cls, terminal: Terminal, name: str | None, data: bytes, options: CliOptions, *, jobs: int, cache: Cached
    ) -> tuple[Session, Source | Problem | None]:
        """A session on one buffer that stands for the file `name`, with the project of that file around it.

        Also the buffer as a source, or why it is none; None if the file is excluded: there is nothing to check.
        Raises ConfigError.
        """
        configs = _configs([name or "."], options)
        file = source_file(name or "stdin.py", configs)
        if name is None:
            file = file._replace(path="-")
        config = configs.for_file(file.absolute)
        if config.force_exclude and config.excludes_all_of(file.absolute):
            return cls(terminal, configs, Workspace(configs, [])), None
        source = decode(file, data)
        overlay = {file.path: source.text} if isinstance(source, Source) else {}
        folder = cache.folder(configs)
        with doing("looking for files"):
            if name is not None and os.path.isfile(file.absolute):
                workspace = Workspace.open([name], configs, jobs=jobs, cache_dir=folder, overlay=overlay)
            else:
                workspace = Workspace(configs, [file], jobs=jobs, cache=Cache(folder), overlay=overlay)
        return cls(terminal, configs, workspace), source

    @cached_property
    def rules(self) -> dict[str, Rule]:
        """Code -> rule, those about trueup's own work included."""
        return all_rules()

    @cached_property
    def _files(self) -> dict[str, SourceFile]:
        return {file.path: file for file in self.workspace.files}

    def absolute(self, path: str) -> str:
        """The absolute path of a file as findings name it."""
        file = self._files.get(path)
        return file.absolute if file is not None else os.path.join(self.configs.cwd, path)

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

    def diff(self, path: str, old: str, new: str) -> bytes:
        """A file's change as a patch in the bytes of that file."""
        source = self.workspace.source(path)
        if isinstance(source, Problem):  # gone since it was read: the texts are all there is
            return unified(path, old, new)
        return unified(path, old, new, encoding=source.encoding, bom=source.bom)

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
        for problem in self.workspace.problems:
            if problem.kind is Kind.OPERATION:
                self.fail(f"{problem.path}: {problem.message}")
        self.failed = self.failed or self.workspace.crashed

    def _tell(self, message: str) -> None:
        if message not in self._told:
            self._told.add(message)
            self.terminal.fault(message)


def all_rules() -> dict[str, Rule]:
    """Code -> rule, those about trueup's own work included."""
    with doing("loading the rules"):
        return TOOL_RULES | registry.rules()


def _configs(paths: Sequence[str], options: CliOptions) -> Configs:
    with doing("reading the configuration"):
        configs = Configs.load(paths, options)
    configs.check_selectors(all_rules())  # a misspelt --select should not have to wait for the files
    return configs
