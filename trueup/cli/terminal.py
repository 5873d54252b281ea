"""The two streams of a command: what goes to which, in colour or not, and the progress bar."""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TextIO

from trueup.report.screen import Paint, escape

from .options import Color

if TYPE_CHECKING:
    from rich.progress import Progress

_PATIENCE = 0.5
"""Seconds a run takes before a progress bar is worth the 0.1 s that importing rich costs."""


def wants_colour(flag: Color, is_terminal: bool, environ: Mapping[str, str]) -> bool:
    """Whether a stream gets colour: the flag, else NO_COLOR, else FORCE_COLOR, else a capable terminal."""
    if flag is not Color.AUTO:
        return flag is Color.ALWAYS
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR") or environ.get("CLICOLOR_FORCE", "0") != "0":
        return True
    return environ.get("TERM") != "dumb" and is_terminal


_WITH_LINKS = ("iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "rio", "Tabby")
"""What `TERM_PROGRAM` says of terminals that make OSC 8 a link; others say it in variables of their own."""


def knows_links(is_terminal: bool, environ: Mapping[str, str]) -> bool:
    """Whether a stream goes to a terminal that is known to make links; `FORCE_HYPERLINK` says so of any."""
    if forced := environ.get("FORCE_HYPERLINK"):
        return forced != "0"
    if not is_terminal or "CI" in environ or environ.get("TERM", "").startswith(("dumb", "screen", "tmux")):
        return False
    vte = environ.get("VTE_VERSION", "")
    return (
        environ.get("TERM_PROGRAM") in _WITH_LINKS
        or any(name in environ for name in ("WT_SESSION", "KITTY_WINDOW_ID", "KONSOLE_VERSION", "DOMTERM"))
        or environ.get("TERM", "").startswith(("xterm-kitty", "alacritty", "foot"))
        or (vte.isdigit() and int(vte) >= 5000)
    )


@dataclass
class Terminal:
    """Where a command writes: results to stdout, everything else to stderr."""

    color: Color = Color.AUTO
    quiet: bool = False
    """No closing lines, no notes."""
    silent: bool = False
    """No results either."""
    verbose: int = 0
    no_progress: bool = False
    started: float = field(default_factory=time.monotonic)

    @property
    def paint(self) -> Paint:
        """Colour for stdout."""
        return self._paint(sys.stdout.isatty())

    @property
    def error_paint(self) -> Paint:
        """Colour for stderr."""
        return self._paint(sys.stderr.isatty())

    def _paint(self, is_terminal: bool) -> Paint:
        on = wants_colour(self.color, is_terminal, os.environ)
        return Paint(on, on and knows_links(is_terminal, os.environ))

    def results(self, texts: Iterable[str], *, to_stderr: bool = False, text: bool = False) -> None:
        """Write to stdout, or where that is taken by source or a diff, to stderr; one write a text.

        `text`: for people, who may read it in the log of a CI service: there it must not give commands.
        """
        stream = sys.stderr if to_stderr else sys.stdout
        log = text and _is_log()
        for part in texts:
            if not self.silent:
                stream.write(_harmless(part) if log else part)

    def raw(self, data: bytes) -> None:
        """Write bytes to stdout: source, whose encoding and line ends are not the terminal's."""
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()

    def diff(self, data: bytes) -> None:
        """Write a patch to stdout: byte for byte to a file or a program, but as text to who would obey what it holds.

        That is a terminal, and the log of a CI service, where a line of source could give commands.
        """
        if sys.stdout.isatty():
            lines = data.decode("utf-8", "backslashreplace").split("\n")
            sys.stdout.write("\n".join(_painted(escape(line.removesuffix("\r")), self.paint) for line in lines))
        elif _is_log() and not _is_file(sys.stdout):
            self.raw(_harmless(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape"))
        else:
            self.raw(data)

    def note(self, *lines: str) -> None:
        """Write lines to stderr, unless quiet."""
        if not (self.quiet or self.silent):
            self._stderr(lines)

    def phase(self, done: str) -> None:
        """Under `-v`, write to stderr what is done and how many seconds into the run."""
        if self.verbose:
            self._stderr([f"{time.monotonic() - self.started:6.2f} s  {done}"])

    def fault(self, message: str) -> None:
        """Write what went wrong to stderr, however quiet."""
        self._stderr([f"trueup: {escape(message)}"])

    def _stderr(self, lines: Iterable[str]) -> None:
        sys.stdout.flush()
        text = "".join(line + "\n" for line in lines)
        sys.stderr.write(_harmless(text) if _is_log() else text)
        sys.stderr.flush()

    @contextmanager
    def progress(self) -> Iterator[Bar]:
        """A bar that appears on a terminal once the run has taken half a second, and goes without a trace."""
        unwanted = self.no_progress or self.quiet or self.silent or "CI" in os.environ
        wanted = sys.stderr.isatty() and not unwanted
        bar = Bar(wanted and os.environ.get("TERM") != "dumb", self.started)
        try:
            yield bar
        finally:
            bar.close()


def _is_file(stream: TextIO) -> bool:
    """Whether what is written goes into a file."""
    try:
        return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except OSError:
        return False


def _painted(line: str, paint: Paint) -> str:
    """A line of a patch in the colours that git gives it."""
    if line.startswith(("--- ", "+++ ")):
        return paint.bold(line)
    colour = {"+": 32, "-": 31, "@": 36}.get(line[:1])
    return line if colour is None else paint(line, colour)


def _is_log() -> bool:
    """Whether a CI service looks for commands in what is printed."""
    return "GITHUB_ACTIONS" in os.environ or "TF_BUILD" in os.environ


def _harmless(text: str) -> str:
    """The text with `##[` anywhere and `::` at a line's start made other text: they begin commands to a CI service."""
    text = text.replace("##[", "# #[").replace("##vso", "# #vso")
    return "".join("." + line if line.lstrip().startswith("::") else line for line in text.splitlines(keepends=True))


class Bar:
    """Says how far a long run is."""

    def __init__(self, wanted: bool, started: float) -> None:
        self.wanted = wanted
        self._started = started
        self._rich: Progress | None = None
        self._task: Any = None

    def __call__(self, what: str, done: int = 0, total: int | None = None) -> None:
        """Show a phase and how many of its parts are done; costs a clock look while the bar is not due."""
        if not self.wanted or (self._rich is None and time.monotonic() - self._started < _PATIENCE):
            return
        if self._rich is None:
            from rich.console import Console
            from rich.progress import Progress

            # No thread of rich's own: the engine may fork.
            self._rich = Progress(console=Console(stderr=True), transient=True, auto_refresh=False)
            self._task = self._rich.add_task("", total=total)
            self._rich.start()
        self._rich.update(self._task, description=what, completed=done, total=total, refresh=True)

    def close(self) -> None:
        """Take the bar off the terminal."""
        if self._rich is not None:
            self._rich.stop()
            self._rich = None


@contextmanager
def doing(what: str) -> Iterator[None]:
    """Note on any exception that passes what was being done, for the one line a user sees of it."""
    try:
        yield
    except Exception as error:
        error.add_note(f"while {what}")
        raise
