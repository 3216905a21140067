"""Independent ensembles of walkers in a unit cube, advanced together.

`sample` takes a vectorised function on the cube, and returns the paths of the walkers as `Chains`. The sampler is
emcee's (Foreman-Mackey, Hogg, Lang and Goodman 2013, PASP 125).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sdcluster.errors import ModelError
from sdcluster.messages import message

LEAST = 4  # the fewest steps for a result
TRIED = 20  # the number of random points that are tried for the start of each walker
Function = Callable[[np.ndarray], np.ndarray]
Progress = Callable[[str, int, int], None]
Moves = Callable[[Any], list[tuple[Any, float]]]


@dataclass(frozen=True)
class WalkerState:
    """The state of an ensemble: the positions of its walkers and the state of its random numbers.

    Parameters
    ----------
    places : ndarray, shape (walkers, dimensions)
        Positions of the walkers in the unit cube.
    logs : ndarray, shape (walkers,)
        The logarithm of the density at these positions.
    random : ndarray of int, shape (626,)
        State of the Mersenne Twister: key, position, and whether a normal number is stored.
    spare : float
        The stored normal number.
    """

    places: np.ndarray
    logs: np.ndarray
    random: np.ndarray
    spare: float

    @classmethod
    def of(cls, places: np.ndarray, logs: np.ndarray, random: np.random.RandomState) -> WalkerState:
        """Return the state of walkers at `places`, with a copy of the state of the random numbers."""
        state: Any = random.get_state()
        _, key, position, left, spare = state
        return cls(
            places, logs, np.concatenate([key.astype(np.int64), [position, left]]), float(spare)
        )

    def source(self) -> np.random.RandomState:
        """Return the random-number generator of this state."""
        key, (position, left) = self.random[:-2].astype(np.uint32), self.random[-2:].tolist()
        found = np.random.RandomState()
        found.set_state(("MT19937", key, position, left, self.spare))
        return found


@dataclass(frozen=True)
class Chains:
    """The paths of the walkers.

    Parameters
    ----------
    places : ndarray, shape (ensembles, steps, walkers, dimensions)
        Positions of the walkers in the unit cube.
    logs : ndarray, shape (ensembles, steps, walkers)
        The logarithm of the density at these positions.
    complete : bool
        Whether all steps were made; False if an interrupt ended the sampling early.
    states : tuple of WalkerState
        States of the ensembles after the last step, from which sampling can resume.
    """

    places: np.ndarray
    logs: np.ndarray
    complete: bool
    states: tuple[WalkerState, ...]


@dataclass(frozen=True)
class Progressed:
    """The draws so far, while sampling continues.

    Parameters
    ----------
    places, logs : ndarray
        As for `Chains`, for the steps so far that are not discarded.
    burned : int
        Number of discarded steps so far.
    states : tuple of WalkerState
        States of the ensembles after the last step.
    """

    places: np.ndarray
    logs: np.ndarray
    burned: int
    states: tuple[WalkerState, ...]

    @property
    def steps(self) -> int:
        """Number of kept steps so far."""
        return self.places.shape[1]


@dataclass(frozen=True)
class Plan:
    """The amount of sampling.

    Parameters
    ----------
    ensembles, walkers : int
    burn, steps : int
        Number of discarded steps; number of kept steps.
    seed : int
    """

    ensembles: int
    walkers: int
    burn: int
    steps: int
    seed: int


def sound_moves(emcee: Any) -> list[tuple[Any, float]]:
    """Return moves that leave the density invariant: differential evolution and emcee's stretch move.

    Differential evolution (ter Braak 2006, Statistics and Computing 16) gives the largest effective sample size. Every
    tenth such move adds the full difference of two walkers, which leads from one mode of the density to another. The
    stretch move makes steps of all lengths, so that walkers which start far away find the others. emcee's snooker move
    is not used, because with this move alone a five-dimensional normal density is sampled with less than half its
    variance.
    """
    moves = emcee.moves
    return [(moves.DEMove(), 0.5), (moves.DEMove(gamma0=1.0), 0.1), (moves.StretchMove(), 0.4)]


def sample(
    function: Function,
    dimensions: int,
    plan: Plan,
    progress: Progress | None,
    moves: Moves = sound_moves,
    begin: Sequence[WalkerState] | None = None,
    least: int = LEAST,
    keep: Callable[[Progressed, bool], None] | None = None,
) -> Chains:
    """Sample a density on the unit cube, given its logarithm.

    Parameters
    ----------
    function : callable
        Takes points of shape (n, dimensions) inside the cube; returns n logarithms, minus infinity for impossible
        points.
    dimensions : int
    plan : Plan
    progress : callable, optional
        Called with a description, the steps done by all walkers, and their total.
    moves : callable, optional
        Takes the module emcee; returns moves with their shares.
    begin : sequence of WalkerState, optional
        States of the ensembles to resume from.
    least : int
        Smallest number of kept steps after which an interrupt ends the sampling with a result.
    keep : callable, optional
        Called after each step with the draws so far. Its last argument is True if an interrupt came before `least`
        steps.

    Raises
    ------
    ModelError
        If emcee is not installed, or too few points of the cube are possible.
    KeyboardInterrupt
        If an interrupt comes before `least` steps are kept; a later interrupt ends the sampling with a result.
    """
    emcee = _emcee()

    def inside(places: np.ndarray) -> np.ndarray:
        found = np.full(len(places), -np.inf)
        within = ((places >= 0) & (places <= 1)).all(axis=1)
        if within.any():
            found[within] = function(places[within])
        return found

    now = tuple(begin or (_begun(inside, dimensions, plan, i) for i in range(plan.ensembles)))
    ensembles = [_Ensemble(state.source(), moves(emcee)) for state in now]
    shape = plan.ensembles, plan.steps, plan.walkers
    places, logs = np.empty((*shape, dimensions)), np.empty(shape)
    burn, each = plan.burn, plan.ensembles * plan.walkers
    reached = Progressed(places[:, :0], logs[:, :0], 0, now)
    try:
        for step in range(-burn, plan.steps):
            if progress is not None:
                progress("sampling", (step + burn) * each, (plan.steps + burn) * each)
            now = _advanced(inside, ensembles, reached.states)
            if step >= 0:
                for i, state in enumerate(now):
                    places[i, step], logs[i, step] = state.places, state.logs
            done = max(0, step + 1)
            # A single assignment, so that an interrupt finds either the previous state or the new one.
            reached = Progressed(places[:, :done], logs[:, :done], min(step + 1, 0) + burn, now)
            if keep is not None:
                keep(reached, False)
    except KeyboardInterrupt:
        if reached.steps < least:
            if keep is not None:
                keep(reached, True)
            raise
    complete = reached.steps == plan.steps
    return Chains(reached.places, reached.logs, complete, reached.states)


def _advanced(
    function: Function, ensembles: Sequence[_Ensemble], states: Sequence[WalkerState]
) -> tuple[WalkerState, ...]:
    """Return the states of all ensembles after a step; their proposals are evaluated in common batches."""
    steps = [ensemble.step(state) for ensemble, state in zip(ensembles, states, strict=True)]
    said = [next(step) for step in steps]
    while asked := {i: places for i, places in enumerate(said) if isinstance(places, np.ndarray)}:
        ends = np.cumsum([len(places) for places in asked.values()])
        answers = np.split(function(np.concatenate([*asked.values()])), ends[:-1])
        for i, answer in zip(asked, answers, strict=True):
            said[i] = steps[i].send(answer)
    return tuple(state for state in said if isinstance(state, WalkerState))


class _Ensemble:
    """Walkers that move by emcee's moves, one half after the other.

    The class does what `emcee.EnsembleSampler` does, with the same random numbers. But `emcee.EnsembleSampler`
    evaluates half an ensemble at a time, whereas evaluating all ensembles together takes much less time.

    Parameters
    ----------
    random : RandomState
    moves : list of (move, float)
        Moves (instances of `emcee.moves.RedBlueMove`), with their shares.
    """

    def __init__(self, random: np.random.RandomState, moves: list[tuple[Any, float]]) -> None:
        self._random = random
        self._moves = [move for move, _ in moves]
        shares = np.array([share for _, share in moves], dtype=float)
        self._shares = shares / shares.sum()

    def step(self, state: WalkerState) -> Generator[np.ndarray | WalkerState, np.ndarray, None]:
        """Yield the proposals of each half and receive the function's values there; at last, yield the new state."""
        random, places, logs = self._random, state.places.copy(), state.logs.copy()
        move = self._moves[random.choice(len(self._moves), p=self._shares)]
        move.setup(places)
        half = np.arange(len(places)) % move.nsplits
        if move.randomize_split:
            random.shuffle(half)
        for number in range(move.nsplits):
            mine = np.flatnonzero(half == number)
            others = [places[half == k] for k in range(move.nsplits) if k != number]
            proposed, factors = move.get_proposal(places[mine], others, random)
            found = yield proposed
            won = factors + found - logs[mine] > np.log(random.rand(len(mine)))
            places[mine[won]], logs[mine[won]] = proposed[won], found[won]
        yield WalkerState.of(places, logs, random)


def _begun(function: Function, dimensions: int, plan: Plan, number: int) -> WalkerState:
    """Return an ensemble in its initial state."""
    random = np.random.default_rng([plan.seed, number])
    places = _starts(function, random.random((TRIED * plan.walkers, dimensions)), plan.walkers)
    source = np.random.RandomState(random.integers(2**32, dtype=np.uint32))
    return WalkerState.of(places, function(places), source)


def _starts(function: Function, tried: np.ndarray, walkers: int) -> np.ndarray:
    """Return starting points, one for each walker: the most likely of the points tried."""
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
