"""Charts of several runs as files: what is drawn, how often, and the ticks of the axis of time."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from sdcluster.view import figure, pictures


@pytest.fixture
def figures(monkeypatch):
    drawn = []
    monkeypatch.setattr(pictures, "write_figure", lambda made, path: drawn.append(made))
    return drawn


def run(start: float, slope: float) -> xr.Dataset:
    time = start + np.linspace(0, 20, 41)
    return xr.Dataset({"x": ("time", slope * time)}, coords={"time": time})


def test_a_run_that_stands_beside_all_groups_is_drawn_once_in_each(figures, tmp_path) -> None:
    default, other = run(0, 1), run(0, 2)
    groups = {"with": {"default": default, "other": other}, "without": {"other": other}}
    pictures.draw_groups(groups, "x", tmp_path / "x.png", beside=("default", default))
    for panel in figures[0].axes:
        assert [line.get_label() for line in panel.get_lines()] == ["default", "other"]


@pytest.mark.parametrize(("start", "stop"), [(1990, 2010), (1988, 2008), (2000, 2200)])
def test_ticks_of_a_calendar_are_whole_years(start, stop, figures, tmp_path) -> None:
    time = np.linspace(start, stop, 41)
    ds = xr.Dataset({"x": ("time", time)}, coords={"time": time})
    pictures.draw_run(ds, ["x"], tmp_path / "x.png")
    figures[0].canvas.draw()
    labels = [tick.get_text() for tick in figures[0].axes[0].get_xticklabels()]
    assert len(labels) >= 3
    assert all(label.isdigit() and len(label) == 4 for label in labels)


@pytest.mark.parametrize(("language", "more"), [("en", "and 12 more"), ("zh", "另有 12 条曲线")])
def test_a_legend_names_the_first_of_many_curves_and_counts_the_others(
    language, more, figures, tmp_path
) -> None:
    one = run(0, 1)
    ds = one.assign({f"x{i}": one["x"] for i in range(42)})
    names = [f"x{i}" for i in range(42)]
    pictures.draw_run(ds, names, tmp_path / "x.png", language=language)
    (panel,) = figures[0].axes
    assert [text.get_text() for text in panel.get_legend().get_texts()] == [*names[:30], more]
    assert sum(len(line.get_xdata()) > 0 for line in panel.get_lines()) == 42


@pytest.mark.parametrize(
    "name",
    [
        "x",
        "a name of twenty let",
        "a name that is as long as half of the panel",
        "知识存量与知识势差的变化",
    ],
)
@pytest.mark.parametrize("fonts", [figure.FONTS, ("DejaVu Sans",)], ids=["fonts", "latin fonts"])
@pytest.mark.filterwarnings("ignore:Glyph")
def test_a_legend_is_no_wider_than_its_figure(name, fonts, tmp_path, figures, monkeypatch) -> None:
    monkeypatch.setattr(figure, "FONTS", fonts)
    one = run(0, 1)
    names = [f"{name} {i}" for i in range(7)]
    pictures.draw_run(one.assign(dict.fromkeys(names, one["x"])), names, tmp_path / "x.png")
    figures[0].canvas.draw()
    legend = figures[0].axes[0].get_legend().get_window_extent()
    assert legend.x1 <= figures[0].bbox.x1


def test_what_counts_as_a_calendar_lies_far_from_a_run_that_begins_at_0() -> None:
    assert 500 < figure.CALENDAR < 1900


def test_characters_that_no_font_has_give_one_warning(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(figure, "FONTS", ("DejaVu Sans",))
    ds = run(0, 1).rename(x="知识")
    with pytest.warns(
        UserWarning, match=r"no installed font has 2 of the characters.*CJK"
    ) as caught:
        pictures.draw_run(ds, ["知识"], tmp_path / "x.png", title="知识")
    assert len(caught) == 1
