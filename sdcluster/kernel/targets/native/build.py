"""Compile a kernel to callables, with a cache on disk that several processes can use at the same time.

`functions(text)` returns the callables of a kernel, newly compiled or from the cache. A small kernel is compiled in
this process, which takes less time than starting another. A larger kernel is compiled in a child process
(`sdcluster.kernel.child`), which reads the kernel from its input and writes the object file to its output. The child
process holds no lock of this process, its memory and time can be limited, and it leaves nothing behind when it is
stopped. A cache file is written under a temporary name and then renamed.
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
MOST = 1_000_000  # lines of text; a longer kernel runs in plain Python
MEMORY = 8 * 1024**3  # bytes that compiling may take
SECONDS = 900  # processor time that compiling may take
_UNSUPPORTED = 3  # exit status of the child process for an unsupported construct
_DIGEST = 32  # bytes in front of the object: its SHA-256

# Held while LLVM works in this process. Meanwhile the program cannot exit, because that would free LLVM's data, and
# cannot fork, because LLVM's own lock would stay locked in the child.
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
    """Return the callables of a kernel, newly compiled or from the cache.

    Parameters
    ----------
    text : str
        Source of the kernel in plain Python.
    entries : mapping of str to str, optional
        As for `sdcluster.kernel.targets.llvm.translate`.
    own : ir.Module, optional
        The kernel's module without the library. With it, the text need not be parsed, which saves time.
    lanes : int
        Number of runs that are performed at once.

    Raises
    ------
    Unsupported
        If the text contains an unsupported construct or too many lines.
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
    """Whether the cache holds the object file of a kernel, so that `functions` need not compile it."""
    return place(_key(text, entries, lanes)).is_file()


def _key(text: str, entries: Mapping[str, str] | None, lanes: int) -> str:
    """Return the cache key of an object file: its entries, its number of lanes, and the text of the kernel."""
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
        if digest == hashlib.sha256(data).digest():  # LLVM ends the process on a damaged object
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
    """Return the kernel's module, from its text or from the result of ``Module.parts``."""
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
    """Limit this process to `MEMORY` and `SECONDS`, and lower its priority."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        os.nice(5)
        for what, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS)):
            resource.setrlimit(what, (most, resource.getrlimit(what)[1]))


def _main() -> int:
    data = child.given()
    _bounded()
    gc.disable()  # syntax trees have no cycles, and searching for cycles takes a fifth of the time
    with deep_recursion():
        code = pickle.loads(data)  # from the pipe of the parent process
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
