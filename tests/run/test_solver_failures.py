"""Solvers that give up: one sentence that names time and variable, whatever scipy raises or warns of."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

import sdcluster
from sdcluster.run.methods import METHODS


def write(folder: Path, net: str, start: float = 0, initial: str = "0.5") -> Path:
    path = folder / "m.mdl"
    path.write_text(
        f"{{UTF-8}}\nd: a, b ~~|\nS[d] = INTEG({net}, {initial}) ~~|\nINITIAL TIME = {start} ~~|\n"
        f"FINAL TIME = {start + 2} ~~|\nTIME STEP = 1 ~~|\nSAVEPER = TIME STEP ~~|\n",
        encoding="utf-8",
    )
    return path


@pytest.mark.parametrize("backend", ["python", "native"])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("net", "start", "initial"),
    [
        ("1e12 * (1 - S[d])", 1900, "0"),
        ("LN(0.5 - S[d])", 0, "0.5"),
        ("EXP(50*S[d])", 0, "0.5"),
        ("1/(S[d] - 0.5)", 0, "0.5"),
    ],
)
def test_a_solver_that_gives_up_says_so_in_one_sentence(
    tmp_path: Path, net: str, start: float, initial: str, method: str, backend: str
) -> None:
    path = write(tmp_path, net, start, initial)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(sdcluster.SimulationError, match=rf"{method}|S\[") as caught:
            sdcluster.simulate(path, method=method, backend=backend)
    assert "\n" not in str(caught.value)
    assert "INITIAL TIME" not in str(caught.value)


@pytest.mark.parametrize("method", ["Radau", "BDF", "LSODA"])
def test_a_slope_that_is_no_number_names_its_stock(tmp_path: Path, method: str) -> None:
    path = write(tmp_path, "SQRT(0.7 - S[d])")
    with pytest.raises(sdcluster.SimulationError, match=r'net flow of "S\[[ab]\]" became NaN'):
        sdcluster.simulate(path, method=method)
