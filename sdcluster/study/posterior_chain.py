"""Independent ensembles of walkers over a unit cube, advanced in turn.

Crosses the border: a vectorized function of the cube in; where the walkers went, and whether they were stopped, out.
The sampler is emcee's (Foreman-Mackey, Hogg, Lang and Goodman 2013, PASP 125).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from sdcluster.errors import ModelError
from sdcluster.messages import message

TRIED = 20  # places of the cube that are tried for each walker's start
Function = Callable[[np.ndarray], np.ndarray]
Progress = Callable[[str, int, int], None]
Moves = Callable[[Any], list[tuple[Any, float]]]


@dataclass(frozen=True)
class Chains:
    """Where the walkers went.

    Parameters
    ----------
    places : ndarray, shape (ensembles, steps, walkers, dimensions)
        In the unit cube.
    logs : ndarray, shape (ensembles, steps, walkers)
        The function there.
    acceptance : ndarray, shape (ensembles,)
        Share of the proposed moves that was made.
    complete : bool
        Whether all steps were made; an interrupt ends them early.
    """

    places: np.ndarray
    logs: np.ndarray
    acceptance: np.ndarray
    complete: bool


@dataclass(frozen=True)
class Plan:
    """How much is sampled.

    Parameters
    ----------
    ensembles, walkers : int
    burn, steps : int
        Steps that are thrown away, and steps that are kept.
    seed : int
    """

    ensembles: int
    walkers: int
    burn: int
    steps: int
    seed: int


def sound_moves(emcee: Any) -> list[tuple[Any, float]]:
    """Return moves that keep the density: differential evolution and emcee's stretch move.

    Differential evolution (ter Braak 2006, Statistics and Computing 16) gives the most effective draws; every tenth
    move adds a whole difference of two walkers, which leads from one mode to another. The stretch move has steps of
    all lengths and so brings in walkers that start far apart. emcee's snooker move is left out: sampled alone, it
    gives a normal density of five dimensions less than half its variance.
    """
    moves = emcee.moves
    return [(moves.DEMove(), 0.5), (moves.DEMove(gamma0=1.0), 0.1), (moves.StretchMove(), 0.4)]


def sample(
    function: Function,
    dimensions: int,
    plan: Plan,
    progress: Progress | None,
    moves: Moves = sound_moves,
) -> Chains:
    """Sample the density whose logarithm a function of the unit cube is.

    Parameters
    ----------
    function : callable
        Of places of shape (n, dimensions) inside the cube; returns n logarithms, minus infinity where impossible.
    dimensions : int
    plan : Plan
    progress : callable, optional
        Called with words, steps done by all walkers, and their total.
    moves : callable, optional
        Of the module emcee; returns its moves with their shares.

    Raises
    ------
    ModelError
        Where emcee is not installed, or too few places of the cube are possible.
    KeyboardInterrupt
        If the interrupt comes before the first step that is kept; a later one ends the sampling.
    """
    ensembles = [_ensemble(function, dimensions, plan, i, moves) for i in range(plan.ensembles)]
    shape = plan.ensembles, plan.steps, plan.walkers
    places, logs = np.empty((*shape, dimensions)), np.empty(shape)
    moved = np.zeros(plan.ensembles)
    done = 0
    before: list[np.ndarray | None] = [None] * plan.ensembles
    each = plan.ensembles * plan.walkers
    try:
        for step in range(-plan.burn, plan.steps):
            if progress is not None:
                progress("sampling", (step + plan.burn) * each, (plan.steps + plan.burn) * each)
            for i, ensemble in enumerate(ensembles):
                place, log = next(ensemble)
                if step >= 0:
                    places[i, step], logs[i, step] = place, log
                if step > 0:
                    moved[i] += np.mean((place != before[i]).any(axis=1))
                before[i] = place
            done = max(0, step + 1)
    except KeyboardInterrupt:
        if done < 4:  # nothing can be said of fewer
            raise
    acceptance = moved / max(1, done - 1)
    return Chains(places[:, :done], logs[:, :done], acceptance, done == plan.steps)


def _ensemble(
    function: Function, dimensions: int, plan: Plan, number: int, moves: Moves
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield places and logarithms of the walkers of one ensemble after each step, without end."""
    emcee = _emcee()
    random = np.random.default_rng([plan.seed, number])

    def inside(places: np.ndarray) -> np.ndarray:
        found = np.full(len(places), -np.inf)
        within = ((places >= 0) & (places <= 1)).all(axis=1)
        if within.any():
            found[within] = function(places[within])
        return found

    start = _starts(function, random.random((TRIED * plan.walkers, dimensions)), plan.walkers)
    sampler = emcee.EnsembleSampler(
        plan.walkers, dimensions, inside, moves=moves(emcee), vectorize=True
    )
    legacy = np.random.RandomState(random.integers(2**32, dtype=np.uint32))
    state = emcee.State(start, random_state=legacy.get_state())
    while True:
        for after in sampler.sample(
            state, iterations=1000, store=False, skip_initial_state_check=True
        ):
            yield after.coords.copy(), after.log_prob.copy()
        state = after


def _starts(function: Function, tried: np.ndarray, walkers: int) -> np.ndarray:
    """Return the likeliest ones of the places tried, one for each walker."""
    logs = function(tried)
    order = np.argsort(-logs, kind="stable")[:walkers]
    if not np.isfinite(logs[order]).all():
        raise ModelError(
            message(
                "study.only_sets_constants_drawn",
                sum=np.isfinite(logs).sum(),
                count=len(tried),
                walkers=walkers,
            )
        )
    return tried[order]


def _emcee() -> Any:
    try:
        import emcee
    except ImportError:
        raise ModelError(message("study.sampling_needs_emcee_not")) from None
    return emcee
