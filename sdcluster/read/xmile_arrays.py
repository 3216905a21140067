"""References of XMILE equations: which variable of the flat model, which elements of an array.

Crosses the border: `Arrays`, the base of `sdcluster.read.xmile_equations`, and `XmileTranslator`. See XMILE 1.0,
sections 3.7 (arrays) and 4.1.4 (their elements).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sdcluster.errors import ModelError, did_you_mean
from sdcluster.model import Dimension
from sdcluster.model.expression import (
    AGGREGATES,
    ROW_ARGUMENTS,
    Call,
    ElementIndex,
    Expression,
    Lookup,
    Number,
    Reference,
    children,
    rebuilt,
)
from sdcluster.model.functions import FUNCTIONS
from sdcluster.model.names import canonical
from sdcluster.read.translate import Translator
from sdcluster.read.xmile_grammar import IndexedStructure, Span
from sdcluster.read.xmile_nodes import Nodes

_GREATEST = {"max": "vmax", "min": "vmin"}


@dataclass(frozen=True)
class Indexed:
    """A reference whose indices are still to be understood; it never leaves the reader.

    Parameters
    ----------
    name : str
        Canonical name, as the equation has it.
    indices : tuple of str, Expression or tuple
        A pair is a range; a ``*`` before a colon is None.
    transposed : bool
    """

    name: str
    indices: tuple[Any, ...]
    transposed: bool


class XmileTranslator(Translator):
    """Translates what XMILE has and Vensim has not: indices that are ranges or expressions, and transposition."""

    def IndexedStructure(self, ast: IndexedStructure) -> Any:  # noqa: D102
        indices = tuple(
            (self._end(i.first), self._end(i.last)) if isinstance(i, Span) else self._end(i)
            for i in ast.indices
        )
        return Indexed(canonical(ast.reference), indices, ast.transposed)

    def _end(self, ast: Any) -> Any:
        return ast if ast is None or isinstance(ast, str) else self.visit(ast)


@dataclass(frozen=True)
class Scope:
    """Where a reference stands.

    Parameters
    ----------
    names : mapping of str to str
        For every name that the equation may use, the variable of the flat model.
    left : mapping of str to str
        For each dimension of the variable that is defined, the subscript on the equation's left side.
    around : {"", "sum", "array"}
        Whether the nearest call around it runs over dimensions, or takes whole arrays.
    owner : str
        The variable that is defined, which Stella calls SELF.
    """

    names: Mapping[str, str]
    left: Mapping[str, str]
    around: str = ""
    owner: str = ""


class Arrays(Nodes):
    """Makes references plain.

    Attributes
    ----------
    dimensions : dict of str to Dimension
        Parts of dimensions that equations use as ranges are added.
    points : dict of str to str
        For arrays with graphical functions and equations, the hidden array of the graphical functions alone.
    notes : list of str
        Liberties taken in the equation at hand.
    axes : dict of str to tuple of str
        Dimensions of each variable of the flat model.
    containers : frozenset of str
        Conveyors and queues.
    """

    dimensions: dict[str, Dimension]
    notes: list[str]
    points: dict[str, str]
    axes: dict[str, tuple[str, ...]]
    containers: frozenset[str] = frozenset()

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
            match node.arguments:
                case (Reference(name, ()),) if node.function == "size" and name in self.dimensions:
                    if self.key_of(name, scope) not in self.axes:
                        return Number(float(len(self.dimensions[name].elements)))
            if node.function in ROW_ARGUMENTS:
                return self.with_rows(node, scope)
            if node.function in _GREATEST and not scope.around:
                return self.greatest(node, scope)
            scope = replace(scope, around=_around(node.function) or scope.around)
        return rebuilt(node, lambda child: self.bound(child, scope))

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
        if not node.indices:
            return Reference(key, self.whole(axes, scope, node.transposed))
        if len(node.indices) == len(axes) + 1 and key in self.containers:
            return self.content(node, scope)
        if len(node.indices) != len(axes):
            raise ModelError(
                f'"{node.name}" has {len(axes)} dimensions, but is used with {len(node.indices)} subscripts'
            )
        return self.element(key, node, scope)

    def content(self, node: Indexed, scope: Scope) -> Expression:
        """Return one slat of a conveyor or one batch of a queue, counted from the front (XMILE 1.0, 3.7.1.3)."""
        *others, last = node.indices
        holder = self.bound_reference(Indexed(node.name, tuple(others), False), scope)
        if isinstance(last, str):
            place = Number(float(last)) if last.isdigit() else self.bound(Reference(last), scope)
        elif isinstance(last, tuple):
            raise ModelError(f'"{node.name}" is used with a range; ask for one slat or batch')
        else:
            place = self.bound(last, scope)
        return Call("queue element", (holder, place))

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
            return self.span(written, dimension, scope)
        if isinstance(written, Number):
            return _numbered(written.value, dimension)
        if not isinstance(written, str):
            return self.bound(written, replace(scope, around=""))
        if written == "*":
            return scope.left.get(axis, f"{axis}!") if not scope.around else f"{axis}!"
        if written in dimension.elements:
            return written
        if written.isdigit():
            return _numbered(float(written), dimension)
        if written.endswith("!") and written[:-1] in self.dimensions:
            return written
        if written in self.dimensions:
            return self.running_over(written, scope, seen)
        if self.key_of(written, scope) in self.axes:
            return self.bound_reference(Reference(written), replace(scope, around=""))
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

    def by_place(self, name: str, scope: Scope) -> str | None:
        """Return the subscript for a dimension that the left side does not have, place by place, if one fits.

        Converters drop what Vensim's dimensions are mapped to; between two of one length nothing else can be meant.
        """
        elements = self.dimensions[name].elements
        fitting = {
            axis: left
            for axis, left in scope.left.items()
            if len(self.dimensions[axis].elements) == len(elements)
        }
        related = [d for d in self.dimensions.values() if d.name in (name, *scope.left)]
        if (
            len(fitting) != 1
            or any(d.mappings for d in related)
            or any(set(elements) & set(self.dimensions[axis].elements) for axis in scope.left)
        ):
            return None
        ((axis, left),) = fitting.items()
        own = self.dimensions[axis].elements
        self.notes.append(
            f'the dimension "{name}" stands for "{axis}" on the left side, place by place; nothing says so in the file'
        )
        if left in own:
            return elements[own.index(left)]
        running = self.dimensions[left].elements
        part = tuple(elements[own.index(e)] for e in running)
        return self.part_of(self.dimensions[name], part, f"for {left}", ((left, running),))

    def span(self, written: tuple[Any, Any], dimension: Dimension, scope: Scope) -> str:
        """Return the subscript for a range of an index."""
        first, last = written
        if first is None:
            if last in self.dimensions:
                return f"{last}!"
            raise ModelError(f'"{last}" behind *: is no dimension')
        ends = [self.end(e, dimension) for e in (first, last)]
        part = dimension.elements[min(ends) : max(ends) + 1]
        if scope.around:
            return self.part_of(dimension, part, f"{ends[0] + 1}:{ends[1] + 1}", ()) + "!"
        if len(part) == 1:
            return part[0]
        for axis, subscript in scope.left.items():
            own = self.dimensions.get(subscript)
            if own is not None and len(own.elements) == len(part):
                label = f"{ends[0] + 1}:{ends[1] + 1} for {axis}"
                return self.part_of(dimension, part, label, ((own.name, own.elements),))
        raise ModelError(
            f"a range of {len(part)} elements stands where one is expected; sum it, or give the variable a dimension "
            f"of {len(part)} elements"
        )

    def end(self, written: Any, dimension: Dimension) -> int:
        """Return the place of one end of a range."""
        if isinstance(written, Number):
            written = f"{written.value:g}"
        if isinstance(written, str) and written in dimension.elements:
            return dimension.elements.index(written)
        if isinstance(written, str) and written.isdigit() and written.isascii():
            if 1 <= int(written) <= len(dimension.elements):
                return int(written) - 1
            raise ModelError(
                f'the range ends at {written}, but "{dimension.name}" has {len(dimension.elements)} elements'
            )
        raise ModelError("a range of an index needs elements or numbers as its ends")

    def part_of(
        self,
        dimension: Dimension,
        part: tuple[str, ...],
        label: str,
        mappings: tuple[tuple[str, tuple[str, ...]], ...],
    ) -> str:
        """Add a part of a dimension, and return its name."""
        name = f"⟨{dimension.name} {label}⟩"
        self.dimensions.setdefault(name, Dimension(name, part, mappings))
        return name


def _around(function: str) -> str:
    """Return what a call does with the arrays inside it; see `Scope`."""
    if function in AGGREGATES:
        return "sum"
    whole = FUNCTIONS[function].rows or function in ("vector select", "vector elm map")
    return "array" if whole else ""


def _numbered(value: float, dimension: Dimension) -> str:
    if value != int(value) or not 1 <= value <= len(dimension.elements):
        raise ModelError(
            f'the index {value:g} is out of range: "{dimension.name}" has {len(dimension.elements)} elements'
        )
    return dimension.elements[int(value) - 1]
