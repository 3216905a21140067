"""Fans that Python makes for a page: the bits of `sdcluster.ensemble`, for any set-up; others are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import sdcluster
from sdcluster.errors import ModelError
from sdcluster.lab.explorer import Explorer
from sdcluster.lab.fans import KIND, SHARES
from sdcluster.lab.page_state import PageState, Setting

FISH = """{UTF-8}
region: north, south ~~|
fish[region] = INTEG(births[region] - catch, 100) ~ fish ~|
births[region] = rate[region] * fish[region] ~ fish/year ~|
rate[region] = 0.1, 0.2 ~ 1/year [0, 1] ~|
catch = 10 * effort ~ fish/year ~|
effort = 0.5 ~ fish/boat/year [0, 1] ~|
depth = SQRT(limit - effort) ~ m ~|
limit = 0.9 ~~|
INITIAL TIME = 0 ~~|
FINAL TIME = 10 ~~|
TIME STEP = 0.125 ~~|
SAVEPER = 0.25 ~~|
"""
SCENARIOS = """
[scenario.storm]
settings = { limit = 3 }
changes = [{ time = 5, settings = { effort = 0.8 } }]
"""
VARIED = [["rate[north]", 0.0, 0.1, 1.0], ["rate[south]", 0.0, 0.2, 1.0]]
EFFORT = [["effort", 0.0, 0.5, 1.0]]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, front_end: None) -> Explorer:
    folder = tmp_path_factory.mktemp("fish")
    (folder / "scenarios.toml").write_text(SCENARIOS, encoding="utf-8")
    (folder / "fish.mdl").write_text(FISH, encoding="utf-8")
    return sdcluster.explore(folder / "fish.mdl")


def asked(lab: Explorer, **given: Any) -> tuple[dict[str, Any], list[np.ndarray]]:
    """Send what a page sends, and return what the widget answers."""
    sent: list[Any] = []
    given = {"state": "", "spread": 0.3, "varied": VARIED, "times": 160, "runs": 60} | given
    message = {"kind": KIND, "page": "p", "number": 7, "wanted": ["fish[south]", "catch"]} | given
    lab.widget.send = lambda content, buffers=(): sent.append((content, buffers))
    lab.widget._handle_custom_msg(message, [])
    lab._fans._worker.submit(lambda: None).result()
    [(content, buffers)] = sent
    return content, [np.frombuffer(b, dtype=float) for b in buffers]


def holds(
    lab: Explorer,
    times: np.ndarray,
    quantiles: np.ndarray,
    wanted: list[str],
    scenario: Any = None,
    saveper: float | None = None,
) -> Any:
    """The answer has the bits of an ensemble of the samples that the laboratory gives."""
    runs = sdcluster.ensemble(lab.model, lab.samples, scenario=scenario or lab.scenario,
                              bands=wanted, quantiles=SHARES, saveper=saveper)  # fmt: skip
    assert np.array_equal(runs["time"], times)
    made = quantiles.reshape(len(wanted), len(SHARES), len(times))
    for own, name in zip(made, wanted, strict=True):
        assert np.array_equal(own, runs[f"quantiles of {name}"], equal_nan=True)
    return runs


def test_a_fan_has_the_bits_of_an_ensemble(lab):
    content, (times, quantiles) = asked(lab)
    assert content == {"kind": KIND, "page": "p", "number": 7, "failed": 0}
    holds(lab, times, quantiles, ["fish[south]", "catch"])
    assert list(lab.samples) == ["rate[north]", "rate[south]"]
    assert lab.samples["rate[south]"].between(0.14, 0.44).all()
    assert np.ptp(lab.samples["rate[south]"]) > 0.27


def test_fewer_runs_are_the_first_of_more(lab):
    asked(lab, runs=125)
    few = lab.samples
    asked(lab, runs=1000)
    assert len(lab.samples) == 1000
    assert few.equals(lab.samples.iloc[:125])


def test_a_fan_is_made_with_what_is_set_up_on_the_page(lab):
    run = Setting({"limit": 2.0, "rate[north]": 0.4}, "storm")
    state = PageState().with_run(run)
    _, (times, quantiles) = asked(lab, state=state.text)
    runs = holds(lab, times, quantiles, ["fish[south]", "catch"], lab._runs.scenario(run))
    assert runs["quantiles of catch"].sel(time=[4, 6]).isel(quantile=0).values.tolist() == [5, 8]
    drawn = Setting(drawn={"effort": {"form": "line", "points": [[2, 0.9], [7, 0.1]]}})
    _, (times, quantiles) = asked(lab, state=PageState().with_run(drawn).text)
    holds(lab, times, quantiles, ["fish[south]", "catch"], lab._runs.scenario(drawn))


def test_a_request_of_a_slider_that_moves_has_the_settings_that_the_page_sends_no_other_way(lab):
    heard: list[dict[str, float]] = []
    before = lab.widget.state
    moved = PageState().with_run(Setting({"effort": 0.3})).text
    with lab.observe(heard.append):
        asked(lab, state=moved, moving=False)
        assert (lab.widget.state, heard) == (before, [])
        asked(lab, state=moved, moving=True)
        asked(lab, state=moved, moving=True)
    assert lab.widget.state == moved
    assert heard == [{"effort": 0.3}]
    lab.widget.state = before


def test_a_fan_has_no_more_times_than_the_page_draws(lab):
    _, (times, quantiles) = asked(lab, times=12)
    assert len(times) == 11
    holds(lab, times, quantiles, ["fish[south]", "catch"], saveper=1.0)


def test_runs_that_fail_are_counted_and_left_out(lab):
    content, (times, quantiles) = asked(lab, varied=EFFORT, spread=1.0, wanted=["depth"])
    assert 0 < content["failed"] < 60
    with pytest.warns(sdcluster.ModelWarning, match="runs failed"):
        holds(lab, times, quantiles, ["depth"])


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"wanted": []}, "needs a variable"),
        ({"runs": 1001}, "from 1 to 1,000"),
        ({"varied": [["effort", 0, 1]]}, "this request for a fan is not valid"),
        ({"wanted": ["whales"]}, "whales"),
        ({"state": "?"}, "not the state of a laboratory"),
        ({"varied": [["effort", 0.95, 0.95, 1.0]], "wanted": ["depth"]}, "all runs"),
    ],
)  # fmt: skip
def test_what_cannot_be_made_is_answered_with_a_sentence(lab, given, words):
    content, buffers = asked(lab, **given)
    assert words in content["error"]
    assert buffers == []


def test_samples_need_a_fan(tmp_path, front_end):
    (tmp_path / "fish.mdl").write_text(FISH, encoding="utf-8")
    with pytest.raises(ModelError, match="switch on How sure"):
        _ = sdcluster.explore(tmp_path / "fish.mdl").samples
