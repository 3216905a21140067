"""Targets of the intermediate representation: text for LLVM, and from it code for each machine.

Crosses the border: `TARGETS`, the targets that give a file. `Kernel.code` and ``sdcluster export`` follow from it.

Adding a target
---------------
1. Write a module of this folder with `code(kernel, method)`, which returns text or bytes. It prints `kernel.module`,
   the functions of the model and of the library as trees of `sdcluster.kernel.ir`; a printer has one branch for each
   kind of node, as `sdcluster.kernel.targets.python` has. A language with types asks `sdcluster.kernel.kinds` for them.
   The elementary functions are more such trees: ``kernel.module.with_library(elementary.module())``.
2. Raise `sdcluster.kernel.parse.Unsupported` with a reason for what the target cannot express.
3. Add a row here, named as the module, and a test that compares a run with ``kernel.functions("python")``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """One target.

    Parameters
    ----------
    name : str
        Of its module in this folder.
    ending : str
        Of files that hold its code.
    about : str
        The kind of file, for ``--help``.
    """

    name: str
    ending: str
    about: str


_ROWS = (
    Target("wasm", ".wasm", "for web pages, with NAME.js and NAME.d.ts beside it"),
    Target("python", ".py", "for plain Python"),
    Target("ptx", ".ptx", "functions for programs on NVIDIA's GPUs"),
)
TARGETS: Mapping[str, Target] = {row.name: row for row in _ROWS}


def endings() -> dict[str, Target]:
    """Return the targets by the ending of their files."""
    return {target.ending: target for target in TARGETS.values()}
