"""Convert constants that change during a run on the page to the changes of a scenario.

The user draws such a constant over time, or the policy switch changes it. `changed_over_time` takes a `Setting` of the
page, and returns the initial settings and the changes with their times. `frontend/src/changes.ts` computes the same, so
that a run in Python is bit-identical to the page's run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import Any

from sdcluster.lab.page_state import Setting
from sdcluster.model import Model
from sdcluster.model.elements import element_names, find_element
from sdcluster.project.scenario import Change, Scenario

LINE_PARTS = 100  # small steps of a line over the whole run
_ROUND = (1, 2, 5, 10)

Point = tuple[float, float]


@dataclass(frozen=True)
class Span:
    """First time, last time and step of a run."""

    start: float
    stop: float
    dt: float


def span_of(times: Mapping[str, Any]) -> Span:
    """Return the span of a run from the times in a page's description (see `sdcluster.publish.program.run_times`)."""
    origin, parts = times["origin"], times["parts"]
    return Span(origin / parts, (origin + times["steps"] * times["stride"]) / parts, times["dt"])


def is_switch(scenario: Mapping[str, Any], before: Mapping[str, float]) -> bool:
    """Return whether a scenario starts with the policy `before` and switches once to another policy."""
    changes = scenario["plan"]["changes"]
    if not before or len(changes) != 1:
        return False
    then = changes[0]["settings"]
    return dict(scenario["settings"]) == dict(before) and then.keys() == before.keys()


def changed_over_time(
    run: Setting,
    base: Scenario,
    model: Model,
    standards: Mapping[str, float],
    before: Mapping[str, float],
    span: Span,
) -> tuple[dict[str, float], tuple[Change, ...]]:
    """Return the initial settings of a run, and its changes in order of time.

    Parameters
    ----------
    run : Setting
        The run on the page, with its drawn constants and the time of the policy switch.
    base : Scenario
        The scenario of the run. Its changes apply to constants that the user has not drawn.
    model : Model
    standards : mapping of str to float
        The model's own values of all constants and initial values that can be set, by name.
    before : mapping of str to float
        The settings before the policy switch.
    span : Span
        Start, end and step of the run.
    """
    early = {} if run.switch is None else {n: v for n, v in before.items() if n not in run.drawn}
    settings = {**run.values, **early}
    ways: dict[str, Sequence[Point]] = {}
    for name in early:
        assert run.switch is not None
        ways[name] = [(run.switch, run.values.get(name, standards[name]))]
    for name, way in run.drawn.items():
        if name in standards:
            points = [(float(time), float(value)) for time, value in way["points"]]
            start = settings.get(name, standards[name])
            ways[name] = _line(points, start, span) if way["form"] == "line" else points
    by_time: dict[float, dict[str, float]] = {}
    for change in base.changes:
        for name, value in _elements(model, change.settings):
            if name not in ways:
                by_time.setdefault(change.time, {})[name] = value
    for name, steps in ways.items():
        for time, value in steps:
            if time < span.stop:
                by_time.setdefault(time, {})[name] = value
    return settings, tuple(Change(time, by_time[time]) for time in sorted(by_time))


def _elements(model: Model, settings: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return settings as pairs of name and value; the setting of an array gives a pair for each element."""
    found = []
    for name, value in settings.items():
        key, place = find_element(model, name)
        names = element_names(model, key)
        found += [(n, value) for n in (names if place is None else [names[place]])]
    return found


def _line(points: Sequence[Point], start: float, span: Span) -> list[Point]:
    """Return times and values of the small steps that approximate the straight lines between points."""
    corners = [(span.start, start), *(p for p in points if p[0] > span.start)]
    pace = max(span.dt, _round_above((span.stop - span.start) / LINE_PARTS))
    moments = {time for time, _ in corners[1:]}
    end = min(corners[-1][0], span.stop)
    count = floor(span.start / pace) + 1
    while count * pace < end:
        moments.add(_rounded(count * pace))
        count += 1
    found: list[Point] = []
    last = start
    for time in sorted(moments):
        value = _along(corners, time)
        if value != last:
            found.append((time, value))
        last = value
    return found


def _along(corners: Sequence[Point], time: float) -> float:
    place = next((i for i, (moment, _) in enumerate(corners) if moment >= time), len(corners) - 1)
    t1, v1 = corners[place]
    t0, v0 = corners[place - 1] if place else (t1, v1)
    return v1 if time == t1 or t1 == t0 else _rounded(v0 + ((v1 - v0) * (time - t0)) / (t1 - t0))


def _rounded(value: float) -> float:
    return float(f"{value:.12g}")


def _round_above(value: float) -> float:
    power = 10.0 ** floor(log10(value) + 1e-12)
    factor = next((f for f in _ROUND if f * power >= value * (1 - 1e-9)), 10)
    return _rounded(factor * power)
