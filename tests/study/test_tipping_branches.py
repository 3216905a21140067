"""Equilibria, folds, Hopf points and hysteresis where the truth is known."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from matplotlib.axes import Axes

import sdcluster
from sdcluster.cli import app
from sdcluster.errors import ModelError
from sdcluster.view.tipping_branches import draw_hysteresis, hysteresis_sentences
from tests.command import CliRunner

CLOCK = "INITIAL TIME = 0 ~~| FINAL TIME = 50 ~~| TIME STEP = 0.125 ~~| SAVEPER = 1 ~~|"
CUSP = "x = INTEG(push + x - x * x * x, 0.5) ~ bar ~ | push = 0.2 ~ bar [-1, 1] ~ |"
FISHING = (
    "fish = INTEG(rate * fish * (1 - fish / room) - catch, 80) ~~| rate = 0.5 ~~| room = 100 ~~|"
    "catch = 5 ~~| landed = INTEG(catch * 1, 0) ~~|"
)
BRUSSELATOR = "x = INTEG(a + x*x*y - (b + 1)*x, 1.1) ~~| y = INTEG(b*x - x*x*y, 1.5) ~~| a = 1 ~~| b = 1.5 ~~|"
EPIDEMIC = (
    "s = INTEG(rest * lost - s * i * b, 99) ~~| i = INTEG(s * i * b - 0.2 * i, 1) ~~|"
    "rest = INTEG(0.2 * i - rest * lost, 0) ~~| b = 0.005 ~~| lost = 0.05 ~~|"
)
FOLD = 2 / (3 * np.sqrt(3))


@pytest.fixture(scope="module")
def write(tmp_path_factory):
    folder = tmp_path_factory.mktemp("branches")

    def write(text, clock=CLOCK):
        path = folder / f"m{len(list(folder.iterdir()))}.mdl"
        path.write_text(text + clock)
        return path

    return write


@pytest.fixture(scope="module")
def cusp(write):
    return write(CUSP)


@pytest.fixture(scope="module")
def folds(cusp):
    return sdcluster.equilibria(cusp, "push")


def specials(found, kind):
    return np.sort(found["special_at"].values[found["special_kind"].values == kind])


# ---- equilibria


def test_the_rest_points_of_a_cusp_are_the_roots_of_its_polynomial(cusp):
    found = sdcluster.equilibria(cusp, negative=True)
    order = np.argsort(found["state"].values[:, 0])
    roots = np.sort(np.roots([-1, 0, 1, 0.2]).real)
    assert found["state"].values[order, 0] == pytest.approx(roots, abs=1e-9)
    assert found["stable"].values[order].tolist() == [True, False, True]
    assert found["growth"].values[order, 0] == pytest.approx(1 - 3 * roots**2, abs=1e-9)
    assert float(found["state"][0, 0]) == pytest.approx(roots[2])  # nearest to the end of the run
    usual = sdcluster.equilibria(cusp)
    assert usual["state"].values.ravel() == pytest.approx(roots[2:])
    assert usual.attrs["negative"] == 2


def test_what_only_accumulates_need_not_rest(write):
    found = sdcluster.equilibria(write(FISHING))
    assert found.attrs["dropped"] == ["landed"]
    assert sorted(found["state"].values.ravel()) == pytest.approx(
        50 + np.array([-1, 1]) * np.sqrt(1500)
    )


def test_what_is_conserved_keeps_its_total(write):
    found = sdcluster.equilibria(write(EPIDEMIC))
    assert found.attrs["conserved"] == ["s + i + rest"]
    assert found["stock"].values.tolist() == ["s", "i", "rest"]
    assert found["state"].values[0] == pytest.approx([40, 12, 48])
    assert found["kind"].values.tolist() == ["focus", "saddle"]
    assert found.sizes["eigenvalue"] == 2


def test_stages_of_delays_rest_too(write):
    path = write("pop = INTEG(births - pop * 0.1, 5) ~~| births = SMOOTH3(10 - pop * 0.1, 6) ~~|")
    found = sdcluster.equilibria(path)
    assert found.sizes["stock"] == 4
    assert found["state"].values[0] == pytest.approx([50, 5, 5, 5])


def test_time_stands_still_where_equations_depend_on_it(write):
    path = write("x = INTEG(level - x, 1) ~~| level = 2 + STEP(3, 20) ~~|")
    at_end, before = sdcluster.equilibria(path), sdcluster.equilibria(path, time=10)
    assert (float(at_end["state"][0, 0]), at_end.attrs["frozen"]) == (pytest.approx(5), 1)
    assert float(before["state"][0, 0]) == pytest.approx(2)


def test_a_stock_that_only_drives_can_be_held(write):
    path = write("world = INTEG(1, 2) ~~| x = INTEG(world - x, 1) ~~|")
    with pytest.raises(ModelError, match='the net flow of "world" is the same'):
        sdcluster.equilibria(path)
    held = sdcluster.equilibria(path, held="world", time=0)
    assert held["stock"].values.tolist() == ["x"]
    assert float(held["state"][0, 0]) == pytest.approx(2)


def test_kinks_of_lookups_and_choices_do_not_stop_the_search(write):
    path = write(
        "x = INTEG(IF THEN ELSE(x < 3, 2, 3) - effect(x / 5) * 2, 1) ~~| effect((0,0),(1,1),(2,4)) ~~|"
    )
    found = sdcluster.equilibria(path)
    assert found["state"].values.ravel() == pytest.approx([5 * (1 + 0.5 / 3)])


# ---- branches


def test_the_folds_of_a_cusp(folds):
    assert specials(folds, "fold") == pytest.approx([-FOLD, FOLD], abs=1e-9)
    heights = np.sort(folds["special_state"].values.ravel())
    assert heights == pytest.approx([-1 / np.sqrt(3), 1 / np.sqrt(3)], abs=1e-6)
    assert float(folds["lost_at"].sel(side="down")) == pytest.approx(-FOLD, abs=1e-9)
    assert float(folds["distance"].sel(side="down")) == pytest.approx(0.2 + FOLD, abs=1e-9)
    assert np.isnan(float(folds["lost_at"].sel(side="up")))


def test_every_point_of_a_branch_rests(folds):
    x, push = folds["state"].values[:, 0], folds["setting"].values
    assert push + x - x**3 == pytest.approx(np.zeros(len(x)), abs=1e-9)
    inner = np.abs(x) < 1 / np.sqrt(3) - 1e-6
    assert not folds["stable"].values[inner].any()
    assert push.min() == pytest.approx(-1)
    assert push.max() == pytest.approx(1)


def test_more_than_the_largest_sustainable_catch_has_no_rest_point(write):
    found = sdcluster.equilibria(write(FISHING), {"catch": (0, 20)})
    assert specials(found, "fold") == pytest.approx([0.5 * 100 / 4], abs=1e-9)
    assert float(found["distance"].sel(side="up")) == pytest.approx(7.5, abs=1e-9)


def test_the_brusselator_begins_to_oscillate(write):
    """Equilibrium (a, b / a); Hopf point at b = 1 + a², where the period is 2π / a."""
    path = write(BRUSSELATOR)
    for a in (1.0, 1.3):
        found = sdcluster.equilibria(path, {"b": (0.5, 4)}, settings={"a": a})
        assert specials(found, "hopf") == pytest.approx([1 + a * a], abs=1e-7)
        assert float(found["special_period"][0]) == pytest.approx(2 * np.pi / a, abs=1e-5)
        assert found["special_state"].values[0] == pytest.approx([a, (1 + a * a) / a], abs=1e-6)


def test_a_fold_of_two_stocks(write):
    """Spruce budworm n on foliage s (Ludwig, Jones & Holling 1978); foliage rests at 10."""
    path = write(
        "n = INTEG(r * n * (1 - n / s) - n * n / (1 + n * n), 1) ~~| s = INTEG(10 - s, 10) ~~| r = 0.5 ~~|"
    )
    found = sdcluster.equilibria(path, {"r": (0.1, 0.8)})
    # The two turning points of r = n / ((1 + n²)(1 - n / 10)).
    n = np.roots([-2, 10, 0, -10])
    n = np.sort(n[(n > 0.5) & (n < 9)].real)
    assert specials(found, "fold") == pytest.approx(
        np.sort(n / ((1 + n * n) * (1 - n / 10))), abs=1e-8
    )


def test_an_epidemic_ends_at_a_branch_point(write):
    found = sdcluster.equilibria(write(EPIDEMIC), {"b": (0.0005, 0.01)})
    assert specials(found, "branch point") == pytest.approx([0.002, 0.002], abs=1e-6)
    assert float(found["lost_at"].sel(side="down")) == pytest.approx(0.002, abs=1e-6)


# ---- models without equilibria, and the reason that the error gives


@pytest.mark.parametrize(
    ("equation", "words"),
    [
        ("DELAY FIXED(x, 3, 1)", "delay of fixed length"),
        ("RANDOM UNIFORM(0, 1, 3)", "draws random numbers"),
        ("SAMPLE IF TRUE(x > 1, x, 0)", "remembers"),
    ],
)
def test_other_memory_than_stocks_is_an_error(write, equation, words):
    path = write(f"x = INTEG(f - x, 1) ~~| f = {equation} ~~|")
    with pytest.raises(ModelError, match=words):
        sdcluster.equilibria(path)


def test_wrong_questions_are_errors(cusp, write):
    for arguments, words in (
        ((cusp, {"x": (0, 1)}), "is a stock"),
        ((cusp, {"push": (0, 1), "x": (0, 1)}), "one setting"),
        ((write("x = INTEG(2, 1) ~~| "),), "has no feedback"),
    ):
        with pytest.raises(ModelError, match=words):
            sdcluster.equilibria(*arguments)
    with pytest.raises(ModelError, match='"push" is not a stock'):
        sdcluster.equilibria(cusp, held="push")


# ---- hysteresis


def test_the_loop_of_a_cusp_lies_between_its_folds(cusp):
    found = sdcluster.hysteresis(cusp, "push", hold=100)
    up, down = found["tips_at"].values
    assert up == pytest.approx(FOLD, abs=0.03)
    assert down == pytest.approx(-FOLD, abs=0.03)
    assert found.attrs["loop"] == pytest.approx(2 * FOLD, abs=0.06)
    assert found.attrs["settled"] > 0.999
    roots = np.sort(np.roots([-1, 0, 1, 0]).real)
    middle = found["value"].sel(push=0).values
    assert middle == pytest.approx([roots[0], roots[2]], abs=1e-3)


def test_what_comes_to_rest_is_measured_before_what_only_accumulates(write):
    path = write("x = INTEG(level - x, 1) ~~| level = 2 ~~| total = INTEG(x, 0) ~~|")
    found = sdcluster.hysteresis(path, {"level": (1, 3)}, steps=4)
    assert found.attrs["measure"] == "final x"
    total = sdcluster.hysteresis(path, {"level": (1, 3)}, "final total", steps=4)
    assert total.attrs["settled"] < 0.99


def test_without_memory_there_is_no_loop(write):
    found = sdcluster.hysteresis(
        write("x = INTEG(level - x, 1) ~~| level = 2 ~~|"), {"level": (1, 3)}, steps=8
    )
    assert np.isnan(found.attrs["loop"])
    assert found["value"].values[0] == pytest.approx(np.linspace(1, 3, 9), abs=1e-6)


def test_what_is_on_its_way_goes_on_into_the_next_run(write):
    """A fixed delay as long as a run: each run ends with the level of the run before."""
    path = write(
        "x = INTEG((DELAY FIXED(level, 4, 0) - x) / TIME STEP, 0) ~~| level = 1 ~~|",
        CLOCK.replace("= 50", "= 4"),
    )
    found = sdcluster.hysteresis(path, {"level": (1, 3)}, "final x", steps=2, method="euler")
    assert found["value"].values[0].tolist() == [0, 1, 2]
    assert found["value"].values[1].tolist() == [2, 3, 3]


def verdict(model, vary, measure="", **options):
    """Return the hysteresis over a setting, and what is said about it."""
    found = sdcluster.hysteresis(model, vary, measure, **options)
    return found, " ".join(hysteresis_sentences(found, str, "en"))


def test_a_transient_is_no_loop_over_a_constant_that_nothing_uses(write):
    path = write("x = INTEG(-x * 0.05, 1) ~~| useless = 1 ~~|")
    for measure in ("", "final x"):
        found, told = verdict(path, {"useless": (0, 1)}, measure, steps=16)
        assert np.isnan(found.attrs["loop"])
        assert "no hysteresis. No links of the model lead from useless to" in told
        assert not found.attrs["linked"]


def test_what_responds_to_the_setting_is_measured_before_a_transient(write):
    path = write(
        "ease = INTEG(-ease / 40, 1) ~~| x = INTEG(level * 0.01 + 1 - x, 0) ~~| level = 2 ~~|"
    )
    found, told = verdict(path, {"level": (1, 3)}, steps=8)
    assert found.attrs["measure"] == "final x"
    assert found.attrs["measure_chosen"]
    assert "No measure was named. Of the final values of all stocks, final x shows most" in told
    assert np.isnan(found.attrs["loop"])
    named, told = verdict(path, {"level": (1, 3)}, "final x", steps=8)
    assert not named.attrs["measure_chosen"]
    assert "No measure" not in told


def test_a_slow_model_is_not_a_loop(write):
    path = write("x = INTEG((level - x) / 30, 1) ~~| level = 2 ~~|")
    found, told = verdict(path, {"level": (1, 3)}, steps=8)
    assert np.isnan(found.attrs["loop"])
    assert "meet if the setting is held longer" in told
    assert found.attrs["longest_hold"] > found.attrs["hold"] == 50
    assert np.abs(np.diff(found["value"], axis=0)).max() > 0.1
    assert np.abs(np.diff(found["rest"], axis=0)).max() < 0.1


@pytest.mark.parametrize(
    "equations",
    [
        "x = INTEG(level, 0) ~~| level = 1 ~~|",
        "x = INTEG(y * level, 1) ~~| y = INTEG(-x * level, 0) ~~| level = 1 ~~|",
        "x = INTEG((level - x) / 3000, 0) ~~| level = 1 ~~|",
    ],
)
def test_without_rest_there_is_no_verdict(write, equations):
    found, told = verdict(write(equations), {"level": (1, 2)}, "final x", steps=4)
    assert np.isnan(found.attrs["loop"])
    assert np.isfinite(found.attrs["open_from"])
    assert "does not come to rest within 800, so there is no verdict" in told


def test_a_start_far_from_the_loop_does_not_hide_it(write):
    path = write(
        "x = INTEG(push + x - x * x * x, 0.5) ~~| far = INTEG(-far, 1e6) ~~| y = INTEG(far + x - y, 0) ~~|"
        "push = 0 ~~|",
        CLOCK.replace("= 50", "= 10"),
    )
    found, _ = verdict(path, {"push": (-0.8, 0.8)}, "final y", steps=16)
    assert (found.attrs["loop_from"], found.attrs["loop_to"]) == pytest.approx(
        (-0.3, 0.3), abs=0.001
    )


def test_growth_that_another_stock_still_hides_is_not_rest(write):
    """The seed of the invaders doubles for several holds before the natives notice it."""
    path = write(
        "natives = INTEG(natives * (1 - natives) - invaders * natives, 1) ~~|"
        "invaders = INTEG(invaders * (r - invaders), 1e-9) ~~| r = 0 ~~|",
        CLOCK.replace("= 50", "= 20"),
    )
    found, told = verdict(path, {"r": (-0.5, 0.5)}, "final natives", steps=8)
    assert np.isnan(found.attrs["loop"]), told


def test_a_slow_stock_behind_a_fast_one_is_not_at_rest(write):
    """The measure follows its fast stock and seems to rest, while the slow one fades over many holds."""
    found, told = verdict(
        write(
            "x = INTEG((level + slow - x) / 25, 0) ~~| level = 1 ~~|"
            "slow = INTEG(MAX(level - 1, 0) / 100 - slow / 5000, 0) ~~|"
        ),
        {"level": (0, 2)},
        "final x",
        steps=8,
    )
    assert np.isnan(found.attrs["loop"]), told
    assert np.isfinite(found.attrs["open_from"])


def test_a_loop_at_one_setting_has_no_width(cusp):
    found, told = verdict(cusp, {"push": (-1, 1)}, steps=4)
    assert (found.attrs["loop_from"], found.attrs["loop"]) == (0, 0)
    assert (
        "At push = 0 final x depends on where it comes from, also at rest: a loop narrower than 1"
        in told
    )


def test_an_interrupted_sweep_makes_no_claims(cusp):
    for limit in (10, 40):  # on the way, and while settings are held longer

        def impatient(_words, done, _total, limit=limit):
            if done > limit:
                raise KeyboardInterrupt

        found, told = verdict(cusp, {"push": (-1, 1)}, steps=16, progress=impatient)
        assert found.attrs["complete"] == 0
        assert told == "This was stopped before its end."


# ---- charts and the command


def test_the_command_follows_branches_and_loops(cusp, tmp_path):
    asked = ["tipping", str(cusp), "--vary", "push=-1:1"]
    files = [tmp_path / name for name in ("b.svg", "b.csv", "b.nc")]
    out = [word for path in files for word in ("--out", str(path))]
    done = CliRunner().invoke(app, [*asked, "--equilibria", *out])
    assert done.exit_code == 0, done.output
    assert "0.3849" in done.output
    assert "is lost 0.5849 lower" in done.output.replace("\n", " ")
    assert xr.load_dataset(files[2]).attrs["tipping"] == "branches"
    assert files[0].stat().st_size > 5_000
    chart = str(tmp_path / "h.svg")
    loop = CliRunner().invoke(
        app, [*asked, "--hysteresis", "--resolution", "16", "-o", chart, "-l", "zh"]
    )
    assert loop.exit_code == 0, loop.output
    assert "滞后回线" in loop.output
    assert "用 `--measure`" in loop.output.replace("\n", " ")
    points = CliRunner().invoke(app, ["tipping", str(cusp), "--equilibria", "--negative"])
    assert "unstable node" in points.output
    assert CliRunner().invoke(app, ["tipping", str(cusp)]).exit_code == 2


@pytest.mark.parametrize("steps", [16, 4])  # with 4 steps, the loop is a single setting
def test_the_band_of_a_chart_is_the_loop_of_its_caption(cusp, tmp_path, monkeypatch, steps):
    bands = []
    draw = Axes.axvspan

    def noted(axes, low, high, **style):
        bands.append((low, high))
        assert style["lw"] > 0 or low < high  # else nothing would be seen
        return draw(axes, low, high, **style)

    monkeypatch.setattr(Axes, "axvspan", noted)
    found, _ = verdict(cusp, {"push": (-1, 1)}, steps=steps)
    draw_hysteresis(found, tmp_path / "h.png")
    assert bands == [(found.attrs["loop_from"], found.attrs["loop_to"])]


def test_results_draw_themselves(folds, tmp_path):
    assert folds.sdcluster.plot("x", language="zh").save(tmp_path / "f.png").stat().st_size > 5_000
    with pytest.raises(ModelError, match='no equilibrium has a stock "y"'):
        folds.sdcluster.plot("y").save(tmp_path / "f.png")
