"""The program as a whole: start, help, version, info, completion, laboratory, demonstration."""

import os
import re
import subprocess
import sys
import tempfile
from importlib.metadata import entry_points
from pathlib import Path

import pytest
import typer

import sdcluster
from sdcluster.__main__ import main
from sdcluster.cli import app, explore, failure, options

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = (
    "run", "compare", "sweep", "check", "accept", "info", "experiment", "fit", "lint", "convert", "lab", "demo",
)  # fmt: skip


def test_version(call):
    assert call("--version").stdout == f"sdcluster {sdcluster.__version__}\n"


def test_help_lists_all_commands(call):
    out = call("--help").stdout
    assert all(f"│ {name} " in out for name in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_each_command_has_examples_that_name_it(call, command):
    out = call(command, "--help").stdout
    assert "Examples:" in out
    assert f"sdcluster {command}" in out.partition("Examples:")[2]


def test_paragraphs_of_help_have_no_line_breaks_of_their_own():
    group = typer.main.get_command(app)
    texts = [command.help.partition("\b")[0].strip() for command in group.commands.values()]
    assert len(texts) > len(COMMANDS)
    assert [text for text in texts if not text or re.search(r"[^\n]\n[^\n]", text)] == []


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from sdcluster.cli import app; from typer.testing import CliRunner;"
        "CliRunner().invoke(app, ['--help']);"
        "print(sorted({'numpy', 'xarray', 'pysd', 'llvmlite', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_as_a_program_a_mistake_is_a_sentence_without_traceback(tank):
    done = subprocess.run(
        [sys.executable, "-m", "sdcluster", "run", str(tank), "--set", "tip=1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    *_, sentence = done.stderr.splitlines()  # above it a slow machine shows progress
    assert re.fullmatch(r".*\btip\b.*; did you mean .*\btap\b.*", sentence)
    assert "Traceback" not in done.stderr


def test_a_console_that_lacks_characters_gets_question_marks(tank):
    done = subprocess.run(
        [sys.executable, "-m", "sdcluster", "info", str(tank), "--language", "zh"],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "cp1252"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert b"??" in done.stdout


def test_the_script_is_this_program():
    found = [e for e in entry_points(group="console_scripts") if e.name == "sdcluster"]
    assert found, "install the package first: pip install -e ."
    assert found[0].load() is main


def test_info_lists_variables_units_ranges_levers_and_scenarios(tank, call):
    out = call("info", tank).stdout
    for part in ("water level", "litre/year", "0.1 … 1", "tap (lever)", "How far the tap is open."):
        assert part in out
    assert "0 to 10 year, step 0.125" in out
    assert "water level → draining" in out or "draining → water level" in out
    assert "No water comes in." in out


def test_info_lists_what_sets_the_time_of_a_run_apart(call, tmp_path):
    file = tmp_path / "m.mdl"
    clock = "INITIAL TIME = 2 ~ year ~| FINAL TIME = 6 ~ year ~| TIME STEP = 1 ~ year ~| SAVEPER = TIME STEP ~~|"
    file.write_text(f"{{UTF-8}}\nlevel = INTEG(1, 0) ~~|\n{clock}\n", encoding="utf-8")
    rows = [line for line in call("info", file).stdout.splitlines() if " TIME " in line]
    assert [row.split("│")[2].strip() for row in rows] == ["time setting"] * 3
    assert [row.split("│")[4].strip() for row in rows] == ["2", "6", "1"]


def test_info_shows_points_of_lookups_and_how_to_change_them(call, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    file = tmp_path / "m.mdl"
    file.write_text(
        "few((0,0),(1,2.5)) ~~|\nmany points((0,0),(1,1),(2,4),(3,9),(4,16)) ~~|\n"
        "inside = WITH LOOKUP(Time, ((0,7),(5,8))) ~~|\nx = few(1) + many points(2) ~~|\n"
        "INITIAL TIME = 0 ~~|\nFINAL TIME = 1 ~~|\nTIME STEP = 1 ~~|\n",
        encoding="utf-8",
    )
    out = call("info", file).stdout
    for part in ("(0,0) (1,2.5) ", "(0,0) (1,1) … 5 … (4,16) ", "(0,7) (5,8) "):
        assert part in out
    assert '--set-lookup "few=(0,0),(1,2)"' in out
    assert '--set-lookup "few=(0,0),(1,2)"' in call("info", file, "--language", "zh").stdout


def test_info_in_chinese(tank, call):
    out = call("info", tank, "--language", "zh").stdout
    for part in ("水位", "变量", "存量", "（杠杆）", "时间：0 至 10（年），步长 0.125", "平衡："):
        assert part in out
    assert "单位：每个方程都一致" in out


class Context:
    def __init__(self, model):
        self.params = {"model": model}


def test_completion_offers_scenarios_and_variables(tank):
    context = Context(tank)
    assert options._scenario_names(context, "Tap-") == ["tap_shut"]
    assert options._scenario_names(context, "b") == ["both"]
    assert options._settings(context, "ho") == ["hole="]
    assert options._variable_names(context, "water_") == ["water level"]
    assert options._variable_names(Context(tank / "none"), "w") == []
    assert options._methods("r") == ["rk2", "rk4", "RK23", "RK45", "Radau"]


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("run TANK --scenario tap", "tap_shut"),
        ("run TANK -v water", "water level"),
        ("sweep TANK --set ho", "hole="),
        ("compare TANK tap", "tap_shut"),
    ],
)
def test_completion_of_a_line_as_a_shell_sends_it(tank, call, line, offered):
    words = f"sdcluster {line.replace('TANK', str(tank))}"
    asked = {
        "_SDCLUSTER_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
    }
    command = [sys.executable, "-m", "sdcluster"]
    done = subprocess.run(
        command, env=os.environ | asked, capture_output=True, text=True, check=False
    )
    assert offered in done.stdout.splitlines()


def test_lab_names_the_remedy_where_it_is_not_installed(call, monkeypatch):
    monkeypatch.setattr(explore, "find_spec", lambda name: None)
    result = call("lab")
    assert result.exit_code == 2
    assert "sdcluster[lab]" in result.stderr


def test_lab_of_a_missing_notebook_says_how_the_lessons_are_opened(call, tmp_path):
    result = call("lab", tmp_path / "none.ipynb")
    assert result.exit_code == 2
    assert "sdcluster lab --notebook" in result.stderr


def test_lab_of_a_missing_model_names_the_nearest(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = call("lab", "clustre", "--no-browser")
    assert result.exit_code == 2
    assert 'did you mean "cluster"' in result.stderr


def test_publish_wants_a_model_or_a_folder_for_all(call, tmp_path):
    assert "--site" in call("publish").stderr
    (tmp_path / "there.html").touch()
    result = call("publish", "--site", tmp_path)
    assert result.exit_code == 2
    assert "--force" in result.stderr


@pytest.mark.parametrize(("page", "server"), [(True, "voila"), (False, "jupyterlab")])
@pytest.mark.parametrize("root", [True, False])
def test_lab_serves_the_chosen_notebook_here_only(call, monkeypatch, tmp_path, page, server, root):
    notebook = tmp_path / "notebooks" / "a.ipynb"
    notebook.parent.mkdir()
    notebook.touch()
    seen = []
    monkeypatch.setattr(explore.subprocess, "call", lambda line, env: seen.extend(line) or 0)
    monkeypatch.setattr(explore, "runs_as_root", lambda: root)
    kind = ["--page"] if page else []
    assert call("lab", notebook, *kind, "--port", 9999, "--no-browser").exit_code == 0
    assert seen[:4] == [sys.executable, "-m", server, str(notebook)]
    assert any("port=9999" in word for word in seen)
    assert any("ip=127.0.0.1" in word for word in seen)
    assert "--no-browser" in seen
    assert ("--allow-root" in seen) == (root and not page)


def test_demo_tells_each_scenario_and_draws_them(call, tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "200")
    result = call("demo", "--out", tmp_path)
    scenarios = sdcluster.scenarios("models/cluster")
    assert f"{len(scenarios)} scenarios" in result.stdout
    for one in scenarios.values():
        assert one.title["en"].split()[0] in result.stdout
    assert (tmp_path / "cluster.png").read_bytes().startswith(b"\x89PNG")


def test_demo_outside_the_repository_says_where_models_come_from(call, tmp_path, monkeypatch):
    from sdcluster import files

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(files, "PACKAGE", tmp_path / "a" / "sdcluster")
    result = call("demo")
    assert result.exit_code == 2
    assert "repository" in result.stderr


def test_demo_of_any_model_needs_no_lab_file(tank, call, tmp_path):
    result = call("demo", tank, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.stderr
    assert "scenarios" in result.stdout
    assert list((tmp_path / "out").glob("*.png"))


def test_a_pipe_and_a_link_to_nothing_are_told_and_not_waited_for(call, tmp_path):
    os.mkfifo(tmp_path / "pipe.mdl")
    assert "not a regular file but a pipe or device" in call("info", tmp_path / "pipe.mdl").stderr
    (tmp_path / "link.mdl").symlink_to(tmp_path / "gone.mdl")
    assert "does not lead to a file" in call("info", tmp_path / "link.mdl").stderr


def test_default_is_the_model_as_it_stands_where_the_file_names_other_scenarios(tank, call):
    scenarios = Path(tank) / "scenarios.toml"
    scenarios.write_text("[scenario.shut]\nsettings = { tap = 0 }\n", encoding="utf-8")
    assert "default" in call("compare", tank, "default", "shut").stdout


def test_brackets_in_help_are_shown(call):
    assert "capability[technical]" in "".join(call("sweep", "--help").stdout.split()).replace(
        "│", ""
    )


def test_an_exception_that_nobody_expected_is_a_sentence_and_a_file_to_report(
    tank, call, monkeypatch, tmp_path
):
    def broken(*_):
        raise KeyError("a bug of ours")

    monkeypatch.setattr(sdcluster, "load", broken)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    done = call("info", tank)
    assert done.exit_code == failure.BUG
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 1
    (report,) = tmp_path.glob("sdcluster-bug-*.txt")
    assert str(report) in done.stderr
    assert "KeyError: 'a bug of ours'" in report.read_text(encoding="utf-8")
