"""Which functions the next run uses: plain Python at once, numba as soon as it is compiled and when it pays.

Crosses the border: `BackendChoice.functions(kernel)`.
"""

from __future__ import annotations

from typing import Any

from sdcluster.compile import Kernel
from sdcluster.errors import ModelError

_PATIENCE = 0.5  # seconds of plain Python after which compiling pays
_SECONDS_PER_VALUE = 1.5e-7  # of plain Python, roughly: to tell a long run beforehand


class BackendChoice:
    """Chooses between plain Python and numba, run by run.

    Parameters
    ----------
    wanted : {"auto", "python", "numba"}
    values : int
        How many values a run evaluates, roughly.

    Attributes
    ----------
    spent : float
        Seconds of plain Python so far.
    """

    def __init__(self, wanted: str, values: int) -> None:
        if wanted not in ("auto", "python", "numba"):
            raise ModelError(f'unknown backend "{wanted}"; expected auto, python or numba')
        self.wanted = wanted
        self.spent = 0.0
        self._values = values
        self._warming: Any = None

    @property
    def now(self) -> str:
        """What the next run will use."""
        if self.wanted == "numba":
            return "numba"
        compiled = self._warming is not None and self._warming.ready is not None
        return "numba" if self.wanted == "auto" and compiled else "python"

    def warm(self, kernel: Kernel, wait: bool = False) -> None:
        """Start compiling in the background, and wait for the end of it if asked to."""
        if self.wanted == "python":
            return
        self._warming = kernel.warm()
        if wait:
            try:
                self._warming.wait()
            except ImportError:
                if self.wanted == "numba":
                    raise

    def functions(self, kernel: Kernel) -> tuple[Any, bool]:
        """Return the callables for a run, and whether they want arrays."""
        if self.wanted == "numba":
            return kernel.functions("numba"), True
        if self.wanted == "auto":
            if self._warming is None and self._pays():
                self.warm(kernel)
            if self._warming is not None:
                warming = kernel.warm()
                if warming.ready is None and not warming.done and self._long():
                    warming._thread.join()
                if warming.ready is not None:
                    return warming.ready, True
        return kernel.functions("python"), False

    def _pays(self) -> bool:
        return self.spent > _PATIENCE or self._long()

    def _long(self) -> bool:
        return self._values * _SECONDS_PER_VALUE > 10.0
