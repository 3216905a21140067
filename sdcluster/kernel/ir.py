"""Intermediate representation of a kernel: functions of numbers and vectors as trees of named tuples.

Exports the node types and `Module`. `sdcluster.kernel.parse` builds the trees, transformations rewrite them,
`sdcluster.kernel.kinds` infers types and `sdcluster.kernel.targets` generates code.

A node has no type, because a library function can be called with integers in one place and with doubles in another.
Types are inferred for each combination of a function and its argument types (`sdcluster.kernel.kinds.Kinds`). Trees are
immutable, and trees with the same content compare equal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

# ---- expressions


class Number(NamedTuple):
    """A constant: double, 64-bit integer or boolean."""

    value: float


class Name(NamedTuple):
    """A parameter, a local variable, or a constant or table of the module."""

    name: str


class Unary(NamedTuple):
    """A unary operation: ``-`` or ``not``."""

    operator: str
    operand: Expression


class Binary(NamedTuple):
    """A binary operation: ``+ - * / % // **``, and for integers also ``& | ^ << >>``."""

    operator: str
    left: Expression
    right: Expression


class Compare(NamedTuple):
    """A comparison: ``< <= > >= == !=``. If an operand is NaN, ``!=`` gives true and all others give false."""

    operator: str
    left: Expression
    right: Expression


class Logic(NamedTuple):
    """The operation ``and`` or ``or``.

    The right operand is evaluated only if the left operand does not determine the result.
    """

    operator: str
    left: Expression
    right: Expression


class Choice(NamedTuple):
    """A conditional expression: `yes` if the condition is true, `no` otherwise.

    Only the chosen expression is evaluated.
    """

    condition: Expression
    yes: Expression
    no: Expression


class Element(NamedTuple):
    """An element of a vector or table, or a row of a matrix."""

    vector: Expression
    at: Expression


class Call(NamedTuple):
    """A call of a function of the module, or of an intrinsic, which every target has (see `INTRINSICS`)."""

    function: str
    arguments: tuple[Expression, ...]


Expression = Number | Name | Unary | Binary | Compare | Logic | Choice | Element | Call

# ---- statements


class Assign(NamedTuple):
    """Assign to a local variable. A variable that names a vector is assigned only once."""

    name: str
    value: Expression


class Store(NamedTuple):
    """Assign a value to an element of a vector."""

    vector: Expression
    at: Expression
    value: Expression


class If(NamedTuple):
    """Execute `body` if the test is true, and `otherwise` if it is false."""

    test: Expression
    body: Block
    otherwise: Block


class For(NamedTuple):
    """Loop with counter `name` from `first` up to but excluding `last`, by the constant `step`."""

    name: str
    first: Expression
    last: Expression
    step: int
    body: Block


class While(NamedTuple):
    """Loop while the test is true."""

    test: Expression
    body: Block


class Return(NamedTuple):
    """Return from the function."""

    value: Expression | None


class Break(NamedTuple):
    """Leave the innermost loop."""


class Continue(NamedTuple):
    """Continue with the next iteration of the innermost loop."""


class Do(NamedTuple):
    """Call a function for its effect on its vector arguments."""

    call: Call


Statement = Assign | Store | If | For | While | Return | Break | Continue | Do
Block = tuple[Statement, ...]


class Function(NamedTuple):
    """A function: its name, its parameters and its statements."""

    name: str
    parameters: tuple[str, ...]
    body: Block


@dataclass(frozen=True)
class Module:
    """All functions and constants of a kernel.

    Parameters
    ----------
    functions : mapping of str to callable
        Factory for each function, by name. Trees are built on demand, because large ones take much memory.
    numbers : dict of str to float
        Constants such as infinity.
    tables : dict of str to tuple of float
        Constant tables of doubles.
    indexes : dict of str to tuple of int
        Constant tables of integers.
    """

    functions: Mapping[str, Callable[[], Function]]
    numbers: dict[str, float] = field(default_factory=dict)
    tables: dict[str, tuple[float, ...]] = field(default_factory=dict)
    indexes: dict[str, tuple[int, ...]] = field(default_factory=dict)

    @staticmethod
    def of(
        functions: Iterable[Function],
        numbers: dict[str, float] | None = None,
        tables: dict[str, tuple[float, ...]] | None = None,
        indexes: dict[str, tuple[int, ...]] | None = None,
    ) -> Module:
        """Return a module of functions whose trees have already been built."""
        made = {f.name: partial(_same, f) for f in functions}
        return Module(made, numbers or {}, tables or {}, indexes or {})

    def parts(self) -> tuple[tuple[Function, ...], dict[str, Any], dict[str, Any], dict[str, Any]]:
        """Return the four arguments with which `of` creates an equal module.

        The trees of all functions are built for this.
        """
        functions = tuple(make() for make in self.functions.values())
        return functions, self.numbers, self.tables, self.indexes

    def with_library(self, library: Module) -> Module:
        """Return this module combined with a library.

        If this module and the library define the same name, this module's definition is used.
        """
        return Module(
            {**library.functions, **self.functions},
            library.numbers | self.numbers,
            library.tables | self.tables,
            library.indexes | self.indexes,
        )


def _same(function: Function) -> Function:
    return function


# Functions for which each target has exact instructions, so that all targets give the same bits.
INTRINSICS = frozenset(
    {
        "abs",
        "sqrt",
        "min",
        "max",
        "int",
        "float",
        "bool",
        "len",
        "isnan",
        "bits",
        "from_bits",
        "some",
    }
)


def children(node: Expression) -> Iterator[Expression]:
    """Yield the direct subexpressions of an expression."""
    match node:
        case Unary(_, operand):
            yield operand
        case Binary(_, left, right) | Compare(_, left, right) | Logic(_, left, right):
            yield left
            yield right
        case Choice():
            yield from node
        case Element(vector, index):
            yield vector
            yield index
        case Call(_, arguments):
            yield from arguments


def within(node: Expression) -> Iterator[Expression]:
    """Yield an expression and all its subexpressions."""
    yield node
    for child in children(node):
        yield from within(child)


def expressions(statement: Statement) -> Iterator[Expression]:
    """Yield the expressions of a statement, but not those in its nested blocks."""
    match statement:
        case Assign(_, value):
            yield value
        case Store(vector, index, value):
            yield vector
            yield index
            yield value
        case If(test) | While(test):
            yield test
        case For(_, first, last):
            yield first
            yield last
        case Return(value) if value is not None:
            yield value
        case Do(call):
            yield call


def blocks(statement: Statement) -> Iterator[Block]:
    """Yield the nested blocks of a statement."""
    match statement:
        case If(_, body, otherwise):
            yield body
            yield otherwise
        case For(body=body) | While(body=body):
            yield body


def names(node: Expression) -> Iterator[str]:
    """Yield the names in an expression, once for each occurrence."""
    pending: list[tuple[object, ...]] = [node]
    while pending:
        item = pending.pop()
        if isinstance(item, Name):
            yield item.name
        else:
            pending += [part for part in item if isinstance(part, tuple)]


def walk(block: Block) -> Iterator[Statement]:
    """Yield all statements of a block, including nested blocks."""
    for statement in block:
        yield statement
        for inner in blocks(statement):
            yield from walk(inner)


def stored(block: Block) -> dict[str, None]:
    """Return the local variables that a block assigns, in order, as the keys of a dictionary."""
    return dict.fromkeys(s.name for s in walk(block) if isinstance(s, (Assign, For)))


class Mentions(NamedTuple):
    """The names used in a block or statement.

    Parameters
    ----------
    names : set of str
        All names, including assigned ones.
    changed : set of str
        Vectors that the statements can modify: targets of stores and arguments of calls.
    called : set of str
        Functions that are called.
    """

    names: set[str]
    changed: set[str]
    called: set[str]


def mentions(block: Block | Statement) -> Mentions:
    """Return the names used in a block or statement."""
    found = Mentions(set(), set(), set())
    pending: list[tuple[Any, ...]] = [block]
    while pending:
        item = pending.pop()
        kind = type(item)
        if kind is Name:
            found.names.add(item[0])
        elif kind in _WITH_OPERATOR:
            pending += item[1:]
        elif kind is not Number:
            if kind is Store:
                found.changed.update(names(item[0]))
            elif kind is Call:
                found.called.add(item[0])
                found.changed.update([a.name for a in item[1] if type(a) is Name])
            elif kind is Assign or kind is For:
                found.names.add(item[0])
            pending += [part for part in item if isinstance(part, tuple)]
    return found


_WITH_OPERATOR = frozenset({Unary, Binary, Compare, Logic})


def used(block: Block) -> set[str]:
    """Return all names in a block."""
    return mentions(block).names


def called(block: Block) -> set[str]:
    """Return the names of the functions that a block calls."""
    return mentions(block).called


def rebuilt(node: Expression, change: Callable[[Expression], Expression]) -> Expression:
    """Return an expression in which the results of a function replace all subexpressions, the innermost first."""
    match node:
        case Unary(operator, operand):
            node = Unary(operator, rebuilt(operand, change))
        case (
            Binary(operator, left, right)
            | Compare(operator, left, right)
            | Logic(operator, left, right)
        ):
            node = type(node)(operator, rebuilt(left, change), rebuilt(right, change))
        case Choice() | Element():
            node = type(node)(*(rebuilt(child, change) for child in node))
        case Call(function, arguments):
            node = Call(function, tuple(rebuilt(a, change) for a in arguments))
    return change(node)


def mapped(statement: Statement, change: Callable[[Expression], Expression]) -> Statement:
    """Return a statement in which the results of a function replace all expressions, also those in nested blocks."""

    def new(node: Expression) -> Expression:
        return rebuilt(node, change)

    def all_of(block: Block) -> Block:
        return tuple(mapped(s, change) for s in block)

    match statement:
        case Assign(name, value):
            return Assign(name, new(value))
        case Store(vector, index, value):
            return Store(new(vector), new(index), new(value))
        case If(test, body, otherwise):
            return If(new(test), all_of(body), all_of(otherwise))
        case For(name, first, last, step, body):
            return For(name, new(first), new(last), step, all_of(body))
        case While(test, body):
            return While(new(test), all_of(body))
        case Return(value) if value is not None:
            return Return(new(value))
        case Do(call):
            changed = new(call)
            assert isinstance(changed, Call)
            return Do(changed)
    return statement
