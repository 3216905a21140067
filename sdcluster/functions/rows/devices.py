"""Rows of the table of functions: conveyors and queues."""

from __future__ import annotations

from sdcluster.functions.function import Function

ROWS = (
    Function("leaving", "", "", (), (1, 2), "outflow", rewrite="leaving",
        meaning="internal function: outflow at the end of a conveyor, or outflow of a queue (stock, transit time)"),
    Function("leaking", "", "", (), (2, 2), "outflow", rewrite="leaving",
        meaning="internal function: leakage of a conveyor (conveyor, leak fraction)", sign="rising"),
    Function("delay conveyor", "", "DELAY CONVEYOR", ("delay_conveyor",), (6, 6), "smooth",
        rewrite="device", device="train input input input profile start start",
        meaning="outflow of a conveyor whose speed may vary (input, transit time, leak fraction, profile, initial "
        "content, initial transit time)"),
    Function("delay batch", "", "DELAY BATCH", ("delay_batch",), (6, 6), "free", rewrite="device",
        device="batch input input input start start start",
        meaning="the input collected into batches and processed (input, batch size, processing time, batch in "
        "process at the start, its time of completion, initial backlog)"),
    Function("delay profile", "", "DELAY PROFILE", ("delay_profile",), (5, 5), "free", rewrite="device",
        device="response profile input input+start start start",
        meaning="the input spread over later times by a profile (profile, input, mean delay, initial value, growth "
        "rate)"),
    Function("queue fifo", "", "QUEUE FIFO", ("queue_fifo",), (5, 5), "free", rewrite="device",
        device="line input input profile start start",
        meaning="content of a first-in-first-out queue (inflow, outflow, profile of the initial ages, initial "
        "content, range of the initial ages)"),
    Function("queue fifo attrib", "", "QUEUE FIFO ATTRIB", ("queue_fifo_attrib",), (9, 9), "free",
        rewrite="device", device="line input input input input profile profile start mark start",
        meaning="as queue fifo, but the material in the queue has an attribute"),
    Function("queue age in range", "", "QUEUE AGE IN RANGE", ("queue_age_in_range",), (3, 3), "free",
        rewrite="question", question="line_age_in_range",
        meaning="amount in a queue whose age is between two bounds (queue, minimum age, maximum age)"),
    Function("queue age average", "", "QUEUE AGE AVERAGE", ("queue_age_average",), (1, 2), "free", defaults=(0.0,),
        rewrite="question", question="line_mean 1",
        meaning="mean age of the oldest material in a queue (queue, amount; 0 means all)"),
    Function("queue age oldest", "", "QUEUE AGE OLDEST", ("queue_age_oldest",), (1, 1), "free",
        rewrite="question", question="line_age_oldest", meaning="age of the oldest material in a queue"),
    Function("queue attrib average", "", "QUEUE ATTRIB AVERAGE", ("queue_attrib_average",), (2, 2), "free",
        rewrite="question", question="line_mean 2",
        meaning="mean attribute of the oldest material in a queue (queue, amount)"),
    Function("queue attrib quantity", "", "QUEUE ATTRIB QUANTITY", ("queue_attrib_quantity",), (2, 2), "free",
        rewrite="question", question="line_quantity",
        meaning="amount, from the front of a queue, whose attribute sums to a given total (queue, total)"),
    Function("queue length", "QLEN", "", ("qlen",), (1, 1), "free", rewrite="question", question="line_length",
        meaning="number of batches in a queue"),
    Function("queue element", "QELEM", "", ("qelem",), (2, 2), "free", rewrite="question", question="line_element",
        meaning="amount of a batch in a queue (queue, position of the batch, from 1 at the front)"),
)  # fmt: skip
