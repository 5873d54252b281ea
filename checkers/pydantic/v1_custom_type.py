"""A class says how it is validated with the hooks of Pydantic 1, `__get_validators__` and `__modify_schema__`.

## Why
Version 2 calls the validators that `__get_validators__` yields with one argument too many: `TypeError` at the first
value. A class with `__modify_schema__` cannot even be the type of a field: the module with the model does not import.
What version 2 asks for is `__get_pydantic_core_schema__` and `__get_pydantic_json_schema__`.

## Example
```python
class Slug(str):
    @classmethod
    def __get_validators__(cls):       # def __get_pydantic_core_schema__(cls, source_type, handler):
        yield cls.validate             #     return core_schema.no_info_plain_validator_function(cls.validate)

    @classmethod
    def __modify_schema__(cls, field_schema):           # def __get_pydantic_json_schema__(cls, schema, handler):
        field_schema.update(pattern="^[a-z-]+$")        #     field_schema = {"type": "string"}
                                                        #     field_schema.update(pattern="^[a-z-]+$")
                                                        #     return field_schema
```

## Fix safety
Unsafe: the same functions check the same values in the same order, and the JSON schema begins with what version 1
began with. A `raise TypeError` in these functions becomes `raise ValueError`, for version 2 reports no other; the code
of such an error changes. JSON of a class that is no string or number needs a serializer or `json_encoders`, as before.

## Limits
Left to a person: validators that take `values`, `field` or `config`, that come from another class
(`yield from super()...`), and a `__modify_schema__` that returns early. Hooks of models are the business of
`v1-model-method`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.index.project import FunctionSymbol
from trueup.libraries.pydantic.custom_types import STEPS, Hooks, first_schema, takes_value_alone
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES, is_model
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_OLD = {
    "__get_validators__": "__get_pydantic_core_schema__",
    "__modify_schema__": "__get_pydantic_json_schema__",
}
_WHY = "the JSON schema and the codes of errors may differ, and JSON output of other classes needs a serializer"


@rule(
    "TUP721",
    "v1-custom-type",
    on=ast.ClassDef,
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    libraries=LIBRARIES,
    triggers=("__get_validators__", "__modify_schema__"),
    url=GUIDE + "#defining-custom-types",
    effort=15,
    step="types",
)
def hooked(node: ast.ClassDef, file: File) -> Iterable[Hit]:
    """A class, no model, with one of the hooks."""
    hooks = {one.name: one for one in node.body if isinstance(one, ast.FunctionDef) and one.name in _OLD}
    facts = file.class_at(node)
    if not hooks or facts is None or any(name in facts.methods for name in _OLD.values()):
        return
    cls = file.qualified(facts)
    model = _is_model(node, cls, file)
    if model and "__modify_schema__" not in hooks:
        return
    if not _is_ours(cls, file):
        return
    first = min(hooks.values(), key=lambda one: one.lineno)
    what = f"Pydantic 2 has no `{first.name}`: write `{_OLD[first.name]}`"
    made = "the class is a model" if model else _hooks(hooks, cls, file)
    span = file.header(first)
    if isinstance(made, str):
        yield Hit(node, f"{what} by hand, for {made}", safety=Safety.MANUAL, why=made, span=span)
    else:
        yield Hit(node, what, clue=made, why=_WHY, span=span)


def _is_model(node: ast.ClassDef, cls: str, file: File) -> bool:
    """Whether a class is a model; one with a base that is not known is, if it has fields."""
    known = is_model(file.types, cls, file.config.base_models)
    return known is True or (known is None and any(isinstance(one, ast.AnnAssign) for one in node.body))


def _is_ours(cls: str, file: File) -> bool:
    """Whether a class is no type of `pydantic.v1`."""
    return not any(name.startswith("pydantic.v1.") for name in file.types.mro(cls).names)


def _hooks(hooks: dict[str, ast.FunctionDef], cls: str, file: File) -> Hooks | str:
    steps: list[str] = []
    methods: list[str] = []
    for hook in hooks.values():
        if [file.qualname(one) for one in hook.decorator_list] != ["builtins.classmethod"]:
            return f"`{hook.name}` is no plain classmethod"
    if "__get_validators__" in hooks:
        for index, statement in enumerate(hooks["__get_validators__"].body):
            match statement:
                case ast.Expr(value=ast.Constant(value=str())) if index == 0:
                    continue
                case ast.Expr(value=ast.Yield(value=ast.expr() as value)):
                    step = _step(value, hooks["__get_validators__"], cls, file, methods)
                    if step is None:
                        return f"what `{file.segment(value)}` takes besides the value is not known"
                    steps.append(step)
                case _:
                    return "`__get_validators__` does more than yield functions"
    inherited = any(
        symbol is not None and set(symbol.facts.methods) & {"__get_validators__", "__get_pydantic_core_schema__"}
        for symbol in map(file.types.project.klass, file.types.mro(cls).names)
    )
    modify = hooks.get("__modify_schema__")
    if modify is not None:
        names = [one.arg for one in (*modify.args.posonlyargs, *modify.args.args)]
        if len(names) != 2 or modify.args.vararg or modify.args.kwarg or modify.args.kwonlyargs:
            return "`__modify_schema__` takes more than the schema"
        if any(isinstance(one, ast.Return | ast.Yield) for one in file.walk(modify)):
            return "`__modify_schema__` returns early"
    schema = first_schema(file.types, cls)
    if modify is not None and not steps and not inherited and "enum.Enum" in file.types.mro(cls).names:
        schema = "handler"
    elif modify is not None:
        schema = schema or "{}"
    elif not file.types.mro(cls).complete:
        schema = schema or "{}"  # of what kind the base is is not known: better anything than no documentation at all
    if not steps and modify is None:
        return "it yields no functions"
    return Hooks(tuple(steps), schema, modify is not None, tuple(methods))


def _step(value: ast.expr, hook: ast.FunctionDef, cls: str, file: File, methods: list[str]) -> str | None:
    """The part of the core schema for one yielded function; None where that is not certain."""
    text = file.segment(value)
    own = hook.args.args[0].arg if hook.args.args else "cls"
    if isinstance(value, ast.Attribute) and isinstance(value.value, ast.Name) and value.value.id == own:
        member = file.types.member(cls, value.attr)
        function = file.project.function(f"{member.owner.qualname}.{value.attr}") if member is not None else None
        if function is None:
            return None
        site = file.types.definition_site(function.facts, function.file)
        static = any(file.types.qualname(one, site) == "builtins.staticmethod" for one in function.facts.decorators)
        if not takes_value_alone(function.facts.params, bound=not static):
            return None
        methods.append(value.attr)
        return f"{{}}.no_info_plain_validator_function({text})"
    name = file.qualname(value)
    if name is None:
        return None
    module, _, short = name.rpartition(".")
    if module == "pydantic.validators":
        return f"{{}}.{STEPS[short].replace('any_schema', '{}.any_schema')}" if short in STEPS else None
    if module == "builtins" and short in ("str", "int", "float", "bool", "bytes"):
        return f"{{}}.no_info_plain_validator_function({text})"
    symbol = file.project.locate(name)
    if isinstance(symbol, FunctionSymbol) and takes_value_alone(symbol.facts.params, bound=False):
        return f"{{}}.no_info_plain_validator_function({text})"
    return None
