"""From a model to an executable kernel: expand, sort, print, build."""

from sdcluster.compile.kernel import Backend, Kernel, compile_model

__all__ = ["Backend", "Kernel", "compile_model"]
