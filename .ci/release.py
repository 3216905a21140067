"""Build a release, and test it in an empty environment for each supported Python on this machine.

    python .ci/release.py             # what `make release` runs
    python .ci/release.py notes       # the changelog's section of this version, for the tag

A release is a wheel and a source archive. The wheel is built from the source archive without node, as by a user who has
only the archive.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DIST = ROOT / "out" / "dist"
PYTHONS = ("3.11", "3.12", "3.13")  # as in the classifiers of pyproject.toml
HEADINGS = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")


def version() -> str:
    """Return the version from `sdcluster/__init__.py`, the only file that contains it."""
    text = (ROOT / "sdcluster" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)
    assert found is not None
    return found[1]


def sections(changelog: str) -> dict[str, tuple[str, str]]:
    """Return the date and the text of each version in a changelog, newest first; the date of Unreleased is empty."""
    parts = re.split(r"^## \[([^\]]+)\](?: - (\d{4}-\d\d-\d\d))?\n", changelog, flags=re.MULTILINE)
    return {
        name: (date or "", text.strip())
        for name, date, text in zip(parts[1::3], parts[2::3], parts[3::3], strict=True)
    }


def notes() -> str:
    """Return the changelog's section of this version.

    Raises
    ------
    SystemExit
        If the changelog has no dated section for this version, or if it still lists unreleased changes.
    """
    known = sections((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    date, text = known.get(version(), ("", ""))
    if not date:
        raise SystemExit(
            f"CHANGELOG.md has no section ## [{version()}] with a date: write it, or set __version__"
        )
    if known["Unreleased"][1]:
        raise SystemExit(
            f"CHANGELOG.md lists changes under [Unreleased]: move them to [{version()}] first"
        )
    return f"sdcluster {version()}, {date}\n\n{text}\n"


def run(*words: str | Path, where: Path = ROOT, env: Mapping[str, str] | None = None) -> None:
    """Run a command; if it fails, exit with its exit code."""
    code = subprocess.run([str(word) for word in words], cwd=where, env=env).returncode
    if code:
        raise SystemExit(code)


def without_node() -> dict[str, str]:
    """Return a copy of the environment variables whose PATH leaves out all folders with node."""
    folders = os.environ.get("PATH", "").split(os.pathsep)
    kept = [folder for folder in folders if folder and not shutil.which("node", path=folder)]
    return {**os.environ, "PATH": os.pathsep.join(kept)}


def build(room: Path) -> tuple[Path, Path]:
    """Write the source archive and the wheel to `DIST`, and return their paths."""
    shutil.rmtree(DIST, ignore_errors=True)
    hatch = (sys.executable, "-m", "hatchling", "build", "--directory", DIST)
    run(*hatch, "--target", "sdist")
    (archive,) = DIST.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        packed.extractall(room, filter="data")
    (unpacked,) = room.iterdir()
    run(*hatch, "--target", "wheel", where=unpacked, env=without_node())
    (wheel,) = DIST.glob("*.whl")
    run(sys.executable, "-m", "twine", "check", "--strict", archive, wheel)
    return archive, wheel


def interpreters() -> dict[str, Path]:
    """Return the paths of the supported Pythons on this machine, by version.

    It looks for the running Python, then on PATH, then in pyenv's folder.
    """
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found: dict[str, Path] = {}
    for name in PYTHONS:
        candidates = [Path(sys.base_prefix) / "bin" / f"python{name}"]
        candidates += [Path(path)] if (path := shutil.which(f"python{name}")) else []
        candidates += sorted(pyenv.glob(f"{name}.*/bin/python"), reverse=True)
        usable = next((path for path in candidates if can_make_environments(path)), None)
        if usable is not None:
            found[name] = usable
    return found


def can_make_environments(python: Path) -> bool:
    """Return whether a Python starts and has the modules that `python -m venv` needs."""
    try:
        done = subprocess.run([python, "-c", "import venv, ensurepip, ssl"], capture_output=True)
    except OSError:
        return False
    return done.returncode == 0


def try_out(python: Path, package: Path, room: Path) -> None:
    """Install a package into an empty environment and run `tests/installed.py` with it."""
    environment = room / "environment"
    run(python, "-m", "venv", environment)
    inside = environment / ("Scripts" if os.name == "nt" else "bin") / "python"
    around = without_node() if package.suffix == ".gz" else os.environ
    own = {k: v for k, v in around.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    own["SDCLUSTER_CACHE"] = str(room / "cache")
    pip = (inside, "-m", "pip", "--quiet", "--disable-pip-version-check")
    run(*pip, "install", package, where=room, env=own)
    run(*pip, "check", where=room, env=own)
    folder = room / "elsewhere"
    folder.mkdir()
    smoke = ROOT / "tests" / "installed.py"
    run(inside, "-P", smoke, version(), folder, where=folder, env=own)


def main() -> None:
    """Build the release, test it with every Python, and print what worked."""
    (ROOT / "out").mkdir(exist_ok=True)
    text = notes()
    with tempfile.TemporaryDirectory() as room:
        archive, wheel = build(Path(room))
    known = interpreters()
    tries = [(name, python, wheel) for name, python in known.items()]
    tries += [(name, python, archive) for name, python in list(known.items())[:1]]
    for name, python, package in tries:
        print(f"Python {name}, {package.name}", flush=True)
        with tempfile.TemporaryDirectory() as room:
            try_out(python, package, Path(room))
    (DIST / "notes.md").write_text(text, encoding="utf-8")
    missing = [name for name in PYTHONS if name not in known]
    print(f"{archive.name} and {wheel.name} in {DIST.relative_to(ROOT)} work on", ", ".join(known))
    if missing:
        print(f"Not tried, because this machine lacks it: Python {', '.join(missing)}")


if __name__ == "__main__":
    if sys.argv[1:] == ["notes"]:
        print(notes(), end="")
    else:
        main()
