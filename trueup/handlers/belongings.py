"""What code takes along when it moves: imports, and what its file defines for it alone."""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Sequence

from ..additions import Definition
from ..imports import AddImport
from ..index.project import ClassSymbol, FunctionSymbol, VariableSymbol
from ..infer import Inference
from ..layers import ROUTER, layer_of_module
from .inputs import Annotations, Said
from .moving import Piece, arguments, around, first_line, uses
from .naming import last_name
from .raising import Errors, Raising
from .services import leads_to, may_turn_back, taken_names
from .work import NOT_WEB, Work

_WEB = ("fastapi", "starlette", "sse_starlette")
_LOGGERS = frozenset({"getLogger", "get_logger"})
_LOOKS_AROUND = frozenset({"eval", "exec", "globals", "locals", "vars", "super"})
_VALUES = (
    ast.Constant, ast.List, ast.Tuple, ast.Set, ast.Dict, ast.UnaryOp, ast.BinOp, ast.Attribute, ast.Name, ast.Call,
    ast.keyword, ast.expr_context, ast.operator, ast.unaryop, ast.Starred,
)  # fmt: skip
"""What the value of a constant is made of."""


class Belongings:
    """What the moving code of one route needs, and how it is had where that goes."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.raising = Raising(work)
        self.helpers: dict[str, ast.stmt] = {}
        """Functions and constants of the file that move along."""
        self.copies: dict[str, Definition] = {}
        """Loggers."""
        self.back: list[str] = []
        """Those of the helpers that the route's file imports from where they are then."""
        self.refusing: set[str] = set()
        """Which of the helpers raise an `HTTPException`, by themselves or by others."""
        self._plain: dict[int, Said] = {}
        """By the id of a helper's annotation: what is written in its place."""

    def consider(self, body: Sequence[ast.stmt], known: set[str]) -> None:
        """Find out how the names of moving code are had where it goes."""
        gone = self.raising.take(body)
        annotations = [n for one in body for n in ast.walk(one) if id(n) in self._plain]
        gone |= {id(n) for one in annotations for n in ast.walk(one)}
        for name in around(body).read:
            if name in known:
                continue
            nodes = [node for node in uses(self.work.file, body, name) if id(node) not in gone]
            if nodes and self._is_service(name):
                self._unqualify(name, nodes, body)
            elif nodes:
                self.need(name, nodes[0])
            elif name in self.work.names.imports:
                self.work.drops[self.work.names.drop_for(name)] = None

    def _is_service(self, name: str) -> bool:
        """Whether a name is the very module that the code goes to."""
        names, project = self.work.names, self.work.types.project
        if name not in names.imports or name in names.unsure:
            return False
        node, alias = names.imports[name]
        if isinstance(node, ast.Import):
            module = alias.name if alias.asname or "." not in alias.name else ""
        else:
            module = f"{names.source(name)}.{alias.name}"
        found = project.module(module) if module and project.is_own(module) else None
        return found is not None and found.path == self.work.home.path

    def _unqualify(self, name: str, nodes: Sequence[ast.Name], body: Sequence[ast.stmt]) -> None:
        """In the service's module `orders.find(...)` is `find(...)`."""
        data = self.work.file.text.encode()
        own = {*around(body).bound, *around(body).nested, *(arg.arg for arg in arguments(self.work.handler))}
        for node in nodes:
            outer = self.work.file.parent(node)
            start, end = self.work.span(node)
            if not isinstance(outer, ast.Attribute) or outer.attr in own or data[start:end] != name.encode():
                self.work.refuse(f"it uses the service's module `{name}` otherwise than `{name}.function()`", node)
                continue
            stop = self.work.span(outer)[1] - len(outer.attr.encode())
            if data[end:stop] != b".":
                self.work.refuse(f"it uses the service's module `{name}` otherwise than `{name}.function()`", node)
                continue
            self.work.edits.append((start, stop, ""))
        self.work.drops[self.work.names.drop_for(name)] = None

    def need(self, name: str, node: ast.AST) -> None:
        """Find out how one name is had where the code goes; `node` is where it is used."""
        names = self.work.names
        if name in self.work.imports or name in self.helpers or name in self.copies:
            return
        if name in names.unsure:
            self.work.refuse(f"`{name}` is bound in more than one way", node)
        elif name in names.imports:
            self._import(name, node)
        elif name in names.definitions:
            self._define(name, names.definitions[name], node)
        elif not hasattr(builtins, name) or name.startswith("__"):
            self.work.refuse(f"it cannot be seen where `{name}` comes from", node)
        elif name in _LOOKS_AROUND:
            self.work.refuse(f"it uses `{name}()`", node)

    def _import(self, name: str, node: ast.AST) -> None:
        source, alias = self.work.names.source(name), self.work.names.imports[name][1]
        if source.partition(".")[0] in _WEB and alias.name not in NOT_WEB:
            self.work.refuse(f"it uses `{name}` of {source.partition('.')[0]}", node)
            return
        wanted = self.work.names.import_for(name, self.work.home.package)
        if wanted is None:
            self.work.refuse(f"`{name}` cannot be imported where it would go", node)
            return
        project = self.work.types.project
        self.work.drops[self.work.names.drop_for(name)] = None
        for module in (f"{source}.{alias.name}", source):
            found = project.module(module) if project.is_own(module) else None
            if found is None:
                continue
            if found.path == self.work.home.path and module == source:
                if alias.asname not in (None, alias.name):
                    self.work.refuse(f"`{name}` has another name where it would go", node)
                return
            if layer_of_module(self.work.types, found, self.work.file.config) == ROUTER:
                self.work.refuse(f"`{name}` comes from a file of routes", node)
            if self.work.home.module.startswith(f"{found.module}.") and self._import_from_inside(
                name, source, alias, node
            ):
                return
            if self.work.home.exists and leads_to(self.work.types, found, self.work.home.path):
                self.work.refuse(f"`{found.module}` imports the service's module, which would have to import it", node)
            elif back := may_turn_back(self.work.types, self.work.home, found):
                self.work.refuse(
                    f"`{back}` may come to import the service's module, which would have to import it", node
                )
        self.work.imports[name] = wanted

    def _import_from_inside(self, name: str, source: str, alias: ast.alias, node: ast.AST) -> bool:
        """Take what a package around the service hands on from where it is defined: the package is not ready yet."""
        work, project = self.work, self.work.types.project
        symbol = project.lookup(source, alias.name)
        if not isinstance(symbol, ClassSymbol | FunctionSymbol | VariableSymbol) or symbol.file.is_package:
            return False
        defined = symbol.qualname.removeprefix(f"{symbol.file.module}.")
        if symbol.file.path not in project.files or "." in defined:
            return False
        if symbol.file.path == work.home.path:
            return defined == name
        module = work.names.module_text(symbol.file.module, work.home.package)
        if module is None or leads_to(work.types, symbol.file, work.home.path):
            return False
        if back := may_turn_back(work.types, work.home, symbol.file):
            work.refuse(f"`{back}` may come to import the service's module, which would have to import it", node)
        work.imports[name] = AddImport(module, defined, name if name != defined else None)
        return True

    def _define(self, name: str, definition: ast.stmt, node: ast.AST) -> None:
        """What the file itself defines: it moves along if nothing else uses it."""
        if isinstance(definition, ast.FunctionDef | ast.AsyncFunctionDef) and not definition.decorator_list:
            self.helpers[name] = definition
            self._plain_annotations(definition)
            before, self.raising.statuses = self.raising.statuses, {}
            self.consider([definition], {name})
            self.refusing |= {name} if self.raising.statuses else set()
            self.raising.statuses = {**before, **self.raising.statuses}
        elif self._is_logger(definition):
            self.copies[name] = Definition(name, self.work.file.segment(definition), True)
            self.consider([definition], {name, "__name__"})
        elif self._is_constant(definition):
            self.helpers[name] = definition
            self.consider([definition], {name})
        else:
            self.work.refuse(f"`{name}` is defined in this file", node)

    def pieces(self, errors: Errors | None) -> tuple[tuple[str, Piece], ...]:
        """The helpers in the order of the file, as they are to stand elsewhere."""
        found = []
        for name, node in sorted(self.helpers.items(), key=lambda one: one[1].lineno):
            line = first_line(node)
            while line > 1 and self.work.file.lines[line - 2].startswith("#"):
                line -= 1
            edits = tuple(sorted(self.raising.edits_in([node], errors)))
            found.append((name, Piece(*self.work.stretch(line, node.end_lineno or node.lineno), edits)))
        return tuple(found)

    def is_idle(self, name: str) -> bool:
        """Whether nothing uses a name of the file once the work has moved."""
        moved = [*self.work.block, *self.helpers.values(), self.work.names.definitions[name]]
        spans = [(node.lineno, node.end_lineno or node.lineno) for node in moved]
        if f"{self.work.file.module}.{name}" in self.work.types.shared(imported_names) or name in (
            self.work.file.facts.exports or ()
        ):
            return False
        return all(
            any(a <= use.lineno <= b for a, b in spans) for use in uses(self.work.file, [self.work.file.tree], name)
        )

    def _plain_annotations(self, helper: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """What FastAPI reads in a helper's annotations stays behind."""
        facts = self.work.file.function_at(helper)
        for arg in arguments(helper) if facts is not None else ():
            if arg.annotation is None or facts is None:
                continue
            said = Annotations(self.work.file, facts, helper).of(arg, self.work.names, self.work.home.package)
            if said is not None and (said.imports or said.text != ast.unparse(arg.annotation)):
                self._plain[id(arg.annotation)] = said
                self.work.edits.append((*self.work.span(arg.annotation), said.text))
                self.work.more_imports |= dict.fromkeys(said.imports)
                for name in said.names:
                    self.need(name, arg)

    def _is_logger(self, one: ast.stmt) -> bool:
        if not isinstance(one, ast.Assign) or len(one.targets) != 1 or not isinstance(one.value, ast.Call):
            return False
        given = [*one.value.args, *(k.value for k in one.value.keywords)]
        plain = all(isinstance(g, ast.Constant) or (isinstance(g, ast.Name) and g.id == "__name__") for g in given)
        return last_name(one.value.func) in _LOGGERS and plain

    def _is_constant(self, one: ast.stmt) -> bool:
        """Whether a statement gives a name a value that is the same wherever it stands."""
        if not isinstance(one, ast.Assign | ast.AnnAssign):
            return False
        targets: list[ast.expr] = one.targets if isinstance(one, ast.Assign) else [one.target]
        value = one.value
        if len(targets) != 1 or not isinstance(targets[0], ast.Name) or value is None:
            return False
        for node in ast.walk(value):
            if not isinstance(node, _VALUES):
                return False
            if isinstance(node, ast.Name) and node.id not in self.work.names.imports and not hasattr(builtins, node.id):
                return False
            if isinstance(node, ast.Call):
                name = last_name(node.func)
                source = self.work.names.source(name) if name in self.work.names.imports else ""
                if not hasattr(builtins, name) and source.partition(".")[0] not in sys.stdlib_module_names:
                    return False
        return True

    def check_helpers(self) -> None:
        """Whether what moves along may: what is used elsewhere too is imported back, if it raises nothing."""
        work = self.work
        imported = work.types.shared(imported_names)
        there = work.types.project.files.get(work.home.path)
        taken = taken_names(there) if there is not None else frozenset[str]()
        rebound = {name for node in work.file.nodes(ast.Global) for name in node.names}
        for name, node in self.helpers.items():
            self._check_refusal(name)
            if name in taken:
                work.refuse(f"the name `{name}` is taken where it would go", node)
            if name in rebound:
                work.refuse(f"`{name}` is bound in a function of this file", node)
            elsewhere = self._use_elsewhere(name)
            if elsewhere is not None:
                self.back.append(name)
                if name in self.refusing:
                    work.refuse(f"`{name}`, which raises an `HTTPException`, is used elsewhere too", elsewhere)
            elif f"{work.file.module}.{name}" in imported or name in (work.file.facts.exports or ()):
                work.refuse(f"`{name}` of this file is used by others too", node)

    def _check_refusal(self, name: str) -> None:
        """Whether what a helper raises as `HTTPException` reaches the route as an error of the service."""
        for use in (
            uses(self.work.file, [*self.work.block, *self.helpers.values()], name) if name in self.refusing else ()
        ):
            call = self.work.file.parent(use)
            if not isinstance(call, ast.Call) or call.func is not use:
                self.work.refuse(f"`{name}`, which raises an `HTTPException`, is handed on", use)
            elif self.raising.is_caught(call):
                self.work.refuse(f"it catches what `{name}` raises as `HTTPException`", use)

    def _use_elsewhere(self, name: str) -> ast.Name | None:
        """Where the file uses a name apart from what moves."""
        moved = [*self.work.block, *self.helpers.values()]
        spans = [(first_line(node), node.end_lineno or node.lineno) for node in moved]
        found = uses(self.work.file, [self.work.file.tree], name)
        return next((use for use in found if not any(a <= use.lineno <= b for a, b in spans)), None)


def imported_names(types: Inference) -> tuple[str, ...]:
    """`module.name` of all that files of the project import from each other; to be asked through `types.shared`."""
    found = set()
    for facts in types.project.files.values():
        scopes = [facts.scope, *(f.scope for f in facts.functions)]
        found |= {f"{i.module}.{i.attr}" for scope in scopes for i in scope.imports if i.attr}
    return tuple(sorted(found))
