"""Measures posterior sampling: likelihoods and effective draws per second of processor time, by model and by moves.

Run: python benchmarks/posterior.py [--draws N] (two minutes)

Writes docs/evidence/posterior.md. Processor time is the time that this process used on all cores. It stays comparable
if other programs use the machine, too; the page says how busy the machine was.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import sdcluster
from sdcluster.project.calibration_file import load_tasks
from sdcluster.run.ordered import cores
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
POINTS = (64, 1024)  # computed in one call
ASKED = 2048  # likelihoods in one measurement
REPEATS = 3
HEAD = """# Posterior sampling: what a draw costs

Written by `benchmarks/posterior.py --draws {draws}`; do not edit. The page gives rates per second of
processor time, which is summed over all cores, and rates per second of elapsed time. On a machine with
two free cores, a rate per elapsed second can be twice the rate per processor second. {load}

## The likelihood alone

Computing a likelihood means running the model and comparing the run with all data. The rates are medians
of {repeats} measurements with {asked:,} likelihoods each, for constants drawn from the whole prior. The
sampler evaluates {together} likelihoods at a time.

| model | constants | data | likelihoods at a time | per processor second | per second |
|---|---:|---:|---:|---:|---:|
{alone}

## Sampling

Each measurement has four ensembles of walkers. Each walker makes {draws} draws, after a warm-up of half
as many draws that are thrown away. *Effective draws* is the number for the constant with the fewest
effective draws. *Share of time* is the part of the time that is spent on likelihoods. *Check* tests
whether the moves are correct: it is the variance of draws from a normal density of five dimensions with
variance 1, so correct moves give 1.00.

| model | moves | likelihoods / processor s | likelihoods / s | effective draws / processor s | share of time | check |
|---|---|---:|---:|---:|---:|---:|
{rows}

*Stretch* is emcee's stretch move. *Ours* combines the stretch move with moves by differential evolution.
Moves that give a wrong variance are useless, however fast they are.
"""


def load() -> str:
    """Return the load average of the machine, or ``"unknown"``."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def problem(name: str, cases: tuple[str, ...]) -> Likelihood:
    """Return the likelihood of a model's case."""
    model = sdcluster.load(ROOT / "models" / name)
    task = load_tasks(model, None).choose(list(cases))[0]
    return Likelihood(model, task.targets, task.parameters, task.scenario, task.settings)


def alone(name: str, cases: tuple[str, ...], points: int) -> str:
    """Return a row of the table that measures the likelihood without sampling."""
    likelihood = problem(name, cases)
    number = len(likelihood.names)
    share = np.random.default_rng(0).random((ASKED, number))
    places = likelihood.low + (likelihood.high - likelihood.low) * share
    likelihood.at(places[:points])  # machine code is made
    used, passed = [], []
    for _ in range(REPEATS):
        begun, clock = time.process_time(), time.perf_counter()
        for first in range(0, ASKED, points):
            likelihood.at(places[first : first + points])
        used.append(time.process_time() - begun)
        passed.append(time.perf_counter() - clock)
    return (
        f"| {name} | {number} | {len(likelihood.targets)} | {points} | {ASKED / np.median(used):,.0f} "
        f"| {ASKED / np.median(passed):,.0f} |"
    )


def variance(moves: Callable[[Any], list[tuple[Any, float]]]) -> float:
    """Return the mean variance that sampling with these moves finds for a normal density in five dimensions.

    The result is relative to the true variance, so it should be 1.
    """
    plan = Plan(2, 60, 300, VARIANCE_STEPS, 3)
    chains = sample(lambda x: -0.5 * (((x - 0.5) / 0.03) ** 2).sum(axis=1), 5, plan, None, moves)
    return float(np.mean(chains.places.reshape(-1, 5).var(axis=0)) / 0.03**2)


def row(name: str, cases: tuple[str, ...], words: str, draws: int, spread: float) -> str:
    """Return a row of the table that measures sampling."""
    likelihood = problem(name, cases)
    number, span = len(likelihood.names), likelihood.high - likelihood.low
    asked, inside = 0, 0.0

    def function(places: np.ndarray) -> np.ndarray:
        nonlocal asked, inside
        begun = time.process_time()
        found = likelihood.at(likelihood.low + span * places)
        inside += time.process_time() - begun
        asked += len(places)
        return found

    function(np.full((64, number), 0.5))  # machine code is made
    asked, inside = 0, 0.0
    plan = Plan(4, max(32, 4 * number), draws // 2, draws, 0)
    begun, clock = time.process_time(), time.perf_counter()
    chains = sample(function, number, plan, None, MOVES[words])
    used, passed = time.process_time() - begun, time.perf_counter() - clock
    single = chains.places.transpose(0, 2, 1, 3).reshape(-1, draws, number)
    fewest = min(effective_size(single[:, :, i]) for i in range(number))
    return (
        f"| {name} | {words} | {asked / used:,.0f} | {asked / passed:,.0f} | {fewest / used:.1f} "
        f"| {inside / used:.0%} | {spread:.2f} |"
    )


def busy(before: str, after: str) -> str:
    """Return a sentence about the machine's threads and load."""
    count = cores()
    free = all(part != "unknown" and float(part) < count for part in (before, after))
    note = (
        ""
        if free
        else " Other programs used the machine, so both rates are lower than on an idle machine,"
        " above all the rates per elapsed second."
    )
    return f"This machine has {count} threads; its load was {before} at the start and {after} at the end.{note}"


def main() -> None:
    """Measure everything and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=400)
    draws = parser.parse_args().draws
    before = load()
    first = [alone(name, cases, points) for name, cases in CASES for points in POINTS]
    print(*first, sep="\n", flush=True)
    rows = []
    spreads = {words: variance(moves) for words, moves in MOVES.items()}
    for name, cases in CASES:
        for words in MOVES:
            rows.append(row(name, cases, words, draws, spreads[words]))
            print(rows[-1], flush=True)
    page = HEAD.format(
        draws=draws,
        load=busy(before, load()),
        repeats=REPEATS,
        asked=ASKED,
        together=f"{2 * 32} or more",
        alone="\n".join(first),
        rows="\n".join(rows),
    )
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
