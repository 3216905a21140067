"""The public forms of a kernel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sdcluster
from sdcluster.cli import app
from sdcluster.kernel import Kernel, compile_model, targets
from sdcluster.kernel.targets import TARGETS, Target
from sdcluster.publish.program import export
from tests.command import CliRunner

MODELS = Path(__file__).parents[2] / "models"


@pytest.fixture(scope="module")
def kernel() -> Kernel:
    return compile_model(sdcluster.load(MODELS / "cluster"))


def parameters(kernel: Kernel) -> np.ndarray:
    return np.concatenate([kernel.untouched, np.zeros(2 * kernel.source.cells)])


def test_the_python_form_needs_nothing_but_python(kernel: Kernel) -> None:
    space: dict[str, Any] = {}
    exec(compile(kernel.python, "kernel", "exec"), space)  # printed from a model of ours
    expected, given = parameters(kernel).tolist(), parameters(kernel).tolist()
    kernel.functions("python").derive(expected)
    space["derive"](given)
    np.testing.assert_array_equal(given, expected)


def test_machine_code_of_several_runs_has_the_bits_of_each(kernel: Kernel) -> None:
    pytest.importorskip("llvmlite")
    p, y = parameters(kernel), np.zeros(kernel.source.width)
    many_p, many_y = np.repeat(p[:, np.newaxis], 2, axis=1), np.zeros((len(y), 2))
    place = kernel.source.parameters["openness"]
    many_p[place] = 0.2, 0.9
    lanes = kernel.native_lanes(2)
    lanes.derive(many_p)
    lanes.initial(many_p, many_y)
    for lane, openness in enumerate((0.2, 0.9)):
        own_p, own_y = p.copy(), y.copy()
        own_p[place] = openness
        kernel.native.derive(own_p)
        kernel.native.initial(own_p, own_y)
        np.testing.assert_array_equal(many_p[:, lane], own_p)
        np.testing.assert_array_equal(many_y[:, lane], own_y)


def test_the_webassembly_form_has_the_entries_of_one_method(kernel: Kernel) -> None:
    pytest.importorskip("llvmlite")
    module = kernel.wasm("rk2")
    assert module.code.startswith(b"\0asm")
    assert set(module.exports) >= {"sd_derive", "sd_initial", "sd_observe", "sd_rk2"}
    assert "sd_rk4" not in module.exports


def test_a_target_is_a_module_and_its_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kernel: Kernel
) -> None:
    (tmp_path / "names.py").write_text(
        "def code(kernel, method):\n    return method + ' ' + ' '.join(kernel.module.functions)\n"
    )
    monkeypatch.setattr(targets, "__path__", [*targets.__path__, str(tmp_path)])
    monkeypatch.setitem(TARGETS, "names", Target("names", ".names", "the names of the functions"))
    assert str(kernel.code("names", "euler")).startswith("euler ")
    (written,) = export(kernel.model, tmp_path / "m.names")
    assert written.read_text() == kernel.code("names", "rk4")
    shown = CliRunner().invoke(app, ["export", "--help"], env={"COLUMNS": "400"}).output
    assert ".ptx functions" in shown


def test_every_target_has_a_module_that_gives_code(kernel: Kernel) -> None:
    pytest.importorskip("llvmlite")
    assert {name: bool(kernel.code(name)) for name in TARGETS} == dict.fromkeys(TARGETS, True)
    with pytest.raises(ValueError, match="expected one of wasm, python, ptx"):
        kernel.code("fortran")
