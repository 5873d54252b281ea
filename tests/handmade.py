"""Findings and a workspace made by hand, so that fixing is tested without any real rule."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from trueup.edits import Lines
from trueup.fix_text import TextFix, fix_text
from trueup.index.extract import extract
from trueup.index.facts import FileFacts
from trueup.model import Finding, Safety, Severity, Span
from trueup.registry import Fixer

Find = Callable[[ast.Module], Iterable[ast.AST]]
"""A rule by hand: the nodes of a tree that are at fault."""


def span_of(text: str, node: ast.AST) -> Span:
    """The span of a node of a text that has no BOM."""
    assert isinstance(node, ast.expr | ast.stmt | ast.excepthandler | ast.alias | ast.keyword)
    lines = Lines(text)
    assert node.end_lineno is not None and node.end_col_offset is not None
    start = lines.offset(node.lineno, node.col_offset)
    end = lines.offset(node.end_lineno, node.end_col_offset)
    return Span(
        len(text[:start].encode()),
        len(text[:end].encode()),
        node.lineno,
        start - lines.start(node.lineno) + 1,
        node.end_lineno,
        end - lines.start(node.end_lineno) + 1,
    )


def finding(text: str, node: ast.AST, code: str = "TUX001", path: str = "m.py", **rest: Any) -> Finding:
    """A finding at a node of a text; a safe one unless `safety` says otherwise."""
    span = span_of(text, node)
    rest = {"safety": Safety.SAFE, "message": f"{code} here", **rest}
    return Finding(
        path=path, code=code, name="by-hand", severity=Severity.WARNING, span=span, node=span,
        kind=type(node).__name__, **rest,
    )  # fmt: skip


def nodes(text: str, kind: type[ast.AST], name: str = "") -> list[Any]:
    """The nodes of a kind in source order; only those called, defining or reading `name`, if one is given."""
    return [
        node for node in ast.walk(ast.parse(text.removeprefix("\ufeff"))) if isinstance(node, kind) and _is(node, name)
    ]


def _is(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.Call):
        return _is(node.func, name)
    held = getattr(node, "name", getattr(node, "id", getattr(node, "attr", "")))
    return not name or held == name


def repair(text: str, on: type[Any], kind: type[ast.AST], name: str, fix: Callable[..., Any], **rest: Any) -> TextFix:
    """Let a fixer repair every node of a kind and name, all in one round."""
    body = text.removeprefix("\ufeff")
    path = rest.pop("path", "m.py")
    exported = rest.pop("exported", ())
    found = [finding(body, node, path=path, **rest) for node in nodes(body, kind, name)]
    return fix_text(text, found, {"TUX001": Fixer("TUX001", (on,), fix)}, path, exported=exported)


@dataclass
class Facts:
    """The index of a handmade workspace."""

    files: Mapping[str, FileFacts]


class Texts:
    """A workspace of texts: path -> text, code -> (rule, fields of its findings)."""

    def __init__(self, texts: dict[str, str], rules: dict[str, Find | tuple[Find, dict[str, Any]]]) -> None:
        self.texts = dict(texts)
        self.rules = rules
        self.checks: list[list[str] | None] = []
        self.keeps = False
        self.only: frozenset[str] | None = None

    @property
    def project(self) -> Facts:
        return Facts(
            {
                path: extract(path, path.removesuffix(".py").replace("/", "."), False, "", ast.parse(text))
                for path, text in sorted(self.texts.items())
            }
        )

    def check(self, paths: Collection[str] | None = None) -> list[Finding]:
        self.checks.append(None if paths is None else sorted(paths))
        return [one for path in sorted(self.texts if paths is None else paths) for one in self._check(path)]

    def _check(self, path: str) -> Iterator[Finding]:
        text = self.texts[path]
        tree = ast.parse(text)
        for code, rule in self.rules.items():
            find, rest = rule if isinstance(rule, tuple) else (rule, {})
            for node in find(tree):
                yield finding(text, node, code, path, **rest)

    def text(self, path: str) -> str:
        return self.texts[path]

    def update(self, texts: Mapping[str, str], read: Mapping[str, bytes | None] | None = None) -> None:
        self.texts.update(texts)

    def takes(self, path: str) -> bool | str:
        return "it is excluded" if "excluded" in path else path in self.texts
