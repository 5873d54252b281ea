"""Makes the fields of a model optional in the way of Pydantic 2, and the model anew."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, InsertAfter, Remove, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP106", on=cst.For)
def loosened(node: cst.For, finding: Finding, site: Site) -> Iterator[Change]:
    """The body sets `default` and `annotation`; `model_rebuild` stands behind the loop."""
    lines = [one for line in node.body.body if isinstance(line, cst.SimpleStatementLine) for one in line.body]
    targets = [
        (one, cst.ensure_type(one.targets[0].target, cst.Attribute)) for one in lines if isinstance(one, cst.Assign)
    ]
    always = any(target.attr.value == "default" for _, target in targets)
    for statement, target in targets:
        field = site.code_for(target.value).replace(".__fields__[", ".model_fields[")
        match target.attr.value:
            case "required" if always:
                yield Remove(statement)
            case "required":
                text = f"if {field}.is_required():\n{site.default_indent}{field}.default = None\n"
                yield Replace(statement, *site.statements(text))
            case "allow_none":
                name = site.name_for("typing", "Optional")
                yield Replace(statement, *site.statements(f"{field}.annotation = {name}[{field}.annotation]\n"))
            case _ if "__fields__" in site.code_for(target.value):
                yield Replace(statement, *site.statements(f"{field}.default = None\n"))
    match node.iter:
        case cst.Call(func=cst.Attribute(value=cst.Attribute(attr=cst.Name(value="__fields__") as old))):
            yield Replace(old, cst.Name("model_fields"))
    yield InsertAfter(node, *site.statements(f"{finding.clue}.model_rebuild(force=True)\n"))
