"""A whole printed kernel as one module in LLVM's language.

Crosses the border: `translate(text)` takes the text that plain Python runs and gives the text that LLVM compiles, or
raises `Unsupported`. The text holds only what `kernel.lower.printer` and the prelude wrote; nothing here runs it.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from sdcluster.kernel.targets.native.functions import function
from sdcluster.kernel.targets.native.values import Unsupported, Value, double

ENTRIES = {
    "derive": "v", "initial": "vv", "rhs": "fvvv", "observe": "fvvvv", "advance": "fvv", "clamp": "v",
    "euler": "iiifvvmm", "rk2": "iiifvvmm", "rk4": "iiifvvmm",
}  # fmt: skip
OPTIONAL = {"begin": "fvv"}  # only in models with conveyors or queues
_ATTRIBUTES = """
attributes #0 = { nounwind willreturn memory(none) }
attributes #1 = { noinline nounwind }
"""


@dataclass(frozen=True)
class Translation:
    """LLVM's text of a kernel, and how many statements it came from."""

    text: str
    statements: int


def translate(text: str) -> Translation:
    """Return the kernel as LLVM's text.

    Raises
    ------
    Unsupported
        For anything that is not known here.
    """
    module = _Module(text)
    for name, kinds in (ENTRIES | OPTIONAL).items():
        if name in OPTIONAL and not module.defines(name):
            continue
        module.instance(name, tuple(kinds), entry=True)
    parts = [*module.constants, *module.declared, *module.texts, _ATTRIBUTES]
    return Translation("\n".join(parts), module.statements)


class _Module:
    """Functions on demand, for each combination of kinds of arguments."""

    def __init__(self, text: str) -> None:
        self.sources: dict[str, str] = {}
        self.values: dict[str, Value] = {}
        self.constants: list[str] = []
        self.declared: dict[str, None] = {}
        self.texts: list[str] = []
        self.instances: dict[tuple[str, tuple[str, ...]], tuple[str, str]] = {}
        self.statements = 0
        self._open: set[tuple[str, tuple[str, ...]]] = set()
        # Function by function: the tree of one is dropped before that of the next is made.
        head, *functions = re.split(r"^@jit\n", text, flags=re.MULTILINE)
        for source in functions:
            body, rest = _parted(source)
            self.sources[body[4 : body.index("(")]] = body
            head += rest
        for statement in ast.parse(head).body:
            self._top(statement)

    def _top(self, node: ast.stmt) -> None:
        match node:
            case ast.Import() | ast.ImportFrom():
                pass
            case ast.Assign(
                [ast.Name(name)], ast.Call(ast.Name("float"), [ast.Constant(str(word))])
            ):
                self.values[name] = Value("f", double(float(word)))
            case ast.Assign([ast.Name(name)], ast.Call(ast.Name("TABLE"), [ast.Tuple(items)])):
                numbers = ", ".join(f"double {double(float(self._number(i)))}" for i in items)
                self._table("F", name, f"[{len(items)} x double] [{numbers}]")
            case ast.Assign([ast.Name(name)], ast.Call(ast.Name("INDEX"), [ast.Tuple(items)])):
                numbers = ", ".join(f"i64 {int(self._number(i))}" for i in items)
                self._table("I", name, f"[{len(items)} x i64] [{numbers}]")
            case _:
                raise Unsupported("something else than tables and functions")

    def _number(self, node: ast.expr) -> float:
        match node:
            case ast.Constant(int() | float() as value):
                return value
            case ast.UnaryOp(ast.USub(), inner):
                return -self._number(inner)
            case ast.Name("INF"):
                return float("inf")
            case ast.Name("NAN"):
                return float("nan")
        raise Unsupported("a table of something else than numbers")

    def _table(self, kind: str, name: str, text: str) -> None:
        self.constants.append(f"@{name} = internal constant {text}")
        self.values[name] = Value(kind, f"@{name}")

    # ---- answers

    def global_kind(self, name: str) -> str | None:
        """Return the kind of a table or constant, and None for an unknown name."""
        found = self.values.get(name)
        return None if found is None else found.kind

    def global_value(self, name: str) -> Value:
        """Return a constant, or a table by its address."""
        if name not in self.values:
            raise Unsupported(f"the name {name}")
        return self.values[name]

    def defines(self, name: str) -> bool:
        """Whether the module has a function of this name."""
        return name in self.sources

    def declare(self, line: str) -> None:
        """Note a function of the mathematical library or of LLVM."""
        self.declared[line] = None

    def result_of(self, name: str, kinds: tuple[str, ...]) -> str:
        """Return the kind of what a function gives for arguments of these kinds."""
        return self._made(name, kinds)[1]

    def instance(self, name: str, kinds: tuple[str, ...], *, entry: bool = False) -> str:
        """Return the machine's name of a function for arguments of these kinds."""
        return self._made(name, kinds, entry)[0]

    def _made(self, name: str, kinds: tuple[str, ...], entry: bool = False) -> tuple[str, str]:
        key = (name, kinds)
        if key not in self.instances:
            if name not in self.sources:
                raise Unsupported(f"the function {name}")
            if key in self._open:
                raise Unsupported(f"{name} calls itself")
            self._open.add(key)
            entry |= "".join(kinds) == (ENTRIES | OPTIONAL).get(name)
            machine = f"sd_{name}" if entry else f"{name}.{''.join(kinds)}"
            node = ast.parse(self.sources[name]).body[0]
            if not isinstance(node, ast.FunctionDef):
                raise Unsupported("something else than a function")
            self.statements += len(node.body)
            text, result = function(self, node, machine, kinds, entry=entry)
            self.texts.append(text)
            self.instances[key] = machine, result
            self._open.discard(key)
        return self.instances[key]


def _parted(source: str) -> tuple[str, str]:
    """Return a function's own lines, and what follows at the margin."""
    lines = source.splitlines(keepends=True)
    end = 1
    while end < len(lines) and (not lines[end].strip() or lines[end][0] in " \t)#"):
        end += 1
    return "".join(lines[:end]), "".join(lines[end:])
