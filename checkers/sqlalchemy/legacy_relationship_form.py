"""Names and arguments of relationships that SQLAlchemy 2 has removed, or that give wrong results.

## Why
`relation()`, the old name of `relationship()`, is gone in 2.0, and `dynamic_loader()` is a name for `lazy="dynamic"`.
`cascade_backrefs=False` asks for what 2.0 always does; `cascade_backrefs=True` is refused there. `lazy="noload"` and
the option `noload()` show an empty collection or `None` where rows may be, and 2.1 deprecates them.

## Fix safety
`relation()` and `dynamic_loader()` become `relationship()`, the latter with `lazy="dynamic"`, and
`cascade_backrefs=False` goes. That keeps behaviour under 2.0, where the argument has no effect.

There is no fix for `cascade_backrefs=True`: objects must be given to the session by `add()` where the cascade along the
`backref` did so. Nor is there one for `noload`: `lazy="raise"` shows each place that reads what is not loaded.

## Limits
Arguments in a dictionary that is handed over by `**` are not seen.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.index.extract import expression
from trueup.libraries.sqlalchemy.mapping import named
from trueup.libraries.sqlalchemy.relationships import BACKREF, DYNAMIC_LOADER, MAKERS, RELATION
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_NOLOAD = ("sqlalchemy.orm.noload", "sqlalchemy.orm.Load.noload")


@rule(
    "TUS303",
    "legacy-relationship-form",
    on=ast.Call,
    names=("relation", "dynamic_loader", "noload", "cascade_backrefs=", "lazy="),
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=("sqlalchemy", "flask_sqlalchemy"),
    triggers=("relation", "dynamic_loader", "cascade_backrefs", "noload"),
    url="https://docs.sqlalchemy.org/en/20/changelog/migration_20.html",
    effort=2,
    step="sqlalchemy-relationships",
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    keywords = {keyword.arg: keyword for keyword in node.keywords}
    name = named(file.types, expression(node.func), file.site(node))
    if name in _NOLOAD:
        message = (
            "`noload()` shows nothing where rows may be, and 2.1 deprecates it; say `raiseload()`, or load the rows"
        )
        yield Hit(node, message, safety=Safety.MANUAL, severity=Severity.WARNING)
    if name not in MAKERS and name != BACKREF:
        return
    if name in (RELATION, DYNAMIC_LOADER):
        old = name.rpartition(".")[2]
        more = ' with `lazy="dynamic"`' if name == DYNAMIC_LOADER else ""
        gone = "SQLAlchemy 2 has no" if name == RELATION else "the old name is no longer documented:"
        yield Hit(node, f"{gone} `{old}()`; write `relationship()`{more}", clue=old)
    yield from _cascading(node, keywords.get("cascade_backrefs"), file)
    lazy = keywords.get("lazy")
    if lazy is not None and isinstance(lazy.value, ast.Constant) and lazy.value.value == "noload":
        message = (
            '`lazy="noload"` shows nothing where rows may be, and 2.1 deprecates it; say `lazy="raise"`, or load them'
        )
        yield Hit(lazy.value, message, safety=Safety.MANUAL, severity=Severity.WARNING)


def _cascading(node: ast.Call, keyword: ast.keyword | None, file: File) -> Iterator[Hit]:
    if keyword is None:
        return
    if isinstance(keyword.value, ast.Constant) and keyword.value.value is False:
        message = "`cascade_backrefs=False` is what SQLAlchemy 2 always does; leave it out"
        yield Hit(node, message, clue="cascade_backrefs", span=file.span(keyword))
    else:
        message = (
            "SQLAlchemy 2 refuses `cascade_backrefs=True`: an object that is put on another one no longer gets into "
            "its session by that; leave it out, and `add()` such objects"
        )
        yield Hit(node, message, safety=Safety.MANUAL, span=file.span(keyword))
