"""Elements of arrays are named wherever scalars are: sweeps, measures, experiments, fits, tables, labels, loops."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import sdcluster
from sdcluster.cli import app
from sdcluster.errors import ModelError
from sdcluster.model.elements import constants, limits, one
from sdcluster.model.graph import causal_graph, element_graph
from sdcluster.study import parse_axis, parse_measure, parse_measures, sweep
from sdcluster.study.calibrate import PINNED, Target, calibrate
from sdcluster.study.experiments import judgements, load_experiments, run_experiment
from tests.command import CliRunner

# Two regions that grow by a matrix of help: g_r' = Σ_s help[s, r] x_s, started at 1 and 2.
MODEL = """<xmile xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0" xmlns:sdc="https://sdcluster.org/ns/1">
<header><name>m</name></header>
<sim_specs time_units="year" method="rk4"><start>0</start><stop>4</stop><dt>0.125</dt></sim_specs>
<dimensions>
<dim name="giver"><elem name="north"><sdc:label xml:lang="zh">北</sdc:label></elem><elem name="south"/></dim>
<dim name="region"><elem name="up"/><elem name="down"/></dim>
</dimensions><model><variables>
<stock name="size"><dimensions><dim name="region"/></dimensions><eqn>first[region]</eqn><inflow>growth</inflow>
<units>person</units><sdc:label xml:lang="zh">规模</sdc:label>
<sdc:label xml:lang="en" subscript="up">highland</sdc:label></stock>
<aux name="first"><dimensions><dim name="region"/></dimensions>
<element subscript="up"><eqn>1</eqn></element><element subscript="down"><eqn>2</eqn></element></aux>
<flow name="growth"><dimensions><dim name="region"/></dimensions>
<eqn>help[north, region] * size[up] + help[south, region] * size[down]</eqn></flow>
<aux name="help"><dimensions><dim name="giver"/><dim name="region"/></dimensions>
<element subscript="north,up"><eqn>0.5</eqn></element>
<element subscript="north,down"><eqn>0</eqn><sdc:doc xml:lang="en">none, by definition</sdc:doc></element>
<element subscript="south,up"><eqn>0</eqn><sdc:doc xml:lang="en">none, by definition</sdc:doc></element>
<element subscript="south,down"><eqn>0.25</eqn></element>
<doc>judgement; no source</doc><range min="0" max="1"/></aux>
</variables></model></xmile>"""
EXPERIMENT = """
[[experiment]]
name = "help_helps"
title = { en = "Help helps", zh = "帮助有用" }
source = "arithmetic"
question = { en = "More?", zh = "更多？" }
cases = [{ name = "without", settings = { "help[north,up]" = 0 } }, { name = "with" }]
measure = { variable = "size[up]", what = "growth", from = 1, to = 3 }
verdict = { kind = "difference", of = "without", to = "with", min = 1 }
vary = "judgements"

[[experiment]]
name = "up_on_down"
title = { en = "Twice as fast", zh = "快一倍" }
source = "arithmetic"
question = { en = "Twice?", zh = "一倍？" }
cases = [{ name = "as it is" }]
measure = { variable = "size[up]", what = "elasticity", on = "size[down]", from = 0, to = 4 }
verdict = { kind = "between", of = "as it is", min = 1.999, max = 2.001 }
"""


@pytest.fixture
def model(tmp_path: Path):
    (tmp_path / "m.xmile").write_text(MODEL, encoding="utf-8")
    (tmp_path / "experiments.toml").write_text(EXPERIMENT, encoding="utf-8")
    return sdcluster.load(tmp_path / "m.xmile")


def test_a_sweep_sets_one_element_and_measures_another(model) -> None:
    table = sweep(
        model,
        [parse_axis("help[south, down]=0:0.5:3", model)],
        [parse_measure("final size[down]", model), parse_measure("size[up]", model)],
    )
    np.testing.assert_allclose(
        table["final size[down]"], 2 * np.exp(4 * np.array([0, 0.25, 0.5])), rtol=1e-5
    )
    np.testing.assert_allclose(table["final size[up]"], np.exp(2), rtol=1e-5)
    assert table["final size[up]"].attrs["units"] == "person"
    both = sweep(model, [parse_axis("help=0,1", model)], parse_measures("peak size", model))
    assert list(both.data_vars) == ["peak size[up]", "peak size[down]"]
    assert table["help[south,down]"].values.tolist() == [0, 0.25, 0.5]


def test_experiments_measure_elements_and_vary_them(model) -> None:
    helps, twice = load_experiments(model)
    outcome = run_experiment(model, helps, runs=20)
    assert outcome.holds
    assert outcome.values["with"] == pytest.approx(100 * (np.exp(1) - 1), rel=1e-4)
    assert outcome.values["without"] == pytest.approx(0, abs=1e-12)
    assert outcome.varied == ("help[north,up]", "help[south,down]")
    assert outcome.share == 1
    assert run_experiment(model, twice).number == pytest.approx(2, rel=1e-5)


def test_what_a_definition_fixes_does_not_vary(model) -> None:
    assert judgements(model) == ("help[north,up]", "help[south,down]")
    assert {e.name: v for e, v in constants(model)}["help[south,down]"] == 0.25
    assert limits(model, "help[north,up]") == (0, 1)


def test_a_fit_finds_one_element(model) -> None:
    targets = [Target(t, "size[up]", float(np.exp(0.7 * t)), 0.05) for t in (1.0, 2.0, 3.0)]
    result = calibrate(
        model, targets, ["help[north,up]", "help[south,down]"], starts=4, points=7, backend="python"
    )
    first, second = result.profiles
    assert (first.name, first.verdict) == ("help[north,up]", PINNED)
    assert first.best == pytest.approx(0.7, rel=1e-4)
    assert second.verdict != PINNED


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("size", 'is an array; name one of its elements, for instance "size\\[up\\]"'),
        ("size[upp]", 'no element "upp"; did you mean "up"'),
        ("size[up,down]", "has 1 dimension"),
        ("sise[up]", 'did you mean "size"'),
    ],
)
def test_mistakes_are_sentences(model, words: str, sentence: str) -> None:
    with pytest.raises(ModelError, match=sentence):
        one(model, words)
    text = EXPERIMENT.replace('variable = "size[up]", what = "growth"', f'variable = "{words}"', 1)
    (model.folder / "experiments.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=r"experiments\.toml:8: "):
        load_experiments(model)


def test_labels_of_elements(model) -> None:
    assert model.label("size[up]") == "highland"
    assert model.label("size[up]", "zh") == "规模[up]"
    assert model.label("help[north,down]", "zh") == "help[北,down]"
    assert model.doc_of("help[north,down]") == "none, by definition"
    assert model.doc_of("help[north,up]") == "judgement; no source"
    again = sdcluster.load(model.to_xmile(model.folder / "again.xmile"))
    for name in ("size[up]", "help[north,down]"):
        assert again.label(name, "zh") == model.label(name, "zh")
        assert again.doc_of(name) == model.doc_of(name)


def test_loops_run_through_elements(model) -> None:
    graph = element_graph(model)
    assert graph.edges["size[up]", "growth[up]"]["polarity"] == "+"
    assert ("size[up]", "growth[down]") in graph.edges
    assert ("help[north,up]", "growth[down]") not in graph.edges
    assert causal_graph(model).edges["size", "growth"]["polarity"] == "+"


@pytest.mark.parametrize(
    "words",
    [
        ["run", "-v", "size[up]", "--set", "help[north,up]=0.1"],
        ["compare", "-v", "size[up]"],
        ["sweep", "--vary", "help[north,up]=0,1", "--measure", "final size[up]"],
    ],
)
def test_commands_take_elements(model, words: list[str]) -> None:
    result = CliRunner().invoke(app, [words[0], str(model.path), *words[1:]])
    assert result.exit_code == 0, result.output
    assert "size[down]" not in result.output
    assert ("highland" if words[0] != "sweep" else "help[north,up]") in result.output
