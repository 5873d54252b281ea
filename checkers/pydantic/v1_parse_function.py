"""A function of Pydantic 1 that parses or describes a type without a model: `TypeAdapter` does that in version 2.

## Why
`parse_raw_as` and `parse_file_as` cannot be imported in Pydantic 2. `parse_obj_as`, `schema_of` and `schema_json_of`
warn (`PydanticDeprecatedSince20`) and go in 3.0.

## Example
```python
users = parse_obj_as(List[User], rows)     # TypeAdapter(List[User]).validate_python(rows)
user = parse_raw_as(User, body)            # TypeAdapter(User).validate_json(body)
users = parse_file_as(List[User], "u.json")  # TypeAdapter(List[User]).validate_json(Path("u.json").read_bytes())
parse = partial(parse_obj_as, List[User])  # parse = TypeAdapter(List[User]).validate_python
```

## Fix safety
Safe: it is what version 2's own `parse_obj_as` does. `type_name=` goes, it only named the model of version 1 in
errors, and so do arguments that ask for JSON in UTF-8. Unsafe for `schema_of` and `schema_json_of`: a schema is laid
out another way in version 2 (`$defs`, `anyOf` with null), and without `title=` it has another title. Unsafe too where
a `JSONDecodeError` of `parse_raw_as` or `parse_file_as` is caught: text that is no JSON raises a `ValidationError`
now, as all bad data does.

Left to a person: `*args`, a `content_type`, `proto` or `encoding` that is no JSON in UTF-8, and a function that is
passed on.

## Limits
A `TypeAdapter` is built anew at each call, where version 1 kept its models in a cache: in a function that runs often,
make the adapter once, at the top of the module. What the upgrade changes in any case: the locations of errors no
longer begin with `__root__`, and objects of a model are handed back as they are.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.config import Config
from trueup.file import File
from trueup.index.facts import FileFacts
from trueup.infer import Inference
from trueup.libraries.pydantic.functions import FUNCTIONS, IMPORTABLE, AdapterCall, plan_adapter
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES
from trueup.libraries.pydantic.versions import is_guarded
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_ON_JSON = "text that is no JSON raises `ValidationError`, no longer the `JSONDecodeError` that is caught here"
_QUALNAMES = {f"pydantic.{name}": name for name in FUNCTIONS}


def _imports_one(facts: FileFacts, types: Inference, config: Config) -> bool:
    """Whether a file can have one of the functions: by its name, or under another."""
    return not FUNCTIONS.keys().isdisjoint(facts.attributes) or any(
        one.attr in FUNCTIONS or scope.stars
        for scope in (facts.scope, *(f.scope for f in facts.functions))
        for one in scope.imports
    )


@rule(
    "TUP601",
    "v1-parse-function",
    on=(ast.Name, ast.Attribute),
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    triggers=tuple(FUNCTIONS),
    where=_imports_one,
    url=GUIDE + "#introduction-of-typeadapter",
    step="methods",
)
def used(node: ast.Name | ast.Attribute, file: File) -> Iterable[Hit]:
    """Uses of the functions, called or passed on."""
    if not isinstance(node.ctx, ast.Load) or not _may_be(node, file):
        return
    name = _QUALNAMES.get(file.qualname(node) or "")
    if name is None or is_guarded(node, file.parent, "TypeAdapter"):
        return
    parent = file.parent(node)
    severity = None if name in IMPORTABLE else Severity.ERROR
    gone = "deprecated in Pydantic 2" if name in IMPORTABLE else "gone in Pydantic 2"
    if isinstance(parent, ast.Call) and parent.func is node:
        plan = plan_adapter(name, parent)
        if plan.clue is None:
            text = f"`{name}` is {gone}: use a `TypeAdapter`; {plan.why}"
            yield Hit(parent, text, safety=Safety.MANUAL, why=plan.why, severity=severity, span=file.span(node))
            return
        text = f"`{name}` is {gone}: use `{_shown(plan.clue)}`"
        why = plan.why or (_ON_JSON if name != "parse_obj_as" and _expects_json_error(parent, file) else "")
        safety = Safety.UNSAFE if why else None
        yield Hit(parent, text, plan.clue, safety=safety, why=why, severity=severity, span=file.span(node))
        return
    if isinstance(parent, ast.Call) and _is_partial(parent, node, file) and name in ("parse_obj_as", "parse_raw_as"):
        text = f"`{name}` is {gone}: pass `TypeAdapter(...).{FUNCTIONS[name]}` instead of a `partial`"
        yield Hit(parent, text, AdapterCall(name, FUNCTIONS[name], "bound"), severity=severity, span=file.span(node))
        return
    text = f"`{name}` is {gone}: pass `TypeAdapter(...).{FUNCTIONS[name]}` on instead"
    why = "a function that is passed on gets its arguments elsewhere"
    yield Hit(node, text, safety=Safety.MANUAL, why=why, severity=severity)


def _may_be(node: ast.Name | ast.Attribute, file: File) -> bool:
    """Whether a name can be one of the functions, before it is looked up."""
    if isinstance(node, ast.Attribute):
        return node.attr in FUNCTIONS
    if node.id in FUNCTIONS:
        return True
    imports = file.project.names(file.facts.scope).imports.get(node.id, ())
    return any(one.attr in FUNCTIONS for one in imports)


def _is_partial(parent: ast.Call, node: ast.AST, file: File) -> bool:
    """Whether something is the first argument of `partial(f, T)`, and the type the only other one."""
    match parent:
        case ast.Call(func=func, args=[first, second], keywords=[]) if first is node:
            return not isinstance(second, ast.Starred) and file.qualname(func) == "functools.partial"
    return False


def _expects_json_error(node: ast.AST, file: File) -> bool:
    """Whether a `try` around a call has a handler for what `json.loads` raises."""
    inner, outer = node, file.parent(node)
    while outer is not None:
        if isinstance(outer, ast.Try) and inner in outer.body:
            caught = [one for handler in outer.handlers if handler.type is not None for one in ast.walk(handler.type)]
            if any(getattr(one, "attr", getattr(one, "id", "")) == "JSONDecodeError" for one in caught):
                return True
        inner, outer = outer, file.parent(outer)
    return False


def _shown(clue: AdapterCall) -> str:
    match clue.shape:
        case "file":
            return f"TypeAdapter(...).{clue.method}(Path(...).read_bytes())"
        case "dumps":
            return f"json.dumps(TypeAdapter(...).{clue.method}())"
        case _:
            return f"TypeAdapter(...).{clue.method}()"
