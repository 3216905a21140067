"""A model ready for lowering: functions such as SMOOTH are replaced by hidden stocks, and the equations are sorted.

`sdcluster.kernel.lower.assemble` creates a `Program` from a model, and `sdcluster.kernel.lower.lowering` translates the
program into the functions of a kernel.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from sdcluster.kernel.lower.components import Block, FixedDelay, Memory, Record, StockParts
from sdcluster.kernel.lower.devices import Devices, request
from sdcluster.kernel.lower.graphs import reached, users_of
from sdcluster.kernel.lower.limits import equation_of
from sdcluster.model import Model
from sdcluster.model.expression import Number, Table, walk
from sdcluster.model.resolver import Part, Resolver


@dataclass
class Program:
    """The equations of a model by canonical name. Hidden variables, added by the compiler, have names like ⟨this⟩.

    Parameters
    ----------
    model : Model
        Model from which the program was built.
    resolver : Resolver
        Shapes of all variables and the meaning of subscripts.
    parameters : dict of str to tuple of float
        Variables with constant values, which a run may override.
    stocks : dict of str to StockParts
        Integrated states.
    fixed, dynamic : list of Part or Block
        Equations in order of evaluation: those that depend on parameters alone, and those that change with time.
    starting : dict of str to list of Part
        Equations that replace those of the same name at the initial time (ACTIVE INITIAL).
    initials : dict of str to list of Part
        Equations evaluated once, at the initial time, whose values are then kept (INIT).
    memories : dict of str to Memory
        Values kept from one step to the next (PREVIOUS, SAMPLE IF TRUE).
    delays : dict of str to FixedDelay
        Delays of fixed length, each with a buffer.
    records : dict of str to Record
        Recorded histories, each with a buffer (HISTORY, IRR).
    tables : dict of str to dict of int to Table
        Graphical functions by name and flat position.
    devices : Devices
        Conveyors and queues.
    undefined : dict of str to frozenset of int
        Flat positions of the elements that no equation defines, for each array that has such elements.
    """

    model: Model
    resolver: Resolver
    parameters: dict[str, tuple[float, ...]] = field(default_factory=dict)
    stocks: dict[str, StockParts] = field(default_factory=dict)
    fixed: list[Part | Block] = field(default_factory=list)
    dynamic: list[Part | Block] = field(default_factory=list)
    starting: dict[str, list[Part]] = field(default_factory=dict)
    initials: dict[str, list[Part]] = field(default_factory=dict)
    memories: dict[str, Memory] = field(default_factory=dict)
    delays: dict[str, FixedDelay] = field(default_factory=dict)
    records: dict[str, Record] = field(default_factory=dict)
    tables: dict[str, dict[int, Table]] = field(default_factory=dict)
    devices: Devices = field(default_factory=Devices)
    undefined: dict[str, frozenset[int]] = field(default_factory=dict)

    @property
    def fixed_names(self) -> list[str]:
        """Names of the computed values that are constant during a run, without repetition, in order of evaluation."""
        return list(dict.fromkeys(p.name for p in self.fixed))

    @property
    def dynamic_names(self) -> list[str]:
        """Names of values that change with time, without repetition, in order of evaluation."""
        return list(dict.fromkeys(p.name for p in self.dynamic))

    @property
    def unknown(self) -> set[str]:
        """Names of the variables whose own equation contains Stella's NAN."""
        found = {
            name
            for name, values in self.parameters.items()
            if any(
                math.isnan(v) for i, v in enumerate(values) if i not in self.undefined.get(name, ())
            )
        }
        return found | {
            p.name
            for p in self._parts
            if any(
                isinstance(n, Number) and math.isnan(n.value)
                for e in p.expressions
                for n in walk(e)
            )
        }

    @property
    def may_be_missing(self) -> set[str]:
        """Names of variables that can be NaN (if they depend on Stella's NAN) or infinite (if they limit conveyors)."""
        needs: dict[str, set[str]] = {}
        for part in self._parts:
            needs.setdefault(part.name, set()).update(part.needs)
        return reached(self.unknown, users_of(needs)) | self.devices.limits

    @property
    def _parts(self) -> list[Part | Block]:
        stocks = self.stocks.values()
        return [*self.fixed, *self.dynamic, *(p for s in stocks for p in (*s.net, *s.initial))]

    def numbers(self, name: str) -> tuple[float, ...]:
        """Return the values of a parameter. For a limited flow, return the rates of its equation, without the limit."""
        spellings = (name, equation_of(name), request(name))
        return self.parameters[next(s for s in spellings if s in self.parameters)]

    def size(self, name: str) -> int:
        """Return the number of elements of a variable."""
        return self.resolver.shapes[name].size
