"""Elementary functions of the compiled kernels, bit-identical on every machine.

`FUNCTIONS` contains the functions by name, and `module()` returns the module that is compiled into each kernel.
docs/evidence/accuracy.md lists the maximum error of each function, as measured by `benchmarks/elementary.py`. Special
cases such as infinity give the same results as in C, except for the sign and payload of NaN.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache

from sdcluster.kernel import ir
from sdcluster.kernel.library import (
    error_function,
    exponentials,
    gamma_function,
    inverse_trigonometry,
    logarithms,
    polynomials,
    powers,
    rounding,
    trigonometry,
)
from sdcluster.kernel.library.error_function import erf, erfc
from sdcluster.kernel.library.exponentials import cosh, exp, expm1, sinh, tanh
from sdcluster.kernel.library.gamma_function import gamma, lgamma
from sdcluster.kernel.library.inverse_trigonometry import acos, asin, atan, atan2
from sdcluster.kernel.library.logarithms import log, log1p, log10
from sdcluster.kernel.library.powers import power
from sdcluster.kernel.library.rounding import ceil, floor, fmod, trunc
from sdcluster.kernel.library.trigonometry import cos, sin, tan
from sdcluster.kernel.parse import parse

FUNCTIONS: dict[str, Callable[..., float]] = {
    "exp": exp, "expm1": expm1, "log": log, "log1p": log1p, "log10": log10, "power": power,
    "sin": sin, "cos": cos, "tan": tan, "asin": asin, "acos": acos, "atan": atan, "atan2": atan2,
    "sinh": sinh, "cosh": cosh, "tanh": tanh,
    "erf": erf, "erfc": erfc, "gamma": gamma, "lgamma": lgamma,
    "fmod": fmod, "floor": floor, "ceil": ceil, "trunc": trunc,
}  # fmt: skip

_MARK = "# ---- copied from here\n"
MODULES = (
    rounding,
    polynomials,
    exponentials,
    logarithms,
    powers,
    trigonometry,
    inverse_trigonometry,
    error_function,
    gamma_function,
)


@cache
def source() -> str:
    """Return the source of the functions and their constants, for `sdcluster.kernel.parse`."""
    texts = ["INF = float('inf')\nNAN = float('nan')\n"]
    texts += [inspect.getsource(module).partition(_MARK)[2] for module in MODULES]
    return "\n".join(texts)


@cache
def module() -> ir.Module:
    """Return the elementary functions, for `ir.Module.with_library`.

    A function is parsed when a kernel first uses it.
    """
    return parse(source())
