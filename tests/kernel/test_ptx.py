"""The text of a kernel is also a program for a GPU, with no operation fused, so that its bits can be the same."""

from __future__ import annotations

from pathlib import Path

import pytest

import sdcluster
from sdcluster.kernel import compile_model

pytest.importorskip("llvmlite")
MODELS = sorted(p.parent for p in Path(__file__).parents[2].glob("models/*/*.xmile"))


@pytest.mark.parametrize("path", MODELS, ids=lambda p: p.name)
def test_the_gpu_rounds_after_every_operation(path: Path) -> None:
    text = compile_model(sdcluster.load(path)).ptx()
    assert ".target sm_70" in text
    assert ".visible .func sd_rk4" in text
    assert ".extern" not in text  # a GPU has no mathematical library of ours
    assert "mul.rn.f64" in text
    for free in ("fma.", "mul.f64", "add.f64", "sub.f64"):  # without .rn the assembler may fuse
        assert free not in text
