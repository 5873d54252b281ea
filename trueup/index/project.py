"""All files of a project linked by name: what a name means, wherever it was imported from."""

from __future__ import annotations

from collections.abc import Callable, Hashable, ItemsView, Iterable, Iterator, Mapping, ValuesView
from typing import TypeAlias

import msgspec
from msgspec import Struct

from .facts import Binding, Class, FileFacts, Function, Import, Scope

_FARTHEST = 100
"""A name that so many modules hand on is followed no farther: Python's stack does not hold rings of hundreds."""

LoadModule: TypeAlias = Callable[[str], FileFacts | None]
"""The facts of a module that is not the project's own, or None where its source is not known."""


class ClassSymbol(Struct, frozen=True):
    """A class and the file it stands in."""

    qualname: str
    file: FileFacts
    facts: Class


class FunctionSymbol(Struct, frozen=True):
    """A function or method and the file it stands in; `overloads` are all definitions of that name, in order."""

    qualname: str
    file: FileFacts
    facts: Function
    overloads: tuple[Function, ...]


class VariableSymbol(Struct, frozen=True):
    """A module-level name that is assigned, and every assignment to it."""

    qualname: str
    file: FileFacts
    name: str
    bindings: tuple[Binding, ...]


class ModuleSymbol(Struct, frozen=True):
    """A module."""

    qualname: str


class ForeignSymbol(Struct, frozen=True):
    """Something of a library whose source is not known."""

    qualname: str


Symbol: TypeAlias = ClassSymbol | FunctionSymbol | VariableSymbol | ModuleSymbol | ForeignSymbol


class ScopeNames:
    """A scope's names, looked up many times: built once a scope, when first asked."""

    __slots__ = ("bindings", "imports")

    def __init__(self, scope: Scope) -> None:
        self.bindings: dict[str, list[Binding]] = {}
        self.imports: dict[str, list[Import]] = {}
        for binding in sorted(scope.bindings, key=lambda b: (b.line, b.column)):
            self.bindings.setdefault(binding.name, []).append(binding)
        for one in scope.imports:
            self.imports.setdefault(one.name, []).append(one)


class Files(dict[str, FileFacts]):
    """Path -> facts of the project's own files; to look at one, or through all, is noted as read."""

    def __init__(self, project: Project) -> None:
        super().__init__()
        self._project = project

    def __getitem__(self, path: str) -> FileFacts:
        found = super().__getitem__(path)
        self._project.note_file(found)
        return found

    def get(self, path: str, default: object = None) -> FileFacts | None:  # type: ignore[override]
        """The facts of a file; None for a path that is none of the project's."""
        found = super().get(path)
        if found is not None:
            self._project.note_file(found)
        return found

    def values(self) -> ValuesView[FileFacts]:  # type: ignore[override]
        """All files, by path."""
        self._project.note_all()
        return super().values()

    def items(self) -> ItemsView[str, FileFacts]:  # type: ignore[override]
        """All paths with their files."""
        self._project.note_all()
        return super().items()


class Project:
    """The files of one run and, on demand, the modules of libraries they import. Read-only once built.

    It notes which of its own files are looked at: `reads` has a bit for each (`bits_of`), added whenever something of
    that file is handed out. Whoever wants to know what an answer rests on sets it to 0 before and reads it after.
    That a path or a module exists at all, and what libraries hold, is not noted: these are the same all run long.
    """

    def __init__(
        self,
        files: Iterable[FileFacts],
        load: LoadModule,
        aliases: Mapping[str, str] | None = None,
        folder: str = "",
    ) -> None:
        """`aliases`: other names modules of the project go by -> the name they have in their facts.

        `folder`: what the paths of the files are relative to.
        """
        self.folder = folder
        self.reads = 0
        self._bits: dict[str, int] = {}
        self._bit_names: list[Hashable] = []
        self._load = load
        self._aliases: dict[str, str] = {}
        self.files = Files(self)
        """By path, sorted."""
        self.modules: dict[str, FileFacts] = {}
        """The project's own, by dotted name: to see which there are; `module` gives their facts."""
        self._foreign: dict[str, FileFacts | None] = {}
        self._classes: dict[str, list[ClassSymbol]] = {}
        self._functions: dict[str, FunctionSymbol] = {}
        self._with_classes: set[str] = set()
        """The modules whose classes are in `_classes`; they are entered when one of them is asked for."""
        self._with_functions: set[str] = set()
        self._names: dict[tuple[str, str], tuple[Symbol | None, int]] = {}
        self._imported: set[str] | None = None
        """The top-level packages that any of the files imports."""
        self._resolving: set[tuple[str, str]] = set()
        self._is_cut = False
        """Whether one of the names that are being resolved was given up."""
        self._scopes: dict[int, ScopeNames] = {}
        self._packages: set[str] = set()
        for facts in sorted(files, key=lambda f: f.path):
            self._add(facts)
        for alias, name in (aliases or {}).items():
            if alias not in self.modules:
                self._aliases[alias] = name
                self._enter_packages(alias)
        for facts in dict.values(self.files):
            self._bits[facts.module] = 1 << len(self._bit_names)
            self._bit_names.append(facts.path)
        self.reads = 0
        self.own_bits = (1 << len(self._bit_names)) - 1
        self._other_bits: dict[Hashable, int] = {}

    # What is read

    def note_file(self, facts: FileFacts) -> None:
        """Something of a file is handed out."""
        self.reads |= self._bits.get(facts.module, 0)

    def note_all(self) -> None:
        """Something is handed out that any of the project's files could change."""
        self.reads |= self.own_bits

    def note(self, what: Hashable) -> None:
        """Something other than a file is handed out, known by a name of its own."""
        bit = self._other_bits.get(what)
        if bit is None:
            bit = self._other_bits[what] = 1 << len(self._bit_names)
            self._bit_names.append(what)
        self.reads |= bit

    def noted(self, files: int, others: Iterable[Hashable]) -> int:
        """The bits of some files, with those of what else is noted by these names; `reads` stays what it was."""
        before, self.reads = self.reads, files
        for what in others:
            self.note(what)
        found, self.reads = self.reads, before
        return found

    def continues(self, earlier: Project) -> bool:
        """Whether this is an earlier project with other texts; what was noted there by a bit is so here too."""
        if self._bits != earlier._bits or self._other_bits:
            return False
        self._other_bits, self._bit_names = dict(earlier._other_bits), list(earlier._bit_names)
        return True

    def bits_of_others(self, names: Iterable[Hashable]) -> int:
        """The bits of what was noted by such names."""
        bits = 0
        for name in names:
            bits |= self._other_bits.get(name, 0)
        return bits

    def bits_of(self, paths: Iterable[str]) -> int:
        """The bits of some of the project's files."""
        bits = 0
        for path in paths:
            bits |= self._bits[dict.__getitem__(self.files, path).module]
        return bits

    def named(self, reads: int) -> tuple[Hashable, ...]:
        """What the bits of `reads` stand for: paths of files, and what was noted under other names."""
        names = []
        while reads:
            lowest = reads & -reads
            names.append(self._bit_names[lowest.bit_length() - 1])
            reads ^= lowest
        return tuple(names)

    def _add(self, facts: FileFacts) -> None:
        module = facts.module
        taken = self.modules.get(module)
        if taken is not None:
            # Two files of one dotted name: `.pyi` gives way to `.py`, else the first path keeps the name.
            if taken.path.endswith(".pyi") and facts.path.endswith(".py"):
                self.modules[module] = facts
            number = 2
            while f"{module}#{number}" in self.modules:
                number += 1
            if self.modules[module] is taken:
                facts = msgspec.structs.replace(facts, module=f"{module}#{number}")
            else:
                renamed = msgspec.structs.replace(taken, module=f"{module}#{number}")
                self.modules[renamed.module] = self.files[renamed.path] = renamed
        self.modules[facts.module] = facts
        self.files[facts.path] = facts
        self._enter_packages(facts.module)

    def _enter_packages(self, module: str) -> None:
        while module := module.rpartition(".")[0]:
            self._packages.add(module)

    def forget(self) -> None:
        """Let go of all files: nothing is asked of it any more."""
        for kept in (
            self.files,
            self.modules,
            self._foreign,
            self._classes,
            self._functions,
            self._names,
            self._scopes,
        ):
            kept.clear()

    # Modules

    def module(self, name: str) -> FileFacts | None:
        """The facts of a module of the project or of a library; None where it is unknown or has no file."""
        own = self.modules.get(self._aliases.get(name, name))
        if own is not None:
            self.reads |= self._bits.get(own.module, 0)
            return own
        if name not in self._foreign:
            self._foreign[name] = None if name in self._packages else self._load(name)
        return self._foreign[name]

    def is_module(self, name: str) -> bool:
        """Whether a dotted name is a module or (namespace) package whose source is known."""
        return name in self.modules or name in self._packages or self.module(name) is not None

    def imported_modules(self) -> list[str]:
        """The modules of libraries that the project's files import, sorted."""
        found = {name for facts in dict.values(self.files) for name in facts.modules}
        return sorted(m for m in found if m and not self.is_own(m))

    def is_own(self, qualname: str) -> bool:
        """Whether a qualified name begins with a module of the project."""
        while qualname:
            if qualname in self.modules or qualname in self._aliases:
                return True
            qualname = qualname.rpartition(".")[0]
        return False

    def imports_any(self, packages: Iterable[str]) -> bool:
        """Whether any file of the project imports one of some top-level packages."""
        if self._imported is None:
            self._imported = set[str]().union(*[facts.imported for facts in dict.values(self.files)])
        return not self._imported.isdisjoint(packages)

    def names(self, scope: Scope) -> ScopeNames:
        """The names of a scope by name."""
        found = self._scopes.get(id(scope))
        if found is None:
            found = self._scopes[id(scope)] = ScopeNames(scope)
        return found

    # Names

    def lookup(self, module: str, name: str) -> Symbol | None:
        """What `name` means at the end of a module: followed through imports to where it is defined.

        None: the module is known and has no such name (as far as can be seen: no star import of an unknown
        module hides it). Cycles of imports end in None.
        """
        module = self._aliases.get(module, module)
        key = (module, name)
        known = self._names.get(key)
        if known is not None:
            self.reads |= known[1]
            return known[0]
        if key in self._resolving:
            for open_module, _ in self._resolving:  # any of them may end the cycle elsewhere
                self.module(open_module)
            return None
        if len(self._resolving) >= _FARTHEST:
            self._is_cut = True
            return ForeignSymbol(f"{module}.{name}")
        self._resolving.add(key)
        outer, self.reads = self.reads, 0
        try:
            found = self._find(module, name)
        finally:
            self._resolving.discard(key)
            read, self.reads = self.reads, outer | self.reads
        if (not self._resolving or found is not None) and not self._is_cut:
            self._names[key] = (found, read)
        self._is_cut = self._is_cut and bool(self._resolving)
        return found

    def read(self, module: str, name: str) -> Symbol | None:
        """What `module.name` means; of a library's module every attribute is something, for stubs do not say all."""
        found = self.lookup(module, name)
        if found is None and self._aliases.get(module, module) not in self.modules and module not in self._packages:
            return ForeignSymbol(f"{module}.{name}")
        return found

    def _find(self, module: str, name: str) -> Symbol | None:
        facts = self.module(module)
        submodule = f"{module}.{name}"
        if facts is None:
            if module in self._packages:
                return ModuleSymbol(submodule) if self.is_module(submodule) else None
            return ForeignSymbol(submodule)
        names = self.names(facts.scope)
        bindings = names.bindings.get(name, [])
        for binding in reversed(bindings):
            if binding.how == "class" and (found := self.klass(submodule)) is not None:
                return found
            if binding.how == "def" and (function := self.function(submodule)) is not None:
                return function
        fallback: Symbol | None = None
        for one in sorted(names.imports.get(name, []), key=lambda i: i.when == "type-checking"):
            target = self.follow(one)
            if isinstance(target, ForeignSymbol):
                fallback = fallback or target
            elif target is not None:
                return target
        values = tuple([b for b in bindings if b.how not in ("global", "delete", "narrow")])
        if values and (fallback is None or any(b.value is not None for b in values)):
            if fallback is not None and all(_is_none(b) for b in values):
                return fallback
            return VariableSymbol(submodule, facts, name, values)
        if fallback is not None:
            return fallback
        for star in reversed(facts.scope.stars):  # what a later one brings in takes the place of what was there
            other = self.module(star)
            if other is None:
                if star not in self._packages:
                    fallback = ForeignSymbol(f"{star}.{name}") if len(facts.scope.stars) == 1 else None
                continue
            if name in other.exports if other.exports is not None else not name.startswith("_"):
                target = self.lookup(star, name)
                if target is not None and not isinstance(target, ModuleSymbol):
                    return target
        if self.is_module(submodule):
            return ModuleSymbol(submodule)
        # A name that the only, unknown star import may bring in is not known to be a builtin either way.
        return None

    def follow(self, one: Import) -> Symbol | None:
        """What one import brings in."""
        if not one.attr:
            return ModuleSymbol(one.module) if self.is_module(one.module) else ForeignSymbol(one.module)
        found = self.lookup(one.module, one.attr) if one.module else None
        if found is not None:
            return found
        dotted = f"{one.module}.{one.attr}" if one.module else one.attr
        if self.is_module(dotted):
            return ModuleSymbol(dotted)
        facts = self.module(one.module)
        if facts is not None and facts.module in self.modules:
            return None
        return ForeignSymbol(dotted)

    def locate(self, qualname: str) -> Symbol | None:
        """The symbol a canonical qualified name stands for."""
        found: Symbol | None = self.klass(qualname) or self.function(qualname)
        if found is not None:
            return found
        head, _, name = qualname.rpartition(".")
        if head and self.is_module(head):
            return self.lookup(head, name)
        return ModuleSymbol(qualname) if self.is_module(qualname) else None

    # Definitions

    def _split(self, qualname: str) -> FileFacts | None:
        """The file whose module name is the longest prefix of a qualified name; loads library modules."""
        head = qualname
        while head := head.rpartition(".")[0]:
            facts = self.module(head)
            if facts is not None:
                return facts
            if head in self._packages:
                return None
        return None

    def klass(self, qualname: str) -> ClassSymbol | None:
        """A class by its qualified name; of several definitions under one name, the last."""
        found = self._classes.get(qualname)
        if found is None and self._is_new(qualname, self._with_classes, self._enter_classes):
            found = self._classes.get(qualname)
        if not found:
            return None
        self.reads |= self._bits.get(found[-1].file.module, 0)
        return found[-1]

    def function(self, qualname: str) -> FunctionSymbol | None:
        """A function or method by its qualified name."""
        found = self._functions.get(qualname)
        if found is None and self._is_new(qualname, self._with_functions, self._enter_functions):
            found = self._functions.get(qualname)
        if found is not None:
            self.reads |= self._bits.get(found.file.module, 0)
        return found

    def _is_new(self, qualname: str, entered: set[str], enter: Callable[[FileFacts], None]) -> bool:
        """Whether the file that a name would be defined in was not entered before; it is now."""
        facts = self._split(qualname)
        if facts is None or facts.module in entered:
            return False
        entered.add(facts.module)
        enter(facts)
        return True

    def _enter_classes(self, facts: FileFacts) -> None:
        for klass in facts.classes:
            name = f"{facts.module}.{klass.qualname}"
            self._classes.setdefault(name, []).append(ClassSymbol(name, facts, klass))

    def _enter_functions(self, facts: FileFacts) -> None:
        grouped: dict[str, list[Function]] = {}
        for function in facts.functions:
            grouped.setdefault(function.qualname, []).append(function)
        for qualname, functions in grouped.items():
            # Of a property and its setter the first speaks; of a name defined twice the last does.
            chosen = functions[0] if functions[0].decorators and len(functions) > 1 else functions[-1]
            name = f"{facts.module}.{qualname}"
            self._functions[name] = FunctionSymbol(name, facts, chosen, tuple(functions))

    def classes(self) -> Iterator[ClassSymbol]:
        """The project's own classes, by path and line."""
        for facts in self.files.values():
            yield from classes_in(facts)

    def functions(self) -> Iterator[FunctionSymbol]:
        """The project's own functions and methods, by path and line; each definition on its own."""
        for facts in self.files.values():
            for function in facts.functions:
                yield FunctionSymbol(f"{facts.module}.{function.qualname}", facts, function, (function,))


def classes_in(file: FileFacts) -> Iterator[ClassSymbol]:
    """The classes of one file, in source order; each definition on its own."""
    for klass in file.classes:
        yield ClassSymbol(f"{file.module}.{klass.qualname}", file, klass)


def _is_none(binding: Binding) -> bool:
    return getattr(binding.value, "kind", "") == "none"
