"""Macros of a Vensim file, written out into hidden variables at each use.

Crosses the border: `Macro`, `Scope`, and the part `MacroUse` of the translator of equations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Protocol

from sdcluster.errors import ModelError
from sdcluster.model import Equation, Variable
from sdcluster.model.expression import Expression, Number, Reference
from sdcluster.model.model import Kind
from sdcluster.model.names import canonical, display
from sdcluster.read.translate import Translator
from sdcluster.read.vensim.calendar import Calendar
from sdcluster.read.vensim.grammar import MacroCall
from sdcluster.read.vensim.numbers import Numbers
from sdcluster.read.vensim.subscripts import Subscripts

MAX_MACRO_DEPTH = 40


@dataclass(frozen=True)
class Macro:
    """A macro's interface, and its variables by canonical name (the reader's drafts)."""

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    drafts: Mapping[str, Any]

    @property
    def given(self) -> tuple[str, ...]:
        """The names for further outputs of the macros that it calls itself; they are its own, as its variables are."""
        asts = (part.ast for draft in self.drafts.values() for part in draft.parts)
        found = (canonical(name) for ast in asts for name in _outputs_in(ast))
        return tuple(dict.fromkeys(found))


def _outputs_in(ast: Any) -> Iterator[str]:
    """Yield the names after the colon of each call in an abstract syntax."""
    waiting = [ast]
    while waiting:
        node = waiting.pop()
        if isinstance(node, MacroCall):
            yield from node.outputs
        if isinstance(node, (list, tuple)):
            waiting += node
        elif is_dataclass(node) and not isinstance(node, (type, Numbers)):
            waiting += [getattr(node, f.name) for f in fields(node)]


@dataclass(frozen=True)
class Scope:
    """Where an equation stands: in the main model, or in one use of a macro.

    Parameters
    ----------
    names : mapping of str to Expression
        What the macro's inputs and inner variables stand for.
    prefix : tuple of str
        Subscripts of the equation that uses the macro.
    exceptions : tuple of tuple of str
        What that equation leaves out.
    depth : int
        How many macros stand around.
    """

    names: Mapping[str, Expression] = field(default_factory=dict)
    prefix: tuple[str, ...] = ()
    exceptions: tuple[tuple[str, ...], ...] = ()
    depth: int = 0


class Context(Protocol):
    """What a translator asks of the reader."""

    subscripts: Subscripts
    lookups: set[str]
    data: set[str]
    aliases: Mapping[str, str]
    macros: dict[str, Macro]
    builtin: Mapping[str, Expression]
    calendar: Calendar

    def knows(self, name: str) -> bool:
        """Whether the main model has the variable."""

    def number(self) -> int:
        """Return a number that was not given out before."""

    def add(self, variable: Variable) -> None:
        """Take a hidden variable."""

    def variable(self, name: str) -> Variable:
        """Return a variable of the main model, translated."""

    def output(self, variable: Variable) -> None:
        """Take what a macro gives besides its value, or a part of it."""

    def expand(self, draft: Any, name: str, scope: Scope) -> None:
        """Translate a variable of a macro under a new name."""


class MacroUse(Translator):
    """The translator's part for uses of macros; `EquationTranslator` describes the attributes."""

    context: Context
    owner: str
    left: tuple[str, ...]
    exceptions: tuple[tuple[str, ...], ...]
    scope: Scope

    def lookup_named(self, ast: Any) -> Reference | None:
        """Return the reference to a lookup variable, or None if `ast` names none."""
        raise NotImplementedError

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
                f"but was given {len(arguments)} and {len(outputs)}"
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
        for output in macro.given:
            names[output] = Reference(canonical(f"{label} {output}"), self.left)
        for parameter, argument in zip(macro.inputs, arguments, strict=True):
            names[canonical(parameter)] = self.argument(argument, parameter)
        scope = Scope(names, self.left, self.exceptions, self.scope.depth + 1)
        for key, draft in macro.drafts.items():
            if key in map(canonical, macro.inputs):
                raise ModelError(f'the macro "{macro.name}" defines its own input "{key}"')
            self.context.expand(draft, names[key].name, scope)  # type: ignore[union-attr]
        for given, output in zip(outputs, macro.outputs, strict=False):
            if canonical(output) not in inner:
                raise ModelError(f'the macro "{macro.name}" does not define its output "{output}"')
            self.give(given, "auxiliary", names[canonical(output)])
        if canonical(macro.name) not in inner:
            raise ModelError(f'the macro "{macro.name}" has no equation for its own name')
        return names[canonical(macro.name)]

    def give(
        self, given: str, kind: Kind, expression: Expression, initial: Expression | None = None
    ) -> None:
        """Define the variable that a call names for a further output: of the model, or of the macro that calls."""
        meant = self.scope.names.get(canonical(given))
        name = meant.name if isinstance(meant, Reference) else display(given)
        equation = Equation(expression, initial, self.left, self.exceptions)
        whole = self.context.subscripts.whole([[s] for s in self.left])
        self.context.output(Variable(name, kind, (equation,), dimensions=whole))

    def argument(self, ast: Any, parameter: str) -> Expression:
        """Return what a macro's input stands for: a name or number itself, or a hidden variable."""
        table = self.lookup_named(ast)
        if table is not None:
            return table
        value = self.visit(ast)
        if isinstance(value, (Reference, Number)):
            return value
        return self.hoist("auxiliary", canonical(parameter), value)
