"""Conveyors on every backend and solver, written and read again, set from outside, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

import sdcluster
from sdcluster import ModelError
from tests.kernel.belts import VENDOR, aux, conveyor, flow, leak, of, run

RICH = (
    conveyor(
        "belt",
        "40",
        "way + STEP(1.5, 4)",
        "enter back",
        "leave loss other",
        "<capacity>100</capacity><in_limit>30</in_limit><sample>TIME &gt; 0.3</sample>"
        "<arrest>PULSE(1, 3, 4) &gt; 0</arrest>",
    ),
    conveyor("next", "3, 4, 5", "1.5", "leave", "gone back", attributes='exponential_leak="true"'),
    '<stock name="source"><eqn>300</eqn><outflow>enter</outflow></stock>',
    flow("enter", "source / 5 + belt / 50"),
    '<flow name="leave"/>',
    '<flow name="gone"/>',
    leak("loss", "0.1 + gone / 500", 'leak_start="0.25" leak_end="0.75"'),
    leak("other", "0.05", "", "<leak_integers/>"),
    leak("back", "0.3"),
    aux("way", "2"),
    aux("seen", "leave + enter + INIT(gone) + PREVIOUS(loss, 0)"),
)


@pytest.mark.parametrize("backend", ["native"])
def test_plain_python_and_compiled_code_agree(workshop: Any, backend: str) -> None:
    file = workshop.write(*RICH, dt=0.125)
    for method in ("euler", "rk2", "rk4"):
        plain, fast = run(file, method), run(file, method, backend)
        for name in map(str, plain.data_vars):
            np.testing.assert_allclose(of(fast, name), of(plain, name), rtol=1e-12, atol=1e-12)


def test_what_is_written_runs_the_same(workshop: Any, tmp_path: Path) -> None:
    file = workshop.write(*RICH, dt=0.125)
    model = sdcluster.load(file)
    again = sdcluster.load(model.to_xmile(tmp_path / "copy.xmile"))
    xr.testing.assert_allclose(sdcluster.simulate(again, method="euler"), run(file))
    assert again.variables["belt"].discrete == model.variables["belt"].discrete
    assert again.variables["loss"].leak == model.variables["loss"].leak


def test_a_solver_with_steps_of_its_own_keeps_the_belt_in_step(workshop: Any) -> None:
    """Jumps within a step cut the solver's way, not the belt's."""
    parts = (*RICH, aux("jump", "STEP(1, 1.06)"))
    file = workshop.write(*parts, dt=0.125)
    ds = run(file, "LSODA")
    net = of(ds, "enter") + of(ds, "back") - of(ds, "leave") - of(ds, "loss") - of(ds, "other")
    np.testing.assert_allclose(np.diff(of(ds, "belt")), net[:-1] * 0.125, atol=1e-9)
    assert of(ds, "belt")[-1] == pytest.approx(of(run(file, "rk4"), "belt")[-1], rel=0.02)


def test_the_way_may_be_set_longer_than_the_run(workshop: Any) -> None:
    file = workshop.write(
        conveyor("belt", "100", "way"), flow("enter", "0"), '<flow name="leave"/>', aux("way", "2")
    )
    fast = sdcluster.Simulator(file, method="euler", backend="python")
    for way in (50.0, 2.0, 8.0):
        curves = dict(zip(fast.names, fast.run({"way": way}), strict=True))
        assert curves["leave"][0] == pytest.approx(100 / way)
    file = workshop.write(
        conveyor("belt", "100", "2 + STEP(500, 1)"), flow("enter", "7"), '<flow name="leave"/>'
    )
    assert of(run(file), "belt")[-1] == pytest.approx(7 * 9)


def test_a_stock_set_from_outside_fills_the_belt(workshop: Any) -> None:
    file = workshop.write(conveyor("belt", "100", "2"), flow("enter", "0"), '<flow name="leave"/>')
    simulator = sdcluster.Simulator(file, method="euler", backend="python")
    out = dict(zip(simulator.names, simulator.run({"belt": 40.0}), strict=True))["leave"]
    assert out[0] == pytest.approx(20)
    from sdcluster.project.scenario import Change

    later = simulator.run(changes=[Change(5.0, {"belt": 60.0})])
    out = dict(zip(simulator.names, later, strict=True))["leave"]
    assert out[simulator.time == 4.0] == 0.0
    assert out[:-1][simulator.time[:-1] >= 5].sum() * 0.125 == pytest.approx(60)


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ((conveyor("belt", "1", "0"),), "transit time of the conveyor is 0; it must be above 0"),
        (
            (conveyor("belt", "1", "1").replace("<len>1</len>", ""),),
            "has no transit time; write a <len>",
        ),
        (
            (conveyor("belt", "1", "1", outflows="loss"),),
            "0 outflows that are not leaks, but it needs exactly one, at its end",
        ),
        ((conveyor("belt", "1", "lenght"),), '"lenght"'),
        ((leak("loss", "0.1", 'leak_start="2"'),), "leak_start"),
        ((conveyor("belt", "1", "1", inside="<capacity>2 * leave</capacity>"),), None),
        (
            (conveyor("belt", "1", "leave"),),
            "in a cycle",
        ),
        ((conveyor("belt", "1", "1e12"),), "use a larger dt or a shorter transit time"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(
    workshop: Any, parts: tuple[str, ...], sentence: str | None
) -> None:
    own = "".join(parts)
    if 'name="loss"' not in own:
        own += leak("loss", "0.1")
    if 'name="belt"' not in own:
        own += conveyor("belt", "1", "1", outflows="leave loss")
    file = workshop.write(own, flow("enter", "1"), flow("leave", "0"))
    if sentence is None:
        run(file)
        return
    with pytest.raises(ModelError, match=sentence):
        run(file)


def test_what_a_flow_wants_may_be_set_but_not_what_a_belt_decides(workshop: Any) -> None:
    file = workshop.write(conveyor("belt", "0", "2"), flow("enter", "3"), '<flow name="leave"/>')
    simulator = sdcluster.Simulator(file, method="euler", backend="python")
    curves = dict(zip(simulator.names, simulator.run({"enter": 5.0}), strict=True))
    assert curves["enter"][0] == 5
    assert curves["belt"][-1] == pytest.approx(10)
    with pytest.raises(ModelError, match='"leave" is computed by the conveyor or queue "belt"'):
        simulator.run({"leave": 1.0})


def test_the_causal_graph_knows_what_lets_things_in(workshop: Any) -> None:
    from sdcluster.model.graph import loops

    file = workshop.write(
        conveyor("belt", "0", "2", inside="<capacity>room</capacity>"),
        flow("enter", "3"),
        '<flow name="leave"/>',
        aux("room", "4"),
    )
    found = {loop.names: loop.polarity for loop in loops(sdcluster.load(file))}
    assert found == {("belt", "enter"): "-", ("belt", "leave"): "-"}


def test_a_profile_spreads_the_time_that_is_left(workshop: Any, tmp_path: Path) -> None:
    """Nobody leaves before a quarter of the way or after the half, if the profile says so."""
    text = workshop.xmile(
        conveyor("belt", "0", "8")
        + '<flow name="enter" isee:spreadflow="dist"><eqn>PULSE(10, 0, 99)</eqn>'
        + "<isee:distrib_eq>profile</isee:distrib_eq></flow>"
        + '<flow name="leave"/><aux name="profile"><eqn>0+0</eqn><gf>'
        + "<xpts>0,0.25,0.25,0.5,0.5,1</xpts><ypts>0,0,1,1,0,0</ypts></gf></aux>",
        dt=0.25,
    ).replace("<xmile", VENDOR)
    file = workshop.raw(text)
    for model in (file, sdcluster.load(sdcluster.load(file).to_xmile(tmp_path / "copy.xmile"))):
        ds = run(model)
        left = of(ds, "leave") * 0.25
        np.testing.assert_allclose(left[9:16], 10 / 8)
        np.testing.assert_allclose(left[[8, 16]], 10 / 16)
        assert left.sum() == pytest.approx(10)
        assert (left * ds.time.to_numpy()).sum() / 10 == pytest.approx(8 * 0.375)
    with pytest.raises(
        ModelError, match='profile "none", which is not a variable with a graphical function'
    ):
        run(workshop.raw(text.replace("eq>profile<", "eq>none<")))


def test_no_limit_and_less_than_nothing(workshop: Any) -> None:
    """INF is no limit; a belt that is said to begin below 0 begins empty."""
    file = workshop.write(
        conveyor("belt", "-5", "2", inside="<capacity>INF</capacity><in_limit>limit</in_limit>"),
        flow("enter", "3"),
        '<flow name="leave"/>',
        aux("limit", "IF TIME < 1 THEN INF ELSE 2"),
    )
    ds = run(file)
    assert of(ds, "belt")[0] == 0
    assert (of(ds, "enter")[0], of(ds, "enter")[-1]) == (3, 2)
    assert of(ds, "belt")[-1] == pytest.approx(4)
