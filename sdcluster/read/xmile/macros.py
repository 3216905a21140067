"""Expand the macros of an XMILE file. Each call becomes a set of hidden variables, which users do not see.

`Macros.expanded(tree, definition, subscripts)` returns a syntax tree without calls of macros.

Source: XMILE 1.0, section 4.8.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from lxml import etree

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.model import Equation, Variable
from sdcluster.model.expression import Expression
from sdcluster.model.names import canonical, display
from sdcluster.read import syntax
from sdcluster.read.xmile.modules import KINDS, Definition
from sdcluster.read.xmile.xml import local_name

if TYPE_CHECKING:
    from sdcluster.read.xmile.equations import Equations

MAX_DEPTH = 16
MAX_CALLS = 10_000


@dataclass
class Macros:
    """The macros of a file, and the hidden variables that their calls need.

    Parameters
    ----------
    reader : Equations
        Builds the variables.
    nodes : dict of str to list of element
        The ``<macro>`` elements, by canonical name. Macros with the same name differ in their number of arguments.
    """

    reader: Equations
    nodes: dict[str, list[etree._Element]]
    hidden: dict[str, Variable] = field(default_factory=dict)
    calls: int = 0
    depth: int = 0

    def expanded(self, tree: Any, definition: Definition, subscripts: tuple[str, ...]) -> Any:
        """Return `tree` with each call of a macro replaced by a reference to a hidden variable.

        Parameters
        ----------
        tree : syntax tree
        definition : Definition
            The variable that the equation defines.
        subscripts : tuple of str
            Subscripts of the equation's left-hand side. The hidden variables are arrays over the same dimensions.
        """
        if not self.nodes:
            return tree

        def inside(node: Any) -> Any:
            match node:
                case syntax.Call(name, arguments) if canonical(name) in self.nodes:
                    return syntax.Reference(
                        self.call(canonical(name), arguments, definition, subscripts)
                    )
                case syntax.Call():
                    indices, arguments = (
                        tuple(map(inside, part)) for part in (node.indices, node.arguments)
                    )
                    return replace(node, indices=indices, arguments=arguments)
                case syntax.Operation():
                    return replace(node, operands=tuple(map(inside, node.operands)))
                case syntax.Reference():
                    return replace(node, indices=tuple(map(inside, node.indices)))
                case syntax.Span(first, last):
                    return syntax.Span(inside(first), inside(last))
                case _:
                    return node

        return inside(tree)

    def chosen(self, name: str, given: int) -> tuple[etree._Element, list[tuple[str, str]]]:
        """Return the ``<macro>`` that takes `given` arguments, and its parameters with their defaults."""
        wanted = []
        for node in self.nodes[name]:
            found = [
                ("".join(p.itertext()).strip(), p.get("default") or "")
                for p in node.findall(self.reader.document.tag("parm"))
            ]
            least = max((i for i, (_, default) in enumerate(found, 1) if not default), default=0)
            if least <= given <= len(found):
                break
            wanted.append(str(least) if least == len(found) else f"{least} to {len(found)}")
        else:
            raise ModelError(
                message(
                    "read.xmile.macro_takes_arguments_given",
                    name=name,
                    wanted=" or ".join(wanted),
                    given=given,
                )
            )
        if self.reader.document.find(node, "sim_specs") is not None:
            raise ModelError(message("read.xmile.macro_runs_simulation_own", name=name))
        return node, found

    def call(
        self,
        name: str,
        arguments: tuple[Any, ...],
        definition: Definition,
        subscripts: tuple[str, ...],
    ) -> str:
        """Create the hidden variables for one call of a macro, and return the name of the variable with its value."""
        node, parameters = self.chosen(name, len(arguments))
        axes = tuple(s for s in subscripts if s in self.reader.model.dimensions)
        self.calls += 1
        self.depth += 1
        if self.depth > MAX_DEPTH or self.calls > MAX_CALLS:
            raise ModelError(
                message("read.xmile.macro_calls_itself_called", name=name, max_calls=MAX_CALLS)
            )
        prefix = f"⟨{name} {self.calls}⟩ "
        names: dict[str, str] = {}
        for at, (parameter, default) in enumerate(parameters):
            shown = prefix + display(parameter)
            if at < len(arguments):
                argument = self.expanded(arguments[at], definition, subscripts)
                expression = self.reader.made(argument, definition, subscripts)
            else:
                own = Definition(shown, node, names)
                self.reader.model.axes[canonical(shown)] = axes
                expression = self.reader.expression(default, own, axes)
            self.keep(shown, expression, axes)
            names[canonical(parameter)] = canonical(shown)
        holder = self.reader.document.find(node, "variables")
        # A parameter may be listed again among the variables. It may have no equation, as a flow of an inner stock, or
        # an equation that Stella needs only to run the macro on its own.
        inner = [
            n
            for n in ([] if holder is None else holder)
            if local_name(n) in KINDS
            and (
                canonical(n.get("name", "")) not in names
                or (n.get("access") != "input" and self.reader.document.written(n, "eqn"))
            )
        ]
        definitions: dict[str, Definition] = {}
        for own in inner:
            shown = prefix + display(own.get("name", ""))
            key = names[canonical(own.get("name", ""))] = canonical(shown)
            definitions[key] = Definition(shown, own, names)
            self.reader.model.axes[key] = axes
        self.reader.model.defined.update(definitions)
        self.reader.discrete.collect(definitions)
        for own_definition in definitions.values():
            variable = self.reader.variable(own_definition)
            self.hidden[variable.key] = variable
        value = Definition(prefix.strip(), node, names)
        self.reader.model.axes[canonical(value.name)] = axes
        expression = self.reader.expression(self.reader.document.text(node, "eqn"), value, axes)
        self.keep(value.name, expression, axes)
        self.depth -= 1
        return canonical(value.name)

    def keep(self, name: str, expression: Expression, axes: tuple[str, ...]) -> None:
        """Add a hidden auxiliary with the dimensions `axes` to the model."""
        equation = Equation(expression, subscripts=axes)
        self.hidden[canonical(name)] = Variable(name, "auxiliary", (equation,), dimensions=axes)
        self.reader.model.axes[canonical(name)] = axes
