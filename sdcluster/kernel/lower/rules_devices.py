"""Replace functions that need conveyors or queues: delays and queues of batches, and questions about a queue.

Exports `DeviceRules`, a base class of `sdcluster.kernel.lower.expand.Expander`. In the table of functions, the field
`rewrite` names the method for each function.
"""

from __future__ import annotations

from sdcluster.functions.table import FUNCTIONS
from sdcluster.kernel.lower.devices import FunctionDevice, Question
from sdcluster.kernel.lower.internal_variables import InternalVariables
from sdcluster.messages import message
from sdcluster.model.expression import Call, Expression, Lookup, Number, Reference, Table

_NOTHING = Number(0.0)


class DeviceRules(InternalVariables):
    """Replaces calls of functions that need conveyors or queues by references to hidden variables."""

    def leaving(self, *_: Expression) -> Expression:
        """Raise an error, because only a flow out of a conveyor or queue can have this equation."""
        raise self.resolver.error(
            message("kernel.lower.only_flow_out_conveyor"),
            self.owner,
        )

    # ---- functions with their own device

    def device(self, function: str, *arguments: Expression) -> Expression:
        """Add a device for a function, with the dimensions of the equation; return a reference to the value."""
        kind, *roles = FUNCTIONS[function].device.split()

        def which(role: str) -> list[Expression]:
            return [a for a, own in zip(arguments, roles, strict=True) if role in own.split("+")]

        key = self.hide(kind)
        inputs = which("input")
        if kind == "line":
            if self.owner in self.program.devices.lines:
                raise self.resolver.error(
                    message("kernel.lower.array_queues_needs_one"), self.owner
                )
            self.program.devices.lines[self.owner] = key
            inputs += [_NOTHING] * (4 - len(inputs))  # no attribute, and no change of an attribute
        self.program.devices.of[key] = FunctionDevice(
            key,
            kind,
            tuple(self.variable(node, f"{kind} input") for node in inputs),
            tuple(map(self.at_start, which("start"))),
            tuple(map(self.profile_of, which("profile"))),
            "".join(map(self.at_start, which("mark"))),
        )
        return self.refer(key)

    def variable(self, node: Expression, what: str) -> str:
        """Add a hidden variable with this expression as its equation, and return its name."""
        made = self.named(node, what, always=True)
        assert isinstance(made, Reference)
        return made.name

    def at_start(self, node: Expression) -> str:
        """Add a hidden variable that keeps the initial value of an expression, and return its name."""
        key = self.hide("initial value")
        self.program.initials[key] = self.whole(key, node)
        return key

    def profile_of(self, node: Expression) -> Table:
        """Return the points of a profile, which must be a graphical function without subscripts."""
        table: Expression | None = node.table if isinstance(node, Lookup) else None
        if isinstance(table, Reference) and table.name in self.model.variables:
            own = self.model.variables[table.name]
            table = None if own.dimensions else own.equations[0].expression
        if not isinstance(table, Table) or min(table.y) < 0:
            raise self.resolver.error(
                message("kernel.lower.profile_must_graphical_function"),
                self.owner,
            )
        return table

    # ---- stocks whose elements move

    def shift(
        self,
        first: Expression,
        condition: Expression,
        size: Expression,
        gathers: Expression,
        entering: Expression,
    ) -> Expression:
        """Return an expression for SHIFT IF TRUE(first element, condition, size, accumulate, new element)."""
        variable = self.model.variables.get(first.name) if isinstance(first, Reference) else None
        if variable is None or variable.kind != "stock" or variable.discrete is not None:
            raise self.resolver.error(
                message("kernel.lower.shift_if_true_moves"),
                self.owner,
            )
        key = self.hide("shift")
        moved = Call("shifted", (first, condition, size, gathers, entering))
        self.program.devices.shifts[key] = self.whole(key, moved)
        return self.refer(key)

    # ---- questions

    def question(self, function: str, queue: Expression, *arguments: Expression) -> Expression:
        """Add a question about a queue for each element of the equation, and return a reference to the answer."""
        if not isinstance(queue, Reference):
            raise self.resolver.error(message("kernel.lower.question_queue_needs_name"), self.owner)
        key = self.hide("answer")
        names = tuple(self.variable(node, "question") for node in arguments)
        answers, *last = FUNCTIONS[function].question.split()
        self.program.devices.questions[key] = Question(
            key, answers, queue, self.owner, names, tuple(map(int, last))
        )
        return self.refer(key)

    def is_content(self, function: str, container: Reference) -> bool:
        """Whether a function such as SUM applies to the slats or batches of a scalar device (XMILE 1.0, 3.7.1.3)."""
        single = not self.resolver.shapes[container.name].dimensions
        return (
            single
            and container.name in self.program.devices.of
            and FUNCTIONS[function].question != ""
        )
