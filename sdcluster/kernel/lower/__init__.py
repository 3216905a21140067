"""Translate the equations of a model into the functions of a kernel.

First, hidden stocks and stored values replace calls of functions that depend on the past, such as SMOOTH, and the
equations are sorted: a `Model` becomes a `Program` (`kernel.program`). Then each value gets an address, and the
equations are translated: a `Program` becomes functions (`kernel.source`).
"""
