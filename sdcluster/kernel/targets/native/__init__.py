"""Printed kernels as machine code of this computer, compiled and loaded by llvmlite without numba.

What the translation (`sdcluster.kernel.targets.llvm`) does not know raises `Unsupported`, and numba takes over.
"""
