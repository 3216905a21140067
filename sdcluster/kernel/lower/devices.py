"""Devices, which track material by entry time: conveyors, queues and the corresponding Vensim functions.

Crosses the border: `Devices`, first made by `find_devices(model)`; `sdcluster.kernel.lower.rules_devices` adds what
functions need. A device says how long its record and rings are and in which order its actions come;
`sdcluster.kernel.lower.device_actions` makes the statements of the actions, `kernel.lower.order` puts them among the
equations that they use. A flow that leaves a device, or enters it, is decided by the device once a step and holds until
the next one, whatever the solver; so nothing is lost between a stock and what is on a belt.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from sdcluster.errors import ModelError
from sdcluster.kernel.library import records
from sdcluster.kernel.library.records import Belt, Slat
from sdcluster.messages import message
from sdcluster.model import Model, Variable
from sdcluster.model.discrete import Conveyor, Leak, Queue
from sdcluster.model.expression import Expression, Reference, Table
from sdcluster.model.resolver import Part

Step = Literal[
    "start", "release", "open", "admit", "hold", "take", "rest", "decided", "output", "ask", "shift"
]


@dataclass(frozen=True)
class Action:
    """An action of a device at the beginning of a step, or once at the start of a run.

    Parameters
    ----------
    step : str
        ``start``: fill the belt or the queue; ``release``: what leaks and falls off a belt; ``open``: what may enter;
        ``admit``: let a flow in as far as there is room; ``hold``: take a flow as it is; ``take``: from a queue what
        fits where it goes; ``rest``: from a queue what is left; ``decided``: a flow that ``release`` has decided;
        ``output``: the value of a function; ``ask``: the answer to a question; ``shift``: move a stock's elements.
    owner : str
        The device, question or shift.
    kept : str
        The flow or value that is decided; empty for ``start``, ``release`` and ``open``.
    needs : tuple of str
        Variables, flows and other actions that come first.
    run : range, optional
        The elements of the device that it is for, in this order; all of them where it is left out.
    """

    step: Step
    owner: str
    kept: str
    needs: tuple[str, ...]
    run: range | None = None

    @property
    def name(self) -> str:
        """The flow that is decided, or a separate name in angle brackets."""
        return self.kept or action_name(self.step, self.owner)

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """Always empty, because an action contains no expressions."""
        return ()


def action_name(step: str, owner: str) -> str:
    """Return the name of an action that does not determine a single flow."""
    return f"⟨{step} {owner}⟩"


def request(flow: str) -> str:
    """Return the name of the hidden variable that holds the requested rate of a flow."""
    return f"⟨wanted {flow}⟩"


class Space(NamedTuple):
    """The space of a device in `p`, for each element: a record, and rings behind the end of `p`.

    Parameters
    ----------
    record : int
        Length of its record; `sdcluster.kernel.library.records` names its numbers.
    rings : int
    lots : int
        Length of a ring, in steps of a run: how many batches may come in a step, and one for those of the start.
    """

    record: int
    rings: int = 0
    lots: int = 1

    @property
    def cells(self) -> int:
        """Number of buffers that the rings take."""
        return self.rings * self.lots


@dataclass(frozen=True)
class Device:
    """The base of all devices; each subclass is a kind of device.

    Parameters
    ----------
    name : str
        The stock, or the hidden variable that holds the value of a function.
    """

    name: str

    @property
    def space(self) -> Space:
        """Its space in `p`."""
        raise NotImplementedError

    def actions(self, devices: Devices) -> Iterator[Action]:
        """Yield what it does at the start and at the beginning of a step, in no order."""
        raise NotImplementedError


@dataclass(frozen=True)
class ConveyorDevice(Device):
    """A conveyor.

    Parameters
    ----------
    own : Conveyor
    inflows : dict of str to Variable
    exit : str
        The flow at its end.
    leaks : dict of str to Leak
        By the name of the flow.
    """

    own: Conveyor
    inflows: Mapping[str, Variable]
    exit: str
    leaks: Mapping[str, Leak]

    @property
    def space(self) -> Space:
        """A ring for contents, three for each leak."""
        leaks = len(self.leaks)
        return Space(Belt.inflow(leaks, len(self.inflows)), Slat.leaks + Slat.size * leaks)

    @property
    def outflows(self) -> tuple[str, ...]:
        """The flow at its end, then its leaks."""
        return (self.exit, *self.leaks)

    def actions(self, devices: Devices) -> Iterator[Action]:
        """Yield what it does; see `Device`."""
        own = self.own
        fractions = [leak.fraction for leak in self.leaks.values()]
        yield Action("start", self.name, "", (self.name, own.transit, *fractions))
        asked = [own.transit, own.sample, own.arrest, *fractions]
        asked += [devices.arrest_beyond(flow) for flow in self.outflows]
        needs = (self.name, action_name("start", self.name), *filter(None, asked))
        yield Action("release", self.name, "", needs)
        released = action_name("release", self.name)
        for flow in self.outflows:
            yield Action("decided", self.name, flow, (released,))
        sure = [flow for flow in self.inflows if not devices.is_admitted(flow)]
        limits = filter(None, (own.capacity, own.in_limit))
        yield Action("open", self.name, "", (released, *limits, *sure))
        before = action_name("open", self.name)
        for flow in devices.admitted(self):
            if devices.asks(flow):
                yield Action("admit", self.name, flow, (before, request(flow)))
            before = flow


@dataclass(frozen=True)
class QueueDevice(Device):
    """A queue.

    Parameters
    ----------
    own : Queue
    inflows, outflows : dict of str to Variable
        Outflows in order of priority.
    """

    own: Queue
    inflows: Mapping[str, Variable]
    outflows: Mapping[str, Variable]

    @property
    def space(self) -> Space:
        """Rings for amounts and times; each inflow may bring a batch in a step."""
        return Space(records.Queue.size, 2, len(self.inflows) + 1)

    def actions(self, devices: Devices) -> Iterator[Action]:
        """Yield what it does; see `Device`."""
        yield Action("start", self.name, "", (self.name,))
        yield Action("open", self.name, "", (self.name, action_name("start", self.name)))
        before = action_name("open", self.name)
        for flow in self.outflows:
            target = devices.target.get(flow)
            if isinstance(target, ConveyorDevice):
                ahead = [action_name("open", target.name), *devices.admitted(target)]
                yield Action("take", self.name, flow, (before, ahead[ahead.index(flow) - 1]))
            else:
                yield Action("rest", self.name, flow, (before,))
            before = flow
        for flow in self.inflows:
            if devices.asks(flow):
                yield Action("hold", self.name, flow, (request(flow),))


@dataclass(frozen=True)
class FunctionDevice(Device):
    """A call of a function that tracks separate amounts, such as DELAY CONVEYOR or QUEUE FIFO.

    Parameters
    ----------
    kind : str
        One of `KINDS`, and the first word of its functions in `sdcluster.kernel.library.trains`.
    inputs : tuple of str
        Variables.
    starts : tuple of str
        Kept values of the start.
    profiles : tuple of Table
        Of the initial content or the response; then of attributes.
    mark : str
        The kept value that the second profile multiplies; empty without one.
    """

    kind: str
    inputs: tuple[str, ...]
    starts: tuple[str, ...]
    profiles: tuple[Table, ...]
    mark: str = ""

    @property
    def space(self) -> Space:
        """As its kind has."""
        return KINDS[self.kind]

    def actions(self, devices: Devices) -> Iterator[Action]:
        """Yield what it does; see `Device`."""
        yield Action("start", self.name, "", tuple(filter(None, (*self.starts, self.mark))))
        yield Action("output", self.name, self.name, (action_name("start", self.name),))


KINDS = {
    "train": Space(records.Train.size, 2, 2),
    "batch": Space(records.Work.size),
    "response": Space(records.Response.size, 1),
    "line": Space(records.Queue.size, 3, 2),
}


@dataclass(frozen=True)
class Question:
    """A value queried from a queue at the beginning of each step.

    Parameters
    ----------
    name : str
        The hidden variable that holds the answer.
    function : str
        Name in the library.
    of : Reference
        The queue: a stock, or a variable whose equation is a QUEUE FIFO.
    owner : str
        The variable whose equation asks.
    arguments : tuple of str
        Variables.
    last : tuple of int
        An argument that never changes, or nothing.
    """

    name: str
    function: str
    of: Reference
    owner: str
    arguments: tuple[str, ...]
    last: tuple[int, ...] = ()


@dataclass
class Devices:
    """All devices of a model.

    Parameters
    ----------
    of : dict of str to Device
        By stock or hidden variable.
    source, target : dict of str to Device
        For each flow the device that it leaves, and the one that it enters.
    questions : dict of str to Question
        By the name of the value.
    shifts : dict of str to list of Part
        By the name of the value: what moves the elements of a stock at the beginning of a step (SHIFT IF TRUE).
    lines : dict of str to str
        For each variable that is a QUEUE FIFO its device.
    """

    of: dict[str, Device] = field(default_factory=dict)
    source: dict[str, ConveyorDevice | QueueDevice] = field(default_factory=dict)
    target: dict[str, ConveyorDevice | QueueDevice] = field(default_factory=dict)
    questions: dict[str, Question] = field(default_factory=dict)
    shifts: dict[str, list[Part]] = field(default_factory=dict)
    lines: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.of or self.questions or self.shifts)

    @property
    def conveyors(self) -> list[ConveyorDevice]:
        """The conveyors among them."""
        return [d for d in self.of.values() if isinstance(d, ConveyorDevice)]

    @property
    def functions(self) -> dict[str, FunctionDevice]:
        """The functions among them."""
        return {n: d for n, d in self.of.items() if isinstance(d, FunctionDevice)}

    @property
    def limits(self) -> set[str]:
        """Variables that limit what enters conveyors; they may be infinite."""
        kinds = [device.own for device in self.conveyors]
        return {name for kind in kinds for name in (kind.capacity, kind.in_limit) if name}

    @property
    def flows(self) -> tuple[str, ...]:
        """All flows that devices decide."""
        return tuple(dict.fromkeys([*self.source, *self.target]))

    @property
    def kept(self) -> tuple[str, ...]:
        """All names whose values devices decide."""
        return (*self.flows, *self.functions, *self.questions, *self.shifts)

    @property
    def actions(self) -> list[Action]:
        """All actions, in no order."""
        found = [action for device in self.of.values() for action in device.actions(self)]
        for key, question in self.questions.items():
            line = self.lines.get(question.of.name, question.of.name)
            needs = (action_name("start", line), action_name("open", line))
            found.append(Action("ask", key, key, (*question.arguments, *needs)))
        for key, parts in self.shifts.items():
            found.append(Action("shift", key, key, tuple(n for p in parts for n in p.needs)))
        return found

    def asks(self, flow: str) -> bool:
        """Whether the flow's own equation defines its desired rate."""
        return flow in self.target and flow not in self.source

    def is_admitted(self, flow: str) -> bool:
        """Whether a conveyor limits an inflow to its free capacity. Inflow from another conveyor always enters."""
        return not isinstance(self.source.get(flow), ConveyorDevice)

    def admitted(self, conveyor: ConveyorDevice) -> list[str]:
        """Return the inflows that a conveyor limits to its free capacity, in order."""
        return [flow for flow in conveyor.inflows if self.is_admitted(flow)]

    def arrest_beyond(self, flow: str) -> str:
        """Return the variable that holds a flow back when the belt it leads to stands still; empty if none does."""
        target = self.target.get(flow)
        return target.own.arrest if isinstance(target, ConveyorDevice) else ""

    def leaked_from(self, flow: Variable) -> ConveyorDevice | None:
        """Return the conveyor as whose leak a flow is laid on another one; None where it is laid in another way."""
        source = self.source.get(flow.key)
        if flow.spread != "source" or not isinstance(source, ConveyorDevice):
            return None
        return source if flow.key in source.leaks else None

    def is_discrete(self, device: ConveyorDevice) -> bool:
        """Whether a conveyor is discrete; behind a queue it always is (XMILE 1.0, 3.7.2)."""
        fed = any(isinstance(self.source.get(flow), QueueDevice) for flow in device.inflows)
        return device.own.discrete or fed


def find_devices(model: Model) -> Devices:
    """Return the conveyors and queues of `model`.

    Raises
    ------
    ModelError
        For flows of other dimensions than their device, and for belts that nothing leaves at the end.
    """
    devices = Devices()
    for key, stock in model.variables.items():
        if stock.discrete is not None:
            devices.of[key] = device = _device(model, stock)
            for flow in (*stock.outflows, *stock.inflows):
                _check_dimensions(model, stock, model.variables[flow])
            devices.source |= dict.fromkeys(stock.outflows, device)
            devices.target |= dict.fromkeys(stock.inflows, device)
    return devices


def _device(model: Model, stock: Variable) -> ConveyorDevice | QueueDevice:
    own = stock.discrete
    inflows = {flow: model.variables[flow] for flow in stock.inflows}
    outflows = {flow: model.variables[flow] for flow in stock.outflows}
    if isinstance(own, Queue):
        return QueueDevice(stock.key, own, inflows, outflows)
    assert own is not None
    leaks = {flow: v.leak for flow, v in outflows.items() if v.leak is not None}
    ends = [flow for flow in outflows if flow not in leaks]
    if len(ends) != 1:
        raise _error(
            model,
            stock,
            message("kernel.lower.conveyor_outflows_no_leaks", count=len(ends)),
        )
    return ConveyorDevice(stock.key, own, inflows, ends[0], leaks)


def _check_dimensions(model: Model, stock: Variable, flow: Variable) -> None:
    if flow.dimensions != stock.dimensions:
        what = "conveyor" if isinstance(stock.discrete, Conveyor) else "queue"
        raise _error(
            model,
            stock,
            message("kernel.lower.flow_other_dimensions_give", flow=flow.name, what=what),
        )


def _error(model: Model, variable: Variable, sentence: str) -> ModelError:
    return ModelError(
        message("kernel.lower.the_stock", variable=variable.name, sentence=sentence),
        file=model.path,
        line=variable.line,
        variable=variable.name,
    )
