"""Types."""

from typing import Any

DecoratedCallable: Any
IncEx: Any
UnionType: Any
