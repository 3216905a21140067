"""A part of an ensemble: some of its runs, executed in one thread of this or another process.

A `Question` describes the runs and can be pickled; a `Machine` executes them at given points and returns a `Part`.
Other processes call `answer`.
"""

from __future__ import annotations

import hashlib
import pickle
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sdcluster.errors import ModelError
from sdcluster.measure.measures import Measure
from sdcluster.messages import Message, message
from sdcluster.model import Model
from sdcluster.project.scenario import Scenario
from sdcluster.run.keeping import is_plain
from sdcluster.run.many import LANES, Block, Many
from sdcluster.run.simulator import Simulator
from sdcluster.study.spread import Moments, ranks

KEPT_MACHINES = 4  # the most machines that a worker process keeps for later tasks


@dataclass(frozen=True, eq=False)
class Question:
    """Describes the runs of an ensemble: the model, its options, and the results to return.

    Parameters
    ----------
    model : Model
    scenarios : tuple of Scenario
        The scenario of all runs, or the scenarios from which each run takes one.
    method, rtol, atol, saveper, seed
        As for `sdcluster.Simulator`.
    names : tuple of str
        The factors, as `sdcluster.run.many.Many` takes them.
    measures : tuple of Measure
    keep, bands : tuple of str
        Elements whose curves are kept, and elements whose spread over time is computed.
    whole : bool
        Whether parts also contain the curves of the elements in `bands`.
    edges : ndarray, shape (bands, T, EDGES), optional
        Edges of the bins in which runs are counted.
    lanes : int
    """

    model: Model
    scenarios: tuple[Scenario, ...]
    method: str
    rtol: float
    atol: float
    saveper: float | None
    seed: int
    names: tuple[str, ...]
    measures: tuple[Measure, ...]
    keep: tuple[str, ...]
    bands: tuple[str, ...]
    whole: bool = False
    edges: np.ndarray | None = None
    lanes: int = LANES

    @property
    def wanted(self) -> tuple[str, ...]:
        """The elements whose curves are needed to evaluate a run."""
        measured = [n for m in self.measures for n in (m.variable, m.on) if n]
        return tuple(dict.fromkeys([*measured, *self.keep, *self.bands]))

    def simulator(self, scenario: int = 0) -> Simulator:
        """Return a simulator of one of the scenarios."""
        return Simulator(
            self.model,
            self.scenarios[scenario],
            method=self.method,
            rtol=self.rtol,
            atol=self.atol,
            saveper=self.saveper,
            seed=self.seed,
        )


@dataclass(frozen=True, eq=False)
class Part:
    """The results of some runs.

    Parameters
    ----------
    first : int
        Number of the first run.
    failed : ndarray of bool, shape (runs,)
    numbers : ndarray, shape (measures, runs)
        The measures of each run; NaN if the run failed or the measure has no value.
    kept : ndarray, shape (keep, runs, T)
    whole : ndarray, shape (bands, runs, T), or None
    moments : Moments
        Moments (mean, variance and so on) over the runs that did not fail, shape (bands, T).
    counts : ndarray, shape (bands, T, EDGES), or None
    """

    first: int
    failed: np.ndarray
    numbers: np.ndarray
    kept: np.ndarray
    whole: np.ndarray | None
    moments: Moments
    counts: np.ndarray | None


class Machine:
    """Executes the runs of a question at any points, in one thread.

    Attributes
    ----------
    times : ndarray, shape (T,)
        The saved times that all runs share.
    """

    def __init__(self, question: Question) -> None:
        self._question = question
        self._row = {name: i for i, name in enumerate(question.wanted)}
        self._stored = tuple(dict.fromkeys([*question.keep, *question.bands]))
        simulators = [question.simulator(i) for i in range(len(question.scenarios))]
        self.times = simulators[0].time
        # The scenarios whose own settings change the times of the runs.
        self._other_clocks = [
            i for i, s in enumerate(simulators) if not np.array_equal(s.time, self.times)
        ]
        self._many = [
            Many(simulator, question.names, question.wanted, lanes=question.lanes, workers=1)
            for simulator in simulators
        ]

    def part(self, first: int, points: np.ndarray, choices: np.ndarray | None = None) -> Part:
        """Execute some runs.

        Parameters
        ----------
        first : int
            Index of the first run.
        points : ndarray, shape (runs, names)
        choices : ndarray of int, shape (runs,), optional
            The index of each run's scenario; by default the first scenario.

        Raises
        ------
        ModelError
            For points that the model does not accept, and for points that change the time settings.
        """
        question, stored = self._question, self._stored
        curves = np.empty((len(stored), len(points), len(self.times)))
        numbers = np.empty((len(question.measures), len(points)))
        failed = np.zeros(len(points), dtype=bool)
        for i, many in enumerate(self._many):
            own = np.arange(len(points)) if choices is None else np.flatnonzero(choices == i)
            for block in many.blocks(points[own]) if len(own) else ():
                own_times = block.times is not self.times
                if own_times and not np.array_equal(block.times, self.times):
                    raise ModelError(self._moved(i), file=question.model.path)
                here = own[block.first : block.first + len(block.failed)]
                together = here[-1] - here[0] == len(here) - 1
                place: Any = slice(here[0], here[-1] + 1) if together else here
                failed[place] = block.failed
                numbers[:, place] = self._measured(block)
                for row, name in enumerate(stored):
                    curves[row, place] = block.curves[self._row[name]].T
        return self._looked_at(first, curves, numbers, failed)

    def _moved(self, scenario: int) -> Message:
        """Return why a run with a scenario has other times than the first scenario."""
        if scenario not in self._other_clocks:
            return message("study.samples_move_clock_runs")
        first, other = (self._question.scenarios[i].name for i in (0, scenario))
        return message("study.scenario_moves_clock", name=other, first=first)

    def _measured(self, block: Block) -> np.ndarray:
        """Return the measures of the runs of a block, shape (measures, runs); NaN for failed runs."""
        measures, row = self._question.measures, self._row
        curves: np.ndarray = block.curves
        sound: Any = slice(None)
        numbers = np.full((len(measures), len(block.failed)), np.nan)
        if block.failed.any():
            sound = ~block.failed
            curves = curves[:, :, sound]
        for i, m in enumerate(measures):
            values = curves[row[m.variable]]
            other = curves[row[m.on]] if m.on else None
            complete = block.complete or is_plain(values.T)
            numbers[i, sound] = m.of(self.times, values, other, complete=complete)
        return numbers

    def _looked_at(
        self, first: int, curves: np.ndarray, numbers: np.ndarray, failed: np.ndarray
    ) -> Part:
        question, row = self._question, {name: i for i, name in enumerate(self._stored)}
        banded = [curves[row[name]] for name in question.bands]
        sound = [band[~failed] for band in banded] if failed.any() else banded
        return Part(
            first,
            failed,
            numbers,
            curves[[row[name] for name in question.keep]],
            curves[[row[name] for name in question.bands]] if question.whole else None,
            _stacked([Moments.of(band) for band in sound], len(self.times)),
            None
            if question.edges is None
            else np.array([ranks(*pair) for pair in zip(sound, question.edges, strict=True)]),
        )


def _stacked(moments: Sequence[Moments], times: int) -> Moments:
    if not moments:
        return Moments.none((0, times))
    fields = Moments.__dataclass_fields__
    return Moments(*(np.array([getattr(m, key) for m in moments]) for key in fields))


# ---- in other processes


def packed(question: Question) -> tuple[str, bytes]:
    """Return a question pickled as bytes, for other processes, and the key under which they cache it."""
    content = pickle.dumps(question)
    return hashlib.sha256(content).hexdigest(), content


def answer(name: str, content: bytes, *task: Any) -> Part:
    """Return the `Part` of a task, given a question that was packed by `packed`; other processes call this."""
    with _lock:
        machine = _machines.get(name)
        if machine is None:
            machine = _machines[name] = Machine(pickle.loads(content))
        _machines.move_to_end(name)
        while len(_machines) > KEPT_MACHINES:
            _machines.popitem(last=False)
    return machine.part(*task)


_machines: OrderedDict[str, Machine] = OrderedDict()
_lock = threading.Lock()
