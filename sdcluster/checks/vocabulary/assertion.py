"""The base class of all assertions about behaviour, with a guide for adding a kind of assertion.

Adding a kind of assertion
--------------------------
1. Write a frozen keyword-only dataclass that inherits from `Assertion`, in the file of this folder where it fits. If
   the assertion compares a number with an expected value or with bounds, inherit from `Expected` as well.
2. Set ``kind`` to the word used in ``behaviour.toml``, and write a docstring that says what the assertion claims. The
   docstring appears in the documentation.
3. Define each field with `key`, which takes a kind of value (`sdcluster.project.schema`), a default if the key is
   optional, and the kind of model item that the value names (``role``), so that the name is checked against the model.
4. Override ``contradiction`` if keys can contradict each other.
5. Implement ``judge``. It takes a function that returns the dataset of a `Run`, and returns a `Finding`. The sentence
   of the finding contains the measured and the expected numbers, and its charts (see `Assertion.chart`) show them.
6. Add a test that passes and a test that fails, on data with a known answer (tests/checks/test_vocabulary.py).

A new class is registered automatically; a new file must be added to the list in `sdcluster.checks.vocabulary`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from sdcluster.errors import ModelError, did_you_mean
from sdcluster.measure.trajectory import value_at
from sdcluster.messages import joined, message
from sdcluster.model.names import canonical
from sdcluster.project.scenario import Change
from sdcluster.project.scenarios_file import CHANGES
from sdcluster.project.schema import NUMBER, NUMBERS, SETTINGS, TEXT, WORDING, Kind
from sdcluster.project.toml_file import listed
from sdcluster.view.chart import Chart, Curve
from sdcluster.words.numbers import plain

if TYPE_CHECKING:
    import xarray as xr


def key(kind: Kind, *default: Any, toml: str | None = None, role: str | None = None) -> Any:
    """Return a dataclass field that stands for a key of an assertion in ``behaviour.toml``.

    Parameters
    ----------
    kind : Kind
        Kind of value, which checks and converts the TOML value.
    *default
        The default; without a default, the key is required.
    toml : str, optional
        The key in the file, if it differs from the field's name.
    role : {"variable", "measure", "constant", "scenario", "settings", "changes"}, optional
        Kind of model item that the value names.
    """
    about = {"kind": kind, "toml": toml, "role": role}
    return field(default=default[0] if default else MISSING, metadata=about)


@dataclass(frozen=True)
class Run:
    """The run to simulate: a scenario, and what the run changes in this scenario.

    Parameters
    ----------
    scenario : str
        Name of the scenario in ``scenarios.toml``.
    settings : tuple of (str, float)
        Values of constants and initial values of stocks, in addition to the scenario's settings.
    changes : tuple of (float, tuple of (str, float))
        Times, and settings from these times on, in addition to the scenario's changes.
    start, stop : float or None
        Start and end of the run; None means those of the scenario.
    """

    scenario: str = "default"
    settings: tuple[tuple[str, float], ...] = ()
    changes: tuple[tuple[float, tuple[tuple[str, float], ...]], ...] = ()
    start: float | None = None
    stop: float | None = None


Runs = Callable[[Run], "xr.Dataset"]


@dataclass(frozen=True)
class Finding:
    """The verdict on an assertion: whether the assertion holds, a sentence with the numbers, and charts."""

    passed: bool
    sentence: str
    charts: tuple[Chart, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Assertion(ABC):
    """Base class of assertions about a model's behaviour.

    Parameters
    ----------
    title : mapping of str to str
        Title by language code.
    source : str
        The publication that makes the claim: author and section.
    scenario : str
        Name of the scenario to run; by default, ``default``.
    settings : mapping of str to float
        Values of constants and initial values of stocks, in addition to the scenario's settings.
    changes : tuple of Change
        Later settings, in addition to the scenario's changes.
    start, stop : float or None
        Start and end of the run, if they differ from those of the scenario.
    """

    kind: ClassVar[str]
    title: Mapping[str, str] = key(WORDING)
    source: str = key(TEXT)
    scenario: str = key(TEXT, "default", role="scenario")
    settings: Mapping[str, float] | None = key(SETTINGS, None, role="settings")
    changes: tuple[Change, ...] = key(CHANGES, (), role="changes")
    start: float | None = key(NUMBER, None)
    stop: float | None = key(NUMBER, None)

    @abstractmethod
    def judge(self, runs: Runs) -> Finding:
        """Run the model, measure the results, and return whether the assertion holds."""

    def contradiction(self) -> str | None:
        """Return a sentence if keys of the assertion contradict each other, otherwise None."""
        return None

    @property
    def name(self) -> str:
        """The title in English or, without an English title, in another language."""
        return self.title.get("en") or next(iter(self.title.values()), self.kind)

    def run(
        self,
        more: Mapping[str, float] | None = None,
        scenario: str | None = None,
        since: float | None = None,
    ) -> Run:
        """Return the run that this assertion simulates.

        Parameters
        ----------
        more : mapping of str to float, optional
            Settings in addition to those of the assertion.
        scenario : str, optional
            A scenario to run instead of the assertion's scenario.
        since : float, optional
            The time from which `more` applies; by default the beginning of the run.
        """
        settings = dict(self.settings or {})
        later = {change.time: dict(change.settings) for change in self.changes}
        target = settings if since is None else later.setdefault(since, {})
        target.update(more or {})
        return Run(
            scenario or self.scenario,
            tuple(settings.items()),
            tuple((time, tuple(values.items())) for time, values in sorted(later.items())),
            self.start,
            self.stop,
        )

    def chart(
        self,
        dataset: xr.Dataset,
        variables: str | Sequence[str],
        curves: tuple[Curve, ...] | None = None,
        **marks: Any,
    ) -> Chart:
        """Return a chart of variables over time.

        Parameters
        ----------
        dataset : xarray.Dataset
            The run, which has the units of the variables.
        variables : str or sequence of str
            Names of the variables to draw. A single name, not in a list, also labels the axis.
        curves : tuple of Curve, optional
            Curves to draw instead, such as the same variable in several runs.
        **marks
            Further parameters of `Chart`: ``points``, ``columns``, ``rows``, ``period``.
        """
        label = ""
        if isinstance(variables, str):
            label, variables = value_label(dataset, variables), [variables]
        if curves is None:
            curves = tuple(curve(dataset, name) for name in variables)
        return Chart(self.name, time_label(dataset), label, curves, **marks)


@dataclass(frozen=True, kw_only=True)
class Expected:
    """The expected values, or bounds, of the numbers that an assertion measures.

    Parameters
    ----------
    about : tuple of float
        Expected values, one for each measured number.
    within : float or None
        Allowed distance from `about`.
    percent : float or None
        Allowed distance from `about`, in percent of it.
    minimum, maximum : float or None
        Bounds of every measured number; their keys in the file are ``min`` and ``max``.
    """

    about: tuple[float, ...] = key(NUMBERS, ())
    within: float | None = key(NUMBER, None)
    percent: float | None = key(NUMBER, None)
    minimum: float | None = key(NUMBER, None, toml="min")
    maximum: float | None = key(NUMBER, None, toml="max")

    def incomplete(self, count: int = 1, needed: bool = True) -> str | None:
        """Return a sentence if the keys of the expectation are incomplete or contradict each other, otherwise None.

        `count` is how many numbers the assertion measures. If `needed`, an expected value or a bound must be given.
        """
        if self.about and self.within is None and self.percent is None:
            return message("checks.vocabulary.about_needs_distance")
        if not self.about and (self.within is not None or self.percent is not None):
            return message("checks.vocabulary.distance_needs_about")
        if self.about and len(self.about) != count:
            return message(
                "checks.vocabulary.about_has_numbers", given=len(self.about), count=count
            )
        if needed and not self.about and self.minimum is None and self.maximum is None:
            return message("checks.vocabulary.nothing_expected")
        return None

    def reach(self, index: int) -> tuple[float, float]:
        """Return the lowest and highest allowed value of the measured number `index`."""
        low = -np.inf if self.minimum is None else self.minimum
        high = np.inf if self.maximum is None else self.maximum
        if self.about:
            centre = self.about[index]
            slack = (self.within or 0.0) + (self.percent or 0.0) / 100 * abs(centre)
            low, high = max(low, centre - slack), min(high, centre + slack)
        return float(low), float(high)

    def fits(self, measured: Sequence[float]) -> list[bool]:
        """Return for each measured number whether it is as expected; NaN is never as expected."""
        reaches = [self.reach(index) for index in range(len(measured))]
        return [low <= x <= high for x, (low, high) in zip(measured, reaches, strict=True)]

    def wanted(self, unit: str = "") -> str:
        """Return the expected values and bounds in words, such as ``about 0.35 ± 0.05``."""
        parts: list[str] = []
        if self.about:
            slack = f" ± {plain(self.within)}" if self.within is not None else ""
            slack += f" ± {plain(self.percent)} %" if self.percent is not None else ""
            values = listed([plain(x) for x in self.about])
            parts.append(message("checks.vocabulary.about", values=values, slack=slack))
        return bounds(self.minimum, self.maximum, *parts) + unit


def bounds(minimum: float | None, maximum: float | None, *before: str) -> str:
    """Return bounds in words, such as ``at least 0 and at most 1``, after the texts in `before`."""
    parts = list(before)
    if minimum is not None and np.isfinite(minimum):
        parts.append(message("checks.vocabulary.at_least", limit=minimum))
    if maximum is not None and np.isfinite(maximum):
        parts.append(message("checks.vocabulary.at_most", limit=maximum))
    return joined(message("checks.vocabulary.between_bounds"), parts)


def pick(dataset: xr.Dataset, name: str) -> tuple[str, np.ndarray, np.ndarray]:
    """Return the name, the times and the values of a variable in a dataset.

    Raises
    ------
    ModelError
        If the dataset lacks the variable; the message suggests the nearest names.
    """
    wanted = canonical(name.replace(", ", ","))
    for known in dataset.data_vars:
        if canonical(str(known)) == wanted:
            values = np.asarray(dataset[known].values, dtype=float)
            return str(known), np.asarray(dataset["time"].values, dtype=float), values
    hint = did_you_mean(wanted, [str(known) for known in dataset.data_vars])
    raise ModelError(
        message("checks.vocabulary.run_no_variable", name=name, hint=hint), variable=name
    )


def moment(dataset: xr.Dataset, name: str, at: float | None) -> tuple[float, float]:
    """Return the value of a variable at the time `at`, and this time; None means the end of the run.

    Raises
    ------
    ModelError
        If the dataset lacks the variable, or if the time is outside the run.
    """
    _, time, values = pick(dataset, name)
    when = float(time[-1]) if at is None else at
    try:
        return value_at(time, values, when), when
    except ValueError as error:
        raise ModelError(
            message("checks.vocabulary.set_later_stop", error=error), variable=name
        ) from None


def time_label(dataset: xr.Dataset) -> str:
    """Return the label of a dataset's time axis, with the unit of time."""
    return time_axis(str(dataset["time"].attrs.get("units", "")))


def time_axis(unit: str) -> str:
    """Return the label of a time axis, with the unit of time if there is one."""
    if not unit:
        return message("checks.vocabulary.time_axis")
    return message("checks.vocabulary.time_axis_unit", unit=unit)


def value_label(dataset: xr.Dataset, name: str) -> str:
    """Return the label of the axis for a variable: the variable's name and unit."""
    known, _, _ = pick(dataset, name)
    unit = str(dataset[known].attrs.get("units", ""))
    return f"{known} ({unit})" if unit and unit.lower() not in ("1", "dmnl") else known


def curve(dataset: xr.Dataset, name: str, label: str | None = None) -> Curve:
    """Return the curve of a variable over time, to be drawn in a chart."""
    known, time, values = pick(dataset, name)
    return Curve(label or known, time, values)
