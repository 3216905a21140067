"""Rows of the table of functions: simulation time and test inputs."""

from __future__ import annotations

from sdcluster.functions.function import Function
from sdcluster.functions.rows import sentences

_IMPULSE = "({1} / {dt} if {0} - {eps} <= {t} < {0} + {dt} - {eps} else 0.0)"
_IMPULSE_TRAIN = (
    "({2} / {dt} if pulsing({t} + {eps}, {0}, {1}, {dt}, {stop} + 2.0 * {dt}) else 0.0)"
)

ROWS = (
    Function("time", "TIME", "Time", ("time",), (0, 0), "time", "{t}", meaning="the simulated time",
        written="TIME"),
    Function("dt", "DT", "TIME STEP", ("dt", "time_step"), (0, 0), "time", "{dt}", meaning="the time step",
        written="DT"),
    Function("start", "STARTTIME", "INITIAL TIME", ("starttime", "initial_time"), (0, 0), "time", "{start}",
        meaning="the start of the simulation", written="STARTTIME"),
    Function("stop", "STOPTIME", "FINAL TIME", ("stoptime", "final_time"), (0, 0), "time", "{stop}",
        meaning="the end of the simulation", written="STOPTIME"),
    Function("clock", "CLOCKTIME", "", ("clocktime",), (0, 0), "free", "{clock}",
        meaning="the computer's clock at the start of the run: seconds since 1970 (UTC)",
        session=sentences.clock_of_start),
    Function("calendar", "", "GET TIME VALUE", ("calendar",), (6, 6), "free",
        "calendar({0}, {1}, {2}, {3}, {4}, {5})", stops=sentences.time_value_measures,
        meaning="year (measure 1), quarter, month, day, day of the week, days, hour, minute, second of a date: units "
        "since a date, measure, unit (0 year to 7 second), the date's year, month, day"),
    Function("step", "STEP", "STEP", ("step",), (2, 2), "first", "({0} if {middle} > {1} else 0.0)",
        breakpoints=("{1}",), meaning="0, and the height from the given time on"),
    Function("ramp", "RAMP", "", ("ramp", "Xramp"), (2, 3), "slope", "ramp({t}, {0}, {1}, {2})",
        breakpoints=("{1}", "{2}"), meaning="0, rising with the slope between two times", vensim_twin="held ramp"),
    Function("held ramp", "", "RAMP", (), (3, 3), "slope", "ramp({step_start}, {0}, {1}, {2})",
        breakpoints=("{1}", "{2}"),
        meaning="0, rising with the slope between two times; it changes between steps alone", written="RAMP"),
    Function("pulse", "", "PULSE", ("pulse",), (2, 2), "dimensionless", "pulse({middle}, {0}, {1}, {dt})",
        breakpoints=("{0}", "{0} + {1}", "{0} + {dt}"),
        meaning="1 from start for the given width (a width of 0 is a step), else 0", written="vensim_pulse"),
    Function("pulse train", "", "PULSE TRAIN", ("pulse_train",), (4, 4), "dimensionless",
        "pulse_train({middle}, {0}, {1}, {2}, {3}, {dt}, {tol}, {eps})",
        breakpoints=("*{0}, {1}, max({2}, {dt}), {3} + {dt}",),
        meaning="1 for the width (at least a step) at every interval from start to end, at the end too, else 0"),
    Function("impulse", "PULSE", "", ("Xpulse",), (2, 2), "rate", _IMPULSE, breakpoints=("{0}", "{0} + {dt}"),
        meaning="magnitude / dt for one step at the given time"),
    Function("impulse train", "PULSE", "", ("Xpulse_train",), (3, 3), "free", _IMPULSE_TRAIN,
        breakpoints=("*{0}, {1}, {dt}, {stop}",), meaning="magnitude / dt for one step at every interval"),
    Function("sinwave", "SINWAVE", "", ("sinwave",), (2, 2), "first", "sine_wave({t}, {0}, {1})",
        meaning="a sine wave: amplitude, period"),
    Function("coswave", "COSWAVE", "", ("coswave",), (2, 2), "first", "cosine_wave({t}, {0}, {1})",
        meaning="a cosine wave: amplitude, period"),
    Function("counter", "COUNTER", "", ("counter",), (2, 2), "first", "counter({t} - {start}, {eps}, {0}, {1})",
        breakpoints=("*{start}, {1} - {0}, 0.0, {stop}",),
        meaning="counts with time from the first number up to the second, then again from the first"),
    Function("cgrowth", "CGROWTH", "", ("cgrowth",), (1, 1), "free",
        "((power(1.0 + 0.01 * {0}, {dt}) - 1.0) / {dt})",
        meaning="growth rate that compounds to so many percent per unit of time, whatever the step (Euler)"),
)  # fmt: skip
