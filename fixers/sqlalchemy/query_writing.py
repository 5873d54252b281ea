"""Writes a chain on `session.query(...)` as a statement, and the call of the session that runs it."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from msgspec import Struct

from trueup.change import CannotFix, Change, DropImport, Replace, Site, keyword
from trueup.libraries.sqlalchemy.queries import SQLALCHEMY, Act, Form, Link, QueryRewrite

from .query_layout import WIDTH, broken, comment_behind, has_lines, indent_of, plain, too_long, wrapped

_SELECT = ("sqlalchemy.sql", "sqlalchemy", "sqlalchemy.sql.expression", "sqlalchemy.sql.selectable")
"""Where `Select` is, first where it is in 1.4 too."""
_SAID = (
    ("sqlalchemy.orm", "Query"),
    *[(one, name) for one in ("collections.abc", "typing") for name in ("Iterable", "Iterator", "Sequence")],
    ("typing", "List"),
)
"""What annotations of queries are imported for."""
_ATOMS = (cst.Name, cst.Attribute, cst.Call, cst.Subscript, cst.BaseNumber, cst.BaseString, cst.List, cst.Dict, cst.Set)
"""What needs no brackets behind `==`."""


class _Step(Struct, frozen=True):
    """One method of the chain as it is written: `dot` is the attribute, `call` its call where it has one."""

    call: cst.Call | None
    dot: cst.Attribute | None
    subscript: cst.Subscript | None = None


class Writer:
    """One chain, taken apart."""

    def __init__(self, node: cst.CSTNode, clue: QueryRewrite, site: Site) -> None:
        self.clue = clue
        self.site = site
        self.node = node
        steps: list[_Step] = []
        inner = node
        for _ in clue.links:
            step, inner = _peeled(inner)
            steps.append(step)
        self.steps = tuple(reversed(steps))
        self.head = inner
        self.is_query = not clue.session and _is_query(inner)
        dots = [step.dot for step in self.steps if step.dot is not None]
        self.indent = indent_of(dots)
        self.lines = has_lines(dots)

    # Parts

    def query(self) -> cst.Call:
        """`session.query(...)`."""
        assert isinstance(self.head, cst.Call)
        return self.head

    def session(self) -> cst.BaseExpression:
        """The session's expression."""
        module, _, session = self.clue.session.rpartition(":")
        if module:
            name, _, rest = session.partition(".")
            name = self.site.name_for(module, name, at=self.node)
            session = f"{name}.{rest}" if rest else name
        if session:
            return self.site.expression(session)
        func = self.query().func
        assert isinstance(func, cst.Attribute)
        return func.value

    def name(self, name: str) -> cst.BaseExpression:
        """`select`, `update`, `func` ... as it can be had here."""
        return self.site.reference(SQLALCHEMY, name, at=self.node)

    def base(self) -> cst.BaseExpression:
        """What the statement begins with: `select(User)` of `session.query(User)`, or the variable."""
        if not self.is_query:
            assert isinstance(self.head, cst.BaseExpression)
            return self.head
        query = self.query()
        return query.with_changes(func=self.name(self.clue.verb), lpar=(), rpar=())

    def statement(self, base: cst.BaseExpression, *, parts: int | None = None) -> cst.BaseExpression:
        """The statement, without the method that ran it."""
        found = base
        for step, link in list(zip(self.steps, self.clue.links, strict=True))[:parts]:
            found = self._linked(found, step, link)
        return found

    def _linked(self, value: cst.BaseExpression, step: _Step, link: Link) -> cst.BaseExpression:
        if link.act in (Act.END, Act.DROP):
            return value
        if link.act is Act.SLICE:
            return self._slice(value, step, link)
        assert step.dot is not None
        if step.call is None:
            return step.dot.with_changes(value=value)
        dot = step.dot.with_changes(value=value)
        match link.act:
            case Act.KEEP:
                return step.call.with_changes(func=dot)
            case Act.RENAME:
                return step.call.with_changes(func=dot.with_changes(attr=cst.Name(link.text)))
            case Act.COMPARE:
                where = dot.with_changes(attr=cst.Name("where"))
                return step.call.with_changes(func=where, args=[self._compared(a, link.text) for a in step.call.args])
            case Act.OPTION:
                given = step.call.args[0].value if step.call.args else cst.Name("True")
                option = dot.with_changes(attr=cst.Name("execution_options"))
                return step.call.with_changes(func=option, args=[keyword(link.text, given)])
            case Act.LAZY:
                options = dot.with_changes(attr=cst.Name("options"))
                lazyload = self.site.reference("sqlalchemy.orm", "lazyload", at=self.node)
                every = cst.Call(lazyload, [cst.Arg(cst.SimpleString('"*"'))])
                return step.call.with_changes(func=options, args=[cst.Arg(every)])
        raise CannotFix(f"nothing is known of `{link.act}`")

    def _compared(self, arg: cst.Arg, entity: str) -> cst.Arg:
        """`name=x` -> `User.name == x`."""
        assert arg.keyword is not None
        value = arg.value
        if not isinstance(value, _ATOMS) and not value.lpar:
            value = value.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        left = cst.Attribute(self.site.expression(entity), cst.Name(arg.keyword.value))
        test = cst.Comparison(left, [cst.ComparisonTarget(cst.Equal(), value)])
        return arg.with_changes(value=test, keyword=None, equal=cst.MaybeSentinel.DEFAULT)

    def _slice(self, value: cst.BaseExpression, step: _Step, link: Link) -> cst.BaseExpression:
        if link.text:
            args = [self.site.expression(part.strip()) for part in link.text.split(",")]
            return _called(value, "slice", *args)
        assert step.subscript is not None
        item = step.subscript.slice[0].slice
        assert isinstance(item, cst.Slice)
        names = {one.dot.attr.value for one in self.steps if one.dot is not None}
        if item.lower is None and item.upper is None:
            return value
        if item.lower is None:
            assert item.upper is not None
            return _called(value, "limit", item.upper)
        if item.upper is None and "offset" not in names and "slice" not in names and self.is_query:
            return _called(value, "offset", item.lower)
        return _called(value, "slice", item.lower, item.upper or cst.Name("None"))

    # Wholes

    def run(
        self, statement: cst.BaseExpression, method: str, ends: list[tuple[str, tuple[cst.Arg, ...]]]
    ) -> cst.BaseExpression:
        """`session.method(statement)`, and what is called on the result; a dot in front of a name: no call."""
        if not self.clue.links or self.clue.links[-1].act is not Act.END:
            statement = statement.with_changes(lpar=(), rpar=())  # they go on around the whole
        more = sum(len(name) + 3 for name, _ in ends)
        call = self.inside(cst.Attribute(self.session(), cst.Name(method)), statement, more)
        found: cst.BaseExpression = call
        last = self.steps[-1].dot if self.steps and self.clue.links[-1].act is Act.END else None
        for index, (name, args) in enumerate(ends):
            whole = index == len(ends) - 1 and last is not None
            # Where the statement stands on one line, the method that runs it stays on its own.
            dot = cst.Dot() if not whole or last is None else plain(last.dot) if self.is_broken else last.dot
            attribute = cst.Attribute(found, cst.Name(name.removeprefix(".")), dot=dot)
            found = attribute if name.startswith(".") else cst.Call(attribute, args)
        return found

    @property
    def is_broken(self) -> bool:
        """Whether the statement itself is on several lines, broken at its dots."""
        kept = [s.dot for s, link in zip(self.steps, self.clue.links, strict=True) if s.dot and link.act is not Act.END]
        return has_lines(kept)

    def inside(self, func: cst.BaseExpression, value: cst.BaseExpression, more: int) -> cst.Call:
        """`func(value)`, on several lines where the chain is, or where it gets too long for one.

        `more` is the length of what follows.
        """
        if value.lpar and value.rpar:
            return _in_its_own_brackets(func, value)
        if not self.is_broken:
            more += len(self.site.new_code(func)) + 2
            indent = too_long(self.node, value, more, self.site)
            if indent is None:
                return cst.Call(func, [cst.Arg(value)])
            room = WIDTH - len(self.site.indent(self.node) + indent + self.site.default_indent)
            return wrapped(func, broken(value, room, indent, self.site), indent, None, self.site)
        last = self.steps[-1].dot if self.clue.links[-1].act is Act.END else None
        behind = comment_behind(last.dot) if last is not None else None
        return wrapped(func, value, self.indent, behind, self.site)

    def dot(self) -> cst.Dot:
        """The dot of one more method of the statement: on a line of its own where the others are."""
        for step, link in zip(reversed(self.steps), reversed(self.clue.links), strict=True):
            if step.dot is not None and link.act is not Act.END and isinstance(step.dot.dot, cst.Dot):
                space = step.dot.dot.whitespace_before
                if isinstance(space, cst.ParenthesizedWhitespace):
                    plain_line = space.with_changes(first_line=cst.TrailingWhitespace(), empty_lines=[])
                    return cst.Dot(whitespace_before=plain_line)
                return cst.Dot()
        return cst.Dot()


def written(node: cst.CSTNode, clue: QueryRewrite, site: Site) -> Iterator[Change]:
    """The changes that make a chain what its clue says, and what goes along with it."""
    for span, other in clue.more:
        place = site.at(span)
        if place is None:
            raise CannotFix(f"what goes along with it in line {span.line} is not written as a chain of methods")
        yield from written(place, other, site)
    if clue.form is Form.ANNOTATION:
        yield Replace(node, _annotation(node, clue, site))
        for module, name in _SAID:
            if name in site.code_for(node):
                yield DropImport(module, name)
        return
    writer = Writer(node, clue, site)
    if clue.session and isinstance(writer.head, cst.Call) and _is_query(writer.head):
        raise CannotFix("it begins with a query of its own")
    new = _FORMS[clue.form](writer)
    lpar, rpar = getattr(node, "lpar", ()), getattr(node, "rpar", ())
    if lpar and not new.lpar:
        new = new.with_changes(lpar=lpar, rpar=rpar)
    yield Replace(node, new)


def _annotation(node: cst.CSTNode, clue: QueryRewrite, site: Site) -> cst.BaseExpression:
    """`Select` or `Select[Any]`, in quotes where the old annotation was."""
    name = site.name_for(_SELECT, "Select", at=node)
    if clue.end:
        name = f"{name}[{site.name_for('typing', clue.end, at=node)}]"
    if isinstance(node, cst.SimpleString):
        return cst.SimpleString(f"{node.prefix}{node.quote}{name}{node.quote}")
    return site.expression(name)


def _statement(writer: Writer) -> cst.BaseExpression:
    return writer.statement(writer.base())


def _run(writer: Writer) -> cst.BaseExpression:
    clue = writer.clue
    statement = writer.statement(writer.base())
    if clue.one_row:
        statement = _called(statement, "limit", cst.Integer("1"), dot=writer.dot())
    ends: list[tuple[str, tuple[cst.Arg, ...]]] = [("unique", ())] if clue.unique else []
    if clue.end:
        ends.append((clue.end, ()))
    found = writer.run(statement, clue.run, ends)
    if clue.item:
        found = cst.Subscript(found, [cst.SubscriptElement(cst.Index(cst.Integer("0")))])
    return found


def _count(writer: Writer) -> cst.BaseExpression:
    """The rows of the statement, whatever it is."""
    statement = _called(writer.statement(writer.base()), "subquery", dot=writer.dot())
    counted = cst.Attribute(cst.Call(writer.name("select"), [cst.Arg(_count_call(writer))]), cst.Name("select_from"))
    if not writer.is_broken:
        return writer.run(cst.Call(counted, [cst.Arg(statement)]), "execute", [("scalar_one", ())])
    inner = wrapped(counted, statement, writer.indent, comment_behind(_last_dot(writer)), writer.site)
    outer = wrapped(cst.Attribute(writer.session(), cst.Name("execute")), inner, writer.indent, None, writer.site)
    return _called(outer, "scalar_one", dot=plain(_last_dot(writer)))


def _in_its_own_brackets(func: cst.BaseExpression, value: cst.BaseExpression) -> cst.Call:
    """`func(value)` of a value that stands in brackets, which become the call's."""
    space, end = value.lpar[-1].whitespace_after, value.rpar[0].whitespace_before
    plain = value.with_changes(lpar=value.lpar[:-1], rpar=value.rpar[1:])
    return cst.Call(func, [cst.Arg(plain, whitespace_after_arg=end)], whitespace_before_args=space)


def _last_dot(writer: Writer) -> cst.Dot | cst.MaybeSentinel:
    last = writer.steps[-1].dot
    return last.dot if last is not None else cst.MaybeSentinel.DEFAULT


def _count_call(writer: Writer) -> cst.Call:
    return cst.Call(cst.Attribute(writer.name("func"), cst.Name("count")))


def _count_rows(writer: Writer) -> cst.BaseExpression:
    """`select(func.count()).select_from(User).where(...)`."""
    query = writer.query()
    counted = cst.Call(writer.name("select"), [cst.Arg(_count_call(writer))])
    base = query.with_changes(func=cst.Attribute(counted, cst.Name("select_from")), lpar=(), rpar=())
    return writer.run(writer.statement(base), "execute", [("scalar_one", ())])


def _exists(writer: Writer) -> cst.BaseExpression:
    """`select(1).select_from(User).where(...).exists()`."""
    query = writer.query()
    one = cst.Call(writer.name("select"), [cst.Arg(cst.Integer("1"))])
    base = query.with_changes(func=cst.Attribute(one, cst.Name("select_from")), lpar=(), rpar=())
    return writer.statement(base)


def _ask_exists(writer: Writer) -> cst.BaseExpression:
    inner = writer.query().args[0].value
    select = _called(inner, "select")
    return cst.Call(cst.Attribute(writer.session(), cst.Name("scalar")), [cst.Arg(select)])


def _get(writer: Writer) -> cst.BaseExpression:
    """`session.get(User, key, options=[...])`."""
    query, end = writer.query(), writer.steps[-1].call
    assert end is not None
    args = [cst.Arg(query.args[0].value, comma=_COMMA), end.args[0].with_changes(comma=cst.MaybeSentinel.DEFAULT)]
    options: list[cst.BaseElement] = []
    extra: list[cst.Arg] = []
    for step in writer.steps[:-1]:
        assert step.call is not None and step.dot is not None
        match step.dot.attr.value:
            case "options":
                options += [_element(arg) for arg in step.call.args]
            case "populate_existing":
                extra.append(keyword("populate_existing", cst.Name("True")))
            case "with_for_update":
                extra.append(keyword("with_for_update", _lock(step.call)))
    if options:
        extra.insert(0, keyword("options", cst.List(_apart(options))))
    for arg in extra:
        args[-1] = args[-1].with_changes(comma=_COMMA)
        args.append(arg)
    method = cst.Attribute(writer.session(), cst.Name("get"))
    return end.with_changes(func=method, args=args, lpar=(), rpar=()) if not extra else cst.Call(method, args)


def _getter(writer: Writer) -> cst.BaseExpression:
    """`partial(session.get, User)`, for `session.query(User).get` as a function."""
    get = cst.Arg(cst.Attribute(writer.session(), cst.Name("get")), comma=_COMMA)
    return cst.Call(writer.site.reference("functools", "partial"), [get, cst.Arg(writer.query().args[0].value)])


_COMMA = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))


def _element(arg: cst.Arg) -> cst.BaseElement:
    return cst.StarredElement(arg.value) if arg.star == "*" else cst.Element(arg.value)


def _apart(elements: list[cst.BaseElement]) -> list[cst.BaseElement]:
    return [*(one.with_changes(comma=_COMMA) for one in elements[:-1]), elements[-1]]


def _lock(call: cst.Call) -> cst.BaseExpression:
    """`True`, or the arguments as a dict."""
    if not call.args:
        return cst.Name("True")
    items = []
    for arg in call.args:
        assert arg.keyword is not None
        items.append(cst.DictElement(cst.SimpleString(f'"{arg.keyword.value}"'), arg.value))
    return cst.Dict(items)


def _dml(writer: Writer) -> cst.BaseExpression:
    """`session.execute(update(User).where(...).values(...).execution_options(synchronize_session=...))`."""
    clue, end = writer.clue, writer.steps[-1].call
    assert end is not None
    statement = writer.statement(writer.base())
    given = list(end.args)
    if clue.verb == "update":
        values = next((a for a in given if _named(a) in ("", "values")), None)
        assert values is not None
        given.remove(values)
        last = end.args[-1]
        values = values.with_changes(
            keyword=None,
            equal=cst.MaybeSentinel.DEFAULT,
            comma=last.comma,
            whitespace_after_arg=last.whitespace_after_arg,
        )
        func = cst.Attribute(statement, cst.Name("values"), dot=writer.dot())
        statement = end.with_changes(func=func, args=[values], lpar=(), rpar=())
    for arg in given:
        option = keyword("synchronize_session", arg.value)
        func = cst.Attribute(statement, cst.Name("execution_options"), dot=writer.dot())
        statement = cst.Call(func, [option])
    return writer.run(statement, "execute", [(f".{clue.end}", ())] if clue.end else [])


def _named(arg: cst.Arg) -> str:
    return arg.keyword.value if arg.keyword is not None else ""


_FORMS = {
    Form.STATEMENT: _statement,
    Form.RUN: _run,
    Form.COUNT: _count,
    Form.COUNT_ROWS: _count_rows,
    Form.GET: _get,
    Form.GETTER: _getter,
    Form.EXISTS: _exists,
    Form.ASK_EXISTS: _ask_exists,
    Form.DML: _dml,
}


def _called(
    value: cst.BaseExpression, method: str, *args: cst.BaseExpression, dot: cst.Dot | None = None
) -> cst.BaseExpression:
    """`value.method(*args)`."""
    return cst.Call(cst.Attribute(value, cst.Name(method), dot=dot or cst.Dot()), [cst.Arg(arg) for arg in args])


def _peeled(node: cst.CSTNode) -> tuple[_Step, cst.CSTNode]:
    """The outermost method of a chain, and what is inside."""
    match node:
        case cst.Call(func=cst.Attribute() as dot):
            return _Step(node, dot), dot.value
        case cst.Attribute():
            return _Step(None, node), node.value
        case cst.Subscript():
            return _Step(None, None, node), node.value
    raise CannotFix("it is not written as a chain of methods")


def _is_query(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and node.func.attr.value == "query"
