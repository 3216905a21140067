"""Printed kernels as machine code, by LLVM, without numba: a fraction of a second where numba takes several.

numba infers types for any Python; the text of a kernel is a small language of our own, in which types are plain. So it
is translated here (`module`, `functions`, `expressions`, `inference`) and compiled and loaded by llvmlite (`objects`).
What the translation does not know raises `Unsupported`, and numba takes over.
"""

from sdcluster.kernel.targets.native.module import translate
from sdcluster.kernel.targets.native.values import Unsupported

__all__ = ["Unsupported", "translate"]
