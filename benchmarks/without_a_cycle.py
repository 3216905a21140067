"""What the cluster model does if it does not cycle: classifies settings by their trajectories.

Run: python benchmarks/without_a_cycle.py [--runs 2000] [--write-only] (half a minute)

All judgements vary at once at Latin-hypercube points, over the whole ranges and over 30 % of them around the model's
own values. The levers stay fixed. A setting cycles if the experiment ``the_gap_reopens`` says so. Any other setting
belongs to the first class of `CLASSES` whose rule it meets, and is run until year 400 to see whether it only cycles
later. The script writes benchmarks/results/without_a_cycle.json, models/cluster/without_a_cycle.svg, and the part
between the two marks in models/cluster/README.md.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.signal import find_peaks

import sdcluster
from sdcluster.measure.measures import Measure
from sdcluster.model import Model
from sdcluster.run import Simulator
from sdcluster.run.repeated import Repeated
from sdcluster.study.experiments import Experiment, load_experiments
from sdcluster.study.experiments_ranges import judgements, latin_hypercube, ranges

try:
    from benchmarks.substance import substance
except ImportError:  # run as a script
    from substance import substance  # type: ignore[no-redef]

ROOT = Path(__file__).parents[1]
README = ROOT / "models" / "cluster" / "README.md"
CHART = README.with_name("without_a_cycle.svg")
RESULTS = ROOT / "benchmarks" / "results" / "without_a_cycle.json"
MARKED = re.compile(r"<!-- without a cycle -->.*?<!-- /without a cycle -->", re.DOTALL)
QUESTION = "the_gap_reopens"
WAYS = {"whole": 1.0, "within_30": 0.3}
SEED = 0
LATE = 400.0  # the last year of a second, longer run of settings that do not cycle
EVERY = 16  # the chart's curves show each 16th saved point
CURVES = 12  # curves of each class in the chart

LOCKED = 0.3  # the lock in at which the model tests whether a cluster heals
RISEN = 1.1  # times its initial value: a technology took off if the ceiling rises above this
RUSH = 0.1  # of all firms: the least height of a peak above the level before and after it

PRESSURES = tuple(f"{kind} pressure" for kind in ("cognitive", "functional", "political", "opportunism"))  # fmt: skip
VARIABLES = (
    "relative gap",
    "lock in",
    "parity",
    "technology ceiling",
    "take off activity",
    *PRESSURES,
)

Trajectory = Mapping[
    str, np.ndarray
]  # by variable, until the question's last year; keys with "later" begin at the question's first year


def rushes(run: Trajectory) -> int:
    """Return how many times firms rush into a new technology."""
    return len(find_peaks(run["take off activity"], prominence=RUSH)[0])


@dataclass(frozen=True)
class Class:
    """A kind of behaviour without a cycle: its name and title, its rule in words, and its rule as a function."""

    name: str
    title: str
    rule: str
    holds: Callable[[Trajectory], bool]


CLASSES = (
    Class(
        "locks_in",
        "locks in",
        f"`lock in` ends above {LOCKED:g}",
        lambda run: run["lock in"][-1] > LOCKED,
    ),
    Class(
        "never_closes",
        "the gap never closes",
        "`parity` stays below one half from year 10 on, so leaders keep their rents and need not search",
        lambda run: run["later parity"].max() < 0.5,
    ),
    Class(
        "plateau",
        "never ripens a second technology",
        "the gap closes, but `technology ceiling` ends less than a tenth above its start",
        lambda run: run["technology ceiling"][-1] < RISEN * run["technology ceiling"][0],
    ),
    Class(
        "trickle",
        "technology trickles in",
        f"the ceiling rises, but `take off activity` never rises by {RUSH:g} in a rush, because a few firms use up "
        "the new technology",
        lambda run: rushes(run) == 0,
    ),
    Class("one_rush", "one rush only", "`take off activity` rises in a rush only once", lambda run: rushes(run) == 1),
    Class(
        "shallow",
        "rushes without a gap",
        "there are two rushes or more, but the gap opens by at least 0.02 in one of them at most",
        lambda run: True,
    ),
)  # fmt: skip


def sort(run: Trajectory) -> str:
    """Return the name of the first class whose rule a trajectory meets."""
    return next(one.name for one in CLASSES if one.holds(run))


class Sorter:
    """Runs the model at points and classifies its behaviour there.

    Parameters
    ----------
    model : Model
        The cluster model, or a model with the same variables.
    names : sequence of str
        The constants whose values a point gives.
    """

    def __init__(self, model: Model, names: tuple[str, ...]) -> None:
        question = self.question = asked(model)
        scenario = question.cases[0].scenario
        self.stop = float(scenario.stop or model.time.stop)
        self._runs, self._long = (
            self._ready(model, replace(scenario, stop=stop), names) for stop in (self.stop, LATE)
        )

    def _ready(self, model: Model, scenario: Any, names: tuple[str, ...]) -> Repeated:
        simulator = Simulator(model, scenario, seed=SEED)
        simulator.warm(wait=True)
        return simulator.repeated(names, VARIABLES)

    def at(self, point: np.ndarray) -> tuple[str, Trajectory]:
        """Return the class at a point, or ``"cycles"``, and the trajectory."""
        time, rows = self._runs.curves(point)
        run = dict(zip(VARIABLES, rows, strict=True))
        first = self.question.quantity.start or 0.0
        run |= {f"later {name}": row[time >= first] for name, row in run.items()}
        return ("cycles" if self._cycles(time, rows) else sort(run)), run

    def cycles_later(self, point: np.ndarray) -> bool:
        """Return whether the gap re-opens often enough if the run goes on until year `LATE`."""
        return self._cycles(*self._long.curves(point))

    def _cycles(self, time: np.ndarray, rows: np.ndarray) -> bool:
        verdict = self.question.verdict
        quantity: Measure = self.question.quantity
        number = quantity.of_rows(VARIABLES, time, rows)
        return verdict.holds(verdict.number({self.question.cases[0].name: number}))


def asked(model: Model) -> Experiment:
    """Return the experiment that tests whether the model cycles."""
    return next(e for e in load_experiments(model) if e.name == QUESTION)


def sort_settings(model: Model, spread: float, runs: int) -> dict[str, Any]:
    """Draw settings from a share of the ranges and classify them.

    Returns
    -------
    dict
        ``classes`` has an entry for ``cycles`` and for each class: the number of settings, how many of these cycle
        later, the mean position of each constant within its range (0 to 1), and some curves of the gap. ``pressures``
        counts the settings that lock in by the pressure that contributes most.
    """
    names = judgements(model, levers=False)
    low, high = ranges(model, names, spread)
    sorter = Sorter(model, names)
    places: dict[str, list[np.ndarray]] = {"cycles": []} | {one.name: [] for one in CLASSES}
    later, curves = dict.fromkeys(places, 0), {name: [] for name in places}
    pressures = dict.fromkeys(PRESSURES, 0)
    for point in latin_hypercube(model, names, runs, SEED, spread):
        name, run = sorter.at(point)
        places[name].append((point - low) / np.where(high > low, high - low, 1.0))
        if name != "cycles":
            later[name] += sorter.cycles_later(point)
        if name == "locks_in":
            pressures[max(PRESSURES, key=lambda p: run[p].mean())] += 1
        if len(curves[name]) < CURVES:
            curves[name].append(run["relative gap"][::EVERY].round(3).tolist())
    return {
        "classes": {
            name: {
                "settings": len(found),
                "later": later[name],
                "places": dict(zip(names, np.mean(found, axis=0).round(3).tolist(), strict=True))
                if found
                else {},
                "gaps": curves[name],
            }
            for name, found in places.items()
        },
        "pressures": pressures,
    }


def deciding(found: Mapping[str, Any], name: str, most: int = 3) -> list[tuple[str, float, float]]:
    """Return the constants whose mean position differs most between a class and the settings that cycle."""
    own, others = found[name]["places"], found["cycles"]["places"]
    apart = sorted(own, key=lambda c: -abs(own[c] - others.get(c, 0.5)))
    return [(c, own[c], others.get(c, 0.5)) for c in apart[:most]]


def percent(share: float) -> str:
    """Return a share in percent, with a decimal if it is below half a percent but not zero."""
    return f"{100 * share:.0f} %" if share >= 0.005 or not share else f"{100 * share:.1f} %"


def table(results: Mapping[str, Any]) -> str:
    """Return the classes as a table in Markdown."""
    runs = results["runs"]
    whole, near = (results["ways"][way]["classes"] for way in WAYS)
    lines = [
        "| what the cluster does | rule (the first that applies) | whole ranges | 30 % of the ranges "
        "| cycles later, by year 400 | constants that differ most from settings with a cycle: "
        "mean position in the range from 0 to 1 (with a cycle) |",
        "|---|---|---:|---:|---:|---|",
        f"| cycles | the gap re-opens at least twice between years 10 and {results['stop']:g} | "
        f"{percent(whole['cycles']['settings'] / runs)} | {percent(near['cycles']['settings'] / runs)} | | |",
    ]
    for one in CLASSES:
        here = whole[one.name]
        apart = "; ".join(f"`{c}` {a:.2f} ({b:.2f})" for c, a, b in deciding(whole, one.name))
        late = f"{here['later']} of {here['settings']}"
        lines.append(
            f"| {one.title} | {one.rule} | {percent(here['settings'] / runs)} | "
            f"{percent(near[one.name]['settings'] / runs)} | {late} | {apart} |"
        )
    return "\n".join(lines)


def block(results: Mapping[str, Any]) -> str:
    """Return the text between the marks in the README."""
    pressures = results["ways"]["whole"]["pressures"]
    locked = sum(pressures.values())
    causes = ", ".join(
        f"{name.removesuffix(' pressure')} {percent(count / locked)}"
        for name, count in sorted(pressures.items(), key=lambda one: -one[1])
    )
    return (
        f"All {results['varied']} constants that are judgements vary at once (Latin hypercube, {results['runs']:,} "
        "settings);\nthe levers stay as they are. "
        "`python benchmarks/without_a_cycle.py` sorts the settings without a cycle by what the cluster does instead.\n"
        "This table asks only whether the gap re-opens. The table of claims above asks more: without the\n"
        "cause the gap must stay closed, and without each rival explanation it must still re-open.\n\n"
        f"{table(results)}\n\n"
        f"Share of the settings that lock in, by the pressure with the largest mean over the run: {causes}.\n\n"
        "![What the gap does in each class](without_a_cycle.svg)"
    )


def draw(results: Mapping[str, Any]) -> None:
    """Draw the shares of the classes as two stacked bars, and below them curves of the gap for each class."""
    import matplotlib as mpl
    from matplotlib import pyplot as plt

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "without a cycle"
    mpl.rcParams["svg.fonttype"] = "none"
    titles = {"cycles": "cycles"} | {one.name: one.title for one in CLASSES}
    colours = dict(
        zip(titles, ["#0072B2", "#D55E00", "#CC79A7", "#999999", "#E69F00", "#56B4E9", "#009E73"], strict=True)
    )  # fmt: skip
    figure = plt.figure(figsize=(9.6, 5.6))
    grid = figure.add_gridspec(3, 4, height_ratios=(0.7, 1, 1), hspace=0.75, wspace=0.25)
    bars = figure.add_subplot(grid[0, :])
    for y, way in enumerate(WAYS):
        left = 0.0
        for name in titles:
            share = results["ways"][way]["classes"][name]["settings"] / results["runs"]
            bars.barh(y, share, left=left, color=colours[name], height=0.7)
            if share > 0.025:
                inside = {"ha": "center", "va": "center", "fontsize": 8, "color": "white"}
                bars.text(left + share / 2, y, f"{100 * share:.0f}", **inside)
            left += share
    bars.set_yticks([0, 1], ["whole ranges", "30 % of them"], fontsize=8)
    bars.invert_yaxis()
    bars.set_xlim(0, 1)
    bars.xaxis.set_major_formatter(mpl.ticker.PercentFormatter(1.0))
    bars.tick_params(labelsize=8, length=0)
    bars.spines[["top", "right", "left"]].set_visible(False)
    for place, (name, title) in enumerate(titles.items()):
        axes = figure.add_subplot(grid[1 + place // 4, place % 4])
        for gap in results["ways"]["whole"]["classes"][name]["gaps"]:
            axes.plot(
                np.linspace(0, results["stop"], len(gap)), gap, color=colours[name], lw=0.7, alpha=0.7
            )  # fmt: skip
        axes.set_title(title, fontsize=7.5, color=colours[name], fontweight="bold")
        axes.set_ylim(0, 1)
        axes.set_xlim(0, results["stop"])
        axes.tick_params(labelsize=7)
        axes.spines[["top", "right"]].set_visible(False)
        if place % 4 == 0:
            axes.set_ylabel("relative gap", fontsize=7.5)
        axes.set_xlabel("year", fontsize=7.5, labelpad=1)
    figure.savefig(CHART, metadata={"Date": None}, bbox_inches="tight")
    plt.close(figure)


def measure(runs: int) -> dict[str, Any]:
    """Classify settings over the whole ranges and over 30 % of them."""
    model = sdcluster.load(README.parent)
    return {
        "model": substance(model),
        "runs": runs,
        "seed": SEED,
        "stop": float(asked(model).cases[0].scenario.stop or model.time.stop),
        "varied": len(judgements(model, levers=False)),
        "ways": {way: sort_settings(model, spread, runs) for way, spread in WAYS.items()},
    }


def main() -> None:
    """Classify settings or read the stored results, then write the files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--runs", type=int, default=2000, help="settings drawn from each of the two ranges"
    )
    parser.add_argument(
        "--write-only", action="store_true", help="write the texts again from the stored results"
    )
    given = parser.parse_args()
    results = json.loads(RESULTS.read_text("utf-8")) if given.write_only else measure(given.runs)
    RESULTS.write_text(json.dumps(results, ensure_ascii=False) + "\n", encoding="utf-8")
    text = f"<!-- without a cycle -->\n{block(results)}\n<!-- /without a cycle -->"
    old = README.read_text(encoding="utf-8")
    if not MARKED.search(old):
        raise SystemExit(
            f"{README.relative_to(ROOT)}: no <!-- without a cycle --> marks to write to"
        )
    README.write_text(MARKED.sub(lambda _: text, old), encoding="utf-8")
    draw(results)


if __name__ == "__main__":
    main()
