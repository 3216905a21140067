"""Stocks that keep apart what is in them, by when it came: conveyors and queues; and the leaks of conveyors.

Crosses the border: `Conveyor`, `Queue` and `Leak`, parts of `sdcluster.model.Variable`. Where they hold names, these
are canonical names of variables of the model, most of them hidden ones that a reader made of an element's equation.
See XMILE 1.0, sections 3.7.2, 3.7.3, 4.2.1 and 4.3.
"""

from __future__ import annotations

from dataclasses import dataclass

SPREADS = ("beginning", "even", "dest", "source", "dist")


@dataclass(frozen=True, slots=True)
class Conveyor:
    """Material rides on a belt for a transit time.

    Parameters
    ----------
    transit : str
        The variable that holds the transit time, in the model's time unit.
    capacity, in_limit, sample, arrest : str
        Variables: the most that the belt holds; the most that enters it in a time unit; when the transit time is read;
        when the belt stops. Empty if the file does not give it.
    discrete, batch_integrity, one_at_a_time, exponential_leak : bool
        As in XMILE.
    contents : tuple of float
        Initial contents one by one, the first to leave first; empty where the stock's initial value says it all.
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
        """The variables that it is governed by, by the tag that XMILE has for them."""
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
        """The variables that it is governed by."""
        return tuple(self.by_tag.values())


@dataclass(frozen=True, slots=True)
class Queue:
    """Batches wait in line, first in, first out.

    Parameters
    ----------
    contents : tuple of float
        Initial batches, the front one first; empty for a single one.
    """

    contents: tuple[float, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The variables that it is governed by: none."""
        return ()


@dataclass(frozen=True, slots=True)
class Leak:
    """A leak: material that falls off a conveyor on the way.

    Parameters
    ----------
    fraction : str
        The variable that holds the fraction: of what enters (linear), or of what is there per time unit (exponential).
    start, end : float
        The zone in which it leaks, as fractions of the way from the entry.
    integers : bool
        Whether only whole units leak.
    """

    fraction: str
    start: float = 0.0
    end: float = 1.0
    integers: bool = False
