"""One requirement of a project, and what it is with a higher bound."""

from __future__ import annotations

import re
from typing import NamedTuple

from trueup.libraries.distributions import Floor

_PARTS = re.compile(
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)(?P<extras>\s*\[[^\]]*\])?(?P<gap>\s*)(?P<open>\(\s*)?(?P<bounds>[^;#@()]*?)"
    r"(?P<close>\s*\))?(?P<rest>\s*(?:;.*)?)",
    re.DOTALL,
)
_POETRY = re.compile(r"(\^|~(?!=))\s*([0-9][\w.*+!-]*)")


class Parsed(NamedTuple):
    """A requirement in pieces, as it is written."""

    name: str
    extras: str
    gap: str
    opened: str
    bounds: str
    closed: str
    rest: str

    def __str__(self) -> str:
        return "".join(self)


def normal(name: str) -> str:
    """A distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def parse(text: str) -> Parsed | None:
    """The pieces of `name[extras] bounds; marker`; None where it is something else (a path, a URL, an option)."""
    match = _PARTS.fullmatch(text)
    return Parsed(*(part or "" for part in match.groups())) if match is not None else None


def raised(parsed: Parsed, floor: Floor) -> Parsed | None:
    """A requirement that lets in nothing below a floor; None where it does that already.

    Raises ValueError where its bounds are not understood.
    """
    extras = without_extras(parsed.extras, floor.gone_extras)
    bounds = raised_bounds(parsed.bounds, floor)
    if bounds is None and extras == parsed.extras:
        return None
    if not parsed.bounds:  # a blank in front of a marker stays there
        parsed = parsed._replace(gap="", rest=parsed.gap + parsed.rest)
    return parsed._replace(extras=extras, bounds=parsed.bounds if bounds is None else bounds)


def without_extras(extras: str, gone: tuple[str, ...]) -> str:
    """`[dotenv,email]` without some of them; empty where none is left."""
    names = [one.strip() for one in extras.strip().strip("[]").split(",") if one.strip()]
    kept = [one for one in names if normal(one) not in gone]
    if kept == names:
        return extras
    return f"{extras[: len(extras) - len(extras.lstrip())]}[{','.join(kept)}]" if kept else ""


def raised_bounds(bounds: str, floor: Floor) -> str | None:
    """The part behind the name with a higher bound; None where it is high enough. Raises ValueError."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import Version

    lowest = Version(floor.version)
    pieces = [one.strip() for one in bounds.split(",") if one.strip()]
    try:
        specifiers = [next(iter(SpecifierSet(one))) for one in pieces]
    except (InvalidSpecifier, StopIteration) as error:
        raise ValueError(f"`{bounds}` is not understood") from error
    kept, capped, satisfied = [], False, False
    for piece, one in zip(pieces, specifiers, strict=True):
        operator, version = one.operator, Version(one.version.removesuffix(".*")) if one.operator != "===" else lowest
        if operator == "===":
            raise ValueError(f"`{bounds}` is not understood")
        if operator in ("<", "<="):
            capped = True
            if version > lowest:
                kept.append(piece)
        elif operator == "!=":
            if version >= lowest:
                kept.append(piece)
        elif version >= lowest:
            satisfied = True
            kept.append(piece)
        elif operator in ("==", "~="):
            capped = True
    if satisfied:
        return None
    if capped and floor.below and not any(one.startswith("<") for one in kept):
        kept = [f"<{floor.below}", *kept]
    blank = " " if re.search(r"[<>=~!]=?\s+\d", bounds) else ""
    comma = ", " if re.search(r",\s", bounds) else ","
    first = f">={floor.version}"
    spaced = [re.sub(r"^([<>=~!]+)(?=\S)", rf"\1{blank}", one) for one in (first, *kept)]
    return comma.join(spaced)


def caret(floor: Floor) -> str:
    """A floor as Poetry writes it; `^0.100` would let in no 0.101."""
    return f">={floor.version}" if floor.version.startswith("0.") else f"^{floor.version}"


def raised_poetry(bounds: str, floor: Floor) -> str | None:
    """The same for a version as Poetry writes it (`^1.10`); None where it is high enough. Raises ValueError."""
    from packaging.version import InvalidVersion, Version

    text = bounds.strip()
    if "||" in text or "|" in text:
        raise ValueError(f"`{bounds}` is not understood")
    if text in ("*", ""):
        return f">={floor.version}"
    lowest = Version(floor.version)
    match = _POETRY.fullmatch(text)
    try:
        if match is not None:
            return None if Version(match[2].removesuffix(".*")) >= lowest else caret(floor)
        if text[0].isdigit():  # one version, or `1.10.*`
            return None if Version(text.removesuffix(".*")) >= lowest else caret(floor)
    except InvalidVersion as error:
        raise ValueError(f"`{bounds}` is not understood") from error
    return raised_bounds(text, floor)
