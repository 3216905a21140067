"""Rows of the table of functions: functions of the points of a graphical function or data series.

The graphical function or data series is the first argument (a `Lookup`).
"""

from __future__ import annotations

from sdcluster.functions.function import Function

ROWS = (
    Function("lookup area", "", "LOOKUP AREA", ("lookup_area",), (2, 2), "free", points="lookup_area_held",
        meaning="area under a lookup between two values of x; the lookup is constant beyond its end points "
        "(lookup, from, to)"),
    Function("lookuparea", "LOOKUPAREA", "", ("lookuparea",), (2, 2), "free", "abs({0})", points="lookup_area",
        meaning="area under a graphical function between two values of x, in any order; the function is 0 beyond "
        "its end points; without bounds, the whole area (graphical function, from, to)"),
    Function("lookupmean", "LOOKUPMEAN", "", ("lookupmean",), (2, 2), "free", points="lookup_mean",
        meaning="mean of x between two values, weighted by a graphical function (graphical function, from, to)"),
    Function("lookupinv", "LOOKUPINV", "", ("lookupinv",), (1, 1), "free", points="lookup_inverse",
        meaning="the first x at which a graphical function has a given value; if it never has this value, the x of "
        "an end point (graphical function, value)"),
    Function("lookup invert", "", "LOOKUP INVERT", ("lookup_invert",), (1, 1), "free", points="lookup_invert",
        meaning="the first x at which a lookup has a given value; :NA: if it never has this value (lookup, value)"),
    Function("lookup slope", "", "LOOKUP SLOPE", ("lookup_slope",), (2, 2), "free", points="lookup_slope",
        meaning="slope of a lookup at x; at a point, this is the mean of the slopes on both sides; beyond the end "
        "points, the mode decides: 0 (mode 0), the slope of the outermost segment (mode 1) or :NA: (mode "
        "-1) (lookup, x, mode)"),
    Function("data at", "", "GET DATA AT TIME, GET DATA BETWEEN TIMES", ("data_at",), (1, 1), "free",
        points="data_at",
        meaning="value of a data series at a given time; :NA: before its first and after its last point"),
    Function("data statistic", "",
        "GET DATA MEAN, GET DATA MIN, GET DATA MAX, GET DATA STDV, GET DATA TOTAL POINTS", (), (3, 3), "free",
        points="data_statistic",
        meaning="mean, minimum, maximum, standard deviation or number of the points of a data series between two "
        "times"),
)  # fmt: skip
