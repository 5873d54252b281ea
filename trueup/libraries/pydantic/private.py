"""Private attributes of models, and where they are set."""

from __future__ import annotations

from msgspec import Struct


class EarlyAttribute(Struct, frozen=True):
    """A private attribute that is set before `super().__init__()`: the clue of its repair."""

    call: int
    """Which statement of the function calls that."""
    local: str
    """The local variable that keeps the value until then; empty where the value can be worked out later as well."""
