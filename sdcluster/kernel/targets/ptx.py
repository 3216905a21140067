"""A kernel as text for an NVIDIA GPU, made by llvmlite alone: a driver assembles it, no CUDA toolkit is needed here.

Crosses the border: `ptx_text(kernel, processor)`. Every operation rounds (``.rn``) and none is fused, so that a GPU can
give the bits of the other forms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdcluster.kernel import ir
from sdcluster.kernel.library import elementary
from sdcluster.kernel.targets.llvm import translate

if TYPE_CHECKING:
    from sdcluster.kernel.kernel import Kernel

_TRIPLE = "nvptx64-nvidia-cuda"
OLDEST = "sm_70"  # with doubles in every unit, 2017


def code(kernel: Kernel, method: str) -> str:
    """Return a kernel as PTX; see `Kernel.code`. It has the loops of all methods."""
    return ptx_text(kernel.module, OLDEST)


def ptx_text(kernel: ir.Module, processor: str) -> str:
    """Return a kernel as PTX, whose functions ``sd_…`` a GPU's own code calls, one run in each thread.

    Parameters
    ----------
    kernel : ir.Module
        `Kernel.module`.
    processor : str
        The oldest GPU that shall run it, such as ``sm_70``.

    Raises
    ------
    Unsupported
        If a function cannot be translated.
    RuntimeError
        If this llvmlite makes no code for GPUs, or does not know the processor.
    """
    import llvmlite.binding as llvm

    translation = translate(kernel.with_library(elementary.module()), heap=False)
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    module = llvm.parse_assembly(f'target triple = "{_TRIPLE}"\n{translation.text}')
    module.verify()
    target = llvm.Target.from_triple(_TRIPLE).create_target_machine(cpu=processor, opt=3)
    tuning = llvm.create_pipeline_tuning_options(speed_level=3)
    builder = llvm.create_pass_builder(target, tuning)
    builder.getModulePassManager().run(module, builder)
    return str(target.emit_assembly(module))
