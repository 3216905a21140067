"""Rows of the table of functions: conveyors and queues."""

from __future__ import annotations

from sdcluster.functions.function import Function

ROWS = (
    Function("leaving", "", "", (), (1, 2), "outflow", rewrite="leaving",
        meaning="what leaves a conveyor at its end, or a queue: the stock, the transit time"),
    Function("leaking", "", "", (), (2, 2), "outflow", rewrite="leaving",
        meaning="what leaks from a conveyor: the conveyor, the leak fraction", sign="rising"),
    Function("delay conveyor", "", "DELAY CONVEYOR", ("delay_conveyor",), (6, 6), "smooth",
        rewrite="device", device="train input input input profile start start",
        meaning="what comes off a belt of varying speed: input, time, leak, profile, initial content, initial time"),
    Function("delay batch", "", "DELAY BATCH", ("delay_batch",), (6, 6), "free", rewrite="device",
        device="batch input input input start start start",
        meaning="the input in batches: input, size, time, initial batch, its time, initial backlog"),
    Function("delay profile", "", "DELAY PROFILE", ("delay_profile",), (5, 5), "free", rewrite="device",
        device="response profile input input+start start start",
        meaning="the input spread over a response: profile, input, mean time, initial value, growth"),
    Function("queue fifo", "", "QUEUE FIFO", ("queue_fifo",), (5, 5), "free", rewrite="device",
        device="line input input profile start start",
        meaning="a queue: inflow, outflow, profile, initial content, range of ages"),
    Function("queue fifo attrib", "", "QUEUE FIFO ATTRIB", ("queue_fifo_attrib",), (9, 9), "free",
        rewrite="device", device="line input input input input profile profile start mark start",
        meaning="a queue whose content has an attribute"),
    Function("queue age in range", "", "QUEUE AGE IN RANGE", ("queue_age_in_range",), (3, 3), "free",
        rewrite="question", question="line_age_in_range",
        meaning="how much of a queue is of an age between two bounds"),
    Function("queue age average", "", "QUEUE AGE AVERAGE", ("queue_age_average",), (1, 2), "free", defaults=(0.0,),
        rewrite="question", question="line_mean 1", meaning="mean age of the oldest in a queue"),
    Function("queue age oldest", "", "QUEUE AGE OLDEST", ("queue_age_oldest",), (1, 1), "free",
        rewrite="question", question="line_age_oldest", meaning="greatest age in a queue"),
    Function("queue attrib average", "", "QUEUE ATTRIB AVERAGE", ("queue_attrib_average",), (2, 2), "free",
        rewrite="question", question="line_mean 2", meaning="mean attribute of the oldest in a queue"),
    Function("queue attrib quantity", "", "QUEUE ATTRIB QUANTITY", ("queue_attrib_quantity",), (2, 2), "free",
        rewrite="question", question="line_quantity",
        meaning="how much from the front of a queue has attributes with a given sum"),
    Function("queue length", "QLEN", "", ("qlen",), (1, 1), "free", rewrite="question", question="line_length",
        meaning="number of batches in a queue"),
    Function("queue element", "QELEM", "", ("qelem",), (2, 2), "free", rewrite="question", question="line_element",
        meaning="a batch of a queue by its place, the front one being 1"),
)  # fmt: skip
