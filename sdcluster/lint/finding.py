"""Findings, the context that checks look at, and the table of checks.

Crosses the border: `Finding`, `Subject`, `Rule`.
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
# The variables in which Vensim's files keep what XMILE has in <sim_specs>.
CLOCK = frozenset(("time step", "saveper", "initial time", "final time", "time"))
# Where the two languages have what a remedy speaks of.
PLACES: dict[str, tuple[str, Callable[[], str]]] = {
    "step": ("<dt>", lambda: "TIME STEP"),
    "units": ("<units>", lambda: message("lint.field_behind_equation")),
    "doc": ("<doc>", lambda: message("lint.field_behind_second")),
}
TOO_LONG = "it would take too long"
LARGEST_RUN = 30_000_000  # values computed by a check; larger models are not run


@dataclass(frozen=True)
class Finding:
    """Something doubtful in a model.

    Parameters
    ----------
    rule : str
        Name of the check.
    severity : {"error", "warning", "note"}
        Wrong; probably wrong; worth a look.
    sentence : str
        The finding.
    remedy : str
        The remedy.
    variable : str
        Its name; empty if the finding is about the whole model.
    line : int or None
        In the file.
    """

    rule: str
    severity: Severity
    sentence: str
    remedy: str
    variable: str = ""
    line: int | None = None


@dataclass
class Subject:
    """A model under examination; what several checks need is made once.

    Parameters
    ----------
    model : Model
    """

    model: Model
    not_run: str = field(default="", init=False)

    @cached_property
    def users(self) -> dict[str, set[str]]:
        """For each variable the keys of those whose equations use it."""
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
        """Return what the model's language calls the place of a key of `PLACES`."""
        xmile, vensim = PLACES[what]
        return vensim() if self.model.path.suffix.lower() == ".mdl" else xmile

    @property
    def method(self) -> str:
        """The file's integration method, as `sdcluster.simulate` calls it."""
        return self.model.time.integration

    @cached_property
    def probes(self) -> dict[str, Probe]:
        """The values that the runs compute besides the model's variables: one program and one run do for all checks."""
        return probes_of(self.model)

    def run(self, halved: bool = False) -> xr.Dataset | None:
        """Return trajectories, those of `probes` among them if they can be computed.

        None where the model cannot be run or is too large; `not_run` then says why.
        """
        from sdcluster.run import simulate

        clock = self.model.time
        dt = clock.dt / 2 if halved else clock.dt
        stages = {"rk4": 4, "rk2": 2}.get(self.method, 1)
        elements = sum(self.size(v) for v in self.model.variables.values())
        if (clock.stop - clock.start) / dt * stages * elements > LARGEST_RUN:
            self.not_run = TOO_LONG
            return None
        # A probe may be what cannot be computed.
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
        """Return the saved times where SAVEPER is not a multiple of the step: half the step would save at others."""
        ratio = self.model.time.saveper / self.model.time.dt
        even = abs(ratio - round(ratio)) < 1e-6 * ratio
        return None if even or self.as_it_is is None else self.as_it_is["time"].to_numpy()

    @cached_property
    def as_it_is(self) -> xr.Dataset | None:
        """The run with the file's settings."""
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
        Short, with hyphens.
    meaning : str
        One line for the documentation.
    check : callable
        Takes a `Subject`, yields findings.
    runs : bool
        Whether it simulates the model.
    """

    name: str
    meaning: str
    check: Check
    runs: bool = False


def hidden(variable: Variable) -> bool:
    """Return whether a reader made the variable (names from expanded macros are in angle brackets)."""
    return variable.hidden


def visible(subject: Subject) -> Iterator[Variable]:
    """Yield the variables that the file defines."""
    return (v for v in subject.model.variables.values() if not hidden(v))
