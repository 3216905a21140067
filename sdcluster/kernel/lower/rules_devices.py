"""Rules for conveyors and queues: Vensim's functions that keep material apart, and what may be asked of queues.

Crosses the border: `DeviceRules`, a part of `sdcluster.kernel.lower.expand.Expander`; its methods are named like the
`rewrite` of a row in the table of functions.
"""

from __future__ import annotations

from collections.abc import Sequence

from sdcluster.kernel.lower.hidden import Hidden
from sdcluster.kernel.lower.machines import Machine, Question
from sdcluster.model.expression import Call, Expression, Lookup, Number, Reference, Table

_NOTHING = Number(0.0)
_CONTENTS = {"size": -1, "mean": 0, "vmin": 1, "vmax": 2, "stddev": 3}


class DeviceRules(Hidden):
    """One method for each rule."""

    def leaving(self, *_: Expression) -> Expression:
        """What a conveyor or queue decides; `kernel.lower.devices` has it, so no other equation holds it."""
        raise self.resolver.error(
            "only a flow out of a conveyor or queue can be what leaves it; use the flow itself",
            self.owner,
        )

    # ---- machines

    def machine(
        self,
        kind: str,
        inputs: Sequence[Expression],
        starts: Sequence[Expression],
        profiles: Sequence[Expression] = (),
        mark: Expression | None = None,
    ) -> Reference:
        """Add a machine over the present loops, and return its value."""
        key = self.hide(kind)
        self.program.devices.machines[key] = Machine(
            key,
            kind,
            tuple(self.variable(node, f"{kind} input") for node in inputs),
            tuple(self.at_start(node) for node in starts),
            tuple(self.profile_of(p) for p in profiles),
            "" if mark is None else self.at_start(mark),
        )
        return self.refer(key)

    def variable(self, node: Expression, what: str) -> str:
        """Give an expression a variable over the present loops, and return its name."""
        made = self.named(node, what, always=True)
        assert isinstance(made, Reference)
        return made.name

    def at_start(self, node: Expression) -> str:
        """Keep a value from the start, and return its name."""
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
                "a profile must be a graphical function without subscripts that is nowhere below 0",
                self.owner,
            )
        return table

    def delay_conveyor(
        self,
        value: Expression,
        time: Expression,
        leak: Expression,
        profile: Expression,
        total: Expression,
        first: Expression,
    ) -> Expression:
        """DELAY CONVEYOR(input, time, leak, profile, initial content, initial time)."""
        return self.machine("train", (value, time, leak), (total, first), (profile,))

    def delay_batch(
        self,
        value: Expression,
        size: Expression,
        time: Expression,
        batch: Expression,
        due: Expression,
        backlog: Expression,
    ) -> Expression:
        """DELAY BATCH(input, size, time, initial batch, its time, initial backlog)."""
        return self.machine("batch", (value, size, time), (batch, due, backlog))

    def delay_profile(
        self,
        profile: Expression,
        value: Expression,
        time: Expression,
        start: Expression,
        growth: Expression,
    ) -> Expression:
        """DELAY PROFILE(profile, input, time, initial value, initial growth)."""
        return self.machine("response", (value, time), (start, growth, time), (profile,))

    def queue_fifo(
        self,
        inflow: Expression,
        outflow: Expression,
        profile: Expression,
        total: Expression,
        reach: Expression,
    ) -> Expression:
        """QUEUE FIFO(inflow, outflow, profile, initial content, range of ages)."""
        flows = (inflow, outflow, _NOTHING, _NOTHING)
        return self.line(self.machine("line", flows, (total, reach), (profile,)))

    def queue_fifo_attrib(
        self,
        inflow: Expression,
        outflow: Expression,
        mark: Expression,
        change: Expression,
        profile: Expression,
        marks: Expression,
        total: Expression,
        first: Expression,
        reach: Expression,
    ) -> Expression:
        """QUEUE FIFO ATTRIB: in, out, attribute, its change, two profiles, content, attribute, range of ages."""
        flows, profiles = (inflow, outflow, mark, change), (profile, marks)
        return self.line(self.machine("line", flows, (total, reach), profiles, first))

    def line(self, value: Reference) -> Expression:
        """Let questions find the queue by the name of its variable."""
        if self.owner in self.program.devices.lines:
            raise self.resolver.error(
                "an array of queues needs one equation for all its elements", self.owner
            )
        self.program.devices.lines[self.owner] = value.name
        return value

    # ---- stocks whose elements move

    def shift(
        self,
        first: Expression,
        condition: Expression,
        size: Expression,
        gathers: Expression,
        entering: Expression,
    ) -> Expression:
        """SHIFT IF TRUE(first element, condition, size, accumulate, what enters): it changes the stock itself."""
        variable = self.model.variables.get(first.name) if isinstance(first, Reference) else None
        if variable is None or variable.kind != "stock" or variable.discrete is not None:
            raise self.resolver.error(
                "SHIFT IF TRUE moves the elements of a stock; write the first of them, such as Population[age 1]",
                self.owner,
            )
        key = self.hide("shift")
        moved = Call("shifted", (first, condition, size, gathers, entering))
        self.program.devices.shifts[key] = self.whole(key, moved)
        return self.refer(key)

    # ---- questions

    def question(
        self, function: str, queue: Expression, *arguments: Expression, last: int | None = None
    ) -> Expression:
        """Add a question over the present loops, and return its answer."""
        if not isinstance(queue, Reference):
            raise self.resolver.error("a question to a queue needs its name first", self.owner)
        key = self.hide("answer")
        names = tuple(self.variable(node, "question") for node in arguments)
        self.program.devices.questions[key] = Question(
            key, function, queue, self.owner, names, last
        )
        return self.refer(key)

    def age_in_range(self, queue: Expression, low: Expression, high: Expression) -> Expression:
        """QUEUE AGE IN RANGE(queue, least age, greatest age)."""
        return self.question("line_age_in_range", queue, low, high)

    def age_average(self, queue: Expression, quantity: Expression = _NOTHING) -> Expression:
        """QUEUE AGE AVERAGE(queue, quantity)."""
        return self.question("line_mean", queue, quantity, last=1)

    def age_oldest(self, queue: Expression) -> Expression:
        """QUEUE AGE OLDEST(queue)."""
        return self.question("line_age_oldest", queue)

    def attribute_average(self, queue: Expression, quantity: Expression) -> Expression:
        """QUEUE ATTRIB AVERAGE(queue, quantity)."""
        return self.question("line_mean", queue, quantity, last=2)

    def attribute_quantity(self, queue: Expression, wanted: Expression) -> Expression:
        """QUEUE ATTRIB QUANTITY(queue, sum of attributes)."""
        return self.question("line_quantity", queue, wanted)

    def queue_length(self, queue: Expression) -> Expression:
        """QLEN(queue)."""
        return self.question("line_length", queue)

    def is_content(self, function: str, container: Reference) -> bool:
        """Whether a function over dimensions asks about the slats or batches of one device (XMILE 1.0, 3.7.1.3)."""
        device = container.name in self.program.devices.of
        return (
            device and function in _CONTENTS and not self.resolver.shapes[container.name].dimensions
        )

    def contents(self, function: str, container: Reference) -> Expression:
        """SIZE, MEAN, MIN, MAX and STDDEV of a conveyor or queue."""
        if function == "size":
            return self.question("line_length", container)
        return self.question("line_summary", container, last=_CONTENTS[function])

    def queue_element(self, queue: Expression, place: Expression) -> Expression:
        """QELEM(queue, place)."""
        return self.question("line_element", queue, place)
