"""What XMILE equations mean, and what reading them needs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import sdcluster

MODELS = Path(__file__).resolve().parents[3] / "models"
VENSIM = (
    "x = INTEG(1, 0)~~|\nINITIAL TIME = 0~~|\nFINAL TIME = 2~~|\nTIME STEP = 1~~|\nSAVEPER = 1~~|\n"
)


@pytest.mark.parametrize("model", ["cluster", "vensim"])
def test_a_model_is_read_and_run_without_heavy_imports(tmp_path: Path, model: str) -> None:
    code = (
        "import sys, sdcluster\n"
        "sdcluster.Simulator(sdcluster.load(sys.argv[1])).run()\n"
        "heavy = ('pysd', 'parsimonious', 'pandas', 'xarray', 'scipy', 'llvmlite', 'networkx')\n"
        "print(*[m for m in heavy if m in sys.modules])\n"
    )
    env = os.environ | {"SDCLUSTER_CACHE": str(tmp_path)}
    path = MODELS / model
    if model == "vensim":
        path = tmp_path / "model.mdl"
        path.write_text(VENSIM)
    words = [sys.executable, "-c", code, str(path)]
    done = subprocess.run(words, capture_output=True, text=True, check=True, env=env)
    assert done.stdout.split() == []


def test_a_namespace_in_front_of_a_function_changes_nothing(evaluate) -> None:
    assert evaluate("std.ABS(-3) + isee.ROUND(1.5) + std.TIME") == 5


def test_an_element_that_begins_with_a_digit_needs_quotes(evaluate) -> None:
    with pytest.raises(sdcluster.ModelError, match=r'in quotes: \["15 to 44"\]'):
        evaluate("a[15 to 44]", a="1")


def test_an_equation_that_names_causes_only_refuses_to_run(evaluate) -> None:
    with pytest.raises(sdcluster.ModelError, match="its equation is not written yet; write it, or"):
        evaluate("NAN(a, b)", a="1", b="2")


@pytest.mark.parametrize(
    ("equation", "expected"),
    [
        ("IF a = NAN THEN 1 ELSE 2", 1),
        ("IF NAN <> a THEN 1 ELSE 2", 2),
        ("IF b = NAN THEN 1 ELSE 2", 2),
        ("IF NAN = NAN THEN 1 ELSE 2", 1),
    ],
)
def test_a_comparison_with_nan_asks_whether_a_value_is_missing(evaluate, equation, expected):
    assert evaluate(equation, a="NAN", b="3") == expected


def test_nan_survives_being_written(workshop, tmp_path) -> None:
    path = workshop.write(
        workshop.aux("unknown", "NAN"),
        workshop.aux("causes", "NAN(unknown, known)"),
        workshop.aux("known", "IF unknown = NAN THEN 3 ELSE 4"),
    )
    again = sdcluster.load(sdcluster.load(path).to_xmile(tmp_path / "copy.xmile"))
    run = sdcluster.simulate(again, backend="python", settings={"causes": 5})
    assert np.isnan(run["unknown"]).all()
    assert (run["causes"] == 5).all()
    assert set(run["known"].to_numpy().tolist()) == {3}


def test_quotes_inside_a_name_may_be_escaped_in_its_definition(workshop) -> None:
    path = workshop.write(
        '<aux name="the \\&quot;odd\\&quot; one"><eqn>3</eqn></aux>',
        workshop.aux("x", '"the_\\"odd\\"_one" + 1'),
    )
    assert float(sdcluster.simulate(path, method="euler")["x"][0]) == 4


def test_a_name_may_hold_apostrophes_without_quotes(workshop) -> None:
    """Stella writes such names as they are; elsewhere an apostrophe transposes."""
    path = workshop.write(
        "<aux name=\"Bob's share'\"><eqn>3</eqn></aux>",
        '<aux name="Bob"><eqn>5</eqn></aux>',
        workshop.aux("x", "IF Bob's_share'=3 THEN Bob ELSE Bob's_share'"),
    )
    assert float(sdcluster.simulate(path, method="euler")["x"][0]) == 5
