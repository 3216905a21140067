"""Macros of a Vensim file, written out into hidden variables at each use.

Crosses the border: `Macro`, `Scope`, and `use_macro(translator, name, arguments, outputs)`.
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
    """A macro's interface, and its variables by canonical name."""

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    drafts: Mapping[str, ParsedVariable]

    @property
    def given(self) -> tuple[str, ...]:
        """The names for further outputs of the macros that it calls itself; they are its own, as its variables are."""
        trees = (part.tree for draft in self.drafts.values() for part in draft.parts)
        found = (canonical(name) for tree in trees for name in _outputs_in(tree))
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class Scope:
    """Where an equation stands: in the main model, or in one use of a macro.

    Parameters
    ----------
    names : mapping of str to Expression
        The names that replace the macro's inputs and inner variables.
    prefix : tuple of str
        Subscripts of the equation that uses the macro.
    exceptions : tuple of tuple of str
        The arguments that the equation leaves out.
    depth : int
        How many macros stand around.
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
    """Expand one use of a macro into hidden variables, and return what it gives back."""
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
    """Return what a macro's input stands for: a name or number itself, or a hidden variable."""
    table = lookup_named(at, node)
    if table is not None:
        return table
    value = at.visit(node)
    if isinstance(value, (Reference, Number)):
        return value
    return at.hoist("auxiliary", canonical(parameter), value)


def _outputs_in(tree: Any) -> Iterator[str]:
    """Yield the names after the colon of each call in a syntax tree."""
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
