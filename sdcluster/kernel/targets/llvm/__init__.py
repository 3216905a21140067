"""Translate a kernel to LLVM IR, for a single run or for several runs, one in each lane of a vector.

Exports `translate(module, lanes)`.
"""

from sdcluster.kernel.targets.llvm.module import ADAPTIVE, ENTRIES, OPTIONAL, Translation, translate

__all__ = ["ADAPTIVE", "ENTRIES", "OPTIONAL", "Translation", "translate"]
