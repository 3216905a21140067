"""Translate a kernel to LLVM IR, for a single run or for several runs, one in each lane of a vector.

`translate(module, lanes)` returns a `Translation`, which contains the LLVM IR as text.
"""

from sdcluster.kernel.targets.llvm.module import ADAPTIVE, ENTRIES, OPTIONAL, Translation, translate

__all__ = ["ADAPTIVE", "ENTRIES", "OPTIONAL", "Translation", "translate"]
