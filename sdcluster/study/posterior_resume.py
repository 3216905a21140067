"""Posterior sampling that goes on: what a result keeps of its walkers, and how they are found again.

Crosses the border: states of walkers in, arrays of a dataset out, and back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.study.posterior_chain import Plan, WalkerState

if TYPE_CHECKING:
    import xarray as xr

MADE = "sampled"  # the attribute with a digest of what was sampled
PLACE, RANDOM, SPARE = "state_place", "state_random", "state_spare"


@dataclass(frozen=True)
class Before:
    """A result to go on with.

    Parameters
    ----------
    draws : ndarray, shape (ensembles, steps, walkers, constants)
        In the constants' units.
    logs : ndarray, shape (ensembles, steps, walkers)
    states : tuple of WalkerState
    seed, burn, asked : int
        How it was made, and how many likelihoods that took.
    """

    draws: np.ndarray
    logs: np.ndarray
    states: tuple[WalkerState, ...]
    seed: int
    burn: int
    asked: int

    @property
    def steps(self) -> int:
        """Draws of each walker."""
        return self.draws.shape[1]

    def plan(self, steps: int) -> Plan:
        """Return the plan of which this result is the first part."""
        ensembles, _, walkers, _ = self.draws.shape
        return Plan(ensembles, walkers, self.burn, steps, self.seed)


def stored(states: Sequence[WalkerState]) -> xr.Dataset:
    """Return states as arrays of a dataset."""
    import xarray as xr

    return xr.Dataset(
        {
            PLACE: (
                ("ensemble_number", "walker", "parameter"),
                np.stack([state.places for state in states]),
            ),
            RANDOM: (("ensemble_number", "word"), np.stack([state.random for state in states])),
            SPARE: ("ensemble_number", np.array([state.spare for state in states])),
        }
    )


def going_on(given: xr.Dataset | str | Path, made: Mapping[str, str]) -> Before:
    """Return a result to go on with.

    Raises
    ------
    ModelError
        For what is not a result of `sdcluster.posterior`, or one that was made of something else.
    """
    import xarray as xr

    path = None if isinstance(given, xr.Dataset) else Path(given)
    try:
        found = given if isinstance(given, xr.Dataset) else xr.load_dataset(given)
    except (OSError, ValueError):
        raise ModelError(message("study.resume_no_posterior"), file=path) from None
    if MADE not in found.attrs or not {"draws", "log_likelihood", PLACE, RANDOM, SPARE} <= {*found}:
        raise ModelError(message("study.resume_no_posterior"), file=path)
    known = json.loads(found.attrs[MADE])
    other = next((what for what, digest in made.items() if known.get(what) != digest), None)
    if other is not None:
        raise ModelError(_another(other), file=path)
    ensembles, walkers, number = found[PLACE].shape
    draws = found["draws"].values.reshape(ensembles, walkers, -1, number).transpose(0, 2, 1, 3)
    logs = found["log_likelihood"].values.reshape(ensembles, walkers, -1).transpose(0, 2, 1)
    states = tuple(
        WalkerState(places, log, random, float(spare))
        for places, log, random, spare in zip(
            found[PLACE].values,
            logs[:, -1],
            found[RANDOM].values,
            found[SPARE].values,
            strict=True,
        )
    )
    seed, burn, asked = (int(found.attrs[n]) for n in ("seed", "burn", "likelihoods"))
    return Before(draws, logs, states, seed, burn, asked)


def _another(what: str) -> str:
    sentences = {
        "model": message("study.resume_another_model"),
        "data": message("study.resume_other_data"),
        "constants": message("study.resume_other_constants"),
        "scenario": message("study.resume_another_scenario"),
    }
    return sentences[what]
