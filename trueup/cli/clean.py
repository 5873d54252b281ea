"""`trueup clean`: take away what was remembered."""

from __future__ import annotations

from typing import Annotated

from .options import CacheDir, Color, ColorOption, ConfigFiles, Isolated, Paths, Quiet, option


def clean(
    paths: Paths = None,
    user: Annotated[bool, option("--user", help="Also what is kept for all your projects.")] = False,
    config: ConfigFiles = None,
    isolated: Isolated = False,
    cache_dir: CacheDir = None,
    quiet: Quiet = False,
    color: ColorOption = Color.AUTO,
) -> int:
    """Delete the cache of a project; the next run reads everything anew."""
    import os

    from trueup.config import CliOptions, ConfigError, Configs
    from trueup.report.text import plural

    from .session import Cached, users_cache_folder
    from .terminal import Terminal

    terminal = Terminal(color, quiet)
    try:
        configs = Configs.load(paths or ["."], CliOptions(config=tuple(config or ()), isolated=isolated))
    except ConfigError as error:
        terminal.fault(str(error))
        return 2
    folder = Cached(off=False, at=cache_dir).folder(configs)
    failed = False
    for one in filter(None, (folder, users_cache_folder() if user else None)):
        try:
            count = _emptied(one)
        except OSError as error:
            terminal.fault(f"{one}: cannot be deleted: {error.strerror}")
            failed = True
        else:
            shown = os.path.relpath(one) if one.startswith(os.getcwd() + os.sep) else one
            done = f"{plural(count, 'file')} deleted" if count else "nothing to delete"
            terminal.note(f"{shown}: {done}")
    return 2 if failed else 0


def _emptied(folder: str) -> int:
    """Delete the cache's files in a folder, and the folder if nothing else is in it; returns how many they were.

    A folder may be anybody's (`--cache-dir .`): what is not a cache's stays.
    """
    import os

    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return 0
    mine = [name for name in names if name.partition("-wal")[0].partition("-shm")[0].endswith(".sqlite")]
    for name in mine:
        os.unlink(os.path.join(folder, name))
    if mine and set(names) - set(mine) <= {".gitignore"}:
        if ".gitignore" in names:
            os.unlink(os.path.join(folder, ".gitignore"))
        os.rmdir(folder)
    return len(mine)
