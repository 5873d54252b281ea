"""How the work of a route is put into a service and called from there."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator

import libcst as cst

from trueup.change import AddImport, Addition, CannotFix, Change, Definition, Remove, Replace, Site
from trueup.handlers.extraction import Extraction
from trueup.handlers.raising import Errors
from trueup.model import Finding

_STEP = "    "


def extracted(node: cst.FunctionDef, finding: Finding, site: Site) -> Iterator[Change]:
    """The changes that move what the finding's clue says, an `Extraction`."""
    made: Extraction = finding.clue
    body = node.body
    if not isinstance(body, cst.IndentedBlock):
        raise CannotFix("its body stands in the line of its `def`")
    indent = site.indent(body.body[0])
    calls = site.statements("\n".join(_call(made, node, indent)))
    old = list(body.body)
    yield Replace(body, body.with_changes(body=[*old[: made.first], *calls, *old[made.last :]]))
    for name in made.gone:
        yield Remove(_definition(site.module, name), above=True)
    yield from made.route_imports
    yield from made.drops
    yield _addition(made, site, indent)


def _definition(module: cst.Module, name: str) -> cst.CSTNode:
    """What defines a name at the top level of a module."""
    for one in module.body:
        if isinstance(one, cst.FunctionDef | cst.ClassDef) and one.name.value == name:
            return one
        if isinstance(one, cst.SimpleStatementLine) and len(one.body) == 1:
            small = one.body[0]
            targets = [t.target for t in small.targets] if isinstance(small, cst.Assign) else []
            targets += [small.target] if isinstance(small, cst.AnnAssign) else []
            if any(isinstance(target, cst.Name) and target.value == name for target in targets):
                return one
    raise CannotFix(f"`{name}` is not where it was")


# The route -----------------------------------------------------------------------------------------------------------


def _call(made: Extraction, node: cst.FunctionDef, indent: str) -> list[str]:
    """The lines that take the place of what moves, without their indentation."""
    given = [one.name if one.is_session else f"{one.name}={one.name}" for one in made.inputs]
    start = f"{'await ' if made.is_async else ''}{made.on}.{made.name}("
    if made.outputs:
        start = f"{', '.join(made.outputs)} = {start}"
    elif made.gives:
        start = f"return {start}"
    room = made.width - len(indent) - (len(_STEP) if made.errors is not None else 0)
    lines = _bracketed(start, given, ")", room)
    if made.errors is None:
        return lines
    kept = [*node.body.body[: made.first], *node.body.body[made.last :], node.params]
    code = "".join(cst.Module([]).code_for_node(one) for one in kept)
    used = set(re.findall(r"\w+", re.sub(r'""".*?"""', "", code, flags=re.DOTALL)))
    error = next(one for one in ("error", "refused", "service_error", "error_") if one not in used)
    http = f"raise {made.errors.http}("
    told = [f"{error}.status_code", f"{error}.detail", f"{error}.headers"]
    raised = _bracketed(http, told, f") from {error}", room)
    return [
        "try:",
        *(_STEP + line for line in lines),
        f"except {made.caught} as {error}:",
        *(_STEP + line for line in raised),
    ]


def _bracketed(start: str, parts: list[str], end: str, room: int) -> list[str]:
    """`start(a, b)` on one line, or one part a line where that is too long."""
    line = f"{start}{', '.join(parts)}{end}"
    if len(line) <= room or not parts:
        return [line]
    return [start, *(f"{_STEP}{part}," for part in parts), end]


# The service ---------------------------------------------------------------------------------------------------------


def _addition(made: Extraction, site: Site, indent: str) -> Addition:
    step = _STEP if made.cls else ""
    given = [f"{one.name}: {one.annotation}" for one in made.inputs if one.is_session]
    named = [f"{one.name}: {one.annotation}" for one in made.inputs if not one.is_session]
    params = [*(["self"] if made.cls else []), *given, *(["*", *named] if named else [])]
    returns = f" -> {made.returns}" if made.returns else ""
    start = f"{'async ' if made.is_async else ''}def {made.name}("
    lines = _bracketed(start, params, f"){returns}:", made.width - len(step))
    if made.says:
        lines.append(f'{_STEP}"""{made.says}"""')
    if made.alias:
        kept = made.home.cls.attribute if made.session is not None and made.home.cls is not None else ""
        lines.append(f"{_STEP}{made.alias} = self{'.' + kept if kept else ''}")
    code = "\n".join(step + line for line in lines) + "\n"
    code += shifted(made.body.code(site.text), indent, step + _STEP).rstrip() + "\n"
    if made.outputs:
        code += f"{step}{_STEP}return {', '.join(made.outputs)}\n"
    before = [*made.copies, *_errors(made)]
    for name, piece in made.helpers:
        helper = piece.code(site.text).strip("\n")
        is_function = re.search(r"^(async )?def ", helper, re.MULTILINE) is not None
        before.append(Definition(name, helper, not is_function))
    before += _class(made)
    imports = [*made.imports]
    if made.errors is not None and not made.errors.known:
        imports.append(AddImport("typing", "Any"))
        imports += [] if made.modern else [AddImport("typing", "Dict"), AddImport("typing", "Optional")]
    head = f'{_notice(site.text)}"""What the {made.about} routes do."""\n'.replace("the  routes", "the routes")
    return Addition(made.home.path, made.name, code, made.cls, tuple(before), tuple(imports), head)


def _notice(text: str) -> str:
    """The comment at the top of a file that says whose it is and on which terms, which every file of a project has."""
    found = re.match(r"(?:#.*\r?\n)+", text)
    if found is None or re.search(r"copyright|licen[cs]e", found[0], re.IGNORECASE) is None:
        return ""
    lines = [line for line in found[0].splitlines() if not re.match(r"#!|#.*coding[:=]", line)]
    return "\n".join(lines) + "\n\n"


def _class(made: Extraction) -> list[Definition]:
    kept, session = made.home.cls, made.session
    if not made.home.makes_class or kept is None or session is None:
        return []
    return [
        Definition(
            made.cls,
            f"class {made.cls}:\n{_STEP}def __init__(self, {kept.param}: {session.annotation}) -> None:\n"
            f"{_STEP * 2}self.{kept.attribute} = {kept.param}\n",
        )
    ]


def _errors(made: Extraction) -> list[Definition]:
    errors = made.errors
    if errors is None:
        return []
    found = [] if errors.known else [Definition(errors.base, _base(errors, made.modern, made.width), True)]
    for status in errors.statuses:
        name = errors.name(status)
        found.append(Definition(name, f"class {name}({errors.base}):\n{_STEP}status_code = {status}\n", True))
    return found


def _base(errors: Errors, modern: bool, width: int) -> str:
    headers = "dict[str, str] | None" if modern else "Optional[Dict[str, str]]"
    params = ["self", "detail: Any = None", f"headers: {headers} = None"]
    start = "".join(
        f"{_STEP}{line}\n" for line in _bracketed("def __init__(", params, ") -> None:", width - len(_STEP))
    )
    return (
        f"class {errors.base}(Exception):\n"
        f'{_STEP}"""The work was refused; a route answers with this status, detail and headers."""\n\n'
        f"{_STEP}status_code = 500\n\n"
        f"{start}"
        f"{_STEP * 2}super().__init__(detail)\n"
        f"{_STEP * 2}self.detail = detail\n"
        f"{_STEP * 2}self.headers = headers\n"
    )


def shifted(code: str, old: str, new: str) -> str:
    """Lines at another depth; those that begin inside a text stay as they are."""
    if old == new:
        return code
    fixed = set(_inside_texts(code))
    lines = code.split("\n")
    return "\n".join(
        line if number in fixed or not line.startswith(old) else new + line[len(old) :]
        for number, line in enumerate(lines, 1)
    )


def _inside_texts(code: str) -> Iterator[int]:
    """The numbers of the lines that begin inside a string."""
    begin = getattr(tokenize, "FSTRING_START", -1)
    end = getattr(tokenize, "FSTRING_END", -1)
    starts: list[int] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO("if 1:\n" + code).readline):
            if token.type == begin:
                starts.append(token.start[0])
            elif token.type == end:
                yield from range(starts.pop(), token.end[0])
            elif token.type == tokenize.STRING:
                yield from range(token.start[0], token.end[0])
    except (tokenize.TokenError, IndentationError) as error:
        raise CannotFix("its lines cannot be moved to another depth") from error
