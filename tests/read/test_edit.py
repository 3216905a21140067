"""Other equations for a model, in the notation of its file."""

from __future__ import annotations

from pathlib import Path

import pytest

import sdcluster
from sdcluster.read.edit import edited, right_sides

ROOT = Path(__file__).resolve().parents[2]
VENSIM = """{UTF-8}
region: north, south ~ ~ |
"rate = share"[north] = 2 {per year; not = 3} ~ ~ |
"rate = share"[south] = 1 ~ ~ a | sign |
inflow[region] = "rate = share"[region] * level[region] \\
    / 10 ~ ~ |
level[region] = INTEG(inflow[region], 100) ~ ~ |
total = SUM(level[region!]) ~ ~ |
effect((0,0),(10,1)) ~ ~ |
FINAL TIME = 4 ~ ~ |
INITIAL TIME = 0 ~ ~ |
TIME STEP = 1 ~ ~ |
SAVEPER = 1 ~ ~ |
""".replace("a | sign |", "a sign |")
XMILE = """<?xml version="1.0"?>
<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0" xmlns:isee="x">
<header><name>m</name></header>
<sim_specs><start>0</start><stop>4</stop><dt>1</dt></sim_specs>
<dimensions><dim name="region"><elem name="north"/><elem name="south"/></dim></dimensions>
<model><variables>
<stock name="level"><eqn>100</eqn><inflow>inflow</inflow></stock>
<flow name="inflow"><eqn>rate[north] * level / 10 { per year }</eqn></flow>
<aux name="rate"><dimensions><dim name="region"/></dimensions>
<element subscript="north"><eqn>2</eqn></element><element subscript="south"><eqn>1</eqn></element></aux>
<aux name="less"><eqn>IF level &lt; 150 THEN 1 ELSE 0</eqn></aux>
</variables></model></xmile>
"""


@pytest.fixture(params=["m.mdl", "m.xmile"])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / request.param
    path.write_text(VENSIM if path.suffix == ".mdl" else XMILE, encoding="utf-8")
    return path


def final(model: sdcluster.Model, name: str) -> float:
    return float(sdcluster.simulate(model)[name].values[-1])


def test_right_sides_are_as_written_each_by_its_left_side(tmp_path):
    vensim = right_sides(tmp_path / "m.mdl", VENSIM.encode())
    assert vensim["rate = share"] == {'"rate = share"[north]': "2", '"rate = share"[south]': "1"}
    assert vensim["inflow"] == {"inflow[region]": '"rate = share"[region] * level[region] / 10'}
    assert "effect" not in vensim
    assert "region" not in vensim
    xmile = right_sides(tmp_path / "m.xmile", XMILE.encode())
    assert xmile["rate"] == {"rate[north]": "2", "rate[south]": "1"}
    assert xmile["less"] == {"less": "IF level < 150 THEN 1 ELSE 0"}


def test_a_constant_and_an_array_of_a_vensim_model_are_changed(tmp_path):
    file, data = tmp_path / "m.mdl", VENSIM.encode()
    changes = {'"rate = share"[north]': "0", "total": "SUM(level[region!]) * 2 {twice}"}
    model = edited(file, data, changes)
    assert final(model, "total") == pytest.approx(2 * (100 + 100 * 1.1**4))


def test_an_element_and_a_condition_of_an_xmile_model_are_changed(tmp_path):
    file, data = tmp_path / "m.xmile", XMILE.encode()
    model = edited(
        file, data, {"rate[north]": "0", "less": "IF level > 99 AND level < 101 THEN 7 ELSE 0"}
    )
    assert final(model, "level") == 100
    assert final(model, "less") == 7


def test_the_same_equations_make_the_same_model(file):
    data = file.read_bytes()
    own = {
        left: right for found in right_sides(file, data).values() for left, right in found.items()
    }
    model, before = edited(file, data, own), sdcluster.load(file)
    assert [(k, v.equations) for k, v in model.variables.items()] == [
        (k, v.equations) for k, v in before.variables.items()
    ]


@pytest.mark.parametrize(
    ("right", "said"),
    [
        ("rte", "rte"),
        ("level *", "cannot be understood"),
        ("", "empty"),
        ("__import__('os').system('x')", ""),
        ("1 ~ ~ | other = 2", "~ and |"),
        ("1 }", ""),
        ("{", ""),
        ('"', ""),
        ("</eqn><eqn>2", ""),
    ],
)
def test_a_wrong_equation_is_refused_with_a_sentence(file, right, said):
    left = "inflow" if file.suffix == ".xmile" else "inflow[region]"
    if said == "~ and |" and file.suffix == ".xmile":
        said = "cannot be understood"
    with pytest.raises(sdcluster.ModelError, match=r".") as error:
        sdcluster.Simulator(edited(file, file.read_bytes(), {left: right}))
    assert said in error.value.sentence


def test_an_unknown_left_side_names_the_nearest(file):
    left = "inflows" if file.suffix == ".xmile" else "inflows[region]"
    with pytest.raises(sdcluster.ModelError, match='did you mean "'):
        edited(file, file.read_bytes(), {left: "1"})


@pytest.mark.parametrize("name", ["cluster", "value_chain", "wenzhou_firms"])
def test_all_auxiliaries_of_our_models_can_be_changed(name):
    model = sdcluster.load(ROOT / "models" / name)
    found = right_sides(model.path, model.path.read_bytes())
    wanted = {
        k for k, v in model.variables.items() if v.kind in ("auxiliary", "flow") and not v.hidden
    }
    assert wanted - set(found) == set()
