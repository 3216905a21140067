"""Queues: first in, first out, and what leads away takes what it can."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
import pytest
import xarray as xr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sdcluster
from sdcluster import ModelError

DT = 0.25


def stock(name: str, initial: str, inflows: str, outflows: str, inside: str) -> str:
    flows = "".join(f"<inflow>{f}</inflow>" for f in inflows.split())
    flows += "".join(f"<outflow>{f}</outflow>" for f in outflows.split())
    return f'<stock name="{name}"><eqn>{initial}</eqn>{flows}{inside}</stock>'


def queue(name: str, initial: str, inflows: str, outflows: str) -> str:
    return stock(name, initial, inflows, outflows, "<queue/>")


def belt(
    name: str, length: str, inflows: str, outflows: str, inside: str = "", attributes: str = ""
) -> str:
    element = f"<conveyor {attributes}><len>{length}</len>{inside}</conveyor>"
    return stock(name, "0", inflows, outflows, element)


def flow(name: str, equation: str = "", inside: str = "") -> str:
    own = f"<eqn>{escape(equation)}</eqn>" if equation else ""
    return f'<flow name="{name}">{own}{inside}</flow>'


def series(name: str, values: list[float]) -> str:
    """Return a flow with one value for each step, and 0 afterwards."""
    points = [*values, 0.0]
    xs = ",".join(repr(i * DT) for i in range(len(points)))
    return (
        f'<flow name="{name}"><eqn>TIME + DT / 4</eqn><gf type="discrete"><xpts>{xs}</xpts>'
        f"<ypts>{','.join(map(repr, points))}</ypts></gf></flow>"
    )


def run(file: Path, method: str = "euler", backend: str = "python") -> xr.Dataset:
    return sdcluster.simulate(file, method=method, backend=backend)


def of(ds: xr.Dataset, name: str) -> np.ndarray:
    """Return a stock, or the amount of a flow in each step."""
    values = ds[name].to_numpy()
    return values * DT if ds[name].attrs["kind"] == "flow" else values


def test_everything_leaves_after_one_step_if_nothing_holds_it_back(workshop: Any) -> None:
    file = workshop.write(
        queue("line", "3", "come other", "go"),
        series("come", [4, 8]),
        series("other", [0, 2]),
        flow("go"),
        dt=DT,
    )
    ds = run(file)
    np.testing.assert_allclose(of(ds, "go")[:4], [3, 1, 2.5, 0])
    np.testing.assert_allclose(of(ds, "line")[:4], [3, 1, 2.5, 0])


@pytest.mark.parametrize(
    ("attributes", "limit", "taken"),
    [
        # One batch a step, or part of one.
        ("", "<capacity>5</capacity>", [3, 2, 0, 0, 2, 1, 2, 0, 1]),
        # Several at once.
        ('one_at_a_time="false"', "<capacity>5</capacity>", [5, 0, 0, 0, 5, 0, 0, 0, 1]),
        # Whole batches only: four do not fit beside three.
        ('batch_integrity="true"', "<capacity>5</capacity>", [3, 0, 0, 0, 4, 1, 0, 0, 3]),
        (
            'batch_integrity="true" one_at_a_time="false"',
            "<capacity>7</capacity>",
            [7, 0, 0, 0, 4, 0, 0, 0, 0],
        ),
        # A limit of a time unit.
        ('one_at_a_time="false"', "<in_limit>4</in_limit>", [4, 0, 0, 0, 4, 0, 0, 0, 3]),
    ],
)
def test_batches_go_onto_a_belt_as_it_takes_them(
    workshop: Any, attributes: str, limit: str, taken: list[float]
) -> None:
    file = workshop.write(
        queue("line", "3, 4, 1, 3", "", "board"),
        belt("ride", "1", "board", "leave", limit, attributes),
        flow("board"),
        flow("leave"),
        dt=DT,
    )
    ds = run(file)
    got = of(ds, "board")
    np.testing.assert_allclose(got[:9], taken, atol=1e-12)
    assert got.sum() <= 11 + 1e-9
    assert of(ds, "line")[-1] == pytest.approx(11 - got[:-1].sum())


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.floats(0, 20).map(lambda x: round(x, 2)), min_size=1, max_size=20),
    st.floats(0.5, 12),
    st.floats(0.5, 12),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
def test_nothing_is_lost_and_nobody_jumps_the_queue(
    workshop: Any,
    arrivals: list[float],
    capacity: float,
    limit: float,
    whole: bool,
    single: bool,
    overflow: bool,
) -> None:
    """What came is waiting, on the belt, or has left; what boards is cut from the line in order."""
    flags = f'batch_integrity="{str(whole).lower()}" one_at_a_time="{str(single).lower()}"'
    file = workshop.write(
        queue("line", "2", "come", "board elsewhere" if overflow else "board"),
        belt(
            "ride",
            "0.75",
            "board",
            "leave",
            f"<capacity>{capacity}</capacity><in_limit>{limit}</in_limit>",
            flags,
        ),
        series("come", arrivals),
        flow("board"),
        flow("elsewhere", "0", "<overflow/>"),
        flow("leave"),
        dt=DT,
        stop=8,
    )
    ds = run(file)
    came = np.concatenate([[2], np.cumsum(of(ds, "come")) + 2])[:-1]
    gone = np.concatenate(
        [[0], np.cumsum(of(ds, "board") + (of(ds, "elsewhere") if overflow else 0))]
    )
    np.testing.assert_allclose(of(ds, "line"), came - gone[:-1], atol=1e-9)
    assert of(ds, "ride").max() <= capacity + 1e-9
    year = np.floor(ds.time.to_numpy() + 1e-9)
    for one in np.unique(year):
        assert of(ds, "board")[year == one].sum() <= limit + 1e-9
    # In order: the edges between batches, counted from the first, are where whole batches end.
    edges = np.concatenate([[0], 2 + np.concatenate([[0], np.cumsum(np.array(arrivals) * DT)])])
    if single and not overflow:
        for before, after in pairwise(gone):
            inside = (edges > before + 1e-9) & (edges < after - 1e-9)
            assert not inside.any()
    if whole and not overflow:
        for edge in gone:
            assert np.abs(edges - edge).min() < 1e-9
    if overflow and not whole:
        # Nothing that the belt had no room for waits.
        blocked = of(ds, "elsewhere") > 1e-9
        np.testing.assert_allclose(
            of(ds, "line")[1:][blocked[:-1]], of(ds, "come")[:-1][blocked[:-1]], atol=1e-9
        )


def test_outflows_are_served_in_their_order(workshop: Any) -> None:
    """Two tills: the first one takes what it can, the second one the next in line."""
    file = workshop.write(
        queue("line", "1, 1, 1, 1, 1", "", "first second"),
        belt("till", "0.5", "first", "served", "<capacity>1</capacity>"),
        belt("other till", "0.75", "second", "served_too", "<capacity>1</capacity>"),
        flow("first"),
        flow("second"),
        flow("served"),
        flow("served too"),
        dt=DT,
        stop=3,
    )
    ds = run(file)
    np.testing.assert_allclose(of(ds, "first")[:7], [1, 0, 1, 0, 1, 0, 0])
    np.testing.assert_allclose(of(ds, "second")[:7], [1, 0, 0, 1, 0, 0, 0])


def test_an_overflow_carries_only_what_is_held_back(workshop: Any) -> None:
    file = workshop.write(
        queue("line", "0", "come", "board turned_away"),
        belt("ride", "1", "board", "leave", "<capacity>2</capacity>", 'one_at_a_time="false"'),
        series("come", [4, 8, 8, 0, 0, 4]),
        flow("board"),
        flow("turned away", "", "<overflow/>"),
        flow("leave"),
        dt=DT,
    )
    ds = run(file)
    np.testing.assert_allclose(of(ds, "board")[:8], [0, 1, 1, 0, 0, 0, 1, 0])
    np.testing.assert_allclose(of(ds, "turned away")[:8], [0, 0, 1, 2, 0, 0, 0, 0])


@pytest.mark.parametrize("backend", ["native"])
def test_plain_python_and_compiled_code_agree(workshop: Any, backend: str, tmp_path: Path) -> None:
    file = workshop.write(
        queue("line", "3, 1.5", "come", "board turned_away"),
        belt("ride", "1", "board", "leave", "<capacity>6 + SIN(TIME)</capacity>"),
        queue("exit", "0", "leave", "go"),
        flow("come", "5 + 4 * SIN(3 * TIME) + line / 50"),
        flow("board"),
        flow("turned away", "", "<overflow/>"),
        flow("leave"),
        flow("go"),
        dt=DT,
    )
    again = sdcluster.load(sdcluster.load(file).to_xmile(tmp_path / "copy.xmile"))
    for method in ("euler", "rk4"):
        plain = run(file, method)
        fast = sdcluster.simulate(again, method=method, backend=backend)
        for name in map(str, plain.data_vars):
            np.testing.assert_allclose(of(fast, name), of(plain, name), rtol=1e-12, atol=1e-12)


def test_two_belts_that_wait_for_each_other_are_a_circle(workshop: Any) -> None:
    """Each queue serves first the belt that the other queue is second on."""
    file = workshop.write(
        queue("a", "1", "", "a2 a1"),
        queue("b", "1", "", "b1 b2"),
        belt("one", "1", "a1 b1", "leave_one", "<capacity>1</capacity>"),
        belt("two", "1", "b2 a2", "leave_two", "<capacity>1</capacity>"),
        *(flow(name) for name in ("a1", "a2", "b1", "b2", "leave one", "leave two")),
    )
    with pytest.raises(ModelError, match="cycle"):
        run(file)


def test_ovens_are_refused_in_a_sentence(workshop: Any) -> None:
    file = workshop.write(stock("kiln", "0", "", "", "<oven/>"))
    with pytest.raises(ModelError, match="ovens are not supported"):
        run(file)


def test_what_is_inside_can_be_asked_for(workshop: Any, tmp_path: Path) -> None:
    """Slats and batches are counted from the front (XMILE 1.0, 3.7.1.3)."""
    equations = {
        "batches": "SIZE(line)",
        "same": "QLEN(line)",
        "second": "line[2]",
        "also second": "QELEM(line, 1 + 1)",
        "beyond": "line[9]",
        "slats": "SIZE(ride)",
        "front": "ride[1]",
        "mean": "MEAN(ride)",
        "spread": "STDDEV(line)",
        "most": "MAX(line)",
        "least": "MIN(line)",
        "total": "SUM(line)",
    }
    file = workshop.write(
        queue("line", "3, 4, 1", "", "board"),
        belt("ride", "1", "board", "leave", "<capacity>0</capacity>").replace(
            "<eqn>0", "<eqn>1,2,3,4"
        ),
        flow("board"),
        flow("leave"),
        *(workshop.aux(name, text) for name, text in equations.items()),
        dt=DT,
        stop=2,
    )
    again = sdcluster.load(sdcluster.load(file).to_xmile(tmp_path / "copy.xmile"))
    wanted = [3, 3, 4, 4, 0, 4, 1, 2.5, np.std([3, 4, 1]), 4, 1, 8]
    for model in (file, again):
        for backend in ("python", "native"):
            ds = sdcluster.simulate(model, method="euler", backend=backend)
            np.testing.assert_allclose([ds[name].to_numpy()[0] for name in equations], wanted)
            assert of(ds, "front")[1] == 2


@pytest.mark.parametrize("equation", ["CYCLETIME(go)", "OSTATE(line)", "CTMEAN(go)"])
def test_cycle_times_are_refused_with_the_reason(workshop: Any, equation: str) -> None:
    file = workshop.write(queue("line", "3", "", "go"), flow("go"), workshop.aux("x", equation))
    with pytest.raises(ModelError, match=r"does not keep|not supported"):
        run(file)
