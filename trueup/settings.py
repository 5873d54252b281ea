"""What configuration files and the command line may say: found, read and checked."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from . import __version__
from .globs import absolute
from .model import RUFF, Severity
from .selectors import nearest
from .targets import AUTO, LIBRARIES

CONFIG_FILES = (".trueup.toml", "trueup.toml", "pyproject.toml")
"""The names a configuration file may have; in one folder the first wins."""

COMMAND_LINE = "the command line"
INLINE = "--config '"
"""How the origins of settings begin that stand on the command line as TOML."""


class ConfigError(Exception):
    """A setting that cannot be meant; the message names the file and the key. The run must end with exit code 2."""


class CliOptions(NamedTuple):
    """What the command line says; None where an option was not given. It beats every file."""

    config: tuple[str, ...] = ()
    """Each is the path of a configuration file (at most one), or a setting: `key = value` in TOML."""
    isolated: bool = False
    """Read no configuration file."""
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] | None = None
    fixable: tuple[str, ...] | None = None
    unfixable: tuple[str, ...] | None = None
    exclude: tuple[str, ...] | None = None
    extend_exclude: tuple[str, ...] | None = None
    force_exclude: bool | None = None
    preview: bool | None = None
    respect_gitignore: bool | None = None
    any_version: bool = False
    """No rule is off for the versions that a project has: it is judged by where it goes."""


class Table(NamedTuple):
    """The settings of one place, checked: each key is known and has the right type."""

    origin: str
    folder: str
    """What its paths and globs are relative to."""
    values: Mapping[str, Any]

    @staticmethod
    def of(values: Mapping[str, Any], origin: str, folder: str) -> Table:
        """The settings if all is well with them; raises ConfigError if not."""
        for key, value in values.items():
            if key not in _KEYS:
                raise ConfigError(f"{origin}: unknown key `{key}`{nearest(key, _KEYS)}")
            words, fits = _KEYS[key]
            if not fits(value):
                raise ConfigError(f"{origin}: `{key}` must be {words}, not {_shown(value)}")
        if "required-version" in values:
            _require(values["required-version"], origin)
        return Table(origin, folder, values)

    @staticmethod
    def inline(text: str, folder: str) -> Table:
        """The setting of one `--config 'key = value'`; raises ConfigError."""
        import tomllib

        origin = f"{INLINE}{text}'"
        try:
            return Table.of(tomllib.loads(text), origin, folder)
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{origin}: not a setting in TOML ({error}); strings need quotes") from None

    @staticmethod
    def options(cli: CliOptions, folder: str) -> Table:
        """The settings that have an option of their own; raises ConfigError."""
        given = {
            key: list(value) if isinstance(value, tuple) else value
            for key in _KEYS
            if (value := getattr(cli, key.replace("-", "_"), None)) is not None
        }
        return Table.of(given, COMMAND_LINE, folder)


def in_folder(folder: str) -> list[Table] | None:
    """The configuration file of a folder and what it extends; None where it has none."""
    for name in CONFIG_FILES:
        path = f"{folder}/{name}"
        if os.path.isfile(path) and (chain := chain_of(path, optional=name == "pyproject.toml")):
            return chain
    return None


def chain_of(path: str, *, folder: str = "", optional: bool = False, inner: tuple[str, ...] = ()) -> list[Table]:
    """A configuration file behind all that it extends.

    `folder`: what its paths are relative to, if not its own folder; `optional`: a pyproject.toml without a
    `[tool.trueup]` table is no error, it gives nothing; `inner`: the files that extend this one. Raises ConfigError.
    """
    if path in inner:
        raise ConfigError(f"{path}: `extend` goes in a circle: {' -> '.join((*inner, path))}")
    values = _read(path)
    if values is None:
        if optional:
            return []
        raise ConfigError(f"{path}: it has no [tool.trueup] table")
    table = Table.of(values, path, folder or path.rpartition("/")[0])
    extended = table.values.get("extend")
    if extended is None:
        return [table]
    return [*chain_of(absolute(os.path.expanduser(extended), table.folder), inner=(*inner, path)), table]


def _read(path: str) -> Mapping[str, Any] | None:
    """The settings in a configuration file; None for a pyproject.toml without them."""
    try:
        with open(path, "rb") as stream:
            data = stream.read()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    shared = path.endswith("/pyproject.toml")
    if shared and b"trueup" not in data:  # spares most projects the import and the parsing
        return None
    import tomllib

    try:
        values = tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from None
    if not shared:
        return values
    table = values.get("tool", {}).get("trueup") if isinstance(values.get("tool", {}), dict) else None
    if table is not None and not isinstance(table, dict):
        raise ConfigError(f"{path}: `tool.trueup` must be a table, not {_shown(table)}")
    return table


def personal_file() -> str:
    """The user's own configuration, for files that no project's configuration holds for."""
    if sys.platform == "win32":
        folder = os.environ.get("APPDATA", "~/AppData/Roaming")
    elif sys.platform == "darwin":
        folder = "~/Library/Application Support"
    else:
        folder = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return absolute("trueup/trueup.toml", os.path.expanduser(folder))


def _is_strings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_table_of_lists(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_strings, value.values()))


def _is_severities(value: Any) -> bool:
    return isinstance(value, dict) and all(item in list(Severity) for item in value.values())


TARGETS = {f"target-{name}": name for name in LIBRARIES}
"""Key -> the library, or Python, whose version it says."""
_VERSION = re.compile(r"\d+(\.\d+)*")


def _is_target(value: Any) -> bool:
    return isinstance(value, str) and (value == AUTO or _VERSION.fullmatch(value) is not None)


_CALL = r"(?:[^\W\d]\w*(?:\.[^\W\d]\w*)+(?:\.\*)?|[^\W\d]\w*\.\*)"
"""`pkg.mod.function`, `pkg.Class.*`."""


def _are_calls(value: Any, behind: str = "") -> bool:
    return _is_strings(value) and all(re.fullmatch(rf"\s*{_CALL}\s*{behind}", item) for item in value)


_BLOCKING = (
    "a list of calls like `pkg.mod.function -> what to call instead`",
    lambda value: _are_calls(value, r"(?:->\s*\S.*)?"),
)
_NON_BLOCKING = ("a list of calls like `pkg.mod.function`, `pkg.Class.*`", _are_calls)
_TEXT = ("a string", lambda value: isinstance(value, str))
_TEXTS = ("a list of strings", _is_strings)
_PATHS = ("a string or a list of strings", lambda value: isinstance(value, str) or _is_strings(value))
_FLAG = ("true or false", lambda value: isinstance(value, bool))
_COUNT = ("a whole number from 0", lambda value: type(value) is int and value >= 0)
_LISTS = ("a table of lists of strings", _is_table_of_lists)

LAYERS = (
    "router", "dependency", "service", "repository", "model", "schema", "core", "task", "script", "test", "other",
)  # fmt: skip
"""The layers there are, in the order they are shown."""


def _are_layers(value: Any) -> bool:
    return _is_table_of_lists(value) and all(layer in LAYERS for layer in value)


_LAYERS = (f"a table of lists of strings for {', '.join(f'`{one}`' for one in LAYERS)}", _are_layers)
_ASKED = ('"conventions" or a list of ruff\'s codes', lambda value: value == "conventions" or _is_strings(value))
_SEVERITIES = (f"a table of {', '.join(f'`{one}`' for one in Severity)}", _is_severities)

CHOICES: Mapping[str, tuple[str, ...]] = {
    "docstrings": ("routes", "off"),
    "future-annotations": ("off", "on"),
    "not-found": ("either", "raise", "return"),
    "response": ("annotation-or-model", "annotation", "model", "both"),
    "transaction-owner": ("service", "dependency"),
}
"""Key -> what may be chosen where conventions contradict each other; the first holds where nothing is said."""

ASYNC: Mapping[str, tuple[str, ...]] = {
    "prefer-fix": ("def", "threadpool", "async"),
    "http-client": (AUTO, "httpx", "httpx2"),
}
"""Key in the table `async` -> what may be chosen: how what blocks leaves the event loop; the first holds if none is."""


def _is_async(value: Any) -> bool:
    return isinstance(value, dict) and all(key in ASYNC and item in ASYNC[key] for key, item in value.items())


_ASYNC = (
    "a table of " + " and ".join(f"`{key}` ({', '.join(f'`{one}`' for one in some)})" for key, some in ASYNC.items()),
    _is_async,
)


def _choice(key: str) -> tuple[str, Callable[[Any], bool]]:
    return f"one of {', '.join(f'`{one}`' for one in CHOICES[key])}", lambda value: value in CHOICES[key]


_KEYS: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "async": _ASYNC,
    "base-models": _TEXTS,
    "baseline": _TEXT,
    "blocking": _BLOCKING,
    "docstrings": _choice("docstrings"),
    "exclude": _TEXTS,
    "extend": _TEXT,
    "extend-exclude": _TEXTS,
    "extend-safe-fixes": _TEXTS,
    "extend-select": _TEXTS,
    "extend-unsafe-fixes": _TEXTS,
    "fixable": _TEXTS,
    "force-exclude": _FLAG,
    "future-annotations": _choice("future-annotations"),
    "ignore": _TEXTS,
    "layers": _LAYERS,
    "non-blocking": _NON_BLOCKING,
    "not-found": _choice("not-found"),
    "per-file-ignores": _LISTS,
    "preview": _FLAG,
    "python-path": _PATHS,
    "require-reason": _FLAG,
    "required-version": _TEXT,
    "respect-gitignore": _FLAG,
    "response": _choice("response"),
    "router-logic-threshold": _COUNT,
    RUFF: _ASKED,
    "select": _TEXTS,
    "severity": _SEVERITIES,
    "src": _TEXTS,
    **dict.fromkeys(sorted(TARGETS), (f'a version like "2.4", or "{AUTO}"', _is_target)),
    "transaction-owner": _choice("transaction-owner"),
    "unfixable": _TEXTS,
}
"""Key -> what its value must be, in words and as a test."""

KEYS = tuple(_KEYS)
"""All there are, in the order of the alphabet."""


def _shown(value: Any) -> str:
    kinds = {str: "a string", bool: "a boolean", int: "an integer", float: "a float", list: "a list", dict: "a table"}
    shown = repr(value)
    return f"{kinds.get(type(value), 'a date or time')}: {shown if len(shown) < 60 else shown[:56] + '...'}"


def _require(wanted: str, origin: str) -> None:
    """Raise ConfigError unless this trueup's version fits `>=1.0,<2`."""
    for clause in wanted.split(","):
        parts = re.fullmatch(r"\s*(==|!=|>=|<=|>|<|)\s*(\d+(?:\.\d+)*)\s*", clause)
        if parts is None:
            raise ConfigError(f"{origin}: `required-version` is not understood: `{clause}`; write `>=1.0,<2`")
        have = [int(part) for part in re.findall(r"\d+", __version__)[:3]]
        want = [int(part) for part in parts[2].split(".")]
        size = max(len(have), len(want))
        fits = _OPERATORS[parts[1]]
        if not fits(have + [0] * (size - len(have)), want + [0] * (size - len(want))):
            raise ConfigError(f"{origin}: `required-version` is `{wanted}`, and this is trueup {__version__}")


_OPERATORS: Mapping[str, Callable[[list[int], list[int]], bool]] = {
    "": lambda have, want: have == want,
    "==": lambda have, want: have == want,
    "!=": lambda have, want: have != want,
    ">=": lambda have, want: have >= want,
    "<=": lambda have, want: have <= want,
    ">": lambda have, want: have > want,
    "<": lambda have, want: have < want,
}
