"""Assertions that compare several runs: sweep peak, two end states, ratio, across."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sdcluster.checks.vocabulary.assertion import (
    Assertion,
    Expected,
    Finding,
    Run,
    Runs,
    curve,
    key,
    moment,
    pick,
    value_label,
)
from sdcluster.messages import clauses, message
from sdcluster.project.schema import DIRECTION, NAMES, NUMBER, NUMBERS, SETTINGS, TEXT, ListOf
from sdcluster.project.toml_file import listed
from sdcluster.view.chart import Chart, Curve, Point
from sdcluster.words.numbers import plain


@dataclass(frozen=True, kw_only=True)
class SweepPeak(Expected, Assertion):
    """If a constant varies over a range, the variable's final value is highest near an expected value of the constant.

    Keys: ``variable``; ``over``, the constant; ``values``, the values of the constant to try, in ascending order;
    ``at``, the time at which the variable is measured (default: the end of the run); ``about``, the expected value of
    the constant, with ``within`` or ``percent``, the allowed distance from it; ``min`` and ``max``, bounds of this
    value of the constant. A maximum at the first or last value tried does not count as a peak.
    """

    kind: ClassVar[str] = "sweep peak"
    variable: str = key(TEXT, role="variable")
    over: str = key(TEXT, role="constant")
    values: tuple[float, ...] = key(NUMBERS)
    at: float | None = key(NUMBER, None)

    def contradiction(self) -> str | None:
        """Return a sentence unless `values` are at least three ascending numbers, which a peak inside requires."""
        if len(self.values) < 3 or list(self.values) != sorted(set(self.values)):
            return message("checks.vocabulary.sweep_needs_values")
        return self.incomplete(needed=False)

    def judge(self, runs: Runs) -> Finding:
        """Return whether the variable is highest at the expected value of the constant."""
        ends, data = [], None
        for value in self.values:
            data = runs(self.run({self.over: value}))
            ends.append(moment(data, self.variable, self.at)[0])
        assert data is not None
        best = int(np.argmax(ends))
        inside = 0 < best < len(ends) - 1
        found = self.values[best]
        name = pick(data, self.variable)[0]
        when = moment(data, name, self.at)[1]
        said: list[str] = [
            message(
                "checks.vocabulary.highest_with",
                name=name,
                time=when,
                value=ends[best],
                constant=self.over,
                number=found,
            )
        ]
        if wanted := self.wanted():
            said.append(message("checks.vocabulary.expected", limits=wanted))
        if not inside:
            said.append(message("checks.vocabulary.end_of_sweep"))
        chart = Chart(
            self.name,
            self.over,
            message("checks.vocabulary.label_at", label=value_label(data, name), time=when),
            (Curve(name, np.array(self.values), np.array(ends)),),
            points=(Point(found, ends[best], plain(found)),),
            columns=(self.reach(0),) if wanted else (),
        )
        return Finding(inside and all(self.fits([found])), clauses(said), (chart,))


@dataclass(frozen=True, kw_only=True)
class TwoEndStates(Expected, Assertion):
    """Runs with the same constants but different initial stocks end in different states.

    Keys: ``variable``; ``starts``, a list with the settings of stocks for each run; ``from``, the time at which the
    stocks are set (default: the beginning of the run); ``at``, the time at which the variable is compared (default: the
    end of the run); ``apart``, the least distance between neighbouring end states (default: 0); ``about``, the expected
    end state for each start, with ``within`` or ``percent``, the allowed distance from it. At least one of
    ``about`` and ``apart`` is required.
    """

    kind: ClassVar[str] = "two end states"
    variable: str = key(TEXT, role="variable")
    starts: tuple[Mapping[str, float], ...] = key(ListOf(SETTINGS), role="settings")
    since: float | None = key(NUMBER, None, toml="from")
    at: float | None = key(NUMBER, None)
    apart: float = key(NUMBER, 0.0)

    def contradiction(self) -> str | None:
        """Return a sentence unless there are at least two starts, and `about` or a nonzero `apart` is given."""
        if len(self.starts) < 2:
            return message("checks.vocabulary.starts_needs_tables")
        if not self.about and not self.apart:
            return message("checks.vocabulary.ends_nothing_expected")
        return self.incomplete(len(self.starts), needed=False)

    def judge(self, runs: Runs) -> Finding:
        """Return whether the end states are far enough apart and as expected."""
        datasets = [runs(self.run(start, since=self.since)) for start in self.starts]
        ends = [moment(data, self.variable, self.at)[0] for data in datasets]
        name = pick(datasets[0], self.variable)[0]
        when = moment(datasets[0], name, self.at)[1]
        labels = [_settings(start) for start in self.starts]
        gaps = np.diff(sorted(ends))
        distinct = bool(np.min(gaps) >= self.apart)
        values = [
            message("checks.vocabulary.end_from", value=end, start=label)
            for end, label in zip(ends, labels, strict=True)
        ]
        said = [message("checks.vocabulary.ends", name=name, time=when, values=listed(values))]
        if self.about:
            said.append(message("checks.vocabulary.expected", limits=self.wanted()))
        if not distinct:
            said.append(
                message("checks.vocabulary.too_near", gap=float(np.min(gaps)), least=self.apart)
            )
        chart = self.chart(
            datasets[0],
            name,
            tuple(curve(d, name, label) for d, label in zip(datasets, labels, strict=True)),
            points=tuple(Point(when, end, plain(end, 3)) for end in ends),
            rows=tuple(self.reach(i) for i in range(len(ends))) if self.about else (),
        )
        return Finding(distinct and all(self.fits(ends)), clauses(said), (chart,))


@dataclass(frozen=True, kw_only=True)
class Ratio(Expected, Assertion):
    """The ratio of the variable in this run to the variable in another run is as expected, at given times.

    Keys: ``variable``; ``at``, the times; ``against``, the scenario of the other run (default: the scenario of this
    run); ``against_settings``, the settings of the other run; ``about``, the expected ratio at each time, with
    ``within`` or ``percent``, the allowed distance from it; ``min`` and ``max``, bounds of the ratios. At
    least one of ``against`` and ``against_settings`` is required.
    """

    kind: ClassVar[str] = "ratio"
    variable: str = key(TEXT, role="variable")
    at: tuple[float, ...] = key(NUMBERS)
    against: str | None = key(TEXT, None, role="scenario")
    against_settings: Mapping[str, float] | None = key(SETTINGS, None, role="settings")

    def contradiction(self) -> str | None:
        """Return a sentence unless another run, and an expected value or bound, is given."""
        if self.against is None and self.against_settings is None:
            return message("checks.vocabulary.ratio_needs_other")
        return self.incomplete(len(self.at))

    def judge(self, runs: Runs) -> Finding:
        """Return whether the ratios of the two runs are as expected."""
        other_run = Run(
            self.against or self.scenario,
            tuple((self.against_settings or {}).items()),
            start=self.start,
            stop=self.stop,
        )
        data, other = runs(self.run()), runs(other_run)
        mine = [moment(data, self.variable, t)[0] for t in self.at]
        theirs = [moment(other, self.variable, t)[0] for t in self.at]
        ratios = [a / b if b else float("nan") for a, b in zip(mine, theirs, strict=True)]
        name = pick(data, self.variable)[0]
        labels = self._labels()
        said = [
            message("checks.vocabulary.ratio_at", ratio=ratio, time=t)
            for ratio, t in zip(ratios, self.at, strict=True)
        ]
        sentence = message(
            "checks.vocabulary.ratios",
            name=name,
            first=labels[0],
            second=labels[1],
            ratios=listed(said),
            limits=self.wanted(),
        )
        chart = self.chart(
            data,
            name,
            (curve(data, name, labels[0]), curve(other, name, labels[1])),
            points=tuple(
                Point(t, y, f"×{plain(ratio, 3)}")
                for t, y, ratio in zip(self.at, mine, ratios, strict=True)
            ),
        )
        return Finding(all(self.fits(ratios)), sentence, (chart,))

    def _labels(self) -> tuple[str, str]:
        if self.against is not None and self.against != self.scenario:
            return self.scenario, self.against
        return _settings(self.settings or {}), _settings(self.against_settings or {})


@dataclass(frozen=True, kw_only=True)
class Across(Expected, Assertion):
    """The variable's final values in several scenarios are as expected, or rise or fall in the order of the scenarios.

    Keys: ``variable``; ``scenarios``; ``at``, the time at which the variable is measured (default: the end of the run);
    ``about``, the expected value in each scenario, with ``within`` or ``percent``, the allowed distance from it;
    ``min`` and ``max``, bounds of the values; ``direction``, whether the values must rise or fall from scenario to
    scenario (optional).
    """

    kind: ClassVar[str] = "across"
    variable: str = key(TEXT, role="variable")
    scenarios: tuple[str, ...] = key(NAMES, role="scenario")
    at: float | None = key(NUMBER, None)
    direction: str | None = key(DIRECTION, None)

    def contradiction(self) -> str | None:
        """Return a sentence unless there are at least two scenarios, and an expected value, bound or direction."""
        if len(self.scenarios) < 2:
            return message("checks.vocabulary.across_needs_names")
        return self.incomplete(len(self.scenarios), needed=self.direction is None)

    def judge(self, runs: Runs) -> Finding:
        """Return whether the values in the scenarios are as expected, and rise or fall as expected."""
        datasets = [runs(self.run(scenario=scenario)) for scenario in self.scenarios]
        ends = [moment(data, self.variable, self.at) for data in datasets]
        measured = [value for value, _ in ends]
        name = pick(datasets[0], self.variable)[0]
        values = [
            message("checks.vocabulary.end_in", value=value, scenario=scenario)
            for value, scenario in zip(measured, self.scenarios, strict=True)
        ]
        said = [
            message("checks.vocabulary.ends", name=name, time=ends[0][1], values=listed(values))
        ]
        if wanted := self.wanted():
            said.append(message("checks.vocabulary.expected", limits=wanted))
        steps = np.diff(measured)
        ordered = self.direction is None or bool(
            np.all(steps > 0 if self.direction == "rising" else steps < 0)
        )
        if not ordered:
            said.append(
                message("checks.vocabulary.not_rising")
                if self.direction == "rising"
                else message("checks.vocabulary.not_falling")
            )
        chart = self.chart(
            datasets[0],
            name,
            tuple(curve(d, name, s) for d, s in zip(datasets, self.scenarios, strict=True)),
            points=tuple(Point(when, value, plain(value, 3)) for value, when in ends),
        )
        return Finding(ordered and all(self.fits(measured)), clauses(said), (chart,))


def _settings(settings: Mapping[str, float]) -> str:
    if not settings:
        return message("checks.vocabulary.as_it_is")
    return listed([f"{name} {plain(value)}" for name, value in settings.items()])
