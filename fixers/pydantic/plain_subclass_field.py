"""Has a subclass of a built-in type validated as its base."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, DropImport, InsertAfter, Replace, Site
from trueup.model import Finding
from trueup.registry import fix

_HOOK = """\
@classmethod
def __get_pydantic_core_schema__(cls, source_type, handler):
{indent}plain = handler({base})
{indent}known = {home}.union_schema([{home}.is_instance_schema(cls), plain], mode="left_to_right")
{indent}return {home}.json_or_python_schema(plain, known)
"""


@fix("TUP724", on=(cst.ClassDef, cst.Name, cst.Attribute))
def validated(node: cst.ClassDef | cst.Name | cst.Attribute, finding: Finding, site: Site) -> Iterator[Change]:
    """The hook stands last in the class, or in the place of `pass`; a class of another library is one that has it."""
    module, _, name = finding.clue.rpartition(".")
    if not isinstance(node, cst.ClassDef):
        yield Replace(node, site.reference(module, name))
        yield DropImport("pendulum")
        yield DropImport("pendulum", name)
        return
    base = name if module == "builtins" else site.name_for(module, name)
    home = site.name_for("pydantic_core", "core_schema")
    hook, *_ = site.statements(_HOOK.format(indent=site.default_indent, base=base, home=home))
    body = node.body
    if isinstance(body, cst.SimpleStatementSuite):
        kept = [one for one in body.body if not _is_nothing(one)]
        lines = [cst.SimpleStatementLine([one.with_changes(semicolon=cst.MaybeSentinel.DEFAULT)]) for one in kept]
        yield Replace(body, cst.IndentedBlock([*lines, hook]))
        return
    last = body.body[-1]
    if isinstance(last, cst.SimpleStatementLine) and len(last.body) == 1 and _is_nothing(last.body[0]):
        yield Replace(last, hook)
    else:
        yield InsertAfter(last, hook.with_changes(leading_lines=[cst.EmptyLine(indent=False)]))


def _is_nothing(node: cst.BaseSmallStatement) -> bool:
    return isinstance(node, cst.Pass) or (isinstance(node, cst.Expr) and isinstance(node.value, cst.Ellipsis))
