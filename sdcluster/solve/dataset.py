"""Trajectories as an `xarray.Dataset` with units, documentation and everything needed to make them again."""

from __future__ import annotations

import json
import platform
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from importlib import metadata
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

import sdcluster
from sdcluster.model import Model
from sdcluster.model.elements import elements


def make_dataset(
    model: Model,
    spans: Mapping[str, tuple[int, int]],
    times: np.ndarray,
    rows: np.ndarray,
    attributes: Mapping[str, Any],
    variables: Sequence[str] | None = None,
    undefined: Mapping[str, Collection[int]] = MappingProxyType({}),
) -> xr.Dataset:
    """Wrap the rows of a run.

    Parameters
    ----------
    model : Model
    spans : mapping of str to (int, int)
        First row and number of rows of each variable, by key.
    times : ndarray, shape (T,)
    rows : ndarray, shape (number of elements of all variables, T)
    attributes : mapping
        How the run was made.
    variables : sequence of str, optional
        Names to keep.
    undefined : mapping of str to collection of int
        Flat positions of the elements that no equation defines, by key: an attribute of the variable lists them.
    """
    chosen = list(spans) if variables is None else [model[name].key for name in variables]
    about_time = {"units": model.time.units, "long_name": "simulated time"}
    coordinates: dict[str, Any] = {
        "time": xr.IndexVariable("time", pd.Index(times, name="time"), about_time, fastpath=True)
    }
    along = {d.name: d.elements for d in model.dimensions}
    taken = {model.variables[key].name for key in chosen}
    data = {}
    for key in chosen:
        first, size = spans[key]
        axes = model.variables[key].dimensions
        values = rows[first]
        if axes:
            lengths = [len(along[d]) for d in axes]
            values = np.moveaxis(rows[first : first + size].reshape(*lengths, len(times)), -1, 0)
            shown = _distinct([model.spelled(d) for d in axes], taken)
            coordinates |= {
                n: [model.spelled(e) for e in along[d]] for n, d in zip(shown, axes, strict=True)
            }
        # fastpath: these are plain float arrays; xarray's own look at them would import dask (0.3 s).
        names = ("time", *_distinct([model.spelled(d) for d in axes], taken))
        data[model.variables[key].name] = xr.Variable(
            names, values, _attributes(model, key, undefined.get(key, ())), fastpath=True
        )
    return xr.Dataset(
        data,
        coords=coordinates,
        attrs={
            "model": model.name,
            "model_hash": model.hash,
            **attributes,
            "versions": _versions(),
        },
    )


def _distinct(axes: Sequence[str], taken: Collection[str]) -> list[str]:
    """Return axis names; one that comes twice gets a number behind it, one that a variable has too the word "range"."""
    numbered = [
        name if name not in axes[:i] else f"{name} {axes[:i].count(name) + 1}"
        for i, name in enumerate(axes)
    ]
    return [f"{name} range" if name in taken else name for name in numbered]


def _attributes(model: Model, key: str, undefined: Collection[int]) -> dict[str, str]:
    variable = model.variables[key]
    found = {"units": variable.units, "long_name": variable.doc, "kind": variable.kind}
    if undefined:
        own = elements(model, variable)
        missing = [",".join(map(model.spelled, own[i].subscripts)) for i in sorted(undefined)]
        found["undefined"] = json.dumps(missing, ensure_ascii=False)
    return found


@cache
def _versions() -> str:
    packages = {name: metadata.version(name) for name in ("numpy", "scipy", "xarray", "pysd")}
    return json.dumps(
        {"sdcluster": sdcluster.__version__, "python": platform.python_version(), **packages}
    )
