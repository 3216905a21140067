"""Translate one function of a kernel to LLVM IR.

Exports `printed(module, function, kinds, …)`, and `Printer`, which `long_functions` also uses.

Lanes that take different branches
----------------------------------
If several runs are performed at once, each run has a lane of every vector register. A condition can be true in only
some of the lanes. Then both sides of an ``if`` are executed one after the other, each with a mask of the lanes that
take it. A side that no lane takes is skipped. `_active` is the address of the mask of active lanes, which execute the
next statement. In an inactive lane, an assignment keeps the old value of the variable, and a store keeps the old
element of the vector. If some lanes reach a ``return``, ``break`` or ``continue``, they are inactive until the other
lanes reach the end of the function, of the loop or of the iteration. Code is never executed without an active lane.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sdcluster.kernel import ir
from sdcluster.kernel.kinds import NUMBERS, VECTORS, Kinds, in_shared_head, star
from sdcluster.kernel.parse import Unsupported
from sdcluster.kernel.simplify import is_cheap
from sdcluster.kernel.targets.llvm.builder import Builder, Value, double
from sdcluster.messages import message

_APART = frozenset({"y", "p", "dy", "o", "out", "work", "kept"})  # vectors that never overlap


class Module(Protocol):
    """Facts about a module that are needed to translate its functions."""

    lanes: int
    heap: bool

    def global_kind(self, name: str) -> str | None:
        """Return the type of a table or constant, or None for an unknown name."""

    def global_value(self, name: str) -> Value:
        """Return a constant's value or a table's address."""

    def defines(self, name: str) -> bool:
        """Whether the module has a function of this name."""

    def result_of(self, name: str, types: tuple[str, ...]) -> str:
        """Return the result type of a function for these argument types."""

    def instance(self, name: str, types: tuple[str, ...], masked: bool) -> str:
        """Return the LLVM name of a function for these argument types."""

    def declare(self, line: str) -> None:
        """Record the declaration of an external function, such as an LLVM intrinsic."""


def printed(
    module: Module, function: ir.Function, kinds: Kinds, machine: str, *, masked: bool, entry: bool
) -> str:
    """Return a function in LLVM IR.

    Parameters
    ----------
    module : Module
    function : ir.Function
    kinds : Kinds
        Types of the function's variables.
    machine : str
        Name of the function in LLVM IR.
    masked : bool
        Whether the function takes a mask of active lanes as its last argument.
    entry : bool
        Whether the function is called from outside. The vectors passed to it then do not overlap.
    """
    printer = Printer(module, kinds, function.parameters, masked)
    printer.given_once = given_once(function)
    printer.rooms(ir.stored(function.body))
    printer.body(function.body)
    given = head(module, function.parameters, kinds, masked=masked, entry=entry)
    linkage = "" if entry else "internal "
    result = printer.build.machine(kinds.result)
    return printer.text(f"define {linkage}{result} @{machine}({given})")


def head(
    module: Module, parameters: Sequence[str], kinds: Kinds, *, masked: bool, entry: bool
) -> str:
    """Return the parameter list of a function in LLVM IR; see `printed`."""
    build = Builder(module)
    parts = []
    for name in parameters:
        for machine, text in _passed_as(build, kinds.given[name], f"%{name}"):
            apart = " noalias" if entry and name in _APART and machine == "ptr" else ""
            parts.append(f"{machine}{apart} {text}")
    if masked:
        parts.append(f"{build.mask} %mask")
    return ", ".join(parts)


def _passed_as(builder: Builder, kind: str, name: str) -> list[tuple[str, str]]:
    """Return the LLVM types and names of the parameters that pass a value of type `kind`."""
    if kind in VECTORS or kind == "m":
        return [("ptr", name), ("i64", f"{name}.n")]
    return [(builder.machine(kind), name)]


def given_once(function: ir.Function) -> set[str]:
    """Return the variables that are assigned once, at the top level of the body. Such variables need no memory."""
    times = Counter(s.name for s in ir.walk(function.body) if isinstance(s, (ir.Assign, ir.For)))
    times.update(function.parameters)
    return {s.name for s in function.body if isinstance(s, ir.Assign) and times[s.name] == 1}


@dataclass
class _Loop:
    """An enclosing loop: its jump targets, and masks of lanes that have left it or wait for its next iteration."""

    following: str
    done: str
    depth: int  # number of blocks around its body that some lanes may skip
    exited: str = ""  # address of the mask of lanes that have left; empty if all leave together
    waiting: str = ""  # address of the mask of lanes that wait for the next iteration


class Printer:
    """Translates one function, or one part of a long function."""

    def __init__(
        self, module: Module, kinds: Kinds, parameters: Sequence[str], masked: bool
    ) -> None:
        self.module, self.kinds, self.build = module, kinds, Builder(module)
        self.places: dict[str, str] = {}
        self.bound: dict[str, Value] = {}
        self.given_once: set[str] = set()
        self.loops: list[_Loop] = []
        self.skips: list[str] = []  # blocks to jump to if no lane is active, the innermost last
        self.depth = 0  # number of enclosing blocks that some lanes may skip
        self.masked, self.left = masked, False
        self._active = ""
        self._result = ""
        self._exit = ""
        for name in parameters:
            kind = kinds.given[name]
            if kind in VECTORS or kind == "m":
                self.bound[name] = Value(kind, f"%{name}", f"%{name}.n")
            elif kind[0] in NUMBERS:
                self._room(name)
                self._keep(name, Value(kind, f"%{name}"))
            else:
                self.bound[name] = Value(kind, f"%{name}")

    # ---- variables

    def rooms(self, names: Mapping[str, None]) -> None:
        """Allocate memory for the given variables, except those in `given_once`."""
        for name in names:
            kind = self.kinds.variables.get(name)
            if kind is not None and kind[0] in NUMBERS:
                if name not in self.places and name not in self.given_once:
                    self._room(name)
            elif kind in ("m", None):
                raise Unsupported(message("kernel.targets.llvm.variable_type", kind=kind))

    def at(self, name: str, slot: str, number: int, *, given: bool) -> None:
        """Place a variable in the memory that the parts of a long function share.

        `given` says whether an earlier part has assigned a value to the variable.
        """
        heading = self.build.heading
        heading.append(f"  %f.{name} = getelementptr inbounds {slot}, ptr %frame, i64 {number}")
        self.places[name] = f"%f.{name}"
        if given and name in self.given_once:
            kind = self.kinds.variables[name]
            heading.append(f"  %l.{name} = load {self.build.machine(kind)}, ptr %f.{name}")
            self.bound[name] = Value(kind, f"%l.{name}")

    def _room(self, name: str) -> None:
        machine = self.build.machine(self.kinds.variables[name])
        self.places[name] = self.build.room(machine, name)

    def _keep(self, name: str, value: Value) -> None:
        """Assign a value to a variable, at least in the active lanes."""
        kind, place, build = self.kinds.variables[name], self.places[name], self.build
        value = build.converted(value, kind)
        if self.depth and star(kind):
            value = self._blended(value, build.load(build.machine(kind), place))
        build.store(build.machine(kind), value.text, place)

    def _blended(self, value: Value, before: str) -> Value:
        """Return the new value in active lanes and the old value in the others."""
        machine = self.build.machine(value.kind)
        text = (
            f"select {self.build.mask} {self.active()}, {machine} {value.text}, {machine} {before}"
        )
        return Value(value.kind, self.build.put(text))

    # ---- lanes

    @property
    def full(self) -> bool:
        """Whether all lanes execute the next statement."""
        return not (self.masked or self.depth or self.left)

    def _mask(self) -> str:
        """Return the address of the mask of active lanes."""
        build = self.build
        if not self._active:
            self._active = "%v.mask..active"
            build.heading.append(f"  {self._active} = alloca {build.mask}")
            first = "%mask" if self.masked else build.same("i1", "true")
            build.heading.append(f"  store {build.mask} {first}, ptr {self._active}")
        return self._active

    def active(self) -> str:
        """Return the mask of the lanes that execute the next statement."""
        if self.full:
            return self.build.same("i1", "true")
        return self.build.load(self.build.mask, self._mask())

    def _set_active(self, mask: str) -> None:
        self.build.store(self.build.mask, mask, self._mask())

    def _go_on_if_any(self) -> None:
        """Jump to the end of the enclosing construct if no lane is active any more."""
        build = self.build
        further = build.label()
        build.branch(build.any(build.load(build.mask, self._mask())), further, self._skip())
        build.start(further)

    def _skip(self) -> str:
        if self.skips:
            return self.skips[-1]
        self._exit = self._exit or self.build.label()
        return self._exit

    # ---- the whole function

    def text(self, signature: str) -> str:
        """Return the text of the whole function."""
        build, result = self.build, self.kinds.result
        if self._exit:
            build.start(self._exit)
        if result == "n":
            build.end("ret void")
        elif self._exit:
            machine = build.machine(result)
            build.end(f"ret {machine} {build.load(machine, self._result)}")
        else:
            build.end("unreachable")
        return "\n".join([f"{signature} {{", "entry:", *build.heading, *build.lines, "}"])

    def body(self, statements: Sequence[ir.Statement]) -> None:
        """Translate statements up to the first jump. Later statements are never executed."""
        for statement in statements:
            if not self.build.open:
                return
            self._statement(statement)

    # ---- statements

    def _statement(self, node: ir.Statement) -> None:
        match node:
            case ir.Assign(name, value):
                self._assign(name, self.value(value))
            case ir.Store(vector, index, value):
                # As in Python, the value is evaluated before the vector and the index.
                given = self.value(value)
                self._store(self.value(vector), self.value(index), given, index)
            case ir.Do(call):
                self.value(call)
            case ir.If(test, body, otherwise):
                self._if(self._truth(test), body, otherwise)
            case ir.For():
                self._for(node)
            case ir.While(test, body):
                self._loop(lambda: self._truth(test), body, lambda: None, self.kinds.parts(node))
            case ir.Return(value):
                self._return(value)
            case ir.Break():
                self._jump(leave=True)
            case ir.Continue():
                self._jump(leave=False)

    def _assign(self, name: str, value: Value) -> None:
        if name in self.given_once and value.kind[0] in NUMBERS:
            self.bound[name] = self.build.converted(value, self.kinds.variables[name])
            if name in self.places:
                self._keep(name, self.bound[name])
        elif value.kind[0] in NUMBERS:
            self._keep(name, value)
        elif value.kind in VECTORS and self.build.block == "entry" and name not in self.bound:
            self.bound[name] = value
        else:
            raise Unsupported(message("kernel.targets.llvm.vector_named_inside_loop"))

    def _store(self, owner: Value, index: Value, value: Value, node: ir.Expression) -> None:
        build = self.build
        if owner.kind == "k" or (owner.kind == "u" and self.module.lanes > 1):
            raise Unsupported(message("kernel.targets.llvm.store_vector_all_lanes"))
        if owner.kind not in VECTORS:
            raise Unsupported(message("kernel.targets.llvm.store_not_vector"))
        if self.module.lanes == 1:
            place = build.put(
                f"getelementptr inbounds double, ptr {owner.text}, i64 {build.as_whole(index).text}"
            )
            build.do(f"store double {build.as_double(value).text}, ptr {place}")
            return
        value = build.converted(value, "f*")
        machine = build.machine("f*")
        if not star(index.kind):
            place = self._address(owner, index)
            if not self.full:
                value = self._blended(value, build.put(f"load {machine}, ptr {place}, align 8"))
            build.do(f"store {machine} {value.text}, ptr {place}, align 8")
            return
        # Each lane has its own elements, so an inactive lane may write back the old element.
        mask = self.active()
        whole = build.put(
            f"select {build.mask} {mask}, {build.machine('i*')} {index.text}, {build.machine('i*')} zeroinitializer"
        )
        for lane in range(self.module.lanes):
            place = self._lane_address(owner, whole, lane)
            given = build.lane(machine, value.text, lane)
            if not self.full:
                before = build.put(f"load double, ptr {place}")
                counts = build.lane(build.mask, mask, lane)
                given = build.put(f"select i1 {counts}, double {given}, double {before}")
            build.do(f"store double {given}, ptr {place}")

    def _address(self, owner: Value, index: Value) -> str:
        """Return the address of an element in the first lane."""
        build = self.build
        whole = build.as_whole(index).text
        if owner.kind in "vp":
            if whole.lstrip("-").isdigit():
                whole = str(int(whole) * self.module.lanes)
            elif self.module.lanes > 1:
                whole = build.put(f"mul i64 {whole}, {self.module.lanes}")
        return build.put(f"getelementptr inbounds double, ptr {owner.text}, i64 {whole}")

    def _lane_address(self, owner: Value, whole: str, lane: int) -> str:
        """Return the address of the element that one lane accesses."""
        build = self.build
        own = build.lane(build.machine("i*"), whole, lane)
        if owner.kind in "vp":
            first = build.put(f"mul i64 {own}, {self.module.lanes}")
            own = build.put(f"add i64 {first}, {lane}")
        machine = "i64" if owner.kind in "kI" else "double"
        return build.put(f"getelementptr inbounds {machine}, ptr {owner.text}, i64 {own}")

    def _truth(self, node: ir.Expression) -> Value:
        return self.build.as_truth(self.value(node))

    def _if(self, test: Value, body: ir.Block, otherwise: ir.Block) -> None:
        if star(test.kind):
            self._if_by_lane(test.text, body, otherwise)
            return
        build = self.build
        yes, no, done = build.label(), build.label(), build.label()
        build.branch(test.text, yes, no if otherwise else done)
        ended = True
        for label, side in ((yes, body), (no, otherwise)):
            if not side:
                ended = False
                continue
            build.open = False
            build.start(label)
            self.body(side)
            ended &= not build.open
            build.end(f"br label %{done}")
        build.open = False
        if not ended:
            build.start(done)

    def _if_by_lane(self, condition: str, body: ir.Block, otherwise: ir.Block) -> None:
        build, left = self.build, self.left
        before = self.active()
        yes = build.both(before, condition)
        no = build.both(before, build.inverted(condition))
        self.left = False
        self._side(yes, body)
        stay = build.load(build.mask, self._mask()) if self.left else yes
        jumped = self.left
        if otherwise:
            self.left = False
            self._side(no, otherwise)
            if self.left:
                no = build.load(build.mask, self._mask())
            jumped |= self.left
        self._set_active(build.put(f"or {build.mask} {stay}, {no}") if jumped else before)
        self.left = left or jumped
        if jumped:
            self._go_on_if_any()

    def _side(self, mask: str, body: ir.Block) -> None:
        """Translate one side of an ``if`` for some lanes. `_active` then holds the lanes that reach its end."""
        build = self.build
        inside, done = build.label(), build.label()
        self._set_active(mask)
        build.branch(build.any(mask), inside, done)
        build.start(inside)
        self.depth += 1
        self.skips.append(done)
        self.body(body)
        self.skips.pop()
        self.depth -= 1
        build.start(done)

    def _for(self, loop: ir.For) -> None:
        build, step = self.build, loop.step
        first, last = build.as_whole(self.value(loop.first)), build.as_whole(self.value(loop.last))
        sign = ">" if step < 0 else "<"
        kind = "i" + star(first.kind, last.kind)
        machine = build.machine(kind)
        counter = build.room(machine)
        build.store(machine, build.converted(first, kind).text, counter)

        def test() -> Value:
            return build.compared(Value(kind, build.load(machine, counter)), sign, last)

        def begin() -> None:
            self._keep(loop.name, Value(kind, build.load(machine, counter)))

        def follow() -> None:
            now = Value(kind, build.load(machine, counter))
            build.store(machine, build.combined(now, "+", Value("i", str(step))).text, counter)

        self._loop(test, loop.body, follow, self.kinds.parts(loop), begin)

    def _loop(
        self,
        test: Callable[[], Value],
        body: ir.Block,
        follow: Callable[[], None],
        parts: bool,
        begin: Callable[[], None] = lambda: None,
    ) -> None:
        if parts:
            self._loop_by_lane(test, body, follow, begin)
            return
        build = self.build
        head, inside, following, done = (build.label() for _ in range(4))
        build.start(head)
        build.branch(test().text, inside, done)
        build.start(inside)
        begin()
        self.loops.append(_Loop(following, done, self.depth))
        self.body(body)
        self.loops.pop()
        build.start(following)
        follow()
        build.end(f"br label %{head}")
        build.start(done)

    def _loop_by_lane(
        self,
        test: Callable[[], Value],
        body: ir.Block,
        follow: Callable[[], None],
        begin: Callable[[], None],
    ) -> None:
        """Translate a loop that lanes can leave in different iterations.

        Lanes that have left the loop wait for the others.
        """
        build, mask = self.build, self.build.mask
        head, inside, following, leave, done = (build.label() for _ in range(5))
        loop = _Loop(following, leave, self.depth + 1, build.room(mask), build.room(mask))
        build.store(mask, "zeroinitializer", loop.exited)
        build.store(mask, "zeroinitializer", loop.waiting)
        self._set_active(self.active())
        self.depth += 1
        build.start(head)
        condition = test()
        if star(condition.kind):
            active = self.active()
            going = build.both(active, condition.text)
            self._add(loop.exited, build.both(active, build.inverted(condition.text)))
            self._set_active(going)
            build.branch(build.any(going), inside, done)
        else:
            build.branch(condition.text, inside, leave)
        build.start(inside)
        begin()
        left = self.left
        self.left = False
        self.loops.append(loop)
        self.skips.append(following)
        self.body(body)
        self.skips.pop()
        self.loops.pop()
        returned = self.left
        build.start(following)
        waiting = build.load(mask, loop.waiting)
        active = build.put(f"or {mask} {build.load(mask, self._mask())}, {waiting}")
        self._set_active(active)
        build.store(mask, "zeroinitializer", loop.waiting)
        follow()
        build.branch(build.any(active), head, done)
        build.start(leave)
        self._add(loop.exited, self.active())
        build.start(done)
        self._set_active(build.load(mask, loop.exited))
        self.depth -= 1
        self.left = left or returned
        if returned:
            self._go_on_if_any()

    def _add(self, place: str, lanes: str) -> None:
        mask = self.build.mask
        both = self.build.put(f"or {mask} {self.build.load(mask, place)}, {lanes}")
        self.build.store(mask, both, place)

    def _jump(self, *, leave: bool) -> None:
        if not self.loops:
            raise Unsupported(message("kernel.targets.llvm.jump_outside_loop"))
        loop, build = self.loops[-1], self.build
        target = loop.done if leave else loop.following
        if self.depth == loop.depth:
            # All lanes that are still in the loop jump together.
            if not leave and loop.waiting:
                pass  # they stay active
            build.end(f"br label %{target}")
            return
        self._add(loop.exited if leave else loop.waiting, self.active())
        self._take_out()

    def _take_out(self) -> None:
        """Remove all active lanes from the mask of active lanes, and jump to where other lanes continue."""
        self._set_active("zeroinitializer")
        self.left = True
        self.build.end(f"br label %{self._skip()}")

    def _return(self, node: ir.Expression | None) -> None:
        build, kind = self.build, self.kinds.result
        value = None if node is None else build.converted(self.value(node), kind)
        if value is None and kind != "n":
            raise Unsupported(message("kernel.targets.llvm.function_returns_value_only"))
        if self.depth:
            if value is not None:
                place = self._returned()
                value = self._blended(value, build.load(build.machine(kind), place))
                build.store(build.machine(kind), value.text, place)
            self._take_out()
        elif value is None:
            build.end("ret void")
        else:
            machine = build.machine(kind)
            if self.left and star(kind):
                value = self._blended(value, build.load(machine, self._returned()))
            build.end(f"ret {machine} {value.text}")

    def _returned(self) -> str:
        """Return the address of the results of lanes that have already returned."""
        if not self._result:
            self._result = self.build.room(self.build.machine(self.kinds.result))
        return self._result

    # ---- expressions

    def value(self, node: ir.Expression) -> Value:
        """Translate an expression and return its value."""
        return _VALUES[type(node)](self, node)

    def _name(self, name: str) -> Value:
        bound = self.bound.get(name)
        if bound is not None:
            return bound
        if name in self.places:
            kind = self.kinds.variables[name]
            return Value(kind, self.build.load(self.build.machine(kind), self.places[name]))
        return self.module.global_value(name)

    def _binary(self, operator: str, left: Value, right: Value) -> Value:
        if operator == "%" and "f" in (left.kind[0], right.kind[0]):
            a, b = self.build.as_double(left), self.build.as_double(right)
            return self.build.remainder(a.text, b, self._call("fmod", [a, b]))
        divides = operator in ("%", "//") and not self.full
        by_lane = divides and star(left.kind, right.kind)
        return self.build.combined(left, operator, right, self.active() if by_lane else None)

    def _element(self, owner: Value, index: Value, node: ir.Expression) -> Value:
        build, lanes = self.build, self.module.lanes
        if owner.kind == "m":
            row = build.as_whole(index).text
            first = build.put(f"mul nsw i64 {row}, {owner.extra}")
            if lanes > 1:
                first = build.put(f"mul nsw i64 {first}, {lanes}")
            start = build.put(f"getelementptr inbounds double, ptr {owner.text}, i64 {first}")
            return Value("v", start, owner.extra)
        letter = {"v": "f", "p": "f", "u": "f", "k": "i", "F": "f", "I": "i"}.get(owner.kind)
        if letter is None:
            raise Unsupported(message("kernel.element_not_vector"))
        machine = build.machine(letter)
        if lanes == 1 or (owner.kind in "ukFI" and not star(index.kind)):
            whole = build.as_whole(index).text
            place = build.put(f"getelementptr inbounds {machine}, ptr {owner.text}, i64 {whole}")
            return Value(letter, build.put(f"load {machine}, ptr {place}"))
        if not star(index.kind):
            place = self._address(owner, index)
            if owner.kind == "p" and in_shared_head(node):
                return Value(letter, build.put(f"load double, ptr {place}"))
            text = f"load {build.machine(letter + '*')}, ptr {place}, align 8"
            return Value(letter + "*", build.put(text))
        return self._gathered(owner, index, letter)

    def _gathered(self, owner: Value, index: Value, letter: str) -> Value:
        """Return, for each lane, the element at the lane's own index. Inactive lanes get the first element."""
        build, wholes = self.build, self.build.machine("i*")
        whole = build.as_whole(index).text
        if not self.full:
            text = (
                f"select {build.mask} {self.active()}, {wholes} {whole}, {wholes} zeroinitializer"
            )
            whole = build.put(text)
        scalar, vector = build.machine(letter), build.machine(letter + "*")
        result = "poison"
        for lane in range(self.module.lanes):
            one = build.put(f"load {scalar}, ptr {self._lane_address(owner, whole, lane)}")
            result = build.put(f"insertelement {vector} {result}, {scalar} {one}, i64 {lane}")
        return Value(letter + "*", result)

    def _logic(self, node: ir.Logic) -> Value:
        """Return ``and`` or ``or`` of conditions. The right operand is evaluated only if it is needed or cheap."""
        build, word = self.build, node.operator
        for part in (node.left, node.right):
            if (self.kinds.of(part) or "b")[0] != "b":
                raise Unsupported(message("kernel.targets.llvm.logic_not_conditions"))
        left = self._truth(node.left)
        if is_cheap(node.right):
            right = self._truth(node.right)
            return build.chosen(left, *((right, left) if word == "and" else (left, right)))
        if star(left.kind):
            return self._logic_by_lane(word, left, node.right)
        before, more, done = build.block, build.label(), build.label()
        build.branch(left.text, *((more, done) if word == "and" else (done, more)))
        build.start(more)
        right = self._truth(node.right)
        last = build.block
        build.start(done)
        machine = build.machine(right.kind)
        short = "false" if word == "and" else "true"
        if star(right.kind):
            short = build.same("i1", short)
        return Value(
            right.kind,
            build.put(f"phi {machine} [ {short}, %{before} ], [ {right.text}, %{last} ]"),
        )

    def _logic_by_lane(self, word: str, left: Value, node: ir.Expression) -> Value:
        build = self.build
        wanted = left.text if word == "and" else build.inverted(left.text)
        right = self._under(wanted, node, "b*")
        yes, no = (right, left) if word == "and" else (left, right)
        return build.chosen(left, yes, no)

    def _under(self, wanted: str, node: ir.Expression, kind: str) -> Value:
        """Return a value that equals an expression in the lanes of a mask. In other lanes, the value is arbitrary."""
        build, machine = self.build, self.build.machine(kind)
        before = self.active()
        mask = build.both(before, wanted)
        start, inside, done = build.block, build.label(), build.label()
        self._set_active(mask)
        build.branch(build.any(mask), inside, done)
        build.start(inside)
        self.depth += 1
        value = build.converted(self.value(node), kind)
        self.depth -= 1
        last = build.block
        build.start(done)
        text = f"phi {machine} [ zeroinitializer, %{start} ], [ {value.text}, %{last} ]"
        result = Value(kind, build.put(text))
        self._set_active(before)
        return result

    def _choice(self, node: ir.Choice) -> Value:
        build = self.build
        kind = self.kinds.of(node)
        if kind is None or kind[0] not in NUMBERS:
            raise Unsupported(message("kernel.targets.llvm.choice_between_vectors"))
        condition = self._truth(node.condition)
        letter = kind[0]
        if is_cheap(node.yes) and is_cheap(node.no):
            yes, no = (self.value(side) for side in (node.yes, node.no))
            yes, no = (build.converted(v, letter + star(v.kind)) for v in (yes, no))
            return build.chosen(condition, yes, no)
        if star(condition.kind):
            yes = self._under(condition.text, node.yes, kind)
            no = self._under(build.inverted(condition.text), node.no, kind)
            return build.chosen(condition, yes, no)
        first, second, done = build.label(), build.label(), build.label()
        build.branch(condition.text, first, second)
        ends = []
        for label, side in ((first, node.yes), (second, node.no)):
            build.start(label)
            ends.append((build.converted(self.value(side), kind).text, build.block))
            build.end(f"br label %{done}")
        build.start(done)
        sources = ", ".join(f"[ {text}, %{block} ]" for text, block in ends)
        return Value(kind, build.put(f"phi {build.machine(kind)} {sources}"))

    # ---- calls

    def _call(self, name: str, values: list[Value]) -> Value:
        if self.module.defines(name):
            return self._own(name, values)
        build = self.build
        if name in ("min", "max"):
            return build.extreme(name, values)
        if len(values) == 1:
            found = self._builtin(name, values[0])
            if found is not None:
                return found
        raise Unsupported(message("kernel.function", name=name))

    def _own(self, name: str, values: list[Value]) -> Value:
        build = self.build
        types = tuple(v.kind for v in values)
        masked = not self.full and any(star(t) or t in "vp" or t == "m" for t in types)
        machine = self.module.instance(name, types, masked)
        result = self.module.result_of(name, types)
        given = [text for v in values for text in _passed(build, v)]
        if masked:
            given.append(f"{build.mask} {self.active()}")
        call = f"call {build.machine(result)} @{machine}({', '.join(given)})"
        if result == "n":
            build.do(call)
            return Value("n", "")
        return Value(result, build.put(call))

    def _builtin(self, name: str, value: Value) -> Value | None:
        build, apart = self.build, star(value.kind)
        match name:
            case "len" if value.kind in VECTORS:
                return Value("i", value.extra)
            case "float":
                return build.as_double(value)
            case "bool":
                return build.as_truth(value)
            case "sqrt":
                return build.intrinsic("sqrt", "f" + apart, build.as_double(value))
            case "int" if value.kind[0] == "f":
                return build.intrinsic("fptosi.sat", "i" + apart, value)
            case "int":
                return build.as_whole(value)
            case "abs" if value.kind[0] == "f":
                return build.intrinsic("fabs", value.kind, value)
            case "abs":
                whole = build.as_whole(value)
                below = build.compared(whole, "<", Value("i", "0"))
                return build.chosen(below, build.unary("-", whole), whole)
            case "some":
                truth = build.as_truth(value)
                if not star(truth.kind):
                    return truth
                mask = truth.text if self.full else build.both(self.active(), truth.text)
                return Value("b", build.any(mask))
            case "isnan":
                number = build.as_double(value)
                machine = build.machine(number.kind)
                text = build.put(f"fcmp uno {machine} {number.text}, {number.text}")
                return Value("b" + apart, text)
            case "bits":
                number = build.as_double(value)
                source, target = build.machine(number.kind), build.machine("i" + apart)
                return Value("i" + apart, build.put(f"bitcast {source} {number.text} to {target}"))
            case "from_bits":
                source, target = build.machine(value.kind), build.machine("f" + apart)
                return Value("f" + apart, build.put(f"bitcast {source} {value.text} to {target}"))
        return None


_VALUES: Mapping[type, Callable[[Printer, Any], Value]] = {
    ir.Number: lambda printer, node: _constant(node.value),
    ir.Name: lambda printer, node: printer._name(node.name),
    ir.Binary: lambda printer, node: printer._binary(
        node.operator, printer.value(node.left), printer.value(node.right)
    ),
    ir.Unary: lambda printer, node: printer.build.unary(node.operator, printer.value(node.operand)),
    ir.Compare: lambda printer, node: printer.build.compared(
        printer.value(node.left), node.operator, printer.value(node.right)
    ),
    ir.Logic: lambda printer, node: printer._logic(node),
    ir.Choice: lambda printer, node: printer._choice(node),
    ir.Element: lambda printer, node: printer._element(
        printer.value(node.vector), printer.value(node.at), node.at
    ),
    ir.Call: lambda printer, node: printer._call(
        node.function, [printer.value(a) for a in node.arguments]
    ),
}


def _passed(build: Builder, value: Value) -> list[str]:
    """Return the arguments, in LLVM IR, that pass a value to a function."""
    if value.kind in VECTORS or value.kind == "m":
        return [f"ptr {value.text}", f"i64 {value.extra}"]
    return [f"{build.machine(value.kind)} {value.text}"]


def _constant(value: float) -> Value:
    if isinstance(value, bool):
        return Value("b", "true" if value else "false")
    if isinstance(value, int):
        return Value("i", str(value))
    return Value("f", double(value))
