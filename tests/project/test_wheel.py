"""The installed package brings the models, their scenarios and lessons, and finds them from any folder."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import sdcluster
from sdcluster import files
from sdcluster.checks.checking import model_paths
from sdcluster.project.library import first_model, lesson_names

ROOT = Path(__file__).resolve().parents[2]


def test_a_model_is_found_by_its_bare_name_from_any_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert sdcluster.load("cluster").path.is_relative_to(files.PACKAGE.parent)
    assert "closed" in sdcluster.scenarios("cluster")
    assert first_model().name == "cluster"
    (tmp_path / "cluster").mkdir()
    with pytest.raises(sdcluster.ModelError, match="holds no model file"):
        sdcluster.load("cluster")


def test_another_name_is_refused_as_ever(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(sdcluster.ModelError, match='did you mean "cluster"'):
        sdcluster.load("clusters")
    with pytest.raises(sdcluster.ModelError, match=r"there is no such file$"):
        sdcluster.load("xyz")


def test_the_front_page_and_a_lesson_for_each_model_are_found():
    models = {path.parent.name for path in (ROOT / "models").glob("*/*.xmile")}
    assert set(lesson_names()) == models | {"start_here"}
    assert lesson_names()[0] == "start_here"


def test_check_finds_a_model_by_its_bare_name_from_any_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert model_paths("cluster") == (files.models_folder() / "cluster",)
    with pytest.raises(sdcluster.ModelError, match="no such model"):
        model_paths("clusters")


def test_the_wheel_works_in_a_folder_of_its_own(tmp_path):
    pytest.importorskip("hatchling", reason="hatchling, which builds the wheel, is not installed")
    from hatchling.builders.wheel import WheelBuilder

    (wheel,) = WheelBuilder(str(ROOT)).build(
        directory=str(tmp_path / "dist"), versions=["standard"]
    )
    place = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    env = {**os.environ, "PYTHONPATH": str(place), "SDCLUSTER_CACHE": str(tmp_path / "cache")}
    smoke = [sys.executable, "-P", str(ROOT / "tests" / "installed.py"), sdcluster.__version__]
    done = subprocess.run([*smoke, str(elsewhere)], env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    course = [sys.executable, "-c", "import sdcluster; sdcluster.course()"]
    done = subprocess.run(course, cwd=elsewhere, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr  # with the front end's module for notebooks
