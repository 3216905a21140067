"""The classes that all checks use: a finding, the model to check, and a row of the table of checks.

A `Finding` is a possible defect, a `Subject` is the model with results that several checks use, and a `Rule` is a row
of the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, Literal

from sdcluster.errors import ModelError, SimulationError
from sdcluster.lint.probes import Probe, probes_of, with_probes
from sdcluster.messages import message
from sdcluster.model import Model, Variable
from sdcluster.model.expression import references

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
# Variables of Vensim files that correspond to <sim_specs> in XMILE.
CLOCK = frozenset(("time step", "saveper", "initial time", "final time", "time"))
# Where each language stores the settings that remedies mention.
PLACES: dict[str, tuple[str, Callable[[], str]]] = {
    "step": ("<dt>", lambda: "TIME STEP"),
    "units": ("<units>", lambda: message("lint.field_behind_equation")),
    "doc": ("<doc>", lambda: message("lint.field_behind_second")),
}
TOO_LONG = "it would take too long"
LARGEST_RUN = 30_000_000  # values computed by a check; larger models are not run


@dataclass(frozen=True)
class Finding:
    """A possible defect of a model.

    Parameters
    ----------
    rule : str
        Name of the check.
    severity : {"error", "warning", "note"}
        How serious the finding is. An error means that the model is wrong, a warning that it is probably wrong, and a
        note that this part of the model is worth a look.
    sentence : str
        The description of the possible defect.
    remedy : str
        How to correct the defect.
    variable : str
        Name of the variable; empty if the finding is about the whole model.
    line : int or None
        Line in the model file.
    """

    rule: str
    severity: Severity
    sentence: str
    remedy: str
    variable: str = ""
    line: int | None = None


@dataclass
class Subject:
    """The model to check, with cached results that several checks use.

    Parameters
    ----------
    model : Model

    Attributes
    ----------
    not_run : str
        The reason why `run` returned None; empty if `run` has not returned None.
    """

    model: Model
    not_run: str = field(default="", init=False)

    @cached_property
    def users(self) -> dict[str, set[str]]:
        """For each variable, by its key, the keys of the variables that use it in their equations."""
        found: dict[str, set[str]] = {key: set() for key in self.model.variables}
        for key, variable in self.model.variables.items():
            for expression in variable.expressions:
                for name in references(expression):
                    found.setdefault(name, set()).add(key)
            for flow in variable.inflows + variable.outflows:
                found.setdefault(flow, set()).add(key)
            for governor in () if variable.discrete is None else variable.discrete.names:
                found.setdefault(governor, set()).add(key)
        return found

    def place(self, what: str) -> str:
        """Return the name of a property in the language of the model file, such as ``<dt>`` in XMILE for ``"step"``.

        `what` is a key of `PLACES`.
        """
        xmile, vensim = PLACES[what]
        return vensim() if self.model.path.suffix.lower() == ".mdl" else xmile

    @property
    def method(self) -> str:
        """The integration method of the model file, by its name in `sdcluster.simulate`."""
        return self.model.time.integration

    @cached_property
    def probes(self) -> dict[str, Probe]:
        """Time constants that the runs compute in addition to the model's variables.

        All checks use the same run, so that the model is compiled and simulated only once.
        """
        return probes_of(self.model)

    def run(self, halved: bool = False) -> xr.Dataset | None:
        """Simulate the model and return its trajectories; if `halved`, with half the time step.

        The dataset includes `probes` if the model can be run with them. If the model cannot be run or is too large,
        return None and store the reason in `not_run`.
        """
        from sdcluster.run import simulate

        clock = self.model.time
        dt = clock.dt / 2 if halved else clock.dt
        stages = {"rk4": 4, "rk2": 2}.get(self.method, 1)
        elements = sum(self.size(v) for v in self.model.variables.values())
        if (clock.stop - clock.start) / dt * stages * elements > LARGEST_RUN:
            self.not_run = TOO_LONG
            return None
        # If the run fails, perhaps only a probe cannot be computed, so the model also runs without probes.
        for model in (with_probes(self.model, self.probes), self.model)[not self.probes :]:
            try:
                return simulate(
                    model,
                    method=self.method,
                    dt=dt,
                    saveper=clock.saveper,
                    times=self._uneven_times() if halved else None,
                )
            except (ModelError, SimulationError) as error:
                self.not_run = error.sentence if isinstance(error, ModelError) else error.whole
        return None

    def _uneven_times(self) -> np.ndarray | None:
        """Return the saved times of the run if SAVEPER is not a multiple of the time step, otherwise None.

        If SAVEPER is not a multiple, a run with half the time step would save at other times, so the times must be
        given.
        """
        ratio = self.model.time.saveper / self.model.time.dt
        even = abs(ratio - round(ratio)) < 1e-6 * ratio
        return None if even or self.as_it_is is None else self.as_it_is["time"].to_numpy()

    @cached_property
    def as_it_is(self) -> xr.Dataset | None:
        """The trajectories of a run with the settings of the model file, or None if the run failed; see `run`."""
        return self.run()

    def size(self, variable: Variable) -> int:
        """Return the number of elements of a variable."""
        return prod(self.model.subscripts.shape(variable.dimensions))


Check = Callable[[Subject], Iterator[Finding]]


@dataclass(frozen=True)
class Rule:
    """A row of the table of checks.

    Parameters
    ----------
    name : str
        Short name with hyphens, such as ``step-too-large``.
    meaning : str
        A line for the documentation, which says what is true of a model without this defect.
    check : callable
        Generator function that takes a `Subject` and yields findings.
    runs : bool
        Whether the check simulates the model.
    """

    name: str
    meaning: str
    check: Check
    runs: bool = False


def hidden(variable: Variable) -> bool:
    """Return whether a reader of model files created the variable, for example when it expanded a macro."""
    return variable.hidden


def visible(subject: Subject) -> Iterator[Variable]:
    """Yield the variables that the model file defines, without those that a reader of the file created."""
    return (v for v in subject.model.variables.values() if not hidden(v))
