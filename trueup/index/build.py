"""From files to facts: read, parse and extract, on all cores when it pays."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import msgspec

from ..files import Problem, Source, SourceFile, digest_of, read
from ..garbage import without_gc
from ..syntax import SyntaxFault, parse
from .extract import extract
from .facts import FileFacts

if TYPE_CHECKING:
    from multiprocessing.context import BaseContext

PAYS = 48
"""Fewer files than this are done before a second process has started."""

_T = TypeVar("_T")


class Indexed(NamedTuple):
    """What reading one file gave: encoded facts, or why there are none."""

    file: SourceFile
    digest: str
    facts: bytes | None
    fault: SyntaxFault | Problem | None


def encode(facts: FileFacts) -> bytes:
    """Facts as bytes."""
    return msgspec.msgpack.encode(facts)


def decode(data: bytes) -> FileFacts | None:
    """Facts from bytes; None where they are not facts."""
    try:
        return _DECODER.decode(data)
    except (msgspec.MsgspecError, ValueError):
        return None


_DECODER = msgspec.msgpack.Decoder(FileFacts)


class Parsed(NamedTuple):
    """One file that was read, with all that was made of it."""

    source: Source
    tree: ast.Module
    facts: FileFacts


def index_source(source: Source) -> FileFacts | SyntaxFault:
    """The facts of a file that has been read."""
    parsed = _parse(source)
    return parsed.facts if isinstance(parsed, Parsed) else parsed


def index_text(
    text: str, path: str, module: str, is_package: bool, tree: ast.Module | None = None
) -> FileFacts | SyntaxFault:
    """The facts of a text that need not be on disk; `tree`: its own, where it was parsed already."""
    found = tree or parse(text, path)
    if isinstance(found, SyntaxFault):
        return found
    return extract(path, module, is_package, digest_of(text.encode("utf-8", "surrogatepass")), found)


def _parse(source: Source) -> Parsed | SyntaxFault:
    file = source.file
    tree = parse(source.text, file.path)
    if isinstance(tree, SyntaxFault):
        return tree
    return Parsed(source, tree, extract(file.path, file.module, file.is_package, source.digest, tree))


def parse_file(file: SourceFile) -> Parsed | Indexed:
    """Read one file and extract its facts; an Indexed that says why where there are none."""
    source = read(file)
    if isinstance(source, Problem):
        return Indexed(file, "", None, source)
    parsed = _parse(source)
    return parsed if isinstance(parsed, Parsed) else Indexed(file, source.digest, None, parsed)


def as_indexed(parsed: Parsed) -> Indexed:
    """What another process is told of a file."""
    return Indexed(parsed.source.file, parsed.source.digest, encode(parsed.facts), None)


def index_file(file: SourceFile) -> Indexed:
    """Read one file and extract its facts."""
    parsed = parse_file(file)
    return as_indexed(parsed) if isinstance(parsed, Parsed) else parsed


def pays(items: Sequence[object], jobs: int) -> bool:
    """Whether there is enough to do for other processes to be started."""
    return jobs > 1 and len(items) >= PAYS


def index_files(files: Sequence[SourceFile]) -> list[Indexed]:
    """`index_file` of each, in the same order."""
    with without_gc():
        return [index_file(file) for file in files]


def mixed(items: Sequence[_T], count: int) -> list[Sequence[_T]]:
    """Shares of nearly equal length whose items come from everywhere: large files often stand side by side."""
    return [items[i::count] for i in range(min(count, len(items)))]


def context() -> BaseContext:
    """How worker processes are started: forked where that is sound, so that they have the project at once."""
    import multiprocessing
    import sys

    return multiprocessing.get_context("fork" if sys.platform.startswith("linux") else "spawn")
