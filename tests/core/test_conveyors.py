"""Conveyors: nothing is lost on a belt, it takes its time, and it obeys its limits."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
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

VENDOR = '<xmile xmlns:isee="http://iseesystems.com/XMILE"'


def aux(name: str, equation: str) -> str:
    return f'<aux name="{name}"><eqn>{escape(equation)}</eqn></aux>'


def flow(name: str, equation: str) -> str:
    return f'<flow name="{name}"><eqn>{escape(equation)}</eqn></flow>'


def conveyor(
    name: str,
    initial: str,
    length: str,
    inflows: str = "enter",
    outflows: str = "leave",
    inside: str = "",
    attributes: str = "",
    before: str = "",
) -> str:
    """Return a stock that is a conveyor; flows are separated by blanks."""
    flows = "".join(f"<inflow>{f}</inflow>" for f in inflows.split())
    flows += "".join(f"<outflow>{f}</outflow>" for f in outflows.split())
    return (
        f'<stock name="{name}">{before}<eqn>{initial}</eqn>{flows}'
        f"<conveyor {attributes}><len>{escape(length)}</len>{inside}</conveyor></stock>"
    )


def leak(name: str, fraction: str, attributes: str = "", inside: str = "") -> str:
    return f'<flow name="{name}" {attributes}><eqn>{escape(fraction)}</eqn><leak/>{inside}</flow>'


def series(name: str, values: list[float], dt: float) -> str:
    """Return a flow with one value for each step, and 0 afterwards."""
    points = [*values, 0.0]
    xs = ",".join(repr(i * dt) for i in range(len(points)))
    return (
        f'<flow name="{name}"><eqn>TIME + DT / 4</eqn><gf type="discrete"><xpts>{xs}</xpts>'
        f"<ypts>{','.join(map(repr, points))}</ypts></gf></flow>"
    )


def run(
    file: Path, method: str = "euler", backend: str = "python", **options: object
) -> xr.Dataset:
    return sdcluster.simulate(file, method=method, backend=backend, **options)  # type: ignore[arg-type]


def of(ds: xr.Dataset, name: str) -> np.ndarray:
    return ds[name].to_numpy()


# ---- a belt of single cohorts, to compare with


@dataclass
class Cohort:
    """What entered in one step."""

    amount: float
    way: int
    passed: int = 0
    entered: float = 0.0
    shares: list[float] = field(default_factory=list)


@dataclass
class Belt:
    """A conveyor of constant transit time, cohort by cohort."""

    steps: int
    dt: float
    fractions: list[float]
    zones: list[tuple[float, float]]
    exponential: bool
    cohorts: list[Cohort] = field(default_factory=list)

    def inside(self, cohort: Cohort, k: int) -> bool:
        low, high = self.zones[k]
        return low <= (cohort.passed + 0.5) / cohort.way <= high

    def step(self, entering: float) -> tuple[float, list[float]]:
        """Return what leaves and what leaks in a step; then let something in."""
        out, leaked = 0.0, [0.0] * len(self.fractions)
        for cohort in self.cohorts:
            at_first = cohort.amount
            for k, fraction in enumerate(self.fractions):
                if not self.inside(cohort, k):
                    continue
                places = sum(
                    self.zones[k][0] <= (i + 0.5) / cohort.way <= self.zones[k][1]
                    for i in range(cohort.way)
                )
                loss = (
                    at_first * fraction * self.dt
                    if self.exponential
                    else cohort.entered * fraction / places
                )
                loss = min(loss, cohort.amount)
                cohort.amount -= loss
                leaked[k] += loss
            cohort.passed += 1
            if cohort.passed == cohort.way:
                out += cohort.amount
        self.cohorts = [c for c in self.cohorts if c.passed < c.way]
        self.cohorts.append(Cohort(entering, self.steps, 0, entering))
        return out, leaked


amounts = st.lists(st.floats(0, 100).map(lambda x: round(x, 3)), min_size=1, max_size=12)
DT = 0.25


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


@pytest.mark.parametrize("backend", ["native", "numba"])
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
    from sdcluster.scenario.scenario import Change

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
            "0 outflows that are no leaks; one must be at its end",
        ),
        ((conveyor("belt", "1", "lenght"),), '"lenght"'),
        ((leak("loss", "0.1", 'leak_start="2"'),), "leak_start"),
        ((conveyor("belt", "1", "1", inside="<capacity>2 * leave</capacity>"),), None),
        (
            (conveyor("belt", "1", "leave"),),
            "in a circle",
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
    with pytest.raises(ModelError, match='"leave" is decided by "belt"'):
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
        ModelError, match='profile "none", which is no variable with a graphical function'
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
