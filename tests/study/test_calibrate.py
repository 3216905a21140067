"""Calibration on models whose answers are known: exponential decay."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import sdcluster
from sdcluster.cli import app
from sdcluster.errors import ModelError
from sdcluster.measure.measures import Measure
from sdcluster.project.calibration_file import Prediction, load_tasks
from sdcluster.study.calibrate import ONE_SIDE, OPEN, PINNED, Target, calibrate
from sdcluster.study.calibrate_predict import predict
from sdcluster.study.calibrate_problem import Problem
from sdcluster.study.calibrate_profile import profiles
from tests.command import CliRunner

ROOT = Path(__file__).parents[2]
MODEL = """<xmile xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0"><header><name>d</name></header>
<sim_specs time_units="year" method="rk4"><start>0</start><stop>4</stop><dt>0.125</dt></sim_specs><model><variables>
<stock name="size"><eqn>10</eqn><outflow>loss</outflow></stock>
<flow name="loss"><eqn>size * rate * share</eqn></flow>
<aux name="rate"><eqn>1</eqn><range min="0.2" max="1.8"/></aux>
<aux name="share"><eqn>1</eqn><range min="0.2" max="1.8"/></aux>
<aux name="idle"><eqn>1</eqn><range min="0" max="2"/></aux>
<aux name="bare"><eqn>1</eqn></aux>
</variables></model></xmile>"""
TASK = 'targets = "targets.csv"\nparameters = ["rate"]\n'
HEAD = "time,variable,value,uncertainty,source\n"


def decay(rate: float, uncertainty: float = 0.05) -> list[Target]:
    return [Target(t, "size", 10 * np.exp(-rate * t), uncertainty) for t in (1.0, 2.0, 3.0)]


@pytest.fixture
def model(tmp_path: Path):
    (tmp_path / "d.xmile").write_text(MODEL)
    (tmp_path / "calibration.toml").write_text(TASK)
    rows = "".join(f"{t.time},size,{t.value},{t.uncertainty},made\n" for t in decay(0.5))
    (tmp_path / "targets.csv").write_text(HEAD + rows)
    return sdcluster.load(tmp_path / "d.xmile")


def fitted(model, parameters, targets=None, **options):
    options = {"starts": 6, "points": 9, "backend": "python", **options}
    return calibrate(model, targets or decay(0.5), parameters, **options)


def test_a_rate_of_decay_is_recovered_and_pinned(model) -> None:
    result = fitted(model, ["rate"])
    (profile,) = result.profiles
    assert profile.best == pytest.approx(0.5, rel=1e-4)
    assert profile.verdict == PINNED
    assert len(result.optima) == 1
    assert result.rank == 1
    # the interval of a nearly linear problem: 1.96 uncertainty / |sensitivity|
    slope = np.sqrt(sum((10 * t * np.exp(-0.5 * t)) ** 2 for t in (1, 2, 3)))
    assert profile.high - profile.low == pytest.approx(2 * 1.96 * 0.05 / slope, rel=0.03)


def test_only_the_product_of_two_constants_is_known(model) -> None:
    result = fitted(model, ["rate", "share"])
    assert result.rank == 1
    assert result.combinations[0].deviation < 0.1
    assert result.combinations[1].deviation == np.inf
    assert len(result.optima) > 1
    for fit in result.optima:
        assert fit.values[0] * fit.values[1] == pytest.approx(0.5, rel=1e-2)
    for profile in result.profiles:
        # the other cannot pass 1.8, so this one cannot go below 0.5 / 1.8; above it is free
        assert profile.verdict == ONE_SIDE
        assert profile.low == pytest.approx(0.5 / 1.8, rel=0.03)
        assert profile.high == pytest.approx(1.8)


def test_a_constant_without_effect_is_not_pinned_down(model) -> None:
    rate, idle = fitted(model, ["rate", "idle"]).profiles
    assert rate.verdict == PINNED
    assert idle.verdict == OPEN
    assert (idle.low, idle.high) == pytest.approx((0, 2))
    assert np.ptp(idle.chi_square) < 1e-3


def test_the_same_seed_gives_the_same_fits(model) -> None:
    first, second = (fitted(model, ["rate", "share"], seed=4) for _ in range(2))
    assert first.fits == second.fits


def test_neither_cores_nor_searches_side_by_side_change_a_number(model, monkeypatch) -> None:
    found = []
    for cores, together in ((1, 1), (3, 32)):
        monkeypatch.setattr("sdcluster.run.ordered.cores", lambda cores=cores: cores)
        monkeypatch.setattr("sdcluster.study.side_by_side.TOGETHER", together)
        found.append(fitted(model, ["rate", "share"], starts=3, points=5, backend="auto"))
    assert found[0].fits == found[1].fits
    assert found[0].accepted == found[1].accepted
    assert found[0].profiles[0].chi_square.tolist() == found[1].profiles[0].chi_square.tolist()


def test_a_side_is_walked_again_where_another_walk_meets_a_set_that_fits_further_out() -> None:
    class Ridge:
        """Chi square x² beside a narrow valley, which a search along `a` from the best fit does not see."""

        names = ("a", "b")

        def rows(self, places: np.ndarray) -> np.ndarray:
            return places

        def search(self, x, held, ask):
            chi = 0.0 if x[1] > 0.5 and x[0] <= 0.75 else float(100 * (x[0] - 0.25) ** 2)
            if held == 1 and x[1] > 0.5:
                return np.array([0.7, x[1]]), 0.0
            return x, chi

    found, met = profiles(Ridge(), [(np.array([0.25, 0.4]), 0.0)], 3.84, 5, lambda done: None)
    assert max(x[0] for x, chi in met if chi <= 3.84) == pytest.approx(0.75, abs=1e-3)
    values = [float(x[0]) for x, _ in found[0]]
    assert len(values) == len(set(values))


@pytest.mark.parametrize(
    ("parameters", "targets", "words"),
    [
        (["rat"], None, "rate"),
        (["bare"], None, "has no range"),
        (["size"], None, "only constants can be fitted"),
        (["rate", "rate"], None, "is named twice"),
        ([], None, "at least one parameter"),
        (["rate"], [Target(9, "size", 1, 1)], "outside the run from 0 to 4"),
        (["rate"], [Target(1, "size", 1, 0)], "uncertainty above 0"),
    ],
)
def test_errors_are_sentences(model, parameters, targets, words) -> None:
    with pytest.raises(ModelError, match=words):
        fitted(model, parameters, targets)


def test_a_bad_line_of_the_targets_is_named(model) -> None:
    path = model.folder / "targets.csv"
    path.write_text(HEAD + "1,size,many,1,made\n")
    with pytest.raises(ModelError, match=r"targets.csv:2: value must be a number"):
        load_tasks(model)
    for wrong in ("0", "-1", "nan", "inf"):
        path.write_text(HEAD + f"1,size,2,1,made\n2,size,3,{wrong},made\n")
        with pytest.raises(ModelError, match=f'targets.csv:3: the uncertainty .* not "{wrong}"'):
            load_tasks(model)
    path.write_text("time,value\n1,2\n")
    with pytest.raises(ModelError, match='"variable" is missing'):
        load_tasks(model)


CASES = """
[case.slow]
title = { en = "Slow", zh = "慢" }
targets = "targets.csv"
parameters = ["rate"]
predict = [{ variable = "size", time = 4, title = "size in year 4" }]

[case.half]
targets = "half.csv"
parameters = ["rate"]
settings = { share = 0.5 }
predict = [{ variable = "size", time = 0, measure = "drop from peak to 4" }]

[no_data.unknown]
because = { en = "nobody measured it", zh = "没有数据" }
"""
# growth and a value of 10 exp(-0.5 t), and a time that is 0 whatever the rate
HALF = """time,variable,value,uncertainty,source,measure
1,size,-39.3469340287,1,made,growth to 2
0,size,0,0.05,made,time to 10
2,size,3.6787944117,0.05,made,value
"""


@pytest.fixture
def cases(model):
    (model.folder / "calibration.toml").write_text(CASES, encoding="utf-8")
    (model.folder / "half.csv").write_text(HALF)
    return model


def test_a_file_holds_several_cases_and_says_what_has_no_data(cases) -> None:
    tasks = load_tasks(cases)
    assert [task.name for task in tasks.cases] == ["slow", "half"]
    assert tasks.choose(["half"]) == tasks.cases[1:]
    assert tasks.unfitted[0].because["zh"] == "没有数据"
    with pytest.raises(ModelError, match='no case "hlaf" to fit; did you mean "half"'):
        tasks.choose(["hlaf"])


def test_growth_and_times_are_targets_too(cases) -> None:
    (task,) = load_tasks(cases).choose(["half"])
    result = fitted(cases, ["rate"], task.targets, settings=task.settings)
    (profile,) = result.profiles
    assert profile.best == pytest.approx(1.0, rel=1e-4)  # half of it acts
    assert profile.verdict == PINNED


def test_predictions_are_as_wide_as_what_fits(cases) -> None:
    slow, half = load_tasks(cases).cases
    result = fitted(cases, ["rate"], slow.targets)
    (told,) = predict(cases, slow, result)
    (profile,) = result.profiles
    assert told.low == pytest.approx(10 * np.exp(-4 * profile.high), rel=1e-3)
    assert told.high == pytest.approx(10 * np.exp(-4 * profile.low), rel=1e-3)
    result = fitted(cases, ["rate"], half.targets, settings=half.settings)
    (told,) = predict(cases, half, result)
    assert told.best == pytest.approx(1 - np.exp(-2), rel=1e-3)


def test_a_level_that_a_run_never_reaches_has_no_predicted_time(cases) -> None:
    slow, _ = load_tasks(cases).cases
    result = fitted(cases, ["rate"], slow.targets)
    wanted = [Measure("time to", "size", level=level) for level in (5.0, 11.0)]
    reached, never = predict(
        cases, replace(slow, predictions=tuple(Prediction(one, {}) for one in wanted)), result
    )
    assert reached.missing == 0
    assert (reached.low, reached.high) == (0, 0)  # it begins at 10
    assert never.missing == 1
    assert np.isnan([never.best, never.low, never.high]).all()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("growth to 2", "grwoth to 2", '"grwoth to 2" is not a measure; did you mean'),
        ("growth to 2", "growth to 0.5", "ends before it begins"),
        ("growth to 2", "growth to soon", '"soon"'),
        ("1,size", "1,sise", 'did you mean "size"'),
    ],
)
def test_a_measure_that_is_none_is_named_with_its_line(cases, old, new, words) -> None:
    path = cases.folder / "half.csv"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(ModelError, match=f"half.csv:2: .*{words}"):
        load_tasks(cases)


def test_the_command_fits_one_case_or_all(cases) -> None:
    words = ["fit", str(cases.path), "--starts", "2", "--points", "3"]
    one = CliRunner().invoke(app, [*words, "half"])
    assert one.exit_code == 0, one.output
    assert "half" in one.output
    assert "Slow" not in one.output
    both = CliRunner().invoke(app, [*words, "-o", str(cases.folder / "fit.svg")])
    assert both.exit_code == 0, both.output
    assert "nobody measured it" in both.output
    assert "size in year 4:" in both.output
    assert (cases.folder / "fit-slow.svg").exists()
    assert (cases.folder / "fit-half.svg").exists()


@pytest.mark.parametrize(
    "path", sorted((ROOT / "models").glob("*/calibration.toml")), ids=lambda p: p.parent.name
)
def test_the_cases_of_the_models_have_data_with_sources(path: Path) -> None:
    tasks = load_tasks(sdcluster.load(path.parent))
    for task in tasks.cases:
        assert all(target.source for target in task.targets), task.name
        assert task.parameters


def test_all_five_clusters_of_the_book_are_fitted_or_said_to_have_no_data() -> None:
    tasks = load_tasks(sdcluster.load(ROOT / "models" / "value_chain"))
    cases = {path.stem for path in (ROOT / "models" / "value_chain" / "cases").glob("*.toml")}
    assert {c.name for c in (*tasks.cases, *tasks.unfitted)} == cases


def test_the_command_prints_verdicts_and_draws(model) -> None:
    picture = model.folder / "fit.svg"
    words = ["fit", str(model.path), "--starts", "3", "--points", "5", "-o", str(picture)]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    assert "pinned" in result.output
    assert "1 of 1 combinations" in result.output
    assert picture.read_text().lstrip().startswith("<?xml")


def test_the_chart_of_a_fit_speaks_the_language_of_its_command(model, monkeypatch) -> None:
    from sdcluster.view import calibration

    figures = []
    monkeypatch.setattr(calibration, "write_figure", lambda made, path: figures.append(made))
    words = ["fit", str(model.path), "--starts", "2", "--points", "3", "-o", "fit.svg", "-l", "zh"]
    assert CliRunner().invoke(app, words).exit_code == 0
    (made,) = figures
    assert made.get_suptitle().startswith(model.name)
    assert {axes.get_ylabel() for axes in made.axes} == {"", "最小卡方"}
    (below,) = made.legends
    legend = [text.get_text() for text in below.get_texts()]
    assert {"最佳拟合", "数据序列", "可接受拟合的上限", "可接受的取值"} <= {*legend}
    assert not any(text.isascii() for text in legend)
    assert made.axes[0].get_xlabel().startswith("时间")


@pytest.mark.parametrize(
    ("name", "case"),
    [
        ("wenzhou_firms", "wenzhou_firms"),
        ("value_chain", "ningbo_apparel"),
        ("value_chain", "wenzhou_lighters"),
    ],
)
def test_a_fit_runs_no_further_than_its_targets_and_sees_the_numbers_of_the_whole_run(
    name: str, case: str
) -> None:
    model = sdcluster.load(ROOT / "models" / name)
    (task,) = load_tasks(model).choose([case])
    problem = Problem(model, task.targets, task.parameters, task.scenario, task.settings, "auto")
    simulator = sdcluster.Simulator(model, task.scenario)
    assert problem.simulator.time[-1] < simulator.time[-1] or name == "wenzhou_firms"
    for x in np.random.default_rng(0).random((3, len(problem.names))):
        chosen = dict(zip(problem.names, problem.constants(x).tolist(), strict=True))
        time, rows = simulator.curves({**task.settings, **chosen})
        whole = [
            quantity.of_rows(simulator.names, time, rows, beyond=True)
            for quantity in problem.quantities
        ]
        expected = (np.array(whole) - problem.values) / problem.uncertainties
        assert problem.residuals(x) == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_a_model_that_reads_its_end_is_run_to_its_end(model) -> None:
    text = model.path.read_text().replace(
        "<eqn>size * rate * share</eqn>", "<eqn>size * rate * STOPTIME / 4</eqn>"
    )
    model.path.write_text(text)
    targets = [Target(1.0, "size", 10 * np.exp(-0.5), 0.05)]
    (profile,) = fitted(sdcluster.load(model.path), ["rate"], targets).profiles
    assert profile.best == pytest.approx(0.5, rel=1e-3)


def test_settings_win_over_the_scenario_and_leave_the_other_settings_alone(model) -> None:
    (model.folder / "scenarios.toml").write_text(
        '[scenario.half]\ntitle = { en = "half" }\nsettings = { share = 0.5, bare = 2 }\n'
    )
    result = fitted(model, ["rate"], scenario="half", settings={"Share": 1})
    assert result.profiles[0].best == pytest.approx(0.5, rel=1e-3)
    result = fitted(model, ["rate"], scenario="half")
    assert result.profiles[0].best == pytest.approx(1, rel=1e-3)


def test_the_task_of_the_wenzhou_firms_asks_more_than_the_counts_can_answer() -> None:
    model = sdcluster.load(ROOT / "models" / "wenzhou_firms")
    (task,) = load_tasks(model).cases
    assert len(task.parameters) > len(task.targets) == 8
    assert all(target.source for target in task.targets)
