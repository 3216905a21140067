"""The installed package brings the models, their scenarios and lessons, and finds them from any folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

import pytest

import sdcluster
from sdcluster import files
from sdcluster.project.library import first_model, lesson_names

ROOT = Path(__file__).resolve().parents[2]
USE = """
import sdcluster
from sdcluster.project.library import lesson_names
model = sdcluster.load("cluster")
print(model.path)
print(*lesson_names())
print(len(sdcluster.scenarios("cluster")))
from sdcluster.serve.copies import originals
print(len(originals()))
sdcluster.course()  # with a module of the front end for notebooks
"""


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


def answered(folder: Path, env: dict[str, str]) -> None:
    """Start `sdcluster lab` in a folder, and look at its front page."""
    command = [sys.executable, "-m", "sdcluster", "lab", "--no-browser"]
    with subprocess.Popen(
        command, cwd=folder, env=env | {"PYTHONUNBUFFERED": "1"}, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        address = server.stdout.readline().split()[0]
        with urllib.request.urlopen(address, timeout=60) as page:
            assert b'href="lab/cluster/"' in page.read()
        server.send_signal(signal.SIGINT)
        assert server.wait(30) == 0


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
    done = subprocess.run(
        [sys.executable, "-c", USE], cwd=elsewhere, env=env, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    path, lessons, scenarios, notebooks = done.stdout.splitlines()
    assert Path(path).is_relative_to(place / "sdcluster" / "models")
    assert len(lessons.split()) == 8
    assert int(scenarios) > 10
    assert int(notebooks) >= 8
    answered(elsewhere, env)
    code = [sys.executable, "-m", "sdcluster", "demo", "wenzhou_firms", "--out", str(elsewhere)]
    done = subprocess.run(code, cwd=elsewhere, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (elsewhere / "wenzhou_firms.png").is_file()
