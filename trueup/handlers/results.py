"""What a service's function made of a route returns, and how its annotations are written where it stands."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ..imports import AddImport
from ..types import Instance, Type, Union, without_none
from .belongings import Belongings
from .inputs import Annotations, type_text
from .meeting import Holder, Meeting
from .moving import uses
from .statements import leaves
from .work import Work

_OLD = frozenset({"Dict", "List", "Optional", "Tuple", "Union"})


class Results:
    """The results of one route's work."""

    def __init__(self, work: Work, annotations: Annotations, belongings: Belongings, meeting: Meeting) -> None:
        self.work = work
        self.annotations = annotations
        self.belongings = belongings
        self.meeting = meeting

    @property
    def is_evaluated(self) -> bool:
        """Whether annotations are evaluated where the work goes, and are not in the route's file."""
        work = self.work
        facts = work.types.project.files.get(work.home.path)
        if facts is None or not work.names.is_deferred:
            return False
        return not any(one.module == "__future__" and one.attr == "annotations" for one in facts.scope.imports)

    @property
    def is_modern(self) -> bool:
        """Whether the file writes `X | None` and `list[X]`, as Python 3.10 understands them."""
        if self.is_evaluated:
            return False
        return not any(self.work.names.source(name) == "typing" and name in _OLD for name in self.work.names.imports)

    def returned(self, outputs: tuple[str, ...]) -> tuple[str, bool]:
        """The annotation of what the service returns, and whether it returns anything."""
        kinds: list[Type] = []
        if outputs:
            for name in outputs:
                kind = self.work.values.type_of(next(iter(uses(self.work.file, self.work.behind, name))))
                kinds.append(without_none(kind) if self._is_there(name) else kind)
            held = (dict(self.work.more_imports), dict(self.work.imports), dict(self.work.drops))
            said = [self._written(kind) for kind in kinds]
            if not all(said) or (len(said) > 1 and not self.is_modern):
                self.work.more_imports, self.work.imports, self.work.drops = held
                return "", True
            return (said[0] if len(said) == 1 else f"tuple[{', '.join(said)}]"), True
        returned = [n for one in self.work.block for n in self.work.file.walk(one) if isinstance(n, ast.Return)]
        values = [n.value for n in returned if n.value is not None]
        if not values:
            return "None", False
        stored = self._stored(values) if len(values) == len(returned) else ""
        if stored:
            return stored, True
        if self.work.handler.returns is not None:
            said_there = self.annotations.written(self.work.handler.returns, self.work.names, self.work.home.package)
            return (self._if_had(said_there.names, said_there.imports, said_there.text) if said_there else ""), True
        if len(values) == len(returned) and isinstance(self.work.block[-1], ast.Return | ast.Raise):
            known = {
                without_none(kind) if isinstance(value, ast.Name) and self._is_there(value.id) else kind
                for value in values
                for kind in [self.work.values.type_of(value)]
            }
            if len(known) == 1:
                return self._written(known.pop()), True
        return "", True

    def _stored(self, values: Sequence[ast.expr]) -> str:
        """The class of what a block returns, where it is a mapped one: the route's annotation says what it answers."""
        kinds = {
            without_none(kind) if isinstance(value, ast.Name) and self._is_there(value.id) else kind
            for value in values
            for kind in [self.work.values.type_of(value)]
        }
        kind = kinds.pop() if len(kinds) == 1 else None
        if not isinstance(kind, Instance) or not self.work.values.is_mapped(kind.cls):
            return ""
        return self._written(kind) if isinstance(self.work.block[-1], ast.Return | ast.Raise) else ""

    def _is_there(self, name: str) -> bool:
        """Whether a guard of the block turns away where a name is None."""
        for one in self.work.block:
            if isinstance(one, ast.If) and not one.orelse and leaves(one.body):
                test = one.test
                if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
                    tested: ast.expr = test.operand
                elif (
                    isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.Is) and _is_none(test.comparators[0])
                ):
                    tested = test.left
                else:
                    continue
                if isinstance(tested, ast.Name) and tested.id == name:
                    return True
        return False

    def _written(self, kind: Type) -> str:
        if isinstance(kind, Union):
            return ""
        said = type_text(self.work.types, kind, self.work.names, self.work.home.package, self.work.file, self.is_modern)
        return self._if_had(said.names, said.imports, said.text) if said is not None else ""

    def in_time(self, annotation: str, holder: Holder | None) -> str:
        """An annotation, as a text where it could not be evaluated.

        So it is where the class that gets the method stands above what it speaks of, and where it need not be evaluated
        in the route's file: before Python 3.10 `X | None` cannot be.
        """
        facts = self.work.types.project.files.get(self.work.home.path)
        if annotation.startswith('"'):
            return annotation
        if "|" in annotation and self.is_evaluated:
            return f'"{annotation}"'
        if facts is None or holder is None or self.work.home.makes_class:
            return annotation
        line = next((one.pos.line for one in facts.classes if one.qualname == holder.cls.name), 0)
        later = {one.name for one in facts.scope.bindings if one.line >= line}
        spoken = {n.id for n in ast.walk(ast.parse(annotation or "None")) if isinstance(n, ast.Name)}
        return annotation if spoken.isdisjoint(later) else f'"{annotation}"'

    def _if_had(self, names: Sequence[str], imports: Sequence[AddImport], text: str) -> str:
        """An annotation, if all its names can be had: it is left out rather than that it keeps the work here."""
        work = self.work
        if any(name in work.names.definitions or name in work.names.unsure for name in names):
            return ""
        held = (dict(work.obstacles), dict(work.imports), dict(work.drops))
        for name in names:
            self.belongings.need(name, work.handler)
        fresh = [one for name, one in work.imports.items() if name not in held[1]]
        locals_ = {one.local: one for one in work.imports.values()}
        clash = any(locals_.get(one.local, one) != one for one in imports)
        if (
            clash
            or len(work.obstacles) > len(held[0])
            or any(self.meeting.is_there(one) is False for one in (*fresh, *imports))
        ):
            work.obstacles, work.imports, work.drops = held
            return ""
        self.work.more_imports |= dict.fromkeys(imports)
        return text


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
