"""Conveyors: nothing is lost on a belt, it takes its time, and it obeys its limits."""

from __future__ import annotations

import math
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
import pytest
import xarray as xr
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import sdcluster
from tests.kernel.belts import VENDOR, Belt, aux, conveyor, flow, leak, of, run, series

DT = 0.25
amounts = st.lists(st.floats(0, 100).map(lambda x: round(x, 3)), min_size=1, max_size=12)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    amounts,
    st.integers(1, 9),
    st.lists(st.tuples(st.floats(0, 0.6), st.floats(0, 1), st.floats(0, 1)), max_size=2),
    st.booleans(),
)
def test_a_belt_is_what_its_cohorts_are(
    workshop: Any,
    entering: list[float],
    steps: int,
    leaks: list[tuple[float, float, float]],
    exponential: bool,
) -> None:
    zones = [(round(min(a, b), 2), round(max(a, b), 2)) for _, a, b in leaks]
    fractions = [round(f, 2) for f, _, _ in leaks]
    flows = [
        leak(f"loss {k}", repr(f), f'leak_start="{z[0]}" leak_end="{z[1]}"')
        for k, (f, z) in enumerate(zip(fractions, zones, strict=True))
    ]
    file = workshop.write(
        conveyor(
            "belt",
            "0",
            repr(steps * DT),
            outflows=" ".join(["leave", *(f"loss_{k}" for k in range(len(leaks)))]),
            attributes=f'exponential_leak="{str(exponential).lower()}"',
        ),
        series("enter", entering, DT),
        '<flow name="leave"/>',
        *flows,
        dt=DT,
        stop=6,
    )
    ds = run(file)
    belt = Belt(steps, DT, fractions, zones, exponential)
    for i in range(len(ds.time) - 1):
        volume = entering[i] * DT if i < len(entering) else 0.0
        out, leaked = belt.step(volume)
        assert of(ds, "enter")[i] * DT == pytest.approx(volume)
        assert of(ds, "leave")[i] * DT == pytest.approx(out, abs=1e-9)
        for k, loss in enumerate(leaked):
            assert of(ds, f"loss {k}")[i] * DT == pytest.approx(loss, abs=1e-9)
    # Everything has left: what was on the belt is what the stock said.
    assert of(ds, "belt")[-1] == pytest.approx(0.0, abs=1e-9)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    amounts,
    st.floats(0, 500),
    st.sampled_from(["2", "2 + STEP(2, 1)", "3 - STEP(2, 1)", "2 + SIN(9 * TIME)"]),
    st.sampled_from(["1", "PULSE(1, 0, 0.5) > 0"]),
    st.sampled_from(["0", "TIME > 0.8 AND TIME < 1.6"]),
    st.floats(0, 0.9),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["beginning", "even", "dest"]),
)
# A belt that is all but empty holds less than the whole unit that is due to leak.
@example([0.0, 3.0], 0.0, "3 - STEP(2, 1)", "1", "0", 0.5, True, True, "dest")
@example([8.0], 0.0, "3 - STEP(2, 1)", "1", "TIME > 0.8 AND TIME < 1.6", 0.5, True, True, "even")
def test_nothing_is_lost(
    workshop: Any,
    entering: list[float],
    initial: float,
    length: str,
    sample: str,
    arrest: str,
    fraction: float,
    exponential: bool,
    whole: bool,
    spread: str,
) -> None:
    """Whatever a belt goes through, what leaves it in the end is what was on it and what entered."""
    inside = f"<capacity>400</capacity><in_limit>300</in_limit><sample>{escape(sample)}</sample>"
    text = workshop.xmile(
        conveyor(
            "belt",
            repr(initial),
            length,
            outflows="leave loss",
            inside=inside + f"<arrest>{escape(arrest)}</arrest>",
            attributes=f'exponential_leak="{str(exponential).lower()}"',
        )
        + series("enter", entering, DT).replace("<flow", f'<flow isee:spreadflow="{spread}"')
        + '<flow name="leave"/>'
        + leak("loss", repr(fraction), 'leak_end="0.7"', "<leak_integers/>" if whole else ""),
        dt=DT,
        stop=14,
    ).replace("<xmile", VENDOR)
    ds = run(workshop.raw(text))
    flows = {n: of(ds, n)[:-1].sum() * DT for n in ("enter", "leave", "loss")}
    assert flows["leave"] + flows["loss"] == pytest.approx(initial + flows["enter"], abs=1e-6)
    assert of(ds, "belt")[-1] == pytest.approx(0.0, abs=1e-6)
    assert of(ds, "belt").min() >= -1e-9
    assert min(of(ds, n).min() for n in flows) >= 0.0
    if whole:
        units = of(ds, "loss") * DT
        np.testing.assert_allclose(units, np.round(units), atol=1e-9)


@pytest.mark.parametrize("method", ["euler", "rk4", "LSODA"])
def test_without_leak_it_is_a_fixed_delay(workshop: Any, method: str) -> None:
    file = workshop.write(
        conveyor("belt", "30", "3"),
        workshop.stock("source", "100", outflow="enter"),
        flow("enter", "source / 4 + 3 * SIN(TIME)^2"),
        '<flow name="leave"/>',
        aux("delayed", "DELAY(enter, 3, 10)"),
        dt=0.125,
        stop=8,
    )
    ds = run(file, method)
    np.testing.assert_allclose(of(ds, "leave"), of(ds, "delayed"), rtol=1e-9)
    assert of(ds, "leave")[0] == 10


def test_discrete_and_continuous_are_the_same_without_limits(workshop: Any) -> None:
    runs = [
        run(
            workshop.write(
                conveyor("belt", "0", "1.5", attributes=f'discrete="{kind}"'),
                flow("enter", "5 + 3 * SIN(TIME)"),
                '<flow name="leave"/>',
            )
        )
        for kind in ("true", "false")
    ]
    np.testing.assert_array_equal(of(runs[0], "leave"), of(runs[1], "leave"))


def test_steady_states_of_stella(workshop: Any) -> None:
    """A belt in balance stays there; its content is what the help of Stella gives for one leak."""
    inflow, length, fraction, dt = 250.0, 4.0, 0.2, 0.25
    linear = inflow * length * (1 - fraction * (length - dt) / length / 2)
    steps = length / dt
    exponential = inflow * (1 - (1 - fraction * dt) ** steps) / fraction
    for kind, content in (("false", linear), ("true", exponential)):
        file = workshop.write(
            conveyor(
                "belt",
                repr(content),
                "4",
                outflows="leave loss",
                attributes=f'exponential_leak="{kind}"',
            ),
            flow("enter", "250"),
            '<flow name="leave"/>',
            leak("loss", "0.2"),
            dt=dt,
        )
        ds = run(file)
        np.testing.assert_allclose(of(ds, "belt"), content, rtol=1e-9)
        np.testing.assert_allclose(of(ds, "leave") + of(ds, "loss"), inflow, rtol=1e-9)
    assert of(ds, "leave")[0] == pytest.approx(inflow * (1 - fraction * dt) ** steps)


def test_leaks_go_the_same_way_at_half_the_step(workshop: Any) -> None:
    """The error of an exponential leak halves with the step; a linear leak has none in all."""
    errors = []
    for dt in (0.25, 0.125, 0.0625):
        file = workshop.write(
            conveyor("belt", "0", "2", outflows="leave loss", attributes='exponential_leak="true"'),
            flow("enter", "10"),
            '<flow name="leave"/>',
            leak("loss", "0.5"),
            dt=dt,
        )
        errors.append(abs(of(run(file), "leave")[-1] - 10 * math.exp(-1.0)))
    assert errors[0] / errors[1] == pytest.approx(2, rel=0.15)
    assert errors[1] / errors[2] == pytest.approx(2, rel=0.1)


def test_capacity_and_limit_leave_the_rest_upstream(workshop: Any) -> None:
    file = workshop.write(
        conveyor("belt", "0", "4", inside="<capacity>60</capacity><in_limit>20</in_limit>"),
        workshop.stock("source", "500", outflow="enter"),
        flow("enter", "50"),
        '<flow name="leave"/>',
        stop=9,
    )
    for method in ("euler", "rk4"):
        ds = run(file, method)
        assert of(ds, "enter")[0] == 20
        assert of(ds, "enter").max() <= 20 + 1e-9
        assert of(ds, "belt").max() == pytest.approx(60)
        arrived = of(ds, "leave")[:-1].sum() * 0.125
        np.testing.assert_allclose(of(ds, "source")[-1] + of(ds, "belt")[-1] + arrived, 500)
    # Full after three years, it lets nothing in until the first has left after four.
    stays = (ds.time > 3.0) & (ds.time < 4.0)
    assert of(ds, "enter")[stays.to_numpy()].max() == pytest.approx(0.0, abs=1e-9)


def test_a_discrete_belt_may_use_the_limit_of_a_year_at_once(workshop: Any) -> None:
    file = workshop.write(
        conveyor("belt", "0", "2", inside="<in_limit>10</in_limit>", attributes='discrete="true"'),
        flow("enter", "100"),
        '<flow name="leave"/>',
        dt=0.25,
        stop=3,
    )
    entered = of(run(file), "enter") * 0.25
    np.testing.assert_allclose(entered[:8], [10, 0, 0, 0, 10, 0, 0, 0], atol=1e-9)


def test_listed_contents_come_out_one_by_one(workshop: Any) -> None:
    def leaving(contents: str, kind: str = "false") -> np.ndarray:
        file = workshop.write(
            conveyor("belt", contents, "4", attributes=f'discrete="{kind}"'),
            flow("enter", "0"),
            '<flow name="leave"/>',
            dt=0.5,
            stop=5,
        )
        ds = run(file)
        assert of(ds, "belt")[0] == pytest.approx(of(ds, "leave")[:-1].sum() * 0.5)
        return of(ds, "leave")[:8] * 0.5

    by_year = [0.5, 0.5, 1, 1, 1.5, 1.5, 2, 2]
    np.testing.assert_allclose(leaving("1, 2, 3, 4"), by_year)
    np.testing.assert_allclose(leaving("1, 2, 3, 4, 5"), by_year)
    np.testing.assert_allclose(leaving("1, 2, 3"), [0.5, 0.5, 1, 1, 1.5, 1.5, 1.5, 1.5])
    np.testing.assert_allclose(leaving("1, 2, 3, 4", "true"), [0, 1, 0, 2, 0, 3, 0, 4])
    np.testing.assert_allclose(leaving("1, 2, 3, 4, 5, 6, 7, 8"), range(1, 9))


def test_a_shorter_way_lets_newcomers_pass(workshop: Any) -> None:
    """What is on the belt keeps its pace; what enters after the change takes the new way (XMILE 1.0, 3.7.2)."""
    file = workshop.write(
        conveyor("belt", "0", "4 - STEP(3, 2)"),
        flow("enter", "PULSE(10, 0, 99) + PULSE(6, 2, 99)"),
        '<flow name="leave"/>',
        dt=0.5,
    )
    ds = run(file)
    left = {float(t): float(v) for t, v in zip(ds.time, of(ds, "leave") * 0.5, strict=True) if v}
    assert left == {3.0: 6.0, 4.0: 10.0}


def test_the_transit_time_is_read_when_sampled(workshop: Any) -> None:
    file = workshop.write(
        conveyor(
            "belt", "0", "1 + TIME", inside="<sample>TIME >= 3</sample>".replace(">=", "&gt;=")
        ),
        flow("enter", "PULSE(8, 1, 99) + PULSE(8, 4, 99)"),
        '<flow name="leave"/>',
        dt=0.5,
        stop=12,
    )
    ds = run(file)
    assert [float(t) for t, v in zip(ds.time, of(ds, "leave"), strict=True) if v] == [2.0, 9.0]


def test_an_arrested_belt_stands_still_and_holds_back_the_one_before(workshop: Any) -> None:
    file = workshop.write(
        conveyor("first", "80", "2", "enter", "between"),
        conveyor(
            "second", "0", "1", "between", "leave", "<arrest>TIME &gt;= 1 AND TIME &lt; 2</arrest>"
        ),
        flow("enter", "0"),
        '<flow name="between"/>',
        '<flow name="leave"/>',
        dt=0.25,
        stop=5,
    )
    ds = run(file)
    held = ((ds.time >= 1) & (ds.time < 2)).to_numpy()
    for name in ("between", "leave"):
        assert of(ds, name)[held].max() == 0.0
    assert np.ptp(of(ds, "second")[held]) == 0.0
    assert np.ptp(of(ds, "first")[held]) == 0.0
    # Ten fall off in a step; what came to the end meanwhile falls off at once.
    assert of(ds, "between")[8] * 0.25 == pytest.approx(40)
    assert of(ds, "leave")[:-1].sum() * 0.25 == pytest.approx(80)


def test_leaks_may_land_where_they_fell_off(workshop: Any) -> None:
    """With ``source`` a tested person goes on with what is left of the illness."""
    text = workshop.xmile(
        conveyor(
            "ill", "0", "4", "infecting", "recovering testing", attributes='exponential_leak="true"'
        )
        + conveyor("known", "0", "4", "testing", "leave")
        + flow("infecting", "PULSE(16, 0, 99)")
        + '<flow name="recovering"/><flow name="leave"/>'
        + leak("testing", "IF TIME = 2 THEN 1 / DT ELSE 0", 'isee:spreadflow="source"'),
        dt=0.25,
    ).replace("<xmile", VENDOR)
    ds = run(workshop.raw(text))
    left = [float(t) for t, v in zip(ds.time, of(ds, "leave"), strict=True) if v > 1e-9]
    assert left == [4.25]  # two years of four were over; a step goes by for changing belts
    assert of(ds, "leave").sum() * 0.25 == pytest.approx(16)


def test_arrays(workshop: Any) -> None:
    """Elements have ways and leaks of their own; a flow with more dimensions than a stock adds up."""
    shape = '<dimensions><dim name="class"/></dimensions>'
    flows = [
        f'<flow name="{n}">{shape}{inside}</flow>'
        for n, inside in (
            ("enter", "<eqn>size</eqn>"),
            ("leave", ""),
            ("loss", "<eqn>fraction</eqn><leak/>"),
        )
    ]
    elements = "".join(
        f'<element subscript="{e}"><eqn>{v}</eqn></element>'
        for e, v in (("a", 1), ("b", 2), ("c", 3))
    )
    file = workshop.write(
        conveyor("belt", "0", "way", outflows="leave loss", before=shape),
        f'<aux name="way">{shape}{elements}</aux>',
        f'<aux name="size">{shape}{elements.replace("<eqn>", "<eqn>10 * ")}</aux>',
        f'<aux name="fraction">{shape}{elements.replace("<eqn>", "<eqn>0.1 * ")}</aux>',
        workshop.stock("arrived", "0", "leave"),
        *flows,
        dt=0.5,
        stop=6,
        extra='<dimensions><dim name="class"><elem name="a"/><elem name="b"/><elem name="c"/></dim></dimensions>',
    )
    ds = run(file)
    for i in range(3):
        left = ds["leave"].to_numpy()[:, i]
        assert ds.time[np.flatnonzero(left)[0]] == i + 1
        assert left[-1] == pytest.approx(10 * (i + 1) * (1 - 0.1 * (i + 1)))
    total = ds["leave"].to_numpy()[:-1].sum() * 0.5
    assert of(ds, "arrived")[-1] == pytest.approx(total)
    again = sdcluster.load(sdcluster.load(file).to_xmile(file.with_suffix(".stmx")))
    xr.testing.assert_allclose(sdcluster.simulate(again, method="euler"), ds)


@pytest.mark.parametrize("backend", ["python", "native"])
def test_capacity_asks_for_what_limits_a_conveyor(workshop: Any, backend: str) -> None:
    file = workshop.write(
        conveyor("belt", "0", "4", inside="<capacity>room</capacity>"),
        aux("room", "60 + TIME"),
        conveyor(
            "plain", "0", "4", inflows="enter2", outflows="leave2", inside="<capacity>7</capacity>"
        ),
        conveyor("free", "0", "4", inflows="enter3", outflows="leave3"),
        *(flow(f"enter{i}", "1") for i in ("", "2", "3")),
        *(f'<flow name="leave{i}"/>' for i in ("", "2", "3")),
        aux("left", "CAPACITY(belt) - belt"),
        aux("old", "CAP(plain)"),
        aux("least", "MIN(CAPACITY(free), 5)"),
        stop=2,
    )
    ds = run(file, backend=backend)
    np.testing.assert_allclose(of(ds, "left"), 60 + of(ds, "time") - of(ds, "belt"))
    assert set(of(ds, "old")) == {7.0}
    assert set(of(ds, "least")) == {5.0}


def test_capacity_of_something_else_is_an_error(workshop: Any) -> None:
    file = workshop.write(aux("x", "CAPACITY(y)"), aux("y", "3"))
    with pytest.raises(sdcluster.ModelError, match="CAPACITY takes the name of a conveyor"):
        sdcluster.load(file)


def test_a_variable_may_be_named_as_the_function(workshop: Any) -> None:
    file = workshop.write(
        '<gf name="capacity"><xpts>0,1</xpts><ypts>0,3</ypts></gf>',
        aux("cap", "2"),
        aux("x", "capacity(0.5) * cap"),
    )
    assert of(run(file), "x")[0] == 3
