"""The one table of functions: a row for each system-dynamics function, with its names, arity, units and meaning.

Crosses the border: `FUNCTIONS` (by our name) and `find(pysd_name)`. A row's meaning is either a
`template`, an expression in the printed kernel's language, or a `rewrite`, the name of a rule in
`sdcluster.compile.program` that turns a call into stocks or memories. Adding a function is adding
a row and a test.

Templates may use ``{0}``, ``{1}``, … (arguments), ``{t}`` (time), ``{dt}``,
``{start}``, ``{stop}``, ``{eps}`` (rounding slack for comparing times) and ``{tol}`` (the same, but half a step with
Euler, as Vensim and PySD do for STEP).
"""

from __future__ import annotations

from dataclasses import dataclass

from sdcluster.errors import ModelError, did_you_mean


@dataclass(frozen=True, slots=True)
class Function:
    """A row of the table.

    Parameters
    ----------
    name : str
        Our name, as in `sdcluster.model.expression.Call`.
    xmile, vensim : str
        The spelling in the two languages, for messages and documentation; empty if it has none.
    pysd : tuple of str
        Names under which PySD's parsers hand the function on.
    arity : tuple of int
        Least and greatest number of arguments.
    units : str
        Rule for units: ``same`` (all arguments and the result alike), ``first`` (as the first argument),
        ``dimensionless`` (arguments and result), ``free``, ``time``, ``branch`` (second and third alike),
        ``quotient``, ``slope`` (first argument times time), ``rate`` (first argument per time).
    template, rewrite : str
        The meaning; exactly one is given.
    breakpoints : tuple of str
        Templates of the times at which the value or its slope jumps; solvers stop there.
    meaning : str
        One line for the documentation.
    """

    name: str
    xmile: str
    vensim: str
    pysd: tuple[str, ...]
    arity: tuple[int, int]
    units: str
    template: str = ""
    rewrite: str = ""
    breakpoints: tuple[str, ...] = ()
    meaning: str = ""

    @property
    def rows(self) -> bool:
        """Whether it works on whole rows of an array."""
        return self.rewrite == "row"

    @property
    def uses_time(self) -> bool:
        """Whether the value changes with time even if the arguments do not."""
        return "{t}" in self.template or self.name == "active initial"


_IMPULSE = "({1} / {dt} if {0} - {eps} <= {t} < {0} + {dt} - {eps} else 0.0)"
_IMPULSE_TRAIN = (
    "({2} / {dt} if pulsing({t} + {eps}, {0}, {1}, {dt}, {stop} + 2.0 * {dt}) else 0.0)"
)


def _elementary(
    name: str, xmile: str, vensim: str, template: str, units: str = "dimensionless"
) -> Function:
    return Function(name, xmile, vensim, (name,), (1, 1), units, template, meaning=f"{name} of x")


_ROWS = (
    _elementary("abs", "ABS", "ABS", "abs({0})", "same"),
    _elementary("exp", "EXP", "EXP", "exp({0})"),
    _elementary("ln", "LN", "LN", "log({0})"),
    _elementary("log10", "LOG10", "", "log10({0})"),
    _elementary("sqrt", "SQRT", "SQRT", "sqrt({0})", "free"),
    _elementary("sin", "SIN", "SIN", "sin({0})"),
    _elementary("cos", "COS", "COS", "cos({0})"),
    _elementary("tan", "TAN", "TAN", "tan({0})"),
    _elementary("arcsin", "ARCSIN", "ARCSIN", "asin({0})"),
    _elementary("arccos", "ARCCOS", "ARCCOS", "acos({0})"),
    _elementary("arctan", "ARCTAN", "ARCTAN", "atan({0})"),
    _elementary("sinh", "SINH", "SINH", "sinh({0})"),
    _elementary("cosh", "COSH", "COSH", "cosh({0})"),
    _elementary("tanh", "TANH", "TANH", "tanh({0})"),
    Function("pi", "PI", "", ("pi",), (0, 0), "dimensionless", "3.141592653589793", meaning="π"),
    Function("inf", "INF", "", ("inf",), (0, 0), "free", "INF", meaning="infinity"),
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
        "integer",
        "INT",
        "INTEGER",
        ("integer", "int"),
        (1, 1),
        "same",
        "integer({0})",
        meaning="the integer part, towards zero",
    ),
    Function(
        "round",
        "ROUND",
        "",
        ("round",),
        (1, 1),
        "same",
        "round_half_up({0})",
        meaning="the nearest integer, halves up",
    ),
    Function(
        "modulo",
        "MOD",
        "MODULO",
        ("modulo", "mod"),
        (2, 2),
        "first",
        "modulo({0}, {1})",
        meaning="remainder of x / y, with the sign of x",
    ),
    Function(
        "quantum",
        "",
        "QUANTUM",
        ("quantum",),
        (2, 2),
        "same",
        "quantum({0}, {1})",
        meaning="the largest multiple of q that is not above x, towards zero",
    ),
    Function(
        "min", "MIN", "MIN", ("min",), (2, 2), "same", "min({0}, {1})", meaning="the smaller one"
    ),
    Function(
        "max", "MAX", "MAX", ("max",), (2, 2), "same", "max({0}, {1})", meaning="the larger one"
    ),
    Function(
        "power",
        "",
        "POWER",
        ("power",),
        (2, 2),
        "free",
        "power({0}, {1})",
        meaning="x to the power y",
    ),
    Function(
        "log",
        "",
        "LOG",
        ("log",),
        (2, 2),
        "dimensionless",
        "logarithm({0}, {1})",
        meaning="logarithm of x to base b",
    ),
    Function(
        "if",
        "IF THEN ELSE",
        "IF THEN ELSE",
        ("if_then_else",),
        (3, 3),
        "branch",
        "if",
        meaning="the second argument where the first is true, else the third",
    ),
    Function(
        "zidz",
        "SAFEDIV",
        "ZIDZ",
        ("zidz",),
        (2, 2),
        "quotient",
        "safe_divide({0}, {1}, 0.0)",
        meaning="x / y, and 0 where |y| < 1e-6",
    ),
    Function(
        "xidz",
        "SAFEDIV",
        "XIDZ",
        ("xidz",),
        (3, 3),
        "quotient",
        "safe_divide({0}, {1}, {2})",
        meaning="x / y, and z where |y| < 1e-6",
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
    Function(
        "initial",
        "INIT",
        "INITIAL",
        ("init",),
        (1, 1),
        "same",
        rewrite="initial",
        meaning="the value of x at the start",
    ),
    Function(
        "previous",
        "PREVIOUS",
        "",
        ("previous",),
        (2, 2),
        "same",
        rewrite="previous",
        meaning="the value of x one step ago; at the start the second argument",
    ),
    Function(
        "smooth",
        "SMTH1, SMTH3, SMTHN",
        "SMOOTH, SMOOTHI, SMOOTH3, SMOOTH3I, SMOOTH N",
        (),
        (4, 4),
        "smooth",
        rewrite="smooth",
        meaning="exponential smoothing of order n: input, time, initial value, order",
    ),
    Function(
        "delay",
        "DELAY1, DELAY3, DELAYN",
        "DELAY1, DELAY1I, DELAY3, DELAY3I, DELAY N",
        (),
        (4, 4),
        "smooth",
        rewrite="delay",
        meaning="material delay of order n: input, time, initial value, order",
    ),
    Function(
        "trend",
        "TREND",
        "TREND",
        (),
        (3, 3),
        "trend",
        rewrite="trend",
        meaning="fractional rate of change: input, averaging time, initial trend",
    ),
    Function(
        "forecast",
        "FORCST",
        "FORECAST",
        (),
        (4, 4),
        "smooth",
        rewrite="forecast",
        meaning="input carried on along its trend: input, averaging time, horizon, initial trend",
    ),
    Function("sum", "SUM", "SUM", ("sum",), (1, 1), "first", meaning="sum over dimensions"),
    Function("prod", "PROD", "PROD", ("prod",), (1, 1), "free", meaning="product over dimensions"),
    Function(
        "vmin",
        "MIN",
        "VMIN",
        ("vmin", "vmin_xmile"),
        (1, 1),
        "first",
        meaning="the smallest element",
    ),
    Function(
        "vmax",
        "MAX",
        "VMAX",
        ("vmax", "vmax_xmile"),
        (1, 1),
        "first",
        meaning="the largest element",
    ),
    Function("mean", "MEAN", "", ("mean",), (1, 1), "first", meaning="mean over dimensions"),
    Function(
        "vector select",
        "",
        "VECTOR SELECT",
        ("vector_select",),
        (5, 5),
        "free",
        meaning="sum, product, least or greatest of the elements that a condition selects",
    ),
    Function(
        "vector elm map",
        "",
        "VECTOR ELM MAP",
        ("vector_elm_map",),
        (2, 2),
        "first",
        meaning="the element so many places further on",
    ),
    Function(
        "vector sort order",
        "",
        "VECTOR SORT ORDER",
        ("vector_sort_order",),
        (2, 2),
        "free",
        rewrite="row",
        meaning="places of the elements in ascending or descending order, from 0",
    ),
    Function(
        "vector rank",
        "",
        "VECTOR RANK",
        ("vector_rank",),
        (2, 2),
        "free",
        rewrite="row",
        meaning="rank of each element in ascending or descending order, from 1",
    ),
    Function(
        "vector reorder",
        "",
        "VECTOR REORDER",
        ("vector_reorder",),
        (2, 2),
        "first",
        rewrite="row",
        meaning="the elements in a given order",
    ),
    Function(
        "allocate available",
        "",
        "ALLOCATE AVAILABLE",
        (),
        (3, 3),
        "first",
        rewrite="row",
        meaning="shares of a supply by priority curves",
    ),
    Function(
        "allocate by priority",
        "",
        "ALLOCATE BY PRIORITY",
        (),
        (5, 5),
        "first",
        rewrite="row",
        meaning="shares of a supply by priority",
    ),
    Function(
        "invert matrix",
        "",
        "INVERT MATRIX",
        ("invert_matrix",),
        (1, 2),
        "free",
        rewrite="row",
        meaning="the inverse of a square matrix",
    ),
    Function(
        "delay fixed",
        "DELAY",
        "DELAY FIXED",
        (),
        (3, 3),
        "smooth",
        rewrite="fixed",
        meaning="the input a fixed time ago: input, delay time, initial value",
    ),
    Function(
        "sample if true",
        "",
        "SAMPLE IF TRUE",
        (),
        (3, 3),
        "branch",
        rewrite="sample",
        meaning="the input while the condition holds, then its last value",
    ),
    Function(
        "active initial",
        "",
        "ACTIVE INITIAL",
        ("active_initial",),
        (2, 2),
        "same",
        meaning="the first argument, but the second one at the start",
    ),
    Function(
        "npv",
        "NPV",
        "NPV",
        ("npv",),
        (4, 4),
        "free",
        rewrite="npv",
        meaning="net present value: stream, discount rate, initial value, factor",
    ),
    Function(
        "random uniform",
        "",
        "RANDOM UNIFORM",
        ("random_uniform",),
        (2, 3),
        "first",
        rewrite="uniform",
        meaning="evenly distributed between two bounds",
    ),
    Function(
        "random 0 1",
        "",
        "RANDOM 0 1",
        ("random_0_1",),
        (0, 0),
        "dimensionless",
        rewrite="unit",
        meaning="evenly distributed between 0 and 1",
    ),
    Function(
        "random normal",
        "",
        "RANDOM NORMAL",
        ("random_normal",),
        (4, 5),
        "first",
        rewrite="normal",
        meaning="normally distributed, cut off at two bounds: least, greatest, mean, deviation",
    ),
    Function(
        "random exponential",
        "",
        "RANDOM EXPONENTIAL",
        ("random_exponential",),
        (4, 5),
        "first",
        rewrite="exponential",
        meaning="exponentially distributed: least, greatest, start, stretch",
    ),
    Function(
        "truncated normal",
        "",
        "",
        (),
        (5, 5),
        "first",
        "truncated_normal({0}, {1}, {2}, {3}, {4})",
        meaning="quantile of a truncated normal distribution",
    ),
    Function("seed", "", "", (), (0, 0), "dimensionless", "{seed}", meaning="the seed of the run"),
)

FUNCTIONS: dict[str, Function] = {row.name: row for row in _ROWS}
_BY_PYSD = {spelling: row for row in _ROWS for spelling in row.pysd}
ZERO_ARGUMENT = {s: row.name for row in _ROWS if row.arity == (0, 0) for s in row.pysd}


def find(pysd_name: str, arguments: int) -> Function:
    """Return the row for a function by the name that PySD's parsers give it.

    Raises
    ------
    ModelError
        If there is no such function, or it takes another number of arguments.
    """
    row = _BY_PYSD.get(pysd_name) or _own(pysd_name, arguments)
    shown = pysd_name.replace("_", " ").upper()
    if row is None:
        names = sorted(
            {s.strip() for r in _ROWS for s in (r.xmile + "," + r.vensim).split(",") if s.strip()}
        )
        raise ModelError(
            f"{shown} is not a function that sdcluster knows{did_you_mean(shown, names)}"
        )
    least, most = row.arity
    if not least <= arguments <= most:
        expected = str(least) if least == most else f"{least} to {most}"
        raise ModelError(f"{shown} takes {expected} arguments, but {arguments} were given")
    return row


def _own(name: str, arguments: int) -> Function | None:
    """Return the row by our own name, as `sdcluster.write` spells what XMILE lacks (``vensim_pulse``)."""
    row = FUNCTIONS.get(name.lower().removeprefix("vensim_").replace("_", " "))
    return row if row and row.arity[0] <= arguments <= row.arity[1] else None
