"""PySD's abstract syntax of Vensim equations becomes our expressions: subscripts, macros, lookups of lookups, data.

Crosses the border: `EquationTranslator`, one for each equation, on a `Context` that the reader provides.
"""

# ruff: noqa: D102 - the methods are named after the structures that they translate
from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sdcluster.errors import ModelError
from sdcluster.functions.rows.refused import REFUSED
from sdcluster.functions.table import FUNCTIONS, UNWRITTEN, find
from sdcluster.model import Equation, Variable
from sdcluster.model.calls import complete
from sdcluster.model.expression import (
    Array,
    Binary,
    Call,
    ElementIndex,
    Expression,
    Interpolation,
    Lookup,
    Number,
    Reference,
    Unary,
    walk,
)
from sdcluster.model.missing import NA
from sdcluster.model.names import canonical
from sdcluster.read.translate import subscripts_of
from sdcluster.read.vensim.calendar import time_value
from sdcluster.read.vensim.check import mapped
from sdcluster.read.vensim.functions import PointCalls
from sdcluster.read.vensim.grammar import MacroCall, Running, structured
from sdcluster.read.vensim.macros import Context, Scope
from sdcluster.read.vensim.pysd_parser import ae
from sdcluster.read.vensim.typos import foreign_signs

_ALONE = frozenset(
    f"get {how} {what}"
    for how in ("xls", "direct", "vdf")
    for what in ("data", "lookups", "constants", "subscript")
) - {"get vdf subscript"}
_FOREIGN = {"get 123 ": "a Lotus 1-2-3 file", "get odbc ": "a database"}
_VARIANTS: dict[str, Interpolation] = {
    "lookup extrapolate": "extrapolate",
    "lookup forward": "look_forward",
    "lookup backward": "hold_backward",
}


class EquationTranslator(PointCalls):
    """Translates one right side.

    Parameters
    ----------
    context : Context
        The reader.
    owner : str
        Name of the variable, for the names of hidden ones.
    left : tuple of str
        Subscripts on the left side, with those of the macro's use before them.
    exceptions : tuple of tuple of str
        Parts left out.
    scope : Scope
        Main model or macro.
    """

    def __init__(
        self,
        context: Context,
        owner: str,
        left: tuple[str, ...],
        exceptions: tuple[tuple[str, ...], ...],
        scope: Scope,
    ) -> None:
        super().__init__({}, ())
        self.context = context
        self.owner = owner
        self.left = left
        self.exceptions = exceptions
        self.scope = scope

    def visit(self, ast: Any) -> Expression:
        if isinstance(ast, str):
            raise ModelError(f"the text '{ast[:60]}' stands where a value is expected")
        return super().visit(ast)

    # ---- names

    def ReferenceStructure(self, ast: Any) -> Expression:
        name, subscripts = canonical(ast.reference), subscripts_of(ast)
        self.context.subscripts.check(subscripts)
        found = self.resolved(name, subscripts)
        if found is not None:
            return found
        if not subscripts:
            ranges = self.context.subscripts
            if ranges.is_range(name) or ranges.is_element(name):
                return self.position(name)
            if name == "time":
                return Call("time", ())
        return Reference(name, subscripts)

    def Running(self, ast: Running) -> Expression:
        """Return the position of the element that a sum is at."""
        name = canonical(ast.name)
        if not self.context.subscripts.is_range(name):
            raise ModelError(f'"{name}!" must be a subscript range that a function runs over')
        self.number_elements(name)
        return Reference(canonical(f"⟨position of {name}⟩"), (f"{name}!",))

    def position(self, name: str) -> Expression:
        """Return what a subscript is as a value: its position in the whole that it belongs to."""
        places = self.context.subscripts.places(name)
        if not self.context.subscripts.is_range(name):
            return Number(float(places[0]))
        if places == tuple(range(1, len(places) + 1)):
            return ElementIndex(name)
        self.number_elements(name)
        return Reference(canonical(f"⟨position of {name}⟩"), (name,))

    def number_elements(self, name: str) -> None:
        """Make sure of the hidden constant that holds the positions of a range's elements."""
        hidden = canonical(f"⟨position of {name}⟩")
        if not self.context.knows(hidden):
            places = tuple(map(float, self.context.subscripts.places(name)))
            equation = Equation(Array(places, (len(places),)), None, (name,))
            self.context.add(Variable(hidden, "constant", (equation,), dimensions=(name,)))

    def resolved(self, name: str, subscripts: tuple[str, ...]) -> Expression | None:
        """Return what a name stands for that is a variable: of the macro, of the model, or the model's clock."""
        if name in self.scope.names:
            meant = self.scope.names[name]
            if isinstance(meant, Reference):
                return replace(meant, subscripts=meant.subscripts + subscripts)
            return meant
        name = name.removesuffix("$").strip() if self.scope.depth else name
        if name in self.context.builtin:
            return self.context.builtin[name]
        if self.context.knows(name):
            return Reference(name, subscripts)
        return Call("time", ()) if name == "time" and self.scope.depth else None

    def LogicStructure(self, ast: Any) -> Expression:
        return super().LogicStructure(_lower_logic(ast))

    # ---- calls

    def MacroCall(self, ast: MacroCall) -> Expression:
        name = canonical(ast.call.function.reference)
        for output, subscripts in zip(ast.outputs, ast.subscripts, strict=True):
            # An output has the subscripts of the left side, behind those of the macro's use that it stands in.
            if subscripts and tuple(map(canonical, subscripts)) != self.left[-len(subscripts) :]:
                raise ModelError(
                    f'the output "{output}[{",".join(subscripts)}]" has other subscripts than the left side; '
                    f'write "{output}" without subscripts'
                )
        if name == "delayp" and name not in self.context.macros:
            return self.delay_with_pipeline(ast.call.arguments, ast.outputs)
        if name not in self.context.macros:
            raise ModelError(
                f'"{name}" is called with outputs after a colon, but no macro has that name'
            )
        return self.use(name, ast.call.arguments, ast.outputs)

    def delay_with_pipeline(
        self, arguments: tuple[Any, ...], outputs: tuple[str, ...]
    ) -> Expression:
        """``DELAYP(input, delay time : pipeline)``: a delay of order 3, and a stock of what is on its way."""
        if len(arguments) != 2 or len(outputs) != 1:
            raise ModelError("DELAYP takes an input and a delay time, then a colon and a name")
        value, time = map(self.visit, arguments)
        delayed = self.hoist("auxiliary", "delay", Call("delay", (value, time, value, Number(3.0))))
        content = Binary("-", value, delayed), Binary("*", value, time)
        self.give(outputs[0], "stock", *content)
        return delayed

    def CallStructure(self, ast: Any) -> Expression:
        reference = ast.function
        table = self.lookup_named(reference)
        if table is not None:
            if len(ast.arguments) != 1:
                raise ModelError(
                    f'the lookup "{table.name}" takes 1 argument, but was given {len(ast.arguments)}'
                )
            self.context.subscripts.check(table.subscripts)
            return Lookup(table, self.visit(ast.arguments[0]))
        data = self.data_named(reference)
        if data is not None and len(ast.arguments) == 1:
            return Lookup(self.as_lookup(data, None), self.visit(ast.arguments[0]))
        name = canonical(reference.reference)
        if name in self.context.macros:
            return self.use(name, ast.arguments, ())
        special: Callable[..., Expression] | None = getattr(
            self, "call_" + name.replace(" ", "_"), self.points_call(name)
        )
        if special is not None:
            return special(*ast.arguments)
        if name.replace(" ", "_") in REFUSED:
            raise ModelError(f"{name.upper()} {REFUSED[name.replace(' ', '_')]}")
        if name in _VARIANTS and len(ast.arguments) == 2:
            return self.variant(ast.arguments, _VARIANTS[name])
        foreign = next((start for start in _FOREIGN if name.startswith(start)), "")
        if foreign:
            raise ModelError(
                f"{name.upper()} reads {_FOREIGN[foreign]}, which sdcluster cannot; save the values as .xlsx and "
                f"read them with GET XLS {name.split()[-1].upper()}"
            )
        if name in _ALONE:
            raise ModelError(
                f"{name.upper()} must be the whole equation; give it a variable of its own"
            )
        structure = structured(ast)
        if not isinstance(structure, ae.CallStructure):
            return self.visit(structure)
        arguments = tuple(self.visit(a) for a in structure.arguments)
        if structure.function.reference == "pulse_train" and arguments[1:2] == (Number(0.0),):
            # Without an interval it is one pulse, however soon the end comes (suite, samples/Query_file).
            return Call("pulse", (arguments[0], arguments[2]))
        try:
            function = function_name(structure.function.reference, len(arguments))
        except ModelError as error:
            if not self.context.knows(name):
                used = (n.name for a in arguments for n in walk(a) if isinstance(n, Reference))
                raise ModelError(error.sentence + foreign_signs(" ".join(used))) from None
            raise ModelError(
                f'"{name}" is followed by parentheses, but it is no lookup and no function; write * between them, or '
                "give it points"
            ) from None
        if function == "ramp":
            if len(arguments) == 2:
                raise ModelError("RAMP takes 3 arguments: slope, start and end, but was given 2")
            function = "held ramp"
        return Call(function, complete(FUNCTIONS[function], arguments))

    def IntegStructure(self, ast: Any) -> Expression:
        return self.hoist("stock", "stock", self.visit(ast.flow), self.visit(ast.initial))

    def DelayNStructure(self, ast: Any) -> Expression:
        return self.call("delay n", ast.input, ast.delay_time, ast.initial, ast.order)

    def SmoothNStructure(self, ast: Any) -> Expression:
        return self.call("smooth n", ast.input, ast.smooth_time, ast.initial, ast.order)

    def SampleIfTrueStructure(self, ast: Any) -> Expression:
        """In its condition and input the variable's own name means the value that it holds."""
        condition, value, initial = map(self.visit, (ast.condition, ast.input, ast.initial))
        own = canonical(self.owner)

        def held(node: Expression) -> Expression | None:
            mine = isinstance(node, Reference) and node.name == own
            return Call("previous", (node, initial)) if mine else None

        return Call("sample if true", (mapped(condition, held), mapped(value, held), initial))

    def call_sinteg(self, *arguments: Any) -> Expression:
        """``SINTEG(rate, initial, min, max, quant, spec, thresh)``; ``:NA:`` leaves a restriction out."""
        if len(arguments) != 7:
            raise ModelError(
                "SINTEG takes 7 arguments: rate, initial value, least, greatest, multiple, special value and distance "
                f"(:NA: to leave one out), but was given {len(arguments)}"
            )
        rate, initial, *rules = arguments
        infinity = Call("inf", ())
        zero = Number(0.0)
        none: tuple[Expression, ...] = (Unary("-", infinity), infinity, zero, zero, zero)
        given = [n if r == NA else self.visit(r) for r, n in zip(rules, none, strict=True)]
        if rules[3] == NA:
            given[4] = zero
        return Call("sinteg", (self.visit(rate), self.visit(initial), *given))

    def call_invert_matrix(self, *arguments: Any) -> Expression:
        """``INVERT MATRIX(m[row, row], size)`` names the first range twice and means the whole matrix."""
        if len(arguments) != 2:
            raise ModelError("INVERT MATRIX takes 2 arguments, a matrix and its size")
        matrix, size = map(self.visit, arguments)
        if isinstance(matrix, Reference) and len(matrix.subscripts) > 1 and len(self.left) > 1:
            row, column = matrix.subscripts[-2:]
            ranges = self.context.subscripts
            whole = all(ranges.elements(s) == ranges.elements(row) for s in self.left[-2:])
            if row == column and self.left[-1] != self.left[-2] and whole:
                matrix = replace(matrix, subscripts=matrix.subscripts[:-2] + self.left[-2:])
        return Call("invert matrix", (matrix, size))

    def call_elmcount(self, *arguments: Any) -> Expression:
        if len(arguments) != 1 or not isinstance(arguments[0], ae.ReferenceStructure):
            raise ModelError("ELMCOUNT takes 1 argument, a subscript range")
        name = canonical(arguments[0].reference)
        if not self.context.subscripts.is_range(name):
            raise ModelError(f'ELMCOUNT takes a subscript range, but "{name}" is none')
        return Number(float(len(self.context.subscripts.elements(name))))

    def call_a_function_of(self, *arguments: Any) -> Expression:
        return Call(UNWRITTEN, tuple(self.cause(a) for a in arguments))

    def cause(self, ast: Any) -> Expression:
        """Return a cause; ``-x`` has a negative sign, and a lookup stands without its argument."""
        if isinstance(ast, ae.ArithmeticStructure) and list(ast.operators) == ["negative"]:
            return Unary("-", self.cause(ast.arguments[0]))
        table = self.lookup_named(ast)
        return self.visit(ast) if table is None else table

    call_afunction_of = call_a_function_of

    def call_get_time_value(self, *arguments: Any) -> Expression:
        """``GET TIME VALUE(relative to, offset, measure)``; see `sdcluster.read.vensim.calendar`."""
        if len(arguments) != 3:
            raise ModelError(
                "GET TIME VALUE takes 3 arguments: relative to what, offset and measure, "
                f"but was given {len(arguments)}"
            )
        relative, offset, measure = arguments
        if relative not in (0.0, 1.0, 2.0):
            raise ModelError(
                "GET TIME VALUE takes 0 (Time), 1 (INITIAL TIME) or 2 (the computer's clock) as its first argument"
            )
        clock = self.context.builtin["initial time"] if relative == 1.0 else Call("time", ())
        moved = clock if offset == 0.0 else Binary("+", clock, self.visit(offset))
        return time_value(self.context.calendar, relative, moved, self.visit(measure))

    def call_sample_until(self, *arguments: Any) -> Expression:
        """``SAMPLE UNTIL(last time, input, initial)``."""
        if len(arguments) != 3:
            raise ModelError("SAMPLE UNTIL takes 3 arguments")
        last, value, initial = map(self.visit, arguments)
        early = Binary("<=", Call("time", ()), last)
        return Call("sample if true", (early, value, initial))

    def call_random_0_1(self, *arguments: Any) -> Expression:
        if arguments:
            raise ModelError("RANDOM 0 1 takes no arguments")
        return Call("random uniform", (Number(0.0), Number(1.0), Number(0.0)))

    def call_x_if_missing(self, *arguments: Any) -> Expression:
        raise ModelError("X IF MISSING must be the whole equation; give it a variable of its own")

    def call_message(self, *arguments: Any) -> Expression:
        if len(arguments) != 2 or not isinstance(arguments[0], (str, ae.ReferenceStructure)):
            raise ModelError(
                "MESSAGE takes 2 arguments: a text in single quotes, and how to show it"
            )
        return Call("message", (self.visit(arguments[1]),))


def function_name(spelling: str, arguments: int) -> str:
    """Return our name of a function by PySD's spelling and the number of arguments."""
    name = canonical(spelling)
    row = FUNCTIONS.get(name)
    # Vensim's PULSE and XMILE's share a name; PySD's spelling tells them apart.
    if row is not None and spelling not in row.pysd and row.arity[0] <= arguments <= row.arity[1]:
        try:
            return find(spelling, arguments, "Vensim").name
        except ModelError:
            return row.name
    return find(spelling, arguments, "Vensim").name


def _lower_logic(ast: Any) -> Any:
    return ae.LogicStructure([o.upper() for o in ast.operators], ast.arguments)
