"""Tipping maps: on functions whose boundary is known, and on models that tip."""

from __future__ import annotations

import re

import numpy as np
import pytest
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

import sdcluster
from sdcluster.cli import app
from sdcluster.errors import ModelError, ModelWarning
from sdcluster.study.tipping_grid import level_lines, modes_of, natural_level, refine
from sdcluster.study.tipping_sides import crossings
from sdcluster.view import tipping
from sdcluster.view.tipping import sentences
from sdcluster.words import say as found_words
from tests.command import CliRunner

CLOCK = "INITIAL TIME = 0 ~~| FINAL TIME = 60 ~~| TIME STEP = 0.0625 ~~| SAVEPER = 1 ~~|"
CUSP = f"""
x = INTEG(push + x - x * x * x, start) ~ bar ~ |
push = 0.2 ~ bar [-1, 1] ~ |
start = 0.5 ~ bar ~ |
broken = 1 / (2 - push) ~~|
{CLOCK}
"""
UNSTABLE = float(np.sort(np.roots([-1, 0, 1, 0.2]).real)[1])  # the middle root at push = 0.2


@pytest.fixture(scope="module")
def cusp(tmp_path_factory):
    path = tmp_path_factory.mktemp("tipping") / "cusp.mdl"
    path.write_text(CUSP)
    return path


@pytest.fixture(scope="module")
def mapped(cusp):
    return sdcluster.tipping(cusp, {"push": (-1, 1), "start": (-2, 2)})


def disc(nodes):
    return ((nodes[:, 0] - 30.0) ** 2 + (nodes[:, 1] - 35.0) ** 2 < 20.0**2).astype(float)


# ---- the grid


def test_a_refined_grid_has_the_modes_of_a_full_one():
    calls = []

    def watched(nodes):
        calls.append(len(nodes))
        return disc(nodes)

    found = refine(watched, 2, 64)
    every = np.argwhere(np.ones((65, 65)))
    assert np.array_equal(found.modes, disc(every).reshape(65, 65).astype(int))
    assert sum(calls) == found.evaluated.sum() < 1200
    assert calls[0] == 81


def test_lines_of_a_level_lie_on_it():
    i, j = np.indices((41, 41)) - 20.0
    lines = level_lines(i * i + j * j, 150.0)
    assert np.hypot(*(lines.reshape(-1, 2) - 20).T) == pytest.approx(np.sqrt(150), rel=2e-3)
    length = np.hypot(*(lines[:, 1] - lines[:, 0]).T).sum()
    assert length == pytest.approx(2 * np.pi * np.sqrt(150), rel=5e-3)


def test_a_saddle_is_cut_by_the_mean_of_its_corners():
    high = np.array([[1.0, 0.0], [0.0, 1.0]])
    for centre_is_high, level in ((True, 0.4), (False, 0.6)):
        lines = level_lines(high, level)
        corner = lines.mean(axis=1).round() % 2  # which corner each line cuts off
        same = {tuple(c) for c in corner.tolist()}
        assert same == ({(0.0, 1.0), (1.0, 0.0)} if centre_is_high else {(0.0, 0.0), (1.0, 1.0)})


def test_two_groups_are_parted_in_their_gap():
    level, share = natural_level(np.array([0.1, 5.0, 0.0, 5.2, 0.2, np.nan]))
    assert level == pytest.approx(2.6)
    assert share > 0.99
    assert np.isnan(natural_level(np.full(5, 3.0))[0])
    assert natural_level(np.linspace(0, 1, 1000))[1] == pytest.approx(0.75, abs=1e-3)


def test_runs_without_a_value_are_a_mode_of_their_own():
    assert modes_of(np.array([np.nan, 0.0, 1.0, 2.0]), [1.0, 2.0]).tolist() == [-1, 0, 1, 2]
    found = refine(lambda nodes: np.where(disc(nodes) > 0, np.nan, 1.0), 2, 64)
    every = np.argwhere(np.ones((65, 65)))
    assert np.array_equal(found.modes == -1, disc(every).reshape(65, 65) > 0)


def test_an_interrupted_grid_is_a_coarser_one():
    rounds = []

    def interrupted(nodes):
        rounds.append(1)
        if len(rounds) == 3:
            raise KeyboardInterrupt
        return disc(nodes)

    found = refine(interrupted, 2, 64)
    assert not found.complete
    assert np.isfinite(found.values).all()
    again = refine(disc, 2, 64, known=np.where(found.evaluated, found.values, np.nan))
    assert np.array_equal(again.values, refine(disc, 2, 64).values)


# ---- maps of models


def test_the_boundary_of_a_cusp_is_its_unstable_state(mapped):
    """Starts above the unstable equilibrium of dx/dt = push + x - x^3 end high, those below low."""
    assert mapped.attrs["measure"] == "final x"
    assert mapped.attrs["tips"] == 1
    assert mapped["present"].values.tolist() == [0.2, 0.5]
    tips = mapped["tips_at"].sel(axis="start")
    assert float(tips.sel(side="down")) == pytest.approx(UNSTABLE, abs=4e-5)
    assert np.isnan(float(tips.sel(side="up")))
    assert float(mapped["distance"].sel(axis="start", side="down")) == pytest.approx(
        0.5 - UNSTABLE, abs=4e-5
    )
    push, start = mapped["boundary"].values.reshape(-1, 2).T
    inner = np.abs(push) < 0.35
    assert push[inner] == pytest.approx((start**3 - start)[inner], abs=0.06)
    assert mapped.attrs["runs"] < 1300


def test_neither_workers_nor_the_kept_times_change_a_bit(cusp, mapped):
    again = sdcluster.tipping(cusp, {"push": (-1, 1), "start": (-2, 2)}, "final x", workers=1)
    assert (mapped.attrs["measure_chosen"], again.attrs["measure_chosen"]) == (1, 0)
    assert again.assign_attrs(measure_chosen=1).identical(mapped)
    single = sdcluster.simulate(cusp, settings={"push": -0.25, "start": -1.0})
    assert float(mapped["value"].sel(push=-0.25, start=-1.0)) == float(single["x"][-1])


def test_a_line_shows_where_one_setting_tips(cusp):
    found = sdcluster.tipping(cusp, {"start": (-2, 2)})
    assert found["value"].dims == ("start",)
    assert found["boundary"].shape == (1, 2, 1)
    assert float(found["boundary"][0, 0, 0]) == pytest.approx(UNSTABLE, abs=4e-5)


def test_a_slope_does_not_tip(cusp):
    found = sdcluster.tipping(cusp, {"push": (-0.1, 1)}, "final broken")
    assert found.attrs["tips"] == 0
    assert found.attrs["jump"] < 0.05


@pytest.mark.parametrize(
    ("shape", "kind"),
    [
        (lambda x: 1.0 * (x > 30), "tips"),
        (lambda x: np.exp(-(((x - 33) / 2.0) ** 2)), "ridge"),
        (lambda x: -np.exp(-(((x - 33) / 2.0) ** 2)), "ridge"),
        (lambda x: np.exp(-(((x - 33) / 12.0) ** 2)), "slope"),
        (lambda x: 1.0 * (abs(x - 33) < 4), "tips"),  # flat: a narrow state of its own
        (lambda x: 1.0 * (x > 60), "tips"),  # a state at the end of the range
        (lambda x: 1.0 * (x > 30) + 0.2 * np.sin(x), "tips"),
    ],
)
def test_a_ridge_between_equal_states_does_not_tip(shape, kind):
    for axis in (0, 1):
        assert (
            crossings(refine(lambda nodes, axis=axis: shape(nodes[:, axis]), 2, 64)).whole.kind
            == kind
        )
    assert crossings(refine(lambda nodes: shape(nodes[:, 0]), 1, 64)).whole.kind == kind


def test_an_epidemic_that_is_not_over_is_a_ridge(tmp_path):
    """Without an epidemic and after one nobody is ill: one end state."""
    path = tmp_path / "flu.mdl"
    path.write_text(
        "susceptible = INTEG(-infection, 9990) ~~| ill = INTEG(infection - ill / 5, 10) ~~|"
        "recovered = INTEG(ill / 5, 0) ~~| contacts = 12 ~~| infectivity = 0.05 ~~|"
        "infection = contacts * infectivity * ill * susceptible / 10000 ~~|"
        "INITIAL TIME = 0 ~~| FINAL TIME = 120 ~~| TIME STEP = 0.25 ~~| SAVEPER = 1 ~~|"
    )
    asked = ["tipping", str(path), "--vary", "contacts=4:20", "--vary", "infectivity=0.01:0.1"]
    done = CliRunner().invoke(app, [*asked, "--resolution", "32"])
    assert done.exit_code == 0, done.output
    told = " ".join(done.output.split())
    assert "it tips" not in told
    assert "one end state" in told
    assert "Of the final values of all stocks, final ill varies most" in told
    assert "such as a peak or a total, use `--measure`" in told
    named = CliRunner().invoke(app, [*asked[:4], "--measure", "final ill", "-l", "zh"])
    assert named.exit_code == 0, named.output
    assert "没有指定度量" not in named.output


FOLD = f"""
x = INTEG(r + h * x - x * x * x, -1) ~~|
r = 0 ~ bar [-2, 2] ~ |
h = 1 ~ bar [-2, 2] ~ |
{CLOCK}
"""


@pytest.fixture(scope="module")
def fold(tmp_path_factory):
    path = tmp_path_factory.mktemp("fold") / "fold.mdl"
    path.write_text(FOLD)
    return path


def test_a_boundary_tips_only_where_it_jumps(fold, tmp_path, monkeypatch):
    """For h > 0 the state jumps at a fold; for h < 0 it moves gradually through zero."""
    found = sdcluster.tipping(fold, ["r", "h"], resolution=32)
    h = found["boundary"].values[:, :, 1].mean(axis=1)
    kinds = found["boundary_kind"].values
    assert set(kinds[h > 0.75]) == {"tips"}
    assert set(kinds[h < 0]) == {"slope"}
    assert (found.attrs["boundary"], found.attrs["tips"]) == ("part", 1)
    assert 0.4 < found.attrs["tips_share"] < 0.7
    assert found["crossing"].values.tolist() == [["", "tips"], ["slope", ""]]
    told = " ".join(sentences(found, str, "en"))
    assert "with r from 0.0" in told
    assert re.search(
        r"r crosses it 0.3\d* higher, at 0.3\d* \(it tips\); h crosses .* \(gradually\)", told
    )
    assert "（渐变）" in " ".join(sentences(found, str, "zh"))
    drawn = []
    monkeypatch.setattr(Axes, "add_collection", lambda axes, lines, **_: drawn.append(lines))
    found.sdcluster.plot().save(tmp_path / "part.png")
    border = [np.array(c.get_segments()) for c in drawn if isinstance(c, LineCollection)]
    assert np.array_equal(border[0], found["boundary"].values[kinds == "tips"])


def test_a_line_says_at_which_of_its_points_it_tips(fold):
    found = sdcluster.tipping(fold, "r", "final x", levels=[-1.2, 0])
    assert found["boundary_kind"].values.tolist() == ["slope", "tips"]
    assert found.attrs["boundary"] == "part"
    told = " ".join(sentences(found, str, "en"))
    assert re.search(r"Along 50% of the boundary .*, with r = 0.38\d*, final x jumps by 6\d%", told)


@pytest.mark.parametrize("vary", [["r", "h"], ["r"]])
def test_the_chart_explains_its_grey_areas(tmp_path, monkeypatch, vary):
    path = tmp_path / "grey.mdl"
    path.write_text(FOLD.replace("r = 0", "log = LN(r + 1.5) ~~| r = 0"))
    with pytest.warns(ModelWarning, match="runs failed"):
        found = sdcluster.tipping(path, vary, resolution=8)
    failed, runs = found.attrs["failed"], found.attrs["runs"]
    captions = []
    monkeypatch.setattr(tipping, "write_below", lambda figure, text, height: captions.append(text))
    for language in ("en", "zh"):
        found.sdcluster.plot(language=language).save(tmp_path / "grey.png")
    english, chinese = (caption.splitlines()[-1] for caption in captions)
    assert (
        english == f"Grey: here runs fail, or the measure has no value ({failed} of {runs} runs)."
    )
    assert chinese.startswith("灰色：此处运行失败")


def test_levels_part_more_than_two_end_states(cusp):
    found = sdcluster.tipping(cusp, {"start": (-2, 2)}, levels=[-0.5, 0.5, 3])
    assert sorted(set(found["mode"].values.tolist())) == [0, 2]


def test_runs_that_fail_are_counted_and_drawn(tmp_path):
    path = tmp_path / "root.mdl"
    path.write_text(CUSP.replace("1 / (2 - push)", "SQRT(push + 0 * x)"))
    with pytest.warns(ModelWarning, match="runs failed; the first failed because"):
        found = sdcluster.tipping(path, {"push": (-1, 1), "start": (-2, 2)})
    assert (found["mode"].sel(push=slice(-1, -0.05)) == -1).all()
    assert (found["mode"].sel(push=slice(0, 1)) >= 0).all()
    assert found.sdcluster.plot().save(tmp_path / "root.png").stat().st_size > 5_000


def test_failed_runs_before_a_crossing_are_said_instead_of_no_crossing(tmp_path):
    path = tmp_path / "root.mdl"
    path.write_text(CUSP.replace("1 / (2 - push)", "SQRT(push + 0.25 + 0 * x)"))
    with pytest.warns(ModelWarning, match="runs failed"):
        found = sdcluster.tipping(path, {"push": (-1, 1), "start": (-2, 2)}, resolution=16)
    assert found["fails_between"].sel(axis="push", side="down").values.tolist() == [-0.25, -0.375]
    assert np.isnan(found["fails_between"].sel(axis="start")).all()
    row = tipping.tipping_rows(found, str, "en")[0]
    assert row[2:] == (
        "none down to -0.25; no result from -0.375",
        "> 0.45",
        *["not in the range"] * 2,
    )
    chinese = tipping.tipping_rows(found, str, "zh")[0]
    assert chinese[2] == "降到 -0.25 仍没有；从 -0.375 起没有结果"
    sentences = " ".join(tipping.sentences(found, str, "en"))
    assert (
        "push does not cross it down to -0.25, and there is no result from -0.375 downwards"
        in sentences
    )
    older = tipping.tipping_rows(found.drop_vars("fails_between"), str, "en")[0]
    assert older[2] == "not in the range"


def test_a_setting_may_have_the_name_of_a_result(tmp_path):
    path = tmp_path / "value.mdl"
    path.write_text(CUSP.replace("push", "value"))
    found = sdcluster.tipping(path, {"value": (-1, 1)}, resolution=8)
    assert found["value"].dims == ("value (setting)",)
    assert found["axis"].values.tolist() == ["value"]
    loop = sdcluster.hysteresis(path, {"value": (-1, 1)}, steps=4)
    assert loop["value"].dims == ("way", "value (setting)")


def test_all_elements_of_an_array_vary_together(tmp_path):
    path = tmp_path / "array.mdl"
    path.write_text(
        "place: north, south ~~|"
        + CUSP.replace("x = INTEG(push", "x[place] = INTEG(push[place]")
        .replace("x - x * x * x", "x[place] - x[place] * x[place] * x[place]")
        .replace("push = 0.2", "push[place] = 0.2")
        .replace("broken = 1 / (2 - push) ~~|", "")
    )
    found = sdcluster.tipping(path, {"push": (-1, 1)}, "final x[south]", resolution=8)
    alone = sdcluster.tipping(path, {"push[north]": (-1, 1)}, "final x[south]", resolution=8)
    assert found.attrs["tips"] == 1
    assert len(alone["boundary"]) == 0
    with pytest.raises(
        ModelError, match=r"2 numbers; name one of them, for instance \"final x\[north"
    ):
        sdcluster.tipping(path, {"push": (-1, 1)}, "final x")


def test_what_is_asked_wrongly_is_an_error(cusp):
    for vary, words in (
        ({"push": (1, 0)}, "must be below"),
        ({"puhs": (0, 1)}, "push"),
        (["start"], "range"),
        ({}, "nothing varies"),
        ({"push": (0, 1), "start": (0, 1), "x": (0, 1)}, "one or two axes"),
    ):
        with pytest.raises(ModelError, match=words):
            sdcluster.tipping(cusp, vary)
    with pytest.raises(ModelError, match="resolution"):
        sdcluster.tipping(cusp, {"push": (0, 1)}, resolution=2)


def test_an_interrupted_map_makes_no_claims_and_can_be_resumed(cusp, mapped, tmp_path):
    def impatient(_words, done, _total):
        if done > 200:
            raise KeyboardInterrupt

    vary = {"push": (-1, 1), "start": (-2, 2)}
    found = sdcluster.tipping(cusp, vary, "final x", progress=impatient)
    assert found.attrs["complete"] == 0
    assert np.isnan(found["tips_at"]).all()
    assert sentences(found, str, "en") == [found_words("tipping.stopped", "en")]
    again = sdcluster.tipping(cusp, vary, "final x", resume=found)
    assert np.array_equal(again["value"], mapped["value"])


def test_an_interrupted_line_keeps_its_first_runs(cusp):
    def impatient(_words, done, _total):
        if done >= 200:
            raise KeyboardInterrupt

    whole = sdcluster.tipping(cusp, {"push": (-1, 1)}, "final x", resolution=512)
    found = sdcluster.tipping(
        cusp, {"push": (-1, 1)}, "final x", resolution=512, progress=impatient
    )
    assert found.attrs["complete"] == 0
    assert 0 < found.attrs["runs"] < whole.attrs["runs"]
    assert sentences(found, str, "en") == [found_words("tipping.stopped", "en")]
    again = sdcluster.tipping(cusp, {"push": (-1, 1)}, "final x", resolution=512, resume=found)
    assert again.identical(whole)


def test_only_failed_runs_are_grey_in_a_line(cusp, tmp_path, monkeypatch):
    def impatient(_words, done, _total):
        if done >= 200:
            raise KeyboardInterrupt

    found = sdcluster.tipping(
        cusp, {"push": (-1, 1)}, "final x", resolution=512, progress=impatient
    )
    monkeypatch.delattr(Axes, "axvspan")
    found.sdcluster.plot().save(tmp_path / "line.png")


# ---- the command


def test_the_command_writes_a_map_and_goes_on_from_it(cusp, tmp_path):
    asked = ["tipping", str(cusp), "--vary", "push", "--vary", "start=-2:2"]
    files = [tmp_path / name for name in ("m.svg", "m.csv", "m.nc")]
    out = [word for path in files for word in ("--out", str(path))]
    done = CliRunner().invoke(app, [*asked, "--resolution", "16", *out])
    assert done.exit_code == 0, done.output
    assert "it tips" in done.output.replace("\n", " ")
    assert files[1].read_text().splitlines()[0] == "push,start,value,mode,simulated"
    small = xr.load_dataset(files[2])
    finer = CliRunner().invoke(app, [*asked, "--resume", str(files[2]), "-o", str(files[2])])
    assert finer.exit_code == 0, finer.output
    large = xr.load_dataset(files[2])
    assert large.sizes["push"] == 65
    assert large.attrs["runs"] > small.attrs["runs"]
    assert "16" not in done.stderr
    other = CliRunner().invoke(app, [*asked[:-2], "--resume", str(files[2])])
    assert other.exit_code == 2
    told = " ".join(other.stderr.split())
    assert "computed for another model" in told
    assert "they differ in: the range or value of start); leave out --resume (in Python" in told


def test_the_settings_that_differ_from_the_map_to_resume_are_named(cusp):
    before = sdcluster.tipping(cusp, {"push": (-1, 1)}, "final x", resolution=8)
    for vary, settings, names in (
        ({"push": (-1, 2)}, {}, "push"),
        ({"start": (-1, 1)}, {}, "push, start"),
        ({"push": (-1, 1)}, {"start": 0.25}, "start"),
    ):
        with pytest.raises(ModelError, match=f"range or value of {names}\\)"):
            sdcluster.tipping(cusp, vary, "final x", settings=settings, resume=before)
    damaged = before.assign_attrs(made="no JSON")
    with pytest.raises(ModelError, match="they differ in: the settings or ranges"):
        sdcluster.tipping(cusp, {"push": (-1, 1)}, "final x", resume=damaged)


def test_the_command_speaks_chinese(cusp):
    done = CliRunner().invoke(app, ["tipping", str(cusp), "--vary", "start=-2:2", "-l", "zh"])
    assert done.exit_code == 0, done.output
    assert "临界转变" in done.output


@pytest.mark.parametrize(
    ("command", "vary", "warned"),
    [
        ("tipping --resolution 8", "broken", True),
        ("ensemble -n 4", "broken", True),
        ("sensitivity --rows 4", "broken", True),
        ("tipping --resolution 8", "push", False),
        ("ensemble -n 4", "push at 5", False),
    ],
)
def test_the_commands_say_that_numbers_replace_an_equation(cusp, command, vary, warned):
    name, *options = command.split()
    asked = [name, str(cusp), *options, "--vary", f"{vary}=0.1:0.4"]
    if name != "tipping":
        asked += ["--measure", "final x"]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    told = " ".join(done.stderr.split())
    sentence = f'"{vary}" is an auxiliary; the numbers given here replace its equation in each run'
    assert (sentence in told) == warned
    assert warned or "replace its equation" not in told


def test_a_crossing_within_the_accuracy_of_the_search_is_shown_as_zero() -> None:
    found = xr.Dataset(
        {
            "tips_at": (("axis", "side"), [[np.nan, -7.14e-6], [0.002, np.nan]]),
            "distance": (("axis", "side"), [[np.nan, 1.0], [0.998, np.nan]]),
            "present": ("axis", [-1.0, 1.0]),
        },
        coords={"axis": ["x0", "r"]},
    )
    rows = tipping.tipping_rows(found, str, "en")
    assert rows[0] == ("x0", "-1", *["not in the range"] * 2, "0", "1")
    assert rows[1] == ("r", "1", "0.002", "0.998", *["not in the range"] * 2)
