"""Statefuls become stocks, kept values and memories; array functions get arrays of their own to work on.

Crosses the border: `Expander.parts` takes the equations of one variable and gives its `Part`s; what
else comes up goes into the program that it was given. The rules are in `rules_stateful`, `rules_stages`,
`rules_random` and `rules_rows`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sdcluster.compile.parts import Part
from sdcluster.compile.rules_devices import DeviceRules
from sdcluster.compile.rules_finance import FinanceRules
from sdcluster.compile.rules_random import RandomRules
from sdcluster.compile.rules_rows import RowRules
from sdcluster.compile.rules_stages import UNVISITED, StageRules
from sdcluster.model import Equation
from sdcluster.model.expression import (
    AGGREGATES,
    Array,
    Call,
    ElementIndex,
    Expression,
    Number,
    Reference,
    rebuilt,
    walk,
)
from sdcluster.model.functions import FUNCTIONS, UNWRITTEN


def without_start(node: Expression, at_start: bool) -> Expression:
    """Return an expression with ACTIVE INITIAL replaced by its start, or by what holds later."""
    if isinstance(node, Call) and node.function == "active initial":
        return without_start(node.arguments[1 if at_start else 0], at_start)
    return rebuilt(node, lambda child: without_start(child, at_start))


class Expander(StageRules, FinanceRules, RandomRules, RowRules, DeviceRules):
    """Turns equations into parts; see the module."""

    def parts(self, key: str, equations: Sequence[tuple[Equation, Expression]]) -> list[Part]:
        """Return the parts of one variable's equations."""
        made: list[Part] = []
        for equation, expression in equations:
            part = self.resolver.part(key, equation.subscripts, expression, equation.exceptions)
            if isinstance(expression, Array):
                singles = self.resolver.single(part)
                made += [
                    replace(s, expression=Number(v))
                    for s, v in zip(singles, expression.values, strict=False)
                ]
                continue
            self.owner, self.loops = key, part.loops
            made.append(replace(part, expression=self.visit(expression)))
        return made

    def visit(self, node: Expression) -> Expression:
        """Return `node` without stateful calls."""
        if isinstance(node, Call):
            if node.function == UNWRITTEN:
                return Call(UNWRITTEN, ())  # its causes may be a cycle, and decide nothing yet
            match node.arguments:
                case (Reference() as container,) if self.is_content(node.function, container):
                    return self.contents(node.function, container)
            if node.function == "size":
                return self.size_of(node.arguments[0])
            if node.function in AGGREGATES and self.loops and self.stands_still(node):
                return self.once(node)
            rewrite = FUNCTIONS[node.function].rewrite
            if rewrite:
                rule: Callable[..., Expression] = getattr(self, rewrite)
                if rewrite in UNVISITED:
                    return rule(*node.arguments)
                if rewrite == "row":
                    return self.row(node.function, *(self.visit(a) for a in node.arguments))
                return rule(*(self.visit(a) for a in node.arguments))
        return rebuilt(node, self.visit)

    def stands_still(self, node: Expression) -> bool:
        """Whether a sum over dimensions is the same for all elements of the present equation."""
        running = {loop.name for loop in self.loops}
        for inner in walk(node):
            if isinstance(inner, ElementIndex):
                return False
            if isinstance(inner, Reference):
                shape = self.resolver.shapes[inner.name].dimensions
                if len(inner.subscripts) != len(shape) or running & set(inner.subscripts):
                    return False
                fixed = {e for d in shape for e in d.elements}
                if any(not s.endswith("!") and s not in fixed for s in inner.subscripts):
                    return False
        return True

    def once(self, node: Expression) -> Expression:
        """Evaluate an expression before the loops, in a hidden scalar."""
        loops, self.loops = self.loops, ()
        try:
            return self.named(self.visit(node), "total")
        finally:
            self.loops = loops
