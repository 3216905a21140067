"""Compiles printed kernels with numba, in a process of its own, and keeps them on disk.

Crosses the border: `functions(text, shape)`. Run as a program (by `sdcluster.kernel.child`, with the sizes as
arguments) it compiles one kernel file of the cache. `kernel.targets.native` does the same in a tenth of the time;
numba takes over what that does not know.
"""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from sdcluster.files import cache_folder, write_atomically
from sdcluster.kernel import child

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


def functions(text: str, shape: Shape) -> SimpleNamespace:
    """Return the functions of a kernel, compiled in a process of its own where they are not on disk.

    Parameters
    ----------
    text : str
        The kernel's module without the definitions of ``jit`` and ``TABLE``.
    shape : tuple of int
        Number of states, length of `p`, number of observed variables.
    """
    path = _file(text)
    if not _mark(path).exists():
        child.run(__name__, list(map(str, shape)), str(path))
    return _load(path, shape)


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
    if hasattr(functions, "begin"):
        functions.begin(0.0, y, p)
    functions.rhs(0.0, y, p, work[0])
    functions.observe(0.0, y, p, work[0], out[0])
    functions.advance(0.0, y, p)
    for method in ("euler", "rk4"):
        getattr(functions, method)(0, 0, 1, 1.0, y, p, work, out)
    if not _mark(path).exists():
        write_atomically(_mark(path), "compiled\n")
    return functions


if __name__ == "__main__":
    _load(Path(child.given_text()), (int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
