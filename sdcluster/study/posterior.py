"""Posterior sampling: the distribution of constants given the data, and predictive bands of measured series.

`posterior` takes a model, measured values and names of constants; it returns an `xarray.Dataset`. The prior is uniform
over the ranges of the constants. The errors of the data are independent and normal (`sdcluster.study.likelihood`).
"""

from __future__ import annotations

import hashlib
import json
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sdcluster.errors import ModelError, ModelWarning, short_traceback
from sdcluster.messages import Message, clauses, message
from sdcluster.model import Model
from sdcluster.model.elements import one
from sdcluster.project.scenario import Scenario, find_scenario
from sdcluster.project.target import Target
from sdcluster.study.calibrate import ONE_SIDE, OPEN, PINNED
from sdcluster.study.likelihood import Likelihood
from sdcluster.study.posterior_chain import LEAST, Chains, Plan, Progressed, sample
from sdcluster.study.posterior_diagnosis import effective_size, rhat, tail_size
from sdcluster.study.posterior_predict import QUANTILES, RUNS, bands, measurements, some_of
from sdcluster.study.posterior_resume import BURNED, MADE, Before, Keeper, going_on, stored
from sdcluster.study.result_tables import read_given
from sdcluster.study.run_request import loaded

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

ENDS = (0.025, 0.975)  # the quantiles at the ends of the 95 % interval
ENSEMBLES = 4
MOST_RHAT, LEAST_SIZE = 1.01, 400.0  # Vehtari et al. (2021), section 4
BINS = 20  # the range is divided into so many parts; the verdict compares the outer ones with the highest
CLOSED = float(
    np.exp(-3.84 / 2)
)  # a density lower than this share of the highest ends a side, as profiles do
# An interval is called as wide as the prior if it is wider than this share of the prior's 95 % interval.
AS_WIDE = 0.9
Progress = Callable[[str, int, int], None]


@short_traceback
def posterior(
    model: Model | str | Path,
    targets: str | Path | pd.DataFrame | Sequence[Target],
    parameters: Sequence[str],
    *,
    draws: int = 2000,
    burn: int | None = None,
    walkers: int | None = None,
    scenario: Scenario | str | None = None,
    settings: Mapping[str, float] | None = None,
    quantiles: Sequence[float] = QUANTILES,
    seed: int = 0,
    resume: xr.Dataset | str | Path | None = None,
    checkpoint: str | Path | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Sample the posterior of constants with independent ensembles of walkers.

    Parameters
    ----------
    model : Model or path
        The model, or its file or folder.
    targets : path, DataFrame or sequence of Target
        As for `sdcluster.fit`.
    parameters : sequence of str
        Constants with a range; the prior is uniform over it.
    draws : int
        Number of steps to keep from each walker, at least 8.
    burn : int, optional
        Number of earlier steps to discard; by default half of `draws`.
    walkers : int, optional
        Number of walkers in each of the four ensembles: even, and at least twice the number of constants. By default
        four times the number of constants, but at least 32.
    scenario, settings
        As for `sdcluster.study.calibrate`.
    quantiles : sequence of float
        Probabilities of the predictive bands, from 0 to 1.
    seed : int
        The same seed gives the same draws.
    resume : Dataset or path, optional
        An earlier result, interrupted or not, whose walkers continue until they have `draws`. Its `seed`, `burn` and
        `walkers` are used. If it was interrupted and `draws` is the same, the result is bit-identical to one that was
        never interrupted. A finished result is extended, but keeps its `burn`. If it has more draws than asked for, all
        are kept, with a warning.
    checkpoint : path, optional
        A NetCDF file to which the draws so far are written about every ten seconds, and when an interrupt comes too
        early for a result. `resume` can continue from this file, even if sampling was still in the steps to discard.
        The file is not deleted after sampling.
    progress : callable, optional
        Called with a description, the steps done and the total.

    Returns
    -------
    xarray.Dataset
        ``draws`` (chain, draw, parameter) in the constants' units and ``log_likelihood`` (chain, draw). Each walker is
        a chain; the coordinate ``ensemble`` gives the ensemble of each chain.

        By ``parameter``: ``mean``, ``median``, ``low`` and ``high`` (the 95 % interval), ``minimum`` and ``maximum``
        (the range of the prior), ``units``, ``rhat`` (computed over the ensembles), ``ess`` and ``ess_tail``
        (effective sample sizes), ``verdict``, and a ``sentence`` that explains the verdict. By ``ensemble_number``:
        ``acceptance``, and ``state_…``, which `resume` needs.

        For each measured variable, ``"quantiles of NAME"`` (quantile, time): bands of the model's curve over up to
        1,000 draws. By ``target``: the measurement (``target_variable``, ``target_time``, ``target_measure``,
        ``target_value``, ``target_uncertainty``) and ``predicted`` (quantile, target), its predictive quantiles, which
        include the measurement error.

        Attributes: ``converged`` (1 if no R-hat is above 1.01, no effective sample size is below 400, and all steps
        were made), ``warning`` (why the draws have not converged), ``complete`` (0 if an interrupt ended the sampling;
        the draws so far are returned), and ``likelihoods_per_second``.

    Raises
    ------
    ModelError
        For targets or parameters that cannot be used, too few draws or walkers, a result to resume that belongs to
        another problem, or if emcee is not installed.
    """
    own = loaded(model)
    given = read_given(own, targets)
    likelihood = Likelihood(own, given, parameters, scenario, settings)
    number = len(likelihood.names)
    plan = Plan(
        ENSEMBLES, walkers or max(32, 4 * number), draws // 2 if burn is None else burn, draws, seed
    )
    made = _made(likelihood, scenario, settings)
    before = None if resume is None else going_on(resume, made)
    if before is not None:
        plan = before.plan(draws)
        if before.steps > draws:
            warnings.warn(
                message("study.resume_has_more_draws", steps=before.steps, draws=draws),
                ModelWarning,
                stacklevel=3,
            )
    _check(plan, number)
    span = likelihood.high - likelihood.low
    begun, asked = time.monotonic(), 0

    def function(places: np.ndarray) -> np.ndarray:
        nonlocal asked
        asked += len(places)
        return likelihood.at(likelihood.low + span * places)

    sampled = _Sampled(likelihood, plan, before, made)
    chains = sample(
        function,
        number,
        plan if before is None else before.rest(draws),
        progress,
        begin=None if before is None else before.states,
        least=LEAST if before is None else max(1, LEAST - before.steps),
        keep=None
        if checkpoint is None
        else Keeper(Path(checkpoint), lambda reached: sampled.kept(reached, asked)),
    )
    rate = asked / max(1e-9, time.monotonic() - begun)
    found = _described(likelihood, *sampled.draws(chains))
    found = found.merge(stored(chains.states))
    found = found.merge(_predicted(likelihood, found, quantiles, scenario, settings, plan.seed))
    found.attrs = {
        **sampled.attributes(asked),
        "time_units": own.time.units or "",
        "likelihoods_per_second": rate,
        "complete": int(chains.complete),
    }
    found.attrs["warning"] = str(doubt(found))
    found.attrs["converged"] = int(not found.attrs["warning"])
    return found


@dataclass(frozen=True)
class _Sampled:
    """A posterior while it is sampled: the problem, and the draws of an earlier call that is resumed."""

    likelihood: Likelihood
    plan: Plan
    before: Before | None
    made: Mapping[str, str]

    def draws(self, reached: Chains | Progressed) -> tuple[np.ndarray, np.ndarray]:
        """Return all draws in the constants' units, and their log-likelihoods, in the shapes for `_described`."""
        own = self.likelihood
        draws, logs = own.low + (own.high - own.low) * reached.places, reached.logs
        if self.before is not None:
            draws = np.concatenate([self.before.draws, draws], axis=1)
            logs = np.concatenate([self.before.logs, logs], axis=1)
        return draws, logs

    def attributes(self, asked: int) -> dict[str, Any]:
        """Return the attributes that describe the sampling, such as the number of likelihood evaluations."""
        model = self.likelihood.model
        return {
            "model": model.name, "model_hash": model.hash, "posterior": 1, "seed": self.plan.seed,
            "burn": self.plan.burn, "likelihoods": asked + (self.before.asked if self.before else 0),
            MADE: json.dumps(dict(self.made)),
        }  # fmt: skip

    def kept(self, reached: Progressed, asked: int) -> xr.Dataset:
        """Return the state that `resume` needs, as variables of the dataset."""
        import xarray as xr

        draws, logs = self.draws(reached)
        ensembles, steps, walkers, number = draws.shape
        chains = ensembles * walkers
        burned = reached.burned + (self.before.burned if self.before else 0)
        found = xr.Dataset(
            {
                "draws": (
                    ("chain", "draw", "parameter"),
                    draws.transpose(0, 2, 1, 3).reshape(chains, steps, number),
                ),
                "log_likelihood": (
                    ("chain", "draw"),
                    logs.transpose(0, 2, 1).reshape(chains, steps),
                ),
            },
            coords={"parameter": list(self.likelihood.names)},
        )
        found = found.merge(stored(reached.states))
        found.attrs = {**self.attributes(asked), "complete": 0, BURNED: burned}
        return found


def _made(
    likelihood: Likelihood,
    scenario: Scenario | str | None,
    settings: Mapping[str, float] | None,
) -> dict[str, str]:
    """Return a digest of everything on which the posterior depends."""
    known = find_scenario(likelihood.model, scenario)
    path = likelihood.model.path
    parts = {
        "model": likelihood.model.hash,
        "equations": path.read_text("utf-8", "replace") if path and path.is_file() else "",
        "data": repr(likelihood.targets),
        "constants": repr((likelihood.names, likelihood.low.tolist(), likelihood.high.tolist())),
        "scenario": repr((known, sorted((settings or {}).items()))),
    }
    return {what: hashlib.sha256(text.encode()).hexdigest()[:16] for what, text in parts.items()}


def _check(plan: Plan, number: int) -> None:
    if plan.steps < 8:
        raise ModelError(message("study.draws_too_few_judge", steps=plan.steps))
    if plan.burn < 0:
        raise ModelError(message("study.steps_thrown_away_cannot"))
    if plan.walkers < 2 * number or plan.walkers % 2:
        raise ModelError(
            message(
                "study.walkers_cannot_sample_constants",
                walkers=plan.walkers,
                number=number,
                number_2=2 * number,
            )
        )


def _described(likelihood: Likelihood, draws: np.ndarray, logs: np.ndarray) -> xr.Dataset:
    """Return a dataset of the draws, with a summary of each constant and convergence diagnostics.

    `draws` has the shape (ensembles, steps, walkers, constants), `logs` the shape (ensembles, steps, walkers).
    """
    import xarray as xr

    ensembles, steps, walkers, number = draws.shape
    low, span = likelihood.low, likelihood.high - likelihood.low
    single = draws.transpose(0, 2, 1, 3).reshape(-1, steps, number)
    together = draws.reshape(ensembles, steps * walkers, number)
    all_of = draws.reshape(-1, number)
    verdicts = [verdict((all_of[:, i] - low[i]) / span[i]) for i in range(number)]
    ends = np.quantile(all_of, ENDS, axis=0)
    units = [one(likelihood.model, name).variable.units or "" for name in likelihood.names]
    by = "parameter"
    sentences = [
        _sentence(name, verdicts[i], ends[:, i], span[i], units[i])
        for i, name in enumerate(likelihood.names)
    ]
    moved = (draws[:, 1:] != draws[:, :-1]).any(axis=3)
    return xr.Dataset(
        {
            "draws": (("chain", "draw", by), single),
            "log_likelihood": (("chain", "draw"), logs.transpose(0, 2, 1).reshape(-1, steps)),
            "mean": (by, all_of.mean(axis=0)),
            "median": (by, np.median(all_of, axis=0)),
            "low": (by, ends[0]),
            "high": (by, ends[1]),
            "minimum": (by, low),
            "maximum": (by, likelihood.high),
            "units": (by, np.array(units)),
            "rhat": (by, [rhat(together[:, :, i]) for i in range(number)]),
            "ess": (by, [effective_size(single[:, :, i]) for i in range(number)]),
            "ess_tail": (by, [tail_size(single[:, :, i]) for i in range(number)]),
            "verdict": (by, np.array(verdicts)),
            "sentence": (by, np.array([str(sentence) for sentence in sentences])),
            "acceptance": ("ensemble_number", moved.mean(axis=(1, 2))),
        },
        coords={
            by: list(likelihood.names),
            "ensemble": ("chain", np.repeat(np.arange(ensembles), walkers)),
        },
    )


def verdict(shares: np.ndarray) -> str:
    """Return the verdict on a constant: the data bound it on a side if its density is low at that end of its range.

    The density is low if, in the outer twentieth of the range, it is below the highest density times a factor. This
    factor corresponds to the limit of a profile, chi square 3.84 above the minimum.

    Parameters
    ----------
    shares : ndarray, shape (draws,)
        Positions in the range, from 0 to 1.
    """
    counts, _ = np.histogram(shares, BINS, (0.0, 1.0))
    closed = [counts[end] < CLOSED * counts.max() for end in (0, -1)]
    return PINNED if all(closed) else ONE_SIDE if any(closed) else OPEN


def told(found: xr.Dataset) -> list[Message]:
    """Return a sentence about each constant, from the result of `posterior`, in any language.

    Parameters
    ----------
    found : xarray.Dataset
        From `posterior`.
    """
    return [
        _sentence(
            str(name),
            str(one["verdict"].values),
            np.array([one["low"].values, one["high"].values]),
            float(one["maximum"] - one["minimum"]),
            str(one["units"].values),
        )
        for name in found["parameter"].values
        for one in (found.sel(parameter=name),)
    ]


def _sentence(name: str, verdict: str, ends: np.ndarray, span: float, units: str) -> Message:
    share = float((ends[1] - ends[0]) / span)
    unit = "" if units.lower() in ("1", "dmnl", "dimensionless") else f" {units}"
    between = message("study.posterior.between", low=ends[0], high=ends[1], unit=unit.rstrip())
    if verdict == PINNED:
        return message("study.posterior.pinned", name=name, between=between, share=share)
    if verdict == ONE_SIDE:
        return message("study.posterior.one_side", name=name, between=between, share=share)
    if share > AS_WIDE * (ENDS[1] - ENDS[0]):
        return message("study.posterior.open_wide", name=name, between=between)
    return message("study.posterior.open", name=name, between=between)


def _predicted(
    likelihood: Likelihood,
    found: xr.Dataset,
    quantiles: Sequence[float],
    scenario: Scenario | str | None,
    settings: Mapping[str, float] | None,
    seed: int,
) -> xr.Dataset:
    """Return the predictive bands of the measured variables, and the predictive quantiles of each measurement."""
    random = np.random.default_rng([seed, ENSEMBLES])
    points = some_of(found["draws"].values, RUNS, random)
    names = dict.fromkeys(one(likelihood.model, t.variable).name for t in likelihood.targets
                          if t.measure in ("", "value"))  # fmt: skip
    kept = bands(
        likelihood.model, likelihood.names, points, list(names), quantiles, scenario, settings
    )
    return kept.merge(measurements(likelihood, points, quantiles, random))


def doubt(found: xr.Dataset) -> str:
    """Return why the draws of `posterior` cannot be trusted, in any language; ``""`` if they can be trusted.

    Parameters
    ----------
    found : xarray.Dataset
        From `posterior`.
    """
    reasons: list[str] = []
    worst, fewest = (
        found["rhat"].fillna(np.inf),
        found[["ess", "ess_tail"]].to_array().min("variable").fillna(0),
    )
    if not bool((worst <= MOST_RHAT).all()):
        name = str(worst.idxmax().values)
        reasons.append(
            message(
                "study.posterior.rhat_too_high",
                name=name,
                rhat=float(worst.max()),
                most=MOST_RHAT,
            )
        )
    if not bool((fewest >= LEAST_SIZE).all()):
        name = str(fewest.idxmin().values)
        reasons.append(
            message(
                "study.posterior.too_few_effective",
                name=name,
                draws=float(fewest.min()),
                least=LEAST_SIZE,
            )
        )
    if not found.attrs["complete"]:
        reasons.insert(0, message("study.posterior.interrupted", draws=found.sizes["draw"]))
    if not reasons:
        return ""
    return message("study.posterior.not_converged", reasons=clauses(reasons))
