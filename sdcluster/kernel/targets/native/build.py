"""From a kernel's text to callables, through a cache on disk that several processes may use at once.

Crosses the border: `functions(text)`. A small kernel is translated and compiled here, which is done before another
process would have started. A larger one has a process of its own (`sdcluster.kernel.child`: the text on its input, the
object on its output), which holds no lock of ours, can be given bounds, and leaves nothing when it is stopped. The file
is written beside its place and moved there.
"""

from __future__ import annotations

import atexit
import gc
import hashlib
import os
import pickle
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from sdcluster.files import cache_folder, write_atomically
from sdcluster.kernel import child, ir
from sdcluster.kernel.library import completed
from sdcluster.kernel.parse import Unsupported, parse
from sdcluster.kernel.targets.native import objects
from sdcluster.messages import message
from sdcluster.recursion import deep_recursion, without_collecting

SMALL = 600  # lines of text up to which a kernel is compiled in this process
MOST = 1_000_000  # lines of text; more are left to plain Python
MEMORY = 8 * 1024**3  # bytes that compiling may take
SECONDS = 900  # of the processor
_UNSUPPORTED = 3  # exit status
_DIGEST = 32  # bytes in front of the object: its SHA-256

# Held while LLVM works in this process. The program does not end meanwhile, since LLVM's own data go away then, and no
# process is forked, in which LLVM's lock would never open.
_at_work = threading.RLock()
atexit.register(_at_work.acquire)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_at_work.acquire, after_in_parent=_at_work.release, after_in_child=_at_work.release
    )


def functions(
    text: str,
    entries: Mapping[str, str] | None = None,
    own: ir.Module | None = None,
    lanes: int = 1,
) -> SimpleNamespace:
    """Return the callables of a printed kernel, compiled now or before.

    Parameters
    ----------
    text : str
    entries : mapping of str to str, optional
        As for `sdcluster.kernel.targets.llvm.translate`.
    own : ir.Module, optional
        The same without what the library holds, which saves the compiler the time to read the text.
    lanes : int
        Number of runs side by side.

    Raises
    ------
    Unsupported
        For a text that holds something unknown or is too long.
    ImportError
        If llvmlite is not installed.
    RuntimeError
        If compiling failed.
    """
    if text.count("\n") > MOST:
        raise Unsupported(message("kernel.targets.native.kernel_more_lines", most=MOST))
    code = text if own is None else own.parts()
    with _at_work:
        path = place(_key(text, entries, lanes))
        kept = _kept(path)
        if kept is None and text.count("\n") <= SMALL:
            kept = _keep(path, _compiled_here(code, entries, lanes))
    kept = kept or _keep(path, _compiled_beside(code, entries, lanes))
    with _at_work:
        return objects.load(kept, entries, lanes)


def is_kept(text: str, entries: Mapping[str, str] | None = None, lanes: int = 1) -> bool:
    """Whether the cache holds the object of a printed kernel, so that `functions` need not compile."""
    return place(_key(text, entries, lanes)).is_file()


def _key(text: str, entries: Mapping[str, str] | None, lanes: int) -> str:
    """Return everything an object file depends on, as its cache key."""
    called = "" if entries is None else f"{dict(entries)}\0"
    return called + (f"{lanes} lanes\0" if lanes > 1 else "") + text


def place(text: str) -> Path:
    """Return the path of a kernel's object file in the cache."""
    digest = hashlib.sha256(f"{_version()}\0{objects.machine()}\0{text}".encode()).hexdigest()
    return cache_folder("kernels") / f"{digest[:40]}.o"


def _kept(path: Path) -> bytes | None:
    """Return the object in a cache file, or None if the file is missing or damaged."""
    with suppress(OSError):
        content = path.read_bytes()
        digest, data = content[:_DIGEST], content[_DIGEST:]
        if digest == hashlib.sha256(data).digest():  # LLVM ends the process if an object is damaged
            return data
    return None


@cache
def _version() -> str:
    """Return a hash of the compiler's source, so that a changed compiler never loads old objects."""
    digest = hashlib.sha256()
    here = Path(__file__).parent
    for folder in (here.parents[1], here.parents[1] / "library", here.parent / "llvm", here):
        for source in sorted(folder.glob("*.py")):
            digest.update(source.read_bytes())
    return digest.hexdigest()


def _keep(path: Path, data: bytes) -> bytes:
    """Write an object into the cache and return it."""
    write_atomically(path, hashlib.sha256(data).digest() + data)
    return data


def _module(code: Any) -> ir.Module:
    """Return the kernel's module, from its text or from the parts of its own module."""
    return parse(code) if isinstance(code, str) else completed(ir.Module.of(*code))


def _compiled_here(code: object, entries: Mapping[str, str] | None, lanes: int) -> bytes:
    with without_collecting():
        return objects.compiled(_module(code), entries, lanes)


def _compiled_beside(code: object, entries: Mapping[str, str] | None, lanes: int) -> bytes:
    chosen = [str(lanes), *(f"{name}={kinds}" for name, kinds in (entries or {}).items())]
    with deep_recursion():
        answer = child.run(__name__, chosen, pickle.dumps(code, pickle.HIGHEST_PROTOCOL))
    if answer.code:
        raise (Unsupported if answer.code == _UNSUPPORTED else RuntimeError)(answer.said)
    return answer.data


def _bounded() -> None:
    """Limit the compiler to `MEMORY` and `SECONDS`, at low priority."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        os.nice(5)
        for what, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS)):
            resource.setrlimit(what, (most, resource.getrlimit(what)[1]))


def _main() -> int:
    data = child.given()
    _bounded()
    gc.disable()  # syntax trees hold no cycles, and looking for some takes a fifth of the time
    with deep_recursion():
        code = pickle.loads(data)  # through the pipe from the process that started this one
    try:
        lanes, *given = sys.argv[1:]
        chosen = dict(argument.split("=") for argument in given)
        data = objects.compiled(_module(code), chosen or None, int(lanes))
    except Unsupported as reason:
        print(reason, file=sys.stderr)
        return _UNSUPPORTED
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    raise SystemExit(_main())
