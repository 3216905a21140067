"""Functions of the manuals that no run here can compute, each with the end of a sentence that says why, and what helps.

Crosses the border: `REFUSED`, by the spelling with underscores.
"""

from __future__ import annotations

_STAMPS = (
    "follows the time stamps or attributes of material from flow to flow, which sdcluster does not keep; "
    "a second chain of stocks with the material times its attribute gives the mean"
)
_WHOLE_RUN = (
    "looks at the whole course of a variable, or at another run, while the run goes on; "
    "compute it from the result (for example with xarray or pandas)"
)
_REALITY = "belongs to a reality check; use it in a :TEST INPUT: or :THE CONDITION:"
_UNDESCRIBED = "is described nowhere that we found; please send us its page and a run of it"

REFUSED = {
    **dict.fromkeys(
        ("cycletime", "ctmean", "ctstddev", "ctmax", "ctmin", "ctflow", "throughput"), _STAMPS
    ),
    **dict.fromkeys(
        ("attrcount", "attrmax", "attrmean", "attrmin", "attrstddev", "attrsddev"), _STAMPS
    ),
    "ostate": "asks about an oven, and ovens are not supported; write the oven as a stock with its logic",
    **dict.fromkeys(
        ("proctime", "transtime"),
        "asks how long a conveyor takes for what enters it; write the variable or number of its transit time",
    ),
    "cooktime": "asks about an oven, and ovens are not supported; write the oven as a stock with its logic",
    "agecount": (
        "asks for the age of what is in a stock, which sdcluster does not keep; split the stock by age, "
        "for example as an array with a flow from each age to the next"
    ),
    "net_present_value": (
        "discounts by fiscal periods, which its page describes in part only; use NPV or NPVE with a discount rate "
        "per time unit of the model"
    ),
    **dict.fromkeys(("compare_run", "vmstat"), _WHOLE_RUN),
    "find_zero": (
        "solves equations that depend on each other by a search in each step, which sdcluster does not do; "
        "solve them by hand, or let a stock adjust until the difference is gone"
    ),
    **dict.fromkeys(("delay_lost", "queue_attrib_add", "rework"), _UNDESCRIBED),
    **dict.fromkeys(
        (f"rc_{name}{check}" for name in ("compare", "decay", "grow", "ramp", "step") for check in ("", "_check")),
        _REALITY,
    ),
}  # fmt: skip
