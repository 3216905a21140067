"""A language of model files is a folder of `sdcluster.read` and its endings in `sdcluster.files`."""

from __future__ import annotations

from pathlib import Path

import pytest

import sdcluster
import sdcluster.read
from sdcluster.files import LANGUAGES
from sdcluster.read.edit import right_sides

READER = """
from sdcluster.read.vensim import reader

def read(file, data, tables=()):
    lines = [f"{line} ~~|" for line in data.decode().splitlines()]
    clock = "INITIAL TIME=0~~|FINAL TIME=2~~|TIME STEP=1~~|SAVEPER=1~~|"
    return reader.read(file, "\\n".join(["{UTF-8}", *lines, clock]).encode(), tables)
"""


def test_a_new_language_needs_a_folder_and_its_ending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "read" / "plain"
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "reader.py").write_text(READER)
    monkeypatch.setattr(sdcluster.read, "__path__", [*sdcluster.read.__path__, str(folder.parent)])
    monkeypatch.setitem(LANGUAGES, ".plain", "plain")
    file = tmp_path / "m.plain"
    file.write_text("level = INTEG(rate, 1)\nrate = 2")
    assert sdcluster.simulate(file, backend="python")["level"].values.tolist() == [1, 3, 5]
    assert right_sides(file, file.read_bytes()) == {}
