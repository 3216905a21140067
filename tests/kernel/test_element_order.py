"""XMILE arrays whose elements need each other: by index, by part, on belts and in queues."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import sdcluster

AXES = '<dimensions><dim name="age"/></dimensions>'
DIMENSION = '<dimensions><dim name="age" size="4"/></dimensions>'


def apart(tag: str, name: str, *equations: str) -> str:
    """Write an array with an equation for each element."""
    elements = "".join(
        f'<element subscript="{i}"><eqn>{e}</eqn></element>' for i, e in enumerate(equations, 1)
    )
    return f'<{tag} name="{name}">{AXES}{elements}</{tag}>'


def alike(tag: str, name: str, equation: str, inside: str = "") -> str:
    """Write an array with one equation."""
    return f'<{tag} name="{name}">{AXES}<eqn>{equation}</eqn>{inside}</{tag}>'


FLOWS = "<inflow>enter</inflow><outflow>leave</outflow>"
CASES: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "the index before": (
        (
            alike("aux", "x", "IF age = 1 THEN 1 ELSE y[age - 1] * 2"),
            alike("aux", "y", "x[age] + 1"),
        ),
        {"x": [1, 4, 10, 22]},
    ),
    "the index behind": (
        (
            alike("aux", "x", "IF age = 4 THEN 1 ELSE y[age + 1] * 2"),
            alike("aux", "y", "x[age] + 1"),
        ),
        {"x": [22, 10, 4, 1]},
    ),
    "a part": (
        (apart("aux", "x", "1", "2", "SUM(y[1:2])", "MAX(y[1:3])"), alike("aux", "y", "x * 2")),
        {"x": [1, 2, 6, 12]},
    ),
    "initial values": (
        (apart("stock", "x", "1", "x[1] * 2", "x[2] * 2", "SUM(x[1:3])"),),
        {"x": [1, 2, 4, 7]},
    ),
    "the room on a belt": (
        (
            alike(
                "stock",
                "belt",
                "0",
                f"{FLOWS}<conveyor><len>2</len><capacity>room</capacity></conveyor>",
            ),
            alike("flow", "enter", "3"),
            alike("flow", "leave", "0"),
            apart("aux", "room", "4", "enter[1] + 1", "enter[2] + 1", "enter[3] + 1"),
        ),
        {"enter": [[3, 3, 3, 3], [1, 0, 0, 0], [3, 3, 3, 3]]},
    ),
    "a queue behind a queue": (
        (
            alike("stock", "line", "0", f"{FLOWS}<queue/>"),
            apart("flow", "enter", "1", "leave[1]", "leave[2]", "leave[3]"),
            alike("flow", "leave", "0"),
        ),
        {"leave": [[0, 0, 0, 0], [1, 0, 0, 0], [1, 1, 0, 0]]},
    ),
}


@pytest.mark.parametrize("backend", ["python", "native"])
@pytest.mark.parametrize("case", CASES)
def test_what_is_no_cycle_of_elements_runs(workshop: Any, case: str, backend: Any) -> None:
    parts, expected = CASES[case]
    path = workshop.write(*parts, extra=DIMENSION, stop=2, dt=1)
    run = sdcluster.simulate(path, method="euler", backend=backend)
    for name, values in expected.items():
        wanted = np.broadcast_to(np.array(values, dtype=float), run[name].shape)
        np.testing.assert_allclose(run[name], wanted, err_msg=name)


def test_belts_that_wait_for_each_other_are_a_cycle(workshop: Any) -> None:
    belt = f"{FLOWS}<conveyor><len>2</len><capacity>room</capacity></conveyor>"
    path = workshop.write(
        alike("stock", "belt", "0", belt),
        alike("flow", "enter", "3"),
        alike("flow", "leave", "0"),
        apart("aux", "room", "4", "enter[3]", "enter[2]", "1"),
        extra=DIMENSION,
        stop=2,
        dt=1,
    )
    with pytest.raises(sdcluster.ModelError, match=r"cycle: .*enter\[[23]\]"):
        sdcluster.simulate(path)
