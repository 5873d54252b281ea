"""An argument of `sessionmaker()` or `Session()` that SQLAlchemy 2 refuses or no longer needs.

## Why
`sessionmaker(autocommit=True)` raises `ArgumentError` under 2.0: there are no sessions without transactions any more.
`autocommit=False` and `future=True` ask for what 2.0 always gives.

## Example
```python
SessionLocal = sessionmaker(autocommit=False, autoflush=False, bind=engine)
```
Use instead:
```python
SessionLocal = sessionmaker(autoflush=False, bind=engine)
```

## Fix safety
The argument goes; `autoflush=` and others stay, for they have an effect. `autocommit=False` is also the default of
1.4; `future=True` has to stay as long as the code runs under 1.4.

There is no fix for `autocommit=True`: say `with session.begin():` around what belongs together, which commits at its
end.

## Limits
Arguments in a dictionary that is handed over by `**` are not seen.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.libraries.sqlalchemy.arguments import SESSIONS
from trueup.libraries.sqlalchemy.core import LIBRARIES, MIGRATION
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

from .old_arguments import old_arguments

_NAMES = tuple(sorted({name for known in SESSIONS.values() for name in known}))


@rule(
    "TUS601",
    "legacy-session-argument",
    on=ast.Call,
    names=[f"{name}=" for name in _NAMES],
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    triggers=_NAMES,
    url=MIGRATION + "#autocommit-mode-removed-from-session-autobegin-support-added",
    effort=2,
    step="sqlalchemy-core",
    prepares=lambda finding: bool(finding.clue == "autocommit"),
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    yield from old_arguments(node, file, SESSIONS)
