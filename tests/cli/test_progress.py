"""Progress of long work: a bar on a terminal, seldom a line in a log, nothing for short work."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from sdcluster import progress
from sdcluster.cli import progress_bar
from sdcluster.cli.terminal import Patience

CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Screen(io.StringIO):
    """A terminal that says when a text has been written to it."""

    def __init__(self, awaited: str) -> None:
        super().__init__()
        self.awaited, self.seen = awaited, threading.Event()

    def write(self, text: str) -> int:
        count = super().write(text)
        if self.awaited in CODES.sub("", self.getvalue()):
            self.seen.set()
        return count


def terminal(screen: Screen) -> Console:
    return Console(file=screen, force_terminal=True, width=120, color_system=None)


def test_a_bar_appears_with_share_and_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress_bar, "PATIENCE", 0.0)
    screen = Screen("25%")
    with progress_bar.shown(terminal(screen)):
        progress.report("running", 1, 400, "steps")
        progress.report("running", 100, 400, "steps")
        assert screen.seen.wait(30)
        assert "running" in screen.getvalue()


def test_the_bar_appears_though_the_work_says_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress_bar, "PATIENCE", 0.05)
    screen = Screen("compiling")
    with progress_bar.shown(terminal(screen)):
        progress.report("compiling")
        assert screen.seen.wait(30)


def test_the_commands_own_loop_stands_above_the_work_inside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(progress_bar, "PATIENCE", 0.0)
    monkeypatch.setattr(progress_bar, "BRIEF", 0.0)
    screen = Screen("writing")
    with progress_bar.shown(terminal(screen)):
        progress_bar.report("scenarios", 1, 3)
        progress.report("writing", 5, 10, "rows")
        assert screen.seen.wait(30)
    text = CODES.sub("", screen.getvalue())
    assert text.index("scenarios") < text.index("writing")


def test_nothing_is_left_of_the_bar_when_results_are_printed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(progress_bar, "PATIENCE", 0.0)
    screen = Screen("running")
    with progress_bar.shown(terminal(screen)):
        progress.report("running", 1, 4, "steps")
        assert screen.seen.wait(30)
        progress_bar.clear()
        length = len(screen.getvalue())
        progress_bar.clear()
        assert len(screen.getvalue()) == length
    assert screen.getvalue().endswith("\x1b[2K")  # the line is wiped


def test_a_log_has_a_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = iter(range(0, 1000, 3))
    monkeypatch.setattr(progress_bar, "now", lambda: float(next(clock)))
    with progress_bar.shown(Console(file=io.StringIO())):
        for done in range(20):
            progress.report("running", done, 20, "steps")
    lines = capsys.readouterr().err.splitlines()
    assert 1 <= len(lines) < 20
    assert re.fullmatch(r"running: \d+% of 20 steps, about \d+ s left", lines[-1])


def test_a_log_promises_no_end_before_a_hundredth_is_done(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = iter(range(0, 1000, 3))
    monkeypatch.setattr(progress_bar, "now", lambda: float(next(clock)))
    with progress_bar.shown(Console(file=io.StringIO())):
        for _ in range(9):
            progress.report("running", 1e-9, 2)
    last = capsys.readouterr().err.splitlines()[-1]
    assert re.fullmatch(r"running: 0% of 2, \d+ s so far", last)


def test_a_log_of_many_short_runs_says_how_far_the_loop_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = iter(range(10_000))
    monkeypatch.setattr(progress_bar, "now", lambda: next(clock) / 10)
    with progress_bar.shown(Console(file=io.StringIO())):
        for search in range(4):
            progress_bar.report("searching", search, 4)
            for _ in range(50):
                progress.report("running", 1, 8, "steps")
                progress.report("running", 8, 8, "steps")
    lines = capsys.readouterr().err.splitlines()
    assert lines
    assert all(line.startswith("searching: ") for line in lines)


@pytest.mark.parametrize("words", [("run",), ("compare",), ("info",), ("lint",)])
def test_short_work_shows_nothing(
    tank: Path, call: Callable[..., Any], words: tuple[str, ...]
) -> None:
    result = call(*words, tank)
    assert "%" not in result.stderr
    assert "running" not in result.stderr
    assert "reading" not in result.stderr


def test_every_stage_of_a_run_is_reported(tank: Path, tmp_path: Path) -> None:
    import sdcluster
    from sdcluster.run.save import ALONE, save_table

    heard: list[tuple[str, float, float, str]] = []
    with progress.listening(lambda *words: heard.append(words)):
        model = sdcluster.load(tank)
        run = sdcluster.simulate(model)
        sdcluster.simulate(model, method="RK45", rtol=1e-12, atol=1e-14)
        save_table({ALONE: run}, tmp_path / "run.csv")
    stages = list(dict.fromkeys(stage for stage, *_ in heard))
    assert stages == ["reading", "sorting the equations", "running", "writing"]
    assert ("running", 80, 80, "steps") in heard
    adaptive = [done for stage, done, total, unit in heard if unit == "year"]
    assert adaptive == sorted(adaptive)
    assert heard[-1] == ("writing", 81, 81, "rows")


def test_a_line_of_progress_is_in_the_chosen_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress_bar, "now", lambda: 3.0)
    work = progress_bar._Work("running", done=5, total=20, unit="steps", begun=0.0)
    early = progress_bar._Work("my scenario", done=1e-9, total=2, begun=0.0)
    assert work.sentence() == "running: 25% of 20 steps, about 9 s left"
    monkeypatch.setenv("SDCLUSTER_LANGUAGE", "zh")
    assert work.sentence() == "运行：20 步，完成 25%，约剩 9 秒"
    assert early.sentence() == "my scenario：2，完成 0%，已用 3 秒"


def test_a_note_is_printed_once_and_only_beside_long_work(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(100))
    monkeypatch.setattr(progress_bar, "now", lambda: float(next(clock)))
    log = Console(file=io.StringIO(), width=20)
    with progress_bar.shown(log):
        for sentence in ("With --out runs.zarr the runs are kept.", ""):
            with Patience(sentence) as patience:
                patience.report("runs", 0, 40)
                assert log.file.getvalue() == ""  # type: ignore[attr-defined]
                for done in range(20):
                    patience.report("runs", done, 40)
            said, log.file = log.file.getvalue(), io.StringIO()  # type: ignore[attr-defined]
            assert said == (f"{sentence}\n" if sentence else "")


def test_an_ensemble_that_is_not_kept_has_a_note(
    tank: Path, call: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("zarr")
    notes: list[str] = []
    monkeypatch.setattr(progress_bar, "note", notes.append)
    words = ["ensemble", tank, "--vary", "tap", "--runs", 4]
    call(*words)
    assert "With --out runs.zarr they are kept" in notes[0]
    notes.clear()
    call(*words, "--out", tmp_path / "runs.zarr")
    assert set(notes) == {""}
