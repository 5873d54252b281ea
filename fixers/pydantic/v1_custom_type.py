"""Gives a class the hooks by which Pydantic 2 validates it and describes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from trueup.change import Change, DropImport, Remove, Replace, Site
from trueup.libraries.pydantic.custom_types import STEPS, Hooks
from trueup.model import Finding
from trueup.registry import fix

_GENERATOR = "CallableGenerator"


@fix("TUP721", on=cst.ClassDef)
def rehooked(node: cst.ClassDef, finding: Finding, site: Site) -> Iterator[Change]:
    """Each hook where the old one stood; the errors of the validators as version 2 takes them."""
    hooks = finding.clue
    assert isinstance(hooks, Hooks)
    for one in node.body.body:
        if not isinstance(one, cst.FunctionDef):
            continue
        if one.name.value == "__get_validators__":
            made = [_core(one, hooks, site)]
            if hooks.schema and not hooks.changed:
                made.append(_described(hooks.schema, site))
            yield Replace(one, *made)
            for name in STEPS:
                yield DropImport("pydantic.validators", name)
            if one.returns is not None and site.text.count(_GENERATOR) == 2:  # its import, and here
                yield from _without_import(site)
        elif one.name.value == "__modify_schema__":
            yield Replace(one, _json(one, hooks, site))
        elif one.name.value in hooks.methods:
            errors = _TypeErrors()
            one.body.visit(errors)
            for error in errors.found:
                yield Replace(error, cst.Name("ValueError"))


def _without_import(site: Site) -> Iterator[Change]:
    """The import of what a hook was said to return goes too, from under `if TYPE_CHECKING:` as well."""
    imports = _Imports()
    site.module.visit(imports)
    for statement, alias, alone in imports.found:
        yield Remove(statement if alone else alias)


class _Imports(cst.CSTVisitor):
    """Collects the imports of `CallableGenerator`, statement and alias."""

    def __init__(self) -> None:
        self.found: list[tuple[cst.ImportFrom, cst.ImportAlias, bool]] = []

    def visit_ImportFrom(self, node: cst.ImportFrom) -> None:
        if not isinstance(node.names, cst.ImportStar):
            self.found += [(node, one, len(node.names) == 1) for one in node.names if one.name.value == _GENERATOR]


def _core(old: cst.FunctionDef, hooks: Hooks, site: Site) -> cst.FunctionDef:
    """`__get_pydantic_core_schema__` in the place of `__get_validators__`."""
    home = site.name_for("pydantic_core", "core_schema")
    steps = [step.replace("{}", home) for step in hooks.steps]
    step = site.default_indent
    listed = "".join(f"\n{step * 2}{one}," for one in steps)
    value = steps[0] if len(steps) == 1 else f"{home}.chain_schema([{listed}\n{step}])"
    code = f"@classmethod\ndef __get_pydantic_core_schema__(cls, source_type, handler):\n    return {value}\n"
    made = _function(code, site)
    statements = [*_docstring(old), *made.body.body]
    comments = [cst.EmptyLine(comment=cst.Comment(text)) for text in site.comments(old)]
    first = statements[-1]
    assert isinstance(first, cst.SimpleStatementLine)
    statements[-1] = first.with_changes(leading_lines=comments)
    return made.with_changes(leading_lines=old.leading_lines, body=made.body.with_changes(body=statements))


def _described(schema: str, site: Site) -> cst.FunctionDef:
    """A JSON schema for a class that had none of its own: the one of its base."""
    code = f"@classmethod\ndef __get_pydantic_json_schema__(cls, schema, handler):\n    return {schema}\n"
    return _function(code, site).with_changes(leading_lines=[cst.EmptyLine(indent=False)])


def _json(old: cst.FunctionDef, hooks: Hooks, site: Site) -> cst.FunctionDef:
    """`__get_pydantic_json_schema__` in the place of `__modify_schema__`, with the same body."""
    params = [*old.params.posonly_params, *old.params.params]
    name = params[1].name.value
    schema, result = "schema" if name != "schema" else "core_schema", name
    first = f"{name} = {hooks.schema}\n"
    if hooks.schema == "handler":
        result = "json_schema"
        first = f"{result} = handler({schema})\n{name} = handler.resolve_ref_schema({result})\n"
    code = f"@classmethod\ndef __get_pydantic_json_schema__(cls, {schema}, handler):\n    pass\n"
    made = _function(code, site)
    body = old.body if isinstance(old.body, cst.IndentedBlock) else cst.IndentedBlock([*site.statements("pass\n")])
    docstring = _docstring(old)
    rest = [one for one in body.body[len(docstring) :] if not _is_pass(one)]
    statements = [*docstring, *site.statements(first), *rest, *site.statements(f"return {result}\n")]
    return old.with_changes(
        name=made.name, params=made.params, returns=None, body=body.with_changes(body=statements), type_parameters=None
    )


def _function(code: str, site: Site) -> cst.FunctionDef:
    made = site.statements(code)[0]
    assert isinstance(made, cst.FunctionDef)
    return made


def _docstring(node: cst.FunctionDef) -> list[cst.BaseStatement | cst.BaseSmallStatement]:
    return list(node.body.body[:1]) if node.get_docstring() is not None else []


def _is_pass(node: cst.CSTNode) -> bool:
    small: Sequence[cst.CSTNode] = node.body if isinstance(node, cst.SimpleStatementLine) else [node]
    return all(isinstance(one, cst.Pass) for one in small)


class _TypeErrors(cst.CSTVisitor):
    """The names in `raise TypeError`, nested functions left out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[cst.Name] = []

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:
        return False

    def visit_Raise(self, node: cst.Raise) -> None:
        error = node.exc.func if isinstance(node.exc, cst.Call) else node.exc
        if isinstance(error, cst.Name) and error.value == "TypeError":
            self.found.append(error)
