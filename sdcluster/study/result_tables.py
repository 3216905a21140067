"""The results of experiments and of fits as datasets.

`experiment` and `fit` take a model and files of its project, and return an `xarray.Dataset`. The work is done by
`sdcluster.study.experiments` and `sdcluster.study.calibrate`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sdcluster.errors import ModelError, did_you_mean, short_traceback
from sdcluster.messages import message
from sdcluster.model import Model
from sdcluster.project.calibration_file import read_targets
from sdcluster.project.experiments_file import load_experiments
from sdcluster.project.scenario import Scenario
from sdcluster.project.target import Target
from sdcluster.study.calibrate import calibrate
from sdcluster.study.experiments import run_experiment
from sdcluster.study.run_request import loaded

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

Progress = Callable[[str, int, int], None]


@short_traceback
def experiment(
    model: Model | str | Path,
    names: Sequence[str] | str | None = None,
    *,
    runs: int = 0,
    seed: int = 0,
    spread: float = 1.0,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Test the hypotheses of a model's experiments.toml.

    Parameters
    ----------
    model : Model or path
        The model, loaded or by its path.
    names : str or sequence of str, optional
        Names of the experiments to run; by default all.
    runs : int
        Number of further runs, in which all judgements vary over their ranges, to estimate how often each hypothesis
        holds.
    seed : int
        Seed of the random numbers; the same seed gives the same result.
    spread : float
        Fraction of each range to sample, around the constant's own value.
    progress : callable, optional
        Called with a description, the steps done and the total.

    Returns
    -------
    xarray.Dataset
        By ``experiment``: ``holds``, ``number`` (which decides the verdict), ``share`` (fraction of the runs in which
        the hypothesis holds; NaN without runs), ``claim_share`` (fraction of the runs in which the verdict holds with
        no explanation removed), ``identity``, ``title``, ``question``.

    Raises
    ------
    ModelError
        If there is no experiments.toml, or no experiment with a name in `names`.
    """
    import xarray as xr

    own = loaded(model)
    known = {one.name: one for one in load_experiments(own)}
    wanted = [names] if isinstance(names, str) else list(names if names is not None else known)
    for name in wanted:
        if name not in known:
            hint = did_you_mean(name, known)
            raise ModelError(message("study.no_experiment", name=name, hint=hint), file=own.path)
    outcomes = [
        run_experiment(own, known[n], runs, seed=seed, spread=spread, progress=progress)
        for n in wanted
    ]
    along = "experiment"
    return xr.Dataset(
        {
            "holds": (along, np.array([o.holds for o in outcomes], dtype=bool)),
            "number": (along, np.array([o.number for o in outcomes], dtype=float)),
            "share": (along, np.array([o.share for o in outcomes], dtype=float)),
            "claim_share": (along, np.array([o.claim_share for o in outcomes], dtype=float)),
            "identity": (along, np.array([known[n].identity for n in wanted], dtype=bool)),
            "title": (along, np.array([known[n].title.get("en", n) for n in wanted])),
            "question": (along, np.array([known[n].question.get("en", "") for n in wanted])),
        },
        coords={along: wanted},
        attrs={"model": own.name, "model_hash": own.hash, "runs": runs, "seed": seed},
    )


@short_traceback
def fit(
    model: Model | str | Path,
    targets: str | Path | pd.DataFrame | Sequence[Target],
    parameters: Sequence[str],
    *,
    scenario: Scenario | str | None = None,
    settings: Mapping[str, float] | None = None,
    starts: int = 40,
    points: int = 17,
    seed: int = 0,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Fit constants to data, and report which constants the data determine.

    Parameters
    ----------
    model : Model or path
        The model, loaded or by its path.
    targets : path, DataFrame or sequence of Target
        A table with the columns ``variable``, ``time``, ``value`` and ``uncertainty`` (docs/how-to/fitting.md).
    parameters : sequence of str
        Constants with a range; the search stays inside it.
    scenario, settings, starts, points, seed, progress
        As in `sdcluster.study.calibrate`.

    Returns
    -------
    xarray.Dataset
        By ``parameter``: ``best``, ``low`` and ``high`` (the 95 % interval), ``verdict``, ``units``, and by ``point``
        the profile ``grid`` and ``chi_square``; by ``accepted`` all ``sets`` of constants that fit.

    Raises
    ------
    ModelError
        For targets or parameters that cannot be used.
    """
    import xarray as xr

    own = loaded(model)
    result = calibrate(
        own, read_given(own, targets), parameters, scenario=scenario, settings=settings,
        starts=starts, points=points, seed=seed, progress=progress,
    )  # fmt: skip
    profiles = result.profiles
    longest = max(len(p.grid) for p in profiles)

    def rows(values: Sequence[np.ndarray]) -> np.ndarray:
        return np.array([np.pad(v, (0, longest - len(v)), constant_values=np.nan) for v in values])

    def column(name: str) -> tuple[str, np.ndarray]:
        return "parameter", np.array([getattr(p, name) for p in profiles])

    columns: dict[str, Any] = {
        name: column(name) for name in ("best", "low", "high", "minimum", "maximum")
    }
    columns |= {name: column(name) for name in ("verdict", "units")}
    columns["grid"] = (("parameter", "point"), rows([p.grid for p in profiles]))
    columns["chi_square"] = (("parameter", "point"), rows([p.chi_square for p in profiles]))
    columns["sets"] = (("accepted", "parameter"), np.array([f.values for f in result.accepted]))
    return xr.Dataset(
        columns,
        coords={"parameter": list(result.parameters)},
        attrs={
            "model": own.name,
            "model_hash": own.hash,
            "chi_square": result.fits[0].chi_square,
            "threshold": result.threshold,
            "rank": result.rank,
            "optima": len(result.optima),
        },
    )


def read_given(
    model: Model, targets: str | Path | pd.DataFrame | Sequence[Target]
) -> Sequence[Target]:
    """Return targets from a file or a table; a sequence of targets is returned unchanged."""
    import pandas as pd

    if isinstance(targets, (str, Path)):
        return read_targets(model, Path(targets))
    if isinstance(targets, pd.DataFrame):
        table = targets if "source" in targets else targets.assign(source="")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "targets.csv"
            table.to_csv(path, index=False)
            return read_targets(model, path)
    return list(targets)
