"""The order in which parts can be evaluated, and the circle where there is none.

Crosses the border: `sort_parts(resolver, parts)`, and `begin_order(program)` for what conveyors and queues decide.
Parts are ordered by variable; where variables depend on each other in a circle, which arrays may do without their
elements doing so, the circle is taken apart into elements.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from sdcluster.compile.devices import Action, action_name
from sdcluster.compile.parts import Part, Resolver
from sdcluster.compile.pieces import Block
from sdcluster.errors import ModelError
from sdcluster.model import Model
from sdcluster.model.discrete import Conveyor
from sdcluster.model.expression import (
    Binary,
    Call,
    ElementIndex,
    Expression,
    Number,
    Reference,
    walk,
)

if TYPE_CHECKING:
    from sdcluster.compile.program import Program

LONGEST_CIRCLE = 12  # names that an error shows
MAX_SINGLES = 20_000


def sort_parts(
    resolver: Resolver, parts: Mapping[str, Sequence[Part | Block | Action]]
) -> list[Part | Block | Action]:
    """Return all parts so that each comes after what it needs.

    Raises
    ------
    ModelError
        Naming the circle, where there is one.
    """
    needs = {
        name: dict.fromkeys(r for p in own for r in p.needs if r in parts)
        for name, own in parts.items()
    }
    try:
        names = list(TopologicalSorter(needs).static_order())
        return [p for name in names for p in parts[name]]
    except CycleError:
        return _by_elements(resolver, parts, needs)


def begin_order(program: Program) -> list[Part | Block | Action]:
    """Return the actions of each step, and the equations they use, so that each comes after what it needs.

    Raises
    ------
    ModelError
        Naming the circle, where a device would have to know what follows from its own decision.
    """
    actions = [a for a in program.devices.all_actions if a.step != "start"]
    decided = {a.name: a for a in actions}
    for device in program.devices.of.values():
        if isinstance(device.kind, Conveyor):
            release = decided[action_name("release", device.stock)]
            decided |= dict.fromkeys((*device.exit, *device.leaks), release)
    parts: dict[str, list[int]] = {}
    for index, part in enumerate(program.dynamic):
        parts.setdefault(part.name, []).append(index)
    graph: dict[int | str, set[int | str]] = {}
    pending: list[int | str] = [a.name for a in actions]
    while pending:
        node = pending.pop()
        if node in graph:
            continue
        needs = program.dynamic[node].needs if isinstance(node, int) else decided[node].needs
        found: set[int | str] = set()
        for name in needs:
            if name in decided:
                found.add(decided[name].name)
            else:
                # Within the equations the order is known: what comes later is another element.
                found |= {i for i in parts.get(name, ()) if isinstance(node, str) or i < node}
        graph[node] = found
        pending += found
    try:
        ordered = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        names = [program.dynamic[n].name if isinstance(n, int) else n for n in error.args[1]]
        raise circle(program.model, list(reversed(names))) from None
    return [program.dynamic[n] if isinstance(n, int) else decided[n] for n in ordered]


def _by_elements(
    resolver: Resolver,
    parts: Mapping[str, Sequence[Part | Block | Action]],
    needs: Mapping[str, Iterable[str]],
) -> list[Part | Block | Action]:
    """Order strongly connected groups of variables one after the other, each by its elements."""
    import networkx as nx

    graph = nx.DiGraph()
    graph.add_nodes_from(needs)
    graph.add_edges_from((needed, name) for name, wanted in needs.items() for needed in wanted)
    condensed = nx.condensation(graph)
    result: list[Part | Block | Action] = []
    for group in nx.lexicographical_topological_sort(condensed):
        members = [n for n in parts if n in condensed.nodes[group]["members"]]
        own = [p for name in members for p in parts[name]]
        circular = len(members) > 1 or members[0] in needs[members[0]]
        result += _inside(resolver, own, set(members)) if circular else own
    return result


def _inside(
    resolver: Resolver, own: Sequence[Part | Block | Action], members: set[str]
) -> list[Part | Block | Action]:
    """Order the parts of one group; parts that read only their own earlier elements stay loops."""
    model = resolver.model
    whole = [p for p in own if isinstance(p, Part)]
    if len(whole) < len(own) or sum(p.size for p in whole) > MAX_SINGLES:
        raise circle(model, [p.name for p in own])
    singles = [(s, i) for i, p in enumerate(whole) for s in resolver.single(p)]
    cells = [(s.name, resolver.flat(resolver.shapes[s.name], s.axes)) for s, _ in singles]  # type: ignore[arg-type]
    known = set(cells)
    wanted: dict[tuple[str, int], list[tuple[str, int]]] = {}
    for (single, _), cell in zip(singles, cells, strict=True):
        found = [
            (reference.name, flat)
            for reference, places in _references(single)
            if reference.name in members
            for flat in sorted(resolver.reads(single, reference, places))
        ]
        wanted[cell] = [c for c in found if c in known]
    if len(whole) == 1:
        place = {cell: i for i, cell in enumerate(cells)}
        if all(place[c] < place[cell] for cell in cells for c in wanted[cell]):
            return list(whole)
    try:
        ordered = list(TopologicalSorter(wanted).static_order())
    except CycleError as error:
        raise circle(model, [name for name, _ in reversed(error.args[1])]) from None
    by_cell = {cell: single for (single, _), cell in zip(singles, cells, strict=True)}
    return [by_cell[cell] for cell in ordered]


def _references(part: Part) -> Iterator[tuple[Reference, dict[int, int | None]]]:
    """Yield the references of a part, each with the places from 1 that indices give along some axes.

    The place is None where only a run decides it.
    """
    indexed: dict[int, dict[int, int | None]] = {}
    bound = {name: index + 1.0 for name, index in part.bound}
    for node in walk(part.expression):
        if isinstance(node, Call) and node.function == "element":
            pairs = zip(node.arguments[1::2], node.arguments[2::2], strict=True)
            places = {int(a.value): _place(e, bound) for a, e in pairs if isinstance(a, Number)}
            indexed[id(node.arguments[0])] = places
        elif isinstance(node, Reference):
            yield node, indexed.get(id(node), {})


def _place(node: Expression, bound: Mapping[str, float]) -> int | None:
    """Return the whole number that an index stands for in a part without loops, if the part decides it."""
    match node:
        case Number(value):
            return int(value)
        case ElementIndex(name) if name in bound:
            return int(bound[name])
        case Binary("+" | "-" as operator, left, right):
            first, second = _place(left, bound), _place(right, bound)
            if first is None or second is None:
                return None
            return first + second if operator == "+" else first - second
    return None


def circle(model: Model, names: Sequence[str]) -> ModelError:
    """Return the error that shows a circle."""
    shown = [model.variables[n].name if n in model.variables else n for n in names]
    if len(shown) > 1 and len(set(shown)) == 1:
        shown = shown[:2]
    first = model.variables.get(next((n for n in names if n in model.variables), ""))
    quoted = [f'"{n}"' for n in shown]
    if len(quoted) > LONGEST_CIRCLE:
        between = f"… {len(quoted) - LONGEST_CIRCLE} more …"
        quoted = [*quoted[: LONGEST_CIRCLE - 1], between, quoted[-1]]
    text = " → ".join(quoted)
    known = [model.variables[n] for n in names if n in model.variables]
    stocks = any(v.kind == "stock" and v.discrete is None for v in known)
    sentence = (
        f"these initial values wait for each other in a circle: {text}; give one of them a number to start from"
        if stocks
        else f"these variables define each other in a circle: {text}; break it with a stock, a delay or PREVIOUS"
    )
    return ModelError(
        sentence,
        file=model.path,
        line=first.line if first else None,
        variable=first.name if first else None,
    )
