"""Names of the places in the vector of parameters: its head, and the records of conveyors and queues.

Crosses the border: the classes, and `spelled(source)`, which puts numbers for their names before a function of the
library is copied or compiled. The class of a record documents its places.
"""

from __future__ import annotations

import re


class Clock:
    """The head of the vector."""

    dt, start, stop = 0, 1, 2
    slack = 3  # within which times are equal
    pulse_slack = 4
    seed = 5
    length = 6  # cells of each buffer
    need = 7  # the longest buffer asked for
    origin, stride, parts = (
        8,
        9,
        10,
    )  # step i begins at (origin + i stride) / parts: whole numbers where steps are fractions
    now = 11  # the computer's clock at the start
    wish = 12  # the longest buffer that would lose nothing after the end of the run


class Row:
    """The rows of observed values that the loops over steps write together."""

    count = 8


class Lane:
    """Where a lane of an adaptive run is."""

    time = 0
    begun, length = 1, 2  # of its last step
    next = 3  # length of the step that it tries next
    row = 4  # the first saved time that it has not reached
    stop = 5  # which of its stops comes next
    fresh = 6  # whether it stands at a stop, behind which slopes may be others
    rejected = 7  # whether its last trial was too long
    evaluations = 8  # of the slopes so far
    failed = 9  # why it goes on no more:
    stuck, endless = 1.0, 2.0  # no step is short enough; too many evaluations
    size = 10


class Belt:
    """The record of a conveyor; records of its leaks and inflows follow."""

    head = 0  # cell of the slat that falls off next
    slats = 1  # in use
    depth = 2  # slats to the exit for what enters now
    transit = 3  # time
    sample = 4  # whether the transit time is looked at in this step
    arrested = 5
    capacity = 6
    limit = 7  # of inflows
    content = 8
    leaving = 9  # in this step
    held = 10  # whether the exit is closed
    spent = 11  # of the limit, in this time unit
    room = 12  # left in this step
    limit_left = 13  # in this step
    discrete = 14
    most = 15  # content at most so far
    unit = 16  # the time unit whose limit is being spent
    released_head, released_slats = 17, 18  # when last released
    exponential = 19  # whether leaks are
    leaks = 20  # the first leak's record

    @staticmethod
    def leak(k: int, number: int = 0) -> int:
        """Return the place of a number about a leak."""
        return Belt.leaks + Leak.size * k + number

    @staticmethod
    def inflow(leaks: int, j: int, number: int = 0) -> int:
        """Return the place of a number about an inflow; the inflow behind the last is the end of the record."""
        return Belt.leak(leaks) + Inflow.size * j + number


class Slat:
    """The rings of a conveyor: contents, then three for each leak."""

    leaks = 1  # the first leak's rings
    share = 0  # what a linear leak takes of each slat in a step
    left = 1  # of that, for the rest of the way
    taken = 2  # by the leak in this step
    size = 3


class Leak:
    """The record of one leak."""

    leaving = 0  # in this step
    carried = 1  # over to later steps, where whole units leak
    fraction = 2
    zone_start, zone_end = 3, 4
    whole = 5  # whether whole units leak
    held = 6  # whether nothing may leak
    wanted = 7  # by the fraction, before it was made whole
    size = 8


class Inflow:
    """The record of one inflow of a conveyor."""

    entering = 0  # in this step
    way = 1  # of spreading
    source = 2  # record of the conveyor that it leaks from
    leak = 3  # number of that leak
    size = 4


class Queue:
    """The record of a queue."""

    front = 0  # place of the front batch
    batches = 1
    content = 2
    taken = 3  # in this step
    held = 4  # whether an outflow was held back by what it leads to
    most = 5  # content at most so far
    size = 6


class Train(Queue):
    """The record of a train (DELAY CONVEYOR): a queue that moves."""

    gone = 6  # how far, in transit times
    pace = 7  # in the last step
    size = 8


class Work:
    """The record of a batch in work (DELAY BATCH)."""

    batch = 0  # in work
    due = 1  # when it is finished
    waiting = 2
    size = 3


class Response:
    """The record of a response (DELAY PROFILE)."""

    present = 0  # cell of this step
    size = 1


_RECORDS = {
    c.__name__: c
    for c in (Clock, Row, Lane, Belt, Slat, Leak, Inflow, Queue, Train, Work, Response)
}
_NAME = re.compile(rf"\b({'|'.join(_RECORDS)})\.(\w+)")


def spelled(source: str) -> str:
    """Return the source of a function with a number for each name of a place."""
    return _NAME.sub(lambda found: str(getattr(_RECORDS[found[1]], found[2])), source)
