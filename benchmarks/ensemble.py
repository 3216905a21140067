"""Speed of ten thousand runs of a model with five measures, in sdcluster, C, PySD, pysimlin and the EMA workbench.

``python benchmarks/ensemble.py [--runs 10000] [--write]``; `make bench` runs it. It writes
benchmarks/results/ensemble.json and the part of docs/evidence/speed.md between the marks ``ensemble``. The table shows
runs per second on all cores. The C program comes from `c_kernel.py`; it computes the runs but no measures, once with
fast and once with exact arithmetic. PySD, pysimlin and the EMA workbench compute one run after the other for `PATIENCE`
seconds and store the two variables to which the measures belong. The EMA workbench drives PySD through its own
connector, which we changed to read XMILE.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import c_kernel
import numpy as np
from engine import ROOT, into_page, machine, plain
from kernel import WIDTHS

import sdcluster

MODEL = ROOT / "models" / "cluster"
RESULTS = ROOT / "benchmarks" / "results" / "ensemble.json"
WANTED = ("knowledge stock", "lock in risk")
MEASURES = (
    "final knowledge stock",
    "peak knowledge stock",
    "time of peak knowledge stock",
    "mean lock in risk",
    "first above lock in risk 0.5",
)
PATIENCE = 15.0  # seconds for each of the slow programs
ROUNDS = 3
CONSTANTS, ROWS = 62, 1024  # of the sensitivity analysis
C_FLAGS = {
    "C": ("-ffast-math",),
    "C exact": ("-fno-math-errno", "-fno-trapping-math", "-ffp-contract=off"),
}
RESERVED = ("policy", "scenario", "model")  # names that the EMA workbench does not allow

now = time.perf_counter


def ours(runs: int, points: Any) -> float:
    """Return the seconds of sdcluster's ensemble with the five measures, the least of several rounds."""
    model = sdcluster.load(MODEL)
    sdcluster.ensemble(model, sdcluster.design(model, 16), measures=MEASURES)  # compile first
    return min(
        timed(lambda: sdcluster.ensemble(model, points, measures=MEASURES)) for _ in range(ROUNDS)
    )


def timed(work: Callable[[], object]) -> float:
    """Call a function and return the seconds it takes."""
    begun = now()
    work()
    return now() - begun


def study() -> dict[str, float]:
    """Return the size and the seconds of a sensitivity analysis with Sobol' indices, over time and at the end."""
    model = sdcluster.load(MODEL)
    constants = sdcluster.design(model, 2, "judgements").names[:CONSTANTS]

    def make(rows: int) -> Any:
        return sdcluster.sensitivity(
            model, rows, constants, curves=WANTED[:1], measures=MEASURES[:1]
        )

    make(16)  # compile first
    seconds = min(timed(lambda: make(ROWS)) for _ in range(ROUNDS))
    return {"constants": len(constants), "rows": ROWS, "seconds": seconds}


def in_c(runs: int, folder: Path, flags: tuple[str, ...]) -> float | None:
    """Return the seconds of the same number of runs in C on all cores; None if gcc is not installed."""
    if shutil.which("gcc") is None:
        return None
    folder.mkdir()
    simulator = sdcluster.Simulator(MODEL)
    setup, grid = simulator.prepared()
    best = float("inf")
    for width in WIDTHS:
        inner = folder / f"c{width}"
        inner.mkdir()
        text = c_kernel.c_program(setup, grid, "openness", width)
        program = c_kernel.compiled(text, inner, ("-march=native", *flags))
        done = subprocess.run(
            [str(program), str(runs), "2"], capture_output=True, text=True, check=True
        )
        best = min(best, float(done.stdout.split()[0]) * runs / 1e3)
    return best


def rate(run: Callable[[int], object], count: int) -> float:
    """Return the runs per second of a function that computes the run of one point; the first run is not counted."""
    run(0)
    begun, done = now(), 0
    while now() - begun < PATIENCE and done < count:
        run(done % count)
        done += 1
    return done / (now() - begun)


def in_pysd(file: Path, names: list[str], points: np.ndarray) -> float:
    """Return the runs per second of PySD."""
    import pysd

    model = pysd.read_xmile(str(file))
    columns = [name.replace(" ", "_") for name in WANTED]

    def run(i: int) -> object:
        settings = dict(zip(names, points[i].tolist(), strict=True))
        return model.run(params=settings, return_columns=columns)

    return rate(run, len(points))


def in_simlin(file: Path, names: list[str], points: np.ndarray) -> float:
    """Return the runs per second of pysimlin."""
    import simlin

    model = simlin.load(str(file))

    def run(i: int) -> object:
        settings = dict(zip(names, points[i].tolist(), strict=True))
        return model.run(overrides=settings, analyze_loops=False).results

    return rate(run, len(points))


def in_ema(file: Path, names: list[str], points: np.ndarray) -> float:
    """Return the runs per second of the EMA workbench with its connector to PySD."""
    import pysd
    from ema_workbench import RealParameter, TimeSeriesOutcome, perform_experiments
    from ema_workbench.connectors.pysd_connector import PysdModel

    class Xmile(PysdModel):  # type: ignore[misc]
        """The workbench's connector to PySD, changed to read a file in XMILE."""

        mdl_file = str(file)

        def __init__(self, name: str) -> None:
            super().__init__(name, mdl_file=str(file))

        def model_init(self, policy: Any, **options: Any) -> None:
            self.policy = policy
            self.model = pysd.read_xmile(str(file))

    model = Xmile("cluster")
    own = [i for i, name in enumerate(names) if name not in RESERVED]
    names, points = [names[i] for i in own], points[:, own]
    low, high = points.min(axis=0), points.max(axis=0)
    model.uncertainties = [
        RealParameter(name.replace(" ", "_"), a, b)
        for name, a, b in zip(names, low.tolist(), high.tolist(), strict=True)
    ]
    model.outcomes = [TimeSeriesOutcome(name.replace(" ", "_")) for name in WANTED]
    few = max(2, int(PATIENCE / 1.5))
    perform_experiments(model, 1)  # the workbench reads the model once
    return few / timed(lambda: perform_experiments(model, few))


OTHERS = {"pysd": in_pysd, "simlin": in_simlin, "ema_workbench": in_ema}


def measured(runs: int, folder: Path) -> dict[str, Any]:
    """Return the runs per second of all programs that are installed, and the result of `study`."""
    model = sdcluster.load(MODEL)
    points = sdcluster.design(model, runs, "judgements")
    names = [name.casefold() for name in points.names]
    own = ours(runs, points)
    found: dict[str, Any] = {"runs": runs, "sdcluster": runs / own, "study": study()}
    for key, flags in C_FLAGS.items():
        c = in_c(runs, folder / key, flags)
        if c is not None:
            found[key] = runs / c
    file = folder / "cluster.xmile"
    shutil.copy(MODEL / "cluster.xmile", file)
    few = np.asarray(points.values[:64])
    for module, work in OTHERS.items():
        if find_spec(module) is None:
            continue
        shown = plain(folder, file) if module == "simlin" else file
        # PySD and pysimlin accept names of scalars only, not of array elements.
        scalar = [i for i, name in enumerate(names) if "[" not in name]
        chosen = [names[i] for i in scalar]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                found[module] = work(shown, chosen, few[:, scalar])
            except Exception as error:
                print(f"{module}: {type(error).__name__}: {error}", file=sys.stderr)
    return found


TITLES = {
    "C": "C, gcc -O3 -march=native -ffast-math, measures nothing",
    "C exact": "C, gcc -O3 -march=native, the arithmetic of IEEE 754 as in sdcluster, measures nothing",
    "sdcluster": "sdcluster, five measures",
    "simlin": "pysimlin",
    "pysd": "PySD",
    "ema_workbench": "EMA workbench driving PySD",
}


def table(found: dict[str, Any]) -> str:
    """Return the table for the page, and the sentences below it."""
    runs, own = found["runs"], found["sdcluster"]
    lines = [
        f"| {runs:,} runs of `cluster` | runs per second | seconds | rate / rate of sdcluster |",
        "|---|---:|---:|---:|",
    ]
    for key, title in TITLES.items():
        if key in found:
            share = found[key] / own
            shown = f"{share:.2f}" if share > 0.01 else f"1/{1 / share:,.0f}"
            lines.append(f"| {title} | {found[key]:,.3g} | {runs / found[key]:,.3g} | {shown} |")
    here = machine()
    lines += [
        "",
        f"A run has 1,280 steps, with RK4 in sdcluster and C and with Euler's method in PySD. All {here['cores']} "
        f"cores were used ({here['system']}). The three slowest programs ran for {PATIENCE:g} s each; their seconds "
        "for all runs are calculated from the rate.",
    ]
    if "study" in found:
        one = found["study"]
        made = one["rows"] * (one["constants"] + 2)
        lines += [
            "",
            f"A sensitivity analysis with Sobol' indices of {one['constants']} constants, at the end and at all 1,281 "
            f"times, with intervals, makes {made:,} runs ({one['rows']:,} rows). It takes {one['seconds']:.3g} s."
            + (f" C takes {made / found['C']:.3g} s for as many runs." if "C" in found else ""),
        ]
    return "\n".join(lines)


def main() -> None:
    """Measure all programs, print the table and, with ``--write``, write the files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument(
        "--write", action="store_true", help="write docs/evidence/speed.md and the results"
    )
    chosen = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", str(os.cpu_count() or 1))
    with tempfile.TemporaryDirectory() as folder:
        found = measured(chosen.runs, Path(folder))
    text = table(found)
    if chosen.write:
        RESULTS.write_text(json.dumps({"machine": machine(), "rates": found}, indent=1) + "\n")
        into_page(text, "ensemble")
    print(text)


if __name__ == "__main__":
    main()
