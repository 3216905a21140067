"""What Python and the browser tell each other, and what the page is made of."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import standin
from traitlets import TraitError

from sdcluster.errors import ModelError
from sdcluster.lab import Laboratory
from sdcluster.lab.charts import Chart, Line
from sdcluster.lab.widget import SCRIPTS, script, style
from sdcluster.lab.wording import INTERFACE, LANGUAGES
from sdcluster.project.lab_file import LabFile
from sdcluster.view.wording import MODES

ROOT = Path(standin.__file__).parents[2]
STATIC = ROOT / "sdcluster" / "lab" / "static"
SCENARIOS = """
[scenario.default]
title = { en = "Default policy", zh = "基准政策" }
[scenario.closed]
title = { en = "Closed", zh = "封闭" }
stop = 100
settings = { openness = 0.05, policy = 0.05 }
[scenario.early]
title = { en = "Early", zh = "提前" }
settings = { breeding_share = 0.7 }
[scenario.no_breeding]
title = { en = "No breeding", zh = "不培育" }
settings = { breeding_rate = 0 }
[scenario.rescue_in_year_30]
title = { en = "Rescue in year 30", zh = "第30年救援" }
stop = 120
settings = { openness = 0.05, policy = 0.05 }
changes = [ { time = 30, settings = { openness = 0.5, policy = 0.3 } } ]
[set.classroom]
scenarios = ["default", "closed", "rescue_in_year_30"]
""" + "".join(
    f"[set.{name}]\nscenarios = ['default']\n"
    for name in ("paths", "declines", "rescues", "hysteresis")
)


@pytest.fixture
def lesson(tmp_path):
    (tmp_path / "scenarios.toml").write_text(SCENARIOS, encoding="utf-8")
    made = standin.lesson(tmp_path)
    made.sent = []
    made.send = lambda content, buffers=None: made.sent.append((content, buffers))
    return made


def ask(lesson, **state):
    lesson._receive(lesson, {"kind": "run", "id": "q", "state": state}, [])
    return lesson.sent[-1]


def curves(content, buffers):
    values = np.frombuffer(buffers[0], "<f4").reshape(len(content["names"]), -1)
    return dict(zip(content["names"], values, strict=True))


def test_first_picture_comes_with_the_widget(lesson):
    first = lesson._first
    time = np.frombuffer(first["time"], "<f4")
    values = np.frombuffer(first["values"], "<f4")
    assert values.size == time.size * len(first["names"])
    assert time[-1] == 120
    assert first["story"]["en"][0]["kind"] == "cycle"
    assert first["backend"] == "python"


def test_answer_carries_the_question_and_the_curves_as_bytes(lesson):
    content, buffers = ask(lesson, settings={"openness": 0.05, "policy": 0.05}, stop=100)
    assert content["id"] == "q"
    got = curves(content, buffers)
    expected = standin.StandIn().run({"openness": 0.05, "policy": 0.05})
    row = standin.NAMES.index("knowledge stock")
    np.testing.assert_allclose(got["knowledge stock"], expected[row], rtol=1e-6)
    assert content["story"]["zh"][0]["kind"] == "decline"


def test_year_of_rescue_is_closed_before_and_the_sliders_after(lesson):
    content, buffers = ask(lesson, settings={"openness": 0.5, "policy": 0.3}, switch=30, stop=120)
    knowledge = curves(content, buffers)["knowledge stock"]
    assert knowledge[-1] == pytest.approx(17.74, abs=0.01)
    assert content["story"]["en"][0]["kind"] == "recovery"
    scenario = lesson.scenario
    assert scenario.settings["openness"] == 0.05
    assert scenario.changes[0].time == 30
    assert scenario.changes[0].settings["openness"] == 0.5


def test_constants_of_a_scenario_without_slider_stay_in_force(lesson):
    content, _ = ask(lesson, scenario="no_breeding", settings={"openness": 0.6}, stop=80)
    assert content["story"]["en"][0]["kind"] == "plateau"
    assert lesson.scenario.settings["breeding rate"] == 0


@pytest.mark.parametrize(
    ("state", "part"),
    [
        ({"settings": {"opennes": 0.5}}, 'no slider for "opennes"'),
        ({"settings": {"openness": "wide"}}, "which is no number"),
        ({"settings": {"openness": float("nan")}}, "which is no number"),
        ({"scenario": "paradise"}, 'no scenario "paradise"'),
        ({"settings": {"openness": 1.0}}, "the stand-in refuses"),
    ],
)
def test_errors_come_as_a_sentence_in_both_languages(lesson, state, part):
    before = lesson.request
    content, buffers = ask(lesson, **state)
    assert content["kind"] == "error"
    assert content["id"] == "q"
    assert buffers is None
    assert part in content["sentences"]["en"]
    assert content["sentences"]["zh"].startswith("模型无法运行")
    assert lesson.request is before


def test_an_error_that_is_not_ours_is_introduced(lesson):
    lesson._runs.simulator = None
    content, _ = ask(lesson, settings={})
    assert content["sentences"]["en"].startswith("Python could not run this: AttributeError")


def test_settings_are_kept_inside_the_range_of_their_slider(lesson):
    ask(lesson, settings={"policy": 7.0})
    assert lesson.request.settings["policy"] == 1.0


def test_classroom_scenarios_come_first_and_move_their_sliders(lesson):
    scenarios = lesson._spec["scenarios"]
    assert [s["name"] for s in scenarios if s["first"]] == [
        "default",
        "closed",
        "rescue_in_year_30",
    ]
    assert [s["first"] for s in scenarios] == [True] * 3 + [False] * 2
    moved = scenarios[2]["values"]
    assert moved == {
        "openness": 0.5,
        "policy": 0.3,
        "time of switch": 30,
        "years shown": 120,
    }
    assert scenarios[3]["values"]["breeding share"] == 0.7


def test_any_model_gets_sliders_for_its_levers_and_charts_of_its_stocks():
    laboratory = Laboratory(standin.model(), simulator=standin.StandIn(80))
    assert [s["name"] for s in laboratory._spec["sliders"]][:4] == list(standin.DEFAULT)[:4]
    shown = [line["name"] for chart in laboratory._spec["charts"] for line in chart["series"]]
    assert set(shown) <= set(standin.NAMES[: len(standin.START)])
    assert "leader knowledge" in shown


def test_unknown_names_are_refused_with_the_nearest_one():
    chart = Chart({"en": "?"}, (Line("lock inn", "blue", "solid"),))
    with pytest.raises(ModelError, match="lock in"):
        Laboratory(standin.model(), charts=[chart], simulator=standin.StandIn())
    with pytest.raises(ModelError, match="a slider needs a constant"):
        Laboratory(standin.model(), sliders=["gap"], simulator=standin.StandIn())
    with pytest.raises(TraitError):
        standin.lesson(language="la")


def test_script_is_one_module_with_nothing_left_to_fetch():
    text = script()
    assert not re.search(r"^import ", text, re.MULTILINE)
    assert re.findall(r"^export .*", text, re.MULTILINE) == ["export default {"]
    assert "http" not in text
    assert "url(" not in style()
    assert "http" not in style()


def test_script_files_do_not_use_one_name_twice_and_stay_short():
    names = []
    for name in SCRIPTS:
        text = (STATIC / name).read_text(encoding="utf-8")
        assert text.count("\n") < 400
        pattern = r"^(?:export )?(?:class|function|const|let) (\w+)"
        names += re.findall(pattern, text, re.MULTILINE)
    assert sorted(names) == sorted(set(names))


def test_scripts_put_no_text_of_a_model_into_the_page_as_markup():
    assert "innerHTML" not in script()
    assert "insertAdjacentHTML" not in script()


def test_every_word_of_the_interface_is_there_in_both_languages():
    assert INTERFACE["en"].keys() == INTERFACE["zh"].keys()
    assert set(re.findall(r"\bwords\.(\w+)", script())) == INTERFACE["en"].keys()
    for words in MODES.values():
        assert words.keys() == INTERFACE.keys()


def test_every_model_has_a_laboratory_with_its_own_units_and_years():
    for path in sorted((ROOT / "models").glob("*/*.xmile")):
        made = Laboratory(path.parent)
        assert made._first["story"]["zh"][0]["text"]
        assert made._spec["charts"]
        for chart in made._spec["charts"]:
            assert set(LANGUAGES) <= set(chart["title"]), chart["title"]
            assert set(LANGUAGES) <= set(chart["unit"]), chart["unit"]
            for line in chart["series"]:
                assert re.search("[一-鿿]", line["label"]["zh"]), line
        for slider in made._spec["sliders"]:
            assert slider["min"] <= slider["default"] <= slider["max"]
            if slider["role"] == "stop":
                assert (slider["default"] - slider["min"]) % slider["step"] == 0
                assert slider["default"] == made.model.time.stop


def test_the_elements_of_an_array_are_curves():
    made = Laboratory(ROOT / "models" / "paradigm_learning", lab=LabFile())
    names = [line["name"] for line in made._spec["charts"][0]["series"]]
    assert names == ["knowledge[casting]", "knowledge[forging]", "knowledge[emerging]"]
    assert set(names) <= set(made._first["names"])


def test_a_model_without_levers_gets_sliders_and_its_own_unit_of_time(tmp_path):
    path = tmp_path / "m.mdl"
    path.write_text(
        "{UTF-8}\ntank = INTEG(-tank / delay, 10) ~ box ~|\ndelay = 5 ~ day ~|\n"
        "FINAL TIME = 60 ~ day ~|\nINITIAL TIME = 0 ~ day ~|\nTIME STEP = 1 ~ day ~|\nSAVEPER = 1 ~ day ~|\n",
        encoding="utf-8",
    )
    made = Laboratory(path)
    assert [s["name"] for s in made._spec["sliders"]] == ["delay", "years shown"]
    assert made._spec["sliders"][1]["unit"]["en"].startswith("day")
    assert made._words["en"]["year_axis"].startswith("day")
    assert Laboratory(ROOT / "models" / "cluster")._words["en"]["year_axis"] == "year"
