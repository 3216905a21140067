"""Rules for conveyors and queues: what may be asked of them in an equation.

Crosses the border: `DeviceRules`, a part of `sdcluster.compile.expand.Expander`; its methods are named like the
`rewrite` of a row in the table of functions.
"""

from __future__ import annotations

from sdcluster.compile.hidden import Hidden
from sdcluster.model.expression import Expression


class DeviceRules(Hidden):
    """One method for each rule."""

    def leaving(self, *_: Expression) -> Expression:
        """What a conveyor or queue decides; `sdcluster.compile.devices` prints it, so no other equation holds it."""
        raise self.resolver.error(
            "only a flow out of a conveyor or queue can be what leaves it; use the flow itself",
            self.owner,
        )
