"""Rows of the table of functions: functions with memory, such as initial values, past values, delays and smooths."""

from __future__ import annotations

from sdcluster.functions.function import Function
from sdcluster.functions.rows import sentences

ROWS = (
    Function("initial", "INIT", "INITIAL, REINITIAL", ("init", "reinitial"), (1, 1), "same", rewrite="initial",
        meaning="the value of x at the start of the run", sign="rising", breaks_cycle=True, written="INIT"),
    Function("previous", "PREVIOUS", "", ("previous",), (2, 2), "same", rewrite="previous",
        meaning="the value of x one time step ago; at the start, the second argument (x, initial value)", sign="rising",
        later=True, breaks_cycle=True),
    Function("smooth", "SMTH1, SMTH3, SMTHN", "SMOOTH, SMOOTHI, SMOOTH3, SMOOTH3I", (), (4, 4), "smooth",
        rewrite="smooth",
        meaning="exponential smoothing of order n (input, smoothing time, initial value, order)", later=True,
        breaks_cycle=True, order_at=3, averages=True),
    Function("delay", "DELAY1, DELAY3, DELAYN", "DELAY1, DELAY1I, DELAY3, DELAY3I", (), (4, 4), "smooth",
        rewrite="delay", meaning="material delay of order n (input, delay time, initial value, order)", later=True,
        breaks_cycle=True, order_at=3, averages=True),
    Function("smooth n", "", "SMOOTH N", ("smooth_n",), (4, 4), "smooth", rewrite="smooth_n",
        meaning="as smooth, but the order is lower if the smoothing time is shorter than n time steps (input, "
        "smoothing time, initial value, order)", later=True, breaks_cycle=True,
        order_at=3, averages=True),
    Function("delay n", "", "DELAY N", ("delay_n",), (4, 4), "smooth", rewrite="delay_n",
        meaning="as delay, but the order is lower if the delay time is shorter than n time steps, and the last "
        "stage uses the delay time of the previous time step (input, delay time, initial value, order)",
        later=True, breaks_cycle=True, order_at=3, averages=True),
    Function("trend", "TREND", "TREND", (), (3, 3), "trend", rewrite="trend",
        meaning="fractional growth rate of the input (input, averaging time, initial trend)", averages=True),
    Function("forecast", "FORCST", "FORECAST", (), (4, 4), "smooth", rewrite="forecast",
        meaning="the input extrapolated along its trend (input, averaging time, horizon, initial trend)", averages=True,
        written="FORCST"),
    Function("delay fixed", "DELAY", "DELAY FIXED", (), (3, 3), "smooth", rewrite="fixed",
        meaning="the input a fixed time ago (input, delay time, initial value)", later=True, breaks_cycle=True,
        written="DELAY"),
    Function("sample if true", "", "SAMPLE IF TRUE", (), (3, 3), "branch", rewrite="sample",
        meaning="the input while a condition is true; afterwards, the last of these values (condition, input, "
        "initial value)"),
    Function("sinteg", "", "SINTEG", ("sinteg",), (7, 7), "integral", rewrite="restricted_stock",
        meaning="a stock with restrictions: in each time step, it is rounded to a multiple, set to a value when "
        "near that value, and kept between bounds; a restriction is off with a minimum of -INF, a maximum "
        "of INF, a multiple of 0 or a distance of 0 (rate, initial value, minimum, maximum, multiple, "
        "value, distance)",
        breaks_cycle=True),
    Function("restricted", "", "", (), (6, 6), "first", "restricted({0}, {1}, {2}, {3}, {4}, {5})",
        meaning="internal function of sinteg"),
    Function("active initial", "", "ACTIVE INITIAL", ("active_initial",), (2, 2), "same",
        meaning="the second argument at the start of the run, then the first argument"),
    Function("endval", "ENDVAL", "", ("endval",), (1, 2), "same", rewrite="of_run_before",
        meaning="value of x at the end of the previous run; here, each run counts as the first, so the result is "
        "the second argument, or INIT(x) if it is missing",
        session=sentences.first_of_session),
    Function("history", "HISTORY", "", ("history",), (2, 2), "first", rewrite="history",
        meaning="the value of x at a past time; 0 before the start and for future times (x, time)"),
    Function("derivn", "DERIVN", "", ("derivn",), (2, 2), "free", rewrite="derivative",
        meaning="derivative of order n, by differences between time steps; 0 in the first n time steps (x, order)",
        order_at=1),
    Function("delay information", "", "DELAY INFORMATION", ("delay_information",), (3, 3), "smooth",
        rewrite="information",
        meaning="delay whose time may vary: the most recent of the inputs that have arrived (input, delay time, "
        "initial value)",
        breaks_cycle=True),
    Function("delay material", "", "DELAY MATERIAL", ("delay_material",), (4, 4), "smooth", rewrite="material",
        meaning="delay whose time may vary and that loses no material: the sum of the inputs that arrive now "
        "(input, delay time, initial value, value while nothing arrives)",
        breaks_cycle=True),
    Function("runcount", "RUNCOUNT", "", ("runcount",), (0, 0), "free", "0.0",
        meaning="number of runs before this one; here always 0",
        session=sentences.no_earlier_runs),
    Function("sensiruncount", "SENSIRUNCOUNT", "", ("sensiruncount",), (0, 0), "free", "0.0",
        meaning="number of the run in a sensitivity study; here always 0",
        session=sentences.no_sensitivity_run),
    Function("sensiruntotal", "SENSIRUNTOTAL", "", ("sensiruntotal",), (0, 0), "free", "0.0",
        meaning="number of runs in a sensitivity study; here always 0",
        session=sentences.no_sensitivity_run),
    Function("pause", "PAUSE", "", ("pause",), (0, 0), "free", "0.0",
        meaning="always 0; here, the run does not pause",
        session=sentences.no_pause),
    Function("sound", "SOUND", "", ("sound",), (1, 1), "free", "0.0",
        meaning="always 0; here, the run makes no sound",
        session=sentences.no_sound),
    Function("message", "", "MESSAGE", ("message",), (1, 1), "free", "(1.0 if {0} > 0.0 else 0.0)",
        meaning="1 if the second argument is positive, otherwise 0; in Vensim, this argument says how to show the "
        "message, but here no message is shown",
        session=sentences.no_message),
    Function("a function of", "NAN", "A FUNCTION OF", ("a_function_of",), (0, 1000), "free", "NAN",
        meaning="lists the causes of a variable whose equation is not written yet; to run the model, set the "
        "variable",
        breaks_cycle=True, written="NAN"),
    # Internal functions that replace functions above. Their last arguments are recorded histories.
    Function("history at", "", "", (), (3, 3), "first", "history_at({0}, {1}, {t}, {2})", courses=1,
        meaning="internal function of history"),
    Function("arrived last", "", "", (), (3, 3), "first", "delayed_information({0}, {1}, {2})", courses=2,
        meaning="internal function of delay information"),
    Function("arriving", "", "", (), (5, 5), "first", "delayed_material({0}, {1}, {2}, {3}, {4})", courses=2,
        meaning="internal function of delay material"),
)  # fmt: skip
