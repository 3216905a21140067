"""What is happening, in words: findings computed from trajectories, then phrased in a language.

Takes arrays of one run, gives `Sentence` objects. The rules and their thresholds (all of them judgement; no source):

===========  =====================================================================================
verdict      rule, tested in this order on the years shown; K is the knowledge stock
===========  =====================================================================================
``rescue``   policy opened in a year shown, and K at the end is at least `RESCUE_GAIN` times K then
``late``     policy opened in a year shown, and K at the end is below that
``decline``  K ends at least `DECLINE_DROP` below its highest value
``setback``  K once fell by `DECLINE_DROP` or more, and has risen again
``plateau``  K grew by less than `PLATEAU_GROWTH` a year over the last `PLATEAU_YEARS` years
``cycle``    the relative gap (gap / leader knowledge) peaks at least twice, each peak standing out by
             `GAP_PROMINENCE`
``growth``   none of the above
===========  =====================================================================================

After the verdict: how K compares with the baseline run; the year each kind of ties passes `HALF`; how high lock in
rises (told with the warning by lock in risk when it passes `SERIOUS_LOCK_IN`) and which pressure drove it. What a
scenario does to lock in itself, at one stroke of `JUMP` or more, has neither warning nor cause.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sdcluster.lab.wording import STORY, join

RESCUE_GAIN = 1.2
DECLINE_DROP = 0.10
PLATEAU_GROWTH = 0.001
PLATEAU_YEARS = 20.0
GAP_PROMINENCE = 0.03
HALF = 0.5
SERIOUS_LOCK_IN = 0.2
COMPARED = 0.01
JUMP = 0.1

TIES = ("social ties", "economic ties", "knowledge ties")
PRESSURES = (
    "cognitive pressure",
    "functional pressure",
    "political pressure",
    "opportunism pressure",
)

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Finding:
    """A fact found in a run: the key of its wording and the numbers that go into it."""

    key: str
    numbers: Mapping[str, object]


@dataclass(frozen=True)
class Sentence:
    """A sentence for people; `kind` is the verdict or the subject (``"ties"``, ``"lock_in"``, …)."""

    kind: str
    text: str


def tell(
    time: ArrayLike,
    series: Mapping[str, ArrayLike],
    *,
    language: str = "en",
    rescue: float | None = None,
    stop: float | None = None,
    baseline: Mapping[str, ArrayLike] | None = None,
) -> list[Sentence]:
    """Say what happens in a run.

    Parameters
    ----------
    time : array_like, shape (T,)
        Years.
    series : mapping of str to array_like, shape (T,)
        By variable name; ``"knowledge stock"`` is needed, everything else is told where it is given.
    language : {"en", "zh"}
        Language of the sentences.
    rescue : float, optional
        Year in which a closed policy was opened.
    stop : float, optional
        Last year that is shown; later values are not looked at.
    baseline : mapping of str to array_like, optional
        The run to compare with, on the same time.

    Returns
    -------
    list of Sentence
        The verdict first.
    """
    return phrase(find(time, series, rescue=rescue, stop=stop, baseline=baseline), language)


def find(
    time: ArrayLike,
    series: Mapping[str, ArrayLike],
    *,
    rescue: float | None = None,
    stop: float | None = None,
    baseline: Mapping[str, ArrayLike] | None = None,
) -> list[Finding]:
    """Find the facts of a run; parameters as in `tell`."""
    years = np.asarray(time, dtype=float)
    shown = slice(0, int(np.searchsorted(years, (years[-1] if stop is None else stop) + 1e-9)))
    years = years[shown]
    run = {name: np.asarray(values, dtype=float)[shown] for name, values in series.items()}
    other = {
        name: np.asarray(values, dtype=float)[shown] for name, values in (baseline or {}).items()
    }
    knowledge = run["knowledge stock"]
    findings = [_verdict(years, run, rescue)]
    if "knowledge stock" in other:
        findings += _comparison(years, knowledge, other["knowledge stock"])
    if all(name in run for name in TIES):
        findings.append(_ties(years, run))
    if "lock in" in run:
        findings += _lock_in(years, run)
    return findings


def phrase(findings: list[Finding], language: str) -> list[Sentence]:
    """Put findings into words of `language`."""
    words = STORY[language]
    sentences = []
    for finding in findings:
        numbers = {
            key: join([words.get(str(v), str(v)) for v in value], language)
            if isinstance(value, tuple)
            else words.get(value, value)
            if isinstance(value, str)
            else value
            for key, value in finding.numbers.items()
        }
        sentences.append(Sentence(finding.key.split(".")[0], words[finding.key].format(**numbers)))
    return sentences


def _verdict(years: Array, run: Mapping[str, Array], rescue: float | None) -> Finding:
    knowledge = run["knowledge stock"]
    end, last = number(knowledge[-1]), year(years[-1])
    if rescue is not None and years[0] < rescue < years[-1]:
        then = float(np.interp(rescue, years, knowledge))
        key = "rescue" if knowledge[-1] >= RESCUE_GAIN * then else "late"
        return Finding(key, {"year": year(rescue), "then": number(then), "end": end, "last": last})
    top = int(np.argmax(knowledge))
    drop = 1 - knowledge[-1] / knowledge[top]
    if drop >= DECLINE_DROP:
        return Finding(
            "decline",
            {
                "top": number(knowledge[top]),
                "year": year(years[top]),
                "drop": percent(drop),
                "end": end,
                "last": last,
            },
        )
    highest = np.maximum.accumulate(knowledge)
    low = int(np.argmax(1 - knowledge / highest))
    if knowledge[low] <= (1 - DECLINE_DROP) * highest[low]:
        before = int(np.argmax(knowledge[: low + 1]))
        fall = {"top": number(knowledge[before]), "year": year(years[before])}
        rise = {"bottom": number(knowledge[low]), "low": year(years[low]), "end": end, "last": last}
        return Finding("setback", {**fall, **rise})
    if abs(growth(years, knowledge)) < PLATEAU_GROWTH:
        near = np.abs(knowledge / knowledge[-1] - 1) > 0.01
        since = (
            years[0]
            if not near.any()
            else years[min(int(np.flatnonzero(near)[-1]) + 1, years.size - 1)]
        )
        return Finding("plateau", {"end": end, "since": year(since), "last": last})
    peaks = gap_peaks(years, run) if {"gap", "leader knowledge"} <= run.keys() else ()
    middle = years[0] + (years[-1] - years[0]) / 2
    numbers = {
        "middle": year(middle),
        "half": number(float(np.interp(middle, years, knowledge))),
        "end": end,
        "last": last,
    }
    if len(peaks) >= 2:
        return Finding("cycle", {"times": len(peaks), "peaks": tuple(map(year, peaks)), **numbers})
    return Finding("growth", {"rate": percent(growth(years, knowledge), 1), **numbers})


def _comparison(years: Array, knowledge: Array, baseline: Array) -> list[Finding]:
    ratio = knowledge / baseline - 1
    if abs(ratio[-1]) < COMPARED:
        return []
    more = "more" if ratio[-1] > 0 else "less"
    early = int(np.searchsorted(years, years[0] + 10))
    far = {"share": percent(abs(ratio[-1])), "more": more, "last": year(years[-1])}
    if early < years.size - 1 and abs(ratio[early]) >= COMPARED and ratio[early] * ratio[-1] < 0:
        first = {"first": percent(abs(ratio[early])), "year": year(years[early])}
        return [
            Finding("compare.crossing" if ratio[-1] > 0 else "compare.fading", {**first, **far})
        ]
    return [Finding("compare", far)]


def _ties(years: Array, run: Mapping[str, Array]) -> Finding:
    passed = {name: first_year(years, run[name], HALF) for name in TIES}
    never = tuple(name for name in TIES if passed[name] is None)
    done = {name: when for name, when in passed.items() if when is not None}
    if not done:
        return Finding("ties.none", {})
    order = sorted(done, key=lambda name: done[name])
    steps = {"order": tuple(f"{name}@{year(done[name])}" for name in order)}
    return _dated("ties" if not never else "ties.some", steps["order"], never)


def _dated(key: str, order: tuple[str, ...], never: tuple[str, ...]) -> Finding:
    numbers: dict[str, object] = {"never": never}
    for position in range(len(TIES)):
        name, _, when = order[position].partition("@") if position < len(order) else ("", "", "")
        numbers |= {f"tie{position}": name, f"year{position}": when}
    return Finding(f"{key}.{len(order)}", numbers)


def _lock_in(years: Array, run: Mapping[str, Array]) -> list[Finding]:
    lock_in = run["lock in"]
    top = int(np.argmax(lock_in))
    numbers: dict[str, object] = {"top": f"{lock_in[top]:.2f}", "year": year(years[top])}
    steps = np.diff(lock_in)
    if steps.size and steps.max() >= JUMP:
        jump = int(np.argmax(steps)) + 1
        told = {"top": f"{lock_in[jump]:.2f}", "year": year(years[jump])}
        return [Finding("lock_in.set", told)]
    serious = first_year(years, lock_in, SERIOUS_LOCK_IN)
    if serious is None:
        return [Finding("lock_in.low", numbers)]
    findings = [Finding("lock_in", numbers)]
    if "lock in risk" in run:
        warned = first_year(years, run["lock in risk"], HALF)
        if warned is not None and warned < serious:
            findings = [
                Finding(
                    "lock_in.warned",
                    {**numbers, "warned": year(warned), "early": f"{serious - warned:.0f}"},
                )
            ]
    pressures = {name: float(run[name][: top + 1].mean()) for name in PRESSURES if name in run}
    if pressures:
        findings.append(
            Finding("cause", {"cause": max(pressures, key=lambda name: pressures[name])})
        )
    return findings


def gap_peaks(years: Array, run: Mapping[str, Array]) -> tuple[float, ...]:
    """Years in which the relative gap peaks, standing out by `GAP_PROMINENCE` or more."""
    from scipy.signal import find_peaks

    found, _ = find_peaks(run["gap"] / run["leader knowledge"], prominence=GAP_PROMINENCE)
    return tuple(float(years[i]) for i in found)


def growth(years: Array, values: Array) -> float:
    """Mean growth a year over the last `PLATEAU_YEARS` years, or the last half of a shorter run."""
    span = min(PLATEAU_YEARS, (years[-1] - years[0]) / 2)
    before = float(np.interp(years[-1] - span, years, values))
    return float((values[-1] / before) ** (1 / span) - 1) if span > 0 and before > 0 else 0.0


def first_year(years: Array, values: Array, level: float) -> float | None:
    """First year in which `values` is at or above `level`, or None."""
    above = np.flatnonzero(values >= level)
    return float(years[above[0]]) if above.size else None


def year(value: float) -> str:
    """A year as people say it; halves go up."""
    return f"{int(np.floor(value + 0.5))}"


def number(value: float) -> str:
    """Three significant digits."""
    value = float(value)
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def percent(share: float, digits: int = 0) -> str:
    """A share as percent, without the sign."""
    return f"{100 * share:.{digits}f}"
