"""One corpus for all forms of a kernel: machine code of one run, four in lanes, and WebAssembly have the same bits.

Plain Python uses the C library, and rounds its own way. Each call that a run makes of its kernel is made again in the
other forms, with all that it reads and writes compared: parameters, states, what is kept, rows.
"""

from __future__ import annotations

import inspect
import os
import platform
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.suite import refusal
from sdcluster.errors import ModelError
from sdcluster.kernel import Kernel
from sdcluster.kernel.library import MARK, MODULES, elementary
from sdcluster.kernel.targets.native import objects
from sdcluster.kernel.targets.native.objects import Processor
from tests.kernel.calls import (
    METHODS,
    Call,
    again,
    calls_of,
    differences,
    entries_of,
    lists,
    prepared,
    side_by_side,
    varied,
    webassembly,
)

pytest.importorskip("llvmlite")
ROOT = Path(__file__).parents[2]
SUITE = Path(os.environ.get("SDX_TEST_MODELS", ROOT.parent / "shared" / "test-models"))
MODELS = sorted(p.parent for p in ROOT.glob("models/*/*.xmile"))
PUBLIC = sorted(p for end in ("mdl", "xmile", "stmx") for p in SUITE.glob(f"*/*/*.{end}"))
STEPS = 24
FACTORS = (1.0, 0.97, 0.9, 0.8)
OLD = Processor("x86-64-v2")  # without AVX and without fused operations


@pytest.mark.parametrize("path", [*MODELS, *PUBLIC], ids=lambda p: f"{p.parent.name}-{p.name}")
@pytest.mark.filterwarnings("ignore::sdcluster.errors.ModelWarning")
def test_every_form_of_the_kernel_has_the_same_bits(path: Path) -> None:
    try:
        simulator, setup, grid = prepared(path, STEPS)
    except ModelError as error:
        if path in MODELS or not (refusal(path) or "data.csv" in str(error)):
            raise
        pytest.skip("the model is refused, or its data are not in the public suite")
    method = simulator.method if simulator.method in METHODS else "rk4"
    entries, module = entries_of(setup, method), objects.complete(setup.kernel.module)
    one = objects.callables(module, 1, entries)
    four = objects.callables(module, len(FACTORS), entries, levels=(1, 1))  # the same bits, sooner
    runs = [calls_of(varied(setup, factor), grid, method, one) for factor in FACTORS]
    together = side_by_side(runs)
    assert not differences(together, again(together, four))
    page = webassembly(setup.kernel.wasm(method).code)
    assert not differences(runs[0], again(runs[0], page))
    for call, found in zip(runs[0], python(setup.kernel, runs[0]), strict=True):
        for expected, got in zip(call.after, found, strict=True):
            np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-300)


def python(kernel: Kernel, calls: list[Call]) -> list[tuple[Any, ...]]:
    """Return what plain Python gives; where it raises, what it gives with checks of each division."""
    try:
        return again(calls, lists(kernel.functions("python")))
    except (ArithmeticError, ValueError):
        return again(calls, lists(kernel.functions("careful")))


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="compiles for x86-64")
@pytest.mark.parametrize("path", MODELS, ids=lambda p: p.name)
@pytest.mark.parametrize("lanes", [1, 4])
def test_an_older_processor_gives_the_same_bits(path: Path, lanes: int) -> None:
    simulator, setup, grid = prepared(path, STEPS)
    entries, module = entries_of(setup, simulator.method), objects.complete(setup.kernel.module)
    one = objects.callables(module, 1, entries)
    runs = [calls_of(varied(setup, f), grid, simulator.method, one) for f in FACTORS[:lanes]]
    calls = runs[0] if lanes == 1 else side_by_side(runs)
    assert not differences(calls, again(calls, objects.callables(module, lanes, entries, OLD)))


def test_the_public_models_are_there() -> None:
    if not SUITE.is_dir():
        pytest.skip("set SDX_TEST_MODELS to a copy of github.com/SDXorg/test-models")
    assert len(PUBLIC) > 250


def test_no_name_of_the_library_occurs_twice() -> None:
    """A kernel is compiled with the functions and tables of all modules; one would hide the other."""
    names = [
        name
        for module in (*MODULES, *elementary.MODULES)
        for name in re.findall(
            r"^(?:def )?(\w+)(?: = |\()", inspect.getsource(module).partition(MARK)[2], re.MULTILINE
        )
    ]
    assert len(names) > 200
    assert len(names) == len(set(names))
