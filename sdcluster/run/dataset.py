"""Trajectories as an `xarray.Dataset`, with units, documentation and the settings that reproduce them."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from importlib import metadata
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

import sdcluster
from sdcluster.model import Model, Variable
from sdcluster.model.elements import elements
from sdcluster.run.rows import kept_keys


def make_dataset(
    model: Model,
    keys: Sequence[str],
    times: np.ndarray,
    columns: Callable[[str], np.ndarray],
    attributes: Mapping[str, Any],
    variables: Sequence[str] | None = None,
    undefined: Mapping[str, Collection[int]] = MappingProxyType({}),
) -> xr.Dataset:
    """Return the results of a run as a dataset.

    Parameters
    ----------
    model : Model
    keys : sequence of str
        All variables, by key.
    times : ndarray, shape (T,)
    columns : callable
        A function that takes the key of a variable and returns its values, shape (T, number of elements).
    attributes : mapping
        Provenance of the run: model, settings and method.
    variables : sequence of str, optional
        Names of the variables to keep. Their values are copied, so that the memory of all other variables can be freed.
    undefined : mapping of str to collection of int
        For each variable, by key, the flat positions of the elements that no equation defines. The names of these
        elements are stored in the variable's attribute ``undefined``.
    """
    chosen = list(keys) if variables is None else kept_keys(model, keys, variables)
    about_time = {"units": model.time.units, "long_name": "simulated time"}
    coordinates: dict[str, Any] = {
        "time": xr.IndexVariable("time", pd.Index(times, name="time"), about_time, fastpath=True)
    }
    subscripts = model.subscripts
    taken = {model.variables[key].name for key in chosen}
    data = {}
    for key in chosen:
        axes = model.variables[key].dimensions
        found = columns(key) if variables is None else columns(key).copy()
        values = found.reshape(len(times), *subscripts.shape(axes))
        if axes:
            shown = axis_names(model, model.variables[key], taken)
            coordinates |= {
                n: [model.spelled(e) for e in subscripts.elements(d)]
                for n, d in zip(shown, axes, strict=True)
            }
        # fastpath, because without it xarray checks the arrays' type and thereby imports dask (0.3 s).
        names = ("time", *axis_names(model, model.variables[key], taken))
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


def axis_names(model: Model, variable: Variable, taken: Collection[str] = ()) -> list[str]:
    """Return names for the axes of an array in a dataset, made unique if the array has the same dimension twice."""
    return _distinct([model.spelled(d) for d in variable.dimensions], taken)


def _distinct(axes: Sequence[str], taken: Collection[str]) -> list[str]:
    """Return unique axis names.

    A repeated name gets a number. A name that `taken` contains, because a variable has it, gets the word "range".
    """
    numbered = [
        name if name not in axes[:i] else f"{name} {axes[:i].count(name) + 1}"
        for i, name in enumerate(axes)
    ]
    return [f"{name} range" if name in taken else name for name in numbered]


def _attributes(model: Model, key: str, undefined: Collection[int]) -> dict[str, str]:
    variable = model.variables[key]
    found = {
        "units": variable.units,
        "long_name": variable.name,  # xarray labels chart axes with it
        "description": variable.doc,
        "kind": variable.kind,
    }
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
