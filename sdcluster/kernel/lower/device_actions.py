"""What conveyors and queues do: at the start of a run, at the beginning of each step, and at its end.

Crosses the border: `DeviceActions`, used by `sdcluster.kernel.lower.lowering`. Records are described in
`sdcluster.kernel.library.conveyors` and `queues`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sdcluster.kernel import ir
from sdcluster.kernel.layout import DT, Layout
from sdcluster.kernel.lower.body import Body
from sdcluster.kernel.lower.devices import Action, Device, arrest_beyond, is_admitted, request
from sdcluster.kernel.lower.nodes import (
    Operand,
    binary,
    call,
    choice,
    compared,
    element,
    node,
    plus,
    times,
)
from sdcluster.kernel.lower.places import Places
from sdcluster.kernel.lower.statements import Values, length
from sdcluster.kernel.program import Program
from sdcluster.model import Variable
from sdcluster.model.discrete import SPREADS, Conveyor, Queue
from sdcluster.model.expression import Lookup, Table

_DT = element("p", DT)


def points_of(variable: Variable) -> Table:
    """Return the points of a graphical function, or of a variable that has one."""
    node = variable.equations[0].expression
    table = node.table if isinstance(node, Lookup) else node
    assert isinstance(table, Table)
    return table


class DeviceActions:
    """Makes the statements of actions; see the module.

    Parameters
    ----------
    program : Program
    layout : Layout
    places : Places
    """

    def __init__(self, program: Program, layout: Layout, places: Places) -> None:
        self.model, self.devices, self.size = program.model, program.devices, program.size
        self.layout, self.places = layout, places

    # ---- places

    @contextmanager
    def each(self, body: Body, device: Device, run: range | None = None) -> Iterator[None]:
        """Loop over the elements of a device, or over some of them, if it is an array."""
        if self.size(device.stock) == 1:
            yield
            return
        with body.each("i", run or range(self.size(device.stock))):
            yield

    def place(self, device: Device, first: int, width: int = 1) -> ir.Expression:
        """Return a place of the present element."""
        if self.size(device.stock) == 1:
            return node(first)
        return plus(first, "i" if width == 1 else times(width, "i"))

    def record(self, device: Device, at: int = 0) -> ir.Expression:
        """Return the place of a device's record, or of one of its numbers."""
        return self.place(device, self.places.records[device.stock] + at, device.width)

    def noted(self, device: Device, at: int) -> ir.Element:
        """Return a number of a device's record."""
        return element("p", self.record(device, at))

    def base(self, device: Device) -> ir.Expression:
        """Return where the buffers of a device begin."""
        first = self.place(device, self.places.buffers[device.stock], device.cells)
        return plus(self.places.size, times(first, length()))

    def ring(self, device: Device) -> Values:
        """Return where the buffers of a device begin, and what else its functions want to know of them."""
        if isinstance(device.kind, Queue):
            return self.base(device), times(device.lots, length())
        return self.base(device), node(len(device.leaks))

    def where(self, device: Device) -> Values:
        """Return the arguments that say where a device is: its record and its buffers."""
        return node("p"), self.record(device), *self.ring(device)

    def flow(self, device: Device, flow: str) -> ir.Element:
        """Return where a flow that devices decide is kept."""
        return element("p", self.place(device, self.places.kept[flow]))

    def value(self, device: Device, name: str, otherwise: Operand = 0.0) -> ir.Expression:
        """Return where a variable stands, or `otherwise` if it has no name."""
        if not name:
            return node(otherwise)
        if name in self.layout.locals:
            return ir.Name(self.layout.locals[name])
        return self.element_of(device, name)

    def element_of(self, device: Device, name: str) -> ir.Element:
        """Return the place of a variable in its vector."""
        vector, base = self.layout.vectors[name]
        return element(vector, self.place(device, base))

    def leak(self, device: Device, k: int, at: int = 0) -> ir.Element:
        """Return a number about a leak."""
        return self.noted(device, 20 + 8 * k + at)

    def inflow(self, device: Device, j: int, at: int = 0) -> ir.Expression:
        """Return the place of a number about an inflow of a conveyor."""
        return self.record(device, 20 + 8 * len(device.leaks) + 4 * j + at)

    # ---- actions

    def act(self, body: Body, action: Action) -> None:
        """Append one action at the beginning of a step."""
        device = self.devices.of[action.stock]
        if action.step == "decided":
            return
        with self.each(body, device, action.run):
            if action.step == "release":
                self.release(body, device)
            elif action.step == "open":
                self.open(body, device)
            else:
                body.set(self.flow(device, action.flow), self.decided(body, device, action))

    def decided(self, body: Body, device: Device, action: Action) -> ir.Expression:
        """Return the value of a flow that is let in, or taken from a queue."""
        if action.step == "hold":
            return call("max", self.value(device, request(action.flow)), 0.0)
        if action.step == "admit":
            wanted = self.value(device, request(action.flow))
            return self.admitted(device, times(wanted, _DT))
        overflow = self.model.variables[action.flow].overflow
        blocked = compared(self.noted(device, 4), "!=", 0.0)
        if action.step == "rest":
            rest = binary(call("queue_rest", "p", self.record(device)), "/", _DT)
            return choice(blocked, rest, 0.0) if overflow else rest
        target = self.devices.target[action.flow]
        assert isinstance(target.kind, Conveyor)
        room: ir.Expression = call("min", self.noted(target, 12), self.noted(target, 13))
        if overflow:
            room = choice(blocked, room, 0.0)
        rules = target.kind.one_at_a_time, target.kind.batch_integrity
        taken = body.keep(call("queue_take", *self.where(device), room, *rules))
        return self.admitted(target, taken)

    def admitted(self, device: Device, amount: ir.Expression) -> ir.Expression:
        """Return the flow of an amount as far as a conveyor lets it in."""
        entering = call("conveyor_admit", "p", self.record(device), amount)
        return binary(entering, "/", _DT)

    def start(self, body: Body, action: Action, override: int) -> None:
        """Append how a device is filled; `override` is where an initial value set from outside stands."""
        device = self.devices.of[action.stock]
        contents = device.kind.contents
        with self.each(body, device, action.run):
            record, base = self.record(device), self.base(device)
            content = self.value(device, device.stock)
            self.at_least_nothing(body, device, content)
            listed: Values = ()
            if contents:
                points = Table(tuple(map(float, range(len(contents)))), contents)
                listed = self.layout.whole_table(points)[1:]
            if isinstance(device.kind, Conveyor):
                self.describe(body, device)
                if listed:
                    body.do("conveyor_list", "p", record, base, *listed)
                    self.take_over(body, device, content, override, 8)
                else:
                    body.do("conveyor_even", "p", record, base, content)
                body.do("conveyor_start", *self.where(device), content, bool(listed))
            elif listed:
                body.do("queue_list", *self.where(device), *listed, "t")
                self.take_over(body, device, content, override, 2)
                body.do("queue_follow", *self.where(device), content, "t")
            else:
                body.do("queue_start", *self.where(device), content, "t")

    def at_least_nothing(self, body: Body, device: Device, content: ir.Expression) -> None:
        """A device cannot begin with less than nothing."""
        state = self.element_of(device, device.stock)
        with body.when(compared(content, "<", 0.0)):
            body.set(content, 0.0)
            if state != content:
                body.set(state, 0.0)

    def take_over(
        self, body: Body, device: Device, content: ir.Expression, override: int, at: int
    ) -> None:
        """The stock is the sum of the list, unless it was set from outside."""
        slot = element("p", self.place(device, override))
        with body.when(ir.Compare("!=", slot, slot)):
            body.set(content, self.noted(device, at))
        state = self.element_of(device, device.stock)
        if state != content:
            body.set(state, content)

    def describe(self, body: Body, device: Device) -> None:
        """Append what a conveyor has to know before anything moves."""
        kind = device.kind
        assert isinstance(kind, Conveyor)
        facts: list[tuple[ir.Element, Operand]] = [
            (self.noted(device, 3), self.value(device, kind.transit)),
            (self.noted(device, 14), float(self.devices.is_discrete(device))),
            (self.noted(device, 19), float(kind.exponential_leak)),
        ]
        for k, flow in enumerate(device.leaks):
            leak = self.model.variables[flow].leak
            assert leak is not None
            facts += [
                (self.leak(device, k, 2), self.value(device, leak.fraction)),
                (self.leak(device, k, 3), float(leak.start)),
                (self.leak(device, k, 4), float(leak.end)),
                (self.leak(device, k, 5), float(leak.integers)),
            ]
        for j, flow in enumerate(device.inflows):
            source = self.devices.source.get(flow)
            way = SPREADS.index(self.model.variables[flow].spread or "beginning")
            if way == 3 and (source is None or flow not in source.leaks):
                way = 0
            facts.append((element("p", self.inflow(device, j, 1)), float(way)))
            if way == 3 and source is not None:
                facts += [
                    (element("p", self.inflow(device, j, 2)), self.record(source)),
                    (element("p", self.inflow(device, j, 3)), float(source.leaks.index(flow))),
                ]
        for place, value in facts:
            body.set(place, value)

    def release(self, body: Body, device: Device) -> None:
        """Append what a conveyor lets go in this step."""
        kind = device.kind
        assert isinstance(kind, Conveyor)
        content = self.value(device, device.stock)
        facts = [
            (self.noted(device, 3), self.value(device, kind.transit)),
            (self.noted(device, 4), self.value(device, kind.sample, 1.0)),
            (self.noted(device, 5), self.value(device, kind.arrest)),
            (self.noted(device, 10), self.held(device, device.exit[0])),
        ]
        for k, flow in enumerate(device.leaks):
            leak = self.model.variables[flow].leak
            assert leak is not None
            facts.append((self.leak(device, k, 2), self.value(device, leak.fraction)))
            facts.append((self.leak(device, k, 6), self.held(device, flow)))
        for place, value in facts:
            body.set(place, value)
        body.do("conveyor_follow", *self.where(device), content)
        body.do("conveyor_release", *self.where(device))
        body.set(self.flow(device, device.exit[0]), binary(self.noted(device, 9), "/", _DT))
        for k, flow in enumerate(device.leaks):
            body.set(self.flow(device, flow), binary(self.leak(device, k), "/", _DT))

    def held(self, device: Device, flow: str) -> ir.Expression:
        """Return whether a flow has to wait because the belt beyond stands still."""
        return self.value(device, arrest_beyond(self.devices, flow))

    def open(self, body: Body, device: Device) -> None:
        """Append how much may come in, or that nothing has been taken from a queue yet."""
        kind, record = device.kind, self.record(device)
        if isinstance(kind, Queue):
            content = self.value(device, device.stock)
            body.do("queue_follow", *self.where(device), content, "t")
            body.do("queue_open", "p", record)
            return
        body.set(self.noted(device, 6), self.value(device, kind.capacity, "INF"))
        body.set(self.noted(device, 7), self.value(device, kind.in_limit, "INF"))
        sure = [self.flow(device, f) for f in device.inflows if not is_admitted(self.devices, f)]
        entering = times(plus(*sure), _DT) if sure else 0.0
        body.do("conveyor_open", "p", record, len(device.leaks), "t", entering)

    def move(self, body: Body) -> None:
        """Append the end of a step: everything moves on, then what comes in is put in its place."""
        for device in self.devices.of.values():
            with self.each(body, device):
                if isinstance(device.kind, Queue):
                    body.do("queue_shift", *self.where(device), self.noted(device, 3))
                else:
                    body.do("conveyor_shift", *self.where(device))
        for device in self.devices.of.values():
            with self.each(body, device):
                for j, flow in enumerate(device.inflows):
                    self.enter(body, device, j, times(self.flow(device, flow), _DT))

    def enter(self, body: Body, device: Device, j: int, amount: ir.Expression) -> None:
        """Append that an inflow comes in."""
        if isinstance(device.kind, Queue):
            body.do("queue_enter", *self.where(device), amount, "t")
            return
        flow = device.inflows[j]
        source = self.devices.source.get(flow)
        origin = self.base(source) if source is not None and flow in source.leaks else 0
        limited = is_admitted(self.devices, flow)
        profile = self.model.variables[flow].profile
        if profile:
            points = self.layout.whole_table(points_of(self.model.variables[profile]))
            body.do("conveyor_enter_by", *self.where(device), amount, limited, *points)
            return
        place = self.inflow(device, j)
        body.do("conveyor_enter", *self.where(device), place, origin, amount, limited)
