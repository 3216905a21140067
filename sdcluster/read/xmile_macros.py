"""Macros of an XMILE file: each call becomes variables of its own, with hidden names.

Crosses the border: `Macros.expanded(ast, definition)` gives PySD's abstract syntax without macro calls. See XMILE 1.0,
section 4.8.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields, is_dataclass
from typing import TYPE_CHECKING, Any

from lxml import etree

from sdcluster.errors import ModelError
from sdcluster.model import Equation, Variable
from sdcluster.model.names import canonical, display
from sdcluster.read.modules import KINDS, Definition
from sdcluster.read.syntax import CallStructure, ReferenceStructure
from sdcluster.read.xml import local_name

if TYPE_CHECKING:
    from sdcluster.read.xmile_equations import Equations

MAX_DEPTH = 16
MAX_CALLS = 10_000


@dataclass
class Macros:
    """The macros of a file, and the hidden variables that their calls have become.

    Parameters
    ----------
    reader : Equations
        Makes the variables.
    nodes : dict of str to element
        The ``<macro>`` elements by canonical name.
    """

    reader: Equations
    nodes: dict[str, etree._Element]
    hidden: dict[str, Variable] = field(default_factory=dict)
    calls: int = 0
    depth: int = 0

    def expanded(self, ast: Any, definition: Definition) -> Any:
        """Return `ast` with references to hidden variables in place of macro calls."""
        if isinstance(ast, CallStructure):
            name = canonical(ast.function.reference)
            if name in self.nodes:
                return ReferenceStructure(self.call(name, ast.arguments, definition))
        return _rebuilt(ast, lambda child: self.expanded(child, definition)) if self.nodes else ast

    def call(self, name: str, arguments: tuple[Any, ...], definition: Definition) -> str:
        """Make the variables of one call, and return the name of its value."""
        node = self.nodes[name]
        parameters = ["".join(p.itertext()).strip() for p in node.findall(self.reader.tag("parm"))]
        if len(arguments) != len(parameters):
            raise ModelError(
                f'the macro "{name}" takes {len(parameters)} arguments, but {len(arguments)} were given'
            )
        self.calls += 1
        self.depth += 1
        if self.depth > MAX_DEPTH or self.calls > MAX_CALLS:
            raise ModelError(
                f'the macro "{name}" calls itself, or is called more than {MAX_CALLS:,} times'
            )
        prefix = f"⟨{name} {self.calls}⟩ "
        names: dict[str, str] = {}
        for parameter, argument in zip(parameters, arguments, strict=True):
            shown = prefix + display(parameter)
            expression = self.reader.made(self.expanded(argument, definition), definition, ())
            self.keep(Variable(shown, "auxiliary", (Equation(expression),), line=node.sourceline))
            names[canonical(parameter)] = canonical(shown)
        holder = self.reader.find(node, "variables")
        inner = [n for n in ([] if holder is None else holder) if local_name(n) in KINDS]
        definitions = []
        for own in inner:
            shown = prefix + display(own.get("name", ""))
            names[canonical(own.get("name", ""))] = canonical(shown)
            definitions.append(Definition(shown, own, names))
            self.reader.axes[canonical(shown)] = ()
            self.reader.defined[canonical(shown)] = definitions[-1]
        for own_definition in definitions:
            self.keep(self.reader.variable(own_definition))
        value = Definition(prefix + "value", node, names)
        self.reader.axes[canonical(value.name)] = ()
        expression = self.reader.expression(self.reader.text(node, "eqn"), value, ())
        self.keep(Variable(value.name, "auxiliary", (Equation(expression),), line=node.sourceline))
        self.depth -= 1
        return canonical(value.name)

    def keep(self, variable: Variable) -> None:
        """Add a hidden variable."""
        self.hidden[variable.key] = variable
        self.reader.axes[variable.key] = ()


def _rebuilt(ast: Any, change: Callable[[Any], Any]) -> Any:
    """Return PySD's abstract syntax with its operands changed."""
    if isinstance(ast, (list, tuple)):
        return type(ast)(change(item) for item in ast)
    if is_dataclass(ast) and not isinstance(ast, (type, ReferenceStructure)):
        return type(ast)(**{f.name: change(getattr(ast, f.name)) for f in fields(ast)})
    return ast
