"""Functions that Vensim or Stella documents but that sdcluster cannot compute.

The keys of `REFUSED` are spellings with underscores. Each value is a function that returns the end of the error
message: the reason, and what the user can do instead.
"""

from __future__ import annotations

from collections.abc import Callable

from sdcluster.messages import Message, message


def _stamps() -> Message:
    return message("functions.rows.follows_time_stamps")


def _whole_run() -> Message:
    return message("functions.rows.looks_at_whole_run")


def _reality() -> Message:
    return message("functions.rows.belongs_to_reality_check")


def _undescribed() -> Message:
    return message("functions.rows.described_nowhere")


def _oven() -> Message:
    return message("functions.rows.asks_about_oven")


def _transit() -> Message:
    return message("functions.rows.asks_transit_time")


REFUSED: dict[str, Callable[[], Message]] = {
    **dict.fromkeys(
        ("cycletime", "ctmean", "ctstddev", "ctmax", "ctmin", "ctflow", "throughput"), _stamps
    ),
    **dict.fromkeys(
        ("attrcount", "attrmax", "attrmean", "attrmin", "attrstddev", "attrsddev"), _stamps
    ),
    **dict.fromkeys(("ostate", "cooktime"), _oven),
    **dict.fromkeys(("proctime", "transtime"), _transit),
    "agecount": lambda: message("functions.rows.asks_for_age"),
    "net_present_value": lambda: message("functions.rows.discounts_by_fiscal_periods"),
    **dict.fromkeys(("compare_run", "vmstat"), _whole_run),
    "find_zero": lambda: message("functions.rows.solves_by_search"),
    **dict.fromkeys(("delay_lost", "queue_attrib_add", "rework"), _undescribed),
    **dict.fromkeys(
        (f"rc_{name}{check}" for name in ("compare", "decay", "grow", "ramp", "step") for check in ("", "_check")),
        _reality,
    ),
}  # fmt: skip
