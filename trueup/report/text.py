"""Findings as a person reads them: one line each, or each with its source."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from trueup.edits import Preview, TextEdit
from trueup.model import Finding, Rule, Safety, Severity

from .screen import Paint, cells, escape

_LINE_END = re.compile(r"\r\n|\r|\n")
"""What ends a line for `ast`; `str.splitlines` also splits at form feeds, which would shift every number."""

_WIDEST = 160
"""Cells of one source line that are shown; of a longer line only the part around the underline."""


@dataclass(frozen=True, slots=True)
class Look:
    """What all lines of one report share."""

    paint: Paint
    unsafe: bool
    """Whether unsafe fixes count as fixable: `--unsafe-fixes` was given."""
    shown: Callable[[str], str]
    """Path -> the path to print."""

    def mark(self, finding: Finding) -> str:
        """`[*] ` before a message whose fix the given flags would apply, else nothing."""
        applies = finding.safety is Safety.SAFE or (finding.safety is Safety.UNSAFE and self.unsafe)
        return f"{self.paint.fix('[*]')} " if applies else ""

    def where(self, path: str, line: int, column: int) -> str:
        """`path:line:column`, escaped and coloured."""
        return f"{self.paint.bold(escape(self.shown(path)))}:{line}:{column}"

    def code(self, finding: Finding) -> str:
        """The code in the colour of its severity."""
        return self.paint.severity(finding.code, finding.severity)


def concise(findings: Iterable[Finding], look: Look) -> Iterator[str]:
    """One text a file, one line a finding."""
    for _, group in groupby(findings, key=lambda f: f.path):
        yield "".join(
            f"{look.where(f.path, f.span.line, f.span.column)}: {look.code(f)} {look.mark(f)}{escape(f.message)}\n"
            for f in group
        )


def grouped(findings: Iterable[Finding], look: Look) -> Iterator[str]:
    """One text a file: its path, below it one line a finding with the places in one column, and an empty line."""
    for path, group in groupby(findings, key=lambda f: f.path):
        some = list(group)
        places = [f"{f.span.line}:{f.span.column}" for f in some]
        width = max(map(len, places))
        lines = "".join(
            f"  {place:>{width}}  {look.code(f)} {look.mark(f)}{escape(f.message)}\n"
            for f, place in zip(some, places, strict=True)
        )
        yield f"{look.paint.bold(escape(look.shown(path)))}\n{lines}\n"


def pylint(findings: Iterable[Finding], look: Look) -> Iterator[str]:
    """One line a finding as readers of pylint's output know it, `path:line: [CODE] message`; never in colour."""
    for f in findings:
        yield f"{escape(look.shown(f.path))}:{f.span.line}: [{f.code}] {escape(f.message)}\n"


def full(
    findings: Iterable[Finding],
    look: Look,
    rules: Mapping[str, Rule],
    text_of: Callable[[str], str],
    previews: Mapping[Finding, Preview] | None = None,
) -> Iterator[str]:
    """One text a file; each finding with its source underlined, related places, how to repair it and where to read.

    Args:
        rules: code -> rule, for links and minutes of work; a finding of an unknown code has neither.
        text_of: path -> the text the finding's lines count in.
        previews: finding -> what its repair would change, of those whose repair is to be shown.
    """
    made = previews or {}
    for path, group in groupby(findings, key=lambda f: f.path):
        lines = _LINE_END.split(text_of(path))
        yield "".join(_block(f, look, rules.get(f.code), lines, made.get(f, Preview())) for f in group)


def _block(finding: Finding, look: Look, rule: Rule | None, lines: Sequence[str], preview: Preview) -> str:
    span, paint = finding.span, look.paint
    width = len(str(span.line)) + 1
    bar = " " * width + paint.frame(" |")
    code = paint.link(look.code(finding), rule.url if rule is not None else "")
    out = [
        f"{code} ({escape(finding.name)}) {look.mark(finding)}{escape(finding.message)}",
        f"{' ' * width}{paint.frame('-->')} {look.where(finding.path, span.line, span.column)}",
        bar,
    ]
    for number in range(max(1, span.line - 1), min(span.line, len(lines)) + 1):
        before, under, after = "", "", ""
        line = lines[number - 1]
        if number == span.line:
            stop = span.end_column - 1 if span.end_line == span.line else len(line.rstrip())
            before, under, after = line[: span.column - 1], line[span.column - 1 : stop], line[stop:]
            before, under, after = _window(escape(before), escape(under), escape(after))
            line = before + under + after
        else:
            line = _window("", "", escape(line))[2]
        out.append(f"{paint.frame(f'{number:>{width}} |')} {line}".rstrip())
        if number == span.line:
            carets = "^" * max(1, cells(under))
            out.append(f"{bar} {' ' * cells(before)}{paint.severity(carets, finding.severity)}")
    out.append(bar)
    out += [
        f"{' ' * width}{paint.frame(':::')} {look.where(place.path, place.line, place.column)}  {escape(place.message)}"
        for place in finding.related
    ]
    out.append(f"{paint.bold('help')}: {_help(finding, rule)}")
    if preview.edits:
        out += mini_diff(finding, preview, lines, paint, width)
    if rule is not None and rule.url:
        out.append(f"{paint.bold('docs')}: {escape(rule.url)}")
    return "\n".join(out) + "\n\n"


_MOST_LINES = 16
"""Lines of a change that are shown; who wants all of them asks for a diff."""


def mini_diff(finding: Finding, preview: Preview, lines: Sequence[str], paint: Paint, width: int = 0) -> list[str]:
    """What a repair would change, line by line: what goes without a number, what comes with its number afterwards."""
    changes = list(_changes([edit for edit in preview.edits if edit.path == finding.path], lines))
    last = max((number + len(new) for number, _, new in changes), default=0)
    width = max(width, len(str(last)) + 1)
    bar = " " * width + paint.frame(" |")
    rows: list[str] = []
    for number, old, new in changes:
        rows += [f"{' ' * width} {paint(f'- {_shown(line)}'.rstrip(), 31)}" for line in old]
        rows += [
            f"{paint.frame(f'{number + offset:>{width}}')} {paint(f'+ {_shown(line)}'.rstrip(), 32)}"
            for offset, line in enumerate(new)
        ]
    if len(rows) > _MOST_LINES:
        rows[_MOST_LINES:] = [f"{' ' * width} ... {plural(len(rows) - _MOST_LINES, 'more line')}: see `--diff`"]
    others = len({edit.path for edit in preview.edits} - {finding.path})
    if others:
        rows.append(f"{' ' * width} ... and changes in {plural(others, 'other file')}")
    return [bar, *rows, bar]


def _shown(line: str) -> str:
    return _window("", "", escape(line))[2]


def _changes(edits: Sequence[TextEdit], lines: Sequence[str]) -> Iterator[tuple[int, list[str], list[str]]]:
    """The changed stretches: the number of the first line afterwards, the lines before, the lines afterwards."""
    stretches: list[list[TextEdit]] = []
    for edit in edits:
        if stretches and edit.line <= stretches[-1][-1].end_line:
            stretches[-1].append(edit)
        else:
            stretches.append([edit])
    shift = 0
    for some in stretches:
        first, last = some[0].line, some[-1].end_line
        old = [*lines[first - 1 : last]] or [""]
        starts = [0]
        for line in old:
            starts.append(starts[-1] + len(line) + 1)
        text = "\n".join(old)
        for edit in reversed(some):
            begin = starts[edit.line - first] + edit.column - 1
            text = text[:begin] + edit.text + text[starts[edit.end_line - first] + edit.end_column - 1 :]
        new = _LINE_END.split(text)
        same = 0
        while same < min(len(old), len(new)) and old[same] == new[same]:
            same += 1
        tail = 0
        while tail < min(len(old), len(new)) - same and old[-1 - tail] == new[-1 - tail]:
            tail += 1
        was, now = old[same : len(old) - tail], new[same : len(new) - tail]
        yield first + same + shift, was, now
        shift += len(now) - len(was)


def _window(before: str, under: str, after: str) -> tuple[str, str, str]:
    """The three parts of a line, cropped to about `_WIDEST` characters around the underlined one."""
    room = _WIDEST - min(len(under), _WIDEST)
    if len(before) > room // 2 and len(before) + len(under) + len(after) > _WIDEST:
        before = "..." + before[len(before) - room // 2 :]
    if len(under) > _WIDEST:
        under, after = under[:_WIDEST], "..."
    elif len(before) + len(under) + len(after) > _WIDEST + 3:
        after = after[: max(0, _WIDEST - len(before) - len(under))] + "..."
    return before, under, after


def _help(finding: Finding, rule: Rule | None) -> str:
    said = finding.why.rstrip(".") in finding.message
    why = "" if said else f": {escape(finding.why.rstrip('.'))}"
    if finding.safety is Safety.SAFE:
        return "`--fix` repairs it (safe fix)"
    if finding.safety is Safety.UNSAFE:
        return f"`--fix --unsafe-fixes` repairs it (unsafe fix{why})"
    if finding.safety is Safety.DISPLAY:
        return f"to repair by hand; a fix can be shown but is never applied{why}"
    minutes = f" (about {rule.effort} min)" if rule is not None else ""
    return f"to repair by hand{minutes}{why}"


def plural(count: int, word: str, many: str = "") -> str:
    """`1 file`, `2 files`."""
    return f"{count} {word if count == 1 else many or word + 's'}"


def closing(
    findings: Sequence[Finding],
    look: Look,
    *,
    files: int,
    suppressed: int = 0,
    fixed: int = 0,
    dry: bool = False,
    known: str = "",
) -> list[str]:
    """The lines below the findings: how many, and what repairs them.

    `dry`: those fixed are so only in a diff; `known`: what more there is and is hidden, `3 hidden by the baseline`.
    """
    hidden = [f"{fixed} fixed by the diff" if dry else f"{fixed} fixed"] if fixed else []
    hidden += [known] if known else []
    hidden += [f"{suppressed} hidden by comments"] if suppressed else []
    aside = f" ({', '.join(hidden)})" if hidden else ""
    if not findings:
        return [f"Found nothing in {plural(files, 'file')}{aside}."]
    by_severity = Counter(f.severity for f in findings)
    many = {Severity.ADVICE: "advice"}
    found = ", ".join(plural(by_severity[s], s.value, many.get(s, "")) for s in Severity if by_severity[s])
    lines = [f"Found {found}{aside}."]
    by_safety = Counter(f.safety for f in findings)
    safe, unsafe = by_safety[Safety.SAFE], by_safety[Safety.UNSAFE]
    by_hand = by_safety[Safety.DISPLAY] + by_safety[Safety.MANUAL]
    parts = []
    if look.unsafe and safe + unsafe:
        parts.append(f"{safe + unsafe} fixable with `--fix --unsafe-fixes`")
    elif safe:
        parts.append(f"{safe} fixable with `--fix`")
    if unsafe and not look.unsafe:
        parts.append(f"{unsafe} {'more ' if safe else 'fixable '}with `--unsafe-fixes`")
    if by_hand:
        parts.append(f"{by_hand} by hand")
    mark = f"{look.paint.fix('[*]')} " if safe + unsafe else ""
    return [*lines, f"{mark}{', '.join(parts)}."] if parts else lines


def tally(counted: Iterable[tuple[str, str, str, int]]) -> list[str]:
    """What was repaired, one line a file and rule, from (path, code, name, how many)."""
    return [f"  {escape(path)}: {count} x {code} ({name})" for path, code, name, count in counted]
