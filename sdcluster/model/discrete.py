"""Stocks that track when their contents arrived (conveyors and queues), and the leaks of conveyors.

Interface: `Conveyor`, `Queue` and `Leak`, parts of `sdcluster.model.Variable`. Names in them are canonical
names of the model's variables, most of them hidden variables that a reader created from an element's equation. See
XMILE 1.0, sections 3.7.2, 3.7.3, 4.2.1 and 4.3.
"""

from __future__ import annotations

from dataclasses import dataclass

SPREADS = ("beginning", "even", "dest", "source", "dist")


@dataclass(frozen=True, slots=True)
class Conveyor:
    """A conveyor: material leaves after a transit time.

    Parameters
    ----------
    transit : str
        The variable with the transit time, in the model's time unit.
    capacity, in_limit, sample, arrest : str
        Variables with the capacity, the maximum inflow per time unit, the condition for reading the transit time, and
        the condition for stopping the belt. Empty if not specified in the file.
    discrete, batch_integrity, one_at_a_time, exponential_leak : bool
        As in XMILE.
    contents : tuple of float
        Initial contents, the first to leave first; empty if the stock's initial value is a single number.
    """

    transit: str
    capacity: str = ""
    in_limit: str = ""
    sample: str = ""
    arrest: str = ""
    discrete: bool = False
    batch_integrity: bool = False
    one_at_a_time: bool = True
    exponential_leak: bool = False
    contents: tuple[float, ...] = ()

    @property
    def by_tag(self) -> dict[str, str]:
        """The variables in the conveyor's options, by XMILE tag."""
        own = {
            "len": self.transit,
            "capacity": self.capacity,
            "in_limit": self.in_limit,
            "sample": self.sample,
            "arrest": self.arrest,
        }
        return {tag: name for tag, name in own.items() if name}

    @property
    def names(self) -> tuple[str, ...]:
        """The variables in the conveyor's options."""
        return tuple(self.by_tag.values())


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue: batches leave in the order in which they arrived.

    Parameters
    ----------
    contents : tuple of float
        Initial batches, front first; empty for a single batch.
    """

    contents: tuple[float, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The variables in the queue's options: a queue has no options, so this is empty."""
        return ()


@dataclass(frozen=True, slots=True)
class Leak:
    """A leak: material that leaves a conveyor before its end.

    Parameters
    ----------
    fraction : str
        The variable with the leak fraction: of the inflow (linear), or of the contents per time unit (exponential).
    start, end : float
        Start and end of the leak zone, as fractions of the conveyor's length measured from the entry.
    integers : bool
        Whether only whole units leak.
    """

    fraction: str
    start: float = 0.0
    end: float = 1.0
    integers: bool = False
