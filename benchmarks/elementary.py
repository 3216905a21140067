# ruff: noqa: E501 - lines of the page
"""Compare the elementary functions with mpmath over their whole ranges, and measure their cost.

Writes docs/evidence/accuracy.md. The functions are compiled to machine code from the source that all targets use
(`sdcluster.kernel.targets`). mpmath computes the true values with 60 digits, or with 400 where a large argument needs
them. The arguments are random; another seed gives other arguments.

    python benchmarks/elementary.py [--points 20000] [--seed 1] [--write]
"""

from __future__ import annotations

import argparse
import ctypes
import ctypes.util
import inspect
import math
import multiprocessing
import platform
import random
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from mpmath import mp, mpf

from sdcluster.kernel import ir
from sdcluster.kernel.library.elementary import FUNCTIONS, source
from sdcluster.kernel.parse import parse
from sdcluster.kernel.targets.llvm import Translation
from sdcluster.kernel.targets.native import objects

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "evidence" / "accuracy.md"
LANES = 8
CALLS = 16_000  # in one measurement; so few arguments fit in the processor's cache
ROUNDS = 200

Draw = Callable[[random.Random], float]


# ---- where each function is measured


def uniform(low: float, high: float) -> Draw:
    return lambda r: r.uniform(low, high)


def sized(low: float, high: float, signs: str = "+") -> Draw:
    """Return a function that draws numbers from 10^low to 10^high, uniform in the exponent."""
    return lambda r: 10.0 ** r.uniform(low, high) * (1.0 if signs == "+" else r.choice((-1.0, 1.0)))


def near(number: float) -> Draw:
    """Return a function that draws numbers near `number`, at relative distances from 1e-16 to 1e-2."""
    return lambda r: number * (1.0 + 10.0 ** r.uniform(-16, -2) * r.choice((-1.0, 1.0)))


def near_multiple(step: float, most: float) -> Draw:
    """Return a function that draws numbers near a multiple of `step`; the factor is at most 10^most."""
    return lambda r: near(step * round(10.0 ** r.uniform(0, most)))(r)


@dataclass(frozen=True)
class Range:
    """A range of arguments: its description, and the functions that draw the arguments."""

    words: str
    draw: Draw
    # Draws the second argument; for `power`, the logarithm of the result.
    second: Draw | None = None


HALF_PI = math.pi / 2
CIRCLE = (
    Range("−10 to 10", uniform(-10, 10)),
    Range("±10^−320 to 10^308", sized(-320, 308, "±")),
    Range("near multiples of π/2 below 25,000", near_multiple(HALF_PI, 4.2)),
    Range("near multiples of π/2 beyond", lambda r: near_multiple(HALF_PI, 15)(r)),
)
SMALL = Range("±10^−320 to 1", sized(-320, 0, "±"))
ALL = Range("±10^−320 to 10^308", sized(-320, 308, "±"))
POSITIVE = Range("10^−323 to 10^308", sized(-323, 308))
LOGS = (POSITIVE, Range("1/2 to 2", uniform(0.5, 2)), Range("near 1", near(1.0)),
        Range("subnormal", sized(-323, -308)))  # fmt: skip
ARCS = (
    Range("−1 to 1", uniform(-1, 1)),
    SMALL,
    Range("near 1", lambda r: 1.0 - 10.0 ** r.uniform(-16, -1)),
)
HYPERBOLIC = (Range("−710 to 710", uniform(-710, 710)), Range("−3 to 3", uniform(-3, 3)), SMALL)
RANGES: dict[str, tuple[Range, ...]] = {
    "exp": (Range("−708 to 709.7", uniform(-708, 709.7)), Range("−1 to 1", uniform(-1, 1)), SMALL,
            Range("subnormal results", uniform(-745, -708))),
    "expm1": (Range("−40 to 709.7", uniform(-40, 709.7)), Range("−1 to 1", uniform(-1, 1)), SMALL),
    "log": LOGS,
    "log1p": (POSITIVE, Range("−0.99 to 2", uniform(-0.99, 2)), SMALL),
    "log10": LOGS,
    "power": (
        Range("x 10^−323 to 10^308, results of any size", sized(-323, 308), uniform(-744, 709)),
        Range("x 1/2 to 2, results of any size", uniform(0.5, 2), uniform(-744, 709)),
        Range("x near 1, results of any size", near(1.0), uniform(-744, 709)),
        Range("x 1/1000 to 1000, y −10 to 10", sized(-3, 3), None),
    ),
    "sin": CIRCLE, "cos": CIRCLE, "tan": CIRCLE, "asin": ARCS, "acos": ARCS,
    "atan": (Range("−4 to 4", uniform(-4, 4)), ALL),
    "atan2": (Range("−1 to 1", uniform(-1, 1), uniform(-1, 1)), Range("10^±5", sized(-5, 5, "±"), sized(-5, 5, "±")),
              Range("±10^−320 to 10^308", sized(-320, 308, "±"), sized(-320, 308, "±"))),
    "sinh": HYPERBOLIC, "cosh": HYPERBOLIC,
    "tanh": (Range("−20 to 20", uniform(-20, 20)), Range("−1 to 1", uniform(-1, 1)), SMALL),
    "erf": (Range("−6 to 6", uniform(-6, 6)), Range("−1 to 1", uniform(-1, 1)), SMALL),
    "erfc": (Range("0 to 6", uniform(0, 6)), Range("−6 to 0", uniform(-6, 0)), Range("6 to 27.2", uniform(6, 27.2)), SMALL),
    "gamma": (Range("0 to 12", uniform(0, 12)), Range("12 to 171.6", uniform(12, 171.6)), Range("−12 to 0", uniform(-12, 0)),
              Range("−184 to −12", uniform(-184, -12)), Range("±10^−308 to 1", sized(-307.9, 0, "±"))),
    "lgamma": (Range("0 to 3", uniform(0, 3)), Range("near 1", near(1.0)), Range("near 2", near(2.0)),
               Range("3 to 30", uniform(3, 30)), POSITIVE, Range("−2 to 0", uniform(-2, 0)),
               Range("−200 to −2 (absolute, see below)", uniform(-200, -2))),
    "fmod": (Range("±10^−323 to 10^308", sized(-323, 308, "±"), sized(-323, 308, "±")),
             Range("10^±10", sized(-10, 10, "±"), sized(-10, 10, "±"))),
}  # fmt: skip
ABSOLUTE = "absolute"  # marks a range where results below 1 have their errors given in units of the last place of 1


def arguments(name: str, where: Range, count: int, seed: int) -> list[tuple[float, ...]]:
    """Return `count` random arguments of a function from a range, as tuples."""
    r = random.Random(f"{name}{where.words}{seed}")
    found: list[tuple[float, ...]] = []
    while len(found) < count:
        x = where.draw(r)
        if name not in ("power", "atan2", "fmod"):
            found.append((x,))
        elif name == "power":
            logarithm = math.log(x)
            y = r.uniform(-10, 10) if where.second is None else where.second(r) / (logarithm or 1.0)
            if math.isfinite(y):
                found.append((x, y))
        else:
            assert where.second is not None
            found.append((x, where.second(r)))
    return found


# ---- true values


def true_value(name: str, values: tuple[float, ...]) -> mpf:
    """Return the value of a function, computed by mpmath with enough digits for the comparison."""
    x = mpf(values[0])
    with mp.workdps(400 if name in ("sin", "cos", "tan") and abs(x) > 1e10 else 60):
        if name == "lgamma":
            return mp.re(mp.loggamma(x)) if x > 0 else mp.log(abs(mp.gamma(x)))
        if name == "fmod":
            return mpf(math.fmod(*values))
        return getattr(mp, name)(*(mpf(v) for v in values))


def ulps(got: float, true: mpf, *, absolute: bool = False) -> float:
    """Return an error in units of the last place of the true value, or of 1 if `absolute` and this unit is larger."""
    if not math.isfinite(got):
        return (
            0.0
            if abs(true) >= mpf(2) ** 1024 * (1 - mpf(2) ** -54) and not math.isnan(got)
            else math.inf
        )
    place = max(mp.frexp(true)[1] - 53, -1074)
    return float(abs(mpf(got) - true) / mp.ldexp(1, max(place, -52) if absolute else place))


# ---- the functions as machine code


def counts() -> dict[str, int]:
    """Return the number of arguments of each function."""
    return {n: len(inspect.signature(f).parameters) for n, f in FUNCTIONS.items()}


class Compiled:
    """The elementary functions, compiled for arrays.

    Parameters
    ----------
    lanes : int
        The number of elements that are computed at the same time: 1 or 8.
    """

    def __init__(self, lanes: int = 1) -> None:
        loops = []
        for name, count in counts().items():
            names = [f"x{i}" for i in range(count)]
            given = ", ".join(f"{n}[i]" for n in names)
            vectors = ", ".join([*names, "o"])
            loops.append(
                f"@jit\ndef over_{name}({vectors}):\n    for i in range(len(o)):\n        o[i] = {name}({given})\n"
            )
        module: ir.Module = parse(source() + "\n\n" + "\n\n".join(loops))
        entries = {f"over_{n}": "v" * (c + 1) for n, c in counts().items()}
        # Without vectorizing and unrolling loops, so that each turn computes one element (or one per lane).
        self.functions = objects.callables(module, lanes, entries, levels=(2, 3))
        self.lanes = lanes

    def __call__(self, name: str, *vectors: np.ndarray) -> np.ndarray:
        """Return the function's value for each element; the length of the arrays must be a multiple of the lanes."""
        run, result = self.prepared(name, *vectors)
        run()
        return result

    def prepared(self, name: str, *vectors: np.ndarray) -> tuple[Callable[[], None], np.ndarray]:
        """Return a function without arguments that evaluates `name` for all elements, and the array that it fills."""
        held = [aligned(v) for v in (*vectors, np.zeros_like(vectors[0]))]
        shape = (-1,) if self.lanes == 1 else (-1, self.lanes)
        given = [v.reshape(shape) for v in held]
        function = getattr(self.functions, f"over_{name}")

        def run() -> None:
            function(*given)

        return run, held[-1]


def aligned(vector: np.ndarray) -> np.ndarray:
    """Return a copy of a vector whose address is a multiple of 64 bytes."""
    room = np.empty(len(vector) + 8)
    start = -room.ctypes.data % 64 // 8
    held = room[start : start + len(vector)]
    held[:] = vector
    return held


def c_library() -> Callable[..., float]:
    """Return a function that calls the C library's function of the same meaning, given our name and the arguments."""
    found = ctypes.CDLL(ctypes.util.find_library("m"))
    names = {"power": "pow", "gamma": "tgamma"}

    def call(name: str, *values: float) -> float:
        function = getattr(found, names.get(name, name))
        function.restype = ctypes.c_double
        function.argtypes = [ctypes.c_double] * len(values)
        return function(*values)

    return call


# ---- measuring


@dataclass(frozen=True)
class Finding:
    """The largest error of a function within a range, and the argument at which it occurs."""

    name: str
    words: str
    points: int
    error: float
    at: tuple[float, ...]
    theirs: float  # largest error of the C library's function


def measure(name: str, where: Range, count: int, seed: int) -> Finding:
    """Compare a function with mpmath at `count` points of a range, and return the largest error."""
    global _compiled
    if _compiled is None:
        _compiled = Compiled()
    drawn = arguments(name, where, count, seed)
    got = _compiled(name, *(np.array(column) for column in zip(*drawn, strict=True)))
    c = c_library()
    absolute = ABSOLUTE in where.words
    worst, at, theirs = -1.0, drawn[0], 0.0
    for values, result in zip(drawn, got.tolist(), strict=True):
        true = true_value(name, values)
        error = ulps(result, true, absolute=absolute)
        if error > worst:
            worst, at = error, values
        theirs = max(theirs, ulps(c(name, *values), true, absolute=absolute))
    return Finding(name, where.words, count, worst, at, theirs)


_compiled: Compiled | None = None


def jobs() -> Iterator[tuple[str, Range]]:
    for name, ranges in RANGES.items():
        for where in ranges:
            yield name, where


TIMED: dict[str, tuple[Draw, ...]] = {
    "exp": (uniform(-10, 10),), "log": (uniform(0, 100),), "power": (uniform(0, 10), uniform(-3, 3)),
    "sin": (uniform(-10, 10),), "cos": (uniform(-10, 10),), "tan": (uniform(-10, 10),), "tanh": (uniform(-4, 4),),
    "expm1": (uniform(-2, 2),), "log1p": (uniform(-0.5, 2),), "log10": (uniform(0, 100),), "atan": (uniform(-4, 4),),
    "erf": (uniform(-2, 2),), "lgamma": (uniform(0, 20),), "gamma": (uniform(0, 20),),
    "fmod": (uniform(0, 100), uniform(1, 10)),
}  # fmt: skip


def timings() -> list[tuple[str, float, float, float]]:
    """Return, for each function, the nanoseconds per call of three versions.

    The versions are the C library's function, our function, and our function with eight elements at a time. All are
    called in a compiled loop.
    """
    one, eight = Compiled(), Compiled(LANES)
    library = c_loops()
    r = random.Random(3)
    found = []
    for name, draws in TIMED.items():
        columns = [np.array([d(r) for _ in range(CALLS)]) for d in draws]
        times = []
        for made in (library, one, eight):
            run, _ = made.prepared(name, *columns)
            best = math.inf
            for _ in range(ROUNDS):
                start = time.perf_counter()
                run()
                best = min(best, time.perf_counter() - start)
            times.append(best / CALLS * 1e9)
        found.append((name, *times))
    return found


def c_loops() -> Compiled:
    """Return loops over the C library's functions, compiled by the same compiler as our functions."""
    text = "\n".join(_c_loop(name, counts()[name]) for name in TIMED)
    entries = {f"over_{n}": "v" * (counts()[n] + 1) for n in TIMED}
    made = Compiled.__new__(Compiled)
    made.functions = objects.load(objects.object_code(Translation(text, 0)), entries)
    made.lanes = 1
    return made


def _c_loop(name: str, count: int) -> str:
    """Return LLVM text of a loop that calls a C library function for each element."""
    called = {"power": "pow", "gamma": "tgamma"}.get(name, name)
    vectors = ", ".join(f"ptr %x{j}, i64 %n{j}" for j in range(count + 1))
    loads = "\n".join(
        f"  %a{j} = getelementptr double, ptr %x{j}, i64 %i\n  %v{j} = load double, ptr %a{j}"
        for j in range(count)
    )
    return f"""declare double @{called}({", ".join(["double"] * count)})
define void @sd_over_{name}({vectors}) {{
entry:
  br label %turn
turn:
  %i = phi i64 [ 0, %entry ], [ %next, %turn ]
{loads}
  %r = call double @{called}({", ".join(f"double %v{j}" for j in range(count))})
  %at = getelementptr double, ptr %x{count}, i64 %i
  store double %r, ptr %at
  %next = add i64 %i, 1
  %more = icmp slt i64 %next, %n{count}
  br i1 %more, label %turn, label %done
done:
  ret void
}}"""


# ---- the page

HEAD = """# Accuracy of the elementary functions

Written by `benchmarks/elementary.py`; do not edit. Compiled models use sdcluster's own elementary
functions (`sdcluster/kernel/library`), so that a run gives the same bits on every machine, whatever its C
library. Errors are in units of the last place (ulp) of the true value, which mpmath computes; a correctly
rounded result has an error of at most 0.5. The column *at* shows the argument with the largest error. The
last column is the largest error of this machine's C library ({library}) for the same arguments.

| function | range | points | largest error | at | C library |
|---|---|---:|---:|---|---:|
"""
TAIL = """
Below −2, `lgamma` has two zeros between each pair of neighbouring poles. Near these zeros, `lgamma` loses
digits by cancellation, as in the C library; if the result is smaller than 1, the error is given in ulp
of 1. `fmod`, `floor`, `ceil`, `trunc` and the square root are exact or correctly rounded. For subnormal
results, the unit of the error is 2^−1074.

For special values, the functions give the results that the C standard requires (C17, annex F). These values
are NaN, both infinities, both zeros, one, the largest and smallest doubles, and whole and odd exponents.
`tests/kernel/test_elementary.py` tests all pairs of these values. The sign and payload of a NaN may
differ.

## Cost

The table shows the nanoseconds that a function takes for one argument, in a loop over {calls:,}
arguments on the processor {cpu}. In the last column, sdcluster's function computes the results for eight
arguments together, and the time is that of a single result.

| function | C library | sdcluster | sdcluster, 8 at a time |
|---|---:|---:|---:|
"""


def page(findings: list[Finding], times: list[tuple[str, float, float, float]]) -> str:
    """Return the text of docs/evidence/accuracy.md."""
    lines = [HEAD.format(library=" ".join(platform.libc_ver())).rstrip("\n")]
    for f in findings:
        at = ", ".join(repr(v) for v in f.at)
        error = "exact" if f.name == "fmod" and f.error == 0 else f"{f.error:.2f}"
        theirs = "exact" if f.name == "fmod" and f.theirs == 0 else f"{f.theirs:.2f}"
        lines.append(
            f"| `{f.name}` | {f.words} | {f.points:,} | {error} | {'' if error == 'exact' else at} | {theirs} |"
        )
    lines.append(TAIL.format(calls=CALLS, cpu=objects.host().name).rstrip("\n"))
    lines += [f"| `{name}` | {c:.1f} | {one:.1f} | {eight:.1f} |" for name, c, one, eight in times]
    return "\n".join(lines) + "\n"


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--points", type=int, default=20000, help="arguments in each range")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--only", default="", help="names of functions, separated by commas")
    options.add_argument("--write", action="store_true", help="write docs/evidence/accuracy.md")
    chosen = options.parse_args()
    names = chosen.only.split(",") if chosen.only else list(RANGES)
    work = [(n, w) for n, w in jobs() if n in names]
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork")) as pool:
        found = list(
            pool.map(_measured, [(n, w.words, chosen.points, chosen.seed) for n, w in work])
        )
    for f in found:
        print(f"{f.name:8} {f.words:45} {f.error:8.3f} at {f.at}  C {f.theirs:.3f}")
    times = timings()
    for name, c, one, eight in times:
        print(f"{name:8} C {c:6.2f}  ours {one:6.2f}  eight {eight:6.2f} ns")
    if chosen.write:
        PAGE.write_text(page(found, times), encoding="utf-8")
    if any(math.isinf(f.error) for f in found):
        sys.exit("a function gives infinity or NaN where it has a value")


def _measured(job: tuple[str, str, int, int]) -> Finding:
    name, words, points, seed = job
    return measure(name, next(w for w in RANGES[name] if w.words == words), points, seed)


if __name__ == "__main__":
    main()
