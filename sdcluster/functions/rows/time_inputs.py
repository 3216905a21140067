"""Rows of the table of functions: simulation time and test inputs."""

from __future__ import annotations

from sdcluster.functions.function import Function
from sdcluster.functions.rows import sentences

_IMPULSE = "({1} / {dt} if {0} - {eps} <= {t} < {0} + {dt} - {eps} else 0.0)"
_IMPULSE_TRAIN = (
    "({2} / {dt} if pulsing({t} + {eps}, {0}, {1}, {dt}, {stop} + 2.0 * {dt}) else 0.0)"
)

ROWS = (
    Function("time", "TIME", "Time", ("time",), (0, 0), "time", "{t}", meaning="the current simulation time",
        written="TIME"),
    Function("dt", "DT", "TIME STEP", ("dt", "time_step"), (0, 0), "time", "{dt}", meaning="the time step",
        written="DT"),
    Function("start", "STARTTIME", "INITIAL TIME", ("starttime", "initial_time"), (0, 0), "time", "{start}",
        meaning="the start time of the simulation", written="STARTTIME"),
    Function("stop", "STOPTIME", "FINAL TIME", ("stoptime", "final_time"), (0, 0), "time", "{stop}",
        meaning="the end time of the simulation", written="STOPTIME"),
    Function("clock", "CLOCKTIME", "", ("clocktime",), (0, 0), "free", "{clock}",
        meaning="the time of the computer's clock at the start of the run, in seconds since 1970 (UTC)",
        session=sentences.clock_of_start),
    Function("calendar", "", "GET TIME VALUE", ("calendar",), (6, 6), "free",
        "calendar({0}, {1}, {2}, {3}, {4}, {5})", stops=sentences.time_value_measures,
        meaning="one measure of a date; the measures are 1 year, 2 quarter, 3 month, 4 day of the month, 5 day of "
        "the week, 6 days since year 0, 7 hour, 8 minute, 9 second, 10 seconds since the base date; the "
        "units of time are numbered from 0 (years) to 7 (seconds) (time since the base date, measure, unit "
        "of this time, year, month and day of the base date)"),
    Function("step", "STEP", "STEP", ("step",), (2, 2), "first", "({0} if {middle} > {1} else 0.0)",
        breakpoints=("{1}",), meaning="0 before a given time, then the height (height, time)"),
    Function("ramp", "RAMP", "", ("ramp", "Xramp"), (2, 3), "slope", "ramp({t}, {0}, {1}, {2})",
        breakpoints=("{1}", "{2}"),
        meaning="0 before the start, then rising with the slope until the end (slope, start, end)",
        vensim_twin="held ramp"),
    Function("held ramp", "", "RAMP", (), (3, 3), "slope", "ramp({step_start}, {0}, {1}, {2})",
        breakpoints=("{1}", "{2}"),
        meaning="as ramp, but the value changes only between time steps (slope, start, end)", written="RAMP"),
    Function("pulse", "", "PULSE", ("pulse",), (2, 2), "dimensionless", "pulse({middle}, {0}, {1}, {dt})",
        breakpoints=("{0}", "{0} + {1}", "{0} + {dt}"),
        meaning="1 from the start for the width, otherwise 0; a width of 0 means one time step (start, width)",
        written="vensim_pulse"),
    Function("pulse train", "", "PULSE TRAIN", ("pulse_train",), (4, 4), "dimensionless",
        "pulse_train({middle}, {0}, {1}, {2}, {3}, {dt}, {tol}, {eps})",
        breakpoints=("*{0}, {1}, max({2}, {dt}), {3} + {dt}",),
        meaning="1 for the width at the start of each interval, otherwise 0; the width is at least one time step, "
        "and the last pulse may begin at the end (start, interval, width, end)"),
    Function("impulse", "PULSE", "", ("Xpulse",), (2, 2), "rate", _IMPULSE, breakpoints=("{0}", "{0} + {dt}"),
        meaning="volume / dt for one time step at a given time, otherwise 0 (time, volume)"),
    Function("impulse train", "PULSE", "", ("Xpulse_train",), (3, 3), "free", _IMPULSE_TRAIN,
        breakpoints=("*{0}, {1}, {dt}, {stop}",),
        meaning="volume / dt for one time step at the start of each interval, otherwise 0 (start, interval, "
        "volume)"),
    Function("sinwave", "SINWAVE", "", ("sinwave",), (2, 2), "first", "sine_wave({t}, {0}, {1})",
        meaning="a sine wave (amplitude, period)"),
    Function("coswave", "COSWAVE", "", ("coswave",), (2, 2), "first", "cosine_wave({t}, {0}, {1})",
        meaning="a cosine wave (amplitude, period)"),
    Function("counter", "COUNTER", "", ("counter",), (2, 2), "first", "counter({t} - {start}, {eps}, {0}, {1})",
        breakpoints=("*{start}, {1} - {0}, 0.0, {stop}",),
        meaning="counts the time from the first number up to the second, then starts again from the first"),
    Function("cgrowth", "CGROWTH", "", ("cgrowth",), (1, 1), "free",
        "((power(1.0 + 0.01 * {0}, {dt}) - 1.0) / {dt})",
        meaning="growth rate that compounds to a given percentage per time unit with Euler's method, whatever the "
        "time step (percentage)"),
)  # fmt: skip
