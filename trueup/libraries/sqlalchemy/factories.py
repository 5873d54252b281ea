"""Functions of the project that make columns: what one call of them makes, and whether all they make is mapped."""

from __future__ import annotations

from ...index.expressions import last_name
from ...index.facts import Attr, Call, Const, Expr, Name, Star
from ...index.project import FunctionSymbol
from ...infer import Inference, Site
from ...types import Callee
from .columns import COLUMN, MAPPED_COLUMN, Declared, declared
from .mapping import mapping, named
from .places import body_site


def factory(types: Inference, call: Call, site: Site, migrated: bool = False) -> FunctionSymbol | None:
    """The function of the project that a call runs, if all it does in the end is to return a `Column(...)`.

    `migrated`: a `mapped_column(...)` will do as well.
    """
    if not isinstance(call.func, Name | Attr):
        return None
    found = types.type_of(call.func, site)
    symbol = types.project.function(found.qualname) if isinstance(found, Callee) else None
    if symbol is None or symbol.file.path not in types.project.files:
        return None
    return symbol if returned_column(types, symbol, migrated) is not None else None


def returned_column(types: Inference, symbol: FunctionSymbol, migrated: bool = False) -> Call | None:
    """The only `Column(...)` (or `mapped_column(...)`, if `migrated`) a plain function returns."""
    facts = symbol.facts
    if len(facts.returned) != 1 or facts.decorators or facts.owner or facts.is_async or facts.is_generator:
        return None
    value, line, column = facts.returned[0]
    if isinstance(value, Call):
        name = named(types, value.func, Site(symbol.file, facts, None, 0, line, column))
        if name == COLUMN or (migrated and name == MAPPED_COLUMN):
            return value
    return None


def made_column(types: Inference, symbol: FunctionSymbol, call: Call, site: Site) -> Declared | None:
    """What a call of a factory makes, its arguments put in their places; None where they mix too much to be read."""
    made = returned_column(types, symbol, migrated=True)
    values = _values(symbol, call)
    if made is None or values is None:
        return None
    named_values, rest, options = values
    args: list[Expr] = []
    for arg in made.args:
        if isinstance(arg, Star):
            if not isinstance(arg.value, Name) or arg.value.id not in rest:
                return None
            args += rest[arg.value.id]
        else:
            args.append(_put(arg, named_values))
    keywords: list[tuple[str, Expr]] = []
    for key, value in made.keywords:
        if key == "**":
            if not isinstance(value, Name) or value.id not in options:
                return None
            keywords += options[value.id]
        else:
            keywords.append((key, _put(value, named_values)))
    if len({key for key, _ in keywords}) < len(keywords):
        return None
    # Names of both places stand side by side now: what the function itself names outweighs what it is given.
    parameters = {param.name for param in symbol.facts.params}
    own = [arg for arg in made.args if not isinstance(arg, Const | Star) and getattr(arg, "id", "") not in parameters]
    place = Site(symbol.file, symbol.facts) if own else site
    return declared(types, Call(made.func, tuple(args), tuple(keywords)), place)


_Values = tuple[dict[str, Expr], dict[str, list[Expr]], dict[str, list[tuple[str, Expr]]]]


def _values(symbol: FunctionSymbol, call: Call) -> _Values | None:
    """What a call gives the parameters: by name, `*args` and `**options`."""
    if any(isinstance(arg, Star) for arg in call.args) or any(key == "**" for key, _ in call.keywords):
        return None
    values: dict[str, Expr] = {}
    rest: dict[str, list[Expr]] = {}
    options: dict[str, list[tuple[str, Expr]]] = {}
    args, keywords = list(call.args), dict(call.keywords)
    for param in symbol.facts.params:
        if param.kind == "var-positional":
            rest[param.name], args = args, []
        elif param.kind == "var-keyword":
            options[param.name], keywords = list(keywords.items()), {}
        elif args and param.kind != "keyword":
            values[param.name] = args.pop(0)
        elif param.name in keywords:
            values[param.name] = keywords.pop(param.name)
        elif param.default is not None:
            values[param.name] = param.default
        else:
            return None
    return None if args or keywords else (values, rest, options)


def _put(expr: Expr, values: dict[str, Expr]) -> Expr:
    """An expression with parameters replaced by what a call gives for them."""
    if isinstance(expr, Name):
        return values.get(expr.id, expr)
    if isinstance(expr, Call):
        args = tuple([_put(arg, values) for arg in expr.args])
        return Call(expr.func, args, tuple([(key, _put(value, values)) for key, value in expr.keywords]))
    return expr


def makes_only_mapped(types: Inference, symbol: FunctionSymbol) -> bool:
    """Whether every use of a factory is the value of an attribute without annotation in a mapped class."""
    name, where = symbol.facts.name, mapping(types)
    uses = [site for site, one in types.calls_named(name) if _runs(types, one.call, site, symbol)]
    if types.is_passed(name):
        return False
    for file in types.project.files.values():
        for scope in file.scopes:
            if any(one.attr == name != one.name for one in scope.imports):
                return False
            if any(isinstance(one.value, Name | Attr) and last_name(one.value) == name for one in scope.bindings):
                return False
    attributes = 0
    for klass in types.project.classes():
        mapped = where.is_declarative(klass.qualname) or klass.qualname in where.mixins
        for field in klass.facts.fields:
            value = field.value
            if not isinstance(value, Call) or not isinstance(value.func, Name | Attr) or last_name(value.func) != name:
                continue
            if _runs(types, value, body_site(types, klass, field), symbol):
                if not mapped or field.annotation is not None or where.is_part_of_dataclass(klass.qualname):
                    return False
                attributes += 1
    return 0 < len(uses) == attributes


def _runs(types: Inference, call: Call, site: Site, symbol: FunctionSymbol) -> bool:
    found = types.type_of(call.func, site)
    return isinstance(found, Callee) and found.qualname == symbol.qualname
