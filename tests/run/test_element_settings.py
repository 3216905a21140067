"""Single elements of arrays: what a setting of one leaves of the others, and what no equation defines."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import sdcluster
from sdcluster import Simulator
from sdcluster.run.elements import spread
from sdcluster.run.save import save_table

CLOCK = "INITIAL TIME = 0 ~~|\nFINAL TIME = 4 ~~|\nTIME STEP = 1 ~~|\nSAVEPER = TIME STEP ~~|\n"
BACKENDS = pytest.mark.parametrize("backend", ["python", "native"])


def mdl(folder: Path, equations: str) -> Path:
    path = folder / "m.mdl"
    path.write_text("{UTF-8}\nd: a, b, c ~~|\ne: b, c ~~|\n" + equations + CLOCK, encoding="utf-8")
    return path


@BACKENDS
@pytest.mark.parametrize(
    "equations",
    [
        "x[d] = Time*k[d] ~~|\nk[d] = 1, 2, 3 ~~|\n",
        "x[a] = Time ~~|\nx[e] = Time*k[e] ~~|\nk[e] = 2, 3 ~~|\n",
        "x[d] :EXCEPT: [a] = Time*k[d] ~~|\nx[a] = Time ~~|\nk[d] = 1, 2, 3 ~~|\n",
        "x[d] = k[d]*SMOOTH(Time, 1e-9+TIME STEP) + k[d]*(Time-SMOOTH(Time, 1e-9+TIME STEP)) ~~|\n"
        "k[d] = 1, 2, 3 ~~|\n",
    ],
)
def test_setting_an_element_leaves_the_equations_of_the_others(
    tmp_path: Path, equations: str, backend: str
) -> None:
    model = sdcluster.load(mdl(tmp_path, equations + "total = SUM(x[d!]) ~~|\n"))
    for element, place in (("a", 0), ("c", 2)):
        run = sdcluster.simulate(model, settings={f"x[{element}]": 7}, backend=backend)
        expected = np.outer(run.time, [1.0, 2.0, 3.0])
        expected[:, place] = 7
        np.testing.assert_allclose(run["x"].values, expected, rtol=1e-6)
        np.testing.assert_allclose(run["total"].values, expected.sum(axis=1), rtol=1e-6)


def test_elements_and_the_whole_array_can_be_set_together(tmp_path: Path) -> None:
    path = mdl(tmp_path, "x[a] = Time ~~|\nx[e] = 2*Time ~~|\ns[d] = INTEG(x[d], 0) ~~|\n")
    run = sdcluster.simulate(path, settings={"x[a]": 1, "x[c]": 3})
    assert run["x"].values[-1].tolist() == [1, 8, 3]
    run = sdcluster.simulate(path, settings={"x": 5, "s[b]": 2})
    assert run["x"].values[-1].tolist() == [5, 5, 5]
    assert run["s"].values[-1].tolist() == [20, 22, 20]


def test_a_slider_run_sets_an_element_too(tmp_path: Path) -> None:
    simulator = Simulator(mdl(tmp_path, "x[d] = Time ~~|\n"))
    rows = simulator.run({"x[b]": 9})
    assert rows[simulator.names.index("x[b]")].tolist() == [9] * 5
    assert rows[simulator.names.index("x[c]")].tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("equations", "reader"),
    [
        ("x[a] = 1 ~~|\nx[b] = 2 ~~|\ny = SUM(x[d!]) ~~|\n", "y"),
        ("x[a] = Time ~~|\nx[b] = 2 ~~|\ny[d] = 2*x[d] ~~|\n", "y"),
        ("x[a] = INTEG(1, 0) ~~|\nx[b] = INTEG(1, 0) ~~|\ny = x[c] ~~|\n", "y"),
        ("x[d] :EXCEPT: [c] = Time ~~|\ny = INTEG(x[c], 0) ~~|\n", "y"),
        ("x[a] = Time ~~|\nx[b] = Time ~~|\ny = INTEG(1, x[c]) ~~|\n", "y"),
        ("x[a] = Time ~~|\nx[b] = Time ~~|\ny = SMOOTH(x[c], 2) ~~|\n", "y"),
    ],
)
def test_an_equation_may_not_read_what_no_equation_defines(
    tmp_path: Path, equations: str, reader: str
) -> None:
    wanted = rf'm.mdl:\d+: .*"{reader}" uses "x\[c\]", which no equation'
    with pytest.raises(sdcluster.ModelError, match=wanted):
        sdcluster.simulate(mdl(tmp_path, equations))


@pytest.mark.parametrize("method", ["euler", "RK45"])
@pytest.mark.parametrize("right", ["1", "Time", "INTEG(1, 0)"])
def test_results_leave_out_what_no_equation_defines(
    tmp_path: Path, right: str, method: str
) -> None:
    equations = (
        f"x[a] = {right} ~~|\nx[b] = {right} ~~|\ny = x[a] + x[b] ~~|\nz = INTEG(y, 0) ~~|\n"
    )
    run = sdcluster.simulate(mdl(tmp_path, equations), method=method)
    assert np.isnan(run["x"].values[:, 2]).all()
    assert np.isfinite(run["x"].values[:, :2]).all()
    assert np.isfinite(run["z"].values).all()
    assert "x[c]" not in spread(run)
    table = tmp_path / "run.csv"
    save_table({"": run}, table)
    head, *lines = [line.split(",") for line in table.read_text(encoding="utf-8").splitlines()]
    assert "x[c]" not in head
    assert all(cell and cell.lower() != "nan" for line in lines for cell in line)


def test_an_xmile_array_without_an_equation_for_an_element_is_refused_where_it_is_read(
    workshop,
) -> None:
    sizes = "<dimensions><dim name='d'><elem name='a'/><elem name='b'/></dim></dimensions>"
    body = (
        "<aux name='x'><dimensions><dim name='d'/></dimensions>"
        "<element subscript='a'><eqn>1</eqn></element></aux><aux name='y'><eqn>SUM(x)</eqn></aux>"
    )
    with pytest.raises(sdcluster.ModelError, match=r'"y" uses "x\[b\]"'):
        sdcluster.simulate(workshop.write(body, extra=sizes))
