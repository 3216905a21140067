"""Conveyors and queues of a model, and what they decide of the flows of a step.

Crosses the border: `Devices`, made by `find_devices(model)`; `kernel.lower.order` puts their actions among the
equations that they use. A flow that leaves a device, or enters it, is decided by the device once a step and holds
until the next one, whatever the solver; so nothing is lost between a stock and what is on a belt.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from sdcluster.errors import ModelError
from sdcluster.kernel.lower.machines import Machine, Question
from sdcluster.model import Model, Variable
from sdcluster.model.discrete import Conveyor, Queue
from sdcluster.model.expression import Expression
from sdcluster.model.resolver import Part

Step = Literal[
    "start", "release", "open", "admit", "hold", "take", "rest", "decided", "output", "ask", "shift"
]


@dataclass(frozen=True)
class Action:
    """Something that a device does at the beginning of a step, or once at the start of a run.

    Parameters
    ----------
    step : str
        ``start``: fill the belt or the queue; ``release``: what leaks and falls off a belt; ``open``: what may enter;
        ``admit``: let a flow in as far as there is room; ``hold``: take a flow as it is; ``take``: from a queue what
        fits where it goes; ``rest``: from a queue what is left; ``decided``: a flow that ``release`` has decided;
        ``output``: the value of a machine; ``ask``: the answer to a question; ``shift``: move a stock's elements.
    stock : str
        The device.
    flow : str
        What is decided; empty for ``start``, ``release`` and ``open``.
    needs : tuple of str
        Variables, flows and other actions that come first.
    run : range, optional
        The elements of the device that it is for, in this order; all of them where it is left out.
    """

    step: Step
    stock: str
    flow: str
    needs: tuple[str, ...]
    run: range | None = None

    @property
    def name(self) -> str:
        """The flow, or a name of its own in angle brackets."""
        return self.flow or action_name(self.step, self.stock)

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """Nothing: an action has no expression."""
        return ()


@dataclass(frozen=True)
class Device:
    """A conveyor or a queue with its flows by canonical name.

    Parameters
    ----------
    stock : str
    kind : Conveyor or Queue
    inflows : tuple of str
    exit : tuple of str
        For a conveyor the one flow at its end; for a queue all outflows, in order of priority.
    leaks : tuple of str
        Flows that leak from a conveyor.
    """

    stock: str
    kind: Conveyor | Queue
    inflows: tuple[str, ...]
    exit: tuple[str, ...]
    leaks: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """Length of its record in `p`, for each element."""
        if isinstance(self.kind, Queue):
            return 6
        return 20 + 8 * len(self.leaks) + 4 * len(self.inflows)

    @property
    def cells(self) -> int:
        """Number of buffers behind the end of `p`, for each element; each has as many cells as a run has steps."""
        if isinstance(self.kind, Queue):
            return 2 * self.lots
        return 1 + 3 * len(self.leaks)

    @property
    def lots(self) -> int:
        """How many batches may come in a step; one more for those of the start."""
        return len(self.inflows) + 1


@dataclass
class Devices:
    """All devices of a model.

    Parameters
    ----------
    of : dict of str to Device
        By stock.
    source, target : dict of str to Device
        For each flow the device that it leaves, and the one that it enters.
    actions : list of Action
        Of conveyors and queues; in no order yet.
    machines, questions : dict of str to Machine, Question
        By the name of the value.
    shifts : dict of str to list of Part
        By the name of the value: what moves the elements of a stock at the beginning of a step (SHIFT IF TRUE).
    lines : dict of str to str
        For each variable that is a QUEUE FIFO its machine.
    """

    of: dict[str, Device] = field(default_factory=dict)
    source: dict[str, Device] = field(default_factory=dict)
    target: dict[str, Device] = field(default_factory=dict)
    actions: list[Action] = field(default_factory=list)
    machines: dict[str, Machine] = field(default_factory=dict)
    questions: dict[str, Question] = field(default_factory=dict)
    shifts: dict[str, list[Part]] = field(default_factory=dict)
    lines: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.of or self.machines or self.questions or self.shifts)

    @property
    def limits(self) -> set[str]:
        """Variables that limit what enters conveyors; they may be infinite."""
        kinds = [d.kind for d in self.of.values() if isinstance(d.kind, Conveyor)]
        return {name for kind in kinds for name in (kind.capacity, kind.in_limit) if name}

    @property
    def kept(self) -> tuple[str, ...]:
        """All names whose values devices decide."""
        return (*self.flows, *self.machines, *self.questions, *self.shifts)

    @property
    def all_actions(self) -> list[Action]:
        """The actions of conveyors, queues, machines and questions."""
        found = list(self.actions)
        for key, machine in self.machines.items():
            marked = (machine.marked,) if machine.marked else ()
            found.append(Action("start", key, "", (*machine.starts, *marked)))
            found.append(Action("output", key, key, (action_name("start", key),)))
        for key, question in self.questions.items():
            line = self.lines.get(question.of.name, question.of.name)
            needs = (action_name("start", line), action_name("open", line))
            found.append(Action("ask", key, key, (*question.arguments, *needs)))
        for key, parts in self.shifts.items():
            found.append(Action("shift", key, key, tuple(n for p in parts for n in p.needs)))
        return found

    @property
    def flows(self) -> tuple[str, ...]:
        """All flows that devices decide."""
        return tuple(dict.fromkeys([*self.source, *self.target]))

    def asks(self, flow: str) -> bool:
        """Whether the flow's own equation says how much it wants to carry."""
        return flow in self.target and flow not in self.source

    def is_discrete(self, device: Device) -> bool:
        """Whether a conveyor is discrete; behind a queue it always is (XMILE 1.0, 3.7.2)."""
        fed = any(
            isinstance(self.source[f].kind, Queue) for f in device.inflows if f in self.source
        )
        return isinstance(device.kind, Conveyor) and (device.kind.discrete or fed)


def action_name(step: str, stock: str) -> str:
    """Return the name of an action that decides no single flow."""
    return f"⟨{step} {stock}⟩"


def request(flow: str) -> str:
    """Return the name of the hidden variable that holds what a flow wants to carry."""
    return f"⟨wanted {flow}⟩"


def find_devices(model: Model) -> Devices:
    """Return the conveyors and queues of `model`.

    Raises
    ------
    ModelError
        For flows of other dimensions than their device, and for belts that nothing leaves at the end.
    """
    devices = Devices()
    for key, variable in model.variables.items():
        if variable.discrete is not None:
            device = _device(model, variable)
            devices.of[key] = device
            for flow in (*device.exit, *device.leaks):
                _fits(model, variable, flow)
                devices.source[flow] = device
            for flow in device.inflows:
                _fits(model, variable, flow)
                devices.target[flow] = device
    for device in devices.of.values():
        devices.actions += _actions(model, devices, device)
    return devices


def _device(model: Model, stock: Variable) -> Device:
    kind = stock.discrete
    assert kind is not None
    if isinstance(kind, Queue):
        return Device(stock.key, kind, stock.inflows, stock.outflows)
    leaks = tuple(f for f in stock.outflows if model.variables[f].leak is not None)
    ends = tuple(f for f in stock.outflows if f not in leaks)
    if len(ends) != 1:
        raise _error(
            model,
            stock,
            f"the conveyor has {len(ends)} outflows that are no leaks; one must be at its end",
        )
    return Device(stock.key, kind, stock.inflows, ends, leaks)


def _fits(model: Model, stock: Variable, flow: str) -> None:
    found = model.variables[flow]
    if found.dimensions != stock.dimensions:
        what = "conveyor" if isinstance(stock.discrete, Conveyor) else "queue"
        raise _error(
            model,
            stock,
            f'its flow "{found.name}" has other dimensions; give both the same, as a {what} needs',
        )


def _error(model: Model, variable: Variable, sentence: str) -> ModelError:
    return ModelError(
        f'stock "{variable.name}": {sentence}',
        file=model.path,
        line=variable.line,
        variable=variable.name,
    )


def _actions(model: Model, devices: Devices, device: Device) -> Iterator[Action]:
    stock = device.stock
    started = action_name("start", stock)
    if isinstance(device.kind, Queue):
        yield Action("start", stock, "", (stock,))
        yield Action("open", stock, "", (stock, started))
        yield from _outflows(devices, device)
        for flow in device.inflows:
            if devices.asks(flow):
                yield Action("hold", stock, flow, (request(flow),))
        return
    fractions = tuple(leak.fraction for f in device.leaks if (leak := model.variables[f].leak))
    yield Action("start", stock, "", (stock, device.kind.transit, *fractions))
    asked = [device.kind.transit, device.kind.sample, device.kind.arrest, *fractions]
    asked += [arrest_beyond(devices, f) for f in (*device.exit, *device.leaks)]
    released = action_name("release", stock)
    yield Action("release", stock, "", (stock, started, *(name for name in asked if name)))
    entering = [f for f in device.inflows if not is_admitted(devices, f)]
    before = action_name("open", stock)
    limits = [name for name in (device.kind.capacity, device.kind.in_limit) if name]
    yield Action("open", stock, "", (released, *limits, *entering))
    for flow in device.inflows:
        if is_admitted(devices, flow):
            if devices.asks(flow):
                yield Action("admit", stock, flow, (before, request(flow)))
            before = flow


def _outflows(devices: Devices, queue: Device) -> Iterator[Action]:
    before = action_name("open", queue.stock)
    for flow in queue.exit:
        target = devices.target.get(flow)
        if target is None or isinstance(target.kind, Queue):
            yield Action("rest", queue.stock, flow, (before,))
        else:
            admitted = [f for f in target.inflows if is_admitted(devices, f)]
            place = admitted.index(flow)
            ahead = admitted[place - 1] if place else action_name("open", target.stock)
            yield Action("take", queue.stock, flow, (before, ahead))
        before = flow


def is_admitted(devices: Devices, flow: str) -> bool:
    """Whether a conveyor lets a flow in as far as there is room; what comes off another belt always gets in."""
    source = devices.source.get(flow)
    return source is None or isinstance(source.kind, Queue)


def arrest_beyond(devices: Devices, flow: str) -> str:
    """Return the variable that may hold a flow back because the belt it leads to stands still; empty if none does."""
    target = devices.target.get(flow)
    return target.kind.arrest if target and isinstance(target.kind, Conveyor) else ""
