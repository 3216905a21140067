"""Ctrl-C: a sentence, exit code 130, no file by halves and no process left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sdcluster import files
from sdcluster.cli import stopping
from tests.waiting import SlowCompiler, ended

# A run that machine code would shorten waits for the compiler; this one never comes to an end.
WITH_A_SLOW_COMPILER = """
from sdcluster.kernel.targets.native import build
build.__name__ = "slow_compiler"
build.SMALL = 0  # lines; every kernel is compiled in a process of its own
from sdcluster.__main__ import main
main()
"""


@pytest.mark.skipif(
    not hasattr(os, "pidfd_open"), reason="the end of a strange process is awaited by a pidfd"
)
@pytest.mark.parametrize(
    ("words", "sent"),
    [
        (("run", "--stop", "1000000"), signal.SIGINT),
        (("run", "--stop", "1000000"), signal.SIGTERM),
        (("compare", "--set", "tap=3"), signal.SIGINT),
    ],
)
def test_an_interrupt_says_that_nothing_was_written(
    tank: Path, tmp_path: Path, words: tuple[str, ...], sent: signal.Signals
) -> None:
    pytest.importorskip("llvmlite")
    compiler = SlowCompiler(tmp_path)
    command, *options = words
    if command == "compare":
        text = (tank / "tank.xmile").read_text(encoding="utf-8")
        (tank / "tank.xmile").write_text(text.replace("<stop>10<", "<stop>1000000<"))
    with subprocess.Popen(
        [
            sys.executable,
            "-c",
            WITH_A_SLOW_COMPILER,
            command,
            str(tank),
            *options,
            "--out",
            "run.csv",
        ],
        env=compiler.environment,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        running = compiler.started()
        # The table is written while it is computed, into a file that must be gone afterwards.
        before = sorted(p.name for p in tmp_path.iterdir() if not p.name.startswith(".run.csv."))
        process.send_signal(sent)
        out, errors = process.communicate(timeout=60)
        assert ended(running)
    assert process.returncode == 130
    assert errors.splitlines()[-1] == f"sdcluster {command} was stopped; nothing was written"
    assert out == ""
    assert "Traceback" not in errors
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_what_was_written_before_an_interrupt_is_named(
    tank: Path, tmp_path: Path, call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from sdcluster.run import save

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(save, "save_netcdf", stop)
    table = tmp_path / "run.csv"
    result = call("run", tank, "--out", table, "--out", tmp_path / "run.nc")
    assert result.exit_code == 130
    assert f"sdcluster run was stopped; already written, and complete: {table}" in result.stderr
    assert table.read_text(encoding="utf-8").startswith("time,")


def test_only_some_of_many_files_are_named() -> None:
    sentence = stopping.sentence("accept", [Path(f"{i}.csv") for i in range(9)])
    assert sentence.endswith("0.csv, 1.csv, 2.csv, 3.csv, 4.csv and 4 more")


def test_a_writer_that_is_interrupted_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    path.write_text("old", encoding="utf-8")

    def write() -> None:
        with files.replacing(path) as temporary:
            temporary.write_text("half", encoding="utf-8")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write()
    assert [p.name for p in tmp_path.iterdir()] == ["run.csv"]
    assert path.read_text(encoding="utf-8") == "old"


def test_the_programs_own_files_are_not_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SDCLUSTER_CACHE", str(tmp_path))
    before = len(files.written)
    files.write_atomically(files.cache_folder("models") / "model.pickle", b"")
    assert len(files.written) == before
    files.write_atomically(tmp_path / "run.csv", "")
    assert files.written[before:] == [tmp_path / "run.csv"]
