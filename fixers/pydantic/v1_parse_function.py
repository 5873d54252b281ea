"""Lets a `TypeAdapter` do what `parse_obj_as` and its kin did."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from trueup.change import AddImport, Change, DropImport, Remove, Replace, Site, keyword
from trueup.libraries.pydantic.functions import HOMES, PARAMETERS, AdapterCall, schema_keywords
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP601", on=cst.Call)
def adapted(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    """The type goes to the adapter, the data to its method."""
    clue = finding.clue
    assert isinstance(clue, AdapterCall)
    for module in HOMES:
        yield DropImport(module, clue.function)
    yield DropImport("pydantic")
    yield DropImport("pydantic.tools")
    maker = site.reference("pydantic", "TypeAdapter")
    if clue.shape == "bound":
        yield Replace(node, cst.Attribute(_adapter(maker, node.args[1].value), cst.Name(clue.method)))
        yield DropImport("functools", "partial")
        return
    given = _given(node, PARAMETERS[clue.function])
    method = cst.Attribute(_adapter(maker, given["type_"].value), cst.Name(clue.method))
    if clue.shape in ("plain", "file", "loads"):
        yield from _parsed(node, clue, method, given, site)
        return
    inner, outer = schema_keywords(list(given))
    schema: cst.BaseExpression = cst.Call(method, [keyword(one, given[one].value) for one in inner])
    if clue.title:
        title = cst.DictElement(cst.SimpleString('"title"'), given["title"].value)
        schema = cst.Dict([cst.StarredDictElement(schema), title])
    if clue.shape == "dumps":
        dumps, imported = _dumps(site)
        if imported is not None:
            yield imported
        rest = outer if clue.function == "schema_json_of" else []
        schema = cst.Call(dumps, [cst.Arg(schema), *(keyword(one, given[one].value) for one in rest)])
    yield Replace(node, schema)


def _parsed(
    node: cst.Call, clue: AdapterCall, method: cst.Attribute, given: dict[str, cst.Arg], site: Site
) -> Iterator[Change]:
    """The call keeps the place and the look of its data; all its other arguments go."""
    data = given[PARAMETERS[clue.function][1]]
    value = data.value
    if clue.shape == "file":
        opened = cst.Call(site.reference("pathlib", "Path"), [cst.Arg(value)])
        value = cst.Call(cst.Attribute(opened, cst.Name("read_bytes")))
    elif clue.shape == "loads":
        value = cst.Call(given["json_loads"].value, [cst.Arg(value)])
    yield Replace(node.func, method)
    for arg in node.args:
        if arg is not data:
            yield Remove(arg)
    if value is not data.value or data.keyword is not None:
        plain = data.with_changes(value=value, keyword=None, equal=cst.MaybeSentinel.DEFAULT)
        yield Replace(data, plain)


def _adapter(maker: cst.BaseExpression, described: cst.BaseExpression) -> cst.Call:
    return cst.Call(maker, [cst.Arg(described)])


def _given(node: cst.Call, parameters: tuple[str, ...]) -> dict[str, cst.Arg]:
    """Parameter -> argument, those given by place too."""
    names = iter(parameters)
    return {arg.keyword.value if arg.keyword is not None else next(names): arg for arg in node.args}


def _dumps(site: Site) -> tuple[cst.BaseExpression, AddImport | None]:
    """`json.dumps`, by whatever name the file has it."""
    if re.search(r"(?<![.\w])json\b(?!\s*=[^=])", site.text) is None:
        return site.expression("json.dumps"), AddImport("json")
    return site.reference("json", "dumps"), None
