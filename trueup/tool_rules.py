"""The rules about trueup's own work: files it cannot read, comments that ask in vain, repairs it took back."""

from __future__ import annotations

from .model import Rule, Safety, Severity

SYNTAX_ERROR = Rule(
    code="TU000",
    name="syntax-error",
    severity=Severity.ERROR,
    fix=Safety.MANUAL,
    page="""A file that is not Python, as far as the Python that runs trueup can tell.

## What it does
Reports a file whose bytes cannot be decoded, that holds a null byte, that is too large to read, or that does not parse.
It is reported once a file; the other files are checked as usual.

## Why it matters
Nothing in such a file is checked or repaired. Neither a rule's prefix nor `# noqa` hides it: only its own code does, or
`# trueup: skip-file`.

## What to do
Correct the file, run trueup with a Python that knows its syntax, or name the file in `exclude`.
""",
)

UNUSED_SUPPRESSION = Rule(
    code="TU001",
    name="unused-suppression",
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    page="""A comment that hides a rule where that rule finds nothing.

## What it does
Reports each code in `# trueup: ignore[...]`, `disable[...]`, `file-ignore[...]` and `# noqa: TU...` that hid nothing.
Only rules that ran are judged, and of a prefix only when all its rules ran; a bare `# noqa` is never reported.

## Why it matters
It hides the next fault on that line, and it tells the reader of a problem that is gone.

## Example
```python
user.model_dump()  # trueup: ignore[TUP001]
```
Use instead:
```python
user.model_dump()
```

## Fix safety
What hides nothing is taken out of the comment; the codes of other tools and the reason stay. A reason that is all that
is left stays as a comment of its own.
""",
)

UNKNOWN_CODE = Rule(
    code="TU002",
    name="unknown-code-in-suppression",
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    page="""A comment that hides a rule which does not exist.

## What it does
Reports a code, prefix or name in a `# trueup:` comment, and a code that begins with `TU` in a `# noqa:` comment, that
no rule has. The message offers the nearest one.

## Why it matters
A misspelt code hides nothing.

## Example
```python
user.dict()  # trueup: ignore[TPU101]
```
Use instead:
```python
user.dict()  # trueup: ignore[TUP101]
```

## Fix safety
The code is taken out of the comment, which changes nothing of what is found. If it was misspelt, correct it instead.
""",
)

NO_REASON = Rule(
    code="TU003",
    name="suppression-without-reason",
    severity=Severity.WARNING,
    fix=Safety.MANUAL,
    page="""A comment that hides findings and does not say why.

## What it does
Reports, where `require-reason = true` is configured, each `# trueup: ignore[...]`, `disable[...]`, `file-ignore[...]`
and `# noqa: TU...` without words behind it. A bare `# noqa` is never reported.

## Why it matters
Who reads the line a year later cannot tell whether the reason still holds.

## Example
```python
user.dict()  # trueup: ignore[TUP101]
```
Use instead:
```python
user.dict()  # trueup: ignore[TUP101] a dict() of our own, not the model's
```
""",
)

MALFORMED_SUPPRESSION = Rule(
    code="TU004",
    name="malformed-suppression",
    severity=Severity.WARNING,
    fix=Safety.MANUAL,
    page="""A `# trueup:` comment that does not do what it seems to.

## What it does
Reports an unknown verb, a verb without rules in brackets, `disable` without its `enable` (and the other way round), and
`disable`, `enable`, `file-ignore` or `skip-file` where they have no effect: behind code, inside brackets, or, for the
last two, indented.

## Why it matters
Such a comment hides nothing, or, as a `disable` that is never closed, more than was meant: it ends with its block.

## Example
```python
# trueup: disable[TUS]
rows = session.query(User).all()
```
Use instead:
```python
# trueup: disable[TUS]
rows = session.query(User).all()
# trueup: enable[TUS]
```
""",
)

RUFF_FAILED = Rule(
    code="TU005",
    name="ruff-failed",
    severity=Severity.ERROR,
    fix=Safety.MANUAL,
    page="""ruff is to check conventions, and could not.

## What it does
Says on stderr, where `ruff` is set in the configuration, why ruff could not be run or gave up: it is not installed, or
something is wrong in the project's own configuration of ruff. The exit code is 2; what trueup itself finds is reported
all the same.

## Why it matters
What ruff would have found is missing from the report.

## What to do
Install ruff beside trueup, correct the configuration it complains about, or take `ruff` out of `[tool.trueup]`.
""",
)

FIX_FAILED = Rule(
    code="TU900",
    name="fix-failed",
    severity=Severity.ERROR,
    fix=Safety.MANUAL,
    page="""A repair that was taken back, because the file would not have parsed afterwards.

## What it does
Names the rules whose repairs were tried. The file is as it was.

## Why it matters
It is a fault of trueup or of a plugin, never of the file.

## What to do
Repair the place by hand, and report the file: what the rule found is still listed.
""",
)

TOOL_RULES: dict[str, Rule] = {
    rule.code: rule
    for rule in (
        SYNTAX_ERROR,
        UNUSED_SUPPRESSION,
        UNKNOWN_CODE,
        NO_REASON,
        MALFORMED_SUPPRESSION,
        RUFF_FAILED,
        FIX_FAILED,
    )
}
"""Code -> rule; they belong to every mapping of rules that selectors and comments are read with."""
