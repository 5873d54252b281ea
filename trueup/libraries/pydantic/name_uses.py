"""Where a function uses one of its parameters, and whether the name means something else in places."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(slots=True)
class Uses:
    """What is done with a name in the body of the function whose parameter it is."""

    loads: list[ast.Name] = field(default_factory=list)
    """Where the parameter is read, nested functions included, in source order."""
    rebound: bool = False
    """It is assigned, deleted, or bound in another way."""
    shadowed: bool = False
    """A nested function or comprehension has a name of its own of that name."""

    @property
    def everywhere(self) -> bool:
        """Whether the name means the parameter wherever it stands."""
        return not (self.rebound or self.shadowed)


def uses_of(function: _Function, name: str) -> Uses:
    """The uses of a parameter in the body of its function."""
    uses = Uses()
    for statement in function.body:
        _visit(statement, name, uses)
    uses.loads.sort(key=lambda node: (node.lineno, node.col_offset))
    return uses


def names_in(function: _Function) -> set[str]:
    """Every name that a function's parameters and body say."""
    found = {arg.arg for arg in ast.walk(function.args) if isinstance(arg, ast.arg)}
    for statement in function.body:
        for node in ast.walk(statement):
            match node:
                case ast.Name(id=name) | ast.arg(arg=name) | ast.ExceptHandler(name=str(name)):
                    found.add(name)
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                    found.add(name)
                case ast.alias(name=name, asname=asname):
                    found.add(asname or name.partition(".")[0])
    return found


def own_returns(function: _Function) -> Iterator[ast.Return]:
    """The `return` statements of a function, not those of functions inside."""
    stack: list[ast.AST] = list(reversed(function.body))
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Return):
            yield node
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            stack.extend(reversed(list(ast.iter_child_nodes(node))))


def falls_through(body: list[ast.stmt]) -> bool:
    """Whether the end of a body can be reached, as far as its last statement shows."""
    match body[-1]:
        case ast.Return() | ast.Raise() | ast.Continue() | ast.Break():
            return False
        case ast.If(body=then, orelse=otherwise):
            return not otherwise or falls_through(then) or falls_through(otherwise)
        case ast.With(body=inner) | ast.AsyncWith(body=inner):
            return falls_through(inner)
        case ast.Try(body=inner, handlers=handlers, orelse=otherwise, finalbody=final):
            if final and not falls_through(final):
                return False
            ends = [otherwise or inner, *(handler.body for handler in handlers)]
            return any(falls_through(one) for one in ends)
        case ast.While(test=ast.Constant(value=True)):
            return False
        case ast.Match(cases=cases):
            return any(falls_through(case.body) for case in cases) or not _is_total(cases)
        case _:
            return True


def _is_total(cases: list[ast.match_case]) -> bool:
    last = cases[-1]
    return last.guard is None and isinstance(last.pattern, ast.MatchAs) and last.pattern.pattern is None


def _visit(node: ast.AST, name: str, uses: Uses) -> None:
    match node:
        case ast.Name(id=found, ctx=ctx):
            if found == name:
                if isinstance(ctx, ast.Load):
                    uses.loads.append(node)
                else:
                    uses.rebound = True
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
            _function(node, name, uses)
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            _comprehension(node, name, uses)
        case ast.ClassDef() if _binds(node.body, name):
            uses.shadowed = True
        case ast.ExceptHandler(name=found) | ast.MatchAs(name=found) | ast.MatchStar(name=found) if found == name:
            uses.rebound = True
            _children(node, name, uses)
        case ast.Global(names=names) | ast.Nonlocal(names=names):
            uses.rebound = uses.rebound or name in names
        case ast.alias(name=found, asname=asname):
            uses.rebound = uses.rebound or (asname or found.partition(".")[0]) == name
        case _:
            _children(node, name, uses)


def _children(node: ast.AST, name: str, uses: Uses) -> None:
    for child in ast.iter_child_nodes(node):
        _visit(child, name, uses)


def _function(node: _Function | ast.Lambda, name: str, uses: Uses) -> None:
    """A nested function: its decorators and defaults are read outside, its body has names of its own."""
    for default in [*node.args.defaults, *node.args.kw_defaults]:
        if default is not None:
            _visit(default, name, uses)
    if not isinstance(node, ast.Lambda):
        uses.rebound = uses.rebound or node.name == name
        for decorator in node.decorator_list:
            _visit(decorator, name, uses)
    body = [node.body] if isinstance(node, ast.Lambda) else node.body
    if any(arg.arg == name for arg in ast.walk(node.args) if isinstance(arg, ast.arg)) or _binds(body, name):
        uses.shadowed = True
        return
    for statement in body:
        _visit(statement, name, uses)


def _comprehension(node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, name: str, uses: Uses) -> None:
    first = node.generators[0]
    if any(isinstance(one, ast.Name) and one.id == name for g in node.generators for one in ast.walk(g.target)):
        uses.shadowed = True
        _visit(first.iter, name, uses)
        return
    _children(node, name, uses)


def _binds(body: list[ast.stmt] | list[ast.expr], name: str) -> bool:
    """Whether a nested body gives a name a meaning of its own."""
    for statement in body:
        for node in ast.walk(statement):
            match node:
                case ast.Nonlocal(names=names) if name in names:
                    return False
                case ast.Name(id=found, ctx=ast.Store() | ast.Del()) if found == name:
                    return True
    return False
