"""Replace functions that work on whole rows of arrays (sorting, allocation, matrix inversion) by hidden arrays.

Exports `RowRules`, a base class of `sdcluster.kernel.lower.expand.Expander`.
"""

from __future__ import annotations

from math import prod

from sdcluster.kernel.lower.components import Block
from sdcluster.kernel.lower.internal_variables import InternalVariables
from sdcluster.messages import message
from sdcluster.model.expression import (
    Call,
    ElementIndex,
    Expression,
    Number,
    Reference,
    rebuilt,
    walk,
)


class RowRules(InternalVariables):
    """Replaces calls of array functions by references to hidden arrays, which hold their arguments and results."""

    def row(self, function: str, *arguments: Expression) -> Expression:
        """Return an expression for a function that works along the last dimension of the left side.

        INVERT MATRIX works along the last two dimensions.
        """
        if not self.loops:
            raise self.resolver.error(
                message("kernel.lower.needs_array_left_side", function=function.upper()), self.owner
            )
        if function == "invert matrix":
            arguments = arguments[
                :1
            ]  # the second argument is the size, which follows from the left side
        if function == "allocate":
            return self.allocate(*arguments)
        if function in ("allocate available", "allocate by priority"):
            self.check_last(function, arguments[0])
        if function == "allocate available":
            arguments = (arguments[0], *self.profile(arguments[1]), arguments[2])
        return self.filled(function, *arguments)

    def allocate(self, supply: Expression, over: Expression, *asked: Expression) -> Expression:
        """Return an expression for Stella's ALLOCATE, which shares supply over the dimension `over`."""
        names = [loop.name for loop in self.loops]
        if not isinstance(over, ElementIndex) or over.name not in names:
            raise self.resolver.error(
                message("kernel.lower.allocate_shares_over_dimension"),
                self.owner,
            )
        request, priority, width, kind = asked
        whole = self.loops
        self.loops = tuple(sorted(whole, key=lambda loop: loop.name == over.name))
        shares = self.filled(
            "allocate available", request, kind, priority, width, Number(0.0), supply
        )
        self.loops = whole
        return shares

    def check_last(self, function: str, request: Expression) -> None:
        """Raise an error unless the last subscript of the request is the last one of the left side.

        Vensim allocates the supply among the elements of that subscript.
        """
        last = self.loops[-1].name
        written = [s.rstrip("!") for s in getattr(request, "subscripts", ())]
        if last in written[:-1] and last != written[-1]:
            raise self.resolver.error(
                message(
                    "kernel.lower.shares_over_last_subscript",
                    function=function.upper(),
                    last=last,
                    written=written[-1],
                ),
                self.owner,
            )

    def filled(self, function: str, *arguments: Expression) -> Expression:
        """Add hidden arrays for the arguments and the result of a function, and return a reference to the result."""
        inputs = []
        for argument in arguments:
            reference = self.named(
                _unbanged(argument, {loop.name for loop in self.loops}),
                f"{function} input",
                always=True,
            )
            assert isinstance(reference, Reference)
            inputs.append(reference.name)
        key = self.hide(function)
        lengths = [len(loop.positions) for loop in self.loops]
        depth = 2 if function == "invert matrix" else 1
        if len(lengths) < depth or (depth == 2 and lengths[-1] != lengths[-2]):
            raise self.resolver.error(message("kernel.lower.invert_matrix_needs_two"), self.owner)
        total = self.resolver.shapes[key].size
        length = lengths[-1]
        name = function.replace(" ", "_")
        rows = total // length**depth
        self.equations[key] = [Block(key, name, tuple(inputs), rows, length, depth=depth)]
        return self.refer(key)

    def size_of(self, array: Expression) -> Expression:
        """Return the value of SIZE(x[region!]), a constant: the number of elements of ``region``."""
        names = {
            s
            for n in walk(array)
            if isinstance(n, Reference)
            for s in n.subscripts
            if s[-1:] == "!"
        }
        lengths = [len(self.resolver.dimension(s.rstrip("!"), self.owner).elements) for s in names]
        return Number(float(prod(lengths)))

    def demand_at(self, quantity: Expression, profile: Expression, price: Expression) -> Expression:
        """Return an expression for DEMAND AT PRICE, the demand of each element at a given price."""
        return Call("demanded", (quantity, *self.profile(profile), price))

    def supply_at(self, quantity: Expression, profile: Expression, price: Expression) -> Expression:
        """Return an expression for SUPPLY AT PRICE, the supply of each element at a given price."""
        return Call("supplied", (quantity, *self.profile(profile), price))

    def profile(self, priority: Expression) -> list[Expression]:
        """Return the four columns of a priority profile: kind, priority, width, extra."""
        if not isinstance(priority, Reference) or not priority.subscripts:
            raise self.resolver.error(
                message("kernel.lower.priority_profile_needs_subscripts"), self.owner
            )
        columns = self.resolver.profile_columns(priority, self.owner)
        return [Reference(priority.name, (*priority.subscripts[:-1], column)) for column in columns]


def _unbanged(node: Expression, running: set[str]) -> Expression:
    """Return an expression with ``region!`` replaced by ``region`` if the left side has the dimension ``region``."""
    if isinstance(node, Reference):
        return Reference(
            node.name,
            tuple(s.rstrip("!") if s.rstrip("!") in running else s for s in node.subscripts),
        )
    return rebuilt(node, lambda child: _unbanged(child, running))
