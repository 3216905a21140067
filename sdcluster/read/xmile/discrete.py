"""Read the conveyors and queues of an XMILE file: their parameters, and the flows whose values they determine.

`sdcluster.read.xmile.equations` uses `Discrete`. Each child of a ``<conveyor>``, such as its capacity, becomes a hidden
variable, so that the child can have any equation, be an array, or differ between elements.

Sources: XMILE 1.0, sections 3.7.2, 3.7.3, 4.2.1 and 4.3; the help of Stella, for ``isee:spreadflow``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lxml import etree

from sdcluster.errors import ModelError
from sdcluster.messages import comma_separated, message
from sdcluster.model import Equation, Variable
from sdcluster.model.discrete import SPREADS, Conveyor, Leak, Queue
from sdcluster.model.expression import Call, Number, Reference
from sdcluster.model.names import canonical
from sdcluster.read.xmile.document import finite
from sdcluster.read.xmile.modules import Definition
from sdcluster.read.xmile.xml import local_name

if TYPE_CHECKING:
    from sdcluster.read.xmile.equations import Equations

MAX_CONTENTS = 100_000
_PARTS = {
    "len": "transit time",
    "capacity": "capacity",
    "in_limit": "inflow limit",
    "sample": "sampling",
    "arrest": "arrest",
}


@dataclass
class Discrete:
    """The conveyors and queues of a file.

    Parameters
    ----------
    reader : Equations
        Builds equations.
    hidden : dict of str to Variable
        Variables that are not in the file.
    leaving : dict of str to Definition
        For each flow whose value a conveyor or queue determines, the stock from which it flows.
    governors : dict of (str, str) to str
        For a conveyor and the tag of one of its children, the variable with the value of that child.
    leaks : set of str
        Flows that leak from a conveyor.
    entering : dict of str to Definition
        For each flow into a conveyor, the stock of the conveyor.
    """

    reader: Equations
    hidden: dict[str, Variable] = field(default_factory=dict)
    leaving: dict[str, Definition] = field(default_factory=dict)
    governors: dict[tuple[str, str], str] = field(default_factory=dict)
    leaks: set[str] = field(default_factory=set)
    entering: dict[str, Definition] = field(default_factory=dict)

    def collect(self, defined: dict[str, Definition]) -> None:
        """Find the conveyors and queues of the file, their outflows and leaks, and the inflows of conveyors."""
        for key, definition in defined.items():
            kind = self.kind(definition.node)
            if kind is None or definition.source:
                continue
            self.reader.model.containers |= {key}
            with self.reader.document.at(definition.node, definition.name):
                outflows = self.reader.flows(definition, "outflow")
                inflows = self.reader.flows(definition, "inflow")
                self.leaving |= dict.fromkeys(outflows, definition)
                if self.is_conveyor(definition):
                    # An outflow that is an argument of a macro has no node, so it cannot be marked as a leak.
                    marked = [
                        f for f in outflows if f in defined and self.is_marked(defined[f].node)
                    ]
                    # The first outflow that is not marked leaves at the end. All others leak (XMILE 1.0, 4.2.1).
                    first = [f for f in outflows if f not in marked][:1]
                    self.leaks |= set(outflows) - set(first)
                    self.entering |= dict.fromkeys(inflows, definition)

    def kind(self, node: etree._Element) -> etree._Element | None:
        """Return the ``<conveyor>`` or ``<queue>`` element of a stock, or None for other variables."""
        if local_name(node) != "stock":
            return None
        found = self.reader.document.find(node, "conveyor")
        return self.reader.document.find(node, "queue") if found is None else found

    def is_conveyor(self, definition: Definition) -> bool:
        """Return whether a stock is a conveyor."""
        kind = self.kind(definition.node)
        return kind is not None and local_name(kind) == "conveyor"

    def is_marked(self, node: etree._Element) -> bool:
        """Return whether a flow is marked as a leak."""
        return any(
            self.reader.document.find(node, tag) is not None for tag in ("leak", "leak_integers")
        )

    # ---- equations

    def equations(self, definition: Definition) -> tuple[Equation, ...] | None:
        """Return the equations of a flow that a conveyor or queue determines, or of a stock whose contents are listed.

        For other variables, return None.
        """
        key = canonical(definition.name)
        axes = self.reader.model.axes[key]
        stock = self.leaving.get(key)
        if stock is not None:
            level = canonical(stock.name)
            content = Reference(
                level, axes if len(axes) == len(self.reader.model.axes[level]) else ()
            )
            if key not in self.leaks:
                governed = (
                    [Reference(self.transit(stock), content.subscripts)]
                    if self.is_conveyor(stock)
                    else []
                )
                return (Equation(Call("leaving", (content, *governed)), None, axes),)
            fraction = Reference(self.fraction(definition), axes)
            return (Equation(Call("leaking", (content, fraction)), None, axes),)
        contents = self.contents(definition)
        if contents:
            node = definition.node
            return (self.reader.equation(definition, node, (), node, repr(sum(contents))),)
        return None

    def fraction(self, definition: Definition) -> str:
        """Create a hidden variable for the leak fraction of a flow, and return its name."""
        node = definition.node
        axes = self.reader.model.axes[canonical(definition.name)]
        text = self.reader.document.text(node, "leak")
        made: tuple[Equation, ...]
        if text:
            made = (Equation(self.reader.expression(text, definition, axes), None, axes),)
        elif (
            self.reader.document.find(node, "eqn") is not None
            or self.reader.document.find(node, "element/eqn") is not None
        ):
            made = self.reader.equations(definition)
        else:
            made = (Equation(Number(0.0), None, axes),)
        return self.hide(definition, "leak fraction", made)

    def contents(self, definition: Definition) -> tuple[float, ...]:
        """Return the initial contents of the slats or batches of a conveyor or queue, if the file lists them.

        Otherwise, the result is empty.
        """
        node = definition.node
        if self.kind(node) is None or self.reader.model.axes[canonical(definition.name)]:
            return ()
        text = self.reader.document.text(node, "eqn")
        numbers = [finite(part.strip()) for part in re.split("[,;]", text)]
        if len(numbers) < 2 or any(n is None for n in numbers):
            return ()
        if len(numbers) > MAX_CONTENTS:
            raise ModelError(
                message(
                    "read.xmile.contents_listed_more_not",
                    count=len(numbers),
                    max_contents=MAX_CONTENTS,
                )
            )
        return tuple(n for n in numbers if n is not None)

    def transit(self, definition: Definition) -> str:
        """Return the name of the variable with the transit time of a conveyor."""
        node = definition.node
        text = self.reader.document.text(node, "conveyor/len")
        if not text:
            raise ModelError(
                message("read.xmile.conveyor_no_transit_time", definition=definition.name)
            )
        return self.governor(definition, "len", text)

    def capacity(self, key: str) -> str | None:
        """Return the name of the variable with a conveyor's capacity.

        If its capacity is unlimited, return an empty text. If `key` is not a conveyor, return None.
        """
        definition = self.reader.model.defined.get(key)
        if definition is None or not self.is_conveyor(definition):
            return None
        text = self.reader.document.text(definition.node, "conveyor/capacity")
        return self.governor(definition, "capacity", text) if text else ""

    def governor(self, definition: Definition, tag: str, text: str) -> str:
        """Return the name of the variable with the value of a conveyor's child element, such as its capacity.

        If the element contains only the name of a variable, it is that variable. Otherwise, it is a hidden variable.
        """
        known = self.governors.get((definition.name, tag))
        if known is not None:
            return known
        axes = self.reader.model.axes[canonical(definition.name)]
        expression = self.reader.expression(text, definition, axes)
        if tag == "len" and isinstance(expression, Number) and not expression.value > 0:
            raise ModelError(message("read.xmile.transit_time_conveyor_must", text=text))
        if (
            isinstance(expression, Reference)
            and self.reader.model.axes.get(expression.name) == axes
        ):
            name = expression.name if expression.subscripts == axes else ""
        else:
            name = ""
        name = name or self.hide(
            definition, _PARTS[tag], (Equation(expression, None, axes),), self.unit(definition, tag)
        )
        self.governors[definition.name, tag] = name
        return name

    def unit(self, definition: Definition, tag: str) -> str:
        """Return the unit of a conveyor's parameter, with which the unit check compares the parameter's equation."""
        own = self.reader.document.text(definition.node, "units")
        specs = self.reader.document.find(self.reader.document.root, "sim_specs")
        time = "" if specs is None else specs.get("time_units", "")
        rate = f"({own})/({time})" if own and time else ""
        return {"len": time, "capacity": own, "in_limit": rate}.get(tag, "")

    def hide(
        self, definition: Definition, what: str, equations: tuple[Equation, ...], units: str = ""
    ) -> str:
        """Add a hidden variable to the model, and return its name."""
        shown = f"⟨{what} of {definition.name}⟩"
        key = canonical(shown)
        axes = self.reader.model.axes[canonical(definition.name)]
        self.reader.model.axes[key] = axes
        self.hidden[key] = Variable(
            shown, "auxiliary", equations, units, line=definition.node.sourceline, dimensions=axes
        )
        return key

    # ---- marks

    def marks(self, definition: Definition) -> dict[str, Any]:
        """Return the fields of `Variable` that describe conveyors, queues and their flows, with their values."""
        key, node = canonical(definition.name), definition.node
        found: dict[str, Any] = {}
        kind = self.kind(node)
        if kind is not None:
            contents = self.contents(definition)
            queue = local_name(kind) == "queue"
            found = {
                "discrete": Queue(contents) if queue else self.conveyor(definition, kind, contents),
                "non_negative": False,
            }
        if key in self.leaks:
            found["leak"] = self.leak(definition)
        if key in self.leaving and self.reader.document.find(node, "overflow") is not None:
            found["overflow"] = True
        if key in self.entering:
            found["spread"] = self.spread(node)
            if found["spread"] == "dist":
                found["profile"] = self.profile(definition)
        return found

    def conveyor(
        self, definition: Definition, node: etree._Element, contents: tuple[float, ...]
    ) -> Conveyor:
        """Return the parameters and options of a ``<conveyor>`` element."""
        texts = {tag: self.reader.document.text(node, tag) for tag in _PARTS if tag != "len"}
        if any("fifo" in str(k).lower() and v.lower() == "true" for k, v in node.attrib.items()):
            raise ModelError(message("read.xmile.conveyor_keeps_order_when"))
        names = {tag: self.governor(definition, tag, text) for tag, text in texts.items() if text}
        return Conveyor(
            transit=self.transit(definition),
            capacity=names.get("capacity", ""),
            in_limit=names.get("in_limit", ""),
            sample=names.get("sample", ""),
            arrest=names.get("arrest", ""),
            discrete=_is_true(node, "discrete"),
            batch_integrity=_is_true(node, "batch_integrity"),
            one_at_a_time=_is_true(node, "one_at_a_time", "true"),
            exponential_leak=_is_true(node, "exponential_leak"),
            contents=contents,
        )

    def leak(self, definition: Definition) -> Leak:
        """Return the parameters of a leak: its fraction, the ends of its zone, and whether it leaks whole units."""
        node = definition.node
        bounds = []
        for name, otherwise in (("leak_start", 0.0), ("leak_end", 1.0)):
            text = node.get(name) or self.reader.document.text(node, name)
            value = finite(text) if text else otherwise
            if value is None or not 0.0 <= value <= 1.0:
                raise ModelError(message("read.xmile.number_expected", name=name, text=text))
            bounds.append(value)
        fraction = canonical(f"⟨leak fraction of {definition.name}⟩")
        whole = self.reader.document.find(node, "leak_integers") is not None
        return Leak(fraction, bounds[0], bounds[1], whole)

    def profile(self, definition: Definition) -> str:
        """Return the name of the variable whose points say how an inflow is distributed along a conveyor."""
        texts = [(n.text or "").strip() for n in definition.node if local_name(n) == "distrib_eq"]
        name = canonical(texts[0]) if texts else ""
        key = definition.names.get(name, "")
        while key and self.reader.model.defined[key].source:
            key = self.reader.model.defined[key].source
        if not key or self.reader.document.find(self.reader.model.defined[key].node, "gf") is None:
            raise ModelError(
                message("read.xmile.spreads_over_conveyor_profile", texts=texts[0] if texts else "")
            )
        return key

    def spread(self, node: etree._Element) -> str:
        """Return the way in which an inflow is distributed along a conveyor, one of `SPREADS`, or an empty text."""
        ways = [v.lower() for k, v in node.attrib.items() if str(k).endswith("spreadflow")]
        if not ways or ways[0] in ("", "none"):
            return ""
        if ways[0] not in SPREADS:
            raise ModelError(
                message(
                    "read.xmile.spreads_over_conveyor_sdcluster",
                    ways=ways[0],
                    spreads=comma_separated(SPREADS),
                )
            )
        return ways[0]


def _is_true(node: etree._Element, name: str, otherwise: str = "false") -> bool:
    return node.get(name, otherwise).strip().lower() in ("true", "1")
