"""The xarray accessor ``runs.sdcluster.plot()`` for datasets that `sdcluster` returns.

Importing this module registers the accessor. Its methods return a `Chart`, which notebooks display and which can be
saved to a file.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from sdcluster.errors import ModelError, short_traceback
from sdcluster.messages import message
from sdcluster.view import fan, pictures
from sdcluster.view.boxes import draw_boxes
from sdcluster.view.corner import draw_corner
from sdcluster.view.findings import draw_findings, draw_profiles
from sdcluster.view.posterior import draw_posterior
from sdcluster.view.tipping import draw_tipping
from sdcluster.view.tipping_branches import draw_branches, draw_hysteresis
from sdcluster.view.tornado import draw_sensitivity

FIRST = 4  # how many variables are drawn by default
Draw = Callable[[Path], None]


class Chart:
    """A chart that notebooks display.

    Parameters
    ----------
    draw : callable
        Writes the chart to a given path.
    """

    def __init__(self, draw: Draw) -> None:
        self._draw = draw

    @short_traceback
    def save(self, path: str | Path) -> Path:
        """Write the chart to a file that ends in .png or .svg."""
        path = Path(path)
        if path.suffix.lower() not in (".png", ".svg"):
            raise ModelError(message("view.chart_ends_png_svg", suffix=path.suffix), file=path)
        self._draw(path)
        return path

    def _repr_svg_(self) -> str:
        return self._content(".svg").decode()

    def _content(self, ending: str) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            return self.save(Path(folder) / f"chart{ending}").read_bytes()


@xr.register_dataset_accessor("sdcluster")
class Results:
    """The accessor ``sdcluster`` of a dataset, with the plotting methods."""

    def __init__(self, dataset: xr.Dataset) -> None:
        self._dataset = dataset

    @short_traceback
    def plot(
        self, variables: Sequence[str] | str | None = None, *, title: str = "", language: str = "en"
    ) -> Chart:
        """Return the chart for this kind of dataset: for example curves of a run, a fan, a tornado or a tipping map.

        Parameters
        ----------
        variables : str or sequence of str, optional
            The variables to draw; an element of an array is written ``sales[north]``. By default, the first few
            variables, with stocks first.
        title : str
        language : str

        Raises
        ------
        ModelError
            If the dataset does not contain a variable, or if there are more panels than a chart can show.
        """
        data = self._dataset
        options: dict[str, Any] = {"title": title, "language": language}
        names = [variables] if isinstance(variables, str) else list(variables or ())
        if "experiment" in data.dims:
            return Chart(lambda path: draw_findings(data, path, **options))
        if "sensitivity" in data.attrs:
            return Chart(lambda path: draw_sensitivity(data, path, **options))
        if data.attrs.get("tipping") == "map":
            return Chart(lambda path: draw_tipping(data, path, **options))
        if data.attrs.get("tipping") == "hysteresis":
            return Chart(lambda path: draw_hysteresis(data, path, **options))
        if data.attrs.get("tipping") == "branches":
            stock = names[0] if names else ""
            return Chart(lambda path: draw_branches(data, path, stock=stock, **options))
        if "discover" in data.attrs:
            return Chart(lambda path: draw_boxes(data, path, **options))
        if "posterior" in data.attrs:
            return Chart(lambda path: draw_posterior(data, path, **options))
        if "parameter" in data.dims:
            return Chart(lambda path: draw_profiles(data, path, **options))
        if "run" in data.dims or ("runs" in data.attrs and "quantile" in data.dims):
            shown = _only(data, names, tuple(names) + tuple(fan.QUANTILES_OF + n for n in names))
            return Chart(lambda path: fan.draw_ensemble(shown, path, **options))
        if "time" not in data.dims:
            table = _only(data, names, names)
            return Chart(lambda path: pictures.draw_sweep(table, path, **options))
        flat = _flat(data)
        chosen = [_known(flat, name) for name in names] or _first(flat)
        if "scenario" not in data.dims:
            return Chart(lambda path: pictures.draw_run(flat, chosen, path, **options))
        runs = {
            str(name): flat.sel(scenario=name, drop=True).dropna("time", how="all")
            for name in data["scenario"].values
        }
        return Chart(lambda path: pictures.draw_comparison(runs, chosen, path, **options))

    @short_traceback
    def corner(
        self, parameters: Sequence[str] | str = (), *, title: str = "", language: str = "en"
    ) -> Chart:
        """Return a corner chart of a posterior: the density of each constant and the draws of each pair.

        Parameters
        ----------
        parameters : str or sequence of str
            The constants to show; by default, all.
        title : str
        language : str

        Raises
        ------
        ModelError
            If the dataset has no draws, if a constant was not sampled, or if there are more than 12 constants.
        """
        if "draws" not in self._dataset:
            raise ModelError(message("view.corner_needs_draws"))
        names = [parameters] if isinstance(parameters, str) else list(parameters)
        return Chart(
            lambda path: draw_corner(self._dataset, path, names, title=title, language=language)
        )


def _known(data: xr.Dataset, name: str) -> str:
    from sdcluster.errors import did_you_mean

    if name not in data:
        hint = did_you_mean(name, [str(n) for n in data.data_vars])
        raise ModelError(message("view.results_hold_no", name=name, hint=hint))
    return name


def _only(data: xr.Dataset, asked: Sequence[str], names: Sequence[str]) -> xr.Dataset:
    """Return the dataset with only the variables in `names`; if the user asked for none (`asked`), with all."""
    if not asked:
        return data
    kept = [name for name in names if name in data]
    if not kept:
        _known(data, asked[0])
    return data[kept]


def _first(data: xr.Dataset) -> list[str]:
    """Return the names of the variables to draw by default: stocks first, then other variables that change."""
    kinds: dict[str, list[str]] = {}
    for name, values in data.data_vars.items():
        kinds.setdefault(str(values.attrs.get("kind", "")), []).append(str(name))
    ordered = kinds.get("stock", []) + [
        name
        for kind, names in kinds.items()
        if kind not in ("stock", "constant")
        for name in names
        if np.nanmax(data[name].values) > np.nanmin(data[name].values)
    ]
    return (ordered or [str(name) for name in data.data_vars])[:FIRST]


def _flat(data: xr.Dataset) -> xr.Dataset:
    """Return a dataset in which each element of an array is a separate variable, such as ``sales[north]``."""
    found: dict[str, Any] = {}
    for name, values in data.data_vars.items():
        axes = [d for d in values.dims if d not in ("time", "scenario")]
        if not axes:
            found[str(name)] = values
            continue
        for place in np.ndindex(*(values.sizes[d] for d in axes)):
            one = values.isel(dict(zip(axes, place, strict=True)), drop=True)
            labels = (str(data[d].values[i]) for d, i in zip(axes, place, strict=True))
            found[f"{name}[{','.join(labels)}]"] = one
    return xr.Dataset(found, attrs=data.attrs)
