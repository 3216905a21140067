"""Parse the definitions of a Vensim file into variables, without resolving the names in their equations.

`read_section(section, take_range, at)` returns a `ParsedSection`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Literal

from sdcluster.errors import ModelError
from sdcluster.functions.table import miscounted
from sdcluster.messages import message
from sdcluster.model import Range, RealityCheck, TestInput
from sdcluster.model.names import canonical, display
from sdcluster.read.syntax import Call, Points, Reference
from sdcluster.read.translate import subscripts_of
from sdcluster.read.vensim.definitions import (
    Assignment,
    RangeDefinition,
    Statement,
    parse_definition,
)
from sdcluster.read.vensim.grammar import parse_lookup, parse_right
from sdcluster.read.vensim.text import Definition, Section
from sdcluster.read.vensim.vdf_functions import VdfCall, vdf_call

At = Callable[[int | None, str | None], AbstractContextManager[None]]

_LIMITS = re.compile(r"^(.*?)\s*\[([^\[\]]*)\]\s*$", re.DOTALL)
_TEXT = re.compile(r"(.{1,300}?)\s*:IS:\s*'([^']*)'\s*", re.IGNORECASE | re.DOTALL)
# Number of arguments of the functions that read tables from a file, by the last word of their names.
_TABLES: Mapping[str, int] = {"data": 4, "lookups": 4, "constants": 3}


@dataclass(frozen=True)
class External:
    """A right-hand side whose values are read from a file.

    Parameters
    ----------
    kind : {"data", "lookups", "constants", "stored"}
        ``stored`` is a data variable without an equation, whose values come from tables in the model's folder.
    arguments : tuple
        File, sheet, row or column of x (not for constants), and first cell. Each argument is a text or the name of a
        string variable.
    """

    kind: Literal["data", "lookups", "constants", "stored"]
    arguments: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Part:
    """One equation of a variable, as a syntax tree. An array may have several equations, for different elements."""

    subscripts: tuple[str, ...]
    exceptions: tuple[tuple[str, ...], ...]
    tree: Any
    line: int
    interpolation: str = ""
    data: bool = False


@dataclass(frozen=True)
class ParsedVariable:
    """A variable whose equations are syntax trees, in which names are not resolved yet."""

    name: str
    line: int
    units: str = ""
    doc: str = ""
    range: Range | None = None
    parts: tuple[Part, ...] = ()

    @property
    def is_lookup(self) -> bool:
        """Whether the variable is a graphical function."""
        return any(is_table(p.tree) for p in self.parts)

    @property
    def is_data(self) -> bool:
        """Whether the values of all parts of the variable are data."""
        return all(
            isinstance(p.tree, External) and p.tree.kind in ("data", "stored") for p in self.parts
        )

    @property
    def alias(self) -> str:
        """The data variable that this variable equals (``x := y``), or an empty text."""
        part = self.parts[0]
        named = len(self.parts) == 1 and part.data and isinstance(part.tree, Reference)
        if not named or part.interpolation or subscripts_of(part.tree) != part.subscripts:
            return ""
        return canonical(part.tree.name)


@dataclass(frozen=True)
class ParsedSection:
    """The parsed definitions of the main model or of a macro.

    Parameters
    ----------
    drafts : mapping of str to ParsedVariable
        The variables, by canonical name.
    texts : mapping of str to str
        String variables (``:IS:``).
    checks, inputs : tuple
        Reality checks and test inputs. Their right-hand sides are parsed later, when all variables are translated.
    """

    drafts: Mapping[str, ParsedVariable]
    texts: Mapping[str, str]
    checks: tuple[RealityCheck, ...]
    inputs: tuple[TestInput, ...]


def read_section(
    section: Section, take_range: Callable[[RangeDefinition, int], None], at: At
) -> ParsedSection:
    """Parse the definitions of the main model or of a macro.

    Parameters
    ----------
    section : Section
    take_range : callable
        Called with each subscript range and its line. Ranges belong to the whole model, even if a macro defines them.
    at : callable
        ``at(line, name)`` is a context manager that adds file, line and variable to errors.
    """
    drafts: dict[str, ParsedVariable] = {}
    parts: dict[str, list[Part]] = {}
    texts: dict[str, str] = {}
    checks: list[RealityCheck] = []
    inputs: list[TestInput] = []
    for definition in section.definitions:
        with at(definition.line, None):
            text = _TEXT.fullmatch(definition.equation)
            if text:
                texts[canonical(text.group(1))] = text.group(2)
                continue
            found = parse_definition(definition.equation)
        name, doc, line = display(found.name), definition.doc, definition.line
        with at(line, name):
            match found:
                case RangeDefinition():
                    take_range(found, line)
                case Statement(_, is_check, subscripts, rule):
                    under = tuple(map(canonical, subscripts))
                    if is_check:
                        checks.append(RealityCheck(name, rule, under, doc=doc, line=line))
                    else:
                        inputs.append(TestInput(name, rule, under, doc, line))
                case Assignment():
                    key = canonical(name)
                    drafts[key] = _described(drafts.get(key), name, definition)
                    parts.setdefault(key, []).append(_part(found, parts.get(key), line))
    whole = {key: replace(draft, parts=tuple(parts[key])) for key, draft in drafts.items()}
    return ParsedSection(MappingProxyType(whole), texts, tuple(checks), tuple(inputs))


def _described(known: ParsedVariable | None, name: str, definition: Definition) -> ParsedVariable:
    """Return a variable with the unit, range and comment of one more of its definitions.

    The equations of the definition are added later.
    """
    if len(name) > 1000:
        raise ModelError(message("read.vensim.name_more_characters"))
    if canonical(name) == "time":
        raise ModelError(message("read.vensim.time_clock_every_model"))
    draft = known or ParsedVariable(name, definition.line)
    units, limits = _units(definition.units)
    return replace(
        draft,
        units=units or draft.units,
        range=limits or draft.range,
        doc=definition.doc or draft.doc,
    )


def _part(assignment: Assignment, before: list[Part] | None, line: int) -> Part:
    part = Part(
        tuple(map(canonical, assignment.subscripts)),
        tuple(tuple(map(canonical, e)) for e in assignment.exceptions),
        _right(assignment),
        line,
        assignment.keyword,
        assignment.kind == "data",
    )
    if not part.subscripts and before:
        raise ModelError(message("read.vensim.second_equation_first_line", line=before[0].line))
    return part


def _right(assignment: Assignment) -> Any:
    """Return the syntax tree of a right-hand side.

    For functions that must be a whole equation, such as GET DIRECT DATA, the result is an `External` or a `VdfCall`.
    """
    if assignment.kind == "lookup":
        tree = parse_lookup(assignment.expression)
    elif not assignment.expression:
        if assignment.kind != "data":
            raise ModelError(message("read.vensim.equation_empty_write_number"))
        return External("stored")
    else:
        tree = parse_right(assignment.expression)
    if not isinstance(tree, Call) or tree.outputs:
        return tree
    name = canonical(tree.name)
    _, way, *kind = name.split() if name.startswith("get ") else ("", "", "")
    if kind[-1:] and kind[-1] in _TABLES:
        if way == "vdf":
            return vdf_call(name, tree.arguments)
        if way in ("xls", "direct") and len(kind) == 1:
            wanted = _TABLES[kind[0]]
            if len(tree.arguments) != wanted:
                raise ModelError(miscounted(name.upper(), wanted, wanted, len(tree.arguments)))
            return External(kind[0], tree.arguments)  # type: ignore[arg-type]
    if name == "integ" and len(tree.arguments) != 2:
        raise ModelError(miscounted("INTEG", 2, 2, len(tree.arguments)))
    return tree


def integral(tree: Any) -> tuple[Any, Any] | None:
    """Return the net flow and the initial value of a stock, if a right-hand side is an INTEG, and None otherwise."""
    if isinstance(tree, Call) and not tree.outputs and canonical(tree.name) == "integ":
        return tree.arguments[0], tree.arguments[1]
    return None


def is_table(tree: Any) -> bool:
    """Return whether a right-hand side defines a lookup variable."""
    read = isinstance(tree, (VdfCall, External)) and tree.kind == "lookups"
    return read or isinstance(tree, Points)


def _units(text: str) -> tuple[str, Range | None]:
    """Split a text such as ``Month [0,?,1]`` into the unit and the range."""
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
