"""Splitting arrays in datasets into one curve for each element, such as ``stock[north]`` and ``stock[south]``.

`spread` takes a dataset with arrays and returns one whose variables have only the dimension ``time``.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Iterator
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import xarray as xr


def curves(ds: xr.Dataset) -> Iterator[tuple[str, Hashable, int]]:
    """Yield the name, the variable and the column of each curve in a dataset.

    The name is that of a variable or of an element such as ``stock[north]``; the column is that in the result of
    `columns_of`.

    Elements that no equation defines (attribute ``undefined``) are left out.
    """
    labels = {dim: [str(label) for label in ds[dim].values] for dim in ds.dims if dim != "time"}
    for key in ds.data_vars:
        # ds.variables, because ds[name] searches the whole dataset each time, which takes minutes for large models.
        array = ds.variables[key]
        undefined = set(json.loads(array.attrs.get("undefined", "[]")))
        for place, index in enumerate(product(*(labels[d] for d in array.dims if d != "time"))):
            elements = ",".join(index)
            if not elements:
                yield str(key), key, place
            elif elements not in undefined:
                yield f"{key}[{elements}]", key, place


def columns_of(array: xr.Variable) -> np.ndarray:
    """Return the values of a variable with a column for each element, shape (T, number of elements)."""
    values = array.transpose("time", ...).values
    return values.reshape(len(values), -1)


def spread(ds: xr.Dataset) -> xr.Dataset:
    """Return a dataset in which each element of an array is a variable of its own, named as in `curves`."""
    import xarray as xr

    if all(set(ds.variables[name].dims) <= {"time"} for name in ds.data_vars):
        return ds
    columns = {key: columns_of(ds.variables[key]) for key in ds.data_vars}
    found = {
        name: xr.Variable("time", columns[key][:, place], ds.variables[key].attrs, fastpath=True)
        for name, key, place in curves(ds)
    }
    return ds.drop_vars(list(ds.variables)).assign(found).assign_coords({"time": ds["time"]})


def elements_of(names: Iterable[str], ds: xr.Dataset) -> list[str]:
    """Return the names of all curves that belong to the given variables of a spread dataset.

    An array has one curve for each element, any other variable one curve of the same name.
    """
    known = [str(name) for name in ds.data_vars]
    return [one for name in names for one in known if one == name or one.startswith(f"{name}[")]


def base_name(name: str) -> str:
    """Return ``stock`` for ``stock[north]``."""
    return name.partition("[")[0]
