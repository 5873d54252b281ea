"""trueup's findings inside pylint: `load-plugins = ["trueup.pylint"]`."""

from __future__ import annotations

import ast
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import astroid
from astroid import nodes
from pylint.checkers import BaseChecker
from pylint.interfaces import HIGH, INFERENCE

from . import registry
from .check import Workspace
from .config import CliOptions, ConfigError, Configs
from .discovery import discover_with_project
from .file import File
from .files import Source
from .globs import absolute
from .index.cache import Cache
from .model import Finding, Rule, Severity
from .run import Checked, run
from .suppress import parse as parse_suppressions
from .syntax import parse
from .tool_rules import FIX_FAILED, SYNTAX_ERROR, TOOL_RULES
from .types import ClassObject, Instance, Type, Unknown, without_none

if TYPE_CHECKING:
    from pylint.lint import PyLinter

TOOL = "trueup"
"""The checker that has the options, and the messages about trueup's own comments."""

NOT_HERE = (SYNTAX_ERROR.code, FIX_FAILED.code)
"""pylint tells of files that do not parse by itself, and repairs nothing."""

_FAULT = f"{TOOL}-settings"
"""The symbol of the message about settings that cannot be used."""

_LETTERS = {Severity.ERROR: "E", Severity.WARNING: "W", Severity.ADVICE: "R"}
_FREE = (66, 67)
"""Pairs of digits for families that have none of their own, or more rules than a pair has numbers."""

_FAMILIES = {"TU0": 65, "TUT": 68, "TUC": 69, "TUL": 70, "TUF": 71, "TUP": 72, "TUS": 73, "TUA": 75}
"""Family -> the two digits that its messages share, as pylint demands of a checker."""


def register(linter: PyLinter) -> None:
    """Give pylint one checker a family, and one for trueup itself."""
    rules = {**TOOL_RULES, **registry.rules()}
    known = {code: rule for code, rule in rules.items() if code not in NOT_HERE}
    engine = _Engine(linter)
    groups: dict[str, dict[str, Rule]] = {}
    for code, number in numbers(known).items():
        groups.setdefault(number[:2], {})[number] = known[code]
    names: dict[str, int] = {}
    linter.register_checker(Options(linter, engine))
    for messages in groups.values():
        name = _name(next(iter(messages.values())))
        names[name] = names.get(name, 0) + 1
        linter.register_checker(Family(linter, name if names[name] == 1 else f"{name}-{names[name]}", messages, engine))


def numbers(rules: Iterable[str]) -> dict[str, str]:
    """Code -> the four digits of its message: frozen ones, and for rules that have none yet the next that are free."""
    frozen = _frozen()
    taken = set(frozen.values())
    found = {}
    for code in sorted(rules):
        if code in frozen:
            found[code] = frozen[code]
            continue
        pairs = [_FAMILIES[code[:3]]] if code[:3] in _FAMILIES else []
        free = (f"{pair}{number:02}" for pair in (*pairs, *_FREE) for number in range(1, 100))
        found[code] = next(number for number in free if number not in taken)
        taken.add(found[code])
    return found


def _frozen() -> dict[str, str]:
    """Code -> four digits that will never be another rule's."""
    told: dict[str, str] = json.loads((Path(__file__).parent / "pylint_ids.json").read_text(encoding="utf-8"))
    return told


def _old_names(rule: Rule, frozen: Mapping[str, str]) -> list[tuple[str, str]]:
    """The ids and symbols that a rule's message had before, so that `# pylint: disable` still means it.

    Of a rule that has kept its code pylint cannot know another symbol.
    """
    words = rule.former
    pairs = zip(words[::2], words[1::2], strict=True)
    letter = _LETTERS[rule.severity]
    return [
        (f"{letter}{frozen[code]}", f"{TOOL}-{name}") for code, name in pairs if code in frozen and code != rule.code
    ]


def _name(rule: Rule) -> str:
    """The name of the checker that has a rule: its wing."""
    parts = rule.module.split(".")
    return f"{TOOL}-{parts[-2]}" if len(parts) > 1 else f"{TOOL}-comments"


class Options(BaseChecker):
    """What can be set in pylint's own configuration, in the section `trueup`; the rest is `[tool.trueup]`."""

    name = TOOL
    options = (
        ("trueup-select", {"default": (), "type": "csv", "metavar": "<rules>", "help": "As `trueup check --select`."}),
        ("trueup-ignore", {"default": (), "type": "csv", "metavar": "<rules>", "help": "As `trueup check --ignore`."}),
        (
            "trueup-config",
            {"default": "", "type": "string", "metavar": "<path>", "help": "As `trueup check --config`."},
        ),
        ("trueup-cache", {"default": True, "type": "yn", "metavar": "<y or n>", "help": "Use `.trueup_cache`."}),
    )

    def __init__(self, linter: PyLinter, engine: _Engine) -> None:
        """`engine`: what the checkers of the rules ask, too."""
        said = "The settings that hold for a module cannot be used, so that trueup looks for nothing."
        self.msgs = {f"E{_FREE[0]}00": ("%s", _FAULT, said)}  # rules get numbers from 01 on
        self._engine = engine
        super().__init__(linter)

    def visit_module(self, node: nodes.Module) -> None:
        """Say what is wrong with the settings, once."""
        fault = self._engine.fault(node)
        if fault is not None:
            self.add_message(_FAULT, node=node, line=1, args=(fault,), confidence=HIGH)


class Family(BaseChecker):
    """The rules of one family."""

    def __init__(self, linter: PyLinter, name: str, messages: Mapping[str, Rule], engine: _Engine) -> None:
        """`messages`: four digits -> rule."""
        self.name = name
        frozen = _frozen()
        self.msgs = {
            f"{_LETTERS[rule.severity]}{number}": (
                "%s",
                f"{TOOL}-{rule.name}",
                f"{rule.summary} `trueup explain {rule.code}` says more.",
                {"old_names": _old_names(rule, frozen)},
            )
            for number, rule in messages.items()
        }
        self._codes = frozenset(rule.code for rule in messages.values())
        self._engine = engine
        super().__init__(linter)

    def visit_module(self, node: nodes.Module) -> None:
        """Report what trueup finds in the module."""
        for finding, confidence in self._engine.findings(node):
            if finding.code in self._codes and finding.code not in NOT_HERE and finding.name in self._names:
                span = finding.span
                self.add_message(
                    f"{TOOL}-{finding.name}",
                    node=_within(node, finding.symbol, span.line),
                    line=span.line,
                    col_offset=span.column - 1,
                    end_lineno=span.end_line,
                    end_col_offset=span.end_column - 1,
                    args=(finding.message,),
                    confidence=confidence,
                )

    @property
    def _names(self) -> frozenset[str]:
        return frozenset(str(message[1]).removeprefix(f"{TOOL}-") for message in self.msgs.values())


def _within(module: nodes.Module, symbol: str, line: int) -> nodes.NodeNG:
    """The class or function that a finding is in, which pylint names beside its message."""
    found: nodes.NodeNG = module
    for name in symbol.split("."):
        inner = [
            one
            for one in found.get_children()
            if isinstance(one, nodes.ClassDef | nodes.FunctionDef) and one.name == name and one.fromlineno <= line
        ]
        if not inner:
            break
        found = inner[-1]
    return found


class _Told(NamedTuple):
    """What was found in the module that is being visited."""

    module: str
    text: str
    findings: list[tuple[Finding, Any]]


class _Engine:
    """The projects that the modules of a run belong to; shared by all checkers of a process."""

    def __init__(self, linter: PyLinter) -> None:
        self._linter = linter
        self._projects: dict[str, tuple[Workspace, dict[str, str]]] = {}
        self._told: _Told | None = None
        self._said: set[str] = set()

    def __getstate__(self) -> dict[str, Any]:
        # pylint sends its checkers to other processes, which read the cache for themselves.
        return {"_linter": self._linter, "_projects": {}, "_told": None, "_said": set()}

    def fault(self, node: nodes.Module) -> str | None:
        """Why the settings that hold for a module cannot be used, if that has not been said yet."""
        if node.file is None:
            return None
        path = absolute(node.file)
        try:
            self._project(path)[0].configs.for_file(path)
        except ConfigError as error:
            if str(error) not in self._said:
                self._said.add(str(error))
                return str(error)
        return None

    def findings(self, node: nodes.Module) -> list[tuple[Finding, Any]]:
        """What trueup finds in a module, and how sure it is of that."""
        if node.file is None:
            return []
        path = absolute(node.file)
        stream = node.stream()
        if stream is None:
            return []
        with stream:
            text = stream.read().decode(node.file_encoding or "utf-8", "replace")
        if self._told is None or self._told[:2] != (path, text):
            try:
                found = sorted(self._find(node, path, text), key=lambda pair: pair[0].order)
            except ConfigError:  # `fault` tells
                found = []
            self._told = _Told(path, text, found)
        return self._told.findings

    def _find(self, node: nodes.Module, path: str, text: str) -> Iterator[tuple[Finding, Any]]:
        workspace, paths = self._project(path)
        shown = paths.get(path) or paths.get(absolute(os.path.realpath(path)))
        if shown is None:
            return  # excluded in trueup's configuration
        source = workspace.source(shown)
        text = text.removeprefix("\ufeff")
        if isinstance(source, Source) and source.text != text:
            workspace.index()
            workspace.update({shown: text})  # an editor's buffer
        done = workspace.check_file(shown)
        yield from ((finding, HIGH) for finding in done.findings)
        codes = {note.code for note in done.notes if note.verdict == "undecided"}
        if codes:
            told = {(finding.code, finding.span) for finding in done.findings}
            for finding in asked(workspace, shown, paths, codes, node):
                if (finding.code, finding.span) not in told:
                    yield finding, INFERENCE

    def _project(self, path: str) -> tuple[Workspace, dict[str, str]]:
        config = self._linter.config
        options = CliOptions(
            config=(config.trueup_config,) if config.trueup_config else (),
            select=tuple(config.trueup_select) or None,
            ignore=tuple(config.trueup_ignore) or None,
        )
        configs = Configs.load([path], options)
        found = self._projects.get(configs.root)
        if found is None:
            configs.check_selectors({**TOOL_RULES, **registry.rules()})
            scope = discover_with_project([configs.root], configs)
            cache = Cache(os.path.join(configs.root, ".trueup_cache") if config.trueup_cache else None)
            workspace = Workspace(configs, scope.files, scope.around, cache=cache)
            found = self._projects[configs.root] = workspace, {file.absolute: file.path for file in scope.files}
        return found


# What astroid knows besides ------------------------------------------------------------------------------------------


def asked(
    workspace: Workspace, path: str, paths: Mapping[str, str], codes: Iterable[str], module: nodes.Module
) -> list[Finding]:
    """What the rules find in a file where astroid is asked for the types that trueup does not know."""
    source = workspace.source(path)
    tree = parse(source.text, path) if isinstance(source, Source) else None
    facts = workspace.project.files.get(path)
    if not isinstance(source, Source) or not isinstance(tree, ast.Module) or facts is None:
        return []
    config = workspace.configs.for_file(source.file.absolute)
    file = AstroidFile(path, source.text, tree, facts, workspace.types, config)
    file.ask(module, workspace, paths)
    known = {**TOOL_RULES, **registry.rules()}
    enabled = config.enabled_for(source.file.absolute, known)
    checkers = [one for code in sorted(codes) if code in enabled for one in registry.checkers_of(known[code])]
    done = Checked(path, [])
    run(checkers, file, done)
    return parse_suppressions(source.text).apply(done.findings, (), known, path).kept


class AstroidFile(File):
    """A file whose unknown types are looked up in astroid's inference."""

    _module: nodes.Module
    _workspace: Workspace
    _paths: Mapping[str, str]
    _places: dict[tuple[int | None, int | None, int | None, int | None], list[nodes.NodeNG]]

    def ask(self, module: nodes.Module, workspace: Workspace, paths: Mapping[str, str]) -> None:
        """Take astroid's tree of the same file; `paths`: absolute path -> path in the workspace."""
        self._workspace, self._paths = workspace, paths
        self._places = {}
        for one in module.nodes_of_class(nodes.NodeNG):
            where = (one.lineno, one.col_offset, one.end_lineno, one.end_col_offset)
            self._places.setdefault(where, []).append(one)

    def type_of(self, node: ast.expr) -> Type:
        """As trueup knows it, else as astroid does."""
        known = super().type_of(node)
        if not isinstance(without_none(known), Unknown):
            return known
        return self._inferred(node) or known

    def _inferred(self, node: ast.expr) -> Type | None:
        where = (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
        name = type(node).__name__
        there = next((one for one in self._places.get(where, ()) if type(one).__name__ == name), None)
        if there is None:
            return None
        try:
            values = there.inferred()
        except (astroid.AstroidError, RecursionError):
            return None
        types = dict.fromkeys(self._type(value) for value in values if not _is_none(value))
        return next(iter(types)) if len(types) == 1 else None

    def _type(self, value: Any) -> Type | None:
        """The type of what astroid inferred, if it is of a class of the project."""
        is_class = isinstance(value, nodes.ClassDef)
        cls = value if is_class else getattr(value, "_proxied", None)
        if not isinstance(cls, nodes.ClassDef) or (where := cls.root().file) is None:
            return None
        path = self._paths.get(absolute(where))
        facts = self._workspace.project.files.get(path) if path is not None else None
        if facts is None:
            return None
        found = next((one for one in facts.classes if one.name == cls.name and one.pos.line == cls.lineno), None)
        if found is None:
            return None
        name = f"{facts.module}.{found.qualname}"
        return ClassObject(name) if is_class else Instance(name)


def _is_none(value: Any) -> bool:
    return isinstance(value, nodes.Const) and value.value is None
