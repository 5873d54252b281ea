"""From the changes of one fix to the edits of the text: the tree is rebuilt along the touched paths only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from typing import Any, TypeGuard

import libcst as cst

from .additions import Addition
from .binding import Line, as_line, dressed, fitted, reblock, requoted, resplit, separated, split_leading, with_leading
from .change import AddImport, CannotFix, Change, DropImport, InsertAfter, InsertBefore, InsertFirst, Remove, Replace
from .edits import NEWLINE, Edit, blank_lines_after, blank_lines_before, newline_before, without_lines
from .tree import Recorder, Tree, children

_CLAUSES = (cst.Else, cst.If, cst.ExceptHandler, cst.ExceptStarHandler, cst.Finally, cst.MatchCase)


class Rewrite:
    """What one fix does to a text. Raises ValueError where its changes contradict each other."""

    def __init__(self, tree: Tree, changes: Iterable[Change]) -> None:
        self.tree = tree
        self.edits: list[Edit] = []
        self.adds: list[AddImport] = []
        self.drops: list[DropImport] = []
        self.additions: list[Addition] = []
        self.removed: dict[cst.IndentedBlock, set[cst.CSTNode]] = {}
        """Block -> the statements taken out of it."""
        self.undefined: set[str] = set()
        """Names of the module whose definitions are taken out of it."""
        self._above: set[int] = set()
        """ids of statements that go with the comments right above them."""
        self._new: dict[int, list[cst.CSTNode]] = {}
        self._before: dict[int, list[cst.CSTNode]] = {}
        self._after: dict[int, list[cst.CSTNode]] = {}
        self._first: set[int] = set()
        """ids of docstrings whose `after` takes over the blank lines behind them."""
        self._dirty: set[int] = set()
        self._inside: dict[int, set[int]] = {}
        """id of a body's owner -> ids of its statements in which, or beside which, something changes."""
        self._origins: dict[int, tuple[cst.CSTNode, cst.CSTNode]] = {}
        """id of a rebuilt node -> that node and the old one."""
        self._gone: Counter[str] = Counter()
        self._kept: Counter[str] = Counter()
        for change in changes:
            self._take(change)
        if self._dirty & self._new.keys():
            raise ValueError("one change of the fix lies inside another")
        if self._dirty:
            self._statements(tree.module)

    @property
    def lost(self) -> list[str]:
        """The comments that do not survive."""
        return list((self._gone - self._kept).elements())

    # The plan

    def _take(self, change: Change) -> None:
        match change:
            case AddImport():
                self.adds.append(change)
            case DropImport():
                self.drops.append(change)
            case Addition():
                self.additions.append(change)
            case Replace(node=node, new=new):
                self._replace(node, list(new))
            case Remove(node=node, above=above):
                self._replace(node, [])
                self._above |= {id(self._line_of(node))} if above else set()
            case InsertBefore(node=node, new=new):
                node = self._line_of(node)
                self._before.setdefault(id(node), []).extend(self._requoted(node, new))
                self._mark(node)
            case InsertAfter(node=node, new=new):
                node = self._line_of(node)
                self._after.setdefault(id(node), []).extend(self._requoted(node, new))
                self._mark(node)
            case InsertFirst(owner=owner, new=new):
                self._insert_first(owner, new)

    def _replace(self, node: cst.CSTNode, new: list[cst.CSTNode]) -> None:
        if not new or not all(isinstance(one, cst.BaseSmallStatement) for one in new):
            node = self._line_of(node)
        if id(node) in self._new:
            raise ValueError("two changes of the fix are for one node")
        self._new[id(node)] = self._requoted(node, new)
        self._mark(node)
        parent = self.tree.parent(node)
        if not new and isinstance(parent, cst.IndentedBlock):
            self.removed.setdefault(parent, set()).add(node)
        elif not new and isinstance(parent, cst.Module):
            self.undefined |= _defined(node)

    def _requoted(self, node: cst.CSTNode, new: Sequence[cst.CSTNode]) -> list[cst.CSTNode]:
        held = self.tree.fstring(node)
        if held is None:
            return list(new)
        quoted = requoted(held, new)
        if quoted is None:
            raise CannotFix("its quotes would end the f-string it stands in")
        return quoted

    def _line_of(self, node: cst.CSTNode) -> cst.CSTNode:
        """The line that holds nothing but a small statement; any other node itself."""
        parent = self.tree.parent(node)
        return parent if isinstance(parent, cst.SimpleStatementLine) and len(parent.body) == 1 else node

    def _mark(self, node: cst.CSTNode) -> None:
        inner = id(node)
        for one in self.tree.ancestors(node):
            if _is_block(one):
                self._inside.setdefault(id(one), set()).add(inner)
            if id(one) in self._dirty:
                return
            self._dirty.add(id(one))
            inner = id(one)

    def _insert_first(self, owner: cst.ClassDef | cst.FunctionDef, new: Sequence[cst.CSTNode]) -> None:
        first: cst.CSTNode = owner.body.body[0]
        small = first.body[0] if isinstance(first, cst.SimpleStatementLine) and len(first.body) == 1 else first
        if len(owner.body.body) == 1 and _is_placeholder(small):
            self._replace(small, list(new))
            return
        if isinstance(owner.body, cst.IndentedBlock):
            self._first.add(id(first))
        beside = self._after if isinstance(owner.body, cst.IndentedBlock) and _is_docstring(small) else self._before
        beside.setdefault(id(first), [])[:0] = new
        self._mark(first)

    def _is_touched(self, node: object) -> TypeGuard[cst.CSTNode]:
        one = id(node)
        return one in self._dirty or one in self._new or one in self._before or one in self._after

    # Statements

    def _statements(self, owner: cst.Module | cst.IndentedBlock) -> None:
        """Edit the touched statements of a body."""
        body, places = owner.body, self.tree.places(owner)
        touched = sorted(places[one] for one in self._inside[id(owner)])
        emptied = len(touched) == len(body) and not any(
            self._new.get(id(one)) != [] or id(one) in self._before or id(one) in self._after for one in body
        )
        gone = [index for index in touched if self._new.get(id(body[index])) == [] and not self._is_beside(body[index])]
        for index in touched:
            one = body[index]
            assert isinstance(one, Line)
            replaced = id(one) in self._new
            inserted = id(one) in self._before or id(one) in self._after
            ahead = body[index - 1] if index else None
            following = body[index + 1] if index + 1 < len(body) else None
            if not replaced and inserted and id(one) not in self._dirty:
                self._insert(owner, one, ahead, following)
            elif replaced and not self._new[id(one)] and not inserted:
                if emptied and one is body[-1] and isinstance(owner, cst.IndentedBlock):
                    self._write(one, [cst.SimpleStatementLine([cst.Pass()], leading_lines=one.leading_lines)])
                elif emptied or not (index - 1 in gone and self._is_next(body[index - 1], one)):
                    last = one
                    for number in range(index + 1, len(body)):
                        end = body[number]
                        if emptied or number not in gone or not isinstance(end, Line) or not self._is_next(last, end):
                            break
                        last = end
                    self._remove(one, index == 0 and isinstance(owner, cst.IndentedBlock), last)
            elif not replaced and not inserted and (blocks := self._touched_blocks(one)) is not None:
                for block in blocks:
                    self._statements(block)
            else:
                new = self._rebuilt_statement(one)
                self._space(owner, one, new, ahead, following)
                self._write(one, new)

    def _is_next(self, one: cst.CSTNode, other: Line) -> bool:
        """Whether only blank lines stand between two statements and the comments that go with the second."""
        return not self.tree.text[self.tree.outer(one)[1] : self._start(other)].strip()

    def _start(self, one: Line) -> int:
        """Where what goes with a statement that is taken out begins."""
        text, start = self.tree.text, self._head(one)
        while id(one) in self._above and start:
            above = text.rfind("\n", 0, start - 1) + 1
            if not text[above:start].lstrip().startswith("#"):
                break
            start = above
        return start

    def _is_beside(self, one: cst.CSTNode) -> bool:
        """Whether something is put in beside a statement."""
        return id(one) in self._before or id(one) in self._after

    def _touched_blocks(self, node: cst.CSTNode) -> list[cst.IndentedBlock] | None:
        """The indented blocks of a compound statement in which something changes; None if more than those changes."""
        found: list[cst.IndentedBlock] = []
        for child in children(node):
            if not self._is_touched(child):
                continue
            if id(child) in self._new:
                return None
            if isinstance(child, cst.IndentedBlock):
                found.append(child)
            elif isinstance(child, _CLAUSES) and (inner := self._touched_blocks(child)) is not None:
                found += inner
            else:
                return None
        return found

    def _rebuilt_statement(self, old: Line) -> list[Line]:
        """What stands in the place of a statement, with what goes before and behind it."""
        new = [as_line(one) for one in self._rebuilt(old)]
        if new:
            new[0] = dressed(old, new, lambda: [comment for _, comment in self._written(old, new).comments])
        before = [as_line(one) for one in self._before.get(id(old), ())]
        after = [as_line(one) for one in self._after.get(id(old), ())]
        if before and new:
            blank, attached = split_leading(old)
            before[0] = with_leading(before[0], [*blank, *before[0].leading_lines])
            if [*new[0].leading_lines] == [*old.leading_lines]:
                new[0] = with_leading(new[0], attached)
        return [*before, *new, *after]

    def _written(self, place: Line, new: Iterable[Line]) -> Recorder:
        """New lines, written as deep as a statement of the file stands."""
        module = self.tree.module
        writer = Recorder(module.default_indent, module.default_newline, self.tree.indent(place))
        for one in new:
            writer.write(one)
        return writer

    # Edits

    def _newlines(self, code: str) -> str:
        newline = self.tree.module.default_newline
        return NEWLINE.sub(newline, code) if newline != "\n" else code

    def _insert(self, owner: cst.CSTNode, one: Line, ahead: cst.CSTNode | None, following: cst.CSTNode | None) -> None:
        """Put whole lines in front of a statement or behind it."""
        start, end = self.tree.outer(one)
        before = [as_line(new) for new in self._before.get(id(one), ())]
        after = [as_line(new) for new in self._after.get(id(one), ())]
        if before and id(one) in self._first:
            self._insert_lines(owner, start, before, None, one, self._code(one, before))
        elif before:
            at = self._above_comments(one)
            self._insert_lines(owner, at, before, ahead, one, self._code(one, before))
        if after:
            code = self._code(one, after)
            if id(one) in self._first and following is not None:  # the docstring and what follows keep their distance
                gap = blank_lines_after(self.tree.text, end) - _leading_blanks(after[0])
                code = self.tree.module.default_newline * gap + code
            self._insert_lines(owner, end, after, one, following, code)

    def _code(self, neighbour: Line, new: list[Line]) -> str:
        """New lines, written as deep as a statement that stands beside them."""
        writer = self._written(neighbour, new)
        self._kept.update(comment for _, comment in writer.comments)
        return self._newlines(writer.finish())

    def _insert_lines(
        self,
        owner: cst.CSTNode,
        at: int,
        new: list[Line],
        ahead: cst.CSTNode | None,
        following: cst.CSTNode | None,
        code: str,
    ) -> None:
        text, newline, wide = self.tree.text, self.tree.module.default_newline, _blank_lines(owner)
        if ahead is not None and (_is_definition(new[0]) or _is_definition(ahead)):
            missing = wide - _leading_blanks(new[0]) - blank_lines_before(text, at)
            code = newline * (missing - (len(code) - len(code.lstrip("\r\n"))) // len(newline)) + code
        if following is not None and (_is_definition(new[-1]) or _is_definition(following)):
            code += newline * (wide - blank_lines_after(text, at))
        if at == len(text) and at and text[-1] not in "\r\n":
            code = newline + code.removesuffix(newline)
        self.edits.append(Edit(at, at, code, lines=True))

    def _space(
        self,
        owner: cst.CSTNode,
        old: Line,
        new: list[Line],
        ahead: cst.CSTNode | None,
        following: cst.CSTNode | None,
    ) -> None:
        """Put blank lines around a class or function that takes the place of something else."""
        if not new or (_is_definition(old) and not self._before.get(id(old)) and not self._after.get(id(old))):
            return
        text, newline, wide = self.tree.text, self.tree.module.default_newline, _blank_lines(owner)
        start, end = self.tree.outer(old)
        if ahead is not None and _is_definition(new[0]):
            missing = wide - _leading_blanks(new[0]) - blank_lines_before(text, start)
            if missing > 0:
                self.edits.append(Edit(start, start, newline * missing, lines=True))
        for index in range(1, len(new)):
            if _is_definition(new[index]) or _is_definition(new[index - 1]):
                missing = wide - _leading_blanks(new[index])
                new[index] = with_leading(new[index], [*_blanks(missing), *new[index].leading_lines])
        missing = wide - blank_lines_after(text, end)
        if following is not None and _is_definition(new[-1]) and missing > 0:
            self.edits.append(Edit(end, end, newline * missing, lines=True))

    def _head(self, one: Line) -> int:
        """Where the line of a statement (or of its first decorator) begins, behind the lines that lead up to it."""
        return self.tree.outer(one.leading_lines[-1])[1] if one.leading_lines else self.tree.outer(one)[0]

    def _above_comments(self, one: Line) -> int:
        """Where the comments right above a statement begin; those that open a file are not the statement's."""
        text, head = self.tree.text, self._head(one)
        at, first = head, one is self.tree.module.body[0]
        while at > (0 if first else self.tree.outer(one)[0]):
            above = at - len(newline_before(text, at))
            begin = max(text.rfind("\n", 0, above), text.rfind("\r", 0, above)) + 1
            if not text[begin:above].lstrip().startswith("#"):
                return at
            at = begin
        return head if first else at

    def _remove(self, one: Line, first: bool, last: Line) -> None:
        """Take statements out, from one to the last that goes with it."""
        start, end = self._start(one), self.tree.outer(last)[1]
        self._gone.update(self.tree.comments_between(start, end))
        self.edits.append(without_lines(self.tree.text, start, end, first and not _has_comment(one.leading_lines)))

    def _write(self, old: Line, new: list[Line]) -> None:
        """Edit an old statement into new ones, leaving alone what stands in both."""
        text = self.tree.text
        start, end = self.tree.outer(old)
        writer = self._written(old, new)
        code = writer.finish()
        # The last newline stays, so that no edit reaches the next line; at the end of a file there may be none.
        end -= len(newline_before(text, end))
        code = code[: len(code) - len(newline_before(code, len(code)))]
        at = [min(place, len(code)) for place in writer.at]
        done = 0
        for first, last, old_start, old_end in sorted(self._anchors(writer, at)):
            inside = done <= first < last and start <= old_start and old_end <= end
            if inside and text[old_start:old_end] == code[first:last]:
                self._gap(start, old_start, code, done, first, writer)
                start, done = old_end, last
        self._gap(start, end, code, done, len(code), writer)

    def _anchors(self, writer: Recorder, at: list[int]) -> Iterator[tuple[int, int, int, int]]:
        """(start, end) in what was written and in the old text of parts that both have.

        These are the nodes of the old tree, and the brackets and keywords of the rebuilt ones.
        """
        skip = 0
        for node in writer.nodes:
            first, last = writer.outer[id(node)]
            if first < skip:
                continue
            if self.tree.holds(node):
                yield at[first], at[last], *self.tree.outer(node)
                skip = last
            elif id(node) in self._origins:
                new, old = writer.own(node), self.tree.own(self._origins[id(node)][1])
                if [writer.tokens[place] for place in new] == [self.tree.text[start:end] for start, end in old]:
                    for place, (start, end) in zip(new, old, strict=True):
                        yield at[place], at[place + 1], start, end

    def _gap(self, start: int, end: int, code: str, first: int, last: int, writer: Recorder) -> None:
        """Edit what stands between two parts that stay."""
        new = code[first:last]
        if self.tree.text[start:end] != new:
            self._gone.update(self.tree.comments_between(start, end))
            self._kept.update(comment for place, comment in writer.comments if first <= writer.at[place] < last)
            self.edits.append(Edit(start, end, self._newlines(new)))

    # Rebuilding

    def _rebuilt(self, node: cst.CSTNode) -> list[Any]:
        """What stands in the place of a node; itself if nothing touches it."""
        if id(node) in self._new:
            return self._new[id(node)]
        if id(node) not in self._dirty:
            return [node]
        changes: dict[str, Any] = {}
        for field in fields(node):
            value = getattr(node, field.name)
            if isinstance(value, cst.CSTNode):
                if self._is_touched(value):
                    changes[field.name] = self._child(node, value)
            elif isinstance(value, list | tuple) and any(self._is_touched(one) for one in value):
                changes[field.name] = self._children_of(node, value)
        if isinstance(node, cst.SimpleStatementLine):
            lines = resplit(node, changes["body"])
            self._origins.update({id(one): (one, node) for one in lines[:1]})
            return lines
        if isinstance(node, cst.SimpleStatementSuite):
            return reblock(node, changes["body"])
        if isinstance(node, cst.Call) and changes.get("args") == []:
            changes["whitespace_before_args"] = cst.SimpleWhitespace("")
        if isinstance(node, cst.ClassDef):
            bases, keywords = changes.get("bases", node.bases), changes.get("keywords", node.keywords)
            if not bases and not keywords:
                changes.update(lpar=cst.MaybeSentinel.DEFAULT, rpar=cst.MaybeSentinel.DEFAULT)
            elif node.keywords and not keywords:
                changes["bases"] = [*bases[:-1], bases[-1].with_changes(comma=node.keywords[-1].comma)]
        if isinstance(node, cst.Param | cst.AnnAssign) and None in (changes.get("default", 0), changes.get("value", 0)):
            changes["equal"] = cst.MaybeSentinel.DEFAULT
        new = node.with_changes(**changes)
        self._origins[id(new)] = (new, node)
        return [new]

    def _child(self, parent: cst.CSTNode, old: cst.CSTNode) -> cst.CSTNode | None:
        if id(old) in self._before or id(old) in self._after:
            raise ValueError(f"nothing can stand beside a {type(old).__name__} of a {type(parent).__name__}")
        new = self._rebuilt(old)
        if len(new) > 1:
            raise ValueError(f"several nodes in the place of one {type(old).__name__} of a {type(parent).__name__}")
        return fitted(parent, old, new[0]) if new else None

    def _children_of(self, parent: cst.CSTNode, old: Sequence[cst.CSTNode]) -> list[cst.CSTNode]:
        """A list of nodes, rebuilt."""
        if _is_block(parent) and all(isinstance(one, cst.BaseStatement) for one in old):
            rebuilt: list[cst.CSTNode] = []
            for one in old:
                rebuilt += self._rebuilt_statement(as_line(one)) if self._is_touched(one) else [one]
            return rebuilt
        items: list[cst.CSTNode] = []
        alone = isinstance(parent, cst.SimpleStatementLine | cst.SimpleStatementSuite)
        for one in old:
            before, after = self._before.get(id(one), []), self._after.get(id(one), [])
            new = self._rebuilt(one)
            items += [as_line(extra) for extra in before] if alone else before
            items += [fitted(parent, one, new[0]), *new[1:]] if new else []
            items += [as_line(extra) for extra in after] if alone else after
        return separated(parent, old, items)


def _defined(node: cst.CSTNode) -> set[str]:
    """The names that a statement defines, as far as that is plain."""
    if isinstance(node, cst.FunctionDef | cst.ClassDef):
        return {node.name.value}
    if not isinstance(node, cst.SimpleStatementLine):
        return set()
    targets = [t.target for one in node.body if isinstance(one, cst.Assign) for t in one.targets]
    targets += [one.target for one in node.body if isinstance(one, cst.AnnAssign)]
    return {target.value for target in targets if isinstance(target, cst.Name)}


def _is_block(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Module | cst.IndentedBlock)


def _is_definition(node: object) -> bool:
    return isinstance(node, cst.ClassDef | cst.FunctionDef)


def _is_docstring(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Expr) and isinstance(node.value, cst.SimpleString | cst.ConcatenatedString)


def _is_placeholder(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Pass) or (isinstance(node, cst.Expr) and isinstance(node.value, cst.Ellipsis))


def _blank_lines(owner: cst.CSTNode) -> int:
    """How many blank lines stand around a definition at module level and inside something."""
    return 2 if isinstance(owner, cst.Module) else 1


def _blanks(count: int) -> list[cst.EmptyLine]:
    return [cst.EmptyLine(indent=False) for _ in range(count)]


def _leading_blanks(node: Line) -> int:
    count = 0
    for line in node.leading_lines:
        if line.comment is not None:
            break
        count += 1
    return count


def _has_comment(lines: Sequence[cst.EmptyLine]) -> bool:
    return any(line.comment is not None for line in lines)
