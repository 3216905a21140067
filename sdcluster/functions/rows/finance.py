"""Rows of the table of functions: present values, payments, rates of return, depreciation."""

from __future__ import annotations

from sdcluster.functions.function import Function

ROWS = (
    Function("npv", "NPV", "NPV", ("npv",), (2, 4), "free", rewrite="npv", defaults=(0.0, 1.0),
        meaning="net present value of a stream (stream, discount rate, initial value, factor)", written="vensim_npv"),
    Function("npve", "", "NPVE", ("npve",), (4, 4), "free", rewrite="npve",
        meaning="as npv, but the stream of each time step is discounted to the end of the step (stream, discount "
        "rate, initial value, factor)"),
    Function("fv", "FV", "", ("fv",), (4, 4), "free", "future_value({0}, {1}, {2}, {3})",
        meaning="future value (rate, number of periods, payment, present value)"),
    Function("pmt", "PMT", "", ("pmt",), (4, 4), "free", "payment_of({0}, {1}, {2}, {3})",
        meaning="payment at the end of each period (rate, number of periods, present value, future value)"),
    Function("pv", "PV", "", ("pv",), (4, 4), "free", "present_value({0}, {1}, {2}, {3})",
        meaning="present value (rate, number of periods, payment, future value)"),
    Function("irr", "IRR", "", ("irr",), (1, 2), "free", rewrite="irr", defaults=(0.0,),
        meaning="rate per time unit at which the stream so far has a net present value of 0 (stream, value if "
        "there is no such rate)"),
    Function("internal rate of return", "", "INTERNAL RATE OF RETURN", ("internal_rate_of_return",), (4, 4), "free",
        rewrite="internal_rate",
        meaning="rate per fiscal period, from -1 to 1, at which the net present value is 0; :NA: if there is no "
        "such rate (stream, fiscal period, investment, time of the investment)"),
    Function("depreciate straightline", "", "DEPRECIATE STRAIGHTLINE", ("depreciate_straightline",), (4, 4),
        "first", rewrite="straight_line",
        meaning="depreciation in equal parts (stream, lifetime, fiscal period, initial stream)"),
    Function("depreciate by schedule", "", "DEPRECIATE BY SCHEDULE", ("depreciate_by_schedule",), (5, 5), "first",
        rewrite="scheduled",
        meaning="depreciation by a schedule of shares (stream, first share, first initial amount, lifetime, time "
        "at which fiscal periods begin)"),
    # Internal functions that replace functions above. Their last argument is a recorded history.
    Function("rate so far", "", "", (), (3, 3), "free", "irr({0}, {1}, {2})", courses=1,
        meaning="internal function of irr"),
    Function("rate per period", "", "", (), (5, 5), "free", "internal_rate({0}, {1}, {2}, {3}, {4})", courses=1,
        meaning="internal function of internal rate of return"),
    Function("depreciated", "", "", (), (5, 5), "first", "straight_line({0}, {1}, {2}, {3}, {4})", courses=1,
        meaning="internal function of depreciate straightline"),
    Function("by schedule", "", "", (), (6, 6), "first", "", courses=1,
        meaning="internal function of depreciate by schedule",
        row_arguments=((1, 0), (2, 0))),
)  # fmt: skip
