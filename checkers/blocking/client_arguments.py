"""How one call of `requests` is written with an async client: its method, its arguments, the client's own settings."""

from __future__ import annotations

import ast

from msgspec import Struct

from trueup.file import File
from trueup.libraries.http_clients import BODIES, KEPT, REFUSED, VERBS, WITHOUT_BODY
from trueup.types import STR, Instance, Type, Union, Unknown

_PLAIN = frozenset(f"builtins.{name}" for name in ("str", "int", "float"))
"""What `requests` and httpx write alike into a URL or a form; None and bools they do not."""
_TEXT = frozenset({"builtins.str", "builtins.bytes"})
_DROP = ""


class Written(Struct, frozen=True):
    """What becomes of a call.

    `names`: for each argument by position, then for each keyword argument, the keyword it gets (`=` where it stays
    as it is, empty where it goes). `first`: the text of an argument that is put in front. `settings`: arguments of the
    client, in source; empty for the call of a session.
    """

    method: str
    session: bool
    first: str
    names: tuple[str, ...]
    settings: tuple[str, ...]
    more: tuple[str, ...] = ()
    """Arguments that are added behind, `follow_redirects=False`."""


def written(call: ast.Call, verb: str, session: bool, file: File) -> Written | str:
    """How a call is written with an async client, or why it cannot be."""
    if any(isinstance(one, ast.Starred) for one in call.args) or any(k.arg is None for k in call.keywords):
        return "arguments are not written out"
    positions = VERBS[verb]
    if len(call.args) > len(positions):
        return f"`{verb}` has more arguments by position than are known"
    given = dict(zip(positions, call.args, strict=False)) | {k.arg or "": k.value for k in call.keywords}
    for name in given:
        if name in REFUSED:
            return REFUSED[name]
    settings: list[str] = []
    more: list[str] = []
    names: dict[str, str] = {}
    for name, value in given.items():
        found = _argument(name, value, given, file)
        if found is None:
            names[name] = name
        elif found.startswith("="):
            names[name] = found[1:]
        else:
            return found
    follows = verb != "head"
    redirects = given.get("allow_redirects")
    if redirects is not None:
        follows = isinstance(redirects, ast.Constant) and redirects.value is True
        names["allow_redirects"] = _DROP if follows else "follow_redirects"
    elif session and not follows:
        more.append("follow_redirects=False")
    verify = given.get("verify")
    if verify is not None and session:
        return "`verify=` belongs to the client there"
    if not session:
        settings += ["follow_redirects=True"] if follows else []
        settings += [] if "timeout" in given else ["timeout=None"]
        settings += [f"verify={file.segment(verify)}"] if verify is not None else []
    body = bool(BODIES & given.keys())
    method, first = ("request", f'"{verb.upper()}"') if verb in WITHOUT_BODY and body else (verb, "")
    plain = 1 if verb != "request" else 2
    words = ["=" if number < plain else names[name] for number, name in enumerate(positions[: len(call.args)])]
    words += ["=" if names[k.arg or ""] == k.arg else names[k.arg or ""] for k in call.keywords]
    return Written(method, session, first, tuple(words), tuple(settings), tuple(more))


def _argument(name: str, value: ast.expr, given: dict[str, ast.expr], file: File) -> str | None:
    """None where an argument stays, `=` and another keyword (none: it goes), or else why the call must stay."""
    if name == "verify":
        known = isinstance(value, ast.Constant) and isinstance(value.value, bool)
        return "=" if known else "`verify=` is given something else there"
    if name == "allow_redirects":
        return "=follow_redirects"
    if name not in KEPT:
        return f"`{name}=` is not known"
    if name == "params":
        return _params(value, given.get("url"), file)
    if name == "data":
        return _data(value, file)
    if name == "headers" and not _is_mapping(value, file, _TEXT, empty=True):
        return "`headers=` may hold None, which is no header there"
    if name == "auth" and not (isinstance(value, ast.Tuple) and len(value.elts) == 2):
        return "`auth=` is an object that only `requests` knows"
    if name == "json" and "hmac" in file.facts.imported:
        return "`json=` is written with other blanks there, and the body may be signed"
    return None


def _params(value: ast.expr, url: ast.expr | None, file: File) -> str | None:
    if not _is_mapping(value, file, _PLAIN):
        return "`params=` may hold None or a bool, which is sent otherwise there"
    if url is None:
        return "the URL is not written out"
    constants = [one.value for one in ast.walk(url) if isinstance(one, ast.Constant)]
    texts = [one for one in constants if isinstance(one, str)]
    if any("?" in one for one in texts):
        return "the URL has a query, which `params=` replaces there"
    if not texts and file.type_of(url) != STR:
        return "the URL may have a query, which `params=` replaces there"
    return None


def _data(value: ast.expr, file: File) -> str | None:
    of = file.type_of(value)
    if isinstance(of, Instance) and of.cls in _TEXT:
        return "=content"
    if _is_mapping(value, file, _PLAIN):
        return None
    return "`data=` may be something that is sent otherwise there"


def _is_mapping(value: ast.expr, file: File, kinds: frozenset[str], *, empty: bool = False) -> bool:
    """Whether an argument is a dictionary of nothing but some kinds of values; `empty`: one not annotated will do."""
    if isinstance(value, ast.Constant) and value.value is None:
        return True
    if isinstance(value, ast.Dict):
        return all(
            _is_of(file.type_of(one), kinds, empty) if key is not None else _is_mapping(one, file, kinds, empty=empty)
            for key, one in zip(value.keys, value.values, strict=True)
        )
    if isinstance(value, ast.IfExp):
        return all(_is_mapping(one, file, kinds, empty=empty) for one in (value.body, value.orelse))
    of = file.type_of(value)
    if not isinstance(of, Instance) or of.cls != "builtins.dict":
        return False
    return len(of.args) == 2 and _is_of(of.args[1], kinds, empty)


def _is_of(one: Type, kinds: frozenset[str], unknown: bool) -> bool:
    if isinstance(one, Union):
        return all(_is_of(item, kinds, unknown) for item in one.items)
    if isinstance(one, Instance):
        if one.cls in ("builtins.list", "builtins.tuple") and kinds is _PLAIN:
            return bool(one.args) and all(_is_of(item, kinds, unknown) for item in one.args)
        return one.cls in kinds
    return unknown and isinstance(one, Unknown)
