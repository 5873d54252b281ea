"""Regular expressions: version 1 matched them at the start with Python's engine, version 2 searches with Rust's."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable

from msgspec import Struct

from ...index.facts import Attr, Const, Expr, Name, Op
from ...index.project import VariableSymbol
from ...infer import Inference, Site

_FLAGS = re.compile(r"\(\?([aiLmsux]+)\)")
_QUANTIFIER = re.compile(r"\{\d+(,\d*)?\}")
_ESCAPES = frozenset("dDwWsSbBAafnrtv")
"""Letters behind a backslash that mean the same to both engines; `x` and `u` take digits."""
_OPERATORS = ("&&", "--", "~~")
"""Two of these in a character class are operators to Rust and characters to Python."""
_LITERAL = re.compile(r"([rRuU]?)('''|\"\"\"|'|\")(.*)\2", re.DOTALL)


class Pattern(Struct, frozen=True):
    """What a regular expression needs in version 2, where it is searched for anywhere in the text."""

    body: int
    """Where it begins behind its leading flags."""
    caret: bool
    """Its first alternative begins with a `^` that moves to the front of them all."""
    before: str
    after: str
    needs_python: str
    """What in it Rust's engine does not know or reads otherwise; empty: nothing."""


class RegexPlan(Struct, frozen=True):
    """What becomes of the value of `regex=`: the source of the new one (empty: it stays), `re.compile` around it."""

    source: str
    compiled: bool
    remark: str
    """What the repair does about it, for the message."""


def analyse(pattern: str) -> Pattern | None:
    """What a pattern needs; None where it cannot be told."""
    flags = _FLAGS.match(pattern)
    body = flags.end() if flags else 0
    given = flags[1] if flags else ""
    scanned = _scan(pattern, body)
    if scanned is None:
        return None
    bars, needs_python = scanned
    if "a" in given or "L" in given:
        needs_python = f"(?{given})"
    starts = [body, *(bar + 1 for bar in bars)]
    first = pattern.startswith("^", body) and not pattern.startswith(("^*", "^+", "^?", "^{"), body)
    anchored = [_is_anchored(pattern, start, "m" in given) for start in starts]
    anchor = r"\A" if "m" in given else "^"
    if all(anchored):
        return Pattern(body, False, "", "", needs_python)
    if not bars:
        return Pattern(body, False, anchor, "", needs_python)
    if "x" in given:  # a comment at the end would swallow the parenthesis
        return None
    return Pattern(body, first and "m" not in given, f"{anchor}(?:", ")", needs_python)


def _is_anchored(pattern: str, start: int, multiline: bool) -> bool:
    if pattern.startswith("\\A", start):
        return True
    return pattern.startswith("^", start) and not multiline


def _scan(pattern: str, index: int) -> tuple[list[int], str] | None:
    """The places of the top-level `|`, and the first thing that Rust does not read as Python does; None: broken."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # `[[` makes Python warn, which is nobody's business here
            re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return None
    bars: list[int] = []
    strange, depth, end = "", 0, len(pattern)
    while index < end:
        char = pattern[index]
        step = 1
        if char == "\\":
            step, odd = _escape(pattern, index, inside=False)
            strange = strange or odd
        elif char == "[":
            step, odd = _class(pattern, index)
            strange = strange or odd
        elif char == "(":
            depth += 1
            strange = strange or _group(pattern, index)
        elif char == ")":
            depth -= 1
        elif char == "|" and depth == 0:
            bars.append(index)
        elif char == "{":
            found = _QUANTIFIER.match(pattern, index)
            strange = strange or ("" if found else "{")
            step = len(found[0]) if found else 1
            if found and pattern.startswith("+", index + step):
                strange = strange or f"{found[0]}+"
        elif char in "*+?" and pattern.startswith("+", index + 1):
            strange = strange or f"{char}+"
            step = 2
        index += step
    return bars, strange


def _group(pattern: str, index: int) -> str:
    if not pattern.startswith("(?", index):
        return ""
    rest = pattern[index + 2 : index + 4]
    if rest.startswith(("=", "!", ">", "#", "(")) or rest in ("<=", "<!", "P="):
        return "(?" + (rest if rest[0] in "<P" else rest[0])
    flags = re.compile(r"[aiLmsux-]*[:)]").match(pattern, index + 2)
    return f"(?{flags[0]}" if flags and ("a" in flags[0] or "L" in flags[0]) else ""


def _escape(pattern: str, index: int, *, inside: bool) -> tuple[int, str]:
    """The length of an escape, and itself where Rust does not know it."""
    char = pattern[index + 1 : index + 2]
    if char == "x":
        return 4, ""
    if char == "u":
        return 6, ""
    if char == "U":
        return 10, ""
    known = char in _ESCAPES and not (inside and char in "bBA") if char.isalnum() else char.isascii()
    return 2, "" if known else f"\\{char}"


def _class(pattern: str, index: int) -> tuple[int, str]:
    """The length of a character class, and what Rust reads otherwise in it."""
    at = index + 1
    if pattern.startswith("^", at):
        at += 1
    if pattern.startswith("]", at):
        at += 1
    strange = ""
    while at < len(pattern) and pattern[at] != "]":
        if pattern[at] == "\\":
            step, odd = _escape(pattern, at, inside=True)
            strange = strange or odd
            at += step
            continue
        if pattern[at] == "[" or pattern.startswith(_OPERATORS, at):
            strange = strange or pattern[at : at + 2]
        at += 1
    return at + 1 - index, strange


# The value of `regex=` -----------------------------------------------------------------------------------------------


def plan_regex(
    value: ast.expr,
    segment: Callable[[ast.expr], str],
    qualname: Callable[[ast.expr], str | None],
    types: Inference,
) -> RegexPlan | str:
    """What becomes of an expression given as `regex`; a string says why that is left to a person."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return _literal(value, segment(value))
    if isinstance(value, ast.Call) and qualname(value.func) == "re.compile" and value.args:
        return _compiled(value, segment)
    if isinstance(value, ast.Name | ast.Attribute):
        text = _constant(qualname(value), types)
        if text is not None:
            return _named(segment(value), text)
    start = _start(value, qualname, types)
    if start and not start.startswith("(?"):  # flags could not stand inside of a group
        simple = isinstance(value, ast.Name | ast.Attribute | ast.JoinedStr)
        inner = segment(value) if simple else f"({segment(value)})"
        return RegexPlan(f'"^(?:" + {inner} + ")"', True, "with `^(?:...)`, for version 2 searches anywhere, compiled")
    return "write `^(?:...)` around the expression: version 1 matched at the start, version 2 searches anywhere"


def _start(value: ast.expr, qualname: Callable[[ast.expr], str | None], types: Inference) -> str:
    """The text that an expression of a str begins with, as far as it can be seen."""
    match value:
        case ast.Constant(value=str(text)):
            return text
        case ast.BinOp(left=left, op=ast.Add()):
            return _start(left, qualname, types)
        case ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]):
            return text
        case ast.Name() | ast.Attribute():
            symbol = types.project.locate(qualname(value) or "")
            if isinstance(symbol, VariableSymbol) and len(symbol.bindings) == 1:
                known: Expr | None = symbol.bindings[0].value
                while isinstance(known, Op) and known.op == "+":
                    known = known.left
                return known.text if isinstance(known, Const) and known.kind == "str" else ""
    return ""


def _literal(value: ast.Constant, source: str) -> RegexPlan | str:
    found = analyse(value.value) if isinstance(value.value, str) else None
    literal = _LITERAL.fullmatch(source)
    if found is None or literal is None or _is_several(literal):
        return "anchor the expression with `^(?:...)`: version 1 matched at the start, version 2 searches anywhere"
    return RegexPlan(_spliced(literal, found), bool(found.needs_python), _remark(found))


def _is_several(literal: re.Match[str]) -> bool:
    """Whether a literal is several, one behind the other."""
    return literal[2] in re.sub(r"\\.", "", literal[3], flags=re.DOTALL)


def _spliced(literal: re.Match[str], found: Pattern) -> str:
    """The literal with its anchor, in its own quotes; empty where it needs none."""
    if not found.before:
        return ""
    prefix, quote, text = literal.groups()
    raw = "r" in prefix.lower() or "\\" not in found.before
    before = found.before if raw else found.before.replace("\\", "\\\\")
    rest = text[found.body + 1 :] if found.caret else text[found.body :]
    return f"{prefix}{quote}{text[: found.body]}{before}{rest}{found.after}{quote}"


def _compiled(value: ast.Call, segment: Callable[[ast.expr], str]) -> RegexPlan | str:
    first = value.args[0]
    if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
        return "anchor the compiled expression with `^(?:...)`: version 2 searches anywhere"
    if len(value.args) > 1 or value.keywords:
        return "anchor the compiled expression with `^(?:...)` (`\\A` under `re.M`): version 2 searches anywhere"
    plan = _literal(first, segment(first))
    if isinstance(plan, str):
        return plan
    source = segment(value).replace(segment(first), plan.source, 1) if plan.source else ""
    return RegexPlan(source, False, plan.remark if plan.source else "")


def _named(name: str, text: str) -> RegexPlan | str:
    found = analyse(text)
    if found is None or found.body:
        return "anchor the expression with `^(?:...)`: version 1 matched at the start, version 2 searches anywhere"
    source = f'"{found.before}" + {name}' + (f' + "{found.after}"' if found.after else "") if found.before else ""
    return RegexPlan(source, bool(found.needs_python), _remark(found))


def _constant(name: str | None, types: Inference, depth: int = 0) -> str | None:
    """The text of a module-level name that is assigned once: a literal, or another such name."""
    symbol = types.project.locate(name) if name and depth < 5 else None
    if not isinstance(symbol, VariableSymbol) or len(symbol.bindings) != 1:
        return None
    value = symbol.bindings[0].value
    if isinstance(value, Name | Attr):
        return _constant(types.qualname(value, Site(symbol.file)), types, depth + 1)
    return value.text if isinstance(value, Const) and value.kind == "str" and value.text else None


def _remark(found: Pattern) -> str:
    parts = []
    if found.before:
        parts.append(f"with `{found.before}{'...)' if found.after else ''}` in front, for version 2 searches anywhere")
    if found.needs_python:
        parts.append(f"compiled, for `{found.needs_python}` is Python's alone")
    return " and ".join(parts)
