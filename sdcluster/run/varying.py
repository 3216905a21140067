"""Factors: constants and initial values of stocks that differ between runs, from the start or from a later time on.

`varying(model, name)` reads ``"price"``, ``"price[north]"`` and ``"price at 20"``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.model import Model
from sdcluster.model.elements import Element, one
from sdcluster.project.scenario import Change


@dataclass(frozen=True)
class Varying:
    """A factor: a variable or element whose value differs between runs.

    Parameters
    ----------
    element : Element
    time : float or None
        Time from which the value applies, in the model's time unit; None for the start of the run.
    """

    element: Element
    time: float | None = None

    @property
    def name(self) -> str:
        """The factor's name in results, such as ``price at 20``."""
        return self.element.name + ("" if self.time is None else f" at {_shortest(self.time)}")


def _shortest(number: float) -> str:
    """Return the shortest decimal text that reads back as the same number."""
    short = f"{number:g}"
    return short if float(short) == number else repr(number).removesuffix(".0")


def varying(model: Model, name: str) -> Varying:
    """Return the factor with a given name: a variable or element, with an optional time from which its value applies.

    Raises
    ------
    ModelError
        For unknown names, arrays without an element, and times outside the run.
    """
    base, word, moment = str(name).rpartition(" at ")
    try:
        time = float(moment)
    except ValueError:
        time = math.nan
    if not word or math.isnan(time):
        return Varying(one(model, name))
    try:
        return Varying(one(model, name))  # a variable may have this name, such as "price at 20"
    except ModelError:
        found = Varying(one(model, base), time)
    if not math.isfinite(time):
        raise ModelError(message("run.needs_time_finite_number", name=name), file=model.path)
    return found


def split(
    varied: Sequence[Varying], point: Sequence[float], own: Sequence[Change]
) -> tuple[dict[str, float], list[Change]]:
    """Return the settings of a run at its start, and its changes: the scenario's, followed by those of the factors."""
    pairs = list(zip(varied, point, strict=True))
    settings = {v.element.name: x for v, x in pairs if v.time is None}
    later = [Change(v.time, {v.element.name: x}) for v, x in pairs if v.time is not None]
    return settings, [*own, *later]
