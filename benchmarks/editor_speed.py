"""Measures how soon an editor is told: when a file is opened, and after each change, on one project."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))

from measure import table, trueup

from trueup.server import PAUSE

CHANGES = ("# a remark\n", "_edited = 1\n", "def _edited(", "def _edited(x):\n    return x.y\n")
"""What is written at the end of a file, one after the other: the third does not parse."""


async def listen(project: Path, source: Path, text: str, rounds: int) -> tuple[float, list[float]]:
    """Seconds from the start of a server to what it first says of a file, and after each change, without the pause."""
    client: Any = LanguageClient("benchmark", "1")
    told: asyncio.Queue[object] = asyncio.Queue()
    client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(lambda one: told.put_nowait(one))  # noqa: PLW0108 -- it sets attributes on it
    start = time.perf_counter()
    await client.start_io(sys.executable, "-P", "-m", "trueup", "server", cwd=project)
    await client.initialize_async(lsp.InitializeParams(lsp.ClientCapabilities(), root_uri=project.as_uri()))
    client.initialized(lsp.InitializedParams())
    uri = source.as_uri()
    item = lsp.TextDocumentItem(uri, lsp.LanguageKind.Python, 0, text)
    client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))
    await told.get()
    first, changes = time.perf_counter() - start, list[float]()
    for number, more in enumerate(CHANGES * rounds, 1):
        start = time.perf_counter()
        document = lsp.VersionedTextDocumentIdentifier(number, uri)
        change = lsp.TextDocumentContentChangeWholeDocument(text + more)
        client.text_document_did_change(lsp.DidChangeTextDocumentParams(document, [change]))
        await told.get()
        changes.append(time.perf_counter() - start - PAUSE)
    await client.shutdown_async(None)
    client.exit(None)
    await client.stop()
    return first, sorted(changes)


def measure(project: Path, scratch: Path, rounds: int) -> str:
    """The table for one project; works on a copy of it in `scratch`."""
    copy = scratch / "project"
    shutil.copytree(project, copy)
    (copy / "pyproject.toml").touch()  # what stands there is one project
    sources = sorted((path for path in copy.rglob("*.py") if path.is_file()), key=lambda path: path.stat().st_size)
    rows: list[tuple[object, ...]] = [("file", "lines", "cache", "first", "change, median", "change, longest")]
    for source in (sources[len(sources) // 2], sources[len(sources) * 9 // 10], sources[-1]):
        lines = source.read_bytes().count(b"\n")
        for state in ("none", "of an editor", "of a check"):
            if state == "none":
                shutil.rmtree(copy / ".trueup_cache", ignore_errors=True)
            if state == "of a check":
                trueup(("check", "-q", "--exit-zero", "."), copy)
            first, changes = asyncio.run(listen(copy, source, source.read_text(encoding="utf-8"), rounds))
            told = [round(seconds, 3) for seconds in (first, changes[len(changes) // 2], changes[-1])]
            rows.append((source.relative_to(copy), lines, state, *told))
    return table(rows)


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project", type=Path, help="a folder with Python code; it is copied, never written to")
    parser.add_argument("--rounds", type=int, default=3, help="how often each change is made (%(default)s)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="trueup-editor-") as scratch:
        print(measure(options.project.resolve(), Path(scratch).resolve(), options.rounds), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
