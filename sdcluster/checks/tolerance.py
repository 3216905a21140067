"""Allowed deviations of trajectories from their baselines: ``baselines/tolerances.toml``.

`load_tolerances` takes a model's folder and returns `Tolerances`. Without a file, all stocks, auxiliaries and flows are
stored once per unit of time and may differ by a millionth. An example of the file::

    every = 1                                   # time between the stored points
    variables = ["births", "gap"]               # the variables to store

    [default]
    relative = 1e-6                             # |new - old| <= absolute + relative * |old|
    absolute = 1e-9

    [variable."gap"]
    absolute = 1e-6
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sdcluster.errors import did_you_mean
from sdcluster.messages import message
from sdcluster.model.clock import CONTROLS
from sdcluster.model.names import canonical
from sdcluster.project.schema import TEXT, ListOf, Named, Number, Table
from sdcluster.project.schema import Key as entry
from sdcluster.project.toml_file import read_toml

if TYPE_CHECKING:
    from sdcluster.model import Model

FOLDER = "baselines"
FILE_NAME = "tolerances.toml"
TOLERANCE = Table(
    "tolerance",
    {
        "relative": entry(Number(least=0), "allowed deviation, as a share of the old value"),
        "absolute": entry(Number(least=0), "allowed deviation, in the variable's unit"),
    },
)
FILE = Table(
    FILE_NAME,
    {
        "every": entry(Number(above=0), "time between the stored points"),
        "variables": entry(
            ListOf(TEXT), "variables to store; by default, all stocks, auxiliaries and flows"
        ),
        "default": entry(TOLERANCE, "tolerance of the variables that have none of their own"),
        "variable": entry(
            Named(TOLERANCE), "tolerances of single variables, by name of the variable"
        ),
    },
)


@dataclass(frozen=True)
class Tolerance:
    """The allowed deviation of a new value from an old value: ``absolute + relative * abs(old)``."""

    relative: float = 1e-6
    absolute: float = 1e-9


@dataclass(frozen=True)
class Tolerances:
    """The variables that baselines store, and their tolerances.

    Parameters
    ----------
    every : float
        Time between the stored points.
    variables : tuple of str
        Names of the variables to store; empty means all stocks, auxiliaries and flows, without time settings.
    default : Tolerance
        Tolerance of the variables that are not in `own`.
    own : mapping of str to Tolerance
        Tolerances of single variables, by canonical name.
    """

    every: float = 1.0
    variables: tuple[str, ...] = ()
    default: Tolerance = Tolerance()
    own: Mapping[str, Tolerance] = field(default_factory=dict)

    def of(self, name: str) -> Tolerance:
        """Return the tolerance of a variable, or of an element such as ``sales[north]``."""
        whole = self.own.get(canonical(name.partition("[")[0]), self.default)
        return self.own.get(canonical(name), whole)

    def kept(self, model: Model) -> tuple[str, ...]:
        """Return the names of the variables that the baselines of `model` store."""
        if self.variables:
            return tuple(model[name].name for name in self.variables if name in model)
        every = (*model.stocks, *model.auxiliaries, *model.flows)
        return tuple(v.name for v in every if canonical(v.name) not in CONTROLS)


def load_tolerances(folder: str | Path, model: Model | None = None) -> Tolerances:
    """Read ``baselines/tolerances.toml`` of a model's folder.

    Parameters
    ----------
    folder : path
        The model's folder.
    model : Model, optional
        The model with which to check the names of variables in the file.

    Raises
    ------
    ModelError
        If the file is invalid; the message names file, line and key.
    """
    path = Path(folder) / FOLDER / FILE_NAME
    if not path.is_file():
        return Tolerances()
    file = read_toml(path)
    read = FILE(file, file.data)
    names = read.get("variables", ())
    default = replace(Tolerance(), **read.get("default", {}))
    table = read.get("variable", {})
    own = {canonical(name): replace(default, **numbers) for name, numbers in table.items()}
    for name in (*names, *table):
        if model is not None and name not in model:
            known = [variable.name for variable in model.variables.values()]
            raise file.error(
                message(
                    "checks.model_no_variable",
                    model=model.name,
                    name=name,
                    hint=did_you_mean(canonical(name), known),
                ),
                "variable",
                name,
                variable=name,
            )
    return Tolerances(read.get("every", 1.0), names, default, own)
