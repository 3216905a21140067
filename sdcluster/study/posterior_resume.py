"""Resumes posterior sampling: stores the state of the walkers in a result, and restores it.

`stored` converts states of walkers to arrays of a dataset; `going_on` reads an earlier result back.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sdcluster import files
from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.study.posterior_chain import Plan, Progressed, WalkerState

if TYPE_CHECKING:
    import xarray as xr

SAMPLED = ("model", "data", "constants", "scenario")
MADE = "sampled"  # the attribute with a digest of what was sampled
PLACE, LOG, RANDOM, SPARE = "state_place", "state_log", "state_random", "state_spare"
BURNED = "burned"  # the attribute of an unfinished file with the number of discarded steps so far
FIRST, EVERY = 1.0, 10.0  # seconds until the draws are saved first, and between later saves
SHARE = 20  # the time between two saves is at least so many times as long as a save takes


@dataclass(frozen=True)
class Before:
    """An earlier result from which sampling resumes.

    Parameters
    ----------
    draws : ndarray, shape (ensembles, steps, walkers, constants)
        In the constants' units.
    logs : ndarray, shape (ensembles, steps, walkers)
    states : tuple of WalkerState
    seed, burn, asked : int
        Seed, number of discarded steps, and number of likelihoods evaluated.
    burned : int
        How many of the `burn` steps were made.
    """

    draws: np.ndarray
    logs: np.ndarray
    states: tuple[WalkerState, ...]
    seed: int
    burn: int
    asked: int
    burned: int

    @property
    def steps(self) -> int:
        """Number of kept steps of each walker."""
        return self.draws.shape[1]

    def plan(self, steps: int) -> Plan:
        """Return a plan of `steps` kept steps, with the walkers, discarded steps and seed of the earlier call."""
        ensembles, _, walkers, _ = self.draws.shape
        return Plan(ensembles, walkers, self.burn, steps, self.seed)

    def rest(self, steps: int) -> Plan:
        """Return the plan for the steps that are missing until `steps` steps are kept."""
        left = self.burn - self.burned, max(0, steps - self.steps)
        return replace(self.plan(steps), burn=left[0], steps=left[1])


def stored(states: Sequence[WalkerState]) -> xr.Dataset:
    """Return the states of walkers as arrays for a dataset."""
    import xarray as xr

    return xr.Dataset(
        {
            PLACE: (
                ("ensemble_number", "walker", "parameter"),
                np.stack([state.places for state in states]),
            ),
            LOG: (("ensemble_number", "walker"), np.stack([state.logs for state in states])),
            RANDOM: (("ensemble_number", "word"), np.stack([state.random for state in states])),
            SPARE: ("ensemble_number", np.array([state.spare for state in states])),
        }
    )


def going_on(given: xr.Dataset | str | Path, made: Mapping[str, str]) -> Before:
    """Return an earlier result, from a dataset or a file, to resume.

    Raises
    ------
    ModelError
        If the dataset is not a result of `sdcluster.posterior`, or belongs to another problem.
    """
    import xarray as xr

    path = None if isinstance(given, xr.Dataset) else Path(given)
    try:
        found = given if isinstance(given, xr.Dataset) else xr.load_dataset(given)
    except FileNotFoundError:
        raise ModelError(message("study.resume_no_such_file"), file=path) from None
    except (OSError, ValueError):
        raise ModelError(message("study.resume_no_posterior"), file=path) from None
    if MADE not in found.attrs or not {"draws", "log_likelihood", PLACE, RANDOM, SPARE} <= {*found}:
        raise ModelError(message("study.resume_no_posterior"), file=path)
    known = json.loads(found.attrs[MADE])
    other = next((what for what in SAMPLED if known.get(what) != made[what]), None)
    if other == "model" and known.get("equations") == made["equations"]:
        other = "files"
    if other is not None:
        raise ModelError(_another(other), file=path)
    ensembles, walkers, number = found[PLACE].shape
    steps = found.sizes["draw"]
    draws = found["draws"].values.reshape(ensembles, walkers, steps, number).transpose(0, 2, 1, 3)
    logs = found["log_likelihood"].values.reshape(ensembles, walkers, steps).transpose(0, 2, 1)
    last = found[LOG].values if LOG in found else logs[:, -1]  # files of 0.2.0 lack it
    states = tuple(
        WalkerState(places, log, random, float(spare))
        for places, log, random, spare in zip(
            found[PLACE].values,
            last,
            found[RANDOM].values,
            found[SPARE].values,
            strict=True,
        )
    )
    seed, burn, asked = (int(found.attrs[n]) for n in ("seed", "burn", "likelihoods"))
    burned = int(found.attrs.get(BURNED, burn))
    return Before(draws, logs, states, seed, burn, asked, burned)


def part_of(path: Path) -> Path:
    """Return the path of the checkpoint file, to which draws are written during sampling, for a result file."""
    return path.with_name(f"{path.name}.part")


class Keeper:
    """Writes the draws so far to a file, so that at most ten seconds of sampling are lost if the process ends.

    Parameters
    ----------
    path : Path
        The file; it is replaced as a whole.
    described : callable
        Returns the dataset to write.
    """

    def __init__(self, path: Path, described: Callable[[Progressed], xr.Dataset]) -> None:
        self._path, self._described = path, described
        self._due = time.monotonic() + FIRST

    def __call__(self, reached: Progressed, last: bool) -> None:
        """Save the draws so far, if the interval has passed or sampling ends."""
        begun = time.monotonic()
        if begun < self._due and not last:
            return
        from sdcluster.run.save import save_netcdf

        try:
            save_netcdf(self._described(reached), self._path)
        except (
            OSError
        ):  # a full disk must not end the sampling; a folder that cannot be written to, at once
            if not self._path.is_file():
                raise
        with suppress(ValueError):
            files.written.remove(self._path)  # the file is not finished
        ended = time.monotonic()
        self._due = ended + max(EVERY, SHARE * (ended - begun))


def _another(what: str) -> str:
    sentences = {
        "model": message("study.resume_another_model"),
        "files": message("study.resume_other_files"),
        "data": message("study.resume_other_data"),
        "constants": message("study.resume_other_constants"),
        "scenario": message("study.resume_another_scenario"),
    }
    return sentences[what]
