"""trueup in an editor: diagnostics, repairs and pages over the language server protocol."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from lsprotocol import types as lsp
from pygls import uris
from pygls.lsp.server import LanguageServer

from . import __version__
from .buffers import Buffers
from .comment_fix import COMMENT
from .config import CliOptions, ConfigError
from .edits import NEWLINE, TextEdit
from .globs import absolute
from .model import Finding, Rule, Safety, Severity
from .report.pages import page
from .report.screen import escape

PAUSE = 0.1
"""Seconds without a key before a buffer is checked."""

FIX_ALL = "source.fixAll.trueup"

_SEVERITY = {
    Severity.ERROR: lsp.DiagnosticSeverity.Error,
    Severity.WARNING: lsp.DiagnosticSeverity.Warning,
    Severity.ADVICE: lsp.DiagnosticSeverity.Information,
}
_CODE = re.compile(r"\bTU[A-Z0-9]?[0-9]{2,3}\b")


class Server(LanguageServer):
    """One editor's connection."""

    def __init__(self, load: Callable[[], Mapping[str, Rule]]) -> None:
        """`load`: as `Buffers` takes it."""
        super().__init__("trueup", __version__)
        self.load = load
        self.buffers = Buffers(CliOptions(), load=load)
        self.found: dict[str, list[Finding]] = {}
        """Uri -> what was last found there."""
        self.versions: dict[str, int] = {}
        """Uri -> how often it was changed."""
        self.is_asked = False
        """The editor asks for diagnostics by itself; to send them too would show each twice."""
        self.is_done = False
        """The editor has asked for a shutdown."""

    # Places

    def lines(self, path: str) -> list[str]:
        """The lines of a file as Python and editors count them; not those of `str.splitlines`."""
        text = self.buffers.text(path)
        ends = [match.end() for match in NEWLINE.finditer(text)]
        return [text[start:end] for start, end in zip([0, *ends], [*ends, len(text)], strict=True)]

    def position(self, lines: Sequence[str], line: int, column: int) -> lsp.Position:
        """A place as the editor counts it, in UTF-16 units as a rule."""
        return self.workspace.position_codec.position_to_client_units(lines, lsp.Position(line - 1, column - 1))

    def range(self, lines: Sequence[str], place: Any) -> lsp.Range:
        """A span or an edit's stretch as the editor counts it."""
        return lsp.Range(
            self.position(lines, place.line, place.column), self.position(lines, place.end_line, place.end_column)
        )

    # Diagnostics

    def diagnostics(self, uri: str) -> list[lsp.Diagnostic] | None:
        """Check a file; None where that cannot be, which the editor is told."""
        path = uris.to_fs_path(uri)
        if path is None:
            return None
        try:
            findings = self.buffers.check(path)
        except ConfigError as error:
            self.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Error, f"trueup: {error}"))
            return None
        self.found[uri] = findings
        lines = self.lines(path)
        return [self.diagnostic(one, lines) for one in findings]

    def publish(self, uri: str) -> None:
        """Check a file, and tell the editor what is found, unless it is one that asks."""
        if self.is_asked:
            self.found.setdefault(uri, [])
            return
        told = self.diagnostics(uri)
        if told is not None:
            document = self.workspace.text_documents.get(uri)
            version = document.version if document is not None else None
            self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, told, version))

    def publish_all(self) -> None:
        """Check all open files again, or have the editor ask for them."""
        if self.is_asked:
            if self.can_be_refreshed:
                self.workspace_diagnostic_refresh(None)
            return
        for uri in list(self.found):
            self.publish(uri)

    @property
    def can_be_refreshed(self) -> bool:
        """Whether the editor may be told that it should ask again."""
        workspace = self.client_capabilities.workspace
        asking = workspace.diagnostics if workspace is not None else None
        return asking is not None and asking.refresh_support is True

    def diagnostic(self, finding: Finding, lines: Sequence[str]) -> lsp.Diagnostic:
        """A finding in the editor's words."""
        rule = self.buffers.rules.get(finding.code)
        return lsp.Diagnostic(
            range=self.range(lines, finding.span),
            message=escape(finding.message),
            severity=_SEVERITY[finding.severity],
            code=finding.code,
            code_description=lsp.CodeDescription(rule.url) if rule is not None and rule.url else None,
            source="trueup",
            tags=_tags(finding),
            related_information=[
                lsp.DiagnosticRelatedInformation(
                    lsp.Location(uri, lsp.Range(*[self.position(self.lines(path), place.line, place.column)] * 2)),
                    escape(place.message),
                )
                for place in finding.related
                if (uri := uris.from_fs_path(path := absolute(place.path))) is not None
            ],
        )

    # Repairs

    def edit(self, edits: Iterable[TextEdit]) -> lsp.WorkspaceEdit:
        """Edits with absolute paths in the editor's words."""
        changes: dict[str, list[lsp.TextEdit]] = {}
        for one in edits:
            uri = uris.from_fs_path(one.path)
            if uri is not None:
                changes.setdefault(uri, []).append(lsp.TextEdit(self.range(self.lines(one.path), one), one.text))
        return lsp.WorkspaceEdit(changes=changes)

    def actions(self, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        """What can be done about the findings in a range."""
        uri = params.text_document.uri
        path = uris.to_fs_path(uri)
        only = params.context.only or ["quickfix", "source"]
        if path is None:
            return []
        result: list[lsp.CodeAction] = []
        if any("quickfix".startswith(kind) for kind in only):
            lines = self.lines(path)
            for finding in self.found.get(uri, ()):
                told = self.diagnostic(finding, lines)
                if told.range.start <= params.range.end and params.range.start <= told.range.end:
                    result += self.quick_fixes(path, finding, told)
        if any(FIX_ALL.startswith(kind) for kind in only):
            edits = self.buffers.repair_all(path)
            if edits:
                title = "trueup: make all safe repairs"
                result.append(lsp.CodeAction(title=title, kind=FIX_ALL, edit=self.edit(edits)))
        return result

    def quick_fixes(self, path: str, finding: Finding, told: lsp.Diagnostic) -> Iterable[lsp.CodeAction]:
        """The repair of one finding, and the comment that hides it."""
        kind = lsp.CodeActionKind.QuickFix
        if finding.safety is not Safety.MANUAL:
            made = self.buffers.repair(path, finding)
            if made.edits:
                safe = finding.safety is Safety.SAFE
                why = finding.why.rstrip(".") or "it may change what the program does"
                title = f"trueup: repair {finding.code} ({finding.name})" + ("" if safe else f"; unsafe: {escape(why)}")
                yield lsp.CodeAction(
                    title=title, kind=kind, diagnostics=[told], is_preferred=safe, edit=self.edit(made.edits)
                )
        if hiding := self.buffers.ignore(path, finding):
            title = f"trueup: ignore {finding.code} here"
            yield lsp.CodeAction(title=title, kind=kind, diagnostics=[told], edit=self.edit(hiding))

    # Pages

    def hover(self, params: lsp.HoverParams) -> lsp.Hover | None:
        """The page of the rule that a comment names, or that has found something here."""
        uri = params.text_document.uri
        path = uris.to_fs_path(uri)
        if path is None:
            return None
        lines = self.lines(path)
        at = params.position
        line = lines[at.line] if at.line < len(lines) else ""
        column = self.workspace.position_codec.position_from_client_units(lines, at).character
        hash_at = line.find("#")
        for found in _CODE.finditer(line):
            rule = self.buffers.rules.get(found[0])
            if rule is not None and 0 <= hash_at < found.start() <= column <= found.end():
                return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, page(rule)))
        for finding in self.found.get(uri, ()):
            where = self.range(lines, finding.span)
            if where.start <= at <= where.end and (rule := self.buffers.rules.get(finding.code)) is not None:
                return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, page(rule)), where)
        return None


def _tags(finding: Finding) -> list[lsp.DiagnosticTag] | None:
    """How the editor may show it: faint what does nothing, struck through what is deprecated."""
    if finding.kind == COMMENT:
        return [lsp.DiagnosticTag.Unnecessary]
    return [lsp.DiagnosticTag.Deprecated] if "deprecated" in finding.message else None


def build(load: Callable[[], Mapping[str, Rule]]) -> Server:
    """The server with all it answers to."""
    server = Server(load)

    @server.feature(lsp.INITIALIZE)
    def initialize(params: lsp.InitializeParams) -> None:
        document = params.capabilities.text_document
        server.is_asked = document is not None and document.diagnostic is not None
        told = params.initialization_options
        if isinstance(told, dict):
            server.buffers = Buffers(_options(told), cache=told.get("cache", True) is not False, load=server.load)

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: lsp.DidOpenTextDocumentParams) -> None:
        _take(server, params.text_document.uri)
        server.publish(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    async def did_change(params: lsp.DidChangeTextDocumentParams) -> None:
        import asyncio

        uri = params.text_document.uri
        _take(server, uri)
        mine = server.versions[uri] = server.versions.get(uri, 0) + 1
        await asyncio.sleep(PAUSE)
        if server.versions.get(uri) == mine:
            server.publish(uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    def did_save(params: lsp.DidSaveTextDocumentParams) -> None:
        if params.text_document.uri.endswith(".toml"):
            server.buffers.forget()
        server.publish_all()

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: lsp.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        path = uris.to_fs_path(uri)
        if path is not None:
            server.buffers.close(path)
        server.found.pop(uri, None)
        server.versions.pop(uri, None)
        if not server.is_asked:
            server.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, []))

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def did_change_files(params: lsp.DidChangeWatchedFilesParams) -> None:
        server.buffers.forget()
        server.publish_all()

    @server.feature(
        lsp.TEXT_DOCUMENT_DIAGNOSTIC, lsp.DiagnosticOptions(inter_file_dependencies=True, workspace_diagnostics=False)
    )
    def diagnostic(params: lsp.DocumentDiagnosticParams) -> lsp.RelatedFullDocumentDiagnosticReport:
        uri = params.text_document.uri
        _take(server, uri)
        return lsp.RelatedFullDocumentDiagnosticReport(items=server.diagnostics(uri) or [])

    kinds = [lsp.CodeActionKind.QuickFix, FIX_ALL]

    @server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions(code_action_kinds=kinds))
    def code_action(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        _take(server, params.text_document.uri)
        return server.actions(params)

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def hover(params: lsp.HoverParams) -> lsp.Hover | None:
        return server.hover(params)

    @server.feature(lsp.SHUTDOWN)
    def shutdown(params: None) -> None:
        server.is_done = True

    # They register themselves; to name them is to use them.
    _ = (
        initialize,
        shutdown,
        did_open,
        did_change,
        did_save,
        did_close,
        did_change_files,
        diagnostic,
        code_action,
        hover,
    )
    return server


def _take(server: Server, uri: str) -> None:
    path = uris.to_fs_path(uri)
    if path is not None:
        server.buffers.put(path, server.workspace.get_text_document(uri).source)


def _options(told: dict[str, Any]) -> CliOptions:
    """`initializationOptions`: `select`, `ignore`, `extend-select` as lists, `config` as a path."""

    def strings(key: str) -> tuple[str, ...] | None:
        value = told.get(key)
        return tuple(map(str, value)) if isinstance(value, list) else None

    config = told.get("config")
    return CliOptions(
        config=(str(config),) if config else (),
        select=strings("select"),
        ignore=strings("ignore"),
        extend_select=strings("extend-select"),
    )


def serve(load: Callable[[], Mapping[str, Rule]]) -> int:
    """Speak over stdin and stdout until the editor says goodbye; 1 if it went without asking for a shutdown.

    `load`: gives all rules by code.
    """
    server = build(load)
    # pygls closes what it writes to, and stdout is still flushed when the program ends.
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as out:
        server.start_io(sys.stdin.buffer, out)
    return 0 if server.is_done else 1
