"""The class of the rows in the table of functions, `sdcluster.functions.table`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sdcluster.messages import Message


@dataclass(frozen=True, slots=True)
class Function:
    """One row of the table of functions: a function of Vensim or XMILE, or an internal function.

    Parameters
    ----------
    name : str
        Our name of the function, as in `sdcluster.model.expression.Call`.
    xmile, vensim : str
        Spelling in each language, for messages and documentation. Commas separate several spellings. Empty if the
        language lacks the function.
    read_as : tuple of str
        Spellings by which the readers of both languages look the function up.
    arity : tuple of int
        Smallest and largest number of arguments.
    units : str
        Rule for the unit of the result:

        - ``same``: the arguments and the result have equal units.
        - ``first``: the unit of the first argument.
        - ``dimensionless``: the arguments and the result are dimensionless.
        - ``time``: the unit of time.
        - ``branch``: the second argument, the third argument and the result have equal units.
        - ``quotient``: the unit of the first argument divided by the unit of the second argument.
        - ``slope``: the unit of the first argument times the unit of time.
        - ``integral``: as ``slope``; the second argument has this unit too.
        - ``rate``: the unit of the second argument divided by the unit of time.
        - ``outflow``: the unit of the first argument divided by the unit of time.
        - ``trend``: 1 divided by the unit of time.
        - ``smooth``: the unit of the first argument; the second argument is a time.
        - ``free``: units are not checked.
    template, rewrite : str
        Meaning of the function: an expression, or the name of a rule that rewrites the call
        (`sdcluster.functions.table` describes both). At most one of them is given. Functions that
        have neither are translated in `sdcluster.kernel.lower`.
    device : str
        For the rewriting rule ``device``: the kind of device (`sdcluster.kernel.lower.devices.KINDS`), followed by the
        role of each argument. The roles are ``input`` (read in each step), ``start`` (read at the start), ``profile``
        and ``mark`` (initial attribute). A plus sign joins two roles of one argument.
    question : str
        For functions that query the queue or conveyor in their first argument: name of the library function that
        computes the value. A number after the name is passed as that function's last argument.
    breakpoints : tuple of str
        Templates of the times at which the value or its slope jumps. Solvers end a step at each of these times.
    defaults : tuple of float
        Default values of the last arguments.
    points : str
        For functions whose first argument is a graphical function (a `Lookup`): name of the library function that works
        on the points. The template, if there is one, is applied to its result.
    courses : int
        How many of the last arguments are recorded histories (`sdcluster.kernel.lower.components.Record`).
    stops : callable, optional
        Returns an explanation for the error message of a run that stops because the function has no value.
    meaning : str
        Description for the documentation, in one line.
    sign : {"", "rising"}
        ``"rising"`` if the value never decreases as an argument increases. Empty if that is unknown.
    later : bool
        Whether an argument affects only values at later times. If so, a flow may depend on itself through the function.
    breaks_cycle : bool
        Whether a cycle of equations that passes through the function can be evaluated, as a cycle through a stock can.
    averages : bool
        Whether the second argument is a delay time or an averaging time.
    order_at : int
        Index of the argument that is the order of a delay, or -1.
    aggregate : bool
        Whether the function reduces an array to one number.
    over_array : str
        Name of the function that replaces this function if an argument is an array.
    row_arguments : tuple of (int, int)
        For each argument that is a whole row of an array: index of the argument, and number of array axes that follow
        the axis of the row.
    written : str
        Name in the XMILE files that sdcluster writes, if it is not the first name in `xmile`.
    vensim_twin : str
        Name of the function that replaces this function in XMILE files converted from Vensim models.
    session : callable, optional
        For functions that depend on a program's window or session: returns two messages, on what the function does in a
        run here, and on what the user can do instead.
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
        """Whether the function works on whole rows of an array."""
        return self.rewrite == "row"

    @property
    def uses_time(self) -> bool:
        """Whether the value changes with time even while the arguments are constant."""
        times = ("{t}", "{middle}", "{step_start}")
        return any(time in self.template for time in times) or self.name == "active initial"
