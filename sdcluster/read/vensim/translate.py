"""Translate the syntax trees of Vensim equations into expressions: subscripts, macros, lookups, data.

An `EquationTranslator` translates the right-hand side of one equation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sdcluster.errors import ModelError
from sdcluster.functions.forms import VENSIM
from sdcluster.functions.rows.refused import REFUSED
from sdcluster.functions.table import FUNCTIONS, UNWRITTEN, find, miscounted
from sdcluster.messages import message
from sdcluster.model import Equation, Variable
from sdcluster.model.calls import complete
from sdcluster.model.expression import (
    Array,
    Binary,
    Call,
    ElementIndex,
    Expression,
    Lookup,
    Number,
    Reference,
    Unary,
    mapped,
    walk,
)
from sdcluster.model.missing import NA
from sdcluster.model.model import Kind
from sdcluster.model.names import canonical, display
from sdcluster.read import syntax
from sdcluster.read.translate import formed, subscripts_of, translated
from sdcluster.read.vensim import queues, series
from sdcluster.read.vensim.calendar import time_value
from sdcluster.read.vensim.macros import Scope, use_macro
from sdcluster.read.vensim.typos import foreign_signs

if TYPE_CHECKING:
    from sdcluster.read.vensim.variables import Variables

SpecialCall = Callable[["EquationTranslator", tuple[Any, ...]], Expression]

_TIME = Call("time", ())
_ALONE = frozenset(
    f"get {how} {what}"
    for how in ("xls", "direct", "vdf")
    for what in ("data", "lookups", "constants", "subscript")
) - {"get vdf subscript"}
_FOREIGN = {
    "get 123 ": message("read.vensim.file_of_lotus"),
    "get odbc ": message("read.vensim.file_of_database"),
}


@dataclass(frozen=True)
class Place:
    """The context of an equation.

    Parameters
    ----------
    owner : str
        Name of the variable that the equation defines. The names of hidden variables contain it.
    left : tuple of str
        Subscripts of the left-hand side. Inside a macro, the subscripts of the equation that calls the macro precede
        them.
    exceptions : tuple of tuple of str
        Subscripts that the equation excludes.
    scope : Scope
        The main model, or one call of a macro.
    """

    owner: str
    left: tuple[str, ...]
    exceptions: tuple[tuple[str, ...], ...]
    scope: Scope


class EquationTranslator:
    """Translates one right-hand side. Implements `sdcluster.read.translate.Meaning`.

    Parameters
    ----------
    model : Variables
        The variables of the model, some of which are not translated yet.
    place : Place
    """

    def __init__(self, model: Variables, place: Place) -> None:
        self.model = model
        self.place = place

    def visit(self, node: Any) -> Expression:
        """Return the expression for a syntax tree."""
        return translated(node, self)

    # ---- hidden variables

    def hoist(
        self, kind: Kind, what: str, expression: Expression, initial: Expression | None = None
    ) -> Reference:
        """Create a hidden variable for an expression, and return a reference to it.

        The variable has the subscripts of the left-hand side. `what` becomes part of its name.
        """
        name = canonical(f"⟨{what} {self.model.number()} in {self.place.owner}⟩")
        self.model.add(self._over_left(name, kind, expression, initial))
        return Reference(name, self.place.left)

    def give(
        self, given: str, kind: Kind, expression: Expression, initial: Expression | None = None
    ) -> None:
        """Define the variable `given`, which a call names as an additional output.

        The variable belongs to the model, or to the macro that contains the call.
        """
        meant = self.place.scope.names.get(canonical(given))
        name = meant.name if isinstance(meant, Reference) else display(given)
        self.model.output(self._over_left(name, kind, expression, initial))

    def _over_left(
        self, name: str, kind: Kind, expression: Expression, initial: Expression | None
    ) -> Variable:
        left = self.place.left
        equation = Equation(expression, initial, left, self.place.exceptions)
        whole = self.model.subscripts.whole([[s] for s in left])
        return Variable(name, kind, (equation,), dimensions=whole)

    # ---- names

    def reference(self, node: syntax.Reference) -> Expression:
        """Return the expression for a reference to a name."""
        name, subscripts = canonical(node.name), subscripts_of(node)
        ranges = self.model.subscripts
        ranges.check(subscripts)
        found = self.resolved(name, subscripts)
        if found is not None:
            return found
        if not subscripts:
            if ranges.is_range(name) or ranges.is_element(name):
                return self.position(name)
            if name == "time":
                return _TIME
        return Reference(name, subscripts)

    def running(self, node: syntax.Running) -> Expression:
        """Return the position of the current element while a function such as SUM iterates over a subscript range."""
        name = canonical(node.name)
        if not self.model.subscripts.is_range(name):
            raise ModelError(message("read.vensim.must_subscript_range_function", name=name))
        return Reference(self.positions_of(name), (f"{name}!",))

    def position(self, name: str) -> Expression:
        """Return the value of a subscript that is used as a number: its position in the full range."""
        places = self.model.subscripts.places(name)
        if not self.model.subscripts.is_range(name):
            return Number(float(places[0]))
        if places == tuple(range(1, len(places) + 1)):
            return ElementIndex(name)
        return Reference(self.positions_of(name), (name,))

    def positions_of(self, name: str) -> str:
        """Return the name of the hidden constant that holds the positions of a range's elements in the full range."""
        hidden = canonical(f"⟨position of {name}⟩")
        if not self.model.knows(hidden):
            places = tuple(map(float, self.model.subscripts.places(name)))
            equation = Equation(Array(places, (len(places),)), None, (name,))
            self.model.add(Variable(hidden, "constant", (equation,), dimensions=(name,)))
        return hidden

    def resolved(self, name: str, subscripts: tuple[str, ...]) -> Expression | None:
        """Return the expression for a variable of the macro or the model, or for the clock.

        For other names, return None.
        """
        scope = self.place.scope
        if name in scope.names:
            meant = scope.names[name]
            if isinstance(meant, Reference):
                return replace(meant, subscripts=meant.subscripts + subscripts)
            return meant
        name = name.removesuffix("$").strip() if scope.depth else name
        if name in self.model.builtin:
            return self.model.builtin[name]
        if self.model.knows(name):
            return Reference(name, subscripts)
        return _TIME if name == "time" and scope.depth else None

    # ---- calls

    def call(self, node: syntax.Call) -> Expression:
        """Return the expression for a call: of a lookup, of data at a given time, of a macro or of a function."""
        if node.outputs:
            return self.with_outputs(node)
        called = syntax.Reference(node.name, node.indices)
        table = series.lookup_named(self, called)
        if table is not None:
            if len(node.arguments) != 1:
                raise ModelError(
                    message(
                        "read.vensim.lookup_takes_argument_given",
                        table=table.name,
                        count=len(node.arguments),
                    )
                )
            self.model.subscripts.check(table.subscripts)
            return Lookup(table, self.visit(node.arguments[0]))
        data = series.data_named(self, called)
        if data is not None and len(node.arguments) == 1:
            return Lookup(series.as_lookup(self, data), self.visit(node.arguments[0]))
        name = canonical(node.name)
        if name in self.model.macros:
            return use_macro(self, name, node.arguments, ())
        special = _CALLS.get(name) or series.special(name)
        if special is not None:
            return special(self, node.arguments)
        _refuse(name)
        return self.function(name, node)

    def with_outputs(self, node: syntax.Call) -> Expression:
        """Return the expression for the value of a macro that is called with additional outputs."""
        name, left = canonical(node.name), self.place.left
        for output in node.outputs:
            # An output has the subscripts of the equation that calls the macro, then those of the left-hand side.
            own = output.indices
            if own and tuple(map(canonical, own)) != left[-len(own) :]:
                raise ModelError(
                    message(
                        "read.vensim.output_other_subscripts_left",
                        output=output.name,
                        own=",".join(own),
                    )
                )
        if name in self.model.macros:
            return use_macro(self, name, node.arguments, node.outputs)
        if name == "delayp":
            return _delay_with_pipeline(self, node)
        raise ModelError(message("read.vensim.called_outputs_after_colon", name=name))

    def function(self, name: str, node: syntax.Call) -> Expression:
        """Return the call of a function that is in the table of functions."""
        made = function_call(node, self)
        if made is not None:
            return made
        arguments = tuple(map(self.visit, node.arguments))
        try:
            function = function_name(spelled(node.name), len(arguments))
        except ModelError as error:
            if not self.model.knows(name):
                used = (n.name for a in arguments for n in walk(a) if isinstance(n, Reference))
                raise ModelError(error.sentence + foreign_signs(" ".join(used))) from None
            raise ModelError(
                message("read.vensim.followed_parentheses_no_lookup", name=name)
            ) from None
        if function == "ramp":
            if len(arguments) == 2:
                raise ModelError(message("read.vensim.ramp_takes_arguments_slope"))
            function = "held ramp"
        return Call(function, complete(FUNCTIONS[function], arguments))


def _refuse(name: str) -> None:
    """Raise a `ModelError` if a function is not supported, or if it must be the whole equation."""
    if name.replace(" ", "_") in REFUSED:
        raise ModelError(
            message(
                "read.vensim.refused", name=name.upper(), reason=REFUSED[name.replace(" ", "_")]()
            )
        )
    foreign = next((start for start in _FOREIGN if name.startswith(start)), "")
    if foreign:
        raise ModelError(
            message(
                "read.vensim.reads_sdcluster_cannot_save",
                name=name.upper(),
                foreign=_FOREIGN[foreign],
                split=name.split()[-1].upper(),
            )
        )
    if name in _ALONE:
        raise ModelError(message("read.vensim.must_whole_equation_give", name=name.upper()))


def spelled(name: str) -> str:
    """Return the name of a function in the spelling of the table of functions: lower case with underscores."""
    return "_".join(name.lower().replace("_", " ").split())


def function_call(node: syntax.Call, at: Any) -> Call | None:
    """Return the call of a function whose arguments have another order in the table of functions, or None for others.

    Raises
    ------
    ModelError
        If the number of arguments is wrong.
    """
    name = spelled(node.name)
    form = VENSIM.get(name)
    if form is None:
        return None
    wanted = 1 + max(p for p in form if isinstance(p, int))
    if len(node.arguments) != wanted:
        shown = name.replace("_", " ").upper()
        raise ModelError(miscounted(shown, wanted, wanted, len(node.arguments)))
    return formed(form, node.arguments, at)


def function_name(spelling: str, arguments: int) -> str:
    """Return our name of a function, given its spelling in lower case with underscores and its number of arguments."""
    name = canonical(spelling)
    row = FUNCTIONS.get(name)
    # PULSE means different things in Vensim and in XMILE. The two have different spellings in the table.
    if (
        row is not None
        and spelling not in row.read_as
        and row.arity[0] <= arguments <= row.arity[1]
    ):
        try:
            return find(spelling, arguments, "Vensim").name
        except ModelError:
            return row.name
    return find(spelling, arguments, "Vensim").name


# ---- functions that need more than their table row


def _delay_with_pipeline(at: EquationTranslator, node: syntax.Call) -> Expression:
    """Translate ``DELAYP(input, delay time : pipeline)``.

    The result is a third-order delay. The output `pipeline` becomes a stock of the material in transit.
    """
    if len(node.arguments) != 2 or len(node.outputs) != 1:
        raise ModelError(message("read.vensim.delayp_takes_input_delay"))
    value, time = map(at.visit, node.arguments)
    delayed = at.hoist("auxiliary", "delay", Call("delay", (value, time, value, Number(3.0))))
    content = Binary("-", value, delayed), Binary("*", value, time)
    at.give(node.outputs[0].name, "stock", *content)
    return delayed


def _game(at: EquationTranslator, arguments: tuple[Any, ...]) -> Expression:
    if len(arguments) != 1:
        raise ModelError(miscounted("GAME", 1, 1, len(arguments)))
    return at.visit(arguments[0])


def _integ(at: EquationTranslator, arguments: tuple[Any, ...]) -> Expression:
    if len(arguments) != 2:
        raise ModelError(miscounted("INTEG", 2, 2, len(arguments)))
    return at.hoist("stock", "stock", *map(at.visit, arguments))


def _pulse_train(at: EquationTranslator, arguments: tuple[Any, ...]) -> Expression:
    made = function_call(syntax.Call("pulse train", arguments), at)
    assert made is not None
    start, interval, width, _ = made.arguments
    # If the interval is 0, there is exactly one pulse, even if the end precedes it (suite, samples/Query_file).
    return Call("pulse", (start, width)) if interval == Number(0.0) else made


def _sample_if_true(at: EquationTranslator, arguments: tuple[Any, ...]) -> Expression:
    """Translate SAMPLE IF TRUE.

    If the variable's own name occurs in the condition or the input, it means the value at the previous step.
    """
    made = function_call(syntax.Call("sample if true", arguments), at)
    assert made is not None
    condition, value, initial = made.arguments
    own = canonical(at.place.owner)

    def held(node: Expression) -> Expression | None:
        mine = isinstance(node, Reference) and node.name == own
        return Call("previous", (node, initial)) if mine else None

    return Call("sample if true", (mapped(condition, held), mapped(value, held), initial))


def _sample_until(at: EquationTranslator, arguments: tuple[Any, ...]) -> Expression:
    """Translate ``SAMPLE UNTIL(last time, input, initial)``."""
    if len(arguments) != 3:
        raise ModelError(message("read.vensim.sample_until_takes_arguments"))
    last, value, initial = map(at.visit, arguments)
    return Call("sample if true", (Binary("<=", _TIME, last), value, initial))


def _sinteg(at: EquationTranslator, arguments: tuple[Any, ...]) -> Expression:
    """Translate ``SINTEG(rate, initial, min, max, quant, spec, thresh)``. An argument ``:NA:`` means no restriction."""
    if len(arguments) != 7:
        raise ModelError(message("read.vensim.sinteg_takes_arguments_rate", count=len(arguments)))
    rate, initial, *rules = arguments
    infinity = Call("inf", ())
    zero = Number(0.0)
    none: tuple[Expression, ...] = (Unary("-", infinity), infinity, zero, zero, zero)
    given = [n if r == NA else at.visit(r) for r, n in zip(rules, none, strict=True)]
    if rules[3] == NA:
        given[4] = zero
    return Call("sinteg", (at.visit(rate), at.visit(initial), *given))


def _invert_matrix(at: EquationTranslator, arguments: tuple[Any, ...]) -> Expression:
    """Translate ``INVERT MATRIX(m[row, row], size)``. The range ``row``, written twice, means the whole matrix."""
    if len(arguments) != 2:
        raise ModelError(message("read.vensim.invert_matrix_takes_arguments"))
    matrix, size = map(at.visit, arguments)
    left = at.place.left
    if isinstance(matrix, Reference) and len(matrix.subscripts) > 1 and len(left) > 1:
        row, column = matrix.subscripts[-2:]
        ranges = at.model.subscripts
        whole = all(ranges.elements(s) == ranges.elements(row) for s in left[-2:])
        if row == column and left[-1] != left[-2] and whole:
            matrix = replace(matrix, subscripts=matrix.subscripts[:-2] + left[-2:])
    return Call("invert matrix", (matrix, size))


def _elmcount(at: EquationTranslator, arguments: tuple[Any, ...]) -> Expression:
    if len(arguments) != 1 or not isinstance(arguments[0], syntax.Reference):
        raise ModelError(message("read.vensim.elmcount_takes_argument_subscript"))
    name = canonical(arguments[0].name)
    if not at.model.subscripts.is_range(name):
        raise ModelError(message("read.vensim.elmcount_takes_subscript_range", name=name))
    return Number(float(len(at.model.subscripts.elements(name))))


def _unwritten(at: EquationTranslator, arguments: tuple[Any, ...]) -> Expression:
    return Call(UNWRITTEN, tuple(_cause(at, a) for a in arguments))


def _cause(at: EquationTranslator, node: Any) -> Expression:
    """Return one cause in A FUNCTION OF. ``-x`` means negative polarity, and a lookup needs no argument here."""
    match node:
        case syntax.Operation(("negative",), (operand,)):
            return Unary("-", _cause(at, operand))
    table = series.lookup_named(at, node)
    return at.visit(node) if table is None else table


def _get_time_value(at: EquationTranslator, arguments: tuple[Any, ...]) -> Expression:
    """Translate ``GET TIME VALUE(relative to, offset, measure)``, which `sdcluster.read.vensim.calendar` explains."""
    if len(arguments) != 3:
        raise ModelError(message("read.vensim.get_time_value_takes", count=len(arguments)))
    relative, offset, measure = arguments
    if relative not in (0.0, 1.0, 2.0):
        raise ModelError(message("read.vensim.get_time_value_takes_time"))
    clock = at.model.builtin["initial time"] if relative == 1.0 else _TIME
    moved = clock if offset == 0.0 else Binary("+", clock, at.visit(offset))
    return time_value(at.model.calendar, relative, moved, at.visit(measure))


def _time_base(at: EquationTranslator, arguments: tuple[Any, ...]) -> Expression:
    """Translate ``TIME BASE(origin, slope)``, which is origin + slope × Time."""
    if len(arguments) != 2:
        raise ModelError(message("read.vensim.time_base_takes_numbers"))
    origin, slope = map(at.visit, arguments)
    return Binary("+", origin, Binary("*", slope, _TIME))


def _simultaneous(at: EquationTranslator, arguments: tuple[Any, ...]) -> Expression:
    """Translate ``SIMULTANEOUS(x, first guess)`` as x.

    If x depends on itself, the model has a cycle of equations, and the usual error is raised.
    """
    if len(arguments) != 2:
        raise ModelError(message("read.vensim.simultaneous_takes_arguments_expression"))
    return at.visit(arguments[0])


def _random_0_1(at: EquationTranslator, arguments: tuple[Any, ...]) -> Expression:
    if arguments:
        raise ModelError(message("read.vensim.random_takes_no_arguments"))
    return Call("random uniform", (Number(0.0), Number(1.0), Number(0.0)))


def _x_if_missing(at: EquationTranslator, arguments: tuple[Any, ...]) -> Expression:
    raise ModelError(message("read.vensim.x_if_missing_must"))


def _message(at: EquationTranslator, arguments: tuple[Any, ...]) -> Expression:
    if len(arguments) != 2 or not isinstance(arguments[0], (str, syntax.Reference)):
        raise ModelError(message("read.vensim.message_takes_arguments_text"))
    return Call("message", (at.visit(arguments[1]),))


_CALLS: Mapping[str, SpecialCall] = {
    "game": _game,
    "integ": _integ,
    "pulse train": _pulse_train,
    "sample if true": _sample_if_true,
    "sample until": _sample_until,
    "sinteg": _sinteg,
    "invert matrix": _invert_matrix,
    "elmcount": _elmcount,
    "a function of": _unwritten,
    "afunction of": _unwritten,
    "get time value": _get_time_value,
    "time base": _time_base,
    "simultaneous": _simultaneous,
    "random 0 1": _random_0_1,
    "x if missing": _x_if_missing,
    "message": _message,
    **series.CALLS,
    **queues.CALLS,
}
