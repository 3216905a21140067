"""Names that 0.1.0 documented for modules still lead to the same objects, with a warning."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

import sdcluster

DOCUMENTED = [
    ("analyse", "study", "sweep"),
    ("analyse", "study", "parse_axis"),
    ("analyse", "study", "parse_measure"),
    ("analyse.experiments", "study.experiments", "load_experiments"),
    ("analyse.experiments", "study.experiments", "run_experiment"),
    ("analyse.experiments_threshold", "study.experiments_threshold", "find_threshold"),
    ("analyse.experiments_deciding", "study.experiments_deciding", "deciding_constants"),
    ("analyse.calibrate", "study.calibrate", "calibrate"),
    ("document", "publish", "write_page"),
    ("document.page", "publish.model_page", "write_page"),
    ("lab.page", "lab.voila_page", "serve"),
    ("study.found", "study.result_tables", "fit"),
    ("output.frames", "run.frames", "to_frame"),
    ("read.load_run", "run.load_run", "load_run"),
    ("regress", "checks", "accept"),
    ("regress", "checks", "write_html"),
    ("regress.plugin", "checks.plugin", "pytest_collect_file"),
    ("lab.diagram", "view.diagram", "diagram_svg"),
    ("scenario.scenario", "project.scenario", "Scenario"),
    ("solve", "run", "Event"),
    ("solve.repeated", "run.repeated", "Repeated"),
]


@pytest.mark.parametrize(("old", "new", "name"), DOCUMENTED)
@pytest.mark.filterwarnings("ignore:sdcluster:DeprecationWarning")
def test_an_old_name_gives_the_object_of_today(old, new, name):
    today = getattr(import_module(f"sdcluster.{new}"), name)
    assert getattr(import_module(f"sdcluster.{old}"), name) is today


def test_an_old_name_says_the_new_one_where_it_is_imported(tmp_path):
    script = tmp_path / "old.py"
    script.write_text("import sdcluster.solve.repeated\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "always", script], capture_output=True, text=True, check=True
    )
    assert (
        f"{script}:1: DeprecationWarning: sdcluster.solve.repeated is now sdcluster.run.repeated"
        in done.stderr
    )


@pytest.mark.filterwarnings("ignore:sdcluster:DeprecationWarning")
def test_a_name_that_never_was_is_not_found_under_the_name_asked_for():
    with pytest.raises(ModuleNotFoundError, match=r"'sdcluster\.regress\.nothing'"):
        import_module("sdcluster.regress.nothing")


@pytest.mark.parametrize("name", sdcluster.__all__)
def test_public_names_stay_callable_or_text_after_all_rooms_are_imported(name):
    import sdcluster.checks.checking
    import sdcluster.run.load_run
    import sdcluster.study

    found = getattr(sdcluster, name)
    assert callable(found) or isinstance(found, str)
