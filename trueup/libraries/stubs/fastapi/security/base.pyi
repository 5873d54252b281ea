"""What all have in common."""

from typing import Any

class SecurityBase:
    model: Any
    scheme_name: str
    auto_error: bool
