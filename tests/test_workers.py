"""Processes that stay: who gets what, what they know of each other's work, and how they end."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator, Sequence

import pytest

from trueup.workers import Died, Workers

State = dict[str, int]
ITEMS = [(f"{n}.py", n) for n in range(100)]


def note_who(state: State) -> None:
    state["who"] = os.getpid()


def add(state: State, name: str, number: int) -> None:
    state[name] = state.get(name, 0) + number


def look(state: State, items: Sequence[tuple[str, int]], more: int) -> list[tuple[str, int, int]]:
    return [(path, number + more + state.get("given", 0), state["who"]) for path, number in items]


def slowly(state: State, items: Sequence[tuple[str, int]], first: int) -> int:
    if os.getpid() == first:
        time.sleep(0.02 * len(items))
    return len(items)


def fail(state: State, items: Sequence[tuple[str, int]]) -> None:
    raise LookupError(items[0][0])


def die(state: State, items: Sequence[tuple[str, int]]) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture
def workers() -> Iterator[Workers[State]]:
    made = Workers[State]({"given": 1}, 2, note_who)
    yield made
    made.close()


def asked(workers: Workers[State], items: Sequence[tuple[str, int]] = ITEMS) -> dict[str, tuple[int, int]]:
    return {path: (number, who) for share in workers.ask(look, items, 10) for path, number, who in share}


def test_all_is_done_once_and_each_process_has_a_state_of_its_own(workers: Workers[State]) -> None:
    found = asked(workers)
    assert {path: number for path, (number, _) in found.items()} == {path: n + 11 for path, n in ITEMS}
    assert os.getpid() not in {who for _, who in found.values()}
    workers.tell(add, "given", 5)
    assert {number - n for (number, _), (_, n) in zip(asked(workers).values(), ITEMS, strict=False)} != {11}
    assert asked(workers)["7.py"][0] == 7 + 16


def test_a_file_goes_to_the_process_that_had_it(workers: Workers[State]) -> None:
    first = asked(workers, ITEMS[:20])
    again = asked(workers, ITEMS[:20])
    assert sum(first[path][1] == again[path][1] for path, _ in ITEMS[:20]) >= 10  # what is idle helps the other


def test_nobody_waits_for_one_that_is_slow(workers: Workers[State]) -> None:
    slow = asked(workers)["0.py"][1]
    assert sum(workers.ask(slowly, ITEMS, slow)) == len(ITEMS)


def test_nothing_to_do(workers: Workers[State]) -> None:
    assert asked(workers, []) == {}


def test_what_fails_there_is_raised_here(workers: Workers[State]) -> None:
    with pytest.raises(LookupError):
        list(workers.ask(fail, ITEMS))
    with pytest.raises(Died):
        asked(workers)


@pytest.mark.skipif(os.name == "nt", reason="no such signal")
def test_a_process_that_is_killed(workers: Workers[State]) -> None:
    with pytest.raises(Died):
        list(workers.ask(die, ITEMS))


def test_they_end_when_nobody_asks_any_more() -> None:
    made = Workers[State]({}, 2, note_who)
    pids = {who for _, who in asked(made).values()}
    made.close()
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_whoever_stops_listening_ends_them(workers: Workers[State]) -> None:
    for _ in workers.ask(look, ITEMS, 0):
        break
    with pytest.raises(Died):
        workers.tell(add, "given", 1)
