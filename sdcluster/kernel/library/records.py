"""Named indices into the parameter vector: its head, and the records of conveyors, queues and similar devices.

Crosses the border: the classes, which document the fields of each record, and `spelled(source)`, which replaces the
names by numbers before a library function is copied or compiled.
"""

from __future__ import annotations

import re


class Clock:
    """Head of the parameter vector."""

    dt, start, stop = 0, 1, 2
    slack = 3  # tolerance for equal times
    pulse_slack = 4
    seed = 5
    length = 6  # cells of each buffer
    need = 7  # cells that the longest buffer requires
    origin, stride, parts = (
        8,
        9,
        10,
    )  # step i begins at (origin + i stride) / parts; integers if the step is a fraction
    now = 11  # wall-clock time at the start
    wish = 12  # cells of a buffer long enough to continue the run past its end


class Row:
    """Number of rows of observed values that the integration loops save together."""

    count = 8


class Lane:
    """Progress of one lane in an adaptive run."""

    time = 0
    begun, length = 1, 2  # start and length of the last step
    next = 3  # length of the next trial step
    row = 4  # number of the next saved time
    stop = 5  # number of the next stop
    fresh = 6  # whether the lane is at a stop, where derivatives may jump
    rejected = 7  # whether the last trial step was rejected
    evaluations = 8  # of the derivatives so far
    failed = 9  # reason for stopping:
    stuck, endless = 1.0, 2.0  # step size too small; too many evaluations
    size = 10


class Belt:
    """Record of a conveyor, followed by the records of its leaks and inflows."""

    head = 0  # cell of the slat that leaves next
    slats = 1  # in use
    depth = 2  # slats from entry to exit
    transit = 3  # time
    sample = 4  # whether the transit time is sampled in this step
    arrested = 5
    capacity = 6
    limit = 7  # of inflows
    content = 8
    leaving = 9  # in this step
    held = 10  # whether the exit is closed
    spent = 11  # part of the inflow limit used in this time unit
    room = 12  # remaining capacity in this step
    limit_left = 13  # in this step
    discrete = 14
    most = 15  # content at most so far
    unit = 16  # time unit to which `spent` refers
    released_head, released_slats = 17, 18  # values at the last `conveyor_release`
    exponential = 19  # whether leaks are exponential
    leaks = 20  # offset of the first leak's record

    @staticmethod
    def leak(k: int, number: int = 0) -> int:
        """Return the offset of a field of leak `k`."""
        return Belt.leaks + Leak.size * k + number

    @staticmethod
    def inflow(leaks: int, j: int, number: int = 0) -> int:
        """Return the offset of a field of inflow `j`; for `j` = number of inflows, the length of the record."""
        return Belt.leak(leaks) + Inflow.size * j + number


class Slat:
    """Rings of a conveyor: the content, then three for each leak."""

    leaks = 1  # number of the first leak's first ring
    share = 0  # scheduled linear leakage of each slat per step
    left = 1  # scheduled leakage of each slat until the exit
    taken = 2  # leakage in this step
    size = 3


class Leak:
    """Record of one leak."""

    leaving = 0  # in this step
    carried = 1  # carried over to later steps, for leaks of whole units
    fraction = 2
    zone_start, zone_end = 3, 4
    whole = 5  # whether only whole units leak
    held = 6  # whether leakage is blocked
    wanted = 7  # leakage before restriction to whole units
    size = 8


class Inflow:
    """Record of one inflow of a conveyor."""

    entering = 0  # in this step
    way = 1  # how the inflow is distributed, see `conveyor_enter`
    source = 2  # record of the conveyor from which the inflow leaks
    leak = 3  # number of the leak in that conveyor
    size = 4


class Queue:
    """Record of a queue."""

    front = 0  # cell of the front batch
    batches = 1
    content = 2
    taken = 3  # in this step
    held = 4  # whether an outflow was limited by its destination
    most = 5  # content at most so far
    size = 6


class Train(Queue):
    """Record of a train (DELAY CONVEYOR), a moving queue."""

    gone = 6  # distance moved, in transit times
    pace = 7  # distance moved in the last step
    size = 8


class Work:
    """Record of a batch process (DELAY BATCH)."""

    batch = 0  # amount being processed
    due = 1  # time of completion
    waiting = 2
    size = 3


class Response:
    """Record of a response (DELAY PROFILE)."""

    present = 0  # cell of the current step
    size = 1


_RECORDS = {
    c.__name__: c
    for c in (Clock, Row, Lane, Belt, Slat, Leak, Inflow, Queue, Train, Work, Response)
}
_NAME = re.compile(rf"\b({'|'.join(_RECORDS)})\.(\w+)")


def spelled(source: str) -> str:
    """Return the source with each named index replaced by its number."""
    return _NAME.sub(lambda found: str(getattr(_RECORDS[found[1]], found[2])), source)
