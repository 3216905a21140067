"""Generate PTX, the assembly language of NVIDIA GPUs, with llvmlite. No CUDA toolkit is needed.

`ptx_text(kernel, processor)` returns the PTX code of a kernel as text. The GPU's driver assembles the text. Each
operation rounds separately (``.rn``) and is not fused with others, so that a GPU can give the same bits as the other
targets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdcluster.kernel import ir
from sdcluster.kernel.library import elementary
from sdcluster.kernel.targets.llvm import translate

if TYPE_CHECKING:
    from sdcluster.kernel.kernel import Kernel

_TRIPLE = "nvptx64-nvidia-cuda"
OLDEST = "sm_70"  # from 2017, with fast double precision


def code(kernel: Kernel, method: str) -> str:
    """Return a kernel as PTX, with the integration loops of all methods; see `Kernel.code`."""
    return ptx_text(kernel.module, OLDEST)


def ptx_text(kernel: ir.Module, processor: str) -> str:
    """Return a kernel as PTX. Code on the GPU calls its functions ``sd_…``, for one run in each thread.

    Parameters
    ----------
    kernel : ir.Module
        `Kernel.module`.
    processor : str
        The oldest GPU architecture to support, such as ``sm_70``.

    Raises
    ------
    Unsupported
        If a function cannot be translated.
    RuntimeError
        If llvmlite was built without support for NVIDIA GPUs, or does not know the architecture.
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
