"""Functions of a project that return queries to other files: what these give, and all places that get one."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from ...index.facts import Attr, Call, CallSite, Expr, Name, Star
from ...index.project import FunctionSymbol, ModuleSymbol, VariableSymbol
from ...infer import Inference, Site
from ...types import Instance, without_none
from .given import GUESSED, PLAIN, GivenQuery, calls_of, entity_of, given_queries, stands_alone
from .loading import may_join
from .mentioned import handed_on, overridden, perhaps_called, replaced_names, told_by_name
from .queries import COLLECTIONS, EVIDENCE, MIDDLES, QUERY
from .sessions import is_session

_JOINING = frozenset({"join", "outerjoin", "select_from", "from_statement"})
_BULK = frozenset({"update", "delete"})
_GROWING = frozenset({"add_columns", "add_column", "add_entity", "with_entities", "from_statement"})
"""Methods behind which something else is selected."""


class Place(Struct, frozen=True):
    """A call, by its file and as `ast` counts."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    consumed: bool
    """Whether the query is run there, and not only handed on by a function that returns it in its turn."""


class Giver(Struct, frozen=True):
    """A function whose query is got in other files too, or is one of several that hand the same on."""

    qualname: str
    path: str
    group: str
    """All that must be repaired together is of one group."""
    members: int
    """How many places begin a query of the group, or run one."""
    calls: tuple[Place, ...]
    """All its calls."""
    files: tuple[str, ...]
    """The files of the group."""
    why: str = ""
    """Why it cannot be repaired."""
    guessed: str = ""
    """Where a function of the group is called on something of unknown type, and told by its name."""
    public: str = ""
    """A function of the group that code outside of the project may call."""
    entities: tuple[str, ...] = ()
    """The class of each item it selects; empty for a column, `?` for what is taken for a class by its name."""
    joined: bool = False
    """Whether other tables may multiply its rows."""
    spelled: bool = False
    """Whether `filter_by()` must say from then on which entity it is about."""
    used: tuple[str, ...] = ()
    """The methods of its query, sorted."""
    session: str = ""
    """The session's expression, as the function writes it."""
    root: str = ""
    """Where the session's expression begins with a name of the module: what that is."""

    @property
    def name(self) -> str:
        """How it is called."""
        return self.qualname.rpartition(".")[2]


def givers(types: Inference) -> Mapping[str, Giver]:
    """The functions that return queries to other files, by their qualified names."""
    return types.shared(_givers)


def session_at(types: Inference, giver: Giver, call: Call, site: Site) -> str:
    """The session of a function's query, as a place that calls it can write it; empty where it cannot.

    `app.db:session` where it must be imported from the module in front.
    """
    symbol = types.project.function(giver.qualname)
    return _session_at(types, giver.session, giver.root, symbol, call, site) if symbol is not None else ""


def _session_at(types: Inference, session: str, root: str, symbol: FunctionSymbol, call: Call, site: Site) -> str:
    first, _, rest = session.partition(".")
    if not first:
        return ""
    more = f".{rest}" if rest else ""
    passed = _argument(symbol, first, call)
    if passed is not None:
        text = dotted(passed)
        return text + more if text else ""
    if any(param.name == first for param in symbol.facts.params[1 if symbol.facts.owner else 0 :]):
        return ""
    if symbol.facts.owner and symbol.facts.params and symbol.facts.params[0].name == first:
        text = dotted(call.func.value) if isinstance(call.func, Attr) else ""
        return text + more if text else ""
    if not root or types.qualname(Name(first), site) == root:
        return session if root else ""
    module, _, name = root.rpartition(".")
    return f"{module}:{name}{more}" if _stays_the_same(types, root) else ""


def _stays_the_same(types: Inference, name: str) -> bool:
    """Whether a name of the project is a module, or bound once when its module is loaded: so it can be imported."""
    found = types.project.locate(name)
    if isinstance(found, ModuleSymbol):
        return "." in name and types.project.is_own(name)
    if not isinstance(found, VariableSymbol) or found.qualname != name or len(found.bindings) > 1:
        return False
    inside = [one for function in found.file.functions for one in function.scope.bindings]
    return types.project.is_own(name) and not any(one.how == "global" and one.name == found.name for one in inside)


def _argument(symbol: FunctionSymbol, name: str, call: Call) -> Expr | None:
    """What a call passes for a parameter; None where it does not, or not plainly."""
    if any(isinstance(arg, Star) for arg in call.args) or any(key == "**" for key, _ in call.keywords):
        return None
    for key, value in call.keywords:
        if key == name:
            return value
    names = [param.name for param in symbol.facts.params if param.kind in ("positional-only", "positional")]
    if symbol.facts.owner and Name("staticmethod") not in symbol.facts.decorators and isinstance(call.func, Attr):
        names = names[1:]
    index = names.index(name) if name in names else len(call.args)
    return call.args[index] if index < len(call.args) else None


def dotted(expr: Expr) -> str:
    """A name, or names with dots between, as source; empty for anything else."""
    if isinstance(expr, Name):
        return expr.id
    inner = dotted(expr.value) if isinstance(expr, Attr) else ""
    return f"{inner}.{expr.attr}" if isinstance(expr, Attr) and inner else ""


def _givers(types: Inference) -> dict[str, Giver]:
    queries = given_queries(types)
    calls = {name: list(calls_of(types, one.symbol)) for name, one in queries.items()}
    guessed: dict[str, str] = {}
    for name, one in queries.items():
        more = list(told_by_name(types, one.symbol))
        if more:
            calls[name] += more
            guessed[name] = f"{more[0][0].file.path}:{more[0][1].pos.line}"
    groups = _groups(queries)
    found: dict[str, Giver] = {}
    for group in groups:
        paths = {queries[name].symbol.file.path for name in group}
        paths.update([site.file.path for name in group for site, _ in calls[name]])
        if len(paths) > 1:
            place = next((guessed[name] for name in group if name in guessed), "")
            made = _Group(types, {name: queries[name] for name in group}, calls, tuple(sorted(paths))).givers()
            found.update({name: replace(one, guessed=place) for name, one in made.items()})
    return found


def _groups(queries: Mapping[str, GivenQuery]) -> list[list[str]]:
    """The functions that hand the same queries on, together."""
    root = {name: name for name in queries}

    def top(name: str) -> str:
        while root[name] != name:
            name = root[name]
        return name

    for name, one in queries.items():
        for other, _ in one.inner:
            root[top(name)] = top(other)
    found: dict[str, list[str]] = {}
    for name in queries:
        found.setdefault(top(name), []).append(name)
    return list(found.values())


# Judging them --------------------------------------------------------------------------------------------------------


class _Group:
    """Functions that hand the same queries on."""

    def __init__(
        self,
        types: Inference,
        queries: Mapping[str, GivenQuery],
        calls: Mapping[str, list[tuple[Site, CallSite]]],
        files: tuple[str, ...],
    ) -> None:
        self.types = types
        self.queries = queries
        self.calls = calls
        self.files = files
        self._made: dict[str, Giver] = {}

    def givers(self) -> dict[str, Giver]:
        """What is known of each."""
        places = {name: self._places(name) for name in self.queries}
        consumed = sum(place.consumed for found in places.values() for place in found)
        members = consumed + sum(len(one.seeds) for one in self.queries.values())
        group = f"queries of {min(self.queries)}"
        for name in self.queries:
            self._given(name, group, members, places)
        why = "" if consumed else "nobody in this project runs what it returns"
        why = why or next((w for name in self.queries if (w := self._refusal(name))), "")
        why = why or next((one.why for one in self._made.values() if one.why), "")
        why = why or next((w for name in self.queries if (w := self._out_of_reach(name, places[name]))), "")
        public = next((one.name for one in self._made.values() if not one.name.startswith("_")), "")
        return {name: replace(one, why=why, public=public) for name, one in self._made.items()}

    def _places(self, name: str) -> tuple[Place, ...]:
        found = []
        for site, one in self.calls[name]:
            inside = f"{site.file.module}.{site.function.qualname}" if site.function is not None else ""
            by = self.queries.get(inside)
            handed = by is not None and any(other == name and call == one.call for other, call in by.inner)
            pos = one.pos
            found.append(Place(site.file.path, pos.line, pos.column, pos.end_line, pos.end_column, consumed=not handed))
        return tuple(found)

    def _refusal(self, name: str) -> str:
        """Why a function cannot return a statement in the query's place; empty if it can."""
        symbol = self.queries[name].symbol
        facts, shown = symbol.facts, f"`{symbol.facts.name}()`"
        whole = self.types.project.function(name)
        if any(one not in PLAIN for one in facts.decorators):
            return f"{shown} is decorated, and who calls it then is not known"
        if whole is None or len(whole.overloads) > 1 or whole.facts is not facts:
            return f"{shown} is defined more than once"
        if facts.name in (symbol.file.exports or ()):
            return f"{shown} is exported by `__all__`, and who calls it is not known"
        if facts.returns is not None and not says_query(self.types, facts.returns, symbol):
            return f"{shown} says that it returns something else than a query"
        if other := overridden(self.types, symbol):
            return f"{shown} is overridden, or overrides another, in `{other}`"
        if place := handed_on(self.types, symbol):
            return f"{shown} is handed on as a function ({place})"
        if place := replaced_names(self.types).get(facts.name, ""):
            return f"tests replace {shown} by another ({place})"
        for site, one in self.calls[name]:
            where = f"({site.file.path}:{one.pos.line})"
            if site.function is None or site.klass is not None:
                return f"{shown} is called when a module is loaded {where}"
            if _is_bulk(one, site):
                return f"its rows are updated or deleted elsewhere {where}: write `update()` and `delete()` apart"
        if place := perhaps_called(self.types, symbol):
            return f"what is called so at {place} may be {shown}: its type is not known"
        return ""

    def _out_of_reach(self, name: str, places: tuple[Place, ...]) -> str:
        """Why a query cannot be run where it is got: it is handed on there, or its session has no name."""
        made = self._made[name]
        for (site, one), place in zip(self.calls[name], places, strict=True):
            if place.consumed and _is_returned(one, site):
                return f"it is returned on ({place.path}:{place.line}) to callers that are not all seen"
            if place.consumed and not session_at(self.types, made, one.call, site):
                return f"its session has no name where it is run ({place.path}:{place.line})"
        return ""

    def _given(self, name: str, group: str, members: int, places: Mapping[str, tuple[Place, ...]]) -> Giver:
        """What a function gives."""
        if name in self._made:
            return self._made[name]
        query = self.queries[name]
        made = Giver(name, query.symbol.file.path, group, members, places[name], self.files)
        self._made[name] = replace(made, why=f"`{made.name}()` calls itself")
        arms = [self._selected(made, query, seed) for seed in query.seeds]
        for other, call in query.inner:
            inner = self._given(other, group, members, places)
            session = session_at(self.types, inner, call, query.site)
            root = inner.root if session == inner.session else self._root(session, query)
            arms.append(
                replace(
                    inner, qualname=name, path=made.path, calls=made.calls, session=session, root=root, why=inner.why
                )
            )
        made = self._merged(arms)
        made = self._behind(made, query)
        if not made.session and not made.why:
            made = replace(made, why=f"the session of `{made.name}()` has no name where its query is run")
        self._made[name] = made
        return made

    def _root(self, session: str, query: GivenQuery) -> str:
        first = session.partition(".")[0]
        facts = query.symbol.facts
        local = any(param.name == first for param in facts.params) or any(b.name == first for b in facts.scope.bindings)
        return "" if local or not first else self.types.qualname(Name(first), query.site) or ""

    def _selected(self, made: Giver, query: GivenQuery, seed: Call) -> Giver:
        entities = []
        for arg in seed.args:
            cls = entity_of(self.types, arg, query.site)
            if cls is None:
                return replace(made, why=f"what `{made.name}()` selects is not known outside of its file")
            entities.append(cls)
        assert isinstance(seed.func, Attr)
        known = is_session(self.types, self.types.type_of(seed.func.value, query.site))
        telling = {*entities} - {"", GUESSED} or EVIDENCE & {name for name, _ in query.methods}
        if known is None and not telling:
            return replace(made, why=f"whether `{made.name}()` asks a session is not known")
        session = dotted(seed.func.value)
        several = len(entities) > 1
        joined = (several and any(entities)) or any(map(self._joins_itself, entities))
        return replace(
            made,
            entities=tuple(entities),
            joined=joined,
            spelled=several,
            session=session,
            root=self._root(session, query),
        )

    def _joins_itself(self, cls: str) -> bool:
        return bool(cls) and (cls == GUESSED or may_join(self.types, cls))

    def _merged(self, arms: list[Giver]) -> Giver:
        first = arms[0]
        for other in arms[1:]:
            if first.entities != other.entities:
                return replace(first, why=first.why or f"`{first.name}()` selects one thing or another")
            first = replace(
                first,
                why=first.why or other.why,
                joined=first.joined or other.joined,
                spelled=first.spelled or other.spelled,
                used=tuple(sorted({*first.used, *other.used})),
                session=first.session if first.session == other.session else "",
            )
        return first

    def _behind(self, made: Giver, query: GivenQuery) -> Giver:
        """What a function gives, with all methods it calls."""
        used = {*made.used, *[name for name, _ in query.methods]}
        if used & _GROWING and not made.why:
            made = replace(made, why=f"what `{made.name}()` selects changes on the way")
        multiplied = any(self._multiplies(name, call, made, query) for name, call in query.methods)
        return replace(
            made,
            used=tuple(sorted(used)),
            joined=made.joined or multiplied,
            spelled=made.spelled or bool(used & _JOINING),
        )

    def _multiplies(self, name: str, call: Call, made: Giver, query: GivenQuery) -> bool:
        """Whether other tables may come in by a method: conditions can name them, but for files with no other class."""
        if name in _JOINING or name == "options":
            return True
        if name not in ("filter", "where", "filter_by"):
            return False
        if any(isinstance(arg, Name | Star) for arg in call.args):
            return True
        return not stands_alone(self.types, query.symbol.file, made.entities)


def says_query(types: Inference, returns: Expr, symbol: FunctionSymbol) -> bool:
    """Whether an annotation says that a function returns a query, or says nothing."""
    if returns == Name("Any"):
        return True
    one = types.annotation(returns, types.definition_site(symbol.facts, symbol.file))
    one = without_none(one)
    return isinstance(one, Instance) and (one.cls in QUERY or one.cls in COLLECTIONS)


def _is_bulk(one: CallSite, site: Site) -> bool:
    """Whether the chain on a call updates or deletes."""
    scope = site.function.scope if site.function is not None else site.file.scope
    for other in scope.calls:
        inner: Expr = other.call
        if not isinstance(inner, Call) or not isinstance(inner.func, Attr) or inner.func.attr not in _BULK:
            continue
        while isinstance(inner, Call) and isinstance(inner.func, Attr):
            inner = inner.func.value
            if inner == one.call:
                return True
    return False


def _is_returned(one: CallSite, site: Site) -> bool:
    """Whether a function returns what a call gives as it is, or with more methods of a query on it."""
    for value, _, _ in site.function.returned if site.function is not None else ():
        inner = value
        while isinstance(inner, Call) and isinstance(inner.func, Attr) and inner.func.attr in MIDDLES:
            inner = inner.func.value
        if inner == one.call:
            return True
    return False
