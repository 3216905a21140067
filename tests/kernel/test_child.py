"""No compiler outlives the run that started it, and none leaves anything behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sdcluster.kernel import child
from tests.waiting import SlowCompiler, ended

pytestmark = pytest.mark.skipif(
    not hasattr(os, "pidfd_open"), reason="the end of a strange process is awaited by a pidfd"
)

IN_BACKGROUND = """
import sys, threading
from sdcluster.kernel import child
def compile():
    try:
        child.run("slow_compiler", [], b"text")
    except BaseException as error:
        print(type(error).__name__)
threading.Thread(target=compile, daemon=True).start()
sys.stdin.readline()
"""
WITH_A_FORK = IN_BACKGROUND.replace(
    "sys.stdin.readline()",
    """
import os, signal
sys.stdin.readline()
if os.fork() == 0:
    print("forked", flush=True)
    signal.pause()
signal.pause()
""",
)


@pytest.fixture
def compiler(tmp_path: Path) -> SlowCompiler:
    return SlowCompiler(tmp_path)


def parent(compiler: SlowCompiler, program: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program],
        env=compiler.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_run_that_ends_first_takes_its_compiler_along(compiler: SlowCompiler) -> None:
    with parent(compiler, IN_BACKGROUND) as process:
        running = compiler.started()
        _, errors = process.communicate("go on\n", timeout=60)
        assert (process.returncode, errors) == (0, "")
        assert ended(running)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_stopped_takes_its_compiler_along(
    compiler: SlowCompiler, how: signal.Signals
) -> None:
    with parent(compiler, IN_BACKGROUND) as process:
        running = compiler.started()
        process.send_signal(how)
        assert process.wait(60) != 0
        assert ended(running)


def test_a_fork_of_the_run_does_not_keep_its_compiler_alive(compiler: SlowCompiler) -> None:
    with parent(compiler, WITH_A_FORK) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        running = compiler.started()
        process.stdin.write("go on\n")
        process.stdin.flush()
        assert process.stdout.readline() == "forked\n"
        fork = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        process.kill()
        process.wait(60)
        assert ended(running)
        for number in fork:
            if number.isdigit() and Path(f"/proc/{number}").exists():
                os.kill(int(number), signal.SIGKILL)


def test_what_a_child_writes_and_says_comes_back(tmp_path: Path) -> None:
    (tmp_path / "echo_module.py").write_text(
        "import sys\nfrom sdcluster.kernel import child\n"
        "text = child.given().decode()\nsys.stdout.write(text[::-1] * 2)\n"
        "print('first\\nlast', file=sys.stderr)\nraise SystemExit(int(sys.argv[1]))\n",
        encoding="utf-8",
    )
    text = "größer " * 50_000  # more than a pipe holds
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(
            "PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
        )
        answer = child.run("echo_module", ["7"], text.encode())
    assert (answer.code, answer.said) == (7, "last")
    assert answer.data.decode() == text[::-1] * 2


def test_a_child_that_dies_before_it_reads_is_reported(tmp_path: Path) -> None:
    (tmp_path / "dead_module.py").write_text("raise SystemExit('no')\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(tmp_path))
        answer = child.run("dead_module", [], b"text " * 1_000_000)
    assert (answer.code, answer.data, answer.said) == (1, b"", "no")
