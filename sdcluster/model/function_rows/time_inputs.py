"""The clock and test inputs."""

from __future__ import annotations

from sdcluster.model.function import Function

_IMPULSE = "({1} / {dt} if {0} - {eps} <= {t} < {0} + {dt} - {eps} else 0.0)"
_IMPULSE_TRAIN = (
    "({2} / {dt} if pulsing({t} + {eps}, {0}, {1}, {dt}, {stop} + 2.0 * {dt}) else 0.0)"
)

ROWS = (
    Function(
        "time", "TIME", "Time", ("time",), (0, 0), "time", "{t}", meaning="the simulated time"
    ),
    Function(
        "dt",
        "DT",
        "TIME STEP",
        ("dt", "time_step"),
        (0, 0),
        "time",
        "{dt}",
        meaning="the time step",
    ),
    Function(
        "start",
        "STARTTIME",
        "INITIAL TIME",
        ("starttime", "initial_time"),
        (0, 0),
        "time",
        "{start}",
        meaning="the start of the simulation",
    ),
    Function(
        "stop",
        "STOPTIME",
        "FINAL TIME",
        ("stoptime", "final_time"),
        (0, 0),
        "time",
        "{stop}",
        meaning="the end of the simulation",
    ),
    Function(
        "step",
        "STEP",
        "STEP",
        ("step",),
        (2, 2),
        "first",
        "({0} if {t} + {tol} > {1} else 0.0)",
        breakpoints=("{1}",),
        meaning="0, and the height from the given time on",
    ),
    Function(
        "ramp",
        "RAMP",
        "RAMP",
        ("ramp", "Xramp"),
        (2, 3),
        "slope",
        "ramp({t}, {0}, {1}, {2})",
        breakpoints=("{1}", "{2}"),
        meaning="0, rising with the slope between two times",
    ),
    Function(
        "pulse",
        "",
        "PULSE",
        ("pulse",),
        (2, 2),
        "dimensionless",
        "(1.0 if {0} - {eps} <= {t} < {0} + {1} - {eps} else 0.0)",
        breakpoints=("{0}", "{0} + {1}"),
        meaning="1 from start for the given width, else 0",
    ),
    Function(
        "pulse train",
        "",
        "PULSE TRAIN",
        ("pulse_train",),
        (4, 4),
        "dimensionless",
        "(1.0 if pulsing({t} + {eps}, {0}, {1}, {2}, {3}) else 0.0)",
        breakpoints=("*{0}, {1}, {2}, {3}",),
        meaning="1 for the width at every interval from start to end, else 0",
    ),
    Function(
        "impulse",
        "PULSE",
        "",
        ("Xpulse",),
        (2, 2),
        "rate",
        _IMPULSE,
        breakpoints=("{0}", "{0} + {dt}"),
        meaning="magnitude / dt for one step at the given time",
    ),
    Function(
        "impulse train",
        "PULSE",
        "",
        ("Xpulse_train",),
        (3, 3),
        "free",
        _IMPULSE_TRAIN,
        breakpoints=("*{0}, {1}, {dt}, {stop}",),
        meaning="magnitude / dt for one step at every interval",
    ),
)
