"""Turns a nested `class Config` into `model_config = ConfigDict(...)`."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import libcst as cst

from trueup.change import CannotFix, Change, DropImport, InsertAfter, Remove, Replace, Site, keyword
from trueup.indents import Deeper
from trueup.libraries.pydantic.config import ConfigChange
from trueup.libraries.pydantic.getters import METHOD
from trueup.model import Finding
from trueup.registry import fix

WIDTH = 88
"""The longest line that is written in one piece."""
_HOMES = {"ConfigDict": ("pydantic", "pydantic.config"), "SettingsConfigDict": ("pydantic_settings",)}


@dataclass(slots=True)
class _Item:
    """One argument to be, with the comments above and behind it."""

    arg: cst.Arg
    above: list[cst.Comment] = field(default_factory=list)
    behind: cst.Comment | None = None


@fix("TUP201", on=(cst.ClassDef, cst.Assign, cst.If))
def moved(node: cst.ClassDef | cst.Assign | cst.If, finding: Finding, site: Site) -> Iterator[Change]:
    """The whole class at once; it goes altogether where no key is left."""
    change = finding.clue
    if isinstance(node, cst.If):
        yield _chosen(node, change.key, site)
        return
    assert isinstance(change, ConfigChange)
    for module, name in change.unused:
        yield DropImport(module, name)
    if isinstance(node, cst.Assign):
        if not change.added:
            yield Remove(node)
            return
        maker = site.reference(_HOMES[change.maker], change.maker)
        made = [_Item(keyword(name, site.expression(value))) for name, value in change.added]
        call = _call(maker, made, None, (), len(site.indent(node)), site)
        yield Replace(node, cst.Assign([cst.AssignTarget(cst.Name("model_config"))], call))
        return
    unused = ["Extra"] if any(key.value for key in change.keys) else []
    for name in [*unused, *(["BaseConfig"] if node.bases else [])]:
        for module in ("pydantic", "pydantic.main", "pydantic.config"):
            yield DropImport(module, name)
    items = _items(node, change, site)
    for name, value in change.added:
        items.append(_Item(keyword(name, site.expression(value))))
    for key in change.keys:
        for name, options in key.fields:
            yield from _described(name, options, site.class_at(node), site)
    validator = list(_asking(change.getter, site)) if change.getter else []
    if not items:
        if validator:
            yield Replace(node, *validator)
        else:
            yield Remove(node)
        return
    maker = site.reference(_HOMES[change.maker], change.maker)
    remarks = _docstring(node)
    header = node.body.header.comment if isinstance(node.body, cst.IndentedBlock) else None
    footer = [line.comment for line in getattr(node.body, "footer", ()) if line.comment is not None]
    call = _call(maker, items, header, footer, len(site.indent(node)), site)
    line = cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(cst.Name("model_config"))], call)])
    if remarks:
        above = [cst.EmptyLine(comment=cst.Comment(remark)) for remark in remarks]
        line = line.with_changes(leading_lines=[*node.leading_lines, *above])
    functions = list(_functions(node, change))
    if functions:
        comments = [one for one in line.leading_lines if one.comment is not None]
        line = line.with_changes(leading_lines=[cst.EmptyLine(indent=False), *comments])
    yield Replace(node, *functions, line, *validator)


def _asking(getter: str, site: Site) -> Iterator[cst.BaseCompoundStatement]:
    """The validator that reads the fields of an object with the getter of version 1."""
    step, anything = site.default_indent, site.name_for("typing", "Any")
    code = (
        f'@{site.name_for("pydantic", "model_validator")}(mode="before")\n'
        "@classmethod\n"
        f"def {METHOD}(cls, value: {anything}) -> {anything}:\n"
        f"{step}if value is None or isinstance(value, (dict, cls)):\n"
        f"{step}{step}return value\n"
        f"{step}getter = {getter}(value)\n"
        f"{step}found = {{name: getter.get(name, ...) for name in cls.model_fields}}\n"
        f"{step}return {{name: one for name, one in found.items() if one is not ...}}\n"
    )
    for one in site.statements(code):
        assert isinstance(one, cst.FunctionDef)
        yield one.with_changes(leading_lines=[cst.EmptyLine(indent=False)])


def _functions(node: cst.ClassDef, change: ConfigChange) -> Iterator[cst.FunctionDef]:
    """The functions that were keys, under the names their values have now."""
    keys = {key.old: key for key in change.keys}
    for statement in node.body.body:
        if isinstance(statement, cst.FunctionDef):
            key = keys[statement.name.value]
            params = statement.params
            if key.drops_cls:
                field = "posonly_params" if params.posonly_params else "params"
                params = params.with_changes(**{field: getattr(params, field)[1:]})
            static = [cst.Decorator(cst.Name("staticmethod"))]
            yield statement.with_changes(name=cst.Name(key.value), decorators=static, params=params)


def _described(
    name: str, options: Sequence[tuple[str, str]], owner: cst.ClassDef | None, site: Site
) -> Iterator[Change]:
    """The options of a field as arguments of its `Field`, whose own arguments win."""
    assert owner is not None
    for statement in owner.body.body:
        for one in statement.body if isinstance(statement, cst.SimpleStatementLine) else ():
            if not (isinstance(one, cst.AnnAssign) and isinstance(one.target, cst.Name) and one.target.value == name):
                continue
            maker = site.name_for(("pydantic", "pydantic.fields"), "Field")
            args = [keyword(option, site.expression(value)) for option, value in options]
            old = one.value
            if isinstance(old, cst.Call) and site.code_for(old.func) == maker:
                has = [arg.keyword.value for arg in old.args if arg.keyword is not None]
                new = [arg for arg in args if arg.keyword is not None and arg.keyword.value not in has]
                if new and old.args:
                    yield InsertAfter(old.args[-1], *new)
                elif new:
                    yield Replace(old, old.with_changes(args=new))
                return
            call = cst.Call(site.expression(maker), [*([cst.Arg(old)] if old is not None else []), *args])
            if old is not None:
                yield Replace(old, call)
            else:
                yield Replace(one, one.with_changes(value=call))
            return


def _chosen(node: cst.If, key: str, site: Site) -> Change:
    """`if a: key = x` and `else: key = y` -> `key = x if a else y`."""
    if any(isinstance(one, cst.Comment) for part in _parts(node) for one in _below(part)):
        raise CannotFix("there are comments in the branches")
    texts = [site.code_for(one.value) for part in _parts(node) for one in _below(part) if isinstance(one, cst.Assign)]
    made = site.statements(f"{key} = {texts[0]} if {site.code_for(node.test)} else {texts[1]}\n")
    return Replace(node, *(one.with_changes(leading_lines=node.leading_lines) for one in made))


def _parts(node: cst.If) -> Iterator[cst.CSTNode]:
    yield node.body
    if node.orelse is not None:
        yield node.orelse


def _below(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    yield node
    for child in node.children:
        yield from _below(child)


def _items(node: cst.ClassDef, change: ConfigChange, site: Site) -> list[_Item]:
    """The keys that stay, in order, each with its comments."""
    keys = {key.old: key for key in change.keys}
    items: list[_Item] = []
    for statement in node.body.body:
        small = statement.body if isinstance(statement, cst.SimpleStatementLine) else [statement]
        first = True
        for one in small:
            for name, value in _assigned(one):
                key = keys[name]
                if not key.new:
                    continue
                made = site.expression(key.value) if key.value else value
                item = _Item(keyword(key.new, made))
                if first and isinstance(statement, cst.SimpleStatementLine):
                    item.above = [line.comment for line in statement.leading_lines if line.comment is not None]
                    item.behind = statement.trailing_whitespace.comment
                first = False
                items.append(item)
    return items


def _assigned(statement: cst.CSTNode) -> Iterator[tuple[str, cst.BaseExpression]]:
    match statement:
        case cst.FunctionDef(name=cst.Name(value=name)):
            yield name, cst.Name(name)
        case cst.Assign(targets=targets, value=value):
            for target in targets:
                assert isinstance(target.target, cst.Name)
                yield target.target.value, value
        case cst.AnnAssign(target=cst.Name(value=name), value=cst.BaseExpression() as value):
            yield name, value


def _docstring(node: cst.ClassDef) -> list[str]:
    """The docstring as comments: there is no class left to have one."""
    text = node.get_docstring(clean=False) or ""
    return [f"# {line.strip()}".rstrip() for line in ast.literal_eval(repr(text)).strip().splitlines()]


def _call(
    maker: cst.BaseExpression,
    items: Sequence[_Item],
    header: cst.Comment | None,
    footer: Sequence[cst.Comment],
    indent: int,
    site: Site,
) -> cst.Call:
    """`ConfigDict(...)`: on one line, around one long value, or an argument a line."""
    # A comment behind `class Config:` alone goes behind the new statement: the engine does that.
    plain = not footer and not any(item.above or item.behind for item in items)
    args = [item.arg for item in items]
    if plain:
        call = cst.Call(maker, args)
        code = site.new_code(call)
        if "\n" not in code and len(code) + indent + len("model_config = ") <= WIDTH:
            return call
        if len(args) == 1 and isinstance(args[0].value, cst.Dict | cst.List | cst.Call | cst.Tuple) and "\n" in code:
            return call
    deeper = Deeper(site.default_indent)
    lines: list[cst.Arg] = []
    for index, item in enumerate(items):
        after = _newline(site, item.behind, items[index + 1].above if index + 1 < len(items) else footer)
        if index + 1 == len(items):
            after = after.with_changes(last_line=cst.SimpleWhitespace(""))
        arg = item.arg.visit(deeper)
        assert isinstance(arg, cst.Arg)
        lines.append(arg.with_changes(comma=cst.Comma(whitespace_after=after)))
    return cst.Call(maker, lines, whitespace_before_args=_newline(site, header, items[0].above))


def _newline(site: Site, comment: cst.Comment | None, above: Sequence[cst.Comment]) -> cst.ParenthesizedWhitespace:
    """The end of a line, and the comments above the next."""
    step = cst.SimpleWhitespace(site.default_indent)
    blank = cst.SimpleWhitespace("  " if comment is not None else "")
    return cst.ParenthesizedWhitespace(
        first_line=cst.TrailingWhitespace(whitespace=blank, comment=comment),
        empty_lines=[cst.EmptyLine(indent=True, whitespace=step, comment=one) for one in above],
        indent=True,
        last_line=step,
    )
