"""Names the environment variable of a field with `validation_alias`."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Replace, Site, keyword
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP701", on=cst.Call)
def renamed(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    """`env="X"` -> `validation_alias="X"`; several names become an `AliasChoices`."""
    arg = next(one for one in node.args if one.keyword is not None and one.keyword.value == "env")
    names = finding.clue
    if not names:
        assert arg.keyword is not None
        yield Replace(arg.keyword, cst.Name("validation_alias"))
        return
    quote = '"' if '"' in names[0] else "'"
    maker = site.name_for("pydantic", "AliasChoices")
    choices = [quote + name[1:-1] + quote if name[:1] == "'" and "'" not in name[1:-1] else name for name in names]
    value = site.expression(f"{maker}({', '.join(choices)})")
    made = keyword("validation_alias", value)
    yield Replace(arg, made.with_changes(comma=arg.comma, whitespace_after_arg=arg.whitespace_after_arg))
