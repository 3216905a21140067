"""Names for indices into the parameter vector, which holds the constants and memories of a run.

The attributes of the classes are indices. `Clock` names the first numbers of the vector. The other classes name the
fields of records. A record is a group of consecutive numbers for one device, such as a conveyor or a queue.
`spelled(source)` replaces the names by numbers before a library function is copied or compiled.
"""

from __future__ import annotations

import re


class Clock:
    """Indices of the first numbers in the parameter vector: times, tolerances, seed, lengths of buffers."""

    dt, start, stop = 0, 1, 2
    slack = 3  # tolerance for equal times
    pulse_slack = 4
    seed = 5
    length = 6  # number of cells of each buffer
    need = 7  # number of cells that the longest delay requires
    origin, stride, parts = (
        8,
        9,
        10,
    )  # step i begins at (origin + i stride) / parts, three integers if the time step is a fraction
    now = 11  # wall-clock time at the start of the run
    wish = 12  # number of cells with which the run could be continued past its end


class Row:
    """The number of rows of values that the integration loops collect before they save these rows together."""

    count = 8


class Lane:
    """Indices of the fields that record the progress of one lane in an adaptive integration.

    A lane is one of the runs that are integrated side by side.
    """

    time = 0
    begun, length = 1, 2  # start and length of the last step
    next = 3  # length of the next trial step
    row = 4  # index of the next saved time
    stop = 5  # index of the next time in `stops`
    fresh = 6  # whether the lane is at a time in `stops`, where derivatives may jump
    rejected = 7  # whether the last trial step was rejected
    evaluations = 8  # number of evaluations of the derivatives so far
    failed = 9  # why the integration stopped early, 0.0 while it has not:
    stuck, endless = 1.0, 2.0  # step size too small, too many evaluations
    size = 10


class Belt:
    """Indices of the fields in the record of a conveyor. The records of its leaks and inflows follow."""

    head = 0  # cell of the slat that leaves next
    slats = 1  # number of slats in use
    depth = 2  # number of slats from entry to exit
    transit = 3  # transit time
    sample = 4  # whether the transit time is sampled in this step
    arrested = 5  # whether the conveyor stands still
    capacity = 6
    limit = 7  # limit of the inflows
    content = 8
    leaving = 9  # outflow in this step, as an amount
    held = 10  # whether the exit is closed
    spent = 11  # part of the inflow limit used in this time unit
    room = 12  # remaining capacity in this step
    limit_left = 13  # remaining inflow limit in this step
    discrete = 14  # whether the conveyor is discrete
    most = 15  # largest content so far
    unit = 16  # time unit to which `spent` refers
    released_head, released_slats = 17, 18  # values at the last `conveyor_release`
    exponential = 19  # whether leaks are exponential
    leaks = 20  # offset of the first leak's record

    @staticmethod
    def leak(k: int, number: int = 0) -> int:
        """Return the offset of field `number` of leak `k` in the conveyor's record."""
        return Belt.leaks + Leak.size * k + number

    @staticmethod
    def inflow(leaks: int, j: int, number: int = 0) -> int:
        """Return the offset of field `number` of inflow `j` in the record of a conveyor with `leaks` leaks.

        If `j` is the number of inflows, the result is the length of the whole record.
        """
        return Belt.leak(leaks) + Inflow.size * j + number


class Slat:
    """Numbers that identify a conveyor's rings: ring 0 holds the content, and three rings follow for each leak."""

    leaks = 1  # number of the first ring of the first leak
    share = 0  # scheduled linear leakage of each slat per step
    left = 1  # scheduled leakage of each slat until the exit
    taken = 2  # leakage of each slat in this step
    size = 3


class Leak:
    """Indices of the fields in the record of one leak of a conveyor."""

    leaving = 0  # leakage in this step, as an amount
    carried = 1  # fraction of a unit carried over to later steps, for leaks of whole units
    fraction = 2  # leak fraction
    zone_start, zone_end = 3, 4
    whole = 5  # whether only whole units leak
    held = 6  # whether leakage is blocked
    wanted = 7  # leakage before restriction to whole units
    size = 8


class Inflow:
    """Indices of the fields in the record of one inflow of a conveyor."""

    entering = 0  # inflow in this step, as an amount
    way = 1  # how the inflow is distributed, see `conveyor_enter`
    source = 2  # record of the conveyor from which the inflow leaks
    leak = 3  # number of the leak in that conveyor
    size = 4


class Queue:
    """Indices of the fields in the record of a queue."""

    front = 0  # cell of the front batch
    batches = 1  # number of batches
    content = 2
    taken = 3  # amount taken by outflows in this step
    held = 4  # whether the destination limited an outflow in this step
    most = 5  # largest content so far
    size = 6


class Train(Queue):
    """Indices of the fields in the record of a train (Vensim's DELAY CONVEYOR), a queue whose batches move."""

    gone = 6  # distance moved, in transit times
    pace = 7  # distance moved in the last step
    size = 8


class Work:
    """Indices of the fields in the record of a batch process (Vensim's DELAY BATCH)."""

    batch = 0  # amount being processed
    due = 1  # time of completion
    waiting = 2  # backlog
    size = 3


class Response:
    """Indices of the fields in the record of a response (Vensim's DELAY PROFILE)."""

    present = 0  # cell of the output in the current step
    size = 1


_RECORDS = {
    c.__name__: c
    for c in (Clock, Row, Lane, Belt, Slat, Leak, Inflow, Queue, Train, Work, Response)
}
_NAME = re.compile(rf"\b({'|'.join(_RECORDS)})\.(\w+)")


def spelled(source: str) -> str:
    """Return the source code with each named index, such as ``Clock.dt``, replaced by its number."""
    return _NAME.sub(lambda found: str(getattr(_RECORDS[found[1]], found[2])), source)
