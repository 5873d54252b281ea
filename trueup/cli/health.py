"""What can be wrong around trueup, without any file being checked."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from trueup import __version__, onboarding, registry
from trueup.config import CliOptions, Config, ConfigError, Configs
from trueup.discovery import discover
from trueup.environment import environment
from trueup.index.cache import Cache
from trueup.report.text import plural
from trueup.ruff import program
from trueup.targets import LIBRARIES, installed_in
from trueup.tool_rules import TOOL_RULES

from .session import Cached

OK, NOTE, BAD = "ok", "-", "bad"
_EXTRAS = (("lsp", "pygls", "editors"), ("watch", "watchfiles", "--watch"), ("pylint", "pylint", "the pylint plugin"))


class Said(NamedTuple):
    """One thing that was looked at."""

    mark: str
    subject: str
    said: str


def examine(folder: str, options: CliOptions, cache_dir: str | None = None) -> Iterator[Said]:
    """All that was looked at, in a fixed order; what follows from settings is left out where they are wrong."""
    yield Said(OK, "trueup", f"{__version__}, Python {platform.python_version()}, {os.path.dirname(sys.executable)}")
    yield from _plugins()
    yield from _extras()
    try:
        configs = Configs.load([folder], options)
        config = configs.for_folder(configs.root)
        known = {**TOOL_RULES, **registry.rules()}
        wrong = configs.check_selectors(known)
    except ConfigError as error:
        yield Said(BAD, "settings", str(error))
        return
    except (ImportError, registry.RegistryError) as error:
        yield Said(BAD, "rules", f"{type(error).__name__}: {error}")
        return
    yield Said(OK, "settings", config.origin)
    for warning in wrong:
        yield Said(BAD, "settings", warning)
    yield Said(OK, "rules", f"{len(config.enabled(known))} of {len(known)} are on")
    yield from _project(configs, config)
    yield from _cache(configs, cache_dir)
    yield from _git(configs)
    yield from _ruff(configs)
    yield from _pylint(configs, config)


def _plugins() -> Iterator[Said]:
    for point in entry_points(group=registry.ENTRY_POINTS):
        fault = _fault(point)
        said = f"{point.name} = {point.value}" + (f": {fault}" if fault else "")
        yield Said(BAD if fault else OK, "plugin", said)


def _fault(point: EntryPoint) -> str:
    try:
        point.load()
    except Exception as error:  # noqa: BLE001 -- whatever a plugin does when it is imported is what is asked for
        return f"{type(error).__name__}: {error}"
    wings = [name for name in ("checkers", "fixers") if find_spec(f"{point.value}.{name}") is None]
    return f"it has no package {' and none '.join(wings)}" if "checkers" in wings else ""


def _extras() -> Iterator[Said]:
    for extra, module, use in _EXTRAS:
        there = find_spec(module) is not None
        said = f"{module}, for {use}" if there else f"for {use}: pip install 'trueup[{extra}]'"
        yield Said(OK if there else NOTE, f"extra {extra}", said)


def _project(configs: Configs, config: Config) -> Iterator[Said]:
    count = len(discover([configs.root], configs).files)
    said = f"{configs.root}, {plural(count, 'Python file')}"
    yield Said(OK if count else NOTE, "project", said)
    folders = environment(Path(configs.root), [Path(configs.root, one) for one in config.python_path])
    if folders:
        yield Said(OK, "environment", ", ".join(map(str, folders)))
    else:
        missing = [one for one in config.python_path if not os.path.isdir(one)]
        why = f"`python-path` names no folder: {', '.join(missing)}" if missing else "none is active, no .venv, no venv"
        yield Said(
            BAD if missing else NOTE,
            "environment",
            f"{why}: classes of other libraries than those trueup knows are unknown (`python-path` names one)",
        )
    told = [f"{name} {config.targets[name].version}" for name in LIBRARIES if name in config.targets]
    said = ", ".join(told) or "none found: rules for all versions are on"
    yield Said(OK if told else NOTE, "versions", f"{said} (`trueup config versions` says where)")


def _cache(configs: Configs, cache_dir: str | None) -> Iterator[Said]:
    folder = Cached(off=False, at=cache_dir).folder(configs)
    assert folder is not None
    there = os.path.isdir(folder)
    if not there and os.access(os.path.dirname(folder), os.W_OK):
        yield Said(NOTE, "cache", f"{folder}: nothing yet")
    elif not Cache(folder).works:
        yield Said(BAD, "cache", f"{folder}: cannot be used, so that every run begins from nothing")
    else:
        size = sum(one.stat().st_size for one in os.scandir(folder))
        yield Said(OK, "cache", f"{folder}, {size / 1e6:.1f} MB (`trueup clean` deletes it)")


def _git(configs: Configs) -> Iterator[Said]:
    found = shutil.which("git")
    if found is None:
        yield Said(NOTE, "git", "is not installed: no `--since`, and `migrate-v2` needs `--allow-no-vcs`")
    elif not onboarding.is_below_git(configs.root):
        yield Said(NOTE, "git", "the project is in no work tree: `migrate-v2` needs `--allow-no-vcs`")
    else:
        yield Said(OK, "git", found)


def _ruff(configs: Configs) -> Iterator[Said]:
    found = program()
    yield Said(
        OK if found else BAD, "ruff", found or "is not installed: conventions are not checked, repairs not tidied"
    )
    if onboarding.lacks_external(lambda name: _read(configs, name)):
        said = f'its settings lack `lint.external = ["{onboarding.EXTERNAL}"]`, so that it deletes `# noqa: TUP101`'
        yield Said(BAD, "ruff", f"{said} (`trueup init` writes it)")


def _pylint(configs: Configs, config: Config) -> Iterator[Said]:
    files = ("pyproject.toml", ".pylintrc", "pylintrc", "pylintrc.toml", ".pylintrc.toml", "setup.cfg", "tox.ini")
    texts = {name: text for name in files if (text := _read(configs, name)) is not None}
    users = [name for name, text in texts.items() if re.search(r"load-plugins[^\[]*\[?[^\]]*trueup\.pylint", text)]
    if not users:
        options = [name for name, text in texts.items() if re.search(r"^trueup-\w+ *=", text, re.MULTILINE)]
        if options:
            said = f'{options[0]} sets options of the plugin, and has no `load-plugins = ["trueup.pylint"]`'
            yield Said(BAD, "pylint", said)
        return
    places = installed_in(environment(Path(configs.root), [Path(configs.root, one) for one in config.python_path]))
    if "pylint" in places and "trueup" not in places:
        said = f"{places['pylint'][1]} has pylint and not trueup, whose plugin is then skipped in silence"
        yield Said(BAD, "pylint", f"{said}: install `trueup[pylint]` there")
    elif "pylint" not in places and find_spec("pylint") is None:
        yield Said(
            BAD, "pylint", f"{users[0]} loads the plugin, and pylint is neither in the project nor beside trueup"
        )
    else:
        yield Said(OK, "pylint", f"loaded by {users[0]}")


def _read(configs: Configs, name: str) -> str | None:
    try:
        return Path(configs.root, name).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
