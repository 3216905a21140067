"""`sdcluster.jacobian`, and scipy's implicit solvers with exact Jacobians."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import sdcluster
from sdcluster.kernel.jacobian import Jacobian
from sdcluster.run import sparse
from tests.workshop import Workshop


@pytest.fixture
def prey(workshop: Workshop) -> Path:
    """Hares and lynxes: h' = a h - b h l, l' = c h l - d l, with a = 1, b = 0.1, c = 0.02, d = 0.5."""
    units = "<units>{}</units>"
    return workshop.write(
        workshop.stock("hares", "30", "births", "kills", units.format("hare")),
        workshop.stock("lynxes", "8", "growth", "deaths", units.format("lynx")),
        workshop.flow("births", "birth_rate * hares"),
        workshop.flow("kills", "0.1 * hares * lynxes"),
        workshop.flow("growth", "0.02 * hares * lynxes"),
        workshop.flow("deaths", "0.5 * lynxes"),
        workshop.aux("birth_rate", "1"),
        workshop.aux("double", "2 * hares"),
    )


def by_hand(hares: float, lynxes: float, births: float = 1.0) -> np.ndarray:
    return np.array([[births - 0.1 * lynxes, -0.1 * hares], [0.02 * lynxes, 0.02 * hares - 0.5]])


def test_the_matrix_at_the_start_has_names_and_units(prey):
    found = sdcluster.jacobian(prey)
    assert found.dims == ("rate", "stock")
    assert found["rate"].values.tolist() == found["stock"].values.tolist() == ["hares", "lynxes"]
    assert found["rate_units"].values.tolist() == ["hare/year", "lynx/year"]
    assert found["stock_units"].values.tolist() == ["hare", "lynx"]
    assert found.attrs == {"time": 0.0, "time_units": "year"}
    np.testing.assert_allclose(found, by_hand(30, 8), rtol=1e-14)
    assert float(found.sel(rate="hares", stock="lynxes")) == pytest.approx(-3.0)


def test_state_and_settings_take_the_place_of_those_of_the_model(prey):
    found = sdcluster.jacobian(prey, {"Lynxes": 3}, {"birth rate": 2})
    np.testing.assert_allclose(found, by_hand(30, 3, 2), rtol=1e-14)


def test_at_a_later_time_the_state_is_that_of_a_run(prey):
    run = sdcluster.simulate(prey)
    found = sdcluster.jacobian(prey, time=2.5)
    there = run.sel(time=2.5)
    np.testing.assert_allclose(found, by_hand(float(there["hares"]), float(there["lynxes"])))
    assert found.attrs["time"] == 2.5
    found = sdcluster.jacobian(prey, {"hares": 11}, time=2.5)
    np.testing.assert_allclose(found, by_hand(11, float(there["lynxes"])))


def test_a_run_in_steps_gives_it_too(prey):
    run = sdcluster.Simulator(prey).begin().step(3)
    np.testing.assert_allclose(run.jacobian(), by_hand(run["hares"], run["lynxes"]))


def test_the_equilibrium_of_hares_and_lynxes_is_a_center(prey):
    values = np.linalg.eigvals(sdcluster.jacobian(prey, {"hares": 25, "lynxes": 10}))
    np.testing.assert_allclose(sorted(values.imag), [-np.sqrt(0.5), np.sqrt(0.5)])
    np.testing.assert_allclose(values.real, 0.0, atol=1e-15)


def test_elements_and_stages_of_delays_have_names(workshop):
    extra = (
        '<dimensions><dim name="place"><elem name="north"/><elem name="south"/></dim></dimensions>'
    )
    inside = '<dimensions><dim name="place"/></dimensions>'
    path = workshop.write(
        workshop.stock("pop", "5", "births", inside=inside),
        workshop.flow("births", "SMTH3(pop, 6) * 0.1", inside),
        extra=extra,
    )
    found = sdcluster.jacobian(path)
    names = found["stock"].values.tolist()
    assert {"pop[north]", "pop[south]"} < set(names)
    assert len(names) == 8
    stages = [n for n in names if "[north]" in n and n.startswith("⟨")]
    assert len(stages) == 3
    matrix = found.sel(rate=stages, stock=stages).values
    np.testing.assert_allclose(np.linalg.eigvals(matrix).real, -0.5, rtol=1e-4)
    changed = sdcluster.jacobian(path, {"pop[south]": 7, "pop[north]": 6})
    np.testing.assert_allclose(changed, found)
    assert found.attrs["units"] == "1/year"


def test_a_graphical_function_has_the_slope_of_its_segment(workshop):
    path = workshop.write(
        workshop.stock("level", "4", "filling"),
        '<flow name="filling"><eqn>effect * TIME</eqn></flow>',
        '<aux name="effect"><eqn>level</eqn><gf><xpts>0,3,5,9</xpts><ypts>0,1,7,7</ypts></gf></aux>',
        start=2,
    )
    assert float(sdcluster.jacobian(path)[0, 0]) == 6.0  # slope 3 of the piece, at time 2


# ---- errors


def test_what_is_not_a_stock_is_no_part_of_a_state(prey):
    with pytest.raises(sdcluster.ModelError, match='"double" is not a stock'):
        sdcluster.jacobian(prey, {"double": 1})
    with pytest.raises(sdcluster.ModelError, match="hares"):
        sdcluster.jacobian(prey, {"hare": 1})


def test_conveyors_are_an_error_that_says_why(workshop):
    path = workshop.write(
        workshop.stock("belt", "0", "coming", "going", "<conveyor><len>3</len></conveyor>"),
        workshop.flow("coming", "2"),
        workshop.flow("going", "0"),
    )
    with pytest.raises(sdcluster.ModelError, match="no Jacobian: conveyors and queues"):
        sdcluster.jacobian(path)


def test_an_infinite_derivative_is_an_error_that_names_the_stocks(workshop):
    path = workshop.write(
        workshop.stock("tank", "0", outflow="leak"), workshop.flow("leak", "SQRT(tank)")
    )
    with pytest.raises(sdcluster.SimulationError, match='"tank" with respect to "tank" is -inf'):
        sdcluster.jacobian(path)
    assert float(sdcluster.jacobian(path, {"tank": 4})[0, 0]) == pytest.approx(-0.25)


# ---- solvers


@pytest.fixture
def robertson(workshop: Workshop) -> Path:
    """Robertson's reaction (1966), stiff: reference values of Hairer & Wanner at time 40."""
    return workshop.write(
        workshop.stock("a", "1", "b_to_a", "a_to_b"),
        workshop.stock("b", "0", "a_to_b", "b_away"),
        workshop.stock("c", "0", "b_to_c"),
        workshop.flow("a_to_b", "0.04 * a"),
        workshop.flow("b_to_a", "1e4 * b * c"),
        workshop.flow("b_to_c", "3e7 * b * b"),
        workshop.flow("b_away", "b_to_a + b_to_c"),
        stop=40,
    )  # fmt: skip


@pytest.mark.parametrize("backend", ["python", "native"])
@pytest.mark.parametrize("method", ["Radau", "BDF", "LSODA"])
def test_stiff_solvers_take_the_exact_jacobian(robertson, method, backend, monkeypatch):
    if backend == "native":
        pytest.importorskip("llvmlite")
    calls = []
    at = sparse.ExactJacobian.at

    def watched(self, *arguments):
        calls.append(1)
        return at(self, *arguments)

    monkeypatch.setattr(sparse.ExactJacobian, "at", watched)
    run = sdcluster.simulate(robertson, method=method, backend=backend)
    assert calls
    end = [float(run[n][-1]) for n in "abc"]
    np.testing.assert_allclose(end, [0.7158270688, 9.185534765e-6, 0.2841637457], rtol=2e-6)


@pytest.mark.parametrize("method", ["Radau", "BDF", "LSODA"])
def test_without_derivatives_the_solver_takes_differences(robertson, method, monkeypatch):
    monkeypatch.setattr(sparse, "exact_jacobian", lambda *_: None)
    run = sdcluster.simulate(robertson, method=method)
    assert float(run["a"][-1]) == pytest.approx(0.7158270688, rel=2e-6)


def test_machine_code_takes_over_with_the_same_bits(robertson):
    pytest.importorskip("llvmlite")
    first = sdcluster.Simulator(robertson, method="BDF", backend="native")
    plain = first.run()
    made = first._kernel.jacobian
    assert not made.ready
    assert made.native is not None  # waits for the compiler
    assert made.ready
    np.testing.assert_array_equal(first.run(), plain)


def test_what_is_found_by_trial_takes_differences(workshop):
    """NORMAL between bounds that move is found by bisection; the answer follows from the mean alone."""
    path = workshop.write(
        workshop.stock("level", "10", outflow="loss"),
        workshop.flow("loss", "level + 0 * NORMAL(level, 0.1, 1, level - 1, level + 1)"),
        stop=2,
    )
    with pytest.raises(
        sdcluster.ModelError, match="the quantile of a distribution has no derivative"
    ):
        sdcluster.jacobian(path)
    for method in ("Radau", "BDF", "LSODA"):
        run = sdcluster.simulate(path, method=method)
        assert float(run["level"][-1]) == pytest.approx(10 * np.exp(-2), rel=1e-5)


@pytest.mark.parametrize("method", ["Radau", "BDF"])
@pytest.mark.parametrize("backend", ["python", "native"])
def test_an_infinite_derivative_does_not_stop_a_solver(workshop, method, backend):
    """A tank that begins empty: the root has no slope at 0, and the tank fills to 4 all the same."""
    if backend == "native":
        pytest.importorskip("llvmlite")
    path = workshop.write(
        workshop.stock("tank", "0", "tap", "leak"),
        workshop.flow("tap", "2"),
        workshop.flow("leak", "SQRT(MAX(tank, 0))"),
        stop=60,
    )
    run = sdcluster.simulate(path, method=method, backend=backend)
    assert float(run["tank"][-1]) == pytest.approx(4.0, rel=1e-6)


@pytest.mark.parametrize("method", ["Radau", "BDF", "LSODA"])
def test_a_stock_that_cannot_become_negative_has_no_slope_at_zero(workshop, method):
    path = workshop.write(
        workshop.stock("store", "3", outflow="use", inside="<non_negative/>"),
        workshop.stock("made", "0", "use"),
        workshop.flow("use", "1 + 0.1 * store"),
    )
    run = sdcluster.simulate(path, method=method)
    assert float(run["store"][-1]) == pytest.approx(0.0, abs=1e-6)


def test_differences_agree_with_the_exact_matrix(prey):
    kernel = sdcluster.Simulator(prey).begin()._engine.kernel
    exact = sparse.exact_jacobian(kernel, "Radau", native=False, floor=[])
    run = sdcluster.Simulator(prey).begin()
    p = list(run._engine.p)

    def slope(t: float, state: np.ndarray) -> np.ndarray:
        dy = [0.0, 0.0]
        kernel.functions("python").rhs(t, state.tolist(), p, dy)
        return np.array(dy)

    state = np.array([30.0, 8.0])
    found = sparse.differences(slope, 0.0, state)
    np.testing.assert_allclose(found, exact.at(0.0, state, p, slope), rtol=1e-6)


def test_explicit_methods_need_none(prey):
    kernel = sdcluster.Simulator(prey).begin()._engine.kernel
    assert sparse.exact_jacobian(kernel, "DOP853", native=False, floor=[]) is None


def test_derivatives_that_were_compiled_before_are_ready_at_once(prey):
    kernel = sdcluster.Simulator(prey).prepared()[0].kernel
    assert Jacobian(kernel).native
    assert Jacobian(kernel).ready
