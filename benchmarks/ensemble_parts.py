"""Where the time of an ensemble goes: microseconds of processor time per run on one core, compared with C.

``python benchmarks/ensemble_parts.py [--runs 2048] [--write]``; `make bench` runs it. It writes
benchmarks/results/ensemble_parts.json and the part of docs/evidence/speed.md between the marks ``ensemble parts``. All
parts are measured in turn in several rounds, and the smallest time of each part counts.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import c_kernel
import numpy as np
from engine import ROOT, into_page, machine
from ensemble import C_FLAGS, MEASURES, MODEL
from kernel import WIDTHS

import sdcluster
from sdcluster.kernel import ir
from sdcluster.kernel.library import completed
from sdcluster.kernel.targets.llvm import ENTRIES, OPTIONAL, translate
from sdcluster.kernel.targets.native import objects
from sdcluster.kernel.watched import WHOLE, watched
from sdcluster.measure.measures import parse_measure
from sdcluster.model.elements import one
from sdcluster.run.batches import Batches
from sdcluster.run.grid import Grid
from sdcluster.run.keeping import Keeping
from sdcluster.run.many import LANES, Many
from sdcluster.run.plan import Setup

RESULTS = ROOT / "benchmarks" / "results" / "ensemble_parts.json"
ROUNDS = 7
FEW = 256  # the number of runs in the small ensemble


def making(
    setup: Setup,
    grid: Grid,
    functions: SimpleNamespace,
    keeping: Keeping,
    columns: list[int],
    numbers: np.ndarray,
) -> Callable[[], None]:
    """Return a function that computes all runs; `numbers` has shape (runs, names)."""
    batches = Batches(setup, grid, "rk4", functions, keeping, LANES)
    parts = [numbers[i : i + LANES].T for i in range(0, len(numbers), LANES)]

    def make() -> None:
        for part in parts:
            batches.made(columns, part)

    return make


def changed(setup: Setup, columns: list[int]) -> dict[str, SimpleNamespace]:
    """Return versions of a run's machine code that each lack one kind of work, by the name of this work.

    The results of these versions are wrong. The difference of their times from the time of the complete run shows what
    the missing work costs.
    """
    entries = {name: kinds for name, kinds in ENTRIES.items() if name not in ("euler", "rk2")}
    own = watched(setup.kernel.source.module, frozenset(columns))
    module = objects.complete(completed(ir.Module.of(*own.parts())))
    entries |= {WHOLE: ENTRIES["observe"]}
    entries |= {name: kinds for name, kinds in OPTIONAL.items() if name in own.functions}
    translation = translate(module, LANES, entries)
    text = translation.text
    texts = {
        "divisions": text.replace(" fdiv ", " fmul "),
        "separate rounding": re.sub(r" (fmul|fadd|fsub) ", r" \1 contract ", text),
        "calls": re.sub(
            r"(define void @sd_(?:rhs|observe)\([^\n]*\)) \{", r"\1 alwaysinline {", text
        ),
        "equations": without_body("rhs", without_body("observe", text)),
    }
    return {
        what: objects.load(objects.object_code(replace(translation, text=other)), entries, LANES)
        for what, other in texts.items()
    }


def without_body(name: str, text: str) -> str:
    """Return LLVM text in which the function `name` returns at once."""
    begin = text.index("{\n", text.index(f"define void @sd_{name}(")) + 2
    return f"{text[:begin]}  ret void{text[text.index(chr(10) + '}', begin) :]}"


def in_c(setup: Setup, grid: Grid, folder: Path, runs: int) -> dict[str, Callable[[], float]]:
    """Return, for each arithmetic and each number of runs at a time, a function that measures a run in C.

    Each function uses one thread and returns microseconds.
    """
    found: dict[str, Callable[[], float]] = {}
    for key, flags in C_FLAGS.items():
        for width in WIDTHS:
            inner = folder / f"{key}{width}"
            inner.mkdir()
            text = c_kernel.c_program(setup, grid, "openness", width)
            program = c_kernel.compiled(text, inner, ("-march=native", *flags))

            def measure(program: Path = program) -> float:
                done = subprocess.run(
                    [str(program), str(runs), "1"],
                    capture_output=True,
                    text=True,
                    check=True,
                    env={**os.environ, "OMP_NUM_THREADS": "1"},
                )
                return float(done.stdout.split()[0]) * 1e3

            found[f"{key} {width}"] = measure
    return found


def measured(runs: int, folder: Path) -> dict[str, float]:
    """Return the microseconds per run of each part."""
    model = sdcluster.load(MODEL)
    points = sdcluster.design(model, runs, "judgements")
    values = np.asarray(points.values)
    measures = tuple(parse_measure(text, model) for text in MEASURES)
    simulator = sdcluster.Simulator(model)
    wanted = tuple(dict.fromkeys(m.variable for m in measures))
    many = Many(simulator, tuple(points.names), wanted, workers=1)
    setup, grid = simulator.prepared()
    source = setup.kernel.source
    columns = [source.observed[name.casefold()] for name in wanted]
    keeping = Keeping(np.array(columns), np.arange(len(columns)))
    places = [setup.place_of(one(model, name)) for name in points.names]
    own = setup.kernel.native_lanes(LANES, tuple(columns), "rk4")
    once = replace(grid, saveper=grid.steps * grid.dt)
    few = sdcluster.design(model, FEW, "judgements")
    work: dict[str, Callable[[], Any]] = {
        "runs": making(setup, grid, own, keeping, places, values),
        "runs, saved at the end only": making(setup, once, own, keeping, places, values),
        "blocks": lambda: [None for _ in many.blocks(values)],
        "ensemble": lambda: sdcluster.ensemble(model, points, measures=MEASURES),
        "few": lambda: sdcluster.ensemble(model, few, measures=MEASURES),
    }
    for what, functions in changed(setup, columns).items():
        work[f"without {what}"] = making(setup, grid, functions, keeping, places, values)
    blocks = list(many.blocks(values))
    row = {name: i for i, name in enumerate(wanted)}
    work["measures"] = lambda: [
        m.of(block.times, block.curves[row[m.variable]], None, complete=block.complete)
        for block in blocks
        for m in measures
    ]
    beside = in_c(setup, grid, folder, runs)
    least = dict.fromkeys([*work, *beside], float("inf"))
    for _ in range(ROUNDS):
        for key, make in work.items():
            begun = time.process_time()
            make()
            least[key] = min(least[key], (time.process_time() - begun) * 1e6)
        for key, measure in beside.items():
            least[key] = min(least[key], measure())
    # A line through the times of two ensembles: the slope is the time per run, the intercept the fixed time.
    slope = (least["ensemble"] - least["few"]) / (runs - FEW)
    fixed = least["few"] - slope * FEW
    single = {key: microseconds / runs for key, microseconds in least.items() if key in work}
    return least | single | {"each": slope, "fixed": fixed, "steps": grid.steps}


def table(found: dict[str, float]) -> str:
    """Return the part of docs/evidence/speed.md about where the time goes."""
    c = {
        key: min(found[f"{key} {width}"] for width in WIDTHS if f"{key} {width}" in found)
        for key in C_FLAGS
    }
    made, each = found["runs"], found["each"]
    rows = {
        "each run of an ensemble with five measures": each,
        "— the run itself": made,
        f"—— saving two variables at {found['steps'] + 1:,.0f} times": made
        - found["runs, saved at the end only"],
        "—— divisions, compared with multiplications": made - found["without divisions"],
        "—— rounding products and sums separately, compared with fused operations": made
        - found["without separate rounding"],
        "—— calls of the model's functions, compared with copying them into the loop": made
        - found["without calls"],
        "—— the loop of RK4 without the model's equations": found["without equations"],
        "— assembling the curves and finding failed runs": found["blocks"] - made,
        "— five measures": found["measures"],
        "— points and statistics": each - found["blocks"] - found["measures"],
        "C -ffast-math, which saves and measures nothing": c["C"],
        "C with the arithmetic of IEEE 754": c["C exact"],
    }
    lines = [
        "| part | microseconds of processor time for each run | time / time of C -ffast-math |",
        "|---|---:|---:|",
    ]
    lines += [f"| {title} | {us:.1f} | {us / c['C']:.2f} |" for title, us in rows.items()]
    fixed = found["fixed"] / 1e3
    lines += [
        "",
        f"In addition, an ensemble takes {fixed:.0f} ms that do not depend on the number of runs.",
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure all parts, print the table and, with ``--write``, write the files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2048)
    parser.add_argument("--write", action="store_true", help="write docs/evidence/speed.md too")
    chosen = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):  # the two threads of a core slow each other down
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        found = measured(chosen.runs, Path(folder))
    text = table(found)
    if chosen.write:
        RESULTS.write_text(
            json.dumps({"machine": machine(), "microseconds": found}, indent=1) + "\n"
        )
        into_page(text, "ensemble parts")
    print(text)


if __name__ == "__main__":
    main()
