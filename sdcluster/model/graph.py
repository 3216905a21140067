"""The causal graph of a model: links with their polarity, and the feedback loops.

The functions take a `Model` and return a networkx graph, a list of links, or a list of `Loop`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, pairwise, product
from typing import TYPE_CHECKING

from sdcluster.functions.table import FUNCTIONS, UNWRITTEN
from sdcluster.model.discrete import Conveyor
from sdcluster.model.elements import Element, elements, equation_of, written
from sdcluster.model.expression import (
    Binary,
    Call,
    Expression,
    Lookup,
    Number,
    Reference,
    Table,
    Unary,
    rebuilt,
    references,
    walk,
)
from sdcluster.model.model import Equation, Model, Variable
from sdcluster.progress import report
from sdcluster.recursion import deep_recursion

if TYPE_CHECKING:
    import networkx as nx

_RISING = {row.name for row in FUNCTIONS.values() if row.sign == "rising"}
_CAUSE = "⟨cause⟩"
_UNKNOWN = 2  # depends on the cause, without a fixed sign


@dataclass(frozen=True)
class Loop:
    """A feedback loop.

    Parameters
    ----------
    names : tuple of str
        Variables along the loop; the last acts on the first.
    polarity : str
        ``"+"`` for reinforcing, ``"-"`` for balancing, ``"?"`` if a link has no fixed polarity.
    """

    names: tuple[str, ...]
    polarity: str


def causal_graph(model: Model) -> nx.DiGraph:
    """Return the causal graph of a model.

    Nodes are the names of variables, with attribute ``kind``. Edges lead from cause to effect, with attribute
    ``polarity``: ``"+"``, ``"-"`` or ``"?"``. As in causal-loop diagrams, polarities assume non-negative quantities
    (Sterman 2000, chapter 5).
    """
    import networkx as nx

    graph = nx.DiGraph()
    for variable in model.variables.values():
        graph.add_node(variable.name, kind=variable.kind)
    for cause, effect, polarity in signed_links(model):
        graph.add_edge(cause, effect, polarity=polarity)
    return graph


def signed_links(model: Model) -> list[tuple[str, str, str]]:
    """Return cause, effect and polarity of each causal link, as in `causal_graph`, but without importing networkx."""
    found: dict[tuple[str, str], str] = {}
    with deep_recursion():
        for variable in model.variables.values():
            signs: dict[str, list[int]] = {}
            for equation in variable.equations:
                for cause in references(equation.expression):
                    signs.setdefault(cause, []).append(sign(equation.expression, cause))
            for cause, seen in signs.items():
                link = model.variables[cause].name, variable.name
                found[link] = _polarity(_join(*seen))
    for stock in model.stocks:
        if isinstance(stock.discrete, Conveyor):
            found |= _limits(model, stock, stock.discrete)
    return [(cause, effect, polarity) for (cause, effect), polarity in found.items()]


def _limits(model: Model, stock: Variable, conveyor: Conveyor) -> dict[tuple[str, str], str]:
    """Return the links from a conveyor's capacity, inflow limit and contents to its inflows, with polarity."""
    found: dict[tuple[str, str], str] = {}
    limits = [model.variables[n].name for n in (conveyor.capacity, conveyor.in_limit) if n]
    for flow in (model.variables[name] for name in stock.inflows):
        if any(flow.key in s.outflows and isinstance(s.discrete, Conveyor) for s in model.stocks):
            continue  # inflows from another conveyor are always accepted
        found |= {(limit, flow.name): "+" for limit in limits}
        if conveyor.capacity:
            found[stock.name, flow.name] = "-"
    return found


def element_graph(model: Model) -> nx.DiGraph:
    """Return the causal graph of a model as `causal_graph` does, but with a node for each element of an array.

    The name of such a node is, for example, ``deaths[old]``.
    """
    import networkx as nx

    graph = nx.DiGraph()
    with deep_recursion():
        for variable in model.variables.values():
            for element in elements(model, variable):
                graph.add_node(element.name, kind=variable.kind)
                equation = equation_of(model, element)
                for cause, polarity in _causes(model, element, equation):
                    graph.add_edge(cause, element.name, polarity=_polarity(polarity))
    return graph


def _causes(model: Model, element: Element, equation: Equation) -> Iterator[tuple[str, int]]:
    """Yield the elements that an element's equation uses, each with the sign of its effect (see `sign`)."""
    dimensions = element.variable.dimensions
    along = dict(zip(equation.subscripts or dimensions, element.subscripts, strict=False))

    def used(node: Reference) -> list[str]:
        variable = model.variables[node.name]
        subscripts = node.subscripts or variable.dimensions
        choices = [
            (along[s],)
            if s in along
            else model.subscripts.elements(s[:-1])
            if s[-1:] == "!"
            else (s,)
            for s in subscripts
        ]
        return [
            written(variable.name, tuple(map(model.spelled, chosen)))
            for chosen in product(*choices)
        ]

    nodes = [node for node in walk(equation.expression) if isinstance(node, Reference)]
    for cause in dict.fromkeys(name for node in nodes for name in used(node)):

        def marked(node: Expression, cause: str = cause) -> Expression:
            if isinstance(node, Reference):
                return Reference(_CAUSE) if cause in used(node) else node
            return rebuilt(node, marked)

        yield cause, sign(marked(equation.expression), _CAUSE)


def _polarity(value: int) -> str:
    return {1: "+", -1: "-"}.get(value, "?")


def loops(model: Model, limit: int = 200, length: int | None = None) -> list[Loop]:
    """Return the feedback loops of a model, the shortest first.

    Parameters
    ----------
    model : Model
    limit : int
        Maximum number of loops to return, because the number of loops can grow exponentially with the model's size.
    length : int, optional
        Maximum length of a loop, in variables.
    """
    import networkx as nx

    report("looking for feedback loops")
    named = causal_graph(model)
    names = sorted(named)
    number = {name: i for i, name in enumerate(names)}
    # networkx uses sets, whose order is the same in every process for integers but not for strings
    graph = nx.DiGraph(sorted((number[a], number[b]) for a, b in named.edges if a != b))
    bounds = [length] if length else range(2, 41)
    found: dict[frozenset[tuple[str, str]], Loop] = {}
    for bound in bounds:
        if graph.number_of_edges() == 0 or len(found) >= limit:
            break
        for numbers in islice(nx.simple_cycles(graph, length_bound=bound), 4 * limit):
            first = numbers.index(min(numbers))
            cycle = [names[i] for i in (*numbers[first:], *numbers[:first])]
            edges = frozenset(zip(cycle, [*cycle[1:], cycle[0]], strict=True))
            if edges not in found:
                found[edges] = Loop(tuple(cycle), _product(named, cycle))
        if bound > len(graph):
            break
    return sorted(found.values(), key=lambda loop: (len(loop.names), loop.names))[:limit]


def _product(graph: nx.DiGraph, cycle: list[str]) -> str:
    signs = [
        graph.edges[a, b]["polarity"] for a, b in zip(cycle, [*cycle[1:], cycle[0]], strict=True)
    ]
    if "?" in signs:
        return "?"
    return "-" if signs.count("-") % 2 else "+"


def sign(node: Expression, name: str) -> int:
    """Return the sign of the change in `node` when `name` rises: 1, -1, 0 (no change) or 2 (unknown)."""
    match node:
        case Reference(other):
            return 1 if other == name else 0
        case Number() | Table():
            return 0
        case Unary("-", operand):
            return _flip(sign(operand, name))
        case Binary("+" | "*", left, right):
            return _join(
                _scaled(left, right, name, node.operator), _scaled(right, left, name, node.operator)
            )
        case Binary("/", above, Binary("+", one, other)) if _part_of(above, one, other, name):
            return sign(above, name)
        case Binary("-" | "/", left, right):
            return _join(sign(left, name), _flip(_scaled(right, left, name, node.operator)))
        case Binary("^", left, right):
            return _join(_power(left, right, name), _UNKNOWN if sign(right, name) else 0)
        case Lookup(Table(_, y), argument):
            pairs = list(pairwise(y))
            slope = (
                1
                if all(b >= a for a, b in pairs)
                else -1
                if all(b <= a for a, b in pairs)
                else _UNKNOWN
            )
            return _times(slope, sign(argument, name))
        case Call(function, arguments) if function == UNWRITTEN:
            return _join(*(_cause_sign(a, name) for a in arguments))
        case Call("if", (condition, yes, no)):
            return _join(
                sign(yes, name), sign(no, name), _UNKNOWN if name in references(condition) else 0
            )
        case Call("zidz" | "xidz", (above, below, *_)):
            return _join(sign(above, name), _flip(sign(below, name)))
        case Call("leaving", (stock, *transit)):
            return _join(sign(stock, name), *(_flip(sign(t, name)) for t in transit))
        case Call("smooth" | "smooth n" | "delay" | "delay n", (value, *rest)):
            return _join(
                sign(value, name), *(_UNKNOWN if name in references(r) else 0 for r in rest)
            )
        case Call("sinteg", (rate, start, *_)):
            return _join(sign(rate, name), sign(start, name))
        case Call(function, arguments) if function in _RISING:
            return _join(*(sign(a, name) for a in arguments))
    return _UNKNOWN if name in references(node) else 0


def _cause_sign(cause: Expression, name: str) -> int:
    """Return the sign of a cause in a placeholder equation: -1 if written with a minus, otherwise 2 (unknown)."""
    if name not in references(cause):
        return 0
    return -1 if isinstance(cause, Unary) and cause.operator == "-" else _UNKNOWN


def _part_of(above: Expression, one: Expression, other: Expression, name: str) -> bool:
    """Return whether ``above / (one + other)`` is a saturating share such as ``c x / (x + k)``, which rises with x."""
    for moving, still in ((one, other), (other, one)):
        rest = _factors(above)
        for factor in _factors(moving):
            if factor not in rest:
                break
            rest.remove(factor)
        else:
            if name in references(moving) and not any(
                name in references(e) for e in (still, *rest)
            ):
                return True
    return False


def _factors(node: Expression) -> list[Expression]:
    if isinstance(node, Binary) and node.operator == "*":
        return _factors(node.left) + _factors(node.right)
    return [node]


def _scaled(node: Expression, other: Expression, name: str, operator: str) -> int:
    """Return the sign of `node`, reversed if `operator` multiplies or divides it by a negative number `other`."""
    own = sign(node, name)
    negative = operator in "*/" and isinstance(other, Number) and other.value < 0
    return _flip(own) if negative else own


def _power(base: Expression, exponent: Expression, name: str) -> int:
    own = sign(base, name)
    if isinstance(exponent, Number):
        return own if exponent.value > 0 else _flip(own)
    return own


def _flip(value: int) -> int:
    return -value if value in (1, -1) else value


def _times(a: int, b: int) -> int:
    if 0 in (a, b):
        return 0
    return _UNKNOWN if _UNKNOWN in (a, b) else a * b


def _join(*values: int) -> int:
    seen = {v for v in values if v}
    if not seen:
        return 0
    return seen.pop() if len(seen) == 1 else _UNKNOWN
