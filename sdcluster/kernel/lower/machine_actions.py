"""Makes functions that keep material apart, and the answers to what is asked of queues.

Crosses the border: `MachineActions`, used by `sdcluster.kernel.lower.lowering`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sdcluster.kernel import ir
from sdcluster.kernel.layout import Layout
from sdcluster.kernel.lower.devices import Devices
from sdcluster.kernel.lower.machines import KINDS, Machine, Question
from sdcluster.kernel.lower.nodes import call, element, plus, times
from sdcluster.kernel.lower.places import Places
from sdcluster.kernel.lower.statements import Statements, Values, length
from sdcluster.model.discrete import Queue
from sdcluster.model.resolver import Resolver

# A conveyor's record begins like a queue's, and so does its first buffer.
_OF_SLATS = frozenset({"line_length", "line_element", "line_summary"})


class MachineActions:
    """Makes the statements of machines and questions.

    Parameters
    ----------
    devices : Devices
    layout : Layout
    places : Places
    """

    def __init__(self, devices: Devices, layout: Layout, places: Places) -> None:
        self.devices, self.layout, self.places = devices, layout, places
        self.resolver: Resolver = layout.resolver

    # ---- places

    @contextmanager
    def each(
        self, body: Statements, name: str, run: range | None = None
    ) -> Iterator[ir.Expression]:
        """Loop over elements, or over some of them, if there are several; gives the present one's index."""
        size = self.resolver.shapes[name].size
        if size == 1:
            yield ir.Number(0)
            return
        with body.each("i", run or range(size)):
            yield ir.Name("i")

    def value(self, name: str, index: ir.Expression) -> ir.Expression:
        """Return where an element of a variable stands."""
        if name in self.layout.locals:
            return ir.Name(self.layout.locals[name])
        vector, base = self.layout.vectors[name]
        return element(vector, plus(base, index))

    def place(self, name: str, width: int, cells: int, lots: int, index: ir.Expression) -> Values:
        """Return the arguments that say where a device is: its record, its rings, their length, the time."""
        buffer = plus(self.places.buffers.get(name, 0), times(cells, index))
        record = plus(self.places.records[name], times(width, index))
        first = plus(self.places.size, times(buffer, length()))
        return ir.Name("p"), record, first, times(lots, length()), ir.Name("t")

    def where(self, machine: Machine, index: ir.Expression) -> Values:
        """Return the arguments that say where a machine is."""
        kind = KINDS[machine.kind]
        return self.place(machine.name, kind.width, machine.cells, kind.lots, index)

    # ---- actions

    def start(self, body: Statements, machine: Machine, run: range | None) -> None:
        """Append how a machine is filled."""
        with self.each(body, machine.name, run) as index:
            where = self.where(machine, index)
            given = [self.value(name, index) for name in machine.starts]
            given += [a for t in machine.tables[:1] for a in self.layout.whole_table(t)]
            body.do(f"{machine.kind}_start", *where, *given)
            if machine.marked:
                mark = self.value(machine.marked, index)
                table = self.layout.whole_table(machine.tables[1])
                body.do(f"{machine.kind}_marks", *where, mark, *table)

    def output(self, body: Statements, machine: Machine, run: range | None) -> None:
        """Append a machine's value for this step."""
        with self.each(body, machine.name, run) as index:
            value = call(f"{machine.kind}_output", *self.where(machine, index))
            body.set(element("p", plus(self.places.kept[machine.name], index)), value)

    def move(self, body: Statements) -> None:
        """Append the end of a step for all machines."""
        for machine in self.devices.machines.values():
            with self.each(body, machine.name) as index:
                given = [self.value(name, index) for name in machine.inputs]
                # A response goes by its profile for ever; the other profiles only say how it began.
                if machine.kind == "response":
                    given += [a for t in machine.tables for a in self.layout.whole_table(t)]
                body.do(f"{machine.kind}_move", *self.where(machine, index), *given)

    def ask(self, body: Statements, question: Question, run: range | None) -> None:
        """Append the answer to a question."""
        with self.each(body, question.name, run) as index:
            given = [self.value(name, index) for name in question.arguments]
            last = () if question.last is None else (question.last,)
            answer = call(question.function, *self.queue(question, index), *given, *last)
            body.set(element("p", plus(self.places.kept[question.name], index)), answer)

    def queue(self, question: Question, index: ir.Expression) -> Values:
        """Return the arguments that say where the queue of a question is."""
        name = question.of.name
        index = self.index(question, index)
        if name in self.devices.lines:
            return self.where(self.devices.machines[self.devices.lines[name]], index)
        device = self.devices.of.get(name)
        queue = device is not None and isinstance(device.kind, Queue)
        if device is None or not (queue or question.function in _OF_SLATS):
            raise self.resolver.error(f'it asks about "{name}", which is no queue', question.owner)
        lots = device.lots if queue else 1
        return self.place(name, device.width, device.cells, lots, index)

    def index(self, question: Question, index: ir.Expression) -> ir.Expression:
        """Return which element of the queue is asked about."""
        shape = self.resolver.shapes[question.of.name]
        if not shape.dimensions:
            return ir.Number(0)
        own = tuple(d.name for d in shape.dimensions)
        asker = tuple(d.name for d in self.resolver.shapes[question.name].dimensions)
        subscripts = question.of.subscripts or own
        if subscripts == own == asker:
            return index
        pairs = list(zip(shape.dimensions, subscripts, strict=True))
        if any(s not in d.elements for d, s in pairs):
            raise self.resolver.error(
                "a question to a queue needs the dimensions of the queue, or one of its elements",
                question.owner,
            )
        place = tuple(d.elements.index(s) for d, s in pairs)
        return ir.Number(self.resolver.flat(shape, place))
