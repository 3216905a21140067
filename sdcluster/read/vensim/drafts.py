"""Definitions of a Vensim file become drafts: parsed, with nothing resolved yet.

Crosses the border: `Drafts(reader).section(section)`; what is no variable (ranges, texts, reality checks) goes to the
collectors of the object.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from sdcluster.errors import ModelError
from sdcluster.model import Range, RealityCheck, TestInput
from sdcluster.model.names import canonical, display
from sdcluster.read.translate import subscripts_of
from sdcluster.read.vensim.grammar import parse_lookup, parse_right, structured
from sdcluster.read.vensim.left_sides import parse_left
from sdcluster.read.vensim.pysd_parser import ae, ve
from sdcluster.read.vensim.subscripts import Subscripts
from sdcluster.read.vensim.text import Definition, Section
from sdcluster.read.vensim.vdf_functions import VdfCall, vdf_call

_LIMITS = re.compile(r"^(.*?)\s*\[([^\[\]]*)\]\s*$", re.DOTALL)
_TABLES = ("data", "lookups", "constants")
_TEXT = re.compile(r"(.{1,300}?)\s*:IS:\s*'([^']*)'\s*", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Part:
    """One equation of a variable, parsed but not translated."""

    subscripts: tuple[str, ...]
    exceptions: tuple[tuple[str, ...], ...]
    ast: Any
    line: int
    interpolation: str = ""
    data: bool = False


@dataclass
class Draft:
    """A variable on its way: its equations parsed, nothing resolved."""

    name: str
    line: int
    units: str = ""
    doc: str = ""
    range: Range | None = None
    parts: list[Part] = field(default_factory=list)

    @property
    def is_lookup(self) -> bool:
        """Whether it is a graphical function."""
        return any(is_table(p.ast) for p in self.parts)

    @property
    def is_data(self) -> bool:
        """Whether all of it comes from data."""
        return all(isinstance(p.ast, (ae.GetDataStructure, ae.DataStructure)) for p in self.parts)

    @property
    def alias(self) -> str:
        """The data variable that it is another name of (``x := y``), or an empty text."""
        part = self.parts[0]
        named = len(self.parts) == 1 and part.data and isinstance(part.ast, ae.ReferenceStructure)
        if not named or part.interpolation or subscripts_of(part.ast) != part.subscripts:
            return ""
        return canonical(part.ast.reference)


class Drafts:
    """Reads definitions.

    Parameters
    ----------
    subscripts : Subscripts
        Takes the ranges.
    at : callable
        ``at(line, name)`` adds file, line and variable to errors.
    """

    def __init__(
        self,
        subscripts: Subscripts,
        at: Callable[[int | None, str | None], AbstractContextManager[None]],
    ) -> None:
        self.subscripts = subscripts
        self.at = at
        self.texts: dict[str, str] = {}
        self.checks: list[RealityCheck] = []
        self.inputs: list[TestInput] = []

    def section(self, section: Section) -> dict[str, Draft]:
        """Parse the definitions of the main model or of a macro."""
        drafts: dict[str, Draft] = {}
        for definition in section.definitions:
            with self.at(definition.line, None):
                text = _TEXT.fullmatch(definition.equation)
                if text:
                    self.texts[canonical(text.group(1))] = text.group(2)
                    continue
                component = parse_left(definition.equation)
            with self.at(definition.line, display(component.name)):
                if isinstance(component, ve.SubscriptRange):
                    self.subscripts.add(component)
                elif isinstance(component, (ve.Constraint, ve.TestInput)):
                    self.statement(component, definition)
                else:
                    self.component(drafts, component, definition)
        return drafts

    def statement(self, component: Any, definition: Definition) -> None:
        """Take a ``:THE CONDITION:`` or ``:TEST INPUT:``; its right side stays text until the model is whole."""
        name, text = display(component.name), component.expression
        subscripts = tuple(map(canonical, component.subscripts))
        if isinstance(component, ve.Constraint):
            check = RealityCheck(name, text, subscripts, doc=definition.doc, line=definition.line)
            self.checks.append(check)
        else:
            self.inputs.append(TestInput(name, text, subscripts, definition.doc, definition.line))

    def component(self, drafts: dict[str, Draft], component: Any, definition: Definition) -> None:
        """Add one equation to the draft of its variable."""
        name = display(component.name)
        if len(name) > 1000:
            raise ModelError("the name has more than 1,000 characters")
        if canonical(name) == "time":
            raise ModelError("Time is the clock of every model; give this variable another name")
        draft = drafts.setdefault(canonical(name), Draft(name, definition.line))
        units, limits = _units(definition.units)
        draft.units = units or draft.units
        draft.range = limits or draft.range
        draft.doc = definition.doc or draft.doc
        subscripts, exceptions = component.subscripts
        part = Part(
            tuple(map(canonical, subscripts)),
            tuple(tuple(map(canonical, e)) for e in exceptions),
            self.right(component),
            definition.line,
            getattr(component, "keyword", None) or "",
            isinstance(component, ve.Data),
        )
        if not part.subscripts and draft.parts:
            raise ModelError(
                f"it has a second equation; the first is in line {draft.parts[0].line}, remove one of them"
            )
        draft.parts.append(part)

    def right(self, component: Any) -> Any:
        """Return the abstract syntax of a component's right side, with external tables as PySD's structures."""
        if isinstance(component, ve.Lookup):
            ast = parse_lookup(component.expression)
        elif not component.expression:
            if not isinstance(component, ve.Data):
                raise ModelError("the equation is empty; write a number or a formula")
            return ae.DataStructure()
        else:
            ast = parse_right(component.expression)
        if isinstance(ast, ae.CallStructure):
            name = canonical(ast.function.reference)
            if name.startswith("get ") and name.split()[-1] in _TABLES:
                vdf = name.startswith("get vdf ")
                return vdf_call(name, ast.arguments) if vdf else structured(ast)
            if name == "integ":
                return structured(ast)
        return ast


def is_table(ast: Any) -> bool:
    """Whether a right side is that of a lookup variable."""
    stored = isinstance(ast, VdfCall) and ast.kind == "lookups"
    return stored or isinstance(ast, (ae.LookupsStructure, ae.GetLookupsStructure))


def _units(text: str) -> tuple[str, Range | None]:
    """Part ``Month [0,?,1]`` into the unit and the range."""
    match = _LIMITS.match(text)
    if not match:
        return text, None
    numbers: list[float | None] = []
    for part in match.group(2).split(","):
        try:
            value = float(part)
        except ValueError:
            value = math.nan
        numbers.append(value if math.isfinite(value) else None)
    low, high, step = [*numbers, None, None, None][:3]
    if low is None and high is None and step is None:
        return match.group(1), None
    return match.group(1), Range(low, high, step)
