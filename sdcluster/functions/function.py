"""A function of the modelling languages: a row of the table in `sdcluster.functions.table`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sdcluster.messages import Message


@dataclass(frozen=True, slots=True)
class Function:
    """A row of the table.

    Parameters
    ----------
    name : str
        Our name, as in `sdcluster.model.expression.Call`.
    xmile, vensim : str
        Spelling in each language, for messages and documentation; empty if the language lacks the function.
    read_as : tuple of str
        Spellings used for lookup by the readers of both languages.
    arity : tuple of int
        Least and greatest number of arguments.
    units : str
        Rule for units: ``same`` (arguments and result have equal units), ``first`` (units of the first argument),
        ``dimensionless`` (arguments and result), ``free``, ``time``, ``branch`` (second and third argument have equal
        units), ``quotient``, ``slope`` (first argument times time), ``integral`` (as ``slope``, the second
        argument too), ``rate`` (second argument per time), ``outflow`` (first argument per time).
    template, rewrite : str
        Meaning of the function. Exactly one is given, unless `points` is.
    device : str
        For the rule `device`: the kind of device (`sdcluster.kernel.lower.devices.KINDS`), then the role of each
        argument: ``input`` of each step, ``start``, ``profile`` or ``mark`` (initial attribute).
    question : str
        For functions of a queue or conveyor (first argument): the library function that computes the value, and
        optionally its last argument.
    breakpoints : tuple of str
        Templates for the times at which the value or its slope jumps. Solvers stop there.
    defaults : tuple of float
        Default values of the last arguments.
    points : str
        Library function of the points of a graphical function, which is the first argument (a `Lookup`). The template,
        if any, is applied to the result.
    courses : int
        Number of last arguments that are recorded histories (`sdcluster.kernel.lower.components.Record`).
    stops : callable, optional
        Returns the reason for the error message when the function has no value and the run stops.
    meaning : str
        One line for the documentation.
    sign : {"", "rising"}
        ``"rising"`` if the value is non-decreasing in each argument; empty if unknown.
    later : bool
        Whether an argument affects only later values. A flow can then depend on itself through the function.
    breaks_cycle : bool
        Whether a cycle of equations through the function can be evaluated, as for a stock.
    averages : bool
        Whether the second argument is a delay or averaging time.
    order_at : int
        Index of the argument that is a delay order, or -1.
    aggregate : bool
        Whether the function reduces an array to one number.
    over_array : str
        Name of the function used instead if an argument is an array.
    row_arguments : tuple of (int, int)
        Index of each argument that is a whole row, and the number of axes after the axis of the row.
    written : str
        Name in the XMILE files that we write, if not the first of `xmile`.
    vensim_twin : str
        Meaning of the function in XMILE files converted from Vensim models.
    session : callable, optional
        For functions of a program's screen or session: returns the behaviour of a run here, and the remedy.
    """

    name: str
    xmile: str
    vensim: str
    read_as: tuple[str, ...]
    arity: tuple[int, int]
    units: str
    template: str = ""
    rewrite: str = ""
    device: str = ""
    question: str = ""
    breakpoints: tuple[str, ...] = ()
    defaults: tuple[float, ...] = ()
    points: str = ""
    courses: int = 0
    stops: Callable[[], Message] | None = None
    meaning: str = ""
    sign: str = ""
    later: bool = False
    breaks_cycle: bool = False
    averages: bool = False
    order_at: int = -1
    aggregate: bool = False
    over_array: str = ""
    row_arguments: tuple[tuple[int, int], ...] = ()
    written: str = ""
    vensim_twin: str = ""
    session: Callable[[], tuple[Message, Message]] | None = None

    @property
    def rows(self) -> bool:
        """Whether the function takes whole rows of an array."""
        return self.rewrite == "row"

    @property
    def uses_time(self) -> bool:
        """Whether the value changes with time even if the arguments do not."""
        times = ("{t}", "{middle}", "{step_start}")
        return any(time in self.template for time in times) or self.name == "active initial"
