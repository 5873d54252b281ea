"""Processes that stay, each with the whole project, and are handed the same files again for as long as these change."""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .index.build import context

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import BaseContext
    from multiprocessing.process import BaseProcess

_State = TypeVar("_State")
_Item = TypeVar("_Item", bound=tuple[str, Any])
_Result = TypeVar("_Result")

_SHARES = 16
"""Into how many shares each process's part of the work is cut, so that none waits long for another."""
_LAST = 3
"""In as many shares each process gets what is left: they become smaller towards the end."""
_PATIENCE = 5.0
"""Seconds after which an idle process looks whether the one it works for is still there."""


class Died(Exception):
    """A process ended before it had answered, or all were closed."""


class Workers(Generic[_State]):
    """Some processes with a state of their own each, alike as long as all are told the same.

    A file goes to the process that had it before, which may have kept something of it, unless that has more to do
    than others.
    """

    def __init__(self, state: _State, count: int, begin: Callable[[_State], object]) -> None:
        """`state` is what each begins with; `begin` is called with it, in the process."""
        self._home: dict[str, int] = {}
        """Path -> the process that had it last."""
        self._later: list[list[tuple[Callable[..., object], tuple[object, ...]]]] = [[] for _ in range(count)]
        """What each process is to be told before anything else."""
        self._ends: list[Connection] = []
        self._processes: list[BaseProcess] = []
        how: BaseContext = context()
        for _ in range(count):
            here, there = how.Pipe()
            # A forked process has the open ends of those before it, which must not keep these from seeing theirs close.
            process = how.Process(target=_serve, args=(there, state, begin, [*self._ends, here]), daemon=True)  # type: ignore[attr-defined]
            process.start()
            there.close()
            self._ends.append(here)
            self._processes.append(process)

    def tell(self, function: Callable[..., object], *args: object) -> None:
        """Have each process call `function(state, *args)`; they go on by themselves. Raises Died."""
        if not self._ends:
            raise Died
        try:
            for number in range(len(self._ends)):
                self._send(number, function, args)
        except OSError as error:
            self.close()
            raise Died from error

    def spread(self, function: Callable[..., object], items: Iterable[_Item]) -> None:
        """Have each process call `function(state, items)` with those that others had, before it gets more to do."""
        every = list(items)
        for number, later in enumerate(self._later):
            others = [item for item in every if self._home.get(item[0]) != number]
            if others:
                later.append((function, (others,)))

    def ask(
        self,
        function: Callable[..., _Result],
        items: Sequence[_Item],
        *args: object,
        sizes: Mapping[str, int] | None = None,
    ) -> Iterator[_Result]:
        """What `function(state, share of items, *args)` gives for shares of the items, as these get done.

        `sizes`: how much work each is, by path; what stands side by side in `items` goes to one process where nothing
        else speaks. They are at work when this returns. Raises what the function raised, and Died; there are no
        processes any more then.
        """
        if not self._ends:
            raise Died
        todo = _Queues(items, self._home, len(self._ends), sizes or {})
        try:
            busy = [end for number, end in enumerate(self._ends) if self._hand(number, todo, function, args)]
        except OSError as error:
            self.close()
            raise Died from error
        return self._answers(busy, todo, function, args)

    def _answers(
        self, busy: list[Connection], todo: _Queues[_Item], function: Callable[..., _Result], args: tuple[object, ...]
    ) -> Iterator[_Result]:
        from multiprocessing.connection import Connection, wait

        try:
            while busy:
                for end in wait(busy):
                    assert isinstance(end, Connection)
                    failed, result = end.recv()
                    if failed:
                        raise result
                    if not self._hand(self._ends.index(end), todo, function, args):
                        busy.remove(end)
                    yield result
        except (EOFError, OSError) as error:
            self.close()
            raise Died from error
        except BaseException:
            self.close()
            raise

    def _hand(
        self, number: int, todo: _Queues[_Item], function: Callable[..., object], args: tuple[object, ...]
    ) -> bool:
        share = todo.share(number)
        if share:
            self._home.update((item[0], number) for item in share)
            self._send(number, function, (share, *args))
        return bool(share)

    def _send(self, number: int, function: Callable[..., object], args: tuple[object, ...]) -> None:
        for one in self._later[number]:
            self._ends[number].send(one)
        self._later[number].clear()
        self._ends[number].send((function, args))

    def close(self) -> None:
        """End the processes."""
        for end in self._ends:
            end.close()
        for process in self._processes:
            process.terminate()
            process.join()
        self._ends, self._processes = [], []


class _Queues(Generic[_Item]):
    """What is still to be done, by the process that had it before."""

    def __init__(self, items: Sequence[_Item], home: Mapping[str, int], count: int, sizes: Mapping[str, int]) -> None:
        self._largest = max(1, len(items) // (count * _SHARES))
        self._left = len(items)
        new = [item for item in items if item[0] not in home]
        total = sum([sizes.get(item[0], 1) for item in new]) + 1
        own: list[list[_Item]] = [[item for item in items if home.get(item[0]) == number] for number in range(count)]
        before = 0
        for item in new:  # what stands side by side needs the same answers
            own[before * count // total].append(item)
            before += sizes.get(item[0], 1)
        self._own = [deque(sorted(some, key=lambda item: -sizes.get(item[0], 1))) for some in own]

    def share(self, number: int) -> list[_Item]:
        """What a process is to do next: the largest that is its own, else the smallest of whoever has most."""
        own = self._own[number]
        queue = own or max(self._own, key=len)
        size = min(self._largest, max(1, self._left // (len(self._own) * _LAST)), len(queue))
        self._left -= size
        return [queue.popleft() if own else queue.pop() for _ in range(size)]


def _serve(end: Connection, state: Any, begin: Callable[[Any], object], others: Iterable[Connection]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever is asked decides what becomes of those who help
    parent = os.getppid()
    for other in others:
        other.close()
    begin(state)
    while True:
        try:
            if not end.poll(_PATIENCE):
                if os.getppid() != parent:
                    return
                continue
            function, args = end.recv()
        except (EOFError, OSError):
            return
        try:
            answer = False, function(state, *args)
        except Exception as error:  # noqa: BLE001 -- it is raised where it was asked for
            answer = True, error
        if answer[0] or answer[1] is not None:
            end.send(answer)
