"""Compiles printed kernels with numba, in the background and in a process of its own, and keeps them on disk.

Crosses the border: `warming(text, shape)` gives a `Warming`, whose `ready` functions appear when
they are compiled. Run as a program (``python -m sdcluster.compile.numba_backend FILE N SIZE
COLUMNS``) it compiles one kernel file of the cache.
"""

from __future__ import annotations

import hashlib
import importlib.util
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from sdcluster.files import cache_folder, write_atomically

_HEADER = """\
# Made by sdcluster from a model; deleting it is safe.
import numpy as np
from numba import njit
jit = njit(cache=True, error_model="numpy", nogil=True)
def TABLE(values):
    return np.array(values, dtype=np.float64)
def INDEX(values):
    return np.array(values, dtype=np.int64)
"""

Shape = tuple[int, int, int]


class Warming:
    """The way to the compiled functions of one kernel.

    Parameters
    ----------
    text : str
        The kernel's module without the definitions of ``jit`` and ``TABLE``.
    shape : tuple of int
        Number of states, length of `p`, number of observed variables.
    """

    def __init__(self, text: str, shape: Shape) -> None:
        self.ready: SimpleNamespace | None = None
        self.error: BaseException | None = None
        self._text = text
        self._shape = shape
        self._calls: list[Callable[[], None]] = []
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._work, name="sdcluster-compile", daemon=True)
        self._thread.start()

    def _work(self) -> None:
        try:
            if importlib.util.find_spec("numba") is None:
                raise ImportError(
                    "fast runs need numba; install it with: pip install 'sdcluster[fast]'"
                )
            path = _file(self._text)
            mark = _mark(path)
            if not mark.exists():
                command = [sys.executable, "-m", __name__, str(path), *map(str, self._shape)]
                subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL)
            self.ready = _load(path, self._shape)
        except BaseException as error:  # kept, and raised where somebody waits
            self.error = error
        with self._lock:
            calls, self._calls = self._calls, []
        for call in calls:
            call()

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

    def wait(self) -> SimpleNamespace:
        """Return the functions when they are ready.

        Raises
        ------
        ImportError
            If numba is not installed.
        """
        self._thread.join()
        if self.ready is None:
            raise self.error or RuntimeError("the kernel was not compiled")
        return self.ready


@lru_cache(maxsize=64)
def warming(text: str, shape: Shape) -> Warming:
    """Start compiling a kernel in the background; asking again gives the same object."""
    return Warming(text, shape)


def _file(text: str) -> Path:
    content = _HEADER + text
    path = (
        cache_folder("kernels") / f"kernel_{hashlib.sha256(content.encode()).hexdigest()[:40]}.py"
    )
    if not path.exists() or path.read_text(encoding="utf-8") != content:
        write_atomically(path, content)
    return path


def _mark(path: Path) -> Path:
    versions = f"{metadata.version('numba')} {np.__version__} {sys.version}"
    return path.with_suffix(f".{hashlib.sha256(versions.encode()).hexdigest()[:12]}.ready")


def _load(path: Path, shape: Shape) -> SimpleNamespace:
    """Import a kernel file and call each entry once with the types of real runs, so that it is compiled or loaded."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # numba's cache looks the module up by name
    spec.loader.exec_module(module)
    functions = SimpleNamespace(**vars(module))
    n, size, columns = shape
    y, p = np.zeros(n), np.zeros(size)
    p[0], p[6] = 1.0, 1.0
    work, out = np.zeros((5, n)), np.zeros((1, columns))
    functions.derive(p)
    functions.initial(p, y)
    functions.rhs(0.0, y, p, work[0])
    functions.observe(0.0, y, p, work[0], out[0])
    functions.advance(0.0, y, p)
    for method in ("euler", "rk4"):
        getattr(functions, method)(0, 0, 1, 0.0, 1.0, y, p, work, out)
    if not _mark(path).exists():
        write_atomically(_mark(path), "compiled\n")
    return functions


if __name__ == "__main__":
    _load(Path(sys.argv[1]), (int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])))
