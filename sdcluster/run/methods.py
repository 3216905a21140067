"""The adaptive methods: a row for each. ``--help``, completion, messages, tests and the Jacobian they get follow.

Crosses the border: `METHODS` by name. Nothing is imported here, since ``--help`` lists the names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sdcluster.messages import message


@dataclass(frozen=True)
class Method:
    """One of the methods of `scipy.integrate.solve_ivp`, or ours.

    Parameters
    ----------
    name : str
        As scipy spells it; users may write it in any case.
    jacobian : {"", "dense", "sparse"}
        The form in which it takes the Jacobian: an explicit method takes none.
    retreats : bool
        Whether it makes the step smaller where a slope is not finite. One that does not would go on with NaN to the
        end, so the run stops there.
    compiled : bool
        Whether the method is implemented in the kernel's code, which can also execute many runs in parallel. It watches
        no events.
    """

    name: str
    jacobian: Literal["", "dense", "sparse"] = ""
    retreats: bool = True
    compiled: bool = False


_ROWS = (
    Method("dopri5", compiled=True),
    Method("RK23"),
    Method("RK45"),
    Method("DOP853"),
    Method("Radau", jacobian="sparse"),
    Method("BDF", jacobian="sparse"),
    Method("LSODA", jacobian="dense", retreats=False),
)
METHODS: Mapping[str, Method] = {row.name: row for row in _ROWS}


def in_words() -> str:
    """Return scipy's names for ``--help``: those for stiff models apart."""
    plain = [m.name for m in _ROWS if not m.jacobian and not m.compiled]
    stiff = [m.name for m in _ROWS if m.jacobian]
    return message("run.stiff_models", plain=", ".join(plain), stiff=", ".join(stiff))
