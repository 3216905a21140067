"""Functions of Vensim that keep material apart: conveyors, batches, profiles and queues, with lookups as profiles.

Crosses the border: `QueueCalls`, a part of the translator of equations. A method ``call_name`` translates the function
NAME from the abstract syntax of its arguments.
"""

# ruff: noqa: D102 - the methods are named after the functions that they translate
from __future__ import annotations

from typing import Any

from sdcluster.errors import ModelError
from sdcluster.functions.table import FUNCTIONS
from sdcluster.model.expression import Call, Expression, Lookup, Number
from sdcluster.model.missing import NA
from sdcluster.read.vensim.series import SeriesCalls

_FAR = 1e300  # an age that nothing reaches


class QueueCalls(SeriesCalls):
    """Calls with lookups among their arguments, which stand for profiles."""

    def with_profiles(
        self, function: str, arguments: tuple[Any, ...], *profiles: int
    ) -> Expression:
        """Return a call whose arguments at some places are lookup variables."""
        row = FUNCTIONS[function]
        if len(arguments) != row.arity[1]:
            raise ModelError(
                f"{row.vensim} takes {row.arity[1]} arguments, but was given {len(arguments)}"
            )
        made = []
        for place, argument in enumerate(arguments):
            if place not in profiles:
                made.append(self.visit(argument))
                continue
            table = self.lookup_named(argument)
            if table is None:
                raise ModelError(f"argument {place + 1} of {row.vensim} must be a lookup variable")
            made.append(Lookup(table, Number(0.0)))
        return Call(function, tuple(made))

    def call_delay_conveyor(self, *arguments: Any) -> Expression:
        return self.with_profiles("delay conveyor", arguments, 3)

    def call_delay_profile(self, *arguments: Any) -> Expression:
        return self.with_profiles("delay profile", arguments, 0)

    def call_queue_age_in_range(self, *arguments: Any) -> Expression:
        """``:NA:`` in the place of an age is no bound."""
        if len(arguments) != 3:
            raise ModelError("QUEUE AGE IN RANGE takes 3 arguments: a queue and two ages")
        queue, *ages = map(self.visit, arguments)
        bounds = [
            Number(far) if a == Number(NA) else a
            for a, far in zip(ages, (-_FAR, _FAR), strict=True)
        ]
        return Call("queue age in range", (queue, *bounds))

    def call_queue_fifo(self, *arguments: Any) -> Expression:
        return self.with_profiles("queue fifo", arguments, 2)

    def call_queue_fifo_attrib(self, *arguments: Any) -> Expression:
        return self.with_profiles("queue fifo attrib", arguments, 4, 5)
