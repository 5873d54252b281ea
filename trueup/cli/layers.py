"""`trueup layers`: which file is which layer, and which layers import which."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from .options import (
    CacheDir,
    Color,
    ColorOption,
    ConfigFiles,
    Isolated,
    Jobs,
    NoCache,
    Paths,
    cores,
    option,
)


class Emit(StrEnum):
    """What else the layers can be written as."""

    IMPORT_LINTER = "import-linter"


def layers(
    paths: Paths = None,
    emit: Annotated[Emit | None, option("--emit", help="Print a contract for import-linter instead.")] = None,
    config: ConfigFiles = None,
    isolated: Isolated = False,
    no_cache: NoCache = False,
    cache_dir: CacheDir = None,
    jobs: Jobs = None,
    color: ColorOption = Color.AUTO,
) -> int:
    """Show the layers (router, service, repository, model) and the imports between them."""
    from trueup.config import CliOptions, ConfigError
    from trueup.layer_map import as_contract, as_text, layer_map

    from .session import Cached, Session
    from .terminal import Terminal

    terminal = Terminal(color)
    options = CliOptions(config=tuple(config or ()), isolated=isolated)
    try:
        session = Session.open(terminal, paths or ["."], options, jobs=cores(jobs), cache=Cached(no_cache, cache_dir))
    except ConfigError as error:
        terminal.fault(str(error))
        return 2
    found = layer_map(session.workspace.types, lambda path: session.configs.for_file(session.absolute(path)))
    if emit is None:
        terminal.results([line + "\n" for line in as_text(found, session.below_root)])
    else:
        lines = list(as_contract(found))
        if not lines:
            terminal.note("fewer than two layers were found: there is nothing to hold apart")
        terminal.results([line + "\n" for line in lines])
    session.report_problems()
    return 2 if session.failed else 0
