"""Devices: conveyors, queues, and Vensim functions that keep material in the order of its entry.

Exports `Devices`, first created by `find_devices(model)`; `sdcluster.kernel.lower.rules_devices` adds the devices of
functions. A device declares the space that it needs in `p`, and the actions that it performs in each step.
`sdcluster.kernel.lower.device_actions` generates the statements of these actions, and `kernel.lower.order` sorts the
actions among the equations that they use.

Once per step, a device computes the flows that enter or leave the device. With any integration method, the rate of such
a flow stays constant until the next step. Therefore the stock always equals the content of the device.
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
        - ``start``: set the initial content of a conveyor or queue.
        - ``release``: compute what leaks from a conveyor and what leaves at its end.
        - ``open``: compute how much may enter a conveyor, or prepare a queue for its outflows.
        - ``admit``: limit an inflow to the free capacity of a conveyor.
        - ``hold``: take the requested inflow of a queue, unless it is negative.
        - ``take``: take from a queue as much as the next conveyor admits.
        - ``rest``: take from a queue all that outflows of higher priority have left.
        - ``decided``: nothing, because ``release`` has computed the flow.
        - ``output``: compute the value of a function.
        - ``ask``: compute the answer to a question about a queue.
        - ``shift``: shift the elements of a stock.
    owner : str
        Name of the device, question or shift.
    kept : str
        Name of the flow or value that the action computes; empty for ``start``, ``release`` and ``open``.
    needs : tuple of str
        Variables, flows and other actions that must be computed first.
    run : range, optional
        Elements of the device for which the action is performed, in this order; by default, all elements.
    """

    step: Step
    owner: str
    kept: str
    needs: tuple[str, ...]
    run: range | None = None

    @property
    def name(self) -> str:
        """Name of the flow or value that the action computes. If it computes neither, a name in angle brackets."""
        return self.kept or action_name(self.step, self.owner)

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """Always empty, because an action contains no expressions."""
        return ()


def action_name(step: str, owner: str) -> str:
    """Return the name of an action that computes several flows or no flow, such as ``⟨start belt⟩``."""
    return f"⟨{step} {owner}⟩"


def request(flow: str) -> str:
    """Return the name of the hidden variable that holds the requested rate of a flow."""
    return f"⟨wanted {flow}⟩"


class Space(NamedTuple):
    """The space that each element of a device needs: a record in `p`, and ring buffers after the end of `p`.

    Parameters
    ----------
    record : int
        Length of the record; `sdcluster.kernel.library.records` names its fields.
    rings : int
        Number of ring buffers.
    lots : int
        Number of buffers that form one ring. A queue needs one for each batch that may arrive in a step, and one
        for its initial batches.
    """

    record: int
    rings: int = 0
    lots: int = 1

    @property
    def cells(self) -> int:
        """Number of buffers that all rings together take."""
        return self.rings * self.lots


@dataclass(frozen=True)
class Device:
    """Base class of all devices. Each subclass is one kind of device.

    Parameters
    ----------
    name : str
        The stock, or the hidden variable that holds the value of a function.
    """

    name: str

    @property
    def space(self) -> Space:
        """The space that the device needs for each element."""
        raise NotImplementedError

    def actions(self, devices: Devices) -> Iterator[Action]:
        """Yield the actions of the device at the start of a run and at the beginning of each step, unsorted."""
        raise NotImplementedError


@dataclass(frozen=True)
class ConveyorDevice(Device):
    """A conveyor.

    Parameters
    ----------
    own : Conveyor
        The conveyor as described in the model file.
    inflows : dict of str to Variable
        Inflows by name.
    exit : str
        Name of the outflow at the end of the conveyor.
    leaks : dict of str to Leak
        Leaks by the name of the flow.
    """

    own: Conveyor
    inflows: Mapping[str, Variable]
    exit: str
    leaks: Mapping[str, Leak]

    @property
    def space(self) -> Space:
        """The space of a conveyor: a record, one ring buffer for the content, and three for each leak."""
        leaks = len(self.leaks)
        return Space(Belt.inflow(leaks, len(self.inflows)), Slat.leaks + Slat.size * leaks)

    @property
    def outflows(self) -> tuple[str, ...]:
        """Names of the outflows: first the one at the end of the conveyor, then the leaks."""
        return (self.exit, *self.leaks)

    def actions(self, devices: Devices) -> Iterator[Action]:
        """Yield the actions of the conveyor; see `Device.actions`."""
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
        The queue as described in the model file.
    inflows, outflows : dict of str to Variable
        Flows by name; the outflows are in order of priority.
    """

    own: Queue
    inflows: Mapping[str, Variable]
    outflows: Mapping[str, Variable]

    @property
    def space(self) -> Space:
        """The space of a queue: a record and two rings, for amounts and times, with one batch per inflow and step."""
        return Space(records.Queue.size, 2, len(self.inflows) + 1)

    def actions(self, devices: Devices) -> Iterator[Action]:
        """Yield the actions of the queue; see `Device.actions`."""
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
        One of `KINDS`. The names of its functions in `sdcluster.kernel.library.trains` begin with this word.
    inputs : tuple of str
        Names of the input variables.
    starts : tuple of str
        Names of the hidden variables that keep initial values.
    profiles : tuple of Table
        Profile of the initial content or of the response, and optionally a second profile, of attributes.
    mark : str
        Name of a hidden variable. The second profile is multiplied by the initial value of this variable. Empty without
        a second profile.
    """

    kind: str
    inputs: tuple[str, ...]
    starts: tuple[str, ...]
    profiles: tuple[Table, ...]
    mark: str = ""

    @property
    def space(self) -> Space:
        """The space that a device of this kind needs."""
        return KINDS[self.kind]

    def actions(self, devices: Devices) -> Iterator[Action]:
        """Yield the actions of the function; see `Device.actions`."""
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
        Name of the library function that computes the answer.
    of : Reference
        The queue: a stock, or a variable whose equation is a QUEUE FIFO.
    owner : str
        The variable whose equation contains the question.
    arguments : tuple of str
        Names of the variables that are passed to the library function.
    last : tuple of int
        A constant that is passed as the last argument, or an empty tuple.
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
        Devices by the name of the stock or hidden variable.
    source, target : dict of str to Device
        By the name of a flow, the device that the flow leaves (`source`) or enters (`target`).
    questions : dict of str to Question
        Questions by the name of the variable that holds the answer.
    shifts : dict of str to list of Part
        Equations that shift the elements of a stock at the beginning of a step (SHIFT IF TRUE). The key is the name of
        the variable that contains the value of the function.
    lines : dict of str to str
        For each variable whose equation is a QUEUE FIFO, the name of its device.
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
        """All conveyors of the model."""
        return [d for d in self.of.values() if isinstance(d, ConveyorDevice)]

    @property
    def functions(self) -> dict[str, FunctionDevice]:
        """The devices of Vensim functions such as QUEUE FIFO, by name."""
        return {n: d for n, d in self.of.items() if isinstance(d, FunctionDevice)}

    @property
    def limits(self) -> set[str]:
        """Names of the variables that limit the content or inflow of a conveyor. These variables can be infinite."""
        kinds = [device.own for device in self.conveyors]
        return {name for kind in kinds for name in (kind.capacity, kind.in_limit) if name}

    @property
    def flows(self) -> tuple[str, ...]:
        """Names of all flows that conveyors and queues compute, without repetition."""
        return tuple(dict.fromkeys([*self.source, *self.target]))

    @property
    def kept(self) -> tuple[str, ...]:
        """Names of all values that devices compute: flows, values of functions, answers to questions, and shifts."""
        return (*self.flows, *self.functions, *self.questions, *self.shifts)

    @property
    def actions(self) -> list[Action]:
        """The actions of all conveyors, queues and other devices, unsorted."""
        found = [action for device in self.of.values() for action in device.actions(self)]
        for key, question in self.questions.items():
            line = self.lines.get(question.of.name, question.of.name)
            needs = (action_name("start", line), action_name("open", line))
            found.append(Action("ask", key, key, (*question.arguments, *needs)))
        for key, parts in self.shifts.items():
            found.append(Action("shift", key, key, tuple(n for p in parts for n in p.needs)))
        return found

    def asks(self, flow: str) -> bool:
        """Whether a flow's own equation requests its rate.

        This is the case for a flow that enters a device and does not leave another device.
        """
        return flow in self.target and flow not in self.source

    def is_admitted(self, flow: str) -> bool:
        """Whether a conveyor limits an inflow to its free capacity. Inflow from another conveyor always enters."""
        return not isinstance(self.source.get(flow), ConveyorDevice)

    def admitted(self, conveyor: ConveyorDevice) -> list[str]:
        """Return the inflows that a conveyor limits to its free capacity, in order."""
        return [flow for flow in conveyor.inflows if self.is_admitted(flow)]

    def arrest_beyond(self, flow: str) -> str:
        """Return the name of the variable that can stop the conveyor into which a flow leads, or an empty string."""
        target = self.target.get(flow)
        return target.own.arrest if isinstance(target, ConveyorDevice) else ""

    def leaked_from(self, flow: Variable) -> ConveyorDevice | None:
        """Return the conveyor from which a flow leaks, if the leaked material keeps its positions, else None.

        Material keeps its positions if it enters the next conveyor at the same points at which it leaked.
        """
        source = self.source.get(flow.key)
        if flow.spread != "source" or not isinstance(source, ConveyorDevice):
            return None
        return source if flow.key in source.leaks else None

    def is_discrete(self, device: ConveyorDevice) -> bool:
        """Whether a conveyor is discrete. A conveyor fed by a queue always is (XMILE 1.0, 3.7.2)."""
        fed = any(isinstance(self.source.get(flow), QueueDevice) for flow in device.inflows)
        return device.own.discrete or fed


def find_devices(model: Model) -> Devices:
    """Return the conveyors and queues of `model`.

    Raises
    ------
    ModelError
        If the dimensions of a flow differ from those of its device, or if a conveyor does not have exactly one
        outflow at its end.
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
