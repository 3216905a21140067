"""Table of the adaptive integration methods and their properties.

`METHODS` maps a name to a `Method`. The module imports little, so that ``--help``, which lists the names, stays fast.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sdcluster.messages import comma_separated, message


@dataclass(frozen=True)
class Method:
    """An adaptive method: one of `scipy.integrate.solve_ivp`, or our own ``dopri5``.

    Parameters
    ----------
    name : str
        As scipy spells it; users may write it in any case.
    jacobian : {"", "dense", "sparse"}
        The form in which the method takes the Jacobian; empty for explicit methods.
    retreats : bool
        Whether the method reduces the step if a slope is not finite. Other methods would continue with NaN, so with
        them such a slope ends the run.
    compiled : bool
        Whether the method is implemented in the kernel's code. A compiled method can execute many runs in parallel, but
        does not support events.
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
    """Return a text for ``--help`` that lists scipy's methods, those for stiff models separately."""
    plain = [m.name for m in _ROWS if not m.jacobian and not m.compiled]
    stiff = [m.name for m in _ROWS if m.jacobian]
    return message("run.stiff_models", plain=comma_separated(plain), stiff=comma_separated(stiff))
