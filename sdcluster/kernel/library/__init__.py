"""Numeric functions that kernels call. A kernel is the code that sdcluster generates for a model.

`source_for(text)` and `loops_source(begins)` return source text. `completed(module)` adds the library to a kernel's
functions. A kernel contains the source of those library functions that it uses. In each module, only the source below
the mark ``# ---- copied from here`` is copied into kernels. The decorator ``@jit`` changes nothing in plain Python. To
add a function, write a ``@jit`` function in the module of its family. The function may call library functions of all
families, and use ``INF``, ``NAN``, ``NA`` and the names that `sdcluster.kernel.kernel` imports from ``math``.

Sources: XMILE 1.0, sections 3.5 and 4.2; Vensim reference manual, functions.
"""

from __future__ import annotations

import inspect
import re
from functools import cache
from types import ModuleType

from sdcluster.kernel import ir
from sdcluster.kernel.library import (
    arithmetic,
    arrays,
    calendar,
    conveyors,
    courses,
    delays,
    distributions,
    dormand_prince,
    finance,
    lookups,
    loops,
    markets,
    queues,
    random_numbers,
    time_inputs,
    trains,
)
from sdcluster.kernel.library.records import spelled
from sdcluster.kernel.parse import parse

MODULES = (
    lookups,
    arithmetic,
    time_inputs,
    calendar,
    arrays,
    random_numbers,
    distributions,
    delays,
    markets,
    conveyors,
    queues,
    courses,
    finance,
    trains,
    dormand_prince,
)
MARK = "# ---- copied from here\n"
CONSTANTS = """\
INF = float("inf")
NAN = float("nan")
NA = float("-649037107316853453566312041152512")
"""
_NAME = re.compile(r"[A-Za-z_]\w*")


@cache
def functions() -> dict[str, str]:
    """Return the source of each library function, keyed by the function's name."""
    found: dict[str, str] = {}
    for module in MODULES:
        found |= _pieces(module)
    return found


def _pieces(module: ModuleType) -> dict[str, str]:
    """Return the source of each library function in a module, keyed by the function's name."""
    found: dict[str, str] = {}
    for source in re.split(r"\n(?=@jit\n)", inspect.getsource(module).partition(MARK)[2]):
        name = re.search(r"^def (\w+)", source, re.MULTILINE)
        if name:
            found[name.group(1)] = spelled(source).strip() + "\n"
    return found


@cache
def _calls(name: str) -> frozenset[str]:
    """Return the names of the library functions that the library function `name` calls."""
    return frozenset(_NAME.findall(functions()[name])) & functions().keys() - {name}


def source_for(text: str) -> str:
    """Return the source of all library functions that the source `text` calls, directly or indirectly."""
    waiting = set(_NAME.findall(text)) & functions().keys()
    needed: set[str] = set()
    while waiting:
        name = waiting.pop()
        needed.add(name)
        waiting |= _calls(name) - needed
    return "\n\n".join(source for name, source in functions().items() if name in needed)


@cache
def loops_source(begins: bool) -> str:
    """Return the source of the integration loops. `begins` says whether the kernel has a function ``begin`` to call."""
    text = spelled(inspect.getsource(loops).partition(MARK)[2])
    return text if begins else text.replace("        begin(t, y, p)\n", "")


def completed(kernel: ir.Module) -> ir.Module:
    """Return a kernel's functions together with the integration loops and the library.

    The elementary functions, such as exp and sin, are not included.
    """
    return kernel.with_library(_loops("begin" in kernel.functions)).with_library(_library())


@cache
def _loops(begins: bool) -> ir.Module:
    return parse(loops_source(begins))


@cache
def _library() -> ir.Module:
    """Return all library functions. A function is parsed when a kernel first uses it."""
    text = CONSTANTS + "\n\n".join(functions().values())
    return parse(text)


@cache
def stepping_source() -> str:
    """Return the source of the adaptive integration method (Dormand-Prince), for kernels in plain Python."""
    names = ("keep", "keep_all", "held_back", "dopri5", "observe_rows")
    every = functions() | _pieces(loops)
    return "\n\n".join(every[name] for name in names)
