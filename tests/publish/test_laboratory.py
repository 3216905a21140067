"""Published laboratories: one file with everything in it, and nothing of a model that runs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import sdcluster
from sdcluster.errors import ModelError
from sdcluster.publish import front_end as bundled
from sdcluster.publish.laboratory_data import laboratory_data
from tests.publish.hostile import HOSTILE

ROOT = Path(__file__).resolve().parents[2]
CLUSTER = ROOT / "models" / "cluster"


@pytest.fixture(scope="module")
def cluster(front_end: None, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("published") / "cluster.html"
    assert sdcluster.publish(CLUSTER, path) == path
    return path.read_text(encoding="utf-8")


def test_the_page_is_one_small_file_that_forbids_all_requests(cluster):
    assert len(cluster.encode()) < 1_000_000
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', cluster)[1]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert not any("http" in rule or "*" in rule for rule in rules.values())
    assert not re.search(r'<(?:link|img|iframe)\b|\bsrc="', cluster.replace("sdcluster", ""))


def test_what_pages_and_notebooks_load_of_the_front_end_is_small(front_end):
    sizes = {name: sum(map(len, bundled.packed_bundle(name))) for name in ("laboratory", "lesson")}
    assert sizes["laboratory"] < 120_000
    assert sizes["lesson"] < 140_000
    assert len(bundled.widget_script()) < 120_000
    assert len(bundled.widget_script("lesson")) < 140_000
    assert len(bundled.widget_script("course")) < 30_000
    assert sum(len(part.encode()) for part in bundled.bundle()) < 222_000, "as the browser runs it"


def test_text_of_a_model_opens_no_tag(front_end, tmp_path):
    (tmp_path / "m.xmile").write_text(HOSTILE)
    text = sdcluster.publish(tmp_path / "m.xmile", tmp_path / "m.html").read_text()
    assert text.count("<script") == 5
    assert "<img" not in text
    data = json.loads(re.search(r'id="description">(.*?)</script>', text)[1])
    assert any("</script><img" in variable["name"] for variable in data["variables"])


def test_the_data_name_causes_uses_and_ranges():
    data = laboratory_data(CLUSTER).data
    variables = {v["name"]: v for v in data["variables"]}
    names = list(variables)
    gap = variables["gap"]
    assert {"leader knowledge", "follower knowledge"} <= {names[i] for i in gap["causes"]}
    assert names.index("gap") in variables["leader knowledge"]["uses"]
    openness = variables["openness"]
    assert (openness["minimum"], openness["maximum"], openness["lever"]) == (0, 1, True)
    assert openness["labels"]["zh"] != openness["name"]


def test_the_strength_of_a_constant_is_what_a_tenth_of_it_moves(tmp_path):
    (tmp_path / "m.mdl").write_text(
        "{UTF-8}\nlevel = INTEG(inflow, 0) ~~|\ninflow = strong + weak / 100 ~~|\nstrong = 1 ~~|\nweak = 1 ~~|\n"
        "idle = 3 ~~|\nINITIAL TIME = 0 ~~|\nFINAL TIME = 4 ~~|\nTIME STEP = 1 ~~|\nSAVEPER = 1 ~~|\n"
    )
    found = {
        v["name"]: v["strength"] for v in laboratory_data(tmp_path / "m.mdl").data["variables"]
    }
    assert found["strong"] == pytest.approx(0.1 / 1.01, rel=1e-2)
    assert found["weak"] == pytest.approx(0.001 / 1.01, rel=1e-2)
    assert found["idle"] == 0


def test_scenarios_carry_their_times_and_changes():
    data = laboratory_data(CLUSTER).data
    scenario = next(s for s in data["scenarios"] if s["name"] == "rescue_in_year_20")
    assert scenario["settings"] == {"openness": 0.05, "policy": 0.05}
    (change,) = scenario["plan"]["changes"]
    assert change["step"] * scenario["plan"]["times"]["dt"] == 20
    assert change["settings"] == {"openness": 0.5, "policy": 0.3}


def test_a_scenario_that_replaces_an_equation_is_named_with_the_reason(tmp_path):
    (tmp_path / "m.xmile").write_text(HOSTILE)
    (tmp_path / "scenarios.toml").write_text(
        "[scenario.driven]\nseries = { unity = [[0, 1], [4, 2]] }\n"
    )
    data = laboratory_data(tmp_path / "m.xmile").data
    assert [s["name"] for s in data["scenarios"]] == []
    assert data["refused"][0]["name"] == "driven"
    reason = data["refused"][0]["reason"]
    assert "series" in reason["en"]
    assert reason["zh"] != reason["en"]


def test_without_the_front_end_one_sentence_says_how_to_build_it(tmp_path, monkeypatch):
    monkeypatch.setattr(bundled, "FOLDER", "nowhere")
    bundled.bundle.cache_clear()
    with pytest.raises(ModelError, match="make frontend"):
        sdcluster.publish(CLUSTER, tmp_path / "m.html")
    bundled.bundle.cache_clear()


def test_another_ending_and_another_language_are_refused(tmp_path):
    with pytest.raises(ModelError, match=r"the ending \.html"):
        sdcluster.publish(CLUSTER, tmp_path / "m.pdf")
    with pytest.raises(ModelError, match="write one of en, zh"):
        sdcluster.publish(CLUSTER, tmp_path / "m.html", language="fr")


def test_the_command_keeps_a_file_that_is_there(front_end, tmp_path):
    from sdcluster.cli import app
    from tests.command import CliRunner

    (tmp_path / "m.xmile").write_text(HOSTILE)
    out = tmp_path / "m.html"
    out.write_text("mine")
    call = ["publish", str(tmp_path / "m.xmile"), "--out", str(out)]
    assert CliRunner().invoke(app, call).exit_code == 2
    assert out.read_text() == "mine"
    assert CliRunner().invoke(app, [*call, "--force"]).exit_code == 0
    assert "<!doctype html>" in out.read_text()


def test_the_lock_file_holds_no_addresses():
    assert "http" not in (ROOT / "frontend" / "package-lock.json").read_text()
