"""The internal representation of a model, in immutable structures. Readers create it, and the compiler uses it.

`sdcluster.read` returns a `Model`, and the rest of the package uses it.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from sdcluster.errors import ModelError, did_you_mean
from sdcluster.messages import message
from sdcluster.model.calls import is_unwritten
from sdcluster.model.discrete import Conveyor, Leak, Queue
from sdcluster.model.elements import elements, equation_of, one, written
from sdcluster.model.expression import Expression, Number, Pickled
from sdcluster.model.kinds import a_kind
from sdcluster.model.names import canonical
from sdcluster.model.points import Points, of_table, points_in
from sdcluster.model.reality import RealityCheck, TestInput
from sdcluster.model.subscripts import Subscripts
from sdcluster.model.view import View

Kind = Literal["stock", "flow", "auxiliary", "constant", "lookup", "data"]


@dataclass(frozen=True, slots=True)
class Range(Pickled):
    """The plausible range of a variable, for sliders and sensitivity runs."""

    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None


@dataclass(frozen=True, slots=True)
class Equation(Pickled):
    """One equation of a variable. A scalar has a single equation. An array can have an equation for each of its parts.

    Parameters
    ----------
    expression : Expression
        The right-hand side; for a stock, its net flow.
    initial : Expression or None
        Initial value of a stock.
    subscripts : tuple of str
        Elements or dimensions that this equation defines; empty for scalars.
    exceptions : tuple of tuple of str
        Parts excluded from the equation (Vensim's ``:EXCEPT:``).
    """

    expression: Expression
    initial: Expression | None = None
    subscripts: tuple[str, ...] = ()
    exceptions: tuple[tuple[str, ...], ...] = ()

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """The right-hand side and, for a stock, the initial value."""
        return (self.expression,) if self.initial is None else (self.expression, self.initial)

    def changed(self, change: Callable[[Expression], Expression]) -> Equation:
        """Return the equation with `change` applied to its right-hand side and initial value."""
        initial = None if self.initial is None else change(self.initial)
        return replace(self, expression=change(self.expression), initial=initial)


@dataclass(frozen=True, slots=True)
class Variable(Pickled):
    """A stock, flow, auxiliary, constant or lookup.

    Parameters
    ----------
    name : str
        As written in the file, with blanks.
    kind : {"stock", "flow", "auxiliary", "constant", "lookup"}
        A constant is an auxiliary whose equation is one number.
    equations : tuple of Equation
        The equations; several for an array that is defined in parts.
    units, doc : str
        Unit and documentation, as written in the file.
    range : Range or None
        The plausible range given in the file.
    line : int or None
        Line of the definition in the file.
    lever : str or None
        For a constant that gets a slider: the kind of policy, such as ``"price"`` or ``"tax"``. Otherwise None.
    labels, docs : mapping of str to str
        Name and documentation in other languages, by language code.
    inflows, outflows : tuple of str
        Canonical names of a stock's flows, in the file's order.
    non_negative : bool
        Whether the stock is kept at or above zero.
    dimensions : tuple of str
        Names of the dimensions of an array.
    discrete : Conveyor, Queue or None
        The options of a stock that is a conveyor or queue.
    leak : Leak or None
        The options of a flow that leaks from a conveyor.
    overflow : bool
        Whether this flow is an overflow of a queue. It takes only the material that another outflow cannot take.
    spread : str
        For an inflow of a conveyor: its distribution along the conveyor, one of `sdcluster.model.discrete.SPREADS`;
        empty for an inflow at the entry.
    profile : str
        For an inflow distributed by a profile: the variable with the profile's points.
    missing : str
        Why the variable has no values: a message about a missing data file or an unwritten equation. The model can be
        loaded, but not run. Empty if the variable has values.
    element_labels, element_docs : mapping of tuple of str to mapping of str to str
        Names and documentation of single elements of an array. The subscripts of an element map to its texts by
        language code.
    """

    name: str
    kind: Kind
    equations: tuple[Equation, ...]
    units: str = ""
    doc: str = ""
    range: Range | None = None
    line: int | None = None
    lever: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    docs: Mapping[str, str] = field(default_factory=dict)
    inflows: tuple[str, ...] = ()
    outflows: tuple[str, ...] = ()
    non_negative: bool = False
    dimensions: tuple[str, ...] = ()
    discrete: Conveyor | Queue | None = None
    leak: Leak | None = None
    overflow: bool = False
    spread: str = ""
    profile: str = ""
    missing: str = ""
    element_labels: Mapping[tuple[str, ...], Mapping[str, str]] = field(default_factory=dict)
    element_docs: Mapping[tuple[str, ...], Mapping[str, str]] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The canonical name."""
        return canonical(self.name)

    @property
    def unwritten(self) -> bool:
        """Whether an equation is only a placeholder such as Vensim's A FUNCTION OF."""
        return any(map(is_unwritten, self.expressions))

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """The right-hand sides and initial values of all equations."""
        return tuple(expression for e in self.equations for expression in e.expressions)

    @property
    def hidden(self) -> bool:
        """Whether a reader created the variable, for example for a macro call. Results omit hidden variables."""
        return self.name.startswith("⟨")

    @property
    def value(self) -> float:
        """The value of a constant.

        Raises
        ------
        ModelError
            If the variable is not a scalar constant.
        """
        expression = self.equations[0].expression
        if self.kind != "constant":
            raise ModelError(
                message("model.no_fixed_value", element=self.name, kind=a_kind(self.kind))
            )
        if not isinstance(expression, Number):
            raise ModelError(message("model.array_no_single_value", name=self.name))
        return expression.value


# The names of a run's bounds and steps in XMILE and Vensim, for models that do not define them as variables.
_CLOCK_WORDS = {"initial time": "start", "starttime": "start", "start time": "start", "final time": "stop",
                "stoptime": "stop", "stop time": "stop", "time step": "dt", "timestep": "dt", "dt": "dt",
                "saveper": "saveper"}  # fmt: skip


def nearest(wanted: str, names: Iterable[str]) -> str:
    """Return a hint for an error about an unknown variable: similar names, or how to list all variables.

    Parameters
    ----------
    wanted : str
        Canonical name of the unknown variable.
    names : iterable of str
        Names of the model's variables.
    """
    option = _CLOCK_WORDS.get(wanted)
    if option is not None:
        return message("model.settings_file_hold_clock", option=option)
    return did_you_mean(wanted, names) or message("model.sdcluster_info_lists_all")


@dataclass(frozen=True, slots=True)
class TimeSettings:
    """Start, stop and time steps of a simulation, in the model's time unit.

    Parameters
    ----------
    start, stop, dt, saveper : float
    units, method : str
    formulas : tuple of (str, Expression)
        For each of `start`, `stop`, `dt` and `saveper` that the file defines by an equation: the name and the equation.
    """

    start: float
    stop: float
    dt: float
    saveper: float
    units: str = ""
    method: str = "euler"
    formulas: tuple[tuple[str, Expression], ...] = ()

    @property
    def integration(self) -> str:
        """The fixed-step method that corresponds to the file's `method`: ``"euler"``, ``"rk2"`` or ``"rk4"``."""
        name = self.method.lower().replace("-", "").replace("_", " ").strip()
        if name.startswith("rk2"):
            return "rk2"
        return "rk4" if name.startswith(("rk", "runge", "gear")) else "euler"


@dataclass(frozen=True, slots=True)
class Remark:
    """A correction or interpretation that a reader applied to a file.

    Parameters
    ----------
    sentence : str
        The passage in the file, and how the reader interpreted or corrected it.
    line : int or None
        Line in the file.
    variable : str
        Name of the variable concerned, or an empty text.
    fixed : bool
        Whether the reader fixed an error in the file. If it did, loading the file gives a warning.
    remedy : str
        How the modeller can resolve the problem; by default, a general suggestion.
    """

    sentence: str
    line: int | None = None
    variable: str = ""
    fixed: bool = False
    remedy: str = ""

    @property
    def mended(self) -> bool:
        """The old name of `fixed`. Using it gives a `DeprecationWarning`."""
        warnings.warn(
            "`Remark.mended` is now `Remark.fixed`; use that name", DeprecationWarning, stacklevel=2
        )
        return self.fixed


@dataclass(frozen=True, slots=True)
class Dimension:
    """A subscript range, or a part (subrange) of a range.

    Parameters
    ----------
    name : str
        Canonical name.
    elements : tuple of str
        Canonical names, in order. The elements of a part are also elements of the full range.
    mappings : tuple of (str, tuple of str)
        The name of another dimension, and the element there to which each element of this dimension maps, in order.
    labels : mapping of str to mapping of str to str
        For each element, its names by language code.
    missing : str
        Why the elements are unknown: a message about a missing data file. Empty if they are known.
    """

    name: str
    elements: tuple[str, ...]
    mappings: tuple[tuple[str, tuple[str, ...]], ...] = ()
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    missing: str = ""


@dataclass(frozen=True)
class Model:
    """A complete model, whose equations are parsed and whose names are checked. It is immutable.

    Parameters
    ----------
    name, doc : str
        From the file's header.
    path : Path
        The file that was read.
    hash : str
        SHA-256 of the file's content, hexadecimal.
    variables : mapping of str to Variable
        By canonical name, in the file's order.
    time : TimeSettings
        Bounds and steps of the file.
    dimensions : tuple of Dimension
        Subscript ranges.
    spellings : mapping of str to str
        Original spelling of subscript ranges and elements, by canonical name, where the two differ.
    views : tuple of View
        The non-empty stock-and-flow views; those of modules come last.
    remarks : tuple of Remark
        Corrections and interpretations that the reader applied.
    unit_aliases : tuple of (str, str)
        Unit synonyms defined in the file, each with the unit that replaces the synonym.
    reality_checks : tuple of RealityCheck
        Rules about the response to test inputs, tested by `sdcluster.check`.
    test_inputs : tuple of TestInput
        Experiments that reality checks refer to.
    """

    name: str
    path: Path
    hash: str
    variables: Mapping[str, Variable]
    time: TimeSettings
    doc: str = ""
    dimensions: tuple[Dimension, ...] = ()
    spellings: Mapping[str, str] = field(default_factory=dict)
    views: tuple[View, ...] = ()
    remarks: tuple[Remark, ...] = ()
    unit_aliases: tuple[tuple[str, str], ...] = ()
    reality_checks: tuple[RealityCheck, ...] = ()
    test_inputs: tuple[TestInput, ...] = ()

    @property
    def view(self) -> View | None:
        """The first stock-and-flow view, or None."""
        return self.views[0] if self.views else None

    def spelled(self, name: str) -> str:
        """Return the original spelling of a subscript range or element, given its canonical name."""
        return self.spellings.get(name, name)

    def __getitem__(self, name: str) -> Variable:
        key = canonical(name)
        try:
            return self.variables[key]
        except KeyError:
            names = [v.name for v in self.variables.values()]
            raise ModelError(
                message(
                    "model.model_no_variable", name=self.name, name_2=name, hint=nearest(key, names)
                ),
                file=self.path,
                variable=name,
            ) from None

    def __contains__(self, name: str) -> bool:
        return canonical(name) in self.variables

    def __repr__(self) -> str:
        parts = ", ".join(f"{len(getattr(self, k))} {k}" for k in ("stocks", "flows", "constants"))
        return f'<Model "{self.name}": {parts}, {self.time.start:g} to {self.time.stop:g}>'

    def _of(self, kind: Kind) -> tuple[Variable, ...]:
        return tuple(v for v in self.variables.values() if v.kind == kind)

    @property
    def stocks(self) -> tuple[Variable, ...]:
        """All stocks, in the file's order."""
        return self._of("stock")

    @property
    def flows(self) -> tuple[Variable, ...]:
        """All flows, in the file's order."""
        return self._of("flow")

    @property
    def auxiliaries(self) -> tuple[Variable, ...]:
        """All auxiliaries that are not constants, in the file's order."""
        return self._of("auxiliary")

    @property
    def constants(self) -> tuple[Variable, ...]:
        """All constants, in the file's order."""
        return self._of("constant")

    @property
    def levers(self) -> tuple[Variable, ...]:
        """The constants marked for sliders, in the file's order."""
        return tuple(v for v in self.constants if v.lever)

    @property
    def folder(self) -> Path:
        """The folder of the model file, in which other functions look for scenarios and baselines."""
        return self.path.parent

    def label(self, name: str, language: str = "en") -> str:
        """Return the label of a variable or element in `language`, or its name if the file has no label."""
        if name in self or not name.rstrip().endswith("]"):
            variable = self[name]
            return variable.labels.get(language, variable.name)
        element = one(self, name)
        variable = element.variable
        own = variable.element_labels.get(element.subscripts, {}).get(language)
        if own is not None:
            return own
        known = self.subscripts.dimensions
        names = tuple(
            known[axis].labels.get(part, {}).get(language, self.spelled(part))
            for part, axis in zip(element.subscripts, variable.dimensions, strict=True)
        )
        return written(variable.labels.get(language, variable.name), names)

    def doc_of(self, name: str, language: str = "en") -> str:
        """Return the documentation of a variable or element in `language`, or the text without translation."""
        if name in self or not name.rstrip().endswith("]"):
            variable = self[name]
            return variable.docs.get(language, variable.doc)
        element = one(self, name)
        docs = element.variable.element_docs.get(element.subscripts, {})
        return docs.get(language) or self.doc_of(element.variable.name, language)

    def with_values(self, settings: Mapping[str, float]) -> Model:
        """Return a copy of the model in which the named auxiliaries or flows are constants.

        Parameters
        ----------
        settings : mapping of str to float
            The values, by name of the auxiliary or flow.

        Returns
        -------
        Model
            A new model; the original model is unchanged.

        Raises
        ------
        ModelError
            If a name is unknown, or if it is the name of a stock or lookup.
        """
        variables = dict(self.variables)
        for name, value in settings.items():
            old = self[name]
            if old.kind in ("stock", "lookup"):
                raise ModelError(
                    message(
                        "model.cannot_replaced_number_set", old=old.name, kind=a_kind(old.kind)
                    ),
                    file=self.path,
                    line=old.line,
                    variable=old.name,
                )
            self.check_free(old)
            kind: Kind = "flow" if old.kind == "flow" else "constant"
            equation = Equation(Number(float(value)), subscripts=old.dimensions)
            variables[old.key] = replace(old, kind=kind, equations=(equation,), missing="")
        return replace(self, variables=MappingProxyType(variables))

    def check_free(self, variable: Variable) -> None:
        """Raise `ModelError` if a conveyor or queue determines the flow, because a run cannot set such a flow."""
        key = variable.key
        holder = next((s for s in self.stocks if s.discrete and key in s.outflows), None)
        if holder is not None:
            raise ModelError(
                message(
                    "model.decided_conveyor_queue_cannot",
                    variable=variable.name,
                    holder=holder.name,
                ),
                file=self.path,
                line=variable.line,
                variable=variable.name,
            )

    @property
    def lookups(self) -> dict[str, Points]:
        """The points of all lookup variables, of variables defined by WITH LOOKUP, and of data series, by name.

        The key of an array's element is ``name[element]``. A run uses other points if its settings contain them under
        the same name, for example ``settings={name: model.lookups[name].scaled(1.2)}``.
        """
        found: dict[str, Points] = {}
        for variable in self.variables.values():
            if variable.hidden or not any(points_in(e.expression) for e in variable.equations):
                continue
            for element in elements(self, variable):
                inside = points_in(equation_of(self, element).expression)
                if len(inside) == 1:
                    found[element.name] = of_table(inside[0])
        return found

    @cached_property
    def subscripts(self) -> Subscripts:
        """The subscript ranges of the model."""
        return Subscripts({d.name: d for d in self.dimensions})

    @cached_property
    def identity(self) -> tuple[object, ...]:
        """A key for caches.

        Models have equal keys if their file, time settings and values set by `with_values` are equal.
        """
        numbers = tuple(
            (key, variable.kind, equation.expression.value)
            for key, variable in self.variables.items()
            for equation in variable.equations
            if isinstance(equation.expression, Number)
        )
        clock = self.time.start, self.time.stop, self.time.dt
        return self.hash, str(self.path), numbers, clock

    @cached_property
    def without_data(self) -> frozenset[str]:
        """Canonical names of the variables with a missing data file or an unwritten equation."""
        return frozenset(key for key, v in self.variables.items() if v.missing)

    def require_data(self, *, unwritten: bool = False) -> None:
        """Raise an error if a variable lacks its data or its equation, so that the model cannot run.

        Parameters
        ----------
        unwritten : bool
            Whether to accept unwritten equations. Callers that only copy equations can do so.

        Raises
        ------
        ModelError
            If a variable or subscript range lacks data; the message is `Variable.missing` of the first such variable.
        """
        for variable in self.variables.values():
            if variable.missing and not (unwritten and variable.unwritten):
                raise ModelError(
                    message(
                        "model.the_variable", variable=variable.name, sentence=variable.missing
                    ),
                    file=self.path,
                    line=variable.line,
                    variable=variable.name,
                )
        lacking = next((d for d in self.dimensions if d.missing), None)
        if lacking is not None:
            raise ModelError(
                message("model.subscript_range", lacking=lacking.name, missing=lacking.missing),
                file=self.path,
            )

    def to_xmile(self, path: str | Path, reader: str = "standard") -> Path:
        """Write the model as an XMILE file, whatever the format of the original file.

        Parameters
        ----------
        path : path
            The file to write.
        reader : {"standard", "pysd"}
            The program that will read the file; see `sdcluster.write.xmile.write_xmile`.

        Returns
        -------
        Path
            The written file.

        Raises
        ------
        ModelError
            If a part of the model cannot be expressed in XMILE; no file is written.
        """
        from sdcluster.write.xmile import write_xmile

        return write_xmile(self, path, reader)

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "variables": dict(self.variables)}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        self.__dict__["variables"] = MappingProxyType(dict(self.variables))
