"""What a page shows below a command is what the command prints today."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from sdcluster.cli import app
from tests.command import CliRunner

ROOT = Path(__file__).parents[2]
PAGES = [p for part in ("tutorials", "how-to") for p in sorted((ROOT / "docs" / part).glob("*.md"))]
SAMPLES = [
    pytest.param(command, shown, id=f"{page.name}-{command.split()[1]}")
    for page in PAGES
    for block in re.findall(r"```(?:console)?\n(\$ sdcluster .*?)```", page.read_text("utf-8"), re.DOTALL)
    for command, _, shown in [block.removeprefix("$ ").partition("\n")]
]  # fmt: skip


def test_the_pages_show_what_commands_print() -> None:
    assert len(SAMPLES) >= 4


@pytest.mark.parametrize(("command", "shown"), SAMPLES)
def test_a_sample_is_what_the_command_prints(
    command: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "100")
    result = CliRunner().invoke(app, shlex.split(command, comments=True)[1:])
    assert result.exit_code == 0, result.output
    printed = iter(line.rstrip() for line in result.output.splitlines())
    for line in shown.splitlines():
        if line != "…":  # lines left out
            assert line.rstrip() in printed, f"not printed, or not in this order: {line}"
