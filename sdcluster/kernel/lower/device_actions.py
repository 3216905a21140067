"""Statements for conveyors, queues and similar devices, at the start of a run and in each step.

Exports `DeviceActions`, used by `sdcluster.kernel.lower.lowering`. The statements call functions of the modules
`conveyors`, `queues` and `trains` of `sdcluster.kernel.library`, and set fields of records; the module `records` names
these fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from sdcluster.kernel import ir
from sdcluster.kernel.layout import DT, Layout
from sdcluster.kernel.library.records import Belt, Inflow, Leak, Queue
from sdcluster.kernel.lower.addresses import Addresses
from sdcluster.kernel.lower.body import Body
from sdcluster.kernel.lower.devices import (
    Action,
    ConveyorDevice,
    Device,
    FunctionDevice,
    Question,
    QueueDevice,
    request,
)
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
from sdcluster.kernel.lower.statements import Values, length
from sdcluster.kernel.program import Program
from sdcluster.messages import message
from sdcluster.model import Variable
from sdcluster.model.discrete import SPREADS
from sdcluster.model.expression import Lookup, Table

_DT = element("p", DT)
# Questions that also work for conveyors, whose record and first ring buffer begin like those of a queue.
_OF_SLATS = frozenset({"line_length", "line_element", "line_summary"})


def points_of(variable: Variable) -> Table:
    """Return the points of a graphical function, or of a variable that has one."""
    node = variable.equations[0].expression
    table = node.table if isinstance(node, Lookup) else node
    assert isinstance(table, Table)
    return table


@dataclass(frozen=True)
class Seat:
    """One element of a conveyor, queue or other device, with the addresses of its record, results and inputs.

    Parameters
    ----------
    layout : Layout
    places : Addresses
    device : Device
    index : Name, Number or None
        Index of the element; None for a scalar device.
    """

    layout: Layout
    places: Addresses
    device: Device
    index: ir.Expression | None

    def place(self, first: int, width: int = 1) -> ir.Expression:
        """Return the index of this element's first value.

        Element 0 begins at `first`, and each element has `width` values.
        """
        match self.index:
            case None:
                return node(first)
            case ir.Number(index):
                return node(first + width * int(index))
        return plus(first, self.index if width == 1 else times(width, self.index))

    def record(self, at: int = 0) -> ir.Expression:
        """Return the index in `p` of the record of this device element, or of field `at` in the record."""
        return self.place(self.places.records[self.device.name] + at, self.device.space.record)

    def noted(self, at: int) -> ir.Element:
        """Return field `at` in the record of this device element."""
        return element("p", self.record(at))

    def base(self) -> ir.Expression:
        """Return the index in `p` at which the ring buffers of this device element begin."""
        first = self.place(self.places.buffers[self.device.name], self.device.space.cells)
        return plus(self.places.size, times(first, length()))

    def batches(self) -> Values:
        """Return arguments that locate the content: `p`, the indices of record and ring buffers, a ring's length."""
        return node("p"), self.record(), self.base(), times(self.device.space.lots, length())

    def where(self) -> Values:
        """Return the arguments of `batches`; for a conveyor, the number of leaks replaces the length of a ring."""
        if isinstance(self.device, ConveyorDevice):
            return *self.batches()[:3], node(len(self.device.leaks))
        return self.batches()

    def kept(self, name: str) -> ir.Element:
        """Return the element of `p` that contains a flow or value which a device has computed."""
        return element("p", self.place(self.places.kept[name]))

    def state(self) -> ir.Element:
        """Return the element of the state vector that holds the stock."""
        vector, base = self.layout.vectors[self.device.name]
        return element(vector, self.place(base))

    def value(self, name: str, otherwise: Operand = 0.0) -> ir.Expression:
        """Return the value of a variable for this element, or `otherwise` if `name` is empty."""
        if not name:
            return node(otherwise)
        if name in self.layout.locals:
            return ir.Name(self.layout.locals[name])
        vector, base = self.layout.vectors[name]
        return element(vector, self.place(base))

    def note(self, body: Body, facts: Mapping[int, Operand]) -> None:
        """Append assignments to fields in the record of this device element."""
        for at, value in facts.items():
            body.set(self.noted(at), value)

    def of(self, other: Device) -> Seat:
        """Return the `Seat` for the element with the same index in another device."""
        return Seat(self.layout, self.places, other, self.index)


class DeviceActions:
    """Builds the statements for the actions of conveyors, queues and other devices.

    Parameters
    ----------
    program : Program
    layout : Layout
    places : Addresses
    """

    def __init__(self, program: Program, layout: Layout, places: Addresses) -> None:
        self.model, self.devices, self.resolver = program.model, program.devices, program.resolver
        self.layout, self.places = layout, places

    @contextmanager
    def each(
        self, body: Body, name: str, run: range | None = None
    ) -> Iterator[ir.Expression | None]:
        """Loop over all or some elements of an array; yield the current index, or None for a single element."""
        size = self.resolver.shapes[name].size
        if size == 1:
            yield None
            return
        with body.each("i", run or range(size)):
            yield ir.Name("i")

    @contextmanager
    def seats(self, body: Body, device: Device, run: range | None = None) -> Iterator[Seat]:
        """Loop over the elements of a conveyor, queue or other device; yield the `Seat` of the current element."""
        with self.each(body, device.name, run) as index:
            yield Seat(self.layout, self.places, device, index)

    # ---- at the beginning of a step

    def act(self, body: Body, action: Action) -> None:
        """Append the statements of one action of a conveyor, queue or other device."""
        if action.step == "shift":
            for part in self.devices.shifts[action.owner]:
                body.part(part, "p", self.places.kept[action.owner])
        elif action.step == "ask":
            self.ask(body, self.devices.questions[action.owner], action.run)
        elif action.step != "decided":
            with self.seats(body, self.devices.of[action.owner], action.run) as seat:
                match action.step:
                    case "start":
                        self.start(body, seat)
                    case "release":
                        self.release(body, seat)
                    case "open":
                        self.open(body, seat)
                    case _:
                        body.set(seat.kept(action.kept), self.decided(body, seat, action))

    def decided(self, body: Body, seat: Seat, action: Action) -> ir.Expression:
        """Return what an action computes: the value of a function, or the rate of a flow."""
        device, flow = seat.device, action.kept
        match device:
            case FunctionDevice(kind=kind):
                return call(f"{kind}_output", *seat.where(), "t")
            case ConveyorDevice():
                return self.admitted(seat, times(seat.value(request(flow)), _DT))
        if action.step == "hold":
            return call("max", seat.value(request(flow)), 0.0)
        overflow = self.model.variables[flow].overflow
        blocked = compared(seat.noted(Queue.held), "!=", 0.0)
        if action.step == "rest":
            rest = binary(call("queue_rest", "p", seat.record()), "/", _DT)
            return choice(blocked, rest, 0.0) if overflow else rest
        target = self.devices.target[flow]
        assert isinstance(target, ConveyorDevice)
        beyond = seat.of(target)
        room: ir.Expression = call("min", beyond.noted(Belt.room), beyond.noted(Belt.limit_left))
        if overflow:
            room = choice(blocked, room, 0.0)
        rules = target.own.one_at_a_time, target.own.batch_integrity
        return self.admitted(beyond, body.keep(call("queue_take", *seat.where(), room, *rules)))

    def admitted(self, seat: Seat, amount: ir.Expression) -> ir.Expression:
        """Return the part of an amount that a conveyor admits, as a rate."""
        return binary(call("conveyor_admit", "p", seat.record(), amount), "/", _DT)

    def release(self, body: Body, seat: Seat) -> None:
        """Append statements that compute a conveyor's outflow and leakage in this step."""
        device = seat.device
        assert isinstance(device, ConveyorDevice)
        own = device.own
        seat.note(body, {
            Belt.transit: seat.value(own.transit),
            Belt.sample: seat.value(own.sample, 1.0),
            Belt.arrested: seat.value(own.arrest),
            Belt.held: self.held(seat, device.exit),
        })  # fmt: skip
        for k, (flow, leak) in enumerate(device.leaks.items()):
            seat.note(body, {
                Belt.leak(k, Leak.fraction): seat.value(leak.fraction),
                Belt.leak(k, Leak.held): self.held(seat, flow),
            })  # fmt: skip
        body.do("conveyor_follow", *seat.where(), seat.value(device.name))
        body.do("conveyor_release", *seat.where())
        body.set(seat.kept(device.exit), binary(seat.noted(Belt.leaving), "/", _DT))
        for k, flow in enumerate(device.leaks):
            leaving = seat.noted(Belt.leak(k, Leak.leaving))
            body.set(seat.kept(flow), binary(leaving, "/", _DT))

    def held(self, seat: Seat, flow: str) -> ir.Expression:
        """Return a value that is 0 unless a flow is blocked.

        A flow is blocked if the conveyor that it enters has stopped.
        """
        return seat.value(self.devices.arrest_beyond(flow))

    def open(self, body: Body, seat: Seat) -> None:
        """Append statements that compute how much can enter a conveyor, or that prepare a queue for its outflows."""
        device = seat.device
        if isinstance(device, QueueDevice):
            body.do("queue_follow", *seat.where(), seat.value(device.name), "t")
            body.do("queue_open", "p", seat.record())
            return
        assert isinstance(device, ConveyorDevice)
        seat.note(body, {
            Belt.capacity: seat.value(device.own.capacity, "INF"),
            Belt.limit: seat.value(device.own.in_limit, "INF"),
        })  # fmt: skip
        sure = [seat.kept(f) for f in device.inflows if not self.devices.is_admitted(f)]
        entering = times(plus(*sure), _DT) if sure else 0.0
        body.do("conveyor_open", "p", seat.record(), len(device.leaks), "t", entering)

    # ---- at the start

    def start(self, body: Body, seat: Seat) -> None:
        """Append statements that initialize a device."""
        device = seat.device
        if isinstance(device, FunctionDevice):
            self.start_function(body, seat, device)
            return
        assert isinstance(device, ConveyorDevice | QueueDevice)
        content = seat.value(device.name)
        self.set_content(body, seat, compared(content, "<", 0.0), 0.0)
        contents = device.own.contents
        points = Table(tuple(map(float, range(len(contents)))), contents)
        listed = self.layout.whole_table(points)[1:] if contents else ()
        # The initial value of the stock is the sum of the list, unless the run overrides it.
        slot = element("p", seat.place(self.places.overrides[device.name]))
        unset = ir.Compare("!=", slot, slot)
        if isinstance(device, ConveyorDevice):
            self.describe(body, seat, device)
            if listed:
                body.do("conveyor_list", "p", seat.record(), seat.base(), *listed)
                self.set_content(body, seat, unset, seat.noted(Belt.content))
            else:
                body.do("conveyor_even", "p", seat.record(), seat.base(), content)
            body.do("conveyor_start", *seat.where(), content, bool(listed))
        elif listed:
            body.do("queue_list", *seat.where(), *listed, "t")
            self.set_content(body, seat, unset, seat.noted(Queue.content))
            body.do("queue_follow", *seat.where(), content, "t")
        else:
            body.do("queue_start", *seat.where(), content, "t")

    def set_content(self, body: Body, seat: Seat, condition: ir.Expression, value: Operand) -> None:
        """Append statements that assign another initial value to the stock if a condition holds."""
        content, state = seat.value(seat.device.name), seat.state()
        with body.when(condition):
            body.set(content, value)
            if state != content:
                body.set(state, content)

    def describe(self, body: Body, seat: Seat, device: ConveyorDevice) -> None:
        """Append statements that describe a conveyor in its record: transit time, leaks, positions of inflows."""
        seat.note(body, {
            Belt.transit: seat.value(device.own.transit),
            Belt.discrete: float(self.devices.is_discrete(device)),
            Belt.exponential: float(device.own.exponential_leak),
        })  # fmt: skip
        for k, leak in enumerate(device.leaks.values()):
            seat.note(body, {
                Belt.leak(k, Leak.fraction): seat.value(leak.fraction),
                Belt.leak(k, Leak.zone_start): float(leak.start),
                Belt.leak(k, Leak.zone_end): float(leak.end),
                Belt.leak(k, Leak.whole): float(leak.integers),
            })  # fmt: skip
        for j, (flow, variable) in enumerate(device.inflows.items()):
            first, source = Belt.inflow(len(device.leaks), j), self.devices.leaked_from(variable)
            way = variable.spread or "beginning"
            if source is not None:
                seat.note(body, {
                    first + Inflow.source: seat.of(source).record(),
                    first + Inflow.leak: float(list(source.leaks).index(flow)),
                })  # fmt: skip
            elif way == "source":
                way = "beginning"
            seat.note(body, {first + Inflow.way: float(SPREADS.index(way))})

    def start_function(self, body: Body, seat: Seat, device: FunctionDevice) -> None:
        """Append statements that initialize the device of a function such as DELAY CONVEYOR."""
        where = *seat.where(), node("t")
        given = [seat.value(name) for name in device.starts]
        given += [a for t in device.profiles[:1] for a in self.layout.whole_table(t)]
        body.do(f"{device.kind}_start", *where, *given)
        if device.mark:
            table = self.layout.whole_table(device.profiles[1])
            body.do(f"{device.kind}_marks", *where, seat.value(device.mark), *table)

    # ---- at the end of a step

    def move(self, body: Body) -> None:
        """Append statements for the end of a step, which move the contents of all devices and then add the inflows."""
        for device in self.devices.of.values():
            with self.seats(body, device) as seat:
                if isinstance(device, QueueDevice):
                    body.do("queue_shift", *seat.where(), seat.noted(Queue.taken))
                elif isinstance(device, ConveyorDevice):
                    body.do("conveyor_shift", *seat.where())
        for device in self.devices.of.values():
            with self.seats(body, device) as seat:
                self.enter(body, seat)

    def enter(self, body: Body, seat: Seat) -> None:
        """Append statements that add the inflows of this step to a device."""
        device = seat.device
        match device:
            case FunctionDevice():
                given = [seat.value(name) for name in device.inputs]
                # A response uses its profile in each step; other devices use theirs for the initial content only.
                if device.kind == "response":
                    given += [a for t in device.profiles for a in self.layout.whole_table(t)]
                body.do(f"{device.kind}_move", *seat.where(), "t", *given)
            case QueueDevice():
                for flow in device.inflows:
                    body.do("queue_enter", *seat.where(), times(seat.kept(flow), _DT), "t")
            case ConveyorDevice():
                for j, flow in enumerate(device.inflows):
                    self.enter_conveyor(body, seat, device, j, flow)

    def enter_conveyor(
        self, body: Body, seat: Seat, device: ConveyorDevice, j: int, flow: str
    ) -> None:
        """Append statements that add an inflow to a conveyor."""
        amount, limited = times(seat.kept(flow), _DT), self.devices.is_admitted(flow)
        profile = device.inflows[flow].profile
        if profile:
            points = self.layout.whole_table(points_of(self.model.variables[profile]))
            body.do("conveyor_enter_by", *seat.where(), amount, limited, *points)
            return
        source = self.devices.leaked_from(device.inflows[flow])
        origin = 0 if source is None else seat.of(source).base()
        place = seat.record(Belt.inflow(len(device.leaks), j))
        body.do("conveyor_enter", *seat.where(), place, origin, amount, limited)

    # ---- questions

    def ask(self, body: Body, question: Question, run: range | None) -> None:
        """Append statements that compute the answer to a question about a queue."""
        name = question.of.name
        device = self.devices.of.get(self.devices.lines.get(name, name))
        others = isinstance(device, ConveyorDevice) and question.function not in _OF_SLATS
        if device is None or others:
            raise self.resolver.error(
                message("kernel.lower.asks_about_no_queue", name=name), question.owner
            )
        with self.each(body, question.name, run) as index:
            asker = Seat(self.layout, self.places, device, index)
            seat = Seat(self.layout, self.places, device, self.index(question, index))
            given = [asker.value(argument) for argument in question.arguments]
            answer = call(question.function, *seat.batches(), "t", *given, *question.last)
            body.set(asker.kept(question.name), answer)

    def index(self, question: Question, index: ir.Expression | None) -> ir.Expression | None:
        """Return the index of the queue's element to which a question refers; None for a scalar queue."""
        shape = self.resolver.shapes[question.of.name]
        if not shape.dimensions:
            return None
        own = tuple(d.name for d in shape.dimensions)
        asker = tuple(d.name for d in self.resolver.shapes[question.name].dimensions)
        subscripts = question.of.subscripts or own
        if subscripts == own == asker:
            return index
        pairs = list(zip(shape.dimensions, subscripts, strict=True))
        if any(s not in d.elements for d, s in pairs):
            raise self.resolver.error(
                message("kernel.lower.question_queue_needs_dimensions"),
                question.owner,
            )
        place = tuple(d.elements.index(s) for d, s in pairs)
        return ir.Number(self.resolver.flat(shape, place))
