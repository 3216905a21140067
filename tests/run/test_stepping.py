"""Runs in steps: the same bits as at once, values set between steps, states saved and taken up again."""

import json
import os
import pickle
from pathlib import Path

import numpy as np
import pytest

import sdcluster
from sdcluster import ModelError, SimulationError, Simulator

ROOT = Path(__file__).resolve().parents[2]
CLOCK = """
INITIAL TIME = 0 ~~|
FINAL TIME = 12 ~~|
TIME STEP = 1 ~~|
SAVEPER = TIME STEP ~~|
"""
ORDERS = "stock = INTEG(order - leaving, 20) ~~|\norder = 3 ~~|\nleaving = 2 + 0*stock ~~|\n"
PAST = """
region: north, south ~~|
stock = INTEG(arriving - 2, 20) ~~|
arriving = DELAY3(decision, 4) ~~|
decision = 3 + STEP(5, 2) ~~|
late = DELAY FIXED(decision * Time, 5, 1) ~~|
very late = DELAY FIXED(Time, 9, -1) ~~|
never = DELAY FIXED(Time, 1e+12, -3) ~~|
belt = DELAY CONVEYOR(decision, 5, 0.01, ini, 15, 5) ~~|
ini((0,1),(1,1)) ~~|
answer = DELAY PROFILE(profile, Time, 7, 3, 0.02) ~~|
profile((0,0),(1,2),(3,0)) ~~|
batch = DELAY BATCH(decision, 6, 2, 3, 1, 4) ~~|
waiting = QUEUE FIFO(decision, 2, ini, 10, 3) ~~|
age = QUEUE AGE OLDEST(waiting) ~~|
pushed = SAMPLE IF TRUE(MODULO(Time, 3) = 0, decision * Time, 0) ~~|
noise = RANDOM NORMAL(-5, 5, 0, 1, 7) ~~|
walk[region] = INTEG(RANDOM UNIFORM(-1, 1, 3) + noise, 0) ~~|
first = INITIAL(decision + 4) ~~|
trend = FORECAST(stock + noise, 3, 2) ~~|
"""


@pytest.fixture
def mdl(tmp_path):
    def write(text, clock=CLOCK):
        path = tmp_path / "m.mdl"
        path.write_text("{UTF-8}\n" + text + clock, encoding="utf-8")
        return path

    return write


def suite():
    named = os.environ.get("SDX_TEST_MODELS")
    folder = Path(named) if named else ROOT.parent / "shared" / "test-models"
    return sorted(folder.glob("tests/*/*.mdl")) + sorted(folder.glob("tests/*/*.xmile"))


def in_steps(simulator, n):
    run = simulator.begin()
    while not run.done:
        run.step(n)
    return run.rows()


# ---- the same bits


@pytest.mark.parametrize(
    ("method", "backend"),
    [
        ("euler", "python"),
        ("euler", "native"),
        ("rk2", "python"),
        ("rk4", "python"),
        ("rk4", "native"),
    ],
)
def test_steps_give_the_bits_of_a_run(mdl, method, backend):
    simulator = Simulator(mdl(PAST), method=method, backend=backend)
    times, rows = in_steps(simulator, 1)
    assert times.tolist() == simulator.time.tolist()
    assert np.array_equal(rows, simulator.run(), equal_nan=True)


@pytest.mark.parametrize("folder", sorted(p.parent.name for p in ROOT.glob("models/*/*.xmile")))
def test_models_of_ours_in_steps_and_taken_up_from_a_state(folder, tmp_path):
    # One backend for all three: with "auto", machine code may be ready for the second run only, and rounds differently.
    whole = Simulator(ROOT / "models" / folder, backend="native")
    expected = whole.run()
    half = whole.grid.steps // 2
    shorter = Simulator(ROOT / "models" / folder, stop=float(whole.grid.at(half)), backend="native")
    saved = shorter.begin().until().save(tmp_path / "half.state")
    times, rows = whole.resume(saved).until().rows()
    kept = np.isin(whole.time, times)
    assert kept.sum() == len(times) > 1
    assert np.array_equal(rows, expected[:, kept], equal_nan=True)
    assert np.array_equal(in_steps(whole, half + 1)[1], expected, equal_nan=True)


@pytest.mark.skipif(not suite(), reason="the public suite of test models is not here")
def test_models_of_the_public_suite_in_steps_and_taken_up_from_a_state(tmp_path):
    different, seen = [], 0
    for path in suite()[::3]:
        try:
            model = sdcluster.load(path)
            whole = Simulator(model)
            expected = whole.run()
        except (ModelError, SimulationError):
            continue
        if whole.grid.steps > 5000:
            continue
        seen += 1
        half = whole.grid.steps // 2 or 1
        saved = whole.begin().step(half).save(tmp_path / "half.state")
        times, rows = whole.resume(saved).until().rows()
        kept = np.isin(whole.time, times)
        # Plain Python takes numpy's functions where a division fails, which differ in last bits on some processors.
        if not np.allclose(rows, expected[:, kept], rtol=1e-12, atol=0.0, equal_nan=True):
            different.append(path.name)
    assert different == []
    assert seen > 40


@pytest.mark.parametrize("backend", ["python", "native"])
@pytest.mark.parametrize("stop", [3, 6, 11])
def test_a_state_saved_at_the_end_of_a_shorter_run_goes_on_like_a_longer_one(
    mdl, tmp_path, stop, backend
):
    path = mdl(PAST)
    whole = Simulator(path, backend=backend)
    saved = Simulator(path, stop=stop, backend=backend).begin().until().save(tmp_path / "s.state")
    times, rows = whole.resume(saved).until().rows()
    assert times.tolist() == whole.time[stop:].tolist()
    assert np.array_equal(rows, whole.run()[:, stop:], equal_nan=True)


def test_reading_values_between_steps_changes_nothing(mdl):
    simulator = Simulator(mdl(PAST))
    run = simulator.begin()
    while not run.done:
        run.values()
        run.step()
        run.rows()
    assert np.array_equal(run.rows()[1], simulator.run(), equal_nan=True)


def test_changes_of_a_scenario_happen_in_steps_as_in_a_run(mdl, tmp_path):
    changes = [sdcluster.project.scenario.Change(5, {"order": 9, "stock": 1})]
    simulator = Simulator(mdl(ORDERS), sdcluster.Scenario(changes=tuple(changes)))
    expected = simulator.run()
    assert np.array_equal(in_steps(simulator, 1)[1], expected)
    for at in (4, 5, 6):
        saved = simulator.begin().step(at).save(tmp_path / "s.state")
        rows = simulator.resume(saved).until().rows()[1]
        assert np.array_equal(rows, expected[:, at:])


def test_saveper_that_the_step_does_not_divide_keeps_the_same_points(mdl):
    simulator = Simulator(mdl(ORDERS), dt=0.5, saveper=1.25)
    times, rows = in_steps(simulator, 1)
    assert times.tolist() == simulator.time.tolist()
    assert np.array_equal(rows, simulator.run())


# ---- values that are set


def test_one_name_and_its_value_can_be_set(mdl):
    run = Simulator(mdl(ORDERS)).begin()
    assert run.set("order", 7)["order"] == 7
    assert (
        run.set("leaving", 0).set("leaving", None)["leaving"]
        == Simulator(mdl(ORDERS)).begin()["leaving"]
    )
    with pytest.raises(ModelError, match="one name and its value"):
        run.set("order")


@pytest.mark.parametrize("backend", ["python", "native"])
def test_what_is_set_holds_from_the_present_time_on(mdl, backend):
    run = Simulator(mdl(ORDERS), backend=backend).begin()
    run.step(2).set(order=7)
    assert run["order"] == 7
    run.step(1).set({"stock": 100})
    assert run["stock"] == 100
    run.step(2).set(leaving=0)
    run.until(8).set(leaving=None).until()
    data = run.dataset()
    assert data["stock"].values.tolist() == [
        20,
        21,
        22,
        100,
        105,
        110,
        117,
        124,
        131,
        136,
        141,
        146,
        151,
    ]
    assert data["order"].values.tolist() == [3, 3] + [7] * 11
    assert data["leaving"].values.tolist() == [2] * 5 + [0] * 3 + [2] * 5
    assert json.loads(data.attrs["set"])[0] == [2.0, {"order": 7.0}]


@pytest.mark.parametrize("name", ["decision", "arriving", "noise", "pushed"])
def test_an_equation_with_a_past_is_set_and_given_back(mdl, name):
    simulator = Simulator(mdl(PAST))
    run = simulator.begin().step(4).set({name: 50}).step(3).set({name: None}).until()
    row = simulator.names.index(name)
    rows = run.rows()[1]
    assert rows[row, 4:7].tolist() == [50, 50, 50]
    if name != "arriving":  # what enters its delay is not what is set
        assert rows[row, 8] == simulator.run()[row, 8]
    walk = simulator.names.index("walk[south]")
    same = name != "noise"
    assert np.array_equal(rows[walk], simulator.run()[walk]) == same


def test_elements_and_whole_arrays_are_set(mdl):
    text = """
region: north, south ~~|
pop[region] = INTEG(growth[region], 1) ~~|
growth[region] = pop[region] * rate[region] ~~|
rate[region] = 1, 2 ~~|
"""
    run = Simulator(mdl(text)).begin()
    run.set({"rate": [0, 1]}).step()
    assert run["pop"].values.tolist() == [1, 2]
    assert run["pop"].sel(region="south") == 2
    run.set({"growth[north]": 5, "pop[south]": 10}).step()
    assert [run["pop[north]"], run["pop[south]"]] == [6, 20]
    run.set(growth=[1, 2]).step().set(growth=None).step()
    assert run["pop"].values.tolist() == [7, 44]


def test_what_was_set_at_the_beginning_can_be_set_again(mdl):
    text = """
region: north, south ~~|
pop[region] = INTEG(growth[region], 1) ~~|
growth[region] = pop[region] * 2 ~~|
total = INTEG(flow, 0) ~~|
flow = 3 ~~|
aux = flow * 2 ~~|
"""
    simulator = Simulator(mdl(text))
    run = simulator.begin({"growth[north]": 5, "flow": {0: 1}, "aux": 4}).step()
    assert [run["pop[north]"], run["pop[south]"], run["total"], run["aux"]] == [6, 3, 1, 4]
    run.set({"growth[north]": 0, "flow": 10, "aux": {0: 7}}).step()
    assert [run["pop[north]"], run["pop[south]"], run["total"], run["aux"]] == [6, 9, 11, 7]
    run.set({"growth[south]": 1, "aux": 8, "flow": {0: 2}}).step()
    assert [run["pop[north]"], run["pop[south]"], run["total"], run["aux"]] == [6, 10, 13, 8]


def test_lookups_and_series_are_replaced_between_steps(mdl):
    text = "effect((0,0),(12,12)) ~~|\nread = effect(Time) ~~|\ntotal = INTEG(read + other, 0) ~~|\nother = 1 ~~|\n"
    run = Simulator(mdl(text)).begin().step(3)
    run.set({"effect": {0: 10, 12: 10}, "other": {3: 0, 6: 3}}).step(3)
    assert [run["read"], run["other"], run["total"]] == [10, 3, 0 + 1 + 2 + 3 + 30 + 0 + 1 + 2]
    run.set(other=5, read=0).step()
    assert run["total"] == 39 + 5
    run.set(other={0: 1}).step()
    assert run["total"] == 39 + 5 + 1
    assert run.dataset()["read"].values.tolist() == [0, 1, 2, 10, 10, 10, 0, 0, 0][: run.at + 1]


def test_conveyors_and_queues_of_stella_in_steps_and_taken_up_from_a_state(tmp_path):
    simulator = Simulator(ROOT / "tests" / "kernel" / "clinic.stmx")
    whole = simulator.run()
    assert np.array_equal(in_steps(simulator, 1)[1], whole, equal_nan=True)
    saved = simulator.begin().step(simulator.grid.steps // 3).save(tmp_path / "s.state")
    times, rows = simulator.resume(saved).until().rows()
    assert np.array_equal(rows, whole[:, np.isin(simulator.time, times)], equal_nan=True)


def test_a_state_remembers_what_was_set(mdl, tmp_path):
    simulator = Simulator(mdl(PAST))

    def begun():
        run = simulator.begin({"decision": 6}).step(3)
        return run.set({"pushed": 2, "first": 9, "ini": {0: 2, 1: 1}}).step(2)

    whole = begun().until().rows()[1][:, 5:]
    saved = begun().save(tmp_path / "s.state")
    assert np.array_equal(simulator.resume(saved).until().rows()[1], whole, equal_nan=True)
    other = simulator.resume(saved, {"pushed": None}).until().rows()[1]
    row = simulator.names.index("pushed")
    assert whole[row, -1] == 2
    assert other[row, -1] == 12 * 6


def test_a_state_goes_on_with_other_constants(mdl, tmp_path):
    path = mdl(ORDERS)
    saved = Simulator(path, stop=6).begin().until().save(tmp_path / "s.state")
    path.write_text(path.read_text().replace("order = 3", "order = 10"), encoding="utf-8")
    assert Simulator(path).resume(saved).until()["stock"] == 26 + 6 * 8
    assert Simulator(path).resume(saved, {"order": 2}).until()["stock"] == 26
    assert Simulator(path).resume(saved, {"stock": 0, "FINAL TIME": 8}).until()["stock"] == 16


def test_a_state_keeps_step_method_and_settings_of_its_run(mdl, tmp_path):
    path = mdl(ORDERS)
    first = Simulator(path, method="rk4", dt=0.5, stop=6).begin({"order": 8})
    saved = first.until().save(tmp_path / "s.state")
    run = Simulator(path).resume(saved)
    assert [run.method, run.grid.dt, run["order"], run.time] == ["rk4", 0.5, 8, 6]
    with pytest.raises(ModelError, match=r"with steps of 0\.5"):
        Simulator(path, dt=0.25).resume(saved)
    with pytest.raises(ModelError, match="after the end of the run"):
        Simulator(path, stop=3).resume(saved)


# ---- refused in a sentence


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"ordr": 1}, 'did you mean "order"'),
        ({"order": float("nan")}, "finite"),
        ({"stock": {0: 1}}, "is a stock"),
        ({"order": None}, "no equation to return to"),
        ({"TIME STEP": 0.5}, "is a time setting of the run"),
        ({"order": "soon"}, "neither a number nor points"),
        ({"n": 2}, "decides the structure"),
        ({"effect": 2}, "is a lookup"),
    ],
)
def test_what_cannot_be_set_is_refused_and_the_run_goes_on(mdl, settings, sentence):
    more = "n = 3 ~~|\nlate = DELAY N(order, 4, 3, n) ~~|\neffect((0,0),(1,1)) ~~|\n"
    run = Simulator(mdl(ORDERS + more)).begin().step()
    with pytest.raises(ModelError, match=sentence):
        run.set(settings)
    assert run.until()["stock"] == 32


def test_the_end_and_adaptive_methods_are_refused(mdl):
    run = Simulator(mdl(ORDERS)).begin().until()
    assert run.done
    with pytest.raises(ModelError, match="reached its end, 12"):
        run.step()
    with pytest.raises(ModelError, match="cannot continue until 3"):
        run.until(3)
    with pytest.raises(ModelError, match="use euler, rk2 or rk4"):
        Simulator(mdl(ORDERS), method="LSODA").begin()


def test_what_fails_on_the_way_names_the_variable(mdl):
    run = Simulator(mdl("a = INTEG(1/(3-Time), 0) ~~|\nb = 1/(3-Time) ~~|\n")).begin()
    with pytest.raises(SimulationError, match='"b" became infinite'):
        run.until()


def test_a_state_of_another_structure_is_refused(mdl, tmp_path):
    saved = Simulator(mdl(PAST)).begin().step(3).save(tmp_path / "s.state")
    with pytest.raises(ModelError, match="does not fit the model") as caught:
        Simulator(mdl(ORDERS)).resume(saved)
    assert caught.value.file == str(saved)
    assert "was saved from another model" in caught.value.sentence


def test_a_state_with_settings_of_another_model_names_its_file(mdl, tmp_path):
    saved = Simulator(mdl(PAST)).begin({"decision": 2.0}).step(3).save(tmp_path / "s.state")
    with pytest.raises(ModelError, match=r'another model or version \("m"\)') as caught:
        Simulator(mdl(ORDERS)).resume(saved)
    assert caught.value.file == str(saved)


def test_a_wrong_setting_is_not_a_fault_of_the_state(mdl, tmp_path):
    saved = Simulator(mdl(ORDERS)).begin().step(3).save(tmp_path / "s.state")
    with pytest.raises(ModelError) as caught:
        Simulator(mdl(PAST)).resume(saved, {"nonsense": 2})
    assert "another model" not in caught.value.sentence


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:200],
        lambda text: "[1, 2]",
        lambda text: text.replace('"version": 1', '"version": 99'),
        lambda text: text.replace('"step": 3', '"step": -3'),
        lambda text: text.replace('"step": 3', '"step": 3.5'),
        lambda text: text.replace('"dt": 1.0', '"dt": "nan"'),
        lambda text: text.replace('"memory"', '"memories"'),
        lambda text: text.replace("23.0", '"x"'),
        lambda text: text.replace("23.0", "true"),
        lambda text: "[" * 100_000,
    ],
)
def test_a_damaged_state_is_refused_in_a_sentence(mdl, tmp_path, damage):
    simulator = Simulator(mdl(ORDERS))
    path = simulator.begin().step(3).save(tmp_path / "s.state")
    text = path.read_text(encoding="utf-8")
    assert damage(text) != text
    path.write_text(damage(text), encoding="utf-8")
    with pytest.raises(ModelError):
        simulator.resume(path)


def test_a_state_is_text_that_executes_nothing(mdl, tmp_path):
    path = tmp_path / "s.state"
    path.write_bytes(pickle.dumps({"format": "sdcluster state"}))
    with pytest.raises(ModelError, match=r"damaged|not a saved state"):
        Simulator(mdl(ORDERS)).resume(path)
