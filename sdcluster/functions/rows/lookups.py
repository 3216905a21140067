"""Rows of the table of functions: functions of the points of a graphical function or data series.

The graphical function or data series is the first argument (a `Lookup`).
"""

from __future__ import annotations

from sdcluster.functions.function import Function

ROWS = (
    Function("lookup area", "", "LOOKUP AREA", ("lookup_area",), (2, 2), "free", points="lookup_area_held",
        meaning="area under a lookup between two values of x, with its end values held outside of it"),
    Function("lookuparea", "LOOKUPAREA", "", ("lookuparea",), (2, 2), "free", "abs({0})", points="lookup_area",
        meaning="area under a graphical function between two values of x in any order, nothing outside of it; "
        "the whole area without them"),
    Function("lookupmean", "LOOKUPMEAN", "", ("lookupmean",), (2, 2), "free", points="lookup_mean",
        meaning="mean of x between two values, with a graphical function as its density"),
    Function("lookupinv", "LOOKUPINV", "", ("lookupinv",), (1, 1), "free", points="lookup_inverse",
        meaning="the first x at which a graphical function has the given value; an end if it never has"),
    Function("lookup invert", "", "LOOKUP INVERT", ("lookup_invert",), (1, 1), "free", points="lookup_invert",
        meaning="the first x at which a lookup has the given value; :NA: where it never has"),
    Function("lookup slope", "", "LOOKUP SLOPE", ("lookup_slope",), (2, 2), "free", points="lookup_slope",
        meaning="slope of a lookup at x, at a point the mean of both sides; outside of the points 0 (mode 0), "
        "that of the nearest segment (1), or :NA: (-1)"),
    Function("data at", "", "GET DATA AT TIME, GET DATA BETWEEN TIMES", ("data_at",), (1, 1), "free",
        points="data_at", meaning="value of a series at a time; :NA: before its first and after its last point"),
    Function("data statistic", "",
        "GET DATA MEAN, GET DATA MIN, GET DATA MAX, GET DATA STDV, GET DATA TOTAL POINTS", (), (3, 3), "free",
        points="data_statistic",
        meaning="mean, least, greatest, deviation or number of the points of a series between two times"),
)  # fmt: skip
