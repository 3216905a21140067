"""The text of a kernel is also a program for a GPU, with no operation fused, so that its bits can be the same."""

from __future__ import annotations

from pathlib import Path

import pytest

import sdcluster
from sdcluster.kernel import compile_model
from sdcluster.kernel.library import elementary
from sdcluster.kernel.parse import parse
from sdcluster.kernel.targets.llvm import translate

llvm = pytest.importorskip("llvmlite.binding")
TRIPLE = "nvptx64-nvidia-cuda"
MODELS = sorted(p.parent for p in Path(__file__).parents[2].glob("models/*/*.xmile"))


@pytest.mark.parametrize("path", MODELS, ids=lambda p: p.name)
def test_the_gpu_rounds_after_every_operation(path: Path) -> None:
    kernel = parse(compile_model(sdcluster.load(path)).text).with_library(elementary.module())
    translation = translate(kernel, heap=False)
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    module = llvm.parse_assembly(f'target triple = "{TRIPLE}"\n{translation.text}')
    target = llvm.Target.from_triple(TRIPLE).create_target_machine(cpu="sm_90", opt=3)
    tuning = llvm.create_pipeline_tuning_options(speed_level=3)
    builder = llvm.create_pass_builder(target, tuning)
    builder.getModulePassManager().run(module, builder)
    text = target.emit_assembly(module)
    assert ".visible .func sd_rk4" in text
    assert "mul.rn.f64" in text
    for free in ("fma.", "mul.f64", "add.f64", "sub.f64"):  # without .rn the assembler may fuse
        assert free not in text
