"""Stocks that may not fall below zero: what they do not hold does not leave, and so does not arrive."""

from __future__ import annotations

import numpy as np
import pytest

import sdcluster
from sdcluster.write import write_xmile

HELD = "<non_negative/>"


def chain(workshop, wish: str, *more: str, holds: str = "10", inflow: str = "", **options):
    """Write a store that sends to a shop."""
    return workshop.write(
        workshop.stock("store", holds, inflow, "sent", HELD),
        workshop.stock("shop", "0", "sent"),
        workshop.flow("sent", wish),
        *more,
        **{"stop": 6, "dt": 1} | options,
    )


@pytest.mark.parametrize("backend", ["python", "native"])
def test_an_outflow_carries_what_there_is(workshop, backend: str) -> None:
    run = sdcluster.simulate(chain(workshop, "3"), method="euler", backend=backend)
    np.testing.assert_allclose(run["sent"], [3, 3, 3, 1, 0, 0, 0])
    np.testing.assert_allclose(run["store"], [10, 7, 4, 1, 0, 0, 0])
    np.testing.assert_allclose(run["shop"], [0, 3, 6, 9, 10, 10, 10])


def test_what_flows_in_meanwhile_may_leave(workshop) -> None:
    path = chain(workshop, "5", workshop.flow("made", "2"), holds="4", inflow="made")
    run = sdcluster.simulate(path, method="euler")
    np.testing.assert_allclose(run["sent"], [5, 3, 2, 2, 2, 2, 2])


@pytest.mark.parametrize("method", ["euler", "rk2", "rk4", "LSODA"])
def test_nothing_is_made_or_lost(workshop, method: str) -> None:
    path = chain(workshop, "2 + TIME", holds="9", dt=0.25)
    run = sdcluster.simulate(path, method=method)
    assert float(run["store"].min()) >= 0
    np.testing.assert_allclose(run["store"] + run["shop"], 9, rtol=1e-6)


def test_the_first_outflow_of_the_file_is_served_first(workshop) -> None:
    store = f'<stock name="store"><eqn>10</eqn><outflow>urgent</outflow><outflow>other</outflow>{HELD}</stock>'
    path = workshop.write(
        store, workshop.flow("other", "4"), workshop.flow("urgent", "4"), stop=3, dt=1
    )
    run = sdcluster.simulate(path, method="euler")
    np.testing.assert_allclose(run["urgent"], [4, 2, 0, 0])
    np.testing.assert_allclose(run["other"], [4, 0, 0, 0])


def test_an_outflow_that_another_one_follows_comes_before_it(workshop) -> None:
    store = f'<stock name="store"><eqn>9</eqn><outflow>tax</outflow><outflow>sales</outflow>{HELD}</stock>'
    path = workshop.write(
        store, workshop.flow("tax", "sales / 4"), workshop.flow("sales", "8"), stop=2, dt=1
    )
    run = sdcluster.simulate(path, method="euler")
    np.testing.assert_allclose(run["sales"], [8, 0, 0])
    np.testing.assert_allclose(run["tax"], [1, 0, 0])


def test_a_wish_that_is_a_number_can_still_be_set(workshop) -> None:
    run = sdcluster.simulate(chain(workshop, "3"), settings={"sent": 6}, method="euler")
    np.testing.assert_allclose(run["sent"], [6, 4, 0, 0, 0, 0, 0])


def test_a_stock_may_begin_with_what_its_outflow_needs(workshop) -> None:
    """The start is computed from the equation, or it would need itself."""
    run = sdcluster.simulate(chain(workshop, "5", holds="2 * sent"), method="euler")
    np.testing.assert_allclose(run["store"][:3], [10, 5, 0])


def test_stocks_that_feed_each_other_run(workshop) -> None:
    path = workshop.write(
        workshop.stock("here", "5", "back", "out", HELD),
        workshop.stock("there", "0", "out", "back", HELD),
        workshop.flow("out", "3"),
        workshop.flow("back", "2"),
        stop=9,
        dt=1,
    )
    run = sdcluster.simulate(path, method="euler")
    np.testing.assert_allclose(run["here"] + run["there"], 5)


def test_each_element_holds_its_own_back(workshop) -> None:
    axes = '<dimensions><dim name="place"/></dimensions>'
    path = workshop.write(
        f'<stock name="store"><eqn>4 * place</eqn>{axes}<outflow>sent</outflow>{HELD}</stock>',
        f'<flow name="sent">{axes}<element subscript="1"><eqn>3</eqn></element>'
        '<element subscript="2"><eqn>store[1] + 1</eqn></element></flow>',
        extra='<dimensions><dim name="place" size="2"/></dimensions>',
        stop=3,
        dt=1,
    )
    run = sdcluster.simulate(path, method="euler")
    np.testing.assert_allclose(run["sent"], [[3, 5], [1, 2], [0, 1], [0, 0]])


def store_of(*outflows: str, inflow: str = "import") -> str:
    flows = "".join(f"<outflow>{flow}</outflow>" for flow in outflows)
    return f'<stock name="store"><eqn>4</eqn><inflow>{inflow}</inflow>{flows}{HELD}</stock>'


@pytest.mark.parametrize(
    ("order", "export", "consumption"),
    [
        # The import is computed from the export, which waits for the consumption: neither can count on it.
        (("consumption", "export"), [1, 0, 0, 0], [2, 1.5, 0, 0]),
        # Here the export comes first, and the consumption can take what it brings in.
        (("export", "consumption"), [1, 1, 0, 0], [2, 1, 0, 0]),
    ],
)
@pytest.mark.parametrize("backend", ["python", "native"])
def test_an_inflow_of_a_later_outflow_is_no_cycle(
    workshop, order: tuple[str, ...], export: list[float], consumption: list[float], backend
) -> None:
    path = workshop.write(
        store_of(*order),
        workshop.flow("import", "export * 0.5"),
        workshop.flow("consumption", "2"),
        workshop.flow("export", "1"),
        stop=3,
        dt=1,
    )
    run = sdcluster.simulate(path, method="euler", backend=backend)
    np.testing.assert_allclose(run["export"], export)
    np.testing.assert_allclose(run["consumption"], consumption)
    change = run["import"].values - run["export"].values - run["consumption"].values
    np.testing.assert_allclose(np.diff(run["store"]), change[:-1])


def test_cohorts_pass_on_what_arrives_in_the_same_step(workshop) -> None:
    """Each flow out of a cohort is the flow into the next one; by variables the two need each other."""
    axes = '<dimensions><dim name="age"/></dimensions>'
    arriving = "".join(
        f'<element subscript="{i}"><eqn>{text}</eqn></element>'
        for i, text in ((1, "3"), (2, "ageing[1]"), (3, "ageing[2]"))
    )
    path = workshop.write(
        f'<stock name="cohort"><eqn>0</eqn>{axes}<inflow>arriving</inflow><outflow>ageing</outflow>{HELD}</stock>',
        f'<flow name="arriving">{axes}{arriving}</flow>',
        f'<flow name="ageing">{axes}<eqn>2</eqn></flow>',
        extra='<dimensions><dim name="age" size="3"/></dimensions>',
        stop=2,
        dt=1,
    )
    run = sdcluster.simulate(path, method="euler")
    np.testing.assert_allclose(run["ageing"], 2)
    np.testing.assert_allclose(run["cohort"], [[0, 0, 0], [1, 0, 0], [2, 0, 0]])


def test_a_ring_of_cohorts_leaves_all_inflows_out(workshop) -> None:
    axes = '<dimensions><dim name="age"/></dimensions>'
    arriving = "".join(
        f'<element subscript="{i}"><eqn>ageing[{j}]</eqn></element>'
        for i, j in ((1, 3), (2, 1), (3, 2))
    )
    path = workshop.write(
        f'<stock name="cohort"><eqn>age - 1</eqn>{axes}'
        f"<inflow>arriving</inflow><outflow>ageing</outflow>{HELD}</stock>",
        f'<flow name="arriving">{axes}{arriving}</flow>',
        f'<flow name="ageing">{axes}<eqn>5</eqn></flow>',
        extra='<dimensions><dim name="age" size="3"/></dimensions>',
        stop=2,
        dt=1,
    )
    run = sdcluster.simulate(path, method="euler")
    np.testing.assert_allclose(run["cohort"], [[0, 1, 2], [2, 0, 1], [1, 2, 0]])


def test_a_flow_that_leaves_two_stocks_keeps_its_equation(workshop) -> None:
    path = chain(workshop, "3", workshop.stock("copy", "99", "", "sent"))
    run = sdcluster.simulate(path, method="euler")
    np.testing.assert_allclose(run["sent"], 3)
    np.testing.assert_allclose(run["store"], [10, 7, 4, 1, 0, 0, 0])


def test_writing_keeps_the_equation_and_the_mark(workshop, tmp_path) -> None:
    path = write_xmile(sdcluster.load(chain(workshop, "3")), tmp_path / "written.xmile")
    model = sdcluster.load(path)
    assert model["store"].non_negative
    assert model["sent"].equations[0].expression.value == 3
