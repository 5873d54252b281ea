"""From files to findings: the files of one run, indexed, checked, and changed in memory."""

from __future__ import annotations

import ast
import gc
import os
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from msgspec import structs

from . import files as fs
from .config import CliOptions, Config, Configs
from .discovery import discover_with_project, source_file
from .environment import environment
from .file import File, called_in
from .files import Kind, Problem, Source, SourceFile
from .garbage import without_gc
from .index.build import (
    Indexed,
    as_indexed,
    decode,
    encode,
    index_files,
    index_source,
    index_text,
    parse_file,
    pays,
)
from .index.cache import FACTS_VERSION, Cache, is_settled
from .index.cache import digest as digest_of
from .index.facts import FileFacts
from .index.project import Project
from .infer import Inference
from .infer.earlier import SharedKey
from .ledger import as_reads
from .libraries.source import LibrarySource
from .model import Finding, Place, Rule, Span
from .registry import Checker, checkers_of, rules
from .rests import Rest
from .run import NOTHING, Checked, Part, run, together, wants
from .standing import Standing
from .suppress import Suppressions, concerns
from .suppress import parse as parse_suppressions
from .syntax import SyntaxFault, parse
from .tool_rules import SYNTAX_ERROR, TOOL_RULES
from .triggers import Triggers
from .workers import Died, Workers

_KEEPS = 8_000_000
"""How much text a process keeps the trees of, in characters: a tree takes some twenty times as many bytes."""


_ENOUGH = 16
"""For as many files another process is begun; there are `PAYS` at least."""


_FEW = 2
"""As many files are checked before a process that stays has been told of them."""


class Workspace:
    """The files of one run. Texts given to it (`overlay`, `update`) stand for those on disk until `write`."""

    def __init__(
        self,
        configs: Configs,
        files: Sequence[SourceFile],
        context_files: Sequence[SourceFile] = (),
        *,
        problems: Sequence[Problem] = (),
        jobs: int = 1,
        cache: Cache | None = None,
        stubs: Cache | None = None,
        overlay: Mapping[str, str] | None = None,
    ) -> None:
        """`files` are checked; `context_files` only tell what the project looks like around them.

        `stubs`: a cache for what is the same in all projects; None for the project's own.
        """
        self.configs = configs
        self.files = list(files)
        self.problems = list(problems)
        self.jobs = jobs
        self.ignore_suppressions = False
        self.is_being_edited = False
        """Whether somebody is typing the texts: one that does not parse, or says nothing new, leaves the project as it
        was, as far as other files see it."""
        self.only: Part = None
        """The codes of the rules to check with; None: all that are on."""
        self.apart: Sequence[frozenset[str]] = ()
        """Rules that are checked at different times, none of them in two of these sets: what one of the sets found
        in a file is known until something changes that these rules looked at."""
        self.keeps = False
        """Whether to note what findings rest on, for `ledger`."""
        self.earlier: bytes | None = None
        """The ledger of an earlier run on the same files: what still holds of it is taken over by `check`."""
        self._cache = cache or Cache(None)
        self._stubs = stubs
        self._settled: dict[SharedKey, object] = {}
        """Answers about the project as it was before any repair."""
        self._asked: list[Part] = []
        """The rules that are checked now, those of `apart` for themselves."""
        self._standing = Standing()
        self._by_path = {f.path: f for f in sorted({*context_files, *files})}
        self._reported = {f.path for f in files}
        self._sources: dict[str, Source] = {}
        self._overlay = dict(overlay or {})
        self._facts: dict[str, FileFacts] = {}
        self._encoded: dict[str, bytes] = {}
        """Facts that were read and have not been asked for; `_decode` makes them some of `_facts`."""
        self._faults: dict[str, SyntaxFault] = {}
        self._former: dict[str, bytes] = {}
        """Encoded facts of files as they were when they were last read, where they have changed since."""
        self._reading: tuple[dict[str, os.stat_result], Iterator[Indexed]] | None = None
        self._is_read = False
        """Whether all files have been read, or found to be unreadable."""
        self._unsaved: list[tuple[str, os.stat_result, str, str, bytes | None]] = []
        self._checked: dict[str, Checked] = {}
        self._library_source: LibrarySource | None = None
        self._project: Project | None = None
        self._types: Inference | None = None
        self._known: dict[str, Rule] | None = None
        self._active: list[Rule] | None = None
        self._triggers: tuple[list[Rule], Triggers] | None = None
        """Some rules, and the triggers of these."""
        self._awake: dict[str, tuple[str, list[int]]] = {}
        """Path -> a text, and the positions of the rules for which it may hold something; only where trees are kept."""
        self._checkers: dict[str, list[Checker]] = {}
        self.lasts = False
        """Whether the processes that check stay for further checks, until `close`; else they end with the next one."""
        self.meanwhile: Callable[[], object] | None = None
        """Called once, when there are other processes and these are at work."""
        self._workers: Workers[Workspace] | None = None
        self._kept: dict[str, File] | None = None
        """Files with their trees, the one that was asked for last at the end; None where none are kept."""
        self._trees: dict[str, tuple[str, ast.Module]] = {}
        """What else was parsed, before there was a project: texts with their trees."""
        self._kept_text = 0
        """How much text all these have, in characters."""
        self._given = False
        """Whether the checkers were given by `use`; else they can be had again from their modules."""

    @classmethod
    def open(
        cls,
        paths: Sequence[str],
        configs: Configs | None = None,
        *,
        jobs: int = 1,
        cache_dir: str | os.PathLike[str] | None = None,
        overlay: Mapping[str, str] | None = None,
    ) -> Workspace:
        """The files below some paths, and around them the project they belong to."""
        configs = configs if configs is not None else Configs.load(paths, CliOptions())
        scope = discover_with_project(paths, configs)
        return cls(
            configs,
            scope.files,
            scope.around,
            problems=scope.problems,
            jobs=jobs,
            cache=Cache(os.fspath(cache_dir)) if cache_dir is not None else None,
            overlay=overlay,
        )

    # The project

    def start(self) -> None:
        """Set other processes to reading what is not known yet, which check it then; where they pay."""
        if not self._is_read and self._reading is None:
            self._begin_reading(to_check=True)

    def index(self) -> None:
        """Read what is not known yet, in order to check it; done by itself when first needed."""
        self.start()
        self._read()

    def _begin_reading(self, *, to_check: bool) -> None:
        stats, missing = self._look()
        if pays(missing, self.jobs):
            if to_check:  # imported here, they are there in every process that is forked from this one
                self._import_checkers(self._rules().values())
            self._begin_workers(len(missing))
        self._reading = stats, self._read_by_workers(missing, stats)

    def _look(self) -> tuple[dict[str, os.stat_result], list[SourceFile]]:
        """Take from the cache what still holds; the files as they are on disk, and those that have to be read."""
        wanted = [f for f in self._by_path.values() if f.path not in self._facts and f.path not in self._faults]
        wanted = [f for f in wanted if not self._from_overlay(f)]
        stats = {f.absolute: s for f in wanted if (s := _stat(f)) is not None}
        entries, known = self._cache.entries(), self._cache.facts()
        missing: list[SourceFile] = []
        for file in wanted:
            stat, entry = stats.get(file.absolute), entries.get(file.absolute)
            key, data = known.get(file.absolute, ("", b""))
            if entry is None or key != _facts_key(file, entry.digest):
                entry = None
            facts = decode(data) if entry is not None and stat is not None and is_settled(entry, stat) else None
            if facts is None:
                missing.append(file)
                if entry is not None:
                    self._former[file.path] = data
            else:
                # What a file is called depends on where trueup was started.
                self._facts[file.path] = structs.replace(facts, path=file.path)
        here = {f.absolute for f in self._by_path.values()}
        self._cache.drop_files([p for p in entries if p not in here and not os.path.exists(p)])
        return stats, missing

    def _read_by_workers(self, missing: Sequence[SourceFile], stats: Mapping[str, os.stat_result]) -> Iterator[Indexed]:
        """Have files read by the processes that are to check them; by this one where there are none."""
        if self._workers is None or not missing:
            return iter(index_files(missing))
        sizes = {file.path: stats[file.absolute].st_size for file in missing if file.absolute in stats}
        try:
            todo = [(file.path, None) for file in missing]
            shares = self._workers.ask(Workspace._parse_some, todo, sizes=sizes)
        except Died:
            shares = iter(())
        return self._told(missing, shares)

    def _told(self, missing: Sequence[SourceFile], shares: Iterator[list[Indexed]]) -> Iterator[Indexed]:
        done: set[str] = set()
        try:
            for share in shares:
                done.update(one.file.path for one in share)
                if self._workers is not None:
                    self._workers.spread(Workspace._learn, [(one.file.path, one) for one in share])
                yield from share  # while they read the next one
            self._tell(Workspace._link)
        except Died:
            self.close()
        if self._workers is None:
            yield from index_files([file for file in missing if file.path not in done])

    def _parse_some(self, todo: Sequence[tuple[str, None]]) -> list[Indexed]:
        """Read files in a process that is to check them: their trees are kept for that."""
        return [self._parse_to_keep(path) for path, _ in todo]

    def _parse_to_keep(self, path: str) -> Indexed:
        parsed = parse_file(self._by_path[path])
        if isinstance(parsed, Indexed):
            self._enter(parsed)
            return parsed
        source, tree, facts = parsed
        self._facts[path] = facts
        if self._kept_text + len(source.text) <= _KEEPS:
            self._kept_text += len(source.text)
            self._sources[path], self._trees[path] = source, (source.text, tree)
        return as_indexed(parsed)

    def _learn(self, rows: Iterable[tuple[str, Indexed]]) -> None:
        """Enter in a process that is to check files what others have read."""
        for _, one in rows:
            self._enter(one)

    def _read(self) -> None:
        if self._is_read:
            return
        is_wanted_alone = self._reading is None
        if is_wanted_alone:
            self._begin_reading(to_check=False)
        assert self._reading is not None
        stats, results = self._reading
        rows = []
        with without_gc():
            for one in results:
                self._enter(one)
                if (stat := stats.get(one.file.absolute)) is not None:
                    rows.append((one.file.absolute, stat, one.digest, _facts_key(one.file, one.digest), one.facts))
        self._reading, self._is_read = None, True
        self._unsaved += rows
        if is_wanted_alone and not self.lasts:
            self.close()

    def save(self) -> None:
        """Put what was read into the cache; a check does so by itself."""
        rows, self._unsaved = self._unsaved, []
        self._cache.put_files(rows)

    def _from_overlay(self, file: SourceFile) -> bool:
        text = self._overlay.get(file.path)
        if text is None:
            return False
        source = _from_text(file, text)
        self._sources[file.path] = source
        facts = index_source(source)
        if isinstance(facts, SyntaxFault):
            self._faults[file.path] = facts
        else:
            self._facts[file.path] = facts
        return True

    def _enter(self, one: Indexed) -> None:
        path = one.file.path
        if isinstance(one.fault, Problem):
            if one.fault.kind is Kind.SOURCE:
                self._faults[path] = SyntaxFault(one.fault.message, one.fault.line, one.fault.column)
            elif path in self._reported:
                self.problems.append(one.fault)
            return
        if one.fault is not None:
            self._faults[path] = one.fault
            return
        if one.facts is not None:
            self._encoded[path] = one.facts

    def _decode(self) -> None:
        """Make facts of what was read: only when they are asked for, since it is other processes that check."""
        encoded, self._encoded = self._encoded, {}
        self._facts.update({path: facts for path, data in encoded.items() if (facts := decode(data)) is not None})

    @property
    def project(self) -> Project:
        """All files, linked."""
        if self._project is None:
            self._read()
            self._link()
        assert self._project is not None
        return self._project

    def _libraries(self, search: Sequence[Path]) -> LibrarySource:
        if self._library_source is None:
            self._library_source = LibrarySource(search, self._cache, self._stubs)
        return self._library_source

    def _link(self, changed: Collection[str] | None = None) -> None:
        """Put what is known of the files together; `changed`: those with other texts than before, where it is known."""
        self._decode()
        root = Path(self.configs.root)
        config = self.configs.for_folder(self.configs.root)
        search = environment(root, [root / p for p in config.python_path])
        aliases: dict[str, str] = {}
        for path, facts in sorted(self._facts.items()):
            for alias in self._by_path[path].aliases:
                aliases.setdefault(alias, facts.module)
        libraries = self._libraries(search)
        self._project = Project(self._facts.values(), libraries, aliases, self.configs.cwd)
        earlier, self._types = self._types, Inference(self._project)
        self._types.settle(self._settled)
        if changed is not None and earlier is not None:
            self._types.take_over(earlier, changed)
        self._active = None
        self._standing.begin()
        # Read here, a stub is there for every process that is forked from this one.
        for module in ["builtins", "typing", "collections.abc", *self._project.imported_modules()]:
            if libraries.has_stub(module):
                self._project.module(module)
        libraries.keep()

    @property
    def types(self) -> Inference:
        """The types of the project."""
        _ = self.project
        assert self._types is not None
        return self._types

    # Checking

    def use(self, checkers: Sequence[Checker]) -> None:
        """Check with these instead of all that are installed."""
        self.close()
        self._keep()
        self._checkers, self._given = {}, True
        for checker in checkers:
            self._checkers.setdefault(checker.rule.code, []).append(checker)
        self._known = {**TOOL_RULES, **{c.rule.code: c.rule for c in checkers}}
        self._active = self._triggers = None

    def check(self, paths: Collection[str] | None = None) -> list[Finding]:
        """The findings of all files, or of some, in the order they are shown in; suppressed ones left out."""
        self.index()
        wanted = sorted(self._reported if paths is None else self._reported & set(paths))
        parts = self._asked = self._parts()
        findings: list[Finding] = []
        with without_gc():
            found = [self._found_before(part) if paths is None else {} for part in parts]
            todo = {path: [n for n, known in enumerate(found) if path not in known] for path in wanted}
            for number, one in self._check_all([(path, numbers) for path, numbers in todo.items() if numbers]):
                found[number][one.path] = one
            for path in wanted:
                one = self._checked[path] = together([known[path] for known in found])
                findings += one.findings
            self.save()
            if self.keeps:
                for part, known in zip(parts, found, strict=True):
                    self._standing.add((part, self.ignore_suppressions), known, everywhere=paths is None)
        return sorted(findings, key=lambda f: f.order)

    def _parts(self) -> list[Part]:
        """The sets of rules that are checked now, each of which can know for itself what it found before."""
        if self.only is None:
            return [None]
        parts = [part for part in self.apart if part <= self.only]
        return [*parts] if frozenset().union(*parts) == self.only else [self.only]

    def lasting_answers(self) -> dict[SharedKey, object]:
        """What the last check found the project to be, for `settle`."""
        return self.types.lasting_answers(self._standing.asked)

    def settle(self, answers: dict[SharedKey, object]) -> None:
        """Let answers about the project as it was hold from now on."""
        self._settled = answers
        if self._types is not None:
            self._types.settle(answers)
        self._tell(Workspace.settle, answers)

    def _keep(self) -> None:
        """Note what the checks of all files rest on, before anything changes."""
        self._standing.keep(lambda: self.types, self._active_codes)

    def _found_before(self, part: Part) -> dict[str, Checked]:
        """What some rules found in files, in an earlier run or in this one, that they would find again."""
        if not self.keeps:
            return {}
        earlier, self.earlier = self.earlier, None
        mode = part, self.ignore_suppressions
        if earlier is not None:
            return self._standing.recalled(earlier, self.types, self._active_codes(), self._alike())
        return self._standing.found(mode, lambda: self.types, self._active_codes)

    def recall(self, ledger: bytes) -> None:
        """Take what an earlier run found out about the whole project, as far as it still holds; no findings."""
        self._standing.recall_answers(ledger, self.types, self._active_codes(), self._alike())

    def _alike(self) -> dict[str, str]:
        """Path -> the digest of what a file was before, where all that is known of it has stayed the same."""
        former, self._former = self._former, {}
        found: dict[str, str] = {}
        for path, data in former.items():
            before, now = decode(data), self._facts.get(path)
            if before is not None and now is not None and _say_the_same(before, now):
                found[path] = before.digest
        return found

    def _active_codes(self) -> list[str]:
        return [rule.code for rule in self._active_rules()]

    def ledger(self) -> bytes:
        """What the findings of the last check rest on, for a later run's `earlier`; needs `keeps`."""
        checked = [one for _, one in sorted(self._checked.items())]
        return self._standing.ledger(checked, self.types, self._active_codes())

    @property
    def suppressed(self) -> int:
        """How many findings comments hid when their files were last checked."""
        return sum(one.suppressed for one in self._checked.values())

    @property
    def crashed(self) -> bool:
        """Whether a rule failed on a file when that was last checked."""
        return any(one.crashed for one in self._checked.values())

    @property
    def undecided(self) -> dict[str, list[Place]]:
        """Code -> places where a rule would have to know a type that stayed Unknown."""
        found: dict[str, list[Place]] = {}
        for path in sorted(self._checked):
            for note in self._checked[path].notes:
                if note.verdict == "undecided":
                    found.setdefault(note.code, []).append(note.place)
        return found

    @property
    def verdicts(self) -> dict[str, dict[str, int]]:
        """Code -> verdict (undecided, typed, other) -> how many places."""
        found: dict[str, dict[str, int]] = {}
        for one in self._checked.values():
            for note in one.notes:
                counts = found.setdefault(note.code, {})
                counts[note.verdict] = counts.get(note.verdict, 0) + 1
        return found

    def know(self, rules: Mapping[str, Rule]) -> None:
        """Take these for all the rules there are: then only those are imported that a file calls for."""
        self._known = dict(rules)

    def _rules(self) -> dict[str, Rule]:
        """All rules by code, those about trueup's own work included."""
        if self._known is None:
            self._known = {**TOOL_RULES, **rules()}
        return self._known

    def _active_rules(self) -> list[Rule]:
        """The rules that look for something in files, and whose library the project imports."""
        if self._active is None:
            every = [rule for code, rule in self._rules().items() if code not in TOOL_RULES]
            self._active = [rule for rule in every if not rule.libraries or self.project.imports_any(rule.libraries)]
            if self._triggers is not None and self._triggers[0] != self._active:
                self._triggers = None
        return self._active

    def _checkers_of(self, rule: Rule) -> list[Checker]:
        found = self._checkers.get(rule.code)
        if found is None:
            found = self._checkers[rule.code] = checkers_of(rule)
        return found

    def _import_checkers(self, some: Iterable[Rule]) -> None:
        """Import what finds some rules' faults, as far as they are on at the root."""
        root = self.configs.root
        enabled = self.configs.for_folder(root).enabled_for(root, self._rules())
        for rule in some:
            if rule.code in enabled and rule.code not in TOOL_RULES:
                self._checkers_of(rule)

    def _check_all(self, todo: Sequence[tuple[str, Sequence[int]]]) -> Iterable[tuple[int, Checked]]:
        """What is found in files by those sets of rules of which the numbers are given."""
        if not pays(todo, self.jobs) and (self._workers is None or len(todo) <= _FEW):
            if not self.lasts:
                self.close()
            yield from self._check_here(todo)
            return
        if self._workers is None:
            self._import_checkers(self._active_rules())  # which has the files linked, so that forked processes need not
        sizes = {path: self._size(path) for path, _ in todo}
        mode = self.only, self._asked, self.ignore_suppressions, self.keeps
        done: set[str] = set()
        try:
            shares = self._begin_workers(len(todo)).ask(Workspace._check_as_asked, todo, *mode, sizes=sizes)
            if self.keeps:
                _ = self.types  # for `ledger`: linked while the others are at work
            if self.meanwhile is not None:
                self.meanwhile()
                self.meanwhile = None
            for share, rests in shares:
                self.save()
                self._standing.learn(rests)
                done.update(one.path for _, one in share)
                yield from share
        except Died:  # as where memory is short: one process may be able to do it
            self.close()
            yield from self._check_here([one for one in todo if one[0] not in done])
        if not self.lasts:
            self.close()

    def _size(self, path: str) -> int:
        """About how much code a file has."""
        facts = self._facts.get(path)
        return len(bytes(facts.encoded_functions)) if facts is not None else len(self._encoded.get(path, b""))

    def _begin_workers(self, files: int) -> Workers[Workspace]:
        if self._workers is None:
            gc.freeze()
            self._workers = Workers(self, min(self.jobs, files // _ENOUGH), Workspace._stay)
            gc.unfreeze()
        return self._workers

    def _stay(self) -> None:
        """Begin in another process."""
        self.leave_cache()
        gc.disable()
        self._workers, self._kept, self.jobs = None, {}, 1

    def _check_as_asked(
        self, todo: Sequence[tuple[str, Sequence[int]]], only: Part, asked: list[Part], is_all: bool, keeps: bool
    ) -> tuple[list[tuple[int, Checked]], dict[Hashable, Rest]]:
        self.only, self._asked, self.ignore_suppressions, self.keeps = only, asked, is_all, keeps
        found = [one for path, numbers in todo for one in self._check_apart(path, numbers)]
        return found, self._standing.rests([one for _, one in found], self.types)

    def _check_here(self, todo: Sequence[tuple[str, Sequence[int]]]) -> Iterator[tuple[int, Checked]]:
        for path, numbers in todo:
            found = self._check_apart(path, numbers)
            self._standing.rests([one for _, one in found], self.types)
            yield from found

    def _tell(self, function: Callable[..., object], *args: object) -> None:
        """Have the processes that stay call a function with their workspaces."""
        if self._workers is not None:
            try:
                self._workers.tell(function, *args)
            except Died:
                self.close()  # others are started when they are needed

    def close(self) -> None:
        """End the processes that check, where they are still there (`lasts`)."""
        if self._workers is not None:
            self._workers.close()
            self._workers = None

    def _check_apart(self, path: str, numbers: Sequence[int]) -> list[tuple[int, Checked]]:
        """What each of some sets of rules finds in a file."""
        if len(self._asked) == 1:
            return [(0, replace(self.check_file(path), looked={}))]
        asked = [part for number in numbers if (part := self._asked[number]) is not None]
        done = self.check_file(path, frozenset().union(*asked))
        looked, found = done.looked, list[tuple[int, Checked]]()
        for number, part in zip(numbers, asked, strict=True):
            bits = looked.get("", 0)
            for code in part & looked.keys():
                bits |= looked[code]
            reads = as_reads(self.types, bits) if self.keeps else NOTHING
            found.append((number, done.of_rules(part | TOOL_RULES.keys(), reads)))
        return found

    def check_file(self, path: str, only: Part = None) -> Checked:
        """What the rules find in one file, and what its comments hide of that; `only`: fewer than all asked for."""
        only = self.only if only is None else only
        done = Checked(path, [])
        project = self.project
        project.reads = 0
        source = self.source(path)
        absolute_path = self._by_path[path].absolute
        config = self.configs.for_file(absolute_path)
        enabled = config.enabled_for(absolute_path, self._rules())
        if path in self._faults:
            done.findings, done.unparsed = [self._syntax_finding(path)], True
        elif path in self._facts and isinstance(source, Source):
            self._find(source, config, enabled if only is None else only.intersection(enabled), done)
        if isinstance(source, Source) and not self.ignore_suppressions:
            self._suppress(source.text, enabled, done, is_whole=only is None)
        if self.keeps:
            done.reads = as_reads(self.types, project.reads)
        return done

    def _find(self, source: Source, config: Config, asked: Collection[str], done: Checked) -> None:
        text, path, project = source.text, source.file.path, self.project
        # By path: of two files with one module name, the project has renamed one.
        facts = project.files[path]
        done.look("", project.reads)
        active: list[Checker] = []
        called: set[str] | None = None
        # What conditions, which many rules share, say of this file, and what they looked at.
        answers: dict[object, tuple[bool, int]] = {}
        rules, types = self._active_rules(), self.types
        for index in self._woken(path, text):
            code = rules[index].code
            if code not in asked:
                continue
            for checker in self._checkers.get(code) or self._checkers_of(rules[index]):
                if checker.only_calls:
                    called = called_in(facts) if called is None else called
                    if checker.names.isdisjoint(called):
                        continue
                answer = answers.get(checker.where)
                if answer is None:
                    before, project.reads = project.reads, 0
                    answer = wants(checker, facts, types, config, done), project.reads
                    project.reads |= before
                    if code not in done.broken:  # each rule whose condition fails is told
                        answers[checker.where] = answer
                done.look(code, answer[1])
                if answer[0]:
                    active.append(checker)
        file = self._file(path, text, facts, config) if active else None
        if file is not None:
            run([c for c in active if c.rule.code not in done.broken], file, done)

    def _woken(self, path: str, text: str) -> list[int]:
        """The positions of the active rules for which a text may hold something."""
        rules = self._active_rules()
        if self._triggers is None:
            self._triggers, self._awake = (rules, Triggers([rule.triggers for rule in rules])), {}
        known = self._awake.get(path)
        if known is None or known[0] != text:
            known = text, sorted(self._triggers[1].standing_in(text))
            if self._kept is not None:
                self._awake[path] = known
        return known[1]

    def _file(self, path: str, text: str, facts: FileFacts, config: Config) -> File | None:
        """A file with its tree, which may be known from an earlier check; None for one that does not parse."""
        kept = self._kept
        known = kept.pop(path, None) if kept is not None else None
        self._kept_text -= len(known.text) if known is not None else 0
        if known is not None and known.facts is facts and known.text == text:
            file = known.anew(self.types, config)
        else:
            tree = self._tree(path, text)
            if not isinstance(tree, ast.Module):
                return None
            file = File(path, text, tree, facts, self.types, config)
        if kept is not None:
            kept[path] = file
            self._kept_text += len(text)
            while self._kept_text > _KEEPS and kept:
                self._kept_text -= len(kept.pop(next(iter(kept))).text)
        return file

    def _tree(self, path: str, text: str) -> ast.Module | SyntaxFault:
        known, tree = self._trees.pop(path, ("", None))
        self._kept_text -= len(known)
        return tree if tree is not None and known == text else parse(text, path)

    def _suppress(self, text: str, enabled: Collection[str], done: Checked, *, is_whole: bool) -> None:
        if not concerns(text, bool(done.findings)):
            return
        suppressions = parse_suppressions(text)
        if suppressions == Suppressions():
            return
        ran = [code for code in enabled if code not in done.broken and not done.unparsed and is_whole]
        applied = suppressions.apply(done.findings, ran, self._rules(), path=done.path)
        done.findings = [*applied.kept, *[u for u in applied.unused if u.code in enabled]]
        done.suppressed = len(applied.suppressed)

    def _syntax_finding(self, path: str) -> Finding:
        fault = self._faults[path]
        span = Span(0, 0, fault.line, fault.column, fault.line, fault.column)
        rule = SYNTAX_ERROR
        return Finding(path, rule.code, rule.name, rule.severity, rule.fix, fault.message, span, span, "Module")

    # Texts

    def source(self, path: str) -> Source | Problem:
        """A file as it stands now: changed text where there is some, else what is on disk."""
        found = self._sources.get(path)
        if found is None:
            file = self._by_path[path]
            overlaid = self._overlay.get(path)
            if overlaid is not None:
                found = self._sources[path] = _from_text(file, overlaid)
                return found
            return fs.read(file)
        return found

    def text(self, path: str) -> str:
        """The text of a file as it stands now; KeyError for a file that is not of this run or cannot be read."""
        source = self.source(path)
        if isinstance(source, Problem):
            raise KeyError(path)
        return source.text

    def update(self, texts: Mapping[str, str], read: Mapping[str, bytes | None] | None = None) -> None:
        """Put new texts in the place of old ones, and read the project anew; a path that is new becomes a file.

        `read`: encoded facts of such texts, where they are known.
        """
        self._keep()
        self._decode()
        changed: list[str] = []
        for path, text in texts.items():
            if path not in self._by_path:
                self._enter_new(path)
            before = self.source(path)
            if isinstance(before, Problem):
                continue
            source = self._sources[path] = before._replace(text=text)
            # The source keeps the digest of what is on disk; that of the facts says what they were read from.
            data = read.get(path) if read is not None else None
            told = decode(data) if data is not None else None
            facts = told or self._read_text(source)
            known = self._facts.get(path) if self.is_being_edited else None
            self._faults.pop(path, None)
            if isinstance(facts, SyntaxFault):
                self._faults[path] = facts
            if known is not None and (isinstance(facts, SyntaxFault) or _say_the_same(known, facts)):
                continue
            changed.append(path)
            self._facts.pop(path, None)
            if not isinstance(facts, SyntaxFault):
                self._facts[path] = facts
        if changed or not self.is_being_edited:
            self._link(changed)
        if self._workers is not None:
            told_others = {path: encode(self._facts[path]) if path in self._facts else None for path in texts}
            self._tell(Workspace._follow, dict(texts), told_others)

    def _read_text(self, source: Source) -> FileFacts | SyntaxFault:
        """The facts of a text that has just been written; its tree is kept for the check."""
        file, text = source.file, source.text
        tree = parse(text, file.path)
        if isinstance(tree, SyntaxFault):
            return tree
        if self.is_being_edited:
            before, _ = self._trees.get(file.path, ("", None))
            self._trees[file.path] = text, tree
            self._kept_text += len(text) - len(before)
        return index_text(text, file.path, file.module, file.is_package, tree)

    def _follow(self, texts: Mapping[str, str], read: Mapping[str, bytes | None]) -> None:
        """Do in a process that stays what `update` did."""
        earlier = self._types
        self.update(texts, read)
        if earlier is not None:
            earlier.forget()  # nobody looks for cycles here

    def holds(self, path: str) -> bool:
        """Whether a path is one of the run's files, or of those around them."""
        return path in self._by_path

    def takes(self, path: str) -> bool | str:
        """Whether code may go into a file: True for one of the run, False for one to be made; else why not."""
        self._decode()
        if path in self._reported:
            return True if path in self._facts else "it cannot be read"
        if path in self._by_path:
            return "it is not being checked: check the whole project"
        if self._overlay:
            return "what is not read from disk makes no files"
        file = source_file(path, self.configs)
        if os.path.lexists(file.absolute):
            return "it is there, and is not being checked"
        if not os.path.isdir(os.path.dirname(file.absolute)):
            return "there is no such folder"
        return "it would be excluded" if self.configs.for_file(file.absolute).excludes_all_of(file.absolute) else False

    def _enter_new(self, path: str) -> None:
        """Make a path one of the run's files; it is empty, and is not on disk before it is written."""
        file = source_file(path, self.configs)
        self._by_path[path] = file
        self._reported.add(path)
        self.files.append(file)
        self._sources[path] = Source(file, "", "", "utf-8", False, "\n")

    def leave(self, path: str) -> None:
        """Make a file that was to be made none of the run's again."""
        self._keep()
        file = self._by_path.pop(path)
        self._reported.discard(path)
        self.files.remove(file)
        for kept in (self._sources, self._facts, self._faults, self._checked):
            kept.pop(path, None)
        self._link()
        self.close()  # it happens hardly ever

    def write(self, path: str) -> Problem | None:
        """Put a file's changed text on disk; a Problem where that failed and nothing was written."""
        before = self._sources.get(path)
        if before is None:
            return None
        problem = fs.write(before, before.text)
        if problem is None:
            self.read_again(path)
        return problem

    def read_again(self, path: str) -> str | None:
        """Take a file as it is on disk now; its text, None where it cannot be read."""
        after = fs.read(self._by_path[path])
        if isinstance(after, Problem):
            return None
        self._sources[path] = after
        return after.text

    # Other processes

    def leave_cache(self) -> None:
        """Use no cache from now on: its connection belongs to the process that opened it."""
        self._cache = Cache(None)
        if self._library_source is not None:
            self._library_source.forget_cache()

    def __getstate__(self) -> dict[str, Any]:
        self._decode()
        state = dict(self.__dict__)
        state["_facts"] = {p: encode(f) for p, f in self._facts.items()}
        state["_unsaved"] = []
        state["_standing"], state["_awake"] = Standing(), {}
        if not self._given:
            state["_checkers"] = {}
        for lost in ("meanwhile", "_workers", "_reading", "_project", "_types", "_active", "_library_source"):
            state[lost] = None
        state["_cache"], state["_stubs"] = Cache(None), None
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        facts = {p: decode(f) for p, f in state["_facts"].items()}
        self.__dict__.update(state, _facts={p: f for p, f in facts.items() if f is not None})


def _say_the_same(before: FileFacts, now: FileFacts) -> bool:
    """Whether two texts of a file differ in nothing that is known of it."""
    return encode(structs.replace(before, path=now.path, digest=now.digest)) == encode(now)


def _from_text(file: SourceFile, text: str) -> Source:
    """A text that stands for a file which may not even exist."""
    return Source(file, fs.digest_of(text.encode("utf-8", "surrogatepass")), text, "utf-8", False, "\n")


def _stat(file: SourceFile) -> os.stat_result | None:
    try:
        return os.stat(file.absolute)
    except OSError:
        return None


def _facts_key(file: SourceFile, digest: str) -> str:
    return digest_of(str(FACTS_VERSION), file.module, str(file.is_package), digest)
