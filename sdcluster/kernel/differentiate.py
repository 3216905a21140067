"""Differentiate a kernel in forward mode: each value that depends on the states gets a tangent.

Exports `tangent_module(module)`, which returns a module with the entries ``tangent`` (Jacobian times one vector) and
``jacobian`` (Jacobian times several vectors). The function raises `NotSmooth` if a function of the kernel has no useful
derivative.

The tangent of an expression is its derivative along a given direction of the states. In front of each assignment, the
assignment of its tangent is inserted. In front of each store into a vector, the store of the tangent into a second
vector is inserted. Conditions, loops and indices are computed from the values, as in the original function. At a jump
or kink, the derivative is therefore that of the branch taken. If the arguments of ``max`` are equal, the derivative is
that of the first argument with a tangent. A library function is differentiated statement by statement, once for each
combination of arguments with tangents. The derivatives of elementary functions are given by rules
(`sdcluster.kernel.library.tangents`).

Source: A. Griewank & A. Walther, Evaluating Derivatives (2nd ed., 2008), chapters 3 (forward mode), 14 (branches).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from sdcluster.kernel import ir
from sdcluster.kernel.library import tangents
from sdcluster.messages import Message, message

# The entries and the types of their arguments, as in `sdcluster.kernel.targets.llvm.ENTRIES`.
ENTRIES = {"tangent": "fvpvvvv", "jacobian": "ifvpvmvm"}
ZERO = ir.Number(0.0)

# Functions with a zero tangent, whatever their argument.
_STEPS = frozenset({"int", "bool", "isnan", "len", "floor", "ceil", "trunc"})
# Functions that find a root by iteration: differentiating their branches does not give the derivative of the root.
_ROOTS: dict[str, Callable[[], Message]] = {
    "allocate_available": lambda: message("kernel.an_allocation"),
    "market_priority": lambda: message("kernel.an_allocation"),
    "market_price": lambda: message("kernel.a_market_price"),
    "return_rate": lambda: message("kernel.a_rate_of_return"),
    "truncated_normal": lambda: message("kernel.a_quantile"),
    "unknown_quantile": lambda: message("kernel.a_quantile"),
}


class NotSmooth(Exception):
    """Raised if the kernel contains a function without a useful derivative. The message names the function."""


def tangent_module(module: ir.Module) -> ir.Module:
    """Return a kernel with entries that multiply its Jacobian by vectors.

    Parameters
    ----------
    module : ir.Module
        Module of a kernel. Its ``rhs(t, y, p, dy)`` is differentiated.

    Returns
    -------
    ir.Module
        The module with two more functions. ``tangent(t, y, p, dy, v, w, jv)`` writes the derivatives into ``dy`` and
        the Jacobian of ``rhs`` with respect to ``y``, times ``v``, into ``jv``. ``w`` holds the tangents of arrays:
        it is as long as ``p`` and initially zero. ``jacobian(count, t, y, p, dy, vs, w, jvs)`` does the same for each
        of `count` rows of ``vs``.

    Raises
    ------
    NotSmooth
        If a value that depends on the states is found by iteration, such as a market price.
    """
    return _Derivative(module).module()


class _Derivative:
    """The tangent functions of one kernel, generated on demand."""

    def __init__(self, kernel: ir.Module) -> None:
        self.kernel = kernel.with_library(tangents.module())
        self.made: dict[str, ir.Function] = {}
        self.moving_results: dict[str, bool] = {}
        self._writing: dict[str, bool] = {}

    def module(self) -> ir.Module:
        rhs = self.kernel.functions["rhs"]()
        moves = [False, True, _stores_into(rhs, "p"), True]
        tangent = _Function(self, rhs, moves, result=False)
        parameters = ("t", "y", "p", "dy", twin("y"), twin("p"), twin("dy"))
        self.made["tangent"] = ir.Function("tangent", parameters, tangent.body)
        self.made["jacobian"] = _repeated()
        functions: dict[str, Callable[[], ir.Function]] = {
            name: partial(_the, function) for name, function in self.made.items()
        }
        return ir.Module(
            {**self.kernel.functions, **functions},
            self.kernel.numbers,
            self.kernel.tables,
            self.kernel.indexes,
        )

    def rule(self, name: str) -> str | None:
        """Return the name of the function that computes an elementary function's tangent, or None if it is missing.

        The function takes all arguments of the elementary function, followed by their tangents.
        """
        return f"{name}_tangent" if f"{name}_tangent" in self.kernel.functions else None

    def of(self, name: str, moves: list[bool]) -> str:
        """Return the name of the function that computes a library function's tangent.

        `moves` says, for each argument of the library function, whether it has a tangent.
        """
        if name in _ROOTS:
            raise NotSmooth(message("kernel.no_derivative_because_found", roots=_ROOTS[name]()))
        if name not in self.kernel.functions:
            raise NotSmooth(message("kernel.function_no_derivative", name=name))
        made = f"{name}_along_{''.join('01'[m] for m in moves)}"
        if made not in self.made:
            function = self.kernel.functions[name]()
            tangent = _Function(self, function, moves, result=True)
            extra = [twin(p) for p, m in zip(function.parameters, moves, strict=True) if m]
            self.made[made] = ir.Function(made, (*function.parameters, *extra), tangent.body)
            self.moving_results[made] = tangent.result_moves
        return made

    def writes(self, name: str) -> bool:
        """Whether a function writes into its vector arguments."""
        if name not in self._writing:
            self._writing[name] = False
            if name in self.kernel.functions:
                statements = list(ir.walk(self.kernel.functions[name]().body))
                self._writing[name] = any(isinstance(s, ir.Store | ir.Do) for s in statements)
        return self._writing[name]


def _repeated() -> ir.Function:
    """Return the function ``jacobian``, which calls ``tangent`` once for each of several vectors."""
    t, y, p, dy, w, at = map(ir.Name, ("t", "y", "p", "dy", "w", "i"))
    direction, product = (ir.Element(ir.Name(n), at) for n in ("directions", "products"))
    call = ir.Call("tangent", (t, y, p, dy, direction, w, product))
    loop = ir.For("i", ir.Number(0), ir.Name("count"), 1, (ir.Do(call),))
    parameters = ("count", "t", "y", "p", "dy", "directions", "w", "products")
    return ir.Function("jacobian", parameters, (loop,))


def _the(function: ir.Function) -> ir.Function:
    return function


def twin(name: str) -> str:
    """Return the name of the variable that contains the tangent of a given variable."""
    return f"{name}_dot"


def _stores_into(function: ir.Function, vector: str) -> bool:
    """Whether a function can write into the vector argument of this name."""
    return any(
        (isinstance(s, ir.Store) and s.vector == ir.Name(vector))
        or (isinstance(s, ir.Do) and ir.Name(vector) in s.call.arguments)
        for s in ir.walk(function.body)
    )


Both = tuple[ir.Expression, ir.Expression | None]  # a value and its tangent, if any


class _Function:
    """Differentiates one function.

    Parameters
    ----------
    derivative : _Derivative
    function : ir.Function
    moves : list of bool
        Whether each parameter has a tangent.
    result : bool
        Whether the new function returns the tangent of the result.
    """

    def __init__(
        self, derivative: _Derivative, function: ir.Function, moves: list[bool], result: bool
    ) -> None:
        if len(moves) != len(function.parameters):
            raise NotSmooth(
                message("kernel.called_arguments", function=function.name, count=len(moves))
            )
        self.derivative, self.function, self.result = derivative, function, result
        self.moving = {p for p, m in zip(function.parameters, moves, strict=True) if m}
        self.result_moves = False
        self.count = 0
        self.out: list[ir.Statement] = []
        # Repeat until no further variable gets a tangent, because a loop may carry a tangent to an earlier statement.
        while True:
            before = len(self.moving), self.result_moves
            self.count = 0
            self.body = self.block(function.body)
            if before == (len(self.moving), self.result_moves):
                break
        names = ir.used(function.body) | set(function.parameters)
        assert names.isdisjoint(map(twin, names))

    # ---- statements

    def block(self, statements: ir.Block) -> ir.Block:
        outer, self.out = self.out, []
        for statement in statements:
            self.statement(statement)
        made, self.out = tuple(self.out), outer
        return made

    def statement(self, node: ir.Statement) -> None:
        match node:
            case ir.Assign(name, value):
                self.assign(name, value)
            case ir.Store(vector, at, value):
                self.store(vector, at, value)
            case ir.If(test, body, otherwise):
                self.out.append(ir.If(test, self.block(body), self.block(otherwise)))
            case ir.For(name, first, last, step, body):
                own = self.block(body)
                if name in self.moving:
                    own = (ir.Assign(twin(name), ZERO), *own)
                self.out.append(ir.For(name, first, last, step, own))
            case ir.While(test, body):
                self.out.append(ir.While(test, self.block(body)))
            case ir.Return(value) if value is not None and self.result:
                _, tangent = self.both(value)
                self.result_moves |= tangent is not None
                self.out.append(ir.Return(tangent or ZERO))
            case ir.Do(call):
                self.do(call)
            case _:
                self.out.append(node)

    def assign(self, name: str, node: ir.Expression) -> None:
        value, tangent = self.both(node)
        if tangent is not None:
            self.moving.add(name)
        if name in self.moving:
            self.out.append(ir.Assign(twin(name), ZERO if tangent is None else tangent))
        self.out.append(ir.Assign(name, value))

    def store(self, vector: ir.Expression, at: ir.Expression, node: ir.Expression) -> None:
        value, tangent = self.both(node)
        shadow = self.shadow(vector)
        if shadow is None:
            if tangent is not None:
                raise NotSmooth(message("kernel.value_moves_kept_vector"))
        else:
            at = self.simple(at)
            self.out.append(ir.Store(shadow, at, ZERO if tangent is None else tangent))
        self.out.append(ir.Store(vector, at, value))

    def do(self, call: ir.Call) -> None:
        arguments = [self.both(a) for a in call.arguments]
        if all(tangent is None for _, tangent in arguments):
            self.out.append(ir.Do(call))
            return
        name = self.derivative.of(call.function, [t is not None for _, t in arguments])
        values = [v for v, _ in arguments] + [t for _, t in arguments if t is not None]
        self.out.append(ir.Do(ir.Call(name, tuple(values))))

    # ---- expressions

    def shadow(self, vector: ir.Expression) -> ir.Expression | None:
        """Return the vector that holds the tangents of a vector, or None if that vector does not depend on states."""
        if isinstance(vector, ir.Name):
            return ir.Name(twin(vector.name)) if vector.name in self.moving else None
        raise NotSmooth(message("kernel.rows_table_vectors"))

    def simple(self, node: ir.Expression) -> ir.Expression:
        """Return an expression with the same value that is cheap to evaluate twice.

        For a costly expression, the result is a new local variable.
        """
        match node:
            case ir.Number() | ir.Name():
                return node
            case ir.Element(ir.Name(), ir.Number()):
                return node
        self.count += 1
        name = f"held_{self.count}"
        self.out.append(ir.Assign(name, node))
        return ir.Name(name)

    def both(self, node: ir.Expression) -> Both:
        """Return an expression's value and tangent. Common subexpressions are assigned to local variables first."""
        match node:
            case ir.Name(name):
                return node, ir.Name(twin(name)) if name in self.moving else None
            case ir.Unary("-", operand):
                value, tangent = self.both(operand)
                return ir.Unary("-", value), tangent and ir.Unary("-", tangent)
            case ir.Binary():
                return self.binary(node)
            case ir.Choice():
                return self.choice(node)
            case ir.Element(vector, at):
                return self.element(vector, at)
            case ir.Call():
                return self.call(node)
        return node, None  # numbers, comparisons, logical operators

    def element(self, vector: ir.Expression, at: ir.Expression) -> Both:
        shadow = self.shadow(vector)
        if shadow is None:
            return ir.Element(vector, at), None
        at = self.simple(at)
        return ir.Element(vector, at), ir.Element(shadow, at)

    def binary(self, node: ir.Binary) -> Both:
        sign = node.operator
        (a, da), (b, db) = self.both(node.left), self.both(node.right)
        if da is None and db is None:
            return ir.Binary(sign, a, b), None
        match sign:
            case "+" | "-":
                return ir.Binary(sign, a, b), _sum(da, db, sign)
            case "*":
                a, b = (self.simple(a) if db else a), (self.simple(b) if da else b)
                left = da and ir.Binary("*", da, b)
                right = db and ir.Binary("*", a, db)
                return ir.Binary("*", a, b), _sum(left, right, "+")
            case "/":
                b = self.simple(b)
                value: ir.Expression = ir.Binary("/", a, b)
                if db is not None:
                    value = self.simple(value)
                    da = _sum(da, ir.Binary("*", value, db), "-")
                assert da is not None
                return value, ir.Binary("/", da, b)
            case "%":
                if db is None:
                    return ir.Binary("%", a, b), da
                a, b = self.simple(a), self.simple(b)
                value = self.simple(ir.Binary("%", a, b))
                times = ir.Binary("/", ir.Binary("-", a, value), b)
                return value, _sum(da, ir.Binary("*", times, db), "-")
            case "//":
                return ir.Binary("//", a, b), None
        raise NotSmooth(message("kernel.operator_no_derivative", sign=sign))

    def choice(self, node: ir.Choice) -> Both:
        test = node.condition
        outer = self.out
        yes_before: list[ir.Statement] = []
        no_before: list[ir.Statement] = []
        self.out = yes_before
        yes, dyes = self.both(node.yes)
        self.out = no_before
        no, dno = self.both(node.no)
        self.out = outer
        if dyes is None and dno is None:
            return node, None
        if not yes_before and not no_before:
            test = self.simple(test)
            return ir.Choice(test, yes, no), ir.Choice(test, dyes or ZERO, dno or ZERO)
        # Only the branch taken may be evaluated, so the assignments that it needs go into an `if`.
        self.count += 1
        name = f"held_{self.count}"
        for before, value, tangent in ((yes_before, yes, dyes), (no_before, no, dno)):
            before += [ir.Assign(twin(name), tangent or ZERO), ir.Assign(name, value)]
        self.out.append(ir.If(test, tuple(yes_before), tuple(no_before)))
        return ir.Name(name), ir.Name(twin(name))

    def call(self, node: ir.Call) -> Both:
        name = node.function
        parts = [self.both(a) for a in node.arguments]
        if name in _STEPS or all(tangent is None for _, tangent in parts):
            return node, None
        if name in ("bits", "from_bits"):
            raise NotSmooth(message("kernel.bits_number_no_derivative"))
        if name == "float":
            return ir.Call(name, (parts[0][0],)), parts[0][1]
        if name in ("min", "max"):
            return self.extreme(name, parts)
        parts = [(self.simple(value), tangent) for value, tangent in parts]
        values = tuple(value for value, _ in parts)
        rule = self.derivative.rule(name)
        if rule is not None:
            return ir.Call(name, values), ir.Call(rule, (*values, *(t or ZERO for _, t in parts)))
        if self.derivative.writes(name):
            raise NotSmooth(message("kernel.no_derivative_because_changes", name=name))
        made = self.derivative.of(name, [t is not None for _, t in parts])
        if not self.derivative.moving_results[made]:
            return ir.Call(name, values), None
        moving = (t for _, t in parts if t is not None)
        return ir.Call(name, values), ir.Call(made, (*values, *moving))

    def extreme(self, name: str, parts: list[Both]) -> Both:
        """Return the minimum or maximum with its tangent. If arguments are equal, the first tangent is used."""
        sign = {"min": "<=", "max": ">="}[name]
        value, tangent = parts[0]
        for other, other_tangent in parts[1:]:
            if tangent is not None or other_tangent is not None:
                value, other = self.simple(value), self.simple(other)
                if tangent is None:
                    first = ir.Compare(sign, other, value)
                    tangent = ir.Choice(first, other_tangent or ZERO, ZERO)
                else:
                    first = ir.Compare(sign, value, other)
                    tangent = ir.Choice(first, tangent, other_tangent or ZERO)
            value = ir.Call(name, (value, other))
        return value, tangent


def _sum(
    left: ir.Expression | None, right: ir.Expression | None, sign: str
) -> ir.Expression | None:
    """Return the sum or difference of two tangents. None means a tangent of zero."""
    if right is None:
        return left
    if left is None:
        return right if sign == "+" else ir.Unary("-", right)
    return ir.Binary(sign, left, right)
