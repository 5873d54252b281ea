"""`migrate-v2 --verify`: a step after which something is worse is taken back, and the others stand."""

from __future__ import annotations

from typing import Any

from trueup.verify.compare import Kind
from trueup.verify.judging import Judging, briefly
from trueup.verify.looking import State


def state(*imported: str, pydantic: str = "2.14.3", sqlalchemy: str = "2.1.9", **known: Any) -> State:
    empty: dict[str, Any] = {
        "python": "3.11", "versions": {"pydantic": pydantic, "sqlalchemy": sqlalchemy}, "failed": {}, "unknown": {},
        "ddl": {}, "homes": {}, "mapped": {}, "schemas": {},
    }  # fmt: skip
    return State(imported=list(imported), **{**empty, **known})


def failed(*names: str) -> dict[str, dict[str, str]]:
    return {name: {"error": "ImportError: no", "where": f"{name}.py:1"} for name in names}


def model(required: list[str], *, old: bool = False, **properties: Any) -> dict[str, Any]:
    return {"old": old, "schema": {"type": "object", "properties": properties, "required": required}}


class TestJudging:
    def test_what_could_be_imported_has_to_be_importable_still(self) -> None:
        judging = Judging(state("a", failed=failed("b")))
        assert judging.judge(state("a", "b"), models_stay=False) == []
        (wrong,) = judging.judge(state("a", failed=failed("b")), models_stay=False)
        assert (wrong.kind, wrong.name) == (Kind.MODULE, "b")
        assert briefly([wrong, wrong]) == "b cannot be imported any more: ImportError: no (b.py:1) (and 1 more)"
        assert judging.last.imported == ["a", "b"], "a step that is taken back is none"

    def test_what_fails_in_another_way_is_no_worse(self) -> None:
        judging = Judging(state(failed=failed("a")), state("a"))
        other = state(failed={"a": {"error": "TypeError: something else", "where": ""}})
        assert judging.judge(other, models_stay=False) == []

    def test_models_come_to_mean_what_they_meant(self) -> None:
        text = {"type": "string"}
        old = state("a", pydantic="1.10.2", schemas={"a.M": model(["x"], old=True, x=text, y=text)})
        wrong = state("a", schemas={"a.M": model(["x", "y"], x=text, y=text)})
        right = state("a", schemas={"a.M": model(["x"], x=text, y=text)})
        judging = Judging(wrong, old)
        assert [one.part for one in judging.standing.differences] == ["required"]
        assert judging.judge(right, models_stay=False) == []
        assert judging.standing.differences == []
        (one,) = judging.judge(wrong, models_stay=False)
        assert (one.kind, one.name, one.part) == (Kind.SCHEMA, "a.M", "required")

    def test_without_the_old_libraries_only_a_step_about_models_may_change_them(self) -> None:
        one, other = (state("a", schemas={"a.M": model([], x={"type": kind})}) for kind in ("string", "integer"))
        assert Judging(one).judge(other, models_stay=False) == []
        assert len(Judging(one).judge(other, models_stay=True)) == 1

    def test_what_is_seen_for_the_first_time_may_be_wrong_still(self) -> None:
        old = state("a", "b", pydantic="1.10.2", schemas={"b.M": model(["x"], old=True, x={"type": "string"})})
        hidden = state("a", failed=failed("b"))
        seen = state("a", "b", schemas={"b.M": model([], x={"type": "string"})})
        judging = Judging(hidden, old)
        assert judging.judge(seen, models_stay=False) == []
        assert [one.name for one in judging.standing.differences] == ["b.M"], "and is told at the end"

    def test_a_field_may_be_wrong_in_two_ways_before_it_is_right(self) -> None:
        old = state("a", pydantic="1.10.2", schemas={"a.M": model([], old=True, x={"type": "string"})})
        wrong = state("a", schemas={"a.M": model([], x={"type": "integer"})})
        otherwise = state("a", schemas={"a.M": model([], x={"enum": ["p"]})})
        harmed = state("a", schemas={"a.M": model([], x={"type": "integer"}, y={"type": "string"})})
        assert Judging(wrong, old).judge(otherwise, models_stay=False) == []
        assert len(Judging(wrong, old).judge(harmed, models_stay=False)) == 1

    def test_tables_stay_with_and_without_the_old_libraries(self) -> None:
        def tables(text: str, *names: str, **more: Any) -> State:
            return state(*names, ddl={"sqlite": {"t": [f"CREATE TABLE t ({text})"]}}, homes={"t": "a"}, **more)

        for first in (None, tables("x INTEGER", "a", sqlalchemy="1.4.54")):
            judging = Judging(tables("x INTEGER", "a"), first)
            assert judging.judge(tables("x INTEGER", "a"), models_stay=False) == []
            (wrong,) = judging.judge(tables("x FLOAT", "a"), models_stay=False)
            assert briefly([wrong]) == (
                "table t, sqlite: CREATE TABLE t (x INTEGER) -> CREATE TABLE t (x FLOAT)"
            )  # fmt: skip
            (gone,) = judging.judge(state("a"), models_stay=False)
            assert (gone.kind, gone.name) == (Kind.TABLE, "t")
            (new,) = judging.judge(
                state("a", ddl={"sqlite": {"t": ["CREATE TABLE t (x INTEGER)"], "u": ["CREATE TABLE u"]}}),
                models_stay=False,
            )
            assert (new.kind, new.name) == (Kind.TABLE, "u")

        restored = Judging(tables("x FLOAT", "a"), tables("x INTEGER", "a", sqlalchemy="1.4.54"))
        assert restored.judge(tables("x INTEGER", "a"), models_stay=False) == [], "as it was with the old library"

    def test_what_could_be_told_has_to_be_told_still(self) -> None:
        judging = Judging(state("a", mapped={"a.T": {}}))
        (wrong,) = judging.judge(
            state("a", mapped=None, unknown={"mapped": "InvalidRequestError: no"}), models_stay=False
        )
        assert briefly([wrong]) == "mapping mappings: can be told -> InvalidRequestError: no"
