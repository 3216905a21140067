"""The Python of tutorials and of the page for users of other programs runs, and what it says is so."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"


def blocks(page: str, language: str) -> list[str]:
    """Return the blocks of a page in a language."""
    return re.findall(rf"```{language}\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL)


def run(page: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Run a page's Python beside its model; return what the names then mean."""
    (folder / "teacup.mdl").write_text(blocks(page, "text")[0], encoding="utf-8")
    monkeypatch.chdir(folder)
    names: dict[str, Any] = {}
    for block in blocks(page, "python"):
        exec(compile(block, page, "exec"), names)
    return names


def test_the_tutorial_for_analysts_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = run("tutorials/analyst.md", tmp_path, monkeypatch)
    assert names["runs"].sizes["quantile"] == 5


def test_both_programs_give_the_same_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pysd", reason="PySD is not installed")
    pytest.importorskip("ema_workbench", reason="the EMA workbench is not installed")
    names = run("how-to/coming-from.md", tmp_path, monkeypatch)
    name = "teacup temperature"
    assert names["ours"][name].values[-1] == pytest.approx(65.86, abs=0.005)
    np.testing.assert_allclose(names["ours"][name], names["theirs"][name], rtol=1e-12)
    there = names["outcomes"]["teacup_temperature"]
    np.testing.assert_allclose(names["again"][name], there, rtol=1e-12)
    assert names["runs"].sizes["run"] == len(there) == 20


def test_the_tutorial_for_modellers_finds_what_was_changed(tmp_path: Path) -> None:
    import sdcluster
    from sdcluster.cli import app
    from tests.command import CliRunner

    folder = tmp_path / "teacup"
    folder.mkdir()
    text = blocks("tutorials/modeller.md", "text")[0]
    (folder / "teacup.mdl").write_text(text, encoding="utf-8")
    said = blocks("tutorials/modeller.md", "toml")[0]
    (folder / "behaviour.toml").write_text(said, encoding="utf-8")
    accept = ["accept", str(folder), "--because", "first baseline"]
    assert CliRunner().invoke(app, accept).exit_code == 0
    assert CliRunner().invoke(app, ["check", str(folder)]).exit_code == 0
    moved = text.replace("room temperature = 70", "room temperature = 75")
    (folder / "teacup.mdl").write_text(moved, encoding="utf-8")
    result = CliRunner().invoke(app, ["check", str(folder)])
    assert result.exit_code == 1
    assert "room temperature 70 → 75" in " ".join(result.output.split())
    ran = sdcluster.simulate(folder)["teacup temperature"]
    assert float(ran[-1]) == pytest.approx(80.13, abs=0.005)


@pytest.mark.parametrize("page", ["README.md", "README.zh.md"])
def test_the_small_table_of_speed_is_what_was_measured(
    page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = DOCS.parent
    monkeypatch.syspath_prepend(str(root / "benchmarks"))
    import readme

    assert readme.table(page) in (root / page).read_text(encoding="utf-8")
