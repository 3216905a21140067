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
        The spelling in the two languages, for messages and documentation; empty if it has none.
    read_as : tuple of str
        Spellings under which the readers of both languages look the function up.
    arity : tuple of int
        Least and greatest number of arguments.
    units : str
        Rule for units: ``same`` (all arguments and the result alike), ``first`` (as the first argument),
        ``dimensionless`` (arguments and result), ``free``, ``time``, ``branch`` (second and third alike),
        ``quotient``, ``slope`` (first argument times time), ``integral`` (the same,
        and the second argument alike), ``rate`` (second argument per time),
        ``outflow`` (first argument per time).
    template, rewrite : str
        The meaning; exactly one is given, unless `points` is.
    device : str
        For the rule `device`: the kind of device (`sdcluster.kernel.lower.devices.KINDS`), then what each argument is
        to it: ``input`` of each step, ``start``, ``profile`` or ``mark`` (attribute at the start).
    question : str
        Where the first argument may be a queue or a conveyor: the function of the library that answers, and perhaps a
        last argument of it.
    breakpoints : tuple of str
        Templates of the times at which the value or its slope jumps; solvers stop there.
    defaults : tuple of float
        Numbers that stand for the last arguments where a call leaves them out.
    points : str
        A function of the prelude that works on the points of a graphical function. The first argument is a `Lookup`
        whose table it takes; the template, if there is one, is put around the result.
    courses : int
        How many of the last arguments are courses of values (`sdcluster.kernel.lower.components.Record`).
    stops : callable, optional
        When the function has no value and the run stops, it returns what then is wrong, for the message.
    meaning : str
        One line for the documentation.
    sign : {"", "rising"}
        How the value moves with each argument: it never falls, or that is not known here.
    later : bool
        Whether an argument acts on the value only after this moment, so that a flow can need itself through it.
    breaks_cycle : bool
        Whether a cycle of equations through it has a start, as through a stock.
    averages : bool
        Whether the second argument is a time over which it delays or averages.
    order_at : int
        Place of the argument that is an order, or -1.
    aggregate : bool
        Whether it makes one number of the elements of an array.
    over_array : str
        The function that takes its place where one argument is an array.
    row_arguments : tuple of (int, int)
        The arguments that are whole rows, and how many axes lie behind that of the row.
    written : str
        The name in XMILE files that we write, where it is not the first of `xmile`.
    vensim_twin : str
        Its meaning in files from converters of Vensim models.
    session : callable, optional
        For functions of a program's screen or session: returns what a run here does instead, and the remedy.
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
        """Whether it works on whole rows of an array."""
        return self.rewrite == "row"

    @property
    def uses_time(self) -> bool:
        """Whether the value changes with time even if the arguments do not."""
        times = ("{t}", "{middle}", "{step_start}")
        return any(time in self.template for time in times) or self.name == "active initial"
