"""Dependency graphs: strongly connected components, reachable nodes, an order of evaluation, a short cycle.

Exports `components(needs)`, `reached(first, edges)`, and `Network` with `runs()` and `cycle()`. The time that each of
them takes is proportional to the number of nodes and edges, apart from the heaps that `runs` uses.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from heapq import heappop, heappush
from typing import TypeVar

import numpy as np

Node = TypeVar("Node", bound=Hashable)


def components(needs: Mapping[Node, Iterable[Node]]) -> list[list[Node]]:
    """Return the strongly connected components of a graph, each after the components that it needs (Tarjan 1972).

    Parameters
    ----------
    needs : mapping of node to iterable of nodes
        The nodes that each node needs; all of these must be keys of the mapping.
    """
    number: dict[Node, int] = {}
    low: dict[Node, int] = {}
    stack: list[Node] = []
    waiting: set[Node] = set()
    found: list[list[Node]] = []
    for root in needs:
        if root in number:
            continue
        path: list[tuple[Node, Iterator[Node]]] = [(root, iter(needs[root]))]
        number[root] = low[root] = len(number)
        stack.append(root)
        waiting.add(root)
        while path:
            node, rest = path[-1]
            for other in rest:
                if other not in number:
                    number[other] = low[other] = len(number)
                    stack.append(other)
                    waiting.add(other)
                    path.append((other, iter(needs[other])))
                    break
                if other in waiting:
                    low[node] = min(low[node], number[other])
            else:
                path.pop()
                if path:
                    above = path[-1][0]
                    low[above] = min(low[above], low[node])
                if low[node] == number[node]:
                    at = _place(stack, node)
                    members = stack[at:]
                    del stack[at:]
                    waiting.difference_update(members)
                    found.append(members)
    return found


def users_of(needs: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """Return, for each name, the names that depend on it."""
    found: dict[str, list[str]] = {}
    for name, wanted in needs.items():
        for other in wanted:
            found.setdefault(other, []).append(name)
    return found


def reached(first: Iterable[str], edges: Mapping[str, Iterable[str]]) -> set[str]:
    """Return all names reachable along edges, including `first`."""
    found: set[str] = set()
    pending = list(first)
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending += edges.get(name, ())
    return found


def _place(stack: Sequence[Node], node: Node) -> int:
    """Return the index of a node in the stack, searched from the end.

    The caller removes all nodes that the search has passed, so that all searches together take linear time.
    """
    at = len(stack) - 1
    while stack[at] != node:
        at -= 1
    return at


class Network:
    """A dependency graph. In the order of evaluation, nodes of one family follow each other if possible.

    Parameters
    ----------
    families : sequence of int
        The family of each node; -1 for nodes without a family, which only connect others.
    after, before : numpy.ndarray of int
        Edges: node ``after[k]`` needs node ``before[k]``.
    """

    def __init__(self, families: Sequence[int], after: np.ndarray, before: np.ndarray) -> None:
        self.families = families
        count = len(families)
        first, then = np.divmod(np.unique(before * count + after), max(count, 1))
        self.waits: list[int] = np.bincount(then, minlength=count).tolist()
        self.ends: list[int] = np.searchsorted(first, np.arange(count + 1)).tolist()
        self.followers: list[int] = then.tolist()

    def next_of(self, node: int) -> list[int]:
        """Return the nodes that depend on a node."""
        return self.followers[self.ends[node] : self.ends[node + 1]]

    def levels(self) -> list[int]:
        """Return, for each node, the length of the longest chain that it needs, or -1 if a cycle is in the chain."""
        waits = list(self.waits)
        level = [0 if not w else -1 for w in waits]
        longest = [0] * len(waits)
        pending = [n for n, w in enumerate(waits) if not w]
        while pending:
            node = pending.pop()
            reached = longest[node] + (self.families[node] >= 0)
            for other in self.next_of(node):
                longest[other] = max(longest[other], reached)
                waits[other] -= 1
                if not waits[other]:
                    level[other] = longest[other]
                    pending.append(other)
        return level

    def runs(self, levels: Sequence[int]) -> Iterator[tuple[int, list[int]]]:
        """Yield runs of nodes of one family, in an order in which each node comes after the nodes that it needs.

        A node is ready when all nodes that it needs have been yielded. A run takes ready nodes of its family, the
        smallest first, until no node of the family is ready. The next run belongs to the family that has the ready
        node with the lowest level.
        """
        waits = list(self.waits)
        ready: dict[int, list[int]] = {}
        queue: list[tuple[int, int]] = []
        free: list[int] = []

        def release(node: int) -> None:
            family = self.families[node]
            if family < 0:
                free.append(node)
                return
            heappush(ready.setdefault(family, []), node)
            heappush(queue, (levels[node], family))

        def follow(node: int) -> None:
            for other in self.next_of(node):
                waits[other] -= 1
                if not waits[other]:
                    release(other)

        for node, wait in enumerate(self.waits):
            if not wait:
                release(node)
        while free:
            follow(free.pop())
        while queue:
            _, family = heappop(queue)
            own = ready[family]
            run: list[int] = []
            while own:
                node = heappop(own)
                run.append(node)
                follow(node)
                while free:
                    follow(free.pop())
            if run:
                yield family, run

    def cycle(self, levels: Sequence[int]) -> list[int]:
        """Return the nodes of a short cycle. Each node needs the next, and the last needs the first.

        `levels` is the result of the method `levels`. It must contain -1, which means that the graph has a cycle.
        """
        needs: dict[int, list[int]] = {n: [] for n, level in enumerate(levels) if level < 0}
        for node in needs:
            for other in self.next_of(node):
                needs[other].append(node)
        node, seen = next(iter(needs)), set[int]()
        while node not in seen:
            seen.add(node)
            node = next(n for n in needs[node] if n in needs)
        return _shortest(needs, node)


def _shortest(needs: Mapping[int, Sequence[int]], start: int) -> list[int]:
    """Return the shortest cycle through a node."""
    came: dict[int, int] = {}
    pending = [start]
    for node in pending:
        for other in needs[node]:
            if other == start:
                way = [node]
                while way[-1] != start:
                    way.append(came[way[-1]])
                return way[::-1]
            if other not in came:
                came[other] = node
                pending.append(other)
    raise AssertionError("no cycle")
