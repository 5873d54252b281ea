"""The conventions that ruff checks: which of its rules are asked, and what it finds, as findings like trueup's own."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .config import Config, ConfigError
from .edits import TextEdit
from .index.cache import Cache, digest
from .model import RUFF, Finding, Rule, Safety, Severity, Span
from .ruff import Run, program
from .selectors import ALL, begins, nearest_rule, strongest
from .tool_rules import SYNTAX_ERROR

CONVENTIONS = "conventions"
SELECTION = (
    "E4", "E7", "E9", "F", "I", "N", "UP", "B", "BLE", "S105", "S106", "S107", "S113", "S324", "S501", "S608", "DTZ",
    "ANN", "D1", "ASYNC", "RUF006", "G001", "G002", "G003", "TRY400", "T201", "LOG", "A001", "A002", "FAST003", "C4",
    "SIM115",
)  # fmt: skip
"""What `ruff = "conventions"` stands for. Not in it, and not by chance:

`TC` moves types that FastAPI and Pydantic need at run time; `FA` and `I002` add the future import, which breaks routes
in functions; `FAST001` takes sides between two conventions; `G004` contradicts f-strings in logs.
"""
_LEFT_OUT = ("B008", "ASYNC109", "ASYNC119", "ASYNC240")
"""Of these: what fires on each `Depends()` default, each `timeout=` and each `async with` of a dependency, and what is
not worth an offload (`Path.exists()`)."""
_GRAVE = ("E9", "F7", "F82")
"""What does not run; the rest is a warning."""
_SAFETY = {"safe": Safety.SAFE, "unsafe": Safety.UNSAFE, "display": Safety.DISPLAY}
_SYNTAX = "invalid-syntax"
"""What stands for a code where ruff cannot parse a file."""
_UNREADABLE = "E902"


def known_rules(cache: Cache, cwd: str) -> dict[str, Rule]:
    """Code -> rule of all that ruff can be asked, remembered in a cache until ruff changes. Raises RuffFailed."""
    found = program()
    status = os.stat(found) if found is not None else None
    key = digest("rules of ruff", found or "", str(status and (status.st_mtime_ns, status.st_size)))
    data = cache.run(key)
    if data is None:
        said = Run("rule", "--all", "--output-format", "json", cwd=cwd, paths=None).said()
        rows = [_row(one) for one in json.loads(said.out) if one["code"] and "Removed" not in str(one["status"])]
        cache.put_run(key, json.dumps(rows).encode())
    else:
        rows = json.loads(data)
    return {row[0]: _rule(*row) for row in rows}


def _row(one: Mapping[str, Any]) -> list[Any]:
    settled = "Stable" in str(one.get("status", "Stable"))
    return [one["code"], one["name"], one.get("summary", ""), settled, one.get("fix_availability", "None") != "None"]


def _rule(code: str, name: str, summary: str, settled: bool, fixable: bool) -> Rule:
    return Rule(
        code,
        name,
        Severity.ERROR if code.startswith(_GRAVE) else Severity.WARNING,
        Safety.UNSAFE if fixable else Safety.MANUAL,
        url=f"https://docs.astral.sh/ruff/rules/{name}/",
        page=f"{summary.rstrip('.')}.\n\nA rule of ruff: `ruff rule {code}` prints its page.\n",
        module=RUFF,
        preview=not settled,
    )


def check_codes(configs: Iterable[Config], rules: Mapping[str, Rule]) -> None:
    """Raise ConfigError where a `ruff` setting names a rule that ruff does not have."""
    for config in configs:
        for code in config.ruff:
            if code != CONVENTIONS and not any(_names(code, rule) for rule in rules.values()):
                origin = next(table.origin for table in reversed(config.tables) if RUFF in table.values)
                raise ConfigError(f"{origin}: `ruff` names no rule of ruff: `{code}`{nearest_rule(code, rules)}")


class Chosen:
    """Which rules ruff is asked about which files. Remembers its answers."""

    def __init__(self, rules: Mapping[str, Rule]) -> None:
        self.rules = rules
        self._by_config: dict[int, Mapping[str, Rule]] = {}

    def codes(self, config: Config, path: str) -> frozenset[str]:
        """The codes ruff is asked about a file (an absolute path, with `/`) that a configuration holds for."""
        chosen = self._by_config.get(id(config))
        if chosen is None:
            chosen = {code: rule for code, rule in self.rules.items() if _is_chosen(config, rule)}
            self._by_config[id(config)] = chosen
        return config.enabled_for(path, chosen) if chosen else frozenset()


def _names(selector: str, rule: Rule) -> bool:
    return selector in (ALL, rule.name) or (bool(selector) and begins(selector, rule))


def _is_chosen(config: Config, rule: Rule) -> bool:
    if rule.preview:  # ruff may still change it: only by its own name
        return rule.code in config.ruff or rule.name in config.ruff
    if CONVENTIONS in config.ruff:
        return rule.code not in _LEFT_OUT and any(_names(selector, rule) for selector in SELECTION)
    return any(_names(selector, rule) for selector in config.ruff)


# Asking --------------------------------------------------------------------------------------------------------------


class Manner(NamedTuple):
    """How ruff is run in all of a run."""

    cwd: str
    cache: str | None = None
    """Its cache's folder; None for none."""
    isolated: bool = False
    """Without the project's configuration of ruff."""

    def options(self, codes: Collection[str]) -> list[str]:
        """The command that asks about some codes and answers with JSON."""
        cached = ["--cache-dir", self.cache] if self.cache is not None else ["--no-cache"]
        # What the project says of fixes in its configuration of ruff is not asked here; what it excludes is.
        return [
            "check", "--select", ",".join(sorted(codes)), "--output-format", "json", "--quiet", "--force-exclude",
            *cached, *(["--isolated"] if self.isolated else []),
        ]  # fmt: skip


def ask(manner: Manner, codes: Collection[str], paths: Sequence[str]) -> Run:
    """Start ruff on files (absolute paths). Raises RuffFailed."""
    return Run(*manner.options(codes), "--no-fix", cwd=manner.cwd, paths=paths)


def ask_about(manner: Manner, codes: Collection[str], text: str, path: str) -> Run:
    """Start ruff on a text that stands for a file. Raises RuffFailed."""
    return Run(*manner.options(codes), "--no-fix", cwd=manner.cwd, text=text, name=path)


class Repaired(NamedTuple):
    """What ruff made of a text, and what it still finds in it, as JSON."""

    text: str
    left: str


def repair(
    manner: Manner, codes: Collection[str], text: str, path: str, *, locked: Collection[str], safe: Collection[str],
    unsafe: bool,
) -> Repaired:  # fmt: skip
    """Have ruff repair a text that stands for a file. Raises RuffFailed.

    Args:
        locked: of the codes, those whose fixes are not to be made.
        safe: those whose unsafe fixes are taken for safe.
        unsafe: make unsafe fixes too.
    """
    options = [*manner.options(codes), "--fix", "--unsafe-fixes" if unsafe else "--no-unsafe-fixes"]
    options += ["--unfixable", ",".join(sorted(locked))] if locked else []
    options += ["--config", f"lint.extend-safe-fixes={json.dumps(sorted(safe))}"] if safe else []
    said = Run(*options, cwd=manner.cwd, text=text, name=path).said()
    # A file that its configuration excludes comes back as it was, without a word.
    return Repaired(said.out, said.err if said.err.lstrip().startswith("[") else "[]")


def findings_of(answer: str, chosen: Chosen, named: Callable[[str], tuple[str, Config] | None]) -> list[Finding]:
    """ruff's JSON as findings, those of rules that are off in their file left out.

    `named`: a file's absolute path -> the path findings call it by, and its configuration; None for another's file.
    """
    found = []
    for row in json.loads(answer or "[]"):
        absolute = row["filename"].replace(os.sep, "/")
        where = named(absolute)
        if where is None:
            continue
        path, config = where
        code = row["code"]
        if code in (None, _SYNTAX):
            found.append(_broken(row, path))
        elif code in chosen.codes(config, absolute):
            found.append(_finding(row, chosen.rules[code], path, config))
    return found


def _finding(row: Mapping[str, Any], rule: Rule, path: str, config: Config) -> Finding:
    fix = row.get("fix")
    safety = _SAFETY.get(fix["applicability"], Safety.DISPLAY) if fix else Safety.MANUAL
    span = _span(row)
    edits = tuple(TextEdit(path, *_span(edit)[2:], edit["content"]) for edit in fix["edits"]) if fix else ()
    return Finding(
        path=path,
        code=rule.code,
        name=rule.name,
        severity=config.severity_of(rule, rule.severity),
        safety=config.safety_of(rule, safety),
        message=row["message"],
        span=span,
        node=span,
        kind=RUFF,
        clue=edits,
    )


def _broken(row: Mapping[str, Any], path: str) -> Finding:
    """A file that ruff cannot read."""
    tool, span = SYNTAX_ERROR, _span(row)
    message = f"ruff cannot read it: {row['message']}"
    return Finding(path, tool.code, tool.name, tool.severity, Safety.MANUAL, message, span, span, RUFF)


def _span(row: Mapping[str, Any]) -> Span:
    start, end = row["location"], row["end_location"]
    return Span(0, 0, start["row"], start["column"], end["row"], end["column"])


def without_doubles(ruffs: Sequence[Finding], own: Sequence[Finding], rules: Mapping[str, Rule]) -> list[Finding]:
    """What ruff found, but for what trueup's rules say of the same lines, and for files that trueup cannot read either.

    Of several errors of one file that ruff cannot read, the first.
    """
    told: dict[str, list[Finding]] = {}
    unread = {one.path for one in own if one.code == SYNTAX_ERROR.code and one.name == SYNTAX_ERROR.name}
    for one in own:
        if one.code in rules and rules[one.code].ruff:
            told.setdefault(one.path, []).append(one)
    found = []
    for one in sorted(ruffs, key=lambda one: one.order):
        if one.code in (SYNTAX_ERROR.code, _UNREADABLE):
            if one.path in unread:
                continue
            unread.add(one.path)
        same = (other for other in told.get(one.path, ()) if one.code.startswith(rules[other.code].ruff))
        if not any(other.span.line <= one.span.end_line and one.span.line <= other.span.end_line for other in same):
            found.append(one)
    return found


def fixed(before: Sequence[Finding], after: Sequence[Finding]) -> list[Finding]:
    """Of what ruff could repair, what is no longer found: as many of each rule and file as there are fewer now."""
    fewer: dict[tuple[str, str], int] = {}
    for sign, some in ((1, before), (-1, after)):
        for one in some:
            fewer[one.path, one.code] = fewer.get((one.path, one.code), 0) + sign
    gone = []
    for one in before:
        if one.fixable and fewer[one.path, one.code] > 0:
            fewer[one.path, one.code] -= 1
            gone.append(one)
    return gone


def taken_for_safe(config: Config, rules: Iterable[Rule]) -> list[str]:
    """The codes whose unsafe fixes a configuration takes for safe."""
    return [rule.code for rule in rules if strongest(config.extend_safe_fixes, rule)]
