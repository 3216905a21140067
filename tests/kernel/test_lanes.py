"""The same kernel for one run and for several side by side: the same bits in every lane."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sdcluster.kernel.parse import Unsupported, parse
from sdcluster.kernel.targets.llvm import translate
from sdcluster.kernel.targets.native import objects
from sdcluster.kernel.targets.native.objects import Processor

ENTRY = {"entry": "fppu"}

BRANCHES = """
@jit
def entry(t, p, q, shared):
    for i in range(len(q)):
        q[i] = work(p[i], int(p[20]), shared)

@jit
def work(x, n, shared):
    if x < 0.0:
        return -x
    total = count = 0.0
    for k in range(n):
        if k > x:
            break
        if k % 2 == 1 and shared[k] > 0.5:
            continue
        total += shared[k] * x
        count += 1.0
    while total > 1.0:
        total = total / 2.0
        if total == 0.5 or (x > 3.0 and inner(total) > 0.25):
            return total + 100.0
    return total / count if count > 0.0 else inner(x)

@jit
def inner(x):
    a, b = x, 1.0
    for _ in range(4):
        a, b = b, a * 0.5
    return a + b
"""
SCATTER = """
I0 = INDEX((3, 1, 2, 0, ))
X0 = TABLE((0.5, 1.5, -2.5, 4.0, ))
@jit
def entry(t, p, q, shared):
    n = int(p[20])
    for i in range(n):
        k = int(p[i]) % 4
        q[I0[k]] += X0[k] + t
        if p[i] > 2.0:
            q[k] = min(q[k], max(p[i + 1], -1.0), 7)
            p[21] = p[21] + 1.0
    q[4] = p[21]
    q[5] = float(n // 3) + (-n) % 4 + abs(-n)
"""


def compiled(text: str, lanes: int, processor: Processor | None = None) -> Callable[..., None]:
    """Return the function ``entry`` of a text as machine code for so many lanes."""
    return objects.callables(objects.complete(parse(text)), lanes, ENTRY, processor).entry  # type: ignore[no-any-return]


def plain(text: str) -> Callable[..., None]:
    """Return the function ``entry`` of a text as plain Python."""
    space: dict[str, object] = {"jit": lambda f: f, "TABLE": tuple, "INDEX": tuple}
    exec(text, space)  # a text of this test
    return space["entry"]  # type: ignore[return-value]


def inputs(lanes: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    p = rng.uniform(-2.0, 9.0, (24, lanes))
    p[20] = rng.integers(1, 12, lanes)
    p[21] = 0.0
    return p, np.zeros((12, lanes)), rng.uniform(0.0, 1.0, 32)


@pytest.mark.parametrize("text", [BRANCHES, SCATTER], ids=["branches", "scatter"])
@pytest.mark.parametrize("lanes", [2, 4, 8, 16])
def test_lanes_that_part_ways_give_what_each_gives_alone(text: str, lanes: int) -> None:
    p, q, shared = inputs(lanes)
    many, alone, python = compiled(text, lanes), compiled(text, 1), plain(text)
    own = [(p[:, j].copy(), q[:, j].copy()) for j in range(lanes)]
    many(0.25, p, q, shared)
    for j, (parameters, found) in enumerate(own):
        told = parameters.tolist(), found.tolist()
        alone(0.25, parameters, found, shared)
        python(0.25, *told, shared.tolist())
        assert np.array_equal(q[:, j], found)
        assert np.array_equal(p[:, j], parameters)
        assert np.array_equal(found, told[1])


def test_the_lanes_of_the_test_do_part_ways() -> None:
    p, q, shared = inputs(8)
    compiled(BRANCHES, 8)(0.25, p, q, shared)
    assert len(np.unique(q[0])) > 4


@pytest.mark.parametrize(
    "line",
    ["import os", "x = [1]", "print(1)", "@jit\ndef entry(t, p, q, s):\n    x = lambda: 1\n"],
)
def test_what_the_language_lacks_is_refused(line: str) -> None:
    with pytest.raises(Unsupported):
        translate(parse(line), 1, ENTRY)
