"""Vensim files: text cut into definitions, PySD's grammars, our `Model`.

Crosses the border: `read_vensim(file, data)`. Macros are written out into ordinary hidden variables, external tables
are read in.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sdcluster.errors import ModelError
from sdcluster.model import Equation, Model, Remark, Variable
from sdcluster.model.clock import CONTROLS, is_fixed, time_settings
from sdcluster.model.expression import Array, Call, Expression, Lookup, Number, Table, walk
from sdcluster.model.missing import NA
from sdcluster.model.names import canonical
from sdcluster.progress import counted
from sdcluster.read.reality import with_reality_checks
from sdcluster.read.tables.external import ExternalFiles, MissingFile
from sdcluster.read.translate import make_table
from sdcluster.read.unwritten import with_causes
from sdcluster.read.vensim.calendar import Calendar, remark
from sdcluster.read.vensim.check import check_references, mark_flows, moving_orders, replace_clock
from sdcluster.read.vensim.data import DataFiles, Points
from sdcluster.read.vensim.drafts import Draft, Drafts, Part, is_table
from sdcluster.read.vensim.filled import filled
from sdcluster.read.vensim.macros import Macro, Scope
from sdcluster.read.vensim.missing import MissingData
from sdcluster.read.vensim.numbers import Numbers
from sdcluster.read.vensim.pysd_parser import ae
from sdcluster.read.vensim.settings import read_settings
from sdcluster.read.vensim.settings import remarks as settings_remarks
from sdcluster.read.vensim.sketch import read_sketches
from sdcluster.read.vensim.subscripts import Subscripts
from sdcluster.read.vensim.text import Section, decode, split
from sdcluster.read.vensim.translate import EquationTranslator
from sdcluster.read.vensim.vdf_functions import VdfCall, VdfFiles
from sdcluster.recursion import deep_recursion

MAX_VARIABLES = 30_000
MAX_ELEMENTS = 5_000_000
MAX_SECONDS = 300.0

_TIME = Call("time", ())
_EXTERNAL = (ae.GetDataStructure, ae.GetLookupsStructure, ae.GetConstantsStructure)
_FILLED = "x if missing"
_NOTHING = ((0.0,), (NA,))


def read_vensim(
    file: Path, data: bytes, tables: Sequence[str | Path] = ()
) -> tuple[Model, dict[Path, str]]:
    """Read a Vensim file.

    Parameters
    ----------
    file : path
        For messages, for `Model.path`, and for the folder of external files.
    data : bytes
        The content.
    tables : sequence of paths
        Files with values of data variables that have no equation; those beside the model are looked through as well.

    Returns
    -------
    Model
    dict of Path to str
        The other files that were read, with their SHA-256, and those that were looked for; see `ExternalFiles`.

    Raises
    ------
    ModelError
        With file, line and variable.
    """
    reader = _Reader(file, tables)
    try:
        with deep_recursion():
            model = reader.read(decode(file, data, reader.remarks), data)
    except ModelError as error:
        raise reader.missing.explained(error) from None
    except RecursionError:
        raise ModelError("an equation is nested too deeply; split it", file=file) from None
    return model, reader.external.watched | reader.external.digests


class _Reader:
    def __init__(self, file: Path, tables: Sequence[str | Path]) -> None:
        self.file = file
        self.external = ExternalFiles(file)
        self.data_files = DataFiles(self.external, tables, file.stem)
        self.missing = MissingData(self.external)
        self.subscripts = Subscripts(self.missing.elements)
        self.stored_runs = VdfFiles(self.external, self.subscripts)
        self.reading = Drafts(self.subscripts, self.at)
        self.drafts: dict[str, Draft] = {}
        self.remarks: list[Remark] = []
        self.variables: dict[str, Variable] = {}
        self.hidden: dict[str, Variable] = {}
        self.lookups: set[str] = set()
        self.data: set[str] = set()
        self.aliases: Mapping[str, str] = {}
        self.macros: dict[str, Macro] = {}
        self.calendar = Calendar()
        self.builtin: Mapping[str, Expression] = {
            name: Call(call, ()) for name, call in CONTROLS.items() if call
        }
        self.counter = self.elements = 0
        self.deadline = time.monotonic() + MAX_SECONDS

    @contextmanager
    def at(self, line: int | None, name: str | None = None) -> Iterator[None]:
        """Add file, line and variable to errors from deeper down, line and variable to remarks on other files."""
        before = len(self.external.remarks)
        try:
            yield
        except ModelError as error:
            if error.file:
                raise
            sentence = f'variable "{name}": {error.sentence}' if name else error.sentence
            raise ModelError(
                sentence, file=self.file, line=error.line or line, variable=name or error.variable
            ) from None
        for at in range(before, len(self.external.remarks)):
            remark = self.external.remarks[at]
            if remark.line is None:
                self.external.remarks[at] = replace(remark, line=line, variable=name or "")
        if time.monotonic() > self.deadline:
            raise ModelError(
                f"reading takes more than {MAX_SECONDS:g} seconds; split the model", file=self.file
            )

    # ---- the whole file

    def read(self, text: str, data: bytes) -> Model:
        pieces = split(self.file, text)
        found = read_settings(text)
        self.external.tags = found.files
        sections = [self.reading.section(s) for s in pieces.macros]
        self.drafts = self.reading.section(pieces.main)
        self.finish_subscripts()
        for section, drafts in zip(pieces.macros, sections, strict=True):
            self.take_macro(section, drafts)
        if not self.drafts:
            raise ModelError("the file defines no variables", file=self.file, line=1)
        self.lookups |= {k for k, d in self.drafts.items() if d.is_lookup}
        self.data |= {k for k, d in self.drafts.items() if d.is_data}
        words = next((d.units for k in CONTROLS if (d := self.drafts.get(k)) and d.units), "")
        self.calendar = replace(found.calendar, words=words)
        self.aliases = {k: d.alias for k, d in self.drafts.items() if d.alias}
        for key in counted(self.drafts, "reading", "variables"):
            self.variable(key)
        dimensions = self.missing.dimensions(self.subscripts.dimensions)
        everything, lacking = self.missing.marked(self.variables | self.hidden, dimensions)
        everything, unwritten = with_causes(everything)
        with self.at(None):
            check_references(everything, self.subscripts)
            units = next((v.units for k in CONTROLS if (v := everything.get(k)) and v.units), "")
            settings = time_settings(everything, units, found.method)
        self.remarks += [*unwritten, *lacking, *moving_orders(everything), *self.dates(everything)]
        fixed = [k for k in self.builtin if k in everything and is_fixed(everything, k)]
        moving = [k for k in self.builtin if k in everything and k not in fixed]
        everything = replace_clock(everything, self.builtin, fixed, moving)
        everything = mark_flows(everything)
        digest = hashlib.sha256(data)
        for other in (
            self.external.digests.values()
        ):  # in the order of reading: of two files, the first counts
            digest.update(other.encode())
        model = Model(
            name=self.file.stem,
            path=self.file,
            hash=digest.hexdigest(),
            variables=MappingProxyType(everything),
            time=settings,
            dimensions=dimensions,
            spellings=self.subscripts.spellings,
            views=read_sketches(pieces.sketch, everything),
            remarks=(*self.remarks, *self.external.remarks[:100], *settings_remarks(found)),
            unit_aliases=found.unit_aliases,
        )
        return with_reality_checks(model, self.reading.checks, self.reading.inputs)

    def dates(self, variables: Mapping[str, Variable]) -> list[Remark]:
        """Return a remark on the calendar where some variable reads it."""
        for variable in variables.values():
            calls = (n for e in variable.equations for n in walk(e.expression))
            dated = (
                n.arguments[0] for n in calls if isinstance(n, Call) and n.function == "calendar"
            )
            if any(time != Call("clock", ()) for time in dated):
                said = remark(self.calendar, variable.name, variable.line)
                return [] if said is None else [said]
        return []

    def finish_subscripts(self) -> None:
        for step in (self.subscripts.finish, self.subscripts.map_all):
            for name in self.subscripts.names:
                with self.at(None, name):
                    step(name)

    def take_macro(self, section: Section, drafts: dict[str, Draft]) -> None:
        key = canonical(section.name)
        if key in self.macros:
            raise ModelError(
                f'the macro "{section.name}" is defined twice', file=self.file, line=section.line
            )
        self.macros[key] = Macro(section.name, section.inputs, section.outputs, drafts)

    # ---- what translators ask for

    def knows(self, name: str) -> bool:
        """Whether the model has the variable."""
        return name in self.drafts or name in self.hidden

    def number(self) -> int:
        """Return a number that was not given out before."""
        self.counter += 1
        return self.counter

    def add(self, variable: Variable) -> None:
        """Take a hidden variable."""
        if len(self.hidden) > MAX_VARIABLES:
            raise ModelError(f"the macros make more than {MAX_VARIABLES:,} variables")
        self.hidden[variable.key] = variable
        if variable.kind == "lookup":
            self.lookups.add(variable.key)

    def output(self, variable: Variable) -> None:
        """Take what a macro gives besides its value; calls for parts of an array define it part by part."""
        first = self.hidden.get(variable.key)
        if variable.key in self.drafts:
            line = self.drafts[variable.key].line
            raise ModelError(
                f'"{variable.name}" gets its value from a macro here and has an equation of its own in line {line}; '
                "rename one of them"
            )
        if first is not None:
            equations = first.equations + variable.equations
            lefts = [e.subscripts for e in equations]
            if not variable.dimensions or len(set(lefts)) < len(lefts):
                raise ModelError(
                    f'"{variable.name}" gets its value from two calls of macros; give each call names of its own'
                )
            whole = self.subscripts.whole(list(zip(*lefts, strict=True)))
            variable = replace(variable, equations=equations, dimensions=whole)
        self.add(variable)

    def variable(self, name: str) -> Variable:
        """Return a variable of the main model, translated."""
        if name in self.hidden:
            return self.hidden[name]
        if name not in self.variables:
            draft = self.drafts[name]
            self.variables[name] = self.translated(draft, draft.name, Scope())
        return self.variables[name]

    def expand(self, draft: Draft, name: str, scope: Scope) -> None:
        """Translate a variable of a macro under a new name."""
        if draft.is_lookup:
            self.lookups.add(name)
        # A macro's units are words of its own inputs; they say nothing about the variables of this use.
        self.add(replace(self.translated(draft, name, scope), units=""))

    # ---- one variable

    def translated(self, draft: Draft, name: str, scope: Scope) -> Variable:
        with self.at(draft.line, draft.name):
            counts = {len(p.subscripts) for p in draft.parts}
            if len(counts) > 1:
                raise ModelError("its equations have different numbers of subscripts")
            for part in draft.parts:
                self.subscripts.check((*part.subscripts, *(s for e in part.exceptions for s in e)))
            axes = zip(*(scope.prefix + p.subscripts for p in draft.parts), strict=True)
            dimensions = self.subscripts.whole(list(axes))
            self.elements += math.prod(self.subscripts.shape(dimensions))
            if self.elements > MAX_ELEMENTS:
                raise ModelError(
                    f"the arrays have more than {MAX_ELEMENTS:,} elements together; make them smaller"
                )
        if draft.is_lookup and not all(is_table(p.ast) for p in draft.parts):
            raise ModelError(
                f'"{draft.name}" is a lookup in one equation and not in another',
                file=self.file,
                line=draft.line,
                variable=draft.name,
            )
        equations: list[Equation] = []
        stocks = [isinstance(p.ast, ae.IntegStructure) for p in draft.parts]
        for part in draft.parts:
            with self.at(part.line, draft.name):
                equations += self.equations(part, name, scope, whole_stock=all(stocks))
        return Variable(
            name=name,
            kind=_kind(draft, equations, all(stocks)),  # type: ignore[arg-type]
            equations=tuple(equations),
            units=draft.units,
            doc=draft.doc,
            range=draft.range,
            line=draft.line,
            dimensions=dimensions,
            missing=self.missing.of(name),
        )

    def equations(self, part: Part, name: str, scope: Scope, whole_stock: bool) -> list[Equation]:
        """Return the equations that one definition gives; tables from files give one an element."""
        left = scope.prefix + part.subscripts
        inside = self.subscripts.inside(part.subscripts, part.exceptions)
        exceptions = tuple(scope.prefix + e for e in inside) + tuple(
            e + part.subscripts for e in scope.exceptions
        )
        ast = self.with_texts(part.ast)
        stored = isinstance(ast, VdfCall) and ast.kind != "constants"
        if stored or isinstance(
            ast, (ae.GetDataStructure, ae.GetLookupsStructure, ae.DataStructure)
        ):
            return [
                Equation(_from_file(ast, table), None, scope.prefix + elements, exceptions)
                for elements, table in self.tables(part, name)
            ]
        if isinstance(ast, (ae.GetConstantsStructure, VdfCall)):
            shape = self.subscripts.shape(part.subscripts)
            try:
                if isinstance(ast, VdfCall):
                    texts = self.reading.texts
                    ast = Numbers(self.stored_runs.constants(ast, texts, math.prod(shape)))
                else:
                    ast = Numbers(self.external.constants(ast.file, ast.tab, ast.cell, shape))
            except MissingFile as error:
                self.missing.file(name, error.sentence)
                ast = Numbers((NA,))
        self.look_at_points(
            ast.lookups if isinstance(ast, ae.InlineLookupsStructure) else ast, part, name
        )
        if isinstance(ast, Numbers):
            return [Equation(self.numbers(ast, part, scope), None, left, exceptions)]
        translator = EquationTranslator(self, name, left, exceptions, scope)
        if isinstance(ast, ae.CallStructure) and canonical(ast.function.reference) == _FILLED:
            return filled(translator, ast.arguments, part)
        if part.data and part.interpolation:
            resampled = translator.resampled(ast, part.interpolation.replace(" ", "_"))
            if resampled is not None:
                return [Equation(resampled, None, left, exceptions)]
        if isinstance(ast, ae.LookupsStructure):
            return [Equation(translator.visit(ast), None, left, exceptions)]
        if isinstance(ast, ae.IntegStructure) and whole_stock:
            net, initial = translator.visit(ast.flow), translator.visit(ast.initial)
            return [Equation(net, initial, left, exceptions)]
        return [Equation(translator.visit(ast), None, left, exceptions)]

    def look_at_points(self, ast: Any, part: Part, name: str) -> None:
        """Tell points that run back: Vensim does not take them, and one of them may be a slip."""
        if isinstance(ast, ae.LookupsStructure) and any(b < a for a, b in pairwise(ast.x)):
            at = next(b for a, b in pairwise(ast.x) if b < a)
            said = f'the points of "{name}" run back to x = {at:g}; they are read in the order of x'
            remedy = "put them in the order of x, or correct the point that is out of order"
            self.remarks.append(Remark(said, line=part.line, variable=name, remedy=remedy))

    def with_texts(self, ast: Any) -> Any:
        """Return a GET function with its string variables replaced by what they say; other structures as they are."""
        if not isinstance(ast, _EXTERNAL):
            return ast
        values = vars(ast)
        for place, value in values.items():
            if isinstance(value, ae.ReferenceStructure):
                text = self.reading.texts.get(canonical(value.reference))
                values = values if text is None else {**values, place: text}
        if not all(isinstance(v, str) for v in values.values()):
            raise ModelError(
                "the arguments of a GET function are texts in single quotes, such as 'data.xlsx', 'Sheet1', 'B2'"
            )
        return type(ast)(**values)

    def numbers(self, ast: Numbers, part: Part, scope: Scope) -> Expression:
        shape = self.subscripts.shape(part.subscripts)
        count = math.prod(shape)
        if len(ast.values) == 1:
            return Number(ast.values[0])
        if len(ast.values) != count:
            given = f"{len(ast.values)} numbers are given, but the left side"
            raise ModelError(
                f"{given} has {count} parts; give one number for each"
                if part.subscripts
                else f"{given} is one variable; decimals have a point, and several numbers need a subscript"
            )
        outer = self.subscripts.shape(scope.prefix)
        return Array(ast.values * math.prod(outer), outer + shape)

    def tables(self, part: Part, name: str) -> Iterator[tuple[tuple[str, ...], Table]]:
        """Yield elements and points for each part of an equation that reads series from a file."""
        parts = self.subscripts.parts(part.subscripts)
        ast = self.with_texts(part.ast)
        kind = part.interpolation.replace(" ", "_") or "interpolate"
        if kind not in ("interpolate", "look_forward", "hold_backward", "raw"):
            raise ModelError(
                f'":{kind.upper()}:" is no way to read data; write :INTERPOLATE:, :LOOK FORWARD:, '
                ":HOLD BACKWARD: or :RAW:"
            )
        if isinstance(ast, ae.DataStructure):
            series = self.stored(name, parts)
        elif isinstance(ast, VdfCall):
            try:
                series = self.stored_runs.points(ast, self.reading.texts, len(parts))
            except MissingFile as error:
                self.missing.file(name, error.sentence)
                series = [_NOTHING for _ in parts]
        else:
            x = ast.time_row_or_col if isinstance(ast, ae.GetDataStructure) else ast.x_row_or_col
            try:
                series = self.external.series(ast.file, ast.tab, x, ast.cell, len(parts), kind)
            except MissingFile as error:
                self.missing.file(name, error.sentence)
                series = [_NOTHING for _ in parts]
        for elements, (xs, ys) in zip(parts, series, strict=True):
            yield elements, make_table(xs, ys, kind)

    def stored(self, name: str, parts: Sequence[tuple[str, ...]]) -> list[Points]:
        """Return the points of a data variable's elements; those that no table holds are missing (``:NA:``).

        A variable of which no table holds any element stops a run as soon as something uses it.
        """
        series = [self.data_files.series(name, elements) for elements in parts]
        if not any(series):
            column = f"{name}[{','.join(parts[0])}]" if parts[0] else name
            sentence = (
                f'no data file holds "{column}"; put a .tab, .csv or .dat file with it beside the model'
                f"{self.data_files.hint()}"
            )
            self.missing.data(name, sentence)
        return [points or _NOTHING for points in series]


def _from_file(ast: Any, table: Table) -> Expression:
    if is_table(ast):
        return table
    return Number(NA) if set(table.y) == {NA} else Lookup(table, _TIME)


def _kind(draft: Draft, equations: list[Equation], stock: bool) -> str:
    if stock:
        return "stock"
    if draft.is_lookup:
        return "lookup"
    if draft.is_data:
        return "data"
    constant = all(isinstance(e.expression, (Number, Array)) for e in equations)
    return "constant" if constant else "auxiliary"
