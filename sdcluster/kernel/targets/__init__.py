"""Targets: the languages and machines for which code is generated from the intermediate representation.

Exports `TARGETS`, the targets whose code can be written to a file. `Kernel.code` and ``sdcluster export`` use this
table.

Adding a target
---------------
1. Write a module in this folder with a function `code(kernel, method)`, which returns text or bytes. It translates
   `kernel.module`, which holds the functions of the model and of the library as trees of `sdcluster.kernel.ir`, with
   one branch for each kind of node; see `sdcluster.kernel.targets.python`. `sdcluster.kernel.kinds` infers types for
   languages that need them. ``kernel.module.with_library(elementary.module())`` also has the elementary functions.
2. Raise `sdcluster.kernel.parse.Unsupported`, with a reason, for constructs that the target cannot express.
3. Add a row to `_ROWS` with the name of the module, and a test that compares a run with ``kernel.functions("python")``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """A language or machine for which code is generated.

    Parameters
    ----------
    name : str
        Name of its module in this folder.
    ending : str
        Ending of the names of files with its code.
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
