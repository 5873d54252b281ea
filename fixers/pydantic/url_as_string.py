"""Makes a string of a URL where one is needed."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP801", on=(cst.Name, cst.Attribute, cst.Subscript, cst.Await, cst.Call))
def made(node: cst.BaseExpression, finding: Finding, site: Site) -> Iterator[Change]:
    """`url` -> `str(url)`, without the slash at its end where something follows that begins with one."""
    clue = finding.clue
    text = cst.Call(cst.Name("str"), [cst.Arg(node)])
    quote = "'" if site.text.count("'") > site.text.count('"') else '"'
    if clue == "username":
        assert isinstance(node, cst.Attribute)
        yield Replace(node.attr, cst.Name("username"))
    elif clue == "strip":
        yield Replace(node, _stripped(text, quote))
    elif clue == "rstrip":
        yield Replace(node, _stripped(node, quote))
    elif clue == "maybe":
        code = site.code_for(node)
        yield Replace(node, site.expression(f"str({code}) if {code} is not None else None"))
    elif clue == "each":
        code = site.code_for(node)
        yield Replace(node, site.expression(f"[str(origin).rstrip({quote}/{quote}) for origin in {code}]"))
    else:
        yield Replace(node, text)


def _stripped(node: cst.BaseExpression, quote: str) -> cst.Call:
    return cst.Call(cst.Attribute(node, cst.Name("rstrip")), [cst.Arg(cst.SimpleString(f"{quote}/{quote}"))])
