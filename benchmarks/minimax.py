"""Minimax polynomials of the elementary functions. Writes sdcluster/kernel/library/polynomials.py.

The Remez exchange (E. Remez, 1934) computes each polynomial with 80 digits in mpmath. It makes the largest error as
small as the degree allows, where errors are relative to the result of the elementary function. The coefficients are
then rounded to doubles, and the error of the rounded polynomial is measured and written into the docstring of its
function.

    python benchmarks/minimax.py            writes the file
    python benchmarks/minimax.py --check    fails if the file is not what this script would write
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mpmath import mp, mpf

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "sdcluster" / "kernel" / "library" / "polynomials.py"

DIGITS = 80
ROUNDS = 12  # the most exchanges; they converge after four or five
GRID = 40  # points between neighbouring nodes at which the search for extremes evaluates the error
TINY = mpf("1e-12")  # used instead of zero, where a quotient would be 0/0

Real = Callable[[mpf], mpf]


@dataclass(frozen=True)
class Wanted:
    """A polynomial to be computed.

    Parameters
    ----------
    name : str
        Name of the function that is written.
    meaning : str
        Formula that the polynomial approximates, in terms of its variable.
    variable : str
    low, high : mpf
        The interval of the variable.
    degree : int
    function : callable
        The function that the polynomial approximates.
    weight : callable
        Factor of the error. Error times weight is the relative error of the elementary function's result.
    chain : int
        Number of leading terms that are summed one by one. Compared with pairs, the rounding error is smaller, but the
        sum takes longer.
    """

    name: str
    meaning: str
    variable: str
    low: mpf
    high: mpf
    degree: int
    function: Real
    weight: Real
    chain: int = 0


def remez(wanted: Wanted) -> list[mpf]:
    """Return the coefficients, constant term first, of the polynomial with the least weighted error."""
    low, high, n = mpf(wanted.low), mpf(wanted.high), wanted.degree + 2
    middle, half = (low + high) / 2, (high - low) / 2
    nodes = [middle - half * mp.cos(mp.pi * i / (n - 1)) for i in range(n)]
    coefficients: list[mpf] = []
    for _ in range(ROUNDS):
        # In the scaled variable, the linear equations are well conditioned.
        rows = mp.matrix(n, n)
        right = mp.matrix(n, 1)
        for i, x in enumerate(nodes):
            scaled, power = (x - middle) / half, mpf(1)
            for j in range(n - 1):
                rows[i, j] = power
                power *= scaled
            rows[i, n - 1] = (-1) ** i / wanted.weight(x)
            right[i] = wanted.function(x)
        solved = mp.lu_solve(rows, right)
        coefficients = _shifted([solved[j] for j in range(n - 1)], middle, half)
        levelled = abs(solved[n - 1])
        errors = _extremes(wanted, coefficients, nodes)
        nodes = [x for x, _ in errors]
        largest = max(abs(e) for _, e in errors)
        if largest <= levelled * mpf("1.001"):
            break
    return coefficients


def _shifted(scaled: list[mpf], middle: mpf, half: mpf) -> list[mpf]:
    """Return the coefficients in x of a polynomial whose coefficients in (x - middle) / half are given."""
    result = [mpf(0)] * len(scaled)
    for coefficient in reversed(scaled):
        moved = [mpf(0)] * len(scaled)
        for i, value in enumerate(result):
            if value:
                moved[i] -= value * middle / half
                moved[i + 1] += value / half
        moved[0] += coefficient
        result = moved
    return result


def _extremes(wanted: Wanted, coefficients: list[mpf], nodes: list[mpf]) -> list[tuple[mpf, mpf]]:
    """Return, for each node, the nearby point with the largest weighted error of the node's sign, and this error."""
    found = []
    edges = [nodes[0], *nodes, nodes[-1]]
    for i, node in enumerate(nodes):
        left, right = (edges[i] + node) / 2, (edges[i + 2] + node) / 2
        sign = mp.sign(error(wanted, coefficients, node)) or 1
        points = (
            [left + (right - left) * j / GRID for j in range(GRID + 1)] if right > left else [node]
        )
        best = max(points, key=lambda x: sign * error(wanted, coefficients, x))
        found.append((best, error(wanted, coefficients, best)))
    return found


def error(wanted: Wanted, coefficients: list[mpf], x: mpf) -> mpf:
    """Return the weighted error of a polynomial at the point x."""
    return wanted.weight(x) * (mp.polyval(coefficients[::-1], x) - wanted.function(x))


def measured(wanted: Wanted, coefficients: list[float]) -> mpf:
    """Return the largest weighted error of a polynomial with rounded coefficients."""
    exact = [mpf(c) for c in coefficients]
    points = [wanted.low + (wanted.high - wanted.low) * i / 1000 for i in range(1001)]
    return max(abs(error(wanted, exact, x)) for x in points)


# ---- what is written


def estrin(coefficients: list[float], variable: str) -> tuple[list[str], str]:
    """Return a polynomial in Estrin's form: statements that compute powers, and an expression that sums pairs."""
    powers: list[str] = []
    terms = [repr(c) for c in coefficients]
    power = variable
    level = 1
    while len(terms) > 1:
        pairs = []
        for i in range(0, len(terms) - 1, 2):
            first, second = terms[i], terms[i + 1]
            if not _plain(second):
                second = f"({second})"
            pairs.append(f"{first} + {second} * {power}")
        if len(terms) % 2:
            pairs.append(terms[-1])
        terms = [p if len(pairs) == 1 or _plain(p) else f"({p})" for p in pairs]
        if len(terms) > 1:
            level *= 2
            name = f"{variable}{level}"
            powers.append(f"{name} = {power} * {power}")
            power = name
    return powers, terms[0]


def _plain(text: str) -> bool:
    return " " not in text or (text.startswith("(") and text.endswith(")"))


def written(wanted: Wanted) -> str:
    """Return the source code of a polynomial's function."""
    coefficients = [float(c) for c in remez(wanted)]
    size = mp.log(measured(wanted, coefficients), 2)
    v = wanted.variable
    powers, expression = estrin(coefficients[wanted.chain :], v)
    for coefficient in reversed(coefficients[: wanted.chain]):
        expression = f"{coefficient!r} + {v} * ({expression})"
    lines = [
        "@jit",
        f"def {wanted.name}({v}):",
        f'    """Return {wanted.meaning}',
        "",
        f"    The approximation holds for {v} from {mp.nstr(wanted.low, 6)} to {mp.nstr(wanted.high, 6)}."
        f" Its error is at most 2^{mp.nstr(size, 3)} times",
        "    the result of the elementary function.",
        '    """',
        *(f"    {p}" for p in powers),
        f"    return {expression}",
    ]
    return "\n".join(lines)


HEADER = '''"""Polynomials for the elementary functions, with the smallest possible largest error for their degree.

The file is written by `benchmarks/minimax.py`. Do not edit it. Terms are summed in pairs (G. Estrin, 1960).
"""

# mypy: disallow-untyped-defs = False, check-untyped-defs = False

from sdcluster.kernel.library.base import jit

# ---- copied from here
'''


def text() -> str:
    """Return the content of polynomials.py, formatted by ruff."""
    mp.dps = DIGITS
    plain = HEADER + "\n\n" + "\n\n\n".join(written(w) for w in wanted()) + "\n"
    command = ["ruff", "format", "--stdin-filename", str(FILE), "-"]
    return subprocess.run(command, input=plain, text=True, capture_output=True, check=True).stdout


# ---- the polynomials


def _even(function: Real) -> Real:
    """Return the function of z = x^2 that has the value `function(x)`."""
    return lambda z: function(mp.sqrt(z))


def wanted() -> list[Wanted]:
    """Return the specifications of all polynomials."""
    mp.dps = DIGITS
    half_ln2 = mp.log(2) / 2 * mpf("1.002")
    s2 = ((mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)) ** 2 * mpf("1.0001")
    quarter = (mp.pi / 4 * mpf("1.0005")) ** 2
    one, inner = mpf(1), mpf("0.4999999")
    return [
        Wanted("exp_rest", "(e^r - 1 - r) / r^2.", "r", -half_ln2, half_ln2, 10,
               lambda r: (mp.expm1(r) - r) / r**2 if abs(r) > TINY else one / 2, lambda r: r**2 / mp.exp(r)
               if abs(r) > TINY else TINY**2),
        Wanted("sinh_rest", "(sinh(r) / r - 1) / z for z = r^2.", "z", TINY, half_ln2**2, 5,
               _even(lambda r: (mp.sinh(r) / r - 1) / r**2), lambda z: z),
        Wanted("cosh_rest", "(cosh(r) - 1) / z for z = r^2.", "z", TINY, half_ln2**2, 5,
               _even(lambda r: (mp.cosh(r) - 1) / r**2), lambda z: z),
        Wanted("log_rest", "(2 atanh(s) / s - 2) / z for z = s^2.", "z", TINY, s2, 6,
               _even(lambda s: (2 * mp.atanh(s) / s - 2) / s**2), lambda z: z / 2),
        Wanted("atanh_rest", "3 (atanh(s) / s - 1 - z / 3) / z^2 for z = s^2.", "z", TINY, s2, 7,
               _even(lambda s: 3 * (mp.atanh(s) / s - 1 - s**2 / 3) / s**4), lambda z: z**2 / 3),
        Wanted("sin_rest", "(sin(r) / r - 1) / z for z = r^2.", "z", TINY, quarter, 5,
               _even(lambda r: (mp.sin(r) / r - 1) / r**2), lambda z: z),
        Wanted("cos_rest", "(cos(r) - 1 + z / 2) / z^2 for z = r^2.", "z", TINY, quarter, 5,
               _even(lambda r: (mp.cos(r) - 1 + r**2 / 2) / r**4), lambda z: z**2 / mp.cos(mp.sqrt(z))),
        Wanted("asin_rest", "(asin(x) / x - 1) / z for z = x^2.", "z", TINY, one / 4, 12,
               _even(lambda x: (mp.asin(x) / x - 1) / x**2), lambda z: z),
        Wanted("atan_rest", "(atan(x) / x - 1) / z for z = x^2.", "z", TINY, (one * 7 / 16) ** 2, 11,
               _even(lambda x: (mp.atan(x) / x - 1) / x**2), lambda z: z),
        Wanted("erf_rest", "erf(x) / x - 1 for z = x^2.", "z", TINY, one, 12,
               _even(lambda x: mp.erf(x) / x - 1), _even(lambda x: x / mp.erf(x))),
        Wanted("erfc_rest", "(x + 4) e^(x^2) erfc(x) for u = 1 / (x + 4) - 1 / 8.", "u",
               one / 32 - one / 8, one / mpf("4.5") - one / 8, 21, _scaled_erfc, lambda u: 1 / _scaled_erfc(u), 3),
        Wanted("gamma_about", "gamma(5/2 + u).", "u", -one / 2, one / 2, 18,
               lambda u: mp.gamma(u + one * 5 / 2), lambda u: 1 / mp.gamma(u + one * 5 / 2), 3),
        Wanted("lgamma_low", "lgamma(3/2 + u) / (u^2 - 1/4).", "u", -inner, inner, 22,
               lambda u: mp.loggamma(u + one * 3 / 2) / (u**2 - one / 4),
               lambda u: (u**2 - one / 4) / mp.loggamma(u + one * 3 / 2), 3),
        Wanted("lgamma_high", "lgamma(5/2 + u) / (u + 1/2).", "u", -inner, inner, 17,
               lambda u: mp.loggamma(u + one * 5 / 2) / (u + one / 2),
               lambda u: (u + one / 2) / mp.loggamma(u + one * 5 / 2), 3),
        Wanted("stirling_rest", "x (lgamma(x) - (x - 1/2) log x + x - log(2 pi) / 2) for z = 1 / x^2.", "z",
               TINY, one / 144, 6, _stirling, mp.sqrt),
    ]  # fmt: skip


def _scaled_erfc(u: mpf) -> mpf:
    t = u + mpf(1) / 8
    x = 1 / t - 4
    return mp.exp(x * x) * mp.erfc(x) / t


def _stirling(z: mpf) -> mpf:
    x = 1 / mp.sqrt(z)
    return x * (mp.loggamma(x) - (x - mpf(1) / 2) * mp.log(x) + x - mp.log(2 * mp.pi) / 2)


def main() -> None:
    made = text()
    if "--check" in sys.argv:
        if FILE.read_text(encoding="utf-8") != made:
            sys.exit(
                f"{FILE.name} is not what this script writes; run python benchmarks/minimax.py"
            )
        return
    FILE.write_text(made, encoding="utf-8")


if __name__ == "__main__":
    main()
