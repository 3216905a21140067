"""Prints functions that keep material apart, and the answers to what is asked of queues.

Crosses the border: `MachinePrinter`, used by `sdcluster.kernel.lower.printer`.
"""

from __future__ import annotations

from sdcluster.kernel.layout import Layout
from sdcluster.kernel.lower.devices import Devices
from sdcluster.kernel.lower.machines import KINDS, Machine, Question
from sdcluster.kernel.lower.places import Places
from sdcluster.kernel.lower.statements import Statements, bounds
from sdcluster.model.discrete import Queue
from sdcluster.model.expression import Table
from sdcluster.model.resolver import Resolver

# A conveyor's record begins like a queue's, and so does its first buffer.
_OF_SLATS = frozenset({"line_length", "line_element", "line_summary"})


class MachinePrinter:
    """Prints machines and questions.

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

    def each(self, body: Statements, name: str, run: range | None = None) -> str:
        """Print a loop over elements, or over some of them, if there are several; gives the present one's index."""
        size = self.resolver.shapes[name].size
        if size == 1:
            return "0"
        body.add(f"for i in {bounds(run or range(size))}:")
        body.indent += "    "
        return "i"

    def value(self, name: str, index: str) -> str:
        """Return where an element of a variable stands."""
        if name in self.layout.locals:
            return self.layout.locals[name]
        vector, base = self.layout.vectors[name]
        return f"{vector}[{base} + {index}]"

    def place(self, name: str, width: int, cells: int, lots: int, index: str) -> str:
        """Return the arguments that say where a device is: its record, its rings, their length, the time."""
        buffer = f"{self.places.buffers.get(name, 0)} + {cells} * {index}"
        record = f"{self.places.records[name]} + {width} * {index}"
        return f"p, {record}, {self.places.size} + ({buffer}) * int(p[6]), {lots} * int(p[6]), t"

    def where(self, machine: Machine, index: str) -> str:
        """Return the arguments that say where a machine is."""
        kind = KINDS[machine.kind]
        return self.place(machine.name, kind.width, machine.cells, kind.lots, index)

    def table(self, table: Table) -> str:
        """Return a profile as arguments."""
        number = self.layout.pool((table,))
        return f"X{number}, Y{number}, 0, {len(table.x)}"

    # ---- actions

    def start(self, body: Statements, machine: Machine, run: range | None) -> None:
        """Print how a machine is filled."""
        index = self.each(body, machine.name, run)
        where = self.where(machine, index)
        given = [self.value(name, index) for name in machine.starts]
        given += [self.table(t) for t in machine.tables[:1]]
        body.add(f"{machine.kind}_start({', '.join([where, *given])})")
        if machine.marked:
            mark = f"{self.value(machine.marked, index)}, {self.table(machine.tables[1])}"
            body.add(f"{machine.kind}_marks({where}, {mark})")
        body.indent = ""

    def output(self, body: Statements, machine: Machine, run: range | None) -> None:
        """Print a machine's value for this step."""
        index = self.each(body, machine.name, run)
        value = f"{machine.kind}_output({self.where(machine, index)})"
        body.add(f"p[{self.places.kept[machine.name]} + {index}] = {value}")
        body.indent = ""

    def move(self, body: Statements) -> None:
        """Print the end of a step for all machines."""
        for machine in self.devices.machines.values():
            index = self.each(body, machine.name)
            given = [self.value(name, index) for name in machine.inputs]
            # A response goes by its profile for ever; the other profiles only say how it began.
            given += [self.table(t) for t in machine.tables if machine.kind == "response"]
            body.add(f"{machine.kind}_move({', '.join([self.where(machine, index), *given])})")
            body.indent = ""

    def ask(self, body: Statements, question: Question, run: range | None) -> None:
        """Print the answer to a question."""
        index = self.each(body, question.name, run)
        given = [self.value(name, index) for name in question.arguments]
        given += [question.last] if question.last else []
        answer = f"{question.function}({', '.join([self.queue(question, index), *given])})"
        body.add(f"p[{self.places.kept[question.name]} + {index}] = {answer}")
        body.indent = ""

    def queue(self, question: Question, index: str) -> str:
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

    def index(self, question: Question, index: str) -> str:
        """Return which element of the queue is asked about."""
        shape = self.resolver.shapes[question.of.name]
        if not shape.dimensions:
            return "0"
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
        return str(self.resolver.flat(shape, tuple(d.elements.index(s) for d, s in pairs)))
