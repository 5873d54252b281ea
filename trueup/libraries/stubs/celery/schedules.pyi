"""Schedules."""

from typing import Any

class schedule:
    def __init__(self, run_every: Any = ..., *args: Any, **kwargs: Any) -> None: ...

class crontab:
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
