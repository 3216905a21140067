"""Other equations for a model, in the notation of its file."""

from __future__ import annotations

from pathlib import Path

import pytest

import sdcluster
from sdcluster.read.edit import changed_file, edited, right_sides

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


def rights(file: Path, data: bytes) -> dict[str, str]:
    """Return the right sides by their left sides."""
    found = right_sides(file, data)
    return {side.left: side.right for sides in found.values() for side in sides}


def test_right_sides_are_as_written_each_by_its_left_side(tmp_path):
    vensim = rights(tmp_path / "m.mdl", VENSIM.encode())
    assert vensim['"rate = share"[north]'] == "2"
    assert vensim['"rate = share"[south]'] == "1"
    assert vensim["inflow[region]"] == '"rate = share"[region] * level[region] / 10'
    assert vensim["d level[region] / dt"] == "inflow[region]"
    assert vensim["level[region] (0)"] == "100"
    assert vensim["effect(·)"] == "(0,0),(10,1)"
    assert "region" not in vensim
    xmile = rights(tmp_path / "m.xmile", XMILE.encode())
    assert (xmile["rate[north]"], xmile["rate[south]"]) == ("2", "1")
    assert xmile["less"] == "IF level < 150 THEN 1 ELSE 0"
    assert (xmile["d level / dt"], xmile["level (0)"]) == ("inflow", "100")


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
    own = rights(file, data)
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
def test_all_variables_of_our_models_can_be_changed(name):
    model = sdcluster.load(ROOT / "models" / name)
    found = right_sides(model.path, model.path.read_bytes())
    wanted = {k for k, v in model.variables.items() if v.kind != "data" and not v.hidden}
    assert wanted - set(found) == set()


def test_net_flow_and_initial_value_of_a_stock_are_changed(file):
    data = file.read_bytes()
    left = "level" if file.suffix == ".xmile" else "level[region]"
    name = "level" if file.suffix == ".xmile" else "level[north]"
    begun = edited(file, data, {f"{left} (0)": "200"})
    assert sdcluster.simulate(begun)[name.split("[")[0]].values.flat[0] == 200
    still = edited(file, data, {f"d {left} / dt": "0"})
    assert sdcluster.Simulator(still).run()[-1].size
    values = sdcluster.simulate(still)["level"].values
    assert (values == 100).all()


def test_flows_of_an_xmile_stock_change_their_direction_and_keep_what_else_is_written(tmp_path):
    file, data = tmp_path / "m.xmile", XMILE.encode()
    changed = changed_file(file, data, {"d level / dt": "inflow - less"}).decode()
    assert "<inflow>inflow</inflow><outflow>less</outflow></stock>" in changed
    with pytest.raises(sdcluster.ModelError, match="sum of flows"):
        edited(file, data, {"d level / dt": "2 * inflow"})
    with pytest.raises(sdcluster.ModelError, match='did you mean "inflow"'):
        edited(file, data, {"d level / dt": "inflows"})


GRAPH = """<aux name="f"><eqn>level</eqn><gf><yscale min="0" max="9"/><xscale min="0" max="200"/>
<ypts>0,1,4</ypts></gf></aux>"""


def test_points_are_changed_in_either_language(tmp_path):
    vensim = VENSIM.replace("total =", "looked = effect(5) ~ ~ |\ntotal =").encode()
    model = edited(tmp_path / "m.mdl", vensim, {"effect(·)": "[(0,0)-(10,9)], (0,0), (10,8)"})
    assert final(model, "looked") == 4
    file, data = (
        tmp_path / "m.xmile",
        XMILE.replace("</variables>", GRAPH + "</variables>").encode(),
    )
    assert rights(file, data)["f(·)"] == "(0, 0), (100, 1), (200, 4)"
    even = changed_file(file, data, {"f(·)": "(0, 0), (100, 2), (200, 4)"})
    assert even == data.replace(b"0,1,4", b"0,2,4")
    assert final(sdcluster.read.parsed(file, even), "f") == pytest.approx(4)
    uneven = edited(file, data, {"f(·)": "(0, 7), (10000, 8)", "level (0)": "0"})
    assert final(uneven, "f") == 7
    with pytest.raises(sdcluster.ModelError, match="write pairs"):
        edited(file, data, {"f(·)": "0, 1"})


def test_one_element_of_an_array_gets_an_equation_of_its_own(tmp_path):
    vensim = tmp_path / "m.mdl"
    changes = {"inflow[north]": "0", "inflow[region]": "5"}
    ds = sdcluster.simulate(edited(vensim, VENSIM.encode(), changes))
    assert ds["level"].sel(region="north").values[-1] == 100
    assert ds["level"].sel(region="south").values[-1] == 120
    both = edited(vensim, VENSIM.encode(), {"inflow[north]": "1", "inflow[south]": "2"})
    assert sdcluster.simulate(both)["level"].values[-1].tolist() == [104, 108]
    xmile = XMILE.replace(
        '<aux name="less">', '<aux name="less"><dimensions><dim name="region"/></dimensions>'
    ).encode()
    ds = sdcluster.simulate(edited(tmp_path / "m.xmile", xmile, {"less[south]": "9"}))
    assert ds["less"].values[-1].tolist() == [0, 9]
    with pytest.raises(sdcluster.ModelError, match="nowhere"):
        edited(vensim, VENSIM.encode(), {"inflow[nowhere]": "1"})


MODULES = """<?xml version="1.0"?>
<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
<header><name>m</name></header><sim_specs><start>0</start><stop>4</stop><dt>1</dt></sim_specs>
<model><variables><aux name="given"><eqn>3</eqn></aux>
<module name="a" model="pool"><connect to="a.in" from="given"/></module>
<module name="b" model="pool"/></variables></model>
<model name="pool"><variables><aux name="in" access="input"><eqn>1</eqn></aux>
<aux name="twice"><eqn>in * 2</eqn></aux></variables></model></xmile>
"""


def test_variables_of_modules_are_changed_in_the_model_that_they_share(tmp_path):
    file, data = tmp_path / "m.xmile", MODULES.encode()
    found = right_sides(file, data)
    assert found["a.twice"] == found["b.twice"]
    assert "a.in" not in found  # it is connected
    model = edited(file, data, {"pool.twice": "in * 5"})
    assert (final(model, "a.twice"), final(model, "b.twice")) == (15, 5)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "cp1252"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_everything_else_keeps_its_bytes(tmp_path, encoding, line_end):
    word = "水位" if encoding != "cp1252" else "überlauf"
    vensim = VENSIM.replace("{UTF-8}\n", "{GB18030}\n" if encoding == "gb18030" else "")
    vensim = vensim.replace("total", f"{word} {{kept}}").replace("~ ~ |", "~ ~ kept |")
    data = vensim.replace("\n", line_end).encode(encoding)
    changed = changed_file(
        tmp_path / "m.mdl", data, {"inflow[region]": "1", "effect(·)": "(0,0),(1,1)"}
    )
    old = '"rate = share"[region] * level[region] \\\n    / 10'.replace("\n", line_end)
    expected = (
        vensim.replace("\n", line_end).replace(old, "1").replace("(0,0),(10,1)", "(0,0),(1,1)")
    )
    assert changed == expected.encode(encoding)
    declared = "" if encoding.startswith("utf") else f' encoding="{encoding}"'
    xmile = XMILE.replace('"1.0"?>', f'"1.0"{declared}?><!-- {word} -->').replace(
        'less"', f'{word}"'
    )
    data = xmile.replace("\n", line_end).encode(encoding)
    changed = changed_file(tmp_path / "m.xmile", data, {word: "level < 1 { & }"})
    old = "IF level &lt; 150 THEN 1 ELSE 0"
    expected = xmile.replace("\n", line_end).replace(old, "level &lt; 1 { &amp; }")
    assert changed == expected.encode(encoding)


def test_a_character_that_the_encoding_lacks_is_named(tmp_path):
    data = VENSIM.replace("{UTF-8}\n", "").replace("total", "überlauf").encode("cp1252")
    with pytest.raises(sdcluster.ModelError, match='CP1252, which lacks "水"'):
        changed_file(tmp_path / "m.mdl", data, {"inflow[region]": "水"})
