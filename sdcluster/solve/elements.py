"""Arrays as single curves: ``stock[north]`` beside ``stock[south]``.

Crosses the border: an `xarray.Dataset` whose variables may have subscripts in, one whose variables
have only ``time`` out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xarray as xr


def spread(ds: xr.Dataset) -> xr.Dataset:
    """Return a dataset in which each element of an array is a variable, ``name[element,…]``.

    Elements that no equation defines (see the attribute ``undefined``) are left out.
    """
    # Bare variables: making a DataArray of each looks through the whole dataset, for large models for minutes.
    arrays = {str(name): ds.variables[name] for name in ds.data_vars}
    if all(set(array.dims) <= {"time"} for array in arrays.values()):
        return ds
    labels = {dim: ds[dim].values for dim in ds.dims}
    curves: dict[str, xr.Variable] = {}
    for name, array in arrays.items():
        subscripts = [dim for dim in array.dims if dim != "time"]
        undefined = set(json.loads(array.attrs.get("undefined", "[]")))
        for index in product(*(range(array.sizes[dim]) for dim in subscripts)):
            one = array.isel(dict(zip(subscripts, index, strict=True)))
            elements = ",".join(
                str(labels[dim][i]) for dim, i in zip(subscripts, index, strict=True)
            )
            if elements not in undefined:
                curves[f"{name}[{elements}]" if elements else name] = one
    time = {"time": ds["time"]}
    return ds.drop_vars(list(ds.variables)).assign(curves).assign_coords(time)


def elements_of(names: Iterable[str], ds: xr.Dataset) -> list[str]:
    """Return for each of `names` its curves in a spread dataset: itself, or all its elements."""
    known = [str(name) for name in ds.data_vars]
    return [one for name in names for one in known if one == name or one.startswith(f"{name}[")]


def base_name(name: str) -> str:
    """Return ``stock`` for ``stock[north]``."""
    return name.partition("[")[0]
