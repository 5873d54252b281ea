"""Which findings a file's comments hide, and which of those comments hide nothing."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from .comment_fix import COMMENT, Useless
from .model import Finding, Rule, Span
from .selectors import ALL, named, nearest, nearest_rule, renamed, strength
from .tool_rules import MALFORMED_SUPPRESSION, NO_REASON, TOOL_RULES, UNKNOWN_CODE, UNUSED_SUPPRESSION

if TYPE_CHECKING:
    from .comments import Comment


class Suppression(NamedTuple):
    """One comment's wish to hide findings."""

    selectors: tuple[str, ...]
    """Codes, prefixes and names; empty: a bare `# noqa`, which hides every rule but the tool's own."""
    span: Span
    first: int
    last: int
    """The lines it covers: findings that begin there; 0 to 0 if no code follows."""
    statement: int
    """Findings from this line on are covered too if they end on `last`; 0: none are."""
    closing: Span | None = None
    """Of a `disable`: its `enable`, if it has one."""
    reason: bool = True
    """Whether it says why: words stand behind its rules."""

    def covers(self, finding: Finding) -> bool:
        """Whether a finding is where the comment points."""
        line, end = finding.span.line, finding.span.end_line
        return self.first <= line <= self.last or (0 < self.statement <= line and end == self.last)

    def hiding(self, finding: Finding, before: Mapping[str, str]) -> tuple[str, ...] | None:
        """The selectors that mean a finding's rule; None if the comment does not hide it.

        `before`: what rules were called before -> their codes.
        """
        if not self.covers(finding):
            return None
        is_own = finding.code in TOOL_RULES
        if not self.selectors:
            return None if is_own else ()
        meant = tuple(
            s
            for s in self.selectors
            if (s in (finding.code, finding.name) if is_own else strength(before.get(s, s), finding))
        )
        return meant or None


class Fault(NamedTuple):
    """A comment that was meant to do something and does not."""

    span: Span
    message: str


class Applied(NamedTuple):
    """What comments did to a file's findings."""

    kept: list[Finding]
    suppressed: list[Finding]
    unused: list[Finding]
    """Findings about the comments themselves: of the rules for unused, unknown and malformed ones."""


class Suppressions(NamedTuple):
    """The comments of a file that hide findings."""

    items: tuple[Suppression, ...] = ()
    faults: tuple[Fault, ...] = ()
    skip_file: bool = False
    """Nothing in the file is reported, and nothing is changed."""

    def apply(self, findings: Sequence[Finding], ran: Collection[str], known: Mapping[str, Rule], path: str) -> Applied:
        """Part a file's findings into those to report and those that comments hide.

        Args:
            findings: all of the file, in any order; the order is kept.
            ran: the codes of the rules that were on in this file, whether or not they found anything.
            known: every rule there is, the tool's own included.
            path: the file's, for findings about its comments.
        """
        if self.skip_file:
            return Applied([], list(findings), [])
        used: set[tuple[int, str]] = set()
        before = renamed(known.values())
        kept: list[Finding] = []
        suppressed: list[Finding] = []
        for finding in findings:
            (suppressed if self._hide(finding, used, before) else kept).append(finding)
        about = [_finding(MALFORMED_SUPPRESSION, fault.message, fault.span, path) for fault in self.faults]
        about += self._unknown(known, path)
        about += self._unused(used, ran, known, path)
        if NO_REASON.code in ran:
            about += self._unreasoned(path)
        unused = sorted((f for f in about if not self._hide(f, used, before)), key=lambda f: f.order)
        return Applied(kept, suppressed, unused)

    def _hide(self, finding: Finding, used: set[tuple[int, str]], before: Mapping[str, str]) -> bool:
        """Whether some comment hides a finding; all that would are marked as used."""
        hidden = False
        for index, item in enumerate(self.items):
            meant = item.hiding(finding, before)
            if meant is not None:
                hidden = True
                used.update((index, selector) for selector in meant)
        return hidden

    def _unknown(self, known: Mapping[str, Rule], path: str) -> Iterator[Finding]:
        for item in self.items:
            for selector in item.selectors:
                if not named(selector, known):
                    message = f"`{selector}` is no rule's code, prefix or name{nearest_rule(selector, known)}"
                    yield _finding(UNKNOWN_CODE, message, item.span, path, Useless((selector,), item.closing))

    def _unused(
        self, used: set[tuple[int, str]], ran: Collection[str], known: Mapping[str, Rule], path: str
    ) -> Iterator[Finding]:
        for index, item in enumerate(self.items):
            idle: list[str] = []
            for selector in item.selectors:
                codes = [rule.code for rule in named(selector, known)]
                about_the_tool = any(code in TOOL_RULES and selector in (code, known[code].name) for code in codes)
                if codes and not about_the_tool and (index, selector) not in used and all(c in ran for c in codes):
                    idle.append(selector)
            if idle:
                subject = (
                    f"{', '.join(f'`{one}`' for one in idle)} {'hides' if len(idle) == 1 else 'hide'} nothing here"
                )
                rest = "the comment" if len(idle) == len(item.selectors) else "them" if len(idle) > 1 else "it"
                clue = Useless(tuple(idle), item.closing)
                yield _finding(UNUSED_SUPPRESSION, f"{subject}: remove {rest}", item.span, path, clue)

    def _unreasoned(self, path: str) -> Iterator[Finding]:
        for item in self.items:
            if item.selectors and not item.reason:
                message = "this comment hides findings and does not say why: write the reason behind it"
                yield _finding(NO_REASON, message, item.span, path)


def _finding(rule: Rule, message: str, span: Span, path: str, clue: Useless | None = None) -> Finding:
    return Finding(
        path, rule.code, rule.name, rule.severity, rule.fix, message, span, node=span, kind=COMMENT, clue=clue
    )


# Parsing -------------------------------------------------------------------------------------------------------------

_MARK = re.compile(r"#[^\r\n]*?(?:trueup|[nN][oO][qQ][aA])")
"""A text without one has no comment for us, and is not looked at any further."""

_OURS = r"#\s*trueup\s*:\s*(?P<verb>[A-Za-z][A-Za-z-]*)\s*(?P<list>\[(?P<selectors>[^\]#]*)\])?"
_CODE = r"[A-Z]+[0-9]+(?!\w)"
_NOQA = rf"(?i)#\s*(?P<tool>(?:ruff|flake8)\s*:\s*)?noqa(?!\w)(?:\s*:\s*(?P<codes>{_CODE}(?:[\s,]+{_CODE})*))?"
_PREFIX = "TU"
"""How the codes begin that are ours in `# noqa: E501, TUP101`."""

_VERBS = ("ignore", "disable", "enable", "file-ignore", "skip-file")
_END = 2**31
"""Behind the last line of any file."""


def parse(text: str) -> Suppressions:
    """The comments in a text that hide findings.

    `# trueup: ignore[...]` behind code covers its line, the lines that a string or a backslash joins to it, and,
    behind the end of a statement or header, all of that; on a line of its own it covers the next statement or
    header, decorators included, or inside brackets the next line. `# noqa: TU...` is the same but never stands
    alone; a bare `# noqa` covers only its line. `disable` reaches to the `enable` of the same rules at the same
    indentation, at most to the end of the block. `file-ignore`, `skip-file` and, with codes, `# ruff: noqa` and
    `# flake8: noqa` hold for the file.
    """
    return _Parser(text).parse() if _MARK.search(text) else _NOTHING


def concerns(text: str, found: bool) -> bool:
    """Whether the comments of a text can matter: they hide a finding, or say something that is ours alone."""
    return found or _OURS_ALONE.search(text) is not None


_OURS_ALONE = re.compile(r"#[^\r\n]*?(?:trueup|[nN][oO][qQ][aA][^\r\n]*TU)")


_NOTHING = Suppressions()


def _says_why(comment: Comment, match: re.Match[str]) -> bool:
    return any(character.isalnum() for character in comment.text[match.end() :].partition("#")[0])


class _Directive(NamedTuple):
    verb: str
    selectors: tuple[str, ...]
    comment: Comment
    span: Span
    reason: bool
    """Whether words stand behind it."""


class _Parser:
    def __init__(self, text: str) -> None:
        from .comments import layout  # compiles a dozen patterns, and most runs meet no such comment

        self.text = text
        self.layout = layout(text)
        self.items: list[Suppression] = []
        self.faults: list[Fault] = []
        self.skip_file = False
        self.counted = (0, 0)  # an offset in code points, and the same in bytes

    def parse(self) -> Suppressions:
        ranges = []
        for comment in self.layout.comments:
            for directive in self.directives(comment):
                if directive.verb in ("disable", "enable"):
                    ranges.append(directive)
                else:
                    self.add(directive)
        self.pair(ranges)
        return Suppressions(tuple(self.items), tuple(self.faults), self.skip_file)

    def directives(self, comment: Comment) -> Iterator[_Directive]:
        """What a comment says, in well-formed parts: one comment may hold several."""
        if not _MARK.match(comment.text):
            return
        for match in re.finditer(_OURS, comment.text):
            if (directive := self.ours(comment, match)) is not None:
                yield directive
        for match in re.finditer(_NOQA, comment.text):
            codes = tuple(c for c in re.findall(r"\w+", (match["codes"] or "").upper()) if c.startswith(_PREFIX))
            if codes or not (match["codes"] or match["tool"]):
                verb = "file-noqa" if match["tool"] else "noqa"
                yield _Directive(verb, codes, comment, self.span(comment, match), _says_why(comment, match))

    def ours(self, comment: Comment, match: re.Match[str]) -> _Directive | None:
        verb = match["verb"]
        written = match["list"] is not None
        selectors = tuple(s for part in (match["selectors"] or "").split(",") if (s := part.strip()))
        if verb not in _VERBS:
            guess = nearest(verb, _VERBS)
            if written or guess:  # else it is prose: `# trueup: a linter`
                self.fault(comment, match, f"`trueup: {verb}` means nothing{guess}")
        elif verb == "skip-file" and written:
            self.fault(comment, match, "`skip-file` takes no rules: write `file-ignore[...]` to hide some")
        elif verb != "skip-file" and (not selectors or ALL in selectors):
            shown = "`ALL` is not allowed here" if selectors else f"`{verb}` names no rule"
            self.fault(comment, match, f"{shown}: write their codes, `{verb}[TUP101]` say")
        else:
            return _Directive(verb, selectors, comment, self.span(comment, match), _says_why(comment, match))
        return None

    def add(self, directive: _Directive) -> None:
        verb, comment = directive.verb, directive.comment
        if verb in ("file-ignore", "skip-file", "file-noqa"):
            if not comment.alone or (verb != "file-noqa" and (comment.nested or comment.indent)):
                where = "on a line of its own" + ("" if verb == "file-noqa" else ", not indented")
                shown = "a file's `noqa`" if verb == "file-noqa" else f"`{verb}`"
                self.faults.append(Fault(directive.span, f"{shown} has no effect here: put it {where}"))
            elif verb == "skip-file":
                self.skip_file = True
            else:
                self.cover(directive, 1, _END)
        elif verb == "noqa" and not directive.selectors:
            self.cover(directive, comment.row, comment.line)
        elif verb == "ignore" and comment.alone:
            self.cover(directive, *(self.next_row(comment) if comment.nested else self.next_statement(comment)))
        else:
            first = comment.row if comment.nested else comment.statement
            self.cover(directive, first, comment.line, comment.statement)

    def cover(
        self, directive: _Directive, first: int, last: int, statement: int = 0, closing: Span | None = None
    ) -> None:
        selectors, span = directive.selectors, directive.span
        self.items.append(Suppression(selectors, span, first, last, statement, closing, directive.reason))

    def next_row(self, comment: Comment) -> tuple[int, int]:
        index = bisect_right(self.layout.rows, comment.line, key=lambda row: row[0])
        return self.layout.rows[index] if index < len(self.layout.rows) else (0, 0)

    def next_statement(self, comment: Comment) -> tuple[int, int]:
        lines = self.layout.lines
        index = bisect_right(lines, comment.line, key=lambda line: line.first)
        if index == len(lines):
            return 0, 0
        first = lines[index].first
        while lines[index].is_decorator and index + 1 < len(lines):
            index += 1
        return first, lines[index].last

    def pair(self, directives: list[_Directive]) -> None:
        """Turn `disable` and `enable` comments into the stretches between them."""
        waiting = []
        for directive in directives:
            if not directive.comment.alone or directive.comment.nested:
                message = f"`{directive.verb}` has no effect here: put it on a line of its own, outside brackets"
                self.faults.append(Fault(directive.span, message))
            elif directive.verb == "disable":
                waiting.append((directive, self.end_of_block(directive.comment)))
            else:
                opened = next((item for item in waiting if self.closes(directive, *item)), None)
                if opened is not None:
                    waiting.remove(opened)
                    self.cover(opened[0], opened[0].comment.line, directive.comment.line, closing=directive.span)
                else:
                    rules = ", ".join(directive.selectors)
                    message = f"`enable[{rules}]` has no `disable[{rules}]` before it in its block: remove it"
                    self.faults.append(Fault(directive.span, message))
        for directive, end in waiting:
            rules = ", ".join(directive.selectors)
            message = f"`disable[{rules}]` is never closed: put `# trueup: enable[{rules}]` where it is to end"
            self.faults.append(Fault(directive.span, message))
            self.cover(directive, directive.comment.line, end)

    def closes(self, enable: _Directive, disable: _Directive, end: int) -> bool:
        """Whether an `enable` belongs to a `disable` before it, whose block ends on line `end`."""
        here, there = enable.comment, disable.comment
        same_rules = set(enable.selectors) == set(disable.selectors)
        return same_rules and here.indent == there.indent and here.line <= end

    def end_of_block(self, comment: Comment) -> int:
        """The line before the first code behind a comment that is indented less."""
        start = bisect_right(self.layout.lines, comment.line, key=lambda line: line.first)
        less = (line.first - 1 for line in self.layout.lines[start:] if line.indent < comment.indent)
        return next(less, _END)

    def fault(self, comment: Comment, match: re.Match[str], message: str) -> None:
        self.faults.append(Fault(self.span(comment, match), message))

    def span(self, comment: Comment, match: re.Match[str]) -> Span:
        start = comment.offset + match.start()
        length = len(match.group().rstrip())
        column = comment.column + match.start()
        first = self.bytes_before(start)
        size = len(self.text[start : start + length].encode("utf-8", "surrogatepass"))
        return Span(first, first + size, comment.line, column, comment.line, column + length)

    def bytes_before(self, offset: int) -> int:
        known, size = self.counted if self.counted[0] <= offset else (0, 0)
        size += len(self.text[known:offset].encode("utf-8", "surrogatepass"))
        self.counted = (offset, size)
        return size
