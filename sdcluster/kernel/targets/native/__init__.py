"""Compile kernels to machine code of this computer with llvmlite, and load the code.

If the translation (`sdcluster.kernel.targets.llvm`) raises `Unsupported`, the kernel runs in plain Python.
"""
