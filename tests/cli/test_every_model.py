"""Every command on every model, ours and those of the public suite: a result or one sentence, never a traceback."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path

import pytest

import sdcluster
from benchmarks.suite import ABSENT, ENDINGS, SUITE
from sdcluster.cli import app, failure
from sdcluster.errors import ModelError
from tests.command import CliRunner

ROOT = Path(__file__).resolve().parents[2]
OURS = sorted(p.parent for p in (ROOT / "models").glob("*/*.xmile"))
THEIRS = sorted(p for p in SUITE.rglob("*") if p.suffix.lower() in ENDINGS)
# The errors of a model, a setting or a request (2), what differs or is doubtful (1), or a result (0).
EXPECTED = (0, 1, 2)


def lines(model: Path, out: Path) -> list[list[str]]:
    """Return a line for each command, as a user would write it for a model that was just downloaded."""
    name = str(model)
    found = [
        ["run", name, "--out", f"{out}/o.csv", "--out", f"{out}/o.nc", "--out", f"{out}/o.svg"],
        ["run", name],
        ["compare", name],
        ["info", name],
        ["lint", name],
        ["convert", name, f"{out}/o.xmile"],
        ["document", name, "--out", f"{out}/o.html", "--language", "en"],
        ["check", name],
        ["experiment", name],
        ["fit", name],
    ]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            loaded = sdcluster.load(model)
    except ModelError:
        return found
    constants = [v for v in loaded.constants if not v.dimensions]
    if constants and loaded.stocks:
        # A stock inside a macro has no results: that must be a sentence too.
        vary, measure = f"{constants[0].name}=1,2", f"final {loaded.stocks[0].name}"
        found.append(["sweep", name, "--vary", vary, "--measure", measure])
    return found


def assert_no_traceback(model: Path, out: Path) -> None:
    for line in lines(model, out):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            done = CliRunner().invoke(app, line)
        told = f"sdcluster {' '.join(line)}: {done.output}"
        assert done.exception is None or isinstance(done.exception, SystemExit), told
        assert done.exit_code != failure.BUG, told
        assert done.exit_code in EXPECTED, told
        assert "Traceback" not in done.output, told
        if done.exit_code == 2:
            assert done.stderr.strip(), told


@pytest.mark.skipif(not THEIRS, reason=ABSENT)
@pytest.mark.parametrize("file", THEIRS, ids=lambda p: f"{p.parent.name}-{p.name}")
def test_public_models(file: Path, tmp_path: Path) -> None:
    assert_no_traceback(file, tmp_path)


@pytest.mark.parametrize("folder", OURS, ids=lambda p: p.name)
def test_our_models(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / folder.name
    shutil.copytree(folder, copy)
    for heavy in ("calibration.toml",):  # `tests/study` fits; a fit of all data takes minutes
        (copy / heavy).unlink(missing_ok=True)
    assert_no_traceback(copy, tmp_path)
