"""Settings of the cluster model that do not cycle are sorted by what they do instead, as the README says."""

from __future__ import annotations

import json

import numpy as np
import pytest

import sdcluster
from benchmarks import without_a_cycle as sorted_out
from benchmarks.substance import substance

RESULTS = json.loads(sorted_out.RESULTS.read_text(encoding="utf-8"))


def test_the_readme_says_what_was_measured_of_the_present_model() -> None:
    assert RESULTS["model"] == substance(sdcluster.load(sorted_out.README.parent)), (
        "the model changed: run python benchmarks/without_a_cycle.py"
    )
    assert sorted_out.block(RESULTS) in sorted_out.README.read_text(encoding="utf-8")


@pytest.mark.parametrize("way", sorted_out.WAYS)
def test_every_setting_falls_in_one_class(way: str) -> None:
    counted = sum(found["settings"] for found in RESULTS["ways"][way]["classes"].values())
    assert counted == RESULTS["runs"]


def test_the_cycle_is_as_firm_as_the_design_asks() -> None:
    cycles = {way: RESULTS["ways"][way]["classes"]["cycles"]["settings"] for way in RESULTS["ways"]}
    assert cycles["whole"] >= 0.45 * RESULTS["runs"]
    assert cycles["within_30"] >= 0.95 * RESULTS["runs"]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, "cycles"),
        ({"openness": 0, "policy": 0}, "locks_in"),
        ({"diffusion rate": 0.01}, "never_closes"),
        ({"breeding rate": 0}, "plateau"),
    ],
)
def test_a_setting_made_for_a_class_falls_in_it(settings: dict[str, float], expected: str) -> None:
    model = sdcluster.load(sorted_out.README.parent)
    sorter = sorted_out.Sorter(model, tuple(settings))
    assert sorter.at(np.array(list(settings.values())))[0] == expected


def test_classes_are_asked_in_order_and_the_last_takes_the_rest() -> None:
    flat = np.ones(50)
    rush = np.concatenate([np.zeros(20), np.hanning(10), np.zeros(20)])
    run = {
        "lock in": 0 * flat,
        "later parity": flat,
        "technology ceiling": np.linspace(2, 4, 50),
        "take off activity": 0 * flat,
    }
    assert sorted_out.sort(run) == "trickle"
    assert sorted_out.sort(run | {"take off activity": rush}) == "one_rush"
    assert sorted_out.sort(run | {"take off activity": np.tile(rush, 2)}) == "shallow"
    assert sorted_out.sort(run | {"technology ceiling": 2 * flat}) == "plateau"
    assert sorted_out.sort(run | {"lock in": 0.31 * flat}) == "locks_in"
