"""Files as an editor has them: unsaved text in the place of what is on disk, with the project around it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from .add_ignore import with_ignores
from .check import Workspace
from .config import CliOptions, ConfigError, Configs
from .discovery import discover_with_project, source_file
from .edits import Lines, Preview, TextEdit, edits_between
from .exports import Exports, package_of
from .files import Source, read
from .fix_text import fix_text
from .globs import absolute
from .index.cache import Cache
from .model import Finding, Rule, Safety
from .preview import previews
from .registry import Fixer, load_fixers, rules
from .results import heeding, run_keys
from .tool_rules import TOOL_RULES

_ROUNDS = 10


class _Project(NamedTuple):
    """One project of the editor's files."""

    workspace: Workspace
    paths: Mapping[str, str]
    """Absolute path -> path in the workspace."""


class Buffers:
    """The open files of an editor, over any number of projects."""

    def __init__(
        self, options: CliOptions, *, cache: bool = True, load: Callable[[], Mapping[str, Rule]] = rules
    ) -> None:
        """`load`: gives the rules of trueup and its plugins by code, which a cache may know already."""
        self._options = options
        self._cache = cache
        self._load = load
        self._projects: dict[str, _Project] = {}
        self._texts: dict[str, str] = {}
        """Absolute path -> the text that is not what is on disk, or may not be."""
        self._rules: dict[str, Rule] | None = None
        self._fixers: dict[str, Fixer] | None = None

    @property
    def rules(self) -> dict[str, Rule]:
        """Code -> rule."""
        if self._rules is None:
            self._rules = {**TOOL_RULES, **self._load()}
        return self._rules

    @property
    def open(self) -> list[str]:
        """The absolute paths of the open files."""
        return list(self._texts)

    def put(self, path: str, text: str) -> None:
        """A file is open with this text."""
        self._texts[absolute(path)] = text.removeprefix("\ufeff")

    def close(self, path: str) -> None:
        """A file is closed: what is on disk holds."""
        path = absolute(path)
        self._texts.pop(path, None)
        if not os.path.exists(path):  # it was new, and never saved
            self._projects = {root: one for root, one in self._projects.items() if path not in one.paths}
        for project in self._projects.values():
            shown = project.paths.get(path)
            if shown is not None:
                self._refresh(project, path, shown)

    def forget(self) -> None:
        """Files came, went or changed on disk, or settings did: read the projects anew when they are next asked."""
        self._projects.clear()

    def check(self, path: str) -> list[Finding]:
        """What is found in a file as it stands; nothing if it is excluded. Raises ConfigError."""
        found = self._find(absolute(path))
        if found is None:
            return []
        project, shown = found
        findings = project.workspace.check_file(shown).findings
        project.workspace.types.ask_below()  # now, and not after the next key
        return sorted(findings, key=lambda finding: finding.order)

    def text(self, path: str) -> str:
        """The text of a file as it stands; empty where there is none."""
        found = self._find(absolute(path))
        try:
            return found[0].workspace.text(found[1]) if found is not None else self._texts.get(absolute(path), "")
        except KeyError:
            return ""

    def located(self, path: str, edits: Sequence[TextEdit]) -> list[TextEdit]:
        """Edits as they were given for a file, with absolute paths."""
        found = self._find(absolute(path))
        if found is None:
            return []
        names = {shown: there for there, shown in found[0].paths.items()}
        return [edit._replace(path=names.get(edit.path, edit.path)) for edit in edits]

    def repair(self, path: str, finding: Finding) -> Preview:
        """What the repair of a finding would change, with absolute paths."""
        found = self._find(absolute(path))
        if found is None:
            return Preview(reason="it is excluded")
        workspace = found[0].workspace
        known = workspace.check() if finding.group else [finding]
        made = previews(workspace, known, [finding], fixers=self._known_fixers()).get(finding, Preview())
        return made._replace(edits=tuple(self.located(path, made.edits)))

    def repair_all(self, path: str) -> list[TextEdit]:
        """What the safe repairs of a file come to, those left out that take other files too."""
        found = self._find(absolute(path))
        if found is None:
            return []
        project, shown = found
        workspace = project.workspace
        before = workspace.text(shown)
        try:
            for _ in range(_ROUNDS):
                text = workspace.text(shown)
                todo = [one for one in workspace.check_file(shown).findings if self._is_for_all(project, shown, one)]
                facts = workspace.project.files.get(shown)
                exported = Exports(workspace.text).of(facts, workspace.project.files) if facts is not None else ()
                package = package_of(facts) if facts is not None else ""
                new = fix_text(text, todo, self._known_fixers(), shown, exported=exported, package=package).text
                if new == text:
                    break
                workspace.update({shown: new})
            after = workspace.text(shown)
        finally:
            if workspace.text(shown) != before:
                workspace.update({shown: before})
        return self.located(path, edits_between(shown, Lines(before), after))

    def ignore(self, path: str, finding: Finding) -> list[TextEdit]:
        """The comment that hides a finding."""
        found = self._find(absolute(path))
        if found is None:
            return []
        text = found[0].workspace.text(found[1])
        new = with_ignores(text, [finding]).text
        return self.located(path, edits_between(found[1], Lines(text), new))

    def _is_for_all(self, project: _Project, shown: str, finding: Finding) -> bool:
        configs = project.workspace.configs
        there = absolute(shown, configs.cwd)
        rule = self.rules.get(finding.code)
        return (
            finding.safety is Safety.SAFE
            and not finding.group
            and (rule is None or configs.for_file(there).may_fix(rule))
        )

    def _known_fixers(self) -> dict[str, Fixer]:
        if self._fixers is None:
            self._fixers = load_fixers()
        return self._fixers

    def _find(self, path: str) -> tuple[_Project, str] | None:
        """The project of a file, up to date, and the file's path in it; None for a file that is excluded."""
        configs = Configs.load([path], self._options)
        project = self._projects.get(configs.root)
        if project is None or (path not in project.paths and (path in self._texts or os.path.exists(path))):
            config = configs.for_file(path)
            if config.excludes_all_of(path):
                return None
            project = self._projects[configs.root] = self._read(configs, path)
        shown = project.paths.get(path)
        if shown is None:
            return None
        for other in self._texts:
            if (name := project.paths.get(other)) is not None:
                self._refresh(project, other, name)
        return project, shown

    def _read(self, configs: Configs, path: str) -> _Project:
        scope = discover_with_project([configs.root, *([path] if os.path.exists(path) else [])], configs)
        inside = configs.root.rstrip("/") + "/"
        unsaved = [one for one in self._texts if one.startswith(inside) and not os.path.exists(one)]
        new = [source_file(one, configs) for one in unsaved if not configs.for_file(one).excludes_all_of(one)]
        files = [*scope.files, *new]
        around = [*scope.around, *new] if scope.around else ()
        cache = Cache(f"{inside}.trueup_cache" if self._cache and os.path.isdir(configs.root) else None)
        overlay = {file.path: self._texts[file.absolute] for file in new}
        workspace = Workspace(configs, files, around, cache=cache, overlay=overlay)
        workspace.is_being_edited = True
        workspace.know(self.rules)
        workspace.index()
        workspace.save()
        keys = run_keys(scope.files, scope.around, configs, cache, heeding(False)) if cache.works else None
        ledger = cache.run(keys.alike) if keys is not None else None
        if ledger is not None:  # of a check of the whole project on the command line
            workspace.recall(ledger)
        return _Project(workspace, {file.absolute: file.path for file in files})

    def _refresh(self, project: _Project, path: str, shown: str) -> None:
        """Give the workspace a file's text, if it has another."""
        workspace = project.workspace
        source = workspace.source(shown)
        if not isinstance(source, Source):
            return
        text = self._texts.get(path)
        if text is None:
            there = read(source.file)
            text = there.text if isinstance(there, Source) else source.text
        if source.text != text:
            workspace.update({shown: text})


__all__ = ["Buffers", "ConfigError"]
