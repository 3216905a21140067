"""Charts of studies explain what they draw, and no legend covers the name of an axis."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from sdcluster.view import fan, tornado

NAMES = ["infectivity", "contact rate", "duration of illness", "awareness", "initial ill", "size"]


@pytest.fixture
def figures(monkeypatch):
    drawn = []
    for room in (fan, tornado):
        monkeypatch.setattr(room, "write_figure", lambda made, path: drawn.append(made))
    return drawn


def indices() -> xr.Dataset:
    shares = np.linspace(0.6, 0.1, len(NAMES))[:, None]
    over_time = (("parameter", "curve", "time"), shares[:, :, None] * np.ones(5))
    ends = (("parameter", "measure", "bound"), shares[:, :, None] + np.array([-0.1, 0.1]))
    return xr.Dataset(
        {
            "first": (("parameter", "measure"), shares / 2),
            "total": (("parameter", "measure"), shares),
            "total_interval": ends,
            "total_over_time": over_time,
        },
        coords={
            "parameter": NAMES, "measure": ["peak ill"], "curve": ["ill"],
            "time": ("time", np.arange(5.0), {"units": "day"}),
        },
    )  # fmt: skip


def test_curves_of_a_tornado_differ_and_their_legend_lies_below_the_time(figures, tmp_path) -> None:
    tornado.draw_sensitivity(indices(), tmp_path / "t.png")
    (made,) = figures
    made.canvas.draw()
    bars, curves = made.axes
    legend = curves.get_legend().get_window_extent()
    assert legend.y1 <= curves.xaxis.label.get_window_extent().y0
    lines = curves.get_lines()
    assert len({(str(line._dash_pattern), line.get_linestyle()) for line in lines}) == len(NAMES)
    assert curves.get_title(loc="left") == "ill (with other constants)"
    assert "95 % interval" in bars.get_legend_handles_labels()[1]


@pytest.mark.parametrize(
    ("language", "says", "bars"),
    [
        ("en", "standard deviation of the change", "mean absolute change over the range (person)"),
        ("zh", "变化的标准差", "在取值范围内的平均绝对变化 (person)"),
    ],
)
def test_elementary_effects_say_what_bars_and_thin_lines_are(
    figures, tmp_path, language, says, bars
) -> None:
    effects = (("parameter", "measure"), np.linspace(6, 1, len(NAMES))[:, None])
    names = {"parameter": NAMES, "measure": ["peak ill"]}
    found = xr.Dataset({"effect": effects, "effect_spread": effects}, {**names, "units": "person"})
    tornado.draw_sensitivity(found, tmp_path / "m.png", language=language)
    assert [text.get_text() for text in figures[0].legends[0].get_texts()] == [says]
    assert figures[0].axes[0].get_xlabel() == bars


def test_indices_over_time_of_a_constant_variable_say_why_there_are_none(figures, tmp_path) -> None:
    found = indices()
    found["total_over_time"] = found["total_over_time"] * np.nan
    tornado.draw_sensitivity(found, tmp_path / "t.png")
    curves = figures[0].axes[1]
    assert [text.get_text() for text in curves.texts] == ["the same in all runs"]
    assert curves.get_xlim() == (0, 4)
    assert curves.get_legend() is None


def test_a_histogram_says_that_its_line_is_the_median(figures, tmp_path) -> None:
    runs = xr.Dataset({"peak ill": ("run", np.arange(20.0))})
    fan.draw_ensemble(runs, tmp_path / "f.png", language="zh")
    (panel,) = figures[0].axes
    assert [text.get_text() for text in panel.get_legend().get_texts()] == ["中位数"]


def test_fans_of_elements_show_the_unchanged_model_and_one_legend_explains_all_panels(
    figures, tmp_path
) -> None:
    shares, times = [0.05, 0.5, 0.95], np.arange(4.0)
    band = (("quantile", "time"), np.outer(shares, times))
    names = ["price", "pop[north]", "pop[south]"]
    runs = xr.Dataset(
        {f"{fan.QUANTILES_OF}{name}": band for name in names}, {"quantile": shares, "time": times}
    )
    pop = (("time", "region"), np.stack([times, -times], axis=1))
    own = xr.Dataset({"pop": pop}, {"time": times, "region": ["north", "south"]})
    lines = xr.Dataset({name: (("run", "time"), np.ones((2, 4))) for name in names})
    fan.draw_ensemble(runs, tmp_path / "f.png", own=own, lines=lines.assign_coords({"time": times}))
    price, north, south = figures[0].axes[:3]
    dashed = "the model as it is"
    assert dashed not in [line.get_label() for line in price.get_lines()]
    for panel, values in ((north, times), (south, -times)):
        (line,) = (line for line in panel.get_lines() if line.get_label() == dashed)
        np.testing.assert_array_equal(line.get_ydata(), values)
    texts = [text.get_text() for text in figures[0].legends[0].get_texts()]
    assert texts == ["90 % of runs", "median", "single runs", dashed]
