"""Prints what conveyors and queues do: at the start of a run, at the beginning of each step, and at its end.

Crosses the border: `DevicePrinter`, used by `sdcluster.kernel.lower.printer`. Records are described in
`sdcluster.kernel.library.conveyors` and `queues`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sdcluster.kernel.layout import Layout, number
from sdcluster.kernel.lower.body import Body
from sdcluster.kernel.lower.devices import Action, Device, arrest_beyond, is_admitted, request
from sdcluster.kernel.lower.places import Places
from sdcluster.kernel.lower.statements import bounds
from sdcluster.kernel.program import Program
from sdcluster.model import Variable
from sdcluster.model.discrete import SPREADS, Conveyor, Queue
from sdcluster.model.expression import Lookup, Table


def points_of(variable: Variable) -> Table:
    """Return the points of a graphical function, or of a variable that has one."""
    node = variable.equations[0].expression
    table = node.table if isinstance(node, Lookup) else node
    assert isinstance(table, Table)
    return table


class DevicePrinter:
    """Prints actions; see the module.

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
        """Print a loop over the elements of a device, or over some of them, if it is an array."""
        if self.size(device.stock) > 1:
            body.add(f"for i in {bounds(run or range(self.size(device.stock)))}:")
            body.indent += "    "
        yield
        body.indent = ""

    def place(self, device: Device, first: int, width: int = 1) -> str:
        """Return a place of the present element."""
        if self.size(device.stock) == 1:
            return str(first)
        return f"{first} + i" if width == 1 else f"{first} + {width} * i"

    def record(self, device: Device, at: int = 0) -> str:
        """Return the place of a device's record, or of one of its numbers."""
        return self.place(device, self.places.records[device.stock] + at, device.width)

    def base(self, device: Device) -> str:
        """Return where the buffers of a device begin."""
        first = self.place(device, self.places.buffers[device.stock], device.cells)
        return f"{self.places.size} + ({first}) * int(p[6])"

    def ring(self, device: Device) -> str:
        """Return where the buffers of a device begin, and what else its functions want to know of them."""
        if isinstance(device.kind, Queue):
            return f"{self.base(device)}, {device.lots} * int(p[6])"
        return f"{self.base(device)}, {len(device.leaks)}"

    def flow(self, device: Device, flow: str) -> str:
        """Return where a flow that devices decide is kept."""
        return f"p[{self.place(device, self.places.kept[flow])}]"

    def value(self, device: Device, name: str, otherwise: str = "") -> str:
        """Return where a variable stands, or `otherwise` if there is none."""
        if not name:
            return otherwise
        if name in self.layout.locals:
            return self.layout.locals[name]
        vector, base = self.layout.vectors[name]
        return f"{vector}[{self.place(device, base)}]"

    def leak(self, device: Device, k: int, at: int = 0) -> str:
        """Return the place of a number about a leak."""
        return self.record(device, 20 + 8 * k + at)

    def inflow(self, device: Device, j: int, at: int = 0) -> str:
        """Return the place of a number about an inflow of a conveyor."""
        return self.record(device, 20 + 8 * len(device.leaks) + 4 * j + at)

    # ---- actions

    def act(self, body: Body, action: Action) -> None:
        """Print one action at the beginning of a step."""
        device = self.devices.of[action.stock]
        if action.step == "decided":
            return
        with self.each(body, device, action.run):
            if action.step == "release":
                self.release(body, device)
            elif action.step == "open":
                self.open(body, device)
            else:
                body.add(f"{self.flow(device, action.flow)} = {self.decided(body, device, action)}")

    def decided(self, body: Body, device: Device, action: Action) -> str:
        """Return the value of a flow that is let in, or taken from a queue."""
        wanted = (
            self.value(device, request(action.flow)) if action.step in ("admit", "hold") else ""
        )
        if action.step == "hold":
            return f"max({wanted}, 0.0)"
        if action.step == "admit":
            return f"conveyor_admit(p, {self.record(device)}, {wanted} * p[0]) / p[0]"
        overflow = self.model.variables[action.flow].overflow
        blocked = f"p[{self.record(device, 4)}] != 0.0"
        if action.step == "rest":
            rest = f"queue_rest(p, {self.record(device)}) / p[0]"
            return f"({rest} if {blocked} else 0.0)" if overflow else rest
        target = self.devices.target[action.flow]
        assert isinstance(target.kind, Conveyor)
        room = f"min(p[{self.record(target, 12)}], p[{self.record(target, 13)}])"
        if overflow:
            room = f"({room} if {blocked} else 0.0)"
        single, whole = target.kind.one_at_a_time, target.kind.batch_integrity
        taken = body.fresh()
        body.add(
            f"{taken} = queue_take(p, {self.record(device)}, {self.ring(device)}, {room}, {single}, {whole})"
        )
        return f"conveyor_admit(p, {self.record(target)}, {taken}) / p[0]"

    def start(self, body: Body, action: Action, override: int) -> None:
        """Print how a device is filled; `override` is where an initial value set from outside stands."""
        device = self.devices.of[action.stock]
        contents = device.kind.contents
        with self.each(body, device, action.run):
            record, ring = self.record(device), self.ring(device)
            content = self.value(device, device.stock)
            self.at_least_nothing(body, device, content)
            listed = ""
            if contents:
                points = Table(tuple(map(float, range(len(contents)))), contents)
                listed = f"Y{self.layout.pool((points,))}, 0, {len(contents)}"
            if isinstance(device.kind, Conveyor):
                self.describe(body, device)
                if listed:
                    body.add(f"conveyor_list(p, {record}, {self.base(device)}, {listed})")
                    self.take_over(body, device, content, override, 8)
                else:
                    body.add(f"conveyor_even(p, {record}, {self.base(device)}, {content})")
                body.add(f"conveyor_start(p, {record}, {ring}, {content}, {bool(listed)})")
            elif listed:
                body.add(f"queue_list(p, {record}, {ring}, {listed}, t)")
                self.take_over(body, device, content, override, 2)
                body.add(f"queue_follow(p, {record}, {ring}, {content}, t)")
            else:
                body.add(f"queue_start(p, {record}, {ring}, {content}, t)")

    def at_least_nothing(self, body: Body, device: Device, content: str) -> None:
        """Print that a device cannot begin with less than nothing."""
        vector, base = self.layout.vectors[device.stock]
        state = f"{vector}[{self.place(device, base)}]"
        body.add(f"if {content} < 0.0:")
        body.add(f"    {content} = 0.0")
        if state != content:
            body.add(f"    {state} = 0.0")

    def take_over(self, body: Body, device: Device, content: str, override: int, at: int) -> None:
        """Print that the stock is the sum of the list, unless it was set from outside."""
        slot = f"p[{self.place(device, override)}]"
        body.add(f"if {slot} != {slot}:")
        body.add(f"    {content} = p[{self.record(device, at)}]")
        vector, base = self.layout.vectors[device.stock]
        state = f"{vector}[{self.place(device, base)}]"
        if state != content:
            body.add(f"    {state} = {content}")

    def describe(self, body: Body, device: Device) -> None:
        """Print what a conveyor has to know before anything moves."""
        kind = device.kind
        assert isinstance(kind, Conveyor)
        facts = [
            (self.record(device, 3), self.value(device, kind.transit)),
            (self.record(device, 14), number(float(self.devices.is_discrete(device)))),
            (self.record(device, 19), number(float(kind.exponential_leak))),
        ]
        for k, flow in enumerate(device.leaks):
            leak = self.model.variables[flow].leak
            assert leak is not None
            facts += [
                (self.leak(device, k, 2), self.value(device, leak.fraction)),
                (self.leak(device, k, 3), number(leak.start)),
                (self.leak(device, k, 4), number(leak.end)),
                (self.leak(device, k, 5), number(float(leak.integers))),
            ]
        for j, flow in enumerate(device.inflows):
            source = self.devices.source.get(flow)
            way = SPREADS.index(self.model.variables[flow].spread or "beginning")
            if way == 3 and (source is None or flow not in source.leaks):
                way = 0
            facts.append((self.inflow(device, j, 1), number(float(way))))
            if way == 3 and source is not None:
                facts += [
                    (self.inflow(device, j, 2), self.record(source)),
                    (self.inflow(device, j, 3), number(float(source.leaks.index(flow)))),
                ]
        for place, text in facts:
            body.add(f"p[{place}] = {text}")

    def release(self, body: Body, device: Device) -> None:
        """Print what a conveyor lets go in this step."""
        kind = device.kind
        assert isinstance(kind, Conveyor)
        content = self.value(device, device.stock)
        record, ring = self.record(device), self.ring(device)
        facts = [
            (self.record(device, 3), self.value(device, kind.transit)),
            (self.record(device, 4), self.value(device, kind.sample, "1.0")),
            (self.record(device, 5), self.value(device, kind.arrest, "0.0")),
            (self.record(device, 10), self.held(device, device.exit[0])),
        ]
        for k, flow in enumerate(device.leaks):
            leak = self.model.variables[flow].leak
            assert leak is not None
            facts.append((self.leak(device, k, 2), self.value(device, leak.fraction)))
            facts.append((self.leak(device, k, 6), self.held(device, flow)))
        for place, text in facts:
            body.add(f"p[{place}] = {text}")
        body.add(f"conveyor_follow(p, {record}, {ring}, {content})")
        body.add(f"conveyor_release(p, {record}, {ring})")
        body.add(f"{self.flow(device, device.exit[0])} = p[{self.record(device, 9)}] / p[0]")
        for k, flow in enumerate(device.leaks):
            body.add(f"{self.flow(device, flow)} = p[{self.leak(device, k)}] / p[0]")

    def held(self, device: Device, flow: str) -> str:
        """Return whether a flow has to wait because the belt beyond stands still."""
        return self.value(device, arrest_beyond(self.devices, flow), "0.0")

    def open(self, body: Body, device: Device) -> None:
        """Print how much may come in, or that nothing has been taken from a queue yet."""
        kind, record = device.kind, self.record(device)
        if isinstance(kind, Queue):
            content = self.value(device, device.stock)
            body.add(f"queue_follow(p, {record}, {self.ring(device)}, {content}, t)")
            body.add(f"queue_open(p, {record})")
            return
        body.add(f"p[{self.record(device, 6)}] = {self.value(device, kind.capacity, 'INF')}")
        body.add(f"p[{self.record(device, 7)}] = {self.value(device, kind.in_limit, 'INF')}")
        sure = [self.flow(device, f) for f in device.inflows if not is_admitted(self.devices, f)]
        entering = f"({' + '.join(sure)}) * p[0]" if sure else "0.0"
        body.add(f"conveyor_open(p, {record}, {len(device.leaks)}, t, {entering})")

    def move(self, body: Body) -> None:
        """Print the end of a step: everything moves on, then what comes in is put in its place."""
        for device in self.devices.of.values():
            with self.each(body, device):
                taken = f", p[{self.record(device, 3)}]" if isinstance(device.kind, Queue) else ""
                what = "queue" if taken else "conveyor"
                body.add(f"{what}_shift(p, {self.record(device)}, {self.ring(device)}{taken})")
        for device in self.devices.of.values():
            with self.each(body, device):
                for j, flow in enumerate(device.inflows):
                    self.enter(body, device, j, f"{self.flow(device, flow)} * p[0]")

    def enter(self, body: Body, device: Device, j: int, amount: str) -> None:
        """Print that an inflow comes in."""
        record, ring = self.record(device), self.ring(device)
        if isinstance(device.kind, Queue):
            body.add(f"queue_enter(p, {record}, {ring}, {amount}, t)")
            return
        flow = device.inflows[j]
        source = self.devices.source.get(flow)
        origin = self.base(source) if source is not None and flow in source.leaks else "0"
        limited = is_admitted(self.devices, flow)
        profile = self.model.variables[flow].profile
        if profile:
            points = points_of(self.model.variables[profile])
            table = f"X{(n := self.layout.pool((points,)))}, Y{n}, 0, {len(points.x)}"
            body.add(f"conveyor_enter_by(p, {record}, {ring}, {amount}, {limited}, {table})")
            return
        body.add(
            f"conveyor_enter(p, {record}, {ring}, {self.inflow(device, j)}, {origin}, {amount}, {limited})"
        )
