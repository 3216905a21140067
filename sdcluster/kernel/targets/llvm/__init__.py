"""Translation of a kernel to LLVM IR, for one run or for several runs in vector lanes.

Crosses the border: `translate(module, lanes)`.
"""

from sdcluster.kernel.targets.llvm.module import ADAPTIVE, ENTRIES, OPTIONAL, Translation, translate

__all__ = ["ADAPTIVE", "ENTRIES", "OPTIONAL", "Translation", "translate"]
