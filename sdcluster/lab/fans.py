"""Fan charts for a page: Python makes the many runs and sends only their quantiles to the browser.

Interface to the browser: messages of the widget. A request has the keys ``kind`` (`KIND`), ``page``, ``number``,
``state``, ``spread``, ``varied``, ``wanted``, ``times``, ``runs`` and ``moving``. The answer repeats ``kind``, ``page``
and ``number``, and has the number of ``failed`` runs and two buffers of doubles: the times, shape (T,), and the
quantiles, shape (wanted, shares, T). If the runs are impossible, the answer has an ``error`` instead.
`frontend/src/futures/partner.ts` sends the requests.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from sdcluster.errors import ModelError, SimulationError
from sdcluster.lab.page_state import decoded
from sdcluster.lab.shown_runs import ShownRuns
from sdcluster.messages import message
from sdcluster.run import Simulator
from sdcluster.study.bands import Bands, bands
from sdcluster.study.design_points import unit_points

if TYPE_CHECKING:
    import pandas as pd

    from sdcluster.lab.notebook_widget import LaboratoryWidget

KIND = "sdcluster-fan"
MOST = 1000  # the most runs in a fan
SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class Request:
    """A page's request for a fan chart.

    Parameters
    ----------
    state : str
        The settings of the page (`sdcluster.lab.page_state`).
    spread : float
        How far a constant varies from its current value, as a share of the distance to the ends of its range.
    varied : tuple of (str, float, float, float)
        The constants that vary: name, lowest value, current value, highest value.
    wanted : tuple of str
        Names of the variables or elements whose quantiles the page needs.
    times : int
        Maximum number of time points in a fan.
    runs : int
        Number of runs.
    """

    state: str
    spread: float
    varied: tuple[tuple[str, float, float, float], ...]
    wanted: tuple[str, ...]
    times: int
    runs: int

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> Request:
        """Read a request from a message; raise `ModelError` if the message is invalid."""
        try:
            varied = tuple(
                (str(name), float(low), float(now), float(high))
                for name, low, now, high in content["varied"]
            )
            found = cls(
                str(content["state"]),
                float(content["spread"]),
                varied,
                tuple(map(str, content["wanted"])),
                int(content["times"]),
                int(content["runs"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(message("lab.no_page_asks_like_this", error=error)) from None
        if not (found.wanted and 0 < found.runs <= MOST and found.times > 0):
            raise ModelError(message("lab.fan_needs_variable"))
        return found

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the varied constants."""
        return tuple(name for name, *_ in self.varied)

    @cached_property
    def points(self) -> np.ndarray:
        """Values of the varied constants, shape (runs, names), spread around the current settings as on the page."""
        low, now, high = np.array([numbers for _, *numbers in self.varied]).reshape(-1, 3).T
        way = 2 * _shares(len(self.varied))[: self.runs] - 1
        return now + self.spread * way * np.where(way < 0, now - low, high - now)

    def samples(self) -> pd.DataFrame:
        """Return `points` as a table with a column for each constant, which `sdcluster.ensemble` accepts."""
        import pandas as pd

        return pd.DataFrame(self.points, columns=list(self.names))


def _shares(width: int) -> np.ndarray:
    """Return `MOST` Sobol' points of the unit cube, shape (MOST, width); a fan with n runs uses the first n points."""
    found = _known_shares.get(width)
    if found is None:
        # If no constant varies, all runs are the same.
        found = np.asarray(unit_points(MOST, max(1, width), "sobol", 0))[:, :width]
        _known_shares[width] = found
    return found


_known_shares: dict[int, np.ndarray] = {}


class Fans:
    """Answers the requests for fan charts that the pages of a widget send.

    A separate thread makes the runs, so that the notebook stays responsive. A page sends its next request after it has
    received the answer.

    Parameters
    ----------
    widget : LaboratoryWidget
    shown : ShownRuns
        Repeats the runs of the page in Python.

    Attributes
    ----------
    last : Request or None
        The last request that was answered without an error.
    """

    def __init__(self, widget: LaboratoryWidget, shown: ShownRuns) -> None:
        self.last: Request | None = None
        self._shown = shown
        self._worker = ThreadPoolExecutor(1, "sdcluster-fan")
        widget.on_msg(self._asked)

    def _asked(self, widget: LaboratoryWidget, content: Any, _buffers: Any) -> None:
        if isinstance(content, dict) and content.get("kind") == KIND:
            state = content.get("state")
            # While a slider moves, the page sends no other message with its settings.
            if content.get("moving") and isinstance(state, str) and state != widget.state:
                widget.set_state({"_state": state})
            self._worker.submit(self._answer, widget, content)

    def _answer(self, widget: LaboratoryWidget, content: Mapping[str, Any]) -> None:
        answer = {"kind": KIND, "page": content.get("page"), "number": content.get("number")}
        try:
            request = Request.read(content)
            fan = self.fan(request)
        except (ModelError, SimulationError) as error:
            widget.send({**answer, "error": str(error)})
            return
        self.last = request
        buffers = [np.ascontiguousarray(numbers).data for numbers in (fan.times, fan.quantiles)]
        widget.send({**answer, "failed": fan.failed}, buffers)

    def fan(self, request: Request) -> Bands:
        """Make the runs of a fan chart, and return their quantiles.

        Raises
        ------
        ModelError
            If a name is unknown, if the user has edited equations on the page, or if a varied constant changes the
            time settings of a run.
        SimulationError
            If all runs fail.
        """
        simulator = self._simulator(request)
        return bands(simulator, request.names, request.points, request.wanted, SHARES)

    def _simulator(self, request: Request) -> Simulator:
        """Return a simulator that saves at most as many times as the page draws."""
        scenario = self._shown.scenario(decoded(request.state).now)
        simulator = Simulator(self._shown.model, scenario)
        grid = simulator.grid
        every = grid.every * max(1, -(-grid.steps // grid.every // request.times))
        if every == grid.every:
            return simulator
        return Simulator(self._shown.model, scenario, saveper=every * grid.dt)
