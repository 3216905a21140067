"""Decide which limits of outflows can be applied without a cycle of flows, element by element.

Exports `LimitOrder`, used by `kernel.lower.limits`. A limit makes each element of an outflow depend on the same element
of the stock's inflows, and of the outflows of higher priority.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from sdcluster.kernel.lower.graphs import Network, components
from sdcluster.kernel.lower.reads import readings
from sdcluster.kernel.lower.units import PartUnits
from sdcluster.model.resolver import Resolver

Pair = tuple[str, str]  # a flow, and another flow that it needs


class LimitOrder:
    """The dependences between flows at the same moment, including the limits accepted so far.

    Parameters
    ----------
    resolver : Resolver
    needs : mapping of str to set of str
        The variables that each variable is computed from at the same moment, without limits.
    limits : sequence of (str, str)
        The dependences that all limits together would add: a flow, and another flow that it would need.
    later : collection of str
        Functions whose first argument acts at a later time.
    """

    def __init__(
        self,
        resolver: Resolver,
        needs: Mapping[str, set[str]],
        limits: Sequence[Pair],
        later: frozenset[str],
    ) -> None:
        self.resolver, self.model, self.later = resolver, resolver.model, later
        wanted = {name: own & needs.keys() for name, own in needs.items()}
        for flow, other in limits:
            wanted[flow].add(other)
        # Elements can form a cycle only if their variables form one.
        group_of: dict[str, int] = {}
        for number, names in enumerate(components(wanted)):
            if len(names) > 1 or names[0] in wanted[names[0]]:
                group_of |= dict.fromkeys(names, number)
        self.group_of = group_of
        self.first: dict[str, int] = {}
        count = 0
        for name in group_of:
            self.first[name] = count
            count += resolver.shapes[name].size
        self.count = count
        self.edges = [self._own(name, needs[name]) for name in group_of]

    def admit(self, pairs: Iterable[Pair]) -> bool:
        """Add the given dependences unless they make an element depend on itself; return whether they were added."""
        more = [self._between(flow, other) for flow, other in pairs if self._may_close(flow, other)]
        if more and self._closes([*self.edges, *more]):
            return False
        self.edges += more
        return True

    def allows(self, pairs: Iterable[Pair]) -> bool:
        """Return whether `admit` would add the given dependences, without adding them."""
        more = [self._between(flow, other) for flow, other in pairs if self._may_close(flow, other)]
        return not more or not self._closes([*self.edges, *more])

    def _may_close(self, flow: str, other: str) -> bool:
        group = self.group_of.get(flow)
        return group is not None and group == self.group_of.get(other)

    def _closes(self, edges: Sequence[np.ndarray]) -> bool:
        after, before = np.concatenate(edges, axis=1)
        return min(Network([0] * self.count, after, before).levels()) < 0

    def _between(self, flow: str, other: str) -> np.ndarray:
        """Return edges between corresponding elements of two flows, or between all pairs if the sizes differ."""
        sizes = [self.resolver.shapes[n].size for n in (flow, other)]
        after, before = (
            self.first[n] + np.arange(s) for n, s in zip((flow, other), sizes, strict=True)
        )
        if sizes[0] != sizes[1]:
            after, before = np.repeat(after, sizes[1]), np.tile(before, sizes[0])
        return np.stack([after, before])

    def _own(self, name: str, needed: set[str]) -> np.ndarray:
        """Return edges from each element of a variable to the elements that its equation reads."""
        found = [np.empty((2, 0), dtype=int)]
        read: set[str] = set()
        variable = self.model.variables[name]
        for equation in variable.equations if variable.kind != "stock" else ():
            part = self.resolver.part(
                name, equation.subscripts, equation.expression, equation.exceptions
            )
            written = PartUnits(self.resolver, part).written()[:, 0]
            for reading in readings(self.resolver, part, self.first, self.later):
                read.add(reading.name)
                positions = reading.positions[reading.groups]
                row, column = np.nonzero((positions >= 0) & (written >= 0)[:, None])
                target = self.first[reading.name] + positions[row, column]
                found.append(np.stack([self.first[name] + written[row], target]))
        # Dependences that devices cause are not in any equation.
        found += [self._between(name, other) for other in needed - read if other in self.first]
        return np.concatenate(found, axis=1)
