"""How a source file is read into text and written back: bytes, encodings, newlines, digests."""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from enum import StrEnum
from typing import NamedTuple

try:
    from _blake2 import blake2b  # hashlib, where it also lives, loads OpenSSL first: 2.5 ms of each run
except ImportError:
    from hashlib import blake2b

from .model import Finding, Safety, Span
from .tool_rules import SYNTAX_ERROR

MAX_BYTES = 4 * 1024 * 1024
"""Larger files are not read: the tree of 4 MB of Python takes 350 to 750 MB of memory, and only programs write them."""

TEMPORARY = ".trueup-tmp"
"""How the names end of files that hold what is about to replace another; a killed run may leave one behind."""


class SourceFile(NamedTuple):
    """One file to check, before it is read."""

    path: str
    """As it is shown: relative to the working directory where it is below that, with `/`; always encodable."""
    absolute: str
    """With `/`; links in it are not resolved."""
    module: str
    """The dotted name it is imported by; two files may share one."""
    is_package: bool = False
    """It is an `__init__`."""
    aliases: tuple[str, ...] = ()
    """Other names it may be imported by, the likelier first: those from other folders that can be on `sys.path`."""


class Kind(StrEnum):
    """Whose fault a problem is."""

    SOURCE = "source"
    """The file's own: a finding, exit code 1."""
    OPERATION = "operation"
    """Something could not be read or written: a message on stderr, exit code 2."""


class Problem(NamedTuple):
    """Why a file could not be read or written; the others are not concerned."""

    path: str
    message: str
    kind: Kind
    line: int = 1
    column: int = 1

    def finding(self) -> Finding:
        """A problem of kind SOURCE as a finding."""
        span = Span(0, 0, self.line, self.column, self.line, self.column)
        rule = SYNTAX_ERROR
        return Finding(
            self.path, rule.code, rule.name, rule.severity, Safety.MANUAL, self.message, span, node=span, kind="Module"
        )


class Source(NamedTuple):
    """A file that was read."""

    file: SourceFile
    digest: str
    """Of the bytes: 16 bytes of blake2b in hex; empty for a file that is still to be made."""
    text: str
    """Without BOM; newlines as they are in the file."""
    encoding: str
    """A codec's name; what the text is written back in."""
    bom: bool
    newline: str
    """The commonest of the file, for lines that are added: `\\n`, `\\r\\n` or `\\r`."""


def digest_of(data: bytes) -> str:
    """16 bytes of blake2b in hex."""
    return blake2b(data, digest_size=16).hexdigest()


# Reading -------------------------------------------------------------------------------------------------------------


def read(file: SourceFile) -> Source | Problem:
    """A file's text, or why there is none."""
    data = read_bytes(file)
    return data if isinstance(data, Problem) else decode(file, data)


def read_bytes(file: SourceFile) -> bytes | Problem:
    """A file's bytes: enough to look it up by `digest_of`."""
    try:
        found = _content(file.absolute)
    except OSError as error:
        return Problem(file.path, f"cannot be read: {_reason(error)}", Kind.OPERATION)
    if isinstance(found, bytes):
        return found
    if found < 0:
        return Problem(file.path, "is not a regular file; use `-` to check what stdin brings", Kind.OPERATION)
    size, limit = f"{found / 2**20:.1f} MB", f"{MAX_BYTES // 2**20} MB"
    message = f"is not checked: it has {size}, and trueup reads up to {limit}; name it in `extend-exclude`"
    return Problem(file.path, message, Kind.SOURCE)


def _content(path: str) -> bytes | int:
    """The content of a regular file; its size if that is above MAX_BYTES; -1 if it is no regular file."""
    # Without O_NONBLOCK, opening a named pipe would wait for somebody to write to it.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    descriptor = os.open(path, flags)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return -1
        if status.st_size > MAX_BYTES:
            return status.st_size
        parts = []
        while part := os.read(descriptor, status.st_size + 1):
            parts.append(part)
        return b"".join(parts)
    finally:
        os.close(descriptor)


_UTF8_BOM = b"\xef\xbb\xbf"
_WIDE_BOMS = (
    (b"\xff\xfe\0\0", "UTF-32"),
    (b"\0\0\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)


def decode(file: SourceFile, data: bytes) -> Source | Problem:
    """The text of a file's bytes, as Python would read it (BOM, `# coding:` line), or why there is none."""
    encoding = "utf-8"
    bom = data.startswith(_UTF8_BOM)
    wide = next((name for start, name in _WIDE_BOMS if data.startswith(start)), None)
    if wide is not None:
        return Problem(file.path, f"is {wide}, which Python does not read: save it as UTF-8", Kind.SOURCE)
    if b"coding" in data[:1000] and (cookie := re.match(_COOKIE, data)) is not None:
        encoding = _codec(cookie[1].decode())
        if bom and encoding != "utf-8":
            message = f"begins with a UTF-8 BOM and declares `{encoding}`: correct its `# coding:` line"
            return Problem(file.path, message, Kind.SOURCE)
    try:
        text = data[3:].decode(encoding) if bom else data.decode(encoding)
    except UnicodeDecodeError as error:
        line, column = _place(data, error.start, encoding)
        message = (
            f"byte 0x{data[error.start + 3 * bom]:02x} is not {_spoken(encoding)}: save the file as UTF-8, "
            f"or declare its encoding in the first line: `# coding: latin-1`"
        )
        return Problem(file.path, message, Kind.SOURCE, line, column)
    except (LookupError, ValueError):  # no codec, or one like `hex` that is not for text
        message = f"declares an encoding that Python does not know: `{encoding}`; correct its `# coding:` line"
        return Problem(file.path, message, Kind.SOURCE)
    if "\0" in text:
        line, column = _line_and_column(text, text.index("\0"))
        return Problem(file.path, "holds a null byte, so Python cannot read it: remove it", Kind.SOURCE, line, column)
    return Source(file, digest_of(data), text, encoding, bom, _newline(text))


# PEP 263: in the first line, or in the second if the first is blank or a comment.
_COOKIE = rb"(?:\xef\xbb\xbf)?(?:[ \t\f]*(?:#[^\r\n]*)?(?:\r\n|\r|\n))??[ \t\f]*#[^\r\n]*?coding[:=][ \t]*([-\w.]+)"


def _codec(declared: str) -> str:
    """What Python takes a declared encoding for: `utf-8-unix`, as editors write it, is `utf-8`."""
    name = declared.lower().replace("_", "-")
    if name == "utf8" or f"{name}-".startswith("utf-8-"):
        return "utf-8"
    return "latin-1" if f"{name}-".startswith(("latin-1-", "iso-8859-1-", "iso-latin-1-")) else name


def _place(data: bytes, offset: int, encoding: str) -> tuple[int, int]:
    before = data.removeprefix(_UTF8_BOM)[:offset].decode(encoding, "replace")
    return _line_and_column(before, len(before))


def _line_and_column(text: str, offset: int) -> tuple[int, int]:
    lines = re.split(r"\r\n|\r|\n", text[:offset])
    return len(lines), len(lines[-1]) + 1


def _spoken(encoding: str) -> str:
    return "UTF-8" if encoding == "utf-8" else encoding


def _newline(text: str) -> str:
    both = text.count("\r\n")
    if not both:
        return "\n" if "\n" in text or "\r" not in text else "\r"
    return "\r\n" if 2 * both >= text.count("\n") else "\n"


# Writing -------------------------------------------------------------------------------------------------------------


def write(source: Source, text: str) -> Problem | None:
    """Replace the text of a file by another, or leave the file exactly as it is and say why.

    The file is replaced in one step by a complete new one beside it, so that whatever happens (a full disk, a
    kill, a power cut) it has either the old content or the new. Encoding, BOM, mode and, where allowed, owner are
    kept; of a link the target is replaced. Nothing is written if the content is no longer the one that was read,
    or, of a file that is to be made, if there is anything of its name by now.
    """
    shown = source.file.path
    if not source.digest:
        return _make(source.file, text)
    try:
        data = _encoded(source, text)
    except UnicodeError as error:
        character = text[error.start] if isinstance(error, UnicodeEncodeError) else "a character"
        message = f"is not changed: {_spoken(source.encoding)} cannot hold `{character}`; save it as UTF-8 first"
        return Problem(shown, message.encode("utf-8", "backslashreplace").decode(), Kind.OPERATION)
    return _put_in_place(source, data)


def restore(source: Source, data: bytes) -> Problem | None:
    """Give a file back the bytes it had before `source.text` was written, in one step as `write` does.

    It may also be that this was not written, or not noted: a write that was interrupted. Else the file is somebody
    else's by now; it stays, and the Problem says so.
    """
    try:
        there = _content(source.file.absolute)
    except OSError as error:
        return Problem(source.file.path, f"is not given back what it held: {_reason(error)}", Kind.OPERATION)
    if there == data:
        return None
    if isinstance(there, bytes) and there == _encoded(source, source.text):
        source = source._replace(digest=digest_of(there))
    return _put_in_place(source, data)


def _encoded(source: Source, text: str) -> bytes:
    return (_UTF8_BOM if source.bom else b"") + text.encode(source.encoding)


def _put_in_place(source: Source, data: bytes) -> Problem | None:
    shown = source.file.path
    target = os.path.realpath(source.file.absolute)
    try:
        status = os.stat(target)
        if not status.st_mode & 0o222 or not os.access(target, os.W_OK):
            return Problem(shown, "is not changed: it is read-only", Kind.OPERATION)
        return _replace(target, data, status, source)
    except OSError as error:
        return Problem(shown, f"is not changed: {_reason(error)}", Kind.OPERATION)


def remove(source: Source) -> Problem | None:
    """Take away a file that was made, if it still is as it was read; else leave it, and say why."""
    try:
        there = _content(source.file.absolute)
        if not isinstance(there, bytes) or digest_of(there) != source.digest:
            message = "is not taken away: somebody else has changed it since it was made"
            return Problem(source.file.path, message, Kind.OPERATION)
        os.unlink(source.file.absolute)
    except OSError as error:
        return Problem(source.file.path, f"is not taken away: {_reason(error)}", Kind.OPERATION)
    return None


def _make(file: SourceFile, text: str) -> Problem | None:
    """Write a new file, complete under its name from the start, over no other."""
    folder, name = os.path.split(file.absolute)
    temporary = os.path.join(folder, f".{name[:100]}.{os.getpid()}{TEMPORARY}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        data = text.encode()
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        descriptor = os.open(temporary, flags, 0o666)
        try:
            try:
                _put(descriptor, data)
            finally:
                os.close(descriptor)
            _name(temporary, file.absolute)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(temporary)
    except UnicodeError:
        return Problem(file.path, "is not made: UTF-8 cannot hold its text", Kind.OPERATION)
    except FileExistsError:
        return Problem(file.path, "is not made: there is one by now", Kind.OPERATION)
    except OSError as error:
        return Problem(file.path, f"is not made: {_reason(error)}", Kind.OPERATION)
    _sync_folder(folder)
    return None


def _name(temporary: str, target: str) -> None:
    """Give a file a name that nothing has; FileExistsError where something has it."""
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise
    except (OSError, AttributeError, NotImplementedError):  # no file system of Windows' old kinds has links
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL))  # the name is ours before the content is there
        os.replace(temporary, target)


def _replace(target: str, data: bytes, status: os.stat_result, source: Source) -> Problem | None:
    folder, name = os.path.split(target)
    # 255 bytes is what file systems allow for a name.
    temporary = os.path.join(folder, f".{name[:100]}.{os.getpid()}{TEMPORARY}")
    with suppress(FileNotFoundError):
        os.unlink(temporary)  # of a killed run whose process had our number
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    descriptor = os.open(temporary, flags, 0o600)
    try:
        try:
            _fill(descriptor, data, status)
        finally:
            os.close(descriptor)
        before = _content(target)
        if not isinstance(before, bytes) or digest_of(before) != source.digest:
            message = "is not changed: somebody else has changed it since it was read; run trueup again"
            return Problem(source.file.path, message, Kind.OPERATION)
        os.replace(temporary, target)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
    _sync_folder(folder)
    return None


def _put(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
    os.fsync(descriptor)


def _fill(descriptor: int, data: bytes, status: os.stat_result) -> None:
    _put(descriptor, data)
    if hasattr(os, "fchown"):
        with suppress(PermissionError):  # only root gives files away
            os.fchown(descriptor, status.st_uid, status.st_gid)
    if hasattr(os, "fchmod"):
        os.fchmod(descriptor, stat.S_IMODE(status.st_mode))
        os.fsync(descriptor)


def _sync_folder(folder: str) -> None:
    """Make the new name outlast a power cut; some file systems cannot, and lose nothing but the change."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _reason(error: OSError) -> str:
    words = error.strerror or str(error)
    return words[0].lower() + words[1:]
