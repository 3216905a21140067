"""The choice of backend: plain Python at first, machine code once compiling it pays off.

`BackendChoice.functions(kernel)` returns the functions of the chosen backend.
"""

from __future__ import annotations

import logging
import warnings
from typing import Any

from sdcluster.errors import ModelError
from sdcluster.kernel import Kernel
from sdcluster.messages import comma_separated, message

BACKENDS = ("auto", "python", "native")
_PATIENCE = 0.5  # seconds in plain Python after which compiling starts
_SECONDS_PER_VALUE = 1.5e-7  # rough estimate for plain Python
_LONG = 5.0  # a run estimated to take more seconds than this in plain Python is logged
_LATE = 4.0  # stop waiting for the compiler after this multiple of its expected time

_log = logging.getLogger(__name__)


class BackendChoice:
    """Chooses before each run between plain Python and machine code.

    Parameters
    ----------
    wanted : {"auto", "python", "native"}
        The backend that the caller requested. ``"numba"``, a backend of version 0.1.0, now means ``"native"`` and gives
        a warning.
    values : int
        Approximate number of values that a run computes.

    Attributes
    ----------
    spent : float
        Seconds spent in plain Python so far.
    """

    def __init__(self, wanted: str, values: int) -> None:
        if wanted == "numba":
            warnings.warn(
                'the backend "numba" is gone; "native" compiles sooner and runs as fast',
                DeprecationWarning,
                stacklevel=4,
            )
            wanted = "native"
        if wanted not in BACKENDS:
            raise ModelError(
                message(
                    "run.unknown_backend_expected_one",
                    wanted=wanted,
                    backends=comma_separated(BACKENDS),
                )
            )
        self.wanted = wanted
        self.spent = 0.0
        self._seconds = values * _SECONDS_PER_VALUE
        self._warming: Any = None
        self._gave_up = False  # whether a wait for the compiler timed out

    @property
    def now(self) -> str:
        """The backend of the next run: ``"python"`` or ``"native"``."""
        if self.wanted != "auto":
            return self.wanted
        compiled = self._warming is not None and self._warming.ready is not None
        return "native" if compiled else "python"

    def warm(self, kernel: Kernel, wait: bool = False) -> None:
        """Start compiling the kernel in the background; with `wait`, return only when the compiler has finished."""
        if self.wanted == "python":
            return
        self._warming = kernel.warm()
        if wait:
            try:
                self._warming.wait()
            except Exception:
                if self.wanted != "auto":
                    raise

    def functions(self, kernel: Kernel) -> tuple[Any, bool]:
        """Return the functions that a run calls, and whether they take arrays (machine code) instead of lists."""
        if self.wanted == "native":
            return kernel.functions("native"), True
        if self.wanted == "auto":
            if self._warming is None and max(self.spent, self._seconds) > _PATIENCE:
                self.warm(kernel)
            if self._warming is not None:
                warming = kernel.warm()
                if not warming.done and not self._gave_up:
                    self._consider(warming)
                if warming.ready is not None:
                    return warming.ready, True
        return kernel.functions("python"), False

    def _consider(self, warming: Any) -> None:
        """Wait for the compiler, up to a time limit, if the run will save more time than compiling takes."""
        if self._seconds <= 1.0 + 2 * warming.expected:
            if self._seconds > _LONG:
                _log.info("running in plain Python: compiling would take longer than it saves")
            return
        _log.info("compiling first: the run would take longer in plain Python")
        try:
            warming.wait(_LATE * warming.expected)
        except TimeoutError:
            self._gave_up = True
            _log.info("compiling takes longer than expected; the run goes on in plain Python")
        except Exception as reason:
            _log.info("not compiled (%s); the run goes on in plain Python", reason)
