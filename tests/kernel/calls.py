"""The calls that a run makes of its kernel, kept with what they changed, and made again in another form of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest

import sdcluster
from sdcluster.kernel.targets.llvm import ENTRIES, OPTIONAL
from sdcluster.kernel.targets.wasm import PAGE, imports
from sdcluster.run.fixed import run_fixed
from sdcluster.run.grid import Grid
from sdcluster.run.plan import BufferTooShort, Setup, deciding_names

METHODS = ("euler", "rk2", "rk4")
STACK = 2**21  # bytes of WebAssembly's memory below the vectors, for tables and the stack


class Call(NamedTuple):
    """One call: its arguments before and after it, arrays as copies."""

    name: str
    before: tuple[Any, ...]
    after: tuple[Any, ...]


def entries_of(setup: Setup, method: str) -> dict[str, str]:
    """Return the entries that a run with a fixed step calls, and the types of their arguments."""
    wanted = {"derive", "initial", "observe", method}
    if setup.kernel.program.devices:
        wanted |= OPTIONAL.keys()
    return {name: kinds for name, kinds in (ENTRIES | OPTIONAL).items() if name in wanted}


def prepared(path: Path, steps: int) -> tuple[sdcluster.Simulator, Setup, Grid]:
    """Return a model's run made ready, of so many steps at most; a method that adapts its step becomes rk4."""
    simulator = sdcluster.Simulator(path, backend="python")
    if simulator.method not in METHODS:
        simulator = sdcluster.Simulator(path, backend="python", method="rk4")
    setup, grid = simulator.prepared()
    return simulator, setup, dataclasses.replace(grid, steps=min(grid.steps, steps))


def varied(setup: Setup, factor: float) -> Setup:
    """Return a run whose constants are multiplied by a factor, but for those that shape the program."""
    source, p = setup.kernel.source, setup.p.copy()
    fixed = deciding_names(setup.kernel.model)
    for name, place in source.parameters.items():
        if name not in fixed:
            p[place : place + source.sizes[name]] *= factor
    return dataclasses.replace(setup, p=p)


def calls_of(setup: Setup, grid: Grid, method: str, functions: SimpleNamespace) -> list[Call]:
    """Make a run and return its calls."""
    calls: list[Call] = []

    def keeping(name: str, function: Callable[..., None]) -> Callable[..., None]:
        def call(*arguments: Any) -> None:
            before = _copies(arguments)
            function(*arguments)
            calls.append(Call(name, before, _copies(arguments)))

        return call

    kept = {name: keeping(name, function) for name, function in vars(functions).items()}
    try:
        for _ in run_fixed(setup, grid, method, SimpleNamespace(**kept), True):
            pass
    except BufferTooShort:
        pytest.skip("a buffer is too short for the run")
    return calls


def again(calls: Sequence[Call], functions: SimpleNamespace) -> list[tuple[Any, ...]]:
    """Make calls again with the arguments that they had; return the arguments after each."""
    found = []
    for call in calls:
        arguments = _copies(call.before)
        getattr(functions, call.name)(*arguments)
        found.append(arguments)
    return found


def side_by_side(runs: Sequence[Sequence[Call]]) -> list[Call]:
    """Return the calls of several runs as one: the last axis of each array is that of the runs."""
    together = []
    for same in zip(*runs, strict=True):
        before = tuple(_stacked(values) for values in zip(*(c.before for c in same), strict=True))
        after = tuple(_stacked(values) for values in zip(*(c.after for c in same), strict=True))
        together.append(Call(same[0].name, before, after))
    return together


def _stacked(values: Sequence[Any]) -> Any:
    if isinstance(values[0], np.ndarray) and values[0].dtype == float:
        return np.ascontiguousarray(np.stack(values, axis=-1))
    assert all(np.array_equal(values[0], v) for v in values)  # the clock is the same in all lanes
    return values[0]


def _copies(arguments: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(a.copy() if isinstance(a, np.ndarray) else a for a in arguments)


def differences(
    calls: Sequence[Call], found: Sequence[Sequence[Any]]
) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """Return the arrays in which other bits were found, with the name of the call."""
    return [
        (call.name, expected, got)
        for call, arguments in zip(calls, found, strict=True)
        for expected, got in zip(call.after, arguments, strict=True)
        if isinstance(expected, np.ndarray) and not np.array_equal(expected, got, equal_nan=True)
    ]


def lists(functions: SimpleNamespace) -> SimpleNamespace:
    """Return functions of arrays that call functions of lists, as plain Python wants them."""

    def calling(function: Callable[..., None]) -> Callable[..., None]:
        def call(*arguments: Any) -> None:
            given = [a.tolist() if isinstance(a, np.ndarray) else a for a in arguments]
            function(*given)
            for array, values in zip(arguments, given, strict=True):
                if isinstance(array, np.ndarray):
                    array[...] = np.reshape(np.array(values, dtype=float), array.shape)

        return call

    names = ENTRIES | OPTIONAL
    return SimpleNamespace(
        **{n: calling(getattr(functions, n)) for n in names if hasattr(functions, n)}
    )


def webassembly(code: bytes) -> SimpleNamespace:
    """Return the functions of a WebAssembly module, which take arrays and copy them into its memory and back."""
    wasmtime = pytest.importorskip("wasmtime")
    settings = wasmtime.Config()
    settings.cranelift_opt_level = "none"  # the same bits, sooner
    store = wasmtime.Store(wasmtime.Engine(settings))
    memory = wasmtime.Memory(store, wasmtime.MemoryType(wasmtime.Limits(64, None)))
    pointer = wasmtime.GlobalType(wasmtime.ValType.i32(), True)
    given = {
        "__linear_memory": memory,
        "__stack_pointer": wasmtime.Global(store, pointer, wasmtime.Val.i32(STACK)),
    }
    module = wasmtime.Module(store.engine, code)
    wanted = [given[name] for _, name, _ in imports(code)]
    exports = wasmtime.Instance(store, module, wanted).exports(store)

    def calling(name: str) -> Callable[..., None]:
        def call(*arguments: Any) -> None:
            words: list[Any] = []
            places, end = [], STACK
            for argument in arguments:
                if isinstance(argument, np.ndarray):
                    places.append((argument, end))
                    words += (end, argument.shape[-1])
                    end += argument.nbytes
                else:
                    words.append(argument)
            if end > memory.data_len(store):
                memory.grow(store, -(-(end - memory.data_len(store)) // PAGE))
            for array, place in places:
                memory.write(store, array.tobytes(), place)
            exports[f"sd_{name}"](store, *words)
            for array, place in places:
                read = memory.read(store, place, place + array.nbytes)
                array[...] = np.frombuffer(read, dtype=array.dtype).reshape(array.shape)

        return call

    names = [
        n for n in ENTRIES | OPTIONAL if f"sd_{n}" in [export.name for export in module.exports]
    ]
    return SimpleNamespace(**{n: calling(n) for n in names})
