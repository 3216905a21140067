"""Check and complete the translated variables of a Vensim file: references, the clock, flows.

`check_references` raises errors for invalid names, elements and subscripts, `replace_clock` connects the control
variables with the clock of the run, and `mark_flows` sets the inflows and outflows of stocks. Each of these functions
takes the variables, keyed by canonical name.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.model import Equation, Remark, Variable
from sdcluster.model.expression import (
    Binary,
    Call,
    Expression,
    Number,
    Reference,
    Unary,
    children,
    mapped,
    walk,
)
from sdcluster.model.names import canonical
from sdcluster.model.steady import changing
from sdcluster.model.subscripts import DefinedParts, Subscripts
from sdcluster.read.names import check_names
from sdcluster.read.vensim.typos import foreign_signs
from sdcluster.recursion import deep_recursion

MAX_DEPTH = 2_000

Change = Callable[[Expression], Expression | None]


def check_references(variables: Mapping[str, Variable], subscripts: Subscripts) -> None:
    """Check that names and elements are defined, that lookups have arguments, and that subscripts are complete.

    Raises
    ------
    ModelError
        For the first invalid reference, with line and variable.
    """
    defined = DefinedParts(subscripts, {k: v.equations for k, v in variables.items()})

    def wrong(node: Reference, found: Variable) -> str:
        if len(node.subscripts) != len(found.dimensions):
            wanted = (
                f"{found.name}[{', '.join(found.dimensions)}]" if found.dimensions else found.name
            )
            return message(
                "read.vensim.uses_subscripts_write_sum",
                node=node.name,
                count=len(node.subscripts),
                count_2=len(found.dimensions),
                wanted=wanted,
            )
        if defined.lacks(node.name, node.subscripts):
            part = f"{found.name}[{', '.join(node.subscripts)}]"
            return message("read.vensim.uses_no_equation_defines", part=part, found=found.name)
        return ""

    def hint(name: str) -> str:
        return foreign_signs(name) or _swallowed(name, variables)

    for variable in variables.values():
        for expression in variable.expressions:
            _check_depth(variable, expression)
            check_names(variable, expression, variables, hint=hint, wrong=wrong)


def _check_depth(variable: Variable, expression: Expression) -> None:
    level, depth = [expression], 0
    while level:
        level = [child for node in level for child in children(node)]
        depth += 1
    if depth > MAX_DEPTH:
        raise ModelError(
            message(
                "read.vensim.variable_equation_operations_deep",
                variable=variable.name,
                depth=depth,
                max_depth=MAX_DEPTH,
            ),
            line=variable.line,
            variable=variable.name,
        )


def _swallowed(name: str, variables: Mapping[str, Variable]) -> str:
    """Return a suggestion if the comment of another variable seems to contain the equation of `name`.

    A comment contains an equation if the ``|`` that ends the comment is missing.
    """
    for variable in variables.values():
        for line in variable.doc.splitlines():
            head, equals, _ = line.partition("=")
            if equals and canonical(head.partition("[")[0]) == name:
                return message(
                    "read.vensim.comment_line_seems_hold",
                    variable=variable.name,
                    line=variable.line,
                )
    return ""


def replace_clock(
    variables: Mapping[str, Variable],
    builtin: Mapping[str, Expression],
    fixed: Collection[str],
    moving: Collection[str],
) -> dict[str, Variable]:
    """Connect the control variables, such as TIME STEP, with the clock of the run.

    A control variable that is constant gets its value from the clock. If a control variable changes during a run,
    equations refer to the variable instead of the clock.

    Parameters
    ----------
    variables : mapping
        All variables. Where an equation uses INITIAL TIME, FINAL TIME or TIME STEP, it calls the clock.
    builtin : mapping of str to Expression
        The call of the clock for each control variable, keyed by its name.
    fixed : collection of str
        Control variables that are constant during a run. The settings of a run may override them.
    moving : collection of str
        Control variables that depend on time.
    """
    found = dict(variables)
    for name in fixed:
        equation = replace(found[name].equations[0], expression=builtin[name])
        found[name] = replace(found[name], kind="auxiliary", equations=(equation,))
    if moving:
        calls: dict[Expression, Expression] = {builtin[name]: Reference(name) for name in moving}
        with deep_recursion():
            found = {name: changed(v, calls.get) for name, v in found.items()}
    return found


def changed(variable: Variable, change: Change) -> Variable:
    """Return the variable after `change` is applied to all its equations."""
    equations = tuple(e.changed(lambda node: mapped(node, change)) for e in variable.equations)
    return variable if equations == variable.equations else replace(variable, equations=equations)


def mark_flows(variables: Mapping[str, Variable]) -> dict[str, Variable]:
    """Set the inflows and outflows of stocks.

    A stock gets flows if its net flow is a sum or difference of auxiliaries with the same subscripts as the stock.
    """
    found = dict(variables)
    for name, stock in variables.items():
        if stock.kind != "stock":
            continue
        sides = {_sides(e, variables) for e in stock.equations}
        side = sides.pop() if len(sides) == 1 else None
        if side is None:
            continue
        inflows, outflows = side
        found[name] = replace(stock, inflows=inflows, outflows=outflows)
        for flow in inflows + outflows:
            found[flow] = replace(found[flow], kind="flow")
    return found


def _sides(
    equation: Equation, variables: Mapping[str, Variable]
) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Return the inflows and the outflows of a net flow, or None if it is not a sum or difference of flows."""
    inflows: list[str] = []
    outflows: list[str] = []
    waiting: list[tuple[Expression, bool]] = [(equation.expression, True)]
    while waiting:
        node, positive = waiting.pop()
        match node:
            case Binary("+" | "-" as operator, left, right):
                waiting.append((right, positive == (operator == "+")))
                waiting.append((left, positive))
            case Unary("-", operand):
                waiting.append((operand, not positive))
            case Number(0.0) if not inflows and not outflows and not waiting:
                return (), ()
            case Reference(name, subscripts) if (
                variables[name].kind in ("auxiliary", "flow")
                and subscripts == equation.subscripts
                and name not in inflows + outflows
            ):
                (inflows if positive else outflows).append(name)
            case _:
                return None
    return tuple(inflows), tuple(outflows)


def moving_orders(variables: Mapping[str, Variable]) -> list[Remark]:
    """Return a remark on each DELAY N and SMOOTH N whose order changes over time.

    Vensim always uses the initial order.
    """
    found = []
    for variable in variables.values():
        calls = (n for p in variable.expressions for n in walk(p) if isinstance(n, Call))
        orders = (c.arguments[3] for c in calls if c.function in ("delay n", "smooth n"))
        moved_by = next((by for by in (changing(variables, o) for o in orders) if by), "")
        if moved_by:
            name = variable.name
            sentence = message(
                "read.vensim.order_delay_smooth_changes", name=name, moved_by=moved_by
            )
            remedy = message("read.vensim.use_constant_initial_value")
            found.append(Remark(sentence, variable.line, name, fixed=True, remedy=remedy))
    return found
