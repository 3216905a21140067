"""What an installed sdcluster does outside its repository: a script for the Python in which it is installed.

    python -P tests/installed.py 0.2.0 FOLDER

It needs the standard library alone, works in the empty FOLDER, prints a line for each step, and ends with 1 at the
first one that fails. `tests/project/test_wheel.py` runs it on an unpacked wheel, `.ci/release.py` in environments
that hold nothing but sdcluster.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from importlib.metadata import version as installed_version
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]


class Failed(Exception):
    """A step did not do what it must."""


def must(fact: bool, otherwise: str) -> None:
    if not fact:
        raise Failed(otherwise)


def command(*arguments: str, folder: Path) -> str:
    """Run ``sdcluster`` with arguments; return its output."""
    done = subprocess.run(
        [sys.executable, "-m", "sdcluster", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment(),
    )
    must(
        done.returncode == 0,
        f"sdcluster {' '.join(arguments)}: exit code {done.returncode}\n{done.stdout}{done.stderr}",
    )
    return done.stdout


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}


def version(wanted: str, folder: Path) -> None:
    """The package, its metadata and its command agree on the version, and it is not the repository's copy."""
    import sdcluster

    home = Path(sdcluster.__file__).resolve().parent
    must(not home.is_relative_to(REPOSITORY), f"sdcluster is imported from the repository, {home}")
    said = command("--version", folder=folder).strip()
    found = (sdcluster.__version__, installed_version("sdcluster"), said)
    must(found == (wanted, wanted, f"sdcluster {wanted}"), f"the versions are {found}")


def library(folder: Path) -> None:
    """The models are found by name, and plain Python and machine code agree."""
    import sdcluster
    from sdcluster.project.library import lesson_names
    from sdcluster.serve.copies import originals

    model = sdcluster.load("cluster")
    must(model.path.is_relative_to(Path(sdcluster.__file__).parent), f"cluster is at {model.path}")
    must(len(sdcluster.scenarios("cluster")) > 10, "scenarios of cluster are missing")
    must(len(lesson_names()) == 8, f"the lessons are {lesson_names()}")
    must(len(originals()) >= 8, "notebooks are missing")
    slow, fast = (sdcluster.simulate(model, backend=name) for name in ("python", "native"))
    stock = "knowledge stock"
    apart = float(abs(slow[stock] / fast[stock] - 1).max())
    must(apart < 1e-9, f"plain Python and machine code differ by {apart:.1e} in {stock}")


def demo(folder: Path) -> None:
    command("demo", "wenzhou_firms", "--out", str(folder), folder=folder)
    must((folder / "wenzhou_firms.png").is_file(), "sdcluster demo drew no chart")


def publish(folder: Path) -> None:
    command("publish", "wenzhou_firms", "--out", "page.html", folder=folder)
    must(b"wenzhou" in (folder / "page.html").read_bytes(), "the page does not hold the model")


def check(folder: Path) -> None:
    """A model in the wheel passes its baselines and assertions."""
    said = command("check", "wenzhou_firms", folder=folder)
    must("passed" in said, f"sdcluster check said\n{said}")


def laboratory(folder: Path) -> None:
    """The laboratory answers with its front page, and Ctrl-C ends it."""
    # A shell that starts this script in the background lets it ignore Ctrl-C, and its children with it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(
        [sys.executable, "-m", "sdcluster", "lab", "--no-browser"],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        try:
            assert server.stdout is not None
            words = server.stdout.readline().split()
            must(bool(words), "sdcluster lab ended without an address")
            with urllib.request.urlopen(words[0], timeout=60) as page:
                must(page.status == 200, f"the front page answers {page.status}")
                must(b'href="lab/cluster/"' in page.read(), "the front page has no link to cluster")
            if os.name != "nt":
                server.send_signal(signal.SIGINT)
                must(server.wait(120) == 0, f"Ctrl-C ends sdcluster lab with {server.returncode}")
        finally:
            server.kill()


def main(wanted: str, folder: Path) -> None:
    """Go through all steps."""
    os.chdir(folder)
    steps = {
        "version": lambda: version(wanted, folder),
        "load, simulate": lambda: library(folder),
        "demo": lambda: demo(folder),
        "publish": lambda: publish(folder),
        "check": lambda: check(folder),
        "lab": lambda: laboratory(folder),
    }
    for name, step in steps.items():
        start = time.monotonic()
        try:
            step()
        except Failed as failure:
            raise SystemExit(f"{name}: {failure}") from None
        print(f"  {name}: works ({time.monotonic() - start:.1f} s)", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]).resolve())
