"""Addresses of a program's values in the vectors `p` and `y`, the row `o`, and the buffers after `p`.

Exports `Addresses`, created from a `Program` and used by lowering.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sdcluster.kernel.layout import HEAD
from sdcluster.kernel.lower.devices import request
from sdcluster.kernel.lower.limits import equation_of
from sdcluster.kernel.program import Program


class Addresses:
    """The first index of each name. An array takes one index per element.

    Parameters
    ----------
    program : Program

    Attributes
    ----------
    parameters, fixed, kept : dict of str to int
        In `p`: constants of the model, computed values that are constant during a run, and values kept from the start
        or from step to step.
    overrides : dict of str to int
        In `p`: initial values that override those of stocks (NaN for no override).
    arrays : dict of str to int
        In `p`: arrays that change with time. Scalars are local variables of the functions.
    counts, shadows, lengths, pointers : dict of str to int
        In `p`: number of recorded values of each history; next value of each memory; length in steps and current
        position of each delay of fixed length.
    records : dict of str to int
        In `p`: the numbers that describe the state of each conveyor, queue or similar device.
    states, observed : dict of str to int
        First index in `y` of each stock, and first column of `o` for each observed variable.
    buffers, courses : dict of str to int
        Index, among all buffers, of the first buffer of each delay or device, and of the buffer of each recorded
        history.
    size, width, columns, cells : int
        Lengths of `p` (without its buffers), `y` and `o`, and number of buffers.
    """

    def __init__(self, program: Program) -> None:
        devices = program.devices.of
        p = _Vector(program, HEAD)
        self.parameters = p.place(program.parameters)
        self.overrides = p.place(program.stocks)
        self.fixed = p.place(program.fixed_names)
        self.kept = p.place(
            [*program.initials, *program.memories, *program.delays, *program.devices.kept]
        )
        self.counts = p.place(program.records)
        self.shadows = p.place(program.memories)
        self.lengths = p.place(program.delays)
        self.pointers = p.place(program.delays)
        shapes = program.resolver.shapes
        self.arrays = p.place(n for n in program.dynamic_names if shapes[n].dimensions)
        self.records = p.place(devices, lambda n: devices[n].space.record)
        self.size = p.length

        o = _Vector(program)
        self.states = o.place(program.stocks)
        self.width = o.length
        self.observed = self.states | o.place([*program.dynamic_names, *program.devices.flows])
        self.columns = o.length

        buffers = _Vector(program)
        self.buffers = buffers.place(program.delays)
        self.buffers |= buffers.place(devices, lambda n: devices[n].space.cells)
        self.courses = buffers.place(program.records)
        self.cells = buffers.length

        wanted = {request(flow): flow for flow in program.devices.flows}
        wanted |= {equation_of(flow): flow for flow in program.model.variables}
        # The rate that a limited flow requests is a hidden parameter, which a run sets by the flow's own name.
        self.settable = {wanted.get(n, n): place for n, place in self.parameters.items()}


class _Vector:
    """The layout of a vector to which names are appended one after another."""

    def __init__(self, program: Program, length: int = 0) -> None:
        self.program, self.length = program, length

    def place(
        self, names: Iterable[str], width: Callable[[str], int] = lambda _: 1
    ) -> dict[str, int]:
        """Append names, with `width(name)` values for each element, and return the first index of each name."""
        places: dict[str, int] = {}
        for name in names:
            places[name] = self.length
            self.length += self.program.size(name) * width(name)
        return places
