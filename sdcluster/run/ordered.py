"""Distributes work over several threads and returns the results in the order of the work.

`ordered(work, items, workers)` yields the results; `cores()` is the number of available cores.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import cache
from itertools import islice
from numbers import Integral
from typing import TypeVar

from sdcluster.errors import ModelError
from sdcluster.messages import message

Item = TypeVar("Item")
Result = TypeVar("Result")


def ordered(
    work: Callable[[Item], Result], items: Iterable[Item], workers: int
) -> Iterator[Result]:
    """Yield the result of `work` for each item, in the order of the items.

    At most two results per worker wait in memory.

    Parameters
    ----------
    work : callable
        The function to run on each item. Threads only help if this function releases Python's lock, as machine code and
        numpy do. The function must not call `ordered` with more than one worker, because all threads might then wait
        for each other.
    items : iterable
        The items of work. An item is taken from the iterable only when a thread is ready for it.
    workers : int
        Number of threads; with one, the calling thread does the work.
    """
    if workers == 1:
        yield from map(work, items)
        return
    rest, pool = iter(items), _pool(workers)
    waiting: deque[Future[Result]] = deque()
    try:
        while True:
            room = 2 * workers - len(waiting)
            waiting.extend(pool.submit(work, item) for item in islice(rest, room))
            if not waiting:
                return
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()
        wait(waiting)


def threads(workers: int | None) -> int:
    """Return the number of threads; by default one per core.

    Raises
    ------
    ModelError
        If the number is negative or not a whole number.
    """
    if workers is None:
        return cores()
    if isinstance(workers, bool) or not isinstance(workers, Integral) or workers < 0:
        raise ModelError(message("run.workers_takes_whole_number", workers=repr(workers)))
    return int(workers) or cores()


@cache
def _pool(workers: int) -> ThreadPoolExecutor:
    """Return a thread pool, which later calls reuse.

    A study may request a few runs thousands of times, and a new pool for each request would be slow.
    """
    return ThreadPoolExecutor(workers, "sdcluster-run")


if hasattr(os, "register_at_fork"):  # a forked process has no threads of its parent
    os.register_at_fork(after_in_child=_pool.cache_clear)


def cores() -> int:
    """Return the number of cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # the function does not exist on this system
        return os.cpu_count() or 1
