"""Which versions of libraries were found, where, and which rules that switches on or off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trueup.config import Config
from trueup.model import Rule
from trueup.targets import LIBRARIES, Target, parsed

from .screen import Paint, cells, escape


def lines(config: Config, rules: Mapping[str, Rule], paint: Paint, cwd: str) -> Iterator[str]:
    """A table of the libraries, and below it one of the rules that ask for versions."""
    rows = []
    for name in LIBRARIES:
        target = config.targets.get(name, Target(name))
        origin = target.origin.removeprefix(cwd.rstrip("/") + "/")
        said = f"{target.said} in {origin}" if target.said and origin else "found nowhere: every rule applies"
        at_least = "" if target.exact or not target.version else ">="
        rows.append((name, f"{at_least}{target.version}" or "?", escape(said)))
    yield from _table(rows, paint)
    asking = [
        (rule.code, _word(config, rule, rules), f"{rule.name}, for {rule.versions}")
        for rule in rules.values()
        if rule.versions
    ]
    if asking:
        yield "\n"
        yield from _table(asking, paint)


def as_dicts(config: Config, rules: Mapping[str, Rule]) -> Iterator[dict[str, Any]]:
    """The libraries as data, each with the rules that ask for its version: on, or off."""
    for name in LIBRARIES:
        target = config.targets.get(name, Target(name))
        asking = [rule for rule in rules.values() if rule.versions and parsed(rule.versions)[0] == name]
        yield {
            "library": name,
            "version": target.version or None,
            "exact": target.exact,
            "origin": target.origin or None,
            "said": target.said or None,
            "rules": {rule.code: config.is_for_its_versions(rule) for rule in asking},
        }


def _word(config: Config, rule: Rule, rules: Mapping[str, Rule]) -> str:
    if not config.is_for_its_versions(rule):
        return "off"
    return "on" if rule.code in config.enabled(rules) else "on, but not selected"


def _table(rows: list[tuple[str, str, str]], paint: Paint) -> Iterator[str]:
    widths = [max(cells(row[number]) for row in rows) for number in range(2)]
    for first, second, third in rows:
        yield f"{paint.bold(first.ljust(widths[0]))}  {second.ljust(widths[1])}  {third}\n"
