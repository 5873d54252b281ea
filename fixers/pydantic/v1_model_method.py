"""Gives a use of a model its name of Pydantic 2, and its arguments theirs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import libcst as cst

from trueup.change import AddImport, Change, InsertAfter, Remove, Replace, Site, keyword
from trueup.libraries.pydantic.field_values import OR_NONE, TAKES_NONE
from trueup.libraries.pydantic.methods import MethodCall
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP101", on=(cst.Attribute, cst.Call))
def renamed(node: cst.Attribute | cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    """The new name where that is all there is to it; else the arguments too."""
    clue = finding.clue
    used = node.func if isinstance(node, cst.Call) else node
    assert isinstance(used, cst.Attribute)
    if isinstance(clue, str) and clue.startswith("items "):
        _, key, clue = clue.split(" ")
        yield from _with_keys(used, key, site)
    if isinstance(clue, MethodCall):
        assert isinstance(node, cst.Call)
        shapes = {"plain": _plain, "file": _file, "namespace": _namespace, "dumps": _dumps}
        yield from shapes[clue.shape](node, used, clue, site)
    elif clue == OR_NONE:
        held, undefined = site.code_for(used), site.name_for("pydantic_core", "PydanticUndefined")
        yield Replace(used, site.expression(f"None if {held} is {undefined} else {held}"))
    elif clue == TAKES_NONE:
        held, args = f"{site.code_for(used.value)}.annotation", site.name_for("typing", "get_args")
        yield Replace(used, site.expression(
            f"{held} is {site.name_for('typing', 'Any')} or type(None) in {args}({held})"
        ))  # fmt: skip
    elif clue.startswith("="):
        yield Replace(used, site.expression(clue.removeprefix("=")))
    elif clue.startswith("or "):
        yield Replace(used, site.expression(f"({site.code_for(used.value)}.{clue.removeprefix('or ')} or {{}})"))
    elif clue == ".":
        yield Replace(used, used.value)
    elif clue.startswith("type()."):
        owner = cst.Call(cst.Name("type"), [cst.Arg(used.value)])
        yield Replace(used, cst.Attribute(owner, cst.Name(clue.removeprefix("type()."))))
    elif clue.endswith("()"):
        yield Replace(used, cst.Call(used.with_changes(attr=cst.Name(clue.removesuffix("()")))))
    else:
        yield Replace(used.attr, cst.Name(clue))


def _with_keys(fields: cst.Attribute, key: str, site: Site) -> Iterator[Change]:
    """`for field in M.__fields__.values()` -> `for name, field in M.__fields__.items()`."""
    method = cst.ensure_type(site.parent(fields), cst.Attribute)
    loop = site.parent(cst.ensure_type(site.parent(method), cst.Call))
    assert isinstance(loop, cst.For | cst.CompFor)
    yield Replace(method.attr, cst.Name("items"))
    yield Replace(loop.target, site.expression(f"{key}, {site.code_for(loop.target)}"))


def _plain(node: cst.Call, used: cst.Attribute, clue: MethodCall, site: Site) -> Iterator[Change]:
    """`m.dict(skip_defaults=True)` -> `m.model_dump(exclude_unset=True)`."""
    renamed = dict(clue.renamed)
    if node.args:
        yield Replace(used.attr, cst.Name(clue.name))
    for arg in node.args:
        if arg.keyword is not None and arg.keyword.value in renamed:
            yield Replace(arg.keyword, cst.Name(renamed[arg.keyword.value]))
        elif _name(arg) in clue.dropped:
            yield Remove(arg)
    added = [keyword(name, site.expression(value)) for name, value in clue.added]
    if added and node.args:
        yield InsertAfter(node.args[-1], *added)
    elif added:
        yield Replace(node, node.with_changes(func=used.with_changes(attr=cst.Name(clue.name)), args=added))


def _file(node: cst.Call, used: cst.Attribute, clue: MethodCall, site: Site) -> Iterator[Change]:
    """`M.parse_file(p)` -> `M.model_validate_json(Path(p).read_bytes())`: bytes, for version 1 took them for UTF-8."""
    path = node.args[0]
    opened = cst.Call(site.reference("pathlib", "Path"), [cst.Arg(path.value)])
    yield Replace(used.attr, cst.Name(clue.name))
    yield Replace(path, path.with_changes(
        value=cst.Call(cst.Attribute(opened, cst.Name("read_bytes"))), keyword=None, equal=cst.MaybeSentinel.DEFAULT
    ))  # fmt: skip


def _namespace(node: cst.Call, used: cst.Attribute, clue: MethodCall, site: Site) -> Iterator[Change]:
    """`M.update_forward_refs(A=A)` -> `M.model_rebuild(raise_errors=False, _types_namespace={"A": A})`."""
    elements: list[cst.BaseDictElement] = []
    for arg in node.args:
        if arg.keyword is not None:
            elements.append(cst.DictElement(cst.SimpleString(f'"{arg.keyword.value}"'), arg.value))
        else:
            elements.append(cst.StarredDictElement(arg.value))
    only, last = node.args[0], node.args[-1]
    value = only.value if len(node.args) == 1 and only.star == "**" else cst.Dict(elements)
    end = {"comma": last.comma, "whitespace_after_arg": last.whitespace_after_arg}
    arg = keyword("_types_namespace", value).with_changes(**end)
    args = [keyword("raise_errors", cst.Name("False")), arg]
    yield Replace(node, node.with_changes(func=used.with_changes(attr=cst.Name(clue.name)), args=args))


def _dumps(node: cst.Call, used: cst.Attribute, clue: MethodCall, site: Site) -> Iterator[Change]:
    """`m.json(sort_keys=True)` -> `json.dumps(m.model_dump(mode="json"), sort_keys=True)`."""
    inner = [keyword(name, site.expression(value)) for name, value in clue.added]
    inner += _plain_args((arg for arg in node.args if _name(arg) not in (*clue.outer, *clue.dropped)), clue)
    outer = _plain_args((arg for arg in node.args if _name(arg) in clue.outer), clue)
    made = cst.Call(used.with_changes(attr=cst.Name(clue.name)), inner)
    taken = re.search(r"(?<![.\w])json\b(?!\s*=[^=])", site.text)
    if taken is None:
        yield AddImport("json")
        dumps = site.expression("json.dumps")
    else:
        dumps = site.reference("json", "dumps")
    yield Replace(node, cst.Call(dumps, [cst.Arg(made), *outer]))


def _plain_args(args: Iterable[cst.Arg], clue: MethodCall) -> list[cst.Arg]:
    """Arguments by their new names, on one line."""
    renamed = dict(clue.renamed)
    found = []
    for arg in args:
        name = _name(arg)
        kept = cst.Arg(arg.value, star=arg.star) if name is None else keyword(renamed.get(name, name), arg.value)
        found.append(kept)
    return found


def _name(arg: cst.Arg) -> str | None:
    return arg.keyword.value if arg.keyword is not None else None
