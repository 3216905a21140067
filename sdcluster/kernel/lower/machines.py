"""Functions that keep material apart as devices: what they take, what they give, and what may be asked of queues.

Crosses the border: `Machine` and `Question`, made by `sdcluster.kernel.lower.rules_devices`. Their functions are in
`sdcluster.kernel.library.trains`; `sdcluster.kernel.lower.machine_actions` makes their statements.
"""

from __future__ import annotations

from dataclasses import dataclass

from sdcluster.model.expression import Reference, Table


@dataclass(frozen=True)
class Kind:
    """What a kind of machine needs: the length of its record, its rings and their length in steps of a run."""

    width: int
    rings: int = 0
    lots: int = 1


KINDS = {"train": Kind(8, 2, 2), "batch": Kind(3), "response": Kind(1, 1), "line": Kind(6, 3, 2)}


@dataclass(frozen=True)
class Machine:
    """A call of a function that keeps material apart.

    Parameters
    ----------
    name : str
        The hidden variable that holds its value through each step.
    kind : str
        One of `KINDS`, and the first word of its functions.
    inputs : tuple of str
        Variables that it takes in at the end of each step.
    starts : tuple of str
        Kept values of the start.
    tables : tuple of Table
        Profiles: of the initial content or the response; then of attributes.
    marked : str
        The kept value that the second profile multiplies; empty if there is none.
    """

    name: str
    kind: str
    inputs: tuple[str, ...]
    starts: tuple[str, ...]
    tables: tuple[Table, ...] = ()
    marked: str = ""

    @property
    def cells(self) -> int:
        """Number of buffers behind the end of `p`, for each element."""
        return KINDS[self.kind].rings * KINDS[self.kind].lots


@dataclass(frozen=True)
class Question:
    """Something asked of a queue at the beginning of each step.

    Parameters
    ----------
    name : str
        The hidden variable that holds the answer.
    function : str
        Name in the prelude.
    of : Reference
        The queue: a stock, or a variable whose equation is a QUEUE FIFO.
    owner : str
        The variable whose equation asks.
    arguments : tuple of str
        Variables.
    last : int or None
        A last argument that never changes.
    """

    name: str
    function: str
    of: Reference
    owner: str
    arguments: tuple[str, ...]
    last: int | None = None
