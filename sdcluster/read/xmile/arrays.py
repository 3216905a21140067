"""References of XMILE equations: which variable of the flat model, which elements of an array.

Crosses the border: `Arrays`, the base of `sdcluster.read.xmile.equations`, and `XmileTranslator`. See XMILE 1.0,
sections 3.7 (arrays) and 4.1.4 (their elements).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import reduce
from math import prod
from statistics import fmean, pstdev
from typing import Any

from sdcluster.errors import ModelError, did_you_mean
from sdcluster.functions.table import FUNCTIONS, ZERO_ARGUMENT
from sdcluster.model.expression import (
    AGGREGATES,
    ROW_ARGUMENTS,
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
    rebuilt,
)
from sdcluster.model.names import canonical
from sdcluster.read.xmile.indices import Indices, Scope, numbered
from sdcluster.read.xmile.translate import CAPACITY, Indexed

_GREATEST = {row.name: row.over_array for row in FUNCTIONS.values() if row.over_array}
_OF_LIST: dict[str, Callable[[tuple[float, ...]], float]] = {
    "size": len,
    "sum": sum,
    "prod": prod,
    "mean": fmean,
    "stddev": pstdev,
    "vmin": min,
    "vmax": max,
}
# What an element counts for that lies outside of a range with moving ends.
_OUTSIDE: dict[str, Expression] = {
    "sum": Number(0.0),
    "mean": Number(0.0),
    "prod": Number(1.0),
    "vmin": Call("inf", ()),
    "vmax": Unary("-", Call("inf", ())),
}
# Converters of Vensim files write these without a thought for their signs.
_VENSIMS = {row.name: row.vensim_twin for row in FUNCTIONS.values() if row.vensim_twin}


class Arrays(Indices):
    """Makes references plain.

    Attributes
    ----------
    points : dict of str to str
        For arrays with graphical functions and equations, the hidden array of the graphical functions alone.
    axes : dict of str to tuple of str
        Dimensions of each variable of the flat model.
    containers : frozenset of str
        Conveyors and queues.
    between : tuple of Expression
        Of the ranges with moving ends in the sum at hand: what holds for their elements.
    from_vensim : bool
        Whether the file was made from one of Vensim's, so that INT, MOD and RAMP mean what they mean there.
    """

    points: dict[str, str]
    axes: dict[str, tuple[str, ...]]
    containers: frozenset[str] = frozenset()
    from_vensim: bool = False
    between: tuple[Expression, ...] = ()

    def bound(self, node: Any, scope: Scope) -> Expression:
        """Return `node` with names of the flat model and all wildcards as ``dimension!``."""
        if isinstance(node, (Reference, Indexed)):
            return self.bound_reference(node, scope)
        if isinstance(node, Lookup) and isinstance(node.table, (Reference, Indexed)):
            table = self.bound_reference(node.table, replace(scope, around=""))
            if isinstance(table, Reference) and table.name in self.points:
                table = replace(table, name=self.points[table.name])
            return Lookup(table, self.bound(node.argument, scope))  # type: ignore[arg-type]
        if isinstance(node, Call):
            if node.function == CAPACITY:
                return self.capacity(node, scope)
            if self.from_vensim and node.function in _VENSIMS:
                node = replace(node, function=_VENSIMS[node.function])
            match node.arguments:
                case (Reference(name, ()),) if node.function == "size" and name in self.dimensions:
                    if self.key_of(name, scope) not in self.axes:
                        return Number(float(len(self.dimensions[name].elements)))
            listed = self.of_list(node, scope)
            if listed is not None:
                return Number(listed)
            if node.function in ROW_ARGUMENTS:
                return self.with_rows(node, scope)
            if node.function in _GREATEST and not scope.around:
                return self.greatest(node, scope)
            if node.function in AGGREGATES:
                return self.aggregate(node, replace(scope, around="sum"))
            scope = replace(scope, around=_around(node.function) or scope.around)
        return rebuilt(node, lambda child: self.bound(child, scope))

    def aggregate(self, node: Call, scope: Scope) -> Expression:
        """Return a sum or the like; where ranges with moving ends stand inside, over the elements between these."""
        outside, self.between = self.between, ()
        made = rebuilt(node, lambda child: self.bound(child, scope))
        between, self.between = self.between, outside
        if not between or not isinstance(made, Call):
            return made
        inside = reduce(lambda left, right: Binary("and", left, right), between)
        count = Call("sum", (Call("if", (inside, Number(1.0), Number(0.0))),))
        if made.function == "size":
            return count
        if made.function not in _OUTSIDE:
            raise ModelError(
                f"{made.function.upper()} over a range needs numbers or elements as ends"
            )
        function = "sum" if made.function == "mean" else made.function
        kept = Call("if", (inside, made.arguments[0], _OUTSIDE[made.function]))
        result = Call(function, (kept,))
        return Call("zidz", (result, count)) if made.function == "mean" else result

    def moving_span(self, ends: tuple[Any, Any], axis: str, scope: Scope) -> str:
        """Return the whole axis for a range whose ends are known only in a run, and remember which elements count."""
        place = ElementIndex(f"{axis}!")
        low, high = (
            Number(self.end(e, self.dimensions[axis]) + 1.0)
            if self.is_fixed(e, self.dimensions[axis])
            else Call("floor", (self.place(e, scope),))
            for e in ends
        )
        self.between += (Binary(">=", place, low), Binary("<=", place, high))
        return f"{axis}!"

    def of_list(self, node: Call, scope: Scope) -> float | None:
        """Return the sum, mean or the like of a graphical function's values (XMILE 1.0, section 3.7.1.4)."""
        match node.arguments:
            case (Reference(name, ()),) if node.function in _OF_LIST:
                key = self.key_of(name, scope)
                table = self.points_of(key) if self.is_curve(key) else None
                return None if table is None else float(_OF_LIST[node.function](table.y))
        return None

    def is_curve(self, key: str) -> bool:
        """Whether a variable is nothing but a graphical function."""
        raise NotImplementedError

    def capacity_of(self, key: str) -> str | None:
        """Return the variable that limits a conveyor, empty if nothing does; None if `key` is not a conveyor."""
        raise NotImplementedError

    def capacity(self, node: Call, scope: Scope) -> Expression:
        """Return what limits a conveyor (Stella, CAPACITY; CAP up to version 9)."""
        match node.arguments:
            case (Reference() | Indexed() as written,):
                holder = self.bound_reference(written, scope)
                name = self.capacity_of(holder.name) if isinstance(holder, Reference) else None
                if isinstance(holder, Reference) and name is not None:
                    return replace(holder, name=name) if name else Call("inf", ())
        raise ModelError(
            "CAPACITY takes the name of a conveyor; for an oven, write the variable or number that sets its capacity"
        )

    def with_rows(self, node: Call, scope: Scope) -> Expression:
        """Return a call that takes whole arrays among its arguments, such as RANK."""
        inside = replace(scope, around="sum")
        whole = ROW_ARGUMENTS[node.function]
        arguments = (
            self.bound(a, inside if i in whole else scope) for i, a in enumerate(node.arguments)
        )
        return Call(node.function, tuple(arguments))

    def greatest(self, node: Call, scope: Scope) -> Expression:
        """Return MAX or MIN of two values; one that is an array as a whole stands for its greatest or least element."""
        found = []
        for argument in node.arguments:
            made = self.bound(argument, scope)
            if self.is_whole(made, scope):
                inner = self.bound(argument, replace(scope, around="sum"))
                made = Call(_GREATEST[node.function], (inner,))
            found.append(made)
        return Call(node.function, tuple(found))

    def is_whole(self, node: Expression, scope: Scope) -> bool:
        """Whether an expression runs over a dimension that the left side does not have."""
        if isinstance(node, Call) and (_around(node.function) or node.function in ROW_ARGUMENTS):
            return False
        if isinstance(node, Reference):
            own = set(scope.left.values())
            return any(
                s.endswith("!") or (s in self.dimensions and s not in own) for s in node.subscripts
            )
        return any(self.is_whole(child, scope) for child in children(node))

    def bound_reference(self, node: Reference | Indexed, scope: Scope) -> Expression:
        """Return a reference with the name of the flat model."""
        key = self.key_of(node.name, scope)
        if key not in self.axes:
            plain = isinstance(node, Reference) and not node.subscripts
            found = self.position(node.name, scope) if plain else None
            written = node.subscripts if isinstance(node, Reference) else ()
            return found or Reference(key, written)
        if isinstance(node, Reference):
            node = Indexed(node.name, tuple(canonical(s) for s in node.subscripts), False)
        axes = self.axes[key]
        if node.flat:
            return self.flat(key, self.bound(node.indices[0], replace(scope, around="")))
        if not node.indices:
            return Reference(key, self.whole(axes, scope, node.transposed))
        if len(node.indices) == len(axes) + 1 and key in self.containers:
            return self.content(node, scope)
        if not axes and len(node.indices) == 1 and self.points_of(key) is not None:
            return self.point(self.points_of(key), node, scope)
        if len(node.indices) != len(axes):
            raise ModelError(
                f'"{node.name}" has {len(axes)} dimensions, but is used with {len(node.indices)} subscripts'
            )
        return self.element(key, node, scope)

    def content(self, node: Indexed, scope: Scope) -> Expression:
        """Return one slat of a conveyor or one batch of a queue, counted from the front (XMILE 1.0, 3.7.1.3)."""
        *others, last = node.indices
        holder = self.bound_reference(Indexed(node.name, tuple(others), False), scope)
        if isinstance(last, tuple):
            raise ModelError(f'"{node.name}" is used with a range; ask for one slat or batch')
        place = self.place(last, scope)
        return Call("queue element", (holder, place))

    def place(self, index: Any, scope: Scope) -> Expression:
        """Return an index that is a number, a variable or an expression."""
        inside = replace(scope, around="")
        if isinstance(index, tuple):
            raise ModelError("a range stands where one number is expected")
        if not isinstance(index, str):
            return self.bound(index, inside)
        if index.isdigit():
            return Number(float(index))
        built_in = index.replace(" ", "_")
        if self.key_of(index, scope) not in self.axes and built_in in ZERO_ARGUMENT:
            return Call(ZERO_ARGUMENT[built_in], ())
        return self.bound(Reference(index), inside)

    def flat(self, key: str, place: Expression) -> Expression:
        """Return the element of an array with a number that counts all of them (XMILE 1.0, section 3.3.2)."""
        axes = self.axes[key]
        sizes = [len(self.dimensions[a].elements) for a in axes]
        first = Reference(key, tuple(self.dimensions[a].elements[0] for a in axes))
        before = Binary("-", place, Number(1.0))
        indices: list[Expression] = []
        for at, size in enumerate(sizes):
            stride = Number(float(prod(sizes[at + 1 :])))
            index: Expression = Call("floor", (Binary("/", before, stride),))
            if at:
                index = Call("remainder", (index, Number(float(size))))
            indices += [Number(float(at)), Binary("+", index, Number(1.0))]
        return Call("element", (first, *indices))

    def points_of(self, key: str) -> Table | None:
        """Return the points of a graphical function without dimensions, and nothing for any other variable."""
        raise NotImplementedError

    def point(self, table: Table | None, node: Indexed, scope: Scope) -> Expression:
        """Return the value of a graphical function's point by its number; 0 where there is none."""
        assert table is not None
        index = self.place(node.indices[0], scope)
        count = len(table.y)
        numbers = tuple(float(i) for i in range(count + 2))
        return Lookup(Table(numbers, (0.0, *table.y, 0.0), "hold_backward"), index)

    def key_of(self, name: str, scope: Scope) -> str:
        """Return the variable of the flat model that a name stands for; a dot in front means the main model."""
        if name in scope.names:
            return scope.names[name]
        if name == "self" and scope.owner in self.axes:
            return scope.owner
        return name[1:] if name.startswith(".") else name

    def position(self, name: str, scope: Scope) -> Expression | None:
        """Return the number that a dimension or element stands for as a value, if the name is one."""
        if name in self.dimensions:
            left = scope.left.get(name, name)
            if left in self.dimensions[name].elements:
                return Number(self.dimensions[name].elements.index(left) + 1.0)
            if name in scope.left or name in scope.left.values():
                return ElementIndex(name)
            if scope.around == "sum":
                return ElementIndex(f"{name}!")
            other = self.by_place(name, scope) or name
            if other in self.dimensions[name].elements:
                return Number(self.dimensions[name].elements.index(other) + 1.0)
            return ElementIndex(other)
        dimension, _, element = name.rpartition(".")
        if dimension in self.dimensions and element in self.dimensions[dimension].elements:
            return Number(self.dimensions[dimension].elements.index(element) + 1.0)
        if any(name in d.elements for d in self.dimensions.values()):
            return ElementIndex(name)
        return None

    def whole(self, axes: tuple[str, ...], scope: Scope, transposed: bool) -> tuple[str, ...]:
        """Return the subscripts of an array that is written without any."""
        if scope.around == "sum":
            return tuple(f"{a}!" for a in axes)
        if transposed and len(scope.left) == len(axes):
            return tuple(scope.left.values())[::-1]
        return tuple(scope.left.get(a, a) for a in axes)

    # ---- indices

    def element(self, key: str, node: Indexed, scope: Scope) -> Expression:
        """Return a reference by its indices; those known only in a run become a call of ``element``."""
        axes = self.axes[key]
        subscripts: list[str] = []
        moving: list[Expression] = []
        seen: list[str] = []
        for at, (index, axis) in enumerate(zip(node.indices, axes, strict=True)):
            found = self.index(index, axis, scope, seen)
            seen.append(index if isinstance(index, str) else "")
            if isinstance(found, str):
                subscripts.append(found)
            else:
                subscripts.append(self.dimensions[axis].elements[0])
                moving += [Number(float(at)), found]
        if node.transposed and len(subscripts) == 2:
            subscripts.reverse()
        reference = Reference(key, tuple(subscripts))
        return Call("element", (reference, *moving)) if moving else reference

    def index(self, written: Any, axis: str, scope: Scope, seen: list[str]) -> str | Expression:
        """Return a subscript as the intermediate form has it, or the expression of an index."""
        dimension = self.dimensions[axis]
        if isinstance(written, tuple):
            fixed = written[0] is None or all(self.is_fixed(e, dimension) for e in written)
            if scope.around == "sum" and not fixed:
                return self.moving_span(written, axis, scope)
            return self.span(written, dimension, scope)
        if isinstance(written, Number):
            return numbered(written.value, dimension)
        if not isinstance(written, str):
            return self.bound(written, replace(scope, around=""))
        if written == "*":
            return scope.left.get(axis, f"{axis}!") if not scope.around else f"{axis}!"
        if written in dimension.elements:
            return written
        if written.isdigit():
            return numbered(float(written), dimension)
        if written.startswith("@"):
            return self.at_position(int(written[1:]), dimension, scope)
        if written.endswith("!") and written[:-1] in self.dimensions:
            return written
        if written in self.dimensions:
            return self.running_over(written, scope, seen)
        if self.key_of(written, scope) in self.axes or written.replace(" ", "_") in ZERO_ARGUMENT:
            return self.place(written, scope)
        last = written.rpartition(".")[2]
        if last in dimension.elements and written == f"{axis}.{last}":
            return last
        hint = did_you_mean(written, [*dimension.elements, *self.dimensions])
        raise ModelError(f'"{written}" is neither an element nor a dimension{hint}')

    def running_over(self, written: str, scope: Scope, seen: list[str]) -> str:
        """Return the subscript for a dimension's name."""
        twin = f"{written} {seen.count(written) + 1}"
        if written in seen and twin in scope.left:
            return scope.left[twin]
        if written in scope.left:
            return scope.left[written]
        if written in scope.left.values():
            return written
        if scope.around == "sum":
            return f"{written}!"
        return written if scope.around else self.by_place(written, scope) or written


def _around(function: str) -> str:
    """Return what a call does with the arrays inside it; see `Scope`."""
    if function in AGGREGATES:
        return "sum"
    whole = FUNCTIONS[function].rows or function in ("vector select", "vector elm map")
    return "array" if whole else ""
