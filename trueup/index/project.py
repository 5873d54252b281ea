"""All files of a project linked by name: what a name means, wherever it was imported from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import msgspec

from .facts import Binding, Class, FileFacts, Function, Import, Scope

LoadModule: TypeAlias = Callable[[str], FileFacts | None]
"""The facts of a module that is not the project's own, or None where its source is not known."""


@dataclass(frozen=True, slots=True)
class ClassSymbol:
    """A class and the file it stands in."""

    qualname: str
    file: FileFacts
    facts: Class


@dataclass(frozen=True, slots=True)
class FunctionSymbol:
    """A function or method and the file it stands in; `overloads` are all definitions of that name, in order."""

    qualname: str
    file: FileFacts
    facts: Function
    overloads: tuple[Function, ...]


@dataclass(frozen=True, slots=True)
class VariableSymbol:
    """A module-level name that is assigned, and every assignment to it."""

    qualname: str
    file: FileFacts
    name: str
    bindings: tuple[Binding, ...]


@dataclass(frozen=True, slots=True)
class ModuleSymbol:
    """A module."""

    qualname: str


@dataclass(frozen=True, slots=True)
class ForeignSymbol:
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


class Project:
    """The files of one run and, on demand, the modules of libraries they import. Read-only once built."""

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
        self._load = load
        self._aliases: dict[str, str] = {}
        self.files: dict[str, FileFacts] = {}
        """By path, sorted."""
        self.modules: dict[str, FileFacts] = {}
        """The project's own, by dotted name."""
        self._foreign: dict[str, FileFacts | None] = {}
        self._classes: dict[str, list[ClassSymbol]] = {}
        self._functions: dict[str, FunctionSymbol] = {}
        self._names: dict[tuple[str, str], Symbol | None] = {}
        self._resolving: set[tuple[str, str]] = set()
        self._scopes: dict[int, ScopeNames] = {}
        self._packages: set[str] = set()
        for facts in sorted(files, key=lambda f: f.path):
            self._add(facts)
        for alias, name in (aliases or {}).items():
            if alias not in self.modules:
                self._aliases[alias] = name
                self._enter_packages(alias)

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

    # Modules

    def module(self, name: str) -> FileFacts | None:
        """The facts of a module of the project or of a library; None where it is unknown or has no file."""
        own = self.modules.get(self._aliases.get(name, name))
        if own is not None:
            return own
        if name not in self._foreign:
            self._foreign[name] = None if name in self._packages else self._load(name)
        return self._foreign[name]

    def is_module(self, name: str) -> bool:
        """Whether a dotted name is a module or (namespace) package whose source is known."""
        return name in self.modules or name in self._packages or self.module(name) is not None

    def imported_modules(self) -> list[str]:
        """The modules of libraries that the project's files import, sorted."""
        found: set[str] = set()
        for facts in self.files.values():
            for scope in (facts.scope, *[f.scope for f in facts.functions]):
                found.update([i.module for i in scope.imports])
                found.update(scope.stars)
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
        wanted = set(packages)
        return any(not wanted.isdisjoint(facts.imported) for facts in self.files.values())

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
        if key in self._names:
            return self._names[key]
        if key in self._resolving:
            return None
        self._resolving.add(key)
        try:
            found = self._find(module, name)
        finally:
            self._resolving.discard(key)
        if not self._resolving or found is not None:
            self._names[key] = found
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
        for star in facts.scope.stars:
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

    def _index(self, facts: FileFacts) -> None:
        """Enter a file's classes and functions; done once a file, when first asked for one of them."""
        prefix = facts.module + "."
        grouped: dict[str, list[Function]] = {}
        for function in facts.functions:
            grouped.setdefault(function.qualname, []).append(function)
        for qualname, functions in grouped.items():
            # Of a property and its setter the first speaks; of a name defined twice the last does.
            chosen = functions[0] if functions[0].decorators and len(functions) > 1 else functions[-1]
            self._functions[prefix + qualname] = FunctionSymbol(prefix + qualname, facts, chosen, tuple(functions))
        for klass in facts.classes:
            self._classes.setdefault(prefix + klass.qualname, []).append(
                ClassSymbol(prefix + klass.qualname, facts, klass)
            )
        self._classes.setdefault(prefix, [])

    def _indexed(self, qualname: str) -> bool:
        facts = self._split(qualname)
        if facts is None:
            return False
        if facts.module + "." not in self._classes:
            self._index(facts)
        return True

    def klass(self, qualname: str) -> ClassSymbol | None:
        """A class by its qualified name; of several definitions under one name, the last."""
        found = self._classes.get(qualname)
        if found is None and self._indexed(qualname):
            found = self._classes.get(qualname)
        return found[-1] if found else None

    def function(self, qualname: str) -> FunctionSymbol | None:
        """A function or method by its qualified name."""
        found = self._functions.get(qualname)
        if found is None and self._indexed(qualname):
            found = self._functions.get(qualname)
        return found

    def classes(self) -> Iterator[ClassSymbol]:
        """The project's own classes, by path and line."""
        for facts in self.files.values():
            for klass in facts.classes:
                yield ClassSymbol(f"{facts.module}.{klass.qualname}", facts, klass)

    def functions(self) -> Iterator[FunctionSymbol]:
        """The project's own functions and methods, by path and line; each definition on its own."""
        for facts in self.files.values():
            for function in facts.functions:
                yield FunctionSymbol(f"{facts.module}.{function.qualname}", facts, function, (function,))


def _is_none(binding: Binding) -> bool:
    return getattr(binding.value, "kind", "") == "none"
