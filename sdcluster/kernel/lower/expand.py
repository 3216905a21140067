"""Replace stateful functions, such as SMOOTH, by hidden variables, and add hidden arrays for array functions.

Exports `Expander`. Its method `parts` takes the equations of one variable, returns its `Part`s, and adds hidden
variables to the program. The rules are in `rules_stateful`, `rules_stages`, `rules_finance`, `rules_random`,
`rules_rows` and `rules_devices`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sdcluster.functions.table import FUNCTIONS, UNWRITTEN
from sdcluster.kernel.lower.rules_devices import DeviceRules
from sdcluster.kernel.lower.rules_finance import FinanceRules
from sdcluster.kernel.lower.rules_random import RandomRules
from sdcluster.kernel.lower.rules_rows import RowRules
from sdcluster.kernel.lower.rules_stages import UNVISITED, StageRules
from sdcluster.model import Equation
from sdcluster.model.expression import (
    AGGREGATES,
    ROW_ARGUMENTS,
    Array,
    Call,
    ElementIndex,
    Expression,
    Number,
    Reference,
    banged,
    rebuilt,
    standing,
    walk,
)
from sdcluster.model.resolver import Loop, Part


def without_start(node: Expression, at_start: bool) -> Expression:
    """Return an expression in which ACTIVE INITIAL is replaced by its second argument if `at_start`, else its first."""
    if isinstance(node, Call) and node.function == "active initial":
        return without_start(node.arguments[1 if at_start else 0], at_start)
    return rebuilt(node, lambda child: without_start(child, at_start))


def _subscripts(node: Expression) -> tuple[str, ...]:
    match node:
        case Reference(_, subscripts):
            return subscripts
        case ElementIndex(name):
            return (name,)
    return ()


# Rules that several functions share. They take the name of the function as first argument.
BY_NAME = frozenset({"row", "device", "question"})


class Expander(StageRules, FinanceRules, RandomRules, RowRules, DeviceRules):
    """Turns equations into parts without stateful functions such as SMOOTH, and adds hidden variables to a program."""

    def parts(self, key: str, equations: Sequence[tuple[Equation, Expression]]) -> list[Part]:
        """Return the equations of one variable as `Part`s, in which hidden variables replace stateful functions."""
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
        """Return an expression in which references to hidden variables replace calls of stateful functions."""
        if isinstance(node, Call):
            if node.function == UNWRITTEN:
                return Call(UNWRITTEN, ())  # its arguments only name causes, which may form a cycle
            match node.arguments:
                case (Reference() as container,) if self.is_content(node.function, container):
                    return self.question(node.function, container)
            if node.function == "size":
                return self.size_of(node.arguments[0])
            if node.function in AGGREGATES and self.loops and self.stands_still(node):
                return self.once(node)
            if node.function in ROW_ARGUMENTS:
                return self.with_rows(node)
            rewrite = FUNCTIONS[node.function].rewrite
            if rewrite:
                rule: Callable[..., Expression] = getattr(self, rewrite)
                if rewrite in UNVISITED:
                    return rule(*node.arguments)
                arguments = [self.visit(a) for a in node.arguments]
                return rule(node.function, *arguments) if rewrite in BY_NAME else rule(*arguments)
        return rebuilt(node, self.visit)

    def with_rows(self, node: Call) -> Expression:
        """Return a call in which hidden arrays replace those array arguments that are not stored as one row."""
        arguments = list(node.arguments)
        for i in range(len(arguments)):
            whole = i in ROW_ARGUMENTS[node.function] and not self.lies_in_a_row(
                node.function, i, node
            )
            arguments[i] = self.copied(arguments[i]) if whole else self.visit(arguments[i])
        return Call(node.function, tuple(arguments))

    def lies_in_a_row(self, function: str, at: int, node: Call) -> bool:
        """Whether a function can use an array argument as it is stored, without a copy.

        No copy is needed if the argument runs over at most one dimension or over all its dimensions, or if the function
        takes a grid.
        """
        match node.arguments[at]:
            case Reference(_, subscripts):
                running = sum(s.endswith("!") for s in subscripts)
                return function == "interpolate" or running < 2 or running == len(subscripts)
        return False

    def copied(self, node: Expression) -> Expression:
        """Return a reference to a new hidden array that holds an expression's values.

        The array has a dimension for each subscript such as ``region!`` over which the expression runs.
        """
        running = list(dict.fromkeys(banged(node)))
        names = [name.rstrip("!") for name in running]
        used = {s for n in walk(node) for s in _subscripts(n)}
        outer = tuple(loop for loop in self.loops if loop.name in used)
        if not names or any(loop.name in names for loop in outer):
            return self.visit(node)
        whole, loops = (
            self.loops,
            tuple(
                Loop(name, tuple(range(len(self.resolver.dimension(name, self.owner).elements))))
                for name in names
            ),
        )
        self.loops = (*outer, *loops)
        try:
            made = self.named(self.visit(standing(node, set(running))), "array", always=True)
        finally:
            self.loops = whole
        assert isinstance(made, Reference)
        return Reference(made.name, (*(loop.name for loop in outer), *running))

    def stands_still(self, node: Expression) -> bool:
        """Return whether a sum over dimensions is the same for all elements of the current equation."""
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
        """Return a reference to a new hidden scalar for an expression, which is then evaluated only once."""
        loops, self.loops = self.loops, ()
        try:
            return self.named(self.visit(node), "total")
        finally:
            self.loops = loops
