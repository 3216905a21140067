"""Check the names in equations. Each name must be defined, and each lookup must be called with an argument.

`check_names(variable, expression, variables)` raises an error for the first name that is not valid.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sdcluster.errors import ModelError, did_you_mean
from sdcluster.messages import message
from sdcluster.model import Variable
from sdcluster.model.expression import Expression, Lookup, Reference, walk


def check_names(
    variable: Variable,
    expression: Expression,
    variables: Mapping[str, Variable],
    lookup: str = "lookup",
    hint: Callable[[str], str] = lambda name: "",
    wrong: Callable[[Reference, Variable], str] = lambda node, found: "",
) -> None:
    """Check that every reference in an expression is valid.

    Parameters
    ----------
    variable : Variable
        The variable that the expression defines.
    expression : Expression
    variables : mapping of str to Variable
        All variables of the model, by canonical name.
    lookup : str
        The language's term for a graphical function.
    hint : callable
        Takes an unknown name. Returns a suggestion that starts with a semicolon, or an empty text.
    wrong : callable
        Takes a reference and the existing variable to which it refers. Returns what is wrong with the reference, or an
        empty text.

    Raises
    ------
    ModelError
        For the first invalid reference, with line and variable.
    """
    nodes = list(walk(expression))
    tables = {id(n.table) for n in nodes if isinstance(n, Lookup)}
    for node in nodes:
        if not isinstance(node, Reference):
            continue
        found = variables.get(node.name)
        if found is None:
            known = [v.name for v in variables.values()]
            remedy = (
                hint(node.name)
                or did_you_mean(node.name, known)
                or message("read.define_correct_name")
            )
            sentence: str = message(
                "read.uses_no_equation_defines_2", node=node.name, remedy=remedy
            )
        elif found.kind == "lookup" and id(node) not in tables:
            call = node.name if lookup == "lookup" else node.name.replace(" ", "_")
            sentence = message(
                "read.uses_without_argument_write", lookup=lookup, node=node.name, call=call
            )
        else:
            sentence = wrong(node, found)
        if sentence:
            raise ModelError(
                message(
                    "read.variable_sentence",
                    kind=variable.kind,
                    name=variable.name,
                    sentence=sentence,
                ),
                line=variable.line,
                variable=variable.name,
            )
