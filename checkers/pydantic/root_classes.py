"""What becomes of a class that has a `__root__`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.index.extract import expression
from trueup.index.facts import Const
from trueup.libraries.pydantic.annotations import alternatives, is_implicit
from trueup.libraries.pydantic.config import config_items, config_of
from trueup.libraries.pydantic.models import MODEL, is_model
from trueup.libraries.pydantic.roots import GENERIC, ROOT, ROOT_MODEL, RootClass, families
from trueup.model import Hit, Safety
from trueup.types import ClassObject

_BASES = (MODEL, "pydantic.generics.GenericModel")
_LONG = 60
"""A longer annotation stays in the body: `class Tags(RootModel)` with `root: ...`."""


def root_class(node: ast.ClassDef, file: File) -> Iterator[Hit]:
    """The hit on a class with a `__root__` of its own, if it is one."""
    statement = _field(node)
    klass = file.class_at(node) if statement is not None else None
    if statement is None or klass is None:
        return
    cls = file.qualified(klass)
    family = families(file.types, file.config.base_models).get(cls)
    if family is None:
        return
    where = file.span(statement.target)
    what = f"`{ROOT}` is gone in Pydantic 2, where a class that has it raises `TypeError`"
    clue = _plan(node, statement, file) if not family.why else None
    if clue is None:
        why = family.why or f"its config sets `extra` in a way that is not plain, which a `{ROOT_MODEL}` must not have"
        text = f"{what}: make it a `RootModel` by hand; {why}"
        yield Hit(node, text, safety=Safety.MANUAL, why=why, group=family.group, span=where)
        return
    shown = f"RootModel[{file.segment(statement.annotation)}]" if clue.typed else "RootModel"
    text = f"{what}: make it a `{shown}`" if clue.base >= 0 or clue.behind >= 0 else f"{what}: name the field `root`"
    yield Hit(node, text, clue, group=family.group, span=where)


def _field(node: ast.ClassDef) -> ast.AnnAssign | None:
    for statement in node.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name)) if name == ROOT:
                return statement
    return None


def _plan(node: ast.ClassDef, statement: ast.AnnAssign, file: File) -> RootClass | None:
    base, behind = _bases(node, file)
    typed = (base >= 0 or behind >= 0) and _is_known_early(node, statement.annotation, file)
    extra = _extra(node, file)
    if extra is None:
        return None
    words = alternatives(file.types, expression(statement.annotation), file.site(statement.annotation))
    if statement.value is None and is_implicit(words):
        field = "none"
    elif statement.value is not None or not typed or statement is not node.body[-1] or _is_remarked(statement, file):
        field = "keep"
    else:
        field = "drop"
    return RootClass(base, behind, typed, field, extra)


def _bases(node: ast.ClassDef, file: File) -> tuple[int, int]:
    """The place of the base that `RootModel` takes, or of the one it goes behind; none of both below a root model."""
    last = -1
    for index, base in enumerate(node.bases):
        plain = base.value if isinstance(base, ast.Subscript) else base
        if file.qualname(plain) in _BASES:
            return index, -1
        found = file.type_of(base)
        if isinstance(found, ClassObject) and found.cls not in GENERIC:
            if found.cls in families(file.types, file.config.base_models):
                return -1, -1
            if is_model(file.types, found.cls, file.config.base_models):
                last = index
    return -1, last


def _is_known_early(node: ast.ClassDef, annotation: ast.expr, file: File) -> bool:
    """Whether an annotation is short, and every name in it means the same, and something, in front of the class."""
    if len(file.segment(annotation)) > _LONG or annotation.lineno != annotation.end_lineno:
        return False
    inside = {name for one in node.body for name in _bound(one)}
    lazy = any(one.module == "__future__" and one.attr == "annotations" for one in file.facts.scope.imports)
    names = file.project.names(file.facts.scope)
    if isinstance(annotation, ast.Constant):
        return False
    for one in ast.walk(annotation):
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and lazy:
            return False
        if isinstance(one, ast.Name):
            if one.id in inside:
                return False
            imported = [i for i in names.imports.get(one.id, ()) if i.when != "type-checking"]
            bound = [b for b in names.bindings.get(one.id, ()) if b.line < node.lineno and b.how != "annotate"]
            known = imported or bound or (one.id not in names.bindings and one.id not in names.imports)
            if lazy and not known:
                return False
    return True


def _bound(statement: ast.stmt) -> list[str]:
    match statement:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            return [name]
        case ast.Assign(targets=targets):
            return [one.id for one in targets if isinstance(one, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
    return []


def _is_remarked(statement: ast.AnnAssign, file: File) -> bool:
    """Whether a comment tells something of a field."""
    return file.has_comment(statement) or statement.lineno - 1 in file.comments


def _extra(node: ast.ClassDef, file: File) -> str | None:
    """What is to be done about `extra` in the config; None where that is left to a person."""
    klass = file.class_at(node)
    symbol = file.project.klass(file.qualified(klass)) if klass is not None else None
    if klass is None or symbol is None:
        return None
    own = dict(config_items(file.types, symbol)).get("extra")
    above = config_of(file.types, symbol.qualname, "extra", above=True)
    if own == Const("none") or (own is None and (above is None or above == Const("none"))):
        return ""
    configs = [one for one in node.body if _is_config(one)]
    if any(key == "extra" for key, _ in symbol.facts.keywords) or len(configs) > 1:
        return None
    if not configs:
        return "class"
    if own is None:
        return "config"
    return "own" if _says_extra(configs[0]) else None


def _is_config(statement: ast.stmt) -> bool:
    match statement:
        case ast.ClassDef(name="Config"):
            return True
        case ast.Assign(targets=[ast.Name(id="model_config")]) | ast.AnnAssign(target=ast.Name(id="model_config")):
            return True
    return False


def _says_extra(config: ast.stmt) -> bool:
    """Whether `extra` stands in a config itself, where it can be replaced."""
    match config:
        case ast.ClassDef(body=body):
            return any(isinstance(one, ast.Assign) and _bound(one) == ["extra"] for one in body)
        case ast.Assign(value=ast.Call(keywords=keywords)) | ast.AnnAssign(value=ast.Call(keywords=keywords)):
            return any(one.arg == "extra" for one in keywords)
    return False
