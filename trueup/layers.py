"""Which layer of an application a function belongs to: router, service, repository, model, task, script or test."""

from __future__ import annotations

import os
import re

from .config import Config
from .index.facts import FileFacts
from .index.project import FunctionSymbol
from .infer import Inference
from .libraries.fastapi import entry

ROUTER, SERVICE, REPOSITORY, MODEL = "router", "service", "repository", "model"
TASK, SCRIPT, TEST, OTHER = "task", "script", "test", "other"

_REPOSITORY = r"(Repository|Repo|DAO|Dao|CRUD|Crud)(Base|Impl)?$|^(Base)?(CRUD|Crud|DAO|Dao)"
_CLASSES = (
    (REPOSITORY, re.compile(_REPOSITORY)),
    (SERVICE, re.compile(r"(Service|Services|Manager|UseCase|Interactor)(Base|Impl)?$")),
)
_PLACES = {
    **dict.fromkeys(("repositories", "repository", "repos", "repo", "crud", "cruds", "dao", "daos"), REPOSITORY),
    **dict.fromkeys(("services", "service", "usecases", "use_cases", "usecase", "interactors", "managers"), SERVICE),
    **dict.fromkeys(("routers", "router", "routes", "endpoints", "endpoint"), ROUTER),
    **dict.fromkeys(("models", "model", "entities", "orm"), MODEL),
    **dict.fromkeys(("tasks", "task", "jobs", "workers", "worker", "celery"), TASK),
    **dict.fromkeys(("scripts", "cli", "commands", "management", "alembic", "migrations", "seeds"), SCRIPT),
    **dict.fromkeys(("tests", "test", "conftest"), TEST),
}
_ENDINGS = (("_repository", REPOSITORY), ("_repo", REPOSITORY), ("_crud", REPOSITORY), ("_dao", REPOSITORY),
            ("_service", SERVICE), ("_router", ROUTER), ("_routes", ROUTER), ("_tasks", TASK))  # fmt: skip
"""How the names of modules end: `user_repository.py`, `auth_service.py`."""


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


def layer_of_file(facts: FileFacts) -> str:
    """The layer that the name of a module, or of a package around it, stands for."""
    words = [word.lower() for word in reversed(facts.module.split("."))]
    if any(_PLACES.get(word) == TEST for word in words) or words[0].startswith("test_") or words[0].endswith("_test"):
        return TEST
    for word in words:
        found = _PLACES.get(word)
        if found is None:
            found = next((layer for ending, layer in _ENDINGS if word.endswith(ending)), None)
        if found is not None:
            return found
    return OTHER
