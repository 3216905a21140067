"""Translate a function with very many statements: split it into parts, which share variables in a frame in memory.

`LongFunctions` translates the long functions of one module. Splitting saves compile time, which grows much faster than
the length of a function. If two long functions contain the same statements, they call the same part.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from sdcluster.kernel import ir
from sdcluster.kernel.kinds import NUMBERS, Kinds
from sdcluster.kernel.parse import Unsupported
from sdcluster.kernel.targets.llvm.function import Module, Printer, given_once, head
from sdcluster.messages import message

PART = 250  # statements of a part
LONG = 600  # statements; a longer function is split
ON_STACK = 400  # values; a larger frame is allocated on the heap


class _Part(NamedTuple):
    """Some statements of a long function.

    Parameters
    ----------
    statements : tuple of statement
    reads : tuple of statement
        Assignments that load elements of unchanged vectors into variables; the part executes these first.
    names : set of str
        All names that the statements use.
    own : dict of str to None
        The variables that the statements assign.
    """

    statements: ir.Block
    reads: ir.Block
    names: set[str]
    own: dict[str, None]


class LongFunctions:
    """Translates the long functions of one module.

    Parameters
    ----------
    module : Module
    mentions : callable
        `sdcluster.kernel.ir.mentions`, or a function that caches its results.
    """

    def __init__(self, module: Module, mentions: Callable[[ir.Statement], ir.Mentions]) -> None:
        self.module, self.mentions = module, mentions
        self._slot = f"[{module.lanes} x i64]"
        self._places: dict[str, int] = {}  # index of each variable in the frame of every function
        self._known: dict[tuple[object, ...], str] = {}

    def take(self, function: ir.Function, kinds: Kinds) -> bool:
        """Whether a function is split into parts: it is long, and returns no value."""
        return len(function.body) > LONG and kinds.result == "n"

    def printed(
        self, function: ir.Function, kinds: Kinds, machine: str, *, masked: bool, entry: bool
    ) -> str:
        """Return the LLVM IR of a long function: its new parts, and a function that calls all parts in sequence."""
        once = given_once(function)
        parts = self._parts(function, once)
        handed = _handed(parts, kinds, once)
        for name in handed:
            self._places.setdefault(name, len(self._places))
        texts: list[str] = []
        calls: list[str] = []
        for part in parts:
            given = [name for name in function.parameters if name in part.names]
            passed = head(self.module, given, kinds, masked=masked, entry=entry)
            shared = sorted(part.names & handed.keys(), key=self._places.__getitem__)
            # Parts with the same statement objects and the same meaning of all names have the same code.
            meaning = {(n, kinds.variables.get(n), n in once, n in handed) for n in part.names}
            same = (*map(id, part.statements), *map(id, part.reads), passed, frozenset(meaning))
            if same not in self._known:
                name = self._known[same] = f"{machine}.{len(calls)}"
                signature = f"define internal void @{name}({_with_frame(passed, ' noalias')}) #1"
                printer = Printer(self.module, kinds, given, masked)
                printer.given_once = once
                printer.rooms({n: None for n in part.own if n not in handed})
                for n in shared:
                    printer.at(n, self._slot, self._places[n], given=n not in part.own)
                printer.body(part.reads)
                printer.body(part.statements)
                if printer.left:
                    raise Unsupported(message("kernel.targets.llvm.long_function_some_lanes"))
                texts.append(printer.text(signature))
            arguments = _with_frame(passed.replace(" noalias", ""))
            calls.append(f"  call void @{self._known[same]}({arguments})")
        begin, end = self._frame()
        passed = head(self.module, function.parameters, kinds, masked=masked, entry=entry)
        signature = f"define {'' if entry else 'internal '}void @{machine}({passed}) {{"
        return "\n".join([*texts, signature, "entry:", begin, *calls, *end, "  ret void", "}"])

    def _parts(self, function: ir.Function, once: set[str]) -> list[_Part]:
        changed = {n for statement in function.body for n in self.mentions(statement).changed}
        body: list[ir.Statement] = []
        reads: dict[str, ir.Statement] = {}
        for statement in function.body:
            match statement:
                case ir.Assign(name, ir.Element(ir.Name(vector), ir.Number())) if (
                    name in once and vector in function.parameters and vector not in changed
                ):
                    reads[name] = statement
                case _:
                    body.append(statement)
        parts = []
        for first in range(0, len(body), PART):
            statements = tuple(body[first : first + PART])
            names = {n for statement in statements for n in self.mentions(statement).names}
            read = tuple(reads[n] for n in sorted(reads.keys() & names))
            names.update(n for statement in read for n in self.mentions(statement).names)
            parts.append(_Part(statements, read, names, ir.stored(statements)))
        return parts

    def _frame(self) -> tuple[str, list[str]]:
        """Return the code that allocates the memory shared by the parts, and the code that frees it."""
        size, lanes = max(len(self._places), 1), self.module.lanes
        if not self.module.heap or size * lanes <= ON_STACK:
            return f"  %frame = alloca [{size} x {self._slot}]", []
        self.module.declare("declare noalias ptr @malloc(i64)")
        self.module.declare("declare void @free(ptr)")
        made = f"  %frame = call ptr @malloc(i64 {8 * size * lanes})"
        return made, ["  call void @free(ptr %frame)"]


def _handed(parts: Sequence[_Part], kinds: Kinds, once: set[str]) -> dict[str, None]:
    """Return the variables that are stored in the frame, as the keys of a dictionary.

    The frame contains the variables that several parts use, and all variables that are assigned once. The code of a
    part therefore does not depend on the parts that follow, and several functions can share this code.
    """
    uses = Counter(name for part in parts for name in part.names)
    found: dict[str, None] = {}
    for part in parts:
        for name in part.own:
            number = kinds.variables[name][0] in NUMBERS
            if not number and uses[name] > 1:
                raise Unsupported(message("kernel.targets.llvm.long_function_vectors_own"))
            if number and (name in once or uses[name] > 1):
                found[name] = None
    return found


def _with_frame(passed: str, apart: str = "") -> str:
    return f"{passed}{', ' if passed else ''}ptr{apart} %frame"
