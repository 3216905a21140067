"""Ensembles observe only what they are asked for; the numbers are those of a run that observes everything."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import sdcluster
from sdcluster.kernel import ir
from sdcluster.kernel.watched import watched
from sdcluster.run.many import Many

MODELS = Path(__file__).parents[2] / "models"
EVERY = 7  # which variables are wanted


@pytest.mark.parametrize(
    ("name", "method"), [("cluster", "rk4"), ("cluster", "dopri5"), ("wenzhou_firms", "rk4")]
)
def test_what_is_wanted_has_the_bits_of_a_whole_run(name: str, method: str) -> None:
    simulator = sdcluster.Simulator(MODELS / name, method=method, backend="native")
    constant = sdcluster.design(simulator.model, 2, "levers").names[0]
    place = simulator.names.index(constant)
    _, start = simulator.curves({})
    number = float(start[place, 0]) * 0.9 + 0.01
    _, whole = simulator.curves({constant: number})
    wanted = simulator.names[3::EVERY]
    (block,) = Many(simulator, (constant,), wanted, workers=1).blocks(np.array([[number]]))
    np.testing.assert_array_equal(block.curves[:, :, 0], whole[3::EVERY])


def test_only_what_is_wanted_is_written() -> None:
    kernel = sdcluster.Simulator(MODELS / "cluster").prepared()[0].kernel
    column = kernel.source.observed["lock in risk"]
    few = watched(kernel.source.module, {column})

    def written(name: str) -> list[float]:
        return [
            statement.at.value
            for statement in ir.walk(few.functions[name]().body)
            if isinstance(statement, ir.Store) and statement.vector == ir.Name("o")
        ]

    assert written("observe") == [column]
    assert written("observe_all") == list(range(kernel.source.columns))
