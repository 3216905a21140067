"""What charts refuse, by the key of its sentence."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import sdcluster.view.accessor  # noqa: F401
from sdcluster.errors import ModelError
from sdcluster.view import fan, pictures, tipping_branches, tornado
from tests.triggered import made

RUN = xr.Dataset({"x": ("time", [1.0, 2.0])}, {"time": [0.0, 1.0]})
CUBE = xr.Dataset({"x": (("a", "b", "c"), np.zeros((1, 1, 1)))})
MANY = xr.Dataset({f"x{i}": ("a", np.zeros(2)) for i in range(13)}, {"a": [0.0, 1.0]})
LINE = xr.Dataset({"x": ("a", np.zeros(2))}, {"a": [0.0, 1.0]})
NOTHING = xr.Dataset({"state": (("point", "stock"), np.zeros((0, 1)))}, {"stock": ["s"]})


@pytest.mark.parametrize(
    ("key", "asked"),
    [
        ("chart_ends_png_svg", lambda file: RUN.sdcluster.plot().save(file.with_suffix(".pdf"))),
        ("chart_holds_panels_not", lambda file: fan.draw_ensemble(RUN, file)),
        ("chart_holds_panels_not_choose", lambda file: tornado.draw_sensitivity(RUN, file)),
        ("no_rest_point_found", lambda file: tipping_branches._stock(NOTHING, "")),
        ("panels_picture_holds_choose", lambda file: pictures.draw_sweep(MANY, file)),
        ("picture_shows_sweep_over", lambda file: pictures.draw_sweep(CUBE, file)),
    ],
)
def test_a_chart(tmp_path: Path, key: str, asked: Callable[[Path], object]) -> None:
    with made() as found, pytest.raises(ModelError):
        asked(tmp_path / "a.png")
    assert found == {f"view.{key}"}
    assert not list(tmp_path.iterdir())


def test_a_chart_without_matplotlib(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with made() as found, pytest.raises(ModelError):
        pictures.draw_sweep(LINE, tmp_path / "a.png")
    assert found == {"view.pictures_need_matplotlib_not"}
