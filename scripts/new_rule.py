"""Writes a new rule that works: checker, fixer and fixtures for an example, to be made into the real thing."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from string import Template

from trueup.model import Safety
from trueup.registry import rules

ROOT = Path(__file__).resolve().parent.parent
LIBRARIES = {
    "pydantic": "pydantic",
    "sqlalchemy": "sqlalchemy",
    "blocking": "requests",
    "transactions": "sqlalchemy",
    "layers": "fastapi",
    "fastapi": "fastapi",
    "conventions": "fastapi",
}
"""Family -> the library whose (made-up) `example` module the scaffold is about."""
LETTERS = {
    "pydantic": "P",
    "sqlalchemy": "S",
    "blocking": "A",
    "transactions": "T",
    "layers": "L",
    "fastapi": "F",
    "conventions": "C",
}
"""Family -> the third letter of its codes."""

CHECKER = Template('''\
"""A call of `$library.example.old_name()`, to be replaced by one sentence on what this rule finds.

## Why
What goes wrong if it stays, and since which version of $library.

$repair

## Limits
What is missed on purpose. Here: functions that only pass the name on.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule


@rule(
    "$code",
    "$name",
    on=ast.Call,
    severity=Severity.WARNING,
    fix=Safety.$safety,
    libraries=("$library",),
    triggers=("old_name",),
)
def find(node: ast.Call, file: File) -> Iterator[Hit]:
    if file.qualname(node.func) == "$library.example.old_name":
        message = "`old_name()` is gone in the next version: call `new_name()`"
        yield Hit(node, message$clue)
''')

FIXER = Template('''\
"""Calls what the checker named instead."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, DropImport, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("$code", on=cst.Call)
def repair(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    yield Replace(node.func, site.reference("$library.example", finding.clue))
    yield DropImport("$library.example", "old_name")
''')

REPAIR = "## Fix safety\nWhat the repair does. Say here when it is unsafe, and what may change then."
BY_HAND = "## What to do\nWhat a person does about it, and where the library's guide says how."

FIRING = Template("from $library.example import old_name\n\nvalue = old_name(1)  # ! $code\n")
REPAIRED = Template("from $library.example import new_name\n\nvalue = new_name(1)\n")
SILENT = Template("""\
class Other:
    def old_name(self, number: int) -> int:
        return number


value = Other().old_name(1)
library = "$library"
""")


class Refused(Exception):
    """The rule asked for cannot be; the text says why."""


def identity(family: str, name: str, code: str) -> str:
    """The path that the rule's files share, `pydantic/v1_validator`; raises Refused where it is no rule or is taken."""
    if family not in LETTERS:
        raise Refused(f"no family {family!r}: one of {', '.join(LETTERS)}")
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        raise Refused(f"{name!r} is not kebab-case")
    if not re.fullmatch(f"TU{LETTERS[family]}[1-9][0-9][0-9]", code):
        raise Refused(f"a code of {family} is TU{LETTERS[family]} and a number from 100 to 999, not {code!r}")
    for known in rules().values():
        if code == known.code or name == known.name:
            raise Refused(f"{known.code} {known.name} exists")
    return f"{family}/{name.replace('-', '_')}"


def files(path: str, name: str, code: str, safety: Safety) -> dict[str, str]:
    """What to write: path in the repository -> text."""
    library = LIBRARIES[path.partition("/")[0]]
    manual = safety is Safety.MANUAL
    words = {"code": code, "name": name, "library": library, "safety": safety.name}
    words |= {"repair": BY_HAND if manual else REPAIR, "clue": "" if manual else ', clue="new_name"'}
    applied = safety in (Safety.SAFE, Safety.UNSAFE)
    written = {
        f"checkers/{path}.py": CHECKER.substitute(words),
        f"fixtures/{path}/{'' if applied else 'manual_'}call/before/app.py": FIRING.substitute(words),
        f"fixtures/{path}/skip_method_of_that_name/before/app.py": SILENT.substitute(words),
    }
    if applied:
        written[f"fixtures/{path}/call/after/app.py"] = REPAIRED.substitute(words)
    if not manual:
        written[f"fixers/{path}.py"] = FIXER.substitute(words)
    for wing in ("checkers", "fixers"):
        package = f"{wing}/{path.partition('/')[0]}/__init__.py"
        if not (ROOT / package).exists():
            written[package] = f'"""{wing.capitalize()} of the family {path.partition("/")[0]}."""\n'
    return written


def main() -> int:
    """Write the files and print their paths; 2 when the rule cannot be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("family", help=", ".join(LETTERS))
    parser.add_argument("name", help="kebab-case, says the problem: v1-validator")
    parser.add_argument("code", help="never used before: TUP121")
    parser.add_argument("--fix", type=Safety, choices=list(Safety), default=Safety.SAFE, metavar="|".join(Safety))
    options = parser.parse_args()
    try:
        path = identity(options.family, options.name, options.code)
        written = files(path, options.name, options.code, options.fix)
        for there in (name for name in written if (ROOT / name).exists()):
            raise Refused(f"{there} exists")
    except Refused as reason:
        print(f"new_rule: {reason}", file=sys.stderr)
        return 2
    for name, text in sorted(written.items()):
        (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / name).write_text(text, encoding="utf-8", newline="\n")
        print(name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
