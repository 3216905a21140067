"""The memory of a run between two steps, by name: stocks, delays, conveyors, queues, recorded values, random numbers.

`capture` reads the memory from a kernel's vectors; `restore` writes it into those of another kernel, which may have
other constants, other lookups and longer buffers. The content of a ring buffer is stored beginning with the number to
read next, so the new kernel may use other indices in the vectors and other buffer lengths.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sdcluster.errors import ModelError
from sdcluster.kernel import Kernel
from sdcluster.kernel.layout import LENGTH, NOW
from sdcluster.kernel.library.records import Belt, Inflow
from sdcluster.messages import message

# By the kind of memory, such as "stock", and by the name of the variable: the numbers remembered.
Memory = dict[str, dict[str, list[float]]]


@dataclass(frozen=True)
class Ring:
    """A ring buffer, stored after the parameters in `p`: where the buffer begins, and where reading begins.

    Parameters
    ----------
    key : str
        Name of the variable, followed by the indices of the element and of the ring.
    first, cells : int
        Index of the ring's first buffer, and number of buffers that the ring uses. The space after the parameters is
        divided into buffers of equal length.
    head : int or None
        Index in `p` of the cell to read next; None if reading begins at the first cell.
    used : int or None
        Index in `p` of the number of cells in use.
    """

    key: str
    first: int
    cells: int
    head: int | None = None
    used: int | None = None

    def place(self, size: int, length: int) -> tuple[int, int]:
        """Return the ring's first index in `p` and its length.

        `size` is the number of parameters, `length` the length of one buffer.
        """
        return size + self.first * length, self.cells * length


def capture(kernel: Kernel, p: Any, y: Any) -> Memory:
    """Return the memory of a run between two steps.

    Parameters
    ----------
    kernel : Kernel
    p, y : list or ndarray
        The kernel's vectors.
    """
    found: Memory = {}
    for what, name, vector, first, count in _spans(kernel):
        source = y if vector == "y" else p
        values = [float(source[i]) for i in range(first, first + count)]
        found.setdefault(what, {})[name] = values
    for what, name, at, other in _addresses(kernel):
        found[what][name][at] -= other
    rings = found.setdefault("rings", {})
    length = int(p[LENGTH])
    for ring in _rings(kernel):
        base, size = ring.place(kernel.source.size, length)
        head = 0 if ring.head is None else int(p[ring.head])
        count = size if ring.used is None else min(int(p[ring.used]), size)
        values = [float(p[base + (head + i) % size]) for i in range(count)]
        rings[ring.key] = values if ring.used is not None else _without_end(values)
    return found


def restore(
    kernel: Kernel, memory: Mapping[str, Mapping[str, list[float]]], p: Any, y: Any
) -> None:
    """Write the memory of a run into a kernel's vectors, whose buffers must be long enough for the saved content.

    Raises
    ------
    ModelError
        If the kernel has a different memory because the model's structure differs.
    """
    size, length = kernel.source.size, int(p[LENGTH])
    spans = list(_spans(kernel))
    rings = list(_rings(kernel))
    _compare(kernel, memory, spans, rings)
    for what, name, vector, first, _ in spans:
        target = y if vector == "y" else p
        for i, value in enumerate(memory[what][name]):
            target[first + i] = value
    for what, name, at, other in _addresses(kernel):
        first = next(f for w, n, _, f, _ in spans if (w, n) == (what, name))
        p[first + at] += other
    for ring in rings:
        values = memory["rings"][ring.key]
        base, cells = ring.place(size, length)
        for i in range(cells):
            p[base + i] = values[i] if i < len(values) else 0.0
        if ring.head is not None:
            p[ring.head] = 0.0
        elif ring.key.startswith("delay ") and values and ring.used is not None:
            # If the delay is longer than the saved run so far, its other cells still contain its initial value.
            for i in range(len(values), min(int(p[ring.used]), cells)):
                p[base + i] = values[-1]


def buffer_length(memory: Mapping[str, Mapping[str, list[float]]]) -> int:
    """Return the smallest buffer length with which every saved ring buffer fits."""
    return max((len(values) for values in memory.get("rings", {}).values()), default=0)


def _compare(
    kernel: Kernel,
    memory: Mapping[str, Mapping[str, list[float]]],
    spans: list[tuple[str, str, str, int, int]],
    rings: list[Ring],
) -> None:
    here = {(what, name): count for what, name, _, _, count in spans}
    there = {
        (what, name): len(values)
        for what, own in memory.items()
        if what != "rings"
        for name, values in own.items()
    }
    wrong = sorted(k for k in here.keys() | there.keys() if here.get(k) != there.get(k))
    missing = [ring.key for ring in rings if ring.key not in memory.get("rings", {})]
    if not wrong and not missing:
        return
    what, name = wrong[0] if wrong else ("buffer", missing[0].rpartition(" of ")[2])
    shown = kernel.model.variables[name].name if name in kernel.model.variables else name
    if (what, name) not in here:
        reason = message("run.holds_model_does_not", shown=shown)
    elif (what, name) not in there:
        reason = message("run.lacks_model", shown=shown)
    else:
        reason = message(
            "run.numbers_instead",
            shown=shown,
            there=there[what, name],
            here=here[what, name],
        )
    raise ModelError(
        message("run.state_does_not_fit", reason=reason),
        file=kernel.model.path,
    )


def _without_end(values: list[float]) -> list[float]:
    """Return the values without the zeros at the end."""
    count = len(values)
    while count and values[count - 1] == 0.0:
        count -= 1
    return values[:count]


def _spans(kernel: Kernel) -> Iterator[tuple[str, str, str, int, int]]:
    """Yield each item of memory that is not a ring buffer: kind, name, vector, first index and number of values."""
    at, program = kernel.source.places, kernel.program
    yield "clock", "of the computer at the start", "p", NOW, 1
    for name, place in at.states.items():
        yield "stock", name, "y", place, program.size(name)
    for what, places in (
        ("value", at.kept),
        ("count", at.counts),
        ("length", at.lengths),
        ("pointer", at.pointers),
    ):
        for name, place in places.items():
            yield what, name, "p", place, program.size(name)
    for name, place in at.records.items():
        width = program.devices.of[name].space.record
        yield "record", name, "p", place, program.size(name) * width


def _rings(kernel: Kernel) -> Iterator[Ring]:
    at, program = kernel.source.places, kernel.program
    for name in program.delays:
        for i in range(program.size(name)):
            yield Ring(f"delay {i} of {name}", at.buffers[name] + i, 1, None, at.lengths[name] + i)
    for name in program.records:
        for i in range(program.size(name)):
            yield Ring(f"course {i} of {name}", at.courses[name] + i, 1, None, at.counts[name] + i)
    for name, device in program.devices.of.items():
        space = device.space
        for i in range(program.size(name)):
            head = at.records[name] + space.record * i
            first = at.buffers[name] + space.cells * i
            for k in range(space.rings):
                yield Ring(f"ring {i}.{k} of {name}", first + k * space.lots, space.lots, head)


def _addresses(kernel: Kernel) -> Iterator[tuple[str, str, int, int]]:
    """Yield each saved number that is an index into `p`: kind, name, position, and the index to subtract from it.

    A conveyor that receives another conveyor's leakage stores the index of that conveyor's record. Another kernel may
    have the record at another index, so the saved number counts from where the records of that conveyor begin.
    """
    devices, at = kernel.program.devices, kernel.source.places
    for device in devices.conveyors:
        for j, flow in enumerate(device.inflows.values()):
            source = devices.leaked_from(flow)
            if source is not None:
                number = Belt.inflow(len(device.leaks), j, Inflow.source)
                for i in range(kernel.program.size(device.name)):
                    place = device.space.record * i + number
                    yield "record", device.name, place, at.records[source.name]
