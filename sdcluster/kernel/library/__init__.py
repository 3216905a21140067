"""Functions that printed kernels call; a kernel gets the source of those that it uses.

Crosses the border: `source_for(text)`. In each module everything below the mark is copied; `jit` is the identity in
plain Python. A new function is one more ``@jit`` function in the module of its family; it may call the functions of the
other families, and use ``INF``, ``NAN``, ``NA`` and what `sdcluster.kernel.kernel` imports from mathematics.
Sources: XMILE 1.0, sections 3.5 and 4.2; Vensim reference manual, functions.
"""

from __future__ import annotations

import inspect
import re
from functools import cache

from sdcluster.kernel.library import (
    arithmetic,
    arrays,
    calendar,
    conveyors,
    courses,
    delays,
    distributions,
    finance,
    lookups,
    markets,
    queues,
    random_numbers,
    time_inputs,
    trains,
)
from sdcluster.kernel.library.records import spelled

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
)
MARK = "# ---- copied from here\n"
_NAME = re.compile(r"[A-Za-z_]\w*")


@cache
def functions() -> dict[str, str]:
    """Return the source of each function by name."""
    found: dict[str, str] = {}
    for module in MODULES:
        for source in re.split(r"\n(?=@jit\n)", inspect.getsource(module).partition(MARK)[2]):
            name = re.search(r"^def (\w+)", source, re.MULTILINE)
            if name:
                found[name.group(1)] = spelled(source).strip() + "\n"
    return found


@cache
def _calls(name: str) -> frozenset[str]:
    """Return the functions of the prelude that one of them names."""
    return frozenset(_NAME.findall(functions()[name])) & functions().keys() - {name}


def source_for(text: str) -> str:
    """Return the source of all functions that `text` calls, and of those that they call."""
    waiting = set(_NAME.findall(text)) & functions().keys()
    needed: set[str] = set()
    while waiting:
        name = waiting.pop()
        needed.add(name)
        waiting |= _calls(name) - needed
    return "\n\n".join(source for name, source in functions().items() if name in needed)
