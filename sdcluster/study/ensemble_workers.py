"""The workers of an ensemble: threads of this process, or the workers of a dask cluster.

`in_threads` and `on_cluster` take a `Question` and tasks, and yield the `Part` of each task in the order of the tasks.
Threads and clusters give the same results.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import numpy as np

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.run.ordered import ordered
from sdcluster.study.ensemble_part import Machine, Part, Question, answer, packed

Task = tuple[int, np.ndarray, np.ndarray | None]  # index of the first run, points, scenarios
AHEAD = 3  # for each thread of a cluster, the most parts that are in work or wait to be fetched


def in_threads(question: Question, tasks: Iterable[Task], workers: int) -> Iterator[Part]:
    """Yield the parts, computed in threads; machine code runs without Python's lock, so threads use all cores."""
    machine = Machine(question)
    return ordered(lambda task: machine.part(*task), tasks, workers)


def on_cluster(question: Question, tasks: Iterable[Task], client: Any) -> Iterator[Part]:
    """Yield the parts, computed on the workers of a cluster; if a worker dies, another worker repeats its parts.

    Parameters
    ----------
    question : Question
    tasks : iterable of Task
        Tasks; they are taken from the iterable as parts are fetched, so that few points are in memory.
    client : dask.distributed.Client
    """
    check_client(client)
    name, content = packed(question)
    # The question is created by a task instead of scattered, so that the scheduler repeats the task if a worker dies.
    shared = client.submit(bytes, content, pure=False)
    rest, waiting = iter(tasks), deque[Any]()
    try:
        while True:
            room = AHEAD * max(2, sum(client.nthreads().values())) - len(waiting)
            waiting.extend(
                client.submit(answer, name, shared, *task, pure=False)
                for task in islice(rest, max(room, 0))
            )
            if not waiting:
                return
            yield waiting.popleft().result()
    finally:
        client.cancel(list(waiting))


def check_client(client: Any) -> None:
    """Raise an error unless the object is a client of dask.distributed.

    Raises
    ------
    ModelError
        For any other object, an asynchronous client, and if dask.distributed is not installed.
    """
    try:
        from distributed import Client
    except ImportError:
        raise ModelError(message("study.client_needs_dask_distributed")) from None
    if not isinstance(client, Client) or client.asynchronous:
        raise ModelError(message("study.client_takes_dask_distributed", name=type(client).__name__))
