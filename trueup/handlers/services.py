"""Where a project keeps its services, in which style, and where the work of a route would be among them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from msgspec import Struct

from ..file import File
from ..index.facts import Attr, Class, FileFacts, Name
from ..infer import Inference
from ..layers import SERVICE, TEST, layer_of_file, layer_of_module
from ..libraries.fastapi import entries, files_with_entries
from ..libraries.sqlalchemy.sessions import is_session_class
from ..types import Instance

_FOLDERS = frozenset({"services", "service", "usecases", "use_cases", "usecase", "interactors"})
_ROUTERS = frozenset(
    "router routers routes route api apis endpoint endpoints view views handlers handler main app server "
    "controllers controller web rest http v0 v1 v2 v3".split()
)
"""Names of modules and folders that do not say what the routes in them are about."""
_ENDINGS = re.compile(r"_(router|routers|routes|route|api|endpoint|endpoints|views?|handlers?|controllers?|resource)$")
_CLASS = re.compile(r"Services?$")
_OPEN = frozenset({"Protocol", "ABC"})


class ServiceClass(NamedTuple):
    """A class of a service's module."""

    name: str
    qualname: str
    param: str
    """The one parameter of its `__init__`, a session that it keeps; empty if it has others, or none."""
    annotation: str
    """The class of that."""
    attribute: str
    """What it is kept as: `db` for `self.db = db`."""
    methods: tuple[str, ...]


class ServiceModule(NamedTuple):
    """A module that trueup takes for a service."""

    path: str
    module: str
    functions: int
    """How many public functions it has."""
    classes: tuple[ServiceClass, ...]


class Home(Struct, frozen=True):
    """Where the work of a route is to be."""

    path: str
    module: str
    package: str
    exists: bool
    cls: ServiceClass | None = None
    """The class it becomes a method of."""
    makes_class: bool = False
    """That class is still to be written."""


def service_modules(types: Inference) -> tuple[ServiceModule, ...]:
    """The services of a project, by path; to be asked through `types.shared`."""
    found = []
    for facts in types.project.files.values():
        if facts.is_package or layer_of_file(facts) == TEST or not _may_serve(facts):
            continue
        if any(role.kind != "dependency" for _, role in entries(types, facts)):
            continue
        functions = sum(not f.owner and not f.parent and not f.name.startswith("_") for f in facts.functions)
        classes = tuple(service_class(types, facts, one) for one in facts.classes if is_service_class(one))
        found.append(ServiceModule(facts.path, facts.module, functions, classes))
    return tuple(sorted(found))


def _may_serve(facts: FileFacts) -> bool:
    return layer_of_file(facts) == SERVICE or any(is_service_class(one) for one in facts.classes)


def is_service_class(one: Class) -> bool:
    """Whether a class is by its name a service that can be called: no protocol, nothing abstract."""
    if one.owner or one.parent or not _CLASS.search(one.name):
        return False
    bases = {base.id if isinstance(base, Name) else base.attr if isinstance(base, Attr) else "" for base in one.bases}
    return bases.isdisjoint(_OPEN) and not one.keywords


def service_class(types: Inference, facts: FileFacts, one: Class) -> ServiceClass:
    """A class of a file, and how it is made."""
    param, annotation, attribute = "", "", ""
    init = next((f for f in facts.functions if f.qualname == f"{one.qualname}.__init__"), None)
    if init is not None and len(init.params) == 2:
        kept = init.params[1]
        known = types.param_type(kept, init, facts)
        if isinstance(known, Instance) and is_session_class(types, known.cls):
            param, annotation, attribute = kept.name, known.cls, _kept_as(one, kept.name)
    return ServiceClass(one.name, f"{facts.module}.{one.qualname}", param, annotation, attribute, one.methods)


def _kept_as(one: Class, param: str) -> str:
    for field in one.attributes:
        if field.method.rpartition(".")[2] == "__init__" and field.value == Name(param):
            return field.name
    return ""


# The home of a route's work ----------------------------------------------------------------------------------------


def subject(file: File) -> str:
    """What the routes of a file are about, in the singular: `order` for `routers/orders.py` and `orders/router.py`."""
    return _subject(file.module)


def _subject(module: str) -> str:
    for word in reversed(module.split(".")):
        plain = _ENDINGS.sub("", word)
        if plain not in _ROUTERS:
            return singular(plain.strip("_"))
    return ""


def singular(word: str) -> str:
    """`category` for `categories`; a word that only ends like a plural stays."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is", "ws")) else word


def camel(name: str) -> str:
    """`OrderLine` for `order_line`."""
    return "".join(word[:1].upper() + word[1:] for word in name.split("_"))


def home(file: File, folder: str) -> Home:
    """Where the work of a file's routes goes: to the service of the same thing, else to a new one.

    `folder`: all below it can be imported as modules of the same project.
    """
    below = f"{folder}/" if folder else ""
    found = file.types.shared(service_modules)
    services = [one for one in found if one.path != file.path and one.path.startswith(below)]
    config = file.config
    if config.layers:
        said = {facts.path for facts in file.project.files.values()
                if layer_of_module(file.types, facts, config) != SERVICE}  # fmt: skip
        services = [one for one in services if one.path not in said]
    about = subject(file)
    known = _service_of(file.module, about, services)
    if known is not None:
        return Home(known.path, known.module, known.module.rpartition(".")[0], True, _one_class(known))
    path, module = _new_module(file, about, services)
    style = _style(services)
    there = file.project.files.get(path)
    if there is not None:
        return Home(path, module, module.rpartition(".")[0], True)
    return Home(path, module, module.rpartition(".")[0], False, style, style is not None)


def _one_class(known: ServiceModule) -> ServiceClass | None:
    usable = [one for one in known.classes if one.attribute]
    return usable[0] if len(known.classes) == 1 and usable else None


def _service_of(module: str, about: str, services: Sequence[ServiceModule]) -> ServiceModule | None:
    """The service that the routes of a module would call: beside it, or of the same name."""
    own, _, leaf = module.rpartition(".")
    named = {about, f"{about}_service", f"{about}s_service", f"{about}_services"}
    fitting = []
    for one in services:
        package, _, name = one.module.rpartition(".")
        beside = package == own and leaf in _ROUTERS and name in ("service", "services")
        if beside:
            return one
        # What is only called `session` in a package called `services` may well be about other sessions
        called = any(cls.name.startswith(camel(about)) for cls in one.classes)
        if about and ((name in named and (name != about or called)) or (singular(name) in named and _faces(one, own))):
            fitting.append(one)
    return max(fitting, key=lambda one: (_shared(one.module, module), one.path)) if fitting else None


def growing_modules(types: Inference) -> tuple[str, ...]:
    """The paths of the services that routes' work may go to; to be asked through `types.shared`."""
    services = service_modules(types)
    found = {one.path for one in services if one.classes}
    for facts in files_with_entries(types):
        if any(role.kind != "dependency" for _, role in entries(types, facts)):
            own = [one for one in services if one.path != facts.path]
            known = _service_of(facts.module, _subject(facts.module), own)
            found |= {known.path} if known is not None else set()
    return tuple(sorted(found))


def _faces(one: ServiceModule, package: str) -> bool:
    """Whether a module is in a folder of services as routes are in theirs: `services.public` for `routes.public`."""
    parts = one.module.split(".")[:-1]
    below = _below(one.module)
    return len(below) < len(parts) and (not below or package.split(".")[-len(below) :] == below)


def _below(module: str) -> list[str]:
    """The folders between the folder of services that a module is in and it; all of them, where it is in none."""
    parts = module.split(".")[:-1]
    at = max((number for number, part in enumerate(parts, 1) if part in _FOLDERS), default=0)
    return parts[at:]


def _shared(a: str, b: str) -> int:
    """How many parts two dotted names begin with alike."""
    count = 0
    for x, y in zip(a.split("."), b.split("."), strict=False):
        if x != y:
            break
        count += 1
    return count


def _new_module(file: File, about: str, services: list[ServiceModule]) -> tuple[str, str]:
    """(path, module) of a service that is still to be written."""
    package, _, leaf = file.module.rpartition(".")
    folder = file.path.rpartition("/")[0]
    top = file.module.partition(".")[0]
    kept = [s for s in services if _faces(s, package) and (s.module.partition(".")[0] == top or not package)]
    if kept and about:

        def near(one: ServiceModule) -> tuple[int, int, int, str]:
            below = len(_below(one.module))
            return _shared(one.module, file.module), below, below - one.module.count("."), one.path

        nearest = max(kept, key=near)
        package = nearest.module.rpartition(".")[0]
        folder = nearest.path.rpartition("/")[0]
        siblings = [one.module.rpartition(".")[2] for one in kept if one.module.rpartition(".")[0] == package]
        suffixed = sum(name.endswith("_service") for name in siblings)
        plural = sum(singular(name) != name for name in siblings)
        plain = _ENDINGS.sub("", leaf)
        name = f"{about}_service" if 2 * suffixed > len(siblings) else plain if plural else about
        name = name if name not in _ROUTERS else about
        if _is_package(file, f"{package}.{name}"):
            name = f"{about}_service"
    elif leaf in _ROUTERS:
        name = "service"
    else:
        name = f"{_ENDINGS.sub('', leaf)}_service"
    path = f"{folder}/{name}.py" if folder else f"{name}.py"
    return path, f"{package}.{name}" if package else name


def _is_package(file: File, module: str) -> bool:
    """Whether a folder has the name that a new module would have."""
    return any(name.startswith(f"{module}.") for name in file.project.modules)


def _style(services: list[ServiceModule]) -> ServiceClass | None:
    """The class that stands for how services are written, where most modules of services have one."""
    with_class = [one for one in services if any(cls.attribute for cls in one.classes)]
    if 2 * len(with_class) <= len([one for one in services if one.functions or one.classes]):
        return None
    found = [cls for one in with_class for cls in one.classes if cls.attribute]
    ways = Counter((cls.param, cls.attribute) for cls in found)
    best = max(ways, key=lambda way: (ways[way], way))
    return next(cls for cls in found if (cls.param, cls.attribute) == best)


def taken_names(facts: FileFacts) -> frozenset[str]:
    """The names that a file's top level binds."""
    return frozenset({b.name for b in facts.scope.bindings} | {i.name for i in facts.scope.imports})


def method_names(types: Inference, cls: ServiceClass) -> frozenset[str]:
    """The names of a class's methods, those of its bases too."""
    found: set[str] = set(cls.methods)
    for name in types.mro(cls.qualname).names:
        symbol = types.project.klass(name)
        found |= set(symbol.facts.methods) | {f.name for f in symbol.facts.fields} if symbol is not None else set()
    return frozenset(found)


def leads_to(types: Inference, start: FileFacts, goal: str, *, first: str = "") -> bool:
    """Whether to import one file imports another, by path: over any number of files, at their top level.

    The packages around the other do not count: they are there, or being imported, before it is. Where a module is the
    `first` that is imported at all, so are those around that instead.
    """
    project = types.project
    seen, waiting = {start.path}, [start.path]
    around = f"{first}." if first else f"{project.files[goal].module}." if goal in project.files else ""
    while waiting:
        for path in loaded_files(types, waiting.pop()):
            other = project.files[path]
            if path in seen or (other.is_package and around.startswith(f"{other.module}.")):
                continue
            if path == goal:
                return True
            seen.add(path)
            waiting.append(path)
    return False


def may_turn_back(types: Inference, home: Home, target: FileFacts) -> str:
    """The service that a module leads to and that may come to import the service which is to import the module.

    Work moves to several services at once, and each gets imports of its own. So that these never go round in a circle,
    one service gets an import of another only if that stands below it: the other leads to fewer of them, or to as
    many and comes first by its path. Empty where there is no danger.
    """
    there = types.project.files.get(home.path)
    if there is None or leads_to(types, there, target.path):
        return ""
    services = {*types.shared(growing_modules), home.path}

    def rank(path: str) -> tuple[int, str]:
        return len(services & _reached(types, path)), path

    found = sorted(services & {target.path, *_reached(types, target.path, home.module)})
    return next((types.project.files[one].module for one in found if rank(one) > rank(home.path)), "")


def _reached(types: Inference, path: str, begun: str = "") -> frozenset[str]:
    """The files that one imports, directly or not, but for the packages around it or another that has `begun`."""
    begun = begun or types.project.files[path].module
    key = ("services reached", path, begun.rpartition(".")[0])
    return types.once(key, lambda: _all_reached(types, path, f"{begun}."))


def _all_reached(types: Inference, path: str, around: str) -> frozenset[str]:
    seen, waiting = {path}, [path]
    while waiting:
        for one in loaded_files(types, waiting.pop()):
            other = types.project.files[one]
            if one not in seen and not (other.is_package and around.startswith(f"{other.module}.")):
                seen.add(one)
                waiting.append(one)
    return frozenset(seen - {path})


def loaded_files(types: Inference, path: str) -> tuple[str, ...]:
    """The paths of the project's files that one of them imports at its top level, packages around them included."""
    return types.once(("loaded files", path), lambda: _loaded_files(types, path))


def _loaded_files(types: Inference, path: str) -> tuple[str, ...]:
    found = dict[str, None]()
    for one in types.project.files[path].scope.imports:
        if one.when != "type-checking":
            found |= dict.fromkeys(files_of(types, one.full or one.module, one.attr))
    return tuple(found)


def files_of(types: Inference, module: str, name: str) -> tuple[str, ...]:
    """The paths of the project's files that `from module import name` imports, packages around them included."""
    project, found = types.project, dict[str, None]()
    names = [module, *([f"{module}.{name}"] if name else [])]
    names += [whole.rsplit(".", count)[0] for whole in names for count in range(1, whole.count(".") + 1)]
    for whole in names:
        other = project.module(whole) if project.is_own(whole) else None
        if other is not None and other.path in project.files:
            found[other.path] = None
    return tuple(found)
