"""Published lessons: one file with everything in it, answers that were measured, runs that the page repeats."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import sdcluster
from sdcluster.errors import ModelError
from sdcluster.publish.lesson import publish_lesson
from sdcluster.publish.lesson_course import publish_course
from sdcluster.publish.lesson_data import find_lesson, lesson_data

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "models"


@pytest.fixture(scope="module")
def cluster():
    return lesson_data(find_lesson(MODELS / "cluster" / "lesson.toml")).data


@pytest.mark.parametrize("name", ["cluster", "value_chain"])
def test_a_lesson_is_one_small_file_that_forbids_all_requests(front_end, tmp_path, name):
    page = publish_lesson(name, tmp_path / "lesson.html").read_text(encoding="utf-8")
    assert len(page.encode()) < 1_000_000
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
    assert "default-src 'none'" in policy
    assert "connect-src" not in policy
    assert page.count("<script") == 6
    data = json.loads(re.search(r'id="lesson_data">(.*?)</script>', page)[1])
    runs = [*data["prediction"]["given"], *data["prediction"]["run"]]
    assert all("setup" in run for run in runs), "the page runs all curves itself"
    assert len(data["teacher"]["find"]) == len(data["observe"]), "a finding for each task"


def test_right_answers_are_those_of_runs(cluster):
    choice, sacrifice, rescue = cluster["exercises"]
    pressures = ["functional", "cognitive", "political", "opportunism"]
    run = sdcluster.simulate(MODELS / "cluster", "closed")
    means = [float(run[f"{kind} pressure"].mean()) for kind in pressures]
    assert choice["right"] == int(np.argmax(means))
    early = sdcluster.simulate(MODELS / "cluster", "early_breeding")["knowledge stock"]
    default = sdcluster.simulate(MODELS / "cluster")["knowledge stock"]
    share = 100 * float(early.sel(time=80)) / float(default.sel(time=80))
    assert sacrifice["right"] == pytest.approx(share)
    assert (sacrifice["within"], rescue["within"]) == (8, 2)


def test_a_lesson_is_found_by_its_file_its_folder_and_its_name():
    found = [find_lesson(source) for source in (MODELS / "cluster", "cluster")]
    assert found[0].table == found[1].table == find_lesson(MODELS / "cluster/lesson.toml").table
    assert all(lesson.model.samefile(MODELS / "cluster") for lesson in found)


def test_a_lesson_of_ones_own_lies_beside_its_model(tmp_path):
    text = (MODELS / "cluster" / "lesson.toml").read_text(encoding="utf-8")
    (tmp_path / "lesson.toml").write_text(text, encoding="utf-8")
    (tmp_path / "mine.xmile").write_bytes((MODELS / "cluster" / "cluster.xmile").read_bytes())
    assert find_lesson(tmp_path).model == tmp_path.resolve()


def test_what_is_wrong_with_a_lesson_is_a_sentence(tmp_path):
    with pytest.raises(ModelError, match="no such lesson file"):
        find_lesson(tmp_path)
    with pytest.raises(ModelError, match=r'no lesson "clusters".*"cluster"'):
        find_lesson("clusters")
    text = (MODELS / "cluster" / "lesson.toml").read_text(encoding="utf-8")
    (tmp_path / "lesson.toml").write_text(text, encoding="utf-8")
    (tmp_path / "mine.xmile").write_bytes((MODELS / "cluster" / "cluster.xmile").read_bytes())
    with pytest.raises(ModelError, match=r'lesson.toml:\d+: there is no scenario "closed"'):
        lesson_data(find_lesson(tmp_path))


def test_a_prediction_of_which_no_option_is_right_is_an_error():
    found = find_lesson("value_chain")
    option = [{**entry, "min": 2.0} for entry in found.table["prediction"]["option"]]
    table = {**found.table, "prediction": {**found.table["prediction"], "option": option}}
    with pytest.raises(ModelError, match="no option includes this number"):
        lesson_data(replace(found, table=table))


def test_a_course_is_a_folder_whose_links_are_relative(front_end, tmp_path):
    (tmp_path / "models" / "cluster").mkdir(parents=True)
    for name in ("cluster.xmile", "lesson.toml", "lab.toml", "scenarios.toml"):
        source = MODELS / "cluster" / name
        (tmp_path / "models" / "cluster" / name).write_bytes(source.read_bytes())
    course = tmp_path / "models" / "course.toml"
    course.write_bytes((MODELS / "course.toml").read_bytes())
    index, lesson = publish_course(course, tmp_path / "out", language="zh")
    assert (index.name, lesson.name) == ("index.html", "cluster-lesson.html")
    text = index.read_text(encoding="utf-8")
    assert '<html lang="zh">' in text
    data = json.loads(re.search(r'id="course_data">(.*?)</script>', text)[1])
    (card,) = data["lessons"]
    assert (card["file"], card["number"], card["minutes"]) == (lesson.name, 1, 45)
    with pytest.raises(ModelError, match="not a folder"):
        publish_course(course, index)
