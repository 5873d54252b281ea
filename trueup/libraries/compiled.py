"""What the stubs say that trueup ships, read when trueup was built: to parse them takes longer than many a project."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import msgspec
from msgspec import Raw, structs

from ..index.build import decode, encode
from ..index.cache import FACTS_VERSION
from ..index.extract import extract
from ..index.facts import FileFacts

STUBS = Path(__file__).with_name("stubs")
COMPILED = "stubs.msgpack"
"""The file beside the stubs' folder; only an installed trueup has it."""
_SUFFIX = ".pyi"


def compile_stubs(folder: Path = STUBS) -> bytes:
    """The facts of all stubs in a folder, for the file. Raises SyntaxError for one that does not parse."""
    every: dict[str, Raw] = {}
    for path in sorted(folder.rglob(f"*{_SUFFIX}")):
        is_package = path.stem == "__init__"
        relative = path.relative_to(folder)
        module = ".".join((relative.parent if is_package else relative.with_suffix("")).parts)
        tree = ast.parse(path.read_bytes(), str(path))
        every[module] = Raw(encode(extract(relative.as_posix(), module, is_package, "", tree)))
    return msgspec.msgpack.encode((FACTS_VERSION, every))


def compiled(module: str) -> FileFacts | None:
    """What was read of a module's stub; None where there is no such stub, or nothing was read when trueup was built."""
    data = _compiled().get(module)
    facts = decode(bytes(data)) if data is not None else None
    return structs.replace(facts, path=str(STUBS / facts.path)) if facts is not None else None


def any_compiled() -> bool:
    """Whether the stubs were read when trueup was built: then there are no others."""
    return bool(_compiled())


def is_compiled(module: str) -> bool | None:
    """Whether there is a stub of a module; None where that is not known from what was read."""
    known = _compiled()
    return module in known if known else None


@cache
def _compiled() -> dict[str, Raw]:
    try:
        version, every = msgspec.msgpack.decode((STUBS.parent / COMPILED).read_bytes(), type=tuple[int, dict[str, Raw]])
    except (OSError, msgspec.MsgspecError):
        return {}
    return every if version == FACTS_VERSION else {}
