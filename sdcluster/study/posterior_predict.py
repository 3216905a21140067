"""Posterior predictive distribution: predicts curves and measurements, including measurements withheld from the fit.

`predict` takes the `xarray.Dataset` of `sdcluster.posterior` and a model; it returns bands of curves and predictive
quantiles of measurements.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sdcluster.errors import ModelError, short_traceback
from sdcluster.messages import message
from sdcluster.model import Model
from sdcluster.model.elements import one
from sdcluster.project.scenario import Scenario
from sdcluster.project.target import Target
from sdcluster.study.design import elements_of
from sdcluster.study.likelihood import Likelihood
from sdcluster.study.result_tables import read_given
from sdcluster.study.run_request import loaded, with_settings

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from sdcluster.measure.measures import Measure

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
RUNS = 1000  # the number of draws for which the model is run


@short_traceback
def predict(
    model: Model | str | Path,
    found: xr.Dataset | str | Path,
    variables: Sequence[str] | str = (),
    *,
    targets: str | Path | pd.DataFrame | Sequence[Target] | None = None,
    scenario: Scenario | str | None = None,
    settings: Mapping[str, float] | None = None,
    runs: int = RUNS,
    quantiles: Sequence[float] = QUANTILES,
    seed: int = 0,
) -> xr.Dataset:
    """Predict curves and withheld measurements from the draws of a posterior.

    Parameters
    ----------
    model : Model or path
        The model, or its file or folder.
    found : xarray.Dataset or path
        The result of `sdcluster.posterior`, or the NetCDF file that `sdcluster fit --sample --out` wrote.
    variables : sequence of str
        Variables to compute bands for, measured or not: scalars, arrays, or elements such as ``sales[north]``.
    targets : path, DataFrame or sequence of Target, optional
        Measurements withheld from the fit (a holdout), as for `sdcluster.fit`.
    scenario, settings
        Scenario and settings of the runs, which may differ from those of the fit. The drawn constants override both.
    runs : int
        Number of draws to run, chosen at random.
    quantiles : sequence of float
        Probabilities of the quantiles, from 0 to 1.
    seed : int
        Seed of the choice of draws and of the measurement errors.

    Returns
    -------
    xarray.Dataset
        For each variable ``"quantiles of NAME"`` (quantile, time). With `targets`, by ``target``: the measurement
        (``target_variable``, ``target_time``, ``target_measure``, ``target_value``, ``target_uncertainty``);
        ``predicted`` (quantile, target), its predictive quantiles, which include the measurement error; ``inside``,
        whether the measured value lies between the outermost quantiles; and ``log_density``, the logarithm of the
        predictive density at the measured value. The sum of ``log_density`` over the targets serves to compare models
        (Gelman, Hwang and Vehtari 2014, Statistics and Computing 24, equation 5).

    Raises
    ------
    ModelError
        For a dataset without draws, constants that the model lacks, and targets that `sdcluster.posterior` would not
        accept.
    """
    import xarray as xr

    own = loaded(model)
    if not isinstance(found, xr.Dataset):
        found = xr.load_dataset(found)
    if "posterior" not in found.attrs or "draws" not in found:
        raise ModelError(message("study.predict_needs_draws"))
    names = [str(name) for name in found["parameter"].values]
    random = np.random.default_rng([seed, len(names)])
    points = some_of(found["draws"].values, runs, random)
    asked = elements_of(own, [variables] if isinstance(variables, str) else list(variables))
    kept = bands(own, names, points, asked, quantiles, scenario, settings)
    if targets is not None:
        likelihood = Likelihood(own, read_given(own, targets), names, scenario, settings)
        kept = kept.merge(measurements(likelihood, points, quantiles, random))
        kept = kept.merge(_judged(likelihood, points, kept))
    kept.attrs = {
        "model": own.name, "model_hash": own.hash, "posterior": 1, "predicted": 1, "seed": seed,
        "runs": len(points), "time_units": own.time.units or "",
    }  # fmt: skip
    return kept


def measured(
    model: Model,
    found: xr.Dataset,
    measures: Sequence[Measure],
    *,
    scenario: Scenario | str | None = None,
    settings: Mapping[str, float] | None = None,
) -> np.ndarray:
    """Return for each measure the 95 % interval over the draws and the share of draws without a value.

    Returns
    -------
    ndarray, shape (measures, 4)
        Lower end, median, upper end, and the share of the draws in which the measure has no value. The first three
        leave these draws out; they are NaN if no draw gives a value.
    """
    from sdcluster.run import Simulator
    from sdcluster.run.many import Many

    if not measures:
        return np.empty((0, 4))
    names = [str(name) for name in found["parameter"].values]
    points = some_of(found["draws"].values, RUNS, np.random.default_rng(0))
    simulator = Simulator(model, with_settings(model, scenario, settings))
    wanted = list(dict.fromkeys(v for m in measures for v in (m.variable, m.on) if v))
    numbers = np.full((len(measures), len(points)), np.nan)
    for block in Many(simulator, names, wanted).blocks(points):
        sound = np.flatnonzero(~block.failed)
        curves = dict(zip(wanted, block.curves[:, :, sound], strict=True))
        for i, measure in enumerate(measures):
            other = curves[measure.on] if measure.on else None
            own = measure.of(block.times, curves[measure.variable], other)
            numbers[i, block.first + sound] = own
    ends = np.full((len(measures), 4), np.nan)
    for i, own in enumerate(numbers):
        known = own[np.isfinite(own)]
        ends[i, 3] = 1 - known.size / own.size
        if known.size:
            ends[i, :3] = np.quantile(known, [0.025, 0.5, 0.975])
    return ends


def some_of(draws: np.ndarray, runs: int, random: np.random.Generator) -> np.ndarray:
    """Return randomly chosen draws from all chains; `draws` has the dimensions (chain, draw, parameter)."""
    flat = draws.reshape(-1, draws.shape[-1])
    return np.asarray(flat[random.choice(len(flat), min(runs, len(flat)), replace=False)])


def bands(
    model: Model,
    names: Sequence[str],
    points: np.ndarray,
    variables: Sequence[str],
    quantiles: Sequence[float],
    scenario: Scenario | str | None,
    settings: Mapping[str, float] | None,
) -> xr.Dataset:
    """Return ``"quantiles of NAME"`` of variables over runs at points, shape (runs, names)."""
    import xarray as xr

    import sdcluster

    if not variables:
        return xr.Dataset(coords={"quantile": list(quantiles)})
    samples = {name: points[:, i] for i, name in enumerate(names)}
    runs = sdcluster.ensemble(
        model, samples, bands=list(variables), quantiles=quantiles, scenario=scenario, settings=settings
    )  # fmt: skip
    return runs[[f"quantiles of {name}" for name in variables]].drop_attrs(deep=False)


def measurements(
    likelihood: Likelihood,
    points: np.ndarray,
    quantiles: Sequence[float],
    random: np.random.Generator,
) -> xr.Dataset:
    """Return the measurements, and the predictive quantiles of each, including its error."""
    import xarray as xr

    targets = likelihood.targets
    value, sigma = (np.array([getattr(t, n) for t in targets]) for n in ("value", "uncertainty"))
    errors = random.standard_normal((len(points), len(targets)))
    measured = value + sigma * (likelihood.residuals_at(points) + errors)
    columns: dict[str, Any] = {
        f"target_{n}": ("target", np.array([getattr(t, n) for t in targets]))
        for n in ("time", "measure", "value", "uncertainty")
    }
    columns["target_variable"] = (
        "target",
        np.array([one(likelihood.model, t.variable).name for t in targets]),
    )
    columns["predicted"] = ("quantile", "target"), np.quantile(measured, list(quantiles), axis=0)
    return xr.Dataset(columns, coords={"quantile": list(quantiles)})


def _judged(likelihood: Likelihood, points: np.ndarray, found: xr.Dataset) -> xr.Dataset:
    """Return whether each measurement lies in its bands, and the logarithm of its predictive density."""
    import xarray as xr
    from scipy.special import logsumexp

    shares, value = found["quantile"].values, found["target_value"].values
    low, high = (found["predicted"].values[at] for at in (shares.argmin(), shares.argmax()))
    sigma = found["target_uncertainty"].values
    logs = -0.5 * likelihood.residuals_at(points) ** 2 - np.log(sigma * np.sqrt(2 * np.pi))
    density = logsumexp(logs, axis=0) - np.log(len(points))
    inside = (low <= value) & (value <= high)
    return xr.Dataset({"inside": ("target", inside), "log_density": ("target", density)})
