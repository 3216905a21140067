"""The zeros of the Jacobian: no dependence that differences find is missing, and few are there without need."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import sdcluster
from sdcluster.kernel import Kernel, compile_model
from sdcluster.kernel.lower import dependence
from sdcluster.kernel.parse import parse
from sdcluster.run.plan import prepare
from sdcluster.run.sparse import sparse_options
from tests.workshop import Workshop

MODELS = Path(__file__).resolve().parents[2] / "models"
PLACES = '<dimensions><dim name="place"/></dimensions>'
RANGE = (
    '<dimensions><dim name="place" size="4"><elem name="n"/><elem name="e"/><elem name="s"/><elem name="w"/>'
    "</dim></dimensions>"
)


def structure_of(path: Path) -> tuple[Kernel, np.ndarray]:
    kernel = compile_model(sdcluster.load(path))
    found = dependence.jacobian_structure(kernel)
    assert found is not None
    return kernel, found.toarray()


def differences(kernel: Kernel, tries: int = 4) -> np.ndarray:
    """Return which slopes change with which states, at a few random places; shape (width, width)."""
    model, n = kernel.model, kernel.source.width
    grid = sdcluster.Simulator(model).grid
    functions = kernel.functions("careful")
    p = prepare(model, {}, (), grid, "rk4").p.tolist()
    y = [0.0] * n
    functions.derive(p)
    functions.initial(p, y)
    if kernel.program.devices:
        functions.begin(grid.start, y, p)
    random = np.random.default_rng(1)
    found = np.zeros((n, n), dtype=bool)

    def slopes(t: float, state: np.ndarray) -> np.ndarray:
        result = [0.0] * n
        functions.rhs(t, state.tolist(), list(p), result)
        return np.array(result)

    for k in range(tries):
        t = grid.start + k / tries * (grid.stop - grid.start)
        state = np.array(y) + (0.3 * random.standard_normal(n) * (1.0 + np.abs(y)) if k else 0.0)
        before = slopes(t, state)
        for j in range(n):
            moved = state.copy()
            moved[j] += 0.01 * (1.0 + abs(moved[j]))
            after = slopes(t, moved)
            found[:, j] |= np.isfinite(after) & np.isfinite(before) & (after != before)
    return found


@pytest.mark.parametrize("name", sorted(p.name for p in MODELS.iterdir() if p.is_dir()))
def test_no_dependence_of_our_models_is_missing(name: str) -> None:
    kernel, structure = structure_of(MODELS / name)
    found = differences(kernel)
    assert found.any()
    assert not (found & ~structure).any()


EQUATIONS = {
    "one element each": ("level[place] / 10", 1),
    "a neighbour": ("level[n] - level[place]", 2),
    "a sum over all": ("SUM(level[*]) - level[place]", 4),
    "a branch": ("IF TIME &gt; 5 THEN level[place] ELSE level[s]", 2),
    "an index that moves": ("level[INT(TIME / 3) + 1]", 4),
    "a delay's hidden stocks": ("DELAY3(level[place], 4)", 1),
    "a smooth of another element": ("SMTH1(level[w], 2)", 1),
    "a value of the last step": ("PREVIOUS(level[place], 1)", 0),
    "a start alone": ("INIT(level[place])", 0),
}  # fmt: skip


@pytest.mark.parametrize("words", EQUATIONS)
def test_elements_depend_on_the_elements_they_name(workshop: Workshop, words: str) -> None:
    equation, most = EQUATIONS[words]
    kernel, structure = structure_of(
        workshop.write(
            f'<stock name="level">{PLACES}<eqn>1 + TIME</eqn><inflow>change</inflow></stock>'
            f'<flow name="change">{PLACES}<eqn>{equation}</eqn></flow>',
            extra=RANGE,
        )
    )
    found = differences(kernel)
    assert not (found & ~structure).any()
    first = kernel.source.states["level"]
    rows = structure[first : first + 4].sum(axis=1)
    assert rows.max() <= most


def test_what_a_conveyor_takes_in_is_decided_at_the_beginning_of_a_step(workshop: Workshop) -> None:
    kernel, structure = structure_of(
        workshop.write(
            workshop.stock("source", "100", outflow="starts"),
            workshop.flow("starts", "source / 10"),
            '<stock name="belt"><eqn>0</eqn><inflow>starts</inflow><outflow>ends</outflow>'
            "<conveyor><len>3</len></conveyor></stock>",
            '<flow name="ends"/>',
        )
    )
    states = kernel.source.states
    assert not structure[states["source"]].any()
    assert not (differences(kernel) & ~structure).any()


def test_what_cannot_be_read_gives_no_structure(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = compile_model(sdcluster.load(MODELS / "cluster"))
    text = "def rhs(t, y, p, dy):\n    while y[0] > 0.0:\n        dy[0] = y[0]\n"
    source = SimpleNamespace(module=parse(f"@jit\n{text}"), width=1, size=1, columns=1, cells=0)
    strange: Any = SimpleNamespace(source=source, functions=kernel.functions)
    assert dependence.jacobian_structure(strange) is None
    source.module = parse("@jit\n" + text.replace("while", "if"))
    known = dependence.jacobian_structure(strange)
    assert known is not None
    assert known.toarray().tolist() == [[True]]
    monkeypatch.setattr(dependence, "MOST_BITS", 0)
    assert dependence.jacobian_structure(strange) is None


@pytest.fixture
def chain(workshop: Workshop) -> Callable[[int], Path]:
    def write(length: int) -> Path:
        parts = []
        for i in range(length):
            before = f"level_{i - 1}" if i else "5"
            parts += [
                workshop.stock(f"level {i}", "1", f"flow_{i}"),
                workshop.flow(
                    f"flow {i}", f"{(1000, 10, 0.1)[i % 3]} * ({before} * 0.9 - level_{i})"
                ),
            ]
        return workshop.write(*parts, stop=20)

    return write


@pytest.mark.parametrize("method", ["Radau", "BDF"])
def test_zeros_change_the_work_and_not_the_result(
    chain: Callable[[int], Path], method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sdcluster.run import sparse as module

    path = chain(60)
    asked: list[dict[str, Any]] = []

    def options(kernel: Kernel, method: str) -> dict[str, Any]:
        asked.append(sparse_options(kernel, method))
        return asked[-1]

    monkeypatch.setattr(module, "exact_jacobian", lambda *_: None)
    monkeypatch.setattr(module, "sparse_options", options)
    sparse = sdcluster.simulate(path, method=method)
    assert asked[0]["jac_sparsity"].nnz == 119
    monkeypatch.setattr(module, "sparse_options", lambda *_: {})
    dense = sdcluster.simulate(path, method=method)
    exact = sdcluster.simulate(path, method="LSODA", rtol=1e-11, atol=1e-12)
    for name in dense.data_vars:
        np.testing.assert_allclose(sparse[name], dense[name], rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(sparse[name], exact[name], rtol=1e-3, atol=1e-5)


def test_small_models_and_other_methods_go_on_as_before(chain: Callable[[int], Path]) -> None:
    assert sparse_options(compile_model(sdcluster.load(chain(10))), "Radau") == {}
    assert sparse_options(compile_model(sdcluster.load(chain(60))), "LSODA") == {}
