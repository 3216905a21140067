"""Resolve references in XMILE equations to variables of the flat model and to elements of arrays.

`Arrays` resolves references, and a `Scope` is the context of a reference. The flat model is the model in which the
variables of all modules are merged.

Source: XMILE 1.0, sections 3.7 (arrays) and 4.1.4 (their elements).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from math import prod
from statistics import fmean, pstdev
from typing import Any

from sdcluster.errors import ModelError, did_you_mean
from sdcluster.functions.table import FUNCTIONS, ZERO_ARGUMENT
from sdcluster.messages import message
from sdcluster.model import Dimension, Remark
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
from sdcluster.read.xmile.flat_model import FlatModel
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
# Elements outside a range whose bounds vary during a run count as this value.
_OUTSIDE: dict[str, Expression] = {
    "sum": Number(0.0),
    "mean": Number(0.0),
    "prod": Number(1.0),
    "vmin": Call("inf", ()),
    "vmax": Unary("-", Call("inf", ())),
}
# Programs that convert Vensim files write INT, MOD and RAMP, but mean Vensim's functions of these names.
_VENSIMS = {row.name: row.vensim_twin for row in FUNCTIONS.values() if row.vensim_twin}


@dataclass(frozen=True)
class Scope:
    """The context of a reference.

    Parameters
    ----------
    names : mapping of str to str
        For each name that the equation can use, the variable of the flat model (see the module docstring).
    left : mapping of str to str
        For each dimension of the variable that the equation defines, the subscript on the left-hand side.
    around : {"", "sum", "array"}
        How the innermost enclosing call uses arrays: it aggregates over dimensions (``"sum"``), takes whole arrays
        (``"array"``), or neither.
    owner : str
        The variable that the equation defines (Stella's SELF).
    """

    names: Mapping[str, str]
    left: Mapping[str, str]
    around: str = ""
    owner: str = ""


class Arrays:
    """Resolves references to arrays. The results have names and subscripts of the flat model.

    Parameters
    ----------
    model : FlatModel
    capacity_of : callable
        Takes the name of a variable. For a conveyor, returns the variable that limits it, or an empty text if it has no
        limit. For any other variable, returns None.
    remarks : list of Remark
        A remark is appended for each range that has to be shortened.

    Attributes
    ----------
    notes : list of str
        Deviations from the standard that were accepted in the current equation.
    between : tuple of Expression
        Conditions that an element must meet to count in the current sum. A range whose bounds vary during a run adds
        such a condition.
    """

    def __init__(
        self, model: FlatModel, capacity_of: Callable[[str], str | None], remarks: list[Remark]
    ) -> None:
        self.model = model
        self.elements = model.subscripts.elements
        self.capacity_of = capacity_of
        self.remarks = remarks
        self.notes: list[str] = []
        self.between: tuple[Expression, ...] = ()

    def bound(self, node: Any, scope: Scope) -> Expression:
        """Return an expression with names of the flat model, in which each wildcard is written as ``dimension!``."""
        if isinstance(node, (Reference, Indexed)):
            return self.bound_reference(node, scope)
        if isinstance(node, Lookup) and isinstance(node.table, (Reference, Indexed)):
            table = self.bound_reference(node.table, replace(scope, around=""))
            if isinstance(table, Reference) and table.name in self.model.points:
                table = replace(table, name=self.model.points[table.name])
            return Lookup(table, self.bound(node.argument, scope))  # type: ignore[arg-type]
        if isinstance(node, Call):
            if node.function == CAPACITY:
                return self.capacity(node, scope)
            if self.model.from_vensim and node.function in _VENSIMS:
                node = replace(node, function=_VENSIMS[node.function])
            match node.arguments:
                case (Reference(name, ()),) if (
                    node.function == "size" and name in self.model.dimensions
                ):
                    if self.key_of(name, scope) not in self.model.axes:
                        return Number(float(len(self.elements(name))))
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
        """Return an aggregate such as a sum.

        If ranges have bounds that vary during a run, only the elements inside the ranges count.
        """
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
                message("read.xmile.over_range_needs_numbers", function=made.function.upper())
            )
        function = "sum" if made.function == "mean" else made.function
        kept = Call("if", (inside, made.arguments[0], _OUTSIDE[made.function]))
        result = Call(function, (kept,))
        return Call("zidz", (result, count)) if made.function == "mean" else result

    def moving_span(self, ends: tuple[Any, Any], axis: str, scope: Scope) -> str:
        """Return the subscript for a range whose bounds vary during a run: the whole axis.

        The condition that an element is inside the range is added to `between`.
        """
        place = ElementIndex(f"{axis}!")
        low, high = (
            Number(self.end(e, self.model.dimensions[axis]) + 1.0)
            if self.is_fixed(e, self.model.dimensions[axis])
            else Call("floor", (self.place(e, scope),))
            for e in ends
        )
        self.between += (Binary(">=", place, low), Binary("<=", place, high))
        return f"{axis}!"

    def of_list(self, node: Call, scope: Scope) -> float | None:
        """Return the sum, mean or other statistic of a graphical function's y values (XMILE 1.0, section 3.7.1.4).

        For other calls, return None.
        """
        match node.arguments:
            case (Reference(name, ()),) if node.function in _OF_LIST:
                key = self.key_of(name, scope)
                table = self.model.points_of(key) if self.model.is_curve(key) else None
                return None if table is None else float(_OF_LIST[node.function](table.y))
        return None

    def capacity(self, node: Call, scope: Scope) -> Expression:
        """Return the variable that limits a conveyor (Stella's CAPACITY, called CAP up to version 9)."""
        match node.arguments:
            case (Reference() | Indexed() as written,):
                holder = self.bound_reference(written, scope)
                name = self.capacity_of(holder.name) if isinstance(holder, Reference) else None
                if isinstance(holder, Reference) and name is not None:
                    return replace(holder, name=name) if name else Call("inf", ())
        raise ModelError(message("read.xmile.capacity_takes_name_conveyor"))

    def with_rows(self, node: Call, scope: Scope) -> Expression:
        """Return the call of a function that takes whole arrays, such as RANK."""
        inside = replace(scope, around="sum")
        whole = ROW_ARGUMENTS[node.function]
        arguments = (
            self.bound(a, inside if i in whole else scope) for i, a in enumerate(node.arguments)
        )
        return Call(node.function, tuple(arguments))

    def greatest(self, node: Call, scope: Scope) -> Expression:
        """Return MAX or MIN of two values. If one of them is a whole array, its largest or smallest element is used."""
        found = []
        for argument in node.arguments:
            made = self.bound(argument, scope)
            if self.is_whole(made, scope):
                inner = self.bound(argument, replace(scope, around="sum"))
                made = Call(_GREATEST[node.function], (inner,))
            found.append(made)
        return Call(node.function, tuple(found))

    def is_whole(self, node: Expression, scope: Scope) -> bool:
        """Return whether an expression spans a dimension that the left-hand side lacks."""
        if isinstance(node, Call) and (_around(node.function) or node.function in ROW_ARGUMENTS):
            return False
        if isinstance(node, Reference):
            own = set(scope.left.values())
            return any(
                s.endswith("!") or (s in self.model.dimensions and s not in own)
                for s in node.subscripts
            )
        return any(self.is_whole(child, scope) for child in children(node))

    def bound_reference(self, node: Reference | Indexed, scope: Scope) -> Expression:
        """Return the expression for a reference, with names and subscripts of the flat model."""
        key = self.key_of(node.name, scope)
        if key not in self.model.axes:
            plain = isinstance(node, Reference) and not node.subscripts
            found = self.position(node.name, scope) if plain else None
            written = node.subscripts if isinstance(node, Reference) else ()
            return found or Reference(key, written)
        if isinstance(node, Reference):
            node = Indexed(node.name, tuple(canonical(s) for s in node.subscripts), False)
        axes = self.model.axes[key]
        if node.flat:
            return self.flat(key, self.bound(node.indices[0], replace(scope, around="")))
        if not node.indices:
            return Reference(key, self.whole(axes, scope, node.transposed))
        if len(node.indices) == len(axes) + 1 and key in self.model.containers:
            return self.content(node, scope)
        if not axes and len(node.indices) == 1 and self.model.points_of(key) is not None:
            return self.point(self.model.points_of(key), node, scope)
        if len(node.indices) != len(axes):
            raise ModelError(
                message(
                    "read.xmile.dimensions_used_subscripts",
                    node=node.name,
                    count=len(axes),
                    count_2=len(node.indices),
                )
            )
        return self.element(key, node, scope)

    def content(self, node: Indexed, scope: Scope) -> Expression:
        """Return one slat of a conveyor or one batch of a queue, counted from the front.

        Source: XMILE 1.0, section 3.7.1.3.
        """
        *others, last = node.indices
        holder = self.bound_reference(Indexed(node.name, tuple(others), False), scope)
        if isinstance(last, tuple):
            raise ModelError(message("read.xmile.used_range_ask_one", node=node.name))
        place = self.place(last, scope)
        return Call("queue element", (holder, place))

    def place(self, index: Any, scope: Scope) -> Expression:
        """Return the expression for an index, which is a number, a variable or any other expression."""
        inside = replace(scope, around="")
        if isinstance(index, tuple):
            raise ModelError(message("read.xmile.range_stands_where_one"))
        if not isinstance(index, str):
            return self.bound(index, inside)
        if index.isdigit():
            return Number(float(index))
        built_in = index.replace(" ", "_")
        if self.key_of(index, scope) not in self.model.axes and built_in in ZERO_ARGUMENT:
            return Call(ZERO_ARGUMENT[built_in], ())
        return self.bound(Reference(index), inside)

    def flat(self, key: str, place: Expression) -> Expression:
        """Return the element with a given number in an array, where one number counts all elements.

        Source: XMILE 1.0, section 3.3.2.
        """
        axes = self.model.axes[key]
        sizes = [len(self.elements(a)) for a in axes]
        first = Reference(key, tuple(self.elements(a)[0] for a in axes))
        before = Binary("-", place, Number(1.0))
        indices: list[Expression] = []
        for at, size in enumerate(sizes):
            stride = Number(float(prod(sizes[at + 1 :])))
            index: Expression = Call("floor", (Binary("/", before, stride),))
            if at:
                index = Call("remainder", (index, Number(float(size))))
            indices += [Number(float(at)), Binary("+", index, Number(1.0))]
        return Call("element", (first, *indices))

    def point(self, table: Table | None, node: Indexed, scope: Scope) -> Expression:
        """Return the y value of a graphical function's point by the point's number; 0 if there is no such point."""
        assert table is not None
        index = self.place(node.indices[0], scope)
        count = len(table.y)
        numbers = tuple(float(i) for i in range(count + 2))
        return Lookup(Table(numbers, (0.0, *table.y, 0.0), "hold_backward"), index)

    def key_of(self, name: str, scope: Scope) -> str:
        """Return the variable of the flat model that a name means. A leading dot refers to the main model."""
        if name in scope.names:
            return scope.names[name]
        if name == "self" and scope.owner in self.model.axes:
            return scope.owner
        return name[1:] if name.startswith(".") else name

    def position(self, name: str, scope: Scope) -> Expression | None:
        """Return the number of an element that an equation uses as a value, or None for other names.

        If the name is that of a dimension, the result is the number of the current element.
        """
        if name in self.model.dimensions:
            left = scope.left.get(name, name)
            if left in self.elements(name):
                return Number(self.elements(name).index(left) + 1.0)
            if name in scope.left or name in scope.left.values():
                return ElementIndex(name)
            if scope.around == "sum":
                return ElementIndex(f"{name}!")
            other = self.by_place(name, scope) or name
            if other in self.elements(name):
                return Number(self.elements(name).index(other) + 1.0)
            return ElementIndex(other)
        dimension, _, element = name.rpartition(".")
        if dimension in self.model.dimensions and element in self.elements(dimension):
            return Number(self.elements(dimension).index(element) + 1.0)
        if self.model.subscripts.is_element(name):
            return ElementIndex(name)
        return None

    def whole(self, axes: tuple[str, ...], scope: Scope, transposed: bool) -> tuple[str, ...]:
        """Return the subscripts of an array that the equation writes without subscripts."""
        if scope.around == "sum":
            return tuple(f"{a}!" for a in axes)
        if transposed and len(scope.left) == len(axes):
            return tuple(scope.left.values())[::-1]
        return tuple(scope.left.get(a, a) for a in axes)

    # ---- indices

    def element(self, key: str, node: Indexed, scope: Scope) -> Expression:
        """Return the expression for an element of an array.

        The expression is a reference if the indices are fixed, and a call of ``element`` if an index varies during a
        run.
        """
        axes = self.model.axes[key]
        subscripts: list[str] = []
        moving: list[Expression] = []
        seen: list[str] = []
        for at, (index, axis) in enumerate(zip(node.indices, axes, strict=True)):
            found = self.index(index, axis, scope, seen)
            seen.append(index if isinstance(index, str) else "")
            if isinstance(found, str):
                subscripts.append(found)
            else:
                subscripts.append(self.elements(axis)[0])
                moving += [Number(float(at)), found]
        if node.transposed and len(subscripts) == 2:
            subscripts.reverse()
        reference = Reference(key, tuple(subscripts))
        return Call("element", (reference, *moving)) if moving else reference

    def index(self, written: Any, axis: str, scope: Scope, seen: list[str]) -> str | Expression:
        """Return the subscript that an index means, or the expression of an index that varies during a run."""
        dimension = self.model.dimensions[axis]
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
        if written.endswith("!") and written[:-1] in self.model.dimensions:
            return written
        if written in self.model.dimensions:
            return self.running_over(written, scope, seen)
        if (
            self.key_of(written, scope) in self.model.axes
            or written.replace(" ", "_") in ZERO_ARGUMENT
        ):
            return self.place(written, scope)
        last = written.rpartition(".")[2]
        if last in dimension.elements and written == f"{axis}.{last}":
            return last
        hint = did_you_mean(written, [*dimension.elements, *self.model.dimensions])
        raise ModelError(
            message("read.xmile.neither_element_nor_dimension", written=written, hint=hint)
        )

    def running_over(self, written: str, scope: Scope, seen: list[str]) -> str:
        """Return the subscript for an index that is the name of a dimension."""
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

    def at_position(self, number: int, dimension: Dimension, scope: Scope) -> str:
        """Return the subscript for ``@number``, which means the left-hand side's subscript at that position.

        Source: XMILE 1.0, section 3.7.1.
        """
        if not 1 <= number <= len(scope.left):
            raise ModelError(
                message(
                    "read.xmile.asks_dimension_variable_defined",
                    number=number,
                    count=len(scope.left),
                )
            )
        axis, left = list(scope.left.items())[number - 1]
        if left in dimension.elements:
            return left
        own = self.elements(axis)
        running = self.elements(left)
        if set(running) <= set(dimension.elements):
            return left
        if len(own) != len(dimension.elements):
            raise ModelError(
                message(
                    "read.xmile.stands_elements",
                    number=number,
                    axis=axis,
                    count=len(own),
                    dimension=dimension.name,
                    count_2=len(dimension.elements),
                )
            )
        part = tuple(dimension.elements[own.index(e)] for e in running)
        if left not in self.model.dimensions:
            return part[0]
        return self.model.part_of(dimension, part, f"for {left}", ((left, running),))

    def by_place(self, name: str, scope: Scope) -> str | None:
        """Return the subscript for a dimension that the left-hand side lacks, by matching elements by position.

        The dimension is matched with the only dimension of the left-hand side that has the same length. The result is
        None if this dimension is not unique, or if the dimensions are related. Such equations come from converters that
        drop the mappings between Vensim's dimensions, and only make sense element by element.
        """
        elements = self.elements(name)
        fitting = {
            axis: left
            for axis, left in scope.left.items()
            if len(self.elements(axis)) == len(elements)
        }
        related = [d for d in self.model.dimensions.values() if d.name in (name, *scope.left)]
        if (
            len(fitting) != 1
            or any(d.mappings for d in related)
            or any(set(elements) & set(self.elements(axis)) for axis in scope.left)
        ):
            return None
        ((axis, left),) = fitting.items()
        own = self.elements(axis)
        self.notes.append(message("read.xmile.dimension_stands_left_side", name=name, axis=axis))
        if left in own:
            return elements[own.index(left)]
        running = self.elements(left)
        part = tuple(elements[own.index(e)] for e in running)
        return self.model.part_of(
            self.model.dimensions[name], part, f"for {left}", ((left, running),)
        )

    def span(
        self, written: tuple[Any, Any], dimension: Dimension, scope: Scope
    ) -> str | Expression:
        """Return the subscript for a range in an index, such as ``2:5``."""
        first, last = written
        if first is None:
            if last in self.model.dimensions:
                return f"{last}!"
            raise ModelError(message("read.xmile.behind_no_dimension", last=last))
        ends = [self.end(e, dimension) for e in (first, last)]
        part = dimension.elements[min(ends) : max(ends) + 1]
        if scope.around:
            return self.model.part_of(dimension, part, f"{ends[0] + 1}:{ends[1] + 1}") + "!"
        if len(part) == 1:
            return part[0]
        for axis, subscript in scope.left.items():
            own = self.model.dimensions.get(subscript)
            if own is not None and len(own.elements) == len(part):
                label = f"{ends[0] + 1}:{ends[1] + 1} for {axis}"
                return self.model.part_of(dimension, part, label, ((own.name, own.elements),))
        if len(scope.left) == 1:
            ((axis, subscript),) = scope.left.items()
            room = len(self.elements(axis))
            if room < len(part):
                return self.cut_off(min(ends), room, axis, subscript, scope)
        raise ModelError(message("read.xmile.range_elements_stands_where", count=len(part)))

    def cut_off(self, first: int, room: int, axis: str, subscript: str, scope: Scope) -> Expression:
        """Return the index for a range that has more elements than the left-hand side (XMILE 1.0, section 3.7.1).

        Only as many elements as the left-hand side has are used.
        """
        sentence = message("read.xmile.range_stands_only_elements", axis=axis, room=room)
        self.remarks.append(Remark(sentence, None, scope.owner, fixed=True))
        own = self.elements(axis)
        place = Number(own.index(subscript) + 1.0) if subscript in own else ElementIndex(subscript)
        return Binary("+", place, Number(float(first)))

    def is_fixed(self, end: Any, dimension: Dimension) -> bool:
        """Return whether a bound of a range is an element or a number, so that it cannot vary during a run."""
        return isinstance(end, Number) or (
            isinstance(end, str) and (end in dimension.elements or end.isdigit())
        )

    def end(self, written: Any, dimension: Dimension) -> int:
        """Return the zero-based position of a bound of a range in its dimension."""
        if isinstance(written, Number):
            written = f"{written.value:g}"
        if isinstance(written, str) and written in dimension.elements:
            return dimension.elements.index(written)
        if isinstance(written, str) and written.isdigit() and written.isascii():
            if 1 <= int(written) <= len(dimension.elements):
                return int(written) - 1
            raise ModelError(
                message(
                    "read.xmile.range_ends_elements",
                    written=written,
                    dimension=dimension.name,
                    count=len(dimension.elements),
                )
            )
        raise ModelError(message("read.xmile.range_index_needs_elements"))


def numbered(value: float, dimension: Dimension) -> str:
    """Return the element with a given number in a dimension, counted from 1."""
    if value != int(value) or not 1 <= value <= len(dimension.elements):
        raise ModelError(
            message(
                "read.xmile.index_out_range_elements",
                value=value,
                dimension=dimension.name,
                count=len(dimension.elements),
            )
        )
    return dimension.elements[int(value) - 1]


def _around(function: str) -> str:
    """Return how a call uses arrays in its arguments: a value of `Scope.around`."""
    if function in AGGREGATES:
        return "sum"
    whole = FUNCTIONS[function].rows or function in ("vector select", "vector elm map")
    return "array" if whole else ""
