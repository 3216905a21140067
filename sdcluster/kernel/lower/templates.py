"""Templates: expressions by which the table of functions defines the values of functions.

`filled(template, arguments)` returns the expressions of a template with the arguments inserted. A template contains
``{0}``, ``{1}``, … for the arguments, ``{t}`` for the time, and ``{dt}``, ``{start}`` and so on for settings of the
run. ``{middle}`` and ``{step_start}`` are the middle and the start of the current step. Each template is parsed once.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache

from sdcluster.kernel import ir
from sdcluster.kernel.layout import DT, EPS, NOW, SEED, START, STOP, TOL
from sdcluster.kernel.lower.nodes import call, element, negative
from sdcluster.kernel.parse import expressions

_PLACES = {"dt": DT, "start": START, "stop": STOP, "eps": EPS, "tol": TOL, "seed": SEED}
_PLACES["clock"] = NOW
# Times that test inputs such as PULSE use. A kernel function computes each of them once, at its beginning.
_TIMES = {"{middle}": "middle", "{step_start}": "step_start"}
_WORDS = {"t": "t"} | {name: f"p[{place}]" for name, place in _PLACES.items()}
_WORDS |= {name: f"t_{name}" for name in _TIMES.values()}

Arguments = Sequence[Sequence[ir.Expression]]


def filled(template: str, arguments: Arguments) -> tuple[ir.Expression, ...]:
    """Return the expressions of a template with the arguments inserted.

    Parameters
    ----------
    template : str
        Several expressions are separated by commas.
    arguments : sequence of sequence of ir.Expression
        Each argument is one expression, or several expressions for consecutive arguments of a call.
    """
    given = {f"_{i}": tuple(values) for i, values in enumerate(arguments)}
    return tuple(_put(node, given) for node in _parsed(template))


def times_in(template: str) -> set[str]:
    """Return the names of the step times, ``middle`` or ``step_start``, that a template uses."""
    return {name for word, name in _TIMES.items() if word in template}


def step_times(times: Collection[str]) -> tuple[ir.Assign, ...]:
    """Return the statements that compute the named times of a step, ``middle`` or ``step_start``."""
    own = [element("p", at) for at in (START, DT, TOL, EPS)]
    return tuple(ir.Assign(f"t_{time}", call(time, "t", *own)) for time in sorted(times))


def with_times(function: ir.Function, times: Collection[str]) -> ir.Function:
    """Return a function with statements that compute the named times of a step.

    The statements follow the parameter or the first statement that gives the time. A function without a time is
    returned unchanged.
    """
    head, body = step_times(times), function.body
    if "t" in function.parameters:
        return function._replace(body=(*head, *body))
    if body and isinstance(body[0], ir.Assign) and body[0].name == "t":
        return function._replace(body=(body[0], *head, *body[1:]))
    return function


def needed(template: str) -> set[int]:
    """Return the indices of the arguments that a template uses."""
    return {int(i) for i in re.findall(r"{(\d+)}", template)}


@cache
def _parsed(template: str) -> tuple[ir.Expression, ...]:
    text = re.sub(r"{(\d+)}", r"_\1", template)
    return expressions(re.sub(r"{(\w+)}", lambda m: _WORDS[m[1]], text))


def _put(node: ir.Expression, given: Mapping[str, tuple[ir.Expression, ...]]) -> ir.Expression:
    match node:
        case ir.Number():
            return node
        case ir.Name(name):
            return given[name][0] if name in given else node
        case ir.Unary("-", operand):
            return negative(_put(operand, given))
        case ir.Call(function, arguments):
            made: list[ir.Expression] = []
            for a in arguments:
                several = isinstance(a, ir.Name) and a.name in given
                made += given[a.name] if several else [_put(a, given)]  # type: ignore[union-attr]
            return ir.Call(function, tuple(made))
    return type(node)(*(x if isinstance(x, str) else _put(x, given) for x in node))  # type: ignore[arg-type, call-arg]
