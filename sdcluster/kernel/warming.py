"""The way to the compiled functions of a kernel, in the background: by LLVM at once, or by numba where that fails.

Crosses the border: `warming(text, shape, way)` gives a `Warming`, whose `ready` functions appear when they are
compiled.
"""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Callable
from functools import lru_cache
from types import SimpleNamespace
from typing import Literal

from sdcluster.kernel.targets import numba_backend
from sdcluster.kernel.targets.numba_backend import Shape
from sdcluster.progress import report

Way = Literal["auto", "native", "numba"]

LONGEST_FOR_NUMBA = 5_000  # lines: numba takes minutes for more
_SECONDS = (0.5, 2e-4)  # of compiling, roughly: at least, and for each line
_MISSING = "fast runs need numba; install it with: pip install 'sdcluster[fast]'"


class Warming:
    """The way to the compiled functions of one kernel.

    Parameters
    ----------
    text : str
        The kernel's module without the definitions of ``jit`` and ``TABLE``.
    shape : tuple of int
        Number of states, length of `p`, number of observed variables.
    way : {"auto", "native", "numba"}
        Who compiles; ``"auto"``: LLVM at once, and numba for what it does not know.

    Attributes
    ----------
    ready : namespace or None
        The functions.
    by : str
        Who compiled them.
    expected : float
        Seconds that compiling takes, roughly.
    """

    def __init__(self, text: str, shape: Shape, way: Way) -> None:
        self.ready: SimpleNamespace | None = None
        self.by = "numba" if way == "numba" else "native"
        self.error: BaseException | None = None
        self.expected = _SECONDS[0] + _SECONDS[1] * text.count("\n")
        self._text, self._shape, self._way = text, shape, way
        self._calls: list[Callable[[], None]] = []
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._work, name="sdcluster-compile", daemon=True)
        self._thread.start()

    def _work(self) -> None:
        try:
            self.ready = self._compiled()
        except BaseException as error:  # kept, and raised where somebody waits
            self.error = error
        with self._lock:
            calls, self._calls = self._calls, []
        for call in calls:
            call()

    def _compiled(self) -> SimpleNamespace:
        if self._way != "numba":
            try:
                return self._native()
            except Exception:
                if self._way == "native" or self._text.count("\n") > LONGEST_FOR_NUMBA:
                    raise
        self.by = "numba"
        if importlib.util.find_spec("numba") is None:
            raise ImportError(_MISSING)
        return numba_backend.functions(self._text, self._shape)

    def _native(self) -> SimpleNamespace:
        if importlib.util.find_spec("llvmlite") is None:
            raise ImportError(_MISSING)
        from sdcluster.kernel.targets.native import build

        return build.functions(self._text)

    @property
    def done(self) -> bool:
        """Whether waiting is over, with or without success."""
        return self.ready is not None or self.error is not None

    def then(self, call: Callable[[], None]) -> None:
        """Call back from the background thread when the waiting is over (at once if it is)."""
        with self._lock:
            if not self.done:
                self._calls.append(call)
                return
        call()

    def wait(self, seconds: float | None = None) -> SimpleNamespace:
        """Return the functions when they are ready.

        Parameters
        ----------
        seconds : float, optional
            At most so long.

        Raises
        ------
        ImportError
            If numba is not installed.
        TimeoutError
            If they are not ready in time.
        RuntimeError
            If compiling failed.
        """
        if not self.done:
            report("compiling")
        self._thread.join(seconds)
        if self.ready is not None:
            return self.ready
        if self._thread.is_alive():
            raise TimeoutError("the kernel is still being compiled")
        raise self.error or RuntimeError("the kernel was not compiled")


@lru_cache(maxsize=64)
def warming(text: str, shape: Shape, way: Way = "auto") -> Warming:
    """Start compiling a kernel in the background; asking again gives the same object."""
    return Warming(text, shape, way)
