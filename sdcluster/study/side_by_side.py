"""Runs several searches at the same time and evaluates their points in common batches.

`side_by_side` takes a list of searches and returns their results. Each search is a function that calls `ask` to
evaluate a point.

A search of a library, such as scipy's least squares, asks for one point after another and cannot be paused in between.
Therefore each search runs in its own thread, which waits while its points are evaluated. Only one thread runs at any
time, so the order of all steps is fixed and no data race can occur.
"""

from __future__ import annotations

import contextvars
import threading
from collections import deque
from collections.abc import Callable, Generator, Sequence
from typing import Generic, TypeVar

import numpy as np

TOGETHER = 32  # the most searches that run at the same time

Result = TypeVar("Result")
Ask = Callable[[np.ndarray], np.ndarray]
Work = Callable[[Ask], Result]


def side_by_side(
    answer: Ask, works: Sequence[Work[Result]], done: Callable[[int], None] | None = None
) -> list[Result]:
    """Run all searches, and return their results in the order of `works`.

    Parameters
    ----------
    answer : callable
        Evaluates points, shape (n, dimensions), and returns n rows. Each row must depend only on its own point.
    works : sequence of callable
        The searches. Each is called with `ask`, a function with the same arguments and results as `answer`.
    done : callable, optional
        Called with the number of searches that have ended.
    """
    results: dict[int, Result] = {}
    rest = deque(enumerate(works))
    alive: dict[int, Generator[np.ndarray, np.ndarray, Result]] = {}
    asked: dict[int, np.ndarray] = {}

    def go_on(number: int, rows: np.ndarray | None) -> None:
        try:
            asked[number] = alive[number].send(rows)  # type: ignore[arg-type]
        except StopIteration as end:
            results[number] = end.value
            asked.pop(number, None)
            del alive[number]

    try:
        while len(results) < len(works):
            while rest and len(alive) < TOGETHER:
                number, work = rest.popleft()
                alive[number] = _paused(work)
                go_on(number, None)
            if done is not None:
                done(len(results))
            if not asked:
                continue
            order = list(asked)
            ends = np.cumsum([len(asked[number]) for number in order])
            rows = np.split(answer(np.concatenate([asked[n] for n in order])), ends[:-1])
            for number, own in zip(order, rows, strict=True):
                go_on(number, own)
    finally:
        for running in alive.values():
            running.close()
    return [results[number] for number in range(len(works))]


class _Stopped(BaseException):
    """Raised in a thread whose result is no longer needed."""


class _Thread(Generic[Result]):
    """A search in its own thread; the thread and its caller run alternately.

    Parameters
    ----------
    work : callable
    """

    def __init__(self, work: Work[Result]) -> None:
        self._work = work
        self._turn, self._handed_back = threading.Semaphore(0), threading.Semaphore(0)
        self._stopped = False
        self.question: np.ndarray | None = None
        self.answer: np.ndarray | None = None
        self.result: list[Result] = []
        self.error: BaseException | None = None
        context = contextvars.copy_context()
        self._thread = threading.Thread(target=context.run, args=(self._run,), daemon=True)

    def start(self) -> None:
        """Start the search, and wait until it asks for points or ends."""
        self._thread.start()
        self._handed_back.acquire()

    def go_on(self) -> None:
        """Give the search the answer, and wait until it asks for further points or ends."""
        self._turn.release()
        self._handed_back.acquire()

    def stop(self) -> None:
        """Stop the search at its current or next request, and wait until its thread has ended."""
        self._stopped = True
        self._turn.release()
        self._thread.join()

    def _run(self) -> None:
        try:
            self.result.append(self._work(self._ask))
        except BaseException as error:
            self.error = error
        self.question = None
        self._handed_back.release()

    def _ask(self, places: np.ndarray) -> np.ndarray:
        self.question = places
        self._handed_back.release()
        self._turn.acquire()
        if self._stopped:
            raise _Stopped
        assert self.answer is not None
        return self.answer


def _paused(work: Work[Result]) -> Generator[np.ndarray, np.ndarray, Result]:
    """Yield the points that a search asks for, receive the answer, and at last return the search's result."""
    thread = _Thread(work)
    try:
        thread.start()
        while thread.question is not None:
            thread.answer = yield thread.question
            thread.go_on()
    finally:
        thread.stop()
    if thread.error is not None:
        raise thread.error
    return thread.result[0]
