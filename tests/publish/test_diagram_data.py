"""The diagram as data: every variable of the views, nothing over each other, ends at borders, signs of links."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

import sdcluster
from sdcluster.publish.diagram_data import diagram_data
from sdcluster.publish.laboratory_data import places_of
from sdcluster.view.layout import automatic_view

ROOT = Path(__file__).resolve().parents[2]
MODELS = sorted(path.parent.name for path in (ROOT / "models").glob("*/*.xmile"))
PUBLIC = Path(os.environ.get("SDX_TEST_MODELS", ROOT.parent / "shared" / "test-models"))


def data_of(path: Path) -> tuple[Any, dict[str, int], dict[str, Any]]:
    model = sdcluster.load(path)
    places = places_of(model)
    return model, places, diagram_data(model, places)


def public(name: str) -> Path:
    if not PUBLIC.is_dir():
        pytest.skip(f"the public test models are not there: {PUBLIC}")
    return PUBLIC / name


def boxes(scene: dict[str, Any]) -> list[tuple[int, float, float, float, float]]:
    """Return symbol, left, top, right and bottom of all symbols."""
    return [
        (i, x - w, y - h, x + w, y + h) for i, (_, _, x, y, w, h, *_) in enumerate(scene["nodes"])
    ]


def assert_sound(scene: dict[str, Any]) -> None:
    left, top, width, height = scene["box"]
    drawn = boxes(scene)
    for _, x0, y0, x1, y1 in drawn:
        assert left <= x0 < x1 <= left + width
        assert top <= y0 < y1 <= top + height
    for i, x0, y0, x1, y1 in drawn:
        for j, a0, b0, a1, b1 in drawn[i + 1 :]:
            apart = x1 - 2 <= a0 or a1 - 2 <= x0 or y1 - 2 <= b0 or b1 - 2 <= y0
            assert apart, (scene["nodes"][i], scene["nodes"][j])
    for source, target, *curve in scene["arrows"]:
        for place, (x, y) in ((source, curve[:2]), (target, curve[4:])):
            _, x0, y0, x1, y1 = drawn[place]
            assert not (x0 + 1 < x < x1 - 1 and y0 + 1 < y < y1 - 1) or round_shape(scene, place)


def round_shape(scene: dict[str, Any], place: int) -> bool:
    return scene["nodes"][place][1] not in ("stock", "module", "alias", "word")


@pytest.mark.parametrize("name", MODELS)
def test_each_of_our_models_is_drawn_whole_in_both_languages(name):
    _model, places, data = data_of(ROOT / "models" / name)
    view = data["views"][0]
    assert set(view["scenes"]) == {"en", "zh"}
    shown = {place for place, *_ in view["scenes"]["en"]["nodes"]}
    assert shown >= set(places.values())
    for scene in view["scenes"].values():
        assert_sound(scene)
    assert len(json.dumps(data)) < 200_000


def test_names_are_those_of_the_language():
    _, places, data = data_of(ROOT / "models" / "cluster")
    scenes = data["views"][0]["scenes"]
    lines = {language: {n[0]: n[-1] for n in scene["nodes"]} for language, scene in scenes.items()}
    place = places["technology ceiling"]
    assert lines["en"][place] == ["technology", "ceiling"]
    assert lines["zh"][place] == ["技术上限"]


def test_links_have_the_signs_of_the_equations():
    _, places, data = data_of(ROOT / "models" / "cluster")
    links = {(cause, effect): sign for cause, effect, sign in data["links"]}
    assert links[places["leader knowledge"], places["gap"]] == "+"
    assert links[places["follower knowledge"], places["gap"]] == "-"


def test_all_views_of_a_vensim_file_are_there_with_their_names():
    model, _, data = data_of(public("tests/vector_select/test_vector_select.mdl"))
    files = [view for view in data["views"] if view["kind"] == "file"]
    assert len(files) == 4
    assert [view["title"] for view in files] == [view.title for view in model.views]


def test_a_flow_of_a_vensim_file_ends_at_the_borders_of_its_stocks():
    _, places, data = data_of(public("samples/SIR/SIR.mdl"))
    scene = data["views"][0]["scenes"]["en"]
    node = {place: i for i, (place, *_) in enumerate(scene["nodes"])}
    pipes = {flow: (points, clouds) for flow, points, clouds in scene["pipes"]}
    points, clouds = pipes[node[places["succumbing"]]]
    drawn = boxes(scene)
    assert clouds == []
    assert points[0] == drawn[node[places["susceptible"]]][3]
    assert points[-2] == drawn[node[places["infectious"]]][1]


def test_hidden_symbols_of_a_vensim_file_stay_hidden_and_arrows_begin_at_the_ghost_they_name():
    _model, _places, data = data_of(public("tests/vector_select/test_vector_select.mdl"))
    scene = data["views"][1]["scenes"]["en"]
    ghosts = [i for i, n in enumerate(scene["nodes"]) if n[1] == "alias"]
    used = {source for source, *_ in scene["arrows"]}
    assert set(ghosts) <= used


GHOST = """<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
<header><vendor>v</vendor><product version="1">p</product></header>
<sim_specs><start>0</start><stop>2</stop><dt>1</dt></sim_specs>
<model><variables><aux name="cause"><eqn>1</eqn></aux><aux name="effect"><eqn>2 * cause</eqn></aux></variables>
<views><view>
  <aux name="cause" x="100" y="100"/><aux name="effect" x="200" y="100"/>
  <alias uid="7" x="600" y="100"><of>cause</of></alias>
  <connector><from><alias uid="7"/></from><to>effect</to></connector>
</view></views></model></xmile>
"""


def test_an_arrow_of_an_xmile_file_begins_at_the_alias_it_names(tmp_path):
    (tmp_path / "m.xmile").write_text(GHOST)
    _, _, data = data_of(tmp_path / "m.xmile")
    scene = data["views"][0]["scenes"]["en"]
    ((source, target, *_),) = scene["arrows"]
    assert [scene["nodes"][i][1] for i in (source, target)] == ["alias", "auxiliary"]


def test_modules_of_an_xmile_file_are_drawn():
    _, _, data = data_of(public("samples/bpowers-hares_and_lynxes_modules/model.stmx"))
    shapes = [n[1] for n in data["views"][0]["scenes"]["en"]["nodes"]]
    assert shapes.count("module") == 2


LAYOUT = """{UTF-8}
young = INTEG(births - growing up, start of young) ~~|
old = INTEG(growing up + coming - deaths - leaving, 5) ~~|
births = young * fertility ~~|
growing up = young / time to grow ~~|
deaths = old / life ~~|
coming = pull ~~|
leaving = old * 0.1 ~~|
pull = MAX(0, 10 - old) ~~|
fertility = 0.1 ~~|
time to grow = 5 ~~|
life = 40 ~~|
start of young = 10 ~~|
alone = 3 ~~|
INITIAL TIME = 0 ~~|
FINAL TIME = 4 ~~|
TIME STEP = 1 ~~|
SAVEPER = 1 ~~|
"""


@pytest.fixture(scope="module")
def laid_out(tmp_path_factory):
    path = tmp_path_factory.mktemp("layout") / "m.mdl"
    path.write_text(LAYOUT)
    return data_of(path)


def test_a_model_without_a_view_gets_a_layout_with_straight_pipes(laid_out):
    _, places, data = laid_out
    assert [view["kind"] for view in data["views"]] == ["automatic", "causal"]
    scene = data["views"][0]["scenes"]["en"]
    assert_sound(scene)
    shown = {place for place, *_ in scene["nodes"]}
    assert shown == {
        p for name, p in places.items() if "time" not in name or name == "time to grow"
    } - {places["saveper"]}
    node = {place: n for place, *n in scene["nodes"]}
    young, old, growing = (node[places[name]] for name in ("young", "old", "growing up"))
    assert young[2] == old[2] == growing[2]
    assert young[1] < growing[1] < old[1]
    assert len(scene["pipes"]) == 5
    assert sum(bool(clouds) for _, _, clouds in scene["pipes"]) == 4


def test_the_causal_view_holds_what_feedback_loops_join(laid_out):
    _, places, data = laid_out
    scene = data["views"][1]["scenes"]["en"]
    names = {place: name for name, place in places.items()}
    assert {names[place] for place, *_ in scene["nodes"]} == {
        *("young", "births", "growing up", "old", "deaths", "coming", "leaving", "pull")
    }
    assert_sound(scene)


def test_a_layout_is_the_same_each_time_and_lays_nothing_over_each_other():
    model = sdcluster.load(ROOT / "models" / "wenzhou_firms")
    assert automatic_view(model) == automatic_view(model)
    _, _, data = data_of(ROOT / "models" / "wenzhou_firms")
    kinds = [view["kind"] for view in data["views"]]
    assert kinds == ["file", "automatic", "causal"]
    for view in data["views"]:
        for scene in view["scenes"].values():
            assert_sound(scene)


def test_a_model_without_feedback_has_no_causal_view(tmp_path):
    (tmp_path / "m.mdl").write_text(
        "{UTF-8}\nlevel = INTEG(inflow, 0) ~~|\ninflow = 1 ~~|\nINITIAL TIME = 0 ~~|\nFINAL TIME = 4 ~~|\n"
        "TIME STEP = 1 ~~|\nSAVEPER = 1 ~~|\n"
    )
    _, _, data = data_of(tmp_path / "m.mdl")
    assert [view["kind"] for view in data["views"]] == ["automatic"]
