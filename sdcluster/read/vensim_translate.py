"""PySD's abstract syntax of Vensim equations becomes our expressions: subscripts, macros, lookups of lookups, data.

Crosses the border: `EquationTranslator`, one for each equation, on a `Context` that the reader provides.
"""

# ruff: noqa: D102 - the methods are named after the structures that they translate
from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from pysd.translators.structures import abstract_expressions as ae

from sdcluster.errors import ModelError
from sdcluster.model import Equation, Variable
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
    Table,
)
from sdcluster.model.functions import FUNCTIONS, find
from sdcluster.model.names import canonical
from sdcluster.read.translate import Translator, subscripts_of
from sdcluster.read.vensim_grammar import MacroCall, structured
from sdcluster.read.vensim_subscripts import Subscripts

MAX_MACRO_DEPTH = 40

_ALONE = frozenset(
    f"get {how} {what}"
    for how in ("xls", "direct")
    for what in ("data", "lookups", "constants", "subscript")
)
_VARIANTS: dict[str, Interpolation] = {
    "lookup extrapolate": "extrapolate",
    "lookup forward": "look_forward",
    "lookup backward": "hold_backward",
}


@dataclass(frozen=True)
class Macro:
    """A macro's interface, and its variables by canonical name (the reader's drafts)."""

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    drafts: Mapping[str, Any]


@dataclass(frozen=True)
class Scope:
    """Where an equation stands: in the main model, or in one use of a macro.

    Parameters
    ----------
    names : mapping of str to Expression
        What the macro's inputs and inner variables stand for.
    inner : frozenset of str
        Those of `names` that run over `prefix` too.
    prefix : tuple of str
        Subscripts of the equation that uses the macro.
    exceptions : tuple of tuple of str
        What that equation leaves out.
    depth : int
        How many macros stand around.
    """

    names: Mapping[str, Expression] = field(default_factory=dict)
    inner: frozenset[str] = frozenset()
    prefix: tuple[str, ...] = ()
    exceptions: tuple[tuple[str, ...], ...] = ()
    depth: int = 0


class Context(Protocol):
    """What a translator asks of the reader."""

    subscripts: Subscripts
    lookups: set[str]
    data: set[str]
    macros: dict[str, Macro]
    builtin: Mapping[str, Expression]

    def knows(self, name: str) -> bool:
        """Whether the main model has the variable."""

    def number(self) -> int:
        """Return a number that was not given out before."""

    def add(self, variable: Variable) -> None:
        """Take a hidden variable."""

    def variable(self, name: str) -> Variable:
        """Return a variable of the main model, translated."""

    def expand(self, draft: Any, name: str, scope: Scope) -> None:
        """Translate a variable of a macro under a new name."""


class EquationTranslator(Translator):
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
        if _is_missing(ast):
            return Number(math.nan)
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

    def position(self, name: str) -> Expression:
        """Return what a subscript is as a value: its position in the whole that it belongs to."""
        places = self.context.subscripts.places(name)
        if not self.context.subscripts.is_range(name):
            return Number(float(places[0]))
        if places == tuple(range(1, len(places) + 1)):
            return ElementIndex(name)
        hidden = canonical(f"⟨position of {name}⟩")
        if not self.context.knows(hidden):
            values = Array(tuple(map(float, places)), (len(places),))
            equation = Equation(values, None, (name,))
            self.context.add(Variable(hidden, "constant", (equation,), dimensions=(name,)))
        return Reference(hidden, (name,))

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

    def lookup_named(self, ast: Any) -> Reference | None:
        """Return the reference to a lookup variable, or None if `ast` names none."""
        if not isinstance(ast, ae.ReferenceStructure):
            return None
        found = self.resolved(canonical(ast.reference), subscripts_of(ast))
        return (
            found if isinstance(found, Reference) and found.name in self.context.lookups else None
        )

    def data_named(self, ast: Any) -> Reference | None:
        """Return the reference to a data variable, or None."""
        if not isinstance(ast, ae.ReferenceStructure):
            return None
        found = self.resolved(canonical(ast.reference), subscripts_of(ast))
        return found if isinstance(found, Reference) and found.name in self.context.data else None

    # ---- logic with missing values

    def LogicStructure(self, ast: Any) -> Expression:
        if list(ast.operators) in (["="], ["<>"]) and any(map(_is_missing, ast.arguments)):
            other = next((a for a in ast.arguments if not _is_missing(a)), None)
            if other is None:
                return Number(1.0 if ast.operators[0] == "=" else 0.0)
            # A missing value is NaN here, and NaN alone differs from itself.
            value = self.visit(other)
            return Binary("<>" if ast.operators[0] == "=" else "=", value, value)
        return super().LogicStructure(_lower_logic(ast))

    # ---- calls

    def MacroCall(self, ast: MacroCall) -> Expression:
        name = canonical(ast.call.function.reference)
        if name not in self.context.macros:
            raise ModelError(
                f'"{name}" is called with outputs after a colon, but no macro has that name'
            )
        return self.use(name, ast.call.arguments, ast.outputs)

    def CallStructure(self, ast: Any) -> Expression:
        reference = ast.function
        table = self.lookup_named(reference)
        if table is not None:
            if len(ast.arguments) != 1:
                raise ModelError(
                    f'the lookup "{table.name}" takes 1 argument, but {len(ast.arguments)} were given'
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
            self, "call_" + name.replace(" ", "_"), None
        )
        if special is not None:
            return special(*ast.arguments)
        if name in _VARIANTS and len(ast.arguments) == 2:
            return self.variant(ast.arguments, _VARIANTS[name])
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
        function = _function(structure.function.reference, len(arguments))
        if function == "ramp" and len(arguments) == 2:
            raise ModelError("RAMP takes 3 arguments: slope, start and end; 2 were given")
        return Call(function, arguments)

    def IntegStructure(self, ast: Any) -> Expression:
        return self.hoist("stock", "stock", self.visit(ast.flow), self.visit(ast.initial))

    def DelayNStructure(self, ast: Any) -> Expression:
        # Not the same as a delay of fixed order; `sdcluster.read.vensim_delays` writes it out.
        return self.call("delay n", ast.input, ast.delay_time, ast.initial, ast.order)

    def call_elmcount(self, *arguments: Any) -> Expression:
        if len(arguments) != 1 or not isinstance(arguments[0], ae.ReferenceStructure):
            raise ModelError("ELMCOUNT takes 1 argument, a subscript range")
        name = canonical(arguments[0].reference)
        if not self.context.subscripts.is_range(name):
            raise ModelError(f'ELMCOUNT takes a subscript range, but "{name}" is none')
        return Number(float(len(self.context.subscripts.elements(name))))

    def call_a_function_of(self, *arguments: Any) -> Expression:
        raise ModelError(
            'the equation is not written yet: "A FUNCTION OF" only lists what it will depend on'
        )

    call_afunction_of = call_a_function_of

    def call_lookup_invert(self, *arguments: Any) -> Expression:
        if len(arguments) != 2:
            raise ModelError("LOOKUP INVERT takes 2 arguments")
        table = self.lookup_named(arguments[0])
        if table is None:
            raise ModelError("LOOKUP INVERT takes a lookup variable first")
        return Lookup(self.as_lookup(table, "invert"), self.visit(arguments[1]))

    def call_get_data_at_time(self, *arguments: Any) -> Expression:
        if len(arguments) != 2:
            raise ModelError("GET DATA AT TIME takes 2 arguments")
        return self.variant(arguments, None)

    def call_get_data_between_times(self, *arguments: Any) -> Expression:
        if len(arguments) != 3 or not isinstance(arguments[2], float):
            raise ModelError("GET DATA BETWEEN TIMES takes a data variable, a time, and -1, 0 or 1")
        mode = arguments[2]
        kind: Interpolation = (
            "interpolate" if -1 < mode < 1 else "look_forward" if mode > 0 else "hold_backward"
        )
        return self.variant(arguments[:2], kind)

    def call_get_time_value(self, *arguments: Any) -> Expression:
        """``GET TIME VALUE(relative to, offset, measure)`` in the model's own units of time."""
        if len(arguments) != 3:
            raise ModelError("GET TIME VALUE takes 3 arguments")
        relative, offset, measure = arguments
        if relative not in (0.0, 1.0) or measure != 0.0:
            raise ModelError(
                "GET TIME VALUE is supported relative to 0 (Time) or 1 (INITIAL TIME) and in units of Time (measure "
                "0); calendars and the computer's clock are not"
            )
        clock = Call("time", ()) if relative == 0.0 else self.context.builtin["initial time"]
        return Binary("+", clock, self.visit(offset))

    def call_get_data_first_time(self, *arguments: Any) -> Expression:
        return self.end_of_data(arguments, 0)

    def call_get_data_last_time(self, *arguments: Any) -> Expression:
        return self.end_of_data(arguments, -1)

    def end_of_data(self, arguments: Any, place: int) -> Expression:
        """Return the first or last time of a data variable's points, by a hidden constant."""
        data = self.data_named(arguments[0]) if len(arguments) == 1 else None
        if data is None:
            raise ModelError("GET DATA FIRST TIME and LAST TIME take 1 argument, a data variable")
        points = self.context.variable(self.as_lookup(data, None).name)
        name = canonical(f"⟨{'last' if place else 'first'} time of {data.name}⟩")
        equations = tuple(
            replace(e, expression=Number(e.expression.x[place]))
            for e in points.equations
            if isinstance(e.expression, Table)
        )
        self.context.add(replace(points, name=name, kind="constant", equations=equations))
        return replace(data, name=name)

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

    def call_message(self, *arguments: Any) -> Expression:
        return Number(0.0)

    def variant(self, arguments: Any, interpolation: str | None) -> Expression:
        """Return a lookup of a lookup variable's or data variable's points, interpolated in another way."""
        table = self.lookup_named(arguments[0]) or self.data_named(arguments[0])
        if table is None:
            raise ModelError("the first argument must be a lookup variable or a data variable")
        return Lookup(self.as_lookup(table, interpolation), self.visit(arguments[1]))

    def as_lookup(self, reference: Reference, change: str | None) -> Reference:
        """Return a reference to a hidden lookup with the points of a lookup or data variable."""
        name = canonical(f"⟨{change or 'points'} of {reference.name}⟩")
        if not self.context.knows(name):
            source = self.context.variable(reference.name)
            equations = tuple(
                replace(e, expression=_changed(e.expression, change))
                for e in source.equations
                if isinstance(e.expression, Table)
                or (isinstance(e.expression, Lookup) and isinstance(e.expression.table, Table))
            )
            if len(equations) != len(source.equations):
                raise ModelError(f'"{source.name}" is not made of points alone')
            self.context.add(replace(source, name=name, kind="lookup", equations=equations))
        return replace(reference, name=name)

    # ---- hidden variables

    def hoist(
        self, kind: Any, what: str, expression: Expression, initial: Expression | None = None
    ) -> Reference:
        """Give an expression a hidden variable of its own, over the subscripts of the left side."""
        name = canonical(f"⟨{what} {self.context.number()} in {self.owner}⟩")
        equation = Equation(expression, initial, self.left, self.exceptions)
        whole = self.context.subscripts.whole([[s] for s in self.left])
        self.context.add(Variable(name, kind, (equation,), dimensions=whole))
        return Reference(name, self.left)

    def use(self, name: str, arguments: tuple[Any, ...], outputs: tuple[str, ...]) -> Expression:
        """Expand one use of a macro into hidden variables, and return what it gives back."""
        macro = self.context.macros[name]
        if len(arguments) != len(macro.inputs) or len(outputs) > len(macro.outputs):
            raise ModelError(
                f'the macro "{macro.name}" takes {len(macro.inputs)} inputs and {len(macro.outputs)} further outputs, '
                f"but {len(arguments)} and {len(outputs)} were given"
            )
        if self.scope.depth >= MAX_MACRO_DEPTH:
            raise ModelError(
                f'the macro "{macro.name}" uses itself, or macros nest more than {MAX_MACRO_DEPTH} deep'
            )
        label = f"⟨{canonical(macro.name)} {self.context.number()}⟩"
        names: dict[str, Expression] = {
            inner: Reference(canonical(f"{label} {inner}"), self.left) for inner in macro.drafts
        }
        inner = frozenset(names)
        for parameter, argument in zip(macro.inputs, arguments, strict=True):
            names[canonical(parameter)] = self.argument(argument, parameter)
        scope = Scope(names, inner, self.left, self.exceptions, self.scope.depth + 1)
        for key, draft in macro.drafts.items():
            if key in map(canonical, macro.inputs):
                raise ModelError(f'the macro "{macro.name}" defines its own input "{key}"')
            self.context.expand(draft, names[key].name, scope)  # type: ignore[union-attr]
        for given, output in zip(outputs, macro.outputs, strict=False):
            if canonical(output) not in inner:
                raise ModelError(f'the macro "{macro.name}" does not define its output "{output}"')
            if not self.context.knows(canonical(given)):
                equation = Equation(names[canonical(output)], None, self.left, self.exceptions)
                whole = self.context.subscripts.whole([[s] for s in self.left])
                self.context.add(Variable(given, "auxiliary", (equation,), dimensions=whole))
        if canonical(macro.name) not in inner:
            raise ModelError(f'the macro "{macro.name}" has no equation for its own name')
        return names[canonical(macro.name)]

    def argument(self, ast: Any, parameter: str) -> Expression:
        """Return what a macro's input stands for: a name or number itself, or a hidden variable."""
        table = self.lookup_named(ast)
        if table is not None:
            return table
        value = self.visit(ast)
        if isinstance(value, (Reference, Number)):
            return value
        return self.hoist("auxiliary", canonical(parameter), value)


def _function(spelling: str, arguments: int) -> str:
    name = canonical(spelling)
    row = FUNCTIONS.get(name)
    # Vensim's PULSE and XMILE's share a name; PySD's spelling tells them apart.
    if row is not None and spelling not in row.pysd and row.arity[0] <= arguments <= row.arity[1]:
        try:
            return find(spelling, arguments).name
        except ModelError:
            return row.name
    return find(spelling, arguments).name


def _is_missing(ast: Any) -> bool:
    return isinstance(ast, float) and math.isnan(ast)


def _lower_logic(ast: Any) -> Any:
    return ae.LogicStructure([o.upper() for o in ast.operators], ast.arguments)


def _changed(expression: Expression, change: str | None) -> Expression:
    table = expression.table if isinstance(expression, Lookup) else expression
    assert isinstance(table, Table)
    if change is None:
        return table
    if change == "invert":
        points = sorted(zip(table.y, table.x, strict=True))
        return Table(tuple(p[0] for p in points), tuple(p[1] for p in points))
    return replace(table, interpolation=change)  # type: ignore[arg-type]
