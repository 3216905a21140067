"""The variables of a Vensim model while it is translated. Each variable is translated when it is first used.

`Variables` contains the variables, and `BUILTIN` maps control variables such as TIME STEP to calls of the clock.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.model import Equation, Remark, Variable
from sdcluster.model.clock import CONTROLS
from sdcluster.model.expression import Array, Call, Expression, Number
from sdcluster.model.model import Kind
from sdcluster.model.names import canonical
from sdcluster.model.subscripts import Subscripts
from sdcluster.read import syntax
from sdcluster.read.vensim.calendar import Calendar
from sdcluster.read.vensim.filled import filled
from sdcluster.read.vensim.from_files import FromFiles
from sdcluster.read.vensim.macros import Macro, Scope
from sdcluster.read.vensim.parsed_variables import (
    External,
    ParsedVariable,
    Part,
    integral,
    is_table,
)
from sdcluster.read.vensim.series import resampled
from sdcluster.read.vensim.translate import EquationTranslator, Place
from sdcluster.read.vensim.vdf_functions import VdfCall
from sdcluster.read.vensim.where import Where

MAX_VARIABLES = 30_000
MAX_ELEMENTS = 5_000_000


BUILTIN: Mapping[str, Expression] = {
    name: Call(call, ()) for name, call in CONTROLS.items() if call
}


@dataclass
class Variables:
    """The variables of a model, each of which is translated when it is first used.

    Parameters
    ----------
    where : Where
    drafts : mapping of str to ParsedVariable
        Parsed variables of the main model, by canonical name.
    macros : mapping of str to Macro
    subscripts : Subscripts
    files : FromFiles
    calendar : Calendar
        Date at Time 0 and unit of Time, for GET TIME VALUE.
    found : dict of str to Variable
        Translated variables of the file.
    hidden : dict of str to Variable
        Variables that the translation of macros and other equations creates.
    remarks : list of Remark
    """

    where: Where
    drafts: Mapping[str, ParsedVariable]
    macros: Mapping[str, Macro]
    subscripts: Subscripts
    files: FromFiles
    calendar: Calendar
    found: dict[str, Variable] = field(default_factory=dict)
    hidden: dict[str, Variable] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    _counter: int = 0
    _elements: int = 0

    def __post_init__(self) -> None:
        self.builtin = BUILTIN
        self.lookups = {k for k, d in self.drafts.items() if d.is_lookup}
        self.data = {k for k, d in self.drafts.items() if d.is_data}
        self.aliases = {k: d.alias for k, d in self.drafts.items() if d.alias}

    # ---- interface for translators

    def knows(self, name: str) -> bool:
        """Whether the model defines a variable of this name."""
        return name in self.drafts or name in self.hidden

    def number(self) -> int:
        """Return a new number for the name of a hidden variable. No call returns the number of another call."""
        self._counter += 1
        return self._counter

    def variable(self, name: str) -> Variable:
        """Return a variable by canonical name.

        A variable of the main model is translated if that has not been done yet.
        """
        if name in self.hidden:
            return self.hidden[name]
        if name not in self.found:
            draft = self.drafts[name]
            self.found[name] = self._translated(draft, draft.name, Scope())
        return self.found[name]

    def add(self, variable: Variable) -> None:
        """Add a variable to the hidden variables of the model."""
        if len(self.hidden) > MAX_VARIABLES:
            raise ModelError(
                message("read.vensim.macros_make_more_variables", max_variables=MAX_VARIABLES)
            )
        self.hidden[variable.key] = variable
        if variable.kind == "lookup":
            self.lookups.add(variable.key)

    def output(self, variable: Variable) -> None:
        """Add a variable that is an additional output of a macro.

        If the variable is an array, different calls can define different parts of it.
        """
        first = self.hidden.get(variable.key)
        if variable.key in self.drafts:
            line = self.drafts[variable.key].line
            raise ModelError(
                message("read.vensim.gets_value_macro_equation", variable=variable.name, line=line)
            )
        if first is not None:
            equations = first.equations + variable.equations
            lefts = [e.subscripts for e in equations]
            if not variable.dimensions or len(set(lefts)) < len(lefts):
                raise ModelError(
                    message("read.vensim.gets_value_two_calls", variable=variable.name)
                )
            whole = self.subscripts.whole(list(zip(*lefts, strict=True)))
            variable = replace(variable, equations=equations, dimensions=whole)
        self.add(variable)

    def expand(self, draft: ParsedVariable, name: str, scope: Scope) -> None:
        """Translate a variable of a macro under a new name, for one call of the macro."""
        if draft.is_lookup:
            self.lookups.add(name)
        # A macro's units are written in terms of its inputs, so they do not apply to this call.
        self.add(replace(self._translated(draft, name, scope), units=""))

    # ---- one variable

    def _translated(self, draft: ParsedVariable, name: str, scope: Scope) -> Variable:
        with self.where.at(draft.line, draft.name):
            dimensions = self._dimensions(draft, scope)
        if draft.is_lookup and not all(is_table(p.tree) for p in draft.parts):
            with self.where.at(draft.line):
                raise ModelError(
                    message("read.vensim.lookup_one_equation_not", draft=draft.name),
                    variable=draft.name,
                )
        equations: list[Equation] = []
        stock = all(integral(p.tree) is not None for p in draft.parts)
        for part in draft.parts:
            with self.where.at(part.line, draft.name):
                equations += self._equations(part, name, scope, stock)
        return Variable(
            name=name,
            kind=_kind(draft, equations, stock),
            equations=tuple(equations),
            units=draft.units,
            doc=draft.doc,
            range=draft.range,
            line=draft.line,
            dimensions=dimensions,
            missing=self.files.missing.of(name),
        )

    def _dimensions(self, draft: ParsedVariable, scope: Scope) -> tuple[str, ...]:
        if len({len(p.subscripts) for p in draft.parts}) > 1:
            raise ModelError(message("read.vensim.equations_different_numbers_subscripts"))
        for part in draft.parts:
            self.subscripts.check((*part.subscripts, *(s for e in part.exceptions for s in e)))
        axes = zip(*(scope.prefix + p.subscripts for p in draft.parts), strict=True)
        dimensions = self.subscripts.whole(list(axes))
        self._elements += math.prod(self.subscripts.shape(dimensions))
        if self._elements > MAX_ELEMENTS:
            raise ModelError(
                message("read.vensim.arrays_more_elements_together", max_elements=MAX_ELEMENTS)
            )
        return dimensions

    def _equations(self, part: Part, name: str, scope: Scope, stock: bool) -> list[Equation]:
        """Return the equations of one definition.

        Most definitions have one equation, but a definition that reads data from a file has one for each element.
        """
        left = scope.prefix + part.subscripts
        inside = self.subscripts.inside(part.subscripts, part.exceptions)
        exceptions = tuple(scope.prefix + e for e in inside) + tuple(
            e + part.subscripts for e in scope.exceptions
        )
        tree = part.tree
        if isinstance(tree, (External, VdfCall)):
            if tree.kind != "constants":
                return [
                    Equation(points, None, scope.prefix + elements, exceptions)
                    for elements, points in self.files.series(tree, part, name)
                ]
            tree = self.files.numbers(tree, part, name)
        self._look_at_points(tree, part, name)
        if isinstance(tree, syntax.Numbers):
            return [Equation(self._numbers(tree, part, scope), None, left, exceptions)]
        translator = EquationTranslator(self, Place(name, left, exceptions, scope))
        if isinstance(tree, syntax.Call) and canonical(tree.name) == "x if missing":
            return filled(translator, tree.arguments, part)
        if part.data and part.interpolation:
            points = resampled(translator, tree, part.interpolation.replace(" ", "_"))
            if points is not None:
                return [Equation(points, None, left, exceptions)]
        flow_and_start = integral(tree) if stock else None
        if flow_and_start is not None:
            net, start = map(translator.visit, flow_and_start)
            return [Equation(net, start, left, exceptions)]
        return [Equation(translator.visit(tree), None, left, exceptions)]

    def _look_at_points(self, tree: Any, part: Part, name: str) -> None:
        """Add a remark if the x values of a lookup decrease.

        Vensim rejects such points, and one of the x values may be a typo.
        """
        points = tree.points if isinstance(tree, syntax.WithLookup) else tree
        if isinstance(points, syntax.Points) and any(b < a for a, b in pairwise(points.x)):
            at = next(b for a, b in pairwise(points.x) if b < a)
            said = message("read.vensim.points_run_back_x", name=name, at=at)
            remedy = message("read.vensim.put_them_order_x")
            self.remarks.append(Remark(said, line=part.line, variable=name, remedy=remedy))

    def _numbers(self, tree: syntax.Numbers, part: Part, scope: Scope) -> Expression:
        shape = self.subscripts.shape(part.subscripts)
        count = math.prod(shape)
        if len(tree.values) == 1:
            return Number(tree.values[0])
        if len(tree.values) != count:
            given = message("read.vensim.numbers_given_left_side", count=len(tree.values))
            raise ModelError(
                message("read.vensim.parts_give_one_number", given=given, count=count)
                if part.subscripts
                else message("read.vensim.one_variable_decimals_point", given=given)
            )
        outer = self.subscripts.shape(scope.prefix)
        return Array(tree.values * math.prod(outer), outer + shape)


def _kind(draft: ParsedVariable, equations: list[Equation], stock: bool) -> Kind:
    if stock:
        return "stock"
    if draft.is_lookup:
        return "lookup"
    if draft.is_data:
        return "data"
    constant = all(isinstance(e.expression, (Number, Array)) for e in equations)
    return "constant" if constant else "auxiliary"
