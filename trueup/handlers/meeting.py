"""Where the work of a route meets its service: which class gets it, and how the route calls it there."""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ..imports import AddImport
from ..layers import SERVICE, layer_of_module
from ..types import Instance
from .inputs import Annotations, Input
from .moving import absolute, arguments, uses
from .raising import Errors
from .services import (
    Home,
    ServiceClass,
    camel,
    files_of,
    is_service_class,
    leads_to,
    method_names,
    service_class,
    subject,
    taken_names,
)
from .work import Work


@dataclass(slots=True)
class Holder:
    """The class that gets a method, and the route's parameter that leads to an object of it."""

    given: Input
    cls: ServiceClass
    makes: bool
    """The route makes the object of the parameter; else the parameter is the object."""
    alias: str = ""


class Meeting:
    """The place of one route's work in a service."""

    def __init__(self, work: Work, annotations: Annotations) -> None:
        self.work = work
        self.annotations = annotations

    def served(self, names: Sequence[str]) -> str:
        """The one parameter that is a service of the project, whose class is then to get the work."""
        served = [(name, one) for name in names if (one := self._service(name)) is not None]
        if len(served) != 1:
            return ""
        [(name, (cls, path, module))] = served
        self.work.home = Home(path, module, module.rpartition(".")[0], True, cls)
        return name

    def holder(self, inputs: Sequence[Input], bound: set[str], served: str) -> Holder | None:
        """The class that the work becomes a method of, and by which of its parameters the route has one."""
        usable = [one for one in inputs if one.name not in bound]
        cls_of_home = self.work.home.cls
        if "self" in bound:
            return None
        for one in usable:
            if one.name == served and cls_of_home is not None:
                return Holder(one, cls_of_home, False)
        sessions = [one for one in usable if one.is_session]
        if cls_of_home is None or len(sessions) != 1:
            return None
        [given_session] = sessions
        if self.work.home.makes_class:
            name = f"{camel(subject(self.work.file)) or 'Route'}Service"
            return Holder(given_session, cls_of_home._replace(name=name, methods=()), True)
        kind = self.annotations.type_of(given_session.name)
        if not isinstance(kind, Instance) or not self.work.types.is_subclass(kind.cls, cls_of_home.annotation):
            return None
        return Holder(given_session, cls_of_home, True)

    def _service(self, name: str) -> tuple[ServiceClass, str, str] | None:
        """The service's class that a parameter is an object of, with the path and name of its module."""
        kind = self.annotations.type_of(name)
        symbol = self.work.types.project.klass(kind.cls) if isinstance(kind, Instance) else None
        if (
            symbol is None
            or symbol.file.path not in self.work.types.project.files
            or symbol.file.path == self.work.file.path
        ):
            return None
        if not is_service_class(symbol.facts):
            return None
        if layer_of_module(self.work.types, symbol.file, self.work.file.config) != SERVICE:
            return None
        return service_class(self.work.types, symbol.file, symbol.facts), symbol.file.path, symbol.file.module

    def place(self, holder: Holder | None, taken: Collection[str]) -> None:
        """Whether the work can be where it is to be: no name is taken, no import goes round in a circle."""
        project = self.work.types.project
        facts = project.files.get(self.work.home.path)
        name = self.work.name
        if holder is not None and not self.work.home.makes_class:
            if name in method_names(self.work.types, holder.cls):
                self.work.refuse(f"`{holder.cls.name}` has a `{name}` already")
        elif holder is None and (name in taken or (facts is not None and name in taken_names(facts))):
            self.work.refuse(f"the name `{name}` is taken where it would go")
        if facts is not None and leads_to(self.work.types, facts, self.work.file.path):
            self.work.refuse(f"`{self.work.home.module}` imports this file")
        package = project.module(self.work.home.package) if self.work.home.package else None
        above = self.work.file.module.startswith(f"{self.work.home.package}.")
        if package is not None and not above and leads_to(self.work.types, package, self.work.file.path):
            self.work.refuse(f"`{self.work.home.package}` imports this file")
        if holder is not None:
            self._rename(holder)

    def check_imports(self) -> None:
        """What the service's module has already need not be imported there, and must be the same."""
        for one in (*self.work.imports.values(), *self.work.more_imports):
            known = self.is_there(one)
            if known is False:
                self.work.refuse(f"`{one.local}` means something else where it would go")
            elif known:
                self.work.known.add(one)

    def check_first(self) -> None:
        """Whether the service's module can be the first that is imported, where the route imports names from it.

        It would import the route's file, which would then find none of these names in it.
        """
        project, home, types = self.work.types.project, self.work.home, self.work.types
        there = project.files.get(home.path)
        starts = [(one.full or one.module, one.attr) for one in (there.scope.imports if there is not None else ())
                  if one.when != "type-checking"]  # fmt: skip
        wanted = [*self.work.imports.values(), *self.work.more_imports]
        starts += [(absolute(one.module, home.package), one.name) for one in wanted if not one.type_checking]
        for module, name in starts:
            for path in files_of(types, module, name):
                other = project.files[path]
                if other.is_package and home.module.startswith(f"{other.module}."):
                    continue
                if path == self.work.file.path or leads_to(types, other, self.work.file.path, first=home.module):
                    self.work.refuse(f"`{module}`, which it needs, imports this file")
                    return

    def is_there(self, one: AddImport) -> bool | None:
        """Whether the service's module has a name in the meaning of an import; False: it has it in another."""
        project, home = self.work.types.project, self.work.home
        there = project.lookup(home.module, one.local) if home.exists else None
        facts = project.files.get(home.path)
        if there is None or facts is None:
            return None
        held = [held for held in facts.scope.imports if held.name == one.local]
        if held and all(held.when == "type-checking" for held in held) and not one.type_checking:
            return None
        module = absolute(one.module, home.package)
        here = project.lookup(module, one.name) if one.name else None
        found = here.qualname if here is not None else f"{module}.{one.name}" if one.name else module
        return there.qualname == found

    def _rename(self, holder: Holder) -> None:
        """In a method, what the route was given is the object itself, or what it keeps."""
        data = self.work.file.text.encode()
        new = f"self.{holder.cls.attribute}" if holder.makes else "self"
        edits = []
        for node in [n for one in self.work.block for n in uses(self.work.file, [one], holder.given.name)]:
            start, end = self.work.span(node)
            if data[start:end] != holder.given.name.encode():  # inside an f-string, before Python 3.12
                holder.alias = holder.given.name
                return
            edits.append((start, end, new))
        self.work.edits += edits

    def route_side(
        self, holder: Holder | None, errors: Errors | None
    ) -> tuple[str, str, tuple[AddImport, ...], str] | None:
        """How the route calls the service, how it names its errors, and the imports for that."""
        module = self.work.names.module_text(self.work.home.module, self.work.names.package)
        if module is None:
            self.work.refuse("its module could not be imported from here")
            return None
        wanted: list[AddImport] = []
        if holder is None:
            name = self._module_name(module, wanted)
            return name, f"{name}.{errors.base}" if errors is not None else "", tuple(wanted), ""
        if holder.makes:
            local = self._local(module, holder.cls.name, wanted)
            on = f"{local}({holder.given.name})"
        else:
            on = holder.given.name
        caught = self._local(module, errors.base, wanted) if errors is not None else ""
        return on, caught, tuple(wanted), holder.alias

    def _local(self, module: str, name: str, wanted: list[AddImport]) -> str:
        """By which name the route has something of the service's module."""
        for local, (node, alias) in self.work.names.imports.items():
            is_it = isinstance(node, ast.ImportFrom) and alias.name == name
            if is_it and self.is_home(self.work.names.source(local)) and not self._is_own(local):
                return local
        if self._is_used(name):
            self.work.refuse(f"the name `{name}` means something else in this file")
        wanted.append(AddImport(module, name))
        return name

    def _module_name(self, module: str, wanted: list[AddImport]) -> str:
        for local, (node, alias) in self.work.names.imports.items():
            source = self.work.names.source(local)
            whole = isinstance(node, ast.Import) and alias.asname is not None and self.is_home(source)
            part = isinstance(node, ast.ImportFrom) and self.is_home(f"{source}.{alias.name}")
            if (whole or part) and not self._is_own(local):
                return local
        package, _, leaf = module.rpartition(".")
        if module.startswith(".") and not package.strip("."):
            package = module[: len(module) - len(leaf)]
        best = leaf if "service" in leaf else f"{leaf}_service"
        name = next(
            one for one in (best, f"{leaf}_module", *(f"{best}_{n}" for n in range(2, 99))) if not self._is_used(one)
        )
        alias_ = name if name != leaf else None
        wanted.append(AddImport(package, leaf, alias_) if package else AddImport(leaf, "", alias_))
        return name

    def is_home(self, module: str) -> bool:
        """Whether a module is the one that the work goes to."""
        found = self.work.types.project.module(module) if self.work.types.project.is_own(module) else None
        return found is not None and found.path == self.work.home.path

    def _is_used(self, name: str) -> bool:
        """Whether a name means something in the file or the route."""
        return (
            self.work.names.is_bound(name)
            or any(True for _ in uses(self.work.file, [self.work.handler], name))
            or self._is_own(name)
        )

    def _is_own(self, name: str) -> bool:
        """Whether the route binds a name for itself."""
        handler = self.work.handler
        bound = any(not isinstance(one.ctx, ast.Load) for one in uses(self.work.file, [handler], name))
        return bound or name in {one.arg for one in arguments(handler)}
