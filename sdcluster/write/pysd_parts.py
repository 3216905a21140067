"""Rewrite constructs that PySD's XMILE reader does not support.

`readable(found, model)` converts a list of `sdcluster.write.parts.Writable` objects. PySD's reader has three limits:

- It reads a single initial value for a whole stock. If the initial values of the elements differ, a separate variable
  holds these values.
- It reads a graphical function only next to the equation of a whole variable. All other graphical functions become
  separate variables, as does each element of an array of graphical functions.
- It supports neither ``look_forward`` nor ``raw`` interpolation. Both are converted to ``hold_backward``.
"""

from __future__ import annotations

from dataclasses import replace

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.model import Equation, Model, Variable
from sdcluster.model.expression import (
    Expression,
    Lookup,
    Number,
    Reference,
    Table,
    Unary,
    rebuilt,
    walk,
)
from sdcluster.model.missing import NA
from sdcluster.model.names import canonical
from sdcluster.write.parts import Writable


def readable(found: list[Writable], model: Model) -> list[Writable]:
    """Return the variables in forms that PySD can read.

    Raises
    ------
    ModelError
        If the model contains a conveyor or a queue, or uses an array of graphical functions as a whole.
    """
    return _Readable(found, model).all()


class _Readable:
    def __init__(self, found: list[Writable], model: Model) -> None:
        self.found, self.model = found, model
        self.names = {w.variable.key for w in found}
        self.added: list[Writable] = []
        self.curves: dict[tuple[str, tuple[str, ...]], str] = {}
        self.arrays: set[str] = set()
        self.mirrored: set[str] = set()

    def all(self) -> list[Writable]:
        kept = [w for w in self.found if not self.is_array_of_curves(w)]
        made = []
        for writable in kept:
            try:
                made.append(self.one(writable))
            except ModelError as error:
                raise self.located(error, writable.variable) from None
        return made + self.added

    def located(self, error: ModelError, variable: Variable) -> ModelError:
        return ModelError(
            message("write.cannot_written_pysd", variable=variable.name, reason=error.sentence),
            file=self.model.path,
            line=variable.line,
            variable=variable.name,
        )

    def is_array_of_curves(self, writable: Writable) -> bool:
        """Return whether a variable is an array of graphical functions.

        If so, each of the functions is added as a variable of its own. A single graphical function gets an
        interpolation that PySD supports.
        """
        variable = writable.variable
        if variable.kind != "lookup":
            return False
        if not variable.dimensions:
            table = writable.equations[0].expression
            if isinstance(table, Table) and table.interpolation == "look_forward":
                self.mirrored.add(variable.key)
            writable.equations = [Equation(_staircase(table, self.model.time.dt))]
            return False
        self.arrays.add(variable.key)
        for equation in writable.equations:
            table = equation.expression
            spelled = " ".join(map(self.model.spelled, equation.subscripts))
            key = self.curve(f"{variable.name} {spelled}", table)
            self.curves[variable.key, equation.subscripts] = key
        return True

    def fresh(self, wanted: str) -> str:
        name, count = wanted, 1
        while canonical(name) in self.names:
            count += 1
            name = f"{wanted} {count}"
        self.names.add(canonical(name))
        return name

    def curve(self, wanted: str, table: Expression) -> str:
        """Add a variable with a graphical function, and return the key of the variable."""
        name = self.fresh(wanted)
        helper = Variable(name, "lookup", (Equation(_staircase(table, self.model.time.dt)),))
        if isinstance(table, Table) and table.interpolation == "look_forward":
            self.mirrored.add(helper.key)
        self.added.append(Writable(helper, list(helper.equations)))
        return helper.key

    def one(self, writable: Writable) -> Writable:
        variable = writable.variable
        if variable.discrete is not None or variable.leak is not None or variable.overflow:
            raise ModelError(message("write.pysd_xmile_reader_knows"))
        equations = writable.equations
        if variable.kind == "lookup":
            return writable
        if variable.kind == "stock" and any(e.subscripts for e in equations):
            equations = [self.shared(variable, equations)]
        alone = len(equations) == 1 and not equations[0].subscripts and not variable.dimensions
        return replace(writable, equations=[self.plain(e, variable, alone) for e in equations])

    def shared(self, stock: Variable, equations: list[Equation]) -> Equation:
        """Return one equation for a whole stock, and add an array with the initial values of its elements."""
        name = self.fresh(f"initial {stock.name}")
        starts = [replace(e, expression=e.initial or Number(0.0), initial=None) for e in equations]
        helper = Variable(name, "auxiliary", tuple(starts), dimensions=stock.dimensions)
        self.added.append(self.one(Writable(helper, starts)))
        return Equation(Number(0.0), Reference(helper.key, stock.dimensions))

    def plain(self, equation: Equation, owner: Variable, alone: bool) -> Equation:
        """Return the equation with named variables instead of graphical functions.

        A graphical function of the whole equation is kept if the variable is `alone`: a scalar.
        """
        self.check_ranges(equation, owner)
        initial = None if equation.initial is None else self.put(equation.initial, owner)
        match equation.expression:
            case Lookup(Table(_, _, "interpolate") as table, argument) if alone:
                return replace(equation, expression=Lookup(table, self.put(argument, owner)))
        return replace(equation, expression=self.put(equation.expression, owner), initial=initial)

    def check_ranges(self, equation: Equation, owner: Variable) -> None:
        """Raise an error if an equation refers to a range that its variable does not have.

        Such a reference needs a mapping between ranges, which PySD's reader does not support.
        """
        own = {*owner.dimensions, *equation.subscripts}
        is_range = self.model.subscripts.is_range
        for part in equation.expressions:
            for node in walk(part):
                if not isinstance(node, Reference):
                    continue
                foreign = [s for s in node.subscripts if is_range(s) and s not in own]
                if foreign:
                    raise ModelError(
                        message(
                            "write.pysd_xmile_reader_knows_no",
                            foreign=self.model.spelled(foreign[0]),
                        )
                    )

    def put(self, node: Expression, owner: Variable) -> Expression:
        match node:
            case Lookup(Table() as table, argument):
                return self.called(
                    self.curve(f"{owner.name} table", table), self.put(argument, owner)
                )
            case Lookup(Reference(name, subscripts), argument) if name in self.arrays:
                key = self.curves.get((name, subscripts))
                if key is None:
                    raise ModelError(
                        message("write.pysd_reads_no_call", name=self.model.spelled(name))
                    )
                return self.called(key, self.put(argument, owner))
            case Lookup(Reference(name), argument):
                return self.called(name, self.put(argument, owner))
        return rebuilt(node, lambda child: self.put(child, owner))

    def called(self, key: str, argument: Expression) -> Expression:
        return Lookup(Reference(key), Unary("-", argument) if key in self.mirrored else argument)


def _staircase(table: Expression, dt: float) -> Table:
    """Return the points of a graphical function for an interpolation that PySD supports.

    For ``look_forward``, the points are mirrored about zero, so the argument of the lookup must change its sign. For
    ``raw``, the value between two points is ``:NA:``.
    """
    if not isinstance(table, Table):
        raise ModelError(message("write.graphical_function_no_points"))
    if table.interpolation == "look_forward":
        return Table(
            tuple(-x for x in reversed(table.x)), tuple(reversed(table.y)), "hold_backward"
        )
    if table.interpolation != "raw":
        return table
    # PySD stores points with eight digits.
    short = max(dt * 1e-3, 1e-6 * max(map(abs, table.x)))
    x, y = [table.x[0] - short], [NA]
    for at, value in zip(table.x, table.y, strict=True):
        x += [at, at + short]
        y += [value, NA]
    return Table(tuple(x), tuple(y), "hold_backward")
