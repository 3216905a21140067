"""Expand the macros of a Vensim file. Each call of a macro becomes hidden variables, which users do not see.

`use_macro(translator, name, arguments, outputs)` expands one call and returns the expression for its value. A `Macro`
contains the definition of a macro. A `Scope` is the context in which an equation is translated: the main model, or one
call of a macro.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.model.expression import Expression, Number, Reference
from sdcluster.model.names import canonical
from sdcluster.read import syntax
from sdcluster.read.vensim.parsed_variables import ParsedVariable
from sdcluster.read.vensim.series import lookup_named

if TYPE_CHECKING:
    from sdcluster.read.vensim.translate import EquationTranslator

MAX_MACRO_DEPTH = 40


@dataclass(frozen=True)
class Macro:
    """The inputs and outputs of a macro, and its parsed variables, keyed by canonical name."""

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    drafts: Mapping[str, ParsedVariable]

    @property
    def given(self) -> tuple[str, ...]:
        """Names that receive additional outputs of the macros called inside this macro.

        They are names of variables that exist only inside this macro.
        """
        trees = (part.tree for draft in self.drafts.values() for part in draft.parts)
        found = (canonical(name) for tree in trees for name in _outputs_in(tree))
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class Scope:
    """The context in which an equation is translated: the main model, or one call of a macro.

    Parameters
    ----------
    names : mapping of str to Expression
        Expressions that replace the macro's inputs and inner variables.
    prefix : tuple of str
        Subscripts of the equation that calls the macro.
    exceptions : tuple of tuple of str
        Subscripts that this equation excludes.
    depth : int
        Number of macro calls inside each other.
    """

    names: Mapping[str, Expression] = field(default_factory=dict)
    prefix: tuple[str, ...] = ()
    exceptions: tuple[tuple[str, ...], ...] = ()
    depth: int = 0


def use_macro(
    at: EquationTranslator,
    name: str,
    arguments: tuple[Any, ...],
    outputs: tuple[syntax.Reference, ...],
) -> Expression:
    """Expand one call of a macro into hidden variables, and return the expression for its value."""
    macro = at.model.macros[name]
    if len(arguments) != len(macro.inputs) or len(outputs) > len(macro.outputs):
        raise ModelError(
            message(
                "read.vensim.macro_takes_inputs_further",
                macro=macro.name,
                count=len(macro.inputs),
                count_2=len(macro.outputs),
                count_3=len(arguments),
                count_4=len(outputs),
            )
        )
    if at.place.scope.depth >= MAX_MACRO_DEPTH:
        raise ModelError(
            message(
                "read.vensim.macro_uses_itself_macros",
                macro=macro.name,
                max_macro_depth=MAX_MACRO_DEPTH,
            )
        )
    left = at.place.left
    label = f"⟨{canonical(macro.name)} {at.model.number()}⟩"
    names: dict[str, Expression] = {
        inner: Reference(canonical(f"{label} {inner}"), left) for inner in macro.drafts
    }
    inner = frozenset(names)
    for output in macro.given:
        names[output] = Reference(canonical(f"{label} {output}"), left)
    for parameter, argument in zip(macro.inputs, arguments, strict=True):
        names[canonical(parameter)] = _argument(at, argument, parameter)
    scope = Scope(names, left, at.place.exceptions, at.place.scope.depth + 1)
    for key, draft in macro.drafts.items():
        if key in map(canonical, macro.inputs):
            raise ModelError(
                message("read.vensim.macro_defines_own_input", macro=macro.name, key=key)
            )
        at.model.expand(draft, names[key].name, scope)  # type: ignore[union-attr]
    for given, output in zip(outputs, macro.outputs, strict=False):
        if canonical(output) not in inner:
            raise ModelError(
                message("read.vensim.macro_does_not_define", macro=macro.name, output=output)
            )
        at.give(given.name, "auxiliary", names[canonical(output)])
    if canonical(macro.name) not in inner:
        raise ModelError(message("read.vensim.macro_no_equation_own", macro=macro.name))
    return names[canonical(macro.name)]


def _argument(at: EquationTranslator, node: Any, parameter: str) -> Expression:
    """Return the expression for an input of a macro.

    A name or number is used directly. For any other expression, a hidden variable is created.
    """
    table = lookup_named(at, node)
    if table is not None:
        return table
    value = at.visit(node)
    if isinstance(value, (Reference, Number)):
        return value
    return at.hoist("auxiliary", canonical(parameter), value)


def _outputs_in(tree: Any) -> Iterator[str]:
    """Yield the names of the additional outputs, after the colon, of each call in a syntax tree."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        match node:
            case syntax.Call(_, arguments, _, outputs):
                yield from (output.name for output in outputs)
                waiting += arguments
            case syntax.Operation(_, operands):
                waiting += operands
            case syntax.WithLookup(argument, _):
                waiting.append(argument)
