"""Which layer of an application a function or file is of: router, service, repository, model, schema, core..."""

from __future__ import annotations

import os
import re
from functools import cache

from .config import Config
from .index.facts import FileFacts, Function, Import, Param
from .index.project import ClassSymbol, FunctionSymbol, VariableSymbol, classes_in
from .infer import Inference
from .libraries.fastapi import entries, entry
from .libraries.pydantic.models import is_model, is_settings
from .libraries.sqlalchemy.mapping import mapping
from .libraries.sqlalchemy.sessions import is_session_class
from .types import Instance

ROUTER, SERVICE, REPOSITORY, MODEL = "router", "service", "repository", "model"
SCHEMA, DEPENDENCY, CORE = "schema", "dependency", "core"
TASK, SCRIPT, TEST, OTHER = "task", "script", "test", "other"

RANKS = {CORE: 0, MODEL: 1, SCHEMA: 1, REPOSITORY: 2, SERVICE: 3, ROUTER: 4}
"""The layers that stand above each other: who has the greater number imports the others.

Dependencies stand beside them: they put together what is in all of them.
"""

_REPOSITORY = r"(Repository|Repo|DAO|Dao|CRUD|Crud)(Base|Impl)?$|^(Base)?(CRUD|Crud|DAO|Dao)"
_CLASSES = (
    (REPOSITORY, re.compile(_REPOSITORY)),
    (SERVICE, re.compile(r"(Service|Services|Manager|UseCase|Interactor)(Base|Impl)?$")),
)
_MODELS = frozenset({"models", "model", "entities", "orm"})
_PLACES = {
    **dict.fromkeys(("repositories", "repository", "repos", "repo", "crud", "cruds", "dao", "daos"), REPOSITORY),
    **dict.fromkeys(("services", "service", "usecases", "use_cases", "usecase", "interactors", "managers"), SERVICE),
    **dict.fromkeys(("routers", "router", "routes", "endpoints", "endpoint"), ROUTER),
    **dict.fromkeys(_MODELS, MODEL),
    **dict.fromkeys(("tasks", "task", "jobs", "workers", "worker", "celery"), TASK),
    **dict.fromkeys(("scripts", "cli", "commands", "management", "alembic", "migrations", "seeds"), SCRIPT),
    **dict.fromkeys(("tests", "test", "testing", "conftest"), TEST),
}
_BELOW = {
    **dict.fromkeys(("schemas", "schema", "dto", "dtos"), SCHEMA),
    **dict.fromkeys(("dependencies", "dependency", "deps"), DEPENDENCY),
    **dict.fromkeys(("core", "config", "settings", "database", "db"), CORE),
}
"""What files that are of no other layer are called, or the folder they stand in."""
_ENDINGS = (("_repository", REPOSITORY), ("_repo", REPOSITORY), ("_crud", REPOSITORY), ("_dao", REPOSITORY),
            ("_service", SERVICE), ("_router", ROUTER), ("_routes", ROUTER), ("_tasks", TASK))  # fmt: skip
"""How the names of modules end: `user_repository.py`, `auth_service.py`."""

_CLONED = frozenset({"repo", "repos"})
_VAGUE = _MODELS.union("repo repos manager managers router routers routes endpoint endpoints".split())
"""Names of modules and folders that stand for other things as well: a Git repository, a model of machine learning."""
_VAGUE_CLASSES = ("Manager", "Repo")


def layer_of(types: Inference, function: FunctionSymbol, config: Config) -> str:
    """The layer of a function.

    What the configuration says of its file comes first, then that it is a route, then the name of its class, then
    the name of its module and those of the folders around it, the nearest first.
    """
    said = config.layer_of(os.path.join(types.project.folder, function.file.path)) if config.layers else None
    if said is not None:
        return said
    place = layer_of_file(function.file)
    if place == TEST:
        return TEST
    role = entry(types, function)
    if role is not None and role.kind != "dependency":
        return ROUTER
    owner = function.facts.owner.rpartition(".")[2]
    for layer, pattern in _CLASSES:
        if owner and pattern.search(owner):
            return layer
    return place


def layer_of_module(types: Inference, facts: FileFacts, config: Config) -> str:
    """The layer of a whole file.

    What the configuration says comes first, then that it has tests' place, routes or mapped classes, then the names of
    its classes where these agree, then its own name and those of the folders around it. A folder called `models` makes
    no model layer of what is in it: that may as well be schemas, or what machines have learned.
    """
    said = config.layer_of(os.path.join(types.project.folder, facts.path)) if config.layers else None
    if said is not None:
        return said
    return types.remember(("layer", facts.path), lambda: _layer_of_module(types, facts), OTHER)


def _layer_of_module(types: Inference, facts: FileFacts) -> str:
    place = layer_of_file(facts)
    if place in (TEST, SCRIPT):
        return place
    if any(role.kind != "dependency" for _, role in entries(types, facts)):
        return ROUTER
    where = mapping(types)
    if any(where.is_declarative(one.qualname) or where.is_sqlmodel_table(one) for one in classes_in(facts)):
        return MODEL
    clear = [one.name for one in facts.classes if not one.name.endswith(_VAGUE_CLASSES)]
    named = {layer for name in clear for layer, pattern in _CLASSES if pattern.search(name)}
    if len(named) == 1:
        return named.pop()
    if _holds_schemas(types, facts):
        return SCHEMA
    words = [word for word in _nearest(facts) if word not in _VAGUE and not word.endswith("_repo")]
    found = _by_words([*words]) if words else OTHER
    return found if found != OTHER else _other_layer(types, facts, words)


def _nearest(facts: FileFacts) -> list[str]:
    """The name of a module and of those folders around it that say more of it than farther ones.

    Of `services/database/models/user/guards.py` and `services/deps.py` it is not said that they are services.
    """
    words = facts.module.lower().split(".")
    for number in range(len(words) - 1, 0, -1):
        if words[number] in _BELOW:
            return words[number:]
        if words[number] in _MODELS:
            return words[number + 1 :]
        if _by_words([words[number]]) != OTHER and words[number] not in _VAGUE:
            break
    return words


def _other_layer(types: Inference, facts: FileFacts, words: list[str]) -> str:
    """The layer of a file that is no router's, service's, repository's or model's by its name: by what it holds first.

    Functions that FastAPI calls make dependencies; settings, engines and makers of
    sessions, the core; functions that are given a session, in a file that knows nothing of HTTP, a repository.
    """
    own = [one for one in facts.classes if not one.owner and not one.parent]
    functions = [one for one in facts.functions if not one.owner and not one.parent]
    if entries(types, facts):
        return DEPENDENCY
    if not _MAKERS.isdisjoint(facts.called) or any(is_settings(types, f"{facts.module}.{c.qualname}") for c in own):
        return CORE
    if functions and _SESSION_LIBRARIES & set(facts.imported) and not {"fastapi", "starlette"} & set(facts.imported):
        given = [one for one in functions if any(_is_session(types, p, one, facts) for p in one.params)]
        if 2 * len(given) > len(functions):
            return REPOSITORY
    return next((_BELOW[word] for word in reversed(words[-2:]) if word in _BELOW), OTHER)


_MAKERS = frozenset({"create_engine", "create_async_engine", "sessionmaker", "async_sessionmaker"})
_SESSION_LIBRARIES = {"sqlalchemy", "sqlmodel"}


def _holds_schemas(types: Inference, facts: FileFacts) -> bool:
    """Whether a file holds models of Pydantic and enumerations and nothing else."""
    own = [one for one in facts.classes if not one.owner and not one.parent]
    if not own or any(not one.owner and not one.parent for one in facts.functions):
        return False
    return all(_is_schema(types, f"{facts.module}.{one.qualname}") for one in own)


def _is_schema(types: Inference, name: str) -> bool:
    if is_settings(types, name):
        return False
    return is_model(types, name) is True or types.is_subclass(name, "enum.Enum") is True


def _is_session(types: Inference, param: Param, function: Function, facts: FileFacts) -> bool:
    kind = types.param_type(param, function, facts) if param.annotation is not None else None
    return isinstance(kind, Instance) and is_session_class(types, kind.cls)


def looks_up(source: str, target: str) -> bool:
    """Whether an import goes from a lower layer to an upper one.

    What is put together in the core (tables, registries) may know all but the routers.
    """
    if source not in RANKS or target not in RANKS:
        return False
    return target == ROUTER if source == CORE else RANKS[target] > RANKS[source]


def imported_files(types: Inference, one: Import) -> list[FileFacts]:
    """The files of the project whose things an import brings in: where they are defined, not where it found them."""
    project = types.project
    if not one.attr:
        file = project.module(one.full or one.module)
        return [file] if file is not None and file.path in project.files else []
    file = project.module(f"{one.module}.{one.attr}")
    symbol = project.lookup(one.module, one.attr) if file is None else None
    if isinstance(symbol, ClassSymbol | FunctionSymbol | VariableSymbol):
        file = symbol.file
    return [file] if file is not None and file.path in project.files else []


def layer_of_file(facts: FileFacts) -> str:
    """The layer that the name of a module, or of a package around it, stands for."""
    return _layer_of_name(facts.module)


@cache
def _layer_of_name(module: str) -> str:
    return _by_words([word.lower() for word in module.split(".")])


def _by_words(words: list[str]) -> str:
    words.reverse()
    if words[0] in _CLONED and any(_PLACES.get(word) == SERVICE for word in words):
        del words[0]  # `services/repos.py` is about clones of Git repositories
    if any(_PLACES.get(word) == TEST for word in words) or words[0].startswith("test_") or words[0].endswith("_test"):
        return TEST
    for word in words:
        found = _PLACES.get(word)
        if found is None:
            found = next((layer for ending, layer in _ENDINGS if word.endswith(ending)), None)
        if found is not None:
            return found
    return OTHER
