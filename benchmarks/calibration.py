"""Fits every case of every model that has a calibration.toml and writes docs/calibration.md with its pictures.

Run: python benchmarks/calibration.py [--starts N] [--points N]   (a few minutes)
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path

import sdcluster
from sdcluster.analyse.calibrate import Calibration, calibrate
from sdcluster.analyse.calibrate_file import Task, Tasks, load_tasks
from sdcluster.analyse.calibrate_predict import Predicted, predict
from sdcluster.cli.terminal import Patience
from sdcluster.model import Model
from sdcluster.output.calibration import draw_calibration

ROOT = Path(__file__).parents[1]
HEAD = """# Calibration: what the data pin down

Written by `benchmarks/calibration.py`; do not edit. `sdcluster fit models/<name> [CASE]` makes such a table.
Least squares from {starts} Latin-hypercube starts inside the constants' ranges; then for each constant a profile of
{points} points, the other constants fitted again at each. A set of constants fits the data if its
chi square is within 3.84 of the least (95 %). *Pinned*: the interval ends on both sides. *Not pinned down*:
the data end it nowhere in the range searched. Most uncertainties of the targets are judgements, and the interval of a
judgement is a judgement; where the source gives a standard error or a sample, it is used, and the targets file says so.
The best value is one of many sets that fit as well, so it must not be read alone. Under each table stands what the sets
that fit say about something nobody measured: how wide that is, is the honest answer.

{summary}
"""


def row(name: str, task: Task, result: Calibration) -> str:
    """Return a case as a line of the summary."""
    by = {
        verdict: [p.name for p in result.profiles if p.verdict == verdict]
        for verdict in ("pinned", "bounded on one side", "not pinned down")
    }
    cells = [", ".join(names) or "none" for names in by.values()]
    return f"| {title(name, task)} | {len(task.targets)} | {' | '.join(cells)} |"


def title(name: str, task: Task) -> str:
    """Return the heading of a case."""
    return f"{task.title['en']} ({name})" if task.title else name


def section(
    name: str, task: Task, result: Calibration, predicted: Sequence[Predicted], picture: str
) -> str:
    """Return what a calibration found as a piece of Markdown."""
    held = sum(c.deviation < math.inf for c in result.combinations)
    least = min(fit.chi_square for fit in result.accepted)
    searches, different = len(result.fits), len(result.optima)
    lines = [
        f"\n## {title(name, task)}\n",
        f"{len(result.parameters)} constants on {len(result.targets)} target{'s' * (len(result.targets) > 1)}. "
        f"{searches} searches ended in "
        f"{different} different {'set that fits' if different == 1 else 'sets that fit'} the data; the least "
        f"chi square is {least:.2g}. The data hold {held} of {len(result.parameters)} combinations of the constants "
        "(rank of the Jacobian).\n",
        "| constant | one best fit | 95 % interval | range searched | verdict |",
        "|---|---:|---:|---:|---|",
    ]
    for p in result.profiles:
        lines.append(
            f"| {p.name} | {p.best:.4g} | {p.low:.4g} to {p.high:.4g} | {p.minimum:g} to {p.maximum:g} | {p.verdict} |"
        )
    if predicted:
        lines.append("")
    for told in predicted:
        words = told.prediction.title.get("en", str(told.prediction.quantity))
        lines.append(f"- {words[0].upper()}{words[1:]}: {told.low:.3g} to {told.high:.3g}.")
    return "\n".join([*lines, f"\n![Data and profiles](images/{picture})\n"])


def fitted(model: Model, task: Task, starts: int, points: int) -> Calibration:
    """Fit one case, with a progress bar."""
    with Patience() as patience:
        return calibrate(
            model,
            task.targets,
            task.parameters,
            scenario=task.scenario,
            settings=task.settings,
            starts=starts,
            points=points,
            progress=lambda words, done, total: patience.report(
                f"{task.name}: {words}", done, total
            ),
        )


def unfitted(name: str, tasks: Tasks) -> str:
    """Return the cases without data, each with its reason."""
    return "".join(
        f"\n## {case.title.get('en', case.name)} ({name})\n\nNot fitted. {case.because.get('en', '')}\n"
        for case in tasks.unfitted
    )


def main() -> None:
    """Fit, draw, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=16)
    parser.add_argument("--points", type=int, default=11)
    chosen = parser.parse_args()
    summary = [
        "| case | targets | pinned | bounded on one side | not pinned down |",
        "|---|---:|---|---|---|",
    ]
    body = ""
    for path in sorted((ROOT / "models").glob("*/calibration.toml")):
        name, model = path.parent.name, sdcluster.load(path.parent)
        tasks = load_tasks(model)
        for task in tasks.cases:
            result = fitted(model, task, chosen.starts, chosen.points)
            own = name if task.name == name else f"{name}-{task.name}"
            picture = f"calibration-{own}.svg"
            where = {"scenario": task.scenario, "settings": task.settings}
            draw_calibration(model, result, ROOT / "docs" / "images" / picture, **where)
            summary.append(row(name, task, result))
            body += section(name, task, result, predict(model, task, result), picture)
        body += unfitted(name, tasks)
    head = HEAD.format(starts=chosen.starts, points=chosen.points, summary="\n".join(summary))
    (ROOT / "docs" / "calibration.md").write_text(head + body, encoding="utf-8")


if __name__ == "__main__":
    main()
