"""What earlier runs found out, on disk: keyed by content, and ignored in silence where it is not whole."""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from hashlib import blake2b
from typing import NamedTuple

from .. import __version__

FACTS_VERSION = 7
"""Part of every key: raise it whenever the types of facts, or what `extract` puts into them, change."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS files (
    path TEXT PRIMARY KEY, size INT, mtime INT, seen INT, digest TEXT, key TEXT, facts BLOB
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS runs (key TEXT PRIMARY KEY, at INT, data BLOB) WITHOUT ROWID;
"""
_SETTLED = 2_000_000_000
"""Nanoseconds after which an unchanged time and size mean unchanged content; before, two writes may share a tick."""
_KEPT_RUNS = 16


class Entry(NamedTuple):
    """One file as it was when it was last read."""

    size: int
    mtime: int
    seen: int
    digest: str


def file_name() -> str:
    """The name of the cache's file: each version of trueup and of Python has its own."""
    return f"{__version__}-{FACTS_VERSION}-py{sys.version_info.major}{sys.version_info.minor}.sqlite"


class Cache:
    """Facts and results of a project by content digest, in one SQLite file.

    Every error of the database (corrupt, locked, read-only folder, full disk) makes it act as if it were
    empty; it never raises. Two runs may use it at once.
    """

    def __init__(self, folder: str | None) -> None:
        self._db: sqlite3.Connection | None = None
        if folder is None:
            return
        path = os.path.join(folder, file_name())
        for _ in range(2):
            try:
                self._db = self._connect(folder, path)
                return
            except sqlite3.DatabaseError as error:
                if "locked" in str(error) or not os.path.isfile(path):
                    return
                try:
                    os.unlink(path)
                except OSError:
                    return
            except OSError:
                return

    def _connect(self, folder: str, path: str) -> sqlite3.Connection:
        if not os.path.isdir(folder):
            os.makedirs(folder, exist_ok=True)
            with open(os.path.join(folder, ".gitignore"), "w", encoding="utf-8") as ignore:
                ignore.write("*\n")
        db = sqlite3.connect(path, timeout=2.0, isolation_level=None)
        try:
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=OFF")
            db.executescript(_SCHEMA)
        except sqlite3.Error:
            db.close()
            raise
        return db

    @property
    def works(self) -> bool:
        """Whether anything is kept at all."""
        return self._db is not None

    def _query(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[object, ...]]:
        if self._db is None:
            return []
        try:
            return self._db.execute(sql, parameters).fetchall()
        except (sqlite3.Error, OverflowError):
            self.close()
            return []

    def entries(self) -> dict[str, Entry]:
        """Path -> what is known of it."""
        rows = self._query("SELECT path, size, mtime, seen, digest FROM files")
        return {str(r[0]): Entry(*r[1:]) for r in rows if _is_entry(r)}  # type: ignore[arg-type]

    def library(self, path: str) -> tuple[int, int, str, bytes] | None:
        """(size, time, module, encoded facts) of one library module's file."""
        for size, mtime, key, facts in self._query("SELECT size, mtime, key, facts FROM files WHERE path = ?", (path,)):
            if isinstance(size, int) and isinstance(mtime, int) and isinstance(key, str) and isinstance(facts, bytes):
                return size, mtime, key, facts
        return None

    def facts(self) -> dict[str, tuple[str, bytes]]:
        """Path -> (facts key, encoded facts)."""
        rows = self._query("SELECT path, key, facts FROM files WHERE facts IS NOT NULL AND digest != ''")
        return {str(p): (str(k), f) for p, k, f in rows if isinstance(f, bytes)}

    def put_files(self, rows: Iterable[tuple[str, os.stat_result, str, str, bytes | None]]) -> None:
        """Remember (path, stat, digest, facts key, facts or None where there are none).

        A path that is not UTF-8 cannot stand in the database: its file is read again by the next run.
        """
        now = time.time_ns()
        values = [(p, s.st_size, s.st_mtime_ns, now, d, k, f) for p, s, d, k, f in rows if is_utf8(p)]
        self._write("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?)", values)

    def drop_files(self, paths: Iterable[str]) -> None:
        """Forget files that are gone."""
        self._write("DELETE FROM files WHERE path = ?", [(p,) for p in paths])

    def run(self, key: str) -> bytes | None:
        """The result of an earlier run under the same key."""
        rows = self._query("SELECT data FROM runs WHERE key = ?", (key,))
        return rows[0][0] if rows and isinstance(rows[0][0], bytes) else None

    def put_run(self, key: str, data: bytes) -> None:
        """Remember a run's result; only the last few are kept."""
        self._write("INSERT OR REPLACE INTO runs VALUES (?, ?, ?)", [(key, time.time_ns(), data)])
        self._write(
            "DELETE FROM runs WHERE key NOT IN (SELECT key FROM runs ORDER BY at DESC LIMIT ?)", [(_KEPT_RUNS,)]
        )

    def _write(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        if self._db is None or not rows:
            return
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany(sql, rows)
            self._db.execute("COMMIT")
        except (sqlite3.Error, OverflowError):
            self.close()

    def close(self) -> None:
        """Let go of the file; from then on there is no cache."""
        db, self._db = self._db, None
        if db is not None:
            with suppress(sqlite3.Error):
                db.close()

    def __del__(self) -> None:
        self.close()


def is_utf8(path: str) -> bool:
    """Whether a file's name can be written as text: other bytes come as lone surrogates."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_settled(entry: Entry, stat: os.stat_result) -> bool:
    """Whether a file's size and time prove that it is still what it was."""
    return entry.size == stat.st_size and entry.mtime == stat.st_mtime_ns and entry.seen - entry.mtime > _SETTLED


def _is_entry(row: tuple[object, ...]) -> bool:
    return all(isinstance(v, int) for v in row[1:4]) and isinstance(row[4], str)


def digest(*parts: str) -> str:
    """One key of several texts."""
    told = "".join([f"{len(part)} {part}" for part in parts])
    return blake2b(told.encode(errors="surrogatepass"), digest_size=16).hexdigest()
