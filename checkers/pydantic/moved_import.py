"""A name is taken from `pydantic` that Pydantic 2 has elsewhere, or no longer has.

## Why
`from pydantic import BaseSettings` raises `PydanticImportError` in version 2: settings have a package of their own,
`pydantic-settings`. Colours and payment cards are in `pydantic-extra-types`, `ValidationError` is in `pydantic`
itself, and `Required`, `NoneStr` and `pydantic.typing.AnyCallable` are gone. `pydantic.utils.to_camel` is worse: the
name lives on in `pydantic.alias_generators`, with another meaning.

## Example
```python
from pydantic import BaseModel, BaseSettings   # from pydantic import BaseModel
                                               # from pydantic_settings import BaseSettings
from pydantic.utils import to_camel            # from pydantic.alias_generators import to_pascal as to_camel
```

## Fix safety
Safe: the same things by their new names. An import stays where it is, in a `try`, a function or under
`TYPE_CHECKING`; `as` stays too, and a thing whose own name changed is imported `as` the old one.
`pydantic.BaseSettings` becomes `pydantic_settings.BaseSettings`. What `pydantic.typing` and others only borrowed from
`typing` comes from there. Members of `Extra` become strings, `NoneStr` is written `Optional[str]`, `Required` is
written `...`, aliases of `pydantic.typing` are written out, `DictIntStrAny` and `SetIntStr` of FastAPI too; where
nothing uses them, their import goes. A project has to add the packages `pydantic-settings` and
`pydantic-extra-types` to its dependencies.

Unsafe are names that come closest to what is gone: `ModelMetaclass` of a private module, `_SecretBase`, the private
base of `SecretStr` and others, for `SecretField`, `FieldInfo` for a `ModelField` that only annotates parameters,
`ImportString` for `PyObject` (it leaves a default as it is), `ValidatedFunction`, which Pydantic 2 has among what goes
with 3, the helpers of `pydantic.utils`, and the functions of `pydantic.typing` and `pydantic.datetime_parse`, which
`pydantic.v1` still has.

## Limits
An import that has a fallback for the other version is left alone (`try: from pydantic_settings import ...`). Members
of `Extra` in the config of a model are the business of `v1-config-class` and `v1-class-keyword`. What has no
successor at all is the business of `gone-import`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from trueup.file import File
from trueup.index.facts import FileFacts
from trueup.infer import Inference
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES
from trueup.libraries.pydantic.moved import (
    BORROWED,
    LEGACY,
    MODEL_FIELD,
    MOVED,
    PACKAGES,
    SPELLED,
    MovedName,
    only_annotates,
)
from trueup.libraries.pydantic.versions import is_guarded
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_IMPORTS = MOVED | BORROWED
_MODULES = frozenset(module for module, _ in (*_IMPORTS, *LEGACY))
_NAMES = frozenset(name for _, name in (*MOVED, *LEGACY))
_BROKEN = ("ModelField", "ModelMetaclass", "SecretField", "ValidatedFunction")
"""Of those that `LEGACY` has, what stops a module from being imported."""
_BORROWERS = frozenset(module for module, _ in BORROWED)
_BORROWED_NAMES = frozenset(name for _, name in BORROWED)
_SPELLED_NAMES = frozenset(name for _, name in SPELLED)
_WORD = re.compile(r"\w+")
_BRACES = re.compile(r"{(\w+)}")


def _runs_on_both(clue: tuple[object, ...]) -> bool:
    """Whether a repair means the same on Pydantic 1: names of `typing` and `pydantic` itself, strings, less."""
    moves = [one for one in clue if isinstance(one, MovedName)]
    new = ("ImportString", "PydanticUserError")
    return all(one.module in ("typing", "pydantic", "") and one.new not in new for one in moves)


@rule(
    "TUP401",
    "moved-import",
    on=ast.Module,
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    where=lambda facts, types, config: (
        "pydantic" in facts.imported
        or "fastapi" in facts.imported
        or any(one.attr in _NAMES for one in facts.scope.imports)
    ),
    triggers=tuple(sorted(_NAMES | _SPELLED_NAMES | _BORROWERS | {"Extra"})),
    url=GUIDE + "#moved-in-pydantic-v2",
    step="imports",
    prepares=lambda finding: _runs_on_both(finding.clue),
)
def moved(tree: ast.Module, file: File) -> Iterable[Hit]:
    """Imports, and uses of what has no successor to import."""
    local = _local_names(file)
    for node in (*file.nodes(ast.ImportFrom), *file.nodes(ast.Attribute), *(file.nodes(ast.Name) if local else ())):
        match node:
            case ast.ImportFrom(level=0, module=str(module), names=[ast.alias(name="*")]) if module in _MODULES:
                yield from _star(node, module, file)
            case ast.ImportFrom(level=0, module=str(module)) if module in _MODULES:
                yield from _import(node, module, file)
            case ast.ImportFrom(names=names) if any(alias.name in _NAMES for alias in names):
                yield from _through_star(node, file)
            case ast.Attribute(ctx=ast.Load(), attr=name) if name in _NAMES or name in _SPELLED_NAMES:
                yield from _attribute(node, file)
            case ast.Attribute(ctx=ast.Load(), attr=name) if name in _BORROWED_NAMES:
                yield from _attribute(node, file)
            case ast.Attribute(ctx=ast.Load(), attr="allow" | "forbid" | "ignore"):
                yield from _extra(node, file)
            case ast.Name(ctx=ast.Load(), id=name) if name in local:
                yield from _spelled(node, file)
    if local:
        yield from _unused(file)


def _local_names(file: File) -> set[str]:
    """The names by which the file has something that is to be spelled out."""
    imports = [one for scope in file.facts.scopes for one in scope.imports]
    return {one.name for one in imports if (one.module, one.attr) in SPELLED}


def _import(node: ast.ImportFrom, module: str, file: File) -> Iterator[Hit]:
    for table in (_IMPORTS, LEGACY):
        found = [
            (alias, table[module, alias.name])
            for alias in node.names
            if (module, alias.name) in table and not _is_more(module, alias, file)
        ]
        if not found or any(_has_fallback(node, alias.asname or alias.name, file) for alias, _ in found):
            continue
        if is_guarded(node, file.parent, found[0][1][0]):
            continue
        alias, (home, new, *less) = found[0]
        yield Hit(
            node,
            _message(f"`{module}.{alias.name}`", home, new, gone=(module, alias.name)),
            clue=tuple(MovedName(alias.name, to[0], to[1]) for alias, to in found),
            safety=Safety.UNSAFE if less else None,
            why=less[0] if less else "",
            severity=Severity.ERROR if _is_error(module, alias.name, home) else None,
        )


def _is_more(module: str, alias: ast.alias, file: File) -> bool:
    """Whether it is a `ModelField` that does more in a file than to annotate parameters."""
    return (module, alias.name) == MODEL_FIELD and not only_annotates(file.tree, alias.asname or alias.name)


def _star(node: ast.ImportFrom, module: str, file: File) -> Iterator[Hit]:
    """What a star import brought in, and brings in no more."""
    bound = _bound(file.facts)
    wanted = {one.id for one in file.nodes(ast.Name)} - bound
    found = [MovedName(name, *to) for (home, name), to in MOVED.items() if home == module and name in wanted]
    yield from _brought(node, module, found, file)


def _through_star(node: ast.ImportFrom, file: File) -> Iterator[Hit]:
    """What a module of the project got from a star import, and hands on no more."""
    for one in file.facts.scope.imports:
        if one.line != node.lineno or one.attr not in _NAMES:
            continue
        target = file.project.modules.get(one.module)
        if target is None or one.attr in _bound(target):
            continue
        if any(star.startswith("pydantic.v1") for star in target.scope.stars):  # the other is for Pydantic 1 itself
            continue
        for star in target.scope.stars:
            if (star, one.attr) in MOVED:
                yield from _brought(node, star, [MovedName(one.attr, *MOVED[star, one.attr])], file)


def _bound(facts: FileFacts) -> set[str]:
    """The names that a module binds itself."""
    return {one.name for one in facts.scope.imports} | {one.name for one in facts.scope.bindings}


def _brought(node: ast.ImportFrom, module: str, found: list[MovedName], file: File) -> Iterator[Hit]:
    if found and not is_guarded(node, file.parent, found[0].module):
        one = found[0]
        text = f"`{module}.{one.name}`, which a star import brought in,"
        severity = Severity.ERROR if _is_error(module, one.name, one.module) else None
        yield Hit(
            node,
            _message(text, one.module, one.new, gone=(module, one.name)),
            clue=tuple(found),
            severity=severity,
        )


def _is_error(module: str, name: str, home: str) -> bool:
    """Whether the old name cannot be imported under Pydantic 2."""
    return home in ("pydantic_settings", "pydantic_core", "typing") or name in _BROKEN


def _message(old: str, home: str, new: str, gone: tuple[str, str]) -> str:
    package = PACKAGES.get(home.partition(".")[0])
    where = f"`{home}.{new}`" + (f" (package `{package}`)" if package else "")
    if gone[1] in ("to_camel", "to_lower_camel"):
        return f"{old} is {where} in Pydantic 2, where `to_camel` means something else: import that"
    return f"{old} is {where} in Pydantic 2: import it from there"


def _has_fallback(node: ast.ImportFrom, local: str, file: File) -> bool:
    """Whether another import of the same statement around it (`try`, `if`) binds the same name."""
    around = file.parent(node)
    while isinstance(around, ast.Try | ast.If | ast.ExceptHandler):
        others = [one for one in ast.walk(around) if isinstance(one, ast.ImportFrom) and one is not node]
        if any((alias.asname or alias.name) == local for other in others for alias in other.names):
            return True
        around = file.parent(around)
    return False


def _attribute(node: ast.Attribute, file: File) -> Iterator[Hit]:
    module = file.qualname(node.value)
    if module is None or is_guarded(node, file.parent, "pydantic_settings"):
        return
    for table in (_IMPORTS, LEGACY):
        if (module, node.attr) in table and (module, node.attr) != MODEL_FIELD:
            home, new, *less = table[module, node.attr]
            yield Hit(
                node,
                _message(f"`{file.segment(node)}`", home, new, gone=(module, node.attr)),
                clue=(MovedName(node.attr, home, new),),
                safety=Safety.UNSAFE if less else None,
                why=less[0] if less else "",
                severity=Severity.ERROR if _is_error(module, node.attr, home) else None,
            )
            return
    if (module, node.attr) in SPELLED:
        yield _spelled_out(node, module, node.attr)


def _extra(node: ast.Attribute, file: File) -> Iterator[Hit]:
    if file.qualname(node.value) != "pydantic.Extra" or _in_config(node, file):
        return
    text = f"`Extra.{node.attr}` is deprecated in Pydantic 2: write the string `{node.attr}`"
    yield Hit(node, text, clue=("Extra", f'"{node.attr}"'))


def _in_config(node: ast.AST, file: File) -> bool:
    """Whether a place is in a `class Config`, or in the keywords of a class."""
    inner, outer = node, file.parent(node)
    while outer is not None:
        if isinstance(outer, ast.ClassDef) and (outer.name == "Config" or isinstance(inner, ast.keyword)):
            return True
        inner, outer = outer, file.parent(outer)
    return False


def _spelled(node: ast.Name, file: File) -> Iterator[Hit]:
    module, _, name = (file.qualname(node) or "").rpartition(".")
    if (module, name) in SPELLED:
        yield _spelled_out(node, module, name)


def _unused(file: File) -> Iterator[Hit]:
    """Imports of names that are gone, where this file does not use them: they stop it from being imported."""
    used = {one.id for one in file.nodes(ast.Name)}
    texts = [one.value for one in file.nodes(ast.Constant) if isinstance(one.value, str)]
    for node in file.nodes(ast.ImportFrom):
        if node.level or node.module is None:
            continue
        for alias in node.names:
            name = alias.asname or alias.name
            if (node.module, alias.name) not in SPELLED or name in used:
                continue
            if is_guarded(node, file.parent, alias.name) or isinstance(file.parent(node), ast.Try | ast.ExceptHandler):
                continue
            listed = name in (file.facts.exports or ())
            if not listed and alias.name != "Required" and any(name in _WORD.findall(text) for text in texts):
                meaning = _BRACES.sub(r"\1", SPELLED[node.module, alias.name])
                text = f"`{node.module}.{alias.name}` is gone in Pydantic 2: write `{meaning}`, and remove the import"
                why = "an annotation in quotes may use it"
                yield Hit(node, text, safety=Safety.MANUAL, why=why, severity=Severity.ERROR)
                continue
            text = f"`{node.module}.{alias.name}` is gone in Pydantic 2, and unused here: remove its import"
            user = file.types.shared(_handed_on).get((file.module, name))
            if user is not None or listed:
                who = f"`{user}` imports" if user is not None else "`__all__` lists"
                yield Hit(node, text, safety=Safety.MANUAL, why=f"{who} it from here", severity=Severity.ERROR)
            else:
                yield Hit(node, text, clue=(MovedName(alias.name, "", ""),), severity=Severity.ERROR)


def _handed_on(types: Inference) -> dict[tuple[str, str], str]:
    """(module, name) of what is gone -> a module of the project that imports it from there, by `*` too."""
    found: dict[tuple[str, str], str] = {}
    for facts in types.project.files.values():
        for scope in facts.scopes:
            for one in scope.imports:
                if one.attr in _SPELLED_NAMES and (one.module, one.attr) not in SPELLED:
                    found.setdefault((one.module, one.attr), facts.module)
            for star in scope.stars:
                found.update(
                    {(star, name): facts.module for name in sorted(_SPELLED_NAMES) if (star, name) not in found}
                )
    return found


def _spelled_out(node: ast.expr, module: str, name: str) -> Hit:
    pattern = SPELLED[module, name]
    meaning = _BRACES.sub(r"\1", pattern)
    text = f"`{name}` is gone in Pydantic 2: write `{meaning}`"
    return Hit(node, text, clue=(name, pattern), severity=Severity.ERROR)
