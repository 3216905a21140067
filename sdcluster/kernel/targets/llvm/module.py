"""Translate a whole kernel to one module of LLVM IR.

`translate(module, lanes, entries)` returns a `Translation`, which contains the LLVM IR as text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sdcluster.kernel import ir
from sdcluster.kernel.kinds import Kinds
from sdcluster.kernel.parse import Unsupported
from sdcluster.kernel.simplify import simplified
from sdcluster.kernel.targets.llvm.builder import Value, double
from sdcluster.kernel.targets.llvm.function import printed
from sdcluster.kernel.targets.llvm.long_functions import LongFunctions
from sdcluster.messages import message

ENTRIES = {
    "derive": "p", "initial": "pv", "rhs": "fvpv", "observe": "fvpvv", "advance": "fvp", "clamp": "v",
    "euler": "iiifvpmmkvi", "rk2": "iiifvpmmkvi", "rk4": "iiifvpmmkvi",
}  # fmt: skip
OPTIONAL = {"begin": "fvp"}  # only in models with conveyors or queues
ADAPTIVE = {name: ENTRIES[name] for name in ("derive", "initial", "observe", "advance", "clamp")} | {
    "dopri5": "fivpvvukvimfff", "observe_rows": "iiumpvmkvi",
}  # fmt: skip
_ATTRIBUTES = """
attributes #1 = { noinline nounwind }
"""


@dataclass(frozen=True)
class Translation:
    """A kernel in LLVM IR.

    Parameters
    ----------
    text : str
    statements : int
        Number of top-level statements in the translated functions.
    scalar : bool
        Whether the kernel performs a single run of a model without arrays, so that only loops over states exist.
    """

    text: str
    statements: int
    scalar: bool


def translate(
    module: ir.Module,
    lanes: int = 1,
    entries: Mapping[str, str] | None = None,
    *,
    heap: bool = True,
) -> Translation:
    """Return a kernel in LLVM IR.

    Parameters
    ----------
    module : ir.Module
        The kernel with the library functions that it calls.
    lanes : int
        Number of runs that are performed at once. The vectors that the entries take hold `lanes` consecutive numbers
        for each index.
    entries : mapping of str to str, optional
        Functions that are called from outside and the types of their arguments (`sdcluster.kernel.kinds`). By default,
        the entries of a kernel.
    heap : bool
        Whether ``malloc`` is available, which very long functions use for their variables.

    Raises
    ------
    Unsupported
        If the kernel contains an unsupported construct.
    """
    printer = _Module(module, lanes, ENTRIES | OPTIONAL if entries is None else entries, heap)
    for name, kinds in printer.entries.items():
        if name in OPTIONAL and not printer.defines(name):
            continue
        printer.instance(name, tuple(kinds), masked=False)
    parts = [*printer.constants, *printer.declared, *printer.texts, _ATTRIBUTES]
    scalar = lanes == 1 and not any(
        isinstance(statement, ir.For)
        for name in ("rhs", "observe")
        if printer.defines(name)
        for statement in ir.walk(module.functions[name]().body)
    )
    return Translation("\n".join(parts), printer.statements, scalar)


@dataclass
class _Instance:
    """A function specialised for certain argument types."""

    function: ir.Function
    kinds: Kinds


class _Module:
    """Translates functions on demand, once for each combination of argument types."""

    def __init__(
        self, module: ir.Module, lanes: int, entries: Mapping[str, str], heap: bool
    ) -> None:
        self.module, self.lanes, self.entries, self.heap = module, lanes, entries, heap
        self.values = {n: Value("f", double(x)) for n, x in module.numbers.items()}
        self.constants: list[str] = []
        self.declared: dict[str, None] = {}
        self.texts: list[str] = []
        self.statements = 0
        self._mentions: dict[int, tuple[ir.Statement, ir.Mentions]] = {}
        self._simplified: dict[int, tuple[ir.Statement, ir.Statement]] = {}
        self._long = LongFunctions(self, self.mentions)
        self._instances: dict[tuple[str, tuple[str, ...]], _Instance] = {}
        self._open: set[tuple[str, tuple[str, ...]]] = set()
        self._printed: dict[tuple[str, tuple[str, ...], bool], str] = {}

    # ---- facts about the module

    def global_kind(self, name: str) -> str | None:
        """Return the type of a table or constant, or None for an unknown name."""
        if name in self.module.numbers:
            return "f"
        if name in self.module.tables:
            return "F"
        return "I" if name in self.module.indexes else None

    def global_value(self, name: str) -> Value:
        """Return the value of a constant or the address of a table. The first use of a table adds it to the text."""
        if name not in self.values:
            if name in self.module.tables:
                numbers = [f"double {double(x)}" for x in self.module.tables[name]]
                self._table("F", name, f"[{len(numbers)} x double]", numbers)
            elif name in self.module.indexes:
                numbers = [f"i64 {i}" for i in self.module.indexes[name]]
                self._table("I", name, f"[{len(numbers)} x i64]", numbers)
            else:
                raise Unsupported(message("kernel.targets.llvm.name", name=name))
        return self.values[name]

    def _table(self, kind: str, name: str, machine: str, numbers: list[str]) -> None:
        self.constants.append(f"@{name} = internal constant {machine} [{', '.join(numbers)}]")
        self.values[name] = Value(kind, f"@{name}")

    def defines(self, name: str) -> bool:
        """Whether the module has a function of this name."""
        return name in self.module.functions

    def declare(self, line: str) -> None:
        """Record the declaration of an external function, such as an LLVM intrinsic or ``malloc``."""
        self.declared[line] = None

    def mentions(self, statement: ir.Statement) -> ir.Mentions:
        """Return the names that a statement uses. Results are cached, because functions may share statements."""
        known = self._mentions.get(id(statement))
        if known is None:
            known = self._mentions[id(statement)] = statement, ir.mentions(statement)
        return known[1]

    def result_of(self, name: str, types: tuple[str, ...]) -> str:
        """Return the result type of a function for these argument types."""
        return self._instance(name, types).kinds.result

    def instance(self, name: str, types: tuple[str, ...], masked: bool) -> str:
        """Return the LLVM name of a function for these argument types. The first call translates the function."""
        key = (name, types, masked)
        if key not in self._printed:
            made = self._instance(name, types)
            entry = "".join(types) == self.entries.get(name) and not masked
            letters = "".join(types).replace("*", "_")
            machine = f"sd_{name}" if entry else f"{name}.{letters}{'.masked' if masked else ''}"
            self._printed[key] = machine
            self.statements += len(made.function.body)
            self.texts.append(
                self._long.printed(made.function, made.kinds, machine, masked=masked, entry=entry)
                if self._long.take(made.function, made.kinds)
                else printed(self, made.function, made.kinds, machine, masked=masked, entry=entry)
            )
        return self._printed[key]

    def _instance(self, name: str, types: tuple[str, ...]) -> _Instance:
        key = (name, types)
        if key not in self._instances:
            if not self.defines(name):
                raise Unsupported(message("kernel.function", name=name))
            if key in self._open:
                raise Unsupported(message("kernel.targets.llvm.calls_itself", name=name))
            self._open.add(key)
            function = simplified(
                self.module.functions[name](), self.defines, self.mentions, self._simplified
            )
            self._instances[key] = _Instance(function, Kinds(self, function, types))
            self._open.discard(key)
        return self._instances[key]
