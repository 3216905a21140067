"""Equations in the structure that XMILE requires: one for a whole variable, or one for each element of an array.

`writables(model)` returns a `Writable` for each variable. Constructs that XMILE cannot express are rewritten: net flows
that are not sums of flows, tables inside equations, and parts of an array with exceptions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from sdcluster.errors import ModelError
from sdcluster.functions.table import FUNCTIONS
from sdcluster.messages import message
from sdcluster.model import Equation, Model, Variable
from sdcluster.model.discrete import Conveyor
from sdcluster.model.expression import (
    Array,
    Binary,
    Call,
    ElementIndex,
    Expression,
    Lookup,
    Number,
    Reference,
    Table,
    Unary,
    children,
    walk,
)
from sdcluster.model.names import canonical
from sdcluster.model.resolver import Resolver
from sdcluster.write.delays import with_plain_delays

_ROWS = ("row", "matrix")


@dataclass
class Writable:
    """A variable ready to be written.

    Parameters
    ----------
    variable : Variable
        The variable with its final kind and flows.
    equations : list of Equation
        One equation without subscripts for a scalar, or for an array whose elements share the equation; otherwise one
        equation for each element. For a stock, only the initial values are written, because `inflows` and
        `outflows` of the variable replace the expression. For a leak, the equation gives the leak fraction. Empty for a
        flow that a conveyor or queue determines.
    governing : dict of str to Expression
        For a conveyor, the expressions in its XMILE element, by tag.
    """

    variable: Variable
    equations: list[Equation] = field(default_factory=list)
    governing: dict[str, Expression] = field(default_factory=dict)


def writables(model: Model, whole_arrays: bool = True) -> list[Writable]:
    """Return all variables of a model in forms that XMILE supports, including the variables that had to be added.

    Parameters
    ----------
    model : Model
    whole_arrays : bool
        Whether a single equation may define all elements of an array even if the equation calls an array of graphical
        functions or uses subscripts as values.

    Raises
    ------
    ModelError
        If a subscript matches no range or element.
    """
    return _Parts(with_plain_delays(model), whole_arrays).all()


class _Parts:
    def __init__(self, model: Model, whole_arrays: bool) -> None:
        self.model = model
        self.whole_arrays = whole_arrays
        self.resolver = Resolver.of_variables(model)
        self.names = set(model.variables)
        self.added: list[Writable] = []

    def all(self) -> list[Writable]:
        stocks = {k: self.stock(v) for k, v in self.model.variables.items() if v.kind == "stock"}
        flows = {f for v in stocks.values() for f in v.inflows + v.outflows}
        devices = [v for v in stocks.values() if v.discrete is not None]
        decided = {f for v in devices for f in v.outflows}
        governing = {name for v in devices if v.discrete for name in v.discrete.names}
        governing |= {v.leak.fraction for v in self.model.variables.values() if v.leak}
        governing = {name for name in governing if self.model.variables[name].hidden}
        found = []
        for key, variable in self.model.variables.items():
            if key in governing:
                continue
            if variable.leak is not None:
                fraction = self.model.variables[variable.leak.fraction]
                variable = replace(variable, equations=fraction.equations)
            elif key in decided:
                found.append(Writable(replace(variable, kind="flow")))
                continue
            if variable.kind == "stock":
                variable = stocks[key]
            elif key in flows:
                variable = replace(variable, kind="flow")
            with_tables = [self.without_tables(e, variable) for e in variable.equations]
            found.append(
                Writable(
                    variable,
                    self.elements(replace(variable, equations=tuple(with_tables))),
                    self.governing(variable),
                )
            )
        return found + self.added

    def fresh(self, wanted: str) -> str:
        """Return the name `wanted`, with a number appended if a variable already has this name."""
        name, count = wanted, 1
        while canonical(name) in self.names:
            count += 1
            name = f"{wanted} {count}"
        self.names.add(canonical(name))
        return name

    # ---- stocks

    def governing(self, stock: Variable) -> dict[str, Expression]:
        """Return the expressions in the XMILE element of a conveyor, by tag.

        An expression that differs between the elements of an array becomes a variable.
        """
        if not isinstance(stock.discrete, Conveyor):
            return {}
        found: dict[str, Expression] = {}
        for tag, name in stock.discrete.by_tag.items():
            part = self.model.variables[name]
            if not part.hidden:
                found[tag] = Reference(name, part.dimensions)
                continue
            if len(part.equations) == 1 and (not part.dimensions or self.applies_to_all(part)):
                found[tag] = self.named(part.equations[0].expression, stock)
                continue
            shown = replace(part, name=self.fresh(part.name.strip("⟨⟩")))
            self.resolver.shapes[shown.key] = self.resolver.shapes[name]
            shown = replace(
                shown, equations=tuple(self.without_tables(e, shown) for e in part.equations)
            )
            self.added.append(Writable(shown, self.elements(shown)))
            found[tag] = Reference(shown.key, shown.dimensions)
        return found

    def stock(self, variable: Variable) -> Variable:
        """Return the stock with inflows and outflows; a net flow that is not a sum of flows becomes a new flow."""
        if variable.discrete is not None:
            return variable
        sides = [self.sides(variable, equation) for equation in variable.equations]
        if sides[0] is not None and all(s == sides[0] for s in sides):
            return replace(variable, inflows=sides[0][0], outflows=sides[0][1])
        if variable.non_negative and variable.outflows:
            raise ModelError(
                message("write.cannot_written_xmile_holds", variable=variable.name),
                file=self.model.path,
                line=variable.line,
                variable=variable.name,
            )
        name = self.fresh(f"net flow of {variable.name}")
        equations = tuple(replace(e, initial=None) for e in variable.equations)
        flow = Variable(name, "flow", equations, dimensions=variable.dimensions)
        self.resolver.shapes[flow.key] = self.resolver.shapes[variable.key]
        flow = replace(flow, equations=tuple(self.without_tables(e, flow) for e in equations))
        self.added.append(Writable(flow, self.elements(flow)))
        return replace(variable, inflows=(flow.key,), outflows=())

    def sides(
        self, variable: Variable, equation: Equation
    ) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
        """Return the inflows and outflows of a stock, if the net flow in `equation` is a sum of distinct flows.

        Each flow must have dimensions that XMILE permits for the stock. If the net flow is not such a sum, return None.
        """
        if equation.expression == Number(0.0):
            return (), ()
        inflows: list[str] = []
        outflows: list[str] = []
        pending: list[tuple[Expression, bool]] = [(equation.expression, True)]
        own = equation.subscripts or variable.dimensions
        while pending:
            node, positive = pending.pop()
            match node:
                case Binary("+" | "-", left, right):
                    pending += [(right, positive == (node.operator == "+")), (left, positive)]
                case Unary("-", operand):
                    pending.append((operand, not positive))
                case Call("sum", (Reference() as flow,)) if self.adds_up(flow, variable, own):
                    (inflows if positive else outflows).append(flow.name)
                case Reference(name) if self.is_flow(node, variable, own):
                    (inflows if positive else outflows).append(name)
                case _:
                    return None
        if len(set(inflows + outflows)) < len(inflows + outflows):
            return None
        return tuple(inflows), tuple(outflows)

    def adds_up(self, flow: Reference, stock: Variable, own: tuple[str, ...]) -> bool:
        """Return whether `flow`, as the argument of a sum, is summed over exactly the dimensions that the stock lacks.

        In XMILE, this sum need not be written.
        """
        term = self.model.variables[flow.name]
        place = dict(zip(stock.dimensions, own, strict=True))
        whole = tuple(place.get(a, f"{a}!") for a in term.dimensions)
        return (
            term.kind == "flow"
            and flow.subscripts == whole
            and set(stock.dimensions) < set(term.dimensions)
        )

    def is_flow(self, flow: Reference, stock: Variable, own: tuple[str, ...]) -> bool:
        """Return whether a flow can stay as it is, because it has the dimensions of its stock, or fewer."""
        term = self.model.variables[flow.name]
        if term.kind not in ("flow", "auxiliary"):
            return False
        if term.dimensions == stock.dimensions:
            return flow.subscripts in ((), own)
        listed = stock.non_negative and flow.name in (*stock.inflows, *stock.outflows)
        return listed and not flow.subscripts and set(term.dimensions) < set(stock.dimensions)

    # ---- tables

    def without_tables(self, equation: Equation, owner: Variable) -> Equation:
        """Replace tables inside an equation by named variables.

        If the whole equation is a table, or the lookup of a table, this table is kept. Tables in an initial value are
        always replaced.
        """
        initial = None if equation.initial is None else self.named(equation.initial, owner)
        if owner.kind == "stock":
            return replace(equation, initial=initial)
        match equation.expression:
            case Table() | Array():
                return equation
            case Lookup(Table() as table, argument):
                return replace(equation, expression=Lookup(table, self.named(argument, owner)))
        return replace(equation, expression=self.named(equation.expression, owner))

    def named(self, node: Expression, owner: Variable) -> Expression:
        if not any(isinstance(n, Lookup) and isinstance(n.table, Table) for n in walk(node)):
            return node
        if isinstance(node, Lookup) and isinstance(node.table, Table):
            name = self.fresh(f"{owner.name} table")
            helper = Variable(name, "lookup", (Equation(node.table),))
            self.added.append(Writable(helper, list(helper.equations)))
            return Lookup(Reference(helper.key), self.named(node.argument, owner))
        return _rebuilt(node, [self.named(child, owner) for child in children(node)])

    # ---- arrays

    def elements(self, variable: Variable) -> list[Equation]:
        """Return one equation for the whole variable if XMILE permits this, otherwise one for each element."""
        if not variable.dimensions:
            return [replace(variable.equations[0], subscripts=(), exceptions=())]
        if len(variable.equations) == 1 and self.applies_to_all(variable):
            return [replace(variable.equations[0], subscripts=())]
        found: list[Equation] = []
        for equation in variable.equations:
            if _fills_rows(equation.expression) and not equation.exceptions:
                # Our reader accepts a dimension where XMILE requires an element.
                found.append(
                    replace(equation, subscripts=equation.subscripts or variable.dimensions)
                )
            else:
                found += self.singles(variable, equation)
        return found

    def applies_to_all(self, variable: Variable) -> bool:
        (equation,) = variable.equations
        own = variable.dimensions
        if equation.exceptions or (equation.subscripts and equation.subscripts != own):
            return False
        if len(set(own)) < len(own):
            return False
        is_element = self.model.subscripts.is_element
        for expression in equation.expressions:
            for node in walk(expression):
                if isinstance(node, (Array, Table)):
                    return False
                if not self.whole_arrays and self.is_special(node):
                    return False
                if isinstance(node, ElementIndex) and node.name not in own:
                    return False
                if isinstance(node, Reference):
                    dimensions = (
                        self.resolver.shapes[node.name].dimensions
                        if node.name in self.resolver.shapes
                        else ()
                    )
                    for subscript, dimension in zip(node.subscripts, dimensions, strict=False):
                        clean = subscript.endswith("!") or is_element(subscript)
                        if not clean and not (subscript in own and subscript == dimension.name):
                            return False
        return True

    def is_special(self, node: Expression) -> bool:
        """Return whether a node uses a subscript as a value, or calls an array of graphical functions."""
        match node:
            case Lookup(Reference(name), _):
                return bool(self.resolver.shapes[name].dimensions)
        return isinstance(node, ElementIndex)

    def singles(self, variable: Variable, equation: Equation) -> Iterator[Equation]:
        """Yield the equation of each element, with dimensions replaced: ``a[region]`` becomes ``a[north]``."""
        part = self.resolver.part(
            variable.key, equation.subscripts, equation.expression, equation.exceptions
        )
        loops = [len(loop.positions) for loop in part.loops]
        dimensions = self.resolver.shapes[variable.key].dimensions
        for single in self.resolver.single(part):
            at = 0
            for length, (_, index) in zip(loops, single.bound, strict=True):
                at = at * length + index
            place = _Place(self, single, at)
            names = tuple(
                d.elements[a]
                for d, a in zip(dimensions, single.axes, strict=True)
                if isinstance(a, int)
            )
            yield replace(equation.changed(place.put), subscripts=names, exceptions=())


class _Place:
    """Replaces dimensions by elements in the equation of one element: ``a[region]`` becomes ``a[north]``."""

    def __init__(self, parts: _Parts, single: object, at: int) -> None:
        self.resolver = parts.resolver
        self.single = single
        self.bound = dict(single.bound)  # type: ignore[attr-defined]
        self.running = parts.resolver.elements_of(single)  # type: ignore[arg-type]
        self.at = at

    def put(self, node: Expression) -> Expression:
        match node:
            case Array(values, _):
                if self.at >= len(values):
                    raise ModelError(message("write.list_numbers_shorter_part"))
                return Number(values[self.at])
            case Reference():
                return self.reference(node)
            case ElementIndex(name) if name in self.bound:
                return Number(float(self.bound[name] + 1))
            case ElementIndex(name):
                return Number(self.index(name) + 1.0)
            case Lookup(Reference() as table, argument):
                return Lookup(self.reference(table), self.put(argument))
            case Lookup(table, argument):
                return Lookup(table, self.put(argument))
        return _rebuilt(node, [self.put(child) for child in children(node)])

    def index(self, name: str) -> int:
        """Return the zero-based position of an element in its dimension.

        For the name of a dimension, return the position of the current element or, if the dimension is mapped, of the
        element to which the current one is mapped.
        """
        for dimension in self.resolver.dimensions.values():
            if name in dimension.elements:
                return dimension.elements.index(name)
        owner = self.single.name  # type: ignore[attr-defined]
        axis = self.resolver.dimension(name, owner)
        found = self.resolver.positions(name, axis, self.running, owner)
        return found if isinstance(found, int) else found[1][self.bound[found[0]]]

    def reference(self, node: Reference) -> Reference:
        shape = self.resolver.shapes.get(node.name)
        if shape is None or not shape.dimensions:
            return node
        owner = self.single.name  # type: ignore[attr-defined]
        subscripts = []
        asked = self.resolver.subscripts_of(node, owner)
        for subscript, dimension in zip(asked, shape.dimensions, strict=True):
            if subscript.endswith("!") or (not node.subscripts and subscript not in self.running):
                subscripts.append(subscript)
                continue
            found = self.resolver.positions(subscript, dimension, self.running, owner)
            position = found if isinstance(found, int) else found[1][self.bound[found[0]]]
            subscripts.append(dimension.elements[position])
        return Reference(node.name, tuple(subscripts))


def _fills_rows(expression: Expression) -> bool:
    """Return whether a function computes a whole row of an array, so that elements cannot be separated."""
    return any(
        isinstance(n, Call) and FUNCTIONS[n.function].rewrite in _ROWS for n in walk(expression)
    )


def _rebuilt(node: Expression, inner: list[Expression]) -> Expression:
    """Return `node` with other operands."""
    match node:
        case Unary(operator, _):
            return Unary(operator, inner[0])
        case Binary(operator, _, _):
            return Binary(operator, inner[0], inner[1])
        case Call(function, _):
            return Call(function, tuple(inner))
        case Lookup(table, _):
            return Lookup(table, inner[-1])
    return node
