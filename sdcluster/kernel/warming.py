"""Compile kernels to machine code in a background thread.

Exports `warming(text)`, which returns a `Warming`. The attribute `ready` of a `Warming` contains the functions as soon
as they are compiled.
"""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Callable
from functools import lru_cache
from types import SimpleNamespace

from sdcluster.kernel import ir
from sdcluster.progress import report

Entries = tuple[tuple[str, str], ...]

_SECONDS = (0.5, 2e-4)  # estimated compile time: a minimum, and an addition for each line of text
_MISSING = "machine code needs llvmlite; install it with: pip install llvmlite"


class Warming:
    """The compilation of one kernel in the background.

    Parameters
    ----------
    text : str
        Source of the kernel, without the definitions of ``jit`` and ``TABLE``.
    entries : sequence of (str, str)
        Functions that are called from outside and the types of their arguments. By default, the kernel's own entries.

    Attributes
    ----------
    ready : namespace or None
        The compiled functions; None until they are ready.
    expected : float
        Estimated compile time in seconds.
    """

    def __init__(self, text: str, entries: Entries = ()) -> None:
        self.ready: SimpleNamespace | None = None
        self.error: BaseException | None = None
        self.expected = _SECONDS[0] + _SECONDS[1] * text.count("\n")
        self._text, self._entries = text, dict(entries) or None
        self._calls: list[Callable[[], None]] = []
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self, own: ir.Module | None = None) -> None:
        """Start compiling, unless it has already started. `own` is the kernel's module without the library."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._work, args=(own,), name="sdcluster-compile", daemon=True
                )
                self._thread.start()

    def _work(self, own: ir.Module | None) -> None:
        try:
            self.ready = self._compiled(own)
        except BaseException as error:  # `wait` raises it in the thread that waits
            self.error = error
        with self._lock:
            calls, self._calls = self._calls, []
        for call in calls:
            call()

    def _compiled(self, own: ir.Module | None) -> SimpleNamespace:
        if importlib.util.find_spec("llvmlite") is None:
            raise ImportError(_MISSING)
        from sdcluster.kernel.targets.native import build

        return build.functions(self._text, self._entries, own)

    @property
    def done(self) -> bool:
        """Whether compiling has ended, successfully or with an error."""
        return self.ready is not None or self.error is not None

    def then(self, call: Callable[[], None]) -> None:
        """Call a function in the background thread when compiling has ended, or immediately if it already has."""
        with self._lock:
            if not self.done:
                self._calls.append(call)
                return
        call()

    def wait(self, seconds: float | None = None) -> SimpleNamespace:
        """Wait for the compiled functions and return them.

        Parameters
        ----------
        seconds : float, optional
            Longest time to wait. By default, there is no limit.

        Raises
        ------
        ImportError
            If llvmlite is not installed.
        Unsupported
            If a function cannot be translated.
        TimeoutError
            If the functions are not ready within `seconds`.
        RuntimeError
            If compiling failed.
        """
        if not self.done:
            report("compiling")
        assert self._thread is not None
        self._thread.join(seconds)
        if self.ready is not None:
            return self.ready
        if self._thread.is_alive():
            raise TimeoutError("the kernel is still being compiled")
        raise self.error or RuntimeError("the kernel was not compiled")


@lru_cache(maxsize=64)
def started(text: str, entries: Entries = ()) -> Warming:
    """Return the `Warming` of a kernel. For the same text and entries, every call returns the same object."""
    return Warming(text, entries)


def warming(text: str, entries: Entries = (), own: ir.Module | None = None) -> Warming:
    """Start compiling a kernel in the background, and return its `Warming`. Later calls return the same object.

    Parameters
    ----------
    text, entries, own : str, tuple of pairs of str and ir.Module
        As for `sdcluster.kernel.targets.native.build.functions`.
    """
    found = started(text, entries)
    found.start(own)
    return found
