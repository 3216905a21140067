"""Translate a program into the functions of one kernel, in the intermediate representation.

Exports `lower(program)`, which returns a `KernelSource`, and `breakpoints(program)`, whose function is built on demand
because few runs need it. The functions contain identifiers made here, never text from the model file.

The kernel's functions
----------------------
``derive(p)``
    computes the values that depend on parameters alone, and stores them in `p`.
``initial(p, y)``
    computes the initial states, and the initial values that INIT, delays and samples keep.
``begin(t, y, p)``
    computes the flows of conveyors and queues at the beginning of a step. Models without these have no ``begin``.
``rhs(t, y, p, dy)``
    computes the derivatives of the states.
``observe(t, y, p, dy, o)``
    computes the derivatives, too, and writes the values of all states and dynamic variables into the row `o`.
``advance(t, y, p)``
    ends a step: stores the values that delays and samples keep, and moves the contents of conveyors and queues.
``clamp(y)``
    restricts stocks to their bounds at the end of a step. For example, a non-negative stock becomes at least 0.

Scalars are local variables of the functions, which is fast. Arrays are in `y` (stocks) and `p` (all other arrays).
Loops compute the elements of arrays, so that the functions do not grow with the number of elements.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from itertools import groupby

from sdcluster.kernel import ir
from sdcluster.kernel.layout import START, Layout
from sdcluster.kernel.lower.addresses import Addresses
from sdcluster.kernel.lower.body import Body
from sdcluster.kernel.lower.breakpoints import breakpoints_function
from sdcluster.kernel.lower.chains import Chain, chained
from sdcluster.kernel.lower.components import Block
from sdcluster.kernel.lower.device_actions import DeviceActions
from sdcluster.kernel.lower.devices import Action, action_name
from sdcluster.kernel.lower.nodes import call, compared, element, plus
from sdcluster.kernel.lower.order import begin_order, sort_parts
from sdcluster.kernel.lower.templates import with_times
from sdcluster.kernel.lower.units import Item
from sdcluster.kernel.program import Program
from sdcluster.kernel.source import KernelSource
from sdcluster.model.expression import Reference
from sdcluster.model.resolver import Part


def lower(program: Program) -> KernelSource:
    """Return the functions of `program`, and the index of each name in the vectors."""
    kernel = _Kernel(program)
    places = kernel.places
    return KernelSource(
        module=kernel.module(),
        parameters=places.settable,
        initial_values=places.overrides,
        fixed=places.fixed,
        kept=places.kept,
        arrays=places.arrays,
        states=places.states,
        observed=places.observed,
        sizes={name: shape.size for name, shape in program.resolver.shapes.items()},
        width=places.width,
        columns=places.columns,
        size=places.size,
        cells=places.cells,
        may_be_missing=frozenset(program.may_be_missing),
        places=places,
    )


def breakpoints(program: Program) -> ir.Module:
    """Return a module whose function ``breakpoints`` reports when inputs jump; see `breakpoints_function`."""
    kernel = _Kernel(program)
    places = kernel.places
    function = breakpoints_function(program, kernel.layout, places.parameters | places.fixed)
    return kernel.layout.module([function])


class _Kernel:
    """Builds the functions of the kernel."""

    def __init__(self, program: Program) -> None:
        self.program, self.places = program, Addresses(program)
        self.layout = self._layout()
        self.made: dict[int, tuple[Part, ir.Block]] = {}
        self.loaded: dict[str, ir.Statement] = {}
        self.devices = DeviceActions(program, self.layout, self.places)

    def _layout(self) -> Layout:
        """Return the layout: for each name, the vector or the local variable that holds its values."""
        program, places = self.program, self.places
        in_p = places.parameters | places.fixed | places.kept | places.arrays
        vectors = {n: ("p", place) for n, place in in_p.items()}
        vectors |= {n: ("y", place) for n, place in places.states.items()}
        shapes = program.resolver.shapes
        names = {f"s{i}": n for i, n in enumerate(program.stocks)}
        names |= {f"a{i}": n for i, n in enumerate(program.dynamic_names)}
        scalars = {n: local for local, n in names.items() if not shapes[n].dimensions}
        records = {n: (places.counts[n], cell) for n, cell in places.courses.items()}
        return Layout(program.resolver, vectors, scalars, program.tables, records, places.size)

    # ---- whole functions

    def module(self) -> ir.Module:
        # `begin` comes first: `initial` would report a cycle through a device as a cycle of initial values only.
        begin = [self.begin()] if self.program.devices else []
        functions = [self.derive(), self.initial(), *begin, self.rhs(), self.observe()]
        functions += [self.advance(), self.clamp()]
        return self.layout.module(with_times(f, self.layout.times) for f in functions)

    def emit_all(self, body: Body, items: Iterable[Item]) -> None:
        for item in chained(list(items)):
            if isinstance(item, Chain):
                body.chain(item)
            else:
                self.emit(body, item)

    def emit(self, body: Body, part: Item) -> None:
        if isinstance(part, Part):
            self.emit_once(body, part)
            return
        if isinstance(part, Action):
            self.devices.act(body, part)
            return
        assert not self.layout.locals.keys() & set(part.inputs), "an input that is not an array"
        skipped = part.first * part.width
        places = [self.layout.vectors[n][1] + skipped for n in (part.name, *part.inputs)]
        body.do(part.function, "p", part.rows, part.length, *places)

    def emit_once(self, body: Body, part: Part) -> None:
        """Append the statements of an equation.

        If they use no temporary variables, functions share the same statements.
        """
        if id(part) in self.made:
            body.block += self.made[id(part)][1]
            return
        before, counter = len(body.block), body.counter
        body.part(part)
        if (
            body.counter == counter
        ):  # no temporary variables, whose names could clash in another function
            self.made[id(part)] = part, tuple(body.block[before:])

    def derive(self) -> ir.Function:
        body = Body(self.layout)
        self.emit_all(body, self.program.fixed)
        return body.function("derive", "p")

    def initial(self) -> ir.Function:
        program = self.program
        wanted: dict[str, list[Part]] = {k: s.initial for k, s in program.stocks.items()}
        wanted |= program.initials
        wanted |= {k: m.initial for k, m in program.memories.items()}
        wanted |= {k: d.initial for k, d in program.delays.items()}
        lengths = {}
        for key, delay in program.delays.items():
            length = f"⟨length of {key}⟩"
            program.resolver.shapes[length] = program.resolver.shapes[key]
            wanted[length] = [replace(part, name=length) for part in delay.time]
            lengths[length] = self.places.lengths[key]
        dynamic: dict[str, list[Part | Block | Action]] = {}
        for part in program.dynamic:
            dynamic.setdefault(part.name, []).append(part)
        dynamic |= program.starting  # type: ignore[arg-type]
        dynamic |= {a.name: [a] for a in program.devices.actions}
        chosen: dict[str, list[Part | Block | Action]] = {}
        pending = [*wanted, *(action_name("start", key) for key in program.devices.of)]
        while pending:
            name = pending.pop()
            if name not in chosen:
                chosen[name] = list(wanted[name]) if name in wanted else dynamic.get(name, [])
                pending += [r for p in chosen[name] for r in p.needs if r in wanted or r in dynamic]
        body = Body(self.layout)
        body.set("t", element("p", START))
        for name, count in self.places.counts.items():
            with body.each("i", range(program.size(name))):
                body.set(element("p", plus(count, "i")), 0.0)
        ordered = sort_parts(program.resolver, chosen, at_start=True)
        of_their_own = program.stocks.keys() | lengths.keys()
        for special, items in groupby(ordered, lambda item: item.name in of_their_own):
            if not special:
                # The value of SHIFT IF TRUE stays 0 until the first step begins.
                self.emit_all(
                    body, [i for i in items if not (isinstance(i, Action) and i.step == "shift")]
                )
                continue
            for item in items:
                assert isinstance(item, Part)
                name = item.name
                if name in lengths:
                    body.part(item, "p", lengths[name])
                    continue
                override = (self.places.overrides[name], self.layout.locals.get(name, ""))
                body.part(item, "y", self.places.states[name], override)
        for name in program.delays:
            self.start_delay(body, name)
        return body.function("initial", "p", "y")

    def start_delay(self, body: Body, name: str) -> None:
        at, size = self.places, self.program.size(name)
        places = at.kept[name], at.lengths[name], at.pointers[name]
        body.do("delay_start", "p", *places, size, at.size, at.buffers[name])

    def begin(self) -> ir.Function:
        order = begin_order(self.program)
        used = {name for item in order for name in item.needs}
        body = Body(self.layout)
        self.load_states(body, [name for name in self.places.states if name in used])
        self.emit_all(body, order)
        return body.function("begin", "t", "y", "p")

    def rhs(self) -> ir.Function:
        return self.rates[0].function("rhs", "t", "y", "p", "dy")

    @cached_property
    def rates(self) -> tuple[Body, set[str]]:
        """Statements that compute the stocks' derivatives, and the names of the variables in these statements."""
        body, used = self.evaluated([p for s in self.program.stocks.values() for p in s.net])
        for name, stock in self.program.stocks.items():
            for part in stock.net:
                body.part(part, "dy", self.places.states[name])
        return body, used

    def observe(self) -> ir.Function:
        # Begin with the statements of `rhs`, as the same objects, so that both functions share machine code.
        rates, used = self.rates
        body = rates.copy()
        self.load_states(body, [n for n in self.places.states if n not in used])
        self.emit_all(body, (item for item in self.program.dynamic if item.name not in used))
        for name, column in self.places.observed.items():
            count = self.program.size(name)
            if name in self.layout.locals:
                body.set(element("o", column), self.layout.locals[name])
            elif count:
                vector, base = self.layout.vectors[name]
                with body.each("i", range(count)):
                    body.set(element("o", plus(column, "i")), element(vector, plus(base, "i")))
        return body.function("observe", "t", "y", "p", "dy", "o")

    def advance(self) -> ir.Function:
        program = self.program
        names = [d.entering for d in program.delays.values()]
        names += [r.entering for r in program.records.values()]
        names += [name for d in program.devices.functions.values() for name in d.inputs]
        entering = [Part(name, (), Reference(name)) for name in names]
        body, _ = self.evaluated(
            [*(p for m in program.memories.values() for p in m.keep), *entering]
        )
        for name, memory in program.memories.items():
            for part in memory.keep:
                body.part(part, "p", self.places.shadows[name])
        for name, delay in program.delays.items():
            places = [self.places.kept[name], self.places.lengths[name], self.places.pointers[name]]
            cell = self.places.buffers[name]
            if delay.entering in self.layout.locals:
                value = self.layout.locals[delay.entering]
                body.do("delay_step", "p", *places, self.places.size, cell, value)
                continue
            vector, base = self.layout.vectors[delay.entering]
            with body.each("i", range(program.size(name))):
                moved = [plus(place, "i") for place in places]
                rest = self.places.size, plus(cell, "i"), element(vector, plus(base, "i"))
                body.do("delay_step", "p", *moved, *rest)
        for name in program.memories:
            with body.each("i", range(program.size(name))):
                shadow = element("p", plus(self.places.shadows[name], "i"))
                body.set(element("p", plus(self.places.kept[name], "i")), shadow)
        for name, record in program.records.items():
            body.record(name, record.entering, program.size(name))
        self.devices.move(body)
        return body.function("advance", "t", "y", "p")

    def clamp(self) -> ir.Function:
        body = Body(self.layout)
        for name, stock in self.program.stocks.items():
            first = self.places.states[name]
            places = range(first, first + self.program.size(name))
            level = element("y", "i")
            if stock.non_negative:
                with body.each("i", places), body.when(compared(level, "<", 0.0)):
                    body.set(level, 0.0)
            if stock.restriction:
                with body.each("i", places):
                    body.set(level, call("restricted", level, *stock.restriction))
        return body.function("clamp", "y")

    def evaluated(self, wanted: Iterable[Part]) -> tuple[Body, set[str]]:
        """Return statements that evaluate the variables on which given parts depend, and the variables' names."""
        needs: dict[str, set[str]] = {}
        for part in self.program.dynamic:
            needs.setdefault(part.name, set()).update(part.needs)
        used: set[str] = set()
        pending = [r for part in wanted for r in part.needs]
        while pending:
            name = pending.pop()
            if name not in used:
                used.add(name)
                pending += needs.get(name, ())
        body = Body(self.layout)
        self.load_states(body, [name for name in self.places.states if name in used])
        self.emit_all(body, (item for item in self.program.dynamic if item.name in used))
        return body, used

    def load_states(self, body: Body, names: Iterable[str]) -> None:
        for name in names:
            if name not in self.layout.locals:
                continue
            if name not in self.loaded:
                level = element("y", self.places.states[name])
                self.loaded[name] = ir.Assign(self.layout.locals[name], level)
            body.block.append(self.loaded[name])
