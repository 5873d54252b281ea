"""Which rules a selector names, and which of several selectors knows best."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from .model import RUFF, Finding, Rule

ALL = "ALL"
_DIGITS = "0123456789"

Named: TypeAlias = Rule | Finding
"""What has a rule's code and name."""


def strength(selector: str, rule: Named) -> int:
    """How closely a selector names a rule: 0 not at all, 1 `ALL`, then the longer the prefix the more.

    A rule's name is as close as its full code, and so is what it was called before.
    """
    if selector == ALL:
        return 1
    if selector in (rule.code, rule.name) or (isinstance(rule, Rule) and rule.formerly and selector in rule.former):
        return 1 + len(rule.code)
    return 1 + len(selector) if selector and begins(selector, rule) else 0


def begins(selector: str, rule: Named) -> bool:
    """Whether a rule's code begins with a selector; of ruff's codes, letters are taken whole, as ruff does.

    `D` is not `DTZ`, but `PL` is `PLC`, `PLE`, `PLR` and `PLW`.
    """
    if not rule.code.startswith(selector):
        return False
    if (rule.module if isinstance(rule, Rule) else rule.kind) != RUFF:
        return True
    letters = selector.rstrip(_DIGITS)
    return letters in (rule.code.rstrip(_DIGITS), "PL")


def strongest(selectors: Iterable[str], rule: Named) -> int:
    """How closely the closest of some selectors names a rule; 0 when none does."""
    return max((strength(selector, rule) for selector in selectors), default=0)


def named(selector: str, rules: Mapping[str, Rule]) -> list[Rule]:
    """The rules a selector names."""
    return [rule for rule in rules.values() if strength(selector, rule)]


def renamed(rules: Iterable[Rule]) -> dict[str, str]:
    """What rules were called before -> the code they have now."""
    return {old: rule.code for rule in rules if rule.formerly for old in rule.former if old != rule.code}


def nearest(word: str, choices: Iterable[str]) -> str:
    """`; did you mean `x`?` for the likeliest misspelling among the choices, else nothing."""
    from difflib import get_close_matches

    spellings = {choice.casefold(): choice for choice in choices}
    near = get_close_matches(word.casefold(), spellings)
    if not near:
        return ""
    # `TPU101` is as near to `TUS101` as to `TUP101`, but swapped letters are the likelier slip.
    swapped = [one for one in near if sorted(one) == sorted(word.casefold())]
    return f"; did you mean `{spellings[(swapped or near)[0]]}`?"


def nearest_rule(selector: str, rules: Mapping[str, Rule]) -> str:
    """As `nearest`, among the codes, the families and the names of rules."""
    return nearest(selector, [*rules, *(rule.family for rule in rules.values()), *(r.name for r in rules.values())])
