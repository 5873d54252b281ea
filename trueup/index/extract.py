"""From the tree of one file to its facts: pure, one pass, nothing decided."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from .body import Body, Def, position, stretch
from .expressions import NO_VALUE, OPERATORS, ExpressionReader, expression
from .facts import (
    Binding,
    Class,
    Const,
    FileFacts,
    Function,
    Import,
    Op,
    Pos,
    Scope,
    encoded,
)
from .narrowing import Narrowing, captures, narrowings

__all__ = ["expression", "extract"]


def extract(path: str, module: str, is_package: bool, digest: str, tree: ast.Module) -> FileFacts:
    """The facts of a parsed file; never raises on a tree that `ast.parse` made."""
    walk = StatementReader(module, is_package)
    body = Body(Pos(1, 0, 1 << 30, 0))
    walk.statements(tree.body, body, 0, "")
    scope, functions = body.freeze(), tuple(sorted(walk.functions, key=_start))
    facts = FileFacts(
        path=path,
        module=module,
        is_package=is_package,
        digest=digest,
        scope=scope,
        classes=tuple(sorted(walk.classes, key=_start)),
        encoded_functions=encoded(functions),
        exports=_exports(tree),
        imported=tuple(sorted(walk.imported)),
        modules=tuple(sorted(_modules([scope, *[one.scope for one in functions]]))),
        attributes=tuple(sorted(walk.attributes)),
        called=tuple(sorted(walk.called)),
        passed=tuple(sorted(walk.passed)),
    )
    facts.know(functions)
    return facts


def _modules(scopes: Iterable[Scope]) -> set[str]:
    return {name for scope in scopes for name in (*[one.module for one in scope.imports], *scope.stars)}


def _start(item: Class | Function) -> tuple[int, int]:
    return (item.pos.line, item.pos.column)


def _exports(tree: ast.Module) -> tuple[str, ...] | None:
    """`__all__`: a literal, and what is added to it with `+=`, `.extend` and `.append`."""
    names: list[str] | None = None
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=value):
                names = _strings(value)
            case ast.AnnAssign(target=ast.Name(id="__all__"), value=ast.expr() as value):
                names = _strings(value)
            case ast.AugAssign(target=ast.Name(id="__all__"), value=value) if names is not None:
                names = names + (_strings(value) or [])
            case ast.Expr(
                value=ast.Call(func=ast.Attribute(value=ast.Name(id="__all__"), attr="extend"), args=[value])
            ) if names is not None:
                names = names + (_strings(value) or [])
            case ast.Expr(
                value=ast.Call(func=ast.Attribute(value=ast.Name(id="__all__"), attr="append"), args=[value])
            ) if names is not None:
                names = names + (_strings(ast.List(elts=[value])) or [])
    return None if names is None else tuple(names)


def _strings(node: ast.expr) -> list[str] | None:
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return [e.value for e in node.elts if isinstance(e, ast.Constant) and isinstance(e.value, str)]
    return None


class StatementReader(ExpressionReader):
    """Reads statements into the body of their scope; functions and classes get a body of their own."""

    def __init__(self, module: str, is_package: bool) -> None:
        super().__init__()
        self.package = module if is_package else module.rpartition(".")[0]
        self.classes: list[Class] = []
        self.functions: list[Function] = []
        self.imported: set[str] = set()
        self.when = ""

    def statements(self, nodes: Sequence[ast.stmt], body: Body, block: int, prefix: str) -> bool:
        """Read statements into a body; whether they leave the block for good."""
        leaves = False
        for node in nodes:
            visit = _STATEMENTS.get(node.__class__)
            if visit is not None and visit(self, node, body, block, prefix):
                leaves = True
        return leaves

    def branch(
        self, nodes: Sequence[ast.stmt], body: Body, parent: int, prefix: str, kind: str, group: int = -1
    ) -> tuple[int, bool]:
        block = body.block(parent, kind, stretch(nodes), group)
        leaves = self.statements(nodes, body, block, prefix)
        body.mark(block, leaves)
        return block, leaves

    def function(self, node: Def, body: Body, block: int, prefix: str) -> bool:
        qualname = prefix + node.name
        decorators = tuple([self.expr(d, body, block) for d in node.decorator_list])
        params = self.params(node.args, body, block)
        returns = self.expr(node.returns, body, block) if node.returns else None
        body.bindings.append(
            Binding(node.name, "def", Const("def", qualname), None, block, node.lineno, node.col_offset)
        )
        where = stretch(node.body)
        inner = Body(where)
        inner.parent = qualname
        if body.owner and params and not _is_static(node):
            inner.self_name = params[0].name
        depth, when = self.depth, self.when
        self.depth, self.when = 0, ""
        self.statements(node.body, inner, 0, qualname + ".")
        self.depth, self.when = depth, when
        if body.owner:
            body.attributes += inner.attributes
        self.functions.append(
            Function(
                name=node.name,
                qualname=qualname,
                owner=body.owner,
                parent=body.parent,
                is_async=isinstance(node, ast.AsyncFunctionDef),
                is_generator=inner.generates,
                params=params,
                returns=returns,
                decorators=decorators,
                returned=tuple(inner.returned),
                yielded=tuple(inner.yielded),
                scope=inner.freeze(),
                pos=position(node),
                body=where,
                awaits=inner.awaits,
                type_params=_type_params(node),
                changes=tuple(inner.changes),
            )
        )
        return False

    def klass(self, node: ast.ClassDef, body: Body, block: int, prefix: str) -> bool:
        qualname = prefix + node.name
        decorators = tuple([self.expr(d, body, block) for d in node.decorator_list])
        bases = tuple([self.expr(b, body, block) for b in node.bases])
        keywords = tuple([(k.arg or "**", self.expr(k.value, body, block)) for k in node.keywords])
        body.bindings.append(
            Binding(node.name, "class", Const("class", qualname), None, block, node.lineno, node.col_offset)
        )
        where = stretch(node.body)
        inner = Body(where)
        inner.owner = qualname
        inner.parent = body.parent
        inner.fields = []
        depth = self.depth
        self.depth = 0
        self.statements(node.body, inner, 0, qualname + ".")
        self.depth = depth
        self.classes.append(
            Class(
                name=node.name,
                qualname=qualname,
                owner=body.owner,
                parent=body.parent,
                bases=bases,
                keywords=keywords,
                decorators=decorators,
                fields=tuple(inner.fields),
                attributes=tuple(inner.attributes),
                methods=tuple([b.name for b in inner.bindings if b.how == "def"]),
                classes=tuple([b.name for b in inner.bindings if b.how == "class"]),
                scope=inner.freeze(),
                pos=position(node),
                body=where,
                type_params=_type_params(node),
            )
        )
        return False

    def assign(self, node: ast.Assign, body: Body, block: int, prefix: str) -> bool:
        value = self.whole(node.value, body, block, "assigned")
        for target in node.targets:
            self.target(target, "assign", value, None, body, block, (), node)
        return False

    def ann_assign(self, node: ast.AnnAssign, body: Body, block: int, prefix: str) -> bool:
        annotation = self.expr(node.annotation, body, block)
        value = self.whole(node.value, body, block, "assigned") if node.value else None
        self.target(node.target, "annotate", value, annotation, body, block, (), node)
        return False

    def aug_assign(self, node: ast.AugAssign, body: Body, block: int, prefix: str) -> bool:
        right = self.expr(node.value, body, block)
        left = self.expr(node.target, body, block)
        if isinstance(node.target, ast.Name):
            value = Op(OPERATORS[type(node.op)], left, right)
            self.target(node.target, "augment", value, None, body, block, (), node)
        else:
            body.changes.append((left, node.lineno, node.col_offset))
        return False

    def loop(self, node: ast.For | ast.AsyncFor, body: Body, block: int, prefix: str) -> bool:
        value = self.expr(node.iter, body, block)
        asynchronous = isinstance(node, ast.AsyncFor)
        body.awaits += asynchronous
        inside = body.block(block, "loop", stretch(node.body))
        self.target(node.target, "async-for" if asynchronous else "for", value, None, body, inside, (), node)
        self.statements(node.body, body, inside, prefix)
        if node.orelse:
            self.branch(node.orelse, body, block, prefix, "branch")
        return False

    def while_(self, node: ast.While, body: Body, block: int, prefix: str) -> bool:
        self.expr(node.test, body, block)
        inside, leaves = self.branch(node.body, body, block, prefix, "loop")
        if leaves:
            body.blocks[inside] = (*body.blocks[inside][:3], False, body.blocks[inside][4])
        for narrowing in narrowings(node.test, expression):
            self.narrow(narrowing, True, body, inside, node.body[0])
        if node.orelse:
            self.branch(node.orelse, body, block, prefix, "branch")
        return isinstance(node.test, ast.Constant) and bool(node.test.value) and not _breaks(node.body)

    def if_(self, node: ast.If, body: Body, block: int, prefix: str) -> bool:
        """An if with its whole elif chain, which is read in a loop: generated code has hundreds of branches."""
        group = body.group()
        parent = block
        all_leave = True
        outer = self.when
        after: list[Narrowing] = []
        while True:
            self.expr(node.test, body, parent)
            found = narrowings(node.test, expression)
            typing_only = _is_type_checking(node.test)
            self.when = outer or ("type-checking" if typing_only else "if")
            inside, leaves = self.branch(node.body, body, parent, prefix, "branch", group)
            for narrowing in found:
                self.narrow(narrowing, True, body, inside, node.body[0])
            all_leave = all_leave and leaves
            if leaves:
                after += found
            self.when = outer or "else"
            if len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
                node = node.orelse[0]
                continue
            if node.orelse:
                inside, leaves = self.branch(node.orelse, body, parent, prefix, "branch", group)
                for narrowing in found:
                    self.narrow(narrowing, False, body, inside, node.orelse[0])
                all_leave = all_leave and leaves
            else:
                all_leave = False
            break
        self.when = outer
        for name, value, positive in after:
            if not positive:
                body.bindings.append(
                    Binding(name, "narrow", value, None, block, node.end_lineno or 0, node.end_col_offset or 0)
                )
        return all_leave

    def narrow(self, narrowing: Narrowing, branch: bool, body: Body, block: int, first: ast.stmt) -> None:
        name, value, positive = narrowing
        if positive is branch:
            # The line before the first statement: anything the branch itself binds comes later.
            body.bindings.insert(
                0, Binding(name, "narrow", value, None, block, first.lineno, max(first.col_offset - 1, 0))
            )

    def with_(self, node: ast.With | ast.AsyncWith, body: Body, block: int, prefix: str) -> bool:
        asynchronous = isinstance(node, ast.AsyncWith)
        for item in node.items:
            value = self.expr(item.context_expr, body, block)
            body.awaits += asynchronous
            if item.optional_vars is not None:
                how = "async-with" if asynchronous else "with"
                self.target(item.optional_vars, how, value, None, body, block, (), node)
        return self.statements(node.body, body, block, prefix)

    def try_(self, node: Any, body: Body, block: int, prefix: str) -> bool:
        outer = self.when
        self.when = outer or "try"
        tried, leaves = self.branch(node.body, body, block, prefix, "try")
        # What a try body binds before it fails is seen by its handlers: only its own end leaves.
        if leaves:
            body.blocks[tried] = (*body.blocks[tried][:3], False, body.blocks[tried][4])
        self.when = outer or "except"
        group = body.group()
        all_leave = leaves
        for handler in node.handlers:
            caught = self.expr(handler.type, body, block) if handler.type else None
            inside, handler_leaves = self.branch(handler.body, body, block, prefix, "branch", group)
            if handler.name:
                body.bindings.append(
                    Binding(handler.name, "except", caught, None, inside, handler.lineno, handler.col_offset)
                )
            all_leave = all_leave and handler_leaves
        self.when = outer
        if node.orelse:
            inside, else_leaves = self.branch(node.orelse, body, block, prefix, "try")
            all_leave = all_leave or (else_leaves and all_leave)
        if node.finalbody and self.statements(node.finalbody, body, block, prefix):
            return True
        return bool(all_leave)

    def match_(self, node: ast.Match, body: Body, block: int, prefix: str) -> bool:
        subject = self.expr(node.subject, body, block)
        group = body.group()
        all_leave, irrefutable = False, False
        for case in node.cases:
            inside, leaves = self.branch(case.body, body, block, prefix, "branch", group)
            at = case.pattern
            for name, value in captures(case.pattern, node.subject):
                bound = self.expr(value, body, block) if value is not None else None
                how = "narrow" if bound is not None else "match"
                body.bindings.insert(0, Binding(name, how, bound, None, inside, at.lineno, at.col_offset))
            match case.pattern:
                case ast.MatchAs(pattern=None, name=str() as whole):
                    body.bindings.insert(0, Binding(whole, "assign", subject, None, inside, at.lineno, at.col_offset))
            if case.guard is not None:
                self.expr(case.guard, body, inside)
            irrefutable = case.guard is None and isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None
            all_leave = leaves and (irrefutable or all_leave)
        return all_leave and irrefutable

    def return_(self, node: ast.Return, body: Body, block: int, prefix: str) -> bool:
        value = self.whole(node.value, body, block, "returned") if node.value else NO_VALUE
        body.returned.append((value, node.lineno, node.col_offset))
        return True

    def raise_(self, node: ast.Raise, body: Body, block: int, prefix: str) -> bool:
        if node.exc:
            self.expr(node.exc, body, block)
        if node.cause:
            self.expr(node.cause, body, block)
        return True

    def jump(self, node: ast.stmt, body: Body, block: int, prefix: str) -> bool:
        return True

    def expr_stmt(self, node: ast.Expr, body: Body, block: int, prefix: str) -> bool:
        if not isinstance(node.value, ast.Constant):
            self.whole(node.value, body, block, "statement")
        return False

    def assert_(self, node: ast.Assert, body: Body, block: int, prefix: str) -> bool:
        self.expr(node.test, body, block)
        for name, value, positive in narrowings(node.test, expression):
            if positive:
                body.bindings.append(
                    Binding(name, "narrow", value, None, block, node.end_lineno or 0, node.end_col_offset or 0)
                )
        if node.msg:
            self.expr(node.msg, body, block)
        return False

    def delete(self, node: ast.Delete, body: Body, block: int, prefix: str) -> bool:
        for target in node.targets:
            if isinstance(target, ast.Name):
                body.bindings.append(Binding(target.id, "delete", None, None, block, node.lineno, node.col_offset))
            else:
                found = self.expr(target, body, block)
                if isinstance(target, ast.Attribute | ast.Subscript):
                    body.changes.append((found, target.lineno, target.col_offset))
        return False

    def global_(self, node: ast.Global | ast.Nonlocal, body: Body, block: int, prefix: str) -> bool:
        for name in node.names:
            body.bindings.append(Binding(name, "global", None, None, block, node.lineno, node.col_offset))
        return False

    def type_alias(self, node: Any, body: Body, block: int, prefix: str) -> bool:
        value = self.expr(node.value, body, block)
        self.target(node.name, "assign", value, None, body, block, (), node)
        return False

    def import_(self, node: ast.Import, body: Body, block: int, prefix: str) -> bool:
        for alias in node.names:
            top = alias.name.partition(".")[0]
            self.imported.add(top)
            name, module = (alias.asname, alias.name) if alias.asname else (top, top)
            full = "" if alias.asname else alias.name
            body.imports.append(Import(name, module, "", self.when, node.lineno, node.col_offset, full))
        return False

    def import_from(self, node: ast.ImportFrom, body: Body, block: int, prefix: str) -> bool:
        module = node.module or ""
        if node.level:
            parts = self.package.split(".") if self.package else []
            parts = parts[: len(parts) - node.level + 1]
            module = ".".join([*parts, module]) if module else ".".join(parts)
        else:
            self.imported.add(module.partition(".")[0])
        for alias in node.names:
            if alias.name == "*":
                # The star of an `except ImportError:` brings in what the one before it has not
                body.stars.insert(0 if self.when == "except" else len(body.stars), module)
            else:
                body.imports.append(
                    Import(alias.asname or alias.name, module, alias.name, self.when, node.lineno, node.col_offset)
                )
        return False


def _type_params(node: Def | ast.ClassDef) -> tuple[str, ...]:
    """Names of PEP 695 type parameters; Python before 3.12 has none."""
    return tuple([p.name for p in getattr(node, "type_params", [])])


def _is_static(node: Def) -> bool:
    return any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in node.decorator_list)


def _is_type_checking(test: ast.expr) -> bool:
    match test:
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return True
    return False


def _breaks(nodes: Sequence[ast.stmt]) -> bool:
    """Whether a loop body can break out of its own loop."""
    for node in nodes:
        if isinstance(node, ast.Break):
            return True
        if isinstance(node, ast.For | ast.AsyncFor | ast.While | Def | ast.ClassDef):
            continue
        for inner in ("body", "orelse", "finalbody"):
            if _breaks(getattr(node, inner, [])):
                return True
        if any(_breaks(h.body) for h in getattr(node, "handlers", [])):
            return True
        if any(_breaks(c.body) for c in getattr(node, "cases", [])):
            return True
    return False


_X = StatementReader
_STATEMENTS: dict[type, Callable[[StatementReader, Any, Body, int, str], bool]] = {
    ast.FunctionDef: _X.function, ast.AsyncFunctionDef: _X.function, ast.ClassDef: _X.klass,
    ast.Assign: _X.assign, ast.AnnAssign: _X.ann_assign, ast.AugAssign: _X.aug_assign,
    ast.For: _X.loop, ast.AsyncFor: _X.loop, ast.While: _X.while_, ast.If: _X.if_,
    ast.With: _X.with_, ast.AsyncWith: _X.with_, ast.Try: _X.try_, ast.TryStar: _X.try_, ast.Match: _X.match_,
    ast.Return: _X.return_, ast.Raise: _X.raise_, ast.Continue: _X.jump, ast.Break: _X.jump,
    ast.Expr: _X.expr_stmt, ast.Assert: _X.assert_, ast.Delete: _X.delete,
    ast.Global: _X.global_, ast.Nonlocal: _X.global_, ast.Import: _X.import_, ast.ImportFrom: _X.import_from,
}  # fmt: skip
if (_type_alias := getattr(ast, "TypeAlias", None)) is not None:  # Python 3.12
    _STATEMENTS[_type_alias] = _X.type_alias
