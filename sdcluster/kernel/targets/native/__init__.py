"""Printed kernels as machine code of this computer, compiled and loaded by llvmlite.

The translation (`sdcluster.kernel.targets.llvm`) raises `Unsupported` for unknown code; plain Python runs it.
"""
