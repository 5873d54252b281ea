"""Ctrl-C that waits until something is whole."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Ctrl-C within the block is heard at its end."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals are heard elsewhere
        return
    heard: list[int] = []

    def remember(number: int, frame: FrameType | None) -> None:
        heard.append(number)

    before = signal.signal(signal.SIGINT, remember)
    try:
        yield
    finally:
        # None: it was set by something else than Python, and cannot be put back by it.
        signal.signal(signal.SIGINT, before if before is not None else signal.default_int_handler)
    if heard:
        raise KeyboardInterrupt
