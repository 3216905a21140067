"""Names survive: capitals, letters that lower case changes, words that XMILE reserves; subscripts used as values."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pysd
import pytest

import sdcluster
from sdcluster.model import Model

Make = Callable[..., Path]
CLOCK = "INITIAL TIME = 0 ~~|\nFINAL TIME = 4 ~~|\nTIME STEP = 1 ~~|\nSAVEPER = TIME STEP ~~|\n"


@pytest.fixture
def write(tmp_path: Path) -> Make:
    def make(*equations: str) -> Path:
        file = tmp_path / "m.mdl"
        text = "".join(f"{e} ~~|\n" for e in equations)
        file.write_text(f"{{UTF-8}}\n{text}{CLOCK}", encoding="utf-8")
        return file

    return make


def written(file: Path) -> tuple[Model, str]:
    """Return the model read again from the XMILE file that is made of it, and the text of that."""
    path = sdcluster.load(file).to_xmile(file.with_suffix(".xmile"))
    return sdcluster.load(path), path.read_text(encoding="utf-8")


def for_pysd(file: Path) -> Model:
    """Write the model as PySD reads it, and read it again ourselves."""
    model = sdcluster.load(file)
    return sdcluster.load(model.to_xmile(file.with_suffix(".xmile"), reader="pysd"))


def by_pysd(file: Path, name: str) -> np.ndarray:
    """Return what PySD makes of the written file."""
    return pysd.read_xmile(str(file.with_suffix(".xmile"))).run()[name].to_numpy()


@pytest.mark.parametrize("name", ["Straßenlänge", "İstanbul", "Größe ﬁne", "ΣΑΣ", "Ünit Count"])
def test_equations_name_variables_as_they_are_written(write: Make, name: str) -> None:
    file = write(f"{name} = 6", f"Damage = INTEG(0.5*{name}, 0)")
    again, text = written(file)
    assert f'name="{name}"' in text
    assert f"<eqn>0.5 * {name.replace(' ', '_')}</eqn>" in text
    assert float(sdcluster.simulate(again)["Damage"][-1]) == 12
    assert by_pysd(file, "Damage")[-1] == 12


def test_elements_and_ranges_keep_their_writing(write: Make) -> None:
    file = write(
        "Region: North East, USA", "Pop[Region] = 1, 2", "All = SUM(Pop[Region!])", "east = Pop[North East]"
    )  # fmt: skip
    model = sdcluster.load(file)
    run = sdcluster.simulate(model)
    assert run["Pop"].dims == ("time", "Region")
    assert run["Pop"].coords["Region"].values.tolist() == ["North East", "USA"]
    assert sdcluster.to_frame(run).columns[:2].tolist() == ["Pop[North East]", "Pop[USA]"]
    assert model.label("pop[usa]") == "Pop[USA]"
    again, text = written(file)
    assert '<elem name="North East"/>' in text
    assert "Pop[North_East]" in text
    assert again.spellings == model.spellings
    assert float(sdcluster.simulate(again, settings={"pop[NORTH east]": 5})["All"][-1]) == 7
    assert sdcluster.simulate(for_pysd(file))["All"].values.tolist() == [3.0] * 5
    assert by_pysd(file, "east")[-1] == 1
    assert by_pysd(file, "All")[-1] == 3


def test_a_mapped_range_as_a_value_is_written(write: Make) -> None:
    file = write(
        "DimA: A1, A2, A3", "DimB: B1, B2, B3 -> DimA", "place[DimA] = DimB * 10", "third = 3"
    )  # fmt: skip
    again, _ = written(file)
    assert sdcluster.simulate(again)["place"].values[-1].tolist() == [10, 20, 30]
    assert by_pysd(file, "place[A3]")[-1] == 30


@pytest.mark.parametrize("name", ["DT", "dt", "PI", "StartTime", "inf"])
def test_variables_with_names_that_xmile_reserves_are_written_and_keep_their_name(
    write: Make, name: str
) -> None:
    file = write(f"{name} = 0.25", f"x = INTEG({name} * 2, 0)", f"y = {name} * Time + TIME STEP")
    before = sdcluster.simulate(sdcluster.load(file))
    again, _ = written(file)
    after = sdcluster.simulate(again)
    assert again[name].name == name
    for variable in ("x", "y", name):
        assert after[variable].values.tolist() == before[variable].values.tolist()
    assert by_pysd(file, "y")[-1] == before["y"].values[-1] == 2
