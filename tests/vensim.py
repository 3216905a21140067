"""Vensim models written from a few equations."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import sdcluster
from sdcluster.model import Model

CONTROL = """
********************************************************
	.Control
********************************************************~
		Simulation Control Parameters
	|

FINAL TIME  = 4
	~	Month
	~	The final time for the simulation.
	|

INITIAL TIME  = 0
	~	Month
	~	The initial time for the simulation.
	|

SAVEPER  =
        TIME STEP
	~	Month [0,?]
	~	The frequency with which output is stored.
	|

TIME STEP  = 1
	~	Month [0,?]
	~	The time step for the simulation.
	|
"""


def write(folder: Path, *equations: str, name: str = "model.mdl") -> Path:
    """Write a model of these equations (without ``~ ~ |``) with a clock of 0, 1, … 4."""
    body = "\n".join(e if e.rstrip().endswith("|") else f"{e}\n\t~\t\n\t~\t\t|" for e in equations)
    file = folder / name
    file.write_text("{UTF-8}\n" + body + CONTROL, encoding="utf-8")
    return file


@pytest.fixture
def write_model(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a model of equations and gives its file."""
    return lambda *equations: write(tmp_path, *equations)


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Model]:
    """Return a function that reads a model of equations."""
    return lambda *equations: sdcluster.load(write(tmp_path, *equations))


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., dict[str, np.ndarray]]:
    """Return a function that runs a model of equations (Euler, Python) and gives trajectories by name, time first."""

    def simulated(*equations: str) -> dict[str, np.ndarray]:
        found = sdcluster.simulate(write(tmp_path, *equations), method="euler", backend="python")
        return {name: found[name].transpose("time", ...).to_numpy() for name in found}

    return simulated
