"""A fixture `event_loop` of one's own, which pytest-asyncio no longer heeds.

## Why
Until 0.22 one gave tests of a session one loop by overriding this fixture. pytest-asyncio 0.23 has deprecated that,
and 1.0 has taken the fixture away: each test has a loop of its own again, and an engine or client made in another one
raises `attached to a different loop`.

## What to do
Take it out and say the scope: `@pytest_asyncio.fixture(loop_scope="session")` and
`@pytest.mark.asyncio(loop_scope="session")`, or `asyncio_default_fixture_loop_scope = "session"` in the configuration
of pytest.

## Limits
Functions called `event_loop` below `@pytest.fixture` or `@pytest_asyncio.fixture`. Projects whose tests are run by
anyio alone are left alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_FIXTURES = ("fixture",)


@rule(
    "TUC114",
    "event-loop-fixture",
    on=(ast.FunctionDef, ast.AsyncFunctionDef),
    severity=Severity.WARNING,
    fix=Safety.MANUAL,
    libraries=("pytest", "pytest_asyncio"),
    triggers=("event_loop",),
    where=lambda facts, types, config: any(one.name == "event_loop" for one in facts.functions),
    url="https://pytest-asyncio.readthedocs.io/en/stable/how-to-guides/migrate_from_0_21.html",
    effort=5,
)
def check(node: ast.FunctionDef | ast.AsyncFunctionDef, file: File) -> Iterator[Hit]:
    if node.name != "event_loop":
        return
    for one in node.decorator_list:
        named = one.func if isinstance(one, ast.Call) else one
        name = (file.qualname(named) if isinstance(named, ast.Name | ast.Attribute) else None) or ""
        top, _, last = name.partition(".")[0], "", name.rpartition(".")[2]
        if last == "fixture" and top in ("pytest", "_pytest", "pytest_asyncio"):
            yield Hit(
                node,
                'pytest-asyncio has no `event_loop` to override since 1.0: say `loop_scope="session"` where fixtures '
                "and tests share a loop",
                span=file.header(node),
            )
