"""What the commands refuse, by the key of its sentence: a table for what no other test reaches."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sdcluster.cli import classroom, stopping
from sdcluster.cli.terminal import Patience
from sdcluster.study import ensemble
from tests.triggered import made

EXPERIMENT = """
[[experiment]]
name = "shut"
title = { en = "Shut" }
source = "arithmetic"
question = { en = "?" }
cases = [{ name = "without" }, { name = "with", settings = { tap = 0 } }]
measure = { variable = "water level", what = "final" }
verdict = { kind = "ratio", of = "without", to = "with", max = 1.0 }
"""


@pytest.mark.parametrize(
    ("key", "words", "said"),
    [
        ("cannot_write_files_end_expected", "document TANK -o page.pdf", 'cannot write a file that ends in ".pdf"'),
        ("no_language_write", "document TANK -o page.html --language fr", 'no language "fr"; write one of all, en, zh'),
        ("does_not_say_how", "tipping TANK --vary tap=low", "write two bounds, as in tap=0:1"),
        ("does_not_say_how_varies", "ensemble TANK --vary tap=1:high", "write tap=1:3 or tap=triangular:1:2:4"),
        ("no_such_distribution", "ensemble TANK --vary tap=normal:1", "tap=normal:MEAN:SD"),
        ("no_such_distribution", "ensemble TANK --vary tap=gamma:1:2", "tap=triangular:LOW:LIKELY:HIGH"),
        ("no_such_distribution", "ensemble TANK --vary tap=1:inf", "tap=LOW:HIGH"),
        ("vary_names_twice", "tipping TANK --vary tap --vary tap=1:2", '--vary names "tap" twice'),
        ("vary_names_twice", "ensemble TANK --vary tap --vary tap=1:2", '--vary names "tap" twice'),
        ("every_turn_must_take", "play TANK --every 0", "--every is 0; it must be above 0"),
        ("hysteresis_equilibria_two_questions", "tipping TANK --hysteresis --equilibria", "use one at a time"),
        ("resume_continues_maps", "tipping TANK --hysteresis --resume m.nc", "continues a map; leave it out"),
        ("nothing_varies_name_one", "tipping TANK", "nothing varies; name one or two settings"),
        ("rest_points_one_setting", "tipping TANK --equilibria -o points.png", "name a .csv"),
        ("no_experiment", "experiment TANK opened", "experiments.toml: there is no experiment"),
        ("there_are", "experiment TANK opened", "; choose one of: shut"),
        ("quantiles_not_numbers_write", "ensemble TANK --vary tap --quantiles high", 'quantiles "high"'),
        ("resume_needs_zarr_go", "ensemble TANK --vary tap --resume", "name it with --out"),
        ("runs_written_one_zarr", "ensemble TANK --vary tap -o a.zarr -o b.zarr", "--out takes only one .zarr"),
        ("set_lookup_needs_number", "run TANK --set-lookup effect*(0,0),(1,1)", "needs a number after the *"),
        ("site_takes_all_models", "publish --site site -o page.html", "leave out the model and --out"),
        ("times_cannot_read_file", "run TANK --times latin.csv", "latin.csv: the times cannot be read"),
        ("times_states_do_not", "run TANK --times 1,2 --save-state s.json", "leave one out"),
    ],
)  # fmt: skip
def test_a_command(
    tank: Path,
    tmp_path: Path,
    call: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    key: str,
    words: str,
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tank / "experiments.toml").write_text(EXPERIMENT, encoding="utf-8")
    (tmp_path / "latin.csv").write_bytes("année\n1\n".encode("latin-1"))
    monkeypatch.setenv("COLUMNS", "500")
    with made() as found:
        result = call(*(tank if word == "TANK" else word for word in words.split()))
    assert result.exit_code in (1, 2)
    assert f"cli.{key}" in found
    assert said in result.stderr


def test_a_class_without_its_server(
    tank: Path, call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(classroom, "find_spec", lambda name: None)
    with made() as found:
        result = call("class", tank)
    assert "cli.server_class_not_installed" in found
    assert 'pip install "sdcluster[lab]"' in result.stderr


@pytest.mark.parametrize(
    ("key", "unfinished", "words"),
    [
        ("sdcluster_stopped_nothing_written", (), "; nothing was written"),
        ("sdcluster_stopped_runs_far", (Path("runs.zarr"),), "--resume continues with runs.zarr"),
    ],
)
def test_a_command_that_is_stopped(key: str, unfinished: tuple[Path, ...], words: str) -> None:
    with made() as found:
        sentence = stopping.sentence("ensemble", (), unfinished)
    assert found == {f"cli.{key}"}
    assert sentence.startswith("sdcluster ensemble was stopped; ")
    assert words in sentence


@pytest.mark.parametrize(
    ("key", "command", "done"),
    [
        ("sdcluster_tipping_stopped_shown", "tipping TANK --vary tap=0:8 --vary hole=0.1:1 --resolution 32", 150),
        ("sdcluster_sensitivity_stopped_constants", "sensitivity TANK --vary tap --vary hole --rows 8", 32),
    ],
)  # fmt: skip
def test_a_study_that_is_stopped_shows_what_is_done(
    tank: Path,
    call: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    key: str,
    command: str,
    done: int,
) -> None:
    def report(_: str, so_far: int, *__: object) -> None:
        if so_far >= done:
            raise KeyboardInterrupt

    monkeypatch.setattr(Patience, "report", staticmethod(report))
    with made() as found:
        result = call(*(tank if word == "TANK" else word for word in command.split()))
    assert result.exit_code == 130
    assert f"cli.{key}" in found
    assert f"sdcluster {command.split()[0]} was stopped" in result.stderr


def test_a_table_of_too_many_runs(
    tank: Path, tmp_path: Path, call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ensemble, "NUMBERS", 1)
    with made() as found:
        result = call("ensemble", tank, "--vary", "tap", "--runs", 4, "--out", tmp_path / "a.csv")
    assert "cli.table_row_each_run" in found
    assert "would have 4 rows, one for each run" in result.stderr
