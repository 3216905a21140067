"""Trajectories as an `xarray.Dataset` with units, documentation and everything needed to make them again."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import metadata
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

import sdcluster
from sdcluster.model import Model
from sdcluster.model.names import canonical


def make_dataset(
    model: Model,
    names: Sequence[str],
    times: np.ndarray,
    rows: np.ndarray,
    attributes: Mapping[str, Any],
    variables: Sequence[str] | None = None,
) -> xr.Dataset:
    """Wrap the rows of a run.

    Parameters
    ----------
    model : Model
    names : sequence of str
        One for each row.
    times : ndarray, shape (T,)
    rows : ndarray, shape (len(names), T)
    attributes : mapping
        How the run was made.
    variables : sequence of str, optional
        Names to keep.
    """
    chosen = range(len(names))
    if variables is not None:
        places = {canonical(name): i for i, name in enumerate(names)}
        chosen = [places[model[name].key] for name in variables]  # type: ignore[assignment]
    about_time = {"units": model.time.units, "long_name": "simulated time"}
    time = xr.IndexVariable("time", pd.Index(times, name="time"), about_time, fastpath=True)
    # fastpath: the rows are plain float arrays; xarray's own look at them would import dask (0.3 s).
    data = {
        names[i]: xr.Variable(("time",), rows[i], _attributes(model, names[i]), fastpath=True)
        for i in chosen
    }
    return xr.Dataset(
        data,
        coords={"time": time},
        attrs={
            "model": model.name,
            "model_hash": model.hash,
            **attributes,
            "versions": _versions(),
        },
    )


def _attributes(model: Model, name: str) -> dict[str, str]:
    variable = model[name]
    return {"units": variable.units, "long_name": variable.doc, "kind": variable.kind}


@cache
def _versions() -> str:
    packages = {name: metadata.version(name) for name in ("numpy", "scipy", "xarray", "pysd")}
    return json.dumps(
        {"sdcluster": sdcluster.__version__, "python": platform.python_version(), **packages}
    )
