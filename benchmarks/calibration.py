"""Fits every case of every model that has a calibration.toml, and writes docs/evidence/calibration.md with its charts.

Run: python benchmarks/calibration.py [--starts N] [--points N] [--jobs N] [--anew] (a minute)

Each case is fitted in a separate process. The results are stored in benchmarks/results/calibration.json as soon as a
case is finished, so an interrupted run continues where it stopped. A stored result is used again while the model, the
case, ``--starts`` and ``--points`` are the same. After a change to sdcluster itself, use ``--anew``, which fits all
cases again.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from pathlib import Path
from typing import Any

import sdcluster
from sdcluster.model import Model
from sdcluster.project.calibration_file import Task, Tasks, load_tasks
from sdcluster.project.scenario import find_scenario
from sdcluster.study.calibrate import Calibration, calibrate
from sdcluster.study.calibrate_predict import predict
from sdcluster.study.calibrate_problem import Problem
from sdcluster.view.calibration import draw_calibration

try:
    from benchmarks.substance import substance
except ImportError:  # run as a script
    from substance import substance  # type: ignore[no-redef]

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "evidence" / "calibration.md"
RESULTS = ROOT / "benchmarks" / "results" / "calibration.json"
MISSED = 2.0  # uncertainties
VERDICTS = ("pinned", "bounded on one side", "not pinned down")
HEAD = """# Calibration: what the data pin down

Written by `benchmarks/calibration.py`; do not edit. This page shows which values of the constants agree with
measured data (*targets*) of real clusters.
`sdcluster fit models/<name> [CASE]` makes one of the tables. The program fits by least squares from
{starts} Latin-hypercube starts inside the ranges of the constants. For each constant it then computes a
profile of {points} points: it fixes the constant at a value and fits all other constants again. A search
ends when its last four steps together have lowered chi square by less than 0.001. A set of constants fits
the data if its chi square exceeds the least chi square by at most 3.84 (95 %). A constant is *pinned* if
the data limit its interval on both sides, *bounded on one side* if they limit one end, and *not pinned
down* if they limit neither end within the range searched. The uncertainties of most targets are
judgements, so the intervals are judgements too; if the source gives a standard error or a sample, we use
it, and the targets file says so. Many sets of constants fit as well as the best one, so do not use the
best value alone. Below each table are predictions of quantities that nobody measured, from all sets that
fit; a wide interval means that the data say little about the quantity. *Not reached* counts the targets
that even the best fit misses by more than two uncertainties; for these targets, the model disagrees with
the data within these ranges.

{summary}
"""
Found = dict[str, Any]


def title(name: str, task: Task) -> str:
    """Return the heading of a case on the page."""
    return f"{task.title['en']} ({name})" if task.title else name


def tasks_of(name: str) -> tuple[Model, Tasks]:
    """Return a model and the contents of its calibration.toml."""
    model = sdcluster.load(ROOT / "models" / name)
    return model, load_tasks(model)


def chart(name: str, case: str) -> str:
    """Return the file name of the chart of a case."""
    return f"calibration-{name if case == name else f'{name}-{case}'}.svg"


def digest(model: Model, task: Task, starts: int, points: int) -> str:
    """Return a digest of everything that decides the numbers of a fit.

    These are the model, the scenario, the case, the number of starts and the number of profile points. Titles and
    descriptions are left out.
    """
    scenario = replace(find_scenario(model, task.scenario), title={}, description={})
    text = f"{substance(model)} {scenario!r} {task!r} {starts} {points}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def fit(name: str, case: str, starts: int, points: int) -> Found:
    """Fit one case, draw its chart and return the numbers for the page; called in a separate process."""
    model, tasks = tasks_of(name)
    (task,) = tasks.choose([case])
    where: Any = {"scenario": task.scenario, "settings": task.settings}
    result = calibrate(model, task.targets, task.parameters, starts=starts, points=points, **where)
    draw_calibration(model, result, ROOT / "docs" / "images" / chart(name, case), **where)
    predicted = predict(model, task, result)
    return {
        "digest": digest(model, task, starts, points),
        "title": title(name, task),
        "targets": len(result.targets),
        "searches": len(result.fits),
        "optima": len(result.optima),
        "least": min(one.chi_square for one in result.accepted),
        "held": sum(c.deviation < math.inf for c in result.combinations),
        "profiles": [
            {
                "name": p.name,
                "best": p.best,
                "interval": [p.low, p.high],
                "range": [p.minimum, p.maximum],
                "verdict": p.verdict,
            }
            for p in result.profiles
        ],
        "missed": missed(model, task, result),
        "predicted": [
            {
                "title": told.prediction.title.get("en", str(told.prediction.quantity)),
                "interval": [told.low, told.high],
            }
            for told in predicted
        ],
    }


def missed(model: Model, task: Task, result: Calibration) -> list[Found]:
    """Return the targets that the best fit misses by more than `MISSED` uncertainties."""
    problem = Problem(
        model, task.targets, task.parameters, task.scenario, task.settings, backend="auto"
    )
    best = min(result.accepted, key=lambda one: one.chi_square)
    away = problem.residuals((best.values - problem.low) / problem.span)
    return [
        {
            "variable": target.variable,
            "measure": target.measure,
            "time": target.time,
            "value": target.value,
            "uncertainty": target.uncertainty,
            "found": target.value + float(off) * target.uncertainty,
        }
        for target, off in zip(task.targets, away, strict=True)
        if abs(off) > MISSED
    ]


def fit_all(kept: dict[str, Found], starts: int, points: int, jobs: int) -> list[tuple[str, str]]:
    """Fit the cases without a stored result, and store each result as soon as it is ready.

    Returns
    -------
    list of (str, str)
        Model and case of all cases, in the order of the page.
    """
    from rich.progress import Progress

    cases, asked = [], []
    for path in sorted((ROOT / "models").glob("*/calibration.toml")):
        name = path.parent.name
        model, tasks = tasks_of(name)
        for task in tasks.cases:
            cases.append((name, task.name))
            same = kept.get(f"{name} {task.name}", {}).get("digest")
            if same != digest(model, task, starts, points):
                asked.append((len(task.parameters), name, task.name))
    with ProcessPoolExecutor(jobs) as pool, Progress() as bar:
        row = bar.add_task("fitting", total=len(asked))
        # Start with the longest fits, so that all processes finish at about the same time.
        waiting = {
            pool.submit(fit, name, case, starts, points): f"{name} {case}"
            for _, name, case in sorted(asked, reverse=True)
        }
        for done in as_completed(waiting):
            kept[waiting[done]] = done.result()
            keep({f"{n} {c}": kept[f"{n} {c}"] for n, c in cases if f"{n} {c}" in kept})
            bar.advance(row)
    return cases


def keep(kept: Mapping[str, Found]) -> None:
    """Write the results to a new file first and then rename it, so that an interruption cannot damage the old file."""
    partial = RESULTS.with_suffix(".new")
    partial.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    partial.replace(RESULTS)


def row(found: Found) -> str:
    """Return the line of a case in the summary table."""
    cells = [
        ", ".join(p["name"] for p in found["profiles"] if p["verdict"] == verdict) or "none"
        for verdict in VERDICTS
    ]
    away = len(found["missed"])
    return f"| {found['title']} | {found['targets']} | {away or 'none'} | {' | '.join(cells)} |"


def section(found: Found, picture: str) -> str:
    """Return the section of the page about one case."""
    constants, targets, different = len(found["profiles"]), found["targets"], found["optima"]
    lines = [
        f"\n## {found['title']}\n",
        f"{constants} constants are fitted to {targets} target{'s' * (targets > 1)}. "
        f"{found['searches']} searches ended in "
        f"{different} different {'set that fits' if different == 1 else 'sets that fit'} the data; the least "
        f"chi square is {found['least']:.2g}. The data determine {found['held']} of {constants} independent "
        "combinations of the constants (rank of the Jacobian).\n",
        "| constant | one best fit | 95 % interval | range searched | verdict |",
        "|---|---:|---:|---:|---|",
    ]
    for p in found["profiles"]:
        (low, high), (least, most) = p["interval"], p["range"]
        lines.append(
            f"| {p['name']} | {p['best']:.4g} | {low:.4g} to {high:.4g} | {least:g} to {most:g} | {p['verdict']} |"
        )
    if found["predicted"] or found["missed"]:
        lines.append("")
    for told in found["predicted"]:
        words = told["title"]
        low, high = told["interval"]
        lines.append(f"- {words[0].upper()}{words[1:]}: {low:.3g} to {high:.3g}.")
    for off in found["missed"]:
        what = f"{off['measure']} of " if off["measure"] not in ("", "value") else ""
        lines.append(
            f"- Not reached: {what}`{off['variable']}` at {off['time']:g} is {off['found']:.3g} in the best fit, "
            f"{off['value']:.3g} ± {off['uncertainty']:.2g} in the data."
        )
    return "\n".join([*lines, f"\n![Data and profiles](../images/{picture})\n"])


def unfitted(name: str) -> str:
    """Return the sections about a model's cases that have no data; each section gives the reason."""
    return "".join(
        f"\n## {case.title.get('en', case.name)} ({name})\n\nNot fitted. {case.because.get('en', '')}\n"
        for case in tasks_of(name)[1].unfitted
    )


def page(kept: Mapping[str, Found], cases: list[tuple[str, str]], starts: int, points: int) -> str:
    """Return the whole page: the head with the summary table, and a section for each case."""
    summary = [
        f"| case | targets | not reached | {' | '.join(VERDICTS)} |",
        "|---|---:|---:|---|---|---|",
        *(row(kept[f"{name} {case}"]) for name, case in cases),
    ]
    body = ""
    for name in dict.fromkeys(name for name, _ in cases):
        own = [case for model, case in cases if model == name]
        body += "".join(section(kept[f"{name} {case}"], chart(name, case)) for case in own)
        body += unfitted(name)
    return HEAD.format(starts=starts, points=points, summary="\n".join(summary)) + body


def main() -> None:
    """Fit the cases whose results are missing or out of date, and write the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--starts", type=int, default=16)
    parser.add_argument("--points", type=int, default=11)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument(
        "--anew", action="store_true", help="also fit the cases that have a stored result"
    )
    given = parser.parse_args()
    fresh = given.anew or not RESULTS.exists()
    kept: dict[str, Found] = {} if fresh else json.loads(RESULTS.read_text("utf-8"))
    cases = fit_all(kept, given.starts, given.points, given.jobs)
    PAGE.write_text(page(kept, cases, given.starts, given.points), encoding="utf-8")


if __name__ == "__main__":
    main()
