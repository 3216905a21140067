"""A compiled model: its functions are available immediately in plain Python, and later in machine code.

Exports `compile_model(model)`, which returns a `Kernel`. `sdcluster.run` calls the kernel's `functions(backend)`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np

from sdcluster.kernel import ir
from sdcluster.kernel.careful import careful
from sdcluster.kernel.layout import DT, EPS, LENGTH, START, STOP, TOL
from sdcluster.kernel.library import (
    CONSTANTS,
    completed,
    loops_source,
    source_for,
    stepping_source,
)
from sdcluster.kernel.lower.assemble import make_program
from sdcluster.kernel.lower.lowering import (
    breakpoints,
    lower,
)
from sdcluster.kernel.program import Program
from sdcluster.kernel.source import KernelSource
from sdcluster.kernel.targets import TARGETS
from sdcluster.kernel.targets.python import printed
from sdcluster.kernel.warming import Warming, warming
from sdcluster.kernel.watched import WHOLE, watched
from sdcluster.model import Model
from sdcluster.progress import report
from sdcluster.recursion import deep_recursion, without_collecting

if TYPE_CHECKING:
    from scipy.sparse import csc_matrix

    from sdcluster.kernel.jacobian import Jacobian
    from sdcluster.kernel.targets.wasm import WasmModule

Backend = Literal["python", "careful", "native"]

_MATH = ("cos", "cosh", "exp", "log", "log10", "sin", "sinh", "sqrt", "tan", "tanh")
_IMPORTS = f"""\
from math import acos, asin, atan, erf, erfc, lgamma, {", ".join(_MATH)}
from math import pow as power
{CONSTANTS}"""
LONG = 50_000  # characters; Python compiles a longer function only when it is first called
_AT_MARGIN = re.compile(r"^\w+ = ", re.MULTILINE)  # the definition of a constant table
_STANDALONE = """\
def jit(function):
    return function


TABLE = INDEX = tuple
"""


@dataclass(frozen=True, eq=False)
class Kernel:
    """The executable form of one model, immutable, for the targets `python`, `native`, `wasm` and `ptx`.

    All targets give the same bits, except plain Python, which calls the C library. The functions of a kernel, called
    its entries, work on the vectors `y` (states), `p` (constants, and values kept between calls) and `o` (observed
    values). `source` holds the layout of these vectors.

    - ``derive(p)`` computes the values that depend on constants alone.
    - ``initial(p, y)`` computes the initial states.
    - ``begin(t, y, p)`` computes the flows of conveyors and queues at the beginning of a step.
    - ``rhs(t, y, p, dy)`` computes the derivatives; ``observe(t, y, p, dy, o)`` also computes all variables.
    - ``advance(t, y, p)`` ends a step: it stores values for the next step and moves the contents of conveyors.
    - ``clamp(y)`` restricts stocks to their bounds.
    - ``euler``, ``rk2`` and ``rk4`` integrate over many steps (`sdcluster.kernel.library.loops`).

    Parameters
    ----------
    model : Model
        The model that was compiled.
    program : Program
        Equations of the model, expanded and sorted.
    source : KernelSource
        Functions of the kernel, and the index of each name in the vectors.
    """

    model: Model
    program: Program
    source: KernelSource

    @property
    def python(self) -> str:
        """Source of the kernel as a Python module that imports only ``math``, to read or to run without sdcluster."""
        return _STANDALONE + self.text

    @property
    def native(self) -> SimpleNamespace:
        """The kernel's functions in machine code, which take arrays. Reading this property waits for the compiler.

        Raises
        ------
        Unsupported
            If a function cannot be translated.
        ImportError
            If llvmlite is not installed.
        """
        return self.functions("native")

    def native_lanes(
        self, lanes: int, columns: tuple[int, ...] | None = None, method: str | None = None
    ) -> SimpleNamespace:
        """Return machine code that performs several runs at once, one in each vector lane. The result is cached.

        Parameters
        ----------
        lanes : int
            Number of runs, two or more. The last axis of each array has this length. Times and step counts are the same
            for all runs.
        columns : tuple of int, optional
            Indices in `o` that ``observe`` and the integration loops write; fewer indices save time. By default, all.
            ``observe_all`` always writes all.
        method : {"euler", "rk2", "rk4"}, optional
            Compile only this integration loop, to save compile time.

        Returns
        -------
        namespace
            The entries; see `sdcluster.kernel.targets.native.objects.load`.

        Raises
        ------
        Unsupported
            If a function cannot be translated.
        ImportError
            If llvmlite is not installed.
        """
        from sdcluster.kernel.targets.llvm import ENTRIES

        if method is None:
            return self._lanes_of(lanes, columns, None)
        others = {"euler", "rk2", "rk4"} - {method}
        return self._lanes_of(lanes, columns, {n: k for n, k in ENTRIES.items() if n not in others})

    def native_adaptive(
        self, lanes: int = 1, columns: tuple[int, ...] | None = None
    ) -> SimpleNamespace:
        """Return machine code that performs runs with adaptive step sizes. The result is cached.

        Parameters
        ----------
        lanes : int
            Number of runs that are performed together.
        columns : tuple of int, optional
            As for `native_lanes`.

        Returns
        -------
        namespace
            ``dopri5`` and ``observe_rows`` of `sdcluster.kernel.library.dormand_prince`, and the other entries.

        Raises
        ------
        Unsupported
            If a function cannot be translated.
        ImportError
            If llvmlite is not installed.
        """
        from sdcluster.kernel.targets.llvm import ADAPTIVE

        return self._lanes_of(lanes, columns, ADAPTIVE)

    def _lanes_of(
        self, lanes: int, columns: tuple[int, ...] | None, entries: Mapping[str, str] | None
    ) -> SimpleNamespace:
        """Return the kernel's functions in machine code. By default, those for adaptive step sizes are left out."""
        key = lanes, columns, None if entries is None else tuple(entries)
        if key not in self._compiled:
            from sdcluster.kernel.targets.llvm import ENTRIES, OPTIONAL
            from sdcluster.kernel.targets.native import build

            own, text = self.source.module, self.text
            chosen = None if entries is None else dict(entries)
            if columns is not None:
                own = watched(own, frozenset(columns))
                text = _text(own)
                chosen = (chosen or ENTRIES) | {WHOLE: ENTRIES["observe"]}
            if chosen is not None:
                chosen |= {n: k for n, k in OPTIONAL.items() if n in own.functions}
            self._compiled[key] = build.functions(text, chosen, own, lanes)
        return self._compiled[key]

    @cached_property
    def _compiled(self) -> dict[tuple[Any, ...], SimpleNamespace]:
        return {}

    def code(self, target: str, method: str = "rk4") -> str | bytes:
        """Return the kernel's code for a target, as the content of a file.

        Parameters
        ----------
        target : str
            One of `sdcluster.kernel.targets.TARGETS`.
        method : {"euler", "rk2", "rk4"}
            Integration loop to include, for targets whose code contains only one loop.

        Raises
        ------
        ValueError
            If the target is unknown.
        Unsupported
            If a function cannot be translated.
        ImportError
            If the target needs a package that is not installed.
        """
        if target not in TARGETS:
            raise ValueError(f'unknown target "{target}"; expected one of {", ".join(TARGETS)}')
        made = import_module(f"sdcluster.kernel.targets.{target}").code(self, method)
        return cast("str | bytes", made)

    def wasm(self, method: str, lanes: int = 1) -> WasmModule:
        """Return the kernel as a WebAssembly module.

        Parameters
        ----------
        method : {"euler", "rk2", "rk4"}
            Integration loop to include.
        lanes : int
            Number of runs that the module performs at once.

        Returns
        -------
        WasmModule
            Bytes of the module (`code`), the memory that its tables take, and the names of its entries (``sd_…``).
            A vector is passed as two arguments, address and length.

        Raises
        ------
        Unsupported
            If a function cannot be translated.
        """
        from sdcluster.kernel.targets.wasm import wasm_module

        return wasm_module(self.module, method, lanes)

    def ptx(self, processor: str = "sm_70") -> str:
        """Return the kernel as PTX text for NVIDIA GPUs. Its entries are the functions ``sd_…``.

        Parameters
        ----------
        processor : str
            Oldest GPU architecture to support, such as ``sm_70``.

        Raises
        ------
        Unsupported
            If a function cannot be translated.
        """
        from sdcluster.kernel.targets.ptx import ptx_text

        return ptx_text(self.module, processor)

    @cached_property
    def module(self) -> ir.Module:
        """The kernel in the intermediate representation, with the library but without functions such as `exp`."""
        return completed(self.source.module)

    @cached_property
    def text(self) -> str:
        """Source of the module in plain Python, without the definitions of ``jit`` and ``TABLE``."""
        return _text(self.source.module)

    @cached_property
    def breakpoints(self) -> Callable[[list[float]], tuple[list[float], list[tuple[float, ...]]]]:
        """The function that finds the times at which inputs jump.

        The function takes `p` and returns two lists: single times, and pulse trains as (start, interval, width, end).
        """
        with deep_recursion():
            text = _module(printed(careful(breakpoints(self.program))))
        tell = _execute(text, careful=True).breakpoints

        def times(p: list[float]) -> tuple[list[float], list[tuple[float, ...]]]:
            singles: list[float] = []
            trains: list[tuple[float, ...]] = []
            tell(p, singles.append, lambda *train: trains.append(train))
            return singles, trains

        return times

    @cached_property
    def breakpoint_places(self) -> np.ndarray | None:
        """Indices in `p` that `breakpoints` reads, shape (N,); None if `breakpoints` can read any index."""
        function = breakpoints(self.program).functions["breakpoints"]()
        nodes = [n for s in ir.walk(function.body) for e in ir.expressions(s) for n in ir.within(e)]
        parameters = ir.Name("p")
        places = [n.at for n in nodes if isinstance(n, ir.Element) and n.vector == parameters]
        known = [int(at.value) for at in places if isinstance(at, ir.Number)]
        return np.unique(known).astype(int) if len(known) == nodes.count(parameters) else None

    @cached_property
    def _python(self) -> SimpleNamespace:
        return _execute(self.text)

    @cached_property
    def _careful(self) -> SimpleNamespace:
        with deep_recursion():
            text = _module(printed(careful(self.source.module)))
        return _execute(text, careful=True)

    @cached_property
    def structure(self) -> csc_matrix | None:
        """Sparsity pattern of the Jacobian of ``rhs``; see `sdcluster.kernel.lower.dependence`."""
        from sdcluster.kernel.lower.dependence import jacobian_structure

        return jacobian_structure(self)

    @cached_property
    def untouched(self) -> np.ndarray:
        """The vector `p` with the constants of the model file, shape (size,).

        Overrides of initial values, and elements that no equation defines, are NaN. All other values are 0 until
        ``derive`` and ``initial`` compute them.
        """
        source, program = self.source, self.program
        p = np.zeros(source.size)
        for name, place in source.parameters.items():
            p[place : place + source.sizes[name]] = program.numbers(name)
        for name, place in source.initial_values.items():
            p[place : place + source.sizes[name]] = math.nan
        for name, missing in program.undefined.items():
            for places in (source.fixed, source.arrays):
                if name in places:
                    p[[places[name] + i for i in missing]] = math.nan
        return p

    @cached_property
    def jacobian(self) -> Jacobian:
        """The Jacobian of ``rhs``.

        Raises `sdcluster.kernel.differentiate.NotSmooth` if ``rhs`` cannot be differentiated.
        """
        from sdcluster.kernel.jacobian import Jacobian

        return Jacobian(self)

    def warm(self) -> Warming:
        """Start compiling to machine code in the background. Later calls return the same object."""
        return warming(self.text, own=self.source.module)

    def functions(self, backend: Backend) -> SimpleNamespace:
        """Return the kernel's functions as attributes of a namespace; see `Kernel`. Only some models have ``begin``.

        Parameters
        ----------
        backend : {"python", "careful", "native"}
            ``"python"`` is available at once and raises on division by zero. ``"careful"`` gives NaN or infinity
            instead, but is slow. ``"native"`` also gives NaN or infinity, and is fast, but the call waits until the
            compiler has finished.
        """
        if backend == "native":
            return self.warm().wait()
        return self._python if backend == "python" else self._careful

    def at_start(self) -> dict[str, tuple[float, ...]]:
        """Return the initial values of each variable, by name, computed with the constants of the model file."""
        source, clock, careful = self.source, self.model.time, self.functions("careful")
        p = [*self.untouched.tolist(), *[0.0] * (2 * source.cells)]
        p[DT], p[START], p[STOP], p[LENGTH] = clock.dt, clock.start, clock.stop, 2.0
        p[EPS] = p[TOL] = 1e-9 * clock.dt
        y, dy, o = [0.0] * source.width, [0.0] * source.width, [0.0] * source.columns
        careful.derive(p)
        careful.initial(p, y)
        careful.observe(clock.start, y, p, dy, o)
        found: dict[str, tuple[float, ...]] = {}
        for vector, places in ((p, source.parameters), (p, source.fixed), (o, source.observed)):
            found |= {n: tuple(vector[i : i + source.sizes[n]]) for n, i in places.items()}
        return found


def compile_model(model: Model) -> Kernel:
    """Return the kernel of `model`.

    Raises
    ------
    ModelError
        If equations form a cycle, or the order of a delay cannot be determined.
    """
    report("sorting the equations")
    with deep_recursion(), without_collecting():
        program = make_program(model)
        return Kernel(model, program, lower(program))


def _text(module: ir.Module) -> str:
    with deep_recursion():
        return _module(printed(module))


def _module(functions: str) -> str:
    last = loops_source("\ndef begin(" in functions)
    return "\n".join([_IMPORTS, source_for(functions + last), functions, last])


def _execute(text: str, *, careful: bool = False) -> SimpleNamespace:
    """Execute generated source and return its functions.

    The source contains only identifiers and numbers made by `sdcluster.kernel.lower`, no text from a model file.
    """
    namespace: dict[str, Any] = {"jit": lambda function: function, "TABLE": tuple, "INDEX": tuple}
    # Compile one function at a time: its syntax tree takes a hundred times the memory of its text.
    for part in re.split(r"^(?=@jit\n)", text, flags=re.MULTILINE):
        if len(part) > LONG and part.startswith("@jit") and not _AT_MARGIN.search(part):
            name = part[len("@jit\ndef ") : part.index("(")]
            namespace[name] = _late(part, name, namespace)
        else:
            _run(part, namespace)
    if careful:
        namespace.update(_CAREFUL)
    return SimpleNamespace(**namespace)


def _run(part: str, namespace: dict[str, Any]) -> None:
    with deep_recursion():
        exec(compile(part, "<kernel printed by sdcluster>", "exec"), namespace)


def _late(part: str, name: str, namespace: dict[str, Any]) -> Callable[..., Any]:
    """Return a function that is compiled on its first call, because many runs never call a model's ``rhs``."""

    def first(*arguments: Any) -> Any:
        if namespace[name] is first:
            _run(part, namespace)
        return namespace[name](*arguments)

    return first


def adaptive(functions: SimpleNamespace) -> SimpleNamespace:
    """Return the plain Python functions of a kernel together with those for adaptive step sizes."""
    namespace = vars(functions) | {"some": bool}
    _run(stepping_source(), namespace)
    return SimpleNamespace(**namespace)


def _quiet(function: Callable[..., Any]) -> Callable[..., float]:
    def quiet(*arguments: float) -> float:
        with np.errstate(all="ignore"):
            return float(function(*(np.float64(a) for a in arguments)))

    return quiet


_CAREFUL = {name: _quiet(getattr(np, name)) for name in (*_MATH, "divide")} | {
    "acos": _quiet(np.arccos),
    "asin": _quiet(np.arcsin),
    "atan": _quiet(np.arctan),
    "power": _quiet(np.power),
    "logarithm": _quiet(lambda x, base: np.log(x) / np.log(base)),
}
