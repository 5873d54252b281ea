"""The language server, spoken to over stdio as an editor does."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

MODELS = "from pydantic import BaseModel\n\n\nclass User(BaseModel):\n    name: str\n"
USES = "from app.models import User\n\n\ndef f(é: User):\n    return '𝒳', é.dict()\n"


COMMAND = [str(Path(sys.executable).with_name("trueup")), "server"]
"""As the set-ups in docs/editors.md have it."""


class Editor:
    """A client with one file open."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.client: Any = LanguageClient("test", "1")
        self.told: asyncio.Queue[lsp.PublishDiagnosticsParams] = asyncio.Queue()
        self.version = 0
        self.client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(lambda told: self.told.put_nowait(told))  # noqa: PLW0108 -- it sets attributes on it

    async def start(self, capabilities: lsp.ClientCapabilities | None = None, **options: Any) -> None:
        await self.client.start_io(*COMMAND, cwd=self.folder)
        await self.client.initialize_async(
            lsp.InitializeParams(
                capabilities=capabilities or lsp.ClientCapabilities(),
                root_uri=self.folder.as_uri(),
                initialization_options=options,
            )
        )
        self.client.initialized(lsp.InitializedParams())

    def uri(self, name: str) -> str:
        return (self.folder / name).as_uri()

    async def open(self, name: str, text: str) -> list[lsp.Diagnostic]:
        item = lsp.TextDocumentItem(self.uri(name), lsp.LanguageKind.Python, 0, text)
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))
        return await self.next()

    async def change(self, name: str, *texts: str) -> list[lsp.Diagnostic]:
        for text in texts:
            self.version += 1
            document = lsp.VersionedTextDocumentIdentifier(self.version, self.uri(name))
            change = lsp.TextDocumentContentChangeWholeDocument(text)
            self.client.text_document_did_change(lsp.DidChangeTextDocumentParams(document, [change]))
        return await self.next()

    async def pull(self, name: str) -> list[lsp.Diagnostic]:
        document = lsp.TextDocumentIdentifier(self.uri(name))
        report = await self.client.text_document_diagnostic_async(lsp.DocumentDiagnosticParams(document))
        assert report.kind == "full"
        return list(report.items)

    async def next(self) -> list[lsp.Diagnostic]:
        return list((await asyncio.wait_for(self.told.get(), 60)).diagnostics)

    async def actions(self, name: str, where: lsp.Range, *only: str) -> list[lsp.CodeAction]:
        context = lsp.CodeActionContext([], only=list(only) or None)
        document = lsp.TextDocumentIdentifier(self.uri(name))
        found = await self.client.text_document_code_action_async(lsp.CodeActionParams(document, where, context))
        return [one for one in found or () if isinstance(one, lsp.CodeAction)]

    def changes(self, action: lsp.CodeAction) -> dict[str, list[tuple[str, int, int, str]]]:
        assert action.edit is not None and action.edit.changes is not None
        return {
            uri.rpartition("/")[2]: [
                (
                    f"{one.range.start.line}:{one.range.start.character}",
                    one.range.end.line,
                    one.range.end.character,
                    one.new_text,
                )
                for one in edits
            ]
            for uri, edits in action.edit.changes.items()
        }


def play(
    folder: Path,
    scene: Callable[[Editor], Awaitable[None]],
    capabilities: lsp.ClientCapabilities | None = None,
    **options: Any,
) -> None:
    """Start a server for a folder, and play."""

    async def run() -> None:
        editor = Editor(folder)
        await editor.start(capabilities, **options)
        try:
            await scene(editor)
        finally:
            await editor.client.shutdown_async(None)
            editor.client.exit(None)
            await editor.client.stop()

    asyncio.run(run())


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A package whose `uses.py` is still empty on disk."""
    for name, text in {"pyproject.toml": "", "app/__init__.py": "", "app/models.py": MODELS, "app/uses.py": ""}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_a_buffer_is_checked_against_the_project(project: Path) -> None:
    async def scene(editor: Editor) -> None:
        (found,) = await editor.open("app/uses.py", USES)
        assert (found.code, found.source, found.severity) == ("TUP101", "trueup", lsp.DiagnosticSeverity.Warning)
        # In UTF-16 units: the letter in the string takes two.
        assert (found.range.start.line, found.range.start.character, found.range.end.character) == (4, 19, 23)
        assert found.code_description is not None and found.code_description.href.startswith("https://")
        assert list(found.tags or ()) == [lsp.DiagnosticTag.Deprecated]
        assert await editor.change("app/uses.py", "x = (\n", USES.replace("dict", "model_dump")) == []
        (fault,) = await editor.change("app/uses.py", "x = (\n")
        assert fault.code == "TU000"
        # What another buffer says counts, saved or not.
        await editor.change("app/uses.py", USES)
        assert await editor.open("app/models.py", "class User:\n    pass\n") == []
        document = lsp.TextDocumentIdentifier(editor.uri("app/models.py"))
        editor.client.text_document_did_save(lsp.DidSaveTextDocumentParams(document))
        assert [await editor.next(), await editor.next()] == [[], []]
        editor.client.text_document_did_close(lsp.DidCloseTextDocumentParams(document))
        assert await editor.next() == []
        (again,) = await editor.change("app/uses.py", USES)
        assert again.code == "TUP101"

    play(project, scene)


def test_a_new_file_is_checked_before_it_is_saved(project: Path) -> None:
    async def scene(editor: Editor) -> None:
        (found,) = await editor.open("app/new.py", USES)
        assert found.code == "TUP101"
        assert await editor.open("app/other.py", "from app.new import f\n\n\nx = f(1)\n") == []
        assert await editor.change("app/new.py", "x = 1\n") == []
        (found,) = await editor.change("app/new.py", USES)
        (repair, _) = await editor.actions("app/new.py", found.range, "quickfix")
        assert repair.title.startswith("trueup: repair TUP101")

    play(project, scene)
    assert not (project / "app/new.py").exists()


def test_repairs_and_comments_are_offered(project: Path) -> None:
    async def scene(editor: Editor) -> None:
        text = USES + "\n\ndef g(user: User):\n    user.copy()\n"
        (project / "plain.py").write_text("")
        first, second = await editor.open("app/uses.py", text)
        repair, ignore = await editor.actions("app/uses.py", first.range, "quickfix")
        assert repair.title == "trueup: repair TUP101 (v1-model-method)"
        assert (repair.kind, repair.is_preferred) == (lsp.CodeActionKind.QuickFix, True)
        assert editor.changes(repair) == {"uses.py": [("4:19", 4, 23, "model_dump")]}
        assert ignore.title == "trueup: ignore TUP101 here"
        assert editor.changes(ignore) == {"uses.py": [("4:25", 4, 25, "  # trueup: ignore[TUP101]")]}
        unsafe, _ = await editor.actions("app/uses.py", second.range, "quickfix")
        assert "; unsafe: " in unsafe.title
        assert unsafe.is_preferred is False
        (every,) = await editor.actions("app/uses.py", first.range, "source.fixAll")
        assert every.kind == "source.fixAll.trueup"
        assert editor.changes(every) == {"uses.py": [("4:19", 4, 23, "model_dump")]}
        assert len(await editor.change("app/uses.py", text + "\n")) == 2  # to ask changed nothing

    play(project, scene)


def test_hover_shows_the_page(project: Path) -> None:
    async def scene(editor: Editor) -> None:
        text = USES + "x = 1  # trueup: ignore[TUP301]\n"
        await editor.open("app/uses.py", text)
        for line, character, title in ((4, 20, "# TUP101 "), (5, 25, "# TUP301 ")):
            where = lsp.HoverParams(
                lsp.TextDocumentIdentifier(editor.uri("app/uses.py")), lsp.Position(line, character)
            )
            hover = await editor.client.text_document_hover_async(where)
            assert hover is not None and isinstance(hover.contents, lsp.MarkupContent)
            assert hover.contents.value.startswith(title)
        nowhere = lsp.HoverParams(lsp.TextDocumentIdentifier(editor.uri("app/uses.py")), lsp.Position(1, 0))
        assert await editor.client.text_document_hover_async(nowhere) is None

    play(project, scene)


def test_an_editor_that_asks_is_not_told_twice(project: Path) -> None:
    asking = lsp.ClientCapabilities(
        text_document=lsp.TextDocumentClientCapabilities(diagnostic=lsp.DiagnosticClientCapabilities()),
        workspace=lsp.WorkspaceClientCapabilities(
            diagnostics=lsp.DiagnosticWorkspaceClientCapabilities(refresh_support=True)
        ),
    )

    async def scene(editor: Editor) -> None:
        refreshed: asyncio.Queue[Any] = asyncio.Queue()
        editor.client.feature(lsp.WORKSPACE_DIAGNOSTIC_REFRESH)(lambda _: refreshed.put_nowait(True))
        item = lsp.TextDocumentItem(editor.uri("app/uses.py"), lsp.LanguageKind.Python, 0, USES)
        editor.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))
        (found,) = await editor.pull("app/uses.py")
        assert found.code == "TUP101"
        assert [one.kind for one in await editor.actions("app/uses.py", found.range, "quickfix")] == ["quickfix"] * 2
        document = lsp.VersionedTextDocumentIdentifier(1, editor.uri("app/uses.py"))
        change = lsp.TextDocumentContentChangeWholeDocument("x = 1  # trueup: ignore[TUP101]\n")
        editor.client.text_document_did_change(lsp.DidChangeTextDocumentParams(document, [change]))
        (idle,) = await editor.pull("app/uses.py")
        assert (idle.code, *(idle.tags or ())) == ("TU001", lsp.DiagnosticTag.Unnecessary)
        # What is saved in one file may change what is found in another.
        editor.client.text_document_did_save(
            lsp.DidSaveTextDocumentParams(lsp.TextDocumentIdentifier(editor.uri("app/uses.py")))
        )
        assert await asyncio.wait_for(refreshed.get(), 60)
        assert editor.told.empty()

    play(project, scene, asking)


def test_settings_hold(project: Path) -> None:
    async def silent(editor: Editor) -> None:
        assert await editor.open("app/uses.py", USES) == []

    play(project, silent, ignore=["TUP101"])
    play(project, silent, select=["TUS"])
    (project / "other.toml").write_text("ignore = ['TUP']\n")
    play(project, silent, config=str(project / "other.toml"))

    async def told(editor: Editor) -> None:
        assert [one.code for one in await editor.open("app/uses.py", USES)] == ["TUP101"]
        assert not (project / ".trueup_cache").exists()

    shutil.rmtree(project / ".trueup_cache")
    more: Any = {"extend-select": ["v1-model-method"]}
    play(project, told, cache=False, select=["TUS"], **more)

    async def excluded(editor: Editor) -> None:
        (project / "pyproject.toml").write_text("[tool.trueup]\nexclude = ['app']\n")
        assert await editor.open("app/uses.py", USES) == []

    play(project, excluded)

    async def bad(editor: Editor) -> None:
        shown: asyncio.Queue[lsp.ShowMessageParams] = asyncio.Queue()
        editor.client.feature(lsp.WINDOW_SHOW_MESSAGE)(lambda told: shown.put_nowait(told))  # noqa: PLW0108
        (project / "pyproject.toml").write_text("[tool.trueup]\nselct = []\n")
        item = lsp.TextDocumentItem(editor.uri("app/uses.py"), lsp.LanguageKind.Python, 0, USES)
        editor.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))
        assert "unknown key `selct`" in (await asyncio.wait_for(shown.get(), 60)).message

    play(project, bad)


def said(method: str, number: int | None = None) -> bytes:
    told: dict[str, Any] = {"jsonrpc": "2.0", "method": method} | ({"id": number} if number is not None else {})
    if method == lsp.INITIALIZE:
        told["params"] = {"processId": None, "rootUri": None, "capabilities": {}}
    text = json.dumps(told).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(text), text)


@pytest.mark.parametrize(("is_asked", "code"), [(True, 0), (False, 1)])
def test_it_ends_as_the_protocol_says(project: Path, is_asked: bool, code: int) -> None:
    words = [said(lsp.INITIALIZE, 1), *([said(lsp.SHUTDOWN, 2)] if is_asked else []), said(lsp.EXIT)]
    process = subprocess.Popen(
        COMMAND, cwd=project, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    _, err = process.communicate(b"".join(words), timeout=60)
    assert (process.returncode, err) == (code, b"")
