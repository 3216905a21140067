"""Runs as pandas tables in wide or long form.

`to_frame` takes a dataset from `simulate`, or several by name, and returns a `pandas.DataFrame`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from sdcluster.errors import short_traceback

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


@short_traceback
def to_frame(
    runs: xr.Dataset | Mapping[str, xr.Dataset], *, long: bool = False, name: str = "scenario"
) -> pd.DataFrame:
    """Return trajectories as a table.

    Parameters
    ----------
    runs : xarray.Dataset, or mapping of str to xarray.Dataset
        One run of `sdcluster.simulate`, or several by name.
    long : bool
        False gives a wide table: a row for each time, a column for each variable; arrays have a column for each
        element, ``stock[north]``. True gives a long (tidy) table: a row for each value.
    name : str
        Name of the column that holds the run names, if there are several runs.

    Returns
    -------
    pandas.DataFrame
        Wide: index ``time``, or (`name`, ``time``) for several runs; ``attrs["units"]`` holds the unit of each column.
        Long: columns ``time``, ``variable``, ``element`` (empty for scalars), ``value`` and ``unit``, after the column
        `name` if there are several runs.

    Examples
    --------
    >>> import sdcluster
    >>> run = sdcluster.simulate("my_model")  # doctest: +SKIP
    >>> sdcluster.to_frame(run)["population"].iloc[-1]  # doctest: +SKIP
    >>> sdcluster.to_frame({"as it is": run}, long=True)  # doctest: +SKIP
    """
    import pandas as pd

    one = _long if long else _wide
    if not isinstance(runs, Mapping) or hasattr(runs, "data_vars"):
        return one(runs)  # type: ignore[arg-type]
    frames = {key: one(ds) for key, ds in runs.items()}
    joined = pd.concat(frames, names=[name])
    joined.attrs["units"] = {k: v for f in frames.values() for k, v in f.attrs["units"].items()}
    return joined.reset_index(level=0).reset_index(drop=True) if long else joined


def _wide(ds: xr.Dataset) -> pd.DataFrame:
    import pandas as pd

    from sdcluster.run.elements import spread

    flat = spread(ds)
    columns = {str(n): flat.variables[n].values for n in flat.data_vars}
    table = pd.DataFrame(columns, index=pd.Index(ds["time"].values, name="time"))
    table.attrs["units"] = {n: flat.variables[n].attrs.get("units", "") for n in columns}
    return table


def _long(ds: xr.Dataset) -> pd.DataFrame:
    import pandas as pd

    wide = _wide(ds)
    units = wide.attrs["units"]
    steps, names = len(wide), list(wide.columns)
    parts = [n.partition("[") for n in names]
    table = pd.DataFrame(
        {
            "time": np.tile(wide.index.to_numpy(), len(names)),
            "variable": np.repeat([base for base, _, _ in parts], steps),
            "element": np.repeat([rest.removesuffix("]") for _, _, rest in parts], steps),
            "value": wide.to_numpy().T.reshape(-1),
            "unit": np.repeat([units[n] for n in names], steps),
        }
    )
    table.attrs["units"] = units
    return table
