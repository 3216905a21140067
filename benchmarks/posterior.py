"""Measures posterior sampling: likelihoods and effective draws per second of processor time, by model and moves.

Run: python benchmarks/posterior.py [--draws N]   (ten minutes)

Writes docs/evidence/posterior.md. Processor time is what this process used on all cores, so the numbers stay comparable
where other programs use the machine too.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import sdcluster
from sdcluster.project.calibration_file import load_tasks
from sdcluster.study.likelihood import Likelihood
from sdcluster.study.posterior_chain import Plan, sample, sound_moves
from sdcluster.study.posterior_diagnosis import effective_size

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "evidence" / "posterior.md"
CASES = (("wenzhou_firms", ()), ("value_chain", ("ningbo_apparel",)))
VARIANCE_STEPS = 1000


def stretch(emcee: Any) -> list[tuple[Any, float]]:
    return [(emcee.moves.StretchMove(), 1.0)]


def with_snooker(emcee: Any) -> list[tuple[Any, float]]:
    return [(emcee.moves.DEMove(), 0.8), (emcee.moves.DESnookerMove(), 0.2)]


MOVES: dict[str, Callable[[Any], list[tuple[Any, float]]]] = {
    "stretch": stretch,
    "ours": sound_moves,
    "with emcee's snooker move": with_snooker,
}
HEAD = """# Posterior sampling: what a draw costs

Written by `benchmarks/posterior.py`; do not edit. Four ensembles, {draws} draws of each walker after half as many that
are thrown away. Seconds are processor time of all cores together: a machine with two free cores does twice as much in
a second of the clock. *Effective draws* are those of the constant that has the fewest. *Variance* is a check: that of
draws from a normal density of five dimensions with variance 1; correct moves give 1.00.

| model | moves | likelihoods a second | effective draws a second | share of the likelihood | variance |
|---|---|---:|---:|---:|---:|
"""


def variance(moves: Callable[[Any], list[tuple[Any, float]]]) -> float:
    """Return the mean variance that the moves give a normal density of five dimensions whose variance is 1."""
    plan = Plan(2, 60, 300, VARIANCE_STEPS, 3)
    chains = sample(lambda x: -0.5 * (((x - 0.5) / 0.03) ** 2).sum(axis=1), 5, plan, None, moves)
    return float(np.mean(chains.places.reshape(-1, 5).var(axis=0)) / 0.03**2)


def row(name: str, cases: tuple[str, ...], words: str, draws: int, spread: float) -> str:
    """Return a row of the table."""
    model = sdcluster.load(ROOT / "models" / name)
    task = load_tasks(model, None).choose(list(cases))[0]
    likelihood = Likelihood(model, task.targets, task.parameters, task.scenario, task.settings)
    number, span = len(likelihood.names), likelihood.high - likelihood.low
    asked, inside = 0, 0.0

    def function(places: np.ndarray) -> np.ndarray:
        nonlocal asked, inside
        begun = time.process_time()
        found = likelihood.at(likelihood.low + span * places)
        inside += time.process_time() - begun
        asked += len(places)
        return found

    plan = Plan(4, max(32, 4 * number), draws // 2, draws, 0)
    begun = time.process_time()
    chains = sample(function, number, plan, None, MOVES[words])
    used = time.process_time() - begun
    single = chains.places.transpose(0, 2, 1, 3).reshape(-1, draws, number)
    fewest = min(effective_size(single[:, :, i]) for i in range(number))
    return (
        f"| {name} | {words} | {asked / used:,.0f} | {fewest / used:.1f} | {inside / used:.0%} "
        f"| {spread:.2f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=200)
    draws = parser.parse_args().draws
    rows = []
    spreads = {words: variance(moves) for words, moves in MOVES.items()}
    for name, cases in CASES:
        for words in MOVES:
            rows.append(row(name, cases, words, draws, spreads[words]))
            print(rows[-1], flush=True)
    PAGE.write_text(HEAD.format(draws=draws) + "\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
