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
    HTML = "html"


def layers(
    paths: Paths = None,
    emit: Annotated[
        Emit | None, option("--emit", help="Instead: a contract for import-linter, or a picture as an HTML page.")
    ] = None,
    output: Annotated[
        str | None,
        option("--output-file", "-o", metavar="PATH", help="Write to this file; one that ends in .html is a picture."),
    ] = None,
    config: ConfigFiles = None,
    isolated: Isolated = False,
    no_cache: NoCache = False,
    cache_dir: CacheDir = None,
    jobs: Jobs = None,
    color: ColorOption = Color.AUTO,
) -> int:
    """Show the layers (router, service, repository, model) and the imports between them."""
    import os

    from trueup.config import CliOptions, ConfigError
    from trueup.layer_map import as_contract, as_text, layer_map
    from trueup.report.screen import escape

    from .session import Cached, Session
    from .terminal import Terminal

    terminal = Terminal(color)
    options = CliOptions(config=tuple(config or ()), isolated=isolated)
    try:
        session = Session.open(terminal, paths or ["."], options, jobs=cores(jobs), cache=Cached(no_cache, cache_dir))
    except ConfigError as error:
        terminal.fault(str(error))
        return 2
    types = session.workspace.types
    found = layer_map(types, lambda path: session.configs.for_file(session.absolute(path)))
    if emit is None and output is not None and output.endswith((".html", ".htm")):
        emit = Emit.HTML
    if emit is Emit.HTML:
        from trueup.report.layer_picture import page

        title = os.path.basename(session.configs.root) or session.configs.root
        modules = {path: facts.module for path, facts in types.project.files.items()}
        texts = page(found, session.below_root, title, modules)
    elif emit is Emit.IMPORT_LINTER:
        lines = list(as_contract(found))
        if not lines:
            terminal.note("fewer than two layers were found: there is nothing to hold apart")
        texts = (escape(line) + "\n" for line in lines)
    else:
        texts = (escape(line) + "\n" for line in as_text(found, session.below_root))
    if output is None or output == "-":
        terminal.results(texts, text=emit is not Emit.HTML)
    else:
        try:
            with open(output, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as stream:
                stream.writelines(texts)
        except OSError as error:
            session.fail(f"{output}: cannot be written: {error.strerror}")
    session.report_problems()
    return 2 if session.failed else 0
