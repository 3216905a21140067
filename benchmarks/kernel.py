"""A run of `cluster` from the same kernel in every form: one at a time, side by side in lanes, in WebAssembly.

Run: python benchmarks/kernel.py [--model PATH] [--rounds 30]

Prints the milliseconds a run takes on one core, with all variables stored at every step and with the last step alone,
and whether the bits are the same. WebAssembly runs in wasmtime. Nothing is written.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import wasmtime

import sdcluster
from sdcluster.kernel.targets.native import objects
from sdcluster.kernel.targets.wasm import imports, wasm_module
from sdcluster.run.plan import Setup

ROOT = Path(__file__).parents[1]
ALIGNED = 64  # bytes


def room(*shape: int) -> np.ndarray:
    """Return zeros at an address that vectors like."""
    size = 8 * int(np.prod(shape))
    raw = np.zeros(size + ALIGNED, dtype=np.uint8)
    first = -raw.ctypes.data % ALIGNED
    return raw[first : first + size].view(np.float64).reshape(shape)


class Native:
    """Machine code for some lanes."""

    def __init__(self, setup: Setup, method: str, lanes: int) -> None:
        name, features = objects.host()
        wide = objects.Processor(name, features + ",-prefer-256-bit")
        self.functions = objects.callables(
            objects.complete(setup.kernel.text), lanes, processor=wide
        )
        self.setup, self.method, self.lanes = setup, method, lanes
        source = setup.kernel.source
        self.width, self.columns = source.width, source.columns
        self.p = self.room(len(setup.p))
        self.y, self.work = self.room(self.width), self.room(5, self.width)

    def room(self, *shape: int) -> np.ndarray:
        """Return zeros; with several lanes their axis is the last one."""
        return room(*shape, *([self.lanes] if self.lanes > 1 else []))

    def run(self, steps: int, every: int, dt: float) -> np.ndarray:
        """Return the rows, shape (columns, rows, lanes); the time of the end is not among them."""
        given = np.asarray(self.setup.p)
        self.p[:] = given if self.lanes == 1 else given[:, np.newaxis]
        rows = -(-steps // every)
        out, o = self.room(self.columns * rows), self.room(self.columns)
        kept = np.repeat(np.arange(self.columns, dtype=np.int64), 2)
        self.functions.derive(self.p)
        self.functions.initial(self.p, self.y)
        loop = getattr(self.functions, self.method)
        loop(0, steps, every, dt, self.y, self.p, self.work, o, kept, out, rows)
        return out.reshape(self.columns, rows, self.lanes)


class Wasm:
    """The WebAssembly module in wasmtime."""

    def __init__(self, setup: Setup, method: str) -> None:
        module = wasm_module(setup.kernel.text, method)
        self.base = module.tables + 2**20
        self.store = wasmtime.Store()
        self.memory = wasmtime.Memory(self.store, wasmtime.MemoryType(wasmtime.Limits(600, None)))
        pointer = wasmtime.GlobalType(wasmtime.ValType.i32(), True)
        given = {
            "__linear_memory": self.memory,
            "__stack_pointer": wasmtime.Global(self.store, pointer, wasmtime.Val.i32(self.base)),
        }
        compiled = wasmtime.Module(self.store.engine, module.code)
        wanted = [given[name] for _, name, _ in imports(module.code)]
        self.exports = wasmtime.Instance(self.store, compiled, wanted).exports(self.store)
        self.setup, self.method, self.size = setup, method, len(module.code)

    def run(self, steps: int, every: int, dt: float) -> np.ndarray:
        """Return the rows, shape (columns, rows, 1)."""
        source, p = self.setup.kernel.source, np.asarray(self.setup.p, dtype=float)
        rows = -(-steps // every)
        columns = source.columns
        sizes = (len(p), source.width, 5 * source.width, columns, 2 * columns, rows * columns)
        starts = np.cumsum([self.base, *(8 * s for s in sizes)]).tolist()
        self.memory.write(self.store, p.tobytes(), starts[0])
        kept = np.repeat(np.arange(columns, dtype=np.int64), 2)
        self.memory.write(self.store, kept.tobytes(), starts[4])
        vectors = (starts[0], len(p)), (starts[1], source.width)
        self.exports["sd_derive"](self.store, *vectors[0])
        self.exports["sd_initial"](self.store, *vectors[0], *vectors[1])
        self.exports[f"sd_{self.method}"](
            self.store, 0, steps, every, dt, *vectors[1], *vectors[0],
            starts[2], source.width, starts[3], columns, starts[4], 2 * columns, starts[5], rows * columns, rows,
        )  # fmt: skip
        found = self.memory.read(self.store, starts[5], starts[5] + 8 * rows * columns)
        return np.frombuffer(found).reshape(columns, rows, 1)


def least(work: Callable[[], object], rounds: int) -> float:
    """Return the least of some times, in milliseconds."""
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return 1e3 * min(times)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "cluster")
    parser.add_argument("--rounds", type=int, default=30)
    chosen = parser.parse_args()
    simulator = sdcluster.Simulator(chosen.model)
    setup, grid = simulator.prepared()
    forms: list[tuple[str, int, Native | Wasm]] = [
        (f"{lanes} in lanes" if lanes > 1 else "one", lanes, Native(setup, simulator.method, lanes))
        for lanes in (1, 2, 4, 8, 16)
    ]
    wasm = Wasm(setup, simulator.method)
    forms.append((f"WebAssembly, {wasm.size / 1000:.1f} kB", 1, wasm))
    first = forms[0][2].run(grid.steps, 1, grid.dt)
    print(
        f"{simulator.model.path.name}: {grid.steps} steps of {simulator.method}, ms a run and core"
    )
    print("| form | every step stored | last step | bits |\n|---|---:|---:|---|")
    for name, lanes, form in forms:
        every = least(lambda form=form: form.run(grid.steps, 1, grid.dt), chosen.rounds) / lanes
        last = (
            least(lambda form=form: form.run(grid.steps, grid.steps, grid.dt), chosen.rounds)
            / lanes
        )
        found = form.run(grid.steps, 1, grid.dt)
        same = all(
            np.array_equal(found[..., j], first[..., 0], equal_nan=True) for j in range(lanes)
        )
        print(f"| {name} | {every:.4f} | {last:.4f} | {'the same' if same else 'OTHERS'} |")
    usual = sdcluster.Simulator(chosen.model, backend="native")
    usual.run()
    print(f"\nSimulator.run today, all variables: {least(usual.run, chosen.rounds):.3f} ms")


if __name__ == "__main__":
    main()
