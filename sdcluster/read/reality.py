"""Translate the reality checks and test inputs of a file into expressions over the variables of the model.

`with_reality_checks(model, checks, inputs)` returns the model with its translated checks. A check that cannot be
translated does not prevent the model from loading. The error is stored in the check's attribute `RealityCheck.problem`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sdcluster.errors import ModelError, did_you_mean
from sdcluster.messages import comma_separated, message
from sdcluster.model import Model, RealityCheck, TestInput
from sdcluster.model.clock import CONTROLS
from sdcluster.model.expression import (
    COMPARISONS,
    Binary,
    Call,
    Expression,
    Lookup,
    Number,
    Reference,
    Unary,
    rebuilt,
    substituted,
    walk,
)
from sdcluster.model.names import canonical
from sdcluster.read import syntax
from sdcluster.read.translate import subscripts_of, translated
from sdcluster.read.vensim.grammar import parse_right
from sdcluster.read.vensim.translate import function_call, function_name, spelled
from sdcluster.recursion import deep_recursion

MAX_CHECKS = 5_000
MAX_LENGTH = 10_000
MODIFIERS = ("rc crossing", "rc at least once")
SHAPES = {"step": (2, 4), "ramp": (3, 5), "decay": (2, 4), "grow": (2, 4), "compare": (2, 4)}
_IMPLIES = re.compile(r":IMPLIES:", re.IGNORECASE)
_MODIFIED = re.compile(r"(<=|>=|<>|<|>|=)\s*:(CROSSING|AT LEAST ONCE):", re.IGNORECASE)


def with_reality_checks(
    model: Model, checks: Sequence[RealityCheck], inputs: Sequence[TestInput]
) -> Model:
    """Return the model with its reality checks, whose texts are translated into expressions.

    Parameters
    ----------
    model : Model
        The complete model, whose variables the checks refer to.
    checks : sequence of RealityCheck
        The checks, with their texts but without expressions.
    inputs : sequence of TestInput
        Test inputs to which the conditions of checks can refer.

    Raises
    ------
    ModelError
        If there are more than 5,000 checks and test inputs, or two test inputs with the same name.
    """
    if len(checks) + len(inputs) > MAX_CHECKS:
        raise ModelError(
            message("read.file_more_reality_checks", max_checks=MAX_CHECKS), file=model.path
        )
    named: dict[str, TestInput] = {}
    for given in inputs:
        first = named.setdefault(canonical(given.name), given)
        if first is not given:
            raise ModelError(
                message("read.test_input_defined_twice", given=given.name, line=first.line),
                file=model.path,
                line=given.line,
                variable=given.name,
            )
    with deep_recursion():
        found = tuple(_understood(model, named, check) for check in checks)
    return replace(model, reality_checks=found, test_inputs=tuple(inputs))


def _understood(model: Model, inputs: Mapping[str, TestInput], check: RealityCheck) -> RealityCheck:
    sides = _IMPLIES.split(check.text)
    try:
        if len(sides) != 2:
            raise ModelError(message("read.needs_one_implies_between"))
        if len(check.text) > MAX_LENGTH:
            raise ModelError(
                message(
                    "read.characters_more_not_read", count=len(check.text), max_length=MAX_LENGTH
                )
            )
        reader = _Reader(model, inputs)
        condition, consequence = reader.condition(sides[0]), reader.side(sides[1])
        _check_form(condition, " check", message("read.condition"))
        _check_form(consequence, "", message("read.consequence"))
    except ModelError as error:
        return replace(check, problem=error.sentence)
    except RecursionError:
        return replace(check, problem=message("read.nested_too_deeply_make"))
    return replace(check, condition=condition, consequence=consequence)


class _Reader:
    """Translates one side of a check. Implements `sdcluster.read.translate.Meaning`."""

    def __init__(self, model: Model, inputs: Mapping[str, TestInput]) -> None:
        self.model = model
        self.inputs = inputs
        self.may_name_inputs = False

    def visit(self, node: Any) -> Expression:
        return translated(node, self)

    def side(self, text: str) -> Expression:
        return _lifted(self.visit(parse_right(_MODIFIED.sub(_marked, text))))

    def condition(self, text: str) -> Expression:
        self.may_name_inputs = True
        try:
            return self.side(text)
        finally:
            self.may_name_inputs = False

    def running(self, node: syntax.Running) -> Expression:
        """Raise an error, because a subscript range cannot be used as a value in a check."""
        raise ModelError(message("read.stands_where_value_expected", node=node.name))

    def reference(self, node: syntax.Reference) -> Expression:
        """Return the expression for a name: a variable, a clock value such as Time, or the equation of a test input."""
        name, subscripts = canonical(node.name), subscripts_of(node)
        if self.may_name_inputs and name in self.inputs and name not in self.model.variables:
            return self.input(self.inputs[name], subscripts)
        if name not in self.model.variables and not subscripts:
            clock = "time" if name == "time" else CONTROLS.get(name)
            if clock:
                return Call(clock, ())
        self.check(name, subscripts)
        if self.model.variables[name].kind == "lookup":
            raise ModelError(message("read.uses_lookup_without_argument", name=name))
        return Reference(name, subscripts)

    def check(self, name: str, subscripts: tuple[str, ...]) -> None:
        variable = self.model.variables.get(name)
        if variable is None:
            known = [v.name for v in self.model.variables.values() if not v.hidden]
            hint = did_you_mean(name, known) or message("read.define_correct_name")
            raise ModelError(message("read.uses_no_equation_defines", name=name, hint=hint))
        if len(subscripts) != len(variable.dimensions):
            raise ModelError(
                message(
                    "read.uses_subscripts",
                    variable=variable.name,
                    count=len(subscripts),
                    count_2=len(variable.dimensions),
                )
            )
        self.model.subscripts.check(subscripts)

    def input(self, given: TestInput, subscripts: tuple[str, ...]) -> Expression:
        """Return the equation of a test input after replacing its subscripts by the given elements."""
        if len(subscripts) != len(given.subscripts):
            raise ModelError(
                message(
                    "read.test_input_subscripts_used",
                    given=given.name,
                    count=len(given.subscripts),
                    count_2=len(subscripts),
                )
            )
        self.may_name_inputs = False
        try:
            equation = self.side(given.text)
        finally:
            self.may_name_inputs = True
        target = isinstance(equation, Binary) and isinstance(equation.left, Reference)
        if not target or equation.operator not in COMPARISONS:  # type: ignore[union-attr]
            raise ModelError(message("read.test_input_must_give", given=given.name))
        return substituted(equation, dict(zip(given.subscripts, subscripts, strict=True)))

    def call(self, node: syntax.Call) -> Expression:
        """Return the expression for a call of a lookup or function. Some functions exist only in reality checks."""
        name = canonical(node.name)
        if name in MODIFIERS:
            return Call(name, ())
        if name.startswith("rc "):
            return self.trajectory(name, node.arguments)
        found = self.model.variables.get(name)
        if found is not None and found.kind == "lookup" and len(node.arguments) == 1:
            subscripts = subscripts_of(node)
            self.check(name, subscripts)
            return Lookup(Reference(name, subscripts), self.visit(node.arguments[0]))
        made = function_call(node, self)
        if made is not None:
            return made
        arguments = tuple(map(self.visit, node.arguments))
        return Call(function_name(spelled(node.name), len(arguments)), arguments)

    def trajectory(self, name: str, arguments: Sequence[Any]) -> Expression:
        """Return the call of a function that exists only in reality checks, such as RC RAMP."""
        shape = name.removeprefix("rc ").removesuffix(" check")
        checks = name.endswith(" check")
        if shape not in SHAPES or name not in (f"rc {shape}", f"rc {shape} check"):
            known = [f"RC {s.upper()}{end}" for s in SHAPES for end in ("", " CHECK")]
            raise ModelError(
                message(
                    "read.no_function_reality_checks",
                    name=name.upper(),
                    known=comma_separated(known),
                )
            )
        given = list(arguments)
        if shape == "compare":
            if not given or not isinstance(given[0], str):
                raise ModelError(message("read.takes_name_run_single", name=name.upper()))
            given = given[1:]
            if checks and len(given) > 1:
                given[0], given[1] = (
                    given[1],
                    given[0],
                )  # in our call, the grace period precedes the variable
        least, most = (n + checks for n in SHAPES[shape])
        if not least <= len(given) <= most:
            raise ModelError(
                message(
                    "read.takes_arguments_given",
                    name=name.upper(),
                    least=least + (shape == "compare"),
                    most=most + (shape == "compare"),
                    count=len(arguments),
                )
            )
        return Call(name, tuple(self.visit(a) for a in given))


def _marked(match: re.Match[str]) -> str:
    # The mark is parsed as a factor of the right operand. `_lifted` removes this factor.
    return f"{match.group(1)} RC {match.group(2)}(1) * "


def _lifted(node: Expression) -> Expression:
    """Return the expression with each ``a > mark * b`` rewritten as ``mark(a > b)``.

    The mark is a modifier of the comparison, such as ``:CROSSING:``.
    """
    if isinstance(node, Binary) and node.operator in COMPARISONS:
        found = next(
            (n for n in walk(node.right) if isinstance(n, Call) and n.function in MODIFIERS), None
        )
        if found is not None:
            bare = replace(node, right=_without(node.right, found))
            return Call(found.function, (bare,))
        return node
    if isinstance(node, Unary) or (isinstance(node, Binary) and node.operator in ("and", "or")):
        return rebuilt(node, _lifted)
    return node


def _without(node: Expression, mark: Expression) -> Expression:
    if isinstance(node, Binary) and node.operator == "*" and node.left == mark:
        return node.right
    return rebuilt(node, lambda inner: _without(inner, mark))


def _check_form(node: Expression, wrong: str, where: str) -> None:
    """Raise an error unless an expression consists of comparisons.

    Functions that exist only in reality checks are allowed only alone on the right of a comparison.
    """
    match node:
        case Binary("and" | "or", left, right):
            _check_form(left, wrong, where)
            _check_form(right, wrong, where)
        case Unary("not", operand):
            _check_form(operand, wrong, where)
        case Binary(operator, left, right) if operator in COMPARISONS:
            inner = [*walk(left), *(n for n in walk(right) if n is not right)]
            stray = next((n for n in inner if _is_trajectory(n)), None)
            if stray is not None:
                raise ModelError(
                    message("read.must_stand_alone_right", function=stray.function.upper())  # type: ignore[union-attr]
                )
            misplaced = isinstance(right, Call) and right.function.endswith(" check") == bool(wrong)
            if misplaced and _is_trajectory(right):
                other = right.function.removesuffix(" check") + ("" if wrong else " check")  # type: ignore[union-attr]
                raise ModelError(
                    message(
                        "read.does_not_belong_write",
                        function=right.function.upper(),  # type: ignore[union-attr]
                        where=where,
                        other=other.upper(),
                    )
                )
        case Call(function, (comparison,)) if function in MODIFIERS and wrong == "":
            _check_form(comparison, wrong, where)
        case Number():
            raise ModelError(message("read.number_write_comparison_such", where=where))
        case _:
            raise ModelError(message("read.must_made_comparisons_test", where=where))


def _is_trajectory(node: Expression) -> bool:
    return isinstance(node, Call) and node.function.removesuffix(" check") in {
        f"rc {shape}" for shape in SHAPES
    }
