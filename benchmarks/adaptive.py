"""The cost of ``dopri5`` with adaptive steps and of RK4 with a fixed step, at equal error.

``python benchmarks/adaptive.py [--runs 1000] [--write]`` computes the runs of each model in one thread. It measures
processor time, because other programs disturb that less than elapsed time. ``--write`` writes
benchmarks/results/adaptive.json and the last section of docs/evidence/scaling.md.

The reference is ``dopri5`` with ``rtol=1e-12``. The error of a run is its largest deviation from the reference at a
saved time, as a share of the run's largest value. The error of a method is the largest error among all runs. To reach a
target error, the script halves RK4's time step, or lowers the tolerance of ``dopri5``.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from engine import ROOT, machine

import sdcluster
from sdcluster.run.many import Many

PAGE = ROOT / "docs" / "evidence" / "scaling.md"
RESULTS = ROOT / "benchmarks" / "results" / "adaptive.json"
HEADING = "## Adaptive steps"
STIFF = """{UTF-8}
x = INTEG(v, 2) ~~| v = INTEG(mu * (1 - x*x) * v - x, 0) ~~| mu = 5 ~~|
INITIAL TIME = 0 ~~| FINAL TIME = 40 ~~| TIME STEP = 0.015625 ~~| SAVEPER = 1 ~~|
"""
DOSES = """{UTF-8}
gut = INTEG(infusion - absorbed, 0) ~~| blood = INTEG(absorbed - cleared, 0) ~~|
tissue = INTEG(blood * 0.4 - tissue * 0.1, 0) ~~|
infusion = 40 * PULSE TRAIN(first, 0.25, every, 1000) ~~|
absorbed = gut * uptake ~~| cleared = blood * 0.15 + blood * 0.4 - tissue * 0.1 ~~|
first = 1 ~~| every = 8 ~~| uptake = 3 ~~|
INITIAL TIME = 0 ~~| FINAL TIME = 168 ~~| TIME STEP = 0.0625 ~~| SAVEPER = 4 ~~|
"""
FINE = 1e-6  # the target error of each model's second row
HALVINGS = 9
ROUNDS = 3


@dataclass(frozen=True)
class Case:
    """A comparison: a model, the constants that vary with their bounds, and the observed variables."""

    title: str
    model: Any
    ranges: dict[str, tuple[float, float]]
    wanted: tuple[str, ...]


def cases(folder: Path) -> list[Case]:
    """Return the three models to compare: a stiff one, one with pulses at varying times, and `cluster`."""
    paths = []
    for name, text in (("stiff", STIFF), ("doses", DOSES)):
        paths.append(folder / f"{name}.mdl")
        paths[-1].write_text(text, encoding="utf-8")
    stiff, doses = (sdcluster.load(path) for path in paths)
    return [
        Case("van der Pol's oscillator, μ from 0.1 to 50: stiff", stiff, {"mu": (0.1, 50)}, ("x",)),
        Case(
            "a drug in 21 to 28 doses, at times that vary",
            doses,
            {"first": (0, 2), "every": (6, 8), "uptake": (1, 20)},
            ("blood", "tissue"),
        ),
        Case(
            "`cluster`: smooth, its step is fine",
            sdcluster.load(ROOT / "models" / "cluster"),
            {"openness": (0.1, 0.9)},
            ("knowledge stock",),
        ),
    ]


def made(
    case: Case, points: np.ndarray, method: str, rounds: int = 1, **options: Any
) -> tuple[np.ndarray, float]:
    """Return the curves, shape (variables, T, runs), and the processor time of one run in seconds."""
    simulator = sdcluster.Simulator(case.model, method=method, saveper=_saveper(case), **options)
    many = Many(simulator, list(case.ranges), case.wanted, workers=1)
    list(many.blocks(points[:2]))  # compile before the clock starts
    best = np.inf
    for _ in range(rounds):
        begun = time.process_time()
        curves = np.concatenate([block.curves for block in many.blocks(points, 8)], axis=2)
        best = min(best, (time.process_time() - begun) / len(points))
    return curves, best


def _saveper(case: Case) -> float:
    return max(1.0, float(case.model.time.saveper))


def error(curves: np.ndarray, truth: np.ndarray) -> float:
    """Return the largest deviation from `truth`, as a share of the largest absolute value of the same run."""
    return float((np.abs(curves - truth).max(axis=1) / np.abs(truth).max(axis=1)).max())


def compared(case: Case, runs: int) -> dict[str, Any]:
    """Return the errors and the microseconds per run of RK4 and ``dopri5``, for both target errors."""
    generator = np.random.default_rng(1)
    bounds = np.array(list(case.ranges.values()))
    points = bounds[:, 0] + (bounds[:, 1] - bounds[:, 0]) * generator.random((runs, len(bounds)))
    truth, _ = made(case, points, "dopri5", rtol=1e-12, atol=1e-13)

    def timed(method: str, **options: Any) -> dict[str, Any]:
        curves, seconds = made(case, points, method, ROUNDS, **options)
        return options | {"error": error(curves, truth), "microseconds": 1e6 * seconds}

    def of(method: str, **options: Any) -> float:
        found = error(made(case, points, method, **options)[0], truth)
        return found if np.isfinite(found) else np.inf

    def fixed(asked: float) -> dict[str, Any] | None:
        steps = (case.model.time.dt / 2**k for k in range(HALVINGS))
        dt = next((dt for dt in steps if of("rk4", dt=dt) <= asked), None)
        return None if dt is None else timed("rk4", dt=dt)

    def ours(asked: float) -> dict[str, Any]:
        tolerances = (10 ** (-k / 2) for k in range(4, 25))
        rtol = next(r for r in tolerances if of("dopri5", rtol=r, atol=r / 10) <= asked)
        return timed("dopri5", rtol=rtol, atol=rtol / 10)

    own = timed("rk4", dt=case.model.time.dt)
    asked = own["error"] if np.isfinite(own["error"]) else 1e-2
    return {
        "title": case.title,
        "own": [own, ours(asked)],
        "fine": [fixed(FINE), ours(FINE)],
    }


def section(found: dict[str, Any]) -> str:
    """Return the section "Adaptive steps" of docs/evidence/scaling.md."""
    lines = [
        HEADING,
        "",
        f"`benchmarks/adaptive.py` writes this section. It computes {found['runs']:,} runs of each model, eight at a "
        "time in one thread. The first row of a model "
        "compares RK4 at the time step of the file with `dopri5` at the largest tolerance whose error is not "
        f"greater. The second row compares both methods for an error of {FINE:g}. The error is the largest deviation "
        "in all runs, as a share of the largest value.",
        "",
        "| model | RK4: step, error | µs a run | `dopri5`: rtol, error | µs a run | time of RK4 / time of `dopri5` |",
        "|---|---|---:|---|---:|---:|",
    ]
    for case in found["cases"]:
        for key in ("own", "fine"):
            rk4, own = case[key]
            title = case["title"] if key == "own" else f"… error {FINE:g}"
            ours = f"{own['rtol']:.0e}, {own['error']:.1e} | {own['microseconds']:,.0f}"
            if rk4 is None:
                lines.append(f"| {title} | no step of 1/{2 ** (HALVINGS - 1)} | – | {ours} | – |")
                continue
            bad = "no numbers" if not np.isfinite(rk4["error"]) else f"{rk4['error']:.1e}"
            times = rk4["microseconds"] / own["microseconds"]
            lines.append(
                f"| {title} | {rk4['dt']:.4g}, {bad} | {rk4['microseconds']:,.0f} | {ours} | {times:.2g} × |"
            )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Compare all models, print the section and, with ``--write``, write the files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument(
        "--write", action="store_true", help="write the results and docs/evidence/scaling.md"
    )
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        compare = [compared(case, chosen.runs) for case in cases(Path(folder))]
    found = {"machine": machine(), "runs": chosen.runs, "cases": compare}
    if chosen.write:
        RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        before = PAGE.read_text(encoding="utf-8").partition(HEADING)[0]
        PAGE.write_text(before.rstrip() + "\n\n" + section(found), encoding="utf-8")
    print(section(found))


if __name__ == "__main__":
    main()
