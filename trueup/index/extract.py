"""From the tree of one file to its facts: pure, one pass, nothing decided."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from .facts import (
    Attr,
    Await,
    Binding,
    Block,
    Call,
    CallSite,
    Choice,
    Class,
    Comp,
    Const,
    Display,
    Expr,
    Field,
    FileFacts,
    Function,
    Import,
    Lambda,
    Mapping,
    Name,
    Op,
    Opaque,
    Param,
    Pos,
    Scope,
    Star,
    Sub,
)

MAX_DEPTH = 80
"""Expressions nested deeper become Opaque: nothing downstream has to fear for its stack."""
MAX_TEXT = 200
MAX_ITEMS = 64
"""Longer displays keep their first items only: they are data, and all of one type."""

OPAQUE = Opaque()
_STR = Opaque("builtins.str")
_BOOL = Opaque("builtins.bool")
_NONE = Const("none")
_ELLIPSIS = Const("ellipsis")
_TRUE, _FALSE = Const("bool", "True"), Const("bool", "False")

_OPS = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.LShift: "<<", ast.RShift: ">>", ast.BitOr: "|", ast.BitXor: "^", ast.BitAnd: "&", ast.MatMult: "@",
}  # fmt: skip

_Def = ast.FunctionDef | ast.AsyncFunctionDef


def extract(path: str, module: str, is_package: bool, digest: str, tree: ast.Module) -> FileFacts:
    """The facts of a parsed file; never raises on a tree that `ast.parse` made."""
    walk = _Extractor(module, is_package)
    body = _Body(Pos(1, 0, 1 << 30, 0))
    walk.statements(tree.body, body, 0, "")
    return FileFacts(
        path=path,
        module=module,
        is_package=is_package,
        digest=digest,
        scope=body.freeze(),
        classes=tuple(sorted(walk.classes, key=_start)),
        functions=tuple(sorted(walk.functions, key=_start)),
        exports=_exports(tree),
        imported=tuple(sorted(walk.imported)),
        attributes=tuple(sorted(walk.attributes)),
    )


def expression(node: ast.expr) -> Expr:
    """One expression as facts keep it; a rule asks about a node of its tree in the same words."""
    return _Extractor("", False).expr(node, _Body(_pos(node)), 0)


def _start(item: Class | Function) -> tuple[int, int]:
    return (item.pos.line, item.pos.column)


def _pos(node: Any) -> Pos:
    return Pos(node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)


def _stretch(nodes: Sequence[ast.stmt]) -> Pos:
    """From the first statement, its decorators included, to the end of the last."""
    first, last = nodes[0], nodes[-1]
    line = first.lineno
    if isinstance(first, _Def | ast.ClassDef) and first.decorator_list:
        line = first.decorator_list[0].lineno
    return Pos(line, first.col_offset, last.end_lineno or 0, last.end_col_offset or 0)


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


class _Body:
    """The body of one scope while it is read."""

    def __init__(self, pos: Pos) -> None:
        self.blocks: list[tuple[int, int, str, bool, Pos]] = [(-1, -1, "body", False, pos)]
        self.bindings: list[Binding] = []
        self.imports: list[Import] = []
        self.calls: list[CallSite] = []
        self.stars: list[str] = []
        self.returned: list[tuple[Expr, int, int]] = []
        self.yielded: list[tuple[Expr, int, int]] = []
        self.groups = 0
        self.awaits = 0
        self.generates = False
        self.owner = ""
        """The class this is the body of."""
        self.parent = ""
        """The function this is the body of."""
        self.self_name = ""
        """The first parameter of a method: assignments to its attributes belong to the class."""
        self.attributes: list[Field] = []
        self.fields: list[Field] | None = None

    def block(self, parent: int, kind: str, pos: Pos, group: int = -1) -> int:
        self.blocks.append((parent, group, kind, False, pos))
        return len(self.blocks) - 1

    def mark(self, block: int, leaves: bool) -> None:
        if leaves:
            parent, group, kind, _, pos = self.blocks[block]
            self.blocks[block] = (parent, group, kind, True, pos)

    def group(self) -> int:
        self.groups += 1
        return self.groups

    def freeze(self) -> Scope:
        return Scope(
            tuple([Block(*b) for b in self.blocks]),
            tuple(self.bindings),
            tuple(self.imports),
            tuple(self.calls),
            tuple(self.stars),
        )


_Narrowing = tuple[str, Expr, bool]


class _Extractor:
    def __init__(self, module: str, is_package: bool) -> None:
        self.package = module if is_package else module.rpartition(".")[0]
        self.classes: list[Class] = []
        self.functions: list[Function] = []
        self.imported: set[str] = set()
        self.attributes: set[str] = set()
        self.depth = 0
        self.when = ""

    # Statements

    def statements(self, nodes: Sequence[ast.stmt], body: _Body, block: int, prefix: str) -> bool:
        """Read statements into a body; whether they leave the block for good."""
        leaves = False
        for node in nodes:
            visit = _STATEMENTS.get(node.__class__)
            if visit is not None and visit(self, node, body, block, prefix):
                leaves = True
        return leaves

    def branch(
        self, nodes: Sequence[ast.stmt], body: _Body, parent: int, prefix: str, kind: str, group: int = -1
    ) -> tuple[int, bool]:
        block = body.block(parent, kind, _stretch(nodes), group)
        leaves = self.statements(nodes, body, block, prefix)
        body.mark(block, leaves)
        return block, leaves

    def function(self, node: _Def, body: _Body, block: int, prefix: str) -> bool:
        qualname = prefix + node.name
        decorators = tuple([self.expr(d, body, block) for d in node.decorator_list])
        params = self.params(node.args, body, block)
        returns = self.expr(node.returns, body, block) if node.returns else None
        body.bindings.append(
            Binding(node.name, "def", Const("def", qualname), None, block, node.lineno, node.col_offset)
        )
        where = _stretch(node.body)
        inner = _Body(where)
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
                pos=_pos(node),
                body=where,
                awaits=inner.awaits,
                type_params=_type_params(node),
            )
        )
        return False

    def params(self, args: ast.arguments, body: _Body, block: int) -> tuple[Param, ...]:
        found: list[Param] = []

        def add(arg: ast.arg, kind: str, default: ast.expr | None) -> None:
            found.append(
                Param(
                    arg.arg,
                    kind,
                    self.expr(arg.annotation, body, block) if arg.annotation else None,
                    self.expr(default, body, block) if default else None,
                    arg.lineno,
                    arg.col_offset,
                )
            )

        positional = [(a, "positional-only") for a in args.posonlyargs] + [(a, "positional") for a in args.args]
        bare = len(positional) - len(args.defaults)
        for index, (arg, kind) in enumerate(positional):
            add(arg, kind, args.defaults[index - bare] if index >= bare else None)
        if args.vararg:
            add(args.vararg, "var-positional", None)
        for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
            add(arg, "keyword", default)
        if args.kwarg:
            add(args.kwarg, "var-keyword", None)
        return tuple(found)

    def klass(self, node: ast.ClassDef, body: _Body, block: int, prefix: str) -> bool:
        qualname = prefix + node.name
        decorators = tuple([self.expr(d, body, block) for d in node.decorator_list])
        bases = tuple([self.expr(b, body, block) for b in node.bases])
        keywords = tuple([(k.arg or "**", self.expr(k.value, body, block)) for k in node.keywords])
        body.bindings.append(
            Binding(node.name, "class", Const("class", qualname), None, block, node.lineno, node.col_offset)
        )
        where = _stretch(node.body)
        inner = _Body(where)
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
                pos=_pos(node),
                body=where,
                type_params=_type_params(node),
            )
        )
        return False

    def assign(self, node: ast.Assign, body: _Body, block: int, prefix: str) -> bool:
        value = self.whole(node.value, body, block, "assigned")
        for target in node.targets:
            self.target(target, "assign", value, None, body, block, (), node)
        return False

    def ann_assign(self, node: ast.AnnAssign, body: _Body, block: int, prefix: str) -> bool:
        annotation = self.expr(node.annotation, body, block)
        value = self.whole(node.value, body, block, "assigned") if node.value else None
        self.target(node.target, "annotate", value, annotation, body, block, (), node)
        return False

    def aug_assign(self, node: ast.AugAssign, body: _Body, block: int, prefix: str) -> bool:
        right = self.expr(node.value, body, block)
        left = self.expr(node.target, body, block)
        if isinstance(node.target, ast.Name):
            value = Op(_OPS[type(node.op)], left, right)
            self.target(node.target, "augment", value, None, body, block, (), node)
        return False

    def target(
        self,
        node: ast.expr,
        how: str,
        value: Expr | None,
        annotation: Expr | None,
        body: _Body,
        block: int,
        unpack: tuple[int, ...],
        statement: Any,
    ) -> None:
        """Bind what stands on the left of `=`, behind `for` or `as`.

        The binding's place is where its value has been read: names in the value mean what they meant before.
        """
        if isinstance(node, ast.Name):
            line, column = node.lineno, node.col_offset
            if how in ("assign", "annotate", "augment", "walrus"):
                line, column = statement.end_lineno, statement.end_col_offset
            elif isinstance(statement, ast.For | ast.AsyncFor):
                line, column = statement.iter.end_lineno or line, statement.iter.end_col_offset or column
            body.bindings.append(Binding(node.id, how, value, annotation, block, line, column, unpack))
            if body.fields is not None and not unpack and how in ("assign", "annotate"):
                body.fields.append(Field(node.id, annotation, value, _pos(statement)))
        elif isinstance(node, ast.Tuple | ast.List):
            star = next((i for i, e in enumerate(node.elts) if isinstance(e, ast.Starred)), None)
            for index, element in enumerate(node.elts):
                if isinstance(element, ast.Starred):
                    self.target(element.value, how, value, None, body, block, (*unpack, -1), statement)
                else:
                    # Behind a star the index counts from the end: -2 is the last, -3 the one before it.
                    place = index if star is None or index < star else index - len(node.elts) - 1
                    self.target(element, how, value, None, body, block, (*unpack, place), statement)
        elif isinstance(node, ast.Attribute):
            if isinstance(node.value, ast.Name) and node.value.id == body.self_name and body.self_name:
                if not unpack:
                    body.attributes.append(Field(node.attr, annotation, value, _pos(statement), body.parent))
                else:
                    body.attributes.append(Field(node.attr, annotation, OPAQUE, _pos(statement), body.parent))
            else:
                self.expr(node.value, body, block)
        else:
            self.expr(node, body, block)

    def loop(self, node: ast.For | ast.AsyncFor, body: _Body, block: int, prefix: str) -> bool:
        value = self.expr(node.iter, body, block)
        asynchronous = isinstance(node, ast.AsyncFor)
        body.awaits += asynchronous
        inside = body.block(block, "loop", _stretch(node.body))
        self.target(node.target, "async-for" if asynchronous else "for", value, None, body, inside, (), node)
        self.statements(node.body, body, inside, prefix)
        if node.orelse:
            self.branch(node.orelse, body, block, prefix, "branch")
        return False

    def while_(self, node: ast.While, body: _Body, block: int, prefix: str) -> bool:
        self.expr(node.test, body, block)
        inside, leaves = self.branch(node.body, body, block, prefix, "loop")
        if leaves:
            body.blocks[inside] = (*body.blocks[inside][:3], False, body.blocks[inside][4])
        for narrowing in _narrowings(node.test, self, body, block):
            self.narrow(narrowing, True, body, inside, node.body[0])
        if node.orelse:
            self.branch(node.orelse, body, block, prefix, "branch")
        return isinstance(node.test, ast.Constant) and bool(node.test.value) and not _breaks(node.body)

    def if_(self, node: ast.If, body: _Body, block: int, prefix: str) -> bool:
        """An if with its whole elif chain, which is read in a loop: generated code has hundreds of branches."""
        group = body.group()
        parent = block
        all_leave = True
        outer = self.when
        after: list[_Narrowing] = []
        while True:
            self.expr(node.test, body, parent)
            narrowings = _narrowings(node.test, self, body, parent)
            typing_only = _is_type_checking(node.test)
            self.when = outer or ("type-checking" if typing_only else "if")
            inside, leaves = self.branch(node.body, body, parent, prefix, "branch", group)
            for narrowing in narrowings:
                self.narrow(narrowing, True, body, inside, node.body[0])
            all_leave = all_leave and leaves
            if leaves:
                after += narrowings
            self.when = outer or "else"
            if len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
                node = node.orelse[0]
                continue
            if node.orelse:
                inside, leaves = self.branch(node.orelse, body, parent, prefix, "branch", group)
                for narrowing in narrowings:
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

    def narrow(self, narrowing: _Narrowing, branch: bool, body: _Body, block: int, first: ast.stmt) -> None:
        name, value, positive = narrowing
        if positive is branch:
            # The line before the first statement: anything the branch itself binds comes later.
            body.bindings.insert(
                0, Binding(name, "narrow", value, None, block, first.lineno, max(first.col_offset - 1, 0))
            )

    def with_(self, node: ast.With | ast.AsyncWith, body: _Body, block: int, prefix: str) -> bool:
        asynchronous = isinstance(node, ast.AsyncWith)
        for item in node.items:
            value = self.expr(item.context_expr, body, block)
            body.awaits += asynchronous
            if item.optional_vars is not None:
                how = "async-with" if asynchronous else "with"
                self.target(item.optional_vars, how, value, None, body, block, (), node)
        return self.statements(node.body, body, block, prefix)

    def try_(self, node: Any, body: _Body, block: int, prefix: str) -> bool:
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

    def match_(self, node: ast.Match, body: _Body, block: int, prefix: str) -> bool:
        subject = self.expr(node.subject, body, block)
        group = body.group()
        all_leave, irrefutable = False, False
        for case in node.cases:
            inside, leaves = self.branch(case.body, body, block, prefix, "branch", group)
            at = case.pattern
            for name, value in _captures(case.pattern, node.subject):
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

    def return_(self, node: ast.Return, body: _Body, block: int, prefix: str) -> bool:
        value = self.whole(node.value, body, block, "returned") if node.value else _NONE
        body.returned.append((value, node.lineno, node.col_offset))
        return True

    def raise_(self, node: ast.Raise, body: _Body, block: int, prefix: str) -> bool:
        if node.exc:
            self.expr(node.exc, body, block)
        if node.cause:
            self.expr(node.cause, body, block)
        return True

    def jump(self, node: ast.stmt, body: _Body, block: int, prefix: str) -> bool:
        return True

    def expr_stmt(self, node: ast.Expr, body: _Body, block: int, prefix: str) -> bool:
        if not isinstance(node.value, ast.Constant):
            self.whole(node.value, body, block, "statement")
        return False

    def whole(self, node: ast.expr, body: _Body, block: int, used: str) -> Expr:
        """The expression that a statement is made for: a call knows what becomes of its value."""
        if isinstance(node, ast.Call):
            return self.call(node, body, block, used=used)
        if isinstance(node, ast.Await) and isinstance(node.value, ast.Call):
            body.awaits += 1
            return Await(self.call(node.value, body, block, awaited=True, used=used))
        return self.expr(node, body, block)

    def assert_(self, node: ast.Assert, body: _Body, block: int, prefix: str) -> bool:
        self.expr(node.test, body, block)
        for name, value, positive in _narrowings(node.test, self, body, block):
            if positive:
                body.bindings.append(
                    Binding(name, "narrow", value, None, block, node.end_lineno or 0, node.end_col_offset or 0)
                )
        if node.msg:
            self.expr(node.msg, body, block)
        return False

    def delete(self, node: ast.Delete, body: _Body, block: int, prefix: str) -> bool:
        for target in node.targets:
            if isinstance(target, ast.Name):
                body.bindings.append(Binding(target.id, "delete", None, None, block, node.lineno, node.col_offset))
            else:
                self.expr(target, body, block)
        return False

    def global_(self, node: ast.Global | ast.Nonlocal, body: _Body, block: int, prefix: str) -> bool:
        for name in node.names:
            body.bindings.append(Binding(name, "global", None, None, block, node.lineno, node.col_offset))
        return False

    def type_alias(self, node: Any, body: _Body, block: int, prefix: str) -> bool:
        value = self.expr(node.value, body, block)
        self.target(node.name, "assign", value, None, body, block, (), node)
        return False

    def import_(self, node: ast.Import, body: _Body, block: int, prefix: str) -> bool:
        for alias in node.names:
            top = alias.name.partition(".")[0]
            self.imported.add(top)
            name, module = (alias.asname, alias.name) if alias.asname else (top, top)
            full = "" if alias.asname else alias.name
            body.imports.append(Import(name, module, "", self.when, node.lineno, node.col_offset, full))
        return False

    def import_from(self, node: ast.ImportFrom, body: _Body, block: int, prefix: str) -> bool:
        module = node.module or ""
        if node.level:
            parts = self.package.split(".") if self.package else []
            parts = parts[: len(parts) - node.level + 1]
            module = ".".join([*parts, module]) if module else ".".join(parts)
        else:
            self.imported.add(module.partition(".")[0])
        for alias in node.names:
            if alias.name == "*":
                body.stars.append(module)
            else:
                body.imports.append(
                    Import(alias.asname or alias.name, module, alias.name, self.when, node.lineno, node.col_offset)
                )
        return False

    # Expressions

    def expr(self, node: ast.expr, body: _Body, block: int) -> Expr:
        """Read an expression: the calls, walruses and inner blocks in it go to the body, its shape is returned."""
        kind = node.__class__
        if kind is ast.Name:
            return Name(node.id)  # type: ignore[attr-defined]
        if kind is ast.Constant:
            return _constant(node.value)  # type: ignore[attr-defined]
        if self.depth > MAX_DEPTH:
            return OPAQUE
        self.depth += 1
        try:
            visit = _EXPRESSIONS.get(kind)
            return visit(self, node, body, block) if visit is not None else OPAQUE
        finally:
            self.depth -= 1

    def attribute(self, node: ast.Attribute, body: _Body, block: int) -> Expr:
        self.attributes.add(node.attr)
        return Attr(self.expr(node.value, body, block), node.attr)

    def call_expr(self, node: ast.Call, body: _Body, block: int) -> Expr:
        return self.call(node, body, block)

    def call(self, node: ast.Call, body: _Body, block: int, awaited: bool = False, used: str = "value") -> Call:
        func = self.expr(node.func, body, block)
        args = tuple([self.expr(a, body, block) for a in node.args])
        keywords = tuple([(k.arg or "**", self.expr(k.value, body, block)) for k in node.keywords])
        call = Call(func, args, keywords)
        body.calls.append(CallSite(call, block, _pos(node), awaited, used))
        return call

    def await_(self, node: ast.Await, body: _Body, block: int) -> Expr:
        body.awaits += 1
        if isinstance(node.value, ast.Call):
            return Await(self.call(node.value, body, block, awaited=True))
        return Await(self.expr(node.value, body, block))

    def subscript(self, node: ast.Subscript, body: _Body, block: int) -> Expr:
        value = self.expr(node.value, body, block)
        index = node.slice
        if isinstance(index, ast.Tuple):
            return Sub(value, tuple([self.expr(e, body, block) for e in index.elts]))
        return Sub(value, (self.expr(index, body, block),))

    def display(self, node: ast.List | ast.Tuple | ast.Set, body: _Body, block: int) -> Expr:
        items = [self.expr(e, body, block) for e in node.elts]
        return Display(_DISPLAYS[node.__class__], tuple(items[:MAX_ITEMS]))

    def dict_(self, node: ast.Dict, body: _Body, block: int) -> Expr:
        keys = [self.expr(k, body, block) if k is not None else None for k in node.keys]
        values = [self.expr(v, body, block) for v in node.values]
        return Mapping(tuple(keys[:MAX_ITEMS]), tuple(values[:MAX_ITEMS]))

    def starred(self, node: ast.Starred, body: _Body, block: int) -> Expr:
        return Star(self.expr(node.value, body, block))

    def bin_op(self, node: ast.BinOp, body: _Body, block: int) -> Expr:
        left = self.expr(node.left, body, block)
        return Op(_OPS[node.op.__class__], left, self.expr(node.right, body, block))

    def bool_op(self, node: ast.BoolOp, body: _Body, block: int) -> Expr:
        both = isinstance(node.op, ast.And)
        items: list[Expr] = []
        for index, value in enumerate(node.values):
            items.append(self.expr(value, body, block))
            if both and index + 1 < len(node.values):
                block = self.narrowed(value, True, node.values[index + 1], node, body, block)
        return Choice("and" if both else "or", tuple(items))

    def if_exp(self, node: ast.IfExp, body: _Body, block: int) -> Expr:
        self.expr(node.test, body, block)
        yes = self.expr(node.body, body, self.narrowed(node.test, True, node.body, node.body, body, block))
        no = self.expr(node.orelse, body, self.narrowed(node.test, False, node.orelse, node.orelse, body, block))
        return Choice("if", (yes, no))

    def narrowed(self, test: ast.expr, branch: bool, first: ast.expr, last: ast.expr, body: _Body, block: int) -> int:
        """The block for the part of an expression that only runs when a test came out as `branch`."""
        found = [n for n in _narrowings(test, self, body, block) if n[2] is branch]
        if not found:
            return block
        where = Pos(first.lineno, first.col_offset, last.end_lineno or 0, last.end_col_offset or 0)
        inside = body.block(block, "branch", where)
        for name, value, _ in found:
            body.bindings.insert(0, Binding(name, "narrow", value, None, inside, where.line, max(where.column - 1, 0)))
        return inside

    def unary(self, node: ast.UnaryOp, body: _Body, block: int) -> Expr:
        operand = self.expr(node.operand, body, block)
        return _BOOL if isinstance(node.op, ast.Not) else operand

    def compare(self, node: ast.Compare, body: _Body, block: int) -> Expr:
        self.expr(node.left, body, block)
        for right in node.comparators:
            self.expr(right, body, block)
        return _BOOL

    def joined(self, node: ast.JoinedStr, body: _Body, block: int) -> Expr:
        for value in node.values:
            if isinstance(value, ast.FormattedValue):
                self.expr(value.value, body, block)
                if value.format_spec is not None:
                    self.expr(value.format_spec, body, block)
        return _STR

    def comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, body: _Body, block: int
    ) -> Expr:
        inside = body.block(block, "comprehension", _pos(node))
        for index, generator in enumerate(node.generators):
            value = self.expr(generator.iter, body, inside if index else block)
            how = "async-for" if generator.is_async else "for"
            body.awaits += generator.is_async
            self.target(generator.target, how, value, None, body, inside, (), generator.target)
            for test in generator.ifs:
                self.expr(test, body, inside)
                for name, narrow_to, positive in _narrowings(test, self, body, inside):
                    if positive:
                        body.bindings.append(
                            Binding(name, "narrow", narrow_to, None, inside, test.lineno, test.col_offset)
                        )
        if isinstance(node, ast.DictComp):
            key = self.expr(node.key, body, inside)
            item = self.expr(node.value, body, inside)
            return Comp("dict", item, node.lineno, node.col_offset, key)
        return Comp(_COMPREHENSIONS[node.__class__], self.expr(node.elt, body, inside), node.lineno, node.col_offset)

    def lambda_(self, node: ast.Lambda, body: _Body, block: int) -> Expr:
        inside = body.block(block, "lambda", _pos(node))
        for param in self.params(node.args, body, block):
            body.bindings.append(Binding(param.name, "lambda", None, None, inside, param.line, param.column))
        return Lambda(self.expr(node.body, body, inside), node.lineno, node.col_offset)

    def walrus(self, node: ast.NamedExpr, body: _Body, block: int) -> Expr:
        value = self.expr(node.value, body, block)
        outer = block
        while body.blocks[outer][2] == "comprehension":
            outer = body.blocks[outer][0]
        self.target(node.target, "walrus", value, None, body, outer, (), node)
        return value

    def yield_(self, node: ast.Yield, body: _Body, block: int) -> Expr:
        body.generates = True
        value = self.expr(node.value, body, block) if node.value else _NONE
        body.yielded.append((value, node.lineno, node.col_offset))
        return OPAQUE

    def yield_from(self, node: ast.YieldFrom, body: _Body, block: int) -> Expr:
        body.generates = True
        body.yielded.append((Star(self.expr(node.value, body, block)), node.lineno, node.col_offset))
        return OPAQUE

    def slice_(self, node: ast.Slice, body: _Body, block: int) -> Expr:
        for part in (node.lower, node.upper, node.step):
            if part is not None:
                self.expr(part, body, block)
        return Opaque("builtins.slice")


def _constant(value: object) -> Const:
    if value is None:
        return _NONE
    if value is True:
        return _TRUE
    if value is False:
        return _FALSE
    if value is ...:
        return _ELLIPSIS
    if isinstance(value, str):
        return Const("str", value if len(value) <= MAX_TEXT and value.isprintable() else "")
    if isinstance(value, bytes):
        return Const("bytes")
    if isinstance(value, int):
        return Const("int", str(value) if abs(value) < 10**18 else "")
    return Const(type(value).__name__, repr(value))


def _type_params(node: _Def | ast.ClassDef) -> tuple[str, ...]:
    """Names of PEP 695 type parameters; Python before 3.12 has none."""
    return tuple([p.name for p in getattr(node, "type_params", [])])


def _is_static(node: _Def) -> bool:
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
        if isinstance(node, ast.For | ast.AsyncFor | ast.While | _Def | ast.ClassDef):
            continue
        for inner in ("body", "orelse", "finalbody"):
            if _breaks(getattr(node, inner, [])):
                return True
        if any(_breaks(h.body) for h in getattr(node, "handlers", [])):
            return True
        if any(_breaks(c.body) for c in getattr(node, "cases", [])):
            return True
    return False


def _narrowings(test: ast.expr, walk: _Extractor, body: _Body, block: int) -> list[_Narrowing]:
    """(name, class, whether the test being true says so) for the `isinstance` calls a test rests on."""
    if isinstance(test, ast.Call):
        match test:
            case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name(id=name), classes], keywords=[]):
                return [(name, _quiet(classes), True)]
        return []
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return [(name, value, not positive) for name, value, positive in _narrowings(test.operand, walk, body, block)]
    if isinstance(test, ast.BoolOp):
        # In `a and b` a true test says both; in `a or b` a false one denies both.
        wanted = isinstance(test.op, ast.And)
        return [n for value in test.values for n in _narrowings(value, walk, body, block) if n[2] is wanted]
    return []


def _quiet(node: ast.expr) -> Expr:
    """An expression read a second time: its calls are not recorded again."""
    return expression(node)


def _captures(pattern: ast.pattern, subject: ast.expr) -> list[tuple[str, ast.expr | None]]:
    """(name, class it must be of or None) for the names a case binds, and for the subject it narrows."""
    found: list[tuple[str, ast.expr | None]] = []
    match pattern:
        case ast.MatchClass(cls=cls) if isinstance(subject, ast.Name):
            found.append((subject.id, cls))
        case ast.MatchAs(pattern=ast.MatchClass(cls=cls), name=str() as name):
            found.append((name, cls))
            if isinstance(subject, ast.Name):
                found.append((subject.id, cls))
    for node in ast.walk(pattern):
        if node is pattern and isinstance(node, ast.MatchAs):
            continue
        if isinstance(node, ast.MatchAs | ast.MatchStar) and node.name:
            inner = node.pattern if isinstance(node, ast.MatchAs) else None
            found.append((node.name, inner.cls if isinstance(inner, ast.MatchClass) else None))
        elif isinstance(node, ast.MatchMapping) and node.rest:
            found.append((node.rest, None))
    return found


_DISPLAYS: dict[type, str] = {ast.List: "list", ast.Tuple: "tuple", ast.Set: "set"}
_COMPREHENSIONS: dict[type, str] = {ast.ListComp: "list", ast.SetComp: "set", ast.GeneratorExp: "generator"}

_X = _Extractor
_STATEMENTS: dict[type, Callable[[_Extractor, Any, _Body, int, str], bool]] = {
    ast.FunctionDef: _X.function, ast.AsyncFunctionDef: _X.function, ast.ClassDef: _X.klass,
    ast.Assign: _X.assign, ast.AnnAssign: _X.ann_assign, ast.AugAssign: _X.aug_assign,
    ast.For: _X.loop, ast.AsyncFor: _X.loop, ast.While: _X.while_, ast.If: _X.if_,
    ast.With: _X.with_, ast.AsyncWith: _X.with_, ast.Try: _X.try_, ast.TryStar: _X.try_, ast.Match: _X.match_,
    ast.Return: _X.return_, ast.Raise: _X.raise_, ast.Continue: _X.jump, ast.Break: _X.jump,
    ast.Expr: _X.expr_stmt, ast.Assert: _X.assert_, ast.Delete: _X.delete,
    ast.Global: _X.global_, ast.Nonlocal: _X.global_, ast.Import: _X.import_, ast.ImportFrom: _X.import_from,
}  # fmt: skip
if hasattr(ast, "TypeAlias"):  # Python 3.12
    _STATEMENTS[ast.TypeAlias] = _X.type_alias
_EXPRESSIONS: dict[type, Callable[[_Extractor, Any, _Body, int], Expr]] = {
    ast.Attribute: _X.attribute, ast.Call: _X.call_expr, ast.Await: _X.await_, ast.Subscript: _X.subscript,
    ast.List: _X.display, ast.Tuple: _X.display, ast.Set: _X.display, ast.Dict: _X.dict_,
    ast.Starred: _X.starred, ast.BinOp: _X.bin_op, ast.BoolOp: _X.bool_op, ast.IfExp: _X.if_exp,
    ast.UnaryOp: _X.unary, ast.Compare: _X.compare, ast.JoinedStr: _X.joined,
    ast.ListComp: _X.comprehension, ast.SetComp: _X.comprehension, ast.GeneratorExp: _X.comprehension,
    ast.DictComp: _X.comprehension, ast.Lambda: _X.lambda_, ast.NamedExpr: _X.walrus,
    ast.Yield: _X.yield_, ast.YieldFrom: _X.yield_from, ast.Slice: _X.slice_,
}  # fmt: skip
