"""Stocks that track when their contents arrived (conveyors and queues), and the leaks of conveyors.

`Conveyor`, `Queue` and `Leak` objects are attributes of a `sdcluster.model.Variable`, and contain the canonical names
of other variables. Most of these variables are hidden: a reader created them from an equation in the XMILE element. See
XMILE 1.0, sections 3.7.2, 3.7.3, 4.2.1 and 4.3.
"""

from __future__ import annotations

from dataclasses import dataclass

SPREADS = ("beginning", "even", "dest", "source", "dist")


@dataclass(frozen=True, slots=True)
class Conveyor:
    """The options of a conveyor, a stock from which material leaves after a transit time.

    Parameters
    ----------
    transit : str
        The variable with the transit time, in the model's time unit.
    capacity, in_limit, sample, arrest : str
        Variables with the capacity, the maximum inflow per time unit, the condition for reading the transit time, and
        the condition for stopping the conveyor. Empty if the file does not specify the option.
    discrete, batch_integrity, one_at_a_time, exponential_leak : bool
        The options with these names in XMILE.
    contents : tuple of float
        Initial contents, in the order in which they leave; empty if the stock's initial value is a single number.
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
        """Canonical names of the variables with the conveyor's options, by the XMILE tag of the option."""
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
        """Canonical names of the variables with the conveyor's options."""
        return tuple(self.by_tag.values())


@dataclass(frozen=True, slots=True)
class Queue:
    """The options of a queue, a stock from which batches leave in the order in which they arrived.

    Parameters
    ----------
    contents : tuple of float
        Amounts of the initial batches, the front of the queue first; empty for a single batch.
    """

    contents: tuple[float, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """An empty tuple, because no variables control a queue. Conveyors have a property of the same name."""
        return ()


@dataclass(frozen=True, slots=True)
class Leak:
    """The options of a leak, a flow of material that leaves a conveyor before its end.

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
