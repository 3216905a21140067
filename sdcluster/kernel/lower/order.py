"""The order in which equations can be evaluated: each element after the elements that it reads.

Exports `sort_parts(resolver, parts)` for equations, and `begin_order(program)` for the actions of conveyors and queues.

Variables are sorted first. If variables depend on each other, their equations are sorted; if equations depend on each
other, their elements are sorted. Arrays can depend on each other although their elements do not. (Vensim also sorts by
elements.) Consecutive elements of one equation are joined into loops again, so that the code of a large model stays
short.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sdcluster.kernel.lower.cycle import cycle_error
from sdcluster.kernel.lower.graphs import Network, components
from sdcluster.kernel.lower.units import Item, Units, units
from sdcluster.model.resolver import Part, Resolver

if TYPE_CHECKING:
    from sdcluster.kernel.program import Program


def sort_parts(
    resolver: Resolver, parts: Mapping[str, Sequence[Item]], *, at_start: bool = False
) -> list[Item]:
    """Return all equations and actions in evaluation order. An equation is split if its elements require it.

    Parameters
    ----------
    resolver : Resolver
    parts : mapping of str to sequence of Part, Block or Action
        Parts by the name that they define.
    at_start : bool
        Whether the parts are initial values, for the error message.

    Raises
    ------
    ModelError
        If there is a cycle. The message names its elements.
    """
    needs = {
        name: dict.fromkeys(r for p in own for r in p.needs if r in parts)
        for name, own in parts.items()
    }
    place = {name: i for i, name in enumerate(parts)}
    result: list[Item] = []
    for group in components(needs):
        own = [p for name in sorted(group, key=place.__getitem__) for p in parts[name]]
        if len(group) > 1 or group[0] in needs[group[0]]:
            result += _Group(resolver, own, at_start).ordered()
        else:
            result += own
    return result


def begin_order(program: Program) -> list[Item]:
    """Return the actions of each step and the equations they use, in evaluation order.

    Raises
    ------
    ModelError
        If a device needs a value that depends on the flows of the same device. The message names the cycle.
    """
    known: dict[str, list[Item]] = {}
    for part in program.dynamic:
        known.setdefault(part.name, []).append(part)
    actions = [a for a in program.devices.actions if a.step != "start"]
    known |= {a.name: [a] for a in actions}
    chosen: dict[str, list[Item]] = {}
    pending = [a.name for a in actions]
    while pending:
        name = pending.pop()
        if name in known and name not in chosen:
            chosen[name] = known[name]
            pending += [r for p in chosen[name] for r in p.needs]
    return sort_parts(program.resolver, chosen)


class _Group:
    """Sorts the equations of variables that depend on each other."""

    def __init__(self, resolver: Resolver, own: Sequence[Item], at_start: bool) -> None:
        self.resolver, self.at_start = resolver, at_start
        self.writer: dict[str, np.ndarray] = {}
        self.cells: list[tuple[str, np.ndarray]] = []
        self.items: list[Units] = [units(resolver, item) for item in self._without_overwritten(own)]
        counts = [len(written) for _, written in self.cells]
        self.first: list[int] = [0, *np.cumsum(counts).tolist()]
        self.count = self.first.pop()
        self._note_writers()
        self.item_of = np.repeat(np.arange(len(self.items)), counts)
        self.after, self.before = self._edges()

    def _without_overwritten(self, own: Sequence[Item]) -> Sequence[Item]:
        """Return the equations without the elements that a later equation of the same variable redefines."""
        kept: list[Item] = []
        several = {name for name, count in Counter(item.name for item in own).items() if count > 1}
        later: dict[str, set[int]] = {}
        for item in reversed(own):
            written = units(self.resolver, item).written()
            again = set[int]()
            if item.name in several:
                taken = later.setdefault(item.name, set())
                flat = written[written >= 0].tolist()
                again = taken.intersection(flat)
                taken.update(flat)
            if again and isinstance(item, Part):
                item = replace(item, excluded=item.excluded | again)
                written = np.where(np.isin(written, list(again)), -1, written)
            kept.append(item)
            self.cells.append((item.name, written))
        self.cells.reverse()
        return kept[::-1]

    def _note_writers(self) -> None:
        """Record which unit (an element of an equation, or a row of a block) writes each element of a variable."""
        largest: dict[str, int] = {}
        for name, written in self.cells:
            largest[name] = max(largest.get(name, 0), int(written.max(initial=-1)) + 1)
        for name, size in largest.items():
            shape = self.resolver.shapes.get(name)
            self.writer[name] = np.full(size if shape is None else shape.size, -1)
        for first, (name, written) in zip(self.first, self.cells, strict=True):
            unit = np.broadcast_to(first + np.arange(len(written))[:, None], written.shape)
            self.writer[name][written[written >= 0]] = unit[written >= 0]

    def _edges(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the dependences between units of evaluation: ``after[k]`` needs ``before[k]``.

        A unit is an element of an equation or a row of a block. If several units read several elements, as in a sum, an
        extra node between them keeps the number of dependences small. Extra nodes are numbered after all units.
        """
        sizes = {name: len(writer) for name, writer in self.writer.items()}
        after: list[np.ndarray] = []
        before: list[np.ndarray] = []
        node = self.count
        self.between: list[int] = []  # the item of each extra node
        for k, item in enumerate(self.items):
            lively = (self.cells[k][1] >= 0).any(axis=1)
            for reading in item.reads(sizes):
                positions = reading.positions
                found = np.where(positions >= 0, self.writer[reading.name][positions], -1)
                reader = self.first[k] + np.flatnonzero(lively)
                group = reading.groups[lively]
                if found.shape[1] == 1:
                    target = found[group, 0]
                    after.append(reader[target >= 0])
                    before.append(target[target >= 0])
                    continue
                after.append(reader)
                before.append(node + group)
                row, column = np.nonzero(found >= 0)
                after.append(node + row)
                before.append(found[row, column])
                node += len(found)
                self.between += [k] * len(found)
        nothing = np.empty(0, dtype=int)
        return np.concatenate([nothing, *after]), np.concatenate([nothing, *before])

    def ordered(self) -> list[Item]:
        """Return the equations in evaluation order."""
        owner = np.concatenate([self.item_of, np.array(self.between, dtype=int)])
        pairs = np.unique(owner[self.after] * len(self.items) + owner[self.before])
        needs: dict[int, list[int]] = {k: [] for k in range(len(self.items))}
        for pair in pairs.tolist():
            needs[pair // len(self.items)].append(pair % len(self.items))
        result: list[Item] = []
        for members in components(needs):
            if len(members) == 1 and members[0] not in needs[members[0]]:
                result.append(self.items[members[0]].item)
            else:
                result += self._by_units(sorted(members), owner)
        return result

    def _by_units(self, members: Sequence[int], owner: np.ndarray) -> list[Item]:
        """Return some equations in evaluation order, split into groups of elements where necessary."""
        own = np.isin(owner, members)
        nodes = np.flatnonzero(own)
        at = np.full(len(owner), -1)
        at[nodes] = np.arange(len(nodes))
        inside = own[self.after] & own[self.before]
        families = np.where(nodes < self.count, owner[nodes], -1)
        network = Network(families.tolist(), at[self.after[inside]], at[self.before[inside]])
        levels = network.levels()
        if min(levels) < 0:
            cycle = [int(nodes[n]) for n in network.cycle(levels)]
            raise cycle_error(self.resolver, self._named(cycle), self.at_start)
        unit = nodes.tolist()
        written: list[np.ndarray] = [np.any(w >= 0, axis=1) for _, w in self.cells]
        result: list[Item] = []
        for k, run in network.runs(levels):
            chosen = [unit[n] - self.first[k] for n in run]
            chosen = [c for c in chosen if written[k][c]]
            if chosen:
                result += self.items[k].only(chosen)
        return result

    def _named(self, nodes: Sequence[int]) -> list[tuple[str, int | None]]:
        """Return for each of some units (elements of equations) the variable and the element that it defines."""
        named: list[tuple[str, int | None]] = []
        for node in nodes:
            if node < self.count:
                k = int(self.item_of[node])
                name, written = self.cells[k]
                row = written[node - self.first[k]]
                named.append((name, int(row[0]) if len(row) == 1 else None))
        return named
