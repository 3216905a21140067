"""Hidden variables, which the expansion of stateful functions and array functions adds to a program.

Exports `InternalVariables`, the base class of the rules in `kernel.lower.rules_stateful`, `rules_random`,
`rules_rows` and `rules_devices`. The names of hidden variables are in angle brackets.
"""

from __future__ import annotations

from collections.abc import Callable

from sdcluster.kernel.lower.components import Block, Memory, Record, StockParts
from sdcluster.kernel.program import Program
from sdcluster.messages import message
from sdcluster.model import Model
from sdcluster.model.expression import Expression, Number, Reference, banged
from sdcluster.model.resolver import Loop, Part, Resolver, Shape


class InternalVariables:
    """Adds hidden variables, with one dimension for each loop of the current equation.

    Parameters
    ----------
    model : Model
    resolver : Resolver
        The shapes of hidden variables are added to it.
    program : Program
        Hidden stocks, kept values, memories and delays are added to it.
    equations : dict of str to list
        Hidden auxiliaries are added to it.
    """

    def __init__(
        self,
        model: Model,
        resolver: Resolver,
        program: Program,
        equations: dict[str, list[Part | Block]],
    ) -> None:
        self.model, self.resolver, self.program, self.equations = (
            model,
            resolver,
            program,
            equations,
        )
        self.counter = 0
        self.owner = ""
        self.loops: tuple[Loop, ...] = ()

    def hide(self, what: str) -> str:
        """Register a hidden variable, with a dimension for each current loop, and return its name."""
        self.counter += 1
        key = f"⟨{what} {self.counter} in {self.owner}⟩"
        self.resolver.shapes[key] = Shape(
            tuple(self.resolver.dimension(loop.name) for loop in self.loops)
        )
        return key

    def whole(self, key: str, expression: Expression) -> list[Part]:
        """Return the equation, as a `Part`, that defines all elements of a hidden variable."""
        if any(banged(expression)):
            raise self.resolver.error(message("kernel.lower.delay_smooth_memory_inside"), self.owner)  # fmt: skip
        axes = tuple(Loop(loop.name, tuple(range(len(loop.positions)))) for loop in self.loops)
        return [Part(key, axes, expression)]

    def refer(self, key: str) -> Reference:
        """Return a reference to a hidden variable."""
        return Reference(key, tuple(loop.name for loop in self.loops))

    def named(self, node: Expression, what: str, always: bool = False) -> Expression:
        """Return a reference to a new hidden variable for a compound expression, which is then evaluated once.

        Numbers and references are returned as they are, except with `always`.
        """
        if isinstance(node, Number) and not always:
            return node
        if isinstance(node, Reference) and not always:
            return node
        key = self.hide(what)
        self.equations[key] = list(self.whole(key, node))
        return self.refer(key)

    def stock(
        self, what: str, net: Callable[[Reference], Expression], start: Expression
    ) -> Reference:
        """Add a hidden stock and return a reference to it.

        `net` takes this reference and returns the stock's net flow.
        """
        key = self.hide(what)
        reference = self.refer(key)
        self.program.stocks[key] = StockParts(
            self.whole(key, net(reference)), self.whole(key, start)
        )
        return reference

    def memory(
        self, what: str, keep: Callable[[Reference], Expression], start: Expression
    ) -> Reference:
        """Add a hidden variable that keeps a value from step to step, and return a reference to it.

        `keep` takes this reference and returns the value to keep for the next step.
        """
        key = self.hide(what)
        reference = self.refer(key)
        self.program.memories[key] = Memory(
            self.whole(key, keep(reference)), self.whole(key, start)
        )
        return reference

    def record(self, value: Expression) -> Reference:
        """Record an expression once per step, and return a reference for functions that take a history."""
        entering = self.named(value, "recorded", always=True)
        assert isinstance(entering, Reference)
        key = self.hide("course")
        self.program.records[key] = Record(entering.name)
        return self.refer(key)
