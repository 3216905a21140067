"""Variables whose equation is not written yet: Vensim's A FUNCTION OF(causes), Stella's NAN(causes).

`with_causes(variables)` removes causes that the model does not define, and returns a remark on each variable without an
equation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from sdcluster.functions.table import UNWRITTEN
from sdcluster.messages import clauses, comma_separated, message, quoted
from sdcluster.model import Equation, Remark, Variable
from sdcluster.model.expression import (
    Call,
    Expression,
    Lookup,
    Number,
    Reference,
    Unary,
    rebuilt,
    walk,
)


def with_causes(variables: Mapping[str, Variable]) -> tuple[dict[str, Variable], list[Remark]]:
    """Remove undefined causes from the placeholder equations, and set `Variable.missing`.

    A cause that is an array without subscripts means all of its elements. Vensim and Stella refuse to run a model with
    placeholder equations. Here, a run must supply values for the variables whose `Variable.missing` is set.

    Returns
    -------
    dict of str to Variable
        All variables, by canonical name.
    list of Remark
        One remark for each variable with a placeholder equation.
    """
    found = dict(variables)
    remarks = []
    for key, variable in variables.items():
        calls = [n for e in variable.expressions for n in walk(e) if _is_call(n)]
        if not calls:
            continue
        equations = tuple(_changed(e, variables) for e in variable.equations)
        found[key] = replace(
            variable, equations=equations, missing=variable.missing or _sentence(variable)
        )
        unknown = {r.name for c in calls for r in _references(c) if r.name not in variables}
        named = comma_separated([quoted(name) for name in sorted(unknown)])
        causes = (
            message("read.no_equation_defines_cause", cause=named)
            if len(unknown) == 1
            else message("read.no_equation_defines_causes", causes=named)
        )
        remarks.append(
            Remark(
                clauses(
                    [
                        message("read.equation_not_written_yet", variable=variable.name),
                        causes if unknown else "",
                    ]
                ),
                variable.line,
                variable.name,
                fixed=True,
                remedy=message("read.until_then_model_can"),
            )
        )
    return found, remarks


def _sentence(variable: Variable) -> str:
    """Return a sentence that says why a variable has no values, and how to supply them."""
    sentence = message("read.equation_not_written_yet_write")
    if variable.kind == "stock" or variable.hidden:
        return sentence
    return message("read.set_variable_set_number", sentence=sentence, variable=variable.name)


def _is_call(node: Expression) -> bool:
    return isinstance(node, Call) and node.function == UNWRITTEN


def _references(node: Expression) -> list[Reference]:
    return [n for n in walk(node) if isinstance(n, Reference)]


def _changed(equation: Equation, variables: Mapping[str, Variable]) -> Equation:
    def change(node: Expression) -> Expression:
        if isinstance(node, Call) and _is_call(node):
            return Call(UNWRITTEN, tuple(c for a in node.arguments for c in _causes(a, variables)))
        return rebuilt(node, change)

    return equation.changed(change)


def _causes(argument: Expression, variables: Mapping[str, Variable]) -> Iterator[Expression]:
    """Yield a reference for each variable in one argument of a placeholder.

    A minus in front of the argument is the polarity of the causal link.
    """
    for reference in _references(argument):
        variable = variables.get(reference.name)
        if variable is None:
            continue
        if len(reference.subscripts) != len(variable.dimensions):
            reference = replace(reference, subscripts=tuple(f"{d}!" for d in variable.dimensions))
        cause: Expression = reference
        if variable.kind == "lookup":
            cause = Lookup(reference, Number(0.0))
        yield Unary("-", cause) if isinstance(argument, Unary) else cause
