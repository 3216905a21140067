"""LLVM's language for a kernel: for one run, or for several side by side in the lanes of vectors.

Crosses the border: `translate(module, lanes)`.
"""

from sdcluster.kernel.targets.llvm.module import ADAPTIVE, ENTRIES, OPTIONAL, Translation, translate

__all__ = ["ADAPTIVE", "ENTRIES", "OPTIONAL", "Translation", "translate"]
