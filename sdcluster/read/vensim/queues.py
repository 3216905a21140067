"""Translate Vensim functions that track material by age or batch: conveyors, batch processes, profiles and queues.

The equation translator looks up these functions by name in `CALLS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from sdcluster.errors import ModelError
from sdcluster.functions.table import FUNCTIONS
from sdcluster.messages import message
from sdcluster.model.expression import Call, Expression, Lookup, Number
from sdcluster.model.missing import NA
from sdcluster.read.vensim.series import lookup_named

if TYPE_CHECKING:
    from sdcluster.read.vensim.translate import EquationTranslator, SpecialCall

_FAR = 1e300  # an age that no material reaches
# Indices of the arguments that are lookup variables.
_PROFILES = {
    "delay conveyor": (3,),
    "delay profile": (0,),
    "queue fifo": (2,),
    "queue fifo attrib": (4, 5),
}


def _with_profiles(function: str, at: EquationTranslator, arguments: tuple[Any, ...]) -> Expression:
    """Return a call of a function that takes lookup variables.

    `_PROFILES` says which of its arguments are lookup variables.
    """
    row = FUNCTIONS[function]
    if len(arguments) != row.arity[1]:
        raise ModelError(
            message(
                "read.vensim.takes_arguments_given",
                vensim=row.vensim,
                arity=row.arity[1],
                count=len(arguments),
            )
        )
    made = []
    for place, argument in enumerate(arguments):
        if place not in _PROFILES[function]:
            made.append(at.visit(argument))
            continue
        table = lookup_named(at, argument)
        if table is None:
            raise ModelError(
                message(
                    "read.vensim.argument_must_lookup_variable", place=place + 1, vensim=row.vensim
                )
            )
        made.append(Lookup(table, Number(0.0)))
    return Call(function, tuple(made))


def _age_in_range(at: EquationTranslator, arguments: tuple[Any, ...]) -> Expression:
    """Return the call of QUEUE AGE IN RANGE. An age of ``:NA:`` means that there is no bound."""
    if len(arguments) != 3:
        raise ModelError(message("read.vensim.queue_age_range_takes"))
    queue, *ages = map(at.visit, arguments)
    bounds = [
        Number(far) if a == Number(NA) else a for a, far in zip(ages, (-_FAR, _FAR), strict=True)
    ]
    return Call("queue age in range", (queue, *bounds))


CALLS: Mapping[str, SpecialCall] = {
    "queue age in range": _age_in_range,
    **{name: partial(_with_profiles, name) for name in _PROFILES},
}
