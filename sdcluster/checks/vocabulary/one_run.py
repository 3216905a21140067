"""Assertions about one run: peaks, order of crossings, values, growth, falls and bounds."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from sdcluster.checks.vocabulary.assertion import (
    Assertion,
    Expected,
    Finding,
    Runs,
    bounds,
    key,
    moment,
    pick,
)
from sdcluster.measure import trajectory as measure
from sdcluster.measure.measures import parse_measure
from sdcluster.measure.trajectory import on_the_clock
from sdcluster.messages import clauses, message
from sdcluster.project.schema import DIRECTION, NAMES, NUMBER, NUMBERS, TEXT, TRUTH
from sdcluster.project.toml_file import listed
from sdcluster.view.chart import Point
from sdcluster.view.figure import with_units
from sdcluster.words.numbers import plain

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True, kw_only=True)
class Peaks(Assertion):
    """The variable has a peak near each of the given times.

    Keys: ``variable``; ``near``, the times; ``within``, the allowed distance from these times (default: 1);
    ``prominence``, how far the curve must fall on both sides of a peak, as a share of the peak's height (default:
    0.05); ``only``, whether any other peak fails the assertion (default: true).
    """

    kind: ClassVar[str] = "peaks"
    variable: str = key(TEXT, role="variable")
    near: tuple[float, ...] = key(NUMBERS)
    within: float = key(NUMBER, 1.0)
    prominence: float = key(NUMBER, 0.05)
    only: bool = key(TRUTH, True)

    def judge(self, runs: Runs) -> Finding:
        """Return whether each expected time has a peak of its own nearby and, if `only`, there is no other peak."""
        data = runs(self.run())
        name, time, values = pick(data, self.variable)
        when, height = measure.peaks(time, values, self.prominence)
        left = list(when)
        missed = []
        for wanted in self.near:
            nearest = min(left, key=lambda t: abs(t - wanted), default=np.inf)
            if abs(nearest - wanted) <= self.within:
                left.remove(nearest)
            else:
                missed.append(wanted)
        said = [
            message("checks.vocabulary.peaks_at", name=name, times=_times(when))
            if len(when)
            else message("checks.vocabulary.peaks_none", name=name),
            _near(self.near, self.within),
        ]
        if missed:
            said.append(message("checks.vocabulary.peaks_none_near", times=_times(missed)))
        if left and self.only:
            said.append(message("checks.vocabulary.peaks_unexpected", times=_times(left)))
        chart = self.chart(
            data,
            name,
            points=tuple(Point(x, y, on_the_clock(x)) for x, y in zip(when, height, strict=True)),
            columns=tuple((x - self.within, x + self.within) for x in self.near),
        )
        return Finding(not missed and not (left and self.only), clauses(said), (chart,))


@dataclass(frozen=True, kw_only=True)
class SeveralPeaks(Assertion):
    """The number of peaks of the variable is within bounds, whenever the peaks occur.

    Keys: ``variable``; ``least`` and ``most``, the bounds, at least one of which is required; ``from`` and ``to``, the
    part of the run in which peaks count (default: the whole run); ``prominence``, how far the curve must fall on both
    sides of a peak, in the variable's unit (default: 0.02).
    """

    kind: ClassVar[str] = "several peaks"
    variable: str = key(TEXT, role="variable")
    least: float | None = key(NUMBER, None)
    most: float | None = key(NUMBER, None)
    since: float | None = key(NUMBER, None, toml="from")
    until: float | None = key(NUMBER, None, toml="to")
    prominence: float = key(NUMBER, 0.02)

    def contradiction(self) -> str | None:
        """Return a sentence if neither `least` nor `most` is given."""
        if self.least is None and self.most is None:
            return message("checks.vocabulary.peaks_limit_missing")
        return None

    def judge(self, runs: Runs) -> Finding:
        """Return whether the number of peaks in the chosen part of the run is as expected."""
        data = runs(self.run())
        name, time, values = pick(data, self.variable)
        when, height = measure.prominent_peaks(time, values, self.prominence)
        inside = (when >= (time[0] if self.since is None else self.since)) & (
            when <= (time[-1] if self.until is None else self.until)
        )
        when, height = when[inside], height[inside]
        said = (
            message("checks.vocabulary.peaks_times", times=_times(when))
            if len(when)
            else message("checks.vocabulary.peaks_no_time")
        )
        holds = (self.least is None or len(when) >= self.least) and (
            self.most is None or len(when) <= self.most
        )
        chart = self.chart(
            data,
            name,
            points=tuple(Point(x, y, on_the_clock(x)) for x, y in zip(when, height, strict=True)),
        )
        return Finding(
            holds,
            message(
                "checks.vocabulary.peaks_expected",
                count=len(when),
                name=name,
                said=said,
                limits=bounds(self.least, self.most),
            ),
            (chart,),
        )


@dataclass(frozen=True, kw_only=True)
class Order(Assertion):
    """Several variables cross the same level, in the expected order.

    Keys: ``variables``, in the expected order; ``level``; ``direction`` of the crossing (default: ``"rising"``);
    ``near``, the expected times of the crossings (optional); ``within``, the allowed distance from these times
    (default: 1). Only the first crossing of each variable counts.
    """

    kind: ClassVar[str] = "order"
    variables: tuple[str, ...] = key(NAMES, role="variable")
    level: float = key(NUMBER)
    direction: str = key(DIRECTION, "rising")
    near: tuple[float, ...] = key(NUMBERS, ())
    within: float = key(NUMBER, 1.0)

    def contradiction(self) -> str | None:
        """Return a sentence if there are fewer than two variables, or if `near` has a time too many or too few."""
        if len(self.variables) < 2:
            return message("checks.vocabulary.order_needs_names")
        if self.near and len(self.near) != len(self.variables):
            return message(
                "checks.vocabulary.near_has_times",
                times=len(self.near),
                variables=len(self.variables),
            )
        return None

    def judge(self, runs: Runs) -> Finding:
        """Return whether the first crossings have the expected order and the expected times."""
        data = runs(self.run())
        found: list[float] = []
        for variable in self.variables:
            _, time, values = pick(data, variable)
            passed = measure.crossings(time, values, self.level, self.direction == "rising")
            found.append(float(passed[0]) if len(passed) else float("nan"))
        names = [pick(data, variable)[0] for variable in self.variables]
        passings = listed(
            [
                message("checks.vocabulary.passing_never", name=name)
                if np.isnan(t)
                else message("checks.vocabulary.passing_at", name=name, time=on_the_clock(t))
                for name, t in zip(names, found, strict=True)
            ]
        )
        ordered = all(a < b for a, b in pairwise(found))
        on_time = not self.near or all(
            abs(t - due) <= self.within for t, due in zip(found, self.near, strict=True)
        )
        said: list[str] = [
            message("checks.vocabulary.passing_rising", level=self.level, passings=passings)
            if self.direction == "rising"
            else message("checks.vocabulary.passing_falling", level=self.level, passings=passings)
        ]
        if self.near:
            said.append(_near(self.near, self.within))
        if not ordered:
            said.append(message("checks.vocabulary.other_order"))
        chart = self.chart(
            data,
            self.variables,
            points=tuple(Point(t, self.level, on_the_clock(t)) for t in found if not np.isnan(t)),
            columns=tuple((t - self.within, t + self.within) for t in self.near),
        )
        return Finding(ordered and on_time, clauses(said), (chart,))


@dataclass(frozen=True, kw_only=True)
class EarlyWarning(Assertion):
    """A variable crosses a level early enough before another variable crosses its own level.

    Keys: ``variable`` and ``level``, the crossing that gives the warning; ``of`` and ``of_level``, the variable and
    level of the crossing that follows; ``least``, the shortest allowed time from the warning to this crossing. Only the
    first upward crossing of each variable counts. The assertion fails if one of the two crossings does not happen.
    """

    kind: ClassVar[str] = "early warning"
    variable: str = key(TEXT, role="variable")
    level: float = key(NUMBER)
    of: str = key(TEXT, role="variable")
    of_level: float = key(NUMBER)
    least: float = key(NUMBER)

    def judge(self, runs: Runs) -> Finding:
        """Return whether the first upward crossing of the warning level comes early enough."""
        data = runs(self.run())
        found: list[float] = []
        said: list[str] = []
        for variable, level in ((self.variable, self.level), (self.of, self.of_level)):
            name, time, values = pick(data, variable)
            passed = measure.crossings(time, values, level, True)
            found.append(float(passed[0]) if len(passed) else float("nan"))
            said.append(
                message(
                    "checks.vocabulary.passes_at",
                    name=name,
                    level=level,
                    time=on_the_clock(found[-1]),
                )
                if len(passed)
                else message("checks.vocabulary.passes_never", name=name, level=level)
            )
        ahead = found[1] - found[0]
        wanted = message("checks.vocabulary.expected_before", least=self.least)
        points = tuple(
            Point(t, level, on_the_clock(t))
            for t, level in zip(found, (self.level, self.of_level), strict=True)
            if not np.isnan(t)
        )
        return Finding(
            bool(ahead >= self.least),
            clauses([listed(said), wanted]),
            (self.chart(data, (self.variable, self.of), points=points),),
        )


@dataclass(frozen=True, kw_only=True)
class Value(Expected, Assertion):
    """The variable is close to a value, or between bounds, at a given time.

    Keys: ``variable``; ``at``, the time; ``about``, the expected value, with ``within`` or ``percent``, the allowed
    distance from it; ``min`` and ``max``, bounds.
    """

    kind: ClassVar[str] = "value"
    variable: str = key(TEXT, role="variable")
    at: float | None = key(NUMBER)

    def contradiction(self) -> str | None:
        """Return a sentence if no expected value or bound is given."""
        return self.incomplete()

    def judge(self, runs: Runs) -> Finding:
        """Return whether the value at the given time is as expected."""
        data = runs(self.run())
        measured, when = moment(data, self.variable, self.at)
        name = pick(data, self.variable)[0]
        sentence = message(
            "checks.vocabulary.value_at",
            name=name,
            time=when,
            value=measured,
            limits=self.wanted(),
        )
        chart = self.chart(
            data,
            name,
            points=(Point(when, measured, plain(measured, 4)),),
            rows=(self.reach(0),),
        )
        return Finding(all(self.fits([measured])), sentence, (chart,))


@dataclass(frozen=True, kw_only=True)
class Final(Value):
    """The variable is close to a value, or between bounds, at the end of the run.

    Keys: the same as for ``value``, but without ``at``.
    """

    kind: ClassVar[str] = "final"
    at: float | None = field(default=None, init=False)


@dataclass(frozen=True, kw_only=True)
class Number(Expected, Assertion):
    """A measure of the run is close to a value, or between bounds.

    Keys: ``measure``, written as in ``sdcluster sweep``: a keyword and a variable, for instance ``"time of peak births
    from 10"``; ``about``, the expected value, with ``within`` or ``percent``, the allowed distance from it; ``min`` and
    ``max``, bounds.
    """

    kind: ClassVar[str] = "measure"
    measure: str = key(TEXT, role="measure")

    def contradiction(self) -> str | None:
        """Return a sentence if no expected value or bound is given."""
        return self.incomplete()

    def judge(self, runs: Runs) -> Finding:
        """Return whether the measure is as expected."""
        data = runs(self.run())
        found = parse_measure(self.measure, [str(known) for known in data.data_vars])
        name, time, values = pick(data, found.variable)
        other = pick(data, found.on)[2] if found.on else None
        number = found.of(time, values, other)
        sentence = (
            message(
                "checks.vocabulary.measure_missing",
                measure=self.measure,
                never=found.word.never,
                limits=self.wanted(),
            )
            if np.isnan(number)
            else message(
                "checks.vocabulary.measure_is",
                measure=self.measure,
                number=number,
                limits=self.wanted(),
            )
        )
        moment = found.word.unit == "moment" and not np.isnan(number)
        chart = self.chart(
            data,
            name,
            points=(Point(number, float(np.interp(number, time, values)), on_the_clock(number)),)
            if moment
            else (),
            columns=(self.reach(0),) if moment else (),
            rows=(self.reach(0),) if found.word.unit == "variable" else (),
        )
        return Finding(all(self.fits([number])), sentence, (chart,))


@dataclass(frozen=True, kw_only=True)
class Growth(Expected, Assertion):
    """The variable grows at an expected compound annual rate, in percent.

    Keys: ``variable``; ``from`` and ``to``, the times between which growth is measured; ``about``, the expected rate,
    with ``within`` or ``percent``, the allowed distance from it; ``min`` and ``max``, bounds of the rate. All rates are
    in percent per unit of the model's time, which should be a year.
    """

    kind: ClassVar[str] = "growth"
    variable: str = key(TEXT, role="variable")
    since: float = key(NUMBER, toml="from")
    until: float = key(NUMBER, toml="to")

    def contradiction(self) -> str | None:
        """Return a sentence if the expected growth is missing, or if `to` is not after `from`."""
        if self.since >= self.until:
            return message(
                "checks.vocabulary.growth_needs_time", since=self.since, until=self.until
            )
        return self.incomplete()

    def judge(self, runs: Runs) -> Finding:
        """Return whether the compound annual growth rate is as expected."""
        data = runs(self.run())
        name, time, values = pick(data, self.variable)
        ends = [moment(data, name, at)[0] for at in (self.since, self.until)]
        rate = 100 * measure.growth_rate(time, values, self.since, self.until)
        sentence = message(
            "checks.vocabulary.grows",
            name=name,
            rate=rate,
            since=self.since,
            until=self.until,
            limits=self.wanted(" %"),
        )
        chart = self.chart(
            data,
            name,
            points=tuple(
                Point(x, y, plain(y, 4))
                for x, y in zip((self.since, self.until), ends, strict=True)
            ),
            period=(self.since, self.until),
        )
        return Finding(all(self.fits([rate])), sentence, (chart,))


@dataclass(frozen=True, kw_only=True)
class Drop(Expected, Assertion):
    """The variable falls from its peak by an expected percentage of the peak.

    Keys: ``variable``; ``to``, the time at which the fall since the peak is measured (default: the end of the run);
    ``about``, the expected fall, with ``within`` or ``percent``, the allowed distance from it; ``min`` and ``max``,
    bounds of the fall. All falls are in percent of the peak.
    """

    kind: ClassVar[str] = "drop"
    variable: str = key(TEXT, role="variable")
    until: float | None = key(NUMBER, None, toml="to")

    def contradiction(self) -> str | None:
        """Return a sentence if no expected value or bound is given."""
        return self.incomplete()

    def judge(self, runs: Runs) -> Finding:
        """Return whether the fall from the peak is as expected."""
        data = runs(self.run())
        last, end = moment(data, self.variable, self.until)
        name, time, values = pick(data, self.variable)
        fall, when, height = measure.fall_from_peak(time, values, self.until)
        fall *= 100
        sentence = message(
            "checks.vocabulary.drops",
            name=name,
            fall=fall,
            height=height,
            time=on_the_clock(when),
            last=last,
            end=end,
            limits=self.wanted(" %"),
        )
        low, high = self.reach(0)
        chart = self.chart(
            data,
            name,
            points=(
                Point(when, height, plain(height, 3)),
                Point(end, last, f"−{plain(fall, 3)} %"),
            ),
            rows=((height * (1 - high / 100), height * (1 - low / 100)),),
        )
        return Finding(all(self.fits([fall])), sentence, (chart,))


@dataclass(frozen=True, kw_only=True)
class Monotone(Assertion):
    """The variable only rises, or only falls.

    Keys: ``variable``; ``direction``; ``from`` and ``to``, the part of the run that counts (default: the whole run);
    ``slack``, the largest tolerated move in the other direction, in the variable's unit (default: 0).
    """

    kind: ClassVar[str] = "monotone"
    variable: str = key(TEXT, role="variable")
    direction: str = key(DIRECTION)
    since: float | None = key(NUMBER, None, toml="from")
    until: float | None = key(NUMBER, None, toml="to")
    slack: float = key(NUMBER, 0.0)

    def judge(self, runs: Runs) -> Finding:
        """Return whether the largest move in the other direction stays within `slack`."""
        data = runs(self.run())
        name = pick(data, self.variable)[0]
        time, values = _part(data, name, self.since, self.until)
        sign = 1.0 if self.direction == "rising" else -1.0
        back = np.maximum.accumulate(sign * values) - sign * values
        worst = int(np.argmax(back))
        rounding = 1e-12 * float(np.max(np.abs(values)))
        passed = bool(back[worst] <= self.slack + rounding)
        rising = self.direction == "rising"
        start, stop = float(time[0]), float(time[-1])
        if passed:
            sentence = (
                message("checks.vocabulary.rises", name=name, start=start, stop=stop)
                if rising
                else message("checks.vocabulary.falls", name=name, start=start, stop=stop)
            )
        else:
            span = (
                message("checks.vocabulary.rises_not", name=name, start=start, stop=stop)
                if rising
                else message("checks.vocabulary.falls_not", name=name, start=start, stop=stop)
            )
            sentence = message(
                "checks.vocabulary.goes_back",
                span=span,
                back=with_units(
                    plain(float(back[worst]), 3), str(data[name].attrs.get("units", ""))
                ),
                time=on_the_clock(time[worst]),
            )
        chart = self.chart(
            data,
            name,
            points=() if passed else (Point(float(time[worst]), float(values[worst])),),
            period=_period(self.since, self.until, time),
        )
        return Finding(passed, sentence, (chart,))


@dataclass(frozen=True, kw_only=True)
class Bounded(Assertion):
    """Variables stay between bounds.

    Keys: ``variables``; ``min`` and ``max``, the bounds, at least one of which is required; ``from`` and ``to``, the
    part of the run that counts (default: the whole run). Rounding errors (1e-9 of the bound) are tolerated.
    """

    kind: ClassVar[str] = "bounded"
    variables: tuple[str, ...] = key(NAMES, role="variable")
    since: float | None = key(NUMBER, None, toml="from")
    until: float | None = key(NUMBER, None, toml="to")
    minimum: float | None = key(NUMBER, None, toml="min")
    maximum: float | None = key(NUMBER, None, toml="max")

    def contradiction(self) -> str | None:
        """Return a sentence if there is no variable or no bound."""
        if not self.variables:
            return message("checks.vocabulary.variables_empty")
        if self.minimum is None and self.maximum is None:
            return message("checks.vocabulary.bound_missing")
        return None

    def judge(self, runs: Runs) -> Finding:
        """Return whether the lowest and the highest value of each variable are within the bounds."""
        data = runs(self.run())
        low = -np.inf if self.minimum is None else self.minimum
        high = np.inf if self.maximum is None else self.maximum
        rounding = 1e-9 * max(abs(x) for x in (low, high, 1.0) if np.isfinite(x))
        said: list[str] = []
        points, passed = [], True
        for variable in self.variables:
            name = pick(data, variable)[0]
            time, values = _part(data, name, self.since, self.until)
            for index, outside in ((np.argmin(values), -1), (np.argmax(values), 1)):
                excess = values[index] - high if outside > 0 else low - values[index]
                if not excess <= rounding:
                    passed = False
                    said.append(
                        message(
                            "checks.vocabulary.reaches",
                            name=name,
                            value=values[index],
                            time=on_the_clock(time[index]),
                        )
                    )
                    points.append(Point(float(time[index]), float(values[index])))
        sentence = (
            message(
                "checks.vocabulary.stays",
                names=listed([pick(data, variable)[0] for variable in self.variables]),
                limits=bounds(low, high),
                start=time[0],
                stop=time[-1],
            )
            if passed
            else message(
                "checks.vocabulary.leaves",
                said=listed(said),
                limits=bounds(low, high),
                start=time[0],
                stop=time[-1],
            )
        )
        chart = self.chart(
            data,
            self.variables,
            points=tuple(points),
            period=_period(self.since, self.until, time),
            rows=((low, high),),
        )
        return Finding(passed, sentence, (chart,))


def _part(
    data: xr.Dataset, name: str, since: float | None, until: float | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the times and values from `since` to `until`; raise a `ModelError` for a time outside the run."""
    for at in (since, until):
        moment(data, name, at)
    return measure.window(*pick(data, name)[1:], since, until)


def _period(
    since: float | None, until: float | None, time: np.ndarray
) -> tuple[float, float] | None:
    if since is None and until is None:
        return None
    return float(time[0]), float(time[-1])


def _times(times: object) -> str:
    return listed([on_the_clock(t) for t in np.asarray(times, dtype=float)])


def _near(times: object, within: float) -> str:
    return message("checks.vocabulary.expected_near", times=_times(times), within=within)
