"""Fits the models that have a calibration.toml and writes docs/calibration.md with its pictures.

Run: python benchmarks/calibration.py [--starts N] [--points N]
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import sdcluster
from sdcluster.analyse.calibrate import Calibration, calibrate
from sdcluster.analyse.calibrate_file import load_task
from sdcluster.analyse.calibrate_picture import draw_calibration

ROOT = Path(__file__).parents[1]
MODELS = ("wenzhou_firms", "value_chain")
HEAD = """# Calibration: what the data pin down

Written by `benchmarks/calibration.py`; do not edit. `sdcluster fit models/<name>` makes such a table.
Least squares from {starts} Latin-hypercube starts inside the constants' ranges; then for each constant a profile of
{points} points, the other constants fitted again at each. A set of constants fits the data if its
chi square is within 3.84 of the least (95 %). *Pinned*: the interval ends on both sides. *Not pinned down*:
the data end it nowhere in the range searched. Uncertainties of the targets are
judgements; the interval of a judgement is a judgement.
The best value is one of many sets that fit as well, so it must not be read alone.

The uncertainty of a share or count stands in the targets file, `models/<name>/targets.csv`, beside its source.
Ningbo's price elasticity (0.9 for 1997 to 2005, 1.02 for 1997 to 2008) is not fitted: the yearly values and quantities
are a picture in the source, and the value chain model has neither export value nor quantity to regress.
"""


def section(name: str, result: Calibration) -> str:
    """Return what a calibration found as a piece of Markdown."""
    held = sum(c.deviation < math.inf for c in result.combinations)
    least = min(fit.chi_square for fit in result.accepted)
    lines = [
        f"\n## {name}\n",
        f"{len(result.parameters)} constants on {len(result.targets)} targets. {len(result.fits)} searches ended in "
        f"{len(result.optima)} different sets that fit the data; the least chi square is {least:.2g}. The data hold "
        f"{held} of {len(result.parameters)} combinations of the constants (rank of the Jacobian).\n",
        "| constant | one best fit | 95 % interval | range searched | verdict |",
        "|---|---:|---:|---:|---|",
    ]
    for p in result.profiles:
        lines.append(
            f"| {p.name} | {p.best:.4g} | {p.low:.4g} to {p.high:.4g} | {p.minimum:g} to {p.maximum:g} | {p.verdict} |"
        )
    return "\n".join([*lines, f"\n![Data and profiles](images/calibration-{name}.svg)\n"])


def main() -> None:
    """Fit, draw, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=24)
    parser.add_argument("--points", type=int, default=13)
    chosen = parser.parse_args()
    text = HEAD.format(starts=chosen.starts, points=chosen.points)
    for name in MODELS:
        model = sdcluster.load(ROOT / "models" / name)
        task = load_task(model)
        where = {"scenario": task.scenario, "settings": task.settings}
        result = calibrate(
            model,
            task.targets,
            task.parameters,
            starts=chosen.starts,
            points=chosen.points,
            **where,
        )
        draw_calibration(model, result, ROOT / f"docs/images/calibration-{name}.svg", **where)
        text += section(name, result)
    (ROOT / "docs" / "calibration.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
