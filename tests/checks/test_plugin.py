"""The pytest plugin: a model's behaviour and baselines as tests, with texts that people can read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sdcluster.checks import accept

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"]


def run(folder: Path, *more: str) -> tuple[int, str]:
    (folder / "pytest.ini").write_text("[pytest]\n")
    done = subprocess.run(
        [*COMMAND, "-q", "-rA", *more, str(folder)],
        cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_a_model_is_four_passing_tests(pond) -> None:
    accept(pond.folder, because="first baseline")
    code, said = run(pond.folder)
    assert code == 0, said
    assert "4 passed" in said
    assert "behaviour.toml::baseline[small-pond]" in said
    assert "behaviour.toml::final[The pond fills]" in said


def test_failures_are_sentences_without_tracebacks(pond) -> None:
    accept(pond.folder, because="first baseline")
    pond.set_constant("growth rate", 0.1)
    code, said = run(pond.folder)
    assert code == 1
    assert "expected about 100 ± 1 %" in said
    assert "source: Verhulst 1838" in said
    assert "changed since the baseline was accepted: growth rate 0.3 → 0.1" in said
    assert "Traceback" not in said
    assert "plugin.py" not in said


def test_no_baseline_and_mistakes_are_said(pond) -> None:
    code, said = run(pond.folder)
    assert code == 1
    assert "has no baseline yet" in said
    pond.edit("behaviour.toml", 'kind = "final"', 'kind = "finale"')
    code, said = run(pond.folder)
    assert code != 0
    assert 'unknown kind "finale"; did you mean "final"' in said
    assert "Traceback" not in said


def test_behaviour_files_of_others_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "behaviour.toml").write_text("not = 'ours'\n[[")
    code, said = run(tmp_path)
    assert code == 5, said


def test_the_plugin_costs_nothing_where_there_are_no_models() -> None:
    code = (
        "import sys, pytest; before = set(sys.modules); import sdcluster.checks.plugin; "
        "new = set(sys.modules) - before; "
        "print(sorted(m for m in new if not m.startswith('sdcluster')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not {"numpy", "xarray", "scipy", "pysd", "lxml"} & set(eval(done.stdout))


@pytest.mark.parametrize("name", ["load_behaviour", "check", "accept", "Report", "write_html"])
def test_public_names_are_there(name: str) -> None:
    import sdcluster.checks as regress

    assert callable(getattr(regress, name))
