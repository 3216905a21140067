"""Printed kernels as machine code of this computer, compiled and loaded by llvmlite.

What the translation (`sdcluster.kernel.targets.llvm`) does not know raises `Unsupported`, and plain Python runs it.
"""
